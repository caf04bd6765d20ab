//! `weir operator`: who may use Weir itself.

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod list;

use std::io::BufRead;

use weir_core::attribution::team_name;
use weir_core::ids::UserId;
use weir_core::operator::Rights;

use crate::app::App;
use crate::args::RightsArgs;
use crate::backend::Backend;
use crate::exit::{CliError, ExitStatus};
use crate::printer::Printer;

fn rights(args: &RightsArgs) -> Result<Rights, CliError> {
    let team = args.team.as_deref().map(team_name);
    let user = args.user.as_deref().map(|user| UserId::new(user.trim()));
    Rights::new(args.role, team, user).map_err(|error| CliError::Usage(error.to_string()))
}

/// Says so if nobody is known whom a developer is to look at: a slip of the pen shows early, and whoever
/// has not called yet may be linked already.
async fn note_stranger(app: &App, backend: &Backend, rights: &Rights) -> Result<(), CliError> {
    let Some(user) = rights.user() else {
        return Ok(());
    };
    match backend.status(user.as_str()).await {
        Ok(_) => Ok(()),
        Err(error) if error.status() == ExitStatus::NotFound => {
            app.printer.note(&format!(
                "{error}; there is nothing to see for them before the first call"
            ));
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// A new password: asked for twice at a terminal, else the first line of standard input. Never an
/// argument, which others could read.
fn password() -> Result<String, CliError> {
    let failed = "cannot read the password";
    if !Printer::is_interactive() {
        let mut line = String::new();
        let mut input = std::io::stdin().lock();
        input.read_line(&mut line).map_err(CliError::io(failed))?;
        let password = line.trim_end_matches(['\r', '\n']);
        if password.is_empty() {
            return Err(CliError::Usage(
                "there is nobody to ask: give the password as a line on standard input".to_owned(),
            ));
        }
        return Ok(password.to_owned());
    }
    let first = rpassword::prompt_password("Password: ").map_err(CliError::io(failed))?;
    let again = rpassword::prompt_password("Again: ").map_err(CliError::io(failed))?;
    if first == again {
        return Ok(first);
    }
    Err(CliError::Usage(
        "these are two passwords: nothing was changed".to_owned(),
    ))
}
