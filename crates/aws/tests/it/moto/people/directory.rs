//! Reading the directory, and telling Weir of it.

use std::sync::Arc;

use aws_sdk_identitystore::Client;
use aws_sdk_identitystore::types::{Email, MemberId, Name};
use serde_json::json;
use weir_aws::{Connection, DirectoryPlace};
use weir_core::people::DirectoryPerson;
use weir_core::rulebook::Settings;
use weir_engine::clock::FakeClock;
use weir_engine::ports::EffectErrorKind;
use weir_engine::{Actor, Engine, Options, Parts};
use weir_store::AuditFilter;
use weir_testkit::fakes::memory_store;

use super::*;
use crate::moto::stage::{config_of, fresh_account};

/// A directory of its own.
struct Directory {
    client: Client,
    connection: Connection,
    store: String,
}

impl Directory {
    async fn new() -> Self {
        let account = fresh_account();
        let config = config_of(&account).await;
        let instances = aws_sdk_ssoadmin::Client::new(&config).list_instances();
        let instances = instances.send().await.unwrap();
        let store = instances.instances()[0].identity_store_id().unwrap();
        Self {
            client: Client::new(&config),
            connection: Connection::over(config, AwsSettings::default()),
            store: store.to_owned(),
        }
    }

    async fn person(
        &self,
        user_name: &str,
        name: Option<(&str, &str)>,
        email: Option<&str>,
    ) -> String {
        // The directory takes nobody without a name.
        let (given, family) = name.unwrap_or(("Some", "Body"));
        let display = format!("{given} {family}");
        let name = Name::builder().given_name(given).family_name(family);
        let email = email.map(|email| vec![Email::builder().value(email).primary(true).build()]);
        let made = self
            .client
            .create_user()
            .identity_store_id(&self.store)
            .user_name(user_name)
            .display_name(display)
            .name(name.build())
            .set_emails(email)
            .send()
            .await
            .unwrap();
        made.user_id
    }

    async fn group(&self, name: &str, members: &[&str]) {
        let group = self.client.create_group().identity_store_id(&self.store);
        let group = group.display_name(name).send().await.unwrap().group_id;
        for member in members {
            self.client
                .create_group_membership()
                .identity_store_id(&self.store)
                .group_id(&group)
                .member_id(MemberId::UserId((*member).to_owned()))
                .send()
                .await
                .unwrap();
        }
    }

    async fn engine(&self) -> Engine {
        let clock = FakeClock::at("2026-11-20T11:00:00Z".parse().unwrap());
        Engine::new(Parts {
            store: memory_store().await,
            settings: Arc::new(Settings::default()),
            clock: Arc::new(clock),
            access: None,
            directory: None,
            post: None,
            options: Options::default(),
        })
    }

    async fn people(&self) -> Vec<DirectoryPerson> {
        self.connection.people().people().await.unwrap()
    }
}

fn olga() -> Actor {
    Actor {
        name: "olga".to_owned(),
        claimed: None,
    }
}

#[tokio::test]
async fn people_come_with_names_addresses_and_groups() {
    let directory = Directory::new().await;
    let ana = directory
        .person(
            "Ana.Díaz@example.com",
            Some(("Ana", "Díaz")),
            Some("ana@example.com"),
        )
        .await;
    let bare = directory.person("o'neil+odd name", None, None).await;
    directory.group("team_sap_group", &[&ana]).await;
    directory
        .group("All of us / everybody", &[&bare, &ana])
        .await;
    directory.group("empty", &[]).await;
    let mut people = directory.people().await;
    people.sort_by(|a, b| b.email.cmp(&a.email));
    let expected = [
        DirectoryPerson {
            id: ana,
            user_name: "Ana.Díaz@example.com".to_owned(),
            person: Some("Ana Díaz".to_owned()),
            email: Some("ana@example.com".to_owned()),
            groups: vec![
                "All of us / everybody".to_owned(),
                "team_sap_group".to_owned(),
            ],
        },
        DirectoryPerson {
            id: bare,
            user_name: "o'neil+odd name".to_owned(),
            person: Some("Some Body".to_owned()),
            email: None,
            groups: vec!["All of us / everybody".to_owned()],
        },
    ];
    assert_eq!(people, expected);
}

#[tokio::test]
async fn many_people_and_groups_come_page_by_page() {
    let directory = Directory::new().await;
    let mut ids = Vec::new();
    for number in 0..230 {
        ids.push(
            directory
                .person(&format!("person-{number:03}"), None, None)
                .await,
        );
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    directory.group("team_all_group", &all).await;
    for number in 0..110 {
        directory.group(&format!("group-{number:03}"), &[]).await;
    }
    let people = directory.people().await;
    assert_eq!(people.len(), 230);
    assert!(
        people
            .iter()
            .all(|person| person.groups == ["team_all_group"])
    );
}

#[tokio::test]
async fn what_the_directory_says_is_shown_noted_once_and_forgotten_with_whoever_left() {
    let directory = Directory::new().await;
    let engine = directory.engine().await;
    let ana = directory
        .person("ana", Some(("Ana", "Díaz")), Some("ana@example.com"))
        .await;
    directory.group("team_sap_group", &[&ana]).await;
    let people = directory.connection.people();
    let people = &*people;

    let sync = engine.compare_with_directory(people).await.unwrap();
    assert_eq!((sync.people, sync.with_team, sync.counts()), (1, 1, (1, 0)));
    let fields: Vec<_> = sync
        .differences
        .iter()
        .map(|one| (one.field, one.directory.as_deref().unwrap()))
        .collect();
    let expected = [
        ("user name", "ana"),
        ("person", "Ana Díaz"),
        ("email", "ana@example.com"),
        ("team", "sap"),
        ("groups", "team_sap_group"),
    ];
    assert_eq!(fields, expected);
    let shown = engine.store().rules().await.unwrap();
    assert!(shown.directory.is_empty(), "nothing was changed by looking");

    engine.note_directory(&sync, &olga()).await.unwrap();
    let sync = engine.compare_with_directory(people).await.unwrap();
    assert!(sync.is_done() && sync.differences.is_empty());
    engine.note_directory(&sync, &olga()).await.unwrap();

    let delete = directory
        .client
        .delete_user()
        .identity_store_id(&directory.store);
    delete.user_id(&ana).send().await.unwrap();
    let bob = directory.person("bob", None, None).await;
    let sync = engine.compare_with_directory(people).await.unwrap();
    assert_eq!(sync.counts(), (1, 1));
    engine.note_directory(&sync, &olga()).await.unwrap();
    let known = engine.store().rules().await.unwrap().directory;
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].id, bob);

    // The audit names them by their id, and nobody's name or address.
    let entries = engine.store().audit(&AuditFilter::default()).await.unwrap();
    let operations: Vec<_> = entries
        .iter()
        .map(|one| one.entry.operation.as_str())
        .filter(|operation| operation.starts_with("directory-"))
        .collect();
    assert_eq!(operations.len(), 3);
    let text = format!("{entries:?}");
    assert!(text.contains(&format!("directory:{ana}")));
    assert!(
        !text.contains("Díaz") && !text.contains("ana@example.com"),
        "{text}"
    );
}

#[tokio::test]
async fn a_right_that_is_missing_in_the_middle_changes_nothing() {
    let directory = Directory::new().await;
    let ana = directory.person("ana", None, None).await;
    directory.group("team_sap_group", &[&ana]).await;
    let engine = directory.engine().await;
    let people = directory.connection.people();
    let people = &*people;
    for action in ["ListUsers", "ListGroups", "ListGroupMemberships"] {
        let fault = json!([{ "action": action, "user": directory.store, "error": "AccessDeniedException" }]);
        crate::moto::stage::control("POST", "/weir-test/faults", &fault).await;
        let error = people.people().await.unwrap_err();
        assert_eq!(error.kind, EffectErrorKind::Denied, "{error}");
        assert!(error.what.starts_with(action), "{error}");
    }
    // Throttled calls are repeated.
    let fault = json!([{ "action": "ListUsers", "user": directory.store, "error": "ThrottlingException", "times": 2 }]);
    crate::moto::stage::control("POST", "/weir-test/faults", &fault).await;
    let sync = engine.compare_with_directory(people).await.unwrap();
    assert_eq!(sync.people, 1);
}

#[tokio::test]
async fn where_the_directory_is_can_be_said() {
    let directory = Directory::new().await;
    directory.person("ana", None, None).await;
    let config = config_of(&fresh_account()).await;
    let place = DirectoryPlace {
        region: Some("eu-central-1".to_owned()),
        account: None,
        identity_store: Some(directory.store.clone()),
    };
    let settings = AwsSettings {
        directory: place,
        ..AwsSettings::default()
    };
    // Another account and Region: another directory, in which nobody is.
    let elsewhere = Connection::over(config, settings);
    assert_eq!(elsewhere.people().people().await.unwrap(), []);
}
