//! Who called: from CloudTrail's `userIdentity`, or from the bare ARN of an invocation log
//! (rules A1-A5, aws.md 1.5).

use super::clean::{LABEL, NAME, clean};
use super::event::{SessionContext, SessionIssuer, UserIdentity};
use super::leaf::{Group, Problem};
use crate::record::Identity;

/// The path of the roles that Identity Center makes. Nobody else can make a role there.
const SSO_PATH: &str = ":role/aws-reserved/";
const SSO_ROLE: &str = "AWSReservedSSO_";

/// The identity in a CloudTrail record. Somebody nameless is `Unknown`, never an error: the call
/// was made all the same (A5).
pub(super) fn from_cloudtrail(
    identity: &Group<UserIdentity<'_>>,
    source_ip: Option<&str>,
) -> Result<Identity, Problem> {
    let Some(id) = identity.object("userIdentity")? else {
        return Ok(Identity::Unknown {
            seen: String::new(),
        });
    };
    let kind = id.kind.text("userIdentity.type")?.unwrap_or_default();
    let arn = id.arn.text("userIdentity.arn")?;
    let invoked_by = id.invoked_by.text("userIdentity.invokedBy")?;
    if let Some(service) = invoked_by.filter(|by| is_service(by)) {
        return Ok(Identity::Service {
            name: clean(service, NAME),
        });
    }
    let session = id.session_context.object("userIdentity.sessionContext")?;
    let issuer = match session {
        Some(session) => session
            .session_issuer
            .object("userIdentity.sessionContext.sessionIssuer")?,
        None => None,
    };
    let found = match kind {
        "IAMUser" => iam_user(id, arn)?,
        "AssumedRole" | "Role" => role_session(id, arn, session, issuer)?,
        "IdentityCenterUser" => directory_user(id)?,
        "FederatedUser" => federated(issuer)?,
        "Root" => Some(Identity::Root),
        "AWSService" => invoked_by
            .or(source_ip.filter(|ip| is_service(ip)))
            .map(|name| Identity::Service {
                name: clean(name, NAME),
            }),
        "" => arn.map(from_arn),
        _ => None,
    };
    match found {
        Some(identity) => Ok(identity),
        None => nameless(id, kind, arn),
    }
}

fn nameless(id: &UserIdentity<'_>, kind: &str, arn: Option<&str>) -> Result<Identity, Problem> {
    let seen = match (arn, id.principal_id.text("userIdentity.principalId")?) {
        (Some(arn), _) => arn.to_owned(),
        (None, Some(principal)) => format!("{kind} {principal}"),
        (None, None) => kind.to_owned(),
    };
    Ok(Identity::Unknown {
        seen: clean(&seen, LABEL),
    })
}

fn iam_user(id: &UserIdentity<'_>, arn: Option<&str>) -> Result<Option<Identity>, Problem> {
    let name = id.user_name.text("userIdentity.userName")?;
    let name = name.or(arn.and_then(|arn| arn_resource(arn)?.1.strip_prefix("user/")));
    let stable_id = id.principal_id.text("userIdentity.principalId")?;
    Ok(name.and_then(last_part).map(|name| Identity::IamUser {
        name: clean(name, NAME),
        stable_id: stable_id.map(|id| clean(id, NAME)),
    }))
}

fn role_session(
    id: &UserIdentity<'_>,
    arn: Option<&str>,
    session: Option<&SessionContext<'_>>,
    issuer: Option<&SessionIssuer<'_>>,
) -> Result<Option<Identity>, Problem> {
    let (mut issuer_name, mut issuer_id, mut issuer_arn) = (None, None, None);
    if let Some(issuer) = issuer {
        issuer_name = issuer
            .user_name
            .text("userIdentity.sessionContext.sessionIssuer.userName")?;
        issuer_id = issuer
            .principal_id
            .text("userIdentity.sessionContext.sessionIssuer.principalId")?;
        issuer_arn = issuer
            .arn
            .text("userIdentity.sessionContext.sessionIssuer.arn")?;
    }
    let principal = id
        .principal_id
        .text("userIdentity.principalId")?
        .unwrap_or_default();
    let (principal_role, principal_session) = principal.split_once(':').unwrap_or((principal, ""));
    let of_arn = arn.and_then(assumed_role);
    let role_of_arn = of_arn.map(|(role, _)| role);
    let role_of_issuer = issuer_arn
        .or(arn)
        .and_then(|arn| arn_resource(arn)?.1.strip_prefix("role/"));
    let role = issuer_name
        .or(role_of_arn)
        .or(role_of_issuer)
        .and_then(last_part);
    let Some(role) = role else { return Ok(None) };
    let session_name = of_arn.map_or(principal_session, |(_, session)| session);
    let by_identity_center =
        role.starts_with(SSO_ROLE) && issuer_arn.is_none_or(|arn| arn.contains(SSO_PATH));
    if by_identity_center {
        if session_name.is_empty() {
            return Ok(None);
        }
        let behalf = id.on_behalf_of.object("userIdentity.onBehalfOf")?;
        let directory_id = match behalf {
            Some(behalf) => behalf.user_id.text("userIdentity.onBehalfOf.userId")?,
            None => None,
        };
        return Ok(Some(Identity::IdentityCenter {
            role: clean(role, NAME),
            session: clean(session_name, NAME),
            directory_id: directory_id.map(|id| clean(id, NAME)),
        }));
    }
    let source_identity = match session {
        Some(session) => session
            .source_identity
            .text("userIdentity.sessionContext.sourceIdentity")?,
        None => None,
    };
    let stable_id = issuer_id.unwrap_or(principal_role);
    Ok(Some(Identity::RoleSession {
        role: clean(role, NAME),
        session: clean(session_name, NAME),
        stable_id: (!stable_id.is_empty()).then(|| clean(stable_id, NAME)),
        source_identity: source_identity.map(|identity| clean(identity, NAME)),
    }))
}

/// Somebody of the directory without a role of this account.
fn directory_user(id: &UserIdentity<'_>) -> Result<Option<Identity>, Problem> {
    let Some(behalf) = id.on_behalf_of.object("userIdentity.onBehalfOf")? else {
        return Ok(None);
    };
    let directory_id = behalf.user_id.text("userIdentity.onBehalfOf.userId")?;
    let name = id.user_name.text("userIdentity.userName")?.or(directory_id);
    Ok(name.map(|name| Identity::IdentityCenter {
        role: String::new(),
        session: clean(name, NAME),
        directory_id: directory_id.map(|id| clean(id, NAME)),
    }))
}

/// A session that an IAM user (or root) gave away. Its rights end with that user's, so it is that
/// user; the name of the session is free text.
fn federated(issuer: Option<&SessionIssuer<'_>>) -> Result<Option<Identity>, Problem> {
    let Some(issuer) = issuer else {
        return Ok(None);
    };
    let kind = issuer
        .kind
        .text("userIdentity.sessionContext.sessionIssuer.type")?;
    if kind == Some("Root") {
        return Ok(Some(Identity::Root));
    }
    let name = issuer
        .user_name
        .text("userIdentity.sessionContext.sessionIssuer.userName")?;
    let stable_id = issuer
        .principal_id
        .text("userIdentity.sessionContext.sessionIssuer.principalId")?;
    Ok(name.and_then(last_part).map(|name| Identity::IamUser {
        name: clean(name, NAME),
        stable_id: stable_id.map(|id| clean(id, NAME)),
    }))
}

/// The identity that an ARN alone tells: all there is in an invocation log.
pub(super) fn from_arn(arn: &str) -> Identity {
    named_by_arn(arn).unwrap_or_else(|| Identity::Unknown {
        seen: clean(arn, LABEL),
    })
}

fn named_by_arn(arn: &str) -> Option<Identity> {
    let (service, resource) = arn_resource(arn)?;
    match service {
        "iam" if resource == "root" => Some(Identity::Root),
        "iam" => {
            let name = last_part(resource.strip_prefix("user/")?)?;
            Some(Identity::IamUser {
                name: clean(name, NAME),
                stable_id: None,
            })
        }
        "sts" => {
            let (role, session) = assumed_role(arn)?;
            let (role, session) = (clean(role, NAME), clean(session, NAME));
            Some(if role.starts_with(SSO_ROLE) {
                Identity::IdentityCenter {
                    role,
                    session,
                    directory_id: None,
                }
            } else {
                Identity::RoleSession {
                    role,
                    session,
                    stable_id: None,
                    source_identity: None,
                }
            })
        }
        _ => None,
    }
}

/// `bedrock.amazonaws.com`; `AWS Internal` says nothing.
fn is_service(name: &str) -> bool {
    name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn")
}

/// Role and session of `arn:…:sts::<account>:assumed-role/<role>/<session>`.
fn assumed_role(arn: &str) -> Option<(&str, &str)> {
    let (role, session) = arn_resource(arn)?
        .1
        .strip_prefix("assumed-role/")?
        .split_once('/')?;
    (!role.is_empty() && !session.is_empty()).then_some((role, session))
}

/// Service and resource of an ARN of any partition: `aws`, `aws-us-gov`, `aws-cn`, `aws-eusc`, ….
fn arn_resource(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let is_arn = parts.next()? == "arn" && parts.next()?.starts_with("aws");
    let service = parts.next()?;
    let resource = parts.nth(2)?;
    is_arn.then_some((service, resource))
}

/// The name without path.
fn last_part(path: &str) -> Option<&str> {
    path.rsplit('/').next().filter(|name| !name.is_empty())
}
