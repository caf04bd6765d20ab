//! `[attribution]`

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde::Deserialize;
use weir_core::attribution::{AttributionSettings, USER_AGENTS};
use weir_core::ids::{AccountId, ToolId};

use super::value;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AttributionSection {
    /// Roles whose session names are trusted to name a person.
    pub(crate) session_roles: Option<Vec<String>>,
    /// An IAM group that names a team.
    #[serde(deserialize_with = "value::pattern")]
    pub(crate) team_group_pattern: Option<Regex>,
    /// A permission set that names a team.
    #[serde(deserialize_with = "value::pattern")]
    pub(crate) permission_set_team_pattern: Option<Regex>,
    /// Part of a user agent → tool; asked before the built-in table, longest part first.
    pub(crate) user_agents: Option<BTreeMap<String, String>>,
}

impl AttributionSection {
    pub(crate) fn settings(&self, home_account: Option<AccountId>) -> AttributionSettings {
        let defaults = AttributionSettings::default();
        AttributionSettings {
            home_account,
            session_roles: self.session_roles.clone().unwrap_or_default(),
            team_group_pattern: self
                .team_group_pattern
                .clone()
                .unwrap_or(defaults.team_group_pattern),
            permission_set_team_pattern: self.permission_set_team_pattern.clone(),
            user_agents: self.user_agents(),
        }
    }

    fn user_agents(&self) -> Vec<(String, ToolId)> {
        let mut own: Vec<_> = self
            .user_agents
            .iter()
            .flatten()
            .map(|(part, tool)| (part.to_lowercase(), ToolId::new(tool.trim().to_lowercase())))
            .collect();
        own.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let known = USER_AGENTS
            .iter()
            .map(|(part, tool)| ((*part).to_owned(), ToolId::new(tool)));
        own.into_iter().chain(known).collect()
    }
}
