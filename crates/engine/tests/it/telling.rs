//! Diaries of messages: what arrives in whose mailbox, and when.

use jiff::SignedDuration;
use weir_core::admin::Verb;
use weir_core::block::Until;
use weir_core::rulebook::Mode;
use weir_engine::Actor;
use weir_engine::ports::EffectErrorKind;
use weir_store::{MailFilter, MailRow};
use weir_testkit::fakes::{Fault, Op};
use weir_testkit::records::call;

use crate::world::{Like, World, admin, names, time};

const ANA: &str = "ana@example.com";
const OPS: &str = "ops@example.com";
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

async fn ana(like: Like, limit: i64) -> World {
    let world = World::with(like).await;
    world.developer("ana", "sap");
    world.quota("user:ana", limit).await;
    world
}

fn to_ana(world: &World) -> Vec<String> {
    world.mailbox.kinds_to(ANA)
}

/// Without the summaries of the days.
fn to_ops(world: &World) -> Vec<String> {
    let mut kinds = world.mailbox.kinds_to(OPS);
    kinds.retain(|kind| kind != "daily-summary");
    kinds
}

async fn rows(world: &World, kind: &str) -> Vec<MailRow> {
    let filter = MailFilter {
        limit: 100,
        ..MailFilter::default()
    };
    let mut rows = world.store.mail(&filter).await.unwrap();
    rows.retain(|row| row.kind == kind);
    rows
}

#[tokio::test]
async fn a_block_is_told_once_it_is_verified_with_the_end_that_is_stored_and_then_its_end() {
    let world = ana(Like::default(), 3).await;
    world.calls("ana", 0..3).await;
    assert_eq!(to_ana(&world), ["blocked"]);
    let letter = world.mailbox.all().into_iter().find(|one| one.to.is_some());
    let text = letter.unwrap().letter.text;
    assert!(text.contains("Until: Sat 21 Nov 2026, 00:00 CET"), "{text}");

    world.later(MINUTE * 5).await;
    world.calls("ana", 3..9).await;
    assert_eq!(to_ana(&world), ["blocked"], "more calls are no news");
    world.clock.advance_to(time("2026-11-20T23:00:00Z"));
    world.later(SignedDuration::ZERO).await;
    assert_eq!(to_ana(&world), ["blocked", "unblocked"]);
}

#[tokio::test]
async fn a_monthly_offender_gets_no_second_mail_at_midnight() {
    let world = ana(Like::default(), 3).await;
    let monthly = weir_store::RuleChange::SetQuota(weir_core::quota::Quota {
        window: weir_core::calendar::WindowKind::Month,
        ..match crate::world::quota("user:ana", 3) {
            weir_store::RuleChange::SetQuota(quota) => quota,
            other => panic!("{other:?}"),
        }
    });
    world
        .engine
        .change_quotas(vec![monthly], "a test", &admin())
        .await
        .unwrap();
    world.calls("ana", 0..3).await;
    world.clock.advance_to(time("2026-11-20T23:00:00Z"));
    world.later(MINUTE).await;
    world.later(SignedDuration::from_hours(9)).await;
    assert!(world.is_denied("ana"));
    assert_eq!(to_ana(&world), ["blocked"]);
}

#[tokio::test]
async fn what_cannot_be_denied_is_a_limit_to_the_user_and_an_incident_to_administrators() {
    let world = ana(Like::default(), 3).await;
    world
        .aws
        .fault(Op::Apply, "ana", Fault::Error(EffectErrorKind::Denied));
    world.calls("ana", 0..3).await;
    world.later(MINUTE).await;
    assert_eq!(to_ana(&world), ["limit-reached"]);
    assert_eq!(to_ops(&world), ["enforcement-failed"]);
    let told = rows(&world, "blocked").await;
    assert_eq!(told[0].reason.as_deref(), Some("told as limit-reached"));
    // An hour later it works: the incident is over, and the user knows all there is to know.
    world.later(SignedDuration::from_mins(61)).await;
    world.later(MINUTE).await;
    assert!(world.is_denied("ana"));
    assert_eq!(to_ops(&world), ["enforcement-failed", "incident-closed"]);
    assert_eq!(to_ana(&world), ["limit-reached"]);
}

#[tokio::test]
async fn an_incident_is_told_again_after_a_day_and_not_before() {
    // Nobody of Identity Center can be denied in IAM.
    let world = World::new().await;
    let at = world.engine.now() - SignedDuration::from_secs(1);
    let called = call("m1").by_person("maria@example.com").at_time(at);
    world.ingest(&[called.api_event()]).await;
    let hours = SignedDuration::from_hours;
    world.block_for("maria@example.com", hours(80)).await;
    // That it fails again is said by each tick.
    let later = async |step| {
        world.clock.advance(step);
        world.engine.tick().await.unwrap();
        to_ops(&world)
    };
    assert_eq!(later(MINUTE).await, ["enforcement-failed"]);
    assert_eq!(later(hours(20)).await, ["enforcement-failed"]);
    assert_eq!(later(hours(5)).await, ["enforcement-failed"; 2]);
    world.unblock("maria@example.com").await;
    assert_eq!(later(MINUTE).await.last().unwrap(), "incident-closed");
}

#[tokio::test]
async fn calls_through_a_verified_block_are_one_incident_of_the_user() {
    let hours = SignedDuration::from_hours;
    let world = ana(Like::default(), 100).await;
    world.calls("ana", 0..1).await;
    world.block_for("ana", hours(80)).await;
    world.later(MINUTE * 10).await;
    world.calls("ana", 1..3).await;
    assert_eq!(to_ops(&world), [""; 0], "the next tick tells of it");
    world.later(MINUTE).await;
    assert_eq!(to_ops(&world), ["leak"]);
    let mails = world.mailbox.all().into_iter();
    let mut leaks = mails.filter(|mail| mail.id.starts_with("leak"));
    let text = leaks.next().unwrap().letter.text;
    assert!(text.contains("ana made 2 calls within a day"), "{text}");

    world.later(hours(20)).await;
    world.calls("ana", 3..4).await;
    world.later(MINUTE).await;
    assert_eq!(to_ops(&world), ["leak"], "more of them are no news");
    world.later(hours(5)).await;
    assert_eq!(to_ops(&world), ["leak"; 2], "a day is over, and it goes on");
    world.later(hours(20)).await;
    let closed = ["leak", "leak", "incident-closed"];
    assert_eq!(to_ops(&world), closed, "none for a day");
}

#[tokio::test]
async fn those_who_lack_the_same_mechanism_are_one_incident() {
    let world = World::new().await;
    let at = world.engine.now() - SignedDuration::from_secs(1);
    let hours = SignedDuration::from_hours;
    let block = async |person: &str| {
        let called = call(person).by_person(person).at_time(at);
        world.ingest(&[called.api_event()]).await;
        world.block_for(person, hours(80)).await;
    };
    for person in ["maria@example.com", "pedro@example.com"] {
        block(person).await;
    }
    // That it fails again is said by each tick.
    let later = async |step| {
        world.clock.advance(step);
        world.engine.tick().await.unwrap();
        to_ops(&world)
    };
    let alarm = || {
        let mails = world.mailbox.all().into_iter();
        let mut alarms = mails.filter(|mail| mail.id.starts_with("enforcement-failed"));
        alarms.next_back().unwrap().letter.text
    };
    assert_eq!(later(MINUTE).await, ["enforcement-failed"]);
    let text = alarm();
    assert!(
        text.contains("/identity-center\n")
            && text.contains("maria@example.com and pedro@example.com (2)"),
        "{text}"
    );

    // Another one is in the next day's reminder.
    block("rosa@example.com").await;
    assert_eq!(later(MINUTE).await, ["enforcement-failed"]);
    assert_eq!(later(hours(25)).await, ["enforcement-failed"; 2]);
    let text = alarm();
    assert!(text.contains("rosa@example.com (3)"), "{text}");

    for person in ["maria@example.com", "pedro@example.com"] {
        world.unblock(person).await;
        assert_eq!(later(MINUTE).await, ["enforcement-failed"; 2]);
    }
    world.unblock("rosa@example.com").await;
    assert_eq!(later(MINUTE).await[2..], ["incident-closed"]);
}

#[tokio::test]
async fn lost_and_back_before_anybody_was_told_is_told_to_nobody() {
    let world = ana(
        Like {
            tells_nobody: true,
            ..Like::default()
        },
        3,
    )
    .await;
    world.calls("ana", 0..3).await;
    world.unblock("ana").await;
    let server = world.engine(&Like::default());
    server.tick().await.unwrap();
    assert_eq!(to_ana(&world), [""; 0]);
    for kind in ["blocked", "unblocked-by-administrator"] {
        let row = rows(&world, kind).await.remove(0);
        let why = "access was lost and came back before anybody was told";
        assert_eq!(
            (row.state.as_str(), row.reason.as_deref()),
            ("unsent", Some(why))
        );
    }
}

#[tokio::test]
async fn a_command_without_channels_leaves_the_message_to_the_server() {
    let world = ana(
        Like {
            tells_nobody: true,
            ..Like::default()
        },
        30,
    )
    .await;
    world.calls("ana", 0..1).await;
    world.block_for("ana", SignedDuration::from_hours(1)).await;
    assert_eq!(to_ana(&world), [""; 0]);
    let server = world.engine(&Like::default());
    server.tick().await.unwrap();
    assert_eq!(to_ana(&world), ["blocked-by-administrator"]);
    server.tick().await.unwrap();
    world.engine(&Like::default()).tick().await.unwrap();
    assert_eq!(to_ana(&world), ["blocked-by-administrator"], "once");
}

#[tokio::test]
async fn a_letter_that_does_not_go_out_is_tried_again_in_order_and_arrives_once() {
    let world = ana(Like::default(), 3).await;
    let down = || std::iter::repeat_n(EffectErrorKind::Retry, 2);
    world.mailbox.fail(down());
    world.calls("ana", 0..3).await;
    world.unblock("ana").await;
    assert_eq!(to_ana(&world), [""; 0], "the return waits behind the loss");
    world.later(MINUTE).await;
    assert_eq!(to_ana(&world), ["blocked", "unblocked-by-administrator"]);
    world.later(MINUTE).await;
    assert_eq!(to_ana(&world).len(), 2);
    let row = rows(&world, "blocked").await.remove(0);
    let to_user = row.deliveries.iter().find(|letter| letter.recipient == ANA);
    let letter = to_user.unwrap();
    assert_eq!((letter.state.as_str(), letter.attempts), ("sent", 2));
}

#[tokio::test]
async fn a_letter_that_is_refused_is_given_up_and_can_be_tried_again() {
    let world = ana(Like::default(), 3).await;
    world.mailbox.fail([EffectErrorKind::Refused]);
    world.calls("ana", 0..3).await;
    let failed = MailFilter {
        state: Some("failed".to_owned()),
        limit: 10,
        ..MailFilter::default()
    };
    let rows = world.store.mail(&failed).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(world.is_denied("ana"), "a mail that fails undoes no block");
    let by = Actor::default();
    let again = world.engine.retry_mail(Some(&rows[0].id), &by);
    let (letters, report) = again.await.unwrap().unwrap();
    assert_eq!((letters, report.sent), (1, 1));
    assert_eq!(world.store.mail(&failed).await.unwrap(), []);
    assert_eq!(to_ana(&world), ["blocked"]);
    let subject = format!("outbox:{}", rows[0].id);
    assert_eq!(world.operations(&subject).await, ["outbox-retry"]);
    let nothing = world.engine.retry_mail(None, &by).await;
    let (letters, _) = nothing.unwrap().unwrap();
    assert_eq!(letters, 0, "nothing is given up any more");
    let unknown = world.engine.retry_mail(Some("none"), &by);
    assert_eq!(unknown.await.unwrap(), None);
}

#[tokio::test]
async fn a_letter_is_given_up_after_a_day_of_trying_and_not_of_sleeping() {
    let world = ana(Like::default(), 3).await;
    world.mailbox.fail([EffectErrorKind::Retry; 2]);
    world.calls("ana", 0..3).await;
    world.later(SignedDuration::from_hours(24 * 30)).await;
    world.later(MINUTE).await;
    assert_eq!(to_ana(&world)[0], "blocked", "two attempts are not a day");
    world.mailbox.fail([EffectErrorKind::Retry; 500]);
    world.block_for("ana", SignedDuration::from_hours(72)).await;
    for _ in 0..24 * 6 {
        world.later(SignedDuration::from_mins(10)).await;
    }
    let row = rows(&world, "blocked-by-administrator").await.remove(0);
    let to_user = row.deliveries.iter().find(|letter| letter.recipient == ANA);
    let letter = to_user.unwrap();
    assert_eq!(letter.state, "failed", "{letter:?}");
}

#[tokio::test]
async fn three_mails_a_day_and_whoever_is_blocked_hears_of_it_all_the_same() {
    let world = ana(Like::default(), 100).await;
    let protect = |hours| Verb::Protect {
        until: Until::At(world.engine.now() + SignedDuration::from_hours(hours)),
        up_to_percent: None,
    };
    world.calls("ana", 0..1).await;
    for hours in 1..=5 {
        world.later(SignedDuration::from_secs(1)).await;
        world.command("ana", protect(hours)).await.unwrap();
    }
    assert_eq!(to_ana(&world), ["protection-granted"; 3]);
    world.block_for("ana", SignedDuration::from_hours(1)).await;
    assert_eq!(to_ana(&world).last().unwrap(), "blocked-by-administrator");
    let granted = rows(&world, "protection-granted").await;
    let skipped = granted[0]
        .deliveries
        .iter()
        .find(|one| one.state == "skipped");
    let why = skipped.unwrap().error.as_deref();
    assert_eq!(why, Some("the user has got three mails today"));
    // Tomorrow is another day.
    world.later(SignedDuration::from_hours(13)).await;
    world.command("ana", protect(1)).await.unwrap();
    assert_eq!(to_ana(&world).last().unwrap(), "protection-granted");
}

#[tokio::test]
async fn without_an_address_it_is_on_record_that_nobody_was_told() {
    let world = World::new().await;
    world.aws.user("eva", |user| user.login_profile = true);
    world.quota("user:eva", 1).await;
    world.calls("eva", 0..1).await;
    let row = rows(&world, "blocked").await.remove(0);
    let states: Vec<_> = row
        .deliveries
        .iter()
        .map(|one| (one.channel.as_str(), one.state.as_str()))
        .collect();
    assert_eq!(states, [("smtp", "skipped"), ("chat.ops", "sent")]);
}

#[tokio::test]
async fn where_nothing_is_enforced_users_hear_nothing_and_administrators_a_digest_a_day() {
    for mode in [Mode::DryRun, Mode::Off] {
        a_digest_a_day(mode).await;
    }
}

async fn a_digest_a_day(mode: Mode) {
    let like = Like {
        mode: Some(mode),
        ..Like::default()
    };
    let world = ana(like, 3).await;
    world.calls("ana", 0..3).await;
    world.later(SignedDuration::from_hours(12)).await;
    assert_eq!(to_ana(&world), [""; 0]);
    assert_eq!(world.mailbox.kinds_to(OPS), ["digest", "daily-summary"]);
    let all = world.mailbox.all();
    let digest = all.iter().find(|one| one.kind() == "digest").unwrap();
    let text = &digest.letter.text;
    assert!(
        text.contains("user:ana (requests per day: 3 of 3)"),
        "{text}"
    );
    // The reset run again tells nothing again.
    let by = admin();
    let today = "2026-11-21".parse().unwrap();
    world.engine.reset(today, &by).await.unwrap();
    world.later(MINUTE).await;
    assert_eq!(world.mailbox.kinds_to(OPS), ["digest", "daily-summary"]);
}

#[tokio::test]
async fn held_blocks_are_one_urgent_alert_until_somebody_decides() {
    let world = World::with(Like {
        max_new_blocks: Some(1),
        ..Like::default()
    })
    .await;
    for name in ["ana", "bob", "eva"] {
        world.developer(name, "sap");
        world.calls(name, 0..3).await;
    }
    world.later(MINUTE).await;
    world.quota("defaults", 3).await;
    world.later(MINUTE).await;
    world.later(MINUTE).await;
    assert_eq!(to_ops(&world), ["held"]);
    assert_eq!(to_ana(&world), ["blocked"]);
    assert_eq!(world.mailbox.kinds_to("bob@example.com"), [""; 0]);
    let held = world.engine.held_of().await.unwrap();
    world
        .engine
        .decide_held(&held, true, "they are right", &admin())
        .await
        .unwrap();
    world.later(MINUTE).await;
    assert_eq!(to_ops(&world), ["held", "incident-closed"]);
    assert_eq!(world.mailbox.kinds_to("bob@example.com"), ["blocked"]);
}

#[tokio::test]
async fn two_servers_at_once_tell_once() {
    let world = ana(
        Like {
            tells_nobody: true,
            ..Like::default()
        },
        3,
    )
    .await;
    world.calls("ana", 0..3).await;
    let (one, other) = (
        world.engine(&Like::default()),
        world.engine(&Like::default()),
    );
    let (first, second) = tokio::join!(one.send_due(), other.send_due());
    assert_eq!(first.unwrap().sent + second.unwrap().sent, 2);
    assert_eq!(to_ana(&world), names(&["blocked"]));
}
