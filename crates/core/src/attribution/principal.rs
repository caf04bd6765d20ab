//! Names of AWS identities.

use std::borrow::Cow;

use crate::ids::AccountId;

/// A stable name for an AWS identity: what a user consists of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// What it is.
    pub kind: PrincipalKind,
    /// User name, role name or service; no path.
    pub name: String,
    /// Session name or source identity, where it tells people apart: as AWS sends it; in lower case for a
    /// person of Identity Center whose call told an id.
    pub session: Option<String>,
}

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// An IAM user.
    IamUser,
    /// A person of Identity Center, by role and user name.
    IdentityCenter,
    /// A role as a whole.
    Role,
    /// A session of a role listed in `attribution.session_roles`.
    RoleSession,
    /// A role session with a source identity.
    SourceIdentity,
    /// The root user.
    Root,
    /// An AWS service.
    Service,
    /// Anything else.
    Unknown,
}

impl Principal {
    /// The name under which links and holders are kept: user names of Identity Center are one in any case.
    pub fn folded(&self) -> Cow<'_, Self> {
        let small = self.folded_session();
        if small == self.session.as_deref().map(Cow::Borrowed) {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self {
            session: small.map(Cow::into_owned),
            ..self.clone()
        })
    }

    /// The session as [`Self::folded`] has it.
    pub fn folded_session(&self) -> Option<Cow<'_, str>> {
        let session = self.session.as_deref()?;
        Some(match self.kind {
            PrincipalKind::IdentityCenter => Cow::Owned(session.to_lowercase()),
            _ => Cow::Borrowed(session),
        })
    }
}

/// `111122223333/iam-user/ana`, `111122223333/role-session/gateway/ana`.
impl std::fmt::Display for Principal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            account,
            kind,
            name,
            session,
        } = self;
        write!(f, "{account}/{}/{name}", kind.as_str())?;
        match session {
            Some(session) => write!(f, "/{session}"),
            None => Ok(()),
        }
    }
}

impl PrincipalKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::IamUser,
        Self::IdentityCenter,
        Self::Role,
        Self::RoleSession,
        Self::SourceIdentity,
        Self::Root,
        Self::Service,
        Self::Unknown,
    ];

    /// The word stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IamUser => "iam-user",
            Self::IdentityCenter => "identity-center",
            Self::Role => "role",
            Self::RoleSession => "role-session",
            Self::SourceIdentity => "source-identity",
            Self::Root => "root",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }
}

impl std::str::FromStr for PrincipalKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a kind of principal"))
    }
}
