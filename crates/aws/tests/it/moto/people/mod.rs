//! People of Identity Center: what denies them, and the directory behind it.

mod directory;
mod permission_sets;
mod rights;
mod scp;
mod whole_way;

use std::collections::BTreeSet;

use weir_aws::AwsSettings;
use weir_core::access::{Denial, Desired, Reach, TargetKey, TargetKind};
use weir_core::block::Until;
use weir_core::policy_doc::{self, people};
use weir_core::rulebook::IdentityCenter;
use weir_testkit::fakes::contract::Stage;

use super::stage::MotoStage;

pub(super) const NAME: &str = policy_doc::POLICY_NAME;
/// Where Identity Center makes its roles.
const PATH: &str = "/aws-reserved/sso.amazonaws.com/eu-west-1/";

/// Everything, until a fixed instant.
fn denial() -> Denial {
    let end = "2030-01-01T00:00:00Z".parse().unwrap();
    Denial {
        everything: Some(Until::At(end)),
        ..Denial::default()
    }
}

/// A directory user id, as long as they are.
fn person(number: usize) -> Reach {
    Reach::Person(format!("92670bc1c9-0000-4000-8000-{number:012}"))
}

fn people_denied(numbers: impl IntoIterator<Item = usize>) -> Desired {
    let denied = numbers.into_iter().map(|n| (person(n), denial()));
    Desired {
        denied: denied.collect(),
    }
}

/// An account in which permission sets may refer to so many policies.
async fn stage_with(policies: u8) -> MotoStage {
    MotoStage::with(AwsSettings {
        identity_center: IdentityCenter::PermissionSetPolicy(NAME.to_owned()),
        people_policies: policies,
        ..AwsSettings::default()
    })
    .await
}

fn target(stage: &MotoStage) -> TargetKey {
    TargetKey {
        account: stage.account.clone(),
        kind: TargetKind::PermissionSetPolicy,
        id: NAME.to_owned(),
    }
}

impl MotoStage {
    /// The ARN of one of the policies, counted from 1.
    fn policy(&self, number: usize) -> String {
        match number {
            1 => self.managed_arn(),
            _ => format!("{}-{number}", self.managed_arn()),
        }
    }

    /// A role as Identity Center makes it.
    async fn make_sso_role(&self, permission_set: &str) -> String {
        let name = format!("AWSReservedSSO_{permission_set}_0123456789abcdef");
        self.client
            .create_role()
            .path(PATH)
            .role_name(&name)
            .assume_role_policy_document(r#"{"Version":"2012-10-17","Statement":[]}"#)
            .send()
            .await
            .unwrap();
        name
    }

    /// A permission set refers to one of the policies.
    async fn refer(&self, role: &str, number: usize) {
        let attach = self.client.attach_role_policy().role_name(role);
        attach.policy_arn(self.policy(number)).send().await.unwrap();
    }

    /// Somebody else writes the first policy, whatever versions there are.
    async fn overwrite(&self, denied: &Desired) {
        let versions = self.client.list_policy_versions();
        let versions = versions.policy_arn(self.policy(1)).send().await.unwrap();
        for version in versions.versions() {
            if !version.is_default_version() {
                let delete = self.client.delete_policy_version();
                let delete = delete.policy_arn(self.policy(1));
                let id = version.version_id().unwrap();
                delete.version_id(id).send().await.unwrap();
            }
        }
        let text = people::text(&denied.denied, "aws", true);
        let version = self.client.create_policy_version();
        let version = version.policy_arn(self.policy(1)).policy_document(text);
        version.set_as_default(true).send().await.unwrap();
    }

    /// Whom one of the policies denies.
    async fn denied_by(&self, number: usize) -> BTreeSet<Reach> {
        people::reaches(&self.managed_text(&self.policy(number)).await)
    }
}
