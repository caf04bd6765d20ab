//! Every message in every language as a browser shows it, on a telephone and on a desk. The pictures
//! are left in `target/letters` for people to look at.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use weir_core::message::Message;
use weir_engine::notify::{Language, Letter};

use crate::letters::write;

/// A narrow telephone, and a window on a desk.
const WIDTHS: [u32; 2] = [375, 800];

#[expect(
    clippy::disallowed_methods,
    reason = "where the browser is, only the environment says"
)]
fn chromium() -> String {
    std::env::var("WEIR_TEST_CHROMIUM").expect(
        "WEIR_TEST_CHROMIUM is not set: run `scripts/with-services.sh cargo nextest run --profile ci -p weir-engine`",
    )
}

/// Measures each letter once everything is laid out, and writes that down where the dump shows it.
const MEASURE: &str = r#"
addEventListener("load", () => {
  const seen = [...document.querySelectorAll("iframe")].map((frame) => {
    const page = frame.contentDocument;
    const sizes = [...page.querySelectorAll("td, div")].map((at) => parseFloat(getComputedStyle(at).fontSize));
    return {
      name: frame.name,
      width: page.documentElement.scrollWidth,
      text: page.body.innerText,
      links: page.querySelectorAll("[src], link, a").length,
      smallest: Math.min(...sizes.filter((size) => size > 1)),
    };
  });
  document.querySelector("pre").textContent = JSON.stringify(seen);
});
"#;

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

fn page(letters: &[(String, Letter)], width: u32) -> String {
    let frames = letters.iter().map(|(name, letter)| {
        format!(
            "<iframe name=\"{name}\" width=\"{width}\" height=\"1000\" style=\"border:0;margin:4px\" srcdoc=\"{}\"></iframe>",
            escaped(&letter.html)
        )
    });
    let frames = frames.collect::<String>();
    format!(
        "<!doctype html><meta charset=utf-8><script>{MEASURE}</script><body>{frames}<pre></pre></body>"
    )
}

fn browse(profile: &Path, url: &str, more: &[String]) -> String {
    let ran = Command::new(chromium())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(more)
        .arg(url)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// What the page wrote down about itself.
fn measured(dump: &str) -> Vec<Value> {
    let text = dump
        .split("<pre>")
        .nth(1)
        .unwrap()
        .split("</pre>")
        .next()
        .unwrap();
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}");
    serde_json::from_str(&text.replace("&amp;", "&")).unwrap()
}

#[test]
fn every_letter_fits_a_telephone_and_shows_all_it_says() {
    let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../letters");
    std::fs::create_dir_all(&pictures).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    for language in Language::ALL {
        let named = |message: &Message| (message.kind().to_string(), write(message, language));
        let letters: Vec<_> = Message::samples().iter().map(named).collect();
        for width in WIDTHS {
            let file = scratch.path().join("page.html");
            std::fs::write(&file, page(&letters, width)).unwrap();
            let url = format!("file://{}", file.display());
            let dump = browse(scratch.path(), &url, &["--dump-dom".to_owned()]);
            let seen = measured(&dump);
            assert_eq!(seen.len(), letters.len());
            for (seen, (kind, letter)) in seen.iter().zip(&letters) {
                let what = format!("{kind} in {language} at {width}");
                assert_eq!(seen["name"], **kind);
                assert_eq!(seen["width"], width, "{what} is wider than the screen");
                assert_eq!(seen["links"], 0, "{what} fetches something");
                assert!(
                    seen["smallest"].as_f64().unwrap() >= 12.0,
                    "{what} is too small"
                );
                let shown = seen["text"].as_str().unwrap().split_whitespace();
                let shown = shown.collect::<Vec<_>>().join(" ");
                for paragraph in letter.text.split("\n\n").skip(1) {
                    let said = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
                    let is_prose = !paragraph.starts_with("  ") && !said.starts_with("--");
                    assert!(
                        !is_prose || shown.contains(&said),
                        "{what}: `{said}` is not in `{shown}`"
                    );
                }
            }
            let picture = pictures.join(format!("{language}-{width}.png"));
            let shot = format!("--screenshot={}", picture.display());
            let window = format!("--window-size={},{}", 4 * (width + 12), 5 * 1_010);
            browse(scratch.path(), &url, &[shot, window]);
            assert!(
                std::fs::metadata(&picture).unwrap().len() > 50_000,
                "{}",
                picture.display()
            );
        }
    }
}
