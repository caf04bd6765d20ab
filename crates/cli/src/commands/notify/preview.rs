//! `weir notify preview TYPE`

use serde::Serialize;
use weir_core::message::{Audience, Kind, Message, Route, channels};
use weir_engine::notify::{Reader, Stationery};

use super::super::Outcome;
use crate::app::App;
use crate::args::{NotifyPreviewArgs, PreviewFormat};
use crate::exit::{CliError, ExitStatus};

/// A message with its words.
#[derive(Serialize)]
struct PreviewView {
    /// As SNS and webhooks deliver it.
    message: serde_json::Value,
    language: &'static str,
    subject: String,
    /// The message in one line, for alerts and chats.
    notice: String,
    text: String,
    html: String,
}

/// Who would hear of it, and how.
fn routed(kind: Kind, routes: &[Route]) -> Vec<String> {
    let audiences = kind.audiences().iter();
    let lines = audiences.filter_map(|audience| {
        let channels: Vec<_> = channels(routes, kind, *audience).into_iter().collect();
        let through = format!(
            "Goes to: {} through {}",
            audience.as_str(),
            channels.join(", ")
        );
        (!channels.is_empty()).then_some(through)
    });
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        vec!["Goes to: nobody, by the configuration".to_owned()]
    } else {
        lines
    }
}

pub(crate) fn run(app: &App, args: &NotifyPreviewArgs) -> Outcome {
    let message = Message::sample(args.kind);
    let notify = &app.settings.notify;
    let language = args.lang.unwrap_or(notify.language);
    let reader = Reader {
        audience: if args.kind.is_personal() {
            Audience::User
        } else {
            Audience::Admins
        },
        language,
        name: Some("Ana López".to_owned()),
    };
    let stationery = Stationery::new(app.settings.zone.clone(), notify.contact.clone());
    let letter = stationery
        .write(&message, &reader)
        .map_err(|error| CliError::Failed(error.to_string()))?;
    if app.printer.is_json() {
        app.printer.json(&PreviewView {
            message: message.to_json(),
            language: language.as_str(),
            subject: letter.subject,
            notice: letter.notice,
            text: letter.text,
            html: letter.html,
        })?;
        return Ok(ExitStatus::Ok);
    }
    for line in routed(args.kind, &notify.routes) {
        app.printer.note(&line);
    }
    match args.format {
        PreviewFormat::Html => app.printer.line(&letter.html)?,
        PreviewFormat::Text => {
            app.printer.note(&format!("Subject: {}", letter.subject));
            app.printer.line(&letter.text)?;
        }
    }
    Ok(ExitStatus::Ok)
}
