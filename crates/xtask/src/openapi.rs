//! The description of the API, as it is kept in the repository: `docs/api/openapi.json`. A test of the
//! server says when it is not what the server answers.

use std::path::Path;

/// Writes it.
pub(crate) fn run() -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/openapi.json");
    std::fs::write(&path, weir_server::document_text())
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("wrote docs/api/openapi.json");
    Ok(())
}
