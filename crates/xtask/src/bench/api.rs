//! The API as the dashboard asks it: a real server over loopback, and a `MySQL` with 2 million
//! invocations of 2 000 users, each of them settled.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use weir_core::calendar::WindowKind;
use weir_core::operator::{OperatorName, Rights};
use weir_core::quota::{Action, DEFAULT_WARN, Limit, Metric, Quota, Scope};
use weir_engine::clock::{Clock, FakeClock};
use weir_engine::{Actor, Engine, NewToken, Options, Parts};
use weir_server::{Metrics, State, Token, Transport};
use weir_store::RuleChange;

use super::place::{self, Place, text};
use super::{Line, invocations, runtime, settle, start};

const INVOCATIONS: u64 = 2_000_000;
const USERS: u64 = 2_000;
/// Calls that are settled at once while the database is filled.
const BATCH: u64 = 5_000;
/// Requests to each address; the first few are not counted, as caches fill.
const TIMES: usize = 50;
const WARM_UP: usize = 5;

/// What the pages of the dashboard ask for.
const PAGES: [(&str, &str); 27] = [
    ("overview", "overview"),
    ("users, by cost", "users?sort=cost_month&order=desc"),
    ("users, found by name", "users?search=user12"),
    ("a user", "users/user0042"),
    ("a user's use by day", "users/user0042/series"),
    ("a user's letters", "users/user0042/mails"),
    ("teams", "teams"),
    ("a team", "teams/team7"),
    (
        "days of the dearest users",
        "usage/cross?by=day&and=user&top=8",
    ),
    (
        "the same of users who are looked for",
        "usage/cross?by=day&and=user&top=8&search=user12",
    ),
    ("use by user", "usage?by=user"),
    ("use by day", "usage?by=day"),
    ("use by model", "usage?by=model"),
    ("use by team", "usage?by=team"),
    (
        "days of users, a page of ten days",
        "usage/matrix?from=2026-11-11&to=2026-11-20&limit=50",
    ),
    ("days of users, a page of a month", "usage/matrix?limit=50"),
    (
        "days of users, found by name",
        "usage/matrix?search=user12&figure=cost&limit=50",
    ),
    ("models by team", "usage/cross?by=team&and=model&top=500"),
    ("heat map", "usage/heatmap"),
    ("user agents", "usage/agents"),
    ("costs by team", "costs?by=team"),
    ("invocations", "invocations"),
    ("invocations of a user", "invocations?user=user0042"),
    ("blocks", "blocks"),
    ("quotas", "quotas"),
    ("prices", "prices?search=claude"),
    ("audit", "audit"),
];

pub(super) fn run() -> Result<Vec<Line>, String> {
    runtime()?.block_on(async {
        let Some(place) = place::mysql("api").await? else {
            return Ok(Vec::new());
        };
        fill(&place).await?;
        let engine = engine(&place);
        let secrets = prepare(&engine).await?;
        ask_served(engine, &secrets).await
    })
}

/// Settles calls of the thirty days before now, hour by hour.
async fn fill(place: &Place) -> Result<(), String> {
    for n in 0..INVOCATIONS / BATCH {
        let hours = i64::try_from(n * 30 * 24 * BATCH / INVOCATIONS).map_err(text)?;
        let ago = SignedDuration::from_hours(hours);
        let calls = invocations::of_many(n * BATCH, BATCH, USERS, ago);
        settle::settle(place, calls, &format!("api-{n}")).await?;
        if n % 20 == 19 {
            println!(
                "{}: {} of {INVOCATIONS} settled",
                place.name,
                (n + 1) * BATCH
            );
        }
    }
    Ok(())
}

fn engine(place: &Place) -> Arc<Engine> {
    Arc::new(Engine::new(Parts {
        store: Arc::clone(&place.store),
        settings: Arc::clone(&place.rules.settings),
        clock: Arc::new(FakeClock::at(invocations::now())) as Arc<dyn Clock>,
        access: None,
        directory: None,
        post: None,
        options: Options {
            origin: "bench".to_owned(),
            patience: Duration::ZERO,
            ..Options::default()
        },
    }))
}

/// Limits for everybody, and an operator with a token for each address: nobody may ask too often.
async fn prepare(engine: &Engine) -> Result<Vec<String>, String> {
    let by = Actor {
        name: "bench".to_owned(),
        claimed: None,
    };
    let quotas = [WindowKind::Day, WindowKind::Month].map(|window| {
        RuleChange::SetQuota(Quota {
            scope: Scope::Defaults,
            metric: Metric::Requests,
            window,
            limit: Limit::Of(1_000_000),
            action: Action::Block,
            warn: DEFAULT_WARN.to_vec(),
            author: by.name.clone(),
            additions: Vec::new(),
        })
    });
    let changed = engine.change_quotas(quotas.into(), "for the figures", &by);
    changed.await.map_err(text)?;
    let operator = OperatorName::new("bench").map_err(text)?;
    let password = "a password of the benchmark, of nobody else";
    let made = engine.create_operator(&operator, Rights::admin(), password, &by);
    made.await.map_err(text)?;
    let mut secrets = Vec::new();
    for (page, _) in PAGES {
        let new = NewToken {
            operator: operator.clone(),
            label: page.to_owned(),
            role: None,
            term: SignedDuration::from_hours(1),
        };
        let made = engine.make_token(&new, &by).await.map_err(text)?;
        secrets.push(made.secret.expose().to_owned());
    }
    Ok(secrets)
}

/// Asks a server that is there until all is asked.
async fn ask_served(engine: Arc<Engine>, secrets: &[String]) -> Result<Vec<Line>, String> {
    let state = State {
        engine,
        token: Token::new("0123456789abcdef0123456789abcdef").map_err(text)?,
        metrics: Arc::new(Metrics::default()),
        metadata_keys: Arc::from(Vec::new()),
        transport: Transport::Plain,
        sso: None,
        people: weir_core::pseudonym::People::Named,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(text)?;
    let address = listener.local_addr().map_err(text)?;
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or_default() };
    let ask = async {
        let lines = ask_all(&format!("http://{address}/api/v1"), secrets).await;
        drop(stop);
        lines
    };
    let (lines, served) = tokio::join!(
        ask,
        weir_server::serve(listener, None, state, None, stopped)
    );
    served.map_err(text)?;
    lines
}

async fn ask_all(address: &str, secrets: &[String]) -> Result<Vec<Line>, String> {
    let client = reqwest::Client::new();
    let mut lines = Vec::new();
    let mut all = Vec::new();
    for ((page, path), secret) in PAGES.iter().zip(secrets) {
        let mut took = Vec::new();
        for n in 0..WARM_UP + TIMES {
            let begun = start();
            let asked = client.get(format!("{address}/{path}")).bearer_auth(secret);
            let answer = asked.send().await.map_err(text)?;
            let status = answer.status();
            let body = answer.text().await.map_err(text)?;
            if !status.is_success() {
                return Err(format!("{path}: {status}: {body}"));
            }
            if n >= WARM_UP {
                took.push(begun.elapsed());
            }
        }
        lines.push(line(format!("API, {page}"), &mut took));
        all.extend(took);
    }
    let what = format!("API, all of these, {INVOCATIONS} invocations of {USERS} users in MySQL");
    lines.push(line(what, &mut all));
    Ok(lines)
}

fn line(what: String, took: &mut [Duration]) -> Line {
    took.sort_unstable();
    let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
    Line {
        what,
        bar: "p95 < 50 ms",
        measured: format!("p95 {} ms, median {} ms", millis(at(95)), millis(at(50))),
    }
}

/// With one decimal.
fn millis(took: Duration) -> String {
    let tenths = took.as_micros() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
