//! `weir policy list`

use jiff::Timestamp;
use serde::Serialize;
use weir_core::calendar::Zone;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::PolicyListArgs;
use crate::exit::ExitStatus;
use crate::table::{Table, or_dash};
use crate::views::instant;

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    arn: String,
    version: String,
    attachments: u32,
    #[serde(serialize_with = "instant")]
    changed: Option<Timestamp>,
}

pub(crate) async fn run(app: &App, args: &PolicyListArgs) -> Outcome {
    let hands = hands::Hands::of(app).await?;
    let found = hands.looking(app).await?.policies(args.all).await?;
    let zone = &hands.engine().rules().await?.zone;
    let rows: Vec<_> = found
        .into_iter()
        .map(|line| Row {
            changed: line.updated,
            name: line.name,
            arn: line.arn,
            version: line.version,
            attachments: line.attachments,
        })
        .collect();
    app.printer.rows(
        &rows,
        "no policies: `weir policy create NAME FILE` makes one",
        |rows| table(rows, zone),
    )?;
    Ok(ExitStatus::Ok)
}

fn table(rows: &[Row], zone: &Zone) -> Table {
    let mut table = Table::new(&["name", "version", ">held by", "changed", "arn"]);
    for row in rows {
        table.row([
            row.name.as_str(),
            &row.version,
            &row.attachments.to_string(),
            or_dash(row.changed.map(|at| zone.display(at)).as_deref()),
            &row.arn,
        ]);
    }
    table
}
