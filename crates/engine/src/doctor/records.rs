//! Whether the records that make counts exact arrive (rules C6, M5).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use weir_core::calendar::{Window, WindowKind};
use weir_core::coverage::{Because, Coverage, Silence};
use weir_core::ids::Region;
use weir_store::CoverageRow;

use super::{Finding, some};
use crate::{Engine, EngineError};

/// What is looked at: invocation logs of so many days, calls without counts of so many.
const LOGS: SignedDuration = SignedDuration::from_hours(7 * 24);
const UNMETERED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The invocation log is minutes late.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// After that a call without counts stays one (rules M5).
const SETTLED: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    pub(super) async fn check_logs(&self) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        let (from, to) = (self.hour_before(LOGS).await?, self.hour_before(LATE).await?);
        let rows = self.store.coverage(&from, &to).await?;
        let regions = without_log(&rows);
        if regions.is_empty() {
            return Ok(Finding::ok("no Region lacks one where tokens were counted"));
        }
        let names: Vec<_> = regions.iter().map(ToString::to_string).collect();
        let names = some(&names);
        // Whoever reads no log says so, and has what CloudTrail counts taken as final.
        if rules.settings.settle_after.is_zero() {
            let found = format!("none in {names}, as usage.settle_after = 0 expects");
            return Ok(Finding::ok(found));
        }
        Ok(Finding::warn(
            format!("none in {names}: token and cost quotas rest on provisional counts there"),
            "turn on model invocation logging in each of these Regions and feed Weir its records: \
             `aws bedrock put-model-invocation-logging-configuration --region REGION …`",
        ))
    }

    pub(super) async fn check_counts(&self) -> Result<Finding, EngineError> {
        let from = self.hour_before(UNMETERED).await?;
        let to = self.hour_before(SETTLED).await?;
        let rows = self.store.unmetered(&from, &to).await?;
        let all: u64 = rows.iter().map(|(_, _, count)| count).sum();
        let lines: Vec<_> = rows
            .iter()
            .map(|(model, region, count)| format!("{count} of {model} in {region}"))
            .collect();
        Ok(match all {
            0 => Finding::ok("every call of the last 30 days has counts, or is younger than a day"),
            all => Finding::warn(
                format!(
                    "calls older than 24 h without any: {all} ({})",
                    some(&lines)
                ),
                "images, video and batch jobs never have any and cost what AWS bills; for text, \
                 feed Weir the invocation log of the Region",
            ),
        })
    }

    /// Whether all calls that AWS counts are on file. One incident is made of the same facts.
    pub(super) async fn check_coverage(&self) -> Result<Finding, EngineError> {
        let view = self.coverage().await?;
        if let Some(Silence { since, because }) = view.silence {
            let since = since.map_or("ever".to_owned(), |at| format!("since {at}"));
            let why = match because {
                Because::Reported(calls) => format!("CloudWatch reports {calls} calls meanwhile"),
                Because::Usual(calls) => {
                    format!("one and two weeks ago there were {calls} calls or more in that time")
                }
            };
            return Ok(Finding::fail(
                format!("no record came {since}, and {why}"),
                "see that trail, EventBridge rule, queues and log groups still deliver, and that \
                 `weir serve` runs",
            ));
        }
        let said = |place: &Coverage| {
            let Coverage {
                account,
                region,
                counted,
                reported,
            } = place;
            let share = place.percent();
            format!("{account} in {region}: {share} ({counted} of {reported} calls)")
        };
        let low = view
            .trouble()
            .map(|trouble| trouble.low)
            .unwrap_or_default();
        if !low.is_empty() {
            let lines: Vec<_> = low.iter().map(said).collect();
            return Ok(Finding::warn(
                format!("calls of the last day are missing: {}", some(&lines)),
                "see that a trail and an EventBridge rule of that Region reach Weir; \
                 `weir ingest cloudtrail --from DATE --region REGION` brings back what is missing",
            ));
        }
        if !view.problems.is_empty() {
            return Ok(Finding::warn(
                format!("AWS's own count cannot be read: {}", some(&view.problems)),
                "give Weir cloudwatch:GetMetricData in these accounts; `weir aws-policy --feature read`",
            ));
        }
        Ok(Finding::ok(match (view.read_at, view.places.as_slice()) {
            (None, _) => {
                "not compared with CloudWatch yet: `weir serve` does once an hour".to_owned()
            }
            (Some(_), []) => "no calls in the last day, says CloudWatch".to_owned(),
            (Some(_), places) => some(&places.iter().map(said).collect::<Vec<_>>()),
        }))
    }

    /// The local hour that contained the instant so long ago.
    async fn hour_before(&self, ago: SignedDuration) -> Result<Window, EngineError> {
        let at = self.now().saturating_sub(ago).unwrap_or(Timestamp::MIN);
        let rules = self.rules().await?;
        Ok(Window::containing(WindowKind::Hour, at, &rules.zone))
    }
}

/// Regions on whose last day with tokens no invocation log came; rows by Region, then day.
fn without_log(rows: &[CoverageRow]) -> Vec<&Region> {
    let mut last = BTreeMap::new();
    for row in rows.iter().filter(|row| row.sums.has_tokens()) {
        last.insert(&row.region, row.sums.is_all_provisional());
    }
    last.into_iter()
        .filter(|(_, provisional)| *provisional)
        .map(|(region, _)| region)
        .collect()
}

#[cfg(test)]
mod tests {
    use weir_core::counter::Sums;

    use super::*;

    fn row(region: &str, tokens: i64, provisional_tokens: i64) -> CoverageRow {
        CoverageRow {
            region: region.into(),
            sums: Sums {
                requests: 1,
                input: tokens,
                provisional_tokens,
                ..Sums::default()
            },
        }
    }

    #[test]
    fn the_last_day_with_tokens_tells_whether_a_region_has_a_log() {
        let rows = [
            row("began", 5, 5),
            row("began", 9, 4),
            row("ended", 9, 0),
            row("ended", 5, 5),
            row("ended", 0, 0), // a day of images
            row("images", 0, 0),
            row("never", 7, 7),
        ];
        let regions: Vec<_> = without_log(&rows).iter().map(|r| r.as_str()).collect();
        assert_eq!(regions, ["ended", "never"]);
    }
}
