//! The audit chain: appended at the end of a transaction, its head locked last.

use weir_core::audit::{self, Chained, Entry, FIELDS, Salts};

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::filter::AuditFilter;
use crate::rows::AuditHead;
use crate::sql::portable;
use crate::value::{Arg, Row, args};
use crate::work::docs::AuditDocs;
use crate::work::transact::transact;

/// Appends entries in the transaction at hand.
pub(crate) async fn append<D: Dialect>(
    tx: &mut D::Write,
    entries: impl IntoIterator<Item = Entry> + Send,
) -> Result<(), StoreError> {
    let entries: Vec<Entry> = entries.into_iter().map(without_nul).collect();
    if entries.is_empty() {
        return Ok(());
    }
    let head = head_of(tx.one(D::SQL.audit_head_locked.into(), Vec::new()).await?)?;
    let salts = salts(entries.len())?;
    let chained = audit::chain((head.seq, &head.hash), entries.into_iter().zip(salts));
    let Some(last) = chained.last() else {
        return Ok(());
    };
    let docs = AuditDocs {
        entries: chained.iter().map(cells).collect(),
        seq: i64::try_from(last.seq).unwrap_or(i64::MAX),
        hash: &last.hash,
    };
    D::append_audit(tx, &docs).await
}

/// Appends entries in a transaction of their own.
pub(crate) async fn append_alone<D: Dialect>(
    db: &D,
    entries: Vec<Entry>,
) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let done: Result<((), u32), StoreError> =
        transact!(db, "audit", "audit", tx => append::<D>(&mut tx, entries.clone()).await);
    done.map(|_| ())
}

/// Salts for so many entries.
pub(crate) fn salts(entries: usize) -> Result<Vec<Salts>, StoreError> {
    let mut salts = vec![[[0; 16]; FIELDS]; entries];
    getrandom::fill(salts.as_flattened_mut().as_flattened_mut()).map_err(|error| {
        StoreError::Refused(format!(
            "the operating system gives no random numbers, and nothing is recorded without: {error}"
        ))
    })?;
    Ok(salts)
}

/// No database keeps NUL in every kind of text; the hash is over what is kept.
fn without_nul(mut entry: Entry) -> Entry {
    fn clean(text: &mut String) {
        if text.contains('\0') {
            *text = text.replace('\0', "\u{fffd}");
        }
    }
    let Entry {
        operation,
        subject,
        reason,
        actor,
        claimed_by,
        at: _,
        origin,
        expires_at: _,
        before,
        after,
        evidence,
    } = &mut entry;
    [operation, subject, reason, actor, origin]
        .into_iter()
        .for_each(clean);
    [claimed_by, before, after, evidence]
        .into_iter()
        .flatten()
        .for_each(clean);
    // The database keeps microseconds, and so does the hash.
    entry
}

fn cells(chained: &Chained) -> Vec<Arg<'_>> {
    let Chained {
        seq,
        entry,
        prev_hash,
        hash,
        seals,
    } = chained;
    let Entry {
        operation,
        subject,
        reason,
        actor,
        claimed_by,
        at,
        origin,
        expires_at,
        before,
        after,
        evidence,
    } = entry;
    args![
        *seq,
        audit::VERSION,
        operation,
        subject,
        reason,
        actor,
        claimed_by.as_deref(),
        *at,
        origin,
        *expires_at,
        before.as_deref(),
        after.as_deref(),
        evidence.as_deref(),
        prev_hash,
        hash,
        seals.to_string(),
    ]
}

pub(crate) fn read(row: &mut Row) -> Result<Chained, StoreError> {
    Ok(Chained {
        seq: row.count("blocking_operations.seq")?,
        entry: Entry {
            operation: row.text("blocking_operations.operation")?,
            subject: row.text("blocking_operations.subject")?,
            reason: row.text("blocking_operations.reason")?,
            actor: row.text("blocking_operations.performed_by")?,
            claimed_by: row.maybe_text("blocking_operations.claimed_by")?,
            at: row.at("blocking_operations.created_at")?,
            origin: row.text("blocking_operations.origin")?,
            expires_at: row.maybe_at("blocking_operations.expires_at")?,
            before: row.maybe_text("blocking_operations.state_before")?,
            after: row.maybe_text("blocking_operations.state_after")?,
            evidence: row.maybe_text("blocking_operations.evidence")?,
        },
        prev_hash: row.text("blocking_operations.prev_hash")?,
        hash: row.text("blocking_operations.hash")?,
        seals: row.word("blocking_operations.seals")?,
    })
}

fn head_of(row: Option<Row>) -> Result<AuditHead, StoreError> {
    let Some(mut row) = row else {
        return Err(StoreError::Schema(
            "audit_head has no row: the audit log was tampered with".to_owned(),
        ));
    };
    Ok(AuditHead {
        seq: row.count("audit_head.seq")?,
        hash: row.text("audit_head.hash")?,
    })
}

/// The end of the chain.
pub(crate) async fn head<D: Dialect>(db: &D) -> Result<AuditHead, StoreError> {
    head_of(
        db.read()
            .await?
            .one(portable::AUDIT_HEAD.into(), Vec::new())
            .await?,
    )
}

/// Entries, ascending.
pub(crate) async fn list<D: Dialect>(
    db: &D,
    filter: &AuditFilter,
) -> Result<Vec<Chained>, StoreError> {
    let AuditFilter {
        after,
        before,
        subject,
        operation,
        text,
        last,
        limit,
    } = filter;
    let (subject, operation) = (subject.as_deref(), operation.as_deref());
    let text = text.as_ref().map(|text| text.to_lowercase());
    let text = text.as_deref();
    let mut conn = db.read().await?;
    let rows = if let Some(last) = last {
        let before = before.unwrap_or(u64::MAX);
        let arguments = args![
            *after, before, subject, subject, operation, operation, text, text, text, text, text,
            *last
        ];
        conn.query(portable::AUDIT_LAST.into(), arguments).await?
    } else {
        let most = match limit {
            0 => i64::MAX,
            limit => i64::from(*limit),
        };
        let arguments = args![
            *after, subject, subject, operation, operation, text, text, text, text, text, most
        ];
        conn.query(portable::AUDIT.into(), arguments).await?
    };
    let mut entries = rows
        .into_iter()
        .map(|mut row| read(&mut row))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|chained| chained.seq);
    Ok(entries)
}
