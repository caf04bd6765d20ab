//! Incidents: what administrators are told of once when it begins, once a day while it lasts, and
//! once when it is over (rules N5).

use jiff::{SignedDuration, Timestamp};

use crate::message::{About, Kind, Message, News};

/// Something that is wrong until it is put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What makes it another one than the next of its kind: a target, a model and its Region.
    pub key: String,
    /// What to tell of it, as it is now.
    pub message: Message,
}

impl Alarm {
    /// Something about Weir itself.
    pub fn of_weir(key: String, at: Timestamp, news: News) -> Self {
        let about = About::Weir;
        let message = Message { about, at, news };
        Self { key, message }
    }
}

/// An incident on file that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Of what kind.
    pub kind: Kind,
    /// Which of that kind.
    pub key: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When the administrators were told last.
    pub reminded_at: Timestamp,
}

/// A step in the life of an incident, told with it in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of what kind.
    pub kind: Kind,
    /// Which of that kind.
    pub key: String,
    /// What happens.
    pub step: Step,
    /// What is told.
    pub message: Message,
}

/// What happens to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It begins, unless it is open already.
    Open,
    /// It lasts, and was last told of at that instant.
    Remind(Timestamp),
    /// It is over.
    Close,
}

/// How often administrators are reminded.
const REMINDED: SignedDuration = SignedDuration::from_hours(24);

/// What has changed, between what is on file and what is wrong now. `kinds` are those that were
/// looked for: what is on file of others stays as it is.
pub fn changes(
    kinds: &[Kind],
    on_file: &[Incident],
    now_wrong: &[Alarm],
    now: Timestamp,
) -> Vec<Change> {
    let known = |kind: Kind, key: &str| {
        let mut all = on_file.iter();
        all.find(|incident| (incident.kind, incident.key.as_str()) == (kind, key))
    };
    let wrong = now_wrong.iter().filter_map(|alarm| {
        let kind = alarm.message.kind();
        let step = match known(kind, &alarm.key) {
            None => Step::Open,
            Some(Incident { reminded_at, .. }) if now.duration_since(*reminded_at) >= REMINDED => {
                Step::Remind(*reminded_at)
            }
            Some(_) => return None,
        };
        Some(Change {
            kind,
            key: alarm.key.clone(),
            step,
            message: alarm.message.clone(),
        })
    });
    let over = on_file.iter().filter(|incident| {
        let goes_on =
            |alarm: &Alarm| (alarm.message.kind(), &alarm.key) == (incident.kind, &incident.key);
        kinds.contains(&incident.kind) && !now_wrong.iter().any(goes_on)
    });
    let over = over.map(|incident| Change {
        kind: incident.kind,
        key: incident.key.clone(),
        step: Step::Close,
        message: Message {
            about: About::Weir,
            at: now,
            news: News::IncidentClosed {
                incident: incident.kind,
                what: incident.key.clone(),
                since: incident.opened_at,
            },
        },
    });
    wrong.chain(over).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On file, wrong now, when, what changes.
    type Case<'a> = (&'a [&'a Incident], &'a [&'a str], &'a str, &'a [&'a str]);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn alarm(key: &str) -> Alarm {
        Alarm {
            key: key.to_owned(),
            message: Message::sample(Kind::EnforcementFailed),
        }
    }

    #[test]
    fn an_incident_is_opened_once_reminded_daily_and_closed_once() {
        let kinds = [Kind::EnforcementFailed];
        let incident = |told: &str| Incident {
            kind: Kind::EnforcementFailed,
            key: "ana".to_owned(),
            opened_at: at("2026-11-20T11:00:00Z"),
            reminded_at: at(told),
        };
        let open = incident("2026-11-20T11:00:00Z");
        let told = incident("2026-11-21T11:00:00Z");
        let held = Incident {
            kind: Kind::Held,
            ..open.clone()
        };
        let cases: [Case<'_>; 7] = [
            (&[], &[], "2026-11-20T11:00:00Z", &[]),
            (&[], &["ana"], "2026-11-20T11:00:00Z", &["Open ana"]),
            (&[&open], &["ana"], "2026-11-21T10:59:59Z", &[]),
            (&[&open], &["ana"], "2026-11-21T11:00:00Z", &["Remind ana"]),
            (&[&told], &["ana"], "2026-11-21T11:00:01Z", &[]),
            (
                &[&open],
                &["bob"],
                "2026-11-20T12:00:00Z",
                &["Open bob", "Close ana"],
            ),
            // Nobody looked for held blocks.
            (&[&held], &[], "2026-11-20T12:00:00Z", &[]),
        ];
        for (on_file, wrong, now, expected) in cases {
            let on_file: Vec<_> = on_file.iter().copied().cloned().collect();
            let wrong: Vec<_> = wrong.iter().map(|key| alarm(key)).collect();
            let found = changes(&kinds, &on_file, &wrong, at(now));
            let found: Vec<_> = found
                .iter()
                .map(|change| {
                    let step = match change.step {
                        Step::Open => "Open",
                        Step::Remind(_) => "Remind",
                        Step::Close => "Close",
                    };
                    format!("{step} {}", change.key)
                })
                .collect();
            assert_eq!(found, expected, "{now}");
        }
    }
}
