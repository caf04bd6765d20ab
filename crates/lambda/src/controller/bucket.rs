//! Buckets, reached when an event first names an object: most functions never need them.

use std::io::BufRead;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use weir_config::{Settings, connect};
use weir_engine::ports::{EffectError, EffectErrorKind, Listing, ObjectKey, Objects};

/// The way to S3, once there is one.
#[derive(Default)]
pub(crate) struct Buckets(OnceCell<Arc<dyn Objects>>);

/// That way, by the settings.
pub(crate) struct Reached<'a> {
    cell: &'a OnceCell<Arc<dyn Objects>>,
    settings: &'a Settings,
}

impl Buckets {
    pub(crate) fn of<'a>(&'a self, settings: &'a Settings) -> Reached<'a> {
        Reached {
            cell: &self.0,
            settings,
        }
    }
}

impl Reached<'_> {
    async fn objects(&self) -> Result<&Arc<dyn Objects>, EffectError> {
        let reach = || async {
            match connect(self.settings).await {
                Ok(connection) => Ok(connection.sources.objects),
                Err(error) => Err(EffectError::new(
                    EffectErrorKind::Retry,
                    "GetObject",
                    error.to_string(),
                )),
            }
        };
        self.cell.get_or_try_init(reach).await
    }
}

#[async_trait]
impl Objects for Reached<'_> {
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Listing, EffectError> {
        self.objects().await?.list(bucket, prefix, after).await
    }

    async fn open(&self, object: &ObjectKey) -> Result<Box<dyn BufRead + Send>, EffectError> {
        self.objects().await?.open(object).await
    }
}
