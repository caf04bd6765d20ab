//! Leaks: calls that worked although a Deny had been read back (rules E13). Each is an audit entry; those of one user
//! within a day are one incident (rules N5).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::TargetKey;
use crate::audit::Entry;
use crate::ids::{KeyId, ModelId, RequestId, UserId};
use crate::incident::Alarm;
use crate::message::{About, Message, News, form};
use crate::standing::CallSeen;

/// The operation of their audit entries.
pub const OPERATION: &str = "leak";

/// It is over once none came for so long.
pub const QUIET: SignedDuration = SignedDuration::from_hours(24);

/// What is kept of a leak as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// Which call.
    pub request_id: RequestId,
    /// When it was made.
    #[serde(with = "form::text")]
    pub at: Timestamp,
    /// The identity that called.
    pub principal: String,
    /// Event name.
    pub operation: String,
    /// The model.
    pub model: ModelId,
    /// The key that signed, if it was seen.
    pub key: Option<KeyId>,
    /// Account, kind and id of what carries the Deny.
    pub target: String,
}

impl Leak {
    /// A call that got past this target.
    pub fn of(call: &CallSeen, target: &TargetKey) -> Self {
        Self {
            request_id: call.request.clone(),
            at: call.at,
            principal: call.principal.name.clone(),
            operation: call.operation.clone(),
            model: call.model.clone(),
            key: call.key.clone(),
            target: target.to_string(),
        }
    }

    fn news(self, calls: u64) -> News {
        News::Leak {
            target: self.target,
            request: self.request_id,
            called_at: self.at,
            operation: self.operation,
            model: self.model,
            key: self.key,
            calls,
        }
    }
}

/// The incidents that these audit entries are: one of each user whose calls went through since `now - QUIET`, told by
/// the newest of them. Entries of other operations and without readable evidence are passed over: a leak that cannot
/// be told of stays on record.
pub fn alarms(entries: &[Entry], now: Timestamp) -> Vec<Alarm> {
    let mut found: BTreeMap<&str, (Leak, u64)> = BTreeMap::new();
    for entry in entries {
        let is_meant = entry.operation == OPERATION && now.duration_since(entry.at) < QUIET;
        let evidence = entry.evidence.as_deref().filter(|_| is_meant);
        let leak = evidence.and_then(|text| serde_json::from_str::<Leak>(text).ok());
        let (Some(user), Some(leak)) = (entry.subject.strip_prefix("user:"), leak) else {
            continue;
        };
        match found.get_mut(user) {
            None => {
                found.insert(user, (leak, 1));
            }
            Some((newest, calls)) => {
                *calls += 1;
                if leak.at > newest.at {
                    *newest = leak;
                }
            }
        }
    }
    let alarm = |(user, (leak, calls)): (&str, (Leak, u64))| Alarm {
        key: user.to_owned(),
        message: Message {
            about: About::User {
                user: UserId::new(user),
                team: None,
            },
            at: now,
            news: leak.news(calls),
        },
    };
    found.into_iter().map(alarm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-20T15:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Of whom, which call, made when, recorded when.
    fn entry(user: &str, id: &str, made: &str, recorded: &str) -> Entry {
        let leak = Leak {
            request_id: RequestId::new(id),
            at: at(made),
            principal: user.to_owned(),
            operation: "Converse".to_owned(),
            model: ModelId::new("m"),
            key: None,
            target: format!("111122223333/iam-user/{user}"),
        };
        Entry {
            operation: OPERATION.to_owned(),
            subject: format!("user:{user}"),
            at: at(recorded),
            evidence: Some(serde_json::to_string(&leak).unwrap()),
            ..Entry::default()
        }
    }

    #[test]
    fn the_leaks_of_a_user_within_a_day_are_one_incident_told_by_the_newest() {
        let mut unreadable = entry("eva", "e", "2026-11-20T14:00:00Z", "2026-11-20T14:00:00Z");
        unreadable.evidence = Some("***".to_owned());
        let other = Entry {
            operation: "block".to_owned(),
            ..entry("eva", "b", "2026-11-20T14:00:00Z", "2026-11-20T14:00:00Z")
        };
        let entries = [
            entry("ana", "a2", "2026-11-20T14:00:00Z", "2026-11-20T14:05:00Z"),
            // Made before the other and recorded after it.
            entry("ana", "a1", "2026-11-20T13:00:00Z", "2026-11-20T14:50:00Z"),
            entry("ana", "a0", "2026-11-19T14:59:00Z", "2026-11-19T15:00:00Z"), // a day ago
            entry("ben", "b1", "2026-11-18T14:00:00Z", "2026-11-19T15:00:01Z"), // came late
            unreadable,
            other,
        ];
        let told: Vec<_> = alarms(&entries, at(NOW))
            .into_iter()
            .map(|alarm| match alarm.message.news {
                News::Leak { request, calls, .. } => (alarm.key, request.to_string(), calls),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [("ana", "a2", 2), ("ben", "b1", 1)];
        let expected = expected.map(|(user, id, calls)| (user.to_owned(), id.to_owned(), calls));
        assert_eq!(told, expected);
    }
}
