//! How amounts and times are written in the languages Weir speaks.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use weir_core::calendar::Zone;
use weir_core::money::Usd;

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Spanish.
    #[default]
    Es,
    /// English.
    En,
}

const DAYS: [[&str; 7]; 2] = [
    ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
];
const MONTHS: [[&str; 12]; 2] = [
    [
        "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
    ],
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
];
/// Keeps an amount and its unit on one line.
const NO_BREAK: char = '\u{a0}';

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// Its ISO code, as configured and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// `350`, `12,500`; in Spanish `12.500`, and no separator in four digits.
    pub(super) fn count(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}{}", self.grouped(&digits))
    }

    /// `$1,918.24`, `1918,24 US$`. Two decimals, six where less than a cent is all there is.
    pub(super) fn money(self, amount: Usd) -> String {
        let is_tiny = amount != Usd::ZERO && amount.nanos().abs() < 10_000_000;
        let english = amount.display(if is_tiny { 6 } else { 2 });
        if self == Self::En {
            return english;
        }
        let sign = if english.starts_with('-') { "-" } else { "" };
        let plain = english.trim_start_matches(['-', '$']).replace(',', "");
        let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, "00"));
        format!("{sign}{},{decimals}{NO_BREAK}US$", self.grouped(whole))
    }

    /// `80%`, `80 %`.
    pub(super) fn percent(self, percent: u32) -> String {
        match self {
            Self::Es => format!("{}{NO_BREAK}%", self.count(percent.into())),
            Self::En => format!("{}%", self.count(percent.into())),
        }
    }

    /// `sáb 21 nov 2026, 00:00 CET`, `Sat 21 Nov 2026, 00:00 CET`.
    pub(super) fn instant(self, at: Timestamp, zone: &Zone) -> String {
        let local: DateTime = zone.local(at);
        let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or_default();
        let month = usize::try_from(local.month()).unwrap_or(1) - 1;
        format!(
            "{} {} {} {}, {:02}:{:02} {}",
            DAYS[self as usize][day],
            local.day(),
            MONTHS[self as usize][month],
            local.year(),
            local.hour(),
            local.minute(),
            zone.abbreviation(at)
        )
    }

    /// `ana, ben y 3 más`: the first ten names, and how many more there are.
    pub(super) fn names(self, names: &[String]) -> String {
        const SHOWN: usize = 10;
        let (and, more) = match self {
            Self::Es => ("y", "más"),
            Self::En => ("and", "more"),
        };
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] if names.len() <= SHOWN => {
                format!("{} {and} {last}", first.join(", "))
            }
            _ => format!(
                "{} {and} {} {more}",
                names[..SHOWN].join(", "),
                names.len() - SHOWN
            ),
        }
    }

    fn grouped(self, digits: &str) -> String {
        let (separator, shortest) = match self {
            Self::Es => ('.', 5),
            Self::En => (',', 4),
        };
        if digits.len() < shortest {
            return digits.to_owned();
        }
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|language| language.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a language of messages: es or en"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_write_them() {
        use Language::{En, Es};
        for (number, es, en) in [
            (350, "350", "350"),
            (5_000, "5000", "5,000"),
            (12_500, "12.500", "12,500"),
            (-1_234_567, "-1.234.567", "-1,234,567"),
        ] {
            assert_eq!((Es.count(number), En.count(number)), (es.into(), en.into()));
        }
        for (nanos, es, en) in [
            (0, "0,00\u{a0}US$", "$0.00"),
            (21_304_500_000, "21,30\u{a0}US$", "$21.30"),
            (12_500_000_000_000, "12.500,00\u{a0}US$", "$12,500.00"),
            (4_200_000, "0,004200\u{a0}US$", "$0.004200"),
            (-3_500_000_000, "-3,50\u{a0}US$", "-$3.50"),
        ] {
            let usd = Usd::from_nanos(nanos);
            assert_eq!((Es.money(usd), En.money(usd)), (es.into(), en.into()));
        }
    }

    #[test]
    fn times_are_local_and_name_their_zone() {
        let zone = Zone::named("Europe/Madrid").unwrap();
        let winter = "2026-11-20T23:00:00Z".parse().unwrap();
        let summer = "2026-07-01T10:05:00Z".parse().unwrap();
        assert_eq!(
            Language::Es.instant(winter, &zone),
            "sáb 21 nov 2026, 00:00 CET"
        );
        assert_eq!(
            Language::En.instant(summer, &zone),
            "Wed 1 Jul 2026, 12:05 CEST"
        );
    }

    #[test]
    fn many_names_are_the_first_ten() {
        let names = |n: usize| (0..n).map(|i| format!("u{i}")).collect::<Vec<_>>();
        assert_eq!(Language::Es.names(&names(0)), "");
        assert_eq!(Language::Es.names(&names(1)), "u0");
        assert_eq!(Language::Es.names(&names(3)), "u0, u1 y u2");
        assert_eq!(
            Language::En.names(&names(12)),
            "u0, u1, u2, u3, u4, u5, u6, u7, u8, u9 and 2 more"
        );
    }
}
