//! Runs the daily reset.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    weir_lambda::main(weir_lambda::Role::Reset).await
}
