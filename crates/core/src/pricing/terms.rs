//! The words of a price: token class, service tier, Region, source; and the row that joins them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::ids::{ModelId, Region};
use crate::model::Class;
use crate::money::Price;

macro_rules! words {
    ($(#[$doc:meta])+ $name:ident, $what:literal { $($(#[$vdoc:meta])+ $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$vdoc])+ $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.into_iter().find(|word| word.as_str() == text).ok_or_else(|| {
                    format!(concat!("`{}` is not ", $what, ": {}"), text, [$($word),+].join(", "))
                })
            }
        }
    };
}

words! {
    /// The classes tokens are priced in; the order is that of every list of five prices here.
    TokenClass, "a token class" {
        /// Uncached input.
        Input = "input",
        /// Input read from the prompt cache.
        CacheRead = "cache_read",
        /// Input written to the cache for five minutes, or for a time that is not known.
        CacheWrite5m = "cache_write_5m",
        /// Input written to the cache for an hour.
        CacheWrite1h = "cache_write_1h",
        /// Output.
        Output = "output",
    }
}

words! {
    /// The service tier a call was served on.
    Tier, "a service tier" {
        /// On demand.
        Standard = "standard",
        /// A batch job.
        Batch = "batch",
        /// Slower and cheaper.
        Flex = "flex",
        /// Faster and dearer.
        Priority = "priority",
    }
}

words! {
    /// Who says so. The order is the order of precedence (rules M3).
    PriceSource, "a price source" {
        /// An administrator, by command or configuration.
        Administrator = "administrator",
        /// An import of the AWS Price List.
        PriceList = "price-list",
        /// The table that is linked into the binary.
        Bundled = "bundled",
    }
}

impl Tier {
    /// The tier by the word in a record; `None` for a word nobody knows. No word, `default` and
    /// `reserved` (whose overflow goes to standard) are the standard tier.
    pub fn of_call(word: Option<&str>) -> Option<Self> {
        let word = word.unwrap_or_default().trim();
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if ["", "default", "reserved"].into_iter().any(is) {
            return Some(Self::Standard);
        }
        Self::ALL.into_iter().find(|tier| is(tier.as_str()))
    }
}

/// The source Regions a price holds for: `eu-west-1`, `eu-*` or `*`. The narrower one wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionMatch {
    /// All Regions.
    Any,
    /// The Regions that begin so.
    Prefix(Arc<str>),
    /// One Region.
    Exact(Region),
}

impl RegionMatch {
    /// Whether the price holds there.
    pub fn matches(&self, region: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(prefix) => region.starts_with(&**prefix),
            Self::Exact(exact) => exact.as_str() == region,
        }
    }

    /// Higher is narrower.
    pub(super) fn narrowness(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Prefix(prefix) => 1 + prefix.len(),
            Self::Exact(_) => usize::MAX,
        }
    }

    /// A text that stands for all Regions of the pattern: it is matched by exactly those patterns
    /// that hold wherever this one does.
    pub(super) fn stand_in(&self) -> &str {
        match self {
            Self::Any => "",
            Self::Prefix(prefix) => prefix,
            Self::Exact(region) => region.as_str(),
        }
    }
}

impl fmt::Display for RegionMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.pad("*"),
            Self::Prefix(prefix) => f.pad(&format!("{prefix}*")),
            Self::Exact(region) => f.pad(region.as_str()),
        }
    }
}

impl FromStr for RegionMatch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (head, open) = text
            .strip_suffix('*')
            .map_or((text, false), |head| (head, true));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        match (head, open) {
            ("", true) => Ok(Self::Any),
            (head, _) if head.is_empty() || !head.chars().all(plain) => {
                Err(format!("`{text}` is not a Region: eu-west-1, eu-* or *"))
            }
            (head, true) => Ok(Self::Prefix(Arc::from(head))),
            (head, false) => Ok(Self::Exact(Region::new(head))),
        }
    }
}

/// One price as it is stored: what `model_pricing` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// The canonical model id, exactly.
    pub model: ModelId,
    /// Global or regional.
    pub class: Class,
    /// Where it holds.
    pub region: RegionMatch,
    /// For which tokens.
    pub token_class: TokenClass,
    /// On which tier.
    pub tier: Tier,
    /// From how many tokens of whole input, cache included; 0 is the base band.
    pub band_from: u64,
    /// From when; [`PriceRow::ALWAYS`] if for as long as anybody knows.
    pub effective_from: Timestamp,
    /// Before when; `None` if no end was said. From then on the next best source is asked.
    pub effective_until: Option<Timestamp>,
    /// The price; `None` if it is known to be unknown (a band or a time its source is silent about).
    pub price: Option<Price>,
    /// Who says so.
    pub source: PriceSource,
}

impl PriceRow {
    /// The start of prices that have no start.
    pub const ALWAYS: Timestamp = Timestamp::UNIX_EPOCH;
}

/// An administrator's prices are taken back from an instant on: what holds then ends, and what was to begin
/// later never does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceEnd {
    /// The canonical model id, exactly.
    pub model: ModelId,
    /// Only of this class.
    pub class: Option<Class>,
    /// Only those that were set for exactly these Regions.
    pub region: Option<RegionMatch>,
    /// From when.
    pub from: Timestamp,
}

impl PriceEnd {
    /// Whether a price ends by it.
    pub fn ends(&self, row: &PriceRow) -> bool {
        row.source == PriceSource::Administrator
            && row.model == self.model
            && self.class.is_none_or(|class| class == row.class)
            && self
                .region
                .as_ref()
                .is_none_or(|region| *region == row.region)
            && row.effective_until.is_none_or(|until| until > self.from)
    }

    /// What is left on file.
    pub fn apply(&self, rows: &mut Vec<PriceRow>) {
        rows.retain(|row| !self.ends(row) || row.effective_from < self.from);
        for row in rows.iter_mut().filter(|row| self.ends(row)) {
            row.effective_until = Some(self.from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_matched_and_written_back() {
        for (text, hits, misses) in [
            ("*", vec!["eu-west-1", "us-gov-west-1"], vec![]),
            (
                "eu-*",
                vec!["eu-west-1", "eu-central-2"],
                vec!["us-east-1", "eusc-de-east-1"],
            ),
            (
                "us-east-*",
                vec!["us-east-1"],
                vec!["us-gov-east-1", "us-west-2"],
            ),
            ("ap-south-*", vec!["ap-south-2"], vec!["ap-southeast-1"]),
            (
                "eu-west-1",
                vec!["eu-west-1"],
                vec!["eu-west-2", "eu-west-11"],
            ),
        ] {
            let pattern: RegionMatch = text.parse().unwrap();
            assert_eq!(pattern.to_string(), text);
            assert!(hits.iter().all(|region| pattern.matches(region)), "{text}");
            assert!(
                !misses.iter().any(|region| pattern.matches(region)),
                "{text}"
            );
        }
        for text in ["", "eu*west", "**", "EU-WEST-1", "eu west"] {
            assert!(text.parse::<RegionMatch>().is_err(), "{text}");
        }
    }

    #[test]
    fn tiers_are_read_from_records() {
        for (word, tier) in [
            (None, Some(Tier::Standard)),
            (Some("default"), Some(Tier::Standard)),
            (Some("standard"), Some(Tier::Standard)),
            (Some("reserved"), Some(Tier::Standard)),
            (Some("Flex"), Some(Tier::Flex)),
            (Some("priority"), Some(Tier::Priority)),
            (Some("batch"), Some(Tier::Batch)),
            (Some("turbo"), None),
        ] {
            assert_eq!(Tier::of_call(word), tier, "{word:?}");
        }
    }

    #[test]
    fn words_are_read_back() {
        for class in TokenClass::ALL {
            assert_eq!(class.as_str().parse(), Ok(class));
        }
        assert!(
            "cache"
                .parse::<TokenClass>()
                .unwrap_err()
                .contains("cache_write_5m, ")
        );
        assert!(PriceSource::Administrator < PriceSource::PriceList);
        assert!(PriceSource::PriceList < PriceSource::Bundled);
    }
}
