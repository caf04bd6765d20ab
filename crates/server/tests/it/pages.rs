//! What pages show, each in one request.

use serde_json::{Value, json};
use weir_core::ids::{TeamId, UserId};
use weir_core::money::Usd;
use weir_core::rulebook::Person;
use weir_engine::Actor;

use crate::office::Office;
use crate::world::{Place, events, fixture};

async fn read(office: &Office, path: &str) -> Value {
    let answer = office.ask(&office.viewer, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()
}

/// A page's cursors followed to the end: one key of every row.
async fn all(office: &Office, path: &str, list: &str, key: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = read(office, &next).await;
        let rows = page[list].as_array().unwrap();
        seen.extend(rows.iter().map(|row| row[key].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next"].as_str() else {
            return seen;
        };
        next = format!("{path}&cursor={cursor}");
    }
}

fn kinds(overview: &Value) -> Vec<&str> {
    let alerts = overview["alerts"].as_array().unwrap().iter();
    alerts
        .map(|alert| alert["kind"].as_str().unwrap())
        .collect()
}

pub(crate) async fn the_overview_tells_of_today_and_the_month(place: Place) {
    let office = Office::at(place).await;
    let total = read(&office, "/api/v1/usage?by=day").await["total"].clone();
    let overview = read(&office, "/api/v1/overview").await;
    assert_eq!(overview["zone"], "Europe/Madrid");
    assert_eq!(overview["now"], "2026-11-20T10:00:00Z");
    assert_eq!(overview["month"]["key"], "2026-11");
    assert_eq!(overview["month"]["used"], total);
    assert_eq!(overview["month"]["before"], Value::Null);
    assert_eq!(overview["active_users_month"], 2);
    assert_eq!(overview["blocked_users"], 2);
    assert_eq!(overview["forecast"], Value::Null, "a week is not behind us");
    assert_eq!(overview["top_month"].as_array().unwrap().len(), 2);
    let own = office.ask(&office.sap, "/api/v1/overview").await.json();
    assert_eq!(own["team"], "sap");
    assert_eq!(
        own["month"]["used"]["requests"], 0,
        "it was made before Ana was in the team"
    );
    assert_eq!(own["blocked_users"], 1);
    assert_eq!(own["top_month"][0]["user_id"], json!(office.users[0]));
}

pub(crate) async fn the_overview_says_what_somebody_should_look_at(place: Place) {
    let office = Office::at(place).await;
    assert!(!kinds(&read(&office, "/api/v1/overview").await).contains(&"over-limit"));
    let limit = crate::office::quota(&office.users[0], 1);
    let engine = &office.world.state.engine;
    engine
        .change_quotas(vec![limit], "to see it", &weir_engine::Actor::default())
        .await
        .unwrap();
    let overview = read(&office, "/api/v1/overview").await;
    let alerts = overview["alerts"].as_array().unwrap();
    let over = alerts.iter().find(|alert| alert["kind"] == "over-limit");
    let over = over.unwrap();
    assert_eq!(over["count"], 1);
    assert_eq!(
        over["subjects"],
        json!([{ "kind": "user", "id": office.users[0] }])
    );
}

pub(crate) async fn users_are_searched_sorted_and_paged(place: Place) {
    let office = Office::at(place).await;
    let [first, second] = &office.users;
    for (query, expected) in [
        ("sort=team", vec![first, second]),
        ("sort=team&order=desc", vec![second, first]),
        ("search=SAP", vec![first]),
        ("search=nobody", vec![]),
        ("team=web", vec![second]),
        ("state=BLOCKED_ADM&sort=team", vec![first, second]),
        ("state=ACTIVE", vec![]),
    ] {
        for limit in [1, 50] {
            let path = format!("/api/v1/users?{query}&limit={limit}");
            let found = all(&office, &path, "users", "user_id").await;
            let found: Vec<_> = found.iter().collect();
            assert_eq!(found, expected, "{path}");
        }
    }
    let page = read(&office, "/api/v1/users?limit=1").await;
    assert_eq!(page["total"], 2);
    assert_eq!(page["states"], json!({ "BLOCKED_ADM": 2 }));
    let row = &page["users"][0];
    assert_eq!(
        row["monthly_requests"],
        json!({ "used": "1", "limit": "5000", "percent": 0 })
    );
    for sort in [
        "user",
        "person",
        "state",
        "last_seen",
        "requests_day",
        "requests_month",
        "percent_day",
        "percent_month",
        "tokens_day",
        "tokens_month",
        "cost_day",
        "cost_month",
    ] {
        let path = format!("/api/v1/users?sort={sort}&order=desc&limit=1");
        let mut found = all(&office, &path, "users", "user_id").await;
        found.sort();
        let mut expected = office.users.to_vec();
        expected.sort();
        assert_eq!(found, expected, "{sort}");
    }
}

pub(crate) async fn a_list_and_a_page_say_the_same_of_a_user(place: Place) {
    let office = Office::at(place).await;
    let list = read(&office, "/api/v1/users").await;
    for row in list["users"].as_array().unwrap() {
        let user = row["user_id"].as_str().unwrap().replace('/', "%2F");
        let page = read(&office, &format!("/api/v1/users/{user}")).await;
        for key in ["state", "enforcement", "blocked_until", "month", "day"] {
            assert_eq!(row[key], page[key], "{key} of {user}");
        }
        assert_eq!(page["blocks"].as_array().unwrap().len(), 1);
        assert_eq!(page["models"].as_array().unwrap().len(), 1);
        assert_eq!(page["models"][0]["used"], page["month"]);
        let series = read(
            &office,
            &format!("/api/v1/users/{user}/series?from=2026-11-01"),
        )
        .await;
        let requests = series["days"].as_array().unwrap().iter();
        let requests = requests.map(|day| day["used"]["requests"].as_i64().unwrap());
        assert_eq!(requests.sum::<i64>(), 1);
        let mails = read(&office, &format!("/api/v1/users/{user}/mails")).await;
        assert!(mails["mails"].is_array());
    }
}

pub(crate) async fn teams_have_members_with_their_share(place: Place) {
    let office = Office::at(place).await;
    let teams = read(&office, "/api/v1/teams").await;
    let names = teams["teams"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|team| team["team"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"sap") && names.contains(&"web"),
        "{names:?}"
    );
    let page = read(&office, "/api/v1/teams/team_SAP_group").await;
    assert_eq!(page["team"]["members"], 1);
    assert_eq!(page["members"][0]["user_id"], json!(office.users[0]));
    // The call of before was made for no team.
    assert_eq!(page["members"][0]["requests_permille"], json!(null));
    let call = String::from_utf8(fixture("ct_invokemodel_iamuser.json")).unwrap();
    let call = call.replace("-000000000001", "-000000000009");
    assert_eq!(office.world.send(events(call)).await.json()["new"], 1);
    let page = read(&office, "/api/v1/teams/sap").await;
    assert_eq!(page["members"][0]["requests_permille"], 1_000);
    assert_eq!(page["others"], json!([]));
    // Whoever goes takes no use along, and whoever comes brings none.
    let gone = office.users[0].as_str();
    let web = Person {
        team: Some(TeamId::new("web")),
        ..Person::default()
    };
    let engine = &office.world.state.engine;
    let (user, by) = (UserId::new(gone), Actor::default());
    engine.set_person(&user, web, &by).await.unwrap();
    let page = read(&office, "/api/v1/teams/sap").await;
    assert_eq!(page["members"], json!([]));
    assert_eq!(page["others"][0]["user_id"], json!(gone));
    assert_eq!(page["others"][0]["requests_permille"], 1_000);
    let page = read(&office, "/api/v1/teams/web").await;
    let members = page["members"].as_array().unwrap();
    let moved = members.iter().find(|member| member["user_id"] == gone);
    assert_eq!(moved.unwrap()["for_team_usd"], "0");
    for (path, status) in [
        ("/api/v1/teams/sap", 200),
        ("/api/v1/teams/web", 404),
        ("/api/v1/teams/none", 404),
    ] {
        assert_eq!(office.ask(&office.sap, path).await.status, status, "{path}");
    }
}

pub(crate) async fn usage_by_two_things_adds_up_to_usage_by_one(place: Place) {
    let office = Office::at(place).await;
    let total = read(&office, "/api/v1/usage?by=day").await["total"].clone();
    let things = ["user", "team", "model", "tool", "day"];
    for by in things {
        for and in things.into_iter().filter(|and| *and != by) {
            for top in [1, 50] {
                let path = format!(
                    "/api/v1/usage/cross?by={by}&and={and}&from=2026-10-01&to=2026-11-20&top={top}"
                );
                let cross = read(&office, &path).await;
                let rows = cross["rows"].as_array().unwrap().iter();
                let nanos = rows.map(|row| row["used"]["cost_nanos"].as_i64().unwrap());
                assert_eq!(nanos.sum::<i64>(), total["cost_nanos"], "{path}");
            }
        }
    }
    let wrong = office
        .ask(&office.viewer, "/api/v1/usage/cross?by=day&and=day")
        .await;
    assert_eq!(wrong.status, 400);
    let long = "/api/v1/usage/cross?by=day&and=team&from=2026-01-01&to=2026-11-20";
    assert_eq!(office.ask(&office.viewer, long).await.status, 400);
    let path = "/api/v1/usage/heatmap?from=2026-10-01";
    let heatmap = read(&office, path).await;
    let hours = heatmap["hours"].as_array().unwrap().iter();
    let requests = hours.map(|hour| hour["used"]["requests"].as_i64().unwrap());
    assert_eq!(requests.sum::<i64>(), 2);
    let agents = read(&office, "/api/v1/usage/agents").await;
    assert_eq!(agents["agents"].as_array().unwrap().len(), 2);
}

pub(crate) async fn days_of_users_come_in_pages_and_everybody_is_whole(place: Place) {
    let office = Office::at(place).await;
    let whole = "/api/v1/usage/matrix?from=2026-08-20&to=2026-11-20";
    // Dollars or not: a decimal.
    let number = |value: &Value| value.as_str().unwrap().parse::<Usd>().unwrap().nanos();
    for figure in ["requests", "tokens", "cost"] {
        let path = format!("{whole}&figure={figure}");
        let all = read(&office, &path).await;
        let users = all["users"].as_array().unwrap();
        assert_eq!((users.len(), &all["total"]), (2, &json!(2)));
        let mut sums = 0;
        for user in users {
            let days = user["days"].as_object().unwrap();
            assert_eq!(days.len(), 93, "days without a call too");
            assert_eq!(days.values().map(number).sum::<i64>(), number(&user["sum"]));
            sums += number(&user["sum"]);
        }
        assert_eq!(sums, number(&all["everybody"]["sum"]), "{figure}");
        assert!(number(&users[0]["sum"]) >= number(&users[1]["sum"]));
        for query in [
            "",
            "&sort=total&order=asc",
            "&sort=user",
            "&sort=user&order=desc",
        ] {
            let path = format!("{path}{query}");
            let whole = read(&office, &path).await["users"].clone();
            let first = read(&office, &format!("{path}&limit=1")).await;
            let cursor = first["next"].as_str().unwrap();
            let second = read(&office, &format!("{path}&limit=1&cursor={cursor}")).await;
            assert_eq!(second["next"], Value::Null);
            assert_eq!(json!([first["users"][0], second["users"][0]]), whole);
            assert_eq!(first["everybody"], second["everybody"], "on every page");
        }
    }
    let found = read(&office, &format!("{whole}&search=SAP")).await;
    assert_eq!(found["users"].as_array().unwrap().len(), 1);
    assert_eq!(found["everybody"]["sum"], "2", "whoever is looked for");
    let none = read(&office, &format!("{whole}&state=ACTIVE")).await;
    assert_eq!((&none["users"], &none["total"]), (&json!([]), &json!(0)));
    // Of a team the calls that were made for it: theirs came before the team was known.
    let own = office.ask(&office.sap, whole).await.json();
    assert_eq!(
        (&own["users"], &own["everybody"]["sum"]),
        (&json!([]), &json!("0"))
    );
    let cases = read(&office, &format!("{whole}&team=unassigned")).await;
    assert_eq!(cases["total"], 2);
}

pub(crate) async fn costs_add_up_and_models_are_compared(place: Place) {
    let office = Office::at(place).await;
    let total = read(&office, "/api/v1/usage?by=day").await["total"].clone();
    for by in ["team", "model", "tool"] {
        let costs = read(&office, &format!("/api/v1/costs?by={by}&from=2026-10-01")).await;
        assert_eq!(costs["total"], total, "{by}");
        for list in ["parts", "days", "models"] {
            let rows = costs[list].as_array().unwrap().iter();
            let nanos = rows.map(|row| row["used"]["cost_nanos"].as_i64().unwrap());
            assert_eq!(nanos.sum::<i64>(), total["cost_nanos"], "{by} {list}");
        }
    }
}

pub(crate) async fn invocations_are_filtered_paged_and_shown(place: Place) {
    let office = Office::at(place).await;
    let path = "/api/v1/invocations?from=2026-01-01T00:00:00Z&limit=1";
    let found = all(&office, path, "invocations", "request_id").await;
    assert_eq!(found.len(), 2);
    let mut oldest = all(
        &office,
        &format!("{path}&order=asc"),
        "invocations",
        "request_id",
    )
    .await;
    oldest.reverse();
    assert_eq!(found, oldest);
    let whole = "/api/v1/invocations?from=2026-01-01T00:00:00Z";
    for (query, expected) in [
        ("state=ok", 2),
        ("state=failed", 0),
        ("team=unassigned", 2),
        ("team=sap", 0),
        ("tool=nothing", 0),
        ("to=2026-01-02T00:00:00Z", 0),
    ] {
        let path = format!("{whole}&{query}");
        let found = all(&office, &path, "invocations", "request_id").await;
        assert_eq!(found.len(), expected, "{query}");
    }
    let list = read(&office, whole).await;
    for line in list["invocations"].as_array().unwrap() {
        let id = line["request_id"].as_str().unwrap();
        let shown = read(&office, &format!("/api/v1/invocations/{id}")).await;
        for key in [
            "at", "user_id", "team", "tool", "model", "status", "tokens", "cost_usd",
        ] {
            assert_eq!(line[key], shown[key], "{key}");
        }
        assert!(!shown["sources"].as_array().unwrap().is_empty());
        // Neither was made for the team.
        let path = format!("/api/v1/invocations/{id}");
        assert_eq!(office.ask(&office.sap, &path).await.status, 404);
    }
}

pub(crate) async fn blocks_quotas_prices_targets_and_the_proof(place: Place) {
    let office = Office::at(place).await;
    let blocks = all(&office, "/api/v1/blocks?limit=1", "blocks", "id").await;
    assert_eq!(blocks.len(), 2);
    let history = all(
        &office,
        "/api/v1/blocks?history=true&limit=1",
        "blocks",
        "id",
    )
    .await;
    assert_eq!(history, blocks);
    let mut oldest = blocks;
    oldest.reverse();
    for which in ["", "history=true&"] {
        let path = format!("/api/v1/blocks?{which}limit=1&order=asc");
        assert_eq!(all(&office, &path, "blocks", "id").await, oldest);
    }
    let user = &office.users[0];
    for (query, found) in [
        (format!("search={}", user[..3].to_uppercase()), 1),
        ("search=TO%20SEE".to_owned(), 2),
        ("search=root@host".to_owned(), 2),
        ("search=nobody".to_owned(), 0),
        ("search=%25".to_owned(), 0),
        ("kind=manual".to_owned(), 2),
        ("kind=automatic".to_owned(), 0),
    ] {
        let path = format!("/api/v1/blocks?history=true&limit=1&{query}");
        let blocks = all(&office, &path, "blocks", "id").await;
        assert_eq!(blocks.len(), found, "{query}");
    }
    let quotas = read(&office, "/api/v1/quotas?scope=defaults").await;
    let quotas = quotas["quotas"].as_array().unwrap();
    assert_eq!(quotas.len(), 2);
    assert_eq!(quotas[0]["author"], "built-in");
    let prices = read(&office, "/api/v1/prices?search=claude-opus").await;
    assert!(!prices["prices"].as_array().unwrap().is_empty());
    let targets = read(&office, "/api/v1/targets").await;
    assert_eq!(targets["mode"], "dry-run");
    let proof = read(&office, "/api/v1/audit/verify").await;
    assert_eq!(
        (&proof["ok"], &proof["problem"]),
        (&json!(true), &Value::Null)
    );
    let anchored = format!(
        "/api/v1/audit/verify?anchor={}",
        proof["head"].as_str().unwrap().replace(':', "%3A")
    );
    assert_eq!(read(&office, &anchored).await["anchor_found"], true);
}

pub(crate) async fn the_record_is_read_backwards_to_its_beginning(place: Place) {
    let office = Office::at(place).await;
    let mut seen = Vec::new();
    let mut path = "/api/v1/audit?limit=2".to_owned();
    loop {
        let page = read(&office, &path).await;
        let entries = page["entries"].as_array().unwrap().iter().rev();
        seen.extend(entries.map(|entry| entry["seq"].as_u64().unwrap()));
        let Some(older) = page["older"].as_str() else {
            break;
        };
        path = format!("/api/v1/audit?limit=2&older={older}");
    }
    let expected: Vec<_> = (1..=seen[0]).rev().collect();
    assert_eq!(seen, expected);
}

pub(crate) async fn a_user_a_price_and_the_outbox_are_shown_alone(place: Place) {
    let office = Office::at(place).await;
    let [mine, theirs] = &office.users;
    let status = |user: &str| format!("/api/v1/users/{}/status", user.replace('/', "%2F"));
    let answer = office.ask(&office.sap, &status(mine)).await.json();
    assert_eq!(
        (&answer["team"], &answer["state"]),
        (&json!("sap"), &json!("BLOCKED_ADM"))
    );
    assert_eq!(answer["quotas"][0]["limit"], "350");
    assert_eq!(office.ask(&office.sap, &status(theirs)).await.status, 404);

    let price = async |model: &str| {
        let path = format!("/api/v1/prices/{model}?region=eu-west-1");
        office.ask(&office.viewer, &path).await
    };
    let known = price("eu.anthropic.claude-opus-5-5").await.json();
    assert_eq!(known["model"], "anthropic.claude-opus-5-5");
    assert_eq!(
        (&known["class"], &known["sources"]),
        (&json!("regional"), &json!(["bundled"]))
    );
    assert_eq!(known["bands"][0]["input"], "4.4");
    let unpriced = price("cohere.nothing-v1:0").await.json();
    assert_eq!(
        (&unpriced["bands"], &unpriced["sources"]),
        (&json!([]), &json!([]))
    );

    let messages = office.ask(&office.viewer, "/api/v1/outbox").await.json();
    for message in messages["messages"].as_array().unwrap() {
        let id = message["id"].as_str().unwrap().replace('/', "%2F");
        let one = office
            .ask(&office.viewer, &format!("/api/v1/outbox/{id}"))
            .await;
        assert_eq!(one.json(), *message);
    }
    let path = "/api/v1/coverage?from=2026-11-20&to=2026-11-19";
    let backwards = office.ask(&office.viewer, path).await;
    assert_eq!(backwards.status, 400, "{}", backwards.text);
    let whole = office
        .ask(&office.viewer, "/api/v1/audit?after=0&limit=2")
        .await
        .json();
    assert_eq!(
        (&whole["entries"][0]["seq"], &whole["entries"][1]["seq"]),
        (&json!(1), &json!(2))
    );
}
