//! Limits that are reached.

use super::*;

#[test]
fn call_n_of_n_is_the_last() {
    let rules = rules(vec![daily("defaults", 3)]);
    let story: Vec<String> = (1..=4)
        .map(|n| {
            story(&decide_at(
                Standing {
                    usage: requests(n),
                    ..ana()
                },
                &rules,
                NOON,
            ))
        })
        .collect();
    assert_eq!(
        story,
        [
            "",
            "",
            "block requests per day: 3 of 3 until 2026-11-20T23:00:00Z; deny ana requested",
            "block requests per day: 4 of 3 until 2026-11-20T23:00:00Z; deny ana requested",
        ]
    );
}

#[test]
fn deciding_again_changes_nothing() {
    let rules = rules(vec![daily("defaults", 3), daily("user:ana", 4)]);
    let standing = Standing {
        usage: requests(9),
        ..ana()
    };
    let plan = decide_at(standing.clone(), &rules, NOON);
    assert!(!plan.is_empty());
    assert_eq!(
        decide_at(after(standing, &plan), &rules, NOON),
        Plan::default()
    );
}

#[test]
fn inherited_quotas_block_humans_only_and_own_ones_act_as_written() {
    for (class, scope, blocks) in [
        (UserClass::Human, "defaults", true),
        (UserClass::Human, "team-defaults:sap", true),
        (UserClass::Workload, "defaults", false),
        (UserClass::Service, "team-defaults:sap", false),
        (UserClass::Unknown, "defaults", false),
        (UserClass::Workload, "user:ana", true),
    ] {
        let rules = rules(vec![daily(scope, 3)]);
        let plan = decide_at(
            Standing {
                class,
                usage: requests(3),
                ..ana()
            },
            &rules,
            NOON,
        );
        assert_eq!(!plan.opened.is_empty(), blocks, "{class:?} {scope}");
        assert_eq!(plan.warned.iter().any(|w| w.key.threshold == 100), !blocks);
    }
}

#[test]
fn the_most_specific_setting_wins_and_unlimited_is_one() {
    let unlimited = Quota {
        limit: Limit::Unlimited,
        ..daily("user:ana", 0)
    };
    for (quotas, blocks) in [
        (
            vec![daily("defaults", 3), daily("team-defaults:sap", 10)],
            false,
        ),
        (
            vec![daily("defaults", 10), daily("team-defaults:sap", 3)],
            true,
        ),
        (
            vec![daily("team-defaults:sap", 10), daily("user:ana", 3)],
            true,
        ),
        (vec![daily("defaults", 3), unlimited], false),
        (vec![daily("user:ana", 0)], true),
    ] {
        let rules = rules(quotas);
        let plan = decide_at(
            Standing {
                usage: requests(5),
                ..ana()
            },
            &rules,
            NOON,
        );
        assert_eq!(!plan.opened.is_empty(), blocks);
    }
}

#[test]
fn one_block_per_violated_window_with_all_evidence_in_order() {
    let cost = quota(
        "defaults",
        Metric::Cost,
        WindowKind::Day,
        1_000_000_000,
        Action::Block,
    );
    let month = quota(
        "defaults",
        Metric::Requests,
        WindowKind::Month,
        5,
        Action::Block,
    );
    let rules = rules(vec![cost, month, daily("defaults", 3)]);
    let sums = Sums {
        requests: 5,
        cost_nanos: 2_000_000_000,
        ..Sums::default()
    };
    let own = || CounterScope::User(UserId::new("ana"));
    let usage = WindowKind::ALL.map(|kind| used(own(), kind, sums)).to_vec();
    let plan = decide_at(Standing { usage, ..ana() }, &rules, NOON);
    let blocks: Vec<_> = plan
        .opened
        .iter()
        .map(|b| {
            (
                b.window().unwrap().to_string(),
                b.reason.clone(),
                b.evidence.len(),
            )
        })
        .collect();
    assert_eq!(
        blocks,
        [
            ("2026-11-20".into(), "requests per day: 5 of 3".into(), 2),
            ("2026-11".into(), "requests per month: 5 of 5".into(), 1),
        ]
    );
    // Access is lost until the latest of them.
    let until = plan.access[0].member.denial.everything;
    assert_eq!(until, Some(Until::At(at("2026-11-30T23:00:00Z"))));
    assert_eq!(
        plan.projections[0].blocked_until,
        Some(at("2026-11-30T23:00:00Z"))
    );
}

#[test]
fn a_block_ends_by_the_clock_and_a_total_that_falls_lifts_it() {
    let rules = rules(vec![daily("defaults", 3)]);
    let standing = Standing {
        usage: requests(3),
        ..ana()
    };
    let blocked = after(standing.clone(), &decide_at(standing, &rules, NOON));

    let midnight = decide_at(blocked.clone(), &rules, "2026-11-20T23:00:00Z");
    assert_eq!(story(&midnight), "lift expired; allow ana requested");

    let lowered = Standing {
        usage: requests(2),
        ..blocked
    };
    assert_eq!(
        story(&decide_at(lowered, &rules, NOON)),
        "lift no-longer-holds; allow ana requested"
    );
}

#[test]
fn young_provisional_counts_warn_but_do_not_block() {
    let tokens = quota(
        "defaults",
        Metric::Tokens,
        WindowKind::Day,
        1_000,
        Action::Block,
    );
    let rules = rules(vec![tokens]);
    let usage = |provisional| {
        let sums = Sums {
            input: 1_200,
            provisional_tokens: provisional,
            ..Sums::default()
        };
        vec![used(
            CounterScope::User("ana".into()),
            WindowKind::Day,
            sums,
        )]
    };
    // 1 000 are final already: no need to ask.
    let firm = decide_at(
        Standing {
            usage: usage(200),
            ..ana()
        },
        &rules,
        NOON,
    );
    assert_eq!(firm.opened.len(), 1);

    let unsure = Standing {
        usage: usage(300),
        ..ana()
    };
    assert_eq!(
        decide_at(unsure.clone(), &rules, NOON).ask_young,
        [UserId::new("ana")]
    );

    let young = |provisional| Standing {
        young: Some(usage(provisional)),
        ..unsure.clone()
    };
    let waits = decide_at(young(300), &rules, NOON);
    assert!(waits.opened.is_empty());
    assert_eq!(story(&waits), "warn tokens 2026-11-20 100%");
    assert_eq!(waits.recheck, [("ana".into(), at("2026-11-20T11:15:00Z"))]);

    assert_eq!(
        decide_at(young(200), &rules, NOON).opened.len(),
        1,
        "100 of them are old enough"
    );
}

#[test]
fn a_team_block_reaches_its_human_members_while_it_lasts() {
    let team = quota(
        "team:sap",
        Metric::Cost,
        WindowKind::Month,
        500,
        Action::Block,
    );
    let rules = rules(vec![team]);
    let sums = Sums {
        cost_nanos: 500,
        ..Sums::default()
    };
    let group = GroupStanding {
        team: Some("sap".into()),
        usage: vec![used(
            CounterScope::Team("sap".into()),
            WindowKind::Month,
            sums,
        )],
        young: None,
        blocks: vec![],
        warned: [].into(),
        members: 4,
    };
    let situation = Situation {
        groups: vec![group],
        ..Situation::default()
    };
    let plan = decide(&situation, context(&rules, NOON));
    assert_eq!(plan.opened[0].denies, Denies::Team(TeamId::new("sap")));
    assert_eq!(plan.outbox.len(), 1, "the members are evaluated in chunks");

    let team_blocks = plan.opened.clone();
    let member = Standing {
        team_blocks: team_blocks.clone(),
        ..ana()
    };
    assert_eq!(
        story(&decide_at(member.clone(), &rules, NOON)),
        "deny ana requested"
    );
    let robot = Standing {
        class: UserClass::Workload,
        ..member.clone()
    };
    assert_eq!(story(&decide_at(robot, &rules, NOON)), "");
    let denied = after(member.clone(), &decide_at(member, &rules, NOON));
    let left = Standing {
        team: "crm".into(),
        team_blocks: vec![],
        ..denied
    };
    assert_eq!(story(&decide_at(left, &rules, NOON)), "allow ana requested");
}

#[test]
fn tools_and_models_are_denied_alone() {
    let rules = rules(vec![daily("tool:cline", 2), daily("model:m1", 2)]);
    let sums = Sums {
        requests: 2,
        ..Sums::default()
    };
    let standing = Standing {
        usage: vec![
            used(
                CounterScope::Tool("ana".into(), "cline".into()),
                WindowKind::Day,
                sums,
            ),
            used(
                CounterScope::Model("ana".into(), "m1".into()),
                WindowKind::Day,
                sums,
            ),
        ],
        ..ana()
    };
    let plan = decide_at(standing, &rules, NOON);
    assert_eq!(plan.opened.len(), 2);
    let ana_target = plan
        .access
        .iter()
        .find(|a| a.member.target.id == "ana")
        .unwrap();
    assert_eq!(ana_target.member.denial.everything, None);
    assert!(
        ana_target
            .member
            .denial
            .models
            .contains_key(&ModelId::new("m1"))
    );
    let keys = plan
        .access
        .iter()
        .find(|a| a.member.target.id == "ana cline")
        .unwrap();
    assert_eq!(
        keys.state,
        TargetState::Cannot,
        "no key of that tool is known"
    );
    assert!(!plan.projections[0].is_blocked);
}
