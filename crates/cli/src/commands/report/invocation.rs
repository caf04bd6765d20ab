//! `weir invocation REQUEST_ID`

use weir_config::Needs;
use weir_server::forms::{Counts, Invocation};

use super::super::Outcome;
use super::status::local;
use crate::app::App;
use crate::args::InvocationArgs;
use crate::exit::ExitStatus;
use crate::table::{Page, or_dash};

pub(crate) async fn run(app: &App, args: &InvocationArgs) -> Outcome {
    let backend = app.backend(Needs::Reads).await?;
    let view = backend.invocation(&args.request_id).await?;
    if app.printer.is_json() {
        app.printer.json(&view)?;
    } else {
        let zone = backend.zone().await?;
        app.printer
            .data(page(&view, &local(&view.at, &zone)).text())?;
    }
    Ok(ExitStatus::Ok)
}

fn page(view: &Invocation, at: &str) -> Page {
    let mut page = Page::default();
    page.field("Request", &view.request_id);
    page.field("At", &format!("{at} ({})", view.at));
    let unresolved = if view.unresolved {
        " (look-up failed)"
    } else {
        ""
    };
    page.field(
        "User",
        &format!("{} of team {}{unresolved}", view.user_id, view.team),
    );
    page.field("Principal", &principal(view));
    page.field("Tool", &view.tool);
    let Invocation {
        operation,
        unknown_operation,
        region,
        account,
        ..
    } = view;
    let unknown = if *unknown_operation {
        " (not known to Weir: counted because it names a model)"
    } else {
        ""
    };
    page.field(
        "Operation",
        &format!("{operation}{unknown} in {region} of {account}"),
    );
    page.field("Model", &format!("{} ({} price)", view.model, view.class));
    page.field("As sent", or_dash(view.model_sent.as_deref()));
    if let Some(region) = &view.inference_region {
        page.field("Ran in", region);
    }
    let error = view.error_code.as_ref().map(|code| {
        format!(
            "{}: {code} {}",
            view.status,
            or_dash(view.error_message.as_deref())
        )
    });
    page.field("Status", error.as_deref().unwrap_or(&view.status));
    page.field("Tokens", &tokens(view));
    let cost = view.cost_usd.as_ref().map(|usd| format!("${usd}"));
    page.field("Cost", cost.as_deref().unwrap_or("not known"));
    page.field("Price", or_dash(view.price.as_deref()));
    for source in &view.sources {
        page.field("Source", &format!("{} at {}", source.source, source.at));
    }
    page
}

fn principal(view: &Invocation) -> String {
    let principal = &view.principal;
    let session = principal
        .session
        .as_ref()
        .map(|name| format!(" / {name}"))
        .unwrap_or_default();
    let key = if view.bearer {
        ", by Bedrock API key"
    } else {
        ""
    };
    format!("{} {}{session}{key}", principal.kind, principal.name)
}

fn tokens(view: &Invocation) -> String {
    let Some(tokens) = view.tokens else {
        return "not known (yet)".to_owned();
    };
    let Counts {
        input,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        output,
    } = tokens;
    let provisional = if view.provisional {
        " (provisional)"
    } else {
        ""
    };
    format!(
        "input {input}, cache read {cache_read}, cache write 5m {cache_write_5m} and 1h \
         {cache_write_1h}, output {output}{provisional}"
    )
}
