//! From what was read to figures: a function of data.

use std::collections::BTreeMap;

use jiff::Timestamp;
use weir_core::access::TargetState;
use weir_core::counter::Sums;
use weir_core::money::Usd;
use weir_store::{Pulse, UsageRow};

use super::specs as spec;
use super::{Spec, Unit};
use crate::CoverageView;

/// What stands for all that are not named.
pub const OTHER: &str = "(other)";

/// One figure, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Which.
    pub spec: &'static Spec,
    /// What its labels say, in the order of [`Spec::labels`].
    pub labels: Vec<String>,
    /// How much, in what its unit is held as.
    pub amount: i64,
}

impl Fact {
    fn new(spec: &'static Spec, labels: &[&str], amount: i64) -> Self {
        let labels = labels.iter().map(ToString::to_string).collect();
        Self {
            spec,
            labels,
            amount,
        }
    }

    /// How much, as a decimal number.
    pub fn decimal(&self) -> String {
        match self.spec.unit {
            Unit::Count | Unit::Seconds => self.amount.to_string(),
            Unit::Dollars => Usd::from_nanos(self.amount).to_decimal(),
            Unit::Percent => format!("{}.{}", self.amount / 10, (self.amount % 10).abs()),
        }
    }

    /// How much, as others take it.
    pub fn number(&self) -> f64 {
        self.decimal().parse().unwrap_or(f64::NAN)
    }
}

/// What somebody used today and this month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Today, by name, the dearest first.
    pub today: Vec<UsageRow>,
    /// This month, of the first of them.
    pub month: BTreeMap<String, Sums>,
}

/// Everything that figures are made of.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// Now.
    pub now: Timestamp,
    /// Users.
    pub users: Usage,
    /// Teams.
    pub teams: Usage,
    /// Models today, the dearest first.
    pub models: Vec<UsageRow>,
    /// Everybody, today and this month.
    pub everybody: (Sums, Sums),
    /// Blocks in force, held, and begun today.
    pub blocks: [usize; 3],
    /// The state of every target.
    pub targets: Vec<TargetState>,
    /// What comes in and waits to go out.
    pub pulse: Pulse,
    /// Whether everything arrives.
    pub coverage: CoverageView,
}

/// The figures: of users, teams and models no more than so many by name, and the rest as one.
pub fn facts(read: &Readings, most: usize) -> Vec<Fact> {
    let mut facts = Vec::new();
    let (today, month) = &read.everybody;
    for (usage, specs) in [
        (
            &read.users,
            [
                &spec::USER_REQUESTS_TODAY,
                &spec::USER_TOKENS_TODAY,
                &spec::USER_COST_TODAY,
                &spec::USER_REQUESTS_MONTH,
                &spec::USER_COST_MONTH,
            ],
        ),
        (
            &read.teams,
            [
                &spec::TEAM_REQUESTS_TODAY,
                &spec::TEAM_TOKENS_TODAY,
                &spec::TEAM_COST_TODAY,
                &spec::TEAM_REQUESTS_MONTH,
                &spec::TEAM_COST_MONTH,
            ],
        ),
    ] {
        used(&mut facts, usage, month, specs, most);
    }
    for (name, sums) in named(&read.models, most) {
        facts.push(Fact::new(
            &spec::MODEL_COST_TODAY,
            &[&name],
            sums.cost_nanos,
        ));
    }
    for (spec, amount) in [
        (&spec::COST_TODAY, today.cost_nanos),
        (&spec::COST_MONTH, month.cost_nanos),
        (&spec::REQUESTS_TODAY, today.requests),
        (&spec::UNPRICED_TODAY, today.unpriced),
        (&spec::UNMETERED_TODAY, today.unmetered),
    ] {
        facts.push(Fact::new(spec, &[], amount));
    }
    work(&mut facts, read);
    facts
}

/// The first so many by name, and the rest as one, if there is a rest.
fn named(rows: &[UsageRow], most: usize) -> Vec<(String, Sums)> {
    let (first, rest) = rows.split_at(most.min(rows.len()));
    let mut out: Vec<_> = first
        .iter()
        .map(|row| (row.key.clone(), row.sums))
        .collect();
    if !rest.is_empty() {
        let mut sum = Sums::default();
        for row in rest {
            sum += row.sums;
        }
        out.push((OTHER.to_owned(), sum));
    }
    out
}

fn used(
    facts: &mut Vec<Fact>,
    usage: &Usage,
    everybody: &Sums,
    specs: [&'static Spec; 5],
    most: usize,
) {
    let [requests, tokens, cost, month_requests, month_cost] = specs;
    let mut rest = *everybody;
    for (name, today) in named(&usage.today, most) {
        let labels = [name.as_str()];
        facts.push(Fact::new(requests, &labels, today.requests));
        facts.push(Fact::new(tokens, &labels, today.tokens()));
        facts.push(Fact::new(cost, &labels, today.cost_nanos));
        if name == OTHER {
            continue;
        }
        let month = usage.month.get(&name).copied().unwrap_or_default();
        facts.push(Fact::new(month_requests, &labels, month.requests));
        facts.push(Fact::new(month_cost, &labels, month.cost_nanos));
        rest += -month;
    }
    // Whoever did not call today is in the month's rest, too.
    facts.push(Fact::new(month_requests, &[OTHER], rest.requests));
    facts.push(Fact::new(month_cost, &[OTHER], rest.cost_nanos));
}

/// How the work goes.
fn work(facts: &mut Vec<Fact>, read: &Readings) {
    use TargetState::{Applied, Cannot, Failed, Requested};
    let (now, pulse) = (read.now, &read.pulse);
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let targets = |states: &[TargetState]| {
        let of = read.targets.iter().filter(|state| states.contains(state));
        count(of.count() as u64)
    };
    let since = |at: Timestamp| now.duration_since(at).as_secs().max(0);
    let [active, held, begun] = read.blocks.map(|number| count(number as u64));
    let mut put = |spec, amount| facts.push(Fact::new(spec, &[], amount));
    put(&spec::BLOCKS_ACTIVE, active);
    put(&spec::BLOCKS_HELD, held);
    put(&spec::BLOCKS_TODAY, begun);
    put(&spec::TARGETS_UNVERIFIED, targets(&[Requested, Applied]));
    put(&spec::TARGETS_FAILING, targets(&[Failed, Cannot]));
    put(&spec::LEAKS_TODAY, count(pulse.leaks));
    put(&spec::OUTBOX_DUE, count(pulse.outbox_due));
    put(&spec::OUTBOX_OLDEST, pulse.outbox_oldest.map_or(0, since));
    let failing = count(pulse.outbox_failing) + targets(&[Failed]);
    put(&spec::EFFECTS_FAILING, failing);
    put(&spec::DEAD_LETTERS, count(pulse.dead_letters));
    if let Some(last) = pulse.last() {
        put(&spec::INTAKE_QUIET, since(last));
    }
    if let Some(lag) = pulse.lag() {
        put(&spec::INTAKE_LAG, lag.as_secs());
    }
    let silent = read.coverage.silence.is_some();
    put(&spec::INTAKE_SILENT, i64::from(silent));
    for place in &read.coverage.places {
        let Some(share) = place.thousandths() else {
            continue;
        };
        let labels = [place.account.as_str(), place.region.as_str()];
        facts.push(Fact::new(&spec::COVERAGE, &labels, count(share)));
    }
}
