//! What is denied where, and what calls show of it.

use super::*;

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

/// Ana at her limit of three: what is decided, and how she stands then.
fn blocked_by(rules: &Rulebook) -> (Plan, Standing) {
    let standing = Standing {
        usage: requests(3),
        ..ana()
    };
    let opening = decide_at(standing.clone(), rules, NOON);
    let blocked = after(standing, &opening);
    (opening, blocked)
}

/// A call of Ana's.
fn call(time: &str, denied: bool, failed: bool) -> CallSeen {
    CallSeen {
        request: RequestId::new("r"),
        at: at(time),
        principal: ana().principals[0].principal.clone(),
        model: ModelId::new("m"),
        operation: "Converse".into(),
        key: None,
        denied,
        failed,
    }
}

#[test]
fn a_call_through_a_verified_deny_is_a_leak_and_a_denied_one_proves_it() {
    let rules = rules(vec![daily("defaults", 3)]);
    let (_, mut blocked) = blocked_by(&rules);
    blocked.access[0].0.state = TargetState::Verified;
    blocked.access[0].0.verified_at = Some(at("2026-11-20T11:01:00Z"));
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
        let of_target = |seen: &&Observation| {
            matches!(seen, Observation::Denied { .. } | Observation::Leak { .. })
        };
        let seen: Vec<_> = plan.observed.iter().filter(of_target).collect();
        assert_eq!(seen.len(), observed);
        if let Some(seen) = seen.first() {
            assert_eq!(matches!(seen, Observation::Denied { .. }), denied);
            assert_eq!(
                plan.audit.iter().any(|entry| entry.operation == "leak"),
                !denied
            );
        }
    }
}

/// The Deny of a block is asked for once, and withdrawn with the mode (rules B8).
#[test]
fn a_block_says_when_its_deny_was_asked_for() {
    let rules = rules(vec![daily("defaults", 3)]);
    let (opening, mut blocked) = blocked_by(&rules);
    let block = opening.opened[0].id.clone();
    let requested = |block: &BlockId, in_place| Observation::Requested {
        block: block.clone(),
        in_place,
    };
    assert_eq!(opening.observed, [requested(&block, false)]);
    assert_eq!(decide_at(blocked.clone(), &rules, NOON).observed, []);
    // A second reason for the same Deny has nothing to wait for.
    blocked.access[0].0.state = TargetState::Verified;
    blocked.access[0].0.verified_generation = Some(1);
    let mut second = blocked.clone();
    second.blocks[0].deny = DenyTimes::default();
    assert_eq!(
        decide_at(second, &rules, NOON).observed,
        [requested(&block, true)]
    );

    let dry = rules_with(vec![daily("defaults", 3)], |settings| {
        settings.enforcement.mode = Some(Mode::DryRun);
    });
    let withdrawn = Observation::Withdrawn {
        block: block.clone(),
    };
    assert_eq!(decide_at(blocked.clone(), &dry, NOON).observed, [withdrawn]);
}

/// Calls made under a block explain it, or went through it, of those too that come in after its end
/// (rules B8, E13).
#[test]
fn late_calls_are_held_against_the_block_of_their_time() {
    let rules = rules(vec![daily("defaults", 3)]);
    let (opening, mut blocked) = blocked_by(&rules);
    let block = opening.opened[0].id.clone();
    blocked.blocks[0].deny.verified_at = Some(at("2026-11-20T11:01:00Z"));
    let ended = EndedBlock {
        block: blocked.blocks[0].clone(),
        lifted_at: at("2026-11-20T15:00:00Z"),
    };
    let explained = |time: &str| {
        Some(Observation::Explained {
            block: block.clone(),
            at: at(time),
        })
    };
    for (call, observed, leaks) in [
        (call("2026-11-20T10:59:59Z", true, true), None, 0), // before it
        (
            call("2026-11-20T14:00:00Z", true, true),
            explained("2026-11-20T14:00:00Z"),
            0,
        ),
        (call("2026-11-20T11:05:00Z", false, false), None, 0), // within the grace
        (call("2026-11-20T14:00:00Z", false, false), None, 1),
        (call("2026-11-20T14:00:00Z", false, true), None, 0), // throttled: proves nothing
        (call("2026-11-20T15:00:00Z", false, false), None, 0), // allowed again
    ] {
        let late = Standing {
            ended: vec![ended.clone()],
            calls: vec![call.clone()],
            ..ana()
        };
        let plan = decide_at(late, &rules, "2026-11-20T15:10:00Z");
        assert_eq!(plan.observed, Vec::from_iter(observed), "{call:?}");
        let noted = plan.audit.iter().filter(|entry| entry.operation == "leak");
        assert_eq!(noted.count(), leaks, "{call:?}");
        assert_eq!(plan.told, [], "incidents are told: {call:?}");
    }
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
