//! `cargo xtask prices`: writes the bundled price table of `weir-core` from the data of the crate
//! `genai-prices`, which is in the registry because this crate depends on it.
//!
//! The data file is a list of providers with models; each model has match clauses, prices in
//! dollars per million tokens, and comments. What is taken from its provider `aws`:
//!
//! - **Decimals** are read as text and become nano-dollars; no float is in between. A decimal that
//!   is not whole in nano-dollars is an error.
//! - **Class.** Rows called `global.X` are the prices of `global.` profiles, in every source Region.
//!   Rows called `regional.X`, and rows without either word, are regional.
//! - **Regions.** A regional row holds where its clauses name a geography (`us.`, `eu.`, `apac.`,
//!   `jp.`, `au.`, `in.`), also for bare ids there. A row that names none does not distinguish
//!   Regions: it holds in us-east-1, for which the source publishes, unless its comment says that it
//!   is flat across Regions. `us-gov.` is refused: the source gives it the ordinary regional price,
//!   AWS charges more. See [`rules`].
//! - **Ids.** The source matches by beginning and substring; Weir looks up exactly. So each row is
//!   given the ids that AWS uses for it, and each of them is checked: the source's own first match
//!   must be that row. See [`ids`].
//! - **Bands.** `tiers` with `start` N hold above N tokens of whole input and for the whole call:
//!   bands from N + 1.
//! - **Starts.** `start_date` is midnight UTC; the entry without one holds before.
//!
//! Whatever has a shape not seen so far is an error, so that a new version of the data is looked at.

mod ids;
mod json;
mod rules;
mod source;
mod table;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::Command;

use source::Source;

const CRATE: &str = "genai-prices";
const TABLE: &str = "crates/core/src/pricing/bundled.tsv";
const HELP: &str = "cargo xtask prices [--check]";

/// Writes the table; with `--check` only compares it.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let check = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        _ => return Err(format!("usage: {HELP}")),
    };
    let path = root().join(TABLE);
    let wanted = generate()?;
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    match (found == wanted, check) {
        (true, _) => Ok(()),
        (false, true) => Err(format!(
            "{TABLE} is not what the data gives: run cargo xtask prices"
        )),
        (false, false) => std::fs::write(&path, wanted).map_err(|e| format!("{TABLE}: {e}")),
    }
}

/// The table as the data gives it now.
fn generate() -> Result<String, String> {
    let (source, text) = read()?;
    table::write(&source, &text)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Finds the data file of the crate and reads it.
fn read() -> Result<(Source, String), String> {
    let manifest = manifest()?;
    let folder = manifest.path.parent().unwrap_or(Path::new("")).to_owned();
    let load = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
    };
    let text = load("data/prices.json")?;
    let commit = load(".cargo_vcs_info.json").ok().and_then(|text| {
        let value: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(value["git"]["sha1"].as_str()?.get(..12)?.to_owned())
    });
    let version = manifest.version;
    Ok((
        Source {
            name: format!("{CRATE}-{version}"),
            commit,
        },
        text,
    ))
}

struct Manifest {
    version: String,
    path: PathBuf,
}

/// Asks Cargo where the crate is. Offline and for this host only: what the build needed is there.
fn manifest() -> Result<Manifest, String> {
    let host = cargo(&["-vV"])?;
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let args = [
        "metadata",
        "--format-version",
        "1",
        "--offline",
        "--filter-platform",
        host,
    ];
    let metadata: serde_json::Value =
        serde_json::from_str(&cargo(&args)?).map_err(|e| format!("cargo metadata: {e}"))?;
    let package = metadata["packages"]
        .as_array()
        .and_then(|all| all.iter().find(|package| package["name"] == CRATE))
        .ok_or_else(|| format!("{CRATE} is not among the dependencies"))?;
    let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    Ok(Manifest {
        version: text("version"),
        path: PathBuf::from(text("manifest_path")),
    })
}

fn cargo(args: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .current_dir(root())
        .output()
        .map_err(|e| format!("cargo {}: {e}", args.join(" ")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo {}: {}", args.join(" "), said.trim()));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("cargo {}: {e}", args.join(" ")))
}
