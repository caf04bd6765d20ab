//! Memory of `weir ingest` on a file of one gigabyte.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Line, start};

const GIGABYTE: u64 = 1_000_000_000;

pub(super) fn run() -> Result<Vec<Line>, String> {
    let weir = beside_me("weir")?;
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = dir.path().join("log.jsonl");
    let records = write_log(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let database = format!("sqlite:{}", dir.path().join("weir.db").display());
    let begun = start();
    let mut child = Command::new(weir)
        .args([
            "--database",
            &database,
            "--as-of",
            "2026-11-20T12:00:00Z",
            "--json",
            "ingest",
        ])
        .arg("--no-lookups")
        .arg(&file)
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("weir ingest: {error}"))?;
    let peak = peak_memory(&mut child)?;
    let seconds = begun.elapsed().as_secs().max(1);
    Ok(vec![Line {
        what: format!("memory of `weir ingest` on a file of 1 GB, {records} records"),
        bar: "< 150 MB",
        measured: format!(
            "{} MB, {} records a second",
            peak / 1_000,
            records / seconds
        ),
    }])
}

/// The highest resident size in kB, watched until the child is done.
fn peak_memory(child: &mut Child) -> Result<u64, String> {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let high = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = high.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(exit) if exit.success() => return Ok(peak),
            Some(exit) => return Err(format!("weir ingest failed: {exit}")),
            None => pause(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark that polls a child process"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// Invocation logs of Claude Code size, about 2.6 kB each, until there is a gigabyte.
fn write_log(path: &Path) -> std::io::Result<u64> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/mil_stream_claude_code_s3input.json");
    let sample: serde_json::Value = serde_json::from_slice(&std::fs::read(sample)?)?;
    let text = sample.to_string();
    let id = sample["requestId"].as_str().unwrap_or_default();
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    let (mut bytes, mut records) = (0, 0);
    while bytes < GIGABYTE {
        // Everywhere: the id also stands in the path of the body, before itself.
        let line = text.replace(id, &format!("00000000-0000-4000-8000-{records:012x}"));
        writeln!(file, "{line}")?;
        bytes += line.len() as u64 + 1;
        records += 1;
    }
    file.flush()?;
    Ok(records)
}

/// A binary built beside this one.
fn beside_me(name: &str) -> Result<PathBuf, String> {
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    let path = me.with_file_name(name);
    if path.exists() {
        return Ok(path);
    }
    Err(format!(
        "{} is not built: run scripts/bench.sh, which builds it",
        path.display()
    ))
}
