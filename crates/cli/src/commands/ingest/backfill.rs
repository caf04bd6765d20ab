//! `weir ingest s3://BUCKET/PREFIX`, `weir ingest logs` and `weir ingest cloudtrail`.

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use weir_config::{Needs, Reader, require};
use weir_core::ids::AccountId;
use weir_core::intake::Options;
use weir_engine::ports::{AccountSources, EffectErrorKind, Sources};
use weir_engine::{BackfillReport, BackfillStep, Days, Engine, EngineError, ObjectPlace};

use super::super::Outcome;
use super::{ending, summary};
use crate::app::App;
use crate::args::{IngestArgs, IngestHistoryArgs, IngestLogsArgs, LookupArgs, RangeArgs};
use crate::exit::CliError;
use crate::printer::Printer;
use crate::table::{Page, some, thousands};

pub(super) async fn objects(app: &App, place: &ObjectPlace, args: &IngestArgs) -> Outcome {
    let range = &args.range;
    let way = Way::open(app, range, args.lookups, args.account.as_ref()).await?;
    let ended = way
        .engine
        .backfill_objects(
            &*way.sources.objects,
            place,
            &way.days,
            (&way.options, range.anew),
            &|step| way.tell(&step),
        )
        .await;
    way.end(("object", "objects"), ended)
}

pub(super) async fn logs(app: &App, args: &IngestLogsArgs) -> Outcome {
    if args.range.from.is_none() {
        return Err(CliError::Usage(
            "--from is missing: which is the first day to read?".to_owned(),
        ));
    }
    let owner = app.settings.reader_in(args.group.account.as_ref());
    let owner = owner.map(Reader::Account);
    let by = args.account.as_ref().or(owner.as_ref());
    let way = Way::open(app, &args.range, args.lookups, by).await?;
    let group = match &way.place {
        None => args.group.clone(),
        Some(place) => {
            let region = place.sources.history.home_region();
            let AccountSources {
                account, partition, ..
            } = place;
            args.group.placed(partition, &region, account)
        }
    };
    let ended = way
        .engine
        .backfill_logs(
            &*way.sources.log_groups,
            &group,
            &way.days,
            (&way.options, args.range.anew),
            &|step| way.tell(&step),
        )
        .await;
    way.end(("page", "pages"), ended)
}

pub(super) async fn history(app: &App, args: &IngestHistoryArgs) -> Outcome {
    let way = Way::open(app, &args.range, args.lookups, args.account.as_ref()).await?;
    let ended = way
        .engine
        .backfill_history(
            &*way.sources.history,
            &args.regions,
            &way.days,
            (&way.options, args.range.anew),
            &|step| way.tell(&step),
        )
        .await;
    way.end(("page", "pages"), ended)
}

/// What every backfill needs.
pub(super) struct Way<'a> {
    app: &'a App,
    pub(super) engine: Engine,
    sources: Sources,
    /// The account that is read by its role.
    place: Option<AccountSources>,
    days: Days,
    pub(super) options: Options,
    pub(super) bar: ProgressBar,
}

impl<'a> Way<'a> {
    async fn open(
        app: &'a App,
        range: &RangeArgs,
        lookups: LookupArgs,
        by: Option<&Reader>,
    ) -> Result<Self, CliError> {
        let way = Self::of(app, range.days(), lookups).await?;
        let Some(Reader::Account(id)) = by else {
            return Ok(way);
        };
        let aws = require(&app.settings).await?;
        let place = Box::pin(aws.account(id, app.settings.rights_in(id))).await;
        let place = place.map_err(|error| CliError::Failed(format!("--account: {error}")))?;
        Ok(Self {
            sources: place.sources.clone(),
            place: Some(place),
            ..way
        })
    }

    pub(super) async fn of(
        app: &'a App,
        days: Days,
        lookups: LookupArgs,
    ) -> Result<Self, CliError> {
        if let (Some(from), Some(to)) = (days.from, days.to)
            && from > to
        {
            return Err(CliError::Usage(format!(
                "--from {from} is later than --to {to}"
            )));
        }
        let sources = require(&app.settings).await?.sources;
        let engine = app
            .engine(Needs::Counts {
                lookups: !lookups.no_lookups,
            })
            .await?;
        Ok(Self {
            app,
            engine,
            sources,
            place: None,
            days,
            options: Options {
                metadata_keys: app.settings.metadata_keys.clone(),
                ..Options::default()
            },
            bar: bar(),
        })
    }

    pub(super) fn tell(&self, step: &BackfillStep) {
        let printer = self.app.printer;
        match step {
            BackfillStep::GoesOn { from } => self.bar.suspend(|| {
                printer.note(&format!(
                    "goes on after {from}, where an earlier run was stopped (--anew begins anew)"
                ));
            }),
            BackfillStep::Takes { requests, seconds } => self.bar.suspend(|| {
                printer.note(&format!(
                    "takes about {} ({} requests); it may be stopped and goes on later",
                    span(*seconds),
                    thousands(*requests)
                ));
            }),
            BackfillStep::Done {
                parts,
                bytes,
                records,
                at,
            } => {
                let (parts, records) = (thousands(*parts), thousands(*records));
                let bytes = HumanBytes(*bytes);
                self.bar
                    .set_message(format!("{parts} read, {bytes}, {records} records, {at}"));
                self.bar.tick();
            }
        }
    }

    fn end(
        &self,
        (one, several): (&str, &str),
        ended: Result<BackfillReport, EngineError>,
    ) -> Outcome {
        self.bar.finish_and_clear();
        let report = match (ended, &self.place) {
            (Ok(report), _) => report,
            (Err(error), None) => return Err(error.into()),
            (Err(error), Some(place)) => {
                let remedy = remedy(&error, &place.account);
                return Err(CliError::Failed(format!("{error}{remedy}")));
            }
        };
        if self.app.printer.is_json() {
            self.app.printer.json(&report)?;
        } else {
            let read = some(report.parts, one, several);
            self.app.printer.data(page(&read, &report).text())?;
        }
        Ok(ending(self.app, &report.counted))
    }
}

/// What to do about a right that is missing in an account.
pub(super) fn remedy(error: &EngineError, account: &AccountId) -> String {
    match error {
        EngineError::Effect(error) if error.kind == EffectErrorKind::Denied => format!(
            "; `weir aws-policy --feature read --account {account}` prints the rights that are needed there"
        ),
        _ => String::new(),
    }
}

/// What was read, and what became of it.
pub(super) fn page(read: &str, report: &BackfillReport) -> Page {
    let mut page = Page::default();
    page.line(&format!("{read}, {}", HumanBytes(report.bytes)));
    for (why, number) in &report.skipped {
        page.line(&format!("skipped: {} {}", thousands(*number), why.as_str()));
    }
    summary(&mut page, &report.counted);
    page
}

/// Something that turns on standard error, if somebody watches it.
fn bar() -> ProgressBar {
    if !Printer::is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    match ProgressStyle::with_template("{spinner} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}
