//! Limits as people write them: `350`, `5_000`, `25k`, `2M`, `$500`, `unlimited`.

use crate::money::Usd;
use crate::quota::{Limit, Metric};

/// Reads a limit for a metric. Cost is money only, counts are numbers only: nothing is guessed.
pub fn parse_limit(metric: Metric, text: &str) -> Result<Limit, String> {
    if text.eq_ignore_ascii_case("unlimited") {
        return Ok(Limit::Unlimited);
    }
    let amount = parse_amount(metric, text)?;
    if amount < 0 {
        return Err(format!("`{text}`: a limit is never negative"));
    }
    Ok(Limit::Of(amount))
}

/// Reads how much of a metric: nano-dollars for cost, else a count.
pub fn parse_amount(metric: Metric, text: &str) -> Result<i64, String> {
    match metric {
        Metric::Cost => money(text),
        _ if text.contains('$') => Err(format!(
            "`{text}` is an amount of money, and {metric} is a count: write a number, or use the \
             metric `cost`"
        )),
        _ => count(text).ok_or_else(|| {
            format!(
                "`{text}` is not a number of {metric}: write 350, 5_000, 5,000, 25k, 2M or unlimited"
            )
        }),
    }
}

/// A limit as [`parse_limit`] reads it back, exactly.
pub fn write_limit(metric: Metric, limit: Limit) -> String {
    match limit {
        Limit::Unlimited => "unlimited".to_owned(),
        Limit::Of(amount) if metric == Metric::Cost => {
            format!("${}", Usd::from_nanos(amount).to_decimal())
        }
        Limit::Of(amount) => amount.to_string(),
    }
}

/// An amount for people: `5,000` or `$500.00`.
pub fn show_amount(metric: Metric, amount: i64) -> String {
    match metric {
        Metric::Cost => Usd::from_nanos(amount).display(2),
        _ => thousands(amount),
    }
}

/// A number with separators.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn money(text: &str) -> Result<i64, String> {
    // `25k` would be read by nobody alike; `$500`, `500` and `1,200.50` are.
    text.parse::<Usd>()
        .map(Usd::nanos)
        .map_err(|error| format!("{error}; write it like '$500' or '$1,200.50', or unlimited"))
}

fn count(text: &str) -> Option<i64> {
    let (digits, factor) = match text.char_indices().next_back()? {
        (at, 'k' | 'K') => (&text[..at], 1_000),
        (at, 'm' | 'M') => (&text[..at], 1_000_000),
        _ => (text, 1),
    };
    // `1,5k` is not fifteen hundred to everybody: separators part groups of three digits.
    let plain = match digits.find([',', '_']) {
        Some(_) => ungroup(digits)?,
        None => digits.to_owned(),
    };
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    plain.parse::<i64>().ok()?.checked_mul(factor)
}

fn ungroup(digits: &str) -> Option<String> {
    let separator = digits.chars().find(|c| !c.is_ascii_digit())?;
    let groups: Vec<_> = digits.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let fits = (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    fits.then(|| groups.concat())
}
