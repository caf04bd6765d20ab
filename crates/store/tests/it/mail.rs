//! Messages on their way: claimed, turned into letters, sent, forgotten.

use jiff::{SignedDuration, Timestamp};
use weir_core::incident::{Change, Step};
use weir_core::message::{About, Addressed, Audience, Kind, Message, Reach};
use weir_core::plan::Plan;
use weir_core::standing::Situation;
use weir_store::{
    ClaimedMessages, DeliveryEnd, Lease, MailFilter, MessageEnd, NewDelivery, Retained, Store,
};

use crate::make::{NOON, at, batch, rules};
use crate::place::Place;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn noon() -> Timestamp {
    at(NOON)
}

fn lease(owner: &str, from: Timestamp) -> Lease {
    Lease {
        owner: owner.to_owned(),
        until: from + MINUTE * 5,
    }
}

fn about(user: &str, kind: Kind) -> Message {
    Message {
        about: About::User {
            user: user.into(),
            team: None,
        },
        at: noon(),
        ..Message::sample(kind)
    }
}

/// Writes messages as a decision does.
async fn tell(store: &dyn Store, id: &str, told: Vec<Message>) {
    let rules = rules(store).await;
    let batch = weir_store::Batch {
        users: vec!["ana".into()],
        ..batch(id, &rules, Vec::new())
    };
    let plan = Plan {
        told,
        ..Plan::default()
    };
    store
        .settle(&batch, &|_: &Situation| plan.clone())
        .await
        .unwrap();
}

fn letter(to: &str) -> NewDelivery {
    NewDelivery {
        to: Addressed {
            channel: "smtp".to_owned(),
            audience: Audience::User,
            to: (!to.is_empty()).then(|| to.to_owned()),
            name: Some("Ana".to_owned()),
            language: None,
            reach: Reach::Personal,
        },
        language: "es".to_owned(),
        skipped: to.is_empty().then(|| "no address is known".to_owned()),
    }
}

async fn claim(store: &dyn Store, owner: &str, now: Timestamp) -> Vec<ClaimedMessages> {
    let lease = lease(owner, now);
    store.claim_messages(now, &lease, 10).await.unwrap()
}

/// Lets every message of a user leave to these addresses.
async fn leave(store: &dyn Store, to: &[&str]) {
    let now = noon();
    for subject in claim(store, "teller", now).await {
        let letters = || to.iter().map(|to| letter(to)).collect();
        let ends = subject.waiting.iter();
        let ends = ends.map(|one| (one.seq, MessageEnd::Told(letters())));
        let held = lease("teller", now);
        let closed = store.close_messages(&held, &subject.subject, now, ends.collect());
        assert!(closed.await.unwrap());
    }
}

fn kinds(claimed: &[ClaimedMessages]) -> Vec<(String, Vec<Kind>)> {
    let of = |one: &ClaimedMessages| {
        let kinds = one
            .waiting
            .iter()
            .map(|row| row.message.as_ref().unwrap().kind());
        (one.subject.clone(), kinds.collect())
    };
    claimed.iter().map(of).collect()
}

pub(crate) async fn messages_are_claimed_by_subject_and_by_one(place: Place) {
    let store = &*place.store;
    let told = vec![
        about("ana", Kind::ProtectionEnded),
        about("bob", Kind::Blocked),
        about("ana", Kind::Blocked),
    ];
    tell(store, "s1", told.clone()).await;
    tell(store, "s2", told).await;
    assert_eq!(claim(store, "one", noon() - MINUTE).await, [], "not yet");
    let claimed = claim(store, "one", noon()).await;
    let both = vec![Kind::ProtectionEnded, Kind::Blocked];
    assert_eq!(
        kinds(&claimed),
        [
            ("user:ana".to_owned(), both.clone()),
            ("user:bob".to_owned(), vec![Kind::Blocked])
        ],
        "each once, in the order of their writing"
    );
    // What comes meanwhile waits for those who have the subject.
    tell(store, "s3", vec![about("ana", Kind::Unblocked)]).await;
    assert_eq!(claim(store, "two", noon()).await, []);
    let later = noon() + MINUTE * 5;
    let again = claim(store, "two", later).await;
    assert_eq!(again[0].waiting.len(), 3, "a lease that ran out is taken");
    let ana = &again[0];
    let ends = vec![
        (
            ana.waiting[0].seq,
            MessageEnd::Unsent("cancelled".to_owned()),
        ),
        (
            ana.waiting[1].seq,
            MessageEnd::Told(vec![letter("a@example.com")]),
        ),
        (ana.waiting[2].seq, MessageEnd::Later(later + MINUTE)),
    ];
    let held = lease("two", later);
    assert!(
        store
            .close_messages(&held, "user:ana", later, ends)
            .await
            .unwrap()
    );
    assert_eq!(kinds(&claim(store, "two", later).await), []);
    let last = claim(store, "two", later + MINUTE).await;
    let told: Vec<Kind> = last[0].told.iter().map(Message::kind).collect();
    assert_eq!(told, [Kind::Blocked], "what the user knows");
    assert_eq!(last[0].waiting.len(), 1);
}

pub(crate) async fn what_is_told_in_the_place_of_another_keeps_its_order(place: Place) {
    let store = &*place.store;
    let told = vec![
        about("ana", Kind::Blocked),
        about("ana", Kind::BlockedByAdministrator),
    ];
    tell(store, "s1", told).await;
    let claimed = claim(store, "one", noon()).await;
    let [first, second] = &claimed[0].waiting[..] else {
        panic!("{claimed:?}")
    };
    let instead = Box::new(about("ana", Kind::LimitReached));
    let letters = || vec![letter("a@example.com")];
    let ends = vec![
        (first.seq, MessageEnd::Replaced(instead, letters())),
        (second.seq, MessageEnd::Told(letters())),
    ];
    let held = lease("one", noon());
    let closed = store.close_messages(&held, "user:ana", noon(), ends);
    assert!(closed.await.unwrap());
    tell(store, "s2", vec![about("ana", Kind::Unblocked)]).await;
    let next = claim(store, "two", noon()).await;
    let told: Vec<Kind> = next[0].told.iter().map(Message::kind).collect();
    assert_eq!(
        told,
        [Kind::BlockedByAdministrator, Kind::LimitReached],
        "the last one first"
    );
}

pub(crate) async fn what_a_lost_lease_decides_is_not_written(place: Place) {
    let store = &*place.store;
    tell(store, "s1", vec![about("ana", Kind::Blocked)]).await;
    let first = claim(store, "one", noon()).await.remove(0);
    let later = noon() + MINUTE * 5;
    let second = claim(store, "two", later).await.remove(0);
    let ends = || {
        vec![(
            first.waiting[0].seq,
            MessageEnd::Told(vec![letter("a@example.com")]),
        )]
    };
    assert_eq!(first, second);
    let (old, new) = (lease("one", noon()), lease("two", later));
    assert!(
        !store
            .close_messages(&old, "user:ana", later, ends())
            .await
            .unwrap()
    );
    assert!(
        store
            .close_messages(&new, "user:ana", later, ends())
            .await
            .unwrap()
    );
    assert!(
        !store
            .close_messages(&new, "user:ana", later, ends())
            .await
            .unwrap()
    );
    let rows = store.mail(&filter(None)).await.unwrap();
    assert_eq!(rows[0].deliveries.len(), 1);
}

fn filter(state: Option<&str>) -> MailFilter {
    MailFilter {
        state: state.map(ToOwned::to_owned),
        limit: 10,
        ..MailFilter::default()
    }
}

pub(crate) async fn letters_to_one_reader_leave_in_order(place: Place) {
    let store = &*place.store;
    let told = [Kind::ProtectionEnded, Kind::Blocked].map(|kind| about("ana", kind));
    tell(store, "s1", told.to_vec()).await;
    leave(store, &["a@example.com", "b@example.com", ""]).await;
    let due = |now: Timestamp, owner: &'static str| async move {
        let lease = lease(owner, now);
        store.claim_deliveries(now, &lease, 10).await.unwrap()
    };
    let first = due(noon(), "one").await;
    let to: Vec<_> = first.iter().map(|one| one.recipient.as_deref()).collect();
    assert_eq!(to, [Some("a@example.com"), Some("b@example.com")]);
    let kind = |one: &weir_store::ClaimedDelivery| one.message.as_ref().unwrap().kind();
    assert!(first.iter().all(|one| kind(one) == Kind::ProtectionEnded));
    assert_eq!(due(noon(), "two").await, [], "they are being sent");
    let held = lease("one", noon());
    let retried = DeliveryEnd::Later(noon() + MINUTE * 20, "no answer".to_owned());
    for (one, end) in first.iter().zip([DeliveryEnd::Sent, retried]) {
        assert!(
            store
                .finish_delivery(&held, one.seq, noon(), end)
                .await
                .unwrap()
        );
    }
    let next = due(noon() + MINUTE, "one").await;
    assert_eq!(next.len(), 1, "b's first one holds up its second");
    assert_eq!(next[0].recipient.as_deref(), Some("a@example.com"));
    // A quarter of an hour is enough.
    let next = due(noon() + MINUTE * 15, "two").await;
    let to: Vec<_> = next
        .iter()
        .map(|one| one.recipient.as_deref().unwrap())
        .collect();
    assert_eq!(to.iter().filter(|to| **to == "b@example.com").count(), 1);
    assert_eq!(kind(&next[0]), Kind::Blocked);
}

pub(crate) async fn letters_are_given_up_and_tried_again(place: Place) {
    let store = &*place.store;
    tell(store, "s1", vec![about("ana", Kind::Blocked)]).await;
    leave(store, &["a@example.com"]).await;
    let held = lease("one", noon());
    let one = store
        .claim_deliveries(noon(), &held, 10)
        .await
        .unwrap()
        .remove(0);
    assert_eq!((one.attempts, one.language.as_str()), (0, "es"));
    assert_eq!(one.id, about("ana", Kind::Blocked).id());
    let end = DeliveryEnd::Failed("no such mailbox".to_owned());
    assert!(
        store
            .finish_delivery(&held, one.seq, noon(), end)
            .await
            .unwrap()
    );
    let sent = store.finish_delivery(&held, one.seq, noon(), DeliveryEnd::Sent);
    assert!(!sent.await.unwrap(), "once");
    assert_eq!(store.health().await.unwrap().mail_failed, 1);
    let failed = store.mail(&filter(Some("failed"))).await.unwrap();
    assert_eq!(
        failed[0].deliveries[0].error.as_deref(),
        Some("no such mailbox")
    );
    assert_eq!(store.mail(&filter(Some("sent"))).await.unwrap(), []);
    let later = noon() + MINUTE;
    assert_eq!(store.retry_deliveries(Some(9_999), later).await.unwrap(), 0);
    assert_eq!(store.retry_deliveries(None, later).await.unwrap(), 1);
    let health = store.health().await.unwrap();
    assert_eq!((health.mail_failed, health.mail_waiting), (0, 1));
    assert_eq!(health.mail_oldest, Some(later));
    let again = lease("two", later);
    assert_eq!(
        store
            .claim_deliveries(later, &again, 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

pub(crate) async fn mails_of_a_day_are_counted(place: Place) {
    let store = &*place.store;
    let told = [Kind::ProtectionEnded, Kind::Blocked].map(|kind| about("ana", kind));
    tell(store, "s1", told.to_vec()).await;
    leave(store, &["a@example.com", "b@example.com", ""]).await;
    for (subject, since, expected) in [
        ("user:ana", noon(), 2),
        ("user:ana", noon() + MINUTE, 0),
        ("user:bob", noon(), 0),
    ] {
        assert_eq!(store.mails_since(subject, since).await.unwrap(), expected);
    }
}

pub(crate) async fn what_was_told_leaves_and_what_waits_stays(place: Place) {
    let store = &*place.store;
    tell(store, "s1", vec![about("ana", Kind::Blocked)]).await;
    leave(store, &["a@example.com"]).await;
    tell(store, "s2", vec![about("bob", Kind::Blocked)]).await;
    let month = noon() + SignedDuration::from_hours(24 * 30);
    let remove = async |before| store.remove(Retained::Outbox, before, 10).await.unwrap();
    assert_eq!(remove(month).await, 0, "bob is untold, ana's letter waits");
    let held = lease("one", noon());
    let one = store
        .claim_deliveries(noon(), &held, 10)
        .await
        .unwrap()
        .remove(0);
    store
        .finish_delivery(&held, one.seq, noon(), DeliveryEnd::Sent)
        .await
        .unwrap();
    assert_eq!(remove(noon()).await, 0);
    assert_eq!(remove(month).await, 2, "ana's message and its letter");
    let left = store.mail(&filter(None)).await.unwrap();
    let left: Vec<_> = left.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!(left, ["user:bob"]);
}

pub(crate) async fn an_incident_is_taken_by_one_step_at_a_time(place: Place) {
    let store = &*place.store;
    let step = |step, minutes: i64| {
        let change = Change {
            kind: Kind::EnforcementFailed,
            key: "ana".to_owned(),
            step,
            message: Message {
                at: noon() + MINUTE * i32::try_from(minutes).unwrap(),
                ..Message::sample(Kind::EnforcementFailed)
            },
        };
        async move {
            let now = change.message.at;
            store.change_incident(&change, now).await.unwrap()
        }
    };
    assert!(!step(Step::Close, 0).await, "there is none");
    assert!(step(Step::Open, 1).await);
    assert!(!step(Step::Open, 2).await, "it is open");
    let open = store.incidents().await.unwrap().remove(0);
    assert_eq!(
        (open.opened_at, open.reminded_at),
        (noon() + MINUTE, noon() + MINUTE)
    );
    assert!(step(Step::Remind(open.reminded_at), 3).await);
    assert!(
        !step(Step::Remind(open.reminded_at), 4).await,
        "somebody has"
    );
    assert!(step(Step::Close, 5).await);
    assert!(!step(Step::Close, 6).await);
    assert_eq!(store.incidents().await.unwrap(), []);
    assert!(step(Step::Open, 7).await, "again");
    let told = store.mail(&filter(None)).await.unwrap();
    assert_eq!(told.len(), 4, "one message for each step that was taken");
}

pub(crate) async fn the_pulse_shows_letters_that_do_not_go_out(place: Place) {
    let store = &*place.store;
    tell(store, "s1", vec![about("ana", Kind::Blocked)]).await;
    leave(store, &["ana@example.com"]).await;
    let later = noon() + MINUTE * 60;
    let shown = async || {
        let pulse = store.pulse(later, later).await.unwrap();
        (pulse.outbox_due, pulse.outbox_oldest, pulse.outbox_failing)
    };
    assert_eq!(shown().await, (1, Some(noon()), 0));
    let held = lease("sender", later);
    let claimed = store.claim_deliveries(later, &held, 10).await.unwrap();
    let end = |end| store.finish_delivery(&held, claimed[0].seq, later, end);
    let again = later + MINUTE * 15;
    end(DeliveryEnd::Later(again, "no answer".to_owned()))
        .await
        .unwrap();
    assert_eq!(
        shown().await,
        (1, Some(noon()), 1),
        "though it is tried later"
    );
    let held = lease("sender", again);
    let claimed = store.claim_deliveries(again, &held, 10).await.unwrap();
    let sent = store.finish_delivery(&held, claimed[0].seq, again, DeliveryEnd::Sent);
    sent.await.unwrap();
    assert_eq!(shown().await, (0, None, 0));
}
