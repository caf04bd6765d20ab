//! The world of a story: the real engine over the real store, a fake AWS, a clock that is told what
//! time it is, and the reference model beside them.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use weir_core::attribution::AttributionSettings;
use weir_core::calendar::WindowKind;
use weir_core::reset::Retention;
use weir_core::rulebook::{EnforcementSettings, KeyOwner, Mode, Settings};
use weir_engine::clock::{Clock, FakeClock};
use weir_engine::{Actor, Engine, EngineError, Input, Options, Parts, ReadBack};
use weir_store::{RuleChange, Store};

use super::cast::{Tool, Who, anas_cline_key};
use super::check::Witness;
use super::cloud::{Cloud, mechanism};
use super::gate::Gate;
use super::letterbox::Letterbox;
use super::model::Model;
use super::op::{Moment, Nth, Part, Rec, Setup};
use super::spy::Spy;
use crate::wire;

/// Why a story failed: which rule was broken, and how.
pub(crate) type Broken = String;

/// Everything a story happens in.
pub(crate) struct World {
    pub(crate) setup: Setup,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) letterbox: Arc<Letterbox>,
    /// The store itself, for checks: they take no steps.
    pub(crate) store: Arc<dyn Store>,
    pub(crate) spy: Arc<Spy>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) model: Model,
    pub(crate) witness: Witness,
    pub(crate) batches: Vec<Vec<Rec>>,
    /// Something went wrong on purpose since the last rest.
    pub(crate) troubled: bool,
    /// Somebody has died, some time.
    pub(crate) crashed: bool,
    /// AWS was changed behind our back since the last rest.
    pub(crate) drifted: bool,
    /// How often the daily reset of a date was run again.
    pub(crate) again: BTreeMap<Date, u32>,
    /// Proves the record without taking steps.
    pub(crate) auditor: Engine,
    engines: [Arc<Engine>; 2],
    born: u32,
}

impl World {
    pub(crate) async fn new(setup: Setup) -> Result<Self, Broken> {
        let start: Timestamp = setup
            .start
            .parse()
            .map_err(|error| format!("start: {error}"))?;
        let clock = Arc::new(FakeClock::at(start));
        let store = crate::sim::store().await?;
        store
            .set_zone("Europe/Madrid")
            .await
            .map_err(|error| error.to_string())?;
        let owner = KeyOwner::new(Who::Ana.user(), Tool::Cline.id(), false, true);
        let key = RuleChange::SetKey(anas_cline_key(), owner);
        store
            .change_rules(vec![key], Vec::new())
            .await
            .map_err(|error| error.to_string())?;
        let gate = Arc::new(Gate::new());
        let cloud = Arc::new(Cloud::new(Arc::clone(&gate), setup.people));
        let letterbox = Arc::new(Letterbox::new(Arc::clone(&gate)));
        let spy = Arc::new(Spy::new(Arc::clone(&store), Arc::clone(&gate)));
        let settings = Arc::new(settings(setup));
        let engine = |born| {
            Arc::new(Engine::new(parts(
                setup, born, &clock, &spy, &cloud, &letterbox, &settings,
            )))
        };
        let auditor = Engine::new(Parts {
            store: Arc::clone(&store),
            ..parts(setup, 0, &clock, &spy, &cloud, &letterbox, &settings)
        });
        Ok(Self {
            auditor,
            engines: [engine(1), engine(2)],
            born: 2,
            model: Model::new(setup),
            witness: Witness::default(),
            batches: Vec::new(),
            troubled: false,
            crashed: false,
            drifted: false,
            again: BTreeMap::new(),
            setup,
            clock,
            gate,
            cloud,
            letterbox,
            store,
            spy,
            settings,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The local date.
    pub(crate) fn today(&self) -> Date {
        self.day_of(self.now())
    }

    /// The local date of an instant.
    pub(crate) fn day_of(&self, at: Timestamp) -> Date {
        self.model.clock.day(at)
    }

    pub(crate) fn engine(&self, nth: Nth) -> Arc<Engine> {
        Arc::clone(&self.engines[nth as usize])
    }

    /// An engine ends, whatever it was about to do, and another one takes its place.
    pub(crate) fn restart(&mut self, nth: Nth) {
        self.born += 1;
        self.crashed = true;
        let (clock, spy, cloud) = (&self.clock, &self.spy, &self.cloud);
        let (letterbox, settings) = (&self.letterbox, &self.settings);
        let parts = parts(
            self.setup, self.born, clock, spy, cloud, letterbox, settings,
        );
        self.engines[nth as usize] = Arc::new(Engine::new(parts));
    }

    /// Lets the first engine do something; `None` if it died before it was through, and another one
    /// has taken its place.
    pub(crate) async fn try_with<T, F>(&mut self, what: impl FnOnce(Arc<Engine>) -> F) -> Option<T>
    where
        F: Future<Output = T>,
    {
        let work = what(self.engine(Nth::First));
        let done = tokio::select! {
            biased;
            done = work => Some(done),
            () = self.gate.crash() => None,
        };
        self.gate.disarm();
        if done.is_none() {
            self.restart(Nth::First);
            self.pause();
        }
        done
    }

    /// Time never stands still between two things.
    pub(crate) fn pause(&self) {
        self.clock.advance(SignedDuration::from_millis(1));
    }

    /// The records as AWS writes them, each in one of the forms it may come in.
    pub(crate) fn input(&self, records: &[Rec]) -> Input {
        let now = self.now();
        let mut values = Vec::new();
        for (nth, Rec { part, call }) in records.iter().enumerate() {
            let at = self.model.time_of(*call, now);
            let draft = super::model::draft(*call, at, self.model.id_of(*call, at));
            let event = match part {
                Part::Api => draft.api_event(),
                Part::DataCopy => draft.data_event(),
                Part::Completion => draft.completion_event(),
                Part::Log => draft.log_entry(),
            };
            let delivery = u32::try_from(nth).unwrap_or(0);
            let wrapped = *part != Part::Log && nth % 2 == 0;
            values.push(if wrapped {
                wire::envelope(&event, delivery)
            } else {
                event
            });
        }
        Input {
            source: "sim".to_owned(),
            reader: Box::new(Cursor::new(wire::lines(&values))),
            options: weir_core::intake::Options::default(),
        }
    }

    /// A minute before the next such instant.
    pub(crate) fn before(&self, moment: Moment) -> Timestamp {
        let (clock, now) = (&self.model.clock, self.now());
        let next = match moment {
            Moment::FullHour => clock.end(WindowKind::Hour, now),
            Moment::Midnight => clock.end(WindowKind::Day, now),
            Moment::MonthEnd => clock.end(WindowKind::Month, now),
            Moment::ClockChange => clock.next_change(now),
        };
        next.saturating_sub(1.minute()).unwrap_or(next)
    }
}

fn settings(setup: Setup) -> Settings {
    Settings {
        attribution: AttributionSettings {
            session_roles: vec!["dev".to_owned()],
            ..AttributionSettings::default()
        },
        settle_after: SignedDuration::from_mins(setup.settle_after),
        enforcement: EnforcementSettings {
            mode: Some(Mode::Iam),
            never: vec!["vip".to_owned()],
            max_new_blocks: Some(setup.max_new_blocks),
            identity_center: mechanism(setup.people),
            ..EnforcementSettings::default()
        },
        ..Settings::default()
    }
}

fn parts(
    setup: Setup,
    born: u32,
    clock: &Arc<FakeClock>,
    spy: &Arc<Spy>,
    cloud: &Arc<Cloud>,
    letterbox: &Arc<Letterbox>,
    settings: &Arc<Settings>,
) -> Parts {
    let read_back = ReadBack {
        first: Duration::ZERO,
        total: Duration::from_millis(3),
    };
    let options = Options {
        origin: "sim".to_owned(),
        batch: setup.batch,
        read_back,
        patience: Duration::ZERO,
        retention: Retention {
            audit: AUDIT_TERM,
            ..Retention::default()
        },
        removed_at_once: 3,
        instance: format!("sim-{born}"),
        ..Options::default()
    };
    Parts {
        store: Arc::clone(spy) as Arc<dyn Store>,
        settings: Arc::clone(settings),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        access: Some(Arc::clone(cloud) as _),
        directory: Some(Arc::clone(cloud) as _),
        post: Some(letterbox.post()),
        options,
    }
}

/// How long audit entries are kept: stories are of days, and the record is to lose its old end in many.
pub(crate) const AUDIT_TERM: SignedDuration = SignedDuration::from_hours(36);

/// Who gives the commands.
pub(crate) fn operator() -> Actor {
    Actor {
        name: "root@sim".to_owned(),
        claimed: Some("Eva".to_owned()),
    }
}

/// An error that the story did not cause.
pub(crate) fn unexpected(what: &str, error: &EngineError) -> Broken {
    format!("{what}: {error}")
}
