//! Sums and windows.

use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::Sums;

use crate::error::StoreError;
use crate::value::{Arg, Row, unreadable};

/// The cells of sums, in the order of `sum_columns!`.
pub(crate) fn cells(sums: &Sums) -> [Arg<'static>; 12] {
    let Sums {
        requests,
        failed,
        input,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output,
        cost_nanos,
        unpriced,
        unmetered,
        provisional_tokens,
        provisional_cost_nanos,
    } = *sums;
    [
        requests,
        failed,
        input,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output,
        cost_nanos,
        unpriced,
        unmetered,
        provisional_tokens,
        provisional_cost_nanos,
    ]
    .map(Arg::Int)
}

/// Sums from the columns of `sum_columns!` or `summed!`.
pub(crate) fn read(row: &mut Row) -> Result<Sums, StoreError> {
    Ok(Sums {
        requests: row.int("requests")?,
        failed: row.int("failed")?,
        input: row.int("input_tokens")?,
        cache_read: row.int("cache_read_tokens")?,
        cache_write_5m: row.int("cache_write_5m_tokens")?,
        cache_write_1h: row.int("cache_write_1h_tokens")?,
        output: row.int("output_tokens")?,
        cost_nanos: row.int("cost_nanos")?,
        unpriced: row.int("unpriced")?,
        unmetered: row.int("unmetered")?,
        provisional_tokens: row.int("provisional_tokens")?,
        provisional_cost_nanos: row.int("provisional_cost_nanos")?,
    })
}

/// As [`read`]; `None` where the columns of an outer join are NULL.
pub(crate) fn maybe(row: &mut Row) -> Result<Option<Sums>, StoreError> {
    let mut cells = [0_i64; 12];
    let mut is_there = true;
    for cell in &mut cells {
        match row.maybe_int("usage_counters")? {
            Some(number) => *cell = number,
            None => is_there = false,
        }
    }
    let [
        requests,
        failed,
        input,
        cache_read,
        short,
        long,
        output,
        cost_nanos,
        unpriced,
        unmetered,
        provisional_tokens,
        provisional_cost_nanos,
    ] = cells;
    Ok(is_there.then_some(Sums {
        requests,
        failed,
        input,
        cache_read,
        cache_write_5m: short,
        cache_write_1h: long,
        output,
        cost_nanos,
        unpriced,
        unmetered,
        provisional_tokens,
        provisional_cost_nanos,
    }))
}

/// A window from its kind and key.
pub(crate) fn window(kind: WindowKind, key: &str) -> Result<Window, StoreError> {
    Window::parse(kind, key).ok_or_else(|| unreadable("window_key", key, "is not a window"))
}

/// A window from two columns, kind first.
pub(crate) fn read_window(row: &mut Row) -> Result<Window, StoreError> {
    let kind = row.word("window_kind")?;
    window(kind, &row.text("window_key")?)
}
