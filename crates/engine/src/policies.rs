//! The managed policy that is attached to denied IAM users: an attachment denies what the version in
//! force says, so that is read back, too (rules E1, E7). What differs is put right where we may, and
//! told where we may not.

use jiff::Timestamp;
use serde_json::json;
use weir_core::access::TargetState;
use weir_core::audit::Entry;
use weir_core::incident::Alarm;
use weir_core::message::News;

use crate::incidents::OF_POLICY;
use crate::ports::{AccessControl, AlteredPolicies, AlteredPolicy};
use crate::report::{PolicyDrift, ReconcileReport};
use crate::{Engine, EngineError};

/// What an administrator has to do where Weir may not.
const REMEDY: &str = "its text in force is not Weir's: run `weir enforce setup`";

impl Engine {
    /// Looks at the texts. What could not be read is an error in the report.
    pub(crate) async fn altered_policies(
        &self,
        access: &dyn AccessControl,
        report: &mut ReconcileReport,
    ) -> AlteredPolicies {
        let found = access
            .altered_policies()
            .await
            .unwrap_or_else(|error| AlteredPolicies {
                altered: Vec::new(),
                unread: vec![error],
            });
        report
            .errors
            .extend(found.unread.iter().map(ToString::to_string));
        let drift = found.altered.iter().map(|one| PolicyDrift {
            policy: one.arn.clone(),
            repaired: false,
        });
        report.policies.extend(drift);
        found
    }

    /// Puts the right texts in force again; the administrators are told of those that stay wrong.
    pub(crate) async fn restore_policies(
        &self,
        access: &dyn AccessControl,
        found: AlteredPolicies,
        report: &mut ReconcileReport,
    ) -> Result<(), EngineError> {
        let mut alarms = Vec::new();
        let open = self.store.incidents().await?;
        for (policy, drift) in found.altered.iter().zip(&mut report.policies) {
            tracing::warn!(policy = policy.arn, "the text of our policy is another");
            let error = access.restore_policy(&policy.account).await.err();
            drift.repaired = error.is_none();
            let Some(error) = error else {
                self.account_for(policy, "enforcement-drift", None).await?;
                continue;
            };
            let error = format!("{REMEDY} ({error})");
            let key = format!("{OF_POLICY}{}", policy.arn);
            // Once, not every hour.
            if open.iter().all(|incident| incident.key != key) {
                self.account_for(policy, "enforcement-failed", Some(&error))
                    .await?;
            }
            report.errors.push(format!("{}: {error}", policy.arn));
            alarms.push(alarm(key, &error, self.effect_time()));
        }
        self.alarm_of_policies(found.unread.is_empty(), alarms)
            .await
    }

    async fn account_for(
        &self,
        policy: &AlteredPolicy,
        operation: &str,
        error: Option<&str>,
    ) -> Result<(), EngineError> {
        let entry = Entry {
            evidence: error.map(|error| json!({ "error": error }).to_string()),
            ..self.entry(
                operation,
                format!("policy:{}", policy.arn),
                "the text of our managed policy in AWS was not ours".to_owned(),
                &Self::weir(),
            )
        };
        Ok(self.store.append_audit(vec![entry]).await?)
    }
}

/// Who is denied by the policy and cannot be otherwise is told of by itself.
fn alarm(policy_key: String, error: &str, now: Timestamp) -> Alarm {
    let news = News::EnforcementFailed {
        target: policy_key.clone(),
        generation: 0,
        denies: true,
        state: TargetState::Failed,
        users: Vec::new(),
        error: error.to_owned(),
    };
    Alarm::of_weir(policy_key, now, news)
}
