//! Thresholds that are passed, and protections.

use super::*;

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
