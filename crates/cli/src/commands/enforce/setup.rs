//! `weir enforce setup`

use serde::Serialize;
use weir_config::require;
use weir_engine::ports::Feature;

use super::super::Outcome;
use crate::app::App;
use crate::args::SetupArgs;
use crate::aws;
use crate::exit::{CliError, ExitStatus};

#[derive(Debug, Serialize)]
struct Done {
    policy_arn: String,
    changed: bool,
}

pub(crate) async fn run(app: &App, args: &SetupArgs) -> Outcome {
    if args.print {
        let features = [Feature::Read, Feature::Enforce];
        app.printer
            .line(&aws::policy(&app.settings, &features).await)?;
        return Ok(ExitStatus::Ok);
    }
    let aws = require(&app.settings).await?;
    let done = aws.access.set_up().await.map_err(|error| {
        CliError::Failed(format!(
            "{error}; `weir enforce setup --print` shows the rights that are needed"
        ))
    })?;
    let done = Done {
        policy_arn: done.policy_arn,
        changed: done.changed,
    };
    if app.printer.is_json() {
        app.printer.json(&done)?;
    } else {
        let what = if done.changed {
            "made"
        } else {
            "is as it should be"
        };
        app.printer.line(&format!("{} {what}", done.policy_arn))?;
    }
    Ok(ExitStatus::Ok)
}
