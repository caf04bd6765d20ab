//! How often a settle speaks to a server, whatever the size of its batch. That it stays so when
//! something is decided is held by a test (`the_hot_path_speaks_as_often_whatever_the_batch`).

use weir_testkit::proxy::CountingProxy;

use super::place::{self, Place, text};
use super::settle::settle;
use super::{Line, invocations};

const SIZES: [u64; 3] = [1, 100, 1_000];
/// Calls that no other benchmark makes.
const FROM: u64 = 1 << 45;

pub(super) async fn of(place: &Place) -> Result<Option<Line>, String> {
    let Some(server) = &place.server else {
        return Ok(None);
    };
    let proxy = CountingProxy::before(server).await.map_err(text)?;
    let behind = place::at("behind a proxy", &proxy.url).await?;
    let mut counts = Vec::new();
    for (n, size) in (0..).zip(SIZES) {
        let calls = |at: u64| invocations::calls(FROM + n * 10_000 + at, size);
        // The first settle of a connection also opens and prepares it.
        settle(&behind, calls(0), &format!("trips-warm-{size}")).await?;
        let before = proxy.trips();
        settle(&behind, calls(size), &format!("trips-{size}")).await?;
        counts.push((proxy.trips() - before).to_string());
    }
    Ok(Some(Line {
        what: format!(
            "round trips of a settle of 1, 100 and 1 000 new records, {}",
            place.name
        ),
        bar: "≤ 6, the same",
        measured: counts.join(", "),
    }))
}
