//! Which mails the e-mail function sent.

use jiff::SignedDuration;
use weir_store::Retained;

use crate::make::{NOON, at};
use crate::place::Place;

pub(crate) async fn a_mail_is_remembered_until_its_term_is_over(place: Place) {
    let store = &*place.store;
    let (old, new) = ("a".repeat(64), "b".repeat(64));
    let now = at(NOON);
    assert!(!store.mail_was_sent(&old).await.unwrap());

    let before = now - SignedDuration::from_hours(1);
    store.remember_mail(&old, before).await.unwrap();
    store.remember_mail(&new, now).await.unwrap();
    store.remember_mail(&new, now).await.unwrap();
    assert!(store.mail_was_sent(&old).await.unwrap());
    assert!(store.mail_was_sent(&new).await.unwrap());

    store.remove(Retained::Outbox, now, 100).await.unwrap();
    assert!(!store.mail_was_sent(&old).await.unwrap());
    assert!(store.mail_was_sent(&new).await.unwrap());
}
