//! Pages: how many rows, and where the next begins. A cursor is opaque, and stays good whatever comes
//! and goes between two pages.

use crate::problem::Problem;

/// Rows of a page, where nothing else is asked for.
const USUAL: u32 = 50;
/// The longest page.
const MOST: u32 = 500;

/// How many rows to read.
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(USUAL),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::bad_request(format!(
            "the query: limit: from 1 to {MOST}"
        ))),
    }
}

/// The cursor after a row with this key.
pub(super) fn cursor(key: &str) -> String {
    weir_core::operator::hex(key.as_bytes())
}

/// Of rows that were read, one more than the page has, those of the page; and the cursor of the next, if
/// there is one.
pub(super) fn cut<T, C>(rows: &mut Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> C) -> Option<C> {
    let limit = limit as usize;
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().map(cursor)
}

/// Something else stands where a cursor should.
pub(super) fn no_cursor() -> Problem {
    Problem::bad_request("the query: cursor: take it from `next` of an answer")
}

/// The key that a cursor stands for.
pub(super) fn key(cursor: &str) -> Result<String, Problem> {
    let wrong = no_cursor;
    let digits: Option<Vec<u8>> = cursor
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits.ok_or_else(wrong)?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(wrong());
    }
    let bytes = pairs.iter().map(|[high, low]| (high << 4) | low).collect();
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for text in ["", "ana", "444455556666/ñandú", "role/X"] {
            assert_eq!(key(&cursor(text)).unwrap(), text);
        }
        for wrong in ["x", "6", "ff", "é"] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }
}
