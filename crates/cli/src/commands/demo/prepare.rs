//! The demo's database before the first call: its people, its quotas, its engine.

use std::sync::Arc;

use jiff::Timestamp;
use regex_lite::Regex;
use weir_core::attribution::AttributionSettings;
use weir_core::audit::Entry;
use weir_core::calendar::{WindowKind, Zone};
use weir_core::ids::{AccountId, ModelId, TeamId, UserId};
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{Person, Settings};
use weir_engine::clock::Clock;
use weir_engine::{Actor, Engine, Options, Parts};
use weir_store::{RuleChange, Store};

use crate::demo::organisation::{ACCOUNT, CALLERS, Door, PERMISSION_SET_PATTERN};
use crate::demo::{DemoClock, DemoDirectory};
use crate::exit::CliError;

/// Who sets the demo's quotas.
pub(super) const AUTHOR: &str = "weir demo";
/// How a demo's database is known.
pub(super) const MARK: &str = "the names of a made-up organisation, for weir demo";

const DOLLAR: i64 = 1_000_000_000;

/// A new database with people and quotas, and an engine over it.
pub(super) async fn engine(
    url: &str,
    zone: &Zone,
    clock: Arc<DemoClock>,
) -> Result<Arc<Engine>, CliError> {
    let store = weir_config::open(url).await?;
    store.migrate().await?;
    if store.rules().await?.zone.is_empty() {
        store.set_zone(zone.name()).await?;
    }
    people(&*store, clock.now()).await?;
    let engine = Arc::new(Engine::new(Parts {
        store,
        settings: Arc::new(settings()?),
        clock,
        access: None,
        directory: Some(Arc::new(DemoDirectory)),
        post: None,
        options: Options {
            origin: "demo".to_owned(),
            actor: AUTHOR.to_owned(),
            ..Options::default()
        },
    }));
    let by = Actor {
        name: AUTHOR.to_owned(),
        claimed: None,
    };
    let changes = quotas().into_iter().map(RuleChange::SetQuota).collect();
    engine.change_quotas(changes, "sample quotas", &by).await?;
    Ok(engine)
}

/// Dry-run, and teams by permission set.
fn settings() -> Result<Settings, CliError> {
    let pattern = Regex::new(PERMISSION_SET_PATTERN)
        .map_err(|error| CliError::Failed(format!("the demo's own pattern: {error}")))?;
    Ok(Settings {
        attribution: AttributionSettings {
            home_account: Some(AccountId::new(ACCOUNT)),
            permission_set_team_pattern: Some(pattern),
            ..AttributionSettings::default()
        },
        ..Settings::default()
    })
}

/// Names of those whom no tag of IAM describes: people of Identity Center.
async fn people(store: &dyn Store, at: Timestamp) -> Result<(), CliError> {
    let mut changes = vec![RuleChange::SetHomeAccount(AccountId::new(ACCOUNT))];
    let unnamed = CALLERS
        .iter()
        .filter(|caller| caller.door == Door::IdentityCenter);
    changes.extend(unnamed.map(|caller| {
        let person = Person {
            person: Some(caller.person.to_owned()),
            ..Person::default()
        };
        RuleChange::SetPerson(UserId::new(caller.user_id()), person)
    }));
    let entry = Entry {
        operation: "user-import".to_owned(),
        subject: "demo".to_owned(),
        reason: MARK.to_owned(),
        actor: AUTHOR.to_owned(),
        at,
        origin: "demo".to_owned(),
        ..Entry::default()
    };
    store.change_rules(changes, vec![entry]).await?;
    Ok(())
}

fn quotas() -> Vec<Quota> {
    use Action::{Block, Notify};
    use Metric::{Cost, Requests};
    use WindowKind::{Day, Month};
    let quota = |scope, metric, window, limit, action| Quota {
        scope,
        metric,
        window,
        limit: Limit::Of(limit),
        action,
        warn: DEFAULT_WARN.to_vec(),
        author: AUTHOR.to_owned(),
        additions: Vec::new(),
    };
    let team = |name| Scope::Team(TeamId::new(name));
    vec![
        quota(Scope::Defaults, Requests, Day, 350, Block),
        quota(Scope::Defaults, Requests, Month, 5_000, Block),
        quota(team("data"), Requests, Month, 25_000, Block),
        quota(team("platform"), Cost, Month, 30 * DOLLAR, Notify),
        quota(
            Scope::User(UserId::new("david.ortega@example.com")),
            Cost,
            Month,
            7 * DOLLAR / 2,
            Block,
        ),
        quota(
            Scope::Model(ModelId::new("anthropic.claude-opus-5-5")),
            Requests,
            Day,
            120,
            Block,
        ),
        quota(Scope::Organisation, Cost, Month, 1_000 * DOLLAR, Notify),
    ]
}
