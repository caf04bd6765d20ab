//! `weir usage --by …`

use weir_config::Needs;
use weir_core::attribution::team_name;
use weir_core::ids::{ModelId, ToolId, UserId};
use weir_core::model::ModelRef;
use weir_core::money::Usd;
use weir_core::quota_text::thousands;
use weir_server::forms::{Usage, Used};
use weir_store::UsageFilter;

use super::super::Outcome;
use crate::app::App;
use crate::args::UsageArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;
use crate::views::UsageView;
use weir_server::csv;

const COLUMNS: [&str; 9] = [
    "requests",
    "failed",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "output_tokens",
    "cost_usd",
    "unpriced",
    "unmetered",
];

pub(crate) async fn run(app: &App, args: &UsageArgs) -> Outcome {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        return Err(CliError::Usage(format!(
            "--from {from} is later than --to {to}"
        )));
    }
    let backend = app.backend(Needs::Reads).await?;
    let by = args.by.form();
    let Usage { rows, total, .. } = backend.usage(by, &filter(args)).await?;
    let by = by.as_str();
    let rows = rows.into_iter().map(|row| UsageView { by, row });
    let rows: Vec<_> = rows.collect();
    if args.csv {
        app.printer.data(&as_csv(by, &rows))?;
    } else {
        let nothing =
            "no usage; `weir ingest FILE` reads what AWS recorded, `weir demo` makes some up";
        app.printer
            .rows(&rows, nothing, |rows| as_table(by, rows, &total))?;
    }
    Ok(ExitStatus::Ok)
}

fn filter(args: &UsageArgs) -> UsageFilter {
    UsageFilter {
        from: args.from,
        to: args.to,
        team: args.team.as_deref().map(team_name),
        user: args.user.as_deref().map(UserId::new),
        model: args.model.as_deref().map(model),
        tool: args.tool.as_deref().map(ToolId::new),
    }
}

/// The canonical model of any form; what is not understood is looked for as it is.
fn model(text: &str) -> ModelId {
    ModelRef::parse(text)
        .model
        .unwrap_or_else(|| ModelId::new(text))
}

fn as_csv(by: &str, rows: &[UsageView]) -> String {
    let mut text = csv::line(std::iter::once(by).chain(COLUMNS));
    for UsageView { row, .. } in rows {
        let used = &row.used;
        text.push_str(&csv::line([
            row.key.clone(),
            used.requests.to_string(),
            used.failed.to_string(),
            used.input_tokens.to_string(),
            used.cache_read_tokens.to_string(),
            used.cache_write_tokens.to_string(),
            used.output_tokens.to_string(),
            used.cost_usd.clone(),
            used.unpriced.to_string(),
            used.unmetered.to_string(),
        ]));
    }
    text
}

fn as_table(by: &str, rows: &[UsageView], total: &Used) -> Table {
    let mut table = Table::new(&[
        by,
        ">requests",
        ">failed",
        ">input",
        ">cache read",
        ">cache write",
        ">output",
        ">cost",
        ">unpriced",
        ">unmetered",
    ]);
    for UsageView { row, .. } in rows {
        table.row(cells(&row.key, &row.used));
    }
    if rows.len() > 1 {
        table.row(cells("TOTAL", total));
    }
    table
}

fn cells(name: &str, used: &Used) -> [String; 10] {
    [
        name.to_owned(),
        thousands(used.requests),
        thousands(used.failed),
        thousands(used.input_tokens),
        thousands(used.cache_read_tokens),
        thousands(used.cache_write_tokens),
        thousands(used.output_tokens),
        dollars(Usd::from_nanos(used.cost_nanos)),
        thousands(used.unpriced),
        thousands(used.unmetered),
    ]
}

/// Two decimals, or six where two would hide that there is something.
pub(crate) fn dollars(cost: Usd) -> String {
    let small = cost != Usd::ZERO && cost.nanos().unsigned_abs() < 10_000_000;
    cost.display(if small { 6 } else { 2 })
}
