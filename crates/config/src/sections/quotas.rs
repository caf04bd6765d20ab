//! `[[quotas]]`: the quotas a database starts with, instead of the built-in ones.

use serde::Deserialize;
use weir_core::calendar::WindowKind;
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_core::quota_text::{parse_limit, write_limit};

use super::value;

/// Who set the quotas of the configuration file.
pub(crate) const AUTHOR: &str = "configuration";

/// One quota, as written in the configuration and in exports.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Raw")]
pub struct QuotaEntry {
    /// What it limits.
    pub scope: Scope,
    /// What is measured.
    pub metric: Metric,
    /// Over which time.
    pub window: WindowKind,
    /// How much.
    pub limit: Limit,
    /// What reaching it does.
    pub action: Action,
    /// Percentages that warn.
    pub warn: Vec<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(deserialize_with = "value::parsed")]
    scope: Scope,
    #[serde(deserialize_with = "value::parsed")]
    metric: Metric,
    #[serde(deserialize_with = "value::parsed")]
    window: WindowKind,
    limit: NumberOrText,
    #[serde(default = "block", deserialize_with = "value::parsed")]
    action: Action,
    #[serde(default = "default_warn")]
    warn: Vec<u32>,
}

/// A limit may be written with or without quotes.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a limit is a number such as 350, or text such as \"$500\" or \"unlimited\""
)]
enum NumberOrText {
    Number(i64),
    Text(String),
}

fn block() -> Action {
    Action::Block
}

fn default_warn() -> Vec<u32> {
    DEFAULT_WARN.to_vec()
}

impl TryFrom<Raw> for QuotaEntry {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let Raw {
            scope,
            metric,
            window,
            limit,
            action,
            warn,
        } = raw;
        let limit = match limit {
            NumberOrText::Number(number) => parse_limit(metric, &number.to_string())?,
            NumberOrText::Text(text) => parse_limit(metric, &text)?,
        };
        Ok(Self {
            scope,
            metric,
            window,
            limit,
            action,
            warn: thresholds(warn)?,
        })
    }
}

impl QuotaEntry {
    /// The quota, set by `author`.
    pub fn quota(self, author: &str) -> Quota {
        let Self {
            scope,
            metric,
            window,
            limit,
            action,
            warn,
        } = self;
        Quota {
            scope,
            metric,
            window,
            limit,
            action,
            warn,
            author: author.to_owned(),
            additions: Vec::new(),
        }
    }

    /// What `weir config show` prints of it.
    pub(crate) fn line(&self) -> String {
        let Self {
            scope,
            metric,
            window,
            limit,
            action,
            ..
        } = self;
        format!(
            "{scope} {metric} {window} {} {action}",
            write_limit(*metric, *limit)
        )
    }
}

/// Warning thresholds in order, each once.
pub fn thresholds(mut warn: Vec<u32>) -> Result<Vec<u32>, String> {
    if let Some(bad) = warn.iter().find(|percent| !(1..=1_000).contains(*percent)) {
        return Err(format!(
            "`{bad}` is not a threshold: percentages from 1 to 1000"
        ));
    }
    warn.sort_unstable();
    warn.dedup();
    Ok(warn)
}
