//! What happened in ten days, and when AWS told of it: late, twice, and in no order.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;
use weir_core::calendar::Zone;

use super::catalogue::{EUROPE, UNPRICED};
use super::organisation::{CALLERS, Caller, Door, Story, Tool};
use super::rng::Rng;
use super::wire::{self, Call, Copy, Outcome};

/// How far back the history goes.
pub(crate) const DAYS: i32 = 10;
/// The limit of the sample quota that stories are about.
pub(crate) const DAILY_LIMIT: u64 = 350;

/// How a record travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// An EventBridge event.
    Event,
    /// A record in a CloudTrail file.
    TrailFile,
    /// A line of an invocation-log file.
    LogFile,
    /// A log event of a CloudWatch subscription.
    Subscription,
}

/// A record on its way.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// When it arrives.
    pub(crate) at: Timestamp,
    pub(crate) route: Route,
    /// JSON on one line; of an event, with its envelope.
    pub(crate) text: String,
}

/// Every delivery of the ten days before `now`, by time of arrival; nothing arrives after `now`.
pub(crate) fn deliveries(seed: u64, now: Timestamp, zone: &Zone) -> Vec<Delivery> {
    let mut rng = Rng::new(seed);
    let mut all = Vec::new();
    for call in calls(&mut rng, now, zone) {
        deliver(&call, &mut rng, &mut all);
    }
    for delivery in &mut all {
        // What would still be on its way is made to arrive: the history ends complete.
        delivery.at = delivery.at.min(now);
    }
    all.sort_by_key(|delivery| (delivery.at, delivery.route));
    all
}

/// All calls, each caller's in order.
fn calls(rng: &mut Rng, now: Timestamp, zone: &Zone) -> Vec<Call> {
    let today = zone.day(now);
    let mut calls = Vec::new();
    for caller in &CALLERS {
        for back in (0..=DAYS).rev() {
            let Ok(day) = today.checked_sub(back.days()) else {
                continue;
            };
            let midnight = zone.first_instant(day.at(0, 0, 0, 0));
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            for _ in 0..busy(caller, weekend, rng) {
                let at = moment(caller, midnight, rng);
                calls.push(call(caller, at, rng));
            }
            story(caller, back, midnight, now, rng, &mut calls);
        }
    }
    let first = now
        .saturating_sub(SignedDuration::from_hours(24 * i64::from(DAYS)))
        .unwrap_or(now);
    calls.retain(|call| call.at >= first && call.at <= now);
    calls
}

/// How many calls on an ordinary day.
fn busy(caller: &Caller, weekend: bool, rng: &mut Rng) -> u64 {
    let pace = match (caller.door, weekend) {
        (Door::Workload, _) | (_, false) => caller.pace,
        (_, true) => caller.pace / 10,
    };
    pace * rng.between(50, 150) / 100
}

/// When: people between eight and seven, with a lunch break; workloads around the clock.
fn moment(caller: &Caller, midnight: Timestamp, rng: &mut Rng) -> Timestamp {
    let hour = match caller.door {
        Door::Workload => rng.between(0, 23),
        _ => *rng.pick(&[
            8, 9, 9, 10, 10, 10, 11, 11, 12, 12, 13, 15, 15, 16, 16, 17, 17, 18,
        ]),
    };
    later(midnight, hour * 3_600 + rng.between(0, 3_599))
}

/// The calls that make a story.
fn story(
    caller: &'static Caller,
    back: i32,
    midnight: Timestamp,
    now: Timestamp,
    rng: &mut Rng,
    calls: &mut Vec<Call>,
) {
    // So many calls of the day that the total comes to what the story needs, whatever else there is.
    let (total, until) = match (caller.story, back) {
        (Story::Loop, 0) => (DAILY_LIMIT + 22, now),
        (Story::AlmostThere, 0) => (DAILY_LIMIT - 6, now),
        (Story::Busy, 0) => (DAILY_LIMIT * 84 / 100, now),
        (Story::LoopBefore, 3) => (DAILY_LIMIT + 9, later(midnight, 17 * 3_600)),
        _ => return,
    };
    let today = |call: &Call| {
        std::ptr::eq(call.caller, caller)
            && call.at >= midnight
            && call.at <= now
            && call.outcome == Outcome::Served
    };
    let have = calls.iter().filter(|call| today(call)).count() as u64;
    // A loop begins three quarters of an hour before it is noticed, but not yesterday.
    let span = until.duration_since(midnight).as_secs().clamp(0, 2_700);
    let span = u64::try_from(span).unwrap_or_default();
    for _ in have..total {
        let back =
            SignedDuration::from_secs(i64::try_from(rng.between(0, span)).unwrap_or_default());
        let at = until.saturating_sub(back).unwrap_or(until);
        let call = Call {
            outcome: Outcome::Served,
            ..call(caller, at, rng)
        };
        calls.push(call);
    }
}

/// One call of somebody, at that time.
pub(crate) fn call(caller: &'static Caller, at: Timestamp, rng: &mut Rng) -> Call {
    let tool = *rng.pick(caller.tools);
    let mut model = tool.model(rng);
    if caller.story == Story::Explorer && tool == Tool::Boto3 && rng.percent(30) {
        model = UNPRICED;
    }
    let outcome = match caller.story {
        Story::NoAccess => Outcome::Denied,
        _ if rng.percent(1) => Outcome::Throttled,
        _ => Outcome::Served,
    };
    let counts = tool.counts(&model, rng);
    Call {
        caller,
        tool,
        model,
        counts,
        at,
        outcome,
        request_id: rng.uuid(),
    }
}

/// The records of a call, each with the time it takes to arrive.
pub(crate) fn deliver(call: &Call, rng: &mut Rng, out: &mut Vec<Delivery>) {
    let late = |rng: &mut Rng, usual: (u64, u64)| match rng.next() % 100 {
        0..2 => rng.between(3_600, 30 * 3_600),
        _ => rng.between(usual.0, usual.1),
    };
    let delay = late(rng, (60, 420));
    let event = wire::api_call(call, Copy::Management, rng);
    push(out, later(call.at, delay), Route::Event, &event, rng);
    if rng.percent(3) {
        // A trail with data events has a copy of its own.
        let copy = wire::api_call(call, Copy::Data, rng);
        push(
            out,
            later(call.at, delay + 240),
            Route::TrailFile,
            &copy,
            rng,
        );
    }
    let served = call.outcome == Outcome::Served;
    let ended = later(call.at, rng.between(3, 45));
    if served && call.tool.streams() {
        let delay = late(rng, (60, 420));
        let event = wire::completion(call, ended, rng);
        push(out, later(ended, delay), Route::Event, &event, rng);
    }
    if served && call.model.region == EUROPE {
        let delay = late(rng, (10, 180));
        let route = if rng.percent(30) {
            Route::Subscription
        } else {
            Route::LogFile
        };
        push(out, later(ended, delay), route, &wire::log(call), rng);
    }
}

/// One record, now and then twice.
fn push(out: &mut Vec<Delivery>, at: Timestamp, route: Route, record: &Value, rng: &mut Rng) {
    let text = match route {
        Route::Event => wire::envelope(record, rng),
        Route::TrailFile | Route::LogFile | Route::Subscription => record.to_string(),
    };
    if rng.percent(2) {
        let at = later(at, rng.between(1, 600));
        out.push(Delivery {
            at,
            route,
            text: text.clone(),
        });
    }
    out.push(Delivery { at, route, text });
}

fn later(at: Timestamp, seconds: u64) -> Timestamp {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or_default());
    at.saturating_add(seconds).unwrap_or(at)
}
