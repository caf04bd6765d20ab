//! Decisions as diaries: a situation, an instant, and what follows.

mod team;
mod tell;

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::access::{Member, Target, TargetState};
use crate::admin::{Refused, Verb, end_of_day};
use crate::attribution::{Principal, PrincipalKind};
use crate::block::{Cause, Denies, Protection, Until};
use crate::calendar::{Window, WindowKind, Zone};
use crate::counter::{CounterScope, Sums};
use crate::ids::{AccountId, ModelId, ProtectionId, RequestId, TeamId, UserId};
use crate::plan::{LiftReason, Observation};
use crate::pricing::PriceBook;
use crate::quota::{Action, Limit, Metric, Quota};
use crate::rulebook::{Mode, ModeInForce, Settings, StoredRules};
use crate::standing::{Breaker, CallSeen, GroupStanding, KnownPrincipal, PROTECTED_OVER, Usage};

const NOON: &str = "2026-11-20T11:00:00Z"; // 12:00 in Madrid

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn quota(scope: &str, metric: Metric, window: WindowKind, limit: i64, action: Action) -> Quota {
    Quota {
        scope: scope.parse().unwrap(),
        metric,
        window,
        limit: Limit::Of(limit),
        action,
        warn: vec![80, 95],
        author: "test".into(),
        additions: vec![],
    }
}

fn daily(scope: &str, limit: i64) -> Quota {
    quota(
        scope,
        Metric::Requests,
        WindowKind::Day,
        limit,
        Action::Block,
    )
}

fn rules_with(quotas: Vec<Quota>, change: impl FnOnce(&mut Settings)) -> Rulebook {
    let mut settings = Settings::default();
    change(&mut settings);
    let mode = ModeInForce {
        mode: settings.enforcement.mode.unwrap_or_default(),
        ..ModeInForce::default()
    };
    Rulebook::new(
        Arc::new(settings),
        Zone::named("Europe/Madrid").unwrap(),
        Arc::new(PriceBook::default()),
        StoredRules {
            mode,
            quotas,
            ..StoredRules::default()
        },
    )
}

fn rules(quotas: Vec<Quota>) -> Rulebook {
    rules_with(quotas, |settings| {
        settings.enforcement.mode = Some(Mode::Iam);
    })
}

fn ana() -> Standing {
    Standing {
        user: "ana".into(),
        team: "sap".into(),
        class: UserClass::Human,
        exempt: false,
        confirmed: true,
        principals: vec![principal(PrincipalKind::IamUser, "ana", None)],
        usage: vec![],
        young: None,
        blocks: vec![],
        team_blocks: vec![],
        protections: vec![],
        warned: [].into(),
        access: vec![],
        tool_keys: vec![],
        calls: vec![],
    }
}

fn principal(kind: PrincipalKind, name: &str, session: Option<&str>) -> KnownPrincipal {
    let session = session.map(ToOwned::to_owned);
    let account = AccountId::new("111122223333");
    KnownPrincipal {
        principal: Principal {
            account,
            kind,
            name: name.into(),
            session,
        },
        stable_id: None,
    }
}

fn used(scope: CounterScope, kind: WindowKind, sums: Sums) -> Usage {
    let window = Window::containing(kind, at(NOON), &Zone::named("Europe/Madrid").unwrap());
    Usage {
        scope,
        window,
        sums,
    }
}

fn requests(n: i64) -> Vec<Usage> {
    let sums = Sums {
        requests: n,
        ..Sums::default()
    };
    let own = || CounterScope::User(UserId::new("ana"));
    WindowKind::ALL.map(|kind| used(own(), kind, sums)).to_vec()
}

fn context<'a>(rules: &'a Rulebook, now: &str) -> Context<'a> {
    Context {
        rules,
        now: at(now),
        wall: at(now),
        origin: "test",
    }
}

fn of(standing: Standing) -> Situation {
    Situation {
        users: vec![standing],
        ..Situation::default()
    }
}

fn decide_at(standing: Standing, rules: &Rulebook, now: &str) -> Plan {
    decide(&of(standing), context(rules, now))
}

/// Lets a plan become the standing of the next decision, as the store would.
fn after(mut standing: Standing, plan: &Plan) -> Standing {
    standing
        .blocks
        .retain(|b| plan.lifted.iter().all(|lift| lift.id != b.id));
    for revision in &plan.revised {
        for block in standing.blocks.iter_mut().filter(|b| b.id == revision.id) {
            block.until = revision.until;
            block.reason.clone_from(&revision.reason);
            block.evidence.clone_from(&revision.evidence);
            block.force = revision.force;
        }
    }
    standing.blocks.extend(plan.opened.clone());
    standing
        .protections
        .retain(|p| plan.unprotected.iter().all(|end| end.id != p.id));
    standing.protections.extend(plan.protected.clone());
    standing.warned.retain(|key| !plan.rearmed.contains(key));
    standing
        .warned
        .extend(plan.warned.iter().map(|w| w.key.clone()));
    for change in &plan.access {
        let member = change.member.clone();
        standing
            .access
            .retain(|(t, m)| t.key != member.target || m.reach != member.reach);
        standing
            .access
            .push((target(&member, change.state), member));
    }
    standing
}

fn target(member: &Member, state: TargetState) -> Target {
    Target {
        key: member.target.clone(),
        generation: 1,
        denies: member.is_denied(),
        state,
        verified_generation: None,
        requested_at: Some(at(NOON)),
        verified_at: None,
        first_denied_at: None,
        attempts: 0,
        next_attempt_at: None,
        last_error: None,
    }
}

/// One line per thing that happens.
fn story(plan: &Plan) -> String {
    let until = |until: Until| {
        until
            .instant()
            .map_or("for ever".into(), |at| at.to_string())
    };
    let mut lines = vec![];
    for b in &plan.opened {
        let held = if b.is_held() { " (held)" } else { "" };
        lines.push(format!("block {} until {}{held}", b.reason, until(b.until)));
    }
    for r in &plan.revised {
        lines.push(format!("revise {} until {}", r.reason, until(r.until)));
    }
    lines.extend(
        plan.lifted
            .iter()
            .map(|l| format!("lift {}", l.why.as_str())),
    );
    lines.extend(
        plan.protected
            .iter()
            .map(|p| format!("protect until {}", until(p.until))),
    );
    lines.extend(plan.unprotected.iter().map(|_| "unprotect".to_owned()));
    for w in plan.warned.iter().filter(|w| w.told) {
        lines.push(format!(
            "warn {} {} {}%",
            w.key.metric, w.key.window, w.key.threshold
        ));
    }
    for a in &plan.access {
        let what = if a.member.denial.is_none() {
            "allow"
        } else {
            "deny"
        };
        lines.push(format!("{what} {} {}", a.member.target.id, a.state));
    }
    lines.join("; ")
}

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
fn warnings_come_once_and_the_higher_one_only() {
    let rules = rules(vec![daily("defaults", 100)]);
    let mut standing = ana();
    let mut told = vec![];
    for n in [79, 80, 81, 95, 96] {
        standing.usage = requests(n);
        let plan = decide_at(standing.clone(), &rules, NOON);
        told.push(story(&plan));
        standing = after(standing, &plan);
    }
    let day = "warn requests 2026-11-20";
    assert_eq!(
        told,
        [
            String::new(),
            format!("{day} 80%"),
            String::new(),
            format!("{day} 95%"),
            String::new()
        ]
    );

    let jumped = decide_at(
        Standing {
            usage: requests(97),
            ..ana()
        },
        &rules,
        NOON,
    );
    assert_eq!(story(&jumped), format!("{day} 95%"));
    assert_eq!(jumped.warned.len(), 2, "80 is remembered in silence");
}

#[test]
fn raising_a_limit_rearms_the_thresholds_above_the_new_percentage() {
    let standing = Standing {
        usage: requests(96),
        ..ana()
    };
    let first = rules(vec![daily("defaults", 100)]);
    let warned = after(standing.clone(), &decide_at(standing, &first, NOON));
    assert_eq!(warned.warned.len(), 2);

    // 96 of 110 is 87 %: 80 stays given, 95 is armed again.
    let raised = rules(vec![daily("user:ana", 110)]);
    let plan = decide_at(warned.clone(), &raised, NOON);
    assert_eq!(story(&plan), "");
    let rearmed: Vec<u32> = plan.rearmed.iter().map(|key| key.threshold).collect();
    assert_eq!(rearmed, [95]);

    let later = Standing {
        usage: requests(105),
        ..after(warned, &plan)
    };
    assert_eq!(
        story(&decide_at(later, &raised, NOON)),
        "warn requests 2026-11-20 95%"
    );
}

#[test]
fn a_total_that_falls_does_not_warn_twice() {
    let rules = rules(vec![daily("defaults", 100)]);
    let standing = Standing {
        usage: requests(80),
        ..ana()
    };
    let warned = after(standing.clone(), &decide_at(standing, &rules, NOON));
    let fallen = Standing {
        usage: requests(70),
        ..warned
    };
    let plan = decide_at(fallen.clone(), &rules, NOON);
    let again = Standing {
        usage: requests(80),
        ..after(fallen, &plan)
    };
    assert_eq!(story(&decide_at(again, &rules, NOON)), "");
}

fn protection(until: &str, up_to_percent: Option<u32>) -> Protection {
    Protection {
        id: ProtectionId::new("p"),
        user: "ana".into(),
        author: "root@host".into(),
        reason: "release week".into(),
        since: at("2026-11-20T08:00:00Z"),
        until: Until::At(at(until)),
        up_to_percent,
    }
}

#[test]
fn a_protection_keeps_automatic_blocks_away_up_to_its_cap() {
    let rules = rules(vec![daily("defaults", 10)]);
    let protected = |n, cap| Standing {
        usage: requests(n),
        protections: vec![protection("2026-11-20T20:00:00Z", cap)],
        ..ana()
    };
    let plan = decide_at(protected(12, None), &rules, NOON);
    assert!(plan.opened.is_empty());
    assert_eq!(plan.warned[0].key.threshold, PROTECTED_OVER);
    let again = after(protected(12, None), &plan);
    assert_eq!(
        decide_at(again.clone(), &rules, NOON),
        Plan::default(),
        "told once"
    );

    assert!(
        decide_at(protected(14, Some(150)), &rules, NOON)
            .opened
            .is_empty()
    );
    assert_eq!(
        decide_at(protected(15, Some(150)), &rules, NOON)
            .opened
            .len(),
        1
    );

    let ended = decide_at(again, &rules, "2026-11-20T20:00:00Z");
    assert_eq!(
        story(&ended),
        "block requests per day: 12 of 10 until 2026-11-20T23:00:00Z; unprotect; deny ana requested"
    );
}

#[test]
fn a_protected_user_over_the_limit_is_told_once_whatever_the_limit_becomes() {
    let limited = |limit| rules(vec![daily("user:ana", limit)]);
    let standing = Standing {
        usage: requests(12),
        protections: vec![protection("2026-11-20T20:00:00Z", None)],
        ..ana()
    };
    let told = |plan: &Plan| plan.warned.iter().filter(|warning| warning.told).count();
    let first = decide_at(standing.clone(), &limited(10), NOON);
    assert_eq!(told(&first), 1);

    // 12 of 11 is still over: remembered for the new limit, and back again, in silence.
    let mut standing = after(standing, &first);
    for limit in [11, 10, 11] {
        let plan = decide_at(standing.clone(), &limited(limit), NOON);
        assert_eq!((told(&plan), plan.rearmed.len()), (0, 0), "{limit}");
        standing = after(standing, &plan);
    }
    // 12 of 20 is not over any more: the next time is news.
    let armed = decide_at(standing.clone(), &limited(20), NOON);
    assert!(!armed.rearmed.is_empty());
    let again = decide_at(after(standing, &armed), &limited(10), NOON);
    assert_eq!(told(&again), 1);
}

#[test]
fn a_limit_of_nothing_warns_of_nothing() {
    let nothing = quota(
        "defaults",
        Metric::Requests,
        WindowKind::Day,
        0,
        Action::Notify,
    );
    let rules = rules(vec![nothing]);
    assert_eq!(decide_at(ana(), &rules, NOON), Plan::default());
    let used = Standing {
        usage: requests(1),
        ..ana()
    };
    assert!(story(&decide_at(used, &rules, NOON)).contains("100%"));
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
fn the_breaker_holds_what_would_block_many() {
    let rules = rules_with(vec![daily("defaults", 3)], |settings| {
        settings.enforcement.mode = Some(Mode::Iam);
        settings.enforcement.max_new_blocks = Some(2);
    });
    let users = ["a", "b", "c"]
        .map(|name| Standing {
            user: name.into(),
            principals: vec![principal(PrincipalKind::IamUser, name, None)],
            usage: requests(3)
                .into_iter()
                .map(|usage| Usage {
                    scope: CounterScope::User(name.into()),
                    ..usage
                })
                .collect(),
            ..ana()
        })
        .to_vec();
    let breaker = Breaker {
        recent: 1,
        active: 3,
    };
    let plan = decide(
        &Situation {
            users,
            groups: vec![],
            breaker,
            ..Situation::default()
        },
        context(&rules, NOON),
    );
    let held: Vec<bool> = plan.opened.iter().map(Block::is_held).collect();
    assert_eq!(held, [false, true, true]);
    let denied: Vec<_> = plan
        .access
        .iter()
        .map(|a| a.member.target.id.as_str())
        .collect();
    assert_eq!(denied, ["a"], "what is held denies nothing");
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

#[test]
fn dry_run_records_and_off_records_less_and_iam_starts_what_was_recorded() {
    let quotas = || vec![daily("defaults", 3)];
    let dry = rules_with(quotas(), |_| {});
    let standing = Standing {
        usage: requests(3),
        ..ana()
    };
    let plan = decide_at(standing.clone(), &dry, NOON);
    assert_eq!(plan.access[0].state, TargetState::DryRun);
    let off = rules_with(quotas(), |settings| {
        settings.enforcement.mode = Some(Mode::Off);
    });
    assert_eq!(
        decide_at(standing.clone(), &off, NOON).access[0].state,
        TargetState::Off
    );

    let recorded = after(standing, &plan);
    assert_eq!(story(&decide_at(recorded.clone(), &dry, NOON)), "");
    assert_eq!(
        story(&decide_at(recorded, &rules(quotas()), NOON)),
        "deny ana requested"
    );
}

#[test]
fn the_never_list_and_the_exempt_tag_keep_automation_away() {
    for pattern in [
        "ana",
        "arn:aws:iam::*:user/ana",
        "arn:aws-us-gov:iam::111122223333:user/ana",
        "arn:*:iam::*:user/ana",
        "a*",
    ] {
        let rules = rules_with(vec![daily("user:ana", 3)], |settings| {
            settings.enforcement.never = vec![pattern.into()];
        });
        let plan = decide_at(
            Standing {
                usage: requests(3),
                ..ana()
            },
            &rules,
            NOON,
        );
        assert!(plan.opened.is_empty(), "{pattern}");
    }
    let rules = rules(vec![daily("user:ana", 3)]);
    let tagged = Standing {
        exempt: true,
        usage: requests(3),
        ..ana()
    };
    assert!(decide_at(tagged, &rules, NOON).opened.is_empty());
}

#[test]
fn nobody_is_denied_whom_the_log_alone_names() {
    let rules = rules(vec![daily("user:ana", 0), daily("tool:cline", 0)]);
    for used in [0, 5] {
        let named = Standing {
            confirmed: false,
            usage: requests(used),
            ..ana()
        };
        let proved = Standing {
            confirmed: true,
            ..named.clone()
        };
        assert!(decide_at(named, &rules, NOON).opened.is_empty());
        assert_eq!(decide_at(proved, &rules, NOON).opened.len(), 2);
    }
}

#[test]
fn patterns_match_by_stars_only() {
    for (pattern, text, matches) in [
        ("ana", "ana", true),
        ("ana", "anabel", false),
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "ab", false),
        ("*b*b*", "abab", true),
        ("*b*b*", "ab", false),
        (
            "arn:aws:iam::*:role/ci-*",
            "arn:aws:iam::111122223333:role/ci-build",
            true,
        ),
    ] {
        assert_eq!(matches_pattern(pattern, text), matches, "{pattern} {text}");
    }
}

fn command(verb: Verb) -> Command {
    Command {
        user: "ana".into(),
        actor: "root@host".into(),
        claimed_by: Some("Eva".into()),
        reason: "looping script".into(),
        verb,
    }
}

fn decide_command(standing: Standing, verb: Verb, rules: &Rulebook, now: &str) -> Plan {
    decide_with(&of(standing), Some(&command(verb)), context(rules, now))
}

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

#[test]
fn a_call_through_a_verified_deny_is_a_leak_and_a_denied_one_proves_it() {
    let rules = rules(vec![daily("defaults", 3)]);
    let standing = Standing {
        usage: requests(3),
        ..ana()
    };
    let mut blocked = after(standing.clone(), &decide_at(standing, &rules, NOON));
    blocked.access[0].0.state = TargetState::Verified;
    blocked.access[0].0.verified_at = Some(at("2026-11-20T11:01:00Z"));
    let call = |time: &str, denied, failed| CallSeen {
        request: RequestId::new("r"),
        at: at(time),
        principal: blocked.principals[0].principal.clone(),
        model: ModelId::new("m"),
        operation: "Converse".into(),
        key: None,
        denied,
        failed,
    };
    for (call, observed) in [
        (call("2026-11-20T11:05:00Z", false, false), 0), // within the grace
        (call("2026-11-20T11:06:01Z", false, false), 1),
        (call("2026-11-20T11:06:01Z", false, true), 0), // throttled: proves nothing
        (call("2026-11-20T11:00:30Z", true, true), 1),
        (call("2026-11-20T10:59:59Z", true, true), 0), // denied by somebody else before
    ] {
        let denied = call.denied;
        let standing = Standing {
            calls: vec![call],
            ..blocked.clone()
        };
        let plan = decide_at(standing, &rules, "2026-11-20T11:07:00Z");
        assert_eq!(plan.observed.len(), observed);
        if let Some(seen) = plan.observed.first() {
            assert_eq!(matches!(seen, Observation::Denied { .. }), denied);
            assert_eq!(
                plan.audit.iter().any(|entry| entry.operation == "leak"),
                !denied
            );
        }
    }
}

#[test]
fn identity_center_cannot_be_denied_until_a_mechanism_is_configured() {
    let quotas = || vec![daily("defaults", 1)];
    let maria = Standing {
        principals: vec![principal(
            PrincipalKind::IdentityCenter,
            "AWSReservedSSO_Dev_0123456789abcdef",
            Some("maria@example.com"),
        )],
        usage: requests(1),
        ..ana()
    };
    let plan = decide_at(maria.clone(), &rules(quotas()), NOON);
    assert_eq!(plan.access[0].state, TargetState::Cannot);
    assert!(plan.access[0].note.is_some());
    let configured = rules_with(quotas(), |settings| {
        settings.enforcement.mode = Some(Mode::Iam);
        settings.enforcement.identity_center = true;
    });
    assert_eq!(
        decide_at(maria, &configured, NOON).access[0].state,
        TargetState::Requested
    );
}

#[test]
fn every_loss_of_access_is_one_audit_entry() {
    let rules = rules(vec![daily("defaults", 3)]);
    let plan = decide_at(
        Standing {
            usage: requests(3),
            ..ana()
        },
        &rules,
        NOON,
    );
    let entries: Vec<_> = plan
        .audit
        .iter()
        .map(|entry| entry.operation.as_str())
        .collect();
    assert_eq!(entries, ["block"]);
    assert_eq!(
        plan.audit[0].evidence.as_deref(),
        Some(
            r#"[{"limit":3,"metric":"requests","quota":"defaults","used":3,"window":"2026-11-20"}]"#
        )
    );
}

#[test]
fn a_new_principal_of_a_denied_user_is_denied_too() {
    let rules = rules(vec![daily("defaults", 3)]);
    let standing = Standing {
        usage: requests(3),
        ..ana()
    };
    let mut blocked = after(standing.clone(), &decide_at(standing, &rules, NOON));
    blocked
        .principals
        .push(principal(PrincipalKind::RoleSession, "dev", Some("ana")));
    let plan = decide_at(blocked, &rules, NOON);
    assert_eq!(story(&plan), "deny dev requested");
    assert_eq!(
        plan.access[0].member.reach,
        crate::access::Reach::Session("*:ana".to_owned())
    );
}
