//! `weir quota raise USER +AMOUNT`

use weir_config::Needs;
use weir_core::ids::UserId;
use weir_core::quota::Metric;
use weir_core::quota_text::{parse_amount, show_amount};
use weir_engine::QuotaRaise;

use super::super::Outcome;
use crate::app::App;
use crate::args::QuotaRaiseArgs;
use crate::backend::QuotaEdit;
use crate::exit::{CliError, ExitStatus};

pub(crate) async fn run(app: &App, args: &QuotaRaiseArgs) -> Outcome {
    let bare = args.amount.strip_prefix('+').ok_or_else(|| {
        CliError::Usage(format!(
            "+AMOUNT: `{}` has no plus: write +100 or '+$20'",
            args.amount
        ))
    })?;
    let usual = if bare.starts_with('$') {
        Metric::Cost
    } else {
        Metric::Requests
    };
    let metric = args.metric.unwrap_or(usual);
    let amount =
        parse_amount(metric, bare).map_err(|error| CliError::Usage(format!("+AMOUNT: {error}")))?;
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    let (now, zone) = (backend.now(), backend.zone().await?);
    let until = match (&args.until, &args.for_) {
        (Some(text), _) => weir_core::instant::end(text, &zone, now)
            .map_err(|error| CliError::Usage(format!("--until: {error}")))?,
        (None, Some(text)) => weir_core::duration::parse(text)
            .map_err(|error| CliError::Usage(format!("--for: {error}")))
            .map(|duration| now.saturating_add(duration).unwrap_or(now))?,
        (None, None) => return Err(CliError::Usage("give --until or --for".to_owned())),
    };
    let raise = QuotaRaise {
        user: UserId::new(&args.user),
        metric,
        window: args.window,
        amount,
        until,
        reason: args.reason.clone(),
    };
    super::edit(app, &backend, &QuotaEdit::Raise(raise), &by).await?;
    app.printer.note(&format!(
        "{}: {} more {metric} per {} until {}",
        args.user,
        show_amount(metric, amount),
        args.window,
        zone.display(until)
    ));
    Ok(ExitStatus::Ok)
}
