//! Operators, sessions, tokens, attempts to log in.

use jiff::{SignedDuration, Timestamp};
use weir_core::audit::Entry;
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::{Identity, OperatorName, Pace, Rights, Role};
use weir_core::rulebook::Person;
use weir_store::{
    AuditFilter, Counted, NewSession, OperatorChange, OperatorRow, OperatorStore, Proof,
    RuleChange, SessionRow, StoreError, TokenRow,
};

use crate::make::{NOON, at};
use crate::place::Place;

fn name(text: &str) -> OperatorName {
    OperatorName::new(text).unwrap()
}

fn operator(who: &str, role: Role) -> OperatorRow {
    let team = (role == Role::Team).then(|| TeamId::new("sap"));
    let user = (role == Role::Developer).then(|| UserId::new("111122223333/iam-user/ana"));
    OperatorRow {
        name: name(who),
        rights: Rights::new(role, team, user).unwrap(),
        proof: Proof::Password(format!("$argon2id$of-{who}")),
        disabled_at: None,
        created_at: at(NOON),
        last_login_at: None,
    }
}

fn note(operation: &str) -> Vec<Entry> {
    vec![Entry {
        operation: operation.to_owned(),
        ..Entry::default()
    }]
}

async fn recorded(place: &Place) -> Vec<String> {
    let entries = place.store.audit(&AuditFilter::default()).await.unwrap();
    entries.into_iter().map(|one| one.entry.operation).collect()
}

async fn logged_in(store: &dyn OperatorStore, who: &str, digest: &str) {
    let login = NewSession {
        operator: name(who),
        digest: digest.to_owned(),
        session: SessionRow {
            created_at: at(NOON),
            seen_at: at(NOON),
            expires_at: later(3_600),
        },
        forgotten: None,
        taken_back: None,
    };
    store.begin_session(&login, note("login")).await.unwrap();
}

fn later(seconds: i64) -> Timestamp {
    at(NOON) + SignedDuration::from_secs(seconds)
}

pub(crate) async fn operators_are_made_changed_and_read_back(place: Place) {
    let store = place.store.operators();
    let (ana, bo) = (operator("ana", Role::Admin), operator("bo", Role::Team));
    assert!(store.add_operator(&bo, note("made")).await.unwrap());
    assert!(store.add_operator(&ana, note("made")).await.unwrap());
    let cy = operator("cy", Role::Developer);
    assert!(store.add_operator(&cy, note("made")).await.unwrap());
    assert_eq!(store.operator(&cy.name).await.unwrap(), Some(cy.clone()));
    let taken = operator("ana", Role::Viewer);
    assert!(!store.add_operator(&taken, note("never")).await.unwrap());
    let all = [ana.clone(), bo.clone(), cy.clone()];
    assert_eq!(store.operators().await.unwrap(), all);
    assert_eq!(store.operator(&ana.name).await.unwrap(), Some(ana.clone()));
    assert_eq!(store.operator(&name("eve")).await.unwrap(), None);

    let change = async |who: &str, change: OperatorChange| {
        let store = place.store.operators();
        store
            .change_operator(&name(who), &change, later(1), note("changed"))
            .await
    };
    let viewer = Rights::new(Role::Viewer, None, None).unwrap();
    for last in [
        OperatorChange::Disable,
        OperatorChange::Rights(viewer.clone()),
    ] {
        let refused = change("ana", last).await.unwrap_err();
        assert!(matches!(refused, StoreError::Refused(_)), "{refused}");
    }
    assert!(!change("eve", OperatorChange::Enable).await.unwrap());

    logged_in(store, "bo", "one").await;
    assert!(
        change("bo", OperatorChange::Rights(Rights::admin()))
            .await
            .unwrap()
    );
    let (_, seen) = store.session("one").await.unwrap().unwrap();
    assert_eq!(seen.rights, Rights::admin(), "with the next request");
    assert!(
        change("bo", OperatorChange::Password("new".to_owned()))
            .await
            .unwrap()
    );
    assert_eq!(store.session("one").await.unwrap(), None);

    // There is another admin now.
    logged_in(store, "ana", "two").await;
    assert!(change("ana", OperatorChange::Disable).await.unwrap());
    assert_eq!(store.session("two").await.unwrap(), None);
    let disabled = store.operator(&ana.name).await.unwrap().unwrap();
    assert_eq!(disabled.disabled_at, Some(later(1)));
    assert!(change("bo", OperatorChange::Disable).await.is_err());
    assert!(change("ana", OperatorChange::Enable).await.unwrap());
    let enabled = store.operator(&ana.name).await.unwrap().unwrap();
    assert_eq!(
        (enabled.disabled_at, enabled.last_login_at),
        (None, Some(at(NOON)))
    );
    let expected = [
        "made", "made", "made", "login", "changed", "changed", "login", "changed", "changed",
    ];
    assert_eq!(recorded(&place).await, expected);
}

fn of_provider(who: &str, issuer: &str, subject: &str) -> OperatorRow {
    OperatorRow {
        proof: Proof::Provider(Identity {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        }),
        ..operator(who, Role::Admin)
    }
}

pub(crate) async fn who_comes_by_a_provider_is_known_by_issuer_and_subject(place: Place) {
    let store = place.store.operators();
    let ana = of_provider("ana", "https://id.example.com", "Ab1");
    assert!(store.add_operator(&ana, note("made")).await.unwrap());
    // Letters of another case are another one's, and so is the subject of another provider.
    for (issuer, subject, found) in [
        ("https://id.example.com", "Ab1", Some(&ana)),
        ("https://id.example.com", "aB1", None),
        ("https://id.example.org", "Ab1", None),
    ] {
        let identity = Identity {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        };
        let known = store.operator_of(&identity).await.unwrap();
        assert_eq!(known.as_ref(), found, "{issuer} {subject}");
    }
    let twice = of_provider("eve", "https://id.example.com", "Ab1");
    assert!(!store.add_operator(&twice, note("never")).await.unwrap());
    assert_eq!(store.operators().await.unwrap(), [ana]);
}

pub(crate) async fn of_several_who_come_at_once_one_is_made(place: Place) {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..6 {
        let store = std::sync::Arc::clone(&place.store);
        // The same person, by two names.
        let name = if n % 2 == 0 { "ana" } else { "ana@example.com" };
        let ana = of_provider(name, "https://id.example.com", "1");
        tasks.spawn(async move {
            let operators = store.operators();
            operators.add_operator(&ana, note("made")).await.unwrap()
        });
    }
    let made = tasks.join_all().await;
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    let store = place.store.operators();
    assert_eq!(store.operators().await.unwrap().len(), 1);
    let entries = place.store.audit(&AuditFilter::default()).await.unwrap();
    assert_eq!(entries.len(), 1, "and one entry says so");
}

pub(crate) async fn who_comes_by_a_provider_follows_it_and_leaves_with_it(place: Place) {
    let store = place.store.operators();
    let ana = of_provider("ana", "https://id.example.com", "1");
    store.add_operator(&ana, note("made")).await.unwrap();
    logged_in(store, "ana", "one").await;
    let token = TokenRow {
        id: "t1".to_owned(),
        operator: ana.name.clone(),
        label: "nightly".to_owned(),
        role: Role::Viewer,
        created_at: at(NOON),
        expires_at: later(3_600),
        revoked_at: None,
        used_at: None,
    };
    store.add_token("two", &token, note("token")).await.unwrap();
    let change = async |change: OperatorChange| {
        let changed = store.change_operator(&ana.name, &change, later(1), note("changed"));
        changed.await
    };

    // No password is ever set beside a provider.
    let hash = OperatorChange::Password("hash".to_owned());
    assert!(!change(hash).await.unwrap());
    // The last admin, too: groups are not ours to refuse.
    let viewer = Rights::new(Role::Viewer, None, None).unwrap();
    assert!(
        change(OperatorChange::Follow(viewer.clone()))
            .await
            .unwrap()
    );
    let (_, seen) = store.session("one").await.unwrap().unwrap();
    assert_eq!(seen.rights, viewer, "with the next request");

    assert!(change(OperatorChange::Leave).await.unwrap());
    assert_eq!(store.session("one").await.unwrap(), None);
    let (left, _) = store.token("two").await.unwrap().unwrap();
    assert_eq!(left.revoked_at, Some(later(1)));
}

pub(crate) async fn users_are_found_by_address_whatever_its_case(place: Place) {
    let store = place.store.operators();
    for (user, email) in [
        ("ana", Some("Ana@example.com")),
        ("bo", Some("two@example.com")),
        ("cy", Some("two@example.com")),
        ("dan", Some("two@example.com")),
        ("eve", None),
    ] {
        let person = Person {
            email: email.map(str::to_owned),
            ..Person::default()
        };
        let change = RuleChange::SetPerson(UserId::new(user), person);
        place
            .store
            .change_rules(vec![change], Vec::new())
            .await
            .unwrap();
    }
    for (email, users) in [
        ("ana@EXAMPLE.com", &["ana"][..]),
        ("two@example.com", &["bo", "cy"]),
        ("nobody@example.com", &[]),
        ("", &[]),
    ] {
        let found = store.users_with_email(email).await.unwrap();
        let found: Vec<_> = found.iter().map(UserId::as_str).collect();
        assert_eq!(found, users, "{email}");
    }
}

pub(crate) async fn a_set_up_link_lets_one_in_once(place: Place) {
    let store = place.store.operators();
    let until = later(10);
    assert!(
        store
            .offer_setup("first", until, note("link"))
            .await
            .unwrap()
    );
    assert!(
        store
            .offer_setup("second", until, note("link"))
            .await
            .unwrap()
    );
    for (link, now, good) in [
        ("first", later(0), false),
        ("second", later(9), true),
        ("second", later(10), false),
    ] {
        let found = store.setup_is_good(link, now).await.unwrap();
        assert_eq!(found, good, "{link} {now}");
    }
    let ana = operator("ana", Role::Admin);
    for (link, made) in [("first", false), ("second", true), ("second", false)] {
        let added = store.add_first_operator(&ana, link, note("made")).await;
        assert_eq!(added.unwrap(), made, "{link}");
    }
    assert!(
        !store
            .offer_setup("third", until, note("never"))
            .await
            .unwrap()
    );
    assert_eq!(recorded(&place).await, ["link", "link", "made"]);
}

pub(crate) async fn whoever_makes_an_operator_makes_the_link_worthless(place: Place) {
    let store = place.store.operators();
    assert!(
        store
            .offer_setup("link", later(10), Vec::new())
            .await
            .unwrap()
    );
    let (ana, eve) = (operator("ana", Role::Admin), operator("eve", Role::Admin));
    assert!(store.add_operator(&ana, Vec::new()).await.unwrap());
    assert!(
        !store
            .add_first_operator(&eve, "link", Vec::new())
            .await
            .unwrap()
    );
    assert_eq!(store.operators().await.unwrap(), [ana]);
}

pub(crate) async fn attempts_are_counted_before_they_are_looked_at(place: Place) {
    let store = place.store.operators();
    let counted = [
        Counted {
            digest: "account:1".to_owned(),
            pace: Pace::ACCOUNT,
        },
        Counted {
            digest: "address".to_owned(),
            pace: Pace::ADDRESS,
        },
    ];
    // However often somebody tries at one instant, five are looked at.
    let at_once = (0..12).map(|_| store.count_attempt(&counted, at(NOON)));
    let mut waits = Vec::new();
    for attempt in at_once {
        waits.push(attempt.await.unwrap());
    }
    let let_through = waits.iter().filter(|wait| wait.is_none()).count();
    assert_eq!(let_through, 5);
    assert_eq!(waits.last().copied().flatten(), Some(later(1)));

    assert_eq!(store.count_attempt(&counted, later(1)).await.unwrap(), None);
    let next = store.count_attempt(&counted, later(2)).await.unwrap();
    assert_eq!(next, Some(later(3)), "two seconds after the sixth");

    // A log-in forgets those of the account, and takes back one of the address.
    let ana = operator("ana", Role::Admin);
    assert!(store.add_operator(&ana, Vec::new()).await.unwrap());
    let login = NewSession {
        operator: ana.name,
        digest: "session".to_owned(),
        session: SessionRow {
            created_at: later(3),
            seen_at: later(3),
            expires_at: later(100),
        },
        forgotten: Some("account:1".to_owned()),
        taken_back: Some("address".to_owned()),
    };
    store.begin_session(&login, Vec::new()).await.unwrap();
    assert_eq!(store.count_attempt(&counted, later(3)).await.unwrap(), None);
    let failures = "SELECT failures FROM login_attempts WHERE digest = 'address'";
    if let Some(failures) = place.number(failures).await {
        assert_eq!(failures, 6);
    }

    // What is a day old is gone.
    let tomorrow = later(24 * 3_600 + 4);
    assert_eq!(store.count_attempt(&[], tomorrow).await.unwrap(), None);
    if let Some(left) = place.number("SELECT COUNT(*) FROM login_attempts").await {
        assert_eq!(left, 0);
    }
}

pub(crate) async fn sessions_and_tokens_are_known_by_their_digest(place: Place) {
    let store = place.store.operators();
    let ana = operator("ana", Role::Operator);
    assert!(store.add_operator(&ana, Vec::new()).await.unwrap());
    logged_in(store, "ana", "digest").await;
    store.see_session("digest", later(60)).await.unwrap();
    store.see_session("digest", later(50)).await.unwrap();
    let (session, _) = store.session("digest").await.unwrap().unwrap();
    assert_eq!(session.seen_at, later(60), "never back");
    assert!(store.end_session("digest", note("logout")).await.unwrap());
    assert!(!store.end_session("digest", note("never")).await.unwrap());

    let token = TokenRow {
        id: "t1".to_owned(),
        operator: ana.name.clone(),
        label: "el «script» de ñandú".to_owned(),
        role: Role::Viewer,
        created_at: at(NOON),
        expires_at: later(1_000),
        revoked_at: None,
        used_at: None,
    };
    store
        .add_token("secret", &token, note("token"))
        .await
        .unwrap();
    let (found, owner) = store.token("secret").await.unwrap().unwrap();
    assert_eq!((found, owner.name), (token.clone(), ana.name.clone()));
    assert_eq!(store.token("other").await.unwrap(), None);
    store.see_token("secret", later(5)).await.unwrap();
    assert!(
        store
            .revoke_token("t1", later(6), note("revoked"))
            .await
            .unwrap()
    );
    assert!(
        !store
            .revoke_token("t1", later(7), note("never"))
            .await
            .unwrap()
    );
    let after = TokenRow {
        revoked_at: Some(later(6)),
        used_at: Some(later(5)),
        ..token
    };
    assert_eq!(store.token_of_id("t1").await.unwrap(), Some(after.clone()));
    assert_eq!(
        store.tokens(Some(&ana.name)).await.unwrap(),
        std::slice::from_ref(&after)
    );
    assert_eq!(store.tokens(None).await.unwrap(), [after]);
    assert_eq!(store.tokens(Some(&name("bo"))).await.unwrap(), []);
    assert_eq!(
        recorded(&place).await,
        ["login", "logout", "token", "revoked"]
    );
}
