//! The rights Weir itself needs in AWS.

use weir_config::{CloudWatchWord, Settings, connect};
use weir_core::ids::AccountId;

/// The least-privilege policy Weir itself needs, in the partition of a configured role, else of our
/// own credentials, else the commercial one.
pub(crate) async fn own_policy(settings: &Settings) -> String {
    let partition = partition(settings).await;
    let account = settings.rules.attribution.home_account.as_ref();
    weir_aws::print_policy(
        &partition,
        account.map_or("*", AccountId::as_str),
        &settings.aws.policy_name,
        &settings.queues,
        &settings.log_groups,
        settings.metrics.of_server() == CloudWatchWord::Put,
    )
}

/// The least-privilege policy of whoever hands out access.
pub(crate) async fn operator_policy(settings: &Settings) -> String {
    let partition = partition(settings).await;
    let account = settings.rules.attribution.home_account.as_ref();
    weir_aws::print_operator_policy(&partition, account.map_or("*", AccountId::as_str))
}

async fn partition(settings: &Settings) -> String {
    let configured = settings.aws.accounts.values().next();
    let ours = match configured {
        Some(role) => Some(role.role_arn.clone()),
        None => own_arn(settings).await,
    };
    let partition = ours.as_deref().and_then(|arn| arn.split(':').nth(1));
    partition.unwrap_or("aws").to_owned()
}

/// Printing needs no credentials: where there are none, or STS does not answer, nobody knows.
async fn own_arn(settings: &Settings) -> Option<String> {
    let aws = connect(settings).await.ok()?;
    let (_, arn) = aws.directory.whoami().await.ok()?;
    Some(arn)
}
