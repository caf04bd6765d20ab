//! Whether people of Identity Center can be denied, and where not (rules E5).

use weir_core::rulebook::{IdentityCenter, Mode};

use super::{Finding, some};
use crate::{Engine, EngineError};

impl Engine {
    pub(super) async fn check_identity_center(&self) -> Result<Finding, EngineError> {
        let rules = self.rules().await?;
        let mechanism = &rules.settings.enforcement.identity_center;
        let (what, remedy) = match mechanism {
            IdentityCenter::None => {
                return Ok(Finding::ok(
                    "enforcement.identity_center is none: whoever comes through it cannot be denied",
                ));
            }
            IdentityCenter::PermissionSetPolicy(name) => (
                format!("every role of Identity Center has the policy {name}"),
                format!(
                    "let each permission set that grants Bedrock refer to the customer managed policies \
                     ({name}, path /weir/), and provision it again; `weir enforce setup` makes those that are \
                     missing"
                ),
            ),
            IdentityCenter::Scp(scp) => (
                format!("the service control policy {} is ours and attached", scp.policy),
                "attach it to the root or to the units of the accounts that use Bedrock; it must hold \
                 nothing but Weir's statements"
                    .to_owned(),
            ),
        };
        let Some(access) = &self.access else {
            let needed = rules.mode.mode == Mode::Iam;
            let found = "where its policies are attached cannot be read without AWS credentials";
            let remedy = "give Weir credentials by the usual AWS environment or profile";
            return Ok(if needed {
                Finding::fail(found, remedy)
            } else {
                Finding::warn(found, remedy)
            });
        };
        let gaps: Vec<_> = access
            .unguarded()
            .await?
            .iter()
            .map(|gap| format!("{} in {} lacks {}", gap.place, gap.account, gap.missing))
            .collect();
        Ok(match gaps.as_slice() {
            [] => Finding::ok(what),
            gaps => Finding::warn(some(gaps), remedy),
        })
    }
}
