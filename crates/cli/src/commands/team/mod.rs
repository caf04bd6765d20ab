//! `weir team`.

use weir_aws::is_address;
use weir_core::attribution::team_name;
use weir_core::money::Usd;

use super::Outcome;
use super::report::usage::dollars;
use crate::app::App;
use crate::args::TeamSetArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::{Table, or_dash};
use weir_config::Needs;

pub(crate) async fn set(app: &App, args: &TeamSetArgs) -> Outcome {
    if let Some(bad) = args.owner.as_ref().filter(|address| !is_address(address)) {
        return Err(CliError::Usage(format!(
            "--owner: `{bad}` is not an e-mail address"
        )));
    }
    let team = team_name(&args.team);
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    backend.set_owner(&team, args.owner.clone(), &by).await?;
    app.printer.note(&match &args.owner {
        Some(owner) => format!("{owner} gets the messages about team {team}"),
        None => format!("nobody gets the messages about team {team}, except administrators"),
    });
    Ok(ExitStatus::Ok)
}

pub(crate) async fn list(app: &App) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let rows = backend.teams().await?;
    let nothing = "no teams yet: they appear with their first member or owner";
    app.printer.rows(&rows, nothing, |rows| {
        let mut table = Table::new(&["team", "owner", ">members", ">blocked", ">cost this month"]);
        for row in rows {
            table.row([
                &row.team,
                or_dash(row.owner.as_deref()),
                &row.members.to_string(),
                &row.blocked.to_string(),
                &dollars(Usd::from_nanos(row.month.cost_nanos)),
            ]);
        }
        table
    })?;
    Ok(ExitStatus::Ok)
}
