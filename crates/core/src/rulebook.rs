//! Everything that decisions depend on and that changes seldom: settings, quotas, prices, people.
//!
//! A rulebook carries the version of the database it was read from. `settle` checks, under a shared
//! lock, that the version is still the newest, so a quota that was set a moment ago decides the
//! next call, and the hot path reads none of this.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::attribution::{AttributionSettings, Holder, Principal};
use crate::calendar::Zone;
use crate::ids::{AccountId, KeyId, TeamId, ToolId, UserId};
use crate::people::{DirectoryPerson, PeopleBook};
use crate::pricing::{PriceBook, PriceRow};
use crate::quota::{Quota, QuotaBook};

/// What `settle` and `decide` go by.
#[derive(Clone, Debug)]
pub struct Rulebook {
    /// The version of the stored rules; every change of them raises it.
    pub version: u64,
    /// The business zone.
    pub zone: Zone,
    /// From the configuration.
    pub settings: Arc<Settings>,
    /// Whether denials are written to AWS: what the database says, whatever this process is
    /// configured with.
    pub mode: ModeInForce,
    /// Quotas in force.
    pub quotas: QuotaBook,
    /// Prices in force.
    pub prices: Arc<PriceBook>,
    /// What administrators said about users.
    pub people: HashMap<UserId, Person>,
    /// Principals that were linked to a user by hand.
    pub links: HashMap<Principal, UserId>,
    /// Who bore a name, where several did one after the other (rules A9), by first call.
    pub holders: HashMap<Principal, Vec<Holder>>,
    /// Keys that belong to a tool.
    pub keys: HashMap<KeyId, KeyOwner>,
    /// Of each user the Bedrock API keys that were not revoked.
    pub bearer_keys: HashMap<UserId, Vec<BearerKey>>,
    /// The directory of Identity Center, as it was read last.
    pub directory: Arc<PeopleBook>,
}

/// A Bedrock API key, as far as it tells the tool of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerKey {
    /// The IAM user that holds it, where that is known.
    pub iam_user: Option<String>,
    /// What it is for.
    pub tool: ToolId,
    /// From when on it may have been used, where that is known.
    pub from: Option<Timestamp>,
    /// Since when it may not, where it ends by itself.
    pub until: Option<Timestamp>,
}

/// The stored part of a rulebook.
#[derive(Clone, Debug, Default)]
pub struct StoredRules {
    /// Raised by every change.
    pub version: u64,
    /// IANA name of the business zone, stored when the database is created.
    pub zone: String,
    /// The home account, once it is known (rules A6).
    pub home_account: Option<AccountId>,
    /// Whether denials are written to AWS.
    pub mode: ModeInForce,
    /// All quotas.
    pub quotas: Vec<Quota>,
    /// Prices set by administrators or imported.
    pub prices: Vec<PriceRow>,
    /// What administrators said about users.
    pub people: Vec<(UserId, Person)>,
    /// Links made by hand.
    pub links: Vec<(Principal, UserId)>,
    /// Who bore a name, where several did.
    pub holders: Vec<(Principal, Holder)>,
    /// Keys that belong to a tool.
    pub keys: Vec<(KeyId, KeyOwner)>,
    /// People of the directory, by id.
    pub directory: Vec<DirectoryPerson>,
}

/// Settings from the configuration file that decisions depend on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How callers become users.
    pub attribution: AttributionSettings,
    /// How long provisional counts do not block (rules C6).
    pub settle_after: SignedDuration,
    /// What a model without a price costs.
    pub unknown_price: UnknownPrice,
    /// How blocks are made real.
    pub enforcement: EnforcementSettings,
}

/// `pricing.unknown`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownPrice {
    /// The cost is not known and shown as such.
    #[default]
    Flag,
    /// The dearest price of that provider, marked.
    Worst,
}

/// `enforcement.*`.
#[derive(Clone, Debug)]
pub struct EnforcementSettings {
    /// What the configuration asks for; `None` if it says nothing. What holds is
    /// [`Rulebook::mode`].
    pub mode: Option<Mode>,
    /// Limits mode `iam` to these teams and users; empty means everybody.
    pub scope_teams: HashSet<TeamId>,
    /// See `scope_teams`.
    pub scope_users: HashSet<UserId>,
    /// Names and ARN patterns (`*` allowed) that are never denied (rules E10).
    pub never: Vec<String>,
    /// How long after a verified Deny a successful call is not yet a leak (rules E13).
    pub grace: SignedDuration,
    /// How many users may newly be blocked within ten minutes; `None`: the larger of 5 and 5 % of
    /// the users active in seven days (rules Q10).
    pub max_new_blocks: Option<u32>,
    /// How people of Identity Center are denied (rules E5).
    pub identity_center: IdentityCenter,
}

/// `enforcement.identity_center`: their roles cannot be edited in IAM, so what denies them is a policy
/// that an administrator has put where it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IdentityCenter {
    /// Nothing does: they show as `cannot`.
    #[default]
    None,
    /// A managed policy of this name in each account, which permission sets refer to.
    PermissionSetPolicy(String),
    /// A service control policy.
    Scp(Scp),
}

/// A service control policy by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scp {
    /// The management account, which the policy does not bind.
    pub management: AccountId,
    /// `p-…`.
    pub policy: String,
}

impl std::str::FromStr for Scp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let resource = |resource: &str| match *resource.split('/').collect::<Vec<_>>().as_slice() {
            ["policy", organisation, "service_control_policy", policy]
                if organisation.starts_with("o-") && policy.starts_with("p-") =>
            {
                Some(policy.to_owned())
            }
            _ => None,
        };
        match *parts.as_slice() {
            ["arn", _, "organizations", "", account, path] if is_account(account) => resource(path)
                .map(|policy| Self {
                    management: AccountId::new(account),
                    policy,
                }),
            _ => None,
        }
        .ok_or_else(|| {
            format!(
                "`{text}` is not the ARN of a service control policy of yours: \
                 arn:aws:organizations::111122223333:policy/o-…/service_control_policy/p-…"
            )
        })
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `enforcement.mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Decide and record, write nothing to AWS: how Weir starts.
    #[default]
    DryRun,
    /// Write the denials.
    Iam,
    /// Count only.
    Off,
}

/// The mode that holds for every process on a database (rules E8, Q9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModeInForce {
    /// Which.
    pub mode: Mode,
    /// `iam` was left and the Denies of that time stay, each until its user is unblocked. None is
    /// added.
    pub keeps: bool,
    /// An administrator put it in force by command. Else a configuration did, or nobody yet.
    pub commanded: bool,
}

/// What an administrator said about a user; what is `None` was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The team, whatever the tags say.
    pub team: Option<TeamId>,
    /// The person's name.
    pub person: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// `es` or `en`.
    pub language: Option<String>,
    /// The class.
    pub class: Option<UserClass>,
}

/// What kind of subject a user is (rules A10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserClass {
    /// A person: inherited quotas block.
    Human,
    /// A role or an IAM user without a sign of a person.
    Workload,
    /// An AWS service.
    Service,
    /// Not resolved.
    Unknown,
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The user.
    pub user: UserId,
    /// The one tool it was made for.
    pub tool: ToolId,
    /// A Bedrock API key rather than an access key.
    pub bedrock: bool,
    /// Weir made it, so Weir may deactivate it (rules E6).
    pub made_by_weir: bool,
    /// The IAM user that holds it, where that is known. A user's second tool has an IAM user of its
    /// own, so that calls with Bedrock API keys can be told apart.
    pub iam_user: Option<String>,
    /// As far as commands have brought it.
    pub state: KeyState,
    /// When it was made, where that is known.
    pub created_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyState {
    /// It may be used.
    #[default]
    Active,
    /// An administrator has disabled it.
    Inactive,
    /// It is deleted. Calls of the past still show their tool by it.
    Revoked,
}

impl KeyOwner {
    /// A key of which nothing more is known.
    pub fn new(user: UserId, tool: ToolId, bedrock: bool, made_by_weir: bool) -> Self {
        Self {
            user,
            tool,
            bedrock,
            made_by_weir,
            iam_user: None,
            state: KeyState::Active,
            created_at: None,
            expires_at: None,
        }
    }
}

impl KeyState {
    /// The word stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Revoked => "revoked",
        }
    }
}

impl std::str::FromStr for KeyState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Active, Self::Inactive, Self::Revoked]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a state of a key"))
    }
}

impl Rulebook {
    /// Puts settings and stored rules together.
    pub fn new(
        settings: Arc<Settings>,
        zone: Zone,
        prices: Arc<PriceBook>,
        stored: StoredRules,
    ) -> Self {
        let StoredRules {
            version,
            zone: _,
            home_account,
            mode,
            quotas,
            prices: _,
            people,
            links,
            holders,
            keys,
            directory,
        } = stored;
        let settings = match home_account {
            Some(account) if settings.attribution.home_account.is_none() => {
                let mut with_home = (*settings).clone();
                with_home.attribution.home_account = Some(account);
                Arc::new(with_home)
            }
            _ => settings,
        };
        Self {
            version,
            zone,
            settings,
            mode,
            quotas: QuotaBook::new(quotas),
            prices,
            people: people.into_iter().collect(),
            links: links
                .into_iter()
                .map(|(principal, user)| (principal.folded().into_owned(), user))
                .collect(),
            holders: by_name(holders),
            bearer_keys: bearer_keys(&keys),
            keys: keys.into_iter().collect(),
            directory: Arc::new(PeopleBook::new(directory)),
        }
    }
}

fn by_name(holders: Vec<(Principal, Holder)>) -> HashMap<Principal, Vec<Holder>> {
    let mut names: HashMap<Principal, Vec<Holder>> = HashMap::new();
    for (principal, holder) in holders {
        names.entry(principal).or_default().push(holder);
    }
    for holders in names.values_mut() {
        holders.sort_by(|a, b| (a.since, &a.stable_id).cmp(&(b.since, &b.stable_id)));
    }
    names
}

fn bearer_keys(keys: &[(KeyId, KeyOwner)]) -> HashMap<UserId, Vec<BearerKey>> {
    let mut of: HashMap<UserId, Vec<BearerKey>> = HashMap::new();
    for (_, owner) in keys {
        if owner.bedrock && owner.state != KeyState::Revoked {
            let key = BearerKey {
                iam_user: owner.iam_user.clone(),
                tool: owner.tool.clone(),
                from: owner.created_at,
                until: owner.expires_at,
            };
            of.entry(owner.user.clone()).or_default().push(key);
        }
    }
    of
}

impl Rulebook {
    /// Those who bore a name one after the other, by their first call; none if one alone did.
    pub fn holders_of(&self, principal: &Principal) -> &[Holder] {
        let holders = self.holders.get(&principal.folded());
        holders.map(Vec::as_slice).unwrap_or_default()
    }

    /// The tool of a call with a Bedrock API key, where all keys that may have been used at that time
    /// belong to one (rules A11): those that the calling IAM user holds, and those of which nobody
    /// knows the holder.
    pub fn bearer_tool(
        &self,
        user: &UserId,
        iam_user: Option<&str>,
        at: Timestamp,
    ) -> Option<&ToolId> {
        let is_held = |key: &BearerKey| match (key.iam_user.as_deref(), iam_user) {
            (Some(holder), Some(caller)) => holder == caller,
            _ => true,
        };
        let has_begun = |key: &BearerKey| key.from.is_none_or(|from| from <= at);
        let has_ended = |key: &BearerKey| key.until.is_some_and(|until| until <= at);
        let keys = self.bearer_keys.get(user)?.iter();
        let mut may_be_used = keys.filter(|key| is_held(key) && has_begun(key) && !has_ended(key));
        let first = &may_be_used.next()?.tool;
        may_be_used.all(|key| key.tool == *first).then_some(first)
    }
}

impl Mode {
    /// The word used in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DryRun => "dry-run",
            Self::Iam => "iam",
            Self::Off => "off",
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::DryRun, Self::Iam, Self::Off]
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a mode: iam, dry-run or off"))
    }
}

impl EnforcementSettings {
    /// Whether mode `iam` is for this user (rules E8).
    pub fn covers(&self, user: &UserId, team: &TeamId) -> bool {
        let everybody = self.scope_teams.is_empty() && self.scope_users.is_empty();
        everybody || self.scope_users.contains(user) || self.scope_teams.contains(team)
    }
}

impl UserClass {
    /// The word stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Workload => "workload",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

impl std::str::FromStr for UserClass {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "human" => Ok(Self::Human),
            "workload" => Ok(Self::Workload),
            "service" => Ok(Self::Service),
            "unknown" => Ok(Self::Unknown),
            _ => Err(format!(
                "`{text}` is not a class: human, workload, service or unknown"
            )),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            attribution: AttributionSettings::default(),
            settle_after: SignedDuration::from_mins(15),
            unknown_price: UnknownPrice::default(),
            enforcement: EnforcementSettings::default(),
        }
    }
}

impl Default for EnforcementSettings {
    fn default() -> Self {
        Self {
            mode: None,
            scope_teams: HashSet::new(),
            scope_users: HashSet::new(),
            never: Vec::new(),
            grace: SignedDuration::from_mins(5),
            max_new_blocks: None,
            identity_center: IdentityCenter::None,
        }
    }
}
