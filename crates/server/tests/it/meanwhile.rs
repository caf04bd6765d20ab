//! What others do between the look and the deed.

use jiff::SignedDuration;
use serde_json::{Value, json};
use weir_core::admin::{Command, Verb};
use weir_core::block::Until;
use weir_core::ids::UserId;
use weir_core::operator::Role;
use weir_engine::EngineError;

use crate::edits::things;
use crate::office::{Office, token};
use crate::world::Place;
use crate::writes::{Ask, address};

/// Both are sent with what they believe to be there, and are looked at before either is done.
async fn at_once(office: &Office, admin: &str, edit: (&str, &str), bodies: [Value; 2], tag: &str) {
    let (method, path) = edit;
    let [one, other] = bodies.map(|body| {
        let ask = Ask::new(method, path).body(body);
        ask.header("If-Match", tag).by(office, admin)
    });
    let (one, other) = tokio::join!(one, other);
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "{path}: {} {}", one.text, other.text);
}

pub(crate) async fn of_two_edits_of_the_same_one_is_done(place: Place) {
    let office = Office::at(place).await;
    let admin = token(&office.world, Role::Admin).await;
    for thing in things(&office.users[0]) {
        // First there is none of it, then there is.
        for bodies in [[0, 2], [1, 3]] {
            office.world.clock.advance(SignedDuration::from_secs(1));
            let (tag, _) = thing.seen(&office).await;
            let (method, path) = &thing.set;
            let bodies = bodies.map(thing.body);
            at_once(&office, &admin, (method, path), bodies, &tag).await;
        }
    }
    let user = address(&office.users[0]);
    for teams in [["one", "two"], ["three", "four"]] {
        let page = office.ask(&office.viewer, &user).await;
        let bodies = teams.map(|team| json!({ "team": team }));
        let tag = page.header("etag");
        at_once(&office, &admin, ("PATCH", &user), bodies, tag).await;
    }
    let path = "/api/v1/quotas/defaults/requests/month";
    for limits in [["4000", "4001"], ["4002", "4003"]] {
        let set = office
            .ask(&office.viewer, "/api/v1/quotas?scope=defaults")
            .await;
        let set = set.json()["quotas"].clone();
        let quotas = set.as_array().unwrap().iter();
        let mut monthly = quotas.filter(|quota| quota["window"] == "month");
        let tag = monthly.next().unwrap()["etag"].as_str().unwrap().to_owned();
        let bodies = limits.map(|limit| json!({ "limit": limit }));
        at_once(&office, &admin, ("PUT", path), bodies, &tag).await;
    }
}

pub(crate) async fn what_somebody_else_blocked_meanwhile_stays(place: Place) {
    let office = Office::at(place).await;
    let engine = &office.world.state.engine;
    let user = UserId::new(&office.users[0]);
    let command = |actor: &str, verb: Verb| Command {
        user: user.clone(),
        actor: actor.to_owned(),
        claimed_by: None,
        reason: "all is well".to_owned(),
        verb,
    };
    let block = office
        .world
        .store
        .blocks(&weir_store::BlockFilter::default())
        .await;
    let block = block.unwrap().into_iter().map(|row| row.block);
    let block = block
        .into_iter()
        .find(|block| block.denies.user() == Some(&user));
    let block = block.unwrap();
    // Whoever looked before root@host blocked saw nothing in the way.
    for verb in [
        Verb::Unblock {
            protect_until: None,
        },
        Verb::Block {
            until: Until::Indefinite,
        },
        Verb::EndBlock {
            id: block.id.clone(),
        },
    ] {
        let done = engine
            .administer_own(command("operator:luis", verb), true)
            .await;
        let Err(EngineError::OthersBlock { author, .. }) = done else {
            panic!("{done:?}");
        };
        assert_eq!(author, "root@host");
    }
    let page = office
        .ask(&office.viewer, &address(&office.users[0]))
        .await
        .json();
    assert_eq!(page["state"], "BLOCKED_ADM");
    assert_eq!(page["blocks"][0]["author"], "root@host");
    assert_eq!(page["blocks"][0]["lifted_at"], Value::Null);

    // Their own they lift, and what the quotas decided.
    let verb = Verb::Unblock {
        protect_until: None,
    };
    let done = engine
        .administer_own(command("root@host", verb), true)
        .await;
    assert_eq!(done.unwrap().status.state, "ACTIVE");
}
