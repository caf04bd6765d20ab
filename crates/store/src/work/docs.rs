//! What goes to the database in one piece.

use crate::value::Doc;

/// Everything that counting writes, and whose standing is read afterwards.
#[derive(Debug)]
pub(crate) struct CountDocs<'a> {
    /// Marks the rows that the transaction makes.
    pub(crate) settle_id: &'a str,
    /// The instant to evaluate at.
    pub(crate) now: i64,
    /// The version of the rules that were used.
    pub(crate) version: i64,
    /// user, team, exempt; then what to set: team, exempt, person, e-mail; when; whether a call proves
    /// the user.
    pub(crate) users: Doc<'a>,
    /// account, kind, name, session, user, stable id, first seen, last seen, class, seen with class,
    /// whether the rules say who bears the name, how the id is held against the one on file.
    pub(crate) principals: Doc<'a>,
    /// team.
    pub(crate) teams: Doc<'a>,
    /// scope kind, scope id, window kind, window key, part; sums.
    pub(crate) counters: Doc<'a>,
    /// hour, account, region, user, team, tool, model; sums.
    pub(crate) hourly: Doc<'a>,
    /// hour, account, region, user, team, tool, model of the hourly rows that lost a call: those that
    /// come to nothing go.
    pub(crate) emptied: Doc<'a>,
    /// Whose standing to read.
    pub(crate) look: LookDocs,
}

/// Whose standing to read, as JSON texts.
#[derive(Clone, Debug)]
pub(crate) struct LookDocs {
    /// `["ana", …]`
    pub(crate) users: String,
    /// `["sap", …]`
    pub(crate) teams: String,
    /// `[["user","ana"],["team","sap"],["organisation",""], …]`
    pub(crate) scopes: String,
    /// `["user:ana","team:sap","organisation", …]`
    pub(crate) subjects: String,
    /// `[["hour","2026-11-20T14"],["day","2026-11-20"],["month","2026-11"]]`
    pub(crate) windows: String,
    /// Blocks lifted since are read too.
    pub(crate) ended_since: i64,
}

/// Everything that a plan writes.
#[derive(Debug, Default)]
pub(crate) struct PlanDocs<'a> {
    /// The instant of the decision.
    pub(crate) now: i64,
    /// Cells of `blocks`, up to `held`.
    pub(crate) blocks: Doc<'a>,
    /// id, reason, author, evidence, until, held.
    pub(crate) revisions: Doc<'a>,
    /// id, by, why, note.
    pub(crate) lifts: Doc<'a>,
    /// Cells of `protections`, up to the cap.
    pub(crate) protections: Doc<'a>,
    /// id, by.
    pub(crate) unprotections: Doc<'a>,
    /// Cells of a warning's key, its limit last.
    pub(crate) forgotten: Doc<'a>,
    /// The same, then used and told.
    pub(crate) warnings: Doc<'a>,
    /// account, kind, id; state, next attempt, note.
    pub(crate) targets: Doc<'a>,
    /// Cells of `access_members`.
    pub(crate) members: Doc<'a>,
    /// id, withdrawn, requested at, verified at, first denied at.
    pub(crate) followed: Doc<'a>,
    /// account, kind, id; when.
    pub(crate) denied: Doc<'a>,
    /// account, kind, id.
    pub(crate) leaked: Doc<'a>,
    /// user, blocked, reason, until, protected by.
    pub(crate) projections: Doc<'a>,
    /// id, subject, not before, kind, about, after, message.
    pub(crate) outbox: Doc<'a>,
    /// digest, source, reason, shape.
    pub(crate) dead_letters: Doc<'a>,
    /// id.
    pub(crate) done: Doc<'a>,
}

/// The documents of a [`PlanDocs`] in the order in which they are written.
pub(crate) const PLAN_DOCS: usize = 16;

impl<'a> PlanDocs<'a> {
    /// In the order in which they are written: the one lock order.
    pub(crate) fn in_order(&self) -> [&Doc<'a>; PLAN_DOCS] {
        let Self {
            now: _,
            blocks,
            revisions,
            lifts,
            protections,
            unprotections,
            forgotten,
            warnings,
            targets,
            members,
            followed,
            denied,
            leaked,
            projections,
            outbox,
            dead_letters,
            done,
        } = self;
        [
            projections,
            blocks,
            revisions,
            lifts,
            protections,
            unprotections,
            forgotten,
            warnings,
            members,
            targets,
            followed,
            denied,
            leaked,
            dead_letters,
            outbox,
            done,
        ]
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.in_order().iter().all(|doc| doc.is_empty())
    }
}

/// Entries at the end of the chain.
#[derive(Debug)]
pub(crate) struct AuditDocs<'a> {
    /// seq, version, the eleven fields, previous hash, hash, seals.
    pub(crate) entries: Doc<'a>,
    /// The new head.
    pub(crate) seq: i64,
    /// Its hash.
    pub(crate) hash: &'a str,
}
