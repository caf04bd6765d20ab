//! Everything somebody needs, in one go: group, user, keys, quotas.

use weir_core::ids::KeyId;
use weir_core::provision::{
    self, Change, FoundKey, FoundUser, Grant, INLINE_GROUP_LIMIT, KeyKind, KeyStatus, Plan, Said,
    Step, check_policy, check_tool, plan_group, tag_value,
};
use weir_core::quota::{Quota, Scope};
use weir_store::RuleChange;

use super::keys::tools;
use super::{NewUser, Provisioner, patiently, refused};
use crate::EngineError;

/// What somebody is to have.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The person.
    pub user: NewUser,
    /// Tools that get a Bedrock API key each.
    pub tools: Vec<String>,
    /// After how many days keys end by themselves.
    pub days: Option<u32>,
    /// Quotas of the user's own; their scope is filled in.
    pub quotas: Vec<Quota>,
    /// What the team's group grants, if it has to be made.
    pub grant: Grant,
}

impl Provisioner<'_> {
    /// All of it; what is there already stays. A tool that has an active key gets no other.
    pub async fn plan_everything(&self, wanted: &Wanted) -> Result<Plan, EngineError> {
        let new = &wanted.user;
        let (_, group) = provision::group_name(&new.team).map_err(refused)?;
        let mut plan = self.plan_team_of(wanted, &group).await?;
        plan.then(self.plan_user_in(new, &group).await?);
        self.plan_tools(wanted, &group, &mut plan).await?;
        self.plan_quotas(wanted, &mut plan).await?;
        Ok(plan)
    }

    /// The group of somebody's team. One that is there is the business of `weir group`.
    async fn plan_team_of(&self, wanted: &Wanted, group: &str) -> Result<Plan, EngineError> {
        let mut plan = Plan::default();
        let is_there = self.has_seen(group);
        let found = if is_there {
            None
        } else {
            patiently(|| self.iam.group(group)).await?
        };
        if is_there
            || found
                .as_ref()
                .is_some_and(|found| found.team_policy.is_some())
        {
            self.has_found(group);
            plan.exists.push(format!("the group {group}"));
            return Ok(plan);
        }
        let text = wanted
            .grant
            .team_policy(&self.home.partition, &self.home.account);
        check_policy(&text, INLINE_GROUP_LIMIT)
            .map_err(|error| refused(format!("the policy of {group}: {error}")))?;
        plan.then(plan_group(group, &text, found.as_ref(), false));
        if wanted.grant.is_empty() {
            let (team, _) = provision::group_name(&wanted.user.team).map_err(refused)?;
            plan.notes.push(format!(
                "{group} grants nothing yet: `weir group setup {team}` says what the team may call"
            ));
        }
        Ok(plan)
    }

    async fn plan_tools(
        &self,
        wanted: &Wanted,
        group: &str,
        plan: &mut Plan,
    ) -> Result<(), EngineError> {
        if wanted.tools.is_empty() {
            return Ok(());
        }
        let rules = self.engine.reload_rules().await?;
        let name = &wanted.user.name;
        let found = self.outline_with_keys(name).await?;
        let user = self.user_named(name, found.as_ref(), &rules);
        let others = self.others(name, &user, &rules).await?;
        let mut own = found.unwrap_or_else(|| about_to_be(&wanted.user));
        let joins = Step::Aws(Change::AddToGroup {
            user: name.clone(),
            group: group.to_owned(),
        });
        if plan.steps.contains(&joins) {
            own.groups.push(group.to_owned());
        }
        let mut known = tools(&rules);
        for (at, tool) in wanted.tools.iter().enumerate() {
            let tool = check_tool(tool).map_err(refused)?;
            let keys = own
                .keys
                .iter()
                .chain(others.iter().flat_map(|other| &other.keys));
            let of_tool = keys.filter(|key| known.get(&key.id) == Some(&tool));
            let usable = of_tool.filter(|key| key.status != KeyStatus::Expired);
            // Another key would be no remedy for one that somebody, or a block, has deactivated.
            let has = usable.min_by_key(|key| key.status);
            if let Some(FoundKey { id, status, .. }) = has {
                plan.exists
                    .push(format!("a key of {name} for {tool} ({id})"));
                if *status == KeyStatus::Inactive {
                    plan.notes.push(if self.is_tool_blocked(&user, &tool).await? {
                        format!("{tool} is blocked for {user}: the key {id} is deactivated until that ends")
                    } else {
                        format!("the key {id} for {tool} is deactivated: `weir user enable-key {name} {id}`")
                    });
                }
                continue;
            }
            let kind = KeyKind::Bedrock;
            let made = self
                .plan_key_of(&own, &tool, kind, wanted.days, &known)
                .await?;
            let on_own = made
                .steps
                .iter()
                .any(|step| matches!(step, Step::Key(new) if new.holder == *name));
            if on_own {
                // The next tool finds this one's key in its place.
                let id = KeyId::new(format!("planned-{at}"));
                known.insert(id.clone(), tool);
                own.keys.push(FoundKey {
                    id,
                    kind,
                    status: KeyStatus::Active,
                    created: None,
                    expires: None,
                });
            }
            plan.then(made);
        }
        Ok(())
    }

    /// The quotas of these people that would be set anew: for a look at whom they would block.
    pub async fn quotas_to_set(&self, people: &[Wanted]) -> Result<Vec<RuleChange>, EngineError> {
        let mut plan = Plan::default();
        for wanted in people {
            self.plan_quotas(wanted, &mut plan).await?;
        }
        let quotas = plan.steps.into_iter().filter_map(|step| match step {
            Step::Weir(Said::Quota(quota)) => Some(RuleChange::SetQuota(quota)),
            _ => None,
        });
        Ok(quotas.collect())
    }

    async fn plan_quotas(&self, wanted: &Wanted, plan: &mut Plan) -> Result<(), EngineError> {
        if wanted.quotas.is_empty() {
            return Ok(());
        }
        let rules = self.engine.rules().await?;
        let name = &wanted.user.name;
        let found = self.outline(name, false).await?;
        let user = self.user_named(name, found.as_ref(), &rules);
        let stored = self.engine.store.rules().await?.quotas;
        for quota in &wanted.quotas {
            let quota = Quota {
                scope: Scope::User(user.clone()),
                ..quota.clone()
            };
            let same = stored.iter().any(|known| {
                (&known.scope, known.metric, known.window)
                    == (&quota.scope, quota.metric, quota.window)
                    && (known.limit, known.action) == (quota.limit, quota.action)
            });
            if same {
                plan.exists.push(format!(
                    "the quota {} {} per {}",
                    quota.scope, quota.metric, quota.window
                ));
            } else {
                plan.say(Said::Quota(quota));
            }
        }
        Ok(())
    }
}

/// A user that an earlier step of the plan makes.
fn about_to_be(new: &NewUser) -> FoundUser {
    let tag = |key: &str, value: &str| (key.to_owned(), tag_value(value));
    let team = provision::group_name(&new.team).map(|(team, _)| team.to_string());
    let tags = [
        Some(tag("Person", new.person.trim())),
        team.ok().map(|team| tag("Team", &team)),
        new.email.as_deref().map(|email| tag("Email", email.trim())),
    ];
    FoundUser {
        name: new.name.clone(),
        tags: tags.into_iter().flatten().collect(),
        ..FoundUser::default()
    }
}
