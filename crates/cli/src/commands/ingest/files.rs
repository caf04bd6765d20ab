//! `weir ingest [FILE… | -]`

use std::fs::File;
use std::io::{BufReader, Seek, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use weir_config::Needs;
use weir_core::intake::Options;
use weir_engine::{Input, Progress, check_input};

use super::super::Outcome;
use super::{ending, summary};
use crate::app::App;
use crate::args::IngestArgs;
use crate::exit::CliError;
use crate::lazy::LazyFile;
use crate::printer::Printer;
use crate::table::Page;

const STDIN: &str = "stdin";
/// How many unreadable places `--strict` names before the rest is a number.
const NAMED: usize = 20;

/// Something to read, possibly twice.
enum Source {
    File(PathBuf),
    Stdin,
    /// Standard input, spooled so that it can be read twice.
    Spooled(File),
}

pub(super) async fn run(app: &App, args: IngestArgs) -> Outcome {
    let mut sources = sources(&args)?;
    let options = Options {
        metadata_keys: app.settings.metadata_keys.clone(),
        ..Options::default()
    };
    if args.strict {
        spool(&mut sources)?;
        check(app, &mut sources, &options)?;
    }
    let engine = app
        .engine(Needs::Counts {
            lookups: !args.lookups.no_lookups,
        })
        .await?;
    let bar = bar(&sources);
    let inputs = sources
        .into_iter()
        .map(|source| source.input(&options))
        .collect::<Result<Vec<_>, _>>()?;
    let shown = bar.clone();
    let progress = move |progress: Progress| {
        shown.set_position(progress.bytes);
        shown.set_message(format!("{} records", progress.records));
    };
    let report = engine.ingest(inputs, &progress).await;
    bar.finish_and_clear();
    let report = report?;
    if app.printer.is_json() {
        app.printer.json(&report)?;
    } else {
        let mut page = Page::default();
        summary(&mut page, &report);
        app.printer.data(page.text())?;
    }
    Ok(ending(app, &report))
}

fn sources(args: &IngestArgs) -> Result<Vec<Source>, CliError> {
    if args.files.is_empty() && Printer::is_interactive() {
        return Err(CliError::Usage(
            "nothing to read: name files, or pipe records in, for example\n  \
             weir ingest events.json logs/*.json.gz\n  \
             aws s3 cp s3://BUCKET/KEY.json.gz - | weir ingest -"
                .to_owned(),
        ));
    }
    if args.files.is_empty() {
        return Ok(vec![Source::Stdin]);
    }
    let dashes = args
        .files
        .iter()
        .filter(|path| *path == Path::new("-"))
        .count();
    if dashes > 1 {
        return Err(CliError::Usage(
            "`-` is given twice, and standard input is read once".to_owned(),
        ));
    }
    let mut sources = Vec::new();
    for path in &args.files {
        if path == Path::new("-") {
            sources.push(Source::Stdin);
            continue;
        }
        // Said before anything is counted: a misspelt name in a list of many is found at once.
        let file = std::fs::metadata(path)
            .map_err(CliError::io(format!("cannot read {}", path.display())))?;
        if file.is_dir() {
            let name = path.display();
            return Err(CliError::Usage(format!(
                "{name} is a directory: name the files in it ({name}/*)"
            )));
        }
        sources.push(Source::File(path.clone()));
    }
    Ok(sources)
}

/// Copies standard input into a file of ours that has no name.
fn spool(sources: &mut [Source]) -> Result<(), CliError> {
    for source in sources
        .iter_mut()
        .filter(|source| matches!(source, Source::Stdin))
    {
        let failed = "cannot keep standard input for a second pass";
        let mut file = tempfile::tempfile().map_err(CliError::io(failed))?;
        std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(CliError::io(failed))?;
        file.flush().map_err(CliError::io(failed))?;
        *source = Source::Spooled(file);
    }
    Ok(())
}

/// The first pass: everything has to be readable.
fn check(app: &App, sources: &mut [Source], options: &Options) -> Result<(), CliError> {
    let mut refused = 0;
    for source in sources {
        let name = source.name();
        for refusal in check_input(source.copy()?.input(options)?)? {
            refused += 1;
            if refused <= NAMED {
                app.printer
                    .note(&format!("{name}, {}: {}", refusal.place, refusal.reason));
            }
        }
    }
    match refused {
        0 => Ok(()),
        n => Err(CliError::Failed(format!(
            "{n} records are unreadable, so nothing was counted (--strict)"
        ))),
    }
}

impl Source {
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin | Self::Spooled(_) => STDIN.to_owned(),
        }
    }

    /// The same once more, from its beginning.
    fn copy(&mut self) -> Result<Self, CliError> {
        Ok(match self {
            Self::File(path) => Self::File(path.clone()),
            Self::Stdin => Self::Stdin,
            Self::Spooled(file) => Self::Spooled(file.try_clone().map_err(CliError::io(STDIN))?),
        })
    }

    fn input(self, options: &Options) -> Result<Input, CliError> {
        let source = self.name();
        let reader: Box<dyn std::io::BufRead + Send> = match self {
            Self::File(path) => Box::new(LazyFile::new(path)),
            Self::Stdin => Box::new(BufReader::with_capacity(1 << 16, std::io::stdin())),
            Self::Spooled(mut file) => {
                file.rewind().map_err(CliError::io(STDIN))?;
                Box::new(BufReader::with_capacity(1 << 16, file))
            }
        };
        Ok(Input {
            source,
            reader,
            options: options.clone(),
        })
    }
}

/// A bar on standard error, if somebody watches it.
fn bar(sources: &[Source]) -> ProgressBar {
    if !Printer::is_watched() {
        return ProgressBar::hidden();
    }
    let sizes: Option<Vec<u64>> = sources
        .iter()
        .map(|source| match source {
            Source::File(path) => std::fs::metadata(path).ok().map(|file| file.len()),
            Source::Spooled(file) => file.metadata().ok().map(|file| file.len()),
            Source::Stdin => None,
        })
        .collect();
    let (bar, form) = match sizes {
        Some(sizes) => (
            ProgressBar::new(sizes.iter().sum()),
            "{bar:30} {bytes}/{total_bytes} {msg} {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes} {msg}"),
    };
    match ProgressStyle::with_template(form) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
