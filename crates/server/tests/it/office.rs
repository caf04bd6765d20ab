//! A server with a little in it: two people, a call of each, and who looks.

use axum::body::Body;
use axum::http::{Request, header};
use jiff::SignedDuration;
use weir_core::admin::{Command, Verb};
use weir_core::block::Until;
use weir_core::ids::{TeamId, UserId};
use weir_core::operator::{OperatorName, Rights, Role};
use weir_core::rulebook::{Person, Settings, UserClass};
use weir_engine::{Actor, NewToken};

use crate::world::{Answer, Place, World, events, fixture};

/// A world with a call by each of two users, in teams of their own.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) viewer: String,
    pub(crate) sap: String,
    pub(crate) users: [String; 2],
}

impl Office {
    pub(crate) async fn new() -> Self {
        Self::at(Place::Sqlite).await
    }

    pub(crate) async fn at(place: Place) -> Self {
        Self::under(place, Settings::default()).await
    }

    /// As [`Office::at`], under other settings.
    pub(crate) async fn under(place: Place, settings: Settings) -> Self {
        let world = World::under(place, settings).await;
        let mut users = Vec::new();
        for name in [
            "ct_invokemodel_iamuser.json",
            "ct_converse_longterm_key.json",
        ] {
            let before = world.store.users(None, None, 10).await.unwrap();
            let answer = world.send(events(fixture(name))).await;
            assert_eq!(answer.json()["new"], 1, "{}", answer.text);
            let after = world.store.users(None, None, 10).await.unwrap();
            let new = after.into_iter().find(|row| !before.contains(row)).unwrap();
            users.push(new.user);
        }
        let engine = &world.state.engine;
        for (user, team) in users.iter().zip(["sap", "web"]) {
            let said = Person {
                team: Some(TeamId::new(team)),
                class: Some(UserClass::Human),
                ..Person::default()
            };
            engine
                .set_person(user, said, &Actor::default())
                .await
                .unwrap();
            let command = Command {
                user: user.clone(),
                actor: "root@host".to_owned(),
                claimed_by: None,
                reason: "to see it in lists".to_owned(),
                verb: Verb::Block {
                    until: Until::Indefinite,
                },
            };
            engine.administer(command, true).await.unwrap();
        }
        let viewer = token(&world, Role::Viewer).await;
        let sap = token(&world, Role::Team).await;
        let users = [users[0].to_string(), users[1].to_string()];
        Self {
            world,
            viewer,
            sap,
            users,
        }
    }

    pub(crate) async fn ask(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.world.send(request.body(Body::empty()).unwrap()).await
    }
}

/// A token of an operator of that role, who is made.
pub(crate) async fn token(world: &World, role: Role) -> String {
    let engine = &world.state.engine;
    let name = OperatorName::new(role.as_str()).unwrap();
    let rights = rights(role, "nobody");
    let by = Actor::default();
    let made = engine.create_operator(&name, rights, "correct horse battery", &by);
    made.await.unwrap();
    token_of(world, name).await
}

/// What goes with a role: the team sap, or that user.
pub(crate) fn rights(role: Role, user: &str) -> Rights {
    let team = (role == Role::Team).then(|| TeamId::new("sap"));
    let user = (role == Role::Developer).then(|| UserId::new(user));
    Rights::new(role, team, user).unwrap()
}

/// A token of an operator who is there.
pub(crate) async fn token_of(world: &World, name: OperatorName) -> String {
    let (engine, by) = (&world.state.engine, Actor::default());
    let new = NewToken {
        operator: name,
        label: "reads".to_owned(),
        role: None,
        term: SignedDuration::from_hours(1),
    };
    let made = engine.make_token(&new, &by).await.unwrap();
    made.secret.expose().to_owned()
}

/// A token of a developer who is made and linked to that user.
pub(crate) async fn developer(office: &Office, name: &str, user: &str) -> String {
    let name = OperatorName::new(name).unwrap();
    let (engine, by) = (&office.world.state.engine, Actor::default());
    let rights = rights(Role::Developer, user);
    let made = engine.create_operator(&name, rights, "correct horse battery", &by);
    made.await.unwrap();
    token_of(&office.world, name).await
}

/// A limit of requests a month for one user, which notifies.
pub(crate) fn quota(user: &str, limit: i64) -> weir_store::RuleChange {
    use weir_core::calendar::WindowKind;
    use weir_core::quota::{Action, Limit, Metric, Quota, Scope};
    weir_store::RuleChange::SetQuota(Quota {
        scope: Scope::User(UserId::new(user)),
        metric: Metric::Requests,
        window: WindowKind::Month,
        limit: Limit::Of(limit),
        action: Action::Notify,
        warn: vec![80, 95],
        author: "root@host".to_owned(),
        additions: Vec::new(),
    })
}
