//! Messages that wait, and what has become of what they tell of.

use super::*;
use crate::access::{Denial, Reach, TargetKey, TargetKind};
use crate::block::Until;
use crate::ids::{AccountId, ModelId, ToolId};
use crate::message::About;

const NOON: &str = "2026-11-20T11:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn told(news: News) -> Message {
    Message {
        about: About::User {
            user: "ana".into(),
            team: None,
        },
        at: at(NOON),
        news,
    }
}

fn blocked(denied: Denied) -> Message {
    told(News::Blocked {
        block: "b".into(),
        denied,
        quotas: Vec::new(),
        since: at(NOON),
        until: Until::Indefinite,
    })
}

fn by_administrator(already: bool) -> Message {
    told(News::BlockedByAdministrator {
        already,
        block: "m".into(),
        by: "eva".to_owned(),
        reason: "a lost key".to_owned(),
        since: at(NOON),
        until: Until::Indefinite,
    })
}

fn restored(why: LiftReason) -> Message {
    told(News::Unblocked {
        block: "b".into(),
        why,
        denied: Denied::Everything,
        quotas: Vec::new(),
        reason: String::new(),
        since: at(NOON),
    })
}

fn target(name: &str, state: TargetState, is_denied: bool) -> (Target, Member) {
    let key = TargetKey {
        account: AccountId::new("111122223333"),
        kind: TargetKind::IamUser,
        id: name.to_owned(),
    };
    let everything = is_denied.then_some(Until::Indefinite);
    let member = Member {
        target: key.clone(),
        user: "ana".into(),
        reach: Reach::Whole,
        denial: Denial {
            everything,
            ..Denial::default()
        },
        enforced: is_denied,
    };
    let target = Target {
        key,
        generation: 2,
        denies: is_denied,
        state,
        verified_generation: Some(1),
        requested_at: None,
        verified_at: None,
        first_denied_at: None,
        attempts: 0,
        next_attempt_at: None,
        last_error: None,
    };
    (target, member)
}

/// One message, held against targets: after that many minutes.
fn after(minutes: i64, message: &Message, access: &[(Target, Member)]) -> Leave {
    let now = at(NOON) + SignedDuration::from_mins(minutes);
    let known = Known { access, told: &[] };
    leave(&[message], known, now).remove(0)
}

#[test]
fn a_loss_is_told_once_the_denial_is_read_back_or_as_a_limit_where_it_cannot_be() {
    use TargetState::{Applied, Cannot, Failed, Gone, Requested, Verified};
    let loss = blocked(Denied::Everything);
    let limit = Leave::Instead(Box::new(limit_reached(&loss)));
    let soon = |minutes: i64| Leave::Wait(at(NOON) + SignedDuration::from_secs(60 * minutes + 10));
    let one = |state| vec![target("ana", state, true)];
    for (minutes, access, expected) in [
        (0, one(Requested), soon(0)),
        (1, one(Applied), soon(1)),
        (0, one(Verified), Leave::Now),
        (0, one(Failed), limit.clone()),
        (0, one(Cannot), limit.clone()),
        (0, one(Gone), limit.clone()),
        (15, one(Requested), limit.clone()),
        (15, one(Verified), Leave::Now),
        (0, [one(Verified), one(Requested)].concat(), soon(0)),
        (0, [one(Verified), one(Cannot)].concat(), limit.clone()),
        (0, Vec::new(), Leave::Never(Unsent::Over)),
        (
            0,
            vec![target("ana", Verified, false)],
            Leave::Never(Unsent::Over),
        ),
    ] {
        assert_eq!(
            after(minutes, &loss, &access),
            expected,
            "{minutes} {access:?}"
        );
    }
    let News::LimitReached { reason, .. } = limit_reached(&by_administrator(false)).news else {
        panic!("not a limit");
    };
    assert_eq!(reason, "a lost key");
}

#[test]
fn a_return_is_told_once_the_removal_is_read_back_and_after_a_quarter_of_an_hour_anyway() {
    use TargetState::{Failed, None, Requested, Verified};
    let back = restored(LiftReason::Expired);
    let soon = Leave::Wait(at(NOON) + SignedDuration::from_secs(10));
    for (minutes, state, expected) in [
        (0, Requested, soon.clone()),
        (0, Failed, soon),
        (0, None, Leave::Now),
        // Others are denied at a shared target.
        (0, Verified, Leave::Now),
        (15, Requested, Leave::Now),
    ] {
        let access = [target("ana", state, false)];
        assert_eq!(
            after(minutes, &back, &access),
            expected,
            "{minutes} {state}"
        );
    }
}

#[test]
fn who_was_never_cut_off_is_not_told_that_the_clock_has_ended_it() {
    let of_everything = limit_reached(&blocked(Denied::Everything));
    let mut of_tool = Message::sample(Kind::LimitReached);
    if let News::LimitReached { quotas, .. } = &mut of_tool.news {
        quotas[0].scope = Scope::Tool(ToolId::new("cline"));
    }
    let loss = blocked(Denied::Everything);
    let of = |told: &[&Message], why| {
        let told: Vec<Message> = told.iter().map(|&message| message.clone()).collect();
        let known = Known {
            access: &[],
            told: &told,
        };
        leave(&[&restored(why)], known, at(NOON)).remove(0)
    };
    let never = Leave::Never(Unsent::NeverCutOff);
    let expired = LiftReason::Expired;
    assert_eq!(of(&[&of_everything, &loss], expired), never);
    assert_eq!(of(&[&of_tool, &of_everything, &loss], expired), never);
    assert_eq!(of(&[&of_everything], LiftReason::NoLongerHolds), Leave::Now);
    assert_eq!(of(&[&loss, &of_everything], expired), Leave::Now);
    assert_eq!(
        of(&[&of_tool, &loss], expired),
        Leave::Now,
        "the limit of a tool says nothing of the rest"
    );
}

#[test]
fn what_cancels_itself_is_sent_as_neither() {
    let loss = blocked(Denied::Everything);
    let of_model = blocked(Denied::Model(ModelId::new("m1")));
    let by_hand = by_administrator(false);
    let notice = by_administrator(true);
    let back = restored(LiftReason::NoLongerHolds);
    let warning = Message::sample(Kind::QuotaWarning);
    let warning = Message {
        at: at(NOON),
        ..warning
    };
    let (now, gone) = (Leave::Now, Leave::Never(Unsent::Cancelled));
    let overtaken = Leave::Never(Unsent::Overtaken);
    let denied = [target("ana", TargetState::Verified, true)];
    let cases: [(&[&Message], &[&Leave]); 8] = [
        (&[&loss, &back], &[&gone, &gone]),
        (&[&by_hand, &back], &[&gone, &gone]),
        (&[&loss, &warning, &back], &[&gone, &now, &gone]),
        (&[&loss, &back, &loss], &[&gone, &gone, &now]),
        (&[&loss, &notice, &back], &[&gone, &gone, &gone]),
        // The loss was told before: its end is, what came between is not.
        (&[&notice, &back], &[&gone, &now]),
        // Back and lost again: only that it is lost.
        (&[&back, &loss], &[&overtaken, &now]),
        (&[&back, &loss, &back], &[&now, &gone, &gone]),
    ];
    for (nth, (waiting, expected)) in cases.into_iter().enumerate() {
        let known = Known {
            access: &denied,
            told: &[],
        };
        let found = leave(waiting, known, at(NOON));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "case {nth}");
    }
    // Each model is a loss of its own.
    let known = Known {
        access: &[],
        told: &[],
    };
    let found = leave(&[&of_model, &back], known, at(NOON));
    assert_eq!(found, [Leave::Never(Unsent::Over), Leave::Now]);
}

/// The loss that overtakes a return may end before it is told: then the return is what there is to tell.
#[test]
fn a_return_waits_for_the_loss_that_overtakes_it() {
    use TargetState::{Cannot, Requested, Verified};
    let loss = blocked(Denied::Everything);
    let of_model = blocked(Denied::Model(ModelId::new("m1")));
    let back = restored(LiftReason::NoLongerHolds);
    let soon = Leave::Wait(at(NOON) + SignedDuration::from_secs(10));
    let overtaken = Leave::Never(Unsent::Overtaken);
    let gone = Leave::Never(Unsent::Cancelled);
    let limit = Leave::Instead(Box::new(limit_reached(&loss)));
    let cases: [(&[&Message], Option<TargetState>, &[&Leave]); 5] = [
        (&[&back, &loss], Some(Requested), &[&soon, &soon]),
        (
            &[&back, &loss, &back],
            Option::None,
            &[&Leave::Now, &gone, &gone],
        ),
        (&[&back, &loss], Some(Verified), &[&overtaken, &Leave::Now]),
        (&[&back, &loss], Some(Cannot), &[&overtaken, &limit]),
        // What holds up the loss holds up the return before it.
        (
            &[&back, &of_model, &loss],
            Some(Requested),
            &[&soon, &soon, &soon],
        ),
    ];
    for (nth, (waiting, state, expected)) in cases.into_iter().enumerate() {
        let access: Vec<_> = state
            .map(|state| target("ana", state, true))
            .into_iter()
            .collect();
        let known = Known {
            access: &access,
            told: &[],
        };
        let found = leave(waiting, known, at(NOON));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "case {nth}");
    }
}

#[test]
fn what_waits_holds_up_what_comes_after_it() {
    let loss = blocked(Denied::Everything);
    let other = Message {
        at: at(NOON),
        ..Message::sample(Kind::ProtectionEnded)
    };
    let access = [target("ana", TargetState::Requested, true)];
    let known = Known {
        access: &access,
        told: &[],
    };
    let soon = Leave::Wait(at(NOON) + SignedDuration::from_secs(10));
    let found = leave(&[&other, &loss, &other], known, at(NOON));
    assert_eq!(found, [Leave::Now, soon.clone(), soon]);
}

#[test]
fn nobody_is_told_of_the_day_before_yesterday() {
    let old = told(Message::sample(Kind::ProtectionEnded).news);
    let known = Known {
        access: &[],
        told: &[],
    };
    let later = |hours| at(NOON) + SignedDuration::from_hours(hours);
    assert_eq!(leave(&[&old], known, later(48)), [Leave::Now]);
    assert_eq!(
        leave(&[&old], known, later(49)),
        [Leave::Never(Unsent::Stale)]
    );
    // Who is still denied has to know.
    let loss = blocked(Denied::Everything);
    let access = [target("ana", TargetState::Verified, true)];
    let known = Known {
        access: &access,
        told: &[],
    };
    assert_eq!(leave(&[&loss], known, later(49)), [Leave::Now]);
}
