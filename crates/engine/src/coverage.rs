//! Whether everything arrives: once an hour what AWS counted is read beside what is on file.
//!
//! One process does it for all (`Duty::Coverage`). While nothing comes it is done every ten minutes,
//! so that a silence is noticed soon.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use weir_core::calendar::{Window, WindowKind};
use weir_core::coverage::{
    Coverage, Heard, HourCoverage, PATIENCE, SPAN, Silence, Trouble, hour_of, judge, trouble,
};
use weir_core::ids::{AccountId, Region};
use weir_core::incident::Alarm;
use weir_core::message::{Arrived, Kind, News};
use weir_store::{Duty, Pulse, Retained};

use crate::ports::Metering;
use crate::{Engine, EngineError};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// How often it is asked whether it is time.
const ASK: SignedDuration = SignedDuration::from_mins(5);
/// How often the hours are read, and how often while nothing comes.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
const EVERY_QUIET: SignedDuration = SignedDuration::from_mins(10);
/// Records and metrics come late: so many hours are read again each time.
const AGAIN: SignedDuration = SignedDuration::from_hours(6);
/// A Region where calls were counted so lately is looked at.
const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The longest stretch of time that one reading is asked for.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is known about whether everything arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageView {
    /// What arrived in the settled hours of the last day, by account and Region.
    pub places: Vec<Coverage>,
    /// Nothing comes, although calls are made.
    pub silence: Option<Silence>,
    /// When the last record of any kind came.
    pub last_record: Option<Timestamp>,
    /// When AWS's count was read last; `None` is never.
    pub read_at: Option<Timestamp>,
    /// What could not be read then.
    pub problems: Vec<String>,
}

impl CoverageView {
    /// What somebody must look after, if anything: one incident.
    pub fn trouble(&self) -> Option<Trouble> {
        trouble(self.silence.as_ref(), &self.places)
    }
}

impl Engine {
    /// Whether everything arrives, as of the last reading.
    pub async fn coverage(&self) -> Result<CoverageView, EngineError> {
        let now = self.now();
        let pulse = self.store.pulse(now, now).await?;
        self.view(now, &pulse).await
    }

    async fn view(&self, now: Timestamp, pulse: &Pulse) -> Result<CoverageView, EngineError> {
        let duty = self.store.duty(Duty::Coverage).await?;
        let hours = self.store.coverage_hours(ago(now, SPAN), now).await?;
        let mut heard = Heard {
            now,
            last: pulse.last(),
            hours: &hours,
            usual: None,
        };
        if heard.is_quiet() && !heard.knows_reported() {
            heard.usual = Some(self.usual(now, heard.last).await?);
        }
        Ok(CoverageView {
            silence: heard.silence(),
            last_record: heard.last,
            places: judge(&hours),
            read_at: duty.done_at,
            problems: duty.problems,
        })
    }

    /// Reads the hours of a stretch of time on both sides now. What one account or Region does not
    /// tell is said, and does not stop the others.
    pub async fn read_coverage(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<String>, EngineError> {
        let metering = self.metering.clone().ok_or(EngineError::NoAws {
            what: "the comparison with CloudWatch",
            why: "none were found when this process started",
        })?;
        let (from, to) = (hour_of(from), hour_of(to).saturating_add(HOUR));
        let to = to.unwrap_or(Timestamp::MAX);
        let mut problems = Vec::new();
        let mut reported = BTreeMap::new();
        let places = self.places_to_watch(&*metering).await?;
        if places.is_empty() {
            problems.push("it is not known yet whose account to ask for".to_owned());
        }
        for (account, region) in places {
            match metering.invocations(&account, &region, from, to).await {
                Ok(hours) => {
                    reported.insert((account, region), hours);
                }
                Err(error) => problems.push(format!("{account} in {region}: {error}")),
            }
        }
        let hours = self.beside(&reported, from, to).await?;
        let kept = self.kept_from(Retained::Invocations, &*self.rules().await?);
        self.store.record_coverage(&hours, kept).await?;
        Ok(problems)
    }

    /// The reading that is due, by one of all processes that reach AWS; whoever does not, or finds
    /// it done, looks at what is known. Tells whether everything arrives, if it was
    /// time to ask.
    pub(crate) async fn watch_coverage_if_due(&self) -> Result<Option<CoverageView>, EngineError> {
        // Under `--as-of` AWS's clock and ours are not the same.
        if self.options.as_of.is_some() || !self.cadence.coverage.is_due(self.wall(), ASK) {
            return Ok(None);
        }
        let now = self.wall();
        let pulse = self.store.pulse(now, now).await?;
        if self.metering.is_some() {
            self.read_if_free(now, &pulse).await?;
        }
        let view = self.view(now, &pulse).await?;
        if let Some(silence) = &view.silence {
            tracing::error!(?silence, "the intake is silent");
        }
        self.tell_trouble(view.trouble()).await?;
        Ok(Some(view))
    }

    /// Opens, keeps or closes the incidents of the intake: nothing comes, or less than AWS counted.
    async fn tell_trouble(&self, trouble: Option<Trouble>) -> Result<(), EngineError> {
        let mut found = Vec::new();
        let mut add = |key: &str, news| {
            found.push(Alarm::of_weir(key.to_owned(), self.effect_time(), news));
        };
        if let Some(Trouble { silence, low }) = trouble {
            if let Some(silence) = silence {
                let (what, last) = ("AWS".to_owned(), silence.since);
                add("intake", News::IntakeSilent { what, last });
            }
            if !low.is_empty() {
                let places = low.into_iter().map(arrived).collect();
                add("intake", News::CallsMissing { places });
            }
        }
        self.alarm(&[Kind::IntakeSilent, Kind::CallsMissing], found)
            .await
    }

    async fn read_if_free(&self, now: Timestamp, pulse: &Pulse) -> Result<(), EngineError> {
        let is_quiet = pulse
            .last()
            .is_none_or(|last| now.duration_since(last) >= PATIENCE);
        let due = ago(now, if is_quiet { EVERY_QUIET } else { EVERY });
        let lease = self.lease(now);
        if !self
            .store
            .take_duty(Duty::Coverage, now, due, &lease)
            .await?
        {
            return Ok(());
        }
        let problems = match self.read_coverage(ago(now, AGAIN), now).await {
            Ok(problems) => problems,
            Err(error) => vec![error.to_string()],
        };
        self.store
            .end_duty(Duty::Coverage, &lease, now, &problems)
            .await?;
        Ok(())
    }

    /// Where AWS is asked: wherever calls were counted lately, the Regions of the configuration, and
    /// our own.
    async fn places_to_watch(
        &self,
        metering: &dyn Metering,
    ) -> Result<BTreeSet<(AccountId, Region)>, EngineError> {
        let rules = self.rules().await?;
        let since = ago(self.wall(), LATELY);
        let since = Window::containing(WindowKind::Hour, since, &rules.zone);
        let mut places: BTreeSet<_> = self.store.places(&since).await?.into_iter().collect();
        if let Some(home) = &rules.settings.attribution.home_account {
            let named = self.options.watched_regions.iter().cloned();
            let all = named.chain([metering.home_region()]);
            places.extend(all.map(|region| (home.clone(), region)));
        }
        Ok(places)
    }

    /// What is on file beside what was reported, hour by hour.
    async fn beside(
        &self,
        reported: &BTreeMap<(AccountId, Region), BTreeMap<Timestamp, u64>>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<HourCoverage>, EngineError> {
        let mut rows = Vec::new();
        let mut hour = from.max(ago(to, LONGEST));
        while hour < to {
            let next = hour.saturating_add(HOUR).unwrap_or(Timestamp::MAX);
            let called = self.store.called(hour, next).await?;
            let read_at = self.wall();
            for ((account, region), hours) in reported {
                let ours = called.iter().filter(|called| {
                    (&called.account, &called.region) == (account, region) && called.is_alike()
                });
                let counted = ours.map(|called| called.calls).sum();
                let reported = hours.get(&hour).copied().unwrap_or(0);
                // Nothing on both sides is something to know, too: nobody calls.
                rows.push(HourCoverage {
                    account: account.clone(),
                    region: region.clone(),
                    hour,
                    counted,
                    reported,
                    read_at,
                });
            }
            hour = next;
        }
        Ok(rows)
    }

    /// How many calls were made in the time for which nothing came, a day at most, one and two weeks
    /// before.
    async fn usual(
        &self,
        now: Timestamp,
        last: Option<Timestamp>,
    ) -> Result<[u64; 2], EngineError> {
        let from = last.unwrap_or(now).max(ago(now, SPAN));
        let mut usual = [0; 2];
        let mut back = WEEK;
        for calls in &mut usual {
            let called = self.store.called(ago(from, back), ago(now, back)).await?;
            *calls = called.iter().map(|called| called.calls).sum();
            back = back.saturating_add(WEEK);
        }
        Ok(usual)
    }
}

/// An instant so long before.
pub(crate) fn ago(now: Timestamp, how_long: SignedDuration) -> Timestamp {
    now.saturating_sub(how_long).unwrap_or(Timestamp::MIN)
}

fn arrived(place: Coverage) -> Arrived {
    let Coverage {
        account,
        region,
        counted,
        reported,
    } = place;
    Arrived {
        account,
        region,
        counted,
        reported,
    }
}
