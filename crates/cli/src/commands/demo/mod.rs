//! `weir demo`

mod dashboard;
mod live;
mod place;
mod prepare;
mod tell;

use std::io::Cursor;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use weir_config::Environment;
use weir_core::admin::end_of_day;
use weir_core::calendar::Zone;
use weir_core::intake::Options;
use weir_engine::clock::{Clock, WallClock};
use weir_engine::{Engine, IngestReport, Input};

use dashboard::Dashboard;

use super::Outcome;
use crate::app::App;
use crate::args::DemoArgs;
use crate::demo::history::{self, DAYS, Delivery};
use crate::demo::{DemoClock, payload};
use crate::exit::{CliError, ExitStatus};
use crate::printer::Printer;

/// How much of the history is handed over in one go.
const STEP: SignedDuration = SignedDuration::from_mins(60);

/// An engine over a demo database, and the clock that leads it.
struct Demo {
    engine: Arc<Engine>,
    clock: Arc<DemoClock>,
    zone: Zone,
    seed: u64,
    /// The database, as a flag takes it.
    url: String,
}

pub(crate) async fn run(app: &App, args: &DemoArgs, environment: &Environment) -> Outcome {
    let url = place::choose(app)?;
    place::clear(&url)?;
    let now = app.as_of.unwrap_or_else(|| WallClock.now());
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let first = now
        .saturating_sub(SignedDuration::from_hours(24 * i64::from(DAYS)))
        .unwrap_or(now);
    let clock = Arc::new(DemoClock::at(first));
    let zone = app.settings.zone.clone();
    let engine = prepare::engine(&url, &zone, Arc::clone(&clock)).await?;
    let demo = Demo {
        engine,
        clock,
        zone,
        seed: args.seed,
        url,
    };
    let total = demo.history(now).await?;
    tell::summary(app, &demo, &total, now, environment).await?;
    if args.no_live {
        return Ok(ExitStatus::Ok);
    }
    let dashboard = Dashboard::open(app, &demo.engine, args.listen).await?;
    tokio::select! {
        ended = live::run(app, &demo) => ended?,
        failed = dashboard.serve() => failed?,
    }
    Ok(ExitStatus::Ok)
}

impl Demo {
    /// Sends ten days of records, in the order in which they would have arrived.
    async fn history(&self, now: Timestamp) -> Result<IngestReport, CliError> {
        let deliveries = history::deliveries(self.seed, now, &self.zone);
        let bar = bar(deliveries.len());
        let mut total = IngestReport::default();
        let mut rest = deliveries.as_slice();
        while let Some(first) = rest.first() {
            let end = first.at.saturating_add(STEP).unwrap_or(now).min(now);
            let count = rest.partition_point(|delivery| delivery.at <= end);
            let (step, later) = rest.split_at(count);
            self.midnight(end).await?;
            self.clock.put(end);
            total.add(self.send(step).await?);
            self.engine.tick().await?;
            bar.inc(count as u64);
            rest = later;
        }
        self.clock.put(now);
        self.engine.tick().await?;
        bar.finish_and_clear();
        Ok(total)
    }

    /// What ends with a day ends at midnight, also if nothing arrives then.
    async fn midnight(&self, end: Timestamp) -> Result<(), CliError> {
        let midnight = end_of_day(self.clock.now(), &self.zone);
        if midnight <= end {
            self.clock.put(midnight);
            self.engine.tick().await?;
        }
        Ok(())
    }

    /// Hands over what arrives at one moment, as bytes.
    async fn send(&self, step: &[Delivery]) -> Result<IngestReport, CliError> {
        let payloads = payload::pack(step).map_err(CliError::io("cannot pack records"))?;
        let inputs = payloads.into_iter().map(|payload| Input {
            source: payload.source.to_owned(),
            reader: Box::new(Cursor::new(payload.bytes)),
            options: Options::default(),
        });
        Ok(self.engine.ingest(inputs.collect(), &|_| {}).await?)
    }
}

fn bar(records: usize) -> ProgressBar {
    if !Printer::is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(records as u64);
    match ProgressStyle::with_template("ten days of records {bar:30} {pos}/{len}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
