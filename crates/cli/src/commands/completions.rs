//! `weir completions`

use clap::CommandFactory;

use super::Outcome;
use crate::args::{Cli, CompletionsArgs};
use crate::exit::{CliError, ExitStatus};
use crate::printer::Printer;

pub(crate) fn run(args: &CompletionsArgs, printer: Printer) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "weir", &mut script);
    let script = String::from_utf8(script)
        .map_err(|error| CliError::Failed(format!("the script is not text: {error}")))?;
    printer.data(&script)?;
    Ok(ExitStatus::Ok)
}
