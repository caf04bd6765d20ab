//! What an object's key says about it (aws.md, 3.4).

use jiff::civil::Date;
use serde::Serialize;
use weir_core::calendar::Zone;

use super::days::Days;
use crate::ports::Listed;

/// Why an object is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// The body of a call that was too large for its invocation log. There are prompts in it.
    Body,
    /// Written by AWS to see whether it may write.
    PermissionCheck,
    /// A digest of CloudTrail files, or an insight.
    NoRecords,
    /// The mark of a folder.
    Folder,
    /// Of other days.
    OtherDays,
    /// In an archive: somebody has to restore it first.
    Archived,
    /// Deleted between being listed and being read.
    Gone,
}

impl Skipped {
    /// In words, after a number.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "bodies of calls",
            Self::PermissionCheck => "permission checks",
            Self::NoRecords => "digests and insights",
            Self::Folder => "folders",
            Self::OtherDays => "of other days",
            Self::Archived => "archived, to be restored first",
            Self::Gone => "deleted meanwhile",
        }
    }
}

/// Why a key holds no records, if it holds none.
pub(super) fn holds_none(key: &str) -> Option<Skipped> {
    let has = |segment: &str| key.split('/').any(|one| one == segment);
    if key.is_empty() || key.ends_with('/') {
        Some(Skipped::Folder)
    } else if key.rsplit('/').nth(1) == Some("data") {
        Some(Skipped::Body)
    } else if key.ends_with("amazon-bedrock-logs-permission-check") {
        Some(Skipped::PermissionCheck)
    } else if has("CloudTrail-Digest") || has("CloudTrail-Insight") {
        Some(Skipped::NoRecords)
    } else {
        None
    }
}

/// Why a listed object is not read, if it is not.
pub(super) fn skipped(object: &Listed, days: &Days, zone: &Zone) -> Option<Skipped> {
    let wanted = match date_in(&object.key) {
        Some(date) => days.may_hold(date),
        None => days.may_hold_written(object.modified, zone),
    };
    holds_none(&object.key)
        .or((!wanted).then_some(Skipped::OtherDays))
        .or(object.archived.then_some(Skipped::Archived))
}

/// The UTC date that a key is filed under: `…/2026/11/20/…`.
fn date_in(key: &str) -> Option<Date> {
    let parts: Vec<&str> = key.split('/').collect();
    parts.windows(4).rev().find_map(|window| {
        let [year, month, day, _] = window else {
            return None;
        };
        if (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "p/AWSLogs/111122223333/BedrockModelInvocationLogs/eu-west-1/2026/11/20/09";
    const TRAIL: &str = "AWSLogs/o-1/111122223333/CloudTrail/eu-west-1/2026/11/20";

    fn why(key: &str, from: &str, to: &str) -> Option<Skipped> {
        let object = Listed {
            key: key.to_owned(),
            bytes: 1,
            modified: "2026-11-20T09:00:00Z".parse().unwrap(),
            archived: key.contains("GLACIER"),
        };
        let day = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        let days = Days {
            from: day(from),
            to: day(to),
        };
        skipped(&object, &days, &Zone::named("Europe/Madrid").unwrap())
    }

    #[test]
    fn what_holds_no_records_is_skipped() {
        for (key, want) in [
            (format!("{LOG}/20261120T091500Z_ab.json.gz"), None),
            (format!("{TRAIL}/1_CloudTrail_eu-west-1_x.json.gz"), None),
            (format!("{LOG}/data/r1_input.json.gz"), Some(Skipped::Body)),
            (
                "p/amazon-bedrock-logs-permission-check".to_owned(),
                Some(Skipped::PermissionCheck),
            ),
            (
                TRAIL.replace("CloudTrail", "CloudTrail-Digest") + "/x.json.gz",
                Some(Skipped::NoRecords),
            ),
            ("p/".to_owned(), Some(Skipped::Folder)),
            (format!("{LOG}/GLACIER.gz"), Some(Skipped::Archived)),
            ("metadata/x.gz".to_owned(), None),
            (format!("data/{LOG}/x.json.gz"), None),
        ] {
            assert_eq!(why(&key, "", ""), want, "{key}");
        }
    }

    #[test]
    fn days_go_by_the_key_with_a_day_of_slack_else_by_when_it_was_written() {
        let other = Some(Skipped::OtherDays);
        let dated = format!("{LOG}/x.json.gz");
        for (key, from, to, want) in [
            (&*dated, "2026-11-20", "2026-11-20", None),
            (&dated, "2026-11-21", "", None),
            (&dated, "2026-11-22", "", other),
            (&dated, "", "2026-11-19", None),
            (&dated, "", "2026-11-18", other),
            // Written on the 20th: it may hold calls of that day or of one before.
            ("by-hand.json", "2026-11-20", "2026-11-20", None),
            ("by-hand.json", "2026-11-21", "", other),
            ("by-hand.json", "", "2026-11-19", None),
            ("by-hand.json", "", "2026-11-18", other),
        ] {
            assert_eq!(why(key, from, to), want, "{key} {from}..{to}");
        }
    }
}
