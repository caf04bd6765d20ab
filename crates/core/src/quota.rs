//! Quotas: a limit on a metric over a window for a scope (rules 5).

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::attribution::team_name;
use crate::calendar::WindowKind;
use crate::counter::Sums;
use crate::ids::{ModelId, TeamId, ToolId, UserId};
use crate::model::ModelRef;

/// Whom a quota is about. Written `user:ana`, `defaults`, `team-defaults:sap`, `team:sap`,
/// `tool:cline`, `model:anthropic.claude-opus-5`, `organisation`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One user.
    User(UserId),
    /// Every user, unless something more specific is set.
    Defaults,
    /// Every member of a team, unless the user has an own setting.
    TeamDefaults(TeamId),
    /// The total of a team.
    Team(TeamId),
    /// Each user's use of one tool.
    Tool(ToolId),
    /// Each user's use of one model.
    Model(ModelId),
    /// The total of everybody; only notifies.
    Organisation,
}

/// What is counted against a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Invocations that did not fail.
    Requests,
    /// Input, cache writes and output.
    Tokens,
    /// And cache reads.
    TokensAll,
    /// Known cost, in nano-dollars.
    Cost,
}

/// What happens when a limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Block, and tell people.
    Block,
    /// Tell people.
    Notify,
}

/// How much: a count, or nano-dollars for [`Metric::Cost`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// `used >= limit` reaches it; 0 denies before the first call.
    Of(i64),
    /// Explicitly none, overriding what is less specific.
    Unlimited,
}

/// One quota as set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Whom it is about.
    pub scope: Scope,
    /// What it counts.
    pub metric: Metric,
    /// Over what.
    pub window: WindowKind,
    /// How much.
    pub limit: Limit,
    /// What happens then.
    pub action: Action,
    /// Warning thresholds in percent, ascending.
    pub warn: Vec<u32>,
    /// Who set it; `built-in` for the quotas Weir starts with.
    pub author: String,
    /// Temporary additions with an end (rules Q11).
    pub additions: Vec<Addition>,
}

/// A temporary raise that ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// How much more.
    pub amount: i64,
    /// The first instant at which it no longer holds.
    pub until: Timestamp,
    /// It adds to what the user inherits, whatever that is by then: the quota that carries it says nothing of
    /// its own.
    pub inherited: bool,
}

/// The thresholds of a quota that names none.
pub const DEFAULT_WARN: [u32; 2] = [80, 95];

impl Quota {
    /// The limit at `now`, temporary additions included; `None` when unlimited.
    pub fn limit_at(&self, now: Timestamp) -> Option<i64> {
        let Limit::Of(limit) = self.limit else {
            return None;
        };
        let more = self
            .additions
            .iter()
            .filter(|a| a.until > now)
            .map(|a| a.amount);
        Some(more.fold(limit, i64::saturating_add))
    }

    /// Whether it only carries additions to what its user inherits; once they have ended, nothing.
    pub fn is_raise(&self) -> bool {
        self.additions.iter().any(|addition| addition.inherited)
    }

    /// Whether anything of it holds at `now`: a raise is over with its last addition.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        !self.is_raise() || self.additions.iter().any(|addition| addition.until > now)
    }

    /// Whether it was set for exactly one subject, not inherited by many (rules A10).
    pub fn is_own(&self) -> bool {
        matches!(self.scope, Scope::User(_))
    }
}

impl Metric {
    /// All metrics, in the order of precedence for headlines (rules Q6).
    pub const ALL: [Self; 4] = [Self::Requests, Self::Tokens, Self::TokensAll, Self::Cost];

    /// The word used in the CLI, the database and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::TokensAll => "tokens_all",
            Self::Cost => "cost",
        }
    }

    /// What `sums` come to in this metric.
    pub fn used(self, sums: &Sums) -> i64 {
        match self {
            Self::Requests => sums.requests,
            Self::Tokens => sums.tokens(),
            Self::TokensAll => sums.tokens() + sums.cache_read,
            Self::Cost => sums.cost_nanos,
        }
    }

    /// The part of it that may still change (rules C6).
    pub fn provisional(self, sums: &Sums) -> i64 {
        match self {
            Self::Requests => 0,
            Self::Tokens | Self::TokensAll => sums.provisional_tokens,
            Self::Cost => sums.provisional_cost_nanos,
        }
    }
}

/// The user-level quotas that apply to one user, one slot per (window, metric).
type Slots = [Option<Quota>; SLOTS];
const SLOTS: usize = WindowKind::ALL.len() * Metric::ALL.len();

fn slot(window: WindowKind, metric: Metric) -> usize {
    window as usize * Metric::ALL.len() + metric as usize
}

/// All quotas in force, arranged for look-up without allocation.
#[derive(Clone, Debug, Default)]
pub struct QuotaBook {
    defaults: Slots,
    team_defaults: HashMap<TeamId, Slots>,
    users: HashMap<UserId, Slots>,
    raises: HashMap<UserId, Raises>,
    teams: HashMap<TeamId, Vec<Quota>>,
    tools: HashMap<ToolId, Vec<Quota>>,
    models: HashMap<ModelId, Vec<Quota>>,
    organisation: Vec<Quota>,
}

/// What is inherited by a user with additions of their own in it.
#[derive(Clone, Debug, Default)]
struct Raises {
    /// The quotas that carry the additions.
    carriers: Slots,
    defaults: Slots,
    team_defaults: HashMap<TeamId, Slots>,
}

impl Raises {
    /// Adds to the quota that `carrier` was made from, wherever one is inherited.
    fn add(&mut self, carrier: Quota, defaults: &Slots, of_teams: &HashMap<TeamId, Slots>) {
        let at = slot(carrier.window, carrier.metric);
        let raised = |slots: &Slots| {
            slots[at].clone().map(|quota| Quota {
                additions: carrier.additions.clone(),
                ..quota
            })
        };
        self.defaults[at] = raised(defaults);
        for (team, slots) in of_teams {
            let of_team = self.team_defaults.entry(team.clone()).or_default();
            of_team[at] = raised(slots);
        }
        self.carriers[at] = Some(carrier);
    }
}

impl QuotaBook {
    /// Arranges quotas. Of two for the same scope, metric and window the later one counts.
    pub fn new(quotas: impl IntoIterator<Item = Quota>) -> Self {
        let mut book = Self::default();
        for quota in quotas {
            let at = slot(quota.window, quota.metric);
            match quota.scope.clone() {
                Scope::Defaults => book.defaults[at] = Some(quota),
                Scope::TeamDefaults(team) => {
                    book.team_defaults.entry(team).or_default()[at] = Some(quota);
                }
                Scope::User(user) => book.users.entry(user).or_default()[at] = Some(quota),
                Scope::Team(team) => replace(book.teams.entry(team).or_default(), quota),
                Scope::Tool(tool) => replace(book.tools.entry(tool).or_default(), quota),
                Scope::Model(model) => replace(book.models.entry(model).or_default(), quota),
                Scope::Organisation => replace(&mut book.organisation, quota),
            }
        }
        book.take_raises();
        book
    }

    fn take_raises(&mut self) {
        for (user, slots) in &mut self.users {
            let is_raise = |quota: &&mut Option<Quota>| quota.as_ref().is_some_and(Quota::is_raise);
            for carrier in slots.iter_mut().filter(is_raise).filter_map(Option::take) {
                let raises = self.raises.entry(user.clone()).or_default();
                raises.add(carrier, &self.defaults, &self.team_defaults);
            }
        }
    }

    /// The user-level quotas of a user, most specific setting per (window, metric): user, then
    /// the team's defaults, then the defaults (rules Q3).
    pub fn of_user<'a>(
        &'a self,
        user: &UserId,
        team: &TeamId,
    ) -> impl Iterator<Item = &'a Quota> + use<'a> {
        let own = self.users.get(user);
        let of_team = self.team_defaults.get(team);
        let raises = self.raises.get(user);
        let of_team_raised = raises.and_then(|raises| raises.team_defaults.get(team));
        let defaults_raised = raises.map(|raises| &raises.defaults);
        let layers = [
            own,
            of_team_raised,
            of_team,
            defaults_raised,
            Some(&self.defaults),
        ];
        (0..SLOTS).filter_map(move |at| {
            let mut layers = layers.iter().flatten();
            layers.find_map(|slots| slots[at].as_ref())
        })
    }

    /// The quotas that only carry additions for a user: they are not in force themselves.
    pub fn raises_of(&self, user: &UserId) -> impl Iterator<Item = &Quota> {
        let raises = self.raises.get(user).into_iter();
        raises.flat_map(|raises| raises.carriers.iter().flatten())
    }

    /// The quotas on a team's total.
    pub fn of_team(&self, team: &TeamId) -> &[Quota] {
        self.teams.get(team).map_or(&[], Vec::as_slice)
    }

    /// The quotas on a team's total that hold: those that are set, and the one that every team has until
    /// one is set for the same metric and window (rules Q2). Who is in no team has none.
    pub fn of_team_in_force(&self, team: &TeamId) -> Vec<Cow<'_, Quota>> {
        let built_in = built_in_of_team(team);
        let set = self.of_team(team);
        let is_set = |quota: &Quota| {
            let which = (quota.metric, quota.window);
            set.iter().any(|set| (set.metric, set.window) == which)
        };
        let unset = (*team != TeamId::unassigned() && !is_set(&built_in)).then_some(built_in);
        let set = set.iter().map(Cow::Borrowed);
        set.chain(unset.map(Cow::Owned)).collect()
    }

    /// The quotas on each user's use of a tool.
    pub fn of_tool(&self, tool: &ToolId) -> &[Quota] {
        self.tools.get(tool).map_or(&[], Vec::as_slice)
    }

    /// The quotas on each user's use of a model.
    pub fn of_model(&self, model: &ModelId) -> &[Quota] {
        self.models.get(model).map_or(&[], Vec::as_slice)
    }

    /// The quotas on everybody's total.
    pub fn of_organisation(&self) -> &[Quota] {
        &self.organisation
    }

    /// Whether per-user counters are kept for this tool.
    pub fn governs_tool(&self, tool: &ToolId) -> bool {
        self.tools.contains_key(tool)
    }

    /// Whether per-user counters are kept for this model.
    pub fn governs_model(&self, model: &ModelId) -> bool {
        self.models.contains_key(model)
    }

    /// The tools that have quotas.
    pub fn tools(&self) -> impl Iterator<Item = &ToolId> {
        self.tools.keys()
    }

    /// The models that have quotas.
    pub fn models(&self) -> impl Iterator<Item = &ModelId> {
        self.models.keys()
    }
}

fn replace(quotas: &mut Vec<Quota>, quota: Quota) {
    quotas.retain(|q| (q.metric, q.window) != (quota.metric, quota.window));
    quotas.push(quota);
    quotas.sort_by_key(|q| (q.window, q.metric));
}

/// Who set the quotas that Weir starts with.
pub const BUILT_IN: &str = "built-in";

/// The quota every team's total has until one is set (rules Q2).
pub const BUILT_IN_TEAM_REQUESTS_PER_MONTH: i64 = 25_000;

fn built_in_of_team(team: &TeamId) -> Quota {
    let limit = BUILT_IN_TEAM_REQUESTS_PER_MONTH;
    notify(Scope::Team(team.clone()), WindowKind::Month, limit)
}

fn notify(scope: Scope, window: WindowKind, limit: i64) -> Quota {
    Quota {
        scope,
        metric: Metric::Requests,
        window,
        limit: Limit::Of(limit),
        action: Action::Notify,
        warn: DEFAULT_WARN.to_vec(),
        author: BUILT_IN.to_owned(),
        additions: Vec::new(),
    }
}

/// The quotas a new database starts with; they only notify (rules Q2).
pub fn built_in() -> Vec<Quota> {
    vec![
        notify(Scope::Defaults, WindowKind::Day, 350),
        notify(Scope::Defaults, WindowKind::Month, 5_000),
    ]
}

impl Scope {
    /// The kind of the scope, as stored.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Defaults => "defaults",
            Self::TeamDefaults(_) => "team-defaults",
            Self::Team(_) => "team",
            Self::Tool(_) => "tool",
            Self::Model(_) => "model",
            Self::Organisation => "organisation",
        }
    }

    /// The name within the kind, as stored; empty for scopes that need none.
    pub fn name(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::TeamDefaults(id) | Self::Team(id) => id.as_str(),
            Self::Tool(id) => id.as_str(),
            Self::Model(id) => id.as_str(),
            Self::Defaults | Self::Organisation => "",
        }
    }

    /// The scope of that kind and name.
    pub fn of(kind: &str, name: &str) -> Result<Self, String> {
        let named = |scope: Self| {
            if name.is_empty() {
                Err(format!("`{kind}:` needs a name"))
            } else {
                Ok(scope)
            }
        };
        match kind {
            "defaults" | "organisation" if !name.is_empty() => {
                Err(format!("`{kind}` takes no name"))
            }
            "defaults" => Ok(Self::Defaults),
            "organisation" => Ok(Self::Organisation),
            "user" => named(Self::User(UserId::new(name))),
            "team-defaults" => named(Self::TeamDefaults(team_name(name))),
            "team" => named(Self::Team(team_name(name))),
            "tool" => named(Self::Tool(ToolId::new(name))),
            // Models are counted under their canonical id, however they are written.
            "model" => named(Self::Model(ModelRef::parse(name).counted_as())),
            other => Err(format!(
                "`{other}` is not a scope: user:NAME, team:NAME, team-defaults:NAME, tool:NAME, \
                 model:ID, defaults or organisation"
            )),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once(':').unwrap_or((text, ""));
        Self::of(kind, name)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "" => f.write_str(self.kind()),
            name => write!(f, "{}:{name}", self.kind()),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|metric| metric.as_str() == text)
            .ok_or_else(|| {
                format!("`{text}` is not a metric: requests, tokens, tokens_all or cost")
            })
    }
}

impl Action {
    /// The word used in the CLI and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Notify => "notify",
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "block" => Ok(Self::Block),
            "notify" => Ok(Self::Notify),
            _ => Err(format!("`{text}` is not an action: block or notify")),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_meant_however_it_is_written() {
        let canonical = "model:anthropic.claude-opus-4-6-v1";
        for written in [
            canonical,
            "model:eu.anthropic.claude-opus-4-6-v1",
            "model:arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-4-6-v1",
            "model:arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-4-6-v1",
        ] {
            let scope: Scope = written.parse().unwrap();
            assert_eq!(scope.to_string(), canonical, "{written}");
            assert_eq!(
                Scope::of(scope.kind(), scope.name()),
                Ok(scope),
                "as stored"
            );
        }
        assert_eq!("model:m1".parse::<Scope>().unwrap().name(), "m1");
    }
}
