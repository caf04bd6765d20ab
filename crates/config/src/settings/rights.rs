//! What of the configuration the rights depend on that Weir needs in AWS.

use weir_aws::RightsOf;
use weir_core::rulebook::IdentityCenter;

use super::Settings;
use crate::sections::CloudWatchWord;

impl Settings {
    /// The rights that this installation needs. The partition is the commercial one until somebody
    /// asks AWS.
    pub fn rights(&self) -> RightsOf {
        let channels = &self.notify.channels;
        let from = channels.from.as_ref().filter(|_| channels.ses.is_some());
        let home = self.rules.attribution.home_account.as_ref();
        let scp = match &self.aws.identity_center {
            IdentityCenter::Scp(scp) => Some(scp.policy.clone()),
            IdentityCenter::None | IdentityCenter::PermissionSetPolicy(_) => None,
        };
        let defaults = RightsOf::default();
        RightsOf {
            account: home.map_or(defaults.account, ToString::to_string),
            policy_name: self.aws.policy_name.clone(),
            queues: self.queues.clone(),
            log_groups: self.log_groups.clone(),
            puts_figures: self.metrics.of_server() == CloudWatchWord::Put,
            roles: self
                .aws
                .accounts
                .values()
                .map(|role| role.role_arn.clone())
                .collect(),
            ses_from: from.map(weir_aws::Sender::address),
            topic: channels.sns.clone(),
            secret: self.database.entrance.secret.clone(),
            scp,
            ..defaults
        }
    }
}
