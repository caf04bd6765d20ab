//! Who hears of what through which channel: the routing table.

use std::collections::BTreeSet;

use super::kind::{Audience, Kind, Severity};

/// One line of the routing table. All lines that fit count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// These kinds; none means all.
    pub events: Vec<Kind>,
    /// Only what is at least as grave.
    pub at_least: Severity,
    /// For whom.
    pub audience: Audience,
    /// The names of channels.
    pub channels: Vec<String>,
}

/// What a channel is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It needs an address: mail.
    Personal,
    /// It reaches whoever listens: a topic, a webhook, a chat.
    Broadcast,
}

/// Who may read a message about a subject.
#[derive(Clone, Copy, Debug)]
pub struct Readers<'a> {
    /// The user it is about.
    pub user: Option<&'a Person>,
    /// The owner of the team it is about.
    pub owner: Option<&'a Person>,
    /// The addresses of the administrators.
    pub admins: &'a [String],
}

/// Somebody to write to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Where to.
    pub address: Option<String>,
    /// What to call them.
    pub name: Option<String>,
    /// `es` or `en`, where it is known.
    pub language: Option<String>,
}

/// One letter to be sent: through one channel, to one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Through which channel.
    pub channel: String,
    /// As what they read it.
    pub audience: Audience,
    /// Where to; nothing through a channel that broadcasts, or where no address is known.
    pub to: Option<String>,
    /// What to call them.
    pub name: Option<String>,
    /// In which language, where it is known.
    pub language: Option<String>,
    /// Whether the channel needs an address.
    pub reach: Reach,
}

impl Addressed {
    /// Whether there is nowhere to send it.
    pub fn is_lost(&self) -> bool {
        self.reach == Reach::Personal && self.to.is_none()
    }
}

/// Every letter that a message of a kind makes. Nobody gets it twice through one channel: who is
/// both the user and an administrator reads it as the user.
pub fn address(
    kind: Kind,
    routes: &[Route],
    known: &[(String, Reach)],
    readers: Readers<'_>,
) -> Vec<Addressed> {
    let mut letters: Vec<Addressed> = Vec::new();
    for audience in [Audience::User, Audience::TeamOwner, Audience::Admins] {
        for channel in channels(routes, kind, audience) {
            // A table may name a channel that this process does not have.
            let Some((_, reach)) = known.iter().find(|(name, _)| name == channel) else {
                continue;
            };
            for person in people(audience, *reach, readers) {
                let letter = Addressed {
                    channel: channel.to_owned(),
                    audience,
                    to: person.address,
                    name: person.name,
                    language: person.language,
                    reach: *reach,
                };
                let same = |other: &Addressed| {
                    (&other.channel, &other.to) == (&letter.channel, &letter.to)
                };
                if letter.is_lost() || !letters.iter().any(same) {
                    letters.push(letter);
                }
            }
        }
    }
    letters
}

fn people(audience: Audience, reach: Reach, readers: Readers<'_>) -> Vec<Person> {
    let one = |person: Option<&Person>| vec![person.cloned().unwrap_or_default()];
    match (reach, audience) {
        (Reach::Broadcast, _) => vec![Person::default()],
        (Reach::Personal, Audience::User) => one(readers.user),
        (Reach::Personal, Audience::TeamOwner) => one(readers.owner),
        (Reach::Personal, Audience::Admins) if readers.admins.is_empty() => one(None),
        (Reach::Personal, Audience::Admins) => {
            let admin = |address: &String| Person {
                address: Some(address.clone()),
                ..Person::default()
            };
            readers.admins.iter().map(admin).collect()
        }
    }
}

/// The kinds that administrators hear of by mail unless they say otherwise: what they must act on,
/// that it is over, and the day.
const FOR_ADMINS: [Kind; 14] = [
    Kind::ProtectedOverLimit,
    Kind::TeamQuotaExceeded,
    Kind::EnforcementFailed,
    Kind::Leak,
    Kind::Held,
    Kind::UnpricedModel,
    Kind::UserSuccession,
    Kind::IntakeSilent,
    Kind::CallsMissing,
    Kind::ResetFailed,
    Kind::IncidentClosed,
    Kind::Digest,
    Kind::DailySummary,
    Kind::ChannelTest,
];

/// The routing table of a configuration that has none: users and team owners by mail,
/// administrators by mail of what they must act on, and everything to everything that broadcasts,
/// except that nobody is told of new users.
pub fn default_routes(channels: &[(String, Reach)]) -> Vec<Route> {
    let names = |wanted: Reach| -> Vec<String> {
        let fitting = channels.iter().filter(|(_, reach)| *reach == wanted);
        fitting.map(|(name, _)| name.clone()).collect()
    };
    let mail = names(Reach::Personal);
    let route = |audience, events: Vec<Kind>, channels: &[String]| Route {
        events,
        at_least: Severity::Info,
        audience,
        channels: channels.to_vec(),
    };
    let all_but_new_users = Kind::ALL.into_iter().filter(|kind| *kind != Kind::NewUser);
    let routes = [
        route(Audience::User, Vec::new(), &mail),
        route(Audience::TeamOwner, Vec::new(), &mail),
        route(Audience::Admins, FOR_ADMINS.to_vec(), &mail),
        route(
            Audience::Admins,
            all_but_new_users.collect(),
            &names(Reach::Broadcast),
        ),
    ];
    let used = routes
        .into_iter()
        .filter(|route| !route.channels.is_empty());
    used.collect()
}

/// The channels through which `audience` hears of a kind.
pub fn channels(routes: &[Route], kind: Kind, audience: Audience) -> BTreeSet<&str> {
    if !kind.audiences().contains(&audience) {
        return BTreeSet::new();
    }
    routes
        .iter()
        .filter(|route| {
            route.audience == audience
                && kind.severity() >= route.at_least
                && (route.events.is_empty() || route.events.contains(&kind))
        })
        .flat_map(|route| route.channels.iter().map(String::as_str))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(routes: &[Route], kind: Kind, audience: Audience) -> Vec<&str> {
        channels(routes, kind, audience).into_iter().collect()
    }

    #[test]
    fn without_a_table_users_get_mail_and_administrators_what_they_must_act_on() {
        let routes = default_routes(&[
            ("smtp".to_owned(), Reach::Personal),
            ("sns".to_owned(), Reach::Broadcast),
            ("chat.ops".to_owned(), Reach::Broadcast),
        ]);
        assert_eq!(names(&routes, Kind::Blocked, Audience::User), ["smtp"]);
        assert_eq!(
            names(&routes, Kind::Blocked, Audience::Admins),
            ["chat.ops", "sns"]
        );
        assert_eq!(
            names(&routes, Kind::Leak, Audience::Admins),
            ["chat.ops", "smtp", "sns"]
        );
        assert_eq!(names(&routes, Kind::Leak, Audience::User), [""; 0]);
        assert_eq!(names(&routes, Kind::NewUser, Audience::Admins), [""; 0]);
        let team = Kind::TeamQuotaWarning;
        assert_eq!(names(&routes, team, Audience::TeamOwner), ["smtp"]);
        assert_eq!(default_routes(&[]), []);
    }

    #[test]
    fn every_line_that_fits_counts_by_kind_gravity_and_audience() {
        let line = |events: &[Kind], at_least, audience, channel: &str| Route {
            events: events.to_vec(),
            at_least,
            audience,
            channels: vec![channel.to_owned()],
        };
        let routes = [
            line(&[], Severity::Critical, Audience::Admins, "chat.ops"),
            line(&[Kind::NewUser], Severity::Info, Audience::Admins, "ses"),
            line(&[], Severity::Info, Audience::User, "ses"),
        ];
        assert_eq!(names(&routes, Kind::Leak, Audience::Admins), ["chat.ops"]);
        assert_eq!(names(&routes, Kind::NewUser, Audience::Admins), ["ses"]);
        assert_eq!(
            names(&routes, Kind::UnpricedModel, Audience::Admins),
            [""; 0]
        );
        assert_eq!(names(&routes, Kind::QuotaWarning, Audience::User), ["ses"]);
    }
}
