//! What of the configuration the rights depend on that Weir needs in AWS.

use std::collections::BTreeMap;

use weir_aws::{PeopleBy, RightsOf};
use weir_core::ids::AccountId;
use weir_core::rulebook::IdentityCenter;

use super::Settings;
use crate::sections::{CloudWatchWord, Reader};

impl Settings {
    /// The rights that Weir's own credentials need. The partition is the commercial one until somebody
    /// asks AWS.
    pub fn rights(&self) -> RightsOf {
        let channels = &self.notify.channels;
        let from = channels.from.as_ref().filter(|_| channels.ses.is_some());
        let home = self.rules.attribution.home_account.as_ref();
        let of = self.rights_by(None);
        RightsOf {
            account: home.map_or(of.account, ToString::to_string),
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
            ..of
        }
    }

    /// The rights that are needed in an account: by the role there, or by Weir's own credentials.
    pub fn rights_in(&self, account: &AccountId) -> RightsOf {
        let home = self.rules.attribution.home_account.as_ref();
        let is_reached = home != Some(account) && self.aws.accounts.contains_key(account);
        let of = if is_reached {
            self.rights_by(Some(account))
        } else {
            self.rights()
        };
        RightsOf {
            account: account.to_string(),
            ..of
        }
    }

    /// The rights that the roles in other accounts need.
    pub fn rights_elsewhere(&self) -> BTreeMap<AccountId, RightsOf> {
        let home = self.rules.attribution.home_account.as_ref();
        let others = self.aws.accounts.keys().filter(|id| home != Some(*id));
        others.map(|id| (id.clone(), self.rights_in(id))).collect()
    }

    /// What both have in common: denying, and reading the feeds that are theirs.
    fn rights_by(&self, account: Option<&AccountId>) -> RightsOf {
        let home = self.rules.attribution.home_account.as_ref();
        let people = match &self.aws.identity_center {
            IdentityCenter::None | IdentityCenter::PermissionSetPolicy(_) => PeopleBy::Policy,
            // Written by the role in its account, else by Weir's own credentials.
            IdentityCenter::Scp(scp) => {
                let by_role = self.aws.accounts.contains_key(&scp.management);
                let writes = match account {
                    Some(account) => *account == scp.management,
                    None => !by_role || home == Some(&scp.management),
                };
                if writes {
                    PeopleBy::Scp(scp.policy.clone())
                } else {
                    PeopleBy::Elsewhere
                }
            }
        };
        let queues = self.queues.iter();
        let queues = queues.filter(|queue| queue.account.as_ref() == account);
        let groups = self.log_groups.iter();
        let groups = groups.filter(|feed| feed.account.as_ref() == account);
        let by_queue = self.queues.iter().map(|queue| queue.objects.as_ref());
        let by_lambda = self.lambda_objects.as_ref().map(|reader| match reader {
            Reader::Home => None,
            Reader::Account(id) => Some(id),
        });
        RightsOf {
            policy_name: self.aws.policy_name.clone(),
            queues: queues.map(|queue| queue.url.clone()).collect(),
            opens_objects: by_queue.chain(by_lambda).any(|reader| reader == account),
            log_groups: groups.map(|feed| feed.group.clone()).collect(),
            reads_directory: account.is_none(),
            people,
            ..RightsOf::default()
        }
    }
}
