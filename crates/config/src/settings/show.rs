//! The settings, one by one, with where each comes from.

use serde::Serialize;
use weir_aws::{DirectoryPlace, UserMechanism};
use weir_core::message::Route;
use weir_core::rulebook::{IdentityCenter, Mode, Scp, UnknownPrice};

use super::{Settings, redacted, short};
use crate::environment::Environment;
use crate::sections::ConfigFile;

/// One setting.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// Its key in the configuration file.
    pub key: String,
    /// What is used; never a secret.
    pub value: String,
    /// A flag, a variable, a line of the file, or `default`.
    pub source: String,
}

/// All settings.
pub(super) fn items(
    settings: &Settings,
    file: &ConfigFile,
    environment: &Environment,
    database_from: &str,
) -> Vec<Item> {
    let mut out = Items {
        file,
        variables: environment.database_keys(),
        found: Vec::new(),
    };
    out.from(
        "database",
        redacted(&settings.database.url),
        database_from.to_owned(),
    );
    entrance(&mut out, settings);
    out.add("zone", settings.zone.name().to_owned());
    let attribution = &settings.rules.attribution;
    let home = attribution.home_account.as_ref();
    out.add(
        "aws.home_account",
        home.map_or("(ask AWS)".to_owned(), ToString::to_string),
    );
    out.add(
        "attribution.session_roles",
        list(&attribution.session_roles),
    );
    out.add(
        "attribution.team_group_pattern",
        attribution.team_group_pattern.to_string(),
    );
    let sets = attribution.permission_set_team_pattern.as_ref();
    out.add(
        "attribution.permission_set_team_pattern",
        sets.map_or("(none)".to_owned(), ToString::to_string),
    );
    let agents: Vec<_> = file
        .config
        .attribution
        .user_agents
        .iter()
        .flatten()
        .collect();
    let own: Vec<_> = agents
        .iter()
        .map(|(part, tool)| format!("{part} = {tool}"))
        .collect();
    out.add(
        "attribution.user_agents",
        format!("{} and the built-in table", list(&own)),
    );
    counting(&mut out, settings);
    enforcement(&mut out, settings);
    let quotas: Vec<_> = file
        .config
        .quotas
        .iter()
        .map(crate::sections::QuotaEntry::line)
        .collect();
    out.add("quotas", list(&quotas));
    server(&mut out, settings);
    notify(&mut out, settings);
    intake(&mut out, settings);
    out.add("lambda.manual", settings.lambda_manual.to_string());
    let objects = settings.lambda_objects.as_ref();
    out.add(
        "lambda.objects_account",
        objects.map_or_else(|| "(that of the queue)".to_owned(), ToString::to_string),
    );
    metrics(&mut out, settings);
    out.add("privacy.people", settings.people.as_str().to_owned());
    retention(&mut out, settings);
    out.found
}

fn retention(out: &mut Items<'_>, settings: &Settings) {
    let kept = settings.retention;
    for (key, term) in [
        ("retention.invocations", kept.invocations),
        ("retention.client_facts", kept.client_facts),
        ("retention.dead_letters", kept.dead_letters),
        ("retention.outbox", kept.outbox),
        ("retention.audit", kept.audit),
    ] {
        out.add(key, short(term));
    }
}

/// What a variable says is shown with the variable's name.
fn entrance(out: &mut Items<'_>, settings: &Settings) {
    let entrance = &settings.database.entrance;
    let none = || "(none)".to_owned();
    let login = if entrance.by_token { "iam" } else { "password" };
    let authorities = entrance.authorities.as_ref();
    for (key, value) in [
        (
            "database_secret",
            entrance.secret.clone().unwrap_or_else(none),
        ),
        ("database_login", login.to_owned()),
        (
            "database_ca",
            authorities.map_or_else(none, |path| path.display().to_string()),
        ),
    ] {
        out.variable_or(key, value);
    }
}

fn counting(out: &mut Items<'_>, settings: &Settings) {
    out.add("usage.settle_after", short(settings.rules.settle_after));
    let unknown = match settings.rules.unknown_price {
        UnknownPrice::Flag => "flag",
        UnknownPrice::Worst => "worst",
    };
    out.add("pricing.unknown", unknown.to_owned());
}

fn enforcement(out: &mut Items<'_>, settings: &Settings) {
    let enforcement = &settings.rules.enforcement;
    let mode = enforcement
        .mode
        .map_or("what is in force in the database", Mode::as_str);
    out.add("enforcement.mode", mode.to_owned());
    let mut teams: Vec<_> = enforcement
        .scope_teams
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut users: Vec<_> = enforcement
        .scope_users
        .iter()
        .map(ToString::to_string)
        .collect();
    teams.sort_unstable();
    users.sort_unstable();
    out.add("enforcement.scope.teams", everybody(&teams, &users));
    out.add("enforcement.scope.users", everybody(&users, &teams));
    out.add("enforcement.never", list(&enforcement.never));
    out.add("enforcement.grace", short(enforcement.grace));
    let most = enforcement.max_new_blocks;
    out.add(
        "enforcement.max_new_blocks",
        most.map_or(
            "the larger of 5 and 5 % of the active users".to_owned(),
            |n| n.to_string(),
        ),
    );
    let way = match settings.aws.iam_user {
        UserMechanism::Attach => "attach",
        UserMechanism::Inline => "inline",
    };
    out.add("enforcement.iam_user", way.to_owned());
    identity_center(out, settings);
    out.add("enforcement.policy_name", settings.aws.policy_name.clone());
    let accounts: Vec<_> = settings
        .aws
        .accounts
        .iter()
        .map(|(id, account)| format!("{id} as {}", account.role_arn))
        .collect();
    out.add("enforcement.accounts", list(&accounts));
}

fn identity_center(out: &mut Items<'_>, settings: &Settings) {
    let (way, scp) = match &settings.aws.identity_center {
        IdentityCenter::None => ("none", None),
        IdentityCenter::PermissionSetPolicy(_) => ("permission-set-policy", None),
        IdentityCenter::Scp(scp) => ("scp", Some(scp)),
    };
    out.add("enforcement.identity_center", way.to_owned());
    let scp = scp.map(|Scp { management, policy }| format!("{policy} of {management}"));
    let none = || "(none)".to_owned();
    out.add("enforcement.identity_center_scp", scp.unwrap_or_else(none));
    let policies = settings.aws.people_policies.to_string();
    out.add("enforcement.identity_center_policies", policies);
    let DirectoryPlace {
        region,
        account,
        identity_store,
    } = settings.aws.directory.clone();
    let environment = || "(the environment's)".to_owned();
    out.add("directory.region", region.unwrap_or_else(environment));
    let account = account.map(|account| account.to_string());
    let home = || "(the home account)".to_owned();
    out.add("directory.account", account.unwrap_or_else(home));
    let only = || "(the only one there is)".to_owned();
    out.add(
        "directory.identity_store",
        identity_store.unwrap_or_else(only),
    );
}

fn intake(out: &mut Items<'_>, settings: &Settings) {
    out.add("intake.metadata_keys", list(&settings.metadata_keys));
    let queues: Vec<_> = settings.queues.iter().map(ToString::to_string).collect();
    out.add("intake.queues", list(&queues));
    let groups = settings.log_groups.iter();
    let groups: Vec<_> = groups.map(ToString::to_string).collect();
    out.add("intake.log_groups", list(&groups));
}

fn metrics(out: &mut Items<'_>, settings: &Settings) {
    let metrics = &settings.metrics;
    out.add(
        "metrics.cloudwatch",
        metrics.of_server().as_str().to_owned(),
    );
    let file = metrics.emf_file.as_ref();
    out.add(
        "metrics.emf_file",
        file.map_or("(standard output)".to_owned(), |path| {
            path.display().to_string()
        }),
    );
    out.add("metrics.most", metrics.most().to_string());
    out.add("metrics.regions", list(&metrics.regions));
}

fn server(out: &mut Items<'_>, settings: &Settings) {
    let server = &settings.server;
    out.add("server.listen", server.listen.to_string());
    let file = server.token_file.as_ref();
    out.add(
        "server.token_file",
        file.map_or("(none)".to_owned(), |path| path.display().to_string()),
    );
    out.add("server.behind_proxy", server.behind_proxy.to_string());
    let tls = server.tls.as_ref();
    for (name, file) in [
        (
            "server.tls.certificate_file",
            tls.map(|tls| &tls.certificate_file),
        ),
        ("server.tls.key_file", tls.map(|tls| &tls.key_file)),
    ] {
        let file = file.map_or("(none)".to_owned(), |path| path.display().to_string());
        out.add(name, file);
    }
    if let Some(oidc) = &server.oidc {
        for (name, value) in [
            ("issuer", oidc.issuer.clone()),
            ("client_id", oidc.client_id.clone()),
            ("redirect_url", oidc.redirect_url.clone()),
            ("scopes", list(&oidc.scopes)),
            ("groups_claim", oidc.groups_claim.clone()),
        ] {
            out.add(&format!("server.oidc.{name}"), value);
        }
    }
    if server.token.is_some() {
        out.from(
            "server token",
            "(set, not shown)".to_owned(),
            "WEIR_SERVER_TOKEN".to_owned(),
        );
    }
}

fn notify(out: &mut Items<'_>, settings: &Settings) {
    let notify = &settings.notify;
    let none = || "(none)".to_owned();
    out.add("notify.language", notify.language.to_string());
    let contact = notify.contact.clone();
    out.add("notify.contact", contact.unwrap_or_else(none));
    let from = notify.channels.from.as_ref();
    out.add("notify.from", from.map_or_else(none, ToString::to_string));
    out.add("notify.admins", list(&notify.admins));
    if let Some(smtp) = &notify.channels.smtp {
        let login = smtp.login.as_ref().map(|(user, _)| format!("{user}:…@"));
        let server = format!("{}{}:{}", login.unwrap_or_default(), smtp.host, smtp.port);
        out.add("notify.smtp", server);
    }
    let names: Vec<_> = notify
        .channels
        .names()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    out.add("notify channels", list(&names));
    let routes: Vec<_> = notify.routes.iter().map(route).collect();
    out.add("notify.routes", list(&routes));
}

/// `admins: leak, held from warning → smtp + sns`
fn route(route: &Route) -> String {
    let events: Vec<_> = route.events.iter().map(ToString::to_string).collect();
    let events = if events.is_empty() {
        "everything".to_owned()
    } else {
        events.join(" ")
    };
    format!(
        "{}: {events} from {} → {}",
        route.audience.as_str(),
        route.at_least.as_str(),
        route.channels.join(" + ")
    )
}

struct Items<'a> {
    file: &'a ConfigFile,
    /// Keys that a variable of their own sets.
    variables: Vec<&'static str>,
    found: Vec<Item>,
}

impl Items<'_> {
    /// A setting that the file or nobody sets.
    fn add(&mut self, key: &str, value: String) {
        let source = self.file.place(key).unwrap_or_else(|| "default".to_owned());
        self.from(key, value, source);
    }

    /// A setting that a variable of its own may set.
    fn variable_or(&mut self, key: &str, value: String) {
        if self.variables.contains(&key) {
            let variable = format!("WEIR_{}", key.to_uppercase());
            self.from(key, value, variable);
        } else {
            self.add(key, value);
        }
    }

    fn from(&mut self, key: &str, value: String, source: String) {
        self.found.push(Item {
            key: key.to_owned(),
            value,
            source,
        });
    }
}

fn list(words: &[String]) -> String {
    if words.is_empty() {
        "(none)".to_owned()
    } else {
        words.join(", ")
    }
}

fn everybody(words: &[String], others: &[String]) -> String {
    if words.is_empty() && others.is_empty() {
        "(everybody)".to_owned()
    } else {
        list(words)
    }
}
