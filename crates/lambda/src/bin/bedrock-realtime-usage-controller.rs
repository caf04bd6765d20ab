//! Counts what AWS sends about Bedrock calls, decides, and makes the decisions real.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    weir_lambda::main(weir_lambda::Role::Controller).await
}
