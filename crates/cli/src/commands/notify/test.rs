//! `weir notify test CHANNEL`

use std::sync::Arc;

use weir_core::message::{About, Audience, Message, News};
use weir_engine::clock::{Clock, WallClock};
use weir_engine::notify::{Reader, Stationery};
use weir_engine::ports::{Channel, Way};

use super::super::Outcome;
use crate::app::App;
use crate::args::NotifyTestArgs;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &NotifyTestArgs) -> Outcome {
    let notify = &app.settings.notify;
    for warning in &notify.warnings {
        app.printer.warn(warning);
    }
    let names: Vec<_> = notify
        .channels
        .names()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    if !names.contains(&args.channel) {
        let known = if names.is_empty() {
            "none is configured; see [notify] in deploy/weir.sample.toml".to_owned()
        } else {
            format!("there are: {}", names.join(", "))
        };
        let text = format!("there is no channel `{}`; {known}", args.channel);
        return Err(CliError::NotFound(text));
    }
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let channels = weir_aws::channels(notify.channels.clone(), &app.settings.aws, &clock)
        .await
        .map_err(|error| CliError::Usage(error.to_string()))?;
    let channel = channels
        .into_iter()
        .find(|channel| channel.name == args.channel);
    let channel = channel
        .ok_or_else(|| CliError::Failed(format!("channel `{}` was not made", args.channel)))?;
    let message = Message {
        about: About::Weir,
        at: clock.now(),
        news: News::ChannelTest {
            channel: args.channel.clone(),
            by: app.settings.actor.clone(),
        },
    };
    let told = send(app, &channel, &message, &args.to).await?;
    app.printer
        .note(&format!("channel `{}` works: {told}", args.channel));
    Ok(ExitStatus::Ok)
}

/// Sends, and says to whom.
async fn send(
    app: &App,
    channel: &Channel,
    message: &Message,
    to: &[String],
) -> Result<String, CliError> {
    let notify = &app.settings.notify;
    let reader = Reader {
        audience: Audience::Admins,
        language: notify.language,
        name: None,
    };
    let failed = |error: &dyn std::fmt::Display| {
        CliError::Failed(format!("channel `{}` does not work: {error}", channel.name))
    };
    let letter = Stationery::new(app.settings.zone.clone(), notify.contact.clone())
        .write(message, &reader)
        .map_err(|error| failed(&error))?;
    match &channel.way {
        Way::Alerts(alerts) => {
            let published = alerts.publish(message, &letter).await;
            published.map_err(|error| failed(&error))?;
            Ok("whoever listens was told".to_owned())
        }
        Way::Mail(mail) => {
            let addresses = if to.is_empty() { &notify.admins } else { to };
            if addresses.is_empty() {
                return Err(CliError::Usage(
                    "nobody to send to: give --to ADDRESS, or set notify.admins".to_owned(),
                ));
            }
            for address in addresses {
                let sent = mail.send(address, &message.id(), &letter).await;
                sent.map_err(|error| failed(&error))?;
            }
            Ok(format!("sent to {}", addresses.join(", ")))
        }
    }
}
