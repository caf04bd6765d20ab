//! `weir blocks`

use weir_config::Needs;
use weir_core::calendar::Zone;
use weir_server::forms::Block;

use super::super::Outcome;
use super::status::local;
use crate::app::App;
use crate::args::BlocksArgs;
use crate::backend::BlocksAsked;
use crate::exit::ExitStatus;
use crate::table::Table;
use crate::views::BlockView;

pub(crate) async fn run(app: &App, args: BlocksArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let asked = BlocksAsked {
        history: args.history,
        user: args.user,
        held: args.held,
        text: args.text,
        limit: Some(args.limit),
    };
    let rows = backend.blocks(&asked).await?;
    let zone = backend.zone().await?;
    app.printer
        .viewed(&rows, BlockView::from, "nobody is blocked", |rows| {
            table(rows, &zone)
        })?;
    Ok(ExitStatus::Ok)
}

/// Blocks as a table; also what `weir enforce held list` shows.
pub(crate) fn table(rows: &[Block], zone: &Zone) -> Table {
    let mut table = Table::new(&[
        "whom", "kind", "since", "until", "state", "reason", "author",
    ]);
    for row in rows {
        table.row([
            whom(row).as_str(),
            &row.kind,
            &local(&row.since, zone),
            &row.until
                .as_ref()
                .map_or_else(|| "indefinite".to_owned(), |at| local(at, zone)),
            &state(row, zone),
            &row.reason,
            &row.author,
        ]);
    }
    table
}

fn whom(row: &Block) -> String {
    let user = row.user_id.as_deref().unwrap_or_default();
    match (&row.team, &row.tool, &row.model) {
        (Some(team), _, _) => format!("team {team}"),
        (_, Some(tool), _) => format!("{user} with {tool}"),
        (_, _, Some(model)) => format!("{user} on {model}"),
        _ => user.to_owned(),
    }
}

fn state(row: &Block, zone: &Zone) -> String {
    match (&row.lifted_at, &row.lifted_why) {
        (Some(at), why) => format!(
            "lifted {} ({})",
            local(at, zone),
            why.as_deref().unwrap_or("-")
        ),
        (None, _) if row.held => "held".to_owned(),
        (None, _) if row.discarded => "discarded".to_owned(),
        (None, _) => "active".to_owned(),
    }
}
