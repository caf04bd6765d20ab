//! Amounts of the API, for people.

use weir_core::money::Usd;
use weir_core::quota::Metric;
use weir_core::quota_text::show_amount;

/// `5,000` or `$500.00`. What is not an amount is shown as it is.
pub(crate) fn amount(metric: &str, text: &str) -> String {
    if metric == Metric::Cost.as_str() {
        return text.parse::<Usd>().map_or_else(
            |_| text.to_owned(),
            |usd| show_amount(Metric::Cost, usd.nanos()),
        );
    }
    text.parse().map_or_else(
        |_| text.to_owned(),
        |count| show_amount(Metric::Requests, count),
    )
}
