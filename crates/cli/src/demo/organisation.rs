//! The made-up organisation: six teams, forty users, five tools.

/// The account everything happens in.
pub(crate) const ACCOUNT: &str = "111122223333";
/// What names a team in the name of a permission set.
pub(crate) const PERMISSION_SET_PATTERN: &str = "^Bedrock-(.+)$";

/// How somebody comes to Bedrock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Identity Center; the session name is the e-mail address.
    IdentityCenter,
    /// An IAM user with a path.
    IamUser,
    /// An IAM user that uses a Bedrock API key.
    ApiKey,
    /// A role of an application: no person.
    Workload,
}

/// A program that calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    ClaudeCode,
    Cline,
    Kiro,
    Boto3,
    AwsCli,
}

/// Somebody who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// `Ana López`; empty for workloads.
    pub(crate) person: &'static str,
    /// `ana.lopez`, or the name of the role.
    pub(crate) name: &'static str,
    pub(crate) team: &'static str,
    pub(crate) door: Door,
    pub(crate) tools: &'static [Tool],
    /// Calls on a working day, more or less.
    pub(crate) pace: u64,
    /// Something that happens to this caller on the last days.
    pub(crate) story: Story,
}

/// What the history tells about a caller, besides everyday work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    None,
    /// An agent ran in a loop on the last day: over the daily limit.
    Loop,
    /// Close to the daily limit now; live calls reach it.
    AlmostThere,
    /// Over the first warning.
    Busy,
    /// Over the daily limit three days ago.
    LoopBefore,
    /// Calls a model for which there is no price.
    Explorer,
    /// Was never given access.
    NoAccess,
}

impl Caller {
    pub(crate) fn email(&self) -> String {
        format!("{}@example.com", self.name)
    }

    /// The user id that attribution gives.
    pub(crate) fn user_id(&self) -> String {
        match self.door {
            Door::IdentityCenter => self.email(),
            Door::IamUser | Door::ApiKey => self.name.to_owned(),
            Door::Workload => format!("role/{}", self.name),
        }
    }
}

use Door::{ApiKey, IamUser, IdentityCenter as Sso, Workload};
use Story::{AlmostThere, Busy, Explorer, Loop, LoopBefore, NoAccess};
use Tool::{AwsCli, Boto3, ClaudeCode, Cline, Kiro};

const CODE: &[Tool] = &[ClaudeCode];
const BOTH: &[Tool] = &[ClaudeCode, Cline];
const PLUGIN: &[Tool] = &[Cline];
const SPEC: &[Tool] = &[Kiro];
const SCRIPT: &[Tool] = &[Boto3, AwsCli];
const SHELL: &[Tool] = &[AwsCli];
const NOTEBOOK: &[Tool] = &[Boto3];

const fn who(
    person: &'static str,
    name: &'static str,
    team: &'static str,
    door: Door,
    tools: &'static [Tool],
    pace: u64,
) -> Caller {
    Caller {
        person,
        name,
        team,
        door,
        tools,
        pace,
        story: Story::None,
    }
}

const fn with(story: Story, mut caller: Caller) -> Caller {
    caller.story = story;
    caller
}

/// Everybody.
pub(crate) const CALLERS: [Caller; 40] = [
    with(
        Loop,
        who("Ana López", "ana.lopez", "data", IamUser, CODE, 26),
    ),
    who("Bruno Ferrer", "bruno.ferrer", "data", IamUser, SCRIPT, 14),
    who("Carla Vidal", "carla.vidal", "data", Sso, BOTH, 22),
    with(
        Explorer,
        who("Diego Marín", "diego.marin", "data", Sso, NOTEBOOK, 12),
    ),
    who("Elena Ruiz", "elena.ruiz", "data", Sso, CODE, 18),
    who("Fabio Conti", "fabio.conti", "data", Sso, NOTEBOOK, 9),
    who("Gema Soler", "gema.soler", "data", Sso, PLUGIN, 11),
    with(
        AlmostThere,
        who("María García", "maria.garcia", "platform", Sso, CODE, 30),
    ),
    who(
        "Hugo Blanco",
        "hugo.blanco",
        "platform",
        IamUser,
        SCRIPT,
        16,
    ),
    who("Inés Prieto", "ines.prieto", "platform", Sso, BOTH, 20),
    who("Jonas Weber", "jonas.weber", "platform", Sso, CODE, 24),
    who("Karim Haddad", "karim.haddad", "platform", Sso, SHELL, 7),
    who("Laia Puig", "laia.puig", "platform", Sso, SPEC, 10),
    who("", "ci-runner", "platform", Workload, NOTEBOOK, 45),
    who("Marcos Gil", "marcos.gil", "sap", IamUser, PLUGIN, 13),
    with(
        LoopBefore,
        who("Nadia Romero", "nadia.romero", "sap", Sso, CODE, 17),
    ),
    who("Óscar Peña", "oscar.pena", "sap", Sso, SPEC, 8),
    who("Paula Serra", "paula.serra", "sap", Sso, CODE, 15),
    who("Quim Bosch", "quim.bosch", "sap", Sso, PLUGIN, 9),
    who("Rita Sousa", "rita.sousa", "sap", IamUser, SHELL, 5),
    with(
        Busy,
        who("Sergio Alonso", "sergio.alonso", "mobile", Sso, BOTH, 21),
    ),
    who("Tessa de Vries", "tessa.devries", "mobile", Sso, CODE, 19),
    who(
        "Unai Etxeberria",
        "unai.etxeberria",
        "mobile",
        Sso,
        SPEC,
        12,
    ),
    who("Vera Novak", "vera.novak", "mobile", Sso, CODE, 16),
    who(
        "Wanda Kowalska",
        "wanda.kowalska",
        "mobile",
        Sso,
        PLUGIN,
        10,
    ),
    who("Xavier Roca", "xavier.roca", "mobile", IamUser, CODE, 14),
    who("Yolanda Cano", "yolanda.cano", "growth", Sso, SHELL, 6),
    who("Zoe Martin", "zoe.martin", "growth", Sso, PLUGIN, 9),
    who("Adrián Vega", "adrian.vega", "growth", Sso, BOTH, 13),
    who("Berta Camps", "berta.camps", "growth", ApiKey, NOTEBOOK, 18),
    with(
        NoAccess,
        who("Celia Duarte", "celia.duarte", "growth", Sso, SHELL, 2),
    ),
    who("", "support-bot", "growth", Workload, NOTEBOOK, 38),
    who("David Ortega", "david.ortega", "research", Sso, CODE, 23),
    who(
        "Eva Lindqvist",
        "eva.lindqvist",
        "research",
        Sso,
        NOTEBOOK,
        15,
    ),
    who(
        "Félix Aranda",
        "felix.aranda",
        "research",
        IamUser,
        NOTEBOOK,
        12,
    ),
    who("Greta Hansen", "greta.hansen", "research", Sso, SPEC, 9),
    who("Iván Morales", "ivan.morales", "research", Sso, CODE, 17),
    who(
        "Julia Neumann",
        "julia.neumann",
        "research",
        IamUser,
        SCRIPT,
        8,
    ),
    who("Kenji Sato", "kenji.sato", "research", Sso, BOTH, 14),
    who(
        "Lucía Navarro",
        "lucia.navarro",
        "research",
        ApiKey,
        NOTEBOOK,
        11,
    ),
];
