//! Whether everything arrives: what Weir counted beside what AWS itself counted.
//!
//! CloudWatch's `AWS/Bedrock Invocations` is the number of requests to four operations of the
//! runtime. AWS's documentation says in one place that only successful ones are in it, in another
//! that requests are which later failed; throttled, denied and malformed ones never are. [`Called`]
//! tells what of ours is alike under either reading.

use jiff::{SignedDuration, Timestamp};

use crate::ids::{AccountId, Region};

/// Below so many thousandths something does not arrive.
const ENOUGH: u64 = 950;
/// With fewer reported calls than this nothing is said: 1 of 2 is no alarm.
const FEWEST: u64 = 20;
/// So many calls that AWS counted and Weir did not are silence, once nothing came for a while.
const MISSED: u64 = 10;
/// How long no record of any kind may come.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(60);
/// How long after its end an hour may still change on either side.
pub const LATE: SignedDuration = SignedDuration::from_mins(30);
/// Over which hours coverage is judged.
pub const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// What CloudWatch said holds so long; later it is not known what AWS counts.
const FRESH: SignedDuration = SignedDuration::from_hours(3);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Calls on file that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The account that called.
    pub account: AccountId,
    /// The source Region.
    pub region: Region,
    /// Event name or log operation.
    pub operation: String,
    /// They failed, and gave no output.
    pub failed: bool,
    /// With this error.
    pub error: Option<String>,
    /// How many.
    pub calls: u64,
}

impl Called {
    /// Whether CloudWatch's `Invocations` may contain them. What failed on the side of AWS after it
    /// was accepted is taken in: where AWS leaves it out, coverage is said a little too high, never
    /// too low because a model had a bad hour.
    pub fn is_alike(&self) -> bool {
        let runtime = matches!(
            self.operation.as_str(),
            "Converse" | "ConverseStream" | "InvokeModel" | "InvokeModelWithResponseStream"
        );
        let accepted = || {
            let error = self.error.as_deref().unwrap_or_default();
            let starts = ["Model", "Internal", "ServiceUnavailable"];
            starts.iter().any(|start| error.starts_with(start))
        };
        runtime && (!self.failed || accepted())
    }
}

/// One UTC hour of an account in a Region, on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourCoverage {
    /// The account that called.
    pub account: AccountId,
    /// The source Region.
    pub region: Region,
    /// When the hour began.
    pub hour: Timestamp,
    /// What Weir has on file.
    pub counted: u64,
    /// What CloudWatch said.
    pub reported: u64,
    /// When both were read.
    pub read_at: Timestamp,
}

impl HourCoverage {
    /// Whether both sides had time to say everything.
    pub fn is_settled(&self) -> bool {
        self.read_at.duration_since(self.hour) >= HOUR + LATE
    }

    fn missed(&self) -> u64 {
        self.reported.saturating_sub(self.counted)
    }
}

/// The start of the UTC hour that contains an instant.
pub fn hour_of(at: Timestamp) -> Timestamp {
    let into = at.as_second().rem_euclid(3_600);
    let start = at.as_second().saturating_sub(into);
    Timestamp::from_second(start).unwrap_or(at)
}

/// What is thought of an account in a Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that matters arrives.
    Enough,
    /// Calls are missing.
    Low,
    /// Too few calls to say.
    TooFew,
}

impl Verdict {
    /// The word shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enough => "ok",
            Self::Low => "low",
            Self::TooFew => "too-few",
        }
    }
}

/// What arrived of an account's calls in a Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The account that called.
    pub account: AccountId,
    /// The source Region.
    pub region: Region,
    /// What Weir has on file.
    pub counted: u64,
    /// What CloudWatch said.
    pub reported: u64,
}

impl Coverage {
    /// Counted ÷ reported in thousandths, 1 000 at most; `None` where nothing was reported.
    pub fn thousandths(&self) -> Option<u64> {
        let all = u128::from(self.reported);
        let share = (u128::from(self.counted.min(self.reported)) * 1_000).checked_div(all)?;
        u64::try_from(share).ok()
    }

    /// What is thought of it.
    pub fn verdict(&self) -> Verdict {
        match self.thousandths() {
            Some(share) if self.reported >= FEWEST && share < ENOUGH => Verdict::Low,
            Some(_) if self.reported >= FEWEST => Verdict::Enough,
            _ => Verdict::TooFew,
        }
    }

    /// `97.5 %`, or a dash.
    pub fn percent(&self) -> String {
        self.thousandths().map_or_else(
            || "-".to_owned(),
            |share| format!("{}.{} %", share / 10, share % 10),
        )
    }
}

/// What arrived in the settled hours of these, by account and Region. Where hours are judged, they
/// are those of [`SPAN`] before now.
pub fn judge(hours: &[HourCoverage]) -> Vec<Coverage> {
    let mut places: Vec<Coverage> = Vec::new();
    for hour in hours.iter().filter(|hour| hour.is_settled()) {
        let known = places
            .iter_mut()
            .find(|place| (&place.account, &place.region) == (&hour.account, &hour.region));
        match known {
            Some(place) => {
                place.counted = place.counted.saturating_add(hour.counted);
                place.reported = place.reported.saturating_add(hour.reported);
            }
            None => places.push(Coverage {
                account: hour.account.clone(),
                region: hour.region.clone(),
                counted: hour.counted,
                reported: hour.reported,
            }),
        }
    }
    places.sort_by(|a, b| (&a.account, &a.region).cmp(&(&b.account, &b.region)));
    places
}

/// Nothing comes, although calls are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The last record of any kind; `None` if there never was one.
    pub since: Option<Timestamp>,
    /// How that is known.
    pub because: Because,
}

/// Why nothing coming is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// CloudWatch reports so many calls since then that are not on file.
    Reported(u64),
    /// CloudWatch cannot be read, and at the same time of the last two weeks there were at least so
    /// many calls.
    Usual(u64),
}

/// What is known about whether anything comes.
#[derive(Clone, Debug)]
pub struct Heard<'a> {
    /// Now.
    pub now: Timestamp,
    /// When the last record of any kind came.
    pub last: Option<Timestamp>,
    /// Hours of the last day, the one that goes on too.
    pub hours: &'a [HourCoverage],
    /// How many calls were made between `last` and now, one and two weeks ago; `None` if nobody
    /// asked.
    pub usual: Option<[u64; 2]>,
}

impl Heard<'_> {
    /// Whether no record came for so long that it must be asked why.
    pub fn is_quiet(&self) -> bool {
        self.last
            .is_none_or(|last| self.now.duration_since(last) >= PATIENCE)
    }

    /// Whether it is known what AWS counts.
    pub fn knows_reported(&self) -> bool {
        self.hours
            .iter()
            .any(|hour| self.now.duration_since(hour.read_at) < FRESH)
    }

    /// Whether the intake fell silent.
    pub fn silence(&self) -> Option<Silence> {
        if !self.is_quiet() {
            return None;
        }
        let because = if self.knows_reported() {
            let after = |hour: &&HourCoverage| {
                self.last
                    .is_none_or(|last| last.duration_since(hour.hour) < HOUR)
            };
            let missed = self.hours.iter().filter(after).map(HourCoverage::missed);
            let missed = missed.fold(0, u64::saturating_add);
            (missed >= MISSED).then_some(Because::Reported(missed))?
        } else {
            let [a, b] = self.usual?;
            let calls = a.min(b);
            (calls >= FEWEST).then_some(Because::Usual(calls))?
        };
        Some(Silence {
            since: self.last,
            because,
        })
    }
}

/// What somebody must look after: one incident, whatever it consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Nothing comes at all.
    pub silence: Option<Silence>,
    /// Where calls are missing.
    pub low: Vec<Coverage>,
}

/// What somebody must look after, if anything.
pub fn trouble(silence: Option<&Silence>, places: &[Coverage]) -> Option<Trouble> {
    let low: Vec<_> = places
        .iter()
        .filter(|place| place.verdict() == Verdict::Low)
        .cloned()
        .collect();
    (silence.is_some() || !low.is_empty()).then(|| Trouble {
        silence: silence.cloned(),
        low,
    })
}

#[cfg(test)]
mod tests;
