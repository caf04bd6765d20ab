//! What is pushed, taken away whole, and written down for people.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, header};
use futures_util::StreamExt;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::ServiceExt;
use weir_core::admin::{Command, Verb};
use weir_core::ids::UserId;
use weir_core::rulebook::Person;
use weir_engine::Actor;
use weir_store::AuditFilter;

use crate::office::{Office, developer};
use crate::world::{Place, events, fixture};

/// What is pushed to a viewer.
struct Pushed(BodyDataStream);

impl Pushed {
    async fn to_viewer(office: &Office) -> Self {
        Self::to(office, &office.viewer).await
    }

    async fn to(office: &Office, token: &str) -> Self {
        let request = Request::get("/api/v1/events");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.body(Body::empty()).unwrap();
        let response = office.world.router().oneshot(request).await.unwrap();
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        Self(response.into_body().into_data_stream())
    }

    /// The next event, which comes within so long: its type and its data.
    async fn next(&mut self, within: Duration) -> (String, Value) {
        let frame = timeout(within, self.0.next()).await;
        let frame = frame.unwrap_or_else(|_| panic!("nothing was pushed in time"));
        let frame = String::from_utf8(frame.unwrap().unwrap().to_vec()).unwrap();
        let field = |name| frame.lines().find_map(|line| line.strip_prefix(name));
        let kind = field("event: ").unwrap().to_owned();
        let data = serde_json::from_str(field("data: ").unwrap()).unwrap();
        (kind, data)
    }
}

pub(crate) async fn what_changes_is_pushed_within_two_seconds_whoever_changed_it(place: Place) {
    const SOON: Duration = Duration::from_secs(2);
    let office = Office::at(place).await;
    let mut pushed = Pushed::to_viewer(&office).await;
    let (kind, first) = pushed.next(SOON).await;
    assert_eq!((kind.as_str(), &first["changed"]), ("change", &json!([])));
    // Another process would write to the same database.
    let sent = office
        .world
        .send(events(fixture("mil_s3_object.jsonl")))
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let user = UserId::new(&office.users[0]);
    let engine = &office.world.state.engine;
    engine
        .set_person(&user, Person::default(), &Actor::default())
        .await
        .unwrap();
    office.world.clock.advance(SignedDuration::from_secs(2));
    let all = async {
        let mut seen = BTreeSet::new();
        while !(seen.contains("usage") && seen.contains("users") && seen.contains("rules")) {
            let (_, data) = pushed.next(SOON).await;
            let words = data["changed"].as_array().unwrap().iter();
            seen.extend(words.map(|word| word.as_str().unwrap().to_owned()));
        }
    };
    timeout(SOON, all).await.unwrap();
}

pub(crate) async fn a_developer_is_told_of_their_own_changes_alone(place: Place) {
    const SOON: Duration = Duration::from_secs(2);
    let office = Office::at(place).await;
    let [mine, theirs] = office.users.clone();
    let token = developer(&office, "dev", &mine).await;
    let mut pushed = Pushed::to(&office, &token).await;
    let (kind, first) = pushed.next(SOON).await;
    assert_eq!((kind.as_str(), &first["changed"]), ("change", &json!([])));
    let unblock = async |user: &str| {
        let command = Command {
            user: UserId::new(user),
            actor: "root@host".to_owned(),
            claimed_by: None,
            reason: "to see whether it is told".to_owned(),
            verb: Verb::Unblock {
                protect_until: None,
            },
        };
        let done = office.world.state.engine.administer(command, true).await;
        done.unwrap();
        office.world.clock.advance(SignedDuration::from_secs(2));
    };
    unblock(&theirs).await;
    let told = timeout(Duration::from_millis(1_500), pushed.0.next()).await;
    assert!(told.is_err(), "of somebody else: {told:?}");
    unblock(&mine).await;
    let (_, own) = pushed.next(SOON).await;
    assert_eq!(own["changed"], json!(["usage"]));
    let call = String::from_utf8(fixture("ct_invokemodel_iamuser.json")).unwrap();
    let call = call.replace("0b7c9d1e-2f3a-4b5c-8d6e", "1b7c9d1e-2f3a-4b5c-8d6e");
    let sent = office.world.send(events(call.into_bytes())).await;
    assert_eq!(sent.json()["new"], 1, "{}", sent.text);
    office.world.clock.advance(SignedDuration::from_secs(2));
    let (_, own) = pushed.next(SOON).await;
    assert_eq!(own["changed"], json!(["usage"]));
}

/// A page sees events and no comments: by this one it knows a connection that is dead.
#[tokio::test]
async fn where_nothing_changes_a_beat_is_pushed_every_fifteen_seconds() {
    let office = Office::new().await;
    let mut pushed = Pushed::to_viewer(&office).await;
    let (kind, _) = pushed.next(Duration::from_secs(2)).await;
    assert_eq!(kind, "change");
    let (kind, data) = pushed.next(Duration::from_secs(17)).await;
    assert_eq!(kind, "beat");
    assert!(data["at"].is_string(), "{data}");
}

pub(crate) async fn a_list_is_taken_whole_and_runs_no_formula(place: Place) {
    let office = Office::at(place).await;
    let engine = &office.world.state.engine;
    let formulas = [
        "=1+1",
        "+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "plain, with \"quotes\"",
    ];
    for (number, person) in formulas.iter().enumerate() {
        let said = Person {
            person: Some((*person).to_owned()),
            ..Person::default()
        };
        let user = UserId::new(format!("z{number}"));
        engine
            .set_person(&user, said, &Actor::default())
            .await
            .unwrap();
    }
    let csv = office
        .ask(&office.viewer, "/api/v1/users?format=csv&limit=1")
        .await;
    assert_eq!(
        (csv.status.as_u16(), csv.content_type.as_str()),
        (200, "text/csv; charset=utf-8")
    );
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"weir-users-2026-11-20T1100.csv\""
    );
    let lines: Vec<_> = csv
        .text
        .split("\r\n")
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(
        lines.len(),
        1 + 2 + formulas.len(),
        "all pages: {}",
        csv.text
    );
    assert!(lines[0].starts_with("user_id,team,"), "{}", lines[0]);
    for cell in [
        "'=1+1",
        "'+1",
        "'-1+1",
        "'@SUM(A1)",
        "'\t=1",
        "\"plain, with \"\"quotes\"\"\"",
    ] {
        assert!(
            csv.text.contains(&format!(",{cell},")),
            "{cell}: {}",
            csv.text
        );
    }
    let filter = AuditFilter {
        operation: Some("export".to_owned()),
        ..AuditFilter::default()
    };
    let noted = office.world.store.audit(&filter).await.unwrap();
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].entry.actor, "operator:viewer");
}

pub(crate) async fn every_list_can_be_taken(place: Place) {
    let office = Office::at(place).await;
    for path in [
        "/api/v1/audit",
        "/api/v1/blocks?history=true",
        "/api/v1/costs?by=model",
        "/api/v1/dead-letters",
        "/api/v1/invocations?from=2026-01-01T00:00:00Z",
        "/api/v1/prices",
        "/api/v1/quotas",
        "/api/v1/resets",
        "/api/v1/targets",
        "/api/v1/teams",
        "/api/v1/tokens",
        "/api/v1/usage?by=team",
        "/api/v1/usage/agents",
        "/api/v1/usage/cross?by=day&and=team",
        "/api/v1/usage/heatmap",
        "/api/v1/users",
    ] {
        let request = Request::get(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", office.viewer))
            .header(header::ACCEPT, "text/csv");
        let answer = office
            .world
            .send(request.body(Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.content_type, "text/csv; charset=utf-8", "{path}");
    }
    for (path, status) in [
        ("/api/v1/overview?format=csv", 406),
        ("/api/v1/users?format=xml", 400),
        ("/api/v1/operators?format=csv", 403),
    ] {
        assert_eq!(
            office.ask(&office.viewer, path).await.status,
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_api_is_described_for_people() {
    let office = Office::new().await;
    let page = office.world.get("/api/docs").await;
    assert_eq!(page.content_type, "text/html; charset=utf-8");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    assert!(page.text.contains("/api/v1/users/{user}/unblock"));
    assert_eq!(
        office.world.get("/api/docs.css").await.content_type,
        "text/css; charset=utf-8"
    );
}
