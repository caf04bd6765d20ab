//! `weir user confirm USER…`

use weir_config::Needs;
use weir_core::ids::UserId;

use super::super::Outcome;
use crate::app::App;
use crate::args::UserConfirmArgs;
use crate::exit::ExitStatus;

pub(crate) async fn run(app: &App, args: &UserConfirmArgs) -> Outcome {
    let (backend, by) = app.deciding(Needs::Decides, &args.by).await?;
    for user in &args.users {
        let user = UserId::new(user.trim());
        for became in backend.confirm(&user, &by).await? {
            app.printer.note(&format!(
                "calls of `{user}` count for `{became}` from now on; calls of the past stay where they are"
            ));
        }
    }
    Ok(ExitStatus::Ok)
}
