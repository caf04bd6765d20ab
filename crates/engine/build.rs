//! Turns the layout of mails from MJML into HTML. What stands in double braces goes through as it
//! is and is filled in, and escaped, when a mail is written: no user's text is ever read as MJML.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;

use mrml::prelude::render::RenderOptions;

const LAYOUT: &str = "templates/layout.mjml";

#[expect(
    clippy::disallowed_methods,
    reason = "where to write, only the environment says"
)]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={LAYOUT}");
    println!("cargo::rerun-if-changed=build.rs");
    let source = std::fs::read_to_string(LAYOUT)?;
    let layout = mrml::parse(&source).map_err(|error| format!("{LAYOUT}: {error}"))?;
    let html = layout
        .element
        .render(&RenderOptions {
            // Fonts would be fetched from somewhere, which tells that place who reads which mail.
            fonts: HashMap::new(),
            ..RenderOptions::default()
        })
        .map_err(|error| format!("{LAYOUT}: {error}"))?;
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("layout.html"), html)?;
    Ok(())
}
