//! What becomes of a team's block that the breaker holds.

use super::*;
use crate::admin::{TeamCommand, TeamVerb};
use crate::block::Force;

const EVENING: &str = "2026-11-20T22:59:00Z"; // a minute before midnight in Madrid
const MIDNIGHT: &str = "2026-11-20T23:00:00Z";

/// A limit of 6 calls an hour, and one of 20 a month.
fn limits() -> Rulebook {
    let team = |window, limit| quota("team:sap", Metric::Requests, window, limit, Action::Block);
    let quotas = vec![team(WindowKind::Hour, 6), team(WindowKind::Month, 20)];
    rules_with(quotas, |settings| {
        settings.enforcement.mode = Some(Mode::Iam);
        settings.enforcement.max_new_blocks = Some(1);
    })
}

/// So many calls in the windows that contain `now`, by a team of four.
fn sap(requests: i64, blocks: &[Block], now: &str) -> Situation {
    let zone = Zone::named("Europe/Madrid").unwrap();
    let sums = Sums {
        requests,
        ..Sums::default()
    };
    let usage = Window::all_containing(at(now), &zone).map(|window| Usage {
        scope: CounterScope::Team("sap".into()),
        window,
        sums,
    });
    let group = GroupStanding {
        team: Some("sap".into()),
        usage: usage.to_vec(),
        young: None,
        blocks: blocks.to_vec(),
        warned: [].into(),
        members: 4,
    };
    Situation {
        groups: vec![group],
        ..Situation::default()
    }
}

/// The blocks as they are after a plan.
fn blocks_after(blocks: &[Block], plan: &Plan) -> Vec<Block> {
    let standing = Standing {
        blocks: blocks.to_vec(),
        ..ana()
    };
    after(standing, plan).blocks
}

fn held() -> Vec<Block> {
    let plan = decide(&sap(6, &[], NOON), context(&limits(), NOON));
    assert_eq!(plan.opened.len(), 1);
    assert!(plan.opened[0].is_held());
    plan.opened
}

fn command(verb: TeamVerb) -> TeamCommand {
    TeamCommand {
        team: "sap".into(),
        actor: "root@host".into(),
        claimed_by: Some("maria".into()),
        reason: "the customer pays".into(),
        verb,
    }
}

#[test]
fn applying_a_held_block_of_a_team_evaluates_its_members() {
    let (rules, blocks) = (limits(), held());
    let apply = command(TeamVerb::ApplyHeld);
    let plan = decide_with_team(&sap(6, &blocks, NOON), &apply, context(&rules, NOON));
    assert_eq!(plan.revised[0].force, Force::InForce);
    assert_eq!(plan.outbox.len(), 1, "the members follow in chunks");
    assert_eq!(plan.audit[0].reason, "the customer pays");
    let again = decide_with_team(
        &sap(6, &blocks_after(&blocks, &plan), NOON),
        &apply,
        context(&rules, NOON),
    );
    assert!(again.is_empty(), "there is nothing left to apply");
}

#[test]
fn a_discarded_block_of_a_team_keeps_others_away_until_its_end() {
    let (rules, blocks) = (limits(), held());
    let until = Until::At(end_of_day(at(NOON), &rules.zone));
    let discard = command(TeamVerb::DiscardHeld { until });
    let plan = decide_with_team(&sap(6, &blocks, NOON), &discard, context(&rules, NOON));
    assert!(plan.outbox.is_empty(), "nobody was denied");
    let blocks = blocks_after(&blocks, &plan);
    assert_eq!(blocks[0].force, Force::Discarded);
    // The next call, the next hour, another quota: none of them begins a block.
    for (requests, now) in [(7, NOON), (30, NOON), (30, EVENING)] {
        let plan = decide(&sap(requests, &blocks, now), context(&rules, now));
        assert!(
            plan.opened.is_empty() && plan.lifted.is_empty(),
            "{requests}"
        );
    }
    let plan = decide(&sap(30, &blocks, MIDNIGHT), context(&rules, MIDNIGHT));
    assert_eq!(plan.lifted.len(), 1);
    let begun: Vec<_> = plan.opened.iter().map(|block| block.force).collect();
    assert_eq!(begun, [Force::Held, Force::Held], "judged anew");
}

#[test]
fn discarding_leaves_alone_what_is_in_force() {
    let (rules, mut blocks) = (limits(), held());
    blocks[0].force = Force::InForce;
    let until = Until::At(end_of_day(at(NOON), &rules.zone));
    let discard = command(TeamVerb::DiscardHeld { until });
    let plan = decide_with_team(&sap(6, &blocks, NOON), &discard, context(&rules, NOON));
    assert!(plan.revised.is_empty() && plan.lifted.is_empty());
}

#[test]
fn a_command_about_a_team_needs_a_reason() {
    let rules = limits();
    let silent = TeamCommand {
        reason: " ".into(),
        ..command(TeamVerb::ApplyHeld)
    };
    assert!(matches!(
        silent.check(context(&rules, NOON)),
        Err(Refused::Reason(_, 0))
    ));
}
