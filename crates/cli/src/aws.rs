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

/// The least-privilege policy Weir itself needs, in the partition of a configured role, else of our
/// own credentials, else the commercial one.
pub(crate) async fn own_policy(settings: &Settings) -> String {
    let configured = settings.aws.accounts.values().next();
    let ours = match configured {
        Some(role) => Some(role.role_arn.clone()),
        None => own_arn(settings).await,
    };
    let partition = ours.as_deref().and_then(|arn| arn.split(':').nth(1));
    let account = settings.rules.attribution.home_account.as_ref();
    weir_aws::print_policy(
        partition.unwrap_or("aws"),
        account.map_or("*", AccountId::as_str),
        &settings.aws.policy_name,
        &settings.queues,
        &settings.log_groups,
    )
}

/// Printing needs no credentials: where there are none, or STS does not answer, nobody knows.
async fn own_arn(settings: &Settings) -> Option<String> {
    let aws = connect(settings).await.ok()?;
    let (_, arn) = aws.directory.whoami().await.ok()?;
    Some(arn)
}
