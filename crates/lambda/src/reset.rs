//! `bedrock-daily-reset`: what is due, or the reset of one date (rules 9).

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tokio::time::timeout;
use weir_engine::{Actor, EngineError, ResetReport};

use crate::failure::Failure;
use crate::start::{Event, Weir};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wish {
    /// Of this date, again if it was done before; `None`: whatever is due.
    date: Option<Date>,
    dry_run: bool,
}

pub(crate) async fn take(weir: &Weir, event: &Event<'_>) -> Result<Value, Failure> {
    let wish = wish(event.text).map_err(Failure::BadInput)?;
    let work = async {
        let reports = run(weir, wish).await?;
        // What was lifted or denied is made real; the tick goes on with what is left over.
        let effects = if wish.dry_run {
            None
        } else {
            Some(weir.engine.drain().await?)
        };
        Ok::<_, EngineError>(json!({ "resets": reports, "effects": effects }))
    };
    timeout(event.time, work)
        .await
        .map_err(|_| Failure::OutOfTime)?
        .map_err(Failure::from)
}

async fn run(weir: &Weir, wish: Wish) -> Result<Vec<ResetReport>, EngineError> {
    let engine = &weir.engine;
    let by = Actor {
        name: weir.settings.actor.clone(),
        claimed: None,
    };
    Ok(match (wish.date, wish.dry_run) {
        (Some(date), true) => vec![engine.foresee_reset(date).await?],
        (Some(date), false) => engine.reset(date, &by).await?,
        (None, true) => {
            let today = engine.rules().await?.zone.day(engine.now());
            vec![engine.foresee_reset(today).await?]
        }
        (None, false) => engine.reset_due(&by).await?,
    })
}

fn wish(text: &str) -> Result<Wish, String> {
    let event: Value =
        serde_json::from_str(text).map_err(|error| format!("the event is not JSON: {error}"))?;
    let fields = match event {
        // Nothing in particular is asked for.
        Value::Null => Map::new(),
        Value::Object(fields) if is_schedule(&fields) => Map::new(),
        Value::Object(fields) => fields,
        _ => {
            return Err(
                "the event is not a JSON object: send {}, {\"date\": \"2026-11-20\"} or \
                 {\"dry_run\": true}"
                    .to_owned(),
            );
        }
    };
    let mut wish = Wish {
        date: None,
        dry_run: false,
    };
    for (name, value) in &fields {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("date", Value::String(text)) => wish.date = Some(date(text)?),
            ("date", _) => return Err("date: not a text such as 2026-11-20".to_owned()),
            ("dry_run", Value::Bool(is)) => wish.dry_run = *is,
            ("dry_run", _) => return Err("dry_run: neither true nor false".to_owned()),
            (other, _) => {
                return Err(format!(
                    "`{}` is not a field: there are date and dry_run",
                    clipped(other)
                ));
            }
        }
    }
    Ok(wish)
}

/// What EventBridge Scheduler and scheduled rules send.
fn is_schedule(fields: &Map<String, Value>) -> bool {
    fields.get("detail-type").and_then(Value::as_str) == Some("Scheduled Event")
}

fn date(text: &str) -> Result<Date, String> {
    let fits = text.len() == "2026-11-20".len();
    let date = text.parse().ok().filter(|_| fits);
    date.ok_or_else(|| format!("date: `{}` is not a date such as 2026-11-20", clipped(text)))
}

/// The beginning of a text that somebody sent, for an error.
pub(crate) fn clipped(text: &str) -> &str {
    let end = text.floor_char_boundary(40);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_ask_for_what_is_due_or_for_a_date() {
        let scheduled = r#"{"version":"0","id":"x","detail-type":"Scheduled Event","source":"aws.scheduler",
            "account":"111122223333","time":"2026-11-20T23:00:00Z","region":"eu-west-1",
            "resources":["arn:aws:scheduler:eu-west-1:111122223333:schedule/default/weir"],"detail":"{}"}"#;
        let day = Some(jiff::civil::date(2026, 11, 20));
        for (text, date, dry_run) in [
            ("{}", None, false),
            ("null", None, false),
            (scheduled, None, false),
            (r#"{"date":"2026-11-20"}"#, day, false),
            (r#"{"date":null,"dry_run":true}"#, None, true),
            (r#"{"dry_run":true,"date":"2026-11-20"}"#, day, true),
        ] {
            assert_eq!(wish(text).unwrap(), Wish { date, dry_run }, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, want) in [
            ("", "not JSON"),
            ("[]", "not a JSON object"),
            ("7", "not a JSON object"),
            (r#"{"date":20261120}"#, "date: not a text"),
            (r#"{"date":"20.11.2026"}"#, "`20.11.2026` is not a date"),
            (r#"{"date":"2026-02-30"}"#, "`2026-02-30` is not a date"),
            (r#"{"date":"2026-11-20T00:00"}"#, "is not a date"),
            (r#"{"dry_run":"yes"}"#, "dry_run: neither true nor false"),
            (r#"{"dryrun":true}"#, "`dryrun` is not a field"),
        ] {
            let error = wish(text).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
        }
    }
}
