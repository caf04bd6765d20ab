//! `weir quota import FILE…`

use std::path::Path;

use serde::Deserialize;
use weir_config::{Needs, QuotaEntry};
use weir_core::quota::Quota;
use weir_server::forms::QuotaSet;

use super::super::Outcome;
use super::replaced;
use crate::app::App;
use crate::args::QuotaImportArgs;
use crate::commands::confirm;
use crate::exit::{CliError, ExitStatus};

/// Our own export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    quotas: Vec<QuotaEntry>,
}

pub(crate) async fn run(app: &App, args: &QuotaImportArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let author = backend.author(&by);
    let mut quotas: Vec<Quota> = Vec::new();
    let mut not_understood = Vec::new();
    for path in &args.files {
        for quota in read(path, &author, &mut not_understood)? {
            let same = |known: &Quota| {
                (&known.scope, known.metric, known.window)
                    == (&quota.scope, quota.metric, quota.window)
            };
            quotas.retain(|known| !same(known));
            quotas.push(quota);
        }
    }
    for key in &not_understood {
        app.printer
            .warn(&format!("not understood and left out: {key}"));
    }
    if quotas.is_empty() {
        return Err(CliError::Failed(
            "there is no quota in what was read".to_owned(),
        ));
    }
    let count = quotas.len();
    if args.dry_run {
        let now = backend.now();
        let shown: Vec<_> = quotas
            .iter()
            .map(|quota| QuotaSet::of(quota, now))
            .collect();
        super::list::print(app, &shown, &backend.zone().await?)?;
    }
    let foreseen = backend.foresee_import(&quotas).await?;
    if args.dry_run {
        app.printer.note(&format!("{count} quotas would be set"));
        confirm::announce(app, &foreseen);
        return Ok(ExitStatus::Ok);
    }
    confirm::preview(app, &foreseen)?;
    super::tell(app, count, backend.import_quotas(&quotas, &by).await?)?;
    app.printer.note(&format!("{count} quotas are set"));
    Ok(ExitStatus::Ok)
}

fn read(path: &Path, author: &str, left_out: &mut Vec<String>) -> Result<Vec<Quota>, CliError> {
    let name = path.display();
    let text =
        std::fs::read_to_string(path).map_err(CliError::io(format!("cannot read {name}")))?;
    if !text.trim_start().starts_with('{') {
        let document: Document =
            toml::from_str(&text).map_err(|error| CliError::Failed(format!("{name}: {error}")))?;
        return Ok(own(document, author));
    }
    let json: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| CliError::Failed(format!("{name}:{}: {error}", error.line())))?;
    if json.get("quotas").is_some_and(serde_json::Value::is_array) {
        let document: Document = serde_json::from_value(json)
            .map_err(|error| CliError::Failed(format!("{name}: {error}")))?;
        return Ok(own(document, author));
    }
    let found = replaced::read(&json, author);
    left_out.extend(found.left_out.iter().map(|key| format!("{name}: {key}")));
    Ok(found.quotas)
}

fn own(document: Document, author: &str) -> Vec<Quota> {
    document
        .quotas
        .into_iter()
        .map(|entry| entry.quota(author))
        .collect()
}
