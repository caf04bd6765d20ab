//! Teams' groups and what they grant.

use weir_core::attribution::{self, AttributionSettings};
use weir_core::ids::TeamId;
use weir_core::model::ModelRef;
use weir_core::provision::{
    self, FoundGroup, Grant, INLINE_GROUP_LIMIT, Plan, Route, check_policy, plan_group,
    plan_group_deletion,
};

use super::{Provisioner, patiently, refused};
use crate::EngineError;
use crate::ports::Directory;

/// What somebody is to be granted, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Foundation models.
    pub models: Vec<String>,
    /// System profiles by id, application profiles by ARN.
    pub profiles: Vec<String>,
    /// Routes that are not to be denied.
    pub open: Vec<Route>,
}

impl Wish {
    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty() && self.profiles.is_empty() && self.open.is_empty()
    }
}

impl Provisioner<'_> {
    /// What a wish means; application profiles are looked up.
    pub async fn grant(
        &self,
        wish: &Wish,
        directory: &dyn Directory,
    ) -> Result<Grant, EngineError> {
        let mut grant = Grant::default();
        for model in &wish.models {
            grant.add_model(model).map_err(refused)?;
        }
        for profile in &wish.profiles {
            let behind = match ModelRef::parse(profile).look_up() {
                Some(arn) => Some(patiently(|| directory.profile(arn)).await?),
                None => None,
            };
            grant
                .add_profile(profile, behind.as_deref())
                .map_err(refused)?;
        }
        grant.open.extend(wish.open.iter().copied());
        if let Some(model) = grant.contradictions().first() {
            return Err(refused(format!(
                "`{model}` is called asynchronously only, and that route is denied: open it with \
                 --open async"
            )));
        }
        Ok(grant)
    }

    /// The group of a team: the one that is named as ours are, else one that the configuration takes for it.
    pub async fn group(&self, team: &str) -> Result<Option<FoundGroup>, EngineError> {
        let (team, name) = provision::group_name(team).map_err(refused)?;
        let found = patiently(|| self.iam.group(&name)).await?;
        if found.is_some() {
            return Ok(found);
        }
        let rules = self.engine.rules().await?;
        let settings = &rules.settings.attribution;
        let names = patiently(|| self.iam.groups()).await?;
        let mut names = names.iter();
        match names.find(|name| team_named(name, settings).as_ref() == Some(&team)) {
            Some(name) => Ok(patiently(|| self.iam.group(name)).await?),
            None => Ok(None),
        }
    }

    /// The groups of teams, by name: those that are named as ours are, and those that the configuration
    /// takes for a team's.
    pub async fn groups(&self) -> Result<Vec<(TeamId, FoundGroup)>, EngineError> {
        let rules = self.engine.rules().await?;
        let mut names = patiently(|| self.iam.groups()).await?;
        names.sort();
        let mut found = Vec::new();
        for name in names {
            if let Some(team) = team_named(&name, &rules.settings.attribution) {
                let group = patiently(|| self.iam.group(&name)).await?;
                found.extend(group.map(|group| (team, group)));
            }
        }
        Ok(found)
    }

    /// Makes a team's group. With `replace` what it grants is changed, and what was not typed is
    /// as it was.
    pub async fn plan_group(
        &self,
        team: &str,
        grant: Option<Grant>,
        replace: bool,
    ) -> Result<Plan, EngineError> {
        let (team, name) = provision::group_name(team).map_err(refused)?;
        let found = patiently(|| self.iam.group(&name)).await?;
        if replace && found.is_none() {
            return Err(no_group(&name, &team));
        }
        let known = found.as_ref().and_then(FoundGroup::grant);
        let is_ours = known.is_some();
        let named = grant.is_some();
        let grant = grant.or(known).unwrap_or_default();
        let text = grant.team_policy(&self.home.partition, &self.home.account);
        check_policy(&text, INLINE_GROUP_LIMIT)
            .map_err(|error| refused(format!("the policy of {name}: {error}")))?;
        let mut plan = plan_group(&name, &text, found.as_ref(), replace);
        if grant.is_empty() {
            plan.notes.push(format!(
                "{name} grants nothing: give models and profiles to `weir group setup`"
            ));
        }
        let has_other = found
            .as_ref()
            .is_some_and(|found| found.team_policy.is_some())
            && !is_ours;
        if has_other && !named {
            return Err(refused(format!(
                "the policy {} of {name} was not written by Weir: say what the team may call, and it \
                 is replaced",
                provision::TEAM_POLICY
            )));
        }
        Ok(plan)
    }

    /// Removes a team's group.
    pub async fn plan_group_deletion(&self, team: &str) -> Result<Plan, EngineError> {
        let (team, name) = provision::group_name(team).map_err(refused)?;
        let Some(found) = patiently(|| self.iam.group(&name)).await? else {
            return Ok(Plan {
                notes: vec![format!("there is no group {name}")],
                ..Plan::default()
            });
        };
        let mut plan = plan_group_deletion(&found);
        if !found.members.is_empty() {
            plan.notes.push(format!(
                "its {} members keep their place in team {team} in Weir, and their history",
                found.members.len()
            ));
        }
        Ok(plan)
    }
}

/// Whether a group stands for a team: it is named as ours are, or as the configuration says (rules A7).
pub(super) fn names_team(group: &str, settings: &AttributionSettings) -> bool {
    team_named(group, settings).is_some()
}

fn team_named(group: &str, settings: &AttributionSettings) -> Option<TeamId> {
    attribution::team_of_group(group, settings).or_else(|| provision::team_of_group(group))
}

pub(super) fn no_group(group: &str, team: &TeamId) -> EngineError {
    EngineError::NotThere(format!(
        "there is no group {group}: `weir group create {team}` makes it"
    ))
}
