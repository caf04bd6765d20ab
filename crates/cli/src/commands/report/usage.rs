//! `weir usage --by …`

use weir_config::quota_text::thousands;
use weir_core::attribution::team_name;
use weir_core::counter::Sums;
use weir_core::ids::{ModelId, ToolId, UserId};
use weir_core::model::ModelRef;
use weir_core::money::Usd;
use weir_store::{UsageFilter, UsageRow};

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
    let store = app.store().await?;
    let rows = store.usage(args.by.group(), &filter(args)).await?;
    let by = args.by.as_str();
    // Calls that moved on, because a later record told more about them, leave rows of nothing.
    let rows = rows.into_iter().filter(|row| row.sums != Sums::default());
    let rows: Vec<_> = rows.map(|row| UsageView { by, row }).collect();
    if args.csv {
        app.printer.data(&as_csv(by, &rows))?;
    } else {
        let nothing =
            "no usage; `weir ingest FILE` reads what AWS recorded, `weir demo` makes some up";
        app.printer
            .rows(&rows, nothing, |rows| as_table(by, rows))?;
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
    for row in rows {
        let Sums {
            requests,
            failed,
            input,
            cache_read,
            output,
            unpriced,
            unmetered,
            ..
        } = row.row.sums;
        text.push_str(&csv::line([
            row.row.key.clone(),
            requests.to_string(),
            failed.to_string(),
            input.to_string(),
            cache_read.to_string(),
            row.cache_write().to_string(),
            output.to_string(),
            row.cost().to_decimal(),
            unpriced.to_string(),
            unmetered.to_string(),
        ]));
    }
    text
}

fn as_table(by: &str, rows: &[UsageView]) -> Table {
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
    let mut total = Sums::default();
    for row in rows {
        total += row.row.sums;
        table.row(cells(row, &row.row.key));
    }
    if rows.len() > 1 {
        let sum = UsageView {
            by: "",
            row: UsageRow {
                key: "TOTAL".to_owned(),
                sums: total,
            },
        };
        table.row(cells(&sum, "TOTAL"));
    }
    table
}

fn cells(row: &UsageView, name: &str) -> [String; 10] {
    let Sums {
        requests,
        failed,
        input,
        cache_read,
        output,
        unpriced,
        unmetered,
        ..
    } = row.row.sums;
    [
        name.to_owned(),
        thousands(requests),
        thousands(failed),
        thousands(input),
        thousands(cache_read),
        thousands(row.cache_write()),
        thousands(output),
        dollars(row.cost()),
        thousands(unpriced),
        thousands(unmetered),
    ]
}

/// Two decimals, or six where two would hide that there is something.
pub(crate) fn dollars(cost: Usd) -> String {
    let small = cost != Usd::ZERO && cost.nanos().unsigned_abs() < 10_000_000;
    cost.display(if small { 6 } else { 2 })
}
