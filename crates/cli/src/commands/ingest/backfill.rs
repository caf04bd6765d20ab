//! `weir ingest s3://BUCKET/PREFIX`, `weir ingest logs` and `weir ingest cloudtrail`.

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use weir_config::{Needs, require};
use weir_core::intake::Options;
use weir_engine::ports::Sources;
use weir_engine::{BackfillReport, BackfillStep, Days, Engine, EngineError, ObjectPlace};

use super::super::Outcome;
use super::{ending, summary};
use crate::app::App;
use crate::args::{IngestHistoryArgs, IngestLogsArgs, LookupArgs, RangeArgs};
use crate::exit::CliError;
use crate::printer::Printer;
use crate::table::{Page, thousands};

pub(super) async fn objects(
    app: &App,
    place: &ObjectPlace,
    range: &RangeArgs,
    lookups: LookupArgs,
) -> Outcome {
    let way = Way::open(app, range, lookups).await?;
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
    way.end("objects", ended)
}

pub(super) async fn logs(app: &App, args: &IngestLogsArgs) -> Outcome {
    if args.range.from.is_none() {
        return Err(CliError::Usage(
            "--from is missing: which is the first day to read?".to_owned(),
        ));
    }
    let way = Way::open(app, &args.range, args.lookups).await?;
    let ended = way
        .engine
        .backfill_logs(
            &*way.sources.log_groups,
            &args.group,
            &way.days,
            (&way.options, args.range.anew),
            &|step| way.tell(&step),
        )
        .await;
    way.end("pages", ended)
}

pub(super) async fn history(app: &App, args: &IngestHistoryArgs) -> Outcome {
    let way = Way::open(app, &args.range, args.lookups).await?;
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
    way.end("pages", ended)
}

/// What every backfill needs.
pub(super) struct Way<'a> {
    app: &'a App,
    pub(super) engine: Engine,
    pub(super) sources: Sources,
    days: Days,
    pub(super) options: Options,
    pub(super) bar: ProgressBar,
}

impl<'a> Way<'a> {
    async fn open(app: &'a App, range: &RangeArgs, lookups: LookupArgs) -> Result<Self, CliError> {
        Self::of(app, range.days(), lookups).await
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

    fn end(&self, parts: &str, ended: Result<BackfillReport, EngineError>) -> Outcome {
        self.bar.finish_and_clear();
        let report = ended?;
        if self.app.printer.is_json() {
            self.app.printer.json(&report)?;
        } else {
            self.app.printer.data(page(parts, &report).text())?;
        }
        Ok(ending(self.app, &report.counted))
    }
}

pub(super) fn page(parts: &str, report: &BackfillReport) -> Page {
    let mut page = Page::default();
    let (read, bytes) = (thousands(report.parts), HumanBytes(report.bytes));
    page.line(&format!("{read} {parts}, {bytes}"));
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
        0..=90 => format!("{seconds} seconds"),
        91..=5_400 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}
