//! The AWS adapters, made from the settings.

use weir_aws::{Connection, NoCredentials};
use weir_core::ids::AccountId;

use crate::exit::CliError;
use crate::settings::Settings;

/// Connects, or says that there are no credentials.
pub(crate) async fn connect(settings: &Settings) -> Result<Connection, NoCredentials> {
    weir_aws::connect(settings.aws.clone()).await
}

/// Connects for a command that is nothing without AWS.
pub(crate) async fn required(settings: &Settings) -> Result<Connection, CliError> {
    connect(settings).await.map_err(|error| {
        CliError::Failed(format!(
            "{error}; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a \
             role provides them"
        ))
    })
}

/// The least-privilege policy Weir itself needs.
pub(crate) fn own_policy(settings: &Settings) -> String {
    let account = settings.rules.attribution.home_account.as_ref();
    weir_aws::print_policy(
        account.map_or("*", AccountId::as_str),
        &settings.aws.policy_name,
    )
}
