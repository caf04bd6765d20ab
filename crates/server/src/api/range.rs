//! Stretches of local days that may be asked for.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::IntoParams;
use weir_core::calendar::{Window, WindowKind};

use super::query::parsed;
use crate::problem::Problem;

/// Days of one user or team.
pub(super) const LONGEST: i64 = 400;
/// Days that are looked at by two things.
pub(super) const LONG: i64 = 100;
/// Days, where nothing else is asked for.
const USUAL: i64 = 30;

/// Which days.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Days {
    /// The first local day [default: 30 days up to `to`].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<Date>,
    /// The last local day [default: today].
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) to: Option<Date>,
}

impl Days {
    /// The first and the last of them: `longest` days at most.
    pub(super) fn within(&self, longest: i64, today: Date) -> Result<(Date, Date), Problem> {
        let to = self.to.unwrap_or(today);
        let usual = || to.saturating_sub((USUAL - 1).days());
        let from = self.from.unwrap_or_else(usual);
        if from > to {
            return Err(Problem::bad_request(format!(
                "the query: from {from} is later than to {to}"
            )));
        }
        if from.saturating_add((longest - 1).days()) < to {
            return Err(Problem::bad_request(format!(
                "the query: from {from} to {to} is more than {longest} days: ask for fewer"
            )));
        }
        Ok((from, to))
    }
}

/// The window of a day.
pub(super) fn day(day: Date) -> Result<Window, Problem> {
    let window = Window::parse(WindowKind::Day, &day.to_string());
    window.ok_or_else(|| Problem::bad_request(format!("the query: {day} is out of reach")))
}
