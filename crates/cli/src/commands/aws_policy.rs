//! `weir aws-policy`

use weir_aws::{PeopleBy, RightsOf};
use weir_core::ids::AccountId;

use super::Outcome;
use crate::app::App;
use crate::args::AwsPolicyArgs;
use crate::aws;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: &AwsPolicyArgs) -> Outcome {
    let account = args.account.as_ref().map(AccountId::new);
    let rights = aws::rights(&app.settings, account.as_ref()).await;
    let rights = RightsOf {
        inline: !args.attach_only,
        people: args.scp.clone().map_or(rights.people, PeopleBy::Scp),
        ..rights
    };
    app.printer
        .line(&weir_aws::print_policy(&args.features, &rights))?;
    for feature in &args.features {
        app.printer.note(weir_aws::stolen(*feature));
    }
    Ok(ExitStatus::Ok)
}
