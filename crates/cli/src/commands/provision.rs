//! `weir provision`

use std::path::Path;

use serde::Serialize;
use weir_core::provision::{Grant, Plan};
use weir_core::quota::{Action, DEFAULT_WARN, Quota, Scope};
use weir_engine::Engine;
use weir_engine::provision::{Carried, NewUser, Outcome as StepOutcome, Provisioner, Wanted, Wish};

use super::hands::{self, Hands, ReportView, Secrets};
use super::{Outcome, confirm};
use crate::app::App;
use crate::args::ProvisionArgs;
use crate::aws;
use crate::exit::{CliError, ExitStatus};
use crate::people_file::{self, Row};
use crate::table::Table;
use weir_core::quota_text::parse_limit;
use weir_engine::ports::Feature;

const COLUMNS: [&str; 7] = [
    "user", "person", "team", "email", "language", "tools", "quotas",
];

/// One person of a file, for `--json`.
#[derive(Debug, Serialize)]
struct PersonView<'a> {
    user: &'a str,
    #[serde(flatten)]
    report: ReportView<'a>,
}

/// One person of a file.
struct Person {
    name: String,
    plan: Plan,
    done: Carried,
}

pub(crate) async fn run(app: &App, args: ProvisionArgs) -> Outcome {
    if args.print_policy {
        app.printer
            .line(&aws::policy(&app.settings, &[Feature::Provision]).await)?;
        return Ok(ExitStatus::Ok);
    }
    let author = args
        .plan
        .by
        .by
        .clone()
        .unwrap_or_else(|| app.settings.actor.clone());
    let mut people = match (&args.file, &args.user) {
        (Some(file), _) => read(file, &args, &author)?,
        (None, Some(user)) => vec![typed(user, &args, &author)?],
        (None, None) => return Err(CliError::Usage("give USER, or --file".to_owned())),
    };
    let hands = Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let wish = Wish {
        models: args.grant.allow_models.clone(),
        profiles: args.grant.profiles.clone(),
        open: Vec::new(),
    };
    let grant = if wish.is_empty() {
        Grant::default()
    } else {
        operator.grant(&wish, &*hands.aws.directory).await?
    };
    for wanted in &mut people {
        wanted.grant = grant.clone();
    }
    if args.file.is_some() {
        let operator = operator.look_around().await?;
        foresee(app, (hands.engine(), &operator), &people, &args).await?;
        return many(app, &operator, &people, &args).await;
    }
    let plan = operator.plan_everything(&people[0]).await?;
    foresee(app, (hands.engine(), &operator), &people, &args).await?;
    hands::carry_out(app, &operator, &plan, &args.plan, None, Some(&args.secret)).await
}

/// Says whom the quotas would block, and asks, as `weir quota set` does (rules Q9).
async fn foresee(
    app: &App,
    (engine, operator): (&Engine, &Provisioner<'_>),
    people: &[Wanted],
    args: &ProvisionArgs,
) -> Result<(), CliError> {
    let quotas = operator.quotas_to_set(people).await?;
    if quotas.is_empty() {
        return Ok(());
    }
    let foreseen = engine.preview(&quotas).await?;
    if args.plan.dry_run {
        confirm::announce(app, &foreseen);
        return Ok(());
    }
    confirm::preview(app, &foreseen)
}

fn typed(user: &str, args: &ProvisionArgs, author: &str) -> Result<Wanted, CliError> {
    Ok(Wanted {
        user: NewUser {
            name: user.to_owned(),
            person: args.person.clone().unwrap_or_default(),
            team: args.team.clone().unwrap_or_default(),
            email: args.email.clone(),
            language: args.language.clone(),
            login: args.login,
        },
        tools: args.tools.clone(),
        days: args.expires,
        quotas: quotas(&args.quotas, author).map_err(CliError::Usage)?,
        grant: Grant::default(),
    })
}

/// The people of a file; options of the command hold for all of them, unless a cell says otherwise.
fn read(file: &Path, args: &ProvisionArgs, author: &str) -> Result<Vec<Wanted>, CliError> {
    let rows = people_file::read(file, &["user", "person", "team"], &COLUMNS)?;
    let mut people: Vec<Wanted> = Vec::new();
    for row in &rows {
        let wanted = of_row(row, args, author)?;
        let name = &wanted.user.name;
        if people
            .iter()
            .any(|known| known.user.name.eq_ignore_ascii_case(name))
        {
            return Err(CliError::Usage(format!(
                "line {}: {name} comes twice",
                row.line
            )));
        }
        people.push(wanted);
    }
    if people.is_empty() {
        return Err(CliError::Usage(format!(
            "{}: there is nobody in it",
            file.display()
        )));
    }
    Ok(people)
}

fn of_row(row: &Row, args: &ProvisionArgs, author: &str) -> Result<Wanted, CliError> {
    let or = |own: Vec<String>, all: &[String]| if own.is_empty() { all.to_vec() } else { own };
    let wrong = |why: String| CliError::Usage(format!("line {}: {why}", row.line));
    let language = row
        .get("language")
        .map(ToOwned::to_owned)
        .or_else(|| args.language.clone());
    if let Some(other) = language
        .as_deref()
        .filter(|one| !["es", "en"].contains(one))
    {
        return Err(wrong(format!("`{other}` is not a language: es or en")));
    }
    let specs = or(row.words("quotas"), &args.quotas);
    Ok(Wanted {
        user: NewUser {
            name: row.need("user")?.to_owned(),
            person: row.need("person")?.to_owned(),
            team: row.need("team")?.to_owned(),
            email: row.get("email").map(ToOwned::to_owned),
            language,
            login: args.login,
        },
        tools: or(row.words("tools"), &args.tools),
        days: args.expires,
        quotas: quotas(&specs, author).map_err(wrong)?,
        grant: Grant::default(),
    })
}

/// `requests/day=350`; whose they are is filled in later.
fn quotas(specs: &[String], author: &str) -> Result<Vec<Quota>, String> {
    let read = |spec: &String| {
        let wrong =
            || format!("`{spec}` is not a quota: write requests/day=350 or 'cost/month=$50'");
        let (what, limit) = spec.split_once('=').ok_or_else(wrong)?;
        let (metric, window) = what.split_once('/').ok_or_else(wrong)?;
        let metric = metric.parse()?;
        Ok(Quota {
            scope: Scope::Defaults,
            metric,
            window: window.parse()?,
            limit: parse_limit(metric, limit)?,
            action: Action::Block,
            warn: DEFAULT_WARN.to_vec(),
            author: author.to_owned(),
            additions: Vec::new(),
        })
    };
    specs.iter().map(read).collect()
}

/// One after the other; who fails does not stop the others. A secret is written or shown as soon as it is made: whoever
/// stops the command half way loses none. With `--json` the document grows by each person and each secret.
async fn many(
    app: &App,
    operator: &Provisioner<'_>,
    people: &[Wanted],
    args: &ProvisionArgs,
) -> Outcome {
    let mut secrets = Secrets::of(app, (!args.plan.dry_run).then_some(&args.secret))?;
    let hidden = secrets.are_in_a_file();
    let mut document = app.printer.is_json().then(|| app.printer.json_array());
    let mut all = Vec::new();
    for wanted in people {
        let name = wanted.user.name.clone();
        if let Some(document) = &mut document {
            secrets.begin(document.item_after("secrets"));
        }
        let (plan, done) = match operator.plan_everything(wanted).await {
            Ok(plan) if args.plan.dry_run => {
                let done = Carried::foreseen(&plan);
                (plan, done)
            }
            Ok(plan) => {
                let done = operator
                    .carry_out(&plan, |secret| secrets.take(secret))
                    .await;
                (plan, done)
            }
            Err(error) => (Plan::default(), Carried::failed(error)),
        };
        if document.is_some() {
            let report = hands::view(&plan, &done);
            secrets.end(&PersonView {
                user: &name,
                report,
            })?;
        } else {
            app.printer.note(&format!("{name}: {}", summary(&done)));
        }
        all.push(Person { name, plan, done });
        if secrets.have_failed() {
            break;
        }
    }
    let told = match document {
        Some(document) => document.end(),
        None => report(app, &all, hidden),
    };
    secrets.close()?;
    told?;
    let failed = all.iter().any(|one| one.done.stopped.is_some());
    Ok(if failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Ok
    })
}

fn count(done: &Carried, outcome: StepOutcome) -> usize {
    done.lines
        .iter()
        .filter(|line| line.outcome == outcome)
        .count()
}

fn summary(done: &Carried) -> String {
    match &done.stopped {
        Some(error) => format!("failed: {error}"),
        None if count(done, StepOutcome::Would) > 0 => {
            format!("{} steps would be taken", count(done, StepOutcome::Would))
        }
        None if count(done, StepOutcome::Done) == 0 => "all is there".to_owned(),
        None => format!("{} steps done", count(done, StepOutcome::Done)),
    }
}

/// What became of everybody, for people.
fn report(app: &App, all: &[Person], hidden: bool) -> Result<(), CliError> {
    let mut table = Table::new(&["user", "result", ">done", ">exists", ">left", "why"]);
    for Person { name, done, .. } in all {
        let would = count(done, StepOutcome::Would);
        let result = match &done.stopped {
            Some(_) => "failed",
            None if would > 0 => "would change",
            None if count(done, StepOutcome::Done) > 0 => "done",
            None => "all is there",
        };
        let left = count(done, StepOutcome::Left) + count(done, StepOutcome::Failed) + would;
        table.row([
            name.as_str(),
            result,
            &count(done, StepOutcome::Done).to_string(),
            &count(done, StepOutcome::Exists).to_string(),
            &left.to_string(),
            &done
                .stopped
                .as_ref()
                .map_or("-".to_owned(), ToString::to_string),
        ]);
    }
    app.printer.data(&table.to_string())?;
    let mut notes: Vec<&String> = all.iter().flat_map(|one| &one.plan.notes).collect();
    notes.dedup();
    for note in notes {
        app.printer.note(note);
    }
    if !hidden && all.iter().any(|one| !one.done.secrets.is_empty()) {
        app.printer
            .note("the secrets above are shown once: Weir does not keep them");
    }
    let failed = all.iter().any(|one| one.done.stopped.is_some());
    if failed
        && all
            .iter()
            .any(|one| count(&one.done, StepOutcome::Would) > 0)
    {
        app.printer.note("whoever failed here would fail");
    } else if failed {
        app.printer
            .note("what is done stays done: run the same again to go on");
    }
    Ok(())
}
