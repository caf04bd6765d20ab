//! The quickest way to the calls of the last hours, from what an account has: `weir ingest aws`.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use weir_core::coverage::{Coverage, judge};
use weir_core::ids::{AccountId, Region};
use weir_core::intake::Options;

use super::backfill::{BackfillReport, Watch};
use super::days::Days;
use super::look::{RegionLook, look};
use super::objects::ObjectPlace;
use crate::ports::{AccountSources, LogGroup, Objects, Sources, Trail};
use crate::{Engine, EngineError};

/// Objects read in a second, one after the other.
const OBJECTS: u64 = 10;
/// Calls in one page of a log group, bodies included, and pages in a second.
const LOGGED: u64 = 100;
const PAGES: u64 = 5;
/// Events of one page of the event history, events of one call, and pages in a second.
const EVENTS: u64 = 50;
const PER_CALL: u64 = 2;
const LOOK_UPS: u64 = 2;
/// Objects are listed by the thousand.
const LISTED: u64 = 1_000;

/// Where the calls of a Region are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    /// Objects with invocation logs.
    LogObjects(Vec<ObjectPlace>),
    /// A log group with invocation logs.
    LogGroup(LogGroup),
    /// Objects of a trail.
    TrailObjects(Vec<ObjectPlace>),
    /// CloudTrail's event history.
    History,
}

/// What was chosen for a Region of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// The account.
    #[serde(serialize_with = "text")]
    pub account: AccountId,
    /// The Region.
    #[serde(serialize_with = "text")]
    pub region: Region,
    /// Calls that CloudWatch counted; `None` where it was not to be asked.
    pub calls: Option<u64>,
    /// Where they are read from.
    #[serde(serialize_with = "text")]
    pub from: ReadFrom,
    /// How long that takes, about, in seconds; `None` if nothing is known.
    pub seconds: Option<u64>,
    /// Why quicker ways were passed over, and what could not be asked.
    pub notes: Vec<String>,
}

/// What was chosen, and what time it is about.
#[derive(Clone, Debug)]
pub struct Choice {
    /// By Region; those in which nobody called are left out.
    pub chosen: Vec<Chosen>,
    /// The first instant.
    pub from: Timestamp,
    /// The days that are read.
    pub days: Days,
}

/// What came of it in one Region.
#[derive(Clone, Debug, Serialize)]
pub struct ReadRegion {
    /// The account.
    #[serde(serialize_with = "text")]
    pub account: AccountId,
    /// The Region.
    #[serde(serialize_with = "text")]
    pub region: Region,
    /// What was read.
    #[serde(flatten)]
    pub report: BackfillReport,
}

fn text<T: fmt::Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

impl fmt::Display for ReadFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = |f: &mut fmt::Formatter<'_>, what: &str, places: &[ObjectPlace]| {
            let first = places.first().map(ToString::to_string);
            write!(f, "{what} {}", first.unwrap_or_default())?;
            match places.len().saturating_sub(1) {
                0 => Ok(()),
                more => write!(f, " and {more} more days"),
            }
        };
        match self {
            Self::LogObjects(all) => places(f, "invocation log", all),
            Self::LogGroup(group) => write!(f, "invocation log in {}", group.as_str()),
            Self::TrailObjects(all) => places(f, "trail", all),
            Self::History => f.write_str("event history"),
        }
    }
}

impl Engine {
    /// The quickest way for each of these Regions of an account to the calls of the time before now.
    pub async fn choose_sources(
        &self,
        place: &AccountSources,
        regions: &[Region],
        last: SignedDuration,
    ) -> Result<Choice, EngineError> {
        let Some(metering) = &self.metering else {
            return Err(EngineError::NoAws {
                what: "looking for calls in AWS",
                why: "none were found when this process started",
            });
        };
        let now = self.wall();
        let rules = self.rules().await?;
        let from = now.saturating_sub(last).unwrap_or(Timestamp::MIN);
        let days = Days {
            from: Some(rules.zone.local(from).date()),
            to: None,
        };
        let start = days.start(&rules.zone).unwrap_or(from);
        let AccountSources {
            account, survey, ..
        } = place;
        let looks = look(&**survey, &**metering, account, regions, (start, now)).await;
        let mut chosen = Vec::new();
        for found in looks.iter().filter(|found| !found.is_quiet()) {
            chosen.push(choose(place, found, (start, now)).await);
        }
        Ok(Choice {
            chosen,
            from: start,
            days,
        })
    }

    /// Reads what was chosen.
    pub async fn read_chosen(
        &self,
        sources: &Sources,
        choice: &Choice,
        (options, anew): (&Options, bool),
        watch: Watch<'_>,
    ) -> Result<Vec<ReadRegion>, EngineError> {
        let mut done = Vec::new();
        for Chosen {
            account,
            region,
            from,
            ..
        } in &choice.chosen
        {
            let (days, how) = (&choice.days, (options, anew));
            let report = match from {
                ReadFrom::LogObjects(places) | ReadFrom::TrailObjects(places) => {
                    let mut report = BackfillReport::default();
                    for place in places {
                        let read = self
                            .backfill_objects(&*sources.objects, place, days, how, watch)
                            .await?;
                        report.add(read);
                    }
                    report
                }
                ReadFrom::LogGroup(group) => {
                    self.backfill_logs(&*sources.log_groups, group, days, how, watch)
                        .await?
                }
                ReadFrom::History => {
                    let regions = [region.to_string()];
                    self.backfill_history(&*sources.history, &regions, days, how, watch)
                        .await?
                }
            };
            done.push(ReadRegion {
                account: account.clone(),
                region: region.clone(),
                report,
            });
        }
        Ok(done)
    }

    /// What arrived of what AWS counted since an instant, in hours that are settled; and what could
    /// not be asked.
    pub async fn coverage_since(
        &self,
        from: Timestamp,
    ) -> Result<(Vec<Coverage>, Vec<String>), EngineError> {
        let now = self.wall();
        let problems = self.read_coverage(from, now).await?;
        let hours = self.store.coverage_hours(from, now).await?;
        Ok((judge(&hours), problems))
    }
}

async fn choose(
    place: &AccountSources,
    found: &RegionLook,
    (from, to): (Timestamp, Timestamp),
) -> Chosen {
    let AccountSources {
        account, partition, ..
    } = place;
    let objects = &*place.sources.objects;
    let region = found.region.clone();
    let calls = found.calls.as_ref().ok().copied();
    let mut notes: Vec<String> = found.problems().iter().map(ToString::to_string).collect();
    let log = found.log.as_ref().ok().and_then(Option::as_ref);
    let chosen = |from, seconds, notes| Chosen {
        account: account.clone(),
        region: region.clone(),
        calls,
        from,
        seconds,
        notes,
    };
    if let Some((bucket, prefix)) = log.and_then(|log| log.bucket.as_ref()) {
        let of = format!("AWSLogs/{account}/BedrockModelInvocationLogs/{region}");
        let places = places(bucket, prefix, &of, (from, to));
        match filled(objects, places).await {
            Ok((places, seconds)) => {
                return chosen(ReadFrom::LogObjects(places), Some(seconds), notes);
            }
            Err(why) => notes.push(why),
        }
    }
    if let Some(name) = log.and_then(|log| log.log_group.as_ref()) {
        let arn = format!("arn:{partition}:logs:{region}:{account}:log-group:{name}");
        match arn.parse::<LogGroup>() {
            Ok(group) => {
                let hours = u64::try_from(to.duration_since(from).as_hours()).unwrap_or(0);
                let seconds = calls.map(|calls| (hours + calls / LOGGED).div_ceil(PAGES));
                return chosen(ReadFrom::LogGroup(group), seconds, notes);
            }
            Err(error) => notes.push(error.to_string()),
        }
    }
    if log.is_none() && found.log.is_ok() {
        notes.push("invocations are not logged there: prompt caches are not told apart".to_owned());
    }
    for trail in found.trails.iter().flatten() {
        match trail_objects(objects, account, &region, trail, (from, to)).await {
            Ok((places, seconds)) => {
                return chosen(ReadFrom::TrailObjects(places), Some(seconds), notes);
            }
            Err(why) => notes.push(why),
        }
    }
    let seconds = calls.map(|calls| (1 + calls * PER_CALL / EVENTS).div_ceil(LOOK_UPS));
    chosen(ReadFrom::History, seconds, notes)
}

async fn trail_objects(
    objects: &dyn Objects,
    account: &AccountId,
    region: &Region,
    trail: &Trail,
    range: (Timestamp, Timestamp),
) -> Result<(Vec<ObjectPlace>, u64), String> {
    let Trail {
        name,
        bucket,
        prefix,
        organisation,
        ..
    } = trail;
    if *organisation {
        return Err(format!(
            "the trail {name} is the organisation's: read its bucket by `weir ingest s3://{bucket}/…`"
        ));
    }
    let of = format!("AWSLogs/{account}/CloudTrail/{region}");
    filled(objects, places(bucket, prefix, &of, range)).await
}

/// One place for each UTC day.
fn places(
    bucket: &str,
    prefix: &str,
    of: &str,
    (from, to): (Timestamp, Timestamp),
) -> Vec<ObjectPlace> {
    let date = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let slash = if prefix.is_empty() { "" } else { "/" };
    let days = date(from).series(jiff::Span::new().days(1));
    days.take_while(|day| *day <= date(to))
        .map(|day| ObjectPlace {
            bucket: bucket.to_owned(),
            prefix: format!("{prefix}{slash}{of}/{}/", day.strftime("%Y/%m/%d")),
        })
        .collect()
}

/// The places that hold anything, and how many seconds reading takes, about; or why there are none.
async fn filled(
    objects: &dyn Objects,
    places: Vec<ObjectPlace>,
) -> Result<(Vec<ObjectPlace>, u64), String> {
    let mut kept = Vec::new();
    let mut count = 0;
    let mut why = places.first().map_or_else(String::new, |place| {
        format!("s3://{} holds nothing of these days", place.bucket)
    });
    for place in places {
        match objects.list(&place.bucket, &place.prefix, None).await {
            Ok(page) if page.objects.is_empty() => {}
            Ok(page) => {
                count += page.objects.len() as u64 + if page.more { LISTED } else { 0 };
                kept.push(place);
            }
            Err(error) => why = error.to_string(),
        }
    }
    if kept.is_empty() {
        return Err(why);
    }
    Ok((kept, count.div_ceil(OBJECTS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn objects_are_looked_for_by_utc_day() {
        let range = (at("2026-11-30T23:00:00Z"), at("2026-12-01T09:00:00Z"));
        let prefixes = |prefix| -> Vec<String> {
            let places = places("bucket", prefix, "AWSLogs/1/CloudTrail/eu-west-1", range);
            places.into_iter().map(|place| place.prefix).collect()
        };
        let days = [
            "AWSLogs/1/CloudTrail/eu-west-1/2026/11/30/",
            "AWSLogs/1/CloudTrail/eu-west-1/2026/12/01/",
        ];
        assert_eq!(prefixes(""), days);
        assert_eq!(prefixes("a/b"), days.map(|day| format!("a/b/{day}")));
    }
}
