//! Lists that go on: invocations that a filter lets pass, programs, and what cannot be read.

use jiff::{SignedDuration, Timestamp};
use weir_core::evidence::{Evidence, Lookup, Sighting};
use weir_core::ids::{ModelId, TeamId, ToolId, UserId};
use weir_core::record::{Failure, Record};
use weir_store::{
    AgentFilter, CallFilter, CallRow, CallState, DeadLetter, Lease, LetterPlace, ResetClaim,
    TimeOrder,
};

use crate::make::{NOON, at, batch, call, nothing, plain, record, rules, tagged};
use crate::place::Place;

/// Whichever there are.
fn all() -> CallFilter {
    CallFilter {
        user: None,
        team: None,
        model: None,
        tool: None,
        state: None,
        from: Timestamp::UNIX_EPOCH,
        to: Timestamp::MAX,
        order: TimeOrder::NewestFirst,
        after: None,
        limit: 1_000,
    }
}

/// A call that was made so many minutes before noon.
fn earlier(number: i64, made: Record) -> Record {
    Record {
        at: made.at - SignedDuration::from_mins(number),
        ..made
    }
}

/// Calls of every kind, those of each kind few among the others.
fn calls() -> Vec<Evidence> {
    let calls = (0..60).map(|n| {
        let made = earlier(n, call(&format!("r{n:02}"), &format!("user{}", n % 2)));
        match n % 12 {
            3 => tagged(made, "sap"),
            4 => plain(Record {
                failure: Some(Failure {
                    code: "ThrottlingException".to_owned(),
                    message: None,
                }),
                tokens: None,
                ..made
            }),
            5 => plain(Record {
                tokens: None,
                ..made
            }),
            6 => plain(Record {
                model_sent: Some("cohere.nothing-v1:0".to_owned()),
                ..made
            }),
            7 => Evidence::of(
                made,
                Sighting {
                    caller: Lookup::Failed,
                    ..Sighting::default()
                },
            ),
            8 => {
                let mut made = made;
                made.client.user_agent = Some("Boto3/1.40".to_owned());
                plain(made)
            }
            _ => plain(made),
        }
    });
    calls.collect()
}

/// What the filter means, one by one.
fn passes(filter: &CallFilter, row: &CallRow) -> bool {
    let of_state = |state| match state {
        CallState::Ok => !row.failed,
        CallState::Failed => row.failed,
        CallState::Unpriced => !row.failed && row.tokens.is_some() && row.cost.is_none(),
        CallState::Unmetered => !row.failed && row.tokens.is_none(),
        CallState::Provisional => row.provisional,
        CallState::Unresolved => row.unresolved,
    };
    filter.user.as_ref().is_none_or(|user| *user == row.user)
        && filter.team.as_ref().is_none_or(|team| *team == row.team)
        && filter
            .model
            .as_ref()
            .is_none_or(|model| *model == row.model)
        && filter.tool.as_ref().is_none_or(|tool| *tool == row.tool)
        && filter.state.is_none_or(of_state)
}

pub(crate) async fn a_filter_of_calls_fills_its_pages(place: Place) {
    let store = &*place.store;
    record(store, "s1", calls()).await.unwrap();
    let whole = store.reports().calls(&all()).await.unwrap();
    assert_eq!(whole.len(), 60);
    let state = |state| CallFilter {
        state: Some(state),
        ..all()
    };
    let sap = CallFilter {
        team: Some(TeamId::new("sap")),
        ..all()
    };
    let rare = [
        sap.clone(),
        CallFilter {
            user: Some(UserId::new("user1")),
            state: Some(CallState::Ok),
            ..sap
        },
        CallFilter {
            model: Some(ModelId::new("cohere.nothing-v1:0")),
            ..all()
        },
        CallFilter {
            tool: Some(ToolId::new(whole[8].tool.as_str())),
            ..all()
        },
        state(CallState::Failed),
        state(CallState::Unpriced),
        state(CallState::Unmetered),
        state(CallState::Unresolved),
    ];
    let common = [state(CallState::Ok), state(CallState::Provisional)];
    for (few, filter) in [(true, &rare[..]), (false, &common[..])]
        .into_iter()
        .flat_map(|(few, filters)| filters.iter().map(move |filter| (few, filter)))
    {
        let mut expected: Vec<_> = whole.iter().filter(|row| passes(filter, row)).collect();
        if few {
            assert_eq!(expected.len(), 5, "{filter:?}");
        }
        for order in [TimeOrder::NewestFirst, TimeOrder::OldestFirst] {
            let mut filter = CallFilter {
                order,
                limit: 2,
                ..filter.clone()
            };
            let mut seen = Vec::new();
            loop {
                let page = store.reports().calls(&filter).await.unwrap();
                filter.after = page.last().map(|row| row.place);
                let full = page.len() == 2;
                seen.extend(page);
                if !full {
                    break;
                }
            }
            assert_eq!(seen.iter().collect::<Vec<_>>(), expected, "{filter:?}");
            expected.reverse();
        }
    }
}

pub(crate) async fn programs_are_those_of_days_team_and_user(place: Place) {
    let store = &*place.store;
    let made = |number: i64, user: &str, agent: &str| {
        let mut made = earlier(number, call(&format!("r{number}"), user));
        made.client.user_agent = Some(agent.to_owned());
        made
    };
    // The newest calls are another team's.
    let calls = (0..20).map(|n| tagged(made(n, "ana", "new/1"), "web"));
    let older = (100..104).map(|n| tagged(made(n, "bob", "old/1"), "sap"));
    record(store, "s1", calls.chain(older).collect())
        .await
        .unwrap();
    let noon = at(NOON);
    let whole = AgentFilter {
        team: None,
        user: None,
        from: Timestamp::UNIX_EPOCH,
        before: Timestamp::MAX,
        of: 10,
        limit: 10,
    };
    let sap = AgentFilter {
        team: Some(TeamId::new("sap")),
        ..whole.clone()
    };
    let bob = AgentFilter {
        user: Some(UserId::new("bob")),
        ..whole.clone()
    };
    let then = AgentFilter {
        before: noon - SignedDuration::from_mins(101),
        ..whole.clone()
    };
    let since = AgentFilter {
        from: noon - SignedDuration::from_mins(4),
        ..whole.clone()
    };
    for (filter, agent, calls) in [
        (whole, "new/1", 10),
        (sap, "old/1", 4),
        (bob, "old/1", 4),
        (then, "old/1", 2),
        (since, "new/1", 5),
    ] {
        let found = store.reports().agents(&filter).await.unwrap();
        assert_eq!(found.len(), 1, "{filter:?}: {found:?}");
        let found = (found[0].agent.as_deref(), found[0].calls);
        assert_eq!(found, (Some(agent), calls), "{filter:?}");
    }
}

pub(crate) async fn dead_letters_and_resets_go_on(place: Place) {
    let store = &*place.store;
    let rules = rules(store).await;
    for n in 0..7 {
        let mut batch = batch(format!("s{n}"), &rules, Vec::new());
        // Two of each instant.
        batch.now = at(NOON) + SignedDuration::from_mins(n / 2);
        batch.dead_letters = vec![DeadLetter {
            source: "http".to_owned(),
            reason: format!("reason {n}"),
            shape: "{}".to_owned(),
        }];
        store.settle(&batch, &nothing).await.unwrap();
    }
    let whole = store.dead_letters(10).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let after = seen
            .last()
            .map(|row: &weir_store::DeadLetterRow| LetterPlace {
                last_seen: row.last_seen,
                id: row.id,
            });
        let page = store.reports().dead_letters_after(after, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!((seen.len(), &seen), (7, &whole));

    let lease = Lease {
        owner: "one".to_owned(),
        until: at(NOON) + SignedDuration::from_mins(5),
    };
    let days = ["2026-11-18", "2026-11-19", "2026-11-20"];
    for day in days {
        let begun = store.begin_reset(day.parse().unwrap(), at(NOON), &lease, false);
        assert_eq!(begun.await.unwrap(), ResetClaim::Begun);
    }
    let before = |day: Option<&str>| {
        let day = day.map(|day| day.parse().unwrap());
        store.reports().resets_before(day, 2)
    };
    let dates = async |day| {
        let rows = before(day).await.unwrap().into_iter();
        rows.map(|row| row.date.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(dates(None).await, [days[2], days[1]]);
    assert_eq!(dates(Some(days[1])).await, [days[0]]);
    assert_eq!(dates(Some(days[0])).await, Vec::<String>::new());
}
