//! What administrators decide.

use super::*;

#[test]
fn a_manual_block_ignores_protection_and_a_second_one_replaces_it() {
    let rules = rules(vec![]);
    let standing = Standing {
        protections: vec![protection("2026-11-20T20:00:00Z", None)],
        ..ana()
    };
    let block = |until: &str| Verb::Block {
        until: Until::At(at(until)),
    };
    let plan = decide_command(
        standing.clone(),
        block("2026-11-21T11:00:00Z"),
        &rules,
        NOON,
    );
    assert_eq!(
        story(&plan),
        "block looping script until 2026-11-21T11:00:00Z; deny ana requested"
    );
    assert_eq!(plan.opened[0].cause, Cause::Manual);

    let again = decide_command(
        after(standing, &plan),
        block("2026-11-22T11:00:00Z"),
        &rules,
        NOON,
    );
    assert_eq!(
        story(&again),
        "revise looping script until 2026-11-22T11:00:00Z; deny ana requested"
    );
    assert!(again.audit[0].before.is_some() && again.audit[0].after.is_some());
}

#[test]
fn ending_a_manual_block_leaves_what_quotas_deny() {
    let rules = rules(vec![daily("defaults", 3)]);
    let standing = Standing {
        usage: requests(5),
        ..ana()
    };
    let automatic = after(standing.clone(), &decide_at(standing, &rules, NOON));
    let verb = Verb::Block {
        until: Until::Indefinite,
    };
    let both = after(
        automatic.clone(),
        &decide_command(automatic, verb, &rules, NOON),
    );
    let id_of = |manual: bool| {
        let mut blocks = both.blocks.iter();
        let block = blocks.find(|block| block.is_automatic() != manual);
        block.unwrap().id.clone()
    };
    let end = |id| decide_command(both.clone(), Verb::EndBlock { id }, &rules, NOON);
    let plan = end(id_of(true));
    assert_eq!(plan.lifted.len(), 1, "{}", story(&plan));
    assert_eq!(plan.lifted[0].id, id_of(true));
    assert!(plan.protected.is_empty());
    assert_eq!(after(both.clone(), &plan).blocks.len(), 1);
    assert!(
        end(id_of(false)).lifted.is_empty(),
        "quotas decide on theirs"
    );
}

#[test]
fn unblock_lifts_everything_and_protects_until_the_end_of_the_day() {
    let rules = rules(vec![daily("defaults", 3)]);
    let standing = Standing {
        usage: requests(5),
        ..ana()
    };
    let blocked = after(standing.clone(), &decide_at(standing, &rules, NOON));
    let end = end_of_day(at(NOON), &rules.zone);
    assert_eq!(end, at("2026-11-20T23:00:00Z"));

    let verb = Verb::Unblock {
        protect_until: Some(Until::At(end)),
    };
    let plan = decide_command(blocked.clone(), verb, &rules, NOON);
    assert_eq!(
        story(&plan),
        "lift administrator; protect until 2026-11-20T23:00:00Z; allow ana requested"
            .replace("; allow", "; warn requests 2026-11-20 1000%; allow")
    );
    let again = after(blocked.clone(), &plan);
    let verb = Verb::Unblock {
        protect_until: Some(Until::At(end)),
    };
    assert!(
        decide_command(again, verb, &rules, NOON).lifted.is_empty(),
        "idempotent"
    );

    // Without protection nothing is evaluated until the next counted call.
    let bare = decide_command(
        blocked,
        Verb::Unblock {
            protect_until: None,
        },
        &rules,
        NOON,
    );
    assert_eq!(story(&bare), "lift administrator; allow ana requested");
    assert_eq!(bare.lifted[0].why, LiftReason::Administrator);
}

#[test]
fn commands_are_checked_before_anything_is_locked() {
    let rules = rules(vec![]);
    let check = |standing: &Standing, verb, reason: &str, force| {
        let command = Command {
            reason: reason.into(),
            ..command(verb)
        };
        command.check(standing, force, context(&rules, NOON))
    };
    let until = |text: &str| Verb::Block {
        until: Until::At(at(text)),
    };
    let tomorrow = "2026-11-21T11:00:00Z";
    assert_eq!(check(&ana(), until(tomorrow), "loop", false), Ok(()));
    assert!(matches!(
        check(&ana(), until(tomorrow), "no", false),
        Err(Refused::Reason(_, 2))
    ));
    assert!(matches!(
        check(&ana(), until(NOON), "loop", false),
        Err(Refused::PastEnd(_))
    ));
    let far = until("2037-01-01T00:00:00Z");
    assert!(matches!(
        check(&ana(), far, "loop", false),
        Err(Refused::FarEnd(_))
    ));
    let robot = Standing {
        class: UserClass::Workload,
        ..ana()
    };
    let refused = check(&robot, until(tomorrow), "loop", false);
    assert!(matches!(refused, Err(Refused::NotHuman(..))));
    assert_eq!(check(&robot, until(tomorrow), "loop", true), Ok(()));
}
