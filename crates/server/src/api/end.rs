//! When something ends that an operator begins.

use jiff::Timestamp;
use weir_core::block::Until;
use weir_core::calendar::Zone;
use weir_core::{duration, instant};

use crate::problem::Problem;

/// The end that one of `for`, `until` and `indefinite` names; `None` if none does.
pub(crate) fn until(
    for_: Option<&str>,
    until: Option<&str>,
    indefinite: bool,
    now: Timestamp,
    zone: &Zone,
) -> Result<Option<Until>, Problem> {
    let named = [for_.is_some(), until.is_some(), indefinite];
    if named.into_iter().filter(|named| *named).count() > 1 {
        return Err(Problem::bad_request(
            "the body: give one of `for`, `until` and `indefinite`",
        ));
    }
    if indefinite {
        return Ok(Some(Until::Indefinite));
    }
    let wrong =
        |field: &str, error: String| Problem::bad_request(format!("the body: {field}: {error}"));
    if let Some(text) = for_ {
        let term = duration::parse(text).map_err(|error| wrong("for", error.to_string()))?;
        let end = now.checked_add(term);
        let end = end.map_err(|_| wrong("for", format!("{text} is too long")))?;
        return Ok(Some(Until::At(end)));
    }
    let end = until.map(|text| instant::end(text, zone, now)).transpose();
    let end = end.map_err(|error| wrong("until", error))?;
    Ok(end.map(Until::At))
}
