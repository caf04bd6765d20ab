//! The wire shapes of answer bodies, as far as counts go.

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess};

use super::event::Tier;
use super::leaf::{Group, Leaf, Lenient, Problem, lenient};
use super::usage::{BodyCounts, Found};

/// The body of an answer: one object, or the list of chunks of a stream.
#[derive(Debug, Default)]
pub(super) struct Body<'a> {
    usage: Found,
    pub(super) tier: Tier<'a>,
}

impl Body<'_> {
    /// The counts, or an error if there are some that cannot be right.
    pub(super) fn counts(&self) -> Result<BodyCounts, Problem> {
        self.usage.counts().ok_or_else(|| {
            Problem::field(
                "output.outputBodyJson.usage",
                "has counts that cannot be right",
            )
        })
    }
}

/// An answer body, or one chunk of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk<'a> {
    /// Converse, Anthropic (of `message_delta` too), Nova, `OpenAI`.
    #[serde(borrow)]
    usage: Group<Usage<'a>>,
    /// Anthropic `message_start`.
    message: Group<Holder<'a>>,
    /// The `metadata` frame of `ConverseStream` and Nova.
    metadata: Group<Holder<'a>>,
    /// `OpenAI` `response.completed`.
    response: Group<Holder<'a>>,
    /// The last chunk of any stream.
    #[serde(rename = "amazon-bedrock-invocationMetrics")]
    metrics: Group<Metrics<'a>>,
    /// Cohere.
    meta: Group<CohereMeta<'a>>,
    /// Llama.
    prompt_token_count: Leaf<'a>,
    generation_token_count: Leaf<'a>,
    /// Titan.
    #[serde(rename = "inputTextTokenCount")]
    titan_input: Leaf<'a>,
    #[serde(rename = "totalOutputTextTokenCount")]
    titan_stream_output: Leaf<'a>,
    results: TitanResults,
    /// Converse.
    #[serde(rename = "serviceTier")]
    tier_camel: Tier<'a>,
    /// `OpenAI`.
    #[serde(rename = "service_tier")]
    tier_snake: Tier<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Holder<'a> {
    #[serde(borrow)]
    usage: Group<Usage<'a>>,
}

/// `usage` in all its spellings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage<'a> {
    // Converse and Nova
    #[serde(rename = "inputTokens", borrow)]
    converse_input: Leaf<'a>,
    #[serde(rename = "outputTokens")]
    converse_output: Leaf<'a>,
    #[serde(rename = "cacheReadInputTokens")]
    converse_read: Leaf<'a>,
    #[serde(rename = "cacheReadInputTokenCount")]
    nova_read: Leaf<'a>,
    #[serde(rename = "cacheWriteInputTokens")]
    converse_write: Leaf<'a>,
    #[serde(rename = "cacheWriteInputTokenCount")]
    nova_write: Leaf<'a>,
    #[serde(rename = "cacheDetails")]
    converse_details: CacheDetails,
    // Anthropic; the Responses API too, with another meaning of input_tokens
    input_tokens: Leaf<'a>,
    output_tokens: Leaf<'a>,
    cache_read_input_tokens: Leaf<'a>,
    cache_creation_input_tokens: Leaf<'a>,
    cache_creation: Group<CacheCreation<'a>>,
    input_tokens_details: Group<InputDetails<'a>>,
    // Chat Completions
    prompt_tokens: Leaf<'a>,
    completion_tokens: Leaf<'a>,
    prompt_tokens_details: Group<InputDetails<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CacheCreation<'a> {
    #[serde(rename = "ephemeral_5m_input_tokens", borrow)]
    short: Leaf<'a>,
    #[serde(rename = "ephemeral_1h_input_tokens")]
    long: Leaf<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InputDetails<'a> {
    #[serde(borrow)]
    cached_tokens: Leaf<'a>,
    cache_write_tokens: Leaf<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metrics<'a> {
    #[serde(rename = "inputTokenCount", borrow)]
    input: Leaf<'a>,
    #[serde(rename = "outputTokenCount")]
    output: Leaf<'a>,
    #[serde(rename = "cacheReadInputTokenCount")]
    cache_read: Leaf<'a>,
    #[serde(rename = "cacheWriteInputTokenCount")]
    cache_write: Leaf<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CohereMeta<'a> {
    #[serde(borrow)]
    billed_units: Group<CohereUnits<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CohereUnits<'a> {
    #[serde(borrow)]
    input_tokens: Leaf<'a>,
    output_tokens: Leaf<'a>,
}

impl Usage<'_> {
    fn found(&self) -> Found {
        let mut all = Found::default();
        all.input = all.first(&[
            &self.converse_input,
            &self.input_tokens,
            &self.prompt_tokens,
        ]);
        all.output = all.first(&[
            &self.converse_output,
            &self.output_tokens,
            &self.completion_tokens,
        ]);
        let details = self
            .input_tokens_details
            .get()
            .or(self.prompt_tokens_details.get());
        all.inclusive = self.input_tokens_details.get().is_some()
            || all.input.is_some() && self.prompt_tokens != Leaf::Missing;
        all.cache_read = all.first(&[
            &self.converse_read,
            &self.nova_read,
            &self.cache_read_input_tokens,
        ]);
        all.cache_write = all.first(&[
            &self.converse_write,
            &self.nova_write,
            &self.cache_creation_input_tokens,
        ]);
        if let Some(details) = details {
            all.cache_read = all.cache_read.or(all.take(&details.cached_tokens));
            all.cache_write = all.cache_write.or(all.take(&details.cache_write_tokens));
        }
        if let Some(creation) = self.cache_creation.get() {
            all.write_5m = all.take(&creation.short);
            all.write_1h = all.take(&creation.long);
        }
        let CacheDetails {
            short,
            long,
            unusable,
        } = self.converse_details;
        all.write_5m = short.or(all.write_5m);
        all.write_1h = long.or(all.write_1h);
        all.unusable |= unusable;
        all
    }
}

impl<'a> Chunk<'a> {
    fn add_to(self, body: &mut Body<'a>) {
        let found = &mut body.usage;
        let holders = [&self.message, &self.metadata, &self.response];
        let held = holders
            .into_iter()
            .filter_map(|holder| holder.get()?.usage.get());
        for usage in held.chain(self.usage.get()) {
            found.update(usage.found());
        }
        let mut others = Found::default();
        let units = self.meta.get().and_then(|meta| meta.billed_units.get());
        if let Some(units) = units {
            others.input = others.take(&units.input_tokens);
            others.output = others.take(&units.output_tokens);
        }
        others.input = others
            .input
            .or(others.first(&[&self.prompt_token_count, &self.titan_input]));
        others.output = others
            .output
            .or(others.first(&[&self.generation_token_count, &self.titan_stream_output]))
            .or(self.results.output);
        others.unusable |= self.results.unusable;
        found.update(others);
        if let Some(metrics) = self.metrics.get() {
            let measured = metrics.found();
            // Bedrock's own numbers win, except that they do not tell which convention they follow.
            if found.inclusive {
                let said = std::mem::replace(found, measured);
                found.update(said);
            } else {
                found.update(measured);
            }
        }
        let tier = self.tier_camel.0.or(self.tier_snake.0);
        body.tier.0 = tier.or(body.tier.0.take());
    }
}

impl Metrics<'_> {
    fn found(&self) -> Found {
        let mut all = Found::default();
        all.input = all.take(&self.input);
        all.output = all.take(&self.output);
        all.cache_read = all.take(&self.cache_read);
        all.cache_write = all.take(&self.cache_write);
        all
    }
}

impl<'de: 'a, 'a> Lenient<'de> for Body<'a> {
    fn other(_: Leaf<'de>) -> Self {
        Self::default()
    }

    fn object<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let mut body = Self::default();
        Chunk::deserialize(MapAccessDeserializer::new(map))?.add_to(&mut body);
        Ok(body)
    }

    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut body = Self::default();
        while let Some(chunk) = seq.next_element::<Group<Chunk<'de>>>()? {
            if let Group::Is(chunk) = chunk {
                chunk.add_to(&mut body);
            }
        }
        Ok(body)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Body<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

/// Converse `cacheDetails`: cache writes by lifetime.
#[derive(Clone, Copy, Debug, Default)]
struct CacheDetails {
    short: Option<u64>,
    long: Option<u64>,
    unusable: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CacheDetail<'a> {
    #[serde(borrow)]
    ttl: Leaf<'a>,
    #[serde(rename = "inputTokens")]
    tokens: Leaf<'a>,
}

impl<'de> Lenient<'de> for CacheDetails {
    fn other(_: Leaf<'de>) -> Self {
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Self::default();
        while let Some(detail) = seq.next_element::<Group<CacheDetail<'de>>>()? {
            let Group::Is(CacheDetail { ttl, tokens }) = detail else {
                continue;
            };
            let sum = match ttl.as_str() {
                Some("5m") => &mut all.short,
                Some("1h") => &mut all.long,
                _ => continue,
            };
            match tokens.count("inputTokens") {
                Ok(more) => *sum = Some(sum.unwrap_or(0).saturating_add(more.unwrap_or(0))),
                Err(_) => all.unusable = true,
            }
        }
        Ok(all)
    }
}

impl<'de> Deserialize<'de> for CacheDetails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

/// Titan `results[].tokenCount`.
#[derive(Debug, Default)]
struct TitanResults {
    output: Option<u64>,
    unusable: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TitanResult<'a> {
    #[serde(rename = "tokenCount", borrow)]
    tokens: Leaf<'a>,
}

impl<'de> Lenient<'de> for TitanResults {
    fn other(_: Leaf<'de>) -> Self {
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Self::default();
        while let Some(result) = seq.next_element::<Group<TitanResult<'de>>>()? {
            match result.get().map(|result| result.tokens.count("tokenCount")) {
                Some(Ok(Some(more))) => {
                    all.output = Some(all.output.unwrap_or(0).saturating_add(more));
                }
                Some(Err(_)) => all.unusable = true,
                Some(Ok(None)) | None => {}
            }
        }
        Ok(all)
    }
}

impl<'de> Deserialize<'de> for TitanResults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}
