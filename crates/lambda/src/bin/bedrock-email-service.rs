//! Sends messages to people by mail.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    weir_lambda::main(weir_lambda::Role::Mailer).await
}
