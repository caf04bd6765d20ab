//! The facts of a message as the templates know them: text in the reader's language.

mod days;

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::Value;
use weir_core::access::TargetState;
use weir_core::block::Until;
use weir_core::calendar::{WindowKind, Zone};
use weir_core::message::{About, Arrived, Denied, Message, News, Quoted};
use weir_core::money::Usd;
use weir_core::quota::{Metric, Scope};
use weir_core::rulebook::UserClass;

use super::language::Language;

/// Names and values.
pub(super) type Facts = BTreeMap<&'static str, Value>;

/// The longest text of somebody else's that is shown.
const LONGEST: usize = 500;

/// Says facts in one language.
pub(super) struct Sayer<'a> {
    pub(super) language: Language,
    pub(super) zone: &'a Zone,
}

impl Sayer<'_> {
    /// All facts of a message.
    pub(super) fn facts(&self, message: &Message) -> Facts {
        let Message { about, at, news } = message;
        let mut facts = Facts::from([("at", self.at(*at))]);
        self.about(about, &mut facts);
        self.news(news, &mut facts);
        facts
    }

    /// How full the fullest limit is, in percent, at most 100.
    pub(super) fn meter(message: &Message) -> Option<u32> {
        match &message.news {
            News::QuotaWarning { quota, .. }
            | News::TeamQuotaWarning { quota, .. }
            | News::ProtectedOverLimit { quota, .. } => Some(quota.percent().min(100)),
            News::Blocked { quotas, .. }
            | News::LimitReached { quotas, .. }
            | News::TeamQuotaExceeded { quotas, .. } => {
                quotas.iter().map(|quota| quota.percent().min(100)).max()
            }
            _ => None,
        }
    }

    fn about(&self, about: &About, facts: &mut Facts) {
        let (group, of_group) = match (about, self.language) {
            (About::Team(team), Language::Es) => {
                (format!("el equipo {team}"), format!("del equipo {team}"))
            }
            (About::Team(team), Language::En) => {
                (format!("team {team}"), format!("by team {team}"))
            }
            (_, Language::Es) => (
                "la organización".to_owned(),
                "de la organización".to_owned(),
            ),
            (_, Language::En) => (
                "the organisation".to_owned(),
                "by the organisation".to_owned(),
            ),
        };
        let who = about
            .user()
            .map_or_else(|| about.subject(), ToString::to_string);
        let team = about.team().map(ToString::to_string);
        facts.extend([
            ("who", clean(&who)),
            ("team", maybe(team.as_deref().map(clean))),
            ("group", clean(&group)),
            ("of_group", clean(&of_group)),
        ]);
    }

    fn news(&self, news: &News, facts: &mut Facts) {
        match news {
            News::QuotaWarning { .. }
            | News::TeamQuotaWarning { .. }
            | News::ProtectedOverLimit { .. }
            | News::TeamQuotaExceeded { .. } => self.quotas(news, facts),
            News::Blocked { .. }
            | News::BlockedByAdministrator { .. }
            | News::LimitReached { .. }
            | News::Unblocked { .. }
            | News::UnblockedByAdministrator { .. } => self.blocks(news, facts),
            News::ProtectionGranted { .. } | News::ProtectionEnded { .. } => {
                self.protections(news, facts);
            }
            News::EnforcementFailed { .. }
            | News::Leak { .. }
            | News::Held { .. }
            | News::NewUser { .. }
            | News::UnpricedModel { .. }
            | News::ChannelTest { .. } => self.incidents(news, facts),
            News::UserSuccession { .. }
            | News::IntakeSilent { .. }
            | News::CallsMissing { .. }
            | News::ResetFailed { .. }
            | News::IncidentClosed { .. } => self.operations(news, facts),
            News::Digest { .. }
            | News::DailySummary { .. }
            | News::WeeklySummary(_)
            | News::MonthlySummary(_) => self.days(news, facts),
        }
    }

    fn quotas(&self, news: &News, facts: &mut Facts) {
        match news {
            News::QuotaWarning {
                quota,
                threshold,
                blocks,
                resets_at,
            }
            | News::TeamQuotaWarning {
                quota,
                threshold,
                blocks,
                resets_at,
            } => facts.extend([
                ("quota", self.quota(quota)),
                ("threshold", self.language.percent(*threshold).into()),
                ("blocks", (*blocks).into()),
                ("resets_at", self.at(*resets_at)),
            ]),
            News::ProtectedOverLimit {
                quota,
                protected_by,
                protected_until,
            } => facts.extend([
                ("quota", self.quota(quota)),
                ("protected_by", clean(protected_by)),
                ("protected_until", self.until(*protected_until)),
            ]),
            News::TeamQuotaExceeded {
                quotas,
                blocked,
                members,
                resets_at,
            } => facts.extend([
                ("quotas", self.all(quotas)),
                ("blocked", (*blocked).into()),
                ("members", (*members).into()),
                ("resets_at", self.at(*resets_at)),
            ]),
            _ => {}
        }
    }

    fn blocks(&self, news: &News, facts: &mut Facts) {
        match news {
            News::Blocked {
                block: _,
                denied,
                quotas,
                since,
                until,
            } => facts.extend([
                ("denied", denied_value(denied)),
                ("quotas", self.all(quotas)),
                ("since", self.at(*since)),
                ("until", self.until(*until)),
            ]),
            News::BlockedByAdministrator {
                already,
                block: _,
                by,
                reason,
                since,
                until,
            } => facts.extend([
                ("already", (*already).into()),
                ("by", clean(by)),
                ("reason", clean(reason)),
                ("since", self.at(*since)),
                ("until", self.until(*until)),
            ]),
            News::LimitReached {
                block: _,
                quotas,
                reason,
                since,
                until,
            } => facts.extend([
                ("quotas", self.all(quotas)),
                ("reason", clean(reason)),
                ("since", self.at(*since)),
                ("until", self.until(*until)),
            ]),
            News::Unblocked {
                block: _,
                why,
                denied,
                quotas,
                reason,
                since,
            } => facts.extend([
                ("why", why.as_str().into()),
                ("denied", denied_value(denied)),
                ("quotas", self.all(quotas)),
                ("reason", clean(reason)),
                ("since", self.at(*since)),
            ]),
            News::UnblockedByAdministrator {
                block: _,
                by,
                reason,
                since,
                protected_until,
            } => facts.extend([
                ("by", clean(by)),
                ("reason", clean(reason)),
                ("since", self.at(*since)),
                (
                    "protected_until",
                    maybe(protected_until.map(|at| self.at(at))),
                ),
            ]),
            _ => {}
        }
    }

    fn protections(&self, news: &News, facts: &mut Facts) {
        match news {
            News::ProtectionGranted {
                protection: _,
                by,
                reason,
                since,
                until,
                up_to_percent,
            } => {
                let up_to = up_to_percent.map(|cap| self.language.percent(cap).into());
                facts.extend([
                    ("by", clean(by)),
                    ("reason", clean(reason)),
                    ("since", self.at(*since)),
                    ("until", self.until(*until)),
                    ("up_to", maybe(up_to)),
                ]);
            }
            News::ProtectionEnded {
                protection: _,
                by,
                since,
                blocks,
            } => facts.extend([
                ("by", clean(by)),
                ("since", self.at(*since)),
                ("blocks", (*blocks).into()),
            ]),
            _ => {}
        }
    }

    fn incidents(&self, news: &News, facts: &mut Facts) {
        match news {
            News::EnforcementFailed {
                target,
                generation: _,
                denies,
                state,
                users,
                error,
            } => facts.extend([
                ("target", clean(target)),
                ("denies", (*denies).into()),
                ("state", state.as_str().into()),
                ("state_word", self.state(*state).into()),
                ("count", users.len().into()),
                ("users", self.names(users)),
                ("error", clean(error)),
            ]),
            News::Leak {
                target,
                request,
                called_at,
                operation,
                model,
                key,
                calls,
            } => facts.extend([
                ("calls", (*calls).into()),
                ("target", clean(target)),
                ("request", clean(request.as_str())),
                ("called_at", self.at(*called_at)),
                ("operation", clean(operation)),
                ("model", clean(model.as_str())),
                ("key", maybe(key.as_ref().map(|key| clean(key.as_str())))),
            ]),
            News::Held {
                occasion: _,
                users,
                teams,
                allowed,
            } => facts.extend([
                ("count", (users.len() + teams.len()).into()),
                ("users", self.names(users)),
                ("teams", self.names(teams)),
                ("allowed", (*allowed).into()),
            ]),
            News::NewUser { principal, class } => facts.extend([
                ("principal", clean(principal)),
                ("class", self.class(*class).into()),
            ]),
            News::UnpricedModel {
                model,
                region,
                calls,
                since,
            } => facts.extend([
                ("model", clean(model.as_str())),
                ("region", clean(region.as_str())),
                (
                    "calls",
                    self.language
                        .count(i64::try_from(*calls).unwrap_or(i64::MAX))
                        .into(),
                ),
                ("since", self.at(*since)),
            ]),
            News::ChannelTest { channel, by } => {
                facts.extend([("channel", clean(channel)), ("by", clean(by))]);
            }
            _ => {}
        }
    }

    fn operations(&self, news: &News, facts: &mut Facts) {
        match news {
            News::UserSuccession {
                principal,
                before,
                since,
            } => facts.extend([
                ("principal", clean(principal)),
                ("before", clean(before.as_str())),
                ("since", self.at(*since)),
            ]),
            News::IntakeSilent { what, last } => facts.extend([
                ("what", clean(what)),
                ("last", maybe(last.map(|at| self.at(at)))),
            ]),
            News::CallsMissing { places } => {
                let lines: Vec<_> = places.iter().map(|place| self.arrived(place)).collect();
                facts.insert("places", self.names(&lines));
            }
            News::ResetFailed { date, errors } => facts.extend([
                ("date", clean(date)),
                ("count", errors.len().into()),
                ("errors", self.names(errors)),
            ]),
            News::IncidentClosed {
                incident,
                what,
                since,
            } => facts.extend([
                ("incident", incident.as_str().into()),
                ("what", clean(what)),
                ("since", self.at(*since)),
            ]),
            _ => {}
        }
    }

    fn at(&self, at: Timestamp) -> Value {
        self.language.instant(at, self.zone).into()
    }

    /// Nothing for an end that only an administrator sets.
    fn until(&self, until: Until) -> Value {
        maybe(until.instant().map(|at| self.at(at)))
    }

    fn arrived(&self, place: &Arrived) -> String {
        let Arrived {
            account,
            region,
            counted,
            reported,
        } = place;
        let of = match self.language {
            Language::En => "of",
            Language::Es => "de",
        };
        let count = |calls: u64| {
            self.language
                .count(i64::try_from(calls).unwrap_or(i64::MAX))
        };
        format!(
            "{account} {region}: {} {of} {}",
            count(*counted),
            count(*reported)
        )
    }

    fn names(&self, names: &[impl ToString]) -> Value {
        let names: Vec<String> = names
            .iter()
            .map(|name| cleaned(&name.to_string()))
            .collect();
        self.language.names(&names).into()
    }

    fn all(&self, quotas: &[Quoted]) -> Value {
        quotas
            .iter()
            .map(|quota| self.quota(quota))
            .collect::<Vec<_>>()
            .into()
    }

    fn quota(&self, quota: &Quoted) -> Value {
        let what = self.what(quota);
        let amount = |n: i64| match quota.metric {
            Metric::Cost => self.language.money(Usd::from_nanos(n)),
            Metric::Requests | Metric::Tokens | Metric::TokensAll => self.language.count(n),
        };
        let (used, limit) = (amount(quota.used), amount(quota.limit));
        let percent = self.language.percent(quota.percent());
        let of = match self.language {
            Language::Es => "de",
            Language::En => "of",
        };
        let short = format!("{used} {of} {limit}");
        let facts = Facts::from([
            ("label", Value::from(capitalised(&what))),
            ("what", what.into()),
            ("of", format!("{short} ({percent})").into()),
            ("short", short.into()),
            ("used", used.into()),
            ("limit", limit.into()),
            ("percent", percent.into()),
            ("reached", (quota.used >= quota.limit).into()),
        ]);
        facts.into()
    }

    /// `peticiones al día con cline`, `cost per month`.
    fn what(&self, quota: &Quoted) -> String {
        let Quoted {
            scope,
            metric,
            window,
            ..
        } = quota;
        let es = self.language == Language::Es;
        let metric = match (metric, es) {
            (Metric::Requests, true) => "peticiones",
            (Metric::Requests, false) => "requests",
            (Metric::Tokens, _) => "tokens",
            (Metric::TokensAll, true) => "tokens con los leídos de caché",
            (Metric::TokensAll, false) => "tokens with cache reads",
            (Metric::Cost, true) => "gasto",
            (Metric::Cost, false) => "cost",
        };
        let window = match (window.kind(), es) {
            (WindowKind::Hour, true) => "por hora",
            (WindowKind::Hour, false) => "per hour",
            (WindowKind::Day, true) => "al día",
            (WindowKind::Day, false) => "per day",
            (WindowKind::Month, true) => "al mes",
            (WindowKind::Month, false) => "per month",
        };
        let with = if es { "con" } else { "with" };
        let of = match scope {
            Scope::Tool(tool) => format!(" {with} {tool}"),
            Scope::Model(model) => format!(" {with} {model}"),
            // Whose total it is, the message says itself.
            Scope::Team(_)
            | Scope::Organisation
            | Scope::User(_)
            | Scope::Defaults
            | Scope::TeamDefaults(_) => String::new(),
        };
        cleaned(&format!("{metric} {window}{of}"))
    }

    fn state(&self, state: TargetState) -> &'static str {
        match (state, self.language) {
            (TargetState::Cannot, Language::Es) => "imposible",
            (TargetState::Cannot, Language::En) => "impossible",
            (TargetState::Failed, Language::Es) => "fallido",
            (TargetState::Gone, Language::Es) => "desaparecido",
            (other, _) => other.as_str(),
        }
    }

    fn class(&self, class: UserClass) -> &'static str {
        match (class, self.language) {
            (UserClass::Human, Language::Es) => "persona",
            (UserClass::Human, Language::En) => "person",
            (UserClass::Workload, Language::Es) => "proceso",
            (UserClass::Service, Language::Es) => "servicio de AWS",
            (UserClass::Service, Language::En) => "AWS service",
            (UserClass::Unknown, Language::Es) => "desconocida",
            (other, _) => other.as_str(),
        }
    }
}

fn denied_value(denied: &Denied) -> Value {
    let (what, name) = match denied {
        Denied::Everything => ("everything", None),
        Denied::Team(team) => ("team", Some(team.as_str())),
        Denied::Tool(tool) => ("tool", Some(tool.as_str())),
        Denied::Model(model) => ("model", Some(model.as_str())),
    };
    Facts::from([("what", what.into()), ("name", maybe(name.map(clean)))]).into()
}

fn maybe(value: Option<Value>) -> Value {
    value.unwrap_or_else(|| Value::from(()))
}

fn clean(text: &str) -> Value {
    cleaned(text).into()
}

/// Somebody else's text, fit to stand in a line: no line breaks or other controls, nothing that
/// turns the direction of writing or hides itself, and not too long.
pub(super) fn cleaned(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let line: String = text
        .chars()
        .filter(|c| !hidden(*c))
        .map(|c| {
            if c.is_control() || c == '\u{2028}' || c == '\u{2029}' {
                ' '
            } else {
                c
            }
        })
        .take(LONGEST + 1)
        .collect();
    match line.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", line[..cut].trim()),
        None => line.trim().to_owned(),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
