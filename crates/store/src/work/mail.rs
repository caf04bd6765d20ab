//! Messages to people: claimed by subject, turned into letters in one transaction, sent by lease.

use jiff::{SignedDuration, Timestamp};
use weir_core::ids::TeamId;
use weir_core::message::Message;

use crate::dialect::{Conn, Dialect};
use crate::error::StoreError;
use crate::mail::{
    ClaimedDelivery, ClaimedMessages, DeliveryEnd, DeliveryRow, MailFilter, MailRow, MessageEnd,
    NewDelivery, TeamOwner, WaitingMessage,
};
use crate::sql::portable;
use crate::store::Lease;
use crate::value::{Row, args};
use crate::work::transact::transact;
use crate::work::write;

/// A letter that does not go out holds up what comes after it to the same reader for so long; one that
/// is due goes first whatever its age.
const HELD_UP: SignedDuration = SignedDuration::from_mins(15);

/// Claims every message of subjects whose first one is due.
pub(crate) async fn claim<D: Dialect>(
    db: &D,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
) -> Result<Vec<ClaimedMessages>, StoreError> {
    transact!(db, "claim-messages", &lease.owner, tx => claim_in::<D>(&mut tx, now, lease, limit).await)
        .map(|(claimed, _)| claimed)
}

async fn claim_in<D: Dialect>(
    tx: &mut D::Write,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
) -> Result<Vec<ClaimedMessages>, StoreError> {
    let due = tx
        .query(D::SQL.messages_due.into(), args![now, now, limit])
        .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for mut row in due {
        let subject = row.text("outbox.subject")?;
        tx.execute(
            portable::LEASE_MESSAGES.into(),
            args![&lease.owner, lease.until, &subject],
        )
        .await?;
        let rows = tx
            .query(
                portable::MESSAGES_HELD.into(),
                args![&subject, &lease.owner],
            )
            .await?;
        let waiting = rows.into_iter().map(waiting).collect::<Result<_, _>>()?;
        let rows = tx
            .query(portable::TOLD_ABOUT_ACCESS.into(), args![&subject])
            .await?;
        let told = rows.into_iter().map(told).collect::<Result<Vec<_>, _>>()?;
        claimed.push(ClaimedMessages {
            subject,
            told: told.into_iter().flatten().collect(),
            waiting,
        });
    }
    Ok(claimed)
}

fn waiting(mut row: Row) -> Result<WaitingMessage, StoreError> {
    let seq = row.count("outbox.seq")?;
    let id = row.text("outbox.id")?;
    let message = read(&id, row.maybe_text("outbox.payload")?);
    Ok(WaitingMessage { seq, message })
}

fn told(mut row: Row) -> Result<Option<Message>, StoreError> {
    let id = row.text("outbox.id")?;
    Ok(read(&id, row.maybe_text("outbox.payload")?))
}

fn read(id: &str, payload: Option<String>) -> Option<Message> {
    let read = Message::from_json(&payload.unwrap_or_default());
    if let Err(error) = &read {
        tracing::error!(id, %error, "a message of the outbox cannot be read");
    }
    read.ok()
}

/// Writes what becomes of the messages of a subject; false, and nothing, if the lease was lost.
pub(crate) async fn close<D: Dialect>(
    db: &D,
    lease: &Lease,
    subject: &str,
    now: Timestamp,
    ends: &[(u64, MessageEnd)],
) -> Result<bool, StoreError> {
    transact!(db, "close-messages", &lease.owner, tx => close_in::<D>(&mut tx, lease, subject, now, ends).await)
        .map(|(held, _)| held)
}

async fn close_in<D: Dialect>(
    tx: &mut D::Write,
    lease: &Lease,
    subject: &str,
    now: Timestamp,
    ends: &[(u64, MessageEnd)],
) -> Result<bool, StoreError> {
    for (seq, end) in ends {
        let (state, reason) = match end {
            MessageEnd::Told(_) => ("told", None),
            MessageEnd::Replaced(other, _) => ("unsent", Some(format!("told as {}", other.kind()))),
            MessageEnd::Unsent(why) => ("unsent", Some(why.clone())),
            MessageEnd::Later(at) => {
                let cells = args![*at, *seq, &lease.owner];
                let held = tx.execute(portable::POSTPONE_MESSAGE.into(), cells).await?;
                if held == 0 {
                    return Ok(false);
                }
                continue;
            }
        };
        // The first of them tells, by its lock, whether the lease still holds; they share it.
        let cells = args![state, reason, *seq, &lease.owner];
        if tx.execute(portable::END_MESSAGE.into(), cells).await? == 0 {
            return Ok(false);
        }
        match end {
            MessageEnd::Told(letters) => deliver::<D>(tx, *seq, subject, now, letters).await?,
            MessageEnd::Replaced(other, letters) => {
                let own =
                    write_message::<D>(tx, other, "told", Some(*seq), now.as_microsecond()).await?;
                if let Some(own) = own {
                    deliver::<D>(tx, own, subject, now, letters).await?;
                }
            }
            MessageEnd::Unsent(_) | MessageEnd::Later(_) => {}
        }
    }
    Ok(true)
}

/// Writes a message that waits to be told, unless one of its id is there.
pub(crate) async fn add<D: Dialect>(
    tx: &mut D::Write,
    message: &Message,
    now: i64,
) -> Result<(), StoreError> {
    write_message::<D>(tx, message, "untold", None, now).await?;
    Ok(())
}

/// Writes a message, which may be told in the place of another, unless one of its id is there; the number of
/// a new one.
async fn write_message<D: Dialect>(
    tx: &mut D::Write,
    message: &Message,
    state: &'static str,
    in_place_of: Option<u64>,
    now: i64,
) -> Result<Option<u64>, StoreError> {
    let id = message.id();
    let known = tx.one(portable::MESSAGE_SEQ.into(), args![&id]).await?;
    if known.is_some() {
        return Ok(None);
    }
    let cells = args![
        &id,
        message.about.subject(),
        message.at,
        message.kind().as_str(),
        write::about(message),
        message.to_json().to_string(),
        state,
        in_place_of,
        now,
    ];
    tx.execute(D::SQL.message_if_missing.into(), cells).await?;
    let row = tx.one(portable::MESSAGE_SEQ.into(), args![&id]).await?;
    row.map(|mut row| row.count("outbox.seq")).transpose()
}

async fn deliver<D: Dialect>(
    tx: &mut D::Write,
    message: u64,
    subject: &str,
    now: Timestamp,
    letters: &[NewDelivery],
) -> Result<(), StoreError> {
    for NewDelivery {
        to,
        language,
        skipped,
    } in letters
    {
        let (state, ended) = match skipped {
            Some(_) => ("skipped", Some(now)),
            None => ("waiting", None),
        };
        let cells = args![
            message,
            subject,
            &to.channel,
            to.to.as_deref().unwrap_or_default(),
            to.audience.as_str(),
            language,
            to.name.as_deref(),
            state,
            now,
            skipped.as_deref(),
            now,
            ended,
        ];
        tx.execute(portable::ADD_DELIVERY.into(), cells).await?;
    }
    Ok(())
}

/// Claims letters that are due: to each reader of a subject the first one.
pub(crate) async fn claim_deliveries<D: Dialect>(
    db: &D,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
) -> Result<Vec<ClaimedDelivery>, StoreError> {
    transact!(db, "claim-deliveries", &lease.owner, tx => claim_deliveries_in::<D>(&mut tx, now, lease, limit).await)
        .map(|(claimed, _)| claimed)
}

async fn claim_deliveries_in<D: Dialect>(
    tx: &mut D::Write,
    now: Timestamp,
    lease: &Lease,
    limit: u32,
) -> Result<Vec<ClaimedDelivery>, StoreError> {
    let older = now.saturating_sub(HELD_UP).unwrap_or(Timestamp::MIN);
    let rows = tx
        .query(
            D::SQL.deliveries_due.into(),
            args![now, now, older, now, limit],
        )
        .await?;
    let mut claimed = Vec::with_capacity(rows.len());
    for mut row in rows {
        let seq: u64 = row.count("deliveries.seq")?;
        let message: u64 = row.count("deliveries.message_seq")?;
        let channel = row.text("deliveries.channel")?;
        let recipient = row.text("deliveries.recipient")?;
        let audience = row.word("deliveries.audience")?;
        let language = row.text("deliveries.language")?;
        let name = row.maybe_text("deliveries.name")?;
        let attempts = row.count("deliveries.attempts")?;
        let created_at = row.at("deliveries.created_at")?;
        let cells = args![&lease.owner, lease.until, seq];
        tx.execute(portable::LEASE_DELIVERY.into(), cells).await?;
        let of = tx.one(portable::MESSAGE_OF.into(), args![message]).await?;
        let (id, message) = match of {
            Some(mut row) => {
                let id = row.text("outbox.id")?;
                let message = read(&id, row.maybe_text("outbox.payload")?);
                (id, message)
            }
            None => (String::new(), None),
        };
        claimed.push(ClaimedDelivery {
            seq,
            id,
            message,
            channel,
            audience,
            recipient: (!recipient.is_empty()).then_some(recipient),
            language,
            name,
            attempts,
            created_at,
        });
    }
    Ok(claimed)
}

/// Records how sending ended, if the lease still holds.
pub(crate) async fn finish<D: Dialect>(
    db: &D,
    lease: &Lease,
    seq: u64,
    now: Timestamp,
    end: &DeliveryEnd,
) -> Result<bool, StoreError> {
    let owner = &lease.owner;
    let (sql, cells) = match end {
        DeliveryEnd::Sent => (
            portable::END_DELIVERY,
            args!["sent", None::<&str>, now, seq, owner],
        ),
        DeliveryEnd::Failed(why) => (
            portable::END_DELIVERY,
            args!["failed", why, now, seq, owner],
        ),
        DeliveryEnd::Later(at, why) => (portable::RETRY_DELIVERY, args![*at, why, seq, owner]),
    };
    transact!(db, "finish-delivery", owner, tx => tx.execute(sql.into(), cells.clone()).await)
        .map(|(rows, _)| rows > 0)
}

/// Letters that were given up are tried again: of one message, or all. One that waits is tried now.
pub(crate) async fn again<D: Dialect>(
    db: &D,
    message: Option<u64>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let cells = || args![now, now, message, message, message, now];
    transact!(db, "retry-deliveries", "retry", tx => tx.execute(portable::AGAIN_DELIVERIES.into(), cells()).await)
        .map(|(rows, _)| rows)
}

/// Messages with a letter to the user they are about, written since then.
pub(crate) async fn mails_since<D: Dialect>(
    db: &D,
    subject: &str,
    since: Timestamp,
) -> Result<u64, StoreError> {
    let mut conn = db.read().await?;
    let row = conn
        .one(portable::MAILS_SINCE.into(), args![subject, since])
        .await?;
    row.map_or(Ok(0), |mut row| row.count("deliveries"))
}

/// Messages, newest first, with their letters.
pub(crate) async fn list<D: Dialect>(
    db: &D,
    filter: &MailFilter,
) -> Result<Vec<MailRow>, StoreError> {
    let MailFilter {
        subject,
        state,
        id,
        before,
        limit,
    } = filter;
    let (subject, state, id) = (subject.as_deref(), state.as_deref(), id.as_deref());
    let mut conn = db.read().await?;
    let rows = conn
        .query(
            portable::MESSAGES.into(),
            args![
                subject, subject, id, id, state, state, state, *before, *before, *limit
            ],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for mut row in rows {
        let seq: u64 = row.count("outbox.seq")?;
        let id = row.text("outbox.id")?;
        let subject = row.text("outbox.subject")?;
        let kind = row.text("outbox.kind")?;
        let state = row.text("outbox.state")?;
        let reason = row.maybe_text("outbox.last_error")?;
        let created_at = row.at("outbox.created_at")?;
        let payload = row.maybe_text("outbox.payload")?.unwrap_or_default();
        let letters = conn
            .query(portable::DELIVERIES_OF.into(), args![seq])
            .await?;
        found.push(MailRow {
            seq,
            id,
            subject,
            kind,
            state,
            reason,
            created_at,
            payload,
            deliveries: letters
                .into_iter()
                .map(delivery)
                .collect::<Result<_, _>>()?,
        });
    }
    Ok(found)
}

fn delivery(mut row: Row) -> Result<DeliveryRow, StoreError> {
    Ok(DeliveryRow {
        channel: row.text("deliveries.channel")?,
        recipient: row.text("deliveries.recipient")?,
        audience: row.text("deliveries.audience")?,
        language: row.text("deliveries.language")?,
        state: row.text("deliveries.state")?,
        attempts: row.count("deliveries.attempts")?,
        error: row.maybe_text("deliveries.last_error")?,
        not_before: row.at("deliveries.not_before")?,
        ended_at: row.maybe_at("deliveries.ended_at")?,
    })
}

/// Owners of teams that have an address; of one team, if given.
pub(crate) async fn owners<D: Dialect>(
    db: &D,
    team: Option<&TeamId>,
) -> Result<Vec<TeamOwner>, StoreError> {
    let mut conn = db.read().await?;
    let team = team.map(TeamId::as_str);
    let rows = conn
        .query(portable::TEAM_OWNERS.into(), args![team, team])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(TeamOwner {
                team: row.id("teams.team")?,
                display_name: row.maybe_text("teams.display_name")?,
                email: row.text("teams.owner_email")?,
            })
        })
        .collect()
}
