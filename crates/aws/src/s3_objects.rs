//! [`Objects`] over S3.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::ObjectStorageClass;
use jiff::Timestamp;
use tokio_util::io::SyncIoBridge;
use weir_engine::ports::{EffectError, Listed, Listing, ObjectKey, Objects};

use crate::error::classify;

/// Buckets of any Region.
pub(crate) struct S3Objects {
    config: SdkConfig,
    /// Where buckets turned out to be.
    regions: Mutex<HashMap<String, String>>,
    /// One client per Region: a client keeps its connections.
    clients: Mutex<HashMap<String, Client>>,
}

impl S3Objects {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self {
            config,
            regions: Mutex::default(),
            clients: Mutex::default(),
        }
    }

    /// Where to look for a bucket first.
    fn region_of(&self, bucket: &str, said: Option<&str>) -> String {
        let known = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let own = || self.config.region().map_or("us-east-1", Region::as_ref);
        known
            .get(bucket)
            .map(String::as_str)
            .or(said)
            .unwrap_or_else(own)
            .to_owned()
    }

    fn client(&self, region: &str) -> Client {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let config = aws_sdk_s3::config::Builder::from(&self.config)
                .region(Region::new(region.to_owned()))
                // An endpoint of one's own seldom has a host name per bucket.
                .force_path_style(self.config.endpoint_url().is_some())
                .build();
            Client::from_conf(config)
        };
        clients
            .entry(region.to_owned())
            .or_insert_with(make)
            .clone()
    }

    /// The Region that an answer says the bucket is in, if it was asked for in another.
    fn moved<E>(
        &self,
        bucket: &str,
        asked: &str,
        error: &SdkError<E, HttpResponse>,
    ) -> Option<String> {
        let answer = error.raw_response()?;
        let region = answer.headers().get("x-amz-bucket-region")?;
        if region == asked {
            return None;
        }
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions.insert(bucket.to_owned(), region.to_owned());
        Some(region.to_owned())
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Listing, EffectError> {
        let ask = |region: String| async move {
            self.client(&region)
                .list_objects_v2()
                .bucket(bucket)
                .prefix(prefix)
                .set_start_after(after.map(ToOwned::to_owned))
                .send()
                .await
        };
        let what = || format!("ListObjectsV2 s3://{bucket}/{prefix}");
        let region = self.region_of(bucket, None);
        let mut answer = ask(region.clone()).await;
        if let Err(error) = &answer
            && let Some(other) = self.moved(bucket, &region, error)
        {
            answer = ask(other).await;
        }
        answer
            .map(listing)
            .map_err(|error| classify(what(), &error))
    }

    async fn open(&self, object: &ObjectKey) -> Result<Box<dyn BufRead + Send>, EffectError> {
        let ask = |region: String| async move {
            self.client(&region)
                .get_object()
                .bucket(&object.bucket)
                .key(&object.key)
                .send()
                .await
        };
        let region = self.region_of(&object.bucket, object.region.as_deref());
        let mut answer = ask(region.clone()).await;
        if let Err(error) = &answer
            && let Some(other) = self.moved(&object.bucket, &region, error)
        {
            answer = ask(other).await;
        }
        let answer = answer.map_err(|error| classify(format!("GetObject {object}"), &error))?;
        let body = Box::pin(answer.body.into_async_read());
        Ok(Box::new(SyncIoBridge::new(body)))
    }
}

fn listing(answer: ListObjectsV2Output) -> Listing {
    let more = answer.is_truncated() == Some(true);
    let objects = answer.contents.unwrap_or_default().into_iter();
    let objects = objects.filter_map(|object| {
        let modified = object
            .last_modified()
            .and_then(|at| Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok());
        let archived = matches!(
            object.storage_class(),
            Some(ObjectStorageClass::Glacier | ObjectStorageClass::DeepArchive)
        );
        Some(Listed {
            bytes: object
                .size()
                .and_then(|size| u64::try_from(size).ok())
                .unwrap_or_default(),
            modified: modified.unwrap_or_default(),
            archived,
            key: object.key?,
        })
    });
    Listing {
        objects: objects.collect(),
        more,
    }
}
