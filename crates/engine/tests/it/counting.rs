//! Diaries of intake: what is counted, and what the report says.

use weir_core::ids::{RequestId, UserId};
use weir_engine::ports::EffectErrorKind;
use weir_testkit::fakes::{Fault, Op};
use weir_testkit::records::call;

use crate::world::{Like, World, ingest, listed, names};

use jiff::SignedDuration;

#[tokio::test]
async fn a_report_does_not_depend_on_where_batches_end() {
    for batch in [1, 2, 500] {
        let world = World::with(Like {
            batch: Some(batch),
            ..Like::default()
        })
        .await;
        world.developer("ana", "sap");
        let streamed = call("r1").by("ana").streamed().tokens(800, 100);
        let plain = call("r2").by("ana").tokens(10, 1);
        let events = [
            streamed.api_event(),
            streamed.completion_event(),
            plain.api_event(),
            plain.api_event(),
            call("r3").by("ana").denied().api_event(),
            serde_json::json!({ "eventSource": "s3.amazonaws.com", "eventName": "GetObject" }),
        ];
        let first = world.ingest(&events).await;
        assert_eq!(
            (first.records, first.new, first.completed),
            (5, 3, 1),
            "batches of {batch}"
        );
        assert_eq!(
            (first.duplicates, first.failed_calls),
            (1, 1),
            "batches of {batch}"
        );
        let again = world.ingest(&events).await;
        assert_eq!(
            (again.records, again.new, again.completed),
            (5, 0, 0),
            "batches of {batch}"
        );
        assert_eq!(again.duplicates, 5, "batches of {batch}");
    }
}

#[tokio::test]
async fn what_is_too_far_ahead_or_too_old_is_not_counted() {
    let world = World::new().await;
    world.developer("ana", "sap");
    let at = |request: &str, time: &str| call(request).by("ana").at(time).api_event();
    let report = world
        .ingest(&[
            at("ahead", "2026-11-20T11:15:01Z"),
            at("just", "2026-11-20T11:15:00Z"),
            at("old", "2025-10-16T10:59:59Z"),
            at("aged", "2025-10-16T11:00:01Z"),
            serde_json::json!({ "eventSource": "bedrock.amazonaws.com", "eventName": "Converse" }),
        ])
        .await;
    assert_eq!((report.new, report.dead_letters), (2, 3));
    let letters = world.store.dead_letters(10).await.unwrap();
    let reasons: Vec<_> = letters
        .iter()
        .map(|row| row.letter.reason.as_str())
        .collect();
    for reason in [
        "future: request ahead: the call is dated 15 minutes ahead of now",
        "too_old: request old: the call is 400 days old",
    ] {
        assert!(reasons.contains(&reason), "{reason} in {reasons:?}");
    }
}

#[tokio::test]
async fn a_call_counts_under_the_last_known_team_until_the_look_up_succeeds() {
    let world = World::new().await;
    world.developer("ana", "team_sap_group");
    world.calls("ana", 0..1).await;
    world.later(SignedDuration::from_mins(11)).await;

    world.developer("ana", "ml");
    world
        .aws
        .fault(Op::Caller, "ana", Fault::Error(EffectErrorKind::Denied));
    world.calls("ana", 1..2).await;
    let team = async |request: &str| {
        let row = world
            .store
            .invocation(&RequestId::new(request))
            .await
            .unwrap()
            .unwrap();
        (row.invocation.team.to_string(), row.invocation.unresolved)
    };
    assert_eq!(team("ana-1").await, ("sap".to_owned(), true));

    world.later(SignedDuration::from_mins(6)).await;
    assert_eq!(team("ana-1").await, ("ml".to_owned(), false));
    assert_eq!(
        team("ana-0").await,
        ("sap".to_owned(), false),
        "history keeps the team of its time"
    );
    assert_eq!(
        world.store.check_totals().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_throttled_look_up_never_fails_the_batch() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world
        .aws
        .fault(Op::Caller, "*", Fault::Error(EffectErrorKind::Retry));
    world
        .aws
        .fault(Op::Whoami, "*", Fault::Error(EffectErrorKind::Retry));
    let report = world.calls("ana", 0..3).await;
    assert_eq!(report.new, 3);
    let row = world
        .store
        .user(&UserId::new("ana"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.team.as_str(), "unassigned");
}

#[tokio::test]
async fn callers_are_asked_about_once() {
    let world = World::new().await;
    for name in ["ana", "bob", "eva"] {
        world.developer(name, "sap");
    }
    for round in 0..4 {
        for name in ["ana", "bob", "eva"] {
            world.calls(name, round * 10..round * 10 + 10).await;
        }
    }
    assert_eq!(
        ["ana", "bob", "eva"].map(|name| world.aws.calls(Op::Caller, name)),
        [1, 1, 1]
    );
    assert_eq!(world.aws.calls(Op::Whoami, ""), 1);
}

#[tokio::test]
async fn those_who_lose_access_are_reported_once_and_sorted() {
    let world = World::with(Like {
        batch: Some(2),
        ..Like::default()
    })
    .await;
    for name in ["eva", "ana", "bob"] {
        world.developer(name, "sap");
    }
    world.quota("defaults", 5).await;
    let calls = |name: &'static str, count: u32| {
        (0..count).map(move |i| call(&format!("{name}{i}")).by(name).api_event())
    };
    let events: Vec<_> = calls("eva", 7)
        .chain(calls("ana", 5))
        .chain(calls("bob", 4))
        .collect();
    let report = world.ingest(&events).await;
    assert_eq!(listed(&report.blocked), names(&["ana", "eva"]));
    // The third batch took ana from three calls to five: the block is told instead.
    assert_eq!(listed(&report.warned), names(&["bob", "eva"]));
    let again = world.ingest(&events).await;
    assert!(again.blocked.is_empty() && again.warned.is_empty());
}

#[tokio::test]
async fn an_application_profile_is_counted_as_the_model_behind_it() {
    let world = World::new().await;
    world.developer("ana", "sap");
    let arn = "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/abc";
    world.aws.profile_is(
        arn,
        "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
    );
    ingest(
        &world.engine,
        &[call("r1").by("ana").model(arn).tokens(10, 10).api_event()],
    )
    .await;
    let row = world
        .store
        .invocation(&RequestId::new("r1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.invocation.model.as_str(), "amazon.nova-lite-v1:0");
}

#[tokio::test]
async fn a_failed_look_up_does_not_make_a_human_a_workload() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("defaults", 2).await;
    world.calls("ana", 0..2).await;
    assert!(world.is_denied("ana"));
    world.later(SignedDuration::from_mins(11)).await;
    world
        .aws
        .fault(Op::Caller, "ana", Fault::Error(EffectErrorKind::Retry));
    world.calls("ana", 2..3).await;
    assert!(world.is_denied("ana"));
    let row = world
        .store
        .user(&UserId::new("ana"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.team.as_str(), row.class.as_str()), ("sap", "human"));
}

#[tokio::test]
async fn a_call_of_a_deleted_user_counts_as_what_was_known_of_them_last() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.quota("defaults", 2).await;
    world.calls("ana", 0..1).await;
    world.later(SignedDuration::from_mins(11)).await;
    world.aws.delete_user("ana");
    let report = world.calls("ana", 1..2).await;
    assert_eq!(listed(&report.blocked), names(&["ana"]));
    let row = world
        .store
        .invocation(&RequestId::new("ana-1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.invocation.team.as_str(), row.invocation.unresolved),
        ("sap", false)
    );
}

#[tokio::test]
async fn memory_holds_a_few_pieces_and_progress_is_told() {
    let world = World::new().await;
    world.developer("ana", "sap");
    let events: Vec<_> = (0..3_000)
        .map(|i| call(&format!("r{i}")).by("ana").api_event())
        .collect();
    let bytes = weir_testkit::wire::lines(&events);
    let input = weir_engine::Input {
        source: "big".to_owned(),
        reader: Box::new(std::io::Cursor::new(bytes.clone())),
        options: weir_core::intake::Options::default(),
    };
    let seen = std::sync::Mutex::new(Vec::new());
    let note = |progress: weir_engine::Progress| seen.lock().unwrap().push(progress);
    let report = world.engine.ingest(vec![input], &note).await.unwrap();
    assert_eq!((report.records, report.new), (3_000, 3_000));
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by_key(|progress| (progress.records, progress.bytes)));
    assert_eq!(seen.last().unwrap().bytes, bytes.len() as u64);
}

#[tokio::test]
async fn small_inputs_share_a_transaction_and_one_that_fails_takes_none_along() {
    let world = World::new().await;
    world.developer("ana", "sap");
    let file = |name: &str, text: Vec<u8>| weir_engine::Input {
        source: name.to_owned(),
        reader: Box::new(std::io::Cursor::new(text)),
        options: weir_core::intake::Options::default(),
    };
    let call_of = |i: u32| {
        let event = call(&format!("r{i}")).by("ana").api_event();
        file(&format!("{i}.json"), weir_testkit::wire::lines(&[event]))
    };
    let seen = std::sync::Mutex::new(Vec::new());
    let note = |progress: weir_engine::Progress| seen.lock().unwrap().push(progress.records);
    let report = world
        .engine
        .ingest((0..40).map(call_of).collect(), &note)
        .await
        .unwrap();
    assert_eq!((report.records, report.new), (40, 40));
    assert_eq!(*seen.lock().unwrap(), [40]);

    let mut cut = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    cut.extend([0; 3]);
    let inputs = vec![call_of(40), file("cut.gz", cut), call_of(41)];
    let _ = world.engine.ingest(inputs, &note).await;
    let before = world.store.invocation(&RequestId::new("r40")).await;
    assert!(before.unwrap().is_some(), "what was read before is counted");
}

#[tokio::test]
async fn a_reader_that_fails_keeps_what_came_before_and_says_so() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    impl std::io::BufRead for Broken {
        fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
            Err(std::io::Error::other("the disk is gone"))
        }
        fn consume(&mut self, _: usize) {}
    }
    let world = World::new().await;
    world.developer("ana", "sap");
    let first = weir_testkit::wire::lines(&[call("r1").by("ana").api_event()]);
    let reader = std::io::Read::chain(std::io::Cursor::new(first), Broken);
    let input = weir_engine::Input {
        source: "a.json".to_owned(),
        reader: Box::new(std::io::BufReader::new(reader)),
        options: weir_core::intake::Options::default(),
    };
    let error = world.engine.ingest(vec![input], &|_| {}).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read a.json: the disk is gone");
    assert!(
        world
            .store
            .invocation(&RequestId::new("r1"))
            .await
            .unwrap()
            .is_some()
    );
}

/// A plain role session is known for certain from its API call only, which follows the log.
#[tokio::test]
async fn a_leak_of_a_role_is_told_of_when_the_log_came_first() {
    let world = World::new().await;
    world.aws.role("ci", |_| {});
    let by_ci = |id: &str| {
        let draft = call(id).by_session("ci", "build-7").tokens(10, 5);
        draft.at_time(world.engine.now()).key("ASIACI")
    };
    world.quota("user:role/ci", 1).await;
    let report = world.ingest(&[by_ci("r1").api_event()]).await;
    assert_eq!(listed(&report.blocked), names(&["role/ci"]));
    assert_eq!(world.state("role/ci").await.1, "verified");
    world.later(SignedDuration::from_mins(10)).await;

    let leaks = async || {
        let filter = weir_store::AuditFilter::default();
        let entries = world.store.audit(&filter).await.unwrap().into_iter();
        let leaks = entries.filter(|one| one.entry.operation == "leak");
        leaks
            .filter_map(|one| one.entry.evidence)
            .collect::<Vec<_>>()
    };
    let through = by_ci("r2");
    world.ingest(&[through.log_entry()]).await;
    assert_eq!(leaks().await, Vec::<String>::new());
    world.ingest(&[through.api_event()]).await;
    let told = leaks().await;
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("r2") && told[0].contains("ASIACI"),
        "{told:?}"
    );
    world.ingest(&[through.api_event()]).await;
    assert_eq!(leaks().await.len(), 1, "once");
}
