//! `weir import legacy --mysql URL`

use std::collections::BTreeSet;

use jiff::civil::Time;
use serde::Serialize;
use weir_config::Needs;
use weir_core::calendar::Zone;
use weir_core::ids::{AccountId, UserId};
use weir_core::replaced::Terms;
use weir_engine::{BadRow, Engine, ImportPlan, ImportedCalls, OldDenyDone};
use weir_store::ReplacedDatabase;

use super::super::{Outcome, confirm};
use super::denies::{self, Denies, DeniesView};
use crate::app::App;
use crate::args::ImportLegacyArgs;
use crate::exit::{CliError, ExitStatus};
use crate::table::Table;

/// What `--json` prints.
#[derive(Serialize)]
struct View<'a> {
    #[serde(flatten)]
    plan: &'a ImportPlan,
    #[serde(flatten)]
    denies: DeniesView<'a>,
    /// `null` with `--dry-run`.
    done: Option<&'a Done>,
}

/// What was taken over.
#[derive(Default, Serialize)]
struct Done {
    calls: ImportedCalls,
    operations: u64,
    quotas: usize,
    blocked: BTreeSet<UserId>,
    /// What became of the old Denies; `null` if none was to go.
    removed_denies: Option<Vec<OldDenyDone>>,
    bad: Vec<BadRow>,
}

pub(crate) async fn run(app: &App, args: &ImportLegacyArgs) -> Outcome {
    let engine = app.engine(Needs::Decides).await?;
    let terms = terms(&engine, args).await?;
    let by = app.author(&args.by);
    let old = ReplacedDatabase::open(&args.mysql).await;
    let old = old.map_err(|error| CliError::Failed(format!("the old database: {error}")))?;
    let plan = engine.plan_import(&old, &terms, (&by, args.anew)).await?;
    let denies = Denies::of(app, &engine, (&plan, args)).await?;
    let print = |done: Option<&Done>| {
        if !app.printer.is_json() {
            return Ok(());
        }
        app.printer.json(&View {
            plan: &plan,
            denies: denies.view(),
            done,
        })
    };
    if !app.printer.is_json() {
        show(app, &plan, &denies)?;
    }
    if args.dry_run || (plan.is_done() && !denies.are_to_go()) {
        print(None)?;
        app.printer.note(if args.dry_run {
            "nothing was changed"
        } else {
            "there is nothing left to take over"
        });
        return Ok(ending(&plan.bad));
    }
    confirm::yes(app, "Take this over?", true)?;
    let calls = engine
        .import_calls(&old, (&terms, args.anew), &|done| {
            app.printer
                .note(&format!("{} of {} calls", done.read, plan.calls));
        })
        .await?;
    let operations = engine.import_operations(&old, &terms, &by).await?;
    // Whom the limits would block is known only now that the calls count.
    if let Err(error) = confirm::preview(app, &engine.preview_import(&plan).await?) {
        return unfinished(app, (&plan, &denies), (calls, operations), error);
    }
    let quotas = engine.import_quotas(&plan, &by).await?;
    let (blocked, not_blocked) = engine.import_blocks(&plan, &by).await?;
    let bad = [plan.bad.clone(), calls.bad.clone(), not_blocked].concat();
    let mut done = Done {
        calls,
        operations,
        quotas,
        blocked,
        removed_denies: None,
        bad,
    };
    // Last, so that nobody is let through between.
    let removed = denies.remove(&engine, &by).await;
    let failed = match removed {
        Ok(removed) => {
            done.removed_denies = removed;
            None
        }
        Err(error) => Some(error),
    };
    print(Some(&done))?;
    let all_gone = report(app, &done);
    match failed {
        Some(error) => Err(error),
        None if !all_gone => Ok(ExitStatus::Failed),
        None => Ok(ending(&done.bad)),
    }
}

/// Calls and operations are taken over, limits and blocks are not.
fn unfinished(
    app: &App,
    (plan, denies): (&ImportPlan, &Denies),
    (calls, operations): (ImportedCalls, u64),
    error: CliError,
) -> Outcome {
    let done = Done {
        bad: [plan.bad.clone(), calls.bad.clone()].concat(),
        calls,
        operations,
        ..Done::default()
    };
    if app.printer.is_json() {
        app.printer.json(&View {
            plan,
            denies: denies.view(),
            done: Some(&done),
        })?;
    }
    report(app, &done);
    match error {
        CliError::Unconfirmed(_) => Err(CliError::Unconfirmed(
            "calls and operations are taken over, limits and blocks are not: run the same again, with --yes where \
             there is nobody to ask"
                .to_owned(),
        )),
        other => Err(other),
    }
}

async fn terms(engine: &Engine, args: &ImportLegacyArgs) -> Result<Terms, CliError> {
    let rules = engine.rules().await?;
    let account = match &args.account {
        Some(account) => Some(AccountId::new(account.trim())),
        None => rules.settings.attribution.home_account.clone(),
    };
    let account = account.filter(|account| {
        let id = account.as_str();
        id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
    });
    let account = account.ok_or_else(|| {
        CliError::Usage(
            "the old tables do not say whose calls they hold: name the account, --account 111122223333"
                .to_owned(),
        )
    })?;
    let zone = |name: &String| {
        Zone::named(name).map_err(|error| CliError::Usage(format!("--written-in: {error}")))
    };
    Ok(Terms {
        account,
        home: rules.settings.attribution.home_account.clone(),
        written_in: args.written_in.as_ref().map(zone).transpose()?,
        unnumbered_until: args
            .unnumbered_until
            .map(|date| rules.zone.first_instant(date.to_datetime(Time::midnight()))),
    })
}

fn show(app: &App, plan: &ImportPlan, denies: &Denies) -> Result<(), CliError> {
    let note = |text: &str| app.printer.note(text);
    note(&format!(
        "{} is read and not written; its calls count for the account {}",
        plan.database, plan.account
    ));
    if let Some(cost) = &plan.cost {
        note(&format!(
            "it thought that all its calls cost ${cost}; Weir prices each by its own table, without the cache that the \
             old tables do not tell"
        ));
    }
    let mut table = Table::new(&["what", ">rows", "what becomes of them"]);
    let mut row =
        |what: &str, rows: u64, becomes: &str| table.row([what, &rows.to_string(), becomes]);
    row(
        "calls",
        plan.calls,
        "invocations, if they are young enough and Weir has none of that id",
    );
    row(
        "limits",
        plan.quotas.len() as u64,
        "quotas that block; what Weir has stays",
    );
    row("blocks", plan.blocks.len() as u64, "blocks with their end");
    row(
        "operations",
        plan.operations,
        "entries of the record, as what the old system told",
    );
    row("bad rows", plan.bad.len() as u64, "stay behind");
    app.printer.data(&table.to_string())?;
    for BadRow { table, key, why } in &plan.bad {
        app.printer.warn(&format!("{table} {key}: {why}"));
    }
    for block in &plan.blocks {
        let until = block.until.as_ref().map_or_else(
            || "without end".to_owned(),
            |until| format!("until {until}"),
        );
        note(&format!(
            "{} is blocked there {until} ({}) and may be denied by the statement {} of the inline policy {}: \
             --remove-old-denies takes it out once Weir's own Deny is read back",
            block.user, block.reason, block.old_statement, block.old_policy
        ));
    }
    denies.tell(app);
    Ok(())
}

/// Says what was done; whether the old Denies that were to go are gone.
fn report(app: &App, done: &Done) -> bool {
    let Done {
        calls,
        operations,
        quotas,
        blocked,
        removed_denies,
        bad,
    } = done;
    let ImportedCalls {
        read,
        counted,
        known,
        too_old,
        unnumbered,
        bad: _,
    } = calls;
    app.printer.note(&format!(
        "{read} calls read: {counted} count now, {known} were known, {too_old} are older than invocations are kept"
    ));
    if *unnumbered > 0 {
        app.printer.warn(&format!(
            "{unnumbered} calls have no request id and may have been counted: --unnumbered-until DATE takes those from \
             before the day since when Weir counts, with --anew"
        ));
    }
    app.printer.note(&format!(
        "{operations} operations are in the record, {quotas} quotas set, blocked: {}",
        confirm::list(blocked).unwrap_or_else(|| "nobody".to_owned())
    ));
    for BadRow { table, key, why } in bad {
        app.printer.warn(&format!("{table} {key}: {why}"));
    }
    removed_denies
        .as_ref()
        .is_none_or(|removed| denies::report(app, removed))
}

fn ending(bad: &[BadRow]) -> ExitStatus {
    if bad.is_empty() {
        ExitStatus::Ok
    } else {
        ExitStatus::DeadLetters
    }
}
