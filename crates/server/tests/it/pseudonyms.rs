//! Pseudonyms in place of people, for operators who only look (rules P3).

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, header};
use weir_core::audit;
use weir_core::ids::UserId;
use weir_core::operator::Role;
use weir_core::pseudonym::People;
use weir_core::rulebook::Person;
use weir_engine::Actor;

use crate::office::{Office, quota, token};
use crate::world::Place;

/// What tells who somebody is; none of it is in what a viewer is shown.
async fn names(office: &Office) -> BTreeSet<String> {
    let rows = office.world.store.users(None, None, 10).await.unwrap();
    let mut names = BTreeSet::new();
    for row in rows {
        names.insert(row.user.to_string());
        names.extend(row.person);
        names.extend(row.email);
        for (principal, stable_id, _, _) in row.principals {
            names.insert(principal.to_string());
            names.extend(stable_id);
        }
    }
    assert!(names.len() > 6, "{names:?}");
    names
}

/// An office of which viewers see pseudonyms.
async fn office(place: Place) -> Office {
    let mut office = Office::at(place).await;
    for (user, name) in office
        .users
        .iter()
        .zip(["Renata Quiroga", "Ulises Barrientos"])
    {
        let said = Person {
            person: Some(name.to_owned()),
            email: Some(format!("{}@example.com", name.replace(' ', "."))),
            ..Person::default()
        };
        let engine = &office.world.state.engine;
        let user = UserId::new(user);
        engine
            .set_person(&user, said, &Actor::default())
            .await
            .unwrap();
        let set = vec![quota(user.as_str(), 1)];
        office
            .world
            .store
            .change_rules(set, Vec::<audit::Entry>::new())
            .await
            .unwrap();
    }
    office.world.state.people = People::Pseudonym;
    office
}

/// The pseudonyms of the users on the first page.
async fn pseudonyms(office: &Office) -> Vec<String> {
    let users = office.ask(&office.viewer, "/api/v1/users").await;
    assert_eq!(users.status, 200, "{}", users.text);
    let users = users.json()["users"].as_array().unwrap().clone();
    let ids = users
        .iter()
        .map(|user| user["user_id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Every address that is read, with something there behind it, and parameters that it needs.
async fn addresses(office: &Office) -> Vec<String> {
    let document = serde_json::to_value(weir_server::document()).unwrap();
    let pseudonyms = pseudonyms(office).await;
    let calls = office
        .ask(&office.viewer, "/api/v1/invocations")
        .await
        .json();
    let mut addresses = Vec::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        if verbs["get"].is_null() || path == "/api/v1/events" {
            continue;
        }
        let query = match path.as_str() {
            "/api/v1/usage" => "?by=user",
            "/api/v1/usage/cross" => "?by=user&and=day",
            "/api/v1/costs" => "?by=team",
            "/api/v1/blocks" => "?history=true",
            "/api/v1/targets" => "?all=true",
            "/api/v1/quotas/trial" => "?scope=defaults&metric=requests&window=month&limit=0",
            "/api/v1/prices/{model}" => "?region=eu-west-1",
            _ => "",
        };
        for index in 0..2 {
            let path = path
                .replace("{user}", &pseudonyms[index])
                .replace(
                    "{request}",
                    calls["invocations"][index]["request_id"].as_str().unwrap(),
                )
                .replace("{team}", ["sap", "web"][index]);
            addresses.push(format!("{path}{query}"));
        }
    }
    let who = &pseudonyms[0];
    addresses.push(format!(
        "/api/v1/quotas/trial?scope=user:{who}&metric=requests&window=month&limit=0"
    ));
    addresses.extend(
        [
            "/api/v1/usage/cross?by=day&and=user",
            "/api/v1/users?limit=1&sort=person",
            "/api/v1/blocks?limit=1",
            "/api/v1/blocks?limit=1&order=asc",
            "/api/v1/usage/matrix?limit=1",
            "/api/v1/usage/matrix?limit=1&sort=user",
            "/api/v1/audit?limit=500&after=0",
        ]
        .map(str::to_owned),
    );
    addresses
}

/// Texts that were put as hexadecimal digits, as cursors are.
fn readable(text: &str) -> String {
    let runs = text.split(|letter: char| !letter.is_ascii_hexdigit());
    let bytes = runs.filter(|run| run.len() >= 8).map(|run| {
        let pairs = run.as_bytes().chunks(2);
        let bytes =
            pairs.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
    });
    bytes.collect::<Vec<_>>().join(" ")
}

fn told(text: &str, names: &BTreeSet<String>) -> Vec<String> {
    let text = format!("{text} {}", readable(text)).to_lowercase();
    let found = names
        .iter()
        .filter(|name| text.contains(&name.to_lowercase()));
    found.cloned().collect()
}

pub(crate) async fn whoever_only_looks_is_shown_nobody_by_name(place: Place) {
    let office = office(place).await;
    let names = names(&office).await;
    let admin = token(&office.world, Role::Admin).await;
    let mut read = 0;
    let mut by_name = 0;
    for address in addresses(&office).await {
        for csv in [false, true] {
            let address = match (csv, address.contains('?')) {
                (false, _) => address.clone(),
                (true, false) => format!("{address}?format=csv"),
                (true, true) => format!("{address}&format=csv"),
            };
            let answer = office.ask(&office.viewer, &address).await;
            read += u32::from(answer.status == 200);
            let of_one = !csv && address.starts_with("/api/v1/users/");
            assert!(
                !of_one || answer.status == 200,
                "{address}: {}",
                answer.text
            );
            let found = told(&answer.text, &names);
            assert!(found.is_empty(), "{address}: {found:?}\n{}", answer.text);
            assert_eq!(answer.header("etag"), "", "{address}");
            let answer = office.ask(&admin, &address).await;
            by_name += u32::from(!told(&answer.text, &names).is_empty());
        }
    }
    assert!(read > 50, "{read} addresses answered");
    assert!(by_name > 10, "{by_name} addresses tell an admin names");
}

pub(crate) async fn a_pseudonym_leads_from_page_to_page_and_a_name_nowhere(place: Place) {
    let office = office(place).await;
    let pseudonyms = pseudonyms(&office).await;
    assert_eq!(pseudonyms.len(), 2);
    for pseudonym in &pseudonyms {
        for path in [
            format!("/api/v1/users/{pseudonym}"),
            format!("/api/v1/users/{pseudonym}/status"),
            format!("/api/v1/invocations?user={pseudonym}"),
            format!("/api/v1/audit?subject=user:{pseudonym}"),
            format!("/api/v1/users?search={pseudonym}"),
        ] {
            let answer = office.ask(&office.viewer, &path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(
                answer.text.contains(pseudonym.as_str()),
                "{path}: {}",
                answer.text
            );
        }
    }
    for name in &office.users {
        for (path, status) in [
            (format!("/api/v1/users/{name}"), 404),
            (format!("/api/v1/users/{name}/status"), 404),
            (format!("/api/v1/invocations?user={name}"), 400),
            (format!("/api/v1/users?search={}", &name[..2]), 400),
            (format!("/api/v1/audit?text={name}"), 400),
            (format!("/api/v1/audit?subject=user:{name}"), 400),
            (format!("/api/v1/quotas?scope=user:{name}"), 400),
            (format!("/api/v1/outbox/{name}"), 403),
        ] {
            let answer = office.ask(&office.viewer, &path).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
        }
    }
}

pub(crate) async fn lists_by_pseudonym_go_on_where_they_were(place: Place) {
    let office = office(place).await;
    for (list, id) in [("users", "user_id"), ("blocks", "id")] {
        let whole = office
            .ask(&office.viewer, &format!("/api/v1/{list}"))
            .await
            .json();
        let first = office
            .ask(&office.viewer, &format!("/api/v1/{list}?limit=1"))
            .await
            .json();
        let cursor = first["next"].as_str().unwrap();
        let path = format!("/api/v1/{list}?limit=1&cursor={cursor}");
        let second = office.ask(&office.viewer, &path).await.json();
        assert_eq!(second[list][0][id], whole[list][1][id], "{list}: {second}");
    }
    let days = office.ask(&office.viewer, "/api/v1/usage/matrix").await;
    assert!(!days.text.contains("hidden"), "{}", days.text);
}

pub(crate) async fn whoever_acts_is_shown_names(place: Place) {
    let office = office(place).await;
    let names = names(&office).await;
    for role in [Role::Operator, Role::Admin] {
        let token = token(&office.world, role).await;
        let answer = office.ask(&token, "/api/v1/users").await;
        assert!(!told(&answer.text, &names).is_empty(), "{role}");
    }
    let own = office.ask(&office.sap, "/api/v1/users").await;
    assert!(own.text.contains("Renata Quiroga"), "{}", own.text);
}

/// Requests that are wrong beside the pseudonym in them: what is answered names whom it stands for nowhere.
pub(crate) async fn an_error_names_nobody_either(place: Place) {
    let office = office(place).await;
    let names = names(&office).await;
    let pseudonym = &pseudonyms(&office).await[0];
    let document = serde_json::to_value(weir_server::document()).unwrap();
    let mut refused = 0;
    for (path, verbs) in document["paths"].as_object().unwrap() {
        if verbs["get"].is_null() || path == "/api/v1/events" {
            continue;
        }
        let parameters = verbs["get"]["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        let known: Vec<_> = parameters.filter_map(|one| one["name"].as_str()).collect();
        let mut asked: Vec<_> = known
            .iter()
            .filter_map(|name| match *name {
                "user" | "search" | "text" if !path.contains("{user}") => {
                    Some(format!("{name}={pseudonym}"))
                }
                "scope" | "subject" => Some(format!("{name}=user:{pseudonym}")),
                _ => None,
            })
            .collect();
        if path.contains("{user}") {
            asked.push(format!("x={pseudonym}"));
        }
        let path = path.replace("{user}", pseudonym);
        for asked in &asked {
            let wrong = known.iter().map(|name| format!("{asked}&{name}=-%201"));
            let odd = [format!("{asked}&{asked}"), format!("{asked}&y=1")];
            for query in wrong.chain(odd) {
                let address = format!("{path}?{query}");
                let answer = office.ask(&office.viewer, &address).await;
                refused += u32::from([400, 404, 422].contains(&answer.status.as_u16()));
                let found = told(&answer.text, &names);
                assert!(found.is_empty(), "{address}: {found:?}\n{}", answer.text);
            }
        }
    }
    assert!(refused > 80, "{refused} requests were wrong");
}

pub(crate) async fn a_head_tells_no_more_than_its_body(place: Place) {
    let office = office(place).await;
    let head = async |path: &str| {
        let request = Request::head(path);
        let bearer = format!("Bearer {}", office.viewer);
        let request = request.header(header::AUTHORIZATION, bearer);
        office
            .world
            .send(request.body(Body::empty()).unwrap())
            .await
    };
    for name in &office.users {
        let path = format!("/api/v1/users/{}", name.replace('/', "%2F"));
        assert_eq!(head(&path).await.status, 404);
    }
    let pseudonym = &pseudonyms(&office).await[0];
    let there = head(&format!("/api/v1/users/{pseudonym}")).await;
    assert_eq!((there.status.as_u16(), there.header("etag")), (200, ""));
}
