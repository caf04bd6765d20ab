//! Tables in whose texts somebody may be named: how they are read bit by bit and written back, in
//! statements that both dialects understand.

/// The kind of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Number,
}

/// A table in whose texts somebody may be named.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub(crate) table: &'static str,
    /// Its primary key.
    pub(crate) keys: &'static [Kind],
    /// How many texts.
    pub(crate) texts: usize,
    /// After a key, at most so many: key, texts.
    pub(crate) read: &'static str,
    /// Texts, key, and the texts that must still be there.
    pub(crate) write: &'static str,
}

/// All of them, in the one lock order.
pub(crate) const SWEEPS: &[Sweep] = &[
    Sweep {
        table: "quotas",
        keys: &[Kind::Text, Kind::Text, Kind::Text, Kind::Text],
        texts: 1,
        read: READ_QUOTAS,
        write: WRITE_QUOTAS,
    },
    Sweep {
        table: "users",
        keys: &[Kind::Text],
        texts: 2,
        read: READ_USERS,
        write: WRITE_USERS,
    },
    Sweep {
        table: "blocks",
        keys: &[Kind::Text],
        texts: 6,
        read: READ_BLOCKS,
        write: WRITE_BLOCKS,
    },
    Sweep {
        table: "protections",
        keys: &[Kind::Text],
        texts: 4,
        read: READ_PROTECTIONS,
        write: WRITE_PROTECTIONS,
    },
    Sweep {
        table: "access_targets",
        keys: &[Kind::Text, Kind::Text, Kind::Text],
        texts: 1,
        read: READ_ACCESS_TARGETS,
        write: WRITE_ACCESS_TARGETS,
    },
    Sweep {
        table: "incidents",
        keys: &[Kind::Text, Kind::Text],
        texts: 1,
        read: READ_INCIDENTS,
        write: WRITE_INCIDENTS,
    },
    Sweep {
        table: "outbox",
        keys: &[Kind::Number],
        texts: 6,
        read: READ_OUTBOX,
        write: WRITE_OUTBOX,
    },
    Sweep {
        table: "deliveries",
        keys: &[Kind::Number],
        texts: 3,
        read: READ_DELIVERIES,
        write: WRITE_DELIVERIES,
    },
    Sweep {
        table: "dead_letters",
        keys: &[Kind::Number],
        texts: 3,
        read: READ_DEAD_LETTERS,
        write: WRITE_DEAD_LETTERS,
    },
    Sweep {
        table: "reset_runs",
        keys: &[Kind::Text],
        texts: 3,
        read: READ_RESET_RUNS,
        write: WRITE_RESET_RUNS,
    },
    Sweep {
        table: "idempotency_keys",
        keys: &[Kind::Text],
        texts: 1,
        read: READ_IDEMPOTENCY_KEYS,
        write: WRITE_IDEMPOTENCY_KEYS,
    },
    Sweep {
        table: "duties",
        keys: &[Kind::Text],
        texts: 1,
        read: READ_DUTIES,
        write: WRITE_DUTIES,
    },
];

statements! {
    READ_QUOTAS = "SELECT scope_kind, scope_name, metric, window_kind, author FROM quotas
        WHERE (scope_kind, scope_name, metric, window_kind) > (?, ?, ?, ?) ORDER BY scope_kind, scope_name, metric, window_kind LIMIT ?";
    WRITE_QUOTAS = "UPDATE quotas SET author = ?
        WHERE scope_kind = ? AND scope_name = ? AND metric = ? AND window_kind = ? AND COALESCE(author, '') = ?";
    READ_USERS = "SELECT user_id, blocked_reason, admin_protection_by FROM users
        WHERE user_id > ? ORDER BY user_id LIMIT ?";
    WRITE_USERS = "UPDATE users SET blocked_reason = ?, admin_protection_by = ?
        WHERE user_id = ? AND COALESCE(blocked_reason, '') = ? AND COALESCE(admin_protection_by, '') = ?";
    READ_BLOCKS = "SELECT id, id, reason, evidence, author, lifted_by, lifted_note FROM blocks
        WHERE id > ? ORDER BY id LIMIT ?";
    WRITE_BLOCKS = "UPDATE blocks SET id = ?, reason = ?, evidence = ?, author = ?, lifted_by = ?, lifted_note = ?
        WHERE id = ? AND COALESCE(id, '') = ? AND COALESCE(reason, '') = ? AND COALESCE(evidence, '') = ? AND COALESCE(author, '') = ? AND COALESCE(lifted_by, '') = ? AND COALESCE(lifted_note, '') = ?";
    READ_PROTECTIONS = "SELECT id, id, author, reason, ended_by FROM protections
        WHERE id > ? ORDER BY id LIMIT ?";
    WRITE_PROTECTIONS = "UPDATE protections SET id = ?, author = ?, reason = ?, ended_by = ?
        WHERE id = ? AND COALESCE(id, '') = ? AND COALESCE(author, '') = ? AND COALESCE(reason, '') = ? AND COALESCE(ended_by, '') = ?";
    READ_ACCESS_TARGETS = "SELECT account_id, kind, id, last_error FROM access_targets
        WHERE (account_id, kind, id) > (?, ?, ?) ORDER BY account_id, kind, id LIMIT ?";
    WRITE_ACCESS_TARGETS = "UPDATE access_targets SET last_error = ?
        WHERE account_id = ? AND kind = ? AND id = ? AND COALESCE(last_error, '') = ?";
    READ_INCIDENTS = "SELECT kind, subject, subject FROM incidents
        WHERE (kind, subject) > (?, ?) ORDER BY kind, subject LIMIT ?";
    WRITE_INCIDENTS = "UPDATE incidents SET subject = ?
        WHERE kind = ? AND subject = ? AND COALESCE(subject, '') = ?";
    READ_OUTBOX = "SELECT seq, id, subject, about, after_user, payload, last_error FROM outbox
        WHERE seq > ? ORDER BY seq LIMIT ?";
    WRITE_OUTBOX = "UPDATE outbox SET id = ?, subject = ?, about = ?, after_user = ?, payload = ?, last_error = ?
        WHERE seq = ? AND COALESCE(id, '') = ? AND COALESCE(subject, '') = ? AND COALESCE(about, '') = ? AND COALESCE(after_user, '') = ? AND COALESCE(payload, '') = ? AND COALESCE(last_error, '') = ?";
    READ_DELIVERIES = "SELECT seq, subject, name, last_error FROM deliveries
        WHERE seq > ? ORDER BY seq LIMIT ?";
    WRITE_DELIVERIES = "UPDATE deliveries SET subject = ?, name = ?, last_error = ?
        WHERE seq = ? AND COALESCE(subject, '') = ? AND COALESCE(name, '') = ? AND COALESCE(last_error, '') = ?";
    READ_DEAD_LETTERS = "SELECT id, source, reason, shape FROM dead_letters
        WHERE id > ? ORDER BY id LIMIT ?";
    WRITE_DEAD_LETTERS = "UPDATE dead_letters SET source = ?, reason = ?, shape = ?
        WHERE id = ? AND COALESCE(source, '') = ? AND COALESCE(reason, '') = ? AND COALESCE(shape, '') = ?";
    READ_RESET_RUNS = "SELECT local_date, counts, errors, summary FROM reset_runs
        WHERE local_date > ? ORDER BY local_date LIMIT ?";
    WRITE_RESET_RUNS = "UPDATE reset_runs SET counts = ?, errors = ?, summary = ?
        WHERE local_date = ? AND COALESCE(counts, '') = ? AND COALESCE(errors, '') = ? AND COALESCE(summary, '') = ?";
    READ_IDEMPOTENCY_KEYS = "SELECT digest, body FROM idempotency_keys
        WHERE digest > ? ORDER BY digest LIMIT ?";
    WRITE_IDEMPOTENCY_KEYS = "UPDATE idempotency_keys SET body = ?
        WHERE digest = ? AND COALESCE(body, '') = ?";
    READ_DUTIES = "SELECT name, problems FROM duties
        WHERE name > ? ORDER BY name LIMIT ?";
    WRITE_DUTIES = "UPDATE duties SET problems = ?
        WHERE name = ? AND COALESCE(problems, '') = ?";
}
