//! Buckets, reached when an event first names an object: most functions never need them.

use std::io::BufRead;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use weir_aws::Connection;
use weir_config::{Settings, connect};
use weir_core::ids::AccountId;
use weir_engine::ports::{EffectError, EffectErrorKind, Listing, ObjectKey, Objects};

/// The way to AWS, once there is one.
#[derive(Default)]
pub(crate) struct Buckets(OnceCell<Connection>);

/// The way to the objects of one event.
pub(crate) struct Reached<'a> {
    connection: &'a OnceCell<Connection>,
    settings: &'a Settings,
    /// Whose role opens them; `None`: that of the function.
    role: Option<AccountId>,
    objects: OnceCell<Arc<dyn Objects>>,
}

impl Buckets {
    /// By the role in an account, or that of the function.
    pub(crate) fn by<'a>(&'a self, settings: &'a Settings, role: Option<AccountId>) -> Reached<'a> {
        Reached {
            connection: &self.0,
            settings,
            role,
            objects: OnceCell::new(),
        }
    }
}

impl Reached<'_> {
    async fn objects(&self) -> Result<&Arc<dyn Objects>, EffectError> {
        let reach = || async {
            let connection = self.connection.get_or_try_init(|| self.connect()).await?;
            let sources = connection.sources_by(self.role.as_ref()).await?;
            Ok(sources.objects)
        };
        self.objects.get_or_try_init(reach).await
    }

    async fn connect(&self) -> Result<Connection, EffectError> {
        let connection = connect(self.settings).await;
        connection.map_err(|error| {
            EffectError::new(EffectErrorKind::Retry, "GetObject", error.to_string())
        })
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
