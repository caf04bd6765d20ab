//! `weir team`.

use serde::Serialize;
use weir_aws::is_address;
use weir_core::attribution::team_name;
use weir_store::TeamOwner;

use super::Outcome;
use crate::app::App;
use crate::args::TeamSetArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;
use weir_config::Needs;

/// A team and who owns it.
#[derive(Serialize)]
struct TeamView {
    team: String,
    owner: String,
}

pub(crate) async fn set(app: &App, args: &TeamSetArgs) -> Outcome {
    if let Some(bad) = args.owner.as_ref().filter(|address| !is_address(address)) {
        return Err(CliError::Usage(format!(
            "--owner: `{bad}` is not an e-mail address"
        )));
    }
    let team = team_name(&args.team);
    let engine = app.engine(Needs::Decides).await?;
    engine
        .set_team_owner(&team, args.owner.clone(), &app.author(&args.by))
        .await?;
    app.printer.note(&match &args.owner {
        Some(owner) => format!("{owner} gets the messages about team {team}"),
        None => format!("nobody gets the messages about team {team}, except administrators"),
    });
    Ok(ExitStatus::Ok)
}

pub(crate) async fn list(app: &App) -> Outcome {
    let owners = app.store().await?.team_owners(None).await?;
    let view = |TeamOwner { team, email, .. }: TeamOwner| TeamView {
        team: team.to_string(),
        owner: email,
    };
    let rows: Vec<_> = owners.into_iter().map(view).collect();
    app.printer.rows(&rows, "no team has an owner", |rows| {
        let mut table = Table::new(&["team", "owner"]);
        for row in rows {
            table.row([&row.team, &row.owner]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
