//! Lists to their end: page after page, and as one file.

use jiff::SignedDuration;
use serde_json::{Value, json};
use weir_core::audit::Entry;

use crate::office::Office;
use crate::world::{Place, events, fixture};

/// A file: its columns, and its rows as cells. None of them has a comma in it.
async fn file(office: &Office, path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let answer = office.ask(&office.viewer, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    let lines = answer.text.split("\r\n").filter(|line| !line.is_empty());
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut lines = lines.map(cells);
    let columns = lines.next().unwrap();
    (columns, lines.collect())
}

fn place_of(columns: &[String], name: &str) -> usize {
    let place = columns.iter().position(|column| column == name);
    place.unwrap_or_else(|| panic!("no column {name}: {columns:?}"))
}

/// Calls that nothing says the counts of, newer than what there is.
async fn unmetered(office: &Office, which: std::ops::Range<u32>) {
    let event: Value = serde_json::from_slice(&fixture("ct_invokemodel_iamuser.json")).unwrap();
    let count = which.len();
    let made = which.map(|n| {
        let mut event = event.clone();
        let at = format!("2026-11-20T09:{:02}:{:02}Z", 20 + n / 60 % 40, n % 60);
        event["time"] = json!(at);
        let detail = &mut event["detail"];
        detail["eventTime"] = json!(at);
        detail["eventID"] = json!(format!("e-{n}"));
        detail["requestID"] = json!(format!("r-{n}"));
        detail["additionalEventData"] = Value::Null;
        event.to_string()
    });
    let made: Vec<_> = made.collect();
    let answer = office.world.send(events(made.join("\n"))).await;
    assert_eq!(answer.json()["new"], count, "{}", answer.text);
}

pub(crate) async fn a_file_has_what_only_later_rows_have(place: Place) {
    let office = Office::at(place).await;
    unmetered(&office, 0..510).await;
    let (columns, rows) = file(&office, "/api/v1/invocations?format=csv").await;
    assert_eq!(rows.len(), 512);
    assert!(rows.iter().all(|row| row.len() == columns.len()));
    let input = place_of(&columns, "tokens.input");
    assert!(!columns.contains(&"tokens".to_owned()), "{columns:?}");
    assert_eq!(rows[0][input], "", "nothing says how many");
    let counted = rows.iter().filter(|row| !row[input].is_empty());
    assert_eq!(counted.count(), 2, "the oldest");
    // What the newest of everybody do not pass is on the first page all the same.
    for (query, found) in [("state=unmetered", 510), ("state=ok&user=nobody", 0)] {
        let path = format!("/api/v1/invocations?format=csv&{query}");
        let (of_some, rows) = file(&office, &path).await;
        assert_eq!((rows.len(), &of_some), (found, &columns), "{query}");
    }
}

pub(crate) async fn what_few_calls_are_is_on_the_first_page(place: Place) {
    let office = Office::at(place).await;
    // More than would be looked at row by row.
    for part in 0..6 {
        unmetered(&office, part * 1_000..(part + 1) * 1_000).await;
    }
    let read = async |token: &str, query: &str| {
        let path = format!("/api/v1/invocations?limit=2&{query}");
        let answer = office.ask(token, &path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let page = answer.json();
        let rows = page["invocations"].as_array().unwrap().len();
        (rows, page["next"].is_null())
    };
    // The first calls came before the team was known; they are the oldest.
    assert_eq!(read(&office.viewer, "team=unassigned").await, (2, true));
    let users = format!("user={}&state=ok", office.users[1].replace('/', "%2F"));
    assert_eq!(read(&office.viewer, &users).await, (1, true));
    assert_eq!(read(&office.viewer, "tool=nothing").await, (0, true));
    assert_eq!(read(&office.sap, "").await, (2, false));
    assert_eq!(
        read(&office.sap, "state=unmetered&order=asc").await,
        (2, false)
    );
    assert_eq!(read(&office.sap, "state=failed").await, (0, true));
}

pub(crate) async fn the_record_is_a_file_from_its_beginning(place: Place) {
    let office = Office::at(place).await;
    let entry = |n: u32| Entry {
        operation: "note".to_owned(),
        subject: format!("user:u{n}"),
        reason: "to have many".to_owned(),
        actor: "root@host".to_owned(),
        claimed_by: None,
        at: office.world.state.engine.now(),
        origin: "cli".to_owned(),
        expires_at: None,
        before: None,
        after: None,
        evidence: None,
    };
    let many = (0..1_010).map(entry).collect();
    office.world.store.append_audit(many).await.unwrap();
    let path = "/api/v1/audit?operation=note&format=csv";
    let seqs = async |path: &str| {
        let (columns, rows) = file(&office, path).await;
        let seq = place_of(&columns, "seq");
        let seqs = rows.iter().map(|row| row[seq].parse::<u64>().unwrap());
        seqs.collect::<Vec<_>>()
    };
    let whole = seqs(path).await;
    assert_eq!(whole.len(), 1_010);
    assert!(whole.is_sorted(), "in the order in which it was written");
    let after = whole[4];
    let rest = seqs(&format!("{path}&after={after}")).await;
    assert_eq!(rest, whole[5..]);
    let back = office
        .ask(&office.viewer, &format!("{path}&older=31"))
        .await;
    assert_eq!(back.status, 400, "{}", back.text);
}

pub(crate) async fn lists_of_the_system_go_on(place: Place) {
    let office = Office::at(place).await;
    let wrong: Vec<_> = (0..60).map(|n| format!("no JSON {n}")).collect();
    let sent = office.world.send(events(wrong.join("\n"))).await;
    assert_eq!(sent.json()["dead_letters"], 60, "{}", sent.text);
    for (list, key) in [("dead-letters", "dead_letters"), ("outbox", "messages")] {
        let path = format!("/api/v1/{list}");
        let whole = office
            .ask(&office.viewer, &format!("{path}?limit=500"))
            .await
            .json();
        let whole = whole[key].as_array().unwrap();
        assert!(whole.len() >= 2, "{list}: {whole:?}");
        let limit = whole.len() - 1;
        let first = office
            .ask(&office.viewer, &format!("{path}?limit={limit}"))
            .await
            .json();
        let cursor = first["next"].as_str().unwrap();
        let last = office
            .ask(
                &office.viewer,
                &format!("{path}?limit={limit}&cursor={cursor}"),
            )
            .await
            .json();
        assert_eq!(first[key].as_array().unwrap()[..], whole[..limit], "{list}");
        assert_eq!(last[key].as_array().unwrap()[..], whole[limit..], "{list}");
        assert_eq!(last["next"], Value::Null, "{list}");
        let wrong = office
            .ask(&office.viewer, &format!("{path}?cursor=zz"))
            .await;
        assert_eq!(wrong.status, 400, "{list}");
    }
    let csv = office
        .ask(&office.viewer, "/api/v1/dead-letters?format=csv")
        .await;
    assert_eq!(csv.text.lines().count(), 61, "more than a page");
    let page = office
        .ask(&office.viewer, "/api/v1/resets?limit=1")
        .await
        .json();
    assert_eq!((&page["resets"], &page["next"]), (&json!([]), &Value::Null));
}

pub(crate) async fn a_user_with_a_long_past_has_more_than_is_shown(place: Place) {
    use weir_core::admin::{Command, Verb};
    use weir_core::block::Until;
    use weir_core::ids::UserId;
    let office = Office::at(place).await;
    let user = office.users[0].replace('/', "%2F");
    let show = async || {
        let page = office
            .ask(&office.viewer, &format!("/api/v1/users/{user}"))
            .await
            .json();
        let mails = office
            .ask(&office.viewer, &format!("/api/v1/users/{user}/mails"))
            .await;
        (
            page["blocks"].as_array().unwrap().len(),
            page["more_blocks"].clone(),
            page["more_protections"].clone(),
            mails.json()["more"].clone(),
        )
    };
    assert_eq!(show().await, (1, json!(false), json!(false), json!(false)));
    for _ in 0..51 {
        for verb in [
            Verb::Unblock {
                protect_until: None,
            },
            Verb::Block {
                until: Until::Indefinite,
            },
        ] {
            let command = Command {
                user: UserId::new(&office.users[0]),
                actor: "root@host".to_owned(),
                claimed_by: None,
                reason: "back and forth".to_owned(),
                verb,
            };
            // Blocks of one instant are one.
            office.world.clock.advance(SignedDuration::from_secs(1));
            let engine = &office.world.state.engine;
            engine.administer(command, true).await.unwrap();
        }
    }
    let (blocks, more_blocks, ..) = show().await;
    assert_eq!((blocks, more_blocks), (50, json!(true)));
}
