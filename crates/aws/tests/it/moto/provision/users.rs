//! People's IAM users.

use serde_json::json;
use weir_core::provision::KeyKind;
use weir_core::rulebook::{KeyState, UserClass};
use weir_engine::provision::{NewUser, Outcome, Shown, UserUpdate};
use weir_testkit::fakes::contract::{Stage, theirs};

use super::{World, all_exist, lines};

#[tokio::test]
async fn a_user_is_made_once_with_tags_team_and_password() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let mut new = world.person("ana", &team);
    new.login = true;
    let operator = world.operator().await;
    let plan = operator.plan_user(&new).await.unwrap();
    let done = world.done(&plan).await;
    let [Shown::Login { user, password }] = &done.secrets[..] else {
        panic!("{done:?}");
    };
    assert_eq!(*user, new.name);
    assert!(
        !format!("{done:?}").contains(password.reveal()),
        "nothing prints a secret"
    );
    let info = operator.user(&new.name).await.unwrap();
    let found = info.found.unwrap();
    assert!(found.arn.contains(":user/weir/ana"), "{found:?}");
    assert!(found.login && !found.stable_id.is_empty());
    assert_eq!(found.groups, [format!("team_{team}_group")]);
    let tags = [
        ("Person", "Ana López"),
        ("Team", &*team),
        ("Email", "ana@example.com"),
    ];
    for (key, value) in tags {
        assert_eq!(found.tag(key), Some(value));
    }
    assert_eq!(info.said.class, Some(UserClass::Human));
    assert_eq!(info.said.person.as_deref(), Some("Ana López"));
    let recorded = world.recorded().await;
    let expected = [
        "iam-user-create",
        "iam-group-join",
        "iam-login-create",
        "user-set",
        "user-introduce",
    ];
    assert_eq!(recorded[2..], expected);

    let again = operator.plan_user(&new).await.unwrap();
    assert!(again.is_done(), "{again:?}");
    assert!(all_exist(&world.done(&again).await));
}

#[tokio::test]
async fn a_half_made_user_is_finished() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let new = world.person("ana", &team);
    let fault = json!([{ "action": "AddUserToGroup", "user": new.name, "error": "AccessDenied" }]);
    world.stage.faults(fault).await;
    let operator = world.operator().await;
    let plan = operator.plan_user(&new).await.unwrap();
    let stopped = world.carry_out(&plan).await;
    let outcomes: Vec<_> = stopped.lines.iter().map(|line| line.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Done, Outcome::Failed, Outcome::Left, Outcome::Left]
    );
    let rest = operator.plan_user(&new).await.unwrap();
    assert_eq!(rest.steps.len(), 3);
    world.done(&rest).await;
    assert!(operator.plan_user(&new).await.unwrap().is_done());
}

#[tokio::test]
async fn who_cannot_be_made_is_refused_with_the_way_out() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let operator = world.operator().await;
    let good = world.person("ana", &team);
    let with = |change: &dyn Fn(&mut NewUser)| {
        let mut new = good.clone();
        change(&mut new);
        new
    };
    for (new, words) in [
        (with(&|new| new.name = "ana lopez".into()), "holds ' '"),
        (with(&|new| new.name = "ana--cline".into()), "for one tool"),
        (
            with(&|new| new.team = "nobody".into()),
            "weir group create nobody",
        ),
        (with(&|new| new.person = " ".into()), "PERSON"),
        (
            with(&|new| new.email = Some("ana".into())),
            "is not an e-mail address",
        ),
    ] {
        let refused = operator.plan_user(&new).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    let odd = with(&|new| {
        new.name = format!("a+b=c,d.e@f_g-{}", world.stage.account);
        new.person = "Sean O'Neill".into();
    });
    let plan = operator.plan_user(&odd).await.unwrap();
    assert!(plan.notes[0].contains("Sean O Neill"), "{plan:?}");
    world.done(&plan).await;
    assert!(operator.plan_user(&odd).await.unwrap().is_done());
    assert_eq!(
        world.weirs(&odd.name).await.person.as_deref(),
        Some("Sean O'Neill")
    );
}

#[tokio::test]
async fn an_update_moves_to_another_team_in_iam_and_in_weir() {
    let world = World::new().await;
    let (sap, data) = (world.team("sap").await, world.team("data").await);
    let ana = world.ana(&sap).await;
    let operator = world.operator().await;
    let update = UserUpdate {
        team: Some(data.clone()),
        login: Some(true),
        ..UserUpdate::default()
    };
    let plan = operator.plan_user_update(&ana, &update).await.unwrap();
    world.done(&plan).await;
    let info = operator.user(&ana).await.unwrap();
    let found = info.found.unwrap();
    assert_eq!(found.groups, [format!("team_{data}_group")]);
    assert_eq!(found.tag("team"), Some(&*data));
    assert!(found.login);
    assert_eq!(info.said.team.unwrap().as_str(), data);
    assert_eq!(info.said.person.as_deref(), Some("Ana López"));
    assert!(
        operator
            .plan_user_update(&ana, &update)
            .await
            .unwrap()
            .is_done()
    );
    let out = UserUpdate {
        login: Some(false),
        ..UserUpdate::default()
    };
    let plan = operator.plan_user_update(&ana, &out).await.unwrap();
    world.done(&plan).await;
    assert!(!operator.user(&ana).await.unwrap().found.unwrap().login);
}

#[tokio::test]
async fn a_deletion_removes_all_that_hinders_and_keeps_the_history() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let client = &world.stage.client;
    let operator = world.operator().await;
    for (tool, kind) in [
        ("cline", KeyKind::Bedrock),
        ("kiro", KeyKind::Bedrock),
        ("boto3", KeyKind::AccessKey),
    ] {
        let plan = operator.plan_key(&ana, tool, kind, None).await.unwrap();
        world.done(&plan).await;
    }
    let device = burden(&world, &ana).await;

    let info = operator.user(&ana).await.unwrap();
    assert_eq!((info.keys.len(), info.others.len()), (3, 1));
    let found = info.found.unwrap();
    assert_eq!(
        [
            found.other_credentials.len(),
            found.certificates.len(),
            found.ssh_keys.len(),
            found.mfa.len()
        ],
        [1, 1, 1, 1]
    );
    let plan = operator.plan_user_deletion(&ana).await.unwrap();
    let done = world.done(&plan).await;
    assert!(!all_exist(&done));
    let left = operator.user(&ana).await.unwrap();
    assert!(left.found.is_none() && left.others.is_empty(), "{left:?}");
    assert_eq!(
        left.said.person.as_deref(),
        Some("Ana López"),
        "Weir keeps who it was"
    );
    let rules = world.engine.reload_rules().await.unwrap();
    assert_eq!(rules.keys.len(), 3);
    assert!(
        rules
            .keys
            .values()
            .all(|owner| owner.state == KeyState::Revoked)
    );
    let devices = client.list_virtual_mfa_devices().send().await.unwrap();
    assert!(
        devices
            .virtual_mfa_devices
            .iter()
            .all(|one| one.serial_number != device)
    );

    let again = operator.plan_user_deletion(&ana).await.unwrap();
    assert!(again.is_done(), "{:?}", lines(&world.done(&again).await));
}

#[tokio::test]
async fn a_deletion_that_stopped_half_way_goes_on() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    let operator = world.operator().await;
    let plan = operator
        .plan_key(&ana, "boto3", KeyKind::AccessKey, None)
        .await
        .unwrap();
    world.done(&plan).await;
    let fault = json!([{ "action": "RemoveUserFromGroup", "user": ana, "error": "AccessDenied" }]);
    world.stage.faults(fault).await;
    let plan = operator.plan_user_deletion(&ana).await.unwrap();
    let stopped = world.carry_out(&plan).await;
    assert_eq!(stopped.lines[0].outcome, Outcome::Done);
    assert!(stopped.stopped.is_some());
    let rest = operator.plan_user_deletion(&ana).await.unwrap();
    assert_eq!(rest.steps.len(), plan.steps.len() - 1);
    world.done(&rest).await;
    assert!(operator.user(&ana).await.unwrap().found.is_none());
}

/// Hangs on a user whatever AWS wants removed before it. Returns the MFA device.
async fn burden(world: &World, ana: &str) -> String {
    let (stage, client) = (&world.stage, &world.stage.client);
    stage.make_login(ana).await;
    stage.attach_others(ana, 2).await;
    world.stage.put_other(ana, "Theirs", &theirs(10)).await;
    let other = client.create_service_specific_credential().user_name(ana);
    other
        .service_name("codecommit.amazonaws.com")
        .send()
        .await
        .unwrap();
    let certificate = client.upload_signing_certificate().user_name(ana);
    let certificate = certificate.certificate_body(include_str!("certificate.pem"));
    certificate.send().await.unwrap();
    let ssh = client.upload_ssh_public_key().user_name(ana);
    ssh.ssh_public_key_body("ssh-rsa AAAAB3NzaC1yc2E")
        .send()
        .await
        .unwrap();
    let device = client
        .create_virtual_mfa_device()
        .virtual_mfa_device_name(ana);
    let device = device.send().await.unwrap().virtual_mfa_device.unwrap();
    let enable = client.enable_mfa_device().user_name(ana);
    let enable = enable.serial_number(device.serial_number());
    enable
        .authentication_code1("123456")
        .authentication_code2("654321")
        .send()
        .await
        .unwrap();
    device.serial_number().to_owned()
}

#[tokio::test]
async fn what_weir_says_otherwise_stays_until_it_is_updated() {
    let world = World::new().await;
    let (sap, data) = (world.team("sap").await, world.team("data").await);
    let ana = world.ana(&sap).await;
    let operator = world.operator().await;
    let again = NewUser {
        person: "Ana Ruiz".to_owned(),
        ..world.person("ana", &data)
    };
    let plan = operator.plan_user(&again).await.unwrap();
    assert!(plan.is_done(), "{plan:?}");
    for said in [
        format!("Weir says that the team of {ana} is `{sap}`, not `{data}`"),
        format!("Weir says that the person of {ana} is `Ana López`, not `Ana Ruiz`"),
    ] {
        assert!(
            plan.notes.iter().any(|note| note.contains(&said)),
            "{plan:?}"
        );
    }
    let found = operator.user(&ana).await.unwrap().found.unwrap();
    assert_eq!(found.groups, [format!("team_{sap}_group")]);
    assert!(operator.compare_with_iam().await.unwrap().plan.is_done());
}

#[tokio::test]
async fn the_iam_user_of_a_tool_that_weir_does_not_know_goes_with_its_user() {
    let world = World::new().await;
    let team = world.team("sap").await;
    let ana = world.ana(&team).await;
    for tool in ["cline", "kiro"] {
        world.key(&ana, tool, KeyKind::Bedrock).await;
    }
    let fresh = World {
        stage: world.stage,
        engine: World::new().await.engine,
    };
    let operator = fresh.operator().await;
    let plan = operator.plan_user_deletion(&ana).await.unwrap();
    fresh.done(&plan).await;
    let left = fresh.stage.connection.provisioning.users().await.unwrap();
    assert_eq!(left, []);
}
