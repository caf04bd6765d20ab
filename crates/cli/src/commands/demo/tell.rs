//! What the demo says at its end: what happened, and where to look.

use jiff::Timestamp;
use serde::Serialize;
use weir_config::Environment;
use weir_core::block::Denies;
use weir_core::counter::Sums;
use weir_core::ids::UserId;
use weir_core::money::Usd;
use weir_core::quota_text::thousands;
use weir_engine::IngestReport;
use weir_store::{BlockFilter, GroupBy, UsageFilter, UsageRow};

use super::Demo;
use crate::app::App;
use crate::exit::CliError;
use crate::table::Page;

/// What happened in the ten days.
#[derive(Debug, Serialize)]
struct Summary {
    database: String,
    seed: u64,
    now: String,
    users: usize,
    teams: usize,
    tools: usize,
    models: usize,
    requests: i64,
    cost_usd: String,
    #[serde(flatten)]
    intake: IngestReport,
    blocked_now: Vec<String>,
}

pub(super) async fn summary(
    app: &App,
    demo: &Demo,
    intake: &IngestReport,
    now: Timestamp,
    environment: &Environment,
) -> Result<(), CliError> {
    let store = demo.engine.store();
    let count = async |by| -> Result<Vec<UsageRow>, CliError> {
        let mut rows = store.usage(by, &UsageFilter::default()).await?;
        rows.retain(|row| row.sums != Sums::default());
        Ok(rows)
    };
    let users = count(GroupBy::User).await?;
    let blocks = store.blocks(&BlockFilter::default()).await?;
    let mut sums = Sums::default();
    for row in &users {
        sums += row.sums;
    }
    let mut blocked_now: Vec<_> = blocks
        .iter()
        .map(|row| match &row.block.denies {
            Denies::Team(team) => format!("team {team} ({})", row.block.reason),
            Denies::User(user) => format!("{user} ({})", row.block.reason),
            Denies::Tool(user, tool) => format!("{user} with {tool} ({})", row.block.reason),
            Denies::Model(user, model) => format!("{user} on {model} ({})", row.block.reason),
        })
        .collect();
    blocked_now.sort();
    let summary = Summary {
        database: demo.url.clone(),
        seed: demo.seed,
        now: now.to_string(),
        users: users.len(),
        teams: count(GroupBy::Team).await?.len(),
        tools: count(GroupBy::Tool).await?.len(),
        models: count(GroupBy::Model).await?.len(),
        requests: sums.requests,
        cost_usd: Usd::from_nanos(sums.cost_nanos).to_decimal(),
        intake: intake.clone(),
        blocked_now,
    };
    if app.printer.is_json() {
        return app.printer.json(&summary);
    }
    app.printer
        .data(page(&summary, sums, &demo.zone.display(now)).text())?;
    app.printer.data(next(app, demo, environment).text())
}

fn page(summary: &Summary, sums: Sums, now: &str) -> Page {
    let number = |count: u64| thousands(i64::try_from(count).unwrap_or(i64::MAX));
    let intake = &summary.intake;
    let mut page = Page::default();
    page.line(&format!(
        "A made-up organisation used Amazon Bedrock for ten days, until {now}:\n\
         {} users in {} teams, {} tools, {} models.\n\n\
         {} records came from CloudTrail and invocation logs, late, twice and in no order.\n\
         Weir made {} calls of them ({} of the records completed a call, {} were duplicates):\n\
         {} requests for {}, {} failed calls, {} without a price.\n",
        summary.users,
        summary.teams,
        summary.tools,
        summary.models,
        number(intake.records),
        number(intake.new),
        number(intake.completed),
        number(intake.duplicates),
        thousands(sums.requests),
        Usd::from_nanos(sums.cost_nanos).display(2),
        number(intake.failed_calls),
        thousands(sums.unpriced),
    ));
    let warned: Vec<_> = intake.warned.iter().map(UserId::as_str).collect();
    page.line(&format!("Warned in these days:  {}", list(&warned)));
    let blocked: Vec<_> = intake.blocked.iter().map(UserId::as_str).collect();
    page.line(&format!("Blocked in these days: {}", list(&blocked)));
    page.line("Blocked now:");
    for line in &summary.blocked_now {
        page.line(&format!("  {line}"));
    }
    if summary.blocked_now.is_empty() {
        page.line("  nobody");
    }
    page.line("enforcement.mode is dry-run: nothing is denied anywhere, only recorded.\n");
    page
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "nobody".to_owned()
    } else {
        names.join(", ")
    }
}

/// Commands to try, as they can be pasted.
fn next(app: &App, demo: &Demo, environment: &Environment) -> Page {
    let program = &environment.program;
    let as_of = app
        .as_of
        .map(|at| format!(" --as-of {at}"))
        .unwrap_or_default();
    let weir = format!("{program} --database {}{as_of}", demo.url);
    let mut page = Page::default();
    page.line("Look around:");
    for (command, what) in [
        (
            "usage --by team",
            "who spends what (also user, model, tool, day; --json, --csv)",
        ),
        (
            "status ana.lopez",
            "why somebody is blocked, and until when",
        ),
        ("blocks --history", "who lost access, and who got it back"),
        ("quota list", "the limits"),
        (
            "quota set user:sergio.alonso@example.com requests day 250",
            "a limit; says first who would be blocked",
        ),
        (
            "unblock ana.lopez --reason 'loop fixed'",
            "give access back; protects until midnight",
        ),
        (
            "pricing show eu.anthropic.claude-opus-5-5 --region eu-west-1",
            "a price and its source",
        ),
        ("enforce status", "what would be denied in AWS"),
        ("audit verify", "nothing in the record was altered"),
        ("doctor", "what to look after"),
    ] {
        page.line(&format!("  {weir} {command}\n      {what}"));
    }
    page
}
