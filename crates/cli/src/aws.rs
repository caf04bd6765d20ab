//! The rights that Weir, and whoever works with it, need in AWS.

use weir_aws::RightsOf;
use weir_config::{Settings, connect};
use weir_core::ids::AccountId;
use weir_engine::ports::Feature;

/// The least-privilege policy for these features.
pub(crate) async fn policy(settings: &Settings, features: &[Feature]) -> String {
    weir_aws::print_policy(features, &rights(settings, None).await)
}

/// What the documents depend on, for our own credentials or for those in an account, in the partition
/// of a configured role, else of our own credentials, else the commercial one.
pub(crate) async fn rights(settings: &Settings, account: Option<&AccountId>) -> RightsOf {
    let rights = match account {
        None => settings.rights(),
        Some(account) => settings.rights_in(account),
    };
    let ours = match settings.aws.accounts.values().next() {
        Some(role) => Some(role.role_arn.clone()),
        None => own_arn(settings).await,
    };
    let partition = ours.as_deref().and_then(|arn| arn.split(':').nth(1));
    RightsOf {
        partition: partition.unwrap_or("aws").to_owned(),
        ..rights
    }
}

/// Printing needs no credentials: where there are none, or STS does not answer, nobody knows.
async fn own_arn(settings: &Settings) -> Option<String> {
    let aws = connect(settings).await.ok()?;
    let (_, arn) = aws.directory.whoami().await.ok()?;
    Some(arn)
}
