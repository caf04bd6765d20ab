//! `GET /api/v1/events`: server-sent events. What is sent to the same address by `POST` is something else:
//! records of AWS.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};
use utoipa::ToSchema;
use weir_core::operator::Permission;
use weir_engine::EngineError;
use weir_store::Newest;

use super::own::Own;
use crate::api::live::moved;
use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// How often it is asked what moved. Marks may be nearly a second old: with that and the read that
/// follows, what changed is on a screen within two seconds.
const EVERY: Duration = Duration::from_millis(500);
/// After so many looks something is sent although nothing moved: 15 s.
const BEAT: u32 = 30;
/// After so many looks the connection ends, and with the next one it is asked again who calls: five
/// minutes.
const LOOKS: u32 = 600;
/// How long browsers wait before they make another connection.
const AGAIN: Duration = Duration::from_secs(1);

/// Something changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// When it was noticed, RFC 3339.
    at: String,
    /// What: usage, blocks, targets, quotas, prices, users, operators, rules, messages, dead-letters, audit.
    /// Empty in the first event, which only says that the connection stands.
    changed: BTreeSet<&'static str>,
}

/// Nothing changed, and this was looked at.
#[derive(Debug, Serialize)]
struct Beat {
    /// When, RFC 3339.
    at: String,
}

/// A connection in the making.
struct Watching {
    api: Api,
    known: Option<Newest>,
    /// Of a developer.
    own: Option<Own>,
    looks: u32,
    /// Looks since something was sent.
    quiet: u32,
    clock: tokio::time::Interval,
}

/// Watch what changes
///
/// Server-sent events of the type `change` within two seconds of a change, whichever process made it: what
/// changed, not how. The first comes at once. Where nothing changes, a `beat` comes every 15 seconds, which
/// has `at` alone. A connection lasts five minutes; browsers make another by themselves. A developer is told `usage`,
/// where something of their own changed, and nothing else.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "events",
    tag = "system",
    responses(
        (status = 200, description = "Events", body = Changed, content_type = "text/event-stream"),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Response, Problem> {
    let own = who.own().ok().cloned().map(Own::of);
    if own.is_none() {
        who.may(Permission::ReadUsage)?;
    }
    let mut clock = interval(EVERY);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watching = Watching {
        api,
        known: None,
        own,
        looks: 0,
        quiet: 0,
        clock,
    };
    let events = stream::unfold(watching, next);
    let mut response = Sse::new(events).into_response();
    // A proxy that collects would hold events back.
    let headers = response.headers_mut();
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Waits for the next change; the end of the connection is none.
async fn next(mut watching: Watching) -> Option<(Result<Event, Infallible>, Watching)> {
    loop {
        if watching.looks >= LOOKS {
            return None;
        }
        watching.looks += 1;
        watching.quiet += 1;
        tokio::select! {
            biased;
            () = watching.api.stop.wait() => return None,
            _ = watching.clock.tick() => {}
        }
        let looked = watching.look().await;
        let at = watching.api.engine.wall().to_string();
        match looked {
            Ok(Some(changed)) => return Some(said("change", &Changed { at, changed }, watching)),
            // A page cannot see a comment, as which servers use to send it: it is an event.
            Ok(None) if watching.quiet >= BEAT => {
                return Some(said("beat", &Beat { at }, watching));
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "what changed was not read; it is tried again");
            }
        }
    }
}

impl Watching {
    /// What changed since the look before that this caller is told of; of the first, that the connection stands.
    async fn look(&mut self) -> Result<Option<BTreeSet<&'static str>>, EngineError> {
        let engine = &self.api.engine;
        let marks = self.api.live.marks(engine).await?;
        let is_first = self.known.is_none();
        let mut changed = match &self.known {
            None => BTreeSet::new(),
            Some(known) if *known == marks => return Ok(None),
            Some(known) => moved(engine, known, &marks).await?,
        };
        let mut is_told = true;
        if let Some(own) = &mut self.own {
            changed = own.told(engine, &changed).await?;
            is_told = is_first || !changed.is_empty();
        }
        self.known = Some(marks);
        Ok(is_told.then_some(changed))
    }
}

/// An event, and what goes on after it.
fn said<T: Serialize>(
    name: &str,
    data: &T,
    mut watching: Watching,
) -> (Result<Event, Infallible>, Watching) {
    watching.quiet = 0;
    // Plain values always have a text.
    let event = Event::default().event(name).retry(AGAIN).json_data(data);
    (Ok(event.unwrap_or_default()), watching)
}
