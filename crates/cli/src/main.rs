//! Meters and limits what an organisation spends on Amazon Bedrock.
//!
//! `args` is what was typed, `commands` what is done, `backend` the database or the server it is done with,
//! `printer` the only place that prints. What the
//! configuration says and opens is `weir_config`, which the Lambdas share.

mod app;
mod args;
mod aws;
mod backend;
mod commands;
mod demo;
mod exit;
mod lazy;
mod people_file;
mod printer;
mod remote;
mod table;
mod telemetry;
mod views;

use std::process::ExitCode;

use clap::Parser;
use weir_config::Environment;

use crate::args::Cli;
use crate::exit::ExitStatus;
use crate::printer::Printer;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output, errors to standard error; a closed pipe ends both.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() {
                ExitStatus::Usage
            } else {
                ExitStatus::Ok
            });
        }
    };
    let environment = Environment::read();
    let printer = Printer::new(cli.global.json);
    let serves = matches!(cli.command, args::Command::Serve(_));
    let telemetry = telemetry::start(&environment, serves);
    let status = match Box::pin(commands::run(cli, &environment, printer)).await {
        Ok(status) => status,
        Err(error) => {
            printer.error(&error);
            error.status()
        }
    };
    telemetry.end().await;
    ExitCode::from(status)
}
