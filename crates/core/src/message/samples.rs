//! One message of every kind.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{About, Arrived, Denied, Kind, Message, News, Quoted, Spent, TeamSummary, WouldBlock};
use crate::access::TargetState;
use crate::block::Until;
use crate::calendar::{Window, WindowKind};
use crate::ids::{AccountId, KeyId, ModelId, Region, RequestId, TeamId, ToolId, UserId};
use crate::plan::LiftReason;
use crate::quota::{Metric, Scope};
use crate::rulebook::UserClass;

pub(super) fn all() -> Vec<Message> {
    Kind::ALL.into_iter().map(of).collect()
}

/// What happened to Ana and her team on Friday 2026-11-20.
pub(super) fn of(kind: Kind) -> Message {
    let about = match kind {
        Kind::TeamQuotaWarning
        | Kind::TeamQuotaExceeded
        | Kind::WeeklySummary
        | Kind::MonthlySummary => About::Team(TeamId::new("sap")),
        Kind::DailySummary | Kind::Digest => About::Organisation,
        Kind::EnforcementFailed
        | Kind::Held
        | Kind::UnpricedModel
        | Kind::IntakeSilent
        | Kind::CallsMissing
        | Kind::ResetFailed
        | Kind::IncidentClosed
        | Kind::ChannelTest => About::Weir,
        Kind::UserSuccession => About::User {
            user: UserId::new("ana.lopez~AIDAEXAMPLE2"),
            team: None,
        },
        _ => About::User {
            user: UserId::new("ana.lopez"),
            team: Some(TeamId::new("sap")),
        },
    };
    Message {
        about,
        at: utc(20, 15, 42),
        news: news(kind),
    }
}

fn news(kind: Kind) -> News {
    match kind {
        Kind::QuotaWarning
        | Kind::Blocked
        | Kind::BlockedByAdministrator
        | Kind::LimitReached
        | Kind::Unblocked
        | Kind::UnblockedByAdministrator => of_blocks(kind),
        Kind::ProtectionGranted | Kind::ProtectionEnded | Kind::ProtectedOverLimit => {
            of_protection(kind)
        }
        Kind::TeamQuotaWarning | Kind::TeamQuotaExceeded => of_team(kind),
        Kind::EnforcementFailed
        | Kind::Leak
        | Kind::Held
        | Kind::NewUser
        | Kind::UnpricedModel
        | Kind::ChannelTest => of_weir(kind),
        Kind::UserSuccession
        | Kind::IntakeSilent
        | Kind::CallsMissing
        | Kind::ResetFailed
        | Kind::IncidentClosed => of_incidents(kind),
        Kind::Digest | Kind::DailySummary | Kind::WeeklySummary | Kind::MonthlySummary => {
            of_days(kind)
        }
    }
}

fn of_blocks(kind: Kind) -> News {
    let block = || "user:ana.lopez:2026-11-20:1795188120000000".into();
    match kind {
        Kind::QuotaWarning => News::QuotaWarning {
            quota: requests(283),
            threshold: 80,
            blocks: true,
            resets_at: midnight(),
        },
        Kind::Blocked => News::Blocked {
            block: block(),
            denied: Denied::Everything,
            quotas: vec![requests(350), spend(Scope::Defaults, 21_304_500_000, 20)],
            since: utc(20, 15, 42),
            until: Until::At(midnight()),
        },
        Kind::LimitReached => News::LimitReached {
            block: block(),
            quotas: vec![requests(350)],
            reason: "requests per day: 350 of 350".to_owned(),
            since: utc(20, 15, 42),
            until: Until::At(midnight()),
        },
        Kind::BlockedByAdministrator => News::BlockedByAdministrator {
            already: false,
            block: "user:ana.lopez:manual:1795188120000000".into(),
            by: "marta.ruiz@ops-1".to_owned(),
            reason: "Key found in a public repository; new ones are on their way".to_owned(),
            since: utc(20, 15, 42),
            until: Until::Indefinite,
        },
        Kind::Unblocked => News::Unblocked {
            block: block(),
            why: LiftReason::Expired,
            denied: Denied::Tool(ToolId::new("claude-code")),
            quotas: vec![Quoted {
                scope: Scope::Tool(ToolId::new("claude-code")),
                limit: 40,
                ..requests(40)
            }],
            reason: "requests per day (tool:claude-code): 40 of 40".to_owned(),
            since: utc(20, 8, 12),
        },
        _ => News::UnblockedByAdministrator {
            block: block(),
            by: "marta.ruiz@ops-1".to_owned(),
            reason: "Release on Friday, agreed with her manager".to_owned(),
            since: utc(20, 14, 10),
            protected_until: Some(midnight()),
        },
    }
}

fn of_protection(kind: Kind) -> News {
    let protection = || "protection:ana.lopez:1795188120000000".into();
    match kind {
        Kind::ProtectionGranted => News::ProtectionGranted {
            protection: protection(),
            by: "marta.ruiz@ops-1".to_owned(),
            reason: "Release on Friday, agreed with her manager".to_owned(),
            since: utc(20, 15, 42),
            until: Until::At(midnight()),
            up_to_percent: Some(150),
        },
        Kind::ProtectionEnded => News::ProtectionEnded {
            protection: protection(),
            by: "weir".to_owned(),
            since: utc(19, 9, 0),
            blocks: true,
        },
        _ => News::ProtectedOverLimit {
            quota: requests(371),
            protected_by: "marta.ruiz@ops-1".to_owned(),
            protected_until: Until::At(midnight()),
        },
    }
}

fn of_team(kind: Kind) -> News {
    let team = || Scope::Team(TeamId::new("sap"));
    let month = utc(30, 23, 0);
    if kind == Kind::TeamQuotaWarning {
        return News::TeamQuotaWarning {
            quota: monthly(spend(team(), 1_918_235_000_000, 2_000)),
            threshold: 95,
            blocks: true,
            resets_at: month,
        };
    }
    News::TeamQuotaExceeded {
        quotas: vec![monthly(spend(team(), 2_003_871_220_000, 2_000))],
        blocked: true,
        members: 14,
        resets_at: month,
    }
}

fn of_weir(kind: Kind) -> News {
    match kind {
        Kind::EnforcementFailed => News::EnforcementFailed {
            target: "111122223333/iam-user/ana.lopez".to_owned(),
            generation: 7,
            denies: true,
            state: TargetState::Failed,
            users: vec![UserId::new("ana.lopez")],
            error: "AttachUserPolicy ana.lopez: AccessDenied: not authorized to perform \
                    iam:AttachUserPolicy"
                .to_owned(),
        },
        Kind::Leak => News::Leak {
            target: "111122223333/iam-user/ana.lopez".to_owned(),
            request: RequestId::new("0b7c9d1e-2f3a-4b5c-8d6e-000000000004"),
            called_at: utc(20, 15, 39),
            operation: "ConverseStream".to_owned(),
            model: ModelId::new("anthropic.claude-opus-5-5"),
            key: Some(KeyId::new("AKIAIOSFODNN7EXAMPLE")),
            calls: 3,
        },
        Kind::Held => News::Held {
            occasion: "2026-11-20T15:42:00Z".to_owned(),
            users: ["ana.lopez", "ben.ortega", "carla.sanz", "diego.vidal"]
                .into_iter()
                .map(UserId::new)
                .collect(),
            teams: vec![TeamId::new("sap")],
            allowed: 5,
        },
        Kind::NewUser => News::NewUser {
            principal: "111122223333/iam-user/ana.lopez".to_owned(),
            class: UserClass::Human,
        },
        Kind::ChannelTest => News::ChannelTest {
            channel: "smtp".to_owned(),
            by: "marta.ruiz@ops-1".to_owned(),
        },
        _ => News::UnpricedModel {
            model: ModelId::new("anthropic.claude-next-1"),
            region: "eu-west-1".into(),
            calls: 12,
            since: utc(20, 13, 5),
        },
    }
}

fn of_incidents(kind: Kind) -> News {
    match kind {
        Kind::UserSuccession => News::UserSuccession {
            principal: "111122223333/iam-user/ana.lopez".to_owned(),
            before: UserId::new("ana.lopez"),
            since: utc(20, 15, 41),
        },
        Kind::IntakeSilent => News::IntakeSilent {
            what: "111122223333 eu-west-1".to_owned(),
            last: Some(utc(20, 13, 12)),
        },
        Kind::CallsMissing => News::CallsMissing {
            places: vec![arrived(1_480, 2_000)],
        },
        Kind::ResetFailed => News::ResetFailed {
            date: "2026-11-20".to_owned(),
            errors: vec!["user ben.ortega: the database is locked".to_owned()],
        },
        _ => News::IncidentClosed {
            incident: Kind::EnforcementFailed,
            what: "111122223333/iam-user/ana.lopez".to_owned(),
            since: utc(20, 14, 10),
        },
    }
}

fn of_days(kind: Kind) -> News {
    let users = || {
        vec![
            spent("ana.lopez", 350, 2_481_000, "21.3045"),
            spent("ben.ortega", 122, 903_400, "7.91"),
        ]
    };
    let models = || {
        vec![spent(
            "anthropic.claude-opus-5-5",
            472,
            3_384_400,
            "29.2145",
        )]
    };
    let total = || Spent {
        unpriced: 12,
        ..spent("", 484, 3_390_100, "29.2145")
    };
    let summary = |from: &str, to: &str| TeamSummary {
        from: from.to_owned(),
        to: to.to_owned(),
        total: total(),
        users: users(),
        models: models(),
    };
    match kind {
        Kind::Digest => News::Digest {
            day: "2026-11-19".to_owned(),
            blocks: vec![WouldBlock {
                whom: "user:ana.lopez".to_owned(),
                reason: "requests per day: 350 of 350".to_owned(),
            }],
            count: 1,
        },
        Kind::DailySummary => News::DailySummary {
            day: "2026-11-19".to_owned(),
            total: total(),
            users: users(),
            teams: vec![spent("sap", 484, 3_390_100, "29.2145")],
            models: models(),
            blocks: 1,
            coverage: vec![arrived(479, 484)],
            anchor: "4711:9f2c5d1e0b7a48c6a3d5e7f9012b4c6d8e0f1a2b3c4d5e6f708192a3b4c5d6e7"
                .to_owned(),
        },
        Kind::WeeklySummary => News::WeeklySummary(summary("2026-11-09", "2026-11-15")),
        _ => News::MonthlySummary(summary("2026-10-01", "2026-10-31")),
    }
}

fn arrived(counted: u64, reported: u64) -> Arrived {
    Arrived {
        account: AccountId::new("111122223333"),
        region: Region::new("eu-west-1"),
        counted,
        reported,
    }
}

fn spent(key: &str, requests: i64, tokens: i64, cost_usd: &str) -> Spent {
    Spent {
        key: key.to_owned(),
        requests,
        tokens,
        cost_usd: cost_usd.to_owned(),
        unpriced: 0,
        unmetered: 0,
    }
}

fn requests(used: i64) -> Quoted {
    Quoted {
        scope: Scope::Defaults,
        metric: Metric::Requests,
        window: window(WindowKind::Day),
        used,
        limit: 350,
    }
}

fn spend(scope: Scope, used: i64, limit: i64) -> Quoted {
    Quoted {
        scope,
        metric: Metric::Cost,
        window: window(WindowKind::Day),
        used,
        limit: limit * 1_000_000_000,
    }
}

fn monthly(quota: Quoted) -> Quoted {
    Quoted {
        window: window(WindowKind::Month),
        ..quota
    }
}

fn window(kind: WindowKind) -> Window {
    Window::of_local(kind, DateTime::constant(2026, 11, 20, 0, 0, 0, 0))
}

/// Midnight in Madrid after that Friday.
fn midnight() -> Timestamp {
    utc(20, 23, 0)
}

/// An instant of November 2026.
fn utc(day: i8, hour: i8, minute: i8) -> Timestamp {
    let local = DateTime::constant(2026, 11, day, hour, minute, 0, 0);
    // No such instant leaves the range of timestamps.
    Offset::UTC.to_timestamp(local).unwrap_or(Timestamp::MAX)
}
