//! Evidence as compact JSON in `bedrock_requests.evidence`. The form is private to the store: the
//! types of the core stay free of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use weir_core::evidence::{CallerFacts, Evidence, Lookup, Sighting};
use weir_core::ids::{AccountId, KeyId, Region, RequestId, TeamId};
use weir_core::invocation::caller_record;
use weir_core::record::{Client, Failure, Identity, Record, Source};
use weir_core::tokens::Tokens;

use crate::error::StoreError;
use crate::value::unreadable;

/// What the column holds: the records, the look-ups, and those parts of what was derived that have
/// no column of their own.
#[derive(Serialize, Deserialize)]
pub(crate) struct Stored {
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    api_call: Option<StoredRecord>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    log: Option<StoredRecord>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    completion: Option<StoredRecord>,
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    sighting: StoredSighting,
    #[serde(rename = "d")]
    pub(crate) derived: Derived,
    /// What is gone for good, as [`Gone`] says.
    #[serde(rename = "z", default, skip_serializing_if = "is_default")]
    gone: u8,
}

/// What of an invocation is gone, so that a copy of a record brings nothing of it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Gone {
    #[default]
    Nothing,
    /// Retention took source IP, user agent and error text away.
    ClientFacts,
    /// These, and who called: a user was forgotten.
    Caller,
}

/// Parts of an invocation without a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Derived {
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(crate) stable_id: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<String>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(crate) caller_class: Option<String>,
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    pub(crate) exempt: bool,
    #[serde(rename = "g")]
    pub(crate) price_class: String,
    #[serde(rename = "t", default, skip_serializing_if = "is_default")]
    pub(crate) tentative: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredRecord {
    #[serde(rename = "t")]
    at: i64,
    #[serde(rename = "a")]
    account: String,
    #[serde(rename = "r")]
    region: String,
    #[serde(rename = "o")]
    operation: String,
    #[serde(rename = "i")]
    identity: StoredIdentity,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    model_sent: Option<String>,
    #[serde(rename = "M", default, skip_serializing_if = "Option::is_none")]
    model_resource: Option<String>,
    #[serde(rename = "R", default, skip_serializing_if = "Option::is_none")]
    inference_region: Option<String>,
    /// Input, cache read, cache write of five minutes and an hour, output.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    tokens: Option<[u64; 5]>,
    /// Code and message.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    failure: Option<(String, Option<String>)>,
    #[serde(rename = "T", default, skip_serializing_if = "Option::is_none")]
    tier: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    source_ip: Option<String>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    access_key: Option<String>,
    #[serde(rename = "b", default, skip_serializing_if = "is_default")]
    bearer: bool,
    #[serde(rename = "x", default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
enum StoredIdentity {
    #[serde(rename = "u")]
    IamUser(String, Option<String>),
    #[serde(rename = "c")]
    IdentityCenter(String, String, Option<String>),
    #[serde(rename = "r")]
    RoleSession(String, String, Option<String>, Option<String>),
    #[serde(rename = "root")]
    Root,
    #[serde(rename = "s")]
    Service(String),
    #[serde(rename = "?")]
    Unknown(String),
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
struct StoredSighting {
    #[serde(rename = "c", default, skip_serializing_if = "is_default")]
    caller: StoredLookup<StoredFacts>,
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    profile: StoredLookup<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    last_known_team: Option<String>,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
enum StoredLookup<T> {
    #[default]
    #[serde(rename = "n")]
    NotAsked,
    #[serde(rename = "f")]
    Failed,
    #[serde(rename = "y")]
    Found(T),
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
struct StoredFacts {
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    team_tag: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    login_profile: bool,
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    exempt: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The text of the column.
pub(crate) fn write(
    evidence: &Evidence,
    derived: Derived,
    gone: Gone,
) -> Result<String, StoreError> {
    let Evidence {
        api_call,
        log,
        completion,
        sighting,
    } = evidence;
    crate::value::json(&Stored {
        api_call: api_call.as_ref().map(StoredRecord::of),
        log: log.as_ref().map(StoredRecord::of),
        completion: completion.as_ref().map(StoredRecord::of),
        sighting: StoredSighting::of(sighting),
        derived,
        gone: gone as u8,
    })
}

/// Evidence that comes later, without what is gone from the invocation on file.
pub(crate) fn without_gone(evidence: Evidence, on_file: &Evidence, gone: Gone) -> Evidence {
    match gone {
        Gone::Nothing => evidence,
        Gone::ClientFacts => without_client_facts(evidence, on_file),
        Gone::Caller => without_caller(evidence, on_file),
    }
}

/// Whoever called is who it is on file, in records of every source: none tells of anybody else.
fn without_caller(mut evidence: Evidence, on_file: &Evidence) -> Evidence {
    let Some(known) = caller_record(on_file) else {
        return evidence;
    };
    let Evidence {
        api_call,
        log,
        completion,
        sighting,
    } = &mut evidence;
    for record in [api_call, log, completion].into_iter().flatten() {
        record.identity = known.identity.clone();
        record.metadata.clear();
        record.client = Client {
            bearer: record.client.bearer,
            ..Client::default()
        };
        if let Some(failure) = &mut record.failure {
            failure.message = None;
        }
    }
    sighting.caller = Lookup::NotAsked;
    evidence
}

/// Without the client facts of records that are on file already.
fn without_client_facts(mut evidence: Evidence, on_file: &Evidence) -> Evidence {
    for (record, known) in [
        (&mut evidence.api_call, &on_file.api_call),
        (&mut evidence.log, &on_file.log),
        (&mut evidence.completion, &on_file.completion),
    ] {
        if let (Some(record), Some(_)) = (record, known) {
            record.client.source_ip = None;
            record.client.user_agent = None;
            if let Some(failure) = &mut record.failure {
                failure.message = None;
            }
        }
    }
    evidence
}

/// Reads the column of the row of that request.
pub(crate) fn read(
    request: &RequestId,
    text: &str,
) -> Result<(Evidence, Derived, Gone), StoreError> {
    let stored: Stored = serde_json::from_str(text).map_err(|error| {
        unreadable(
            "bedrock_requests.evidence",
            request.as_str(),
            &error.to_string(),
        )
    })?;
    let Stored {
        api_call,
        log,
        completion,
        sighting,
        derived,
        gone,
    } = stored;
    let record = |stored: Option<StoredRecord>, source| {
        stored
            .map(|stored| stored.into_record(request, source))
            .transpose()
    };
    let evidence = Evidence {
        api_call: record(api_call, Source::ApiCall)?,
        log: record(log, Source::Log)?,
        completion: record(completion, Source::Completion)?,
        sighting: sighting.into_sighting(),
    };
    let gone = match gone {
        0 => Gone::Nothing,
        1 => Gone::ClientFacts,
        _ => Gone::Caller,
    };
    Ok((evidence, derived, gone))
}

impl StoredRecord {
    fn of(record: &Record) -> Self {
        let Record {
            request: _,
            source: _,
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
            client:
                Client {
                    source_ip,
                    user_agent,
                    access_key,
                    bearer,
                },
            metadata,
        } = record;
        Self {
            at: at.as_microsecond(),
            account: account.to_string(),
            region: region.to_string(),
            operation: operation.clone(),
            identity: StoredIdentity::of(identity),
            model_sent: model_sent.clone(),
            model_resource: model_resource.clone(),
            inference_region: inference_region.as_ref().map(ToString::to_string),
            tokens: tokens.map(|tokens| {
                let Tokens {
                    input,
                    cache_read,
                    cache_write_5m,
                    cache_write_1h,
                    output,
                } = tokens;
                [input, cache_read, cache_write_5m, cache_write_1h, output]
            }),
            failure: failure
                .as_ref()
                .map(|Failure { code, message }| (code.clone(), message.clone())),
            tier: tier.clone(),
            source_ip: source_ip.clone(),
            user_agent: user_agent.clone(),
            access_key: access_key.as_ref().map(ToString::to_string),
            bearer: *bearer,
            metadata: metadata.clone(),
        }
    }

    fn into_record(self, request: &RequestId, source: Source) -> Result<Record, StoreError> {
        let at = Timestamp::from_microsecond(self.at).map_err(|error| {
            unreadable(
                "bedrock_requests.evidence",
                request.as_str(),
                &error.to_string(),
            )
        })?;
        Ok(Record {
            request: request.clone(),
            source,
            at,
            account: AccountId::new(self.account),
            region: Region::new(self.region),
            operation: self.operation,
            identity: self.identity.into_identity(),
            model_sent: self.model_sent,
            model_resource: self.model_resource,
            inference_region: self.inference_region.map(Region::new),
            tokens: self.tokens.map(
                |[input, cache_read, cache_write_5m, cache_write_1h, output]| Tokens {
                    input,
                    cache_read,
                    cache_write_5m,
                    cache_write_1h,
                    output,
                },
            ),
            failure: self
                .failure
                .map(|(code, message)| Failure { code, message }),
            tier: self.tier,
            client: Client {
                source_ip: self.source_ip,
                user_agent: self.user_agent,
                access_key: self.access_key.map(KeyId::new),
                bearer: self.bearer,
            },
            metadata: self.metadata,
        })
    }
}

impl StoredIdentity {
    fn of(identity: &Identity) -> Self {
        match identity.clone() {
            Identity::IamUser { name, stable_id } => Self::IamUser(name, stable_id),
            Identity::IdentityCenter {
                role,
                session,
                directory_id,
            } => Self::IdentityCenter(role, session, directory_id),
            Identity::RoleSession {
                role,
                session,
                stable_id,
                source_identity,
            } => Self::RoleSession(role, session, stable_id, source_identity),
            Identity::Root => Self::Root,
            Identity::Service { name } => Self::Service(name),
            Identity::Unknown { seen } => Self::Unknown(seen),
        }
    }

    fn into_identity(self) -> Identity {
        match self {
            Self::IamUser(name, stable_id) => Identity::IamUser { name, stable_id },
            Self::IdentityCenter(role, session, directory_id) => Identity::IdentityCenter {
                role,
                session,
                directory_id,
            },
            Self::RoleSession(role, session, stable_id, source_identity) => Identity::RoleSession {
                role,
                session,
                stable_id,
                source_identity,
            },
            Self::Root => Identity::Root,
            Self::Service(name) => Identity::Service { name },
            Self::Unknown(seen) => Identity::Unknown { seen },
        }
    }
}

impl StoredSighting {
    fn of(sighting: &Sighting) -> Self {
        let Sighting {
            caller,
            profile,
            last_known_team,
        } = sighting;
        Self {
            caller: StoredLookup::of(caller, |facts| {
                let CallerFacts {
                    team_tag,
                    person,
                    email,
                    groups,
                    login_profile,
                    exempt,
                } = facts.clone();
                StoredFacts {
                    team_tag,
                    person,
                    email,
                    groups,
                    login_profile,
                    exempt,
                }
            }),
            profile: StoredLookup::of(profile, Clone::clone),
            last_known_team: last_known_team.as_ref().map(ToString::to_string),
        }
    }

    fn into_sighting(self) -> Sighting {
        let Self {
            caller,
            profile,
            last_known_team,
        } = self;
        Sighting {
            caller: caller.into_lookup(|facts| {
                let StoredFacts {
                    team_tag,
                    person,
                    email,
                    groups,
                    login_profile,
                    exempt,
                } = facts;
                CallerFacts {
                    team_tag,
                    person,
                    email,
                    groups,
                    login_profile,
                    exempt,
                }
            }),
            profile: profile.into_lookup(|arn| arn),
            last_known_team: last_known_team.map(TeamId::new),
        }
    }
}

impl<T> StoredLookup<T> {
    fn of<F>(lookup: &Lookup<F>, store: impl FnOnce(&F) -> T) -> Self {
        match lookup {
            Lookup::NotAsked => Self::NotAsked,
            Lookup::Failed => Self::Failed,
            Lookup::Found(found) => Self::Found(store(found)),
        }
    }

    fn into_lookup<F>(self, load: impl FnOnce(T) -> F) -> Lookup<F> {
        match self {
            Self::NotAsked => Lookup::NotAsked,
            Self::Failed => Lookup::Failed,
            Self::Found(found) => Lookup::Found(load(found)),
        }
    }
}
