//! What a quota would have done, beside what it did.

use jiff::{SignedDuration, Timestamp};
use weir_core::block::{Denies, Until};
use weir_core::calendar::WindowKind;
use weir_core::quota::{Metric, Quota};
use weir_engine::clock::Clock;
use weir_engine::{Tried, TriedEvent, TriedWhat};
use weir_store::{BlockFilter, MailFilter, RuleChange};
use weir_testkit::records::{MODEL, call};

use crate::world::{World, admin, quota};

const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);

fn of(change: RuleChange) -> Quota {
    match change {
        RuleChange::SetQuota(quota) => quota,
        other => panic!("{other:?}"),
    }
}

/// Three days of calls: ana works a lot, ben on one day, eva hardly.
async fn three_days(world: &World) {
    world.developer("ana", "sap");
    world.developer("ben", "sap");
    world.developer("eva", "data");
    for day in 0..3 {
        for hour in 0..6 {
            let ben = if day == 1 { 3 } else { 0 };
            for (user, count) in [("ana", 4), ("ben", ben), ("eva", u32::from(hour == 0))] {
                for i in 0..count {
                    let request = format!("{user}-{day}-{hour}-{i}");
                    let event = call(&request).by(user).at_time(world.clock.now());
                    world.ingest(&[event.api_event()]).await;
                    world.later(SignedDuration::from_secs(7)).await;
                }
            }
            world.later(SignedDuration::from_mins(30)).await;
        }
        world.later(SignedDuration::from_hours(18)).await;
    }
}

#[tokio::test]
async fn a_trial_decides_as_the_live_system_did() {
    for (scope, limit) in [("team-defaults:sap", 10), ("user:ana", 7), ("team:sap", 30)] {
        let live = World::new().await;
        live.quota(scope, limit).await;
        three_days(&live).await;
        let filter = BlockFilter {
            history: true,
            ..BlockFilter::default()
        };
        let blocks = live.store.blocks(&filter).await.unwrap();
        let mut happened: Vec<_> = blocks
            .iter()
            .map(|row| (row.block.since, row.block.reason.clone(), row.block.until))
            .collect();
        happened.sort();
        assert!(!happened.is_empty(), "{scope}");

        let later = World::new().await;
        three_days(&later).await;
        let before = later.store.rules().await.unwrap().version;
        let wanted = of(quota(scope, limit));
        let tried = later.engine.try_quota(&wanted, MONTH, &|_, _| {}).await;
        let tried = tried.unwrap();
        let mut foreseen: Vec<_> = tried
            .events
            .iter()
            .filter_map(|event| match &event.what {
                TriedWhat::Blocked { reason, until, .. } => {
                    Some((event.at, reason.clone(), *until))
                }
                TriedWhat::Warned(_) => None,
            })
            .collect();
        foreseen.sort();
        assert_eq!(foreseen, happened, "{scope}");
        assert!(
            tried.events.len() > foreseen.len(),
            "{scope}: some warnings"
        );
        let after = later.store.rules().await.unwrap().version;
        assert_eq!(after, before, "nothing is stored");
        assert!(later.store.blocks(&filter).await.unwrap().is_empty());
    }
}

/// Numbers that look drawn, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }
}

/// Four days of four people in two teams, with two tools and two models; some calls fail, some nights
/// are long, and the last of the month is among them.
async fn drawn_days(world: &World, seed: u64) {
    let mut dice = Dice(seed);
    for (user, team) in [
        ("ana", "sap"),
        ("ben", "sap"),
        ("eva", "data"),
        ("leo", "data"),
    ] {
        world.developer(user, team);
    }
    world.clock.advance(SignedDuration::from_hours(24 * 8 + 9));
    for n in 0..70 {
        let mut draft = call(&format!("r{n}"))
            .by(dice.one(&["ana", "ana", "ben", "eva", "leo"]))
            .at_time(world.clock.now())
            .agent(dice.one(&["claude-cli/2.0", "Boto3/1.43"]))
            .model(dice.one(&[MODEL, "anthropic.claude-3-5-haiku-20241022-v1:0"]))
            .tokens(dice.roll(40_000), dice.roll(4_000));
        if dice.roll(8) == 0 {
            draft = draft.throttled();
        }
        world.ingest(&[draft.api_event(), draft.log_entry()]).await;
        let minutes = match dice.roll(12) {
            0 => 600,
            1..4 => 90,
            _ => 11,
        };
        let minutes = i64::try_from(dice.roll(minutes)).unwrap();
        world
            .later(SignedDuration::from_secs(7 + 60 * minutes))
            .await;
    }
}

/// When who was told of a warning, and when who lost access, why and until when.
type Course = (
    Vec<(Timestamp, String)>,
    Vec<(Timestamp, String, String, Until)>,
);

async fn what_happened(world: &World) -> Course {
    let mails = MailFilter {
        limit: 10_000,
        ..MailFilter::default()
    };
    let mails = world.store.mail(&mails).await.unwrap().into_iter();
    let mut warned: Vec<_> = mails
        .filter(|mail| mail.kind.ends_with("quota-warning"))
        .map(|mail| (mail.created_at, mail.subject))
        .collect();
    let blocks = BlockFilter {
        history: true,
        ..BlockFilter::default()
    };
    let blocks = world.store.blocks(&blocks).await.unwrap().into_iter();
    let mut blocked: Vec<_> = blocks
        .map(|row| {
            let subject = match &row.block.denies {
                Denies::User(user) | Denies::Tool(user, _) | Denies::Model(user, _) => {
                    format!("user:{user}")
                }
                Denies::Team(team) => format!("team:{team}"),
            };
            (row.block.since, subject, row.block.reason, row.block.until)
        })
        .collect();
    warned.sort();
    blocked.sort();
    (warned, blocked)
}

fn as_foreseen(tried: Tried) -> Course {
    let (mut warned, mut blocked) = (Vec::new(), Vec::new());
    for TriedEvent { at, subject, what } in tried.events {
        match what {
            TriedWhat::Warned(_) => warned.push((at, subject)),
            TriedWhat::Blocked { reason, until, .. } => blocked.push((at, subject, reason, until)),
        }
    }
    warned.sort();
    blocked.sort();
    (warned, blocked)
}

/// Whatever the records are and whichever the quota: who is warned and who loses access, when, why and
/// until when.
#[tokio::test]
async fn a_trial_decides_as_the_live_system_did_whatever_was_recorded() {
    let quotas = [
        ("user:ana", Metric::Requests, WindowKind::Day, 6),
        ("user:ana", Metric::Cost, WindowKind::Month, 300_000_000),
        ("defaults", Metric::Tokens, WindowKind::Day, 120_000),
        ("team-defaults:sap", Metric::Requests, WindowKind::Hour, 4),
        ("team:data", Metric::TokensAll, WindowKind::Month, 400_000),
        ("team:sap", Metric::Cost, WindowKind::Day, 200_000_000),
        (
            "model:anthropic.claude-3-5-haiku-20241022-v1:0",
            Metric::Requests,
            WindowKind::Day,
            5,
        ),
        ("tool:boto3", Metric::Requests, WindowKind::Day, 4),
    ];
    let mut seen = (0, 0);
    for (seed, (scope, metric, window, limit)) in (1..).zip(quotas) {
        let wanted = Quota {
            metric,
            window,
            ..of(quota(scope, limit))
        };
        let live = World::new().await;
        let change = vec![RuleChange::SetQuota(wanted.clone())];
        live.engine
            .change_quotas(change, "a test", &admin())
            .await
            .unwrap();
        drawn_days(&live, seed).await;
        let happened = what_happened(&live).await;

        let later = World::new().await;
        drawn_days(&later, seed).await;
        let tried = later
            .engine
            .try_quota(&wanted, MONTH, &|_, _| {})
            .await
            .unwrap();
        assert!(tried.invocations > 5, "{scope}: {}", tried.invocations);
        let foreseen = as_foreseen(tried);
        assert_eq!(foreseen, happened, "{scope} {metric} {window}");
        seen = (seen.0 + happened.0.len(), seen.1 + happened.1.len());
    }
    assert!(seen.0 > 10 && seen.1 > 10, "warned and blocked: {seen:?}");
}

#[tokio::test]
async fn calls_that_would_have_been_denied_are_counted() {
    let world = World::new().await;
    three_days(&world).await;
    let wanted = of(quota("user:ana", 10));
    let tried = world.engine.try_quota(&wanted, MONTH, &|_, _| {}).await;
    let tried = tried.unwrap();
    // 24 calls a day, of which the eleventh and all after it come too late.
    let denied: Vec<_> = tried
        .events
        .iter()
        .filter_map(|event| match event.what {
            TriedWhat::Blocked { calls, .. } => Some(calls),
            TriedWhat::Warned(_) => None,
        })
        .collect();
    assert_eq!(denied, [14, 14, 14]);
    let seen = (tried.invocations, tried.users);
    assert_eq!(seen, (72, 1), "nobody else is looked at");
    let day = SignedDuration::from_hours(24);
    let short = world.engine.try_quota(&wanted, day, &|_, _| {}).await;
    assert!(short.unwrap().invocations < 72);
}

#[tokio::test]
async fn limits_are_proposed_from_days_that_are_over() {
    let world = World::new().await;
    assert!(world.engine.suggest(30).await.unwrap().is_empty());
    three_days(&world).await;
    let all = world.engine.suggest(30).await.unwrap();
    let requests = |team: Option<&str>| {
        let mut of = all.iter().filter(|one| one.metric.as_str() == "requests");
        of.find(|one| one.team.as_ref().map(weir_core::ids::TeamId::as_str) == team)
            .unwrap()
    };
    let sap = requests(Some("sap"));
    // Three days of ana with 24 calls, one of ben with 18.
    let day = sap.day;
    assert_eq!(
        (day.count, sap.whole.count, day.max, day.p50),
        (4, 2, 24, 24)
    );
    assert_eq!((sap.daily, sap.reached), (40, 0));
    let everybody = requests(None);
    assert_eq!((everybody.whole.count, everybody.day.count), (3, 7));
    let data = requests(Some("data"));
    assert_eq!((data.day.max, data.daily), (1, 10), "never absurdly low");
}

/// Three calls that the invocation log says nothing of: their counts may change for a quarter of an hour.
async fn unconfirmed(world: &World) {
    world.developer("ana", "sap");
    for i in 0..3 {
        let request = format!("r{i}");
        let event = call(&request).by("ana").at_time(world.clock.now());
        world.ingest(&[event.tokens(300, 100).api_event()]).await;
    }
    for _ in 0..30 {
        world.later(SignedDuration::from_mins(1)).await;
    }
}

#[tokio::test]
async fn what_the_clock_decides_is_decided_in_a_trial_too() {
    let tokens = || Quota {
        metric: Metric::Tokens,
        ..of(quota("user:ana", 1_000))
    };
    let live = World::new().await;
    let set = vec![RuleChange::SetQuota(tokens())];
    live.engine
        .change_quotas(set, "a test", &admin())
        .await
        .unwrap();
    unconfirmed(&live).await;
    let filter = BlockFilter {
        history: true,
        ..BlockFilter::default()
    };
    let blocks = live.store.blocks(&filter).await.unwrap();
    let [happened] = blocks.as_slice() else {
        panic!("{blocks:?}");
    };

    let later = World::new().await;
    unconfirmed(&later).await;
    let tried = later.engine.try_quota(&tokens(), MONTH, &|_, _| {}).await;
    let events = tried.unwrap().events;
    let blocked = events.iter().find_map(|event| match &event.what {
        TriedWhat::Blocked { reason, until, .. } => Some((event.at, reason, *until)),
        TriedWhat::Warned(_) => None,
    });
    let block = &happened.block;
    assert_eq!(blocked, Some((block.since, &block.reason, block.until)));
}
