//! `weir policy create NAME [FILE]`

use std::io::Read;
use std::path::Path;

use weir_core::provision::{Change, Route, Step};
use weir_engine::provision::Wish;

use super::super::{Outcome, hands};
use crate::app::App;
use crate::args::PolicyCreateArgs;
use crate::exit::CliError;

/// Far longer than any policy may be.
const MOST: u64 = 1 << 20;

pub(crate) async fn run(app: &App, args: PolicyCreateArgs) -> Outcome {
    let text = args.file.as_deref().map(read).transpose()?;
    let hands = hands::Hands::of(app).await?;
    let operator = hands.provisioner(app, &args.plan.by).await?;
    let text = if let Some(text) = text {
        text
    } else {
        let wish = Wish {
            models: args.grant.allow_models,
            profiles: args.grant.profiles,
            // A policy of its own only allows; what a group denies, it denies.
            open: Route::ALL.to_vec(),
        };
        let grant = operator.grant(&wish, &*hands.aws.directory).await?;
        operator.policy_text(&grant, &args.tools).await?
    };
    let plan = operator.plan_policy(&args.name, &text).await?;
    let replaces = |step: &Step| matches!(step, Step::Aws(Change::AddVersion { .. }));
    let replaces = plan.steps.iter().any(replaces);
    let question =
        replaces.then_some("Replace the text that is in force, for whoever holds the policy?");
    hands::carry_out(app, &operator, &plan, &args.plan, question, None).await
}

fn read(path: &Path) -> Result<String, CliError> {
    let what = || format!("cannot read {}", path.display());
    let mut text = String::new();
    if path == Path::new("-") {
        let input = std::io::stdin().lock();
        let read = input.take(MOST).read_to_string(&mut text);
        read.map_err(CliError::io("cannot read standard input"))?;
    } else {
        let file = std::fs::File::open(path).map_err(CliError::io(what()))?;
        let read = file.take(MOST).read_to_string(&mut text);
        read.map_err(CliError::io(what()))?;
    }
    Ok(text)
}
