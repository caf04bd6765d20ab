//! What pages read, and requests that bring a key of their own.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use weir_core::calendar::{Window, WindowKind};
use weir_core::counter::{CounterScope, Sums};
use weir_core::evidence::Evidence;
use weir_core::ids::{TeamId, UserId};
use weir_core::quota::Metric;
use weir_core::record::Record;
use weir_store::{
    CallFilter, Claim, ClaimedRequest, GroupBy, Ranked, Store, TimeOrder, UsageFilter, Whose,
};

use crate::make::{NOON, at, call, plain, record, tagged};
use crate::place::{Engine, Place};

/// Statements of pages, what they are asked with, and the index that the largest table of each is read by:
/// on `MySQL`, on `SQLite`.
const PLANS: &[(&str, &str, [&str; 2])] = &[
    (
        "SERIES",
        "usage_counters",
        ["usage_counters_scope", "usage_counters_scope"],
    ),
    ("MEMBER_LINES", "d", ["PRIMARY", "PRIMARY"]),
    ("MEMBER_LINES", "m", ["PRIMARY", "PRIMARY"]),
    ("USERS_IN_WINDOW", "usage_counters", ["PRIMARY", "PRIMARY"]),
    // Either index has the whole key.
    ("TEAM_LINES", "d", ["PRIMARY", "usage_counters_scope"]),
    ("DAYS_OF_EACH", "usage_counters", ["PRIMARY", "PRIMARY"]),
    ("EACH_OVER", "usage_counters", ["PRIMARY", "PRIMARY"]),
    ("RANKED_BY_COST", "usage_counters", ["PRIMARY", "PRIMARY"]),
    ("PARTS", "usage_counters", ["PRIMARY", "PRIMARY"]),
    ("days_of_users", "c", ["PRIMARY", "PRIMARY"]),
    ("days_of_users_summed", "c", ["PRIMARY", "PRIMARY"]),
    (
        "CALLS",
        "bedrock_requests",
        ["bedrock_requests_time", "bedrock_requests_time"],
    ),
    (
        "CALLS_OF_USER",
        "bedrock_requests",
        ["bedrock_requests_user_time", "bedrock_requests_user_time"],
    ),
    (
        "CALLS_OLDEST",
        "bedrock_requests",
        ["bedrock_requests_time", "bedrock_requests_time"],
    ),
    (
        "CALLS_OF_USER_OLDEST",
        "bedrock_requests",
        ["bedrock_requests_user_time", "bedrock_requests_user_time"],
    ),
    (
        "AGENTS",
        "bedrock_requests",
        ["bedrock_requests_time", "bedrock_requests_time"],
    ),
    (
        "CALLS_BETWEEN",
        "bedrock_requests",
        ["bedrock_requests_time", "bedrock_requests_time"],
    ),
];

pub(crate) async fn pages_read_totals_or_go_along_an_index(place: Place) {
    let calls =
        (0..400).map(|n| on_day(n / 40, call(&format!("r{n}"), &format!("user{}", n % 40))));
    record(&*place.store, "s1", calls.collect()).await.unwrap();
    match place.engine {
        Engine::MySql => {
            place
                .raw("ANALYZE TABLE bedrock_requests, usage_counters, users")
                .await
        }
        Engine::SqliteFile | Engine::SqliteMemory => place.raw("ANALYZE").await,
    }
    .unwrap();
    for (name, table, indexes) in PLANS {
        let text = with_values(&place, name, ("2026-11-18", "2026-11-20"));
        let plan = place.explain(&text).await;
        if place.engine == Engine::SqliteMemory {
            continue;
        }
        let index = match place.engine {
            Engine::MySql => indexes[0],
            Engine::SqliteFile | Engine::SqliteMemory => indexes[1],
        };
        let read: Vec<_> = plan
            .iter()
            .filter(|line| line.split(' ').next() == Some(table))
            .collect();
        assert!(!read.is_empty(), "{name}: {plan:?}");
        for line in read {
            // SQLite's own name of a primary key is `PRIMARY KEY` or sqlite_autoindex_….
            let found = line.split(' ').nth(1).unwrap_or("-");
            let by_key = index == "PRIMARY" && place.engine == Engine::SqliteFile && found == "-";
            assert!(found == index || by_key, "{name}: {plan:?}");
        }
    }
}

/// A statement as it is asked: of everybody, over some days.
fn with_values(place: &Place, name: &str, (first, last): (&str, &str)) -> String {
    let known = place.statements().into_iter();
    let (_, text) = known.into_iter().find(|(known, _)| *known == name).unwrap();
    let noon = at(NOON).as_microsecond();
    text.replace("? IS NULL", "NULL IS NULL")
        .replace("scope_kind = ?", "scope_kind = 'user'")
        .replace("scope_id = ?", "scope_id = 'user1'")
        .replace("window_kind = ?", "window_kind = 'day'")
        .replace("window_key = ?", "window_key = '2026-11-20'")
        .replace("window_key >= ?", &format!("window_key >= '{first}'"))
        .replace("window_key <= ?", &format!("window_key <= '{last}'"))
        .replace("user_id = ?", "user_id = 'user1'")
        .replace("json_each(?) d", &format!("json_each('[\"{first}\"]') d"))
        .replace("json_each(?)", "json_each('[\"user1\", \"user2\"]')")
        .replacen("JSON_TABLE(?", &format!("JSON_TABLE('[\"{first}\"]'"), 1)
        .replace("JSON_TABLE(?", "JSON_TABLE('[\"user1\", \"user2\"]'")
        .replace(
            "request_timestamp >= ?",
            &format!("request_timestamp >= {}", noon - 60_000_000),
        )
        .replace("LIMIT ?", "LIMIT 50")
        .replace('?', &noon.to_string())
}

/// A call that was made so many days ago.
fn on_day(ago: i64, made: Record) -> Evidence {
    plain(Record {
        at: made.at - SignedDuration::from_hours(24 * ago),
        ..made
    })
}

/// Calls of four users, each day of a month and a half.
async fn record_days(store: &dyn Store) {
    let calls = (0..180).map(|n| on_day(n % 45, call(&format!("r{n}"), &format!("user{}", n % 4))));
    record(store, "s1", calls.collect()).await.unwrap();
}

pub(crate) async fn days_are_read_without_those_before_and_after(place: Place) {
    record_days(&*place.store).await;
    if place.engine == Engine::MySql {
        place.raw("ANALYZE TABLE usage_counters").await.unwrap();
    }
    for name in [
        "SERIES",
        "DAYS_OF_EACH",
        "EACH_OVER",
        "RANKED_BY_REQUESTS",
        "RANKED_BY_TOKENS",
        "RANKED_BY_TOKENS_ALL",
        "RANKED_BY_COST",
        "days_of_users",
        "days_of_users_summed",
    ] {
        let text = with_values(&place, name, ("2026-11-11", "2026-11-12"));
        let Some(rows) = place.stepped_over(&text).await else {
            return;
        };
        let users = 4;
        assert!(rows <= 2 * users, "{name} steps over {rows} rows");
    }
}

pub(crate) async fn lines_series_and_crossings_say_the_same(place: Place) {
    let store = &*place.store;
    let calls = (0..60).map(|n| plain(call(&format!("r{n}"), &format!("user{}", n % 3))));
    record(store, "s1", calls.collect()).await.unwrap();
    let reports = store.reports();
    let zone = weir_core::calendar::Zone::named("Europe/Madrid").unwrap();
    let day = Window::containing(WindowKind::Day, at(NOON), &zone);
    let month = day.widen(WindowKind::Month);
    let whole = reports
        .series(&CounterScope::Organisation, &day, &day)
        .await
        .unwrap();
    let whole = whole[0].1;
    let lines = reports.user_lines(&Whose::All, &day, &month).await.unwrap();
    assert_eq!(lines.len(), 3);
    let mut sum = Sums::default();
    for line in &lines {
        assert_eq!(line.day, line.month);
        let scope = CounterScope::User(line.user.user.clone());
        let own = reports.series(&scope, &day, &day).await.unwrap();
        assert_eq!(own[0].1, line.day);
        sum += line.day;
    }
    assert_eq!(sum, whole);
    let rows: Vec<_> = lines.iter().map(|line| line.user.clone()).collect();
    assert_eq!(reports.users_of(&Whose::All).await.unwrap(), rows);
    let members = Whose::Team(lines[0].user.team.clone());
    let members = reports.user_lines(&members, &day, &month).await.unwrap();
    assert_eq!(members, lines, "all of one team");
    let seen = Whose::SeenSince(at(NOON) + SignedDuration::from_hours(24));
    assert_eq!(reports.user_lines(&seen, &day, &month).await.unwrap(), []);
    let filter = UsageFilter {
        from: Some(day.date()),
        to: Some(day.date()),
        ..UsageFilter::default()
    };
    // Of everybody, and of each user along the hours of their own.
    sums_come_to(store, &filter, whole).await;
    for line in &lines {
        let filter = UsageFilter {
            user: Some(line.user.user.clone()),
            ..filter.clone()
        };
        sums_come_to(store, &filter, line.day).await;
    }
    let teams = reports.team_lines(None, &day, &month).await.unwrap();
    let mut sum = Sums::default();
    for team in &teams {
        sum += team.day;
    }
    assert_eq!(sum, whole);
    let between = reports.calls_between(Timestamp::UNIX_EPOCH, Timestamp::MAX, None);
    assert_eq!(between.await.unwrap(), whole);
}

/// Usage by any thing, and by any two, is of the same calls.
async fn sums_come_to(store: &dyn Store, filter: &UsageFilter, whole: Sums) {
    let things = [
        GroupBy::User,
        GroupBy::Team,
        GroupBy::Model,
        GroupBy::Tool,
        GroupBy::Day,
    ];
    for by in things {
        let mut sum = Sums::default();
        for row in store.usage(by, filter).await.unwrap() {
            sum += row.sums;
        }
        assert_eq!(sum, whole, "{by:?} of {:?}", filter.user);
        for and in things.into_iter().filter(|and| *and != by) {
            let rows = store.reports().crossed((by, and), filter).await.unwrap();
            let mut sum = Sums::default();
            for row in rows {
                sum += row.sums;
            }
            assert_eq!(sum, whole, "{by:?} and {and:?} of {:?}", filter.user);
        }
    }
}

pub(crate) async fn totals_of_months_and_of_days_come_to_the_same(place: Place) {
    let store = &*place.store;
    record_days(store).await;
    let users: Vec<_> = (0..3).map(|n| UserId::new(format!("user{n}"))).collect();
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    for (from, to) in [
        ("2026-10-01", "2026-10-31"),
        ("2026-10-22", "2026-11-20"),
        ("2026-10-12", "2026-11-03"),
        ("2026-11-20", "2026-11-20"),
    ] {
        let days = (day(from), day(to));
        let filter = UsageFilter {
            from: Some(days.0),
            to: Some(days.1),
            ..UsageFilter::default()
        };
        let reports = store.reports();
        let mut by_days = std::collections::BTreeMap::<String, Sums>::new();
        let rows = reports.crossed((GroupBy::Day, GroupBy::User), &filter);
        let rows = rows.await.unwrap();
        for row in &rows {
            *by_days.entry(row.second.clone()).or_default() += row.sums;
        }
        let ranked = store.usage(GroupBy::User, &filter).await.unwrap();
        let costs = ranked.iter().map(|row| row.sums.cost_nanos);
        assert!(costs.rev().is_sorted(), "the dearest first");
        let by_runs = ranked.into_iter().map(|row| (row.key, row.sums));
        assert_eq!(
            by_runs.collect::<std::collections::BTreeMap<_, _>>(),
            by_days
        );
        for metric in Metric::ALL {
            let ranked = reports.ranked(metric, days).await.unwrap();
            let mut expected: Vec<_> = by_days.iter().collect();
            expected.sort_by_key(|(_, sums)| std::cmp::Reverse((metric.used(sums), sums.requests)));
            let expected = expected.into_iter().map(|(user, sums)| Ranked {
                user: UserId::new(user),
                requests: sums.requests,
                used: metric.used(sums),
            });
            assert_eq!(ranked, expected.collect::<Vec<_>>(), "{metric:?}");
        }
        // Some of them alone, and together.
        let some = reports.days_of_users(&users, days).await.unwrap();
        let mut expected = rows;
        expected.retain(|row| users.iter().any(|user| user.as_str() == row.second));
        assert_eq!(some, expected, "{from} to {to}");
        let (mut whole, mut together) = (Sums::default(), Sums::default());
        for row in some {
            whole += row.sums;
        }
        for row in reports.days_of_users_summed(&users, days).await.unwrap() {
            together += row.sums;
        }
        assert_eq!(together, whole);
    }
}

pub(crate) async fn what_a_user_used_for_a_team_stays_with_it(place: Place) {
    let store = &*place.store;
    // Each user calls for one team, then for the other.
    let calls = (0..24).map(|n| {
        let made = call(&format!("r{n:02}"), &format!("user{}", n % 3));
        tagged(made, if n < 15 { "sap" } else { "web" })
    });
    record(store, "s1", calls.collect()).await.unwrap();
    for (team, requests) in [("sap", 5), ("web", 3)] {
        let everybody = UsageFilter {
            team: Some(TeamId::new(team)),
            ..UsageFilter::default()
        };
        let one = UsageFilter {
            user: Some(UserId::new("user1")),
            ..everybody.clone()
        };
        for (filter, users) in [(&everybody, 3), (&one, 1)] {
            let rows = store.usage(GroupBy::User, filter).await.unwrap();
            let counted: BTreeMap<_, _> = rows.into_iter().map(|row| (row.key, row.sums)).collect();
            assert_eq!(counted.len(), users, "{team}");
            assert!(counted.values().all(|sums| sums.requests == requests));
            // By models there is no counter: the hours say the same.
            for by in [GroupBy::Model, GroupBy::Day, GroupBy::Team] {
                let rows = store.reports().crossed((by, GroupBy::User), filter).await;
                let rows = rows.unwrap().into_iter();
                let rows: BTreeMap<_, _> = rows.map(|row| (row.second, row.sums)).collect();
                assert_eq!(rows, counted, "{team} {by:?}");
            }
        }
    }
    assert_eq!(store.check_totals().await.unwrap(), Vec::<String>::new());
}

pub(crate) async fn calls_are_read_on_from_their_place(place: Place) {
    let store = &*place.store;
    let calls = (0..25).map(|n| plain(call(&format!("r{n:02}"), &format!("user{}", n % 2))));
    record(store, "s1", calls.collect()).await.unwrap();
    let orders = [TimeOrder::NewestFirst, TimeOrder::OldestFirst];
    let everybody = orders.map(|order| (None, order));
    let one = orders.map(|order| (Some(UserId::new("user1")), order));
    for (user, order) in everybody.into_iter().chain(one) {
        let mut filter = CallFilter {
            user: user.clone(),
            team: None,
            model: None,
            tool: None,
            state: None,
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::MAX,
            order,
            after: None,
            limit: 4,
        };
        let mut seen = Vec::new();
        loop {
            let page = store.reports().calls(&filter).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.after = Some(last.place);
            seen.extend(page.into_iter().map(|row| (row.place, row.request)));
        }
        let expected = if user.is_some() { 12 } else { 25 };
        assert_eq!(seen.len(), expected, "{user:?}");
        let mut sorted = seen.clone();
        sorted.sort();
        if order == TimeOrder::NewestFirst {
            sorted.reverse();
        }
        sorted.dedup();
        assert_eq!(seen, sorted, "{order:?}, each once");
    }
}

pub(crate) async fn a_key_is_claimed_by_one_and_answered_alike(place: Place) {
    let store = place.store.operators();
    let now = at(NOON);
    let until = now + SignedDuration::from_mins(5);
    let request = |digest: &str, asked: &str| ClaimedRequest {
        digest: format!("{digest:0>64}"),
        request: format!("{asked:0>64}"),
    };
    let one = request("1", "a");
    let claims = at_once(&place, &one, now, until).await;
    let new = claims.iter().filter(|claim| **claim == Claim::New).count();
    assert_eq!(new, 1, "{claims:?}");
    assert!(
        claims
            .iter()
            .all(|claim| matches!(claim, Claim::New | Claim::AtWork))
    );
    let other = request("1", "b");
    assert_eq!(
        store.claim_request(&other, now, until).await.unwrap(),
        Claim::Different
    );
    store
        .end_request(&one.digest, Some((201, Some("{}"))))
        .await
        .unwrap();
    let answered = Claim::Answered {
        status: 201,
        body: Some("{}".to_owned()),
    };
    assert_eq!(
        store.claim_request(&one, now, until).await.unwrap(),
        answered
    );
    // Whoever died half-way leaves it to others, once the lease is over.
    let two = request("2", "a");
    assert_eq!(
        store.claim_request(&two, now, until).await.unwrap(),
        Claim::New
    );
    assert_eq!(
        store.claim_request(&two, now, until).await.unwrap(),
        Claim::AtWork
    );
    let later = until + SignedDuration::from_mins(5);
    assert_eq!(
        store.claim_request(&two, until, later).await.unwrap(),
        Claim::New
    );
    // What failed by us is forgotten.
    store.end_request(&two.digest, None).await.unwrap();
    assert_eq!(
        store.claim_request(&two, now, until).await.unwrap(),
        Claim::New
    );
    // After a day nobody remembers.
    let tomorrow = now + SignedDuration::from_hours(25);
    let again = store.claim_request(&one, tomorrow, tomorrow + SignedDuration::from_mins(5));
    assert_eq!(again.await.unwrap(), Claim::New);
}

/// The same claim by several at once.
async fn at_once(
    place: &Place,
    request: &ClaimedRequest,
    now: Timestamp,
    until: Timestamp,
) -> Vec<Claim> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (store, request) = (std::sync::Arc::clone(&place.store), request.clone());
        tasks.spawn(async move {
            let claim = store.operators().claim_request(&request, now, until).await;
            claim.unwrap()
        });
    }
    tasks.join_all().await
}
