//! Instants as people type them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use crate::calendar::Zone;

/// Reads the end of something: `18:00` (the next time the clock shows it), a local date-time, or
/// RFC 3339.
pub fn end(text: &str, zone: &Zone, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Ok(date) = text.parse::<Date>()
        && text.len() == "2026-11-20".len()
    {
        return Err(format!(
            "`{text}` names no time of day: write '{date} 00:00' for its beginning or '{date} 23:59' \
             for its end"
        ));
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return Ok(zone.first_instant(local));
    }
    let time = text.parse::<Time>().map_err(|_| {
        format!(
            "`{text}` is not a time: write 18:00, '2026-11-20 18:00' ({}) or RFC 3339",
            zone.name()
        )
    })?;
    let today = zone.day(now);
    let at = zone.first_instant(today.to_datetime(time));
    if at > now {
        return Ok(at);
    }
    let tomorrow = today.tomorrow().map_err(|error| error.to_string())?;
    Ok(zone.first_instant(tomorrow.to_datetime(time)))
}
