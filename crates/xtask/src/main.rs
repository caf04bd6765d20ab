//! Chores of the Weir workspace.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development tool talks to its terminal"
)]

mod bench;
mod cold_start;
mod openapi;
mod prices;
mod sim;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "cargo xtask tidy          check the rules of the house
cargo xtask prices        write the bundled price table anew
cargo xtask openapi       write the description of the API anew
cargo xtask sim [--seeds N] [--from SEED] [--ops N]
cargo xtask bench [--only NAME]
cargo xtask cold-start NAME=BINARY …   how long Lambda functions take to start";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let done = match args.first().map(String::as_str) {
        Some("tidy") => tidy::run(),
        Some("prices") => prices::run(rest),
        Some("openapi") => openapi::run(),
        Some("sim") => sim::run(rest),
        Some("bench") => bench::run(rest),
        Some("cold-start") => cold_start::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
