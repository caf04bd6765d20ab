//! A browser that signs in at a real provider (`crates/testkit/oidc`): the server is in process, the provider is not.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;
use weir_core::ids::TeamId;
use weir_core::operator::{Admission, Entitled, GroupRights, Role};
use weir_core::secret::Secret;
use weir_server::{SSO_SIGNED, Sso, SsoSettings};

use crate::world::{Answer, World};

pub(crate) const RETURN: &str = "http://127.0.0.1:8080/sso/callback";

#[expect(
    clippy::disallowed_methods,
    reason = "where the provider is, only the environment says"
)]
pub(crate) fn control() -> String {
    std::env::var("WEIR_TEST_OIDC_URL").unwrap_or_else(|_| {
        panic!("WEIR_TEST_OIDC_URL is not set: run the tests by `scripts/with-services.sh cargo nextest run --profile ci`")
    })
}

pub(crate) fn http() -> reqwest::Client {
    let client = reqwest::Client::builder();
    client
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// A person of the provider, whom no other test knows.
pub(crate) async fn person(name: &str, claims: Value) -> String {
    let sub = format!("{name}-{}", std::process::id());
    let url = format!("{}/people/{sub}", control());
    let put = http().put(url).body(claims.to_string()).send().await;
    assert_eq!(put.unwrap().status(), 204);
    sub
}

pub(crate) fn groups() -> Vec<GroupRights> {
    [
        ("weir-admins", Role::Admin, None),
        ("sap-leads", Role::Team, Some(TeamId::new("sap"))),
        ("lookers", Role::Viewer, None),
    ]
    .into_iter()
    .map(|(group, role, team)| GroupRights::new(group.to_owned(), role, team).unwrap())
    .collect()
}

/// As the provider at an address would be used.
pub(crate) fn settings(issuer: String) -> SsoSettings {
    SsoSettings {
        label: Some("Acme".to_owned()),
        issuer,
        client_id: "weir".to_owned(),
        client_secret: Secret::new("secret"),
        redirect_url: RETURN.to_owned(),
        scopes: ["email", "profile", "groups"].map(str::to_owned).to_vec(),
        algorithms: SSO_SIGNED.map(str::to_owned).to_vec(),
        groups_claim: "groups".to_owned(),
        user_claim: None,
        admission: Admission {
            groups: groups(),
            others: Entitled::Nobody,
        },
    }
}

/// As one of the two providers is used.
pub(crate) async fn about(which: &str) -> SsoSettings {
    let about = http().get(control()).send().await.unwrap().bytes().await;
    let about: Value = serde_json::from_slice(&about.unwrap()).unwrap();
    let text = |key: &str| about[key].as_str().unwrap().to_owned();
    SsoSettings {
        client_id: text("client_id"),
        client_secret: Secret::new(text("client_secret")),
        ..settings(text(which))
    }
}

/// A server with single sign-on by one of the two providers.
pub(crate) async fn world(which: &str, others: Entitled) -> World {
    let mut world = World::of_today().await;
    let mut settings = about(which).await;
    settings.admission.others = others;
    world.state.sso = Some(Arc::new(Sso::new(settings).unwrap()));
    world
}

/// A browser, with its cookies at Weir and at the provider, where `person` says who sits before it.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) weir: BTreeMap<String, String>,
    provider: BTreeMap<String, String>,
}

fn keep(jar: &mut BTreeMap<String, String>, set: &str) {
    let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
    if value.is_empty() {
        jar.remove(name);
    } else {
        jar.insert(name.to_owned(), value.to_owned());
    }
}

pub(crate) fn sent(jar: &BTreeMap<String, String>) -> String {
    let pairs = jar.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("; ")
}

impl Browser {
    pub(crate) fn of(person: &str) -> Self {
        let provider = [("person".to_owned(), person.to_owned())].into();
        Self {
            provider,
            ..Self::default()
        }
    }

    pub(crate) async fn ask(&mut self, world: &World, path: &str) -> Answer {
        let request = Request::get(path)
            .header(header::COOKIE, sent(&self.weir))
            .header("X-Forwarded-For", "203.0.113.7")
            .header(header::ACCEPT_LANGUAGE, "en-GB,en;q=0.9,es;q=0.8");
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        for set in answer.all("set-cookie") {
            keep(&mut self.weir, set);
        }
        answer
    }

    /// The address at the provider that a sign-in begins with.
    pub(crate) async fn begin(&mut self, world: &World) -> String {
        let answer = self.ask(world, "/sso/start").await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.header("location").to_owned()
    }

    /// Through the provider, up to the address at Weir that it sends the browser back to.
    pub(crate) async fn through(&mut self, start: &str) -> String {
        let mut url = reqwest::Url::parse(start).unwrap();
        for _ in 0..10 {
            let request = http()
                .get(url.clone())
                .header("cookie", sent(&self.provider));
            let answer = request.send().await.unwrap();
            for set in answer.headers().get_all("set-cookie") {
                keep(&mut self.provider, set.to_str().unwrap());
            }
            let place = answer.headers().get("location");
            let place = place.unwrap().to_str().unwrap();
            url = url.join(place).unwrap();
            if let Some(back) = url.as_str().strip_prefix(RETURN) {
                return format!("/sso/callback{back}");
            }
        }
        panic!("the provider goes round in circles");
    }

    pub(crate) async fn sign_in(&mut self, world: &World) -> Answer {
        let start = self.begin(world).await;
        let back = self.through(&start).await;
        self.ask(world, &back).await
    }
}
