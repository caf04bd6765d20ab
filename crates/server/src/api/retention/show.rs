//! `GET /api/v1/retention`; also what `weir retention show` prints.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weir_core::duration::short;
use weir_core::operator::Permission;
use weir_engine::{Engine, EngineError};
use weir_store::Retained;

use crate::api::{Api, SignedIn};
use crate::problem::Problem;

/// How long what is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// One for each kind of thing.
    pub terms: Vec<Term>,
}

/// How long one kind of thing is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Term {
    /// What.
    pub what: String,
    /// How long, in words.
    pub kept: String,
    /// What is older leaves with the next reset, RFC 3339; null stays.
    pub older_than: Option<String>,
}

impl Kept {
    /// By the configuration and the clock of an engine.
    pub async fn read(engine: &Engine) -> Result<Self, EngineError> {
        let rules = engine.rules().await?;
        let kept = engine.retention();
        let term = |what: Retained, kept: String| Term {
            what: what.as_str().to_owned(),
            kept,
            older_than: Some(engine.kept_from(what, &rules).to_string()),
        };
        let stays = |what: &str| Term {
            what: what.to_owned(),
            kept: "for ever".to_owned(),
            older_than: None,
        };
        let audit = Term {
            what: "audit".to_owned(),
            kept: short(kept.audit),
            older_than: Some(engine.audit_kept_from().to_string()),
        };
        Ok(Self {
            terms: vec![
                term(Retained::Invocations, short(kept.invocations)),
                term(Retained::ClientFacts, short(kept.client_facts)),
                term(Retained::DeadLetters, short(kept.dead_letters)),
                term(Retained::Outbox, short(kept.outbox)),
                term(Retained::Warnings, "until their window is over".to_owned()),
                audit,
                stays("totals"),
                stays("blocks"),
            ],
        })
    }
}

/// Show how long what is kept
#[utoipa::path(
    get,
    path = "/api/v1/retention",
    operation_id = "retention_show",
    tag = "system",
    responses(
        (status = 200, description = "One term for each kind of thing", body = Kept),
        crate::api::answers::Reads,
    ),
)]
pub(crate) async fn get(State(api): State<Api>, who: SignedIn) -> Result<Json<Kept>, Problem> {
    who.may(Permission::ReadSystem)?;
    let kept = Kept::read(&api.engine).await;
    kept.map(Json).map_err(|error| Problem::of_engine(&error))
}
