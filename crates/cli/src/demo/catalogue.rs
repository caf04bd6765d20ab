//! Which models the tools of the organisation call, and what a call looks like.

use super::organisation::Tool;
use super::rng::Rng;

/// The Region most calls go to.
pub(crate) const EUROPE: &str = "eu-west-1";
/// A Region without an invocation log.
pub(crate) const VIRGINIA: &str = "us-east-1";

/// A model as the caller names it, and what runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    /// As sent: an id, a profile, or an ARN.
    pub(crate) sent: &'static str,
    /// The foundation model.
    pub(crate) id: &'static str,
    pub(crate) region: &'static str,
    /// Whether its body has usage in Anthropic's form.
    pub(crate) anthropic: bool,
}

/// The counts of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) input: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) output: u64,
}

impl Counts {
    pub(crate) fn cache_write(&self) -> u64 {
        self.cache_write_5m + self.cache_write_1h
    }

    /// What CloudTrail calls `inputTokens`.
    pub(crate) fn whole_input(&self) -> u64 {
        self.input + self.cache_read + self.cache_write()
    }
}

const OPUS: Model = Model {
    sent: "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5",
    id: "anthropic.claude-opus-5-5",
    region: EUROPE,
    anthropic: true,
};
const SONNET: Model = Model {
    sent: "eu.anthropic.claude-sonnet-5-5",
    id: "anthropic.claude-sonnet-5-5",
    region: EUROPE,
    anthropic: true,
};
const SONNET_GLOBAL: Model = Model {
    sent: "global.anthropic.claude-sonnet-5-5",
    ..SONNET
};
const HAIKU: Model = Model {
    sent: "eu.anthropic.claude-haiku-5-5",
    id: "anthropic.claude-haiku-5-5",
    region: EUROPE,
    anthropic: true,
};
const HAIKU_BARE: Model = Model {
    sent: "anthropic.claude-haiku-4-5-20251001-v1:0",
    id: "anthropic.claude-haiku-4-5-20251001-v1:0",
    region: EUROPE,
    anthropic: true,
};
const NOVA: Model = Model {
    sent: "eu.amazon.nova-2-lite-v1:0",
    id: "amazon.nova-2-lite-v1:0",
    region: EUROPE,
    anthropic: false,
};
const GPT_OSS: Model = Model {
    sent: "arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0",
    id: "openai.gpt-oss-120b-1:0",
    region: VIRGINIA,
    anthropic: false,
};
/// A real model that no price list here knows.
pub(crate) const UNPRICED: Model = Model {
    sent: "cohere.command-r-plus-v1:0",
    id: "cohere.command-r-plus-v1:0",
    region: VIRGINIA,
    anthropic: false,
};

impl Tool {
    /// The user agent it sends.
    pub(crate) const fn user_agent(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-cli/2.4.1 (external, cli) aws-sdk-js/3.1010.0",
            Self::Cline => {
                "aws-sdk-js/3.1002.0 ua/2.1 os/macos#25.1 lang/js md/nodejs#22.14 app/cline-3.36"
            }
            Self::Kiro => "Kiro/0.9.2 aws-sdk-js/3.998.0 os/linux#6.8",
            Self::Boto3 => {
                "Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.8 lang/python#3.12.7"
            }
            Self::AwsCli => "aws-cli/2.31.4 md/awscrt#0.28 ua/2.1 os/linux#6.8 lang/python#3.13.7",
        }
    }

    /// The operation it calls.
    pub(crate) const fn operation(self) -> &'static str {
        match self {
            Self::ClaudeCode => "InvokeModelWithResponseStream",
            Self::Cline | Self::Kiro => "ConverseStream",
            Self::Boto3 => "Converse",
            Self::AwsCli => "InvokeModel",
        }
    }

    /// Whether a completion event follows.
    pub(crate) const fn streams(self) -> bool {
        matches!(self, Self::ClaudeCode | Self::Cline | Self::Kiro)
    }

    /// The model it calls this time.
    pub(crate) fn model(self, rng: &mut Rng) -> Model {
        let models: &[Model] = match self {
            Self::ClaudeCode => &[OPUS, OPUS, SONNET, SONNET, SONNET, HAIKU],
            Self::Cline => &[SONNET_GLOBAL, SONNET_GLOBAL, SONNET, HAIKU],
            Self::Kiro => &[SONNET, NOVA],
            Self::Boto3 => &[HAIKU_BARE, HAIKU, NOVA, GPT_OSS],
            Self::AwsCli => &[HAIKU_BARE, NOVA, GPT_OSS],
        };
        *rng.pick(models)
    }

    /// How many tokens it uses this time.
    pub(crate) fn counts(self, model: &Model, rng: &mut Rng) -> Counts {
        let coding = matches!(self, Self::ClaudeCode | Self::Cline) && model.anthropic;
        if !coding {
            return Counts {
                input: rng.between(120, 6_000),
                cache_read: 0,
                cache_write_5m: 0,
                cache_write_1h: 0,
                output: rng.between(40, 1_200),
            };
        }
        // Now and then a long session crosses into the dearer context band of a model.
        let long = rng.percent(4);
        let write = rng.between(300, 6_000);
        let hour = if rng.percent(30) { write / 3 } else { 0 };
        Counts {
            input: rng.between(2, 40),
            cache_read: if long {
                rng.between(90_000, 160_000)
            } else {
                rng.between(9_000, 70_000)
            },
            cache_write_5m: write - hour,
            cache_write_1h: hour,
            output: rng.between(60, 2_400),
        }
    }
}
