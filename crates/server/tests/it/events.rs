//! `POST /api/v1/events`

use std::io::Write;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::world::{Place, TOKEN, World, events, fixture};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) async fn an_event_is_counted_once_and_answered_as_ingest_does(place: Place) {
    let world = World::at(place).await;
    let event = fixture("ct_invokemodel_iamuser.json");
    let answer = world.send(events(event.clone())).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let mut expected = json!({
        "records": 1, "new": 1, "completed": 0, "duplicates": 0, "ignored": 0, "failed_calls": 0,
        "dead_letters": 0, "unpriced": 0, "warned": [], "blocked": [],
    });
    assert_eq!(answer.json(), expected);
    expected["new"] = json!(0);
    expected["duplicates"] = json!(1);
    assert_eq!(world.send(events(event)).await.json(), expected);
}

#[tokio::test]
async fn gzip_is_taken_with_and_without_a_header_and_both() {
    let world = World::new().await;
    for (name, wrapped, header) in [
        ("ct_invokemodel_iamuser.json", 1, false),
        ("ct_converse_longterm_key.json", 1, true),
        ("ct_stream_sso_apicall.json", 2, true),
    ] {
        let body = (0..wrapped).fold(fixture(name), |body, _| gzip(&body));
        let mut request = events(body);
        if header {
            request
                .headers_mut()
                .insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        }
        let answer = world.send(request).await;
        assert_eq!(answer.json()["new"], 1, "{name}: {}", answer.text);
    }
}

#[tokio::test]
async fn without_the_token_nothing_is_counted() {
    let world = World::new().await;
    let long = format!("Bearer {TOKEN}0");
    let lower = format!("bearer {TOKEN}");
    let cases = [
        (None, StatusCode::UNAUTHORIZED),
        (Some("Bearer"), StatusCode::UNAUTHORIZED),
        (Some("Bearer "), StatusCode::UNAUTHORIZED),
        (
            Some("Bearer 0123456789abcdef0123456789abcdeX"),
            StatusCode::UNAUTHORIZED,
        ),
        (Some(long.as_str()), StatusCode::UNAUTHORIZED),
        (Some(TOKEN), StatusCode::UNAUTHORIZED),
        (Some(lower.as_str()), StatusCode::OK),
    ];
    for (sent, status) in cases {
        let mut request = Request::post("/api/v1/events");
        if let Some(value) = sent {
            request = request.header(header::AUTHORIZATION, value);
        }
        let body = Body::from(fixture("ct_invokemodel_iamuser.json"));
        let answer = world.send(request.body(body).unwrap()).await;
        assert_eq!(answer.status, status, "{sent:?}: {}", answer.text);
        if status != StatusCode::OK {
            assert_eq!(answer.content_type, "application/problem+json");
            assert_eq!(answer.json()["status"], 401);
            assert_eq!(world.store.health().await.unwrap().invocations, 0);
        }
    }
}

pub(crate) async fn a_bomb_is_refused_before_anything_is_counted(place: Place) {
    let world = World::at(place).await;
    let mut plain = fixture("ct_invokemodel_iamuser.json");
    plain.resize(65 * 1024 * 1024, b' ');
    let bomb = gzip(&plain);
    assert!(bomb.len() < 200_000);
    for body in [bomb, plain] {
        let answer = world.send(events(body)).await;
        assert_eq!(
            answer.status,
            StatusCode::PAYLOAD_TOO_LARGE,
            "{}",
            answer.text
        );
        assert!(answer.text.contains("64 MiB"), "{}", answer.text);
    }
    assert_eq!(world.store.health().await.unwrap().invocations, 0);
}

pub(crate) async fn what_cannot_be_read_is_a_dead_letter_and_its_neighbours_count(place: Place) {
    let world = World::at(place).await;
    let event: serde_json::Value =
        serde_json::from_slice(&fixture("ct_invokemodel_iamuser.json")).unwrap();
    let body = format!("{event}\nthis is not JSON\n");
    let answer = world.send(events(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let report = answer.json();
    assert_eq!(
        (&report["new"], &report["dead_letters"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        world.store.dead_letters(10).await.unwrap()[0].letter.source,
        "http, line 2"
    );

    let mut cut = gzip(&fixture("ct_throttling.json"));
    cut.truncate(cut.len() / 2);
    let report = world.send(events(cut)).await.json();
    assert_eq!(
        (&report["new"], &report["dead_letters"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test]
async fn encodings_nobody_speaks_are_refused() {
    let world = World::new().await;
    for (encoding, status) in [
        ("br", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("gzip", StatusCode::BAD_REQUEST),
    ] {
        let mut request = events("{}");
        request
            .headers_mut()
            .insert(header::CONTENT_ENCODING, encoding.parse().unwrap());
        assert_eq!(world.send(request).await.status, status, "{encoding}");
    }
}

#[test]
fn a_token_that_protects_nothing_is_refused() {
    for text in [
        "",
        "short",
        "with space in the middle of it",
        "ñandú-ñandú-ñandú-ñandú",
    ] {
        assert!(weir_server::Token::new(text).is_err(), "{text}");
    }
    let token = weir_server::Token::new(&format!(" {TOKEN}\n")).unwrap();
    assert!(!format!("{token:?}").contains(TOKEN));
}
