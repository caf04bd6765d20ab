//! How far sources have been read.

use jiff::SignedDuration;
use weir_store::Cursor;

use crate::make::{NOON, at};
use crate::place::Place;

pub(crate) async fn a_cursor_stays_until_its_source_ends(place: Place) {
    let store = &*place.store;
    let source = "s3://logs/«año» 2026-11-01..";
    let other = "s3://logs/«AÑO» 2026-11-01..";
    let now = at(NOON);
    assert_eq!(store.cursor(source).await.unwrap(), None);

    let first = Cursor {
        position: "AWSLogs/a.json.gz".to_owned(),
        at: now,
    };
    store.set_cursor(source, &first).await.unwrap();
    assert_eq!(store.cursor(source).await.unwrap(), Some(first));
    assert_eq!(store.cursor(other).await.unwrap(), None, "another source");

    let further = Cursor {
        position: format!("{}/ü.json.gz", "k".repeat(1_000)),
        at: now + SignedDuration::from_secs(1),
    };
    store.set_cursor(source, &further).await.unwrap();
    assert_eq!(store.cursor(source).await.unwrap(), Some(further));

    store.drop_cursor(source).await.unwrap();
    assert_eq!(store.cursor(source).await.unwrap(), None);
    store.drop_cursor(source).await.unwrap();
}
