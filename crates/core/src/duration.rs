//! How long a block lasts, as administrators write it: `12h`, `7d`, `90d` (rules B2).

use jiff::SignedDuration;

/// A text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration: write hours or days, such as 12h or 7d")]
pub struct BadDuration(pub String);

/// Reads `12h`, `7d`, `30m`; a day is exactly 24 hours. Never zero.
pub fn parse(text: &str) -> Result<SignedDuration, BadDuration> {
    let bad = || BadDuration(text.to_owned());
    let trimmed = text.trim();
    let unit = trimmed.chars().last().ok_or_else(bad)?;
    let number: i64 = trimmed[..trimmed.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| bad())?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(bad()),
    };
    match number.checked_mul(seconds) {
        Some(total) if total > 0 => Ok(SignedDuration::from_secs(total)),
        _ => Err(bad()),
    }
}

/// Writes it in the largest unit of days, hours and minutes that leaves nothing over.
pub fn short(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "0".to_owned(),
        _ if seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        _ if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        _ => format!("{}m", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_are_read() {
        assert_eq!(parse("12h"), Ok(SignedDuration::from_hours(12)));
        assert_eq!(parse(" 7d "), Ok(SignedDuration::from_hours(168)));
        assert_eq!(parse("30m"), Ok(SignedDuration::from_mins(30)));
        for bad in [
            "",
            "d",
            "0d",
            "-1d",
            "1w",
            "1.5h",
            "9999999999999999999d",
            "7€",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
