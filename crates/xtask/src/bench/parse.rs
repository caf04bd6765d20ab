//! Parsing against `serde_json::Value` on the same bytes.

use std::hint::black_box;
use std::path::Path;

use weir_core::intake::{Item, Options, read_bytes};

use super::{Line, median, ratio};

/// So many copies of every fixture in one file.
const COPIES: usize = 400;

pub(super) fn run() -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for (what, prefix) in [("CloudTrail events", "ct_"), ("invocation logs", "mil_")] {
        let bytes = json_lines(prefix)?;
        let floor = median(9, || {
            for line in bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
            {
                let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
                black_box(value);
            }
        });
        let ours = median(9, || {
            let items = read_bytes(&bytes, &Options::default());
            debug_assert!(items.iter().all(|item| !matches!(item, Item::Refused(_))));
            black_box(items);
        });
        lines.push(Line {
            what: format!("parsing {what}, speed ÷ `serde_json::Value` on the same bytes"),
            bar: "≥ 0.7",
            measured: format!("{:.2}", ratio(floor, ours)),
        });
    }
    Ok(lines)
}

/// Every fixture of that kind as one line of JSON, many times over.
fn json_lines(prefix: &str) -> Result<Vec<u8>, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut names: Vec<_> = std::fs::read_dir(&dir)
        .map_err(|error| format!("{}: {error}", dir.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        })
        .collect();
    names.sort();
    let mut bytes = Vec::new();
    for name in names {
        let text = std::fs::read(&name).map_err(|error| format!("{}: {error}", name.display()))?;
        let value: serde_json::Value = serde_json::from_slice(&text)
            .map_err(|error| format!("{}: {error}", name.display()))?;
        bytes.extend_from_slice(value.to_string().as_bytes());
        bytes.push(b'\n');
    }
    Ok(bytes.repeat(COPIES))
}
