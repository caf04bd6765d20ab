//! What commands that hand out access share: an operator's hands, plans carried out, secrets shown once.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use weir_aws::Connection;
use weir_core::provision::{KeyKind, Plan};
use weir_engine::ports::{EffectError, EffectErrorKind};
use weir_engine::provision::{Carried, Outcome as StepOutcome, Provisioner, Shown};
use weir_engine::{Engine, EngineError};

use super::{Outcome, confirm};
use crate::app::App;
use crate::args::{Author, PlanArgs, SecretArgs};
use crate::exit::{CliError, ExitStatus};
use crate::printer::JsonAfter;
use crate::table::{Page, Table};
use weir_config::Needs;

/// An engine, and the credentials of whoever runs the command.
pub(crate) struct Hands {
    engine: Engine,
    pub(crate) aws: Connection,
}

impl Hands {
    pub(crate) async fn of(app: &App) -> Result<Self, CliError> {
        // Before credentials are asked for that would not help.
        app.needs_database()?;
        let aws = weir_config::require(&app.settings).await?;
        let engine = app.engine(Needs::Decides).await?;
        Ok(Self { engine, aws })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) async fn provisioner(
        &self,
        app: &App,
        by: &Author,
    ) -> Result<Provisioner<'_>, CliError> {
        let by = app.author(by);
        Ok(self.engine.provisioner(&*self.aws.provisioning, by).await?)
    }

    /// For what only looks.
    pub(crate) async fn looking(&self, app: &App) -> Result<Provisioner<'_>, CliError> {
        self.provisioner(app, &Author { by: None }).await
    }
}

/// One line of a report.
#[derive(Debug, Serialize)]
pub(crate) struct LineView<'a> {
    state: &'static str,
    step: &'a str,
}

/// What `--json` prints; secrets stand before it, each printed when it is made.
#[derive(Debug, Serialize)]
pub(crate) struct ReportView<'a> {
    steps: Vec<LineView<'a>>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A secret, for `--json`.
#[derive(Debug, Serialize)]
pub(crate) struct SecretView<'a> {
    iam_user: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

/// Says what a plan does, asks if something is lost by it, carries it out and reports.
pub(crate) async fn carry_out(
    app: &App,
    hands: &Provisioner<'_>,
    plan: &Plan,
    args: &PlanArgs,
    question: Option<&str>,
    secret: Option<&SecretArgs>,
) -> Outcome {
    if args.dry_run || plan.is_done() {
        return report(app, plan, &Carried::foreseen(plan), true);
    }
    if let Some(question) = question {
        for line in Carried::foreseen(plan).lines {
            app.printer
                .note(&format!("{:<7} {}", line.outcome.as_str(), line.what));
        }
        confirm::yes(app, question, true)?;
    }
    let mut secrets = Secrets::of(app, secret)?;
    if app.printer.is_json() {
        secrets.begin(app.printer.json_after("secrets"));
    }
    let done = hands.carry_out(plan, |secret| secrets.take(secret)).await;
    let told = if app.printer.is_json() {
        secrets.end(&view(plan, &done)).map(|()| ExitStatus::Ok)
    } else {
        report(app, plan, &done, secrets.are_in_a_file())
    };
    secrets.close()?;
    let status = told?;
    match &done.stopped {
        None => Ok(status),
        Some(error) => Err(stopped(error)),
    }
}

/// Why a plan stopped, and how to go on.
fn stopped(error: &EngineError) -> CliError {
    let why = format!(
        "{error}{}; what is done stays done: run the same again to go on",
        remedy(error)
    );
    match error {
        EngineError::Effect(EffectError {
            kind: EffectErrorKind::Gone,
            ..
        }) => CliError::NotFound(why),
        _ => CliError::Failed(why),
    }
}

/// What to do about a right that is missing.
pub(crate) fn remedy(error: &EngineError) -> &'static str {
    match error {
        EngineError::Effect(EffectError {
            kind: EffectErrorKind::Denied,
            ..
        }) => "; `weir provision --print-policy` shows the rights that are needed",
        _ => "",
    }
}

/// A report as JSON has it, without secrets.
pub(crate) fn view<'a>(plan: &'a Plan, done: &'a Carried) -> ReportView<'a> {
    let lines = done.lines.iter().map(|line| LineView {
        state: line.outcome.as_str(),
        step: &line.what,
    });
    ReportView {
        steps: lines.collect(),
        notes: &plan.notes,
        error: done.stopped.as_ref().map(ToString::to_string),
    }
}

fn report(app: &App, plan: &Plan, done: &Carried, hidden: bool) -> Outcome {
    if app.printer.is_json() {
        app.printer.json(&view(plan, done))?;
        return Ok(ExitStatus::Ok);
    }
    if !done.lines.is_empty() {
        let mut table = Table::new(&["state", "step"]);
        for line in &done.lines {
            table.row([line.outcome.as_str(), &line.what]);
        }
        app.printer.data(&table.to_string())?;
    }
    for note in &plan.notes {
        app.printer.note(note);
    }
    if done
        .lines
        .iter()
        .all(|line| line.outcome == StepOutcome::Exists)
    {
        app.printer.note("nothing to do");
    }
    if !hidden && !done.secrets.is_empty() {
        app.printer
            .note("the secret is shown once: Weir does not keep it");
    }
    Ok(ExitStatus::Ok)
}

fn secret_view(secret: &Shown) -> SecretView<'_> {
    match secret {
        &Shown::Key {
            ref id,
            kind,
            ref tool,
            ref holder,
            ref secret,
            expires,
        } => SecretView {
            iam_user: holder,
            kind: kind.as_str(),
            tool: Some(tool.as_str()),
            id: Some(id.as_str()),
            secret: secret.reveal(),
            expires: expires.map(|at| at.to_string()),
        },
        Shown::Login { user, password } => SecretView {
            iam_user: user,
            kind: "console-password",
            tool: None,
            id: None,
            secret: password.reveal(),
            expires: None,
        },
    }
}

/// A secret for people, as a shell or a person takes it.
fn page(secret: &Shown) -> String {
    let mut page = Page::default();
    page.line("");
    match secret {
        Shown::Key {
            id,
            kind,
            tool,
            holder,
            secret,
            expires,
        } => {
            page.line(&format!("# {tool}: {kind} {id} of the IAM user {holder}"));
            if let Some(expires) = expires {
                page.line(&format!(
                    "# ends {}",
                    expires.strftime("%Y-%m-%d %H:%M UTC")
                ));
            }
            match kind {
                KeyKind::Bedrock => {
                    page.line(&format!("AWS_BEARER_TOKEN_BEDROCK={}", secret.reveal()));
                }
                KeyKind::AccessKey => {
                    page.line(&format!("AWS_ACCESS_KEY_ID={id}"));
                    page.line(&format!("AWS_SECRET_ACCESS_KEY={}", secret.reveal()));
                }
            }
        }
        Shown::Login { user, password } => {
            page.line(&format!(
                "# console password of {user}, to be changed at the first login"
            ));
            page.line(password.reveal());
        }
    }
    page.text().to_owned()
}

/// Names in a field of a page: of many the first, and how many more there are.
pub(crate) fn names(all: &[String]) -> String {
    let all: BTreeSet<&String> = all.iter().collect();
    confirm::list(&all).unwrap_or_else(|| "-".to_owned())
}

/// Where secrets go, each as soon as it is made: whoever stops a command half way loses none. With
/// `--json` and no file they stand at the head of an object that is printed ([`Secrets::begin`]).
pub(crate) struct Secrets<'a> {
    app: &'a App,
    file: Option<SecretFile>,
    /// The object that grows by them.
    json: Option<JsonAfter>,
    failed: Option<CliError>,
}

impl<'a> Secrets<'a> {
    /// As was asked for.
    pub(crate) fn of(app: &'a App, args: Option<&SecretArgs>) -> Result<Self, CliError> {
        Ok(Self {
            app,
            file: args.map(SecretFile::of).transpose()?.flatten(),
            json: None,
            failed: None,
        })
    }

    /// Those that come now stand at the head of this object.
    pub(crate) fn begin(&mut self, object: JsonAfter) {
        self.json = Some(object);
    }

    /// Prints the rest of the object that was begun.
    pub(crate) fn end(&mut self, rest: &impl Serialize) -> Result<(), CliError> {
        self.json.take().map_or(Ok(()), |object| object.end(rest))
    }

    /// Whether nothing else is to show them.
    pub(crate) const fn are_in_a_file(&self) -> bool {
        self.file.is_some()
    }

    /// Writes or shows one; what goes wrong is told at the end, for what was made is to be reported.
    pub(crate) fn take(&mut self, secret: &Shown) {
        let taken = match (&mut self.file, &mut self.json) {
            (Some(file), _) => file.add(self.app, secret),
            (None, Some(document)) => document.item(&secret_view(secret)),
            (None, None) => self.app.printer.data(&page(secret)),
        };
        self.failed = self.failed.take().or(taken.err());
    }

    /// Whether one could not be written: no more should be made.
    pub(crate) const fn have_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Says where the secrets are.
    pub(crate) fn close(self) -> Result<(), CliError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.file.map_or(Ok(()), |file| file.close(self.app))
    }
}

/// A new file that only its owner may read, made before anything else: a secret that cannot be written
/// would be lost.
struct SecretFile {
    path: PathBuf,
    file: File,
    is_empty: bool,
}

impl SecretFile {
    /// The file that was asked for, if one was.
    fn of(args: &SecretArgs) -> Result<Option<Self>, CliError> {
        let Some(path) = &args.secret_file else {
            return Ok(None);
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let what = format!("cannot make the new file {} for the secret", path.display());
        let file = options.open(path).map_err(CliError::io(what))?;
        let path = path.clone();
        Ok(Some(Self {
            path,
            file,
            is_empty: true,
        }))
    }

    /// Writes a secret; one that cannot be written is shown after all.
    fn add(&mut self, app: &App, secret: &Shown) -> Result<(), CliError> {
        let text = page(secret);
        let text = if self.is_empty {
            text.trim_start()
        } else {
            &text
        };
        self.is_empty = false;
        let written = self.file.write_all(text.as_bytes());
        let written = written.and_then(|()| self.file.sync_all());
        if let Err(error) = written {
            app.printer.data(text)?;
            let what = format!(
                "cannot write {}; the secret is shown instead",
                self.path.display()
            );
            return Err(CliError::io(what)(error));
        }
        Ok(())
    }

    /// Says where the secrets are. Without any, the file goes again.
    fn close(self, app: &App) -> Result<(), CliError> {
        let Self {
            path,
            file,
            is_empty,
        } = self;
        drop(file);
        if is_empty {
            let what = format!("cannot remove {}, which holds nothing", path.display());
            return std::fs::remove_file(&path).map_err(CliError::io(what));
        }
        app.printer
            .note(&format!("the secret is in {}", path.display()));
        Ok(())
    }
}
