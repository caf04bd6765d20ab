//! `weir quota show USER|SCOPE`

use weir_config::Needs;
use weir_core::ids::UserId;
use weir_core::quota::{Quota, Scope};
use weir_core::rulebook::Rulebook;

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaShowArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &QuotaShowArgs) -> Outcome {
    let engine = app.engine(Needs::Reads).await?;
    let rules = engine.rules().await?;
    let text = args.scope.as_str();
    // A bare name is a user: user ids may hold `:` nowhere else than after a scope's word.
    let scope = match text.parse::<Scope>() {
        Ok(scope) => scope,
        Err(_) if !text.contains(':') => Scope::User(UserId::new(text)),
        Err(error) => return Err(CliError::Usage(format!("USER|SCOPE: {error}"))),
    };
    let quotas = match &scope {
        Scope::User(user) => {
            let row = engine.known(user).await?;
            let of_user = rules.quotas.of_user(user, &row.team);
            of_user
                .chain(rules.quotas.of_team(&row.team))
                .cloned()
                .collect()
        }
        scope => of_scope(scope, &rules),
    };
    if quotas.is_empty() {
        return Err(CliError::NotFound(format!("no quota is set for {scope}")));
    }
    super::list::print(app, &quotas)?;
    Ok(ExitStatus::Ok)
}

fn of_scope(scope: &Scope, rules: &Rulebook) -> Vec<Quota> {
    let quotas = &rules.quotas;
    let nobody = UserId::new("");
    let of = |team| {
        quotas
            .of_user(&nobody, team)
            .filter(|quota| quota.scope == *scope)
            .cloned()
    };
    match scope {
        Scope::User(_) => Vec::new(),
        Scope::Defaults => of(&weir_core::ids::TeamId::new("")).collect(),
        Scope::TeamDefaults(team) => of(team).collect(),
        Scope::Team(team) => quotas.of_team(team).to_vec(),
        Scope::Tool(tool) => quotas.of_tool(tool).to_vec(),
        Scope::Model(model) => quotas.of_model(model).to_vec(),
        Scope::Organisation => quotas.of_organisation().to_vec(),
    }
}
