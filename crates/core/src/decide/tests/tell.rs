//! What people are told of decisions, day by day.

use super::*;
use crate::admin::TeamVerb;
use crate::message::{Denied, Message, News};

/// One line per message.
fn lines(plan: &Plan) -> Vec<String> {
    plan.told.iter().map(line).collect()
}

fn end(until: Until) -> String {
    until
        .instant()
        .map_or("for ever".to_owned(), |at| at.to_string())
}

fn line(message: &Message) -> String {
    let what = |denied: &Denied| match denied {
        Denied::Everything => "everything".to_owned(),
        Denied::Team(team) => format!("everything by team {team}"),
        Denied::Tool(tool) => format!("tool {tool}"),
        Denied::Model(model) => format!("model {model}"),
    };
    let facts = match &message.news {
        News::Blocked {
            denied,
            quotas,
            until,
            ..
        } => format!("{} by {} until {}", what(denied), quotas.len(), end(*until)),
        News::BlockedByAdministrator { already, until, .. } => {
            format!(
                "{}until {}",
                if *already { "already, " } else { "" },
                end(*until)
            )
        }
        News::Unblocked { why, denied, .. } => format!("{}: {why}", what(denied)),
        News::UnblockedByAdministrator { by, .. } => format!("by {by}"),
        News::QuotaWarning {
            threshold, blocks, ..
        }
        | News::TeamQuotaWarning {
            threshold, blocks, ..
        } => format!("{threshold}%{}", if *blocks { ", blocks" } else { "" }),
        News::TeamQuotaExceeded { blocked, .. } => format!("blocked: {blocked}"),
        News::ProtectionEnded { blocks, .. } => format!("blocks: {blocks}"),
        _ => String::new(),
    };
    format!("{} {}: {facts}", message.about.subject(), message.kind())
        .trim_end_matches(": ")
        .to_owned()
}

fn with(requests_made: i64, standing: Standing) -> Standing {
    Standing {
        usage: requests(requests_made),
        ..standing
    }
}

/// A user's days: each step is a count, perhaps a command, an instant and what is told.
struct Diary {
    rules: Rulebook,
    standing: Standing,
}

impl Diary {
    fn of(rules: Rulebook) -> Self {
        Self {
            rules,
            standing: ana(),
        }
    }

    fn day(&mut self, made: i64, now: &str) -> Vec<String> {
        self.step(made, None, now)
    }

    fn order(&mut self, verb: Verb, made: i64, now: &str) -> Vec<String> {
        self.step(made, Some(&command(verb)), now)
    }

    fn step(&mut self, made: i64, command: Option<&Command>, now: &str) -> Vec<String> {
        let mut standing = with(made, self.standing.clone());
        for usage in &mut standing.usage {
            let zone = &self.rules.zone;
            usage.window = Window::containing(usage.window.kind(), at(now), zone);
        }
        let of = of(standing.clone());
        let plan = decide_with(&of, command, context(&self.rules, now));
        self.standing = after(standing, &plan);
        // Deciding again tells nothing again.
        let again = decide_at(self.standing.clone(), &self.rules, now);
        assert_eq!(lines(&again), Vec::<String>::new());
        lines(&plan)
    }
}

const MIDNIGHT: &str = "2026-11-20T23:00:00Z";

fn monthly(limit: i64) -> Quota {
    quota(
        "user:ana",
        Metric::Requests,
        WindowKind::Month,
        limit,
        Action::Block,
    )
}

#[test]
fn one_loss_is_told_once_however_many_blocks_there_are() {
    let mut diary = Diary::of(rules(vec![daily("user:ana", 10), monthly(12)]));
    assert_eq!(diary.day(7, NOON), [""; 0]);
    assert_eq!(diary.day(8, NOON), ["user:ana quota-warning: 80%, blocks"]);
    assert_eq!(
        diary.day(10, NOON),
        [
            "user:ana quota-warning: 80%, blocks",
            "user:ana blocked: everything by 1 until 2026-11-20T23:00:00Z"
        ],
        "the month's warning comes with it"
    );
    // The month is used up while the day still blocks: no further mail, and none at midnight.
    assert_eq!(diary.day(12, NOON), [""; 0]);
    assert_eq!(diary.day(12, MIDNIGHT), [""; 0]);
    assert_eq!(
        diary.day(7, MIDNIGHT),
        ["user:ana unblocked: everything: no-longer-holds"]
    );
    // Losing access anew is told.
    assert_eq!(
        diary.day(12, MIDNIGHT),
        ["user:ana blocked: everything by 2 until 2026-11-30T23:00:00Z"]
    );
}

#[test]
fn what_ends_by_the_clock_or_by_a_total_that_falls_is_told_once() {
    let mut diary = Diary::of(rules(vec![daily("user:ana", 10)]));
    diary.day(10, NOON);
    assert_eq!(
        diary.day(9, NOON),
        [
            "user:ana quota-warning: 80%, blocks",
            "user:ana unblocked: everything: no-longer-holds"
        ]
    );
    diary.day(10, NOON);
    assert_eq!(
        diary.day(0, MIDNIGHT),
        ["user:ana unblocked: everything: expired"]
    );
}

#[test]
fn an_administrator_over_a_block_is_told_and_the_rest_that_goes_on_is_not() {
    let mut diary = Diary::of(rules(vec![daily("user:ana", 10)]));
    diary.day(10, NOON);
    let hour = Until::At(at("2026-11-20T12:00:00Z"));
    assert_eq!(
        diary.order(Verb::Block { until: hour }, 10, NOON),
        ["user:ana blocked-by-administrator: already, until 2026-11-20T23:00:00Z"],
        "access is lost until the latest of them"
    );
    // Saying the same again is no news; another end is.
    assert_eq!(diary.order(Verb::Block { until: hour }, 10, NOON), [""; 0]);
    let until = Until::Indefinite;
    assert_eq!(
        diary.order(Verb::Block { until }, 10, NOON),
        ["user:ana blocked-by-administrator: already, until for ever"]
    );
    assert_eq!(
        diary.day(0, MIDNIGHT),
        [""; 0],
        "the administrator's goes on"
    );
}

#[test]
fn protections_are_told_and_what_follows_from_their_end() {
    let mut diary = Diary::of(rules(vec![daily("user:ana", 10)]));
    let protect = Verb::Protect {
        until: Until::At(at("2026-11-20T15:00:00Z")),
        up_to_percent: None,
    };
    assert_eq!(
        diary.order(protect.clone(), 3, NOON),
        ["user:ana protection-granted"]
    );
    assert_eq!(diary.day(11, NOON), ["user:ana protected-over-limit"]);
    assert_eq!(
        diary.day(11, "2026-11-20T15:00:00Z"),
        [
            "user:ana protection-ended: blocks: true",
            "user:ana blocked: everything by 1 until 2026-11-20T23:00:00Z"
        ]
    );
    let until = Until::At(at(MIDNIGHT));
    let unblock = Verb::Unblock {
        protect_until: Some(until),
    };
    assert_eq!(
        diary.order(unblock, 11, "2026-11-20T16:00:00Z"),
        ["user:ana unblocked-by-administrator: by root@host"],
        "which says how long the protection holds"
    );
    assert_eq!(
        diary.day(0, MIDNIGHT),
        ["user:ana protection-ended: blocks: false"]
    );
}

#[test]
fn a_model_is_a_loss_of_its_own_and_nothing_while_everything_is_lost() {
    let model = quota(
        "model:m1",
        Metric::Requests,
        WindowKind::Day,
        5,
        Action::Block,
    );
    let mut diary = Diary::of(rules(vec![daily("user:ana", 100), model]));
    let of_model = |n, now: &str| {
        let sums = Sums {
            requests: n,
            ..Sums::default()
        };
        let scope = CounterScope::Model("ana".into(), "m1".into());
        let mut usage = used(scope, WindowKind::Day, sums);
        usage.window = Window::containing(
            WindowKind::Day,
            at(now),
            &Zone::named("Europe/Madrid").unwrap(),
        );
        usage
    };
    let mut step = |own, model, now: &str| {
        let mut standing = with(own, diary.standing.clone());
        for usage in &mut standing.usage {
            usage.window = Window::containing(usage.window.kind(), at(now), &diary.rules.zone);
        }
        standing.usage.push(of_model(model, now));
        let plan = decide_at(standing.clone(), &diary.rules, now);
        diary.standing = after(standing, &plan);
        lines(&plan)
    };
    assert_eq!(
        step(5, 5, NOON),
        ["user:ana blocked: model m1 by 1 until 2026-11-20T23:00:00Z"]
    );
    assert_eq!(
        step(5, 2, NOON),
        ["user:ana unblocked: model m1: no-longer-holds"]
    );
    assert_eq!(
        step(100, 2, NOON),
        ["user:ana blocked: everything by 1 until 2026-11-20T23:00:00Z"]
    );
    assert_eq!(step(100, 5, NOON), [""; 0]);
    // Everything is back, and the model is not: of that nobody was told.
    assert_eq!(
        step(99, 5, NOON),
        [
            "user:ana quota-warning: 95%, blocks",
            "user:ana unblocked: everything: no-longer-holds",
            "user:ana blocked: model m1 by 1 until 2026-11-20T23:00:00Z"
        ]
    );
}

#[test]
fn where_nothing_is_enforced_users_are_told_nothing() {
    for (mode, scope) in [
        (Mode::DryRun, Vec::new()),
        (Mode::Off, Vec::new()),
        (Mode::Iam, vec![UserId::new("bob")]),
    ] {
        let rules = rules_with(vec![daily("user:ana", 10)], |settings| {
            settings.enforcement.mode = Some(mode);
            settings.enforcement.scope_users = scope.into_iter().collect();
        });
        let mut diary = Diary::of(rules);
        assert_eq!(diary.day(8, NOON), [""; 0]);
        assert_eq!(diary.day(10, NOON), [""; 0]);
        let until = Until::Indefinite;
        assert_eq!(diary.order(Verb::Block { until }, 10, NOON), [""; 0]);
        assert_eq!(diary.day(10, MIDNIGHT), [""; 0]);
    }
}

#[test]
fn what_was_only_recorded_is_told_when_it_comes_into_force_and_when_it_leaves() {
    let recorded = rules_with(vec![daily("user:ana", 10)], |settings| {
        settings.enforcement.mode = Some(Mode::DryRun);
    });
    let mut diary = Diary::of(recorded);
    assert_eq!(diary.day(10, NOON), [""; 0]);
    diary.rules = rules(vec![daily("user:ana", 10)]);
    let lost = ["user:ana blocked: everything by 1 until 2026-11-20T23:00:00Z"];
    assert_eq!(diary.day(10, NOON), lost);
    let first = diary.standing.clone();
    diary.rules = rules_with(vec![daily("user:ana", 10)], |settings| {
        settings.enforcement.mode = Some(Mode::DryRun);
    });
    let returned = ["user:ana unblocked-by-administrator: by weir"];
    assert_eq!(diary.day(10, NOON), returned);
    assert_ne!(first.access, diary.standing.access);
}

fn budget(action: Action) -> Quota {
    quota("team:sap", Metric::Requests, WindowKind::Month, 10, action)
}

fn team(requests: i64, blocks: Vec<Block>) -> GroupStanding {
    let zone = Zone::named("Europe/Madrid").unwrap();
    GroupStanding {
        team: Some("sap".into()),
        usage: vec![Usage {
            scope: CounterScope::Team("sap".into()),
            window: Window::containing(WindowKind::Month, at(NOON), &zone),
            sums: Sums {
                requests,
                ..Sums::default()
            },
        }],
        young: None,
        blocks,
        warned: [].into(),
        members: 3,
    }
}

fn decided(rules: &Rulebook, standing: GroupStanding, command: Option<&TeamCommand>) -> Plan {
    let situation = Situation {
        groups: vec![standing],
        breaker: Breaker {
            recent: 0,
            active: 3,
        },
        ..Situation::default()
    };
    match command {
        Some(command) => decide_with_team(&situation, command, context(rules, NOON)),
        None => decide(&situation, context(rules, NOON)),
    }
}

#[test]
fn owners_hear_of_their_team() {
    let notifies = rules(vec![budget(Action::Notify)]);
    let blocks = rules(vec![budget(Action::Block)]);
    let dry = rules_with(vec![budget(Action::Block)], |_| {});
    for (rules, used, expected) in [
        (&notifies, 8, "team:sap team-quota-warning: 80%"),
        (&blocks, 8, "team:sap team-quota-warning: 80%, blocks"),
        (&dry, 8, "team:sap team-quota-warning: 80%"),
        (
            &notifies,
            10,
            "team:sap team-quota-exceeded: blocked: false",
        ),
        (&blocks, 10, "team:sap team-quota-exceeded: blocked: true"),
        (&dry, 10, "team:sap team-quota-exceeded: blocked: false"),
    ] {
        assert_eq!(lines(&decided(rules, team(used, vec![]), None)), [expected]);
    }
}

#[test]
fn a_held_block_of_a_team_is_told_when_it_is_applied() {
    let holds = rules_with(vec![budget(Action::Block)], |settings| {
        settings.enforcement.mode = Some(Mode::Iam);
        settings.enforcement.max_new_blocks = Some(1);
    });
    let held = decided(&holds, team(10, vec![]), None);
    assert_eq!(lines(&held), [""; 0], "an administrator decides first");
    let apply = TeamCommand {
        team: "sap".into(),
        actor: "root".into(),
        claimed_by: None,
        reason: "the budget is the budget".into(),
        verb: TeamVerb::ApplyHeld,
    };
    let applied = decided(&holds, team(10, held.opened), Some(&apply));
    assert_eq!(
        lines(&applied),
        ["team:sap team-quota-exceeded: blocked: true"]
    );
}

#[test]
fn newcomers_are_named_whatever_the_mode() {
    let new = Situation {
        newcomers: [UserId::new("ana")].into(),
        ..of(ana())
    };
    let plan = decide(&new, context(&rules_with(vec![], |_| {}), NOON));
    assert_eq!(lines(&plan), ["user:ana new-user"]);
}
