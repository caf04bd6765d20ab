//! The demo goes on: a call a second or so, told by AWS within seconds instead of minutes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{MissedTickBehavior, interval};
use weir_core::quota_text::thousands;
use weir_engine::IngestReport;
use weir_engine::clock::{Clock, WallClock};

use super::Demo;
use crate::app::App;
use crate::demo::history::{self, Delivery};
use crate::demo::organisation::{CALLERS, Caller, Story};
use crate::demo::rng::Rng;
use crate::exit::CliError;

const BEAT: Duration = Duration::from_millis(400);
/// Beats between two lines about how it goes.
const LINE: u64 = 25;
/// How much faster than in life records arrive.
const HASTE: i64 = 60;

/// Goes on until Ctrl-C. What is due is done by the server.
pub(super) async fn run(app: &App, demo: &Demo) -> Result<(), CliError> {
    app.printer
        .note("\nThe calls go on; Ctrl-C ends the demo and keeps the database.");
    if app.as_of.is_none() {
        // The ten days took a while to make up.
        demo.clock.put(WallClock.now());
    }
    demo.clock.run();
    let mut live = Live {
        rng: Rng::new(demo.seed ^ 0xbeef),
        waiting: Vec::new(),
        beats: 0,
    };
    let mut since = IngestReport::default();
    let mut clock = interval(BEAT);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            _ = &mut stop => break,
            _ = clock.tick() => {}
        }
        let now = demo.clock.now();
        live.call(now);
        let due = live.due(now);
        if !due.is_empty() {
            let report = demo.send(&due).await?;
            tell(app, demo, now, &report);
            since.add(report);
        }
        if live.beats.is_multiple_of(LINE) {
            line(app, demo, now, &std::mem::take(&mut since));
        }
    }
    app.printer
        .note("\nThe demo has ended; its database stays for the commands above.");
    Ok(())
}

struct Live {
    rng: Rng,
    waiting: Vec<Delivery>,
    beats: u64,
}

impl Live {
    /// A call happens, or none.
    fn call(&mut self, now: Timestamp) {
        self.beats += 1;
        for _ in 0..self.rng.between(0, 1) {
            let caller = self.caller();
            let call = history::call(caller, now, &mut self.rng);
            let mut deliveries = Vec::new();
            history::deliver(&call, &mut self.rng, &mut deliveries);
            for delivery in &mut deliveries {
                let delay = delivery.at.duration_since(now).as_secs();
                let hurried = SignedDuration::from_secs((delay / HASTE).min(30));
                delivery.at = now.saturating_add(hurried).unwrap_or(now);
            }
            self.waiting.append(&mut deliveries);
        }
    }

    /// Somebody; often the one who is close to a limit.
    fn caller(&mut self) -> &'static Caller {
        let almost = CALLERS
            .iter()
            .find(|caller| caller.story == Story::AlmostThere);
        match almost {
            Some(caller) if self.rng.percent(20) => caller,
            _ => self.rng.pick(&CALLERS),
        }
    }

    fn due(&mut self, now: Timestamp) -> Vec<Delivery> {
        let (due, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|delivery| delivery.at <= now);
        self.waiting = waiting;
        due
    }
}

/// What people would be told at once.
fn tell(app: &App, demo: &Demo, now: Timestamp, report: &IngestReport) {
    let at = clock(demo, now);
    for user in &report.warned {
        app.printer
            .note(&format!("{at}  {user} is warned: close to a limit"));
    }
    for user in &report.blocked {
        app.printer
            .note(&format!("{at}  {user} is blocked: a limit is reached"));
    }
}

fn line(app: &App, demo: &Demo, now: Timestamp, since: &IngestReport) {
    let number = |count: u64| thousands(i64::try_from(count).unwrap_or(i64::MAX));
    app.printer.note(&format!(
        "{}  {} records: {} new calls, {} completed, {} duplicates",
        clock(demo, now),
        number(since.records),
        number(since.new),
        number(since.completed),
        number(since.duplicates),
    ));
}

/// The wall clock of the business zone.
fn clock(demo: &Demo, now: Timestamp) -> String {
    demo.zone.local(now).time().strftime("%H:%M:%S").to_string()
}
