//! The organisation that is simulated: small, and with one of everything that the rules tell apart.

use weir_core::attribution::{Principal, PrincipalKind};
use weir_core::evidence::CallerFacts;
use weir_core::ids::{AccountId, KeyId, ModelId, TeamId, ToolId, UserId};

use crate::records::{ACCOUNT, Draft, SSO_ROLE};

/// What AWS calls Maria's sessions.
pub(crate) const MARIAS_SESSION: &str = "Maria@example.com";
/// Nora in the directory.
pub(crate) const NORAS_ID: &str = "b2c3d4e5-nora";

/// Somebody who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A person of team `sap`, by tags.
    Ana,
    /// A person of team `sap`, by tags.
    Bob,
    /// A person of team `crm`, by group and console password.
    Eva,
    /// A person of team `crm` on `enforcement.never`.
    Vip,
    /// An IAM user without a sign of a person: a workload.
    Bot,
    /// A role as a whole: a workload.
    Ci,
    /// The same role with a source identity, which only CloudTrail tells.
    Dan,
    /// A session of a role whose session names are trusted.
    Carl,
    /// A person of Identity Center, known by what her sessions are called.
    Maria,
    /// Another one, known by the directory's id.
    Nora,
    /// The root user.
    Root,
}

/// A team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Team {
    /// `sap`.
    Sap,
    /// `crm`.
    Crm,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Model {
    /// A model of the bundled price table, in its own Region.
    Haiku,
    /// The same through its global profile: cheaper.
    GlobalHaiku,
    /// A model that nobody has priced.
    Acme,
}

/// The program that calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// Known by its user agent.
    Cline,
    /// Known by its user agent.
    Boto,
}

impl Who {
    /// Everybody.
    pub const ALL: [Self; 11] = [
        Self::Ana,
        Self::Bob,
        Self::Eva,
        Self::Vip,
        Self::Bot,
        Self::Ci,
        Self::Dan,
        Self::Carl,
        Self::Maria,
        Self::Nora,
        Self::Root,
    ];

    /// The user that CloudTrail's record names, before any link.
    pub fn user(self) -> UserId {
        UserId::new(match self {
            Self::Ana => "ana",
            Self::Bob => "bob",
            Self::Eva => "eva",
            Self::Vip => "vip",
            Self::Bot => "bot",
            Self::Ci => "role/ci",
            Self::Dan => "dan",
            Self::Carl => "carl",
            Self::Maria => "maria@example.com",
            Self::Nora => "nora@example.com",
            Self::Root => "root",
        })
    }

    /// The principal that CloudTrail's record names.
    pub fn principal(self) -> Principal {
        let (kind, name, session) = match self {
            Self::Ci => (PrincipalKind::Role, "ci".to_owned(), None),
            Self::Dan => (PrincipalKind::SourceIdentity, "ci".to_owned(), Some("dan")),
            Self::Carl => (PrincipalKind::RoleSession, "dev".to_owned(), Some("carl")),
            Self::Maria => (
                PrincipalKind::IdentityCenter,
                SSO_ROLE.to_owned(),
                Some("maria@example.com"),
            ),
            Self::Nora => (
                PrincipalKind::IdentityCenter,
                SSO_ROLE.to_owned(),
                Some("nora@example.com"),
            ),
            Self::Root => (PrincipalKind::Root, "root".to_owned(), None),
            _ => (
                PrincipalKind::IamUser,
                self.user().as_str().to_owned(),
                None,
            ),
        };
        let session = session.map(ToOwned::to_owned);
        Principal {
            account: AccountId::new(ACCOUNT),
            kind,
            name,
            session,
        }
    }

    /// The principal that the invocation log names: it knows no source identity.
    pub fn principal_in_log(self) -> Principal {
        if self == Self::Dan {
            Self::Ci.principal()
        } else {
            self.principal()
        }
    }

    /// Whether the log alone proves whose call it is (rules C3).
    pub fn is_plain_session(self) -> bool {
        matches!(self, Self::Ci | Self::Dan | Self::Carl)
    }

    /// Whether inherited quotas may deny this caller (rules A10): people, unless an administrator
    /// said never.
    pub fn is_deniable_human(self) -> bool {
        matches!(
            self,
            Self::Ana | Self::Bob | Self::Eva | Self::Maria | Self::Nora
        )
    }

    /// The team that tags and groups name.
    pub fn home_team(self) -> TeamId {
        match self {
            Self::Ana | Self::Bob => Team::Sap.id(),
            Self::Eva | Self::Vip | Self::Bot => Team::Crm.id(),
            _ => TeamId::unassigned(),
        }
    }

    /// What IAM knows of the caller.
    pub fn facts(self) -> CallerFacts {
        let tagged = |team: &str, person: &str| CallerFacts {
            team_tag: Some(team.to_owned()),
            person: Some(person.to_owned()),
            ..CallerFacts::default()
        };
        let grouped = |login_profile| CallerFacts {
            groups: vec!["everybody".to_owned(), "team_crm_group".to_owned()],
            login_profile,
            ..CallerFacts::default()
        };
        match self {
            Self::Ana => tagged("sap", "Ana"),
            Self::Bob => tagged("team_SAP_group", "Bob"),
            Self::Eva | Self::Vip => grouped(true),
            Self::Bot => grouped(false),
            _ => CallerFacts::default(),
        }
    }

    /// The draft as a call of this one.
    pub fn calls(self, draft: Draft) -> Draft {
        match self {
            Self::Ci => draft.by_session("ci", "build-7"),
            Self::Dan => draft.by_session("ci", "build-8").on_behalf_of("dan"),
            Self::Carl => draft.by_session("dev", "carl"),
            Self::Maria => draft.by_person(MARIAS_SESSION),
            Self::Nora => draft
                .by_person("nora@example.com")
                .with_directory_id(NORAS_ID),
            Self::Root => draft.by_root(),
            _ => draft.by(self.user().as_str()),
        }
    }
}

impl Team {
    /// Its id.
    pub fn id(self) -> TeamId {
        TeamId::new(match self {
            Self::Sap => "sap",
            Self::Crm => "crm",
        })
    }
}

impl Model {
    /// The canonical id.
    pub fn id(self) -> ModelId {
        ModelId::new(match self {
            Self::Haiku | Self::GlobalHaiku => "anthropic.claude-haiku-4-5-20251001-v1:0",
            Self::Acme => "acme.large-v1:0",
        })
    }

    /// The text that callers send.
    pub fn sent(self) -> String {
        match self {
            Self::GlobalHaiku => format!("global.{}", self.id()),
            Self::Haiku | Self::Acme => self.id().as_str().to_owned(),
        }
    }
}

impl Tool {
    /// Its id.
    pub fn id(self) -> ToolId {
        ToolId::new(match self {
            Self::Cline => "cline",
            Self::Boto => "boto3",
        })
    }

    /// Its user agent.
    pub fn agent(self) -> &'static str {
        match self {
            Self::Cline => "Cline/3.2 aws-sdk-js/3.1010.0",
            Self::Boto => "Boto3/1.43.11",
        }
    }
}

/// The key that belongs to Ana's use of `cline`, made by Weir, so that it may be deactivated.
pub(crate) fn anas_cline_key() -> KeyId {
    KeyId::new("AKIACLINEOFANA")
}
