//! The text of statements: those that hold on both dialects, and the list of those that differ.
//!
//! Values never become part of a text. The one builder is [`Many::rows`]: it repeats a group of
//! placeholders.

use std::fmt::Write as _;

/// A statement's text.
#[derive(Clone, Debug)]
pub(crate) enum Sql {
    /// Written by hand.
    Fixed(&'static str),
    /// A constant with its groups of placeholders repeated.
    Built(String),
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::Fixed(text)
    }
}

/// A statement that takes many rows as placeholders.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Many {
    /// Up to and with `VALUES`.
    pub(crate) head: &'static str,
    /// How many placeholders a row has.
    pub(crate) columns: usize,
    /// What follows the rows.
    pub(crate) tail: &'static str,
}

impl Many {
    /// The statement for that many rows.
    pub(crate) fn rows(&self, rows: usize) -> Sql {
        let Self {
            head,
            columns,
            tail,
        } = *self;
        let mut text = String::with_capacity(head.len() + tail.len() + rows * (columns * 2 + 4));
        text.push_str(head);
        for row in 0..rows {
            text.push_str(if row == 0 { " (" } else { ", (" });
            for column in 0..columns {
                text.push_str(if column == 0 { "?" } else { ",?" });
            }
            text.push(')');
        }
        let _ = write!(text, " {tail}");
        Sql::Built(text)
    }
}

/// Declares constants and the list that a test prepares.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* pub(crate) const $name: &str = $sql;)+

        /// Every statement of this file by name.
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use statements;

/// Declares what each dialect must spell its own way.
macro_rules! dialected {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Statements that do the same on both dialects and read differently.
        #[derive(Debug)]
        pub(crate) struct Statements {
            $($(#[$doc])* pub(crate) $name: &'static str,)+
        }

        impl Statements {
            /// Every statement by name.
            pub(crate) fn list(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),+]
            }
        }
    };
}

dialected! {
    /// Invocations by a JSON array of request ids, locked.
    known,
    /// The same without locks.
    requests,
    /// Provisional usage by user, tool, model and hour since an instant, of a JSON array of users.
    young_of_users,
    /// Provisional usage by team and hour since an instant, of a JSON array of teams.
    young_of_teams,
    /// Totals of users day by day, of a JSON array of users.
    days_of_users,
    /// Totals of users over days together, day by day, of a JSON array of users.
    days_of_users_summed,
    /// What the breaker asks: recent automatic blocks, active users, human members of teams.
    crowd,
    /// The head of the audit chain, locked.
    audit_head_locked,
    /// Where the record begins, locked.
    audit_start_locked,
    /// The head of the rules, locked against others that change them.
    rules_head_locked,
    /// Makes a user that an administrator speaks of, if missing, and locks the row.
    user_if_missing,
    /// Makes a team that an administrator speaks of, if missing.
    team_if_missing,
    /// Makes a principal part of a user.
    link,
    /// Notes a principal that has not called yet; one that is known stays.
    introduce,
    /// The outbox rows that may be claimed, locked.
    jobs_due,
    /// The targets that may be claimed, locked; others' locks are passed over.
    targets_due,
    /// One target that may be claimed, locked; others' locks are passed over.
    target_free,
    /// One target, locked.
    target_locked,
    /// Name and version of the engine, and its clock.
    server,
    /// The built-in quotas, where they are missing.
    quota_if_missing,
    /// A migration that begins.
    migration_begins,
    /// A row for a mail that is to be sent, if missing.
    mail_if_missing,
    /// That row, locked.
    mail_locked,
    /// A row for the reset of a date, if missing.
    reset_if_missing,
    /// The reset of a date, locked.
    reset_locked,
    /// Invocations older than an instant, at most so many, are removed.
    drop_invocations,
    /// The same for dead letters not seen since.
    drop_dead_letters,
    /// The same for outbox rows that are not jobs to be done, and were due before.
    drop_outbox,
    /// The same for deliveries that are sent, given up or skipped.
    drop_deliveries,
    /// Subjects whose first message that has not left is due, that row locked.
    messages_due,
    /// Deliveries that may be claimed, locked: of one subject, channel and reader the first.
    deliveries_due,
    /// A message, unless one of that id is there.
    message_if_missing,
    /// An incident that is over, unless it is on file.
    incident_if_missing,
    /// A row for attempts to log in, if missing.
    attempts_if_missing,
    /// Attempts to log in, locked.
    attempts_locked,
    /// Admins that may log in, locked.
    admins_locked,
}

/// The columns of an invocation in the order in which they are written and read.
macro_rules! request_columns {
    () => {
        "request_id, account_id, user_id, team, tool, request_timestamp, local_hour, model_id, \
         profile_id, model_sent, model_name, request_type, input_tokens, cache_read_tokens, \
         cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, cost_nanos, \
         price_reference, usage_source, provisional, region, inference_region, source_ip, \
         user_agent, principal, bearer, access_key_id, status, error_code, error_message, \
         unresolved, evidence, settle_id, created_at, updated_at"
    };
}
pub(crate) use request_columns;

/// How many they are.
pub(crate) const REQUEST_COLUMNS: usize = 36;

/// The columns of sums, in the order of [`weir_core::counter::Sums`].
macro_rules! sum_columns {
    () => {
        "requests, failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, \
         cache_write_1h_tokens, output_tokens, cost_nanos, unpriced, unmetered, \
         provisional_tokens, provisional_cost_nanos"
    };
}
pub(crate) use sum_columns;

/// The same columns, added up over rows of totals.
macro_rules! summed {
    () => {
        "CAST(SUM(requests) AS SIGNED), CAST(SUM(failed) AS SIGNED), \
         CAST(SUM(input_tokens) AS SIGNED), CAST(SUM(cache_read_tokens) AS SIGNED), \
         CAST(SUM(cache_write_5m_tokens) AS SIGNED), CAST(SUM(cache_write_1h_tokens) AS SIGNED), \
         CAST(SUM(output_tokens) AS SIGNED), CAST(SUM(cost_nanos) AS SIGNED), \
         CAST(SUM(unpriced) AS SIGNED), CAST(SUM(unmetered) AS SIGNED), \
         CAST(SUM(provisional_tokens) AS SIGNED), CAST(SUM(provisional_cost_nanos) AS SIGNED)"
    };
}
pub(crate) use summed;

/// The hourly table between two hours, narrowed down by team, user, model and tool where they are said.
macro_rules! hourly {
    () => {
        " FROM usage_hourly
          WHERE local_hour >= ? AND local_hour < ?
            AND (? IS NULL OR team = ?) AND (? IS NULL OR user_id = ?)
            AND (? IS NULL OR model_id = ?) AND (? IS NULL OR tool = ?)"
    };
}

/// The same of one user, along the hours of which they have a counter: the table's key begins with the hour.
macro_rules! hourly_of_user {
    () => {
        " FROM (SELECT window_key FROM usage_counters
                WHERE scope_kind = 'user' AND scope_id = ? AND window_kind = 'hour'
                  AND window_key >= ? AND window_key < ? AND part = '') hours
          JOIN usage_hourly ON local_hour = window_key AND user_id = ?
          WHERE (? IS NULL OR team = ?) AND (? IS NULL OR model_id = ?) AND (? IS NULL OR tool = ?)"
    };
}

/// The sums of invocations, as [`weir_core::counter::Sums::of`] says.
macro_rules! summed_requests {
    () => {
        "CAST(SUM(status <> 'failed') AS SIGNED), CAST(SUM(status = 'failed') AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' THEN COALESCE(input_tokens, 0) ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' THEN COALESCE(cache_read_tokens, 0) ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' THEN COALESCE(cache_write_5m_tokens, 0) ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' THEN COALESCE(cache_write_1h_tokens, 0) ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' THEN COALESCE(output_tokens, 0) ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' THEN COALESCE(cost_nanos, 0) ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' AND input_tokens IS NOT NULL AND cost_nanos IS NULL \
                  THEN 1 ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' AND input_tokens IS NULL THEN 1 ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' AND provisional = 1 THEN COALESCE(input_tokens \
                  + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens, 0) ELSE 0 END) AS SIGNED), \
         CAST(SUM(CASE WHEN status <> 'failed' AND provisional = 1 THEN COALESCE(cost_nanos, 0) \
                  ELSE 0 END) AS SIGNED)"
    };
}
pub(crate) use summed_requests;

/// The class of the row of `users` at hand (rules A10): as an administrator says it, else the most
/// human of its principals. A workload of whom a name or an e-mail address was said is a person.
/// While no principal is known well enough, the class stays.
macro_rules! class_of_user {
    () => {
        "COALESCE((SELECT s.class FROM people s WHERE s.user_id = users.user_id),
          (SELECT CASE MIN(CASE p.class WHEN 'human' THEN 1 WHEN 'workload' THEN 2
                    WHEN 'service' THEN 3 WHEN 'unknown' THEN 4 END)
                  WHEN 1 THEN 'human' WHEN 3 THEN 'service' WHEN 4 THEN 'unknown' END
             FROM user_principals p WHERE p.user_id = users.user_id),
          (SELECT 'human' FROM people s WHERE s.user_id = users.user_id
              AND (s.person IS NOT NULL OR s.email IS NOT NULL)),
          (SELECT MIN(p.class) FROM user_principals p WHERE p.user_id = users.user_id),
          users.class)"
    };
}
pub(crate) use class_of_user;

/// Columns of a block, with how it was lifted.
macro_rules! block_columns {
    () => {
        "b.id, b.scope_kind, b.user_id, b.team, b.part, b.kind, b.window_kind, b.window_key, \
         b.reason, b.evidence, b.author, b.since, b.until, b.held, b.requested_at, b.verified_at, \
         b.first_denied_at, b.lifted_at, b.lifted_by, b.lifted_why"
    };
}
pub(crate) use block_columns;

/// Columns of a target.
macro_rules! target_columns {
    () => {
        "t.account_id, t.kind, t.id, t.generation, t.denies, t.state, t.verified_generation, \
         t.requested_at, t.verified_at, t.first_denied_at, t.attempts, t.next_attempt_at, \
         t.last_error"
    };
}
pub(crate) use target_columns;

/// Columns of a member.
macro_rules! member_columns {
    () => {
        "m.account_id, m.kind, m.id, m.user_id, m.reach_kind, m.reach, m.denial, m.denies"
    };
}
pub(crate) use member_columns;

/// Columns of an outbox row that a claimer needs.
macro_rules! job_columns {
    () => {
        "o.id, o.kind, o.about, o.after_user, o.attempts"
    };
}
pub(crate) use job_columns;

/// Columns of a delivery that a sender needs.
macro_rules! delivery_columns {
    () => {
        "d.seq, d.message_seq, d.channel, d.recipient, d.audience, d.language, d.name, d.attempts, \
         d.created_at"
    };
}
pub(crate) use delivery_columns;

pub(crate) mod forget;
pub(crate) mod operators;
pub(crate) mod portable;
pub(crate) mod reports;
pub(crate) mod sweeps;
