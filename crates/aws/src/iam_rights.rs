//! Our own rights, as IAM simulates them: what is missing, and what nobody needs.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use weir_engine::ports::{EffectError, Feature, RightsFound};

use crate::error::classify;
use crate::rights::{Probe, RightsOf, beyond, needed};

pub(crate) async fn found(
    config: &SdkConfig,
    arn: &str,
    features: &[Feature],
    of: &RightsOf,
) -> Result<RightsFound, EffectError> {
    if arn.ends_with(":root") {
        // Root needs no policy, and IAM does not simulate it.
        return Ok(RightsFound {
            who: arn.to_owned(),
            missing: Vec::new(),
            excess: vec!["everything: it is the root user".to_owned()],
        });
    }
    let client = Client::new(config);
    let source = principal(&client, arn).await?;
    let mut missing = BTreeSet::new();
    for probe in needed(features, of) {
        let allowed = simulate(&client, &source, &probe).await?;
        let lacking = probe.actions.iter().filter(|one| !allowed.contains(*one));
        missing.extend(lacking.map(|action| said(action, &probe)));
    }
    let mut excess = BTreeSet::new();
    for probe in beyond(features, of) {
        let allowed = simulate(&client, &source, &probe).await?;
        excess.extend(allowed.iter().map(|action| said(action, &probe)));
    }
    Ok(RightsFound {
        who: source,
        missing: missing.into_iter().collect(),
        excess: excess.into_iter().collect(),
    })
}

fn said(action: &str, probe: &Probe) -> String {
    match probe.said {
        Some(what) => format!("{action} {what}"),
        None => action.to_owned(),
    }
}

/// The ARN that IAM knows: of the user, or of the role whose session we are, which has a path.
async fn principal(client: &Client, arn: &str) -> Result<String, EffectError> {
    let Some((_, session)) = arn.split_once(":assumed-role/") else {
        return Ok(arn.to_owned());
    };
    let role = session.split('/').next().unwrap_or(session);
    let answer = client.get_role().role_name(role).send().await;
    let answer = answer.map_err(|error| classify(format!("GetRole {role}"), &error))?;
    Ok(answer.role.map_or_else(|| arn.to_owned(), |role| role.arn))
}

/// Which of the actions are allowed.
async fn simulate(
    client: &Client,
    source: &str,
    probe: &Probe,
) -> Result<BTreeSet<String>, EffectError> {
    let context = probe.context.as_ref().map(|(key, value)| {
        ContextEntry::builder()
            .context_key_name(*key)
            .context_key_type(ContextKeyTypeEnum::String)
            .context_key_values(value)
            .build()
    });
    let mut pages = client
        .simulate_principal_policy()
        .policy_source_arn(source)
        .set_action_names(Some(probe.actions.clone()))
        .resource_arns(&probe.resource)
        .set_context_entries(context.map(|entry| vec![entry]))
        .into_paginator()
        .send();
    let mut allowed = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page =
            page.map_err(|error| classify(format!("SimulatePrincipalPolicy {source}"), &error))?;
        let results = page.evaluation_results().iter();
        let results =
            results.filter(|result| result.eval_decision == PolicyEvaluationDecisionType::Allowed);
        allowed.extend(results.map(|result| result.eval_action_name.clone()));
    }
    Ok(allowed)
}
