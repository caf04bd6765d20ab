//! Forgetting somebody: what stays, what leaves, and that it can be proved.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use jiff::SignedDuration;
use serde_json::Value;
use weir_core::admin::Verb;
use weir_core::block::Until;
use weir_core::ids::UserId;
use weir_core::operator::{OperatorName, Rights, Role};
use weir_core::people::DirectoryPerson;
use weir_core::rulebook::{KeyOwner, KeyState, Person};
use weir_engine::EngineError;
use weir_engine::clock::Clock as _;
use weir_store::{GroupBy, RuleChange, UsageFilter, UsageRow};
use weir_testkit::file_db::FileDb;
use weir_testkit::records::call;
use weir_testkit::texts::Texts;

use crate::world::{Like, World, admin};

const ZOE: &str = "zoe.quux";
/// Everything that tells who she is.
const TRACES: [&str; 7] = [
    "zoe.quux",
    "Zoë Quux",
    "zquux@example.org",
    "AIDAZOE",
    "AKIAZOEQUUX",
    "dir-zoe-1",
    "arn:aws:iam::111122223333:user/zoe",
];

fn zoe() -> UserId {
    UserId::new(ZOE)
}

/// A call of hers as CloudTrail tells it, and its record in the invocation log.
fn of_zoe(request: &str, world: &World) -> [Value; 2] {
    let draft = call(request)
        .by(ZOE)
        .under_id("AIDAZOE")
        .at_time(world.clock.now() - SignedDuration::from_secs(1))
        .key("AKIAZOEQUUX")
        .tokens(1_000, 100);
    [draft.api_event(), draft.log_entry()]
}

/// Two days in which as much as possible happens to her, and some to others.
async fn diary(url: &str) -> (World, Vec<Value>) {
    let like = Like {
        batch: Some(3),
        ..Like::default()
    };
    let world = World::over(url, like).await;
    world.developer(ZOE, "sap");
    world.developer("ben", "sap");
    world.aws.user(ZOE, |user| {
        user.tags.insert("Person".to_owned(), "Zoë Quux".to_owned());
        user.tags
            .insert("Email".to_owned(), "zquux@example.org".to_owned());
    });
    let mut told = Vec::new();
    for n in 0..5 {
        told.extend(of_zoe(&format!("zoe-{n}"), &world));
    }
    let failed = call("zoe-5").by(ZOE).under_id("AIDAZOE").denied();
    told.push(failed.api_event());
    // Her name is the session of a role that others use, too.
    let session = call("role-1").by_session("Dev", "zquux@example.org");
    told.push(session.api_event());
    told.push(call("ben-1").by("ben").api_event());
    world.ingest(&told).await;
    say_who_she_is(&world).await;
    world.quota("user:zoe.quux", 5).await;
    assert!(world.is_denied(ZOE));
    world.later(SignedDuration::from_mins(1)).await;
    let protect = Until::At(world.clock.now() + SignedDuration::from_hours(1));
    let unblock = Verb::Unblock {
        protect_until: Some(protect),
    };
    world.command(ZOE, unblock).await.unwrap();
    let until = Until::At(world.clock.now() + SignedDuration::from_hours(2));
    let mut of_ben = crate::world::command("ben", Verb::Block { until });
    "Zoë Quux (zquux@example.org) says so".clone_into(&mut of_ben.reason);
    world.engine.administer(of_ben, false).await.unwrap();
    world.later(SignedDuration::from_mins(1)).await;
    // An unreadable file with her name, and the reset, whose summary names who spent most.
    let junk = weir_engine::Input {
        source: "s3://trail/zoe.quux/1.json".to_owned(),
        reader: Box::new(std::io::Cursor::new(b"{\"Records\": [17]}".to_vec())),
        options: weir_core::intake::Options::default(),
    };
    world.engine.ingest(vec![junk], &|_| {}).await.unwrap();
    world.later(SignedDuration::from_hours(24)).await;
    world.engine.reset_due(&admin()).await.unwrap();
    world.later(SignedDuration::from_mins(20)).await;
    (world, told)
}

async fn say_who_she_is(world: &World) {
    let said = Person {
        person: Some("Zoë Quux".to_owned()),
        email: Some("zquux@example.org".to_owned()),
        ..Person::default()
    };
    world
        .engine
        .set_person(&zoe(), said, &admin())
        .await
        .unwrap();
    let owner = KeyOwner {
        user: zoe(),
        tool: "cline".into(),
        bedrock: false,
        made_by_weir: false,
        iam_user: Some(ZOE.to_owned()),
        state: KeyState::Active,
        created_at: None,
        expires_at: None,
    };
    let key = "AKIAZOEQUUX".into();
    world.engine.set_key(&key, owner, &admin()).await.unwrap();
    let person = DirectoryPerson {
        id: "dir-zoe-1".to_owned(),
        user_name: "Zoe.Quux".to_owned(),
        person: Some("Zoë Quux".to_owned()),
        email: Some("zquux@example.org".to_owned()),
        groups: vec!["team_sap_group".to_owned()],
    };
    let change = RuleChange::SetDirectoryPerson(person);
    world
        .store
        .change_rules(vec![change], Vec::new())
        .await
        .unwrap();
    let (developer, rights) = she_looks_at_her_own();
    let password = "four words in a row";
    world
        .engine
        .create_operator(&developer, rights, password, &admin())
        .await
        .unwrap();
    let owner = Some("zquux@example.org".to_owned());
    let team = "sap".into();
    world
        .engine
        .set_team_owner(&team, owner, &admin())
        .await
        .unwrap();
}

fn she_looks_at_her_own() -> (OperatorName, Rights) {
    let rights = Rights::new(Role::Developer, None, Some(zoe())).unwrap();
    (OperatorName::new("developer7").unwrap(), rights)
}

async fn usage(world: &World, by: GroupBy) -> Vec<UsageRow> {
    let everything = UsageFilter::default();
    world.store.usage(by, &everything).await.unwrap()
}

/// The story on every database: `url` is an empty one.
async fn who_is_forgotten_is_in_no_text(url: &str) {
    let (world, told) = diary(url).await;
    let mut texts = Texts::open(url).await.unwrap();
    let before = texts.holding(&TRACES).await.unwrap();
    she_is_everywhere(&before);
    let teams = usage(&world, GroupBy::Team).await;
    let anchor = world.store.audit_head().await.unwrap();
    let anchor = (anchor.seq, anchor.hash);

    // What is foreseen changes nothing.
    let plan = world.engine.plan_forgetting(&zoe()).await.unwrap();
    assert_eq!((plan.obstacle, plan.begun), (None, false));
    assert_eq!(texts.holding(&TRACES).await.unwrap(), before);
    let mut calls = plan
        .rows
        .iter()
        .filter(|row| row.table == "bedrock_requests");
    assert_eq!(calls.next().map(|row| row.rows), Some(6), "{:?}", plan.rows);

    let done = world
        .engine
        .forget(&zoe(), "Zoë Quux asked", &admin())
        .await
        .unwrap();
    assert_eq!(done.invocations, 7, "six of hers, and the one of the role");
    assert_eq!(texts.holding(&TRACES).await.unwrap(), BTreeSet::new());
    assert_eq!(usage(&world, GroupBy::Team).await, teams);
    let operators = world.engine.operators().await.unwrap();
    assert!(operators[0].disabled_at.is_some(), "{operators:?}");
    decisions_stay(&world, &done, &anchor).await;

    // Records that come again, or late, bring nothing back.
    world.ingest(&told).await;
    let late = call("zoe-5").by(ZOE).under_id("AIDAZOE");
    world.ingest(&[late.log_entry()]).await;
    assert_eq!(texts.holding(&TRACES).await.unwrap(), BTreeSet::new());
    assert_eq!(usage(&world, GroupBy::Team).await, teams);

    who_calls_again_is_new(&world).await;
    forgers_are_found(&world, &mut texts, &anchor).await;
}

fn she_is_everywhere(found: &BTreeSet<String>) {
    let tables: BTreeSet<_> = found
        .iter()
        .filter_map(|found| found.split('.').next())
        .collect();
    for table in [
        "api_keys",
        "bedrock_requests",
        "blocking_operations",
        "blocks",
        "dead_letters",
        "deliveries",
        "directory_people",
        "operators",
        "outbox",
        "people",
        "protections",
        "quotas",
        "reset_runs",
        "teams",
        "usage_counters",
        "usage_hourly",
        "user_principals",
        "users",
    ] {
        assert!(
            tables.contains(table),
            "the diary leaves nothing in {table}: {tables:?}"
        );
    }
}

/// Money, counts and decisions are what they were, and can be proved.
async fn decisions_stay(world: &World, done: &weir_engine::Forgotten, anchor: &(u64, String)) {
    let wrong = world.store.check_totals().await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    let users = usage(world, GroupBy::User).await;
    let mut hers = users.iter();
    let hers = hers.find(|row| row.key == done.pseudonym.as_str()).unwrap();
    assert_eq!((hers.sums.requests, hers.sums.failed), (5, 1));
    let operations = world.operations(&format!("user:{}", done.pseudonym)).await;
    for operation in [
        "block",
        "unblock",
        "protect",
        "user-forget",
        "audit-replace",
        "user-forgotten",
    ] {
        assert!(operations.contains(&operation.to_owned()), "{operations:?}");
    }
    let proof = world
        .engine
        .verify_audit(Some(anchor.clone()))
        .await
        .unwrap();
    assert_eq!((proof.problem, proof.anchor_found), (None, Some(true)));
    assert!(proof.replaced > 5, "{}", proof.replaced);
}

async fn who_calls_again_is_new(world: &World) {
    world.ingest(&of_zoe("zoe-new", world)).await;
    let users = usage(world, GroupBy::User).await;
    let new = users.iter().find(|row| row.key == ZOE).unwrap();
    assert_eq!(new.sums.requests, 1);
    let wrong = world.store.check_totals().await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    let tick = world.engine.tick().await.unwrap();
    assert_eq!(tick.errors, Vec::<String>::new());
}

/// Whoever changes the record all the same is found: what was replaced, and what was not.
async fn forgers_are_found(world: &World, texts: &mut Texts, anchor: &(u64, String)) {
    let forged = |change: &str| {
        format!(
            "UPDATE blocking_operations SET {change} WHERE operation = 'block' AND subject = 'user:ben'"
        )
    };
    let refused = texts.run(&forged("reason = 'nothing'")).await.unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
    let trigger = "DROP TRIGGER blocking_operations_no_update";
    texts.run(trigger).await.unwrap();
    for (change, found) in [
        ("reason = 'nothing'", "`reason`"),
        ("performed_by = 'nobody'", "was altered"),
    ] {
        texts.run(&forged(change)).await.unwrap();
        let proof = world.engine.verify_audit(Some(anchor.clone())).await;
        let problem = proof.unwrap().problem.unwrap_or_default();
        assert!(problem.contains(found), "{problem}");
    }
}

#[tokio::test]
async fn who_is_forgotten_is_in_no_text_of_a_file() {
    let file = FileDb::new().unwrap();
    who_is_forgotten_is_in_no_text(&file.url).await;
}

/// What was deleted is overwritten, and not only in no table any more.
#[tokio::test]
async fn who_is_forgotten_is_in_no_page_of_a_file() {
    let file = FileDb::new().unwrap();
    let (world, _) = diary(&file.url).await;
    world
        .engine
        .forget(&zoe(), "Zoë Quux asked", &admin())
        .await
        .unwrap();
    file.run("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    let path = file.url.trim_start_matches("sqlite:");
    let pages = std::fs::read(path).unwrap();
    let left: Vec<_> = TRACES
        .into_iter()
        .filter(|trace| {
            pages
                .windows(trace.len())
                .any(|text| text == trace.as_bytes())
        })
        .collect();
    assert_eq!(left, [""; 0]);
}

/// However often it stops, wherever: the same again does the rest.
#[tokio::test]
async fn forgetting_goes_on_where_it_stopped() {
    let file = FileDb::new().unwrap();
    let (world, _) = diary(&file.url).await;
    let teams = usage(&world, GroupBy::Team).await;
    let (mut polls, mut stops) = (1, 0);
    loop {
        let engine = world.engine(&Like {
            batch: Some(3),
            ..Like::default()
        });
        let by = admin();
        let user = zoe();
        match stopped_after(polls, engine.forget(&user, "asked", &by)).await {
            Some(Ok(_)) => break,
            // It stopped when all was done, before it could say so.
            Some(Err(EngineError::NoUser { .. })) if stops > 10 => break,
            Some(Err(error)) => panic!("{error}"),
            None => stops += 1,
        }
        assert_eq!(
            world.store.check_totals().await.unwrap(),
            Vec::<String>::new()
        );
        assert!(world.engine.verify_audit(None).await.unwrap().ok);
        polls += 7;
    }
    assert!(stops > 10, "{stops}");
    let mut texts = Texts::open(&file.url).await.unwrap();
    assert_eq!(texts.holding(&TRACES).await.unwrap(), BTreeSet::new());
    assert_eq!(usage(&world, GroupBy::Team).await, teams);
    let users = usage(&world, GroupBy::User).await;
    let hers = users.iter().filter(|row| row.key.starts_with("forgotten/"));
    assert_eq!(hers.count(), 1, "one pseudonym: {users:?}");
    assert!(world.engine.verify_audit(None).await.unwrap().ok);
    let gone = world.engine.forget(&zoe(), "asked", &admin()).await;
    assert!(matches!(gone, Err(EngineError::NoUser { .. })), "{gone:?}");
}

/// Drops the future after so many polls, as a process that dies does; else what it came to.
async fn stopped_after<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn who_is_denied_is_not_forgotten_yet() {
    let world = World::new().await;
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    world.block_for("ana", SignedDuration::from_hours(2)).await;
    let refused = |done: Result<weir_engine::Forgotten, EngineError>| done.unwrap_err().to_string();
    let ana = UserId::new("ana");
    let by = admin();
    let forget = || world.engine.forget(&ana, "asked", &by);
    assert!(refused(forget().await).contains("is blocked"));
    world.unblock("ana").await;
    world.later(SignedDuration::from_mins(1)).await;
    // A write that was on its way could still deny her.
    assert!(refused(forget().await).contains("quarter of an hour"));
    world.later(SignedDuration::from_mins(20)).await;
    forget().await.unwrap();
    assert_eq!(world.store.targets(&[]).await.unwrap(), Vec::new());
    let left = world.engine.plan_forgetting(&UserId::new("root")).await;
    assert!(left.is_err());
}

#[tokio::test]
async fn what_another_user_goes_by_too_stays_in_texts() {
    let world = World::new().await;
    // The same address, by an IAM user and through Identity Center: two users until they are linked.
    world.developer("ana", "sap");
    world.calls("ana", 0..1).await;
    let other = call("x").by_person("ana@example.com");
    world.ingest(&[other.api_event()]).await;
    let ana = UserId::new("ana");
    let plan = world.engine.plan_forgetting(&ana).await.unwrap();
    assert_eq!(plan.shared, ["ana@example.com"]);
    world.engine.forget(&ana, "asked", &admin()).await.unwrap();
    let users = usage(&world, GroupBy::User).await;
    let mut users: Vec<_> = users.iter().map(|row| row.key.as_str()).collect();
    users.sort_unstable();
    assert_eq!(users[0], "ana@example.com");
    assert!(users[1].starts_with("forgotten/"), "{users:?}");
}

/// An empty database on a server.
#[expect(
    clippy::disallowed_methods,
    reason = "the addresses of the servers come from the environment"
)]
async fn on(variable: &str) -> String {
    let server = std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run the tests by `scripts/with-services.sh cargo nextest run --profile ci`")
    });
    let name = format!("forget_{}", std::process::id());
    Texts::create_database(&server, &name).await.unwrap()
}

mod mariadb {
    #[tokio::test]
    async fn who_is_forgotten_is_in_no_text() {
        let url = super::on("WEIR_TEST_MARIADB_URL").await;
        super::who_is_forgotten_is_in_no_text(&url).await;
    }
}

mod mysql {
    #[tokio::test]
    #[expect(
        clippy::disallowed_methods,
        reason = "`scripts/services.sh` says so where real MySQL cannot be had"
    )]
    async fn who_is_forgotten_is_in_no_text() {
        if std::env::var("WEIR_TEST_MYSQL_SKIPPED").is_ok_and(|skipped| skipped == "1") {
            return;
        }
        let url = super::on("WEIR_TEST_MYSQL_URL").await;
        super::who_is_forgotten_is_in_no_text(&url).await;
    }
}
