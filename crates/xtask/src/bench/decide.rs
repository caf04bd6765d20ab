//! One evaluation of one user with six quotas.

use std::hint::black_box;
use std::sync::Arc;

use jiff::Timestamp;
use weir_core::calendar::{Window, WindowKind, Zone};
use weir_core::counter::{CounterScope, Sums};
use weir_core::decide::{Context, decide};
use weir_core::pricing::PriceBook;
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_core::rulebook::{Rulebook, Settings, StoredRules, UserClass};
use weir_core::standing::{Situation, Standing, Usage};

use super::{Line, median};

const ROUNDS: u32 = 20_000;

pub(super) fn run() -> Vec<Line> {
    let now: Timestamp = "2026-11-20T11:00:00Z".parse().unwrap_or_default();
    let rules = rulebook();
    let situation = Situation {
        users: vec![standing(now, &rules.zone)],
        ..Situation::default()
    };
    let context = Context {
        rules: &rules,
        now,
        wall: now,
        origin: "bench",
    };
    let batch = median(15, || {
        for _ in 0..ROUNDS {
            black_box(decide(black_box(&situation), context));
        }
    });
    vec![Line {
        what: "`decide`, one user, six quotas".to_owned(),
        bar: "< 1 µs",
        measured: format!("{} ns", (batch / ROUNDS).as_nanos()),
    }]
}

fn rulebook() -> Rulebook {
    let quota = |metric, window, limit| Quota {
        scope: Scope::Defaults,
        metric,
        window,
        limit: Limit::Of(limit),
        action: Action::Block,
        warn: DEFAULT_WARN.to_vec(),
        author: "bench".to_owned(),
        additions: Vec::new(),
    };
    let quotas = vec![
        quota(Metric::Requests, WindowKind::Hour, 100),
        quota(Metric::Requests, WindowKind::Day, 350),
        quota(Metric::Requests, WindowKind::Month, 5_000),
        quota(Metric::Tokens, WindowKind::Day, 10_000_000),
        quota(Metric::Cost, WindowKind::Day, 20_000_000_000),
        quota(Metric::Cost, WindowKind::Month, 200_000_000_000),
    ];
    Rulebook::new(
        Arc::new(Settings::default()),
        Zone::named("Europe/Madrid").unwrap_or_else(|error| panic!("{error}")),
        Arc::new(PriceBook::default()),
        StoredRules {
            quotas,
            ..StoredRules::default()
        },
    )
}

fn standing(now: Timestamp, zone: &Zone) -> Standing {
    let sums = Sums {
        requests: 42,
        input: 80_000,
        cost_nanos: 1_000_000,
        ..Sums::default()
    };
    let usage = Window::all_containing(now, zone)
        .map(|window| Usage {
            scope: CounterScope::User("ana".into()),
            window,
            sums,
        })
        .to_vec();
    Standing {
        user: "ana".into(),
        team: "sap".into(),
        class: UserClass::Human,
        exempt: false,
        confirmed: true,
        principals: Vec::new(),
        usage,
        young: None,
        blocks: Vec::new(),
        ended: Vec::new(),
        team_blocks: Vec::new(),
        protections: Vec::new(),
        warned: [].into(),
        access: Vec::new(),
        tool_keys: Vec::new(),
        calls: Vec::new(),
    }
}
