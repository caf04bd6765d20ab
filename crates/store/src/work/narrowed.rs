//! A filter of usage as statements take it.

use weir_core::ids::{ModelId, TeamId, ToolId, UserId};

use crate::filter::UsageFilter;
use crate::value::{Arg, args};
use crate::work::reads::day_range;

/// What usage is narrowed down to.
pub(crate) struct Narrowed<'f> {
    /// The first day; of hours, where they begin.
    pub(crate) first: String,
    /// Before which the hours end.
    pub(crate) end: String,
    /// The last day.
    pub(crate) last: String,
    pub(crate) team: Option<&'f str>,
    pub(crate) user: Option<&'f str>,
    pub(crate) model: Option<&'f str>,
    pub(crate) tool: Option<&'f str>,
}

impl<'f> Narrowed<'f> {
    pub(crate) fn by(filter: &'f UsageFilter) -> Self {
        let UsageFilter {
            from,
            to,
            team,
            user,
            model,
            tool,
        } = filter;
        let (first, end) = day_range(*from, *to);
        Self {
            first,
            last: to.map_or_else(|| end.clone(), |day| day.to_string()),
            end,
            team: team.as_ref().map(TeamId::as_str),
            user: user.as_ref().map(UserId::as_str),
            model: model.as_ref().map(ModelId::as_str),
            tool: tool.as_ref().map(ToolId::as_str),
        }
    }

    /// Of two statements the one that reads fewer rows: over everybody's hours, or over those of the one
    /// user who is asked about. With its arguments.
    pub(crate) fn hours(
        &self,
        of_all: &'static str,
        of_user: &'static str,
    ) -> (&'static str, Vec<Arg<'_>>) {
        let Self {
            first,
            end,
            team,
            user,
            model,
            tool,
            last: _,
        } = self;
        let (first, end) = (first.as_str(), end.as_str());
        let (team, model, tool) = (*team, *model, *tool);
        match *user {
            None => {
                let user = None::<&str>;
                let arguments = args![first, end, team, team, user, user, model, model, tool, tool];
                (of_all, arguments)
            }
            Some(user) => {
                let arguments = args![user, first, end, user, team, team, model, model, tool, tool];
                (of_user, arguments)
            }
        }
    }
}
