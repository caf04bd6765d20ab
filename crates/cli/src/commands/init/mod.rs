//! `weir init`

mod account;
mod file;
mod next;

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::Serialize;
use weir_config::{Asked, Environment, Settings};
use weir_core::calendar::Zone;

use self::account::Account;
use super::Outcome;
use crate::app::App;
use crate::args::{InitArgs, Limits};
use crate::exit::{CliError, ExitStatus};

/// The zone that is proposed.
const ZONE: &str = "Europe/Madrid";

/// What was asked, by flag or at the terminal.
struct Answers {
    language: String,
    zone: Zone,
    limits: Limits,
}

/// What was found and written, as JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    file: String,
    account: Option<&'a Account>,
    next: &'a [String],
}

pub(crate) async fn run(app: &App, args: &InitArgs, environment: &Environment) -> Outcome {
    if args.out.exists() {
        return Err(there(&args.out));
    }
    let account = if args.aws {
        let account = account::look(app, &args.regions).await?;
        account.tell(app);
        Some(account)
    } else {
        None
    };
    let answers = ask(app, args)?;
    let text = file::text(&answers, account.as_ref());
    check(&text, environment)?;
    write(&args.out, &text)?;
    let next = next::steps(account.as_ref(), &args.out);
    let file = args.out.display().to_string();
    if app.printer.is_json() {
        app.printer.json(&Report {
            file,
            account: account.as_ref(),
            next: &next,
        })?;
    } else {
        app.printer.note(&format!("wrote {file}; next:"));
        for step in &next {
            app.printer.line(step)?;
        }
    }
    Ok(ExitStatus::Ok)
}

fn ask(app: &App, args: &InitArgs) -> Result<Answers, CliError> {
    let language = match &args.language {
        Some(language) => language.clone(),
        None => app
            .printer
            .choose("Language of messages", &["es", "en"])?
            .to_owned(),
    };
    let zone = if let Some(zone) = &args.zone {
        zone.clone()
    } else {
        let said = app.printer.answer("Business time zone", ZONE)?;
        Zone::named(&said).map_err(|error| CliError::Usage(error.to_string()))?
    };
    let limits = if let Some(limits) = args.limits {
        limits
    } else {
        let words = Limits::ALL.map(Limits::as_str);
        let said = app.printer.choose("How strict", &words)?;
        let mut all = Limits::ALL.into_iter();
        all.find(|one| one.as_str() == said)
            .unwrap_or(Limits::Watch)
    };
    Ok(Answers {
        language,
        zone,
        limits,
    })
}

/// What is written has to be read again.
fn check(text: &str, environment: &Environment) -> Result<(), CliError> {
    let asked = Asked {
        text: Some(text.to_owned()),
        ..Asked::default()
    };
    Settings::resolve(&asked, environment)?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(there(path)),
        Err(error) => {
            return Err(CliError::io("cannot write the configuration")(error));
        }
    };
    file.write_all(text.as_bytes())
        .map_err(CliError::io("cannot write the configuration"))
}

fn there(path: &Path) -> CliError {
    CliError::Failed(format!(
        "{} is there already and is left alone: name another with --out",
        path.display()
    ))
}
