use super::*;
use crate::ids::BlockId;
use crate::quota::Metric;

#[test]
fn there_is_a_sample_of_every_kind() {
    for kind in Kind::ALL {
        assert_eq!(Message::sample(kind).kind(), kind);
        assert_eq!(kind.as_str().parse(), Ok(kind));
        assert!(kind.audiences().contains(&Audience::Admins), "{kind}");
        assert_eq!(
            kind.audiences().contains(&Audience::User),
            kind.is_personal(),
            "{kind}"
        );
    }
    assert_eq!(Message::samples().len(), Kind::ALL.len());
}

#[test]
fn what_is_written_is_read_back() {
    for message in Message::samples() {
        let text = message.to_json().to_string();
        assert_eq!(Message::from_json(&text).unwrap(), message, "{text}");
    }
    for about in [About::Organisation, About::Weir] {
        let message = Message {
            about,
            ..Message::sample(Kind::TeamQuotaWarning)
        };
        let text = message.to_json().to_string();
        assert_eq!(Message::from_json(&text).unwrap(), message, "{text}");
    }
}

#[test]
fn the_json_form_is_a_promise() {
    let blocked = Message::sample(Kind::Blocked).to_json();
    let wanted = serde_json::json!({
        "id": "blocked/user:ana.lopez/user:ana.lopez:2026-11-20:1795188120000000/2026-11-20T15:42:00Z",
        "event_type": "blocked",
        "severity": "critical",
        "at": "2026-11-20T15:42:00Z",
        "subject": "user:ana.lopez",
        "user_id": "ana.lopez",
        "team": "sap",
        "facts": {
            "block": "user:ana.lopez:2026-11-20:1795188120000000",
            "denied": { "what": "everything" },
            "quotas": [
                { "scope": "defaults", "metric": "requests", "window": "day",
                  "window_key": "2026-11-20", "used": 350, "limit": 350, "percent": 100 },
                { "scope": "defaults", "metric": "cost", "window": "day",
                  "window_key": "2026-11-20", "used": "21.3045", "limit": "20", "percent": 106 },
            ],
            "since": "2026-11-20T15:42:00Z",
            "until": "2026-11-20T23:00:00Z",
        },
    });
    assert_eq!(blocked, wanted);
    let indefinite = Message::sample(Kind::BlockedByAdministrator).to_json();
    assert!(indefinite["facts"]["until"].is_null(), "{indefinite}");
}

#[test]
fn an_id_is_the_same_for_the_same_news_and_no_other() {
    let mut ids: Vec<_> = Message::samples().iter().map(Message::id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), Kind::ALL.len());

    let first = Message::sample(Kind::QuotaWarning);
    let mut later = first.clone();
    later.at = Timestamp::MAX;
    if let News::QuotaWarning { quota, .. } = &mut later.news {
        quota.used += 1;
    }
    assert_eq!(
        first.id(),
        later.id(),
        "usage goes on growing and is no news"
    );
    if let News::QuotaWarning { threshold, .. } = &mut later.news {
        *threshold = 95;
    }
    assert_ne!(first.id(), later.id());

    let manual = Message::sample(Kind::BlockedByAdministrator);
    let mut replaced = manual.clone();
    if let News::BlockedByAdministrator { since, .. } = &mut replaced.news {
        *since = Timestamp::MAX;
    }
    assert_ne!(
        manual.id(),
        replaced.id(),
        "blocked anew is news (rules B3)"
    );
}

#[test]
fn long_names_make_ids_that_fit_and_differ() {
    let long = |last: &str| {
        let mut message = Message::sample(Kind::Blocked);
        if let News::Blocked { block, .. } = &mut message.news {
            *block = BlockId::new(format!("user:{}{last}", "é".repeat(190)));
        }
        message.id()
    };
    assert!(long("a").len() <= LONGEST_ID);
    assert_ne!(long("a"), long("b"));
}

#[test]
fn amounts_of_another_kind_are_refused() {
    let mut message = Message::sample(Kind::QuotaWarning).to_json();
    message["facts"]["quota"]["metric"] = Metric::Cost.as_str().into();
    let error = Message::from_json(&message.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "not a message of Weir");
}
