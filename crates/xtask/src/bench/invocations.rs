//! The workload of the benchmarks: 5 tools, 4 models, one hour; 40 users of 6 teams, or many.

use jiff::{SignedDuration, Timestamp};
use weir_core::evidence::{CallerFacts, Evidence, Lookup, Sighting};
use weir_core::ids::RequestId;
use weir_core::record::{Client, Identity, Record, Source};
use weir_core::tokens::Tokens;

const MODELS: [&str; 4] = [
    "eu.anthropic.claude-sonnet-5-5",
    "eu.anthropic.claude-opus-5-5",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "anthropic.claude-haiku-4-5-20251001-v1:0",
];
const AGENTS: [&str; 5] = [
    "claude-cli/2.4.1 (external, cli)",
    "Boto3/1.43.11 md/Botocore#1.43.11",
    "cline/3.2",
    "kiro/1.0",
    "codex/0.9",
];

/// The instant all of it is evaluated at.
pub(super) fn now() -> Timestamp {
    "2026-11-20T11:59:00Z".parse().unwrap_or_default()
}

/// Whose calls, and in which hour.
#[derive(Clone, Copy)]
struct Crowd {
    users: u64,
    teams: u64,
    ago: SignedDuration,
}

/// Calls number `from` to `from + count`, with request ids as random as AWS's.
pub(super) fn calls(from: u64, count: u64) -> Vec<Evidence> {
    let crowd = Crowd {
        users: 40,
        teams: 6,
        ago: SignedDuration::ZERO,
    };
    (from..from + count).map(|n| call(n, crowd)).collect()
}

/// The same of so many users, in teams of fifty, in the hour that was so long `ago`.
pub(super) fn of_many(from: u64, count: u64, users: u64, ago: SignedDuration) -> Vec<Evidence> {
    let crowd = Crowd {
        users,
        teams: users / 50,
        ago,
    };
    (from..from + count).map(|n| call(n, crowd)).collect()
}

fn call(n: u64, crowd: Crowd) -> Evidence {
    let draw = scatter(n);
    let user = draw % crowd.users;
    let pick = |salt: u64, of: usize| {
        usize::try_from(scatter(draw ^ salt) % of as u64).unwrap_or_default()
    };
    let seconds = i64::try_from(draw % 3_500).unwrap_or_default();
    let record = Record {
        request: RequestId::new(format!("{:016x}-{:016x}", draw, scatter(draw))),
        source: Source::Log,
        at: now() - crowd.ago - SignedDuration::from_secs(seconds),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        operation: "ConverseStream".to_owned(),
        identity: Identity::IamUser {
            name: format!("user{user:04}"),
            stable_id: None,
        },
        model_sent: Some(MODELS[pick(1, MODELS.len())].to_owned()),
        model_resource: None,
        inference_region: Some("eu-north-1".into()),
        tokens: Some(Tokens {
            input: draw % 4_000,
            cache_read: draw % 20_000,
            cache_write_5m: draw % 1_000,
            cache_write_1h: 0,
            output: draw % 900,
        }),
        failure: None,
        tier: None,
        client: Client {
            source_ip: Some("198.51.100.24".to_owned()),
            user_agent: Some(AGENTS[pick(2, AGENTS.len())].to_owned()),
            access_key: Some("AKIAIOSFODNN7EXAMPLE".into()),
            bearer: false,
        },
        metadata: [("tool".to_owned(), format!("tool{}", pick(3, 5)))].into(),
    };
    let facts = CallerFacts {
        team_tag: Some(format!("team{}", user % crowd.teams)),
        person: Some(format!("Person {user}")),
        ..CallerFacts::default()
    };
    let sighting = Sighting {
        caller: Lookup::Found(facts),
        ..Sighting::default()
    };
    Evidence::of(record, sighting)
}

/// A number that looks random and is not.
pub(super) fn scatter(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
