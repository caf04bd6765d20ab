//! `weir enforce setup`

use serde::Serialize;
use weir_aws::AwsSettings;
use weir_config::require;
use weir_core::policy_doc::{POLICY_PATH, people};
use weir_core::rulebook::IdentityCenter;
use weir_engine::ports::{Feature, PolicyStep};

use super::super::Outcome;
use crate::app::App;
use crate::args::SetupArgs;
use crate::aws;
use crate::exit::{CliError, ExitStatus};

/// A managed policy of ours in an account.
#[derive(Debug, Serialize)]
struct Policy<'a> {
    policy_arn: &'a str,
    state: &'static str,
}

pub(crate) async fn run(app: &App, args: &SetupArgs) -> Outcome {
    if args.print {
        let mut features = vec![Feature::Read, Feature::Enforce];
        if app.settings.aws.identity_center != IdentityCenter::None {
            features.push(Feature::IdentityCenter);
        }
        app.printer
            .line(&aws::policy(&app.settings, &features).await)?;
        return Ok(ExitStatus::Ok);
    }
    let aws = require(&app.settings).await?;
    let done = if args.dry_run {
        aws.access.foresee_set_up().await
    } else {
        aws.access.set_up().await
    };
    let done = done.map_err(|error| {
        CliError::Failed(format!(
            "{error}; `weir enforce setup --print` shows the rights that are needed"
        ))
    })?;
    let policies: Vec<_> = done
        .policies
        .iter()
        .map(|(arn, step)| Policy {
            policy_arn: arn,
            state: state(*step, args.dry_run),
        })
        .collect();
    if app.printer.is_json() {
        app.printer.json(&policies)?;
    } else {
        for Policy { policy_arn, state } in &policies {
            app.printer.line(&format!("{policy_arn} {state}"))?;
        }
    }
    if let Some(left) = left_to_do(&app.settings.aws) {
        app.printer.note(&left);
    }
    Ok(ExitStatus::Ok)
}

const fn state(step: PolicyStep, dry_run: bool) -> &'static str {
    match (step, dry_run) {
        (PolicyStep::Nothing, _) => "is as it should be",
        (PolicyStep::Make, true) => "would be made",
        (PolicyStep::Make, false) => "made",
        (PolicyStep::Correct, true) => "would be corrected",
        (PolicyStep::Correct, false) => "corrected",
    }
}

/// What only an administrator of Identity Center or of the organisation can do.
fn left_to_do(aws: &AwsSettings) -> Option<String> {
    match &aws.identity_center {
        IdentityCenter::None => None,
        IdentityCenter::PermissionSetPolicy(name) => {
            let further = (2..=aws.people_policies).map(|number| format!(", {name}-{number}"));
            let further: String = further.collect();
            Some(format!(
                "once: let every permission set that grants Bedrock refer to the customer managed policies \
                 {name}{further} (path {POLICY_PATH}), and provision it again; `weir doctor` lists the roles that \
                 lack one"
            ))
        }
        IdentityCenter::Scp(scp) => Some(format!(
            "once: the service control policy {} is to hold nothing but this, and to be attached to the root or \
             to the units of the accounts that use Bedrock: {}",
            scp.policy,
            people::text(&[], "aws", false)
        )),
    }
}
