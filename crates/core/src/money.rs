//! Money: integer nano-dollars, checked. No float ever touches it.

use std::fmt;
use std::str::FromStr;

const NANOS_PER_USD: i64 = 1_000_000_000;
const TOKENS_PER_PRICE_UNIT: i64 = 1_000_000;
const HALF_UNIT: i64 = TOKENS_PER_PRICE_UNIT / 2;

/// Nano-dollars; signed, because a late record may take money out again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

/// Nano-dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(i64);

/// A sum or product left the range of 64-bit nano-dollars (9.2 billion dollars).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("amount leaves the range of 64-bit nano-dollars")]
pub struct Overflow;

/// A text is not an amount of money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount in dollars: {why}")]
pub struct BadAmount {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From nano-dollars.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// In nano-dollars.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The sum, or an error when it leaves the range.
    pub fn checked_add(self, other: Self) -> Result<Self, Overflow> {
        self.0.checked_add(other.0).map(Self).ok_or(Overflow)
    }

    /// Exact decimal dollars without trailing zeros: `0.0042`, `12`, `-3.5`.
    pub fn to_decimal(self) -> String {
        decimal(self.0)
    }

    /// For people: `$1,234.50` with `places` decimals (at most nine), rounded half away from zero.
    pub fn display(self, places: u32) -> String {
        let step = 10_i128.pow(9 - places.min(9));
        let nanos = i128::from(self.0);
        let rounded = (nanos.abs() + step / 2) / step;
        let unit = 10_i128.pow(places.min(9));
        let sign = if nanos < 0 && rounded != 0 { "-" } else { "" };
        let whole = thousands(rounded / unit);
        if places == 0 {
            return format!("{sign}${whole}");
        }
        format!(
            "{sign}${whole}.{:0width$}",
            rounded % unit,
            width = places.min(9) as usize
        )
    }
}

impl Price {
    /// From nano-dollars per million tokens.
    pub const fn from_nanos_per_mtok(nanos: i64) -> Self {
        Self(nanos)
    }

    /// In nano-dollars per million tokens.
    pub const fn nanos_per_mtok(self) -> i64 {
        self.0
    }

    /// Dollars per million tokens as exact decimal text.
    pub fn to_decimal(self) -> String {
        decimal(self.0)
    }

    /// What `tokens` cost. Rounds half up, once per line item (rules M1).
    pub fn cost(self, tokens: u64) -> Result<Usd, Overflow> {
        // Nearly every call fits 64 bits, and a 128-bit division is what costs here.
        let small = i64::try_from(tokens)
            .ok()
            .and_then(|tokens| tokens.checked_mul(self.0));
        if let Some(nanos) = small.and_then(|nanos| nanos.checked_add(HALF_UNIT)) {
            return Ok(Usd(nanos.div_euclid(TOKENS_PER_PRICE_UNIT)));
        }
        let nanos = i128::from(tokens) * i128::from(self.0) + i128::from(HALF_UNIT);
        let rounded = nanos.div_euclid(i128::from(TOKENS_PER_PRICE_UNIT));
        i64::try_from(rounded).map(Usd).map_err(|_| Overflow)
    }
}

impl FromStr for Usd {
    type Err = BadAmount;

    /// Reads `12`, `$12.50`, `1,200.00`, `-0.000000001`; at most nine decimals. A comma stands between
    /// thousands and nowhere else: `3,5` is refused, not taken for 35.
    fn from_str(text: &str) -> Result<Self, BadAmount> {
        nanos(text).map(Self)
    }
}

impl FromStr for Price {
    type Err = BadAmount;

    /// Reads dollars per million tokens; never negative. No comma at all: prices are small, and half the
    /// world would mean a decimal by it.
    fn from_str(text: &str) -> Result<Self, BadAmount> {
        if text.contains(',') {
            return Err(bad(text, "decimals come after a point"));
        }
        match nanos(text)? {
            n if n < 0 => Err(bad(text, "a price is never negative")),
            n => Ok(Self(n)),
        }
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.display(2))
    }
}

fn bad(text: &str, why: &'static str) -> BadAmount {
    BadAmount {
        text: text.to_owned(),
        why,
    }
}

fn nanos(text: &str) -> Result<i64, BadAmount> {
    let trimmed = text.trim();
    let (negative, rest) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let plain = rest.strip_prefix('$').unwrap_or(rest);
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let whole = without_separators(whole).ok_or_else(|| {
        bad(
            text,
            "a comma separates thousands; decimals come after a point",
        )
    })?;
    if whole.is_empty() && fraction.is_empty() {
        return Err(bad(text, "no digits"));
    }
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit())
    {
        return Err(bad(text, "digits, `$`, `,` and one `.` only"));
    }
    if fraction.len() > 9 {
        return Err(bad(text, "more than nine decimals"));
    }
    let digits = format!("{whole}{fraction:0<9}");
    let magnitude: i64 = digits.parse().map_err(|_| bad(text, "too large"))?;
    Ok(if negative { -magnitude } else { magnitude })
}

/// The digits of a whole number, if commas stand where thousands end.
fn without_separators(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    let rest: Vec<&str> = groups.collect();
    let led = rest.is_empty() || (1..=3).contains(&first.len()) && !first.starts_with('0');
    (led && rest.iter().all(|group| group.len() == 3)).then(|| whole.replace(',', ""))
}

fn decimal(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let magnitude = nanos.unsigned_abs();
    let unit = NANOS_PER_USD.unsigned_abs();
    let text = format!("{sign}{}.{:09}", magnitude / unit, magnitude % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn thousands(number: i128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        for (text, nanos) in [
            ("12", 12_000_000_000),
            ("$500", 500_000_000_000),
            ("1,200.50", 1_200_500_000_000),
            (".5", 500_000_000),
            ("-0.000000001", -1),
        ] {
            assert_eq!(text.parse::<Usd>().map(Usd::nanos), Ok(nanos), "{text}");
        }
        for text in [
            "",
            "$",
            "1.0000000001",
            "1e3",
            "12 euros",
            "99999999999",
            "--1",
            "1.2.3",
            "3,5",
            "3,50",
            "0,275",
            "1,2345",
            "1234,567",
            ",500",
            "1,200,5.00",
            "5.00,00",
        ] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
        // What is a price of three decimals to some is a thousand dollars to others.
        for (text, nanos) in [
            ("1.125", Some(1_125_000_000)),
            ("1,125", None),
            ("-1", None),
        ] {
            let price = text.parse::<Price>().ok();
            assert_eq!(price.map(Price::nanos_per_mtok), nanos, "{text}");
        }
    }

    #[test]
    fn a_line_item_is_rounded_half_up_once() {
        let price = Price::from_nanos_per_mtok(8_750_000); // $0.00875 per million
        assert_eq!(price.cost(1), Ok(Usd(9))); // 8.75
        assert_eq!(Price(500_000).cost(1), Ok(Usd(1))); // 0.5
        assert_eq!(Price(499_999).cost(1), Ok(Usd(0)));
        assert_eq!(Price(i64::MAX).cost(u64::MAX), Err(Overflow));
    }

    #[test]
    fn money_is_shown_with_separators_and_the_asked_decimals() {
        assert_eq!(Usd(1_234_567_890_000).display(2), "$1,234.57");
        assert_eq!(Usd(-4_999_999).display(2), "$0.00");
        assert_eq!(Usd(4_200_000).display(6), "$0.004200");
        assert_eq!(Usd(4_200_000).to_decimal(), "0.0042");
        assert_eq!(Usd(-3_500_000_000).to_decimal(), "-3.5");
        assert_eq!(Usd(0).to_decimal(), "0");
    }
}
