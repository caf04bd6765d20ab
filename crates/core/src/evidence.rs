//! The set of records that make up one invocation (rules C1, C3).
//!
//! [`Evidence::add`] is commutative, associative and idempotent: whatever AWS delivers twice, late or
//! in another order, the same records give the same evidence.

use jiff::Timestamp;

use crate::ids::TeamId;
use crate::record::{Client, Failure, Identity, Record, Source};

/// Everything known about one invocation: at most one record per source, copies merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// CloudTrail's API-call event, joined with its data-event copy.
    pub api_call: Option<Record>,
    /// The model-invocation log record.
    pub log: Option<Record>,
    /// The stream-completion event.
    pub completion: Option<Record>,
    /// What look-ups said when the invocation was first seen.
    pub sighting: Sighting,
}

/// Look-up results, kept with the invocation because they are those of its time (rules A8, A12).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sighting {
    /// Tags and groups of the caller.
    pub caller: Lookup<CallerFacts>,
    /// The foundation-model or system-profile ARN behind an application inference profile.
    pub profile: Lookup<String>,
    /// The user's last known team, given where the look-up of the caller failed.
    pub last_known_team: Option<TeamId>,
}

/// The answer to a question put to AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lookup<T> {
    /// Nobody asked: mode `off`, `--no-lookups`, or nothing to ask.
    #[default]
    NotAsked,
    /// Asked and not answered (throttled, denied). That is not "none" (rules A8).
    Failed,
    /// The answer.
    Found(T),
}

/// What AWS knows of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerFacts {
    /// Tag `Team`, as written.
    pub team_tag: Option<String>,
    /// Tag `Person`.
    pub person: Option<String>,
    /// Tag `Email`.
    pub email: Option<String>,
    /// IAM groups of the user.
    pub groups: Vec<String>,
    /// The user has a console password: a sign of a human (rules A10).
    pub login_profile: bool,
    /// Tag `WeirExempt` is set (rules E10).
    pub exempt: bool,
}

impl Evidence {
    /// Evidence of a single record.
    pub fn of(record: Record, sighting: Sighting) -> Self {
        let mut evidence = Self {
            sighting,
            ..Self::default()
        };
        evidence.add(record);
        evidence
    }

    /// Adds one record.
    pub fn add(&mut self, record: Record) {
        let slot = match record.source {
            Source::ApiCall => &mut self.api_call,
            Source::Log => &mut self.log,
            Source::Completion => &mut self.completion,
        };
        *slot = Some(match slot.take() {
            Some(known) => join(known, record),
            None => record,
        });
    }

    /// Adds everything `other` knows. What was looked up first stays.
    pub fn merge(&mut self, other: Self) {
        let Self {
            api_call,
            log,
            completion,
            sighting,
        } = other;
        for record in [api_call, log, completion].into_iter().flatten() {
            self.add(record);
        }
        self.sighting.merge(sighting);
    }

    /// The records, best source for times and models first (rules C3).
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        [&self.api_call, &self.log, &self.completion]
            .into_iter()
            .flatten()
    }
}

impl Sighting {
    /// Keeps what is known; takes the other's answers where this one has none.
    pub fn merge(&mut self, other: Self) {
        self.caller.merge(other.caller);
        self.profile.merge(other.profile);
        if self.last_known_team.is_none() {
            self.last_known_team = other.last_known_team;
        }
    }
}

impl<T> Lookup<T> {
    fn merge(&mut self, other: Self) {
        match (&self, &other) {
            (Self::Found(_), _) | (_, Self::NotAsked) | (Self::Failed, Self::Failed) => {}
            _ => *self = other,
        }
    }

    /// The answer, if there is one.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found(answer) => Some(answer),
            Self::NotAsked | Self::Failed => None,
        }
    }
}

/// Joins two copies of the same record, field by field; where both say something and differ, the
/// choice does not depend on the order they came in.
fn join(a: Record, b: Record) -> Record {
    let Record {
        request,
        source,
        at,
        account,
        region,
        operation,
        identity,
        model_sent,
        model_resource,
        inference_region,
        tokens,
        failure,
        tier,
        client,
        metadata,
    } = b;
    let mut joined_metadata = a.metadata;
    for (key, value) in metadata {
        let slot = joined_metadata.entry(key).or_default();
        if *slot < value {
            *slot = value;
        }
    }
    Record {
        request,
        source,
        at: Timestamp::min(a.at, at),
        account: a.account.min(account),
        region: a.region.min(region),
        operation: a.operation.min(operation),
        identity: join_identity(a.identity, identity),
        model_sent: a.model_sent.max(model_sent),
        model_resource: a.model_resource.max(model_resource),
        inference_region: a.inference_region.max(inference_region),
        tokens: a.tokens.max(tokens),
        failure: join_failure(a.failure, failure),
        tier: a.tier.max(tier),
        client: Client {
            source_ip: a.client.source_ip.max(client.source_ip),
            user_agent: a.client.user_agent.max(client.user_agent),
            access_key: a.client.access_key.max(client.access_key),
            bearer: a.client.bearer || client.bearer,
        },
        metadata: joined_metadata,
    }
}

/// A known identity beats an unknown one; otherwise the greater, which has the ids filled in.
fn join_identity(a: Identity, b: Identity) -> Identity {
    match (&a, &b) {
        (Identity::Unknown { .. }, Identity::Unknown { .. }) => a.max(b),
        (Identity::Unknown { .. }, _) => b,
        (_, Identity::Unknown { .. }) => a,
        _ => a.max(b),
    }
}

fn join_failure(a: Option<Failure>, b: Option<Failure>) -> Option<Failure> {
    a.max(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::Tokens;

    fn record(source: Source, n: u8) -> Record {
        Record {
            request: "r".into(),
            source,
            at: Timestamp::from_second(i64::from(n)).unwrap(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            operation: "Converse".into(),
            identity: if n.is_multiple_of(3) {
                Identity::Unknown {
                    seen: n.to_string(),
                }
            } else {
                Identity::IamUser {
                    name: "ana".into(),
                    stable_id: (n > 4).then(|| n.to_string()),
                }
            },
            model_sent: (n > 2).then(|| n.to_string()),
            model_resource: None,
            inference_region: None,
            tokens: (n > 3).then(|| Tokens {
                input: u64::from(n),
                ..Tokens::default()
            }),
            failure: None,
            tier: None,
            client: Client::default(),
            metadata: [("tool".to_owned(), n.to_string())].into(),
        }
    }

    #[test]
    fn any_order_and_any_repetition_give_the_same_evidence() {
        let records: Vec<Record> = (1..8)
            .map(|n| {
                record(
                    [Source::ApiCall, Source::Log, Source::Completion][n as usize % 3],
                    n,
                )
            })
            .collect();
        let of = |order: &[usize]| {
            let mut evidence = Evidence::default();
            for &i in order {
                evidence.add(records[i].clone());
            }
            evidence
        };
        let once = of(&[0, 1, 2, 3, 4, 5, 6]);
        for order in [
            [6, 5, 4, 3, 2, 1, 0, 0, 1],
            [3, 1, 3, 0, 6, 2, 5, 4, 4],
            [2, 2, 2, 4, 0, 1, 6, 5, 3],
        ] {
            assert_eq!(of(&order), once, "{order:?}");
        }
        let mut merged = of(&[0, 2, 4]);
        merged.merge(of(&[6, 5, 3, 1]));
        assert_eq!(merged, once);
    }

    #[test]
    fn what_was_looked_up_first_stays_and_a_failure_is_no_answer() {
        let found = |team: &str| {
            Lookup::Found(CallerFacts {
                team_tag: Some(team.into()),
                ..CallerFacts::default()
            })
        };
        for (first, second, kept) in [
            (found("a"), found("b"), found("a")),
            (Lookup::Failed, found("b"), found("b")),
            (found("a"), Lookup::Failed, found("a")),
            (Lookup::NotAsked, Lookup::Failed, Lookup::Failed),
            (Lookup::Failed, Lookup::NotAsked, Lookup::Failed),
        ] {
            let mut sighting = Sighting {
                caller: first,
                ..Sighting::default()
            };
            sighting.merge(Sighting {
                caller: second,
                ..Sighting::default()
            });
            assert_eq!(sighting.caller, kept);
        }
    }
}
