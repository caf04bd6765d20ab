//! Edits that say what they edit: with its tag, with `*`, and with nothing.

use jiff::SignedDuration;
use serde_json::{Value, json};
use weir_core::operator::Role;

use crate::office::{Office, token};
use crate::world::{Answer, Place};
use crate::writes::{Ask, address};

/// What can be edited.
pub(crate) struct Thing {
    /// Where it is read.
    read: String,
    /// The field with its tag; none if that is the `ETag`.
    field: Option<&'static str>,
    /// By which method, where.
    pub(crate) set: (&'static str, String),
    /// Another body for each number that comes after another.
    pub(crate) body: fn(usize) -> Value,
    /// Where it is taken away, if it can be.
    unset: Option<String>,
}

/// The eight edits; a team and a model have nothing, and nobody is protected.
pub(crate) fn things(user: &str) -> [Thing; 5] {
    let user = address(user);
    let price = "/api/v1/prices/anthropic.claude-opus-5-5";
    let owner = "/api/v1/teams/sap/owner";
    let protection = format!("{user}/protection");
    [
        Thing {
            read: format!("{price}?region=eu-west-1"),
            field: None,
            set: ("PUT", price.to_owned()),
            body: |number| json!({ "input": (number + 1).to_string() }),
            unset: Some(price.to_owned()),
        },
        Thing {
            read: "/api/v1/mode".to_owned(),
            field: None,
            set: ("PUT", "/api/v1/mode?yes=true".to_owned()),
            body: |number| json!({ "mode": if number % 2 == 0 { "off" } else { "dry-run" } }),
            unset: None,
        },
        Thing {
            read: "/api/v1/teams/sap".to_owned(),
            field: None,
            set: ("PUT", owner.to_owned()),
            body: |number| json!({ "owner": format!("lead{number}@example.com") }),
            unset: Some(owner.to_owned()),
        },
        Thing {
            read: user.clone(),
            field: Some("protection_etag"),
            set: ("PUT", protection.clone()),
            body: |number| json!({ "reason": format!("release week {number}"), "for": "7d" }),
            unset: Some(protection),
        },
        Thing {
            read: user.clone(),
            field: None,
            set: ("PATCH", user),
            body: |number| json!({ "person": format!("Ana {number}") }),
            unset: None,
        },
    ]
}

impl Thing {
    /// As it is read, with its tag.
    pub(crate) async fn seen(&self, office: &Office) -> (String, String) {
        let answer = office.ask(&office.viewer, &self.read).await;
        assert_eq!(answer.status, 200, "{}: {}", self.read, answer.text);
        let tag = match self.field {
            None => answer.header("etag").to_owned(),
            Some(field) => answer.json()[field].as_str().unwrap().to_owned(),
        };
        (tag, answer.text)
    }
}

/// What is done of it.
#[derive(Clone, Copy, Debug)]
enum Does {
    Set,
    Unset,
}

/// What `If-Match` says.
#[derive(Clone, Copy, Debug)]
enum Says {
    Nothing,
    Anything,
    /// The tag that it had before the latest edit.
    Stale,
    /// The tag that it is read with.
    Read,
    /// The tag that the latest edit answered.
    Answered,
    /// That, after another.
    OneOf,
}

type Steps = &'static [(Does, Says, u16)];

/// While nothing is there.
const NOTHING: Steps = &[
    (Does::Set, Says::Anything, 412),
    (Does::Unset, Says::Anything, 412),
    (Does::Set, Says::Stale, 412),
    (Does::Unset, Says::Stale, 412),
];

/// Of all.
const SET: Steps = &[
    (Does::Set, Says::Stale, 412),
    (Does::Set, Says::Read, 200),
    (Does::Set, Says::Stale, 412),
    (Does::Set, Says::Answered, 200),
    (Does::Set, Says::Answered, 200),
    (Does::Set, Says::OneOf, 200),
    (Does::Set, Says::Anything, 200),
    (Does::Set, Says::Nothing, 200),
    (Does::Set, Says::Stale, 412),
];

/// Of what can be taken away.
const UNSET: Steps = &[
    (Does::Unset, Says::Stale, 412),
    (Does::Unset, Says::Answered, 200),
    (Does::Unset, Says::Anything, 412),
    (Does::Set, Says::Answered, 200),
    (Does::Unset, Says::Anything, 200),
    (Does::Set, Says::Nothing, 200),
    (Does::Unset, Says::Nothing, 200),
];

/// A thing, edited step by step.
struct Edited<'a> {
    office: &'a Office,
    admin: &'a str,
    thing: &'a Thing,
    stale: String,
    answered: String,
    done: usize,
}

impl Edited<'_> {
    async fn send(&self, does: Does, if_match: Option<String>) -> Answer {
        let (method, path) = &self.thing.set;
        let ask = match (does, &self.thing.unset) {
            (Does::Set, _) => Ask::new(method, path).body((self.thing.body)(self.done)),
            (Does::Unset, Some(path)) => Ask::new("DELETE", path),
            (Does::Unset, None) => panic!("{path} is never taken away"),
        };
        let ask = if_match
            .iter()
            .fold(ask, |ask, tag| ask.header("If-Match", tag));
        ask.by(self.office, self.admin).await
    }

    async fn step(&mut self, (does, says, status): (Does, Says, u16)) {
        // What is made at the same instant is the same.
        let clock = &self.office.world.clock;
        clock.advance(SignedDuration::from_secs(1));
        let before = self.thing.seen(self.office).await;
        let if_match = match says {
            Says::Nothing => None,
            Says::Anything => Some("*".to_owned()),
            Says::Stale => Some(self.stale.clone()),
            Says::Read => Some(before.0.clone()),
            Says::Answered => Some(self.answered.clone()),
            Says::OneOf => Some(format!("\"other\", {}", self.answered)),
        };
        let what = format!("{does:?} {says:?} {:?}", self.thing.set);
        let answer = self.send(does, if_match).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        let after = self.thing.seen(self.office).await;
        if status == 412 {
            assert!(answer.text.contains("changed since"), "{}", answer.text);
            assert_eq!(after, before, "{what}");
            return;
        }
        assert_ne!(after.0, before.0, "{what}");
        assert_eq!(answer.header("etag"), after.0, "{what}");
        (self.stale, self.answered) = (before.0, after.0);
        self.done += 1;
    }
}

pub(crate) async fn what_is_edited_is_what_was_read(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    for thing in &things(&office.users[0]) {
        let mut edited = Edited {
            office: &office,
            admin: &admin,
            thing,
            stale: "\"other\"".to_owned(),
            answered: String::new(),
            done: 0,
        };
        let (untouched, _) = thing.seen(&office).await;
        let (first, last) = match thing.unset {
            Some(_) => (NOTHING, UNSET),
            None => (&[][..], &[][..]),
        };
        for step in [first, SET, last].concat() {
            edited.step(step).await;
        }
        if thing.unset.is_some() {
            assert_eq!(edited.answered, untouched, "nothing is there again");
        }
    }
}

/// What the dashboard has: the tag of each model in the list.
pub(crate) async fn a_list_of_prices_has_the_tags_of_the_models(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    let things = things(&office.users[0]);
    let price = &things[0];
    let listed = async || {
        let path = "/api/v1/prices?search=claude-opus-5-5";
        let list = office.ask(&office.viewer, path).await.json();
        let list = list["prices"].as_array().unwrap().clone();
        let model = |row: &&Value| row["model"] == "anthropic.claude-opus-5-5";
        let tags = list.iter().filter(model).map(|row| row["etag"].clone());
        tags.collect::<Vec<_>>()
    };
    for number in 0..2 {
        let (tag, _) = price.seen(&office).await;
        let all = listed().await;
        assert!(all.len() > 1, "global and regional");
        assert!(all.iter().all(|listed| *listed == json!(tag)), "{all:?}");
        let (method, path) = &price.set;
        let ask = Ask::new(method, path).body((price.body)(number));
        let set = ask.header("If-Match", &tag).by(&office, &admin).await;
        assert_eq!(set.json()["prices"][0]["etag"], set.header("etag"));
    }
}
