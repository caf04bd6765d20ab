//! What is read by the API, and how far a role sees.

use weir_core::ids::UserId;
use weir_core::rulebook::Person;
use weir_engine::Actor;

use crate::office::{Office, developer};
use crate::world::Place;

fn ids<'a>(answer: &'a serde_json::Value, list: &str) -> Vec<&'a str> {
    let rows = answer[list].as_array().unwrap().iter();
    rows.map(|row| row["user_id"].as_str().unwrap()).collect()
}

pub(crate) async fn a_team_sees_its_own_and_nothing_else(place: Place) {
    let office = Office::at(place).await;
    let [mine, theirs] = &office.users;
    let mut everybody = vec![mine.as_str(), theirs.as_str()];
    everybody.sort_unstable();

    for (token, expected) in [
        (&office.viewer, everybody),
        (&office.sap, vec![mine.as_str()]),
    ] {
        let users = office.ask(token, "/api/v1/users").await.json();
        assert_eq!(ids(&users, "users"), expected);
        let blocks = office.ask(token, "/api/v1/blocks").await.json();
        let mut blocked = ids(&blocks, "blocks");
        blocked.sort_unstable();
        assert_eq!(blocked, expected);
    }
    for (token, user, status) in [
        (&office.viewer, mine, 200),
        (&office.viewer, theirs, 200),
        (&office.sap, mine, 200),
        // As if there were nobody of that name.
        (&office.sap, theirs, 404),
    ] {
        let path = format!("/api/v1/users/{}", user.replace('/', "%2F"));
        assert_eq!(office.ask(token, &path).await.status, status, "{user}");
    }
    for path in ["/api/v1/users?team=web", "/api/v1/usage?by=user&team=web"] {
        assert_eq!(office.ask(&office.sap, path).await.status, 403, "{path}");
        assert_eq!(office.ask(&office.viewer, path).await.status, 200, "{path}");
    }
    let own = office
        .ask(&office.sap, "/api/v1/usage?by=team")
        .await
        .json();
    let keys = own["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["key"]);
    assert!(keys.into_iter().all(|key| key == "sap"), "{own}");
    assert_eq!(
        ids(
            &office
                .ask(&office.sap, "/api/v1/users?team=team_SAP_group")
                .await
                .json(),
            "users"
        ),
        [mine]
    );
}

pub(crate) async fn a_developer_sees_their_own_and_nothing_else(place: Place) {
    let office = Office::at(place).await;
    let [mine, theirs] = &office.users;
    let me = developer(&office, "dev", mine).await;

    let page = office.ask(&me, "/api/v1/my/usage").await.json();
    assert_eq!(page["user"]["user_id"], *mine);
    assert_eq!(page["state"], "BLOCKED_ADM");
    assert_eq!(page["blocks"][0]["reason"], "to see it in lists");
    assert_eq!(page["month"]["requests"], 1, "their own call alone");
    let quotas = page["quotas"].as_array().unwrap();
    let requests = |quota: &&serde_json::Value| quota["metric"] == "requests";
    let quota = quotas.iter().find(requests).unwrap();
    assert!(quota["limit"].is_string() && quota["resets_at"].is_string());

    let days = "/api/v1/my/days?from=2026-11-01&to=2026-11-30";
    let shown = office.ask(&me, days).await.json();
    assert_eq!(shown["days"].as_array().unwrap().len(), 1, "{shown}");
    let list = office.ask(&me, &format!("{days}&format=csv")).await;
    assert_eq!(list.content_type, "text/csv; charset=utf-8");
    assert!(!list.text.contains(theirs.as_str()), "{}", list.text);

    for user in [mine, theirs] {
        for path in ["", "/series", "/mails"] {
            let path = format!("/api/v1/users/{}{path}", user.replace('/', "%2F"));
            assert_eq!(office.ask(&me, &path).await.status, 403, "{path}");
        }
    }
    let list = office.ask(&me, "/api/v1/users?format=csv").await;
    assert_eq!(list.status, 403, "{}", list.text);

    let nobody = developer(&office, "new", "carol").await;
    let answer = office.ask(&nobody, "/api/v1/my/usage").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("has not seen `carol` yet"));
}

pub(crate) async fn one_user_with_state_and_quotas(place: Place) {
    let office = Office::at(place).await;
    let path = format!("/api/v1/users/{}", office.users[0].replace('/', "%2F"));
    let page = office.ask(&office.viewer, &path).await.json();
    assert_eq!(page["state"], "BLOCKED_ADM");
    assert_eq!(page["user"]["team"], "sap");
    let quotas = page["quotas"].as_array().unwrap();
    let day = quotas
        .iter()
        .find(|quota| quota["metric"] == "requests" && quota["window"] == "day")
        .unwrap();
    assert_eq!(
        (&day["limit"], &day["used"]),
        (&"350".into(), &"1".into()),
        "{day}"
    );
}

pub(crate) async fn usage_is_summed_exactly(place: Place) {
    let office = Office::at(place).await;
    let usage = office
        .ask(&office.viewer, "/api/v1/usage?by=day")
        .await
        .json();
    assert_eq!(usage["zone"], "Europe/Madrid");
    assert_eq!(usage["total"]["requests"], 2);
    let nanos = usage["total"]["cost_nanos"].as_i64().unwrap();
    let text = usage["total"]["cost_usd"].as_str().unwrap();
    assert_eq!(
        text.parse::<weir_core::money::Usd>().unwrap().nanos(),
        nanos
    );
}

pub(crate) async fn pages_follow_each_other_whatever_comes_between(place: Place) {
    let office = Office::at(place).await;
    let mut seen = Vec::new();
    let mut path = "/api/v1/users?limit=1".to_owned();
    loop {
        let page = office.ask(&office.viewer, &path).await.json();
        seen.extend(ids(&page, "users").into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/users?limit=1&cursor={next}");
        // Somebody before the cursor moves nothing.
        let engine = &office.world.state.engine;
        let said = Person {
            person: Some("First".to_owned()),
            ..Person::default()
        };
        let first = UserId::new("0-first");
        engine
            .set_person(&first, said, &Actor::default())
            .await
            .unwrap();
    }
    let mut expected = office.users.to_vec();
    expected.sort();
    assert_eq!(seen, expected);
}

pub(crate) async fn the_record_is_read_on_from_where_it_was_left(place: Place) {
    let office = Office::at(place).await;
    let newest = office
        .ask(&office.viewer, "/api/v1/audit?limit=2")
        .await
        .json();
    let entries = newest["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1]["operation"], "token-create");
    let next = newest["next"].as_str().unwrap();
    let path = format!("/api/v1/audit?cursor={next}");
    let nothing = office.ask(&office.viewer, &path).await.json();
    assert_eq!(nothing["entries"].as_array().unwrap().len(), 0);
    let said = Person::default();
    let engine = &office.world.state.engine;
    let user = UserId::new(&office.users[0]);
    engine
        .set_person(&user, said, &Actor::default())
        .await
        .unwrap();
    let more = office.ask(&office.viewer, &path).await.json();
    assert_eq!(more["entries"][0]["operation"], "user-set");
    let only = "/api/v1/audit?operation=block&limit=500";
    let only = office.ask(&office.viewer, only).await.json();
    assert_eq!(only["entries"].as_array().unwrap().len(), 2);
    let path = "/api/v1/audit?text=NO%20SUCH&limit=500";
    let none = office.ask(&office.viewer, path).await.json();
    assert_eq!(none["entries"].as_array().unwrap().len(), 0);
    let path = format!("/api/v1/audit?text={}", office.users[0].to_uppercase());
    let about = office.ask(&office.viewer, &path).await.json();
    let about = about["entries"].as_array().unwrap();
    assert!(!about.is_empty());
    for entry in about {
        assert_eq!(entry["subject"], format!("user:{}", office.users[0]));
    }
}

pub(crate) async fn queries_that_are_wrong_are_told_what_is_wrong(place: Place) {
    let office = Office::at(place).await;
    for (path, says) in [
        ("/api/v1/usage", "missing field `by`"),
        ("/api/v1/usage?by=colour", "unknown variant `colour`"),
        (
            "/api/v1/usage?by=day&form=2026-11-01",
            "unknown field `form`",
        ),
        ("/api/v1/usage?by=day&from=2026-11-31", "from"),
        (
            "/api/v1/usage?by=day&from=2026-11-02&to=2026-11-01",
            "later than",
        ),
        ("/api/v1/users?limit=0", "limit: from 1 to 500"),
        ("/api/v1/users?limit=many", "limit"),
        ("/api/v1/users?cursor=zz", "cursor"),
        ("/api/v1/users?page=2", "unknown field `page`"),
        ("/api/v1/audit?cursor=6161", "cursor"),
        ("/api/v1/blocks?history=perhaps", "history"),
        ("/api/v1/users/%ff", "path"),
    ] {
        let answer = office.ask(&office.viewer, path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert_eq!(answer.content_type, "application/problem+json", "{path}");
        assert!(answer.text.contains(says), "{path}: {}", answer.text);
    }
}

pub(crate) async fn nothing_on_the_way_keeps_an_answer(place: Place) {
    let office = Office::at(place).await;
    for path in ["/api/v1/me", "/api/v1/users", "/api/v1/operators"] {
        let answer = office.ask(&office.viewer, path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
