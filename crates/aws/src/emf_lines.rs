//! [`Figures`] as lines of the embedded metric format, for a log agent or the log of a container.

use std::io::Write;
use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;
use weir_engine::metrics::{Fact, emf};
use weir_engine::ports::{EffectError, EffectErrorKind, Figures};

/// Where lines are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum EmfLines {
    /// Standard output.
    #[default]
    Stdout,
    /// The end of a file, which is opened each time, so that it may be rotated away.
    File(PathBuf),
}

#[async_trait]
impl Figures for EmfLines {
    async fn put(&self, facts: &[Fact], at: Timestamp) -> Result<(), EffectError> {
        let mut text = emf::lines(facts, at).join("\n");
        text.push('\n');
        let place = self.clone();
        let written = tokio::task::spawn_blocking(move || place.append(&text)).await;
        let why = match written {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        let what = match self {
            Self::Stdout => "writing figures to standard output".to_owned(),
            Self::File(path) => format!("writing figures to {}", path.display()),
        };
        Err(EffectError::new(EffectErrorKind::Retry, what, why))
    }
}

impl EmfLines {
    /// One write per minute, so that lines of several processes do not mix.
    fn append(&self, text: &str) -> std::io::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = std::io::stdout().lock();
                out.write_all(text.as_bytes())?;
                out.flush()
            }
            Self::File(path) => std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)?
                .write_all(text.as_bytes()),
        }
    }
}
