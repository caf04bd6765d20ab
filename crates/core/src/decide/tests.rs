//! Decisions as diaries: a situation, an instant, and what follows.

mod breaker;
mod commands;
mod denials;
mod people;
mod quotas;
mod team;
mod tell;
mod warnings;

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::access::{Member, Target, TargetState};
use crate::admin::{Refused, Verb, end_of_day};
use crate::attribution::{Principal, PrincipalKind};
use crate::block::{Cause, Denies, DenyTimes, EndedBlock, Protection, Until};
use crate::calendar::{Window, WindowKind, Zone};
use crate::counter::{CounterScope, Sums};
use crate::ids::{AccountId, BlockId, ModelId, ProtectionId, RequestId, TeamId, UserId};
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
        ended: vec![],
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
    for seen in &plan.observed {
        if let Observation::Requested { block, .. } = seen {
            for known in standing.blocks.iter_mut().filter(|b| b.id == *block) {
                known.deny.requested_at = Some(at(NOON));
            }
        }
    }
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
