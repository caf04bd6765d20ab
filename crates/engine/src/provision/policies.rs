//! Customer managed policies.

use weir_core::provision::{
    Change, FoundPolicy, Grant, Holder, MANAGED_LIMIT, POLICY_PATH, Plan, check_policy,
    check_policy_name, group_name, is_companion, plan_policy, plan_policy_deletion,
};

use super::groups::no_group;
use super::users::no_user;
use super::{Provisioner, patiently, refused};
use crate::EngineError;
use crate::ports::PolicyLine;

/// One attachment more or less, where it is not as it is wanted.
fn attach(plan: &mut Plan, arn: &str, holder: Holder, (attached, holds): (bool, bool)) {
    let arn = arn.to_owned();
    match (attached, holds) {
        (true, false) => plan.aws(Change::Attach { arn, to: holder }),
        (false, true) => plan.aws(Change::Detach { arn, from: holder }),
        (true, true) => plan
            .exists
            .push(format!("{arn} is attached to the {holder}")),
        (false, false) => plan
            .exists
            .push(format!("{arn} is not attached to the {holder}")),
    }
}

impl Provisioner<'_> {
    /// The text of a policy that grants exactly this; with tools, only to callers whose user agent
    /// is one of theirs.
    pub async fn policy_text(
        &self,
        grant: &Grant,
        tools: &[String],
    ) -> Result<String, EngineError> {
        if grant.is_empty() {
            return Err(refused(
                "nothing is granted: give a file, --allow-models or --profiles",
            ));
        }
        let rules = self.engine.rules().await?;
        let table = &rules.settings.attribution.user_agents;
        let mut agents = Vec::new();
        for tool in tools {
            let wanted = tool.trim().to_lowercase();
            let patterns = table.iter().filter(|(_, of)| of.as_str() == wanted);
            let before = agents.len();
            agents.extend(patterns.map(|(part, _)| format!("*{part}*")));
            if agents.len() == before {
                return Err(refused(format!(
                    "--tools: no user agent of `{tool}` is known; see attribution.user_agents"
                )));
            }
        }
        Ok(grant.policy(&self.home.partition, &self.home.account, &agents))
    }

    /// Makes a policy of a text, or makes the text the one in force.
    pub async fn plan_policy(&self, name: &str, text: &str) -> Result<Plan, EngineError> {
        check_policy_name(name).map_err(refused)?;
        check_policy(text, MANAGED_LIMIT).map_err(|error| refused(format!("{name}: {error}")))?;
        let arn = self.policy_arn(name);
        let found = patiently(|| self.iam.policy(&arn)).await?;
        let description = "Access to Amazon Bedrock, made by Weir.";
        Ok(plan_policy(name, text, description, found.as_ref()))
    }

    /// A policy by name or ARN.
    pub async fn policy(&self, name: &str) -> Result<FoundPolicy, EngineError> {
        let arn = self.policy_arn(name);
        let found = patiently(|| self.iam.policy(&arn)).await?;
        found.ok_or(EngineError::NoPolicy { arn })
    }

    /// All policies of ours; of the account, if asked.
    pub async fn policies(&self, all: bool) -> Result<Vec<PolicyLine>, EngineError> {
        let mut found = patiently(|| self.iam.policies()).await?;
        found.retain(|line| all || line.arn.contains(POLICY_PATH));
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Attaches a policy, or detaches it.
    pub async fn plan_attachment(
        &self,
        name: &str,
        holder: Holder,
        attached: bool,
    ) -> Result<Plan, EngineError> {
        let found = self.policy(name).await?;
        let holder = match holder {
            Holder::Group(team) => Holder::Group(group_name(&team).map_err(refused)?.1),
            other => other,
        };
        let holds = match &holder {
            Holder::User(name) => found.users.contains(name),
            Holder::Group(name) => found.groups.contains(name),
            Holder::Role(name) => found.roles.contains(name),
        };
        if attached && !holds {
            self.check_is_there(&holder).await?;
        }
        let mut plan = Plan::default();
        let tools = self.tools_of(&holder).await?;
        attach(&mut plan, &found.arn, holder, (attached, holds));
        // The tools' IAM users have the rights of the user's own.
        for tool in tools {
            let holds = found.users.contains(&tool);
            let holder = Holder::User(tool);
            attach(&mut plan, &found.arn, holder, (attached, holds));
        }
        Ok(plan)
    }

    /// The IAM users of somebody's tools; none of a group or role.
    async fn tools_of(&self, holder: &Holder) -> Result<Vec<String>, EngineError> {
        let Holder::User(name) = holder else {
            return Ok(Vec::new());
        };
        let rules = self.engine.reload_rules().await?;
        let found = patiently(|| self.iam.user(name)).await?;
        let user = self.user_named(name, found.as_ref(), &rules);
        let others = self.others(name, &user, &rules).await?;
        let tools = others.into_iter().map(|other| other.name);
        Ok(tools.filter(|other| is_companion(other, name)).collect())
    }

    /// That there is somebody to attach a policy to. Roles are not ours to read.
    async fn check_is_there(&self, holder: &Holder) -> Result<(), EngineError> {
        match holder {
            Holder::User(name) => {
                let found = patiently(|| self.iam.user(name)).await?;
                found.map(|_| ()).ok_or_else(|| no_user(name))
            }
            Holder::Group(name) => {
                let found = patiently(|| self.iam.group(name)).await?;
                let (team, _) = group_name(name).map_err(refused)?;
                found.map(|_| ()).ok_or_else(|| no_group(name, &team))
            }
            Holder::Role(_) => Ok(()),
        }
    }

    /// Removes a policy from whoever holds it, then itself. Weir's own Deny is not for this verb.
    pub async fn plan_policy_deletion(&self, name: &str) -> Result<Plan, EngineError> {
        let arn = self.policy_arn(name);
        if arn.contains(":policy/weir/") && !arn.contains(POLICY_PATH) {
            return Err(refused(format!(
                "{arn} is what denies: `weir enforce release-all` takes it from everybody"
            )));
        }
        match patiently(|| self.iam.policy(&arn)).await? {
            Some(found) => Ok(plan_policy_deletion(&found)),
            None => Ok(Plan {
                notes: vec![format!("there is no policy {arn}")],
                ..Plan::default()
            }),
        }
    }

    /// A name is one of ours, an ARN any.
    fn policy_arn(&self, name: &str) -> String {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let (partition, account) = (&self.home.partition, &self.home.account);
        format!("arn:{partition}:iam::{account}:policy{POLICY_PATH}{name}")
    }
}
