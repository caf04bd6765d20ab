//! Whether somebody who is denied could go on through a role.

use std::collections::BTreeSet;

use weir_core::ways::{self, Role, Who};

use super::{Finding, some};
use crate::{Engine, EngineError};

impl Engine {
    pub(super) async fn check_ways(&self) -> Result<Finding, EngineError> {
        let Some(survey) = &self.survey else {
            return Ok(Finding::ok("not looked for, without AWS credentials"));
        };
        let roles = match survey.roles().await {
            Ok(roles) => roles,
            Err(error) => {
                return Ok(Finding::warn(
                    format!("nobody knows: {error}"),
                    "give Weir iam:GetAccountAuthorizationDetails: `weir aws-policy --feature enforce`",
                ));
            }
        };
        let looked_at: Vec<_> = roles
            .iter()
            .map(|role| Role {
                arn: &role.arn,
                trust: &role.trust,
                policies: &role.policies,
            })
            .collect();
        let accounts: BTreeSet<&str> = roles.iter().map(|role| role.account.as_str()).collect();
        let ways = ways::around(&looked_at, &accounts);
        let lines: Vec<_> = ways
            .iter()
            .map(|way| {
                let who: Vec<_> = way.who.iter().map(said).collect();
                format!("{} by {}", way.role, who.join(", "))
            })
            .collect();
        Ok(match lines.len() {
            0 => Finding::ok("no role that may use Bedrock can be assumed by IAM users"),
            count => Finding::warn(
                format!(
                    "{count} roles that may use Bedrock can be assumed: {}",
                    some(&lines)
                ),
                "a Deny on a user does not follow it into a role: name in the trust policy who may \
                 assume it, take Bedrock away from the role, or set a quota for `role/NAME`",
            ),
        })
    }
}

fn said(who: &Who) -> String {
    match who {
        Who::Anybody => "anybody".to_owned(),
        Who::Account(account) => format!("whoever in {account} may call sts:AssumeRole"),
        Who::User(arn) => arn.clone(),
        Who::Through(role) => format!("whoever assumes {role} first"),
    }
}
