//! Which mails the e-mail function sent, and which it is sending.

use jiff::SignedDuration;
use weir_store::{MailClaim, Retained};

use crate::make::{NOON, at};
use crate::place::Place;

pub(crate) async fn a_mail_is_sent_by_one_and_remembered_until_its_term_is_over(place: Place) {
    let store = &*place.store;
    let (old, new) = ("a".repeat(64), "b".repeat(64));
    let (before, now) = (at(NOON) - SignedDuration::from_hours(1), at(NOON));
    let until = before + SignedDuration::from_mins(5);
    let hold = async |mail: &str, at| {
        let end = at + SignedDuration::from_mins(5);
        store.hold_mail(mail, at, end).await.unwrap()
    };
    assert_eq!(hold(&old, before).await, MailClaim::Free);
    assert_eq!(hold(&old, before).await, MailClaim::Held);
    assert_eq!(hold(&new, before).await, MailClaim::Free, "another mail");
    // Whoever could not send it gives it back; whoever died leaves it for a while.
    store.give_mail_back(&old).await.unwrap();
    assert_eq!(hold(&old, before).await, MailClaim::Free);
    assert_eq!(hold(&old, until).await, MailClaim::Free);

    store.remember_mail(&old, before).await.unwrap();
    store.remember_mail(&new, now).await.unwrap();
    store.remember_mail(&new, now).await.unwrap();
    store.give_mail_back(&new).await.unwrap();
    assert_eq!(hold(&old, now).await, MailClaim::Sent);
    assert_eq!(hold(&new, now).await, MailClaim::Sent);

    store.remove(Retained::Outbox, now, 100).await.unwrap();
    assert_eq!(hold(&old, now).await, MailClaim::Free);
    assert_eq!(hold(&new, now).await, MailClaim::Sent);
}
