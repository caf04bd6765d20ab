//! `weir unblock USER`

use weir_config::Needs;
use weir_core::admin::{Verb, end_of_day};
use weir_core::block::Until;
use weir_core::ids::BlockId;
use weir_core::instant;
use weir_engine::Actor;

use super::super::Outcome;
use crate::app::App;
use crate::args::UnblockArgs;
use crate::backend::Backend;
use crate::exit::CliError;

const NO_REASON: &str = "unblocked by an administrator";

pub(crate) async fn run(app: &App, args: &UnblockArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    if let Some(id) = &args.block {
        return one(app, &backend, by, args, id).await;
    }
    let (now, zone) = (backend.now(), backend.zone().await?);
    let until = args.protect_until.as_deref();
    let until = until.map(|text| instant::end(text, &zone, now)).transpose();
    let until = until.map_err(|error| CliError::Usage(format!("--protect-until: {error}")))?;
    let end = until.unwrap_or_else(|| end_of_day(now, &zone));
    let protect_until = (!args.no_protect).then_some(Until::At(end));
    let reason = args.reason.as_deref().unwrap_or(NO_REASON);
    let verb = Verb::Unblock { protect_until };
    let command = super::command(&args.user, by, reason, verb);
    let done = backend.administer(command, false).await?;
    if done.blocks_lifted == 0 {
        app.printer.note("there was no block to lift");
    }
    if args.no_protect {
        app.printer
            .note("without protection the next counted call may block again");
    }
    super::show(app, &backend, &done).await
}

/// Ends one manual block, and nothing else.
async fn one(app: &App, backend: &Backend, by: Actor, args: &UnblockArgs, id: &str) -> Outcome {
    let verb = Verb::EndBlock {
        id: BlockId::new(id),
    };
    let reason = args.reason.as_deref().unwrap_or(NO_REASON);
    let command = super::command(&args.user, by, reason, verb);
    let done = backend.administer(command, false).await?;
    if done.blocks_lifted == 0 {
        return Err(CliError::NotFound(format!(
            "`{}` has no manual block `{id}`: weir --json blocks --user {}",
            args.user, args.user
        )));
    }
    super::show(app, backend, &done).await
}
