//! Who called, from `userIdentity` and from the ARN of a log.
#![expect(clippy::too_many_lines, reason = "tables of cases are long")]

use super::support::{call_with, log, tell_identity, told_of};
use crate::intake::{Item, Options, read_bytes};

fn who(event: &str) -> String {
    match read_bytes(event.as_bytes(), &Options::default()).as_slice() {
        [Item::Record(record)] => tell_identity(&record.identity),
        _ => told_of(event),
    }
}

#[test]
fn user_identities() {
    let role = |more: &str| {
        format!(
            r#"{{"type":"AssumedRole","principalId":"AROA1:s-1","arn":"arn:aws:sts::111122223333:assumed-role/Build/s-1"{more}}}"#
        )
    };
    let issuer = |arn: &str, name: &str| {
        format!(
            r#","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA1","arn":"{arn}","userName":"{name}"}},"sourceIdentity":"ana"}}"#
        )
    };
    let sso = "AWSReservedSSO_Dev_0123456789abcdef";
    let sso_path = format!("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/{sso}");
    let own_path = format!("arn:aws:iam::111122223333:role/{sso}");
    for (identity, want) in [
        // IAM users
        (
            r#"{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::1:user/eng/ml/ana","userName":"ana"}"#,
            "user ana AIDA1",
        ),
        (
            r#"{"type":"IAMUser","arn":"arn:aws:iam::1:user/eng/ml/ana"}"#,
            "user ana -",
        ),
        (
            r#"{"type":"IAMUser","arn":"arn:aws-us-gov:iam::1:user/ana","userName":""}"#,
            "user ana -",
        ),
        (
            r#"{"type":"IAMUser","userName":"a\u0000n\u001ba"}"#,
            "user ana -",
        ),
        (
            r#"{"type":"IAMUser","principalId":"AIDA1"}"#,
            "unknown IAMUser AIDA1",
        ),
        // Role sessions
        (&role(""), "role Build AROA1 session s-1 source -"),
        (
            &role(&issuer("arn:aws:iam::1:role/ci/Build", "Build")),
            "role Build AROA1 session s-1 source ana",
        ),
        (
            r#"{"type":"AssumedRole","principalId":"AROA1:s-1","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::1:role/ci/Build"}}}"#,
            "role Build AROA1 session s-1 source -",
        ),
        (
            r#"{"type":"Role","principalId":"AROA1","arn":"arn:aws:iam::1:role/ci/Build"}"#,
            "role Build AROA1 session  source -",
        ),
        (r#"{"type":"AssumedRole"}"#, "unknown AssumedRole"),
        // Identity Center, by a role that only it can make
        (
            &format!(
                r#"{{"type":"AssumedRole","principalId":"AROA1:Ana@example.com","arn":"arn:aws:sts::1:assumed-role/{sso}/Ana@example.com"{},"onBehalfOf":{{"userId":"u-1"}}}}"#,
                issuer(&sso_path, sso)
            ),
            &format!("sso Ana@example.com u-1 as {sso}"),
        ),
        (
            &format!(r#"{{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/{sso}/ana"}}"#),
            &format!("sso ana - as {sso}"),
        ),
        (
            &format!(
                r#"{{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/{sso}/boss"{}}}"#,
                issuer(&own_path, sso)
            ),
            &format!("role {sso} AROA1 session boss source ana"),
        ),
        (
            r#"{"type":"IdentityCenterUser","accountId":"111122223333","onBehalfOf":{"userId":"u-1","identityStoreArn":"a"},"credentialId":"c"}"#,
            "sso u-1 u-1 as ",
        ),
        // Services
        (
            r#"{"type":"AWSService","invokedBy":"bedrock.amazonaws.com"}"#,
            "service bedrock.amazonaws.com",
        ),
        (
            &role(r#","invokedBy":"bedrock.amazonaws.com""#),
            "service bedrock.amazonaws.com",
        ),
        (
            &role(r#","invokedBy":"AWS Internal""#),
            "role Build AROA1 session s-1 source -",
        ),
        (r#"{"type":"AWSService"}"#, "unknown AWSService"),
        // Federated sessions belong to the user who gave them away
        (
            r#"{"type":"FederatedUser","principalId":"1:guest","arn":"arn:aws:sts::1:federated-user/guest","sessionContext":{"sessionIssuer":{"type":"IAMUser","principalId":"AIDA1","userName":"ana"}}}"#,
            "user ana AIDA1",
        ),
        (
            r#"{"type":"FederatedUser","sessionContext":{"sessionIssuer":{"type":"Root"}}}"#,
            "root",
        ),
        (
            r#"{"type":"FederatedUser","arn":"arn:aws:sts::1:federated-user/guest"}"#,
            "unknown arn:aws:sts::1:federated-user/guest",
        ),
        // The rest
        (
            r#"{"type":"Root","arn":"arn:aws:iam::1:root","userName":"alias"}"#,
            "root",
        ),
        (
            r#"{"type":"AWSAccount","principalId":"AROA9:x","accountId":"999"}"#,
            "unknown AWSAccount AROA9:x",
        ),
        (r#"{"type":"Directory"}"#, "unknown Directory"),
        (r#"{"arn":"arn:aws:iam::1:user/ana"}"#, "user ana -"),
        ("{}", "unknown "),
        ("null", "unknown "),
    ] {
        let event = call_with("r", "").replacen(
            r#"{"type":"IAMUser","userName":"ana","accountId":"111122223333"}"#,
            identity,
            1,
        );
        assert_eq!(who(&event), want, "{identity}");
    }
}

#[test]
fn a_wrong_type_in_an_identity_names_the_field() {
    for (identity, field) in [
        ("[]", "`userIdentity` is a list, not an object"),
        (
            r#"{"type":5}"#,
            "`userIdentity.type` is a number, not a text",
        ),
        (
            r#"{"type":"AssumedRole","sessionContext":{"sessionIssuer":"x"}}"#,
            "`userIdentity.sessionContext.sessionIssuer` is a text, not an object",
        ),
    ] {
        let event = call_with("r", "").replacen(
            r#"{"type":"IAMUser","userName":"ana","accountId":"111122223333"}"#,
            identity,
            1,
        );
        assert!(told_of(&event).contains(field), "{}", told_of(&event));
    }
}

#[test]
fn arns_of_logs() {
    for (arn, want) in [
        (
            "arn:aws:iam::111122223333:user/teams/data/ana.lopez",
            "user ana.lopez -",
        ),
        ("arn:aws-cn:iam::111122223333:user/ana", "user ana -"),
        ("arn:aws-eusc:iam::111122223333:user/ana", "user ana -"),
        ("arn:aws:iam::111122223333:root", "root"),
        (
            "arn:aws-us-gov:sts::111122223333:assumed-role/Build/s-1",
            "role Build - session s-1 source -",
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/ana",
            "sso ana - as AWSReservedSSO_Dev_0123456789abcdef",
        ),
        (
            "arn:aws:sts::111122223333:federated-user/guest",
            "unknown arn:aws:sts::111122223333:federated-user/guest",
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/Build",
            "unknown arn:aws:sts::111122223333:assumed-role/Build",
        ),
        (
            "arn:other:iam::111122223333:user/ana",
            "unknown arn:other:iam::111122223333:user/ana",
        ),
        (
            "arn:aws:iam::111122223333:user/",
            "unknown arn:aws:iam::111122223333:user/",
        ),
        ("", "unknown "),
        ("nonsense", "unknown nonsense"),
    ] {
        let text = log("r").replacen("arn:aws:iam::111122223333:user/ana", arn, 1);
        assert_eq!(who(&text), want, "{arn}");
    }
    let long = log("r").replacen("arn:aws:iam::111122223333:user/ana", &"x".repeat(5000), 1);
    assert_eq!(who(&long), format!("unknown {}", "x".repeat(256)));
}
