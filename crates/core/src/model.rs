//! Which model was called, from the text the caller sent (rules M4): resolved, never guessed.

use std::fmt;
use std::str::FromStr;

use read::{Arn, Read};

use crate::ids::{ModelId, Region};

mod read;

/// The longest model id AWS accepts; what is longer is cut before it is kept.
const MAX_SENT: usize = 2048;
/// The longest text that is counted as a model of its own.
const MAX_COUNTED: usize = 128;

/// Which of AWS's two prices holds: `global.` profiles are about a tenth cheaper (rules M3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A call through a `global.` profile.
    Global,
    /// Everything else: in-Region calls and geographic profiles.
    Regional,
}

/// A model as a caller named it, and what that text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRef {
    /// The text as sent, cut to 2048 bytes.
    pub sent: String,
    /// What kind of text it is.
    pub form: ModelForm,
    /// The canonical model; `None` where the text does not tell.
    pub model: Option<ModelId>,
    /// The id of the system or application profile that was named.
    pub profile: Option<String>,
    /// Which price class the call falls in.
    pub class: Class,
}

/// The forms in which AWS accepts a model (aws.md 1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelForm {
    /// `anthropic.claude-opus-5-5`, `amazon.nova-lite-v1:0`.
    Plain,
    /// `eu.anthropic.claude-opus-5-5`, alone or as the end of an inference-profile ARN.
    SystemProfile,
    /// A foundation-model ARN. No Region: the "anywhere" behind a global profile.
    FoundationModelArn {
        /// The Region in the ARN.
        region: Option<Region>,
    },
    /// An application inference profile: opaque until it is looked up.
    ApplicationProfile,
    /// Provisioned throughput, paid by the hour and not by the token.
    Provisioned {
        /// Its id.
        id: String,
    },
    /// A customised model.
    Custom {
        /// Its id.
        id: String,
        /// The model it was made from, where the ARN says so. It has another price.
        base: Option<ModelId>,
    },
    /// A deployment of a customised model.
    CustomDeployment {
        /// Its id.
        id: String,
    },
    /// An imported model, paid by the minute.
    Imported {
        /// Its id.
        id: String,
    },
    /// A prompt router, ours or AWS's own: the model is chosen per call.
    PromptRouter {
        /// Its id.
        id: String,
    },
    /// A stored prompt, which names its model itself.
    Prompt {
        /// Its id, with the version if one was named.
        id: String,
    },
    /// A Marketplace model on an endpoint of its own, paid by the hour.
    SageMakerEndpoint {
        /// The endpoint's name.
        name: String,
    },
    /// Text that is none of these; empty if nothing was sent.
    Other,
}

impl ModelRef {
    /// Reads any text; what is not understood stays as sent, without a model.
    pub fn parse(sent: &str) -> Self {
        let text = sent.trim();
        let read = match text {
            _ if text.len() > MAX_SENT => None,
            _ if text.starts_with("arn:") => Arn::parse(text).and_then(|arn| Read::arn(&arn)),
            _ => Read::profile(text).or_else(|| Read::plain(text)),
        };
        let Read {
            form,
            model,
            profile,
            class,
        } = read.unwrap_or_else(|| Read::form(ModelForm::Other));
        Self {
            sent: cut(sent, MAX_SENT).to_owned(),
            form,
            model,
            profile,
            class,
        }
    }

    /// The ARN to ask AWS about, where only a look-up tells the model.
    pub fn look_up(&self) -> Option<&str> {
        let opaque = self.form == ModelForm::ApplicationProfile && self.model.is_none();
        opaque.then(|| self.sent.trim())
    }

    /// Adds what is known to stand behind an opaque text: the foundation-model or system-profile
    /// ARN of a look-up (see [`behind`]), or of a record's `resources[]`.
    ///
    /// A model that is paid by the hour or the minute keeps none: the token price of the model
    /// behind it would be a cost that nobody is billed.
    #[must_use]
    pub fn resolved_by(self, behind: &str) -> Self {
        let opaque = matches!(
            self.form,
            ModelForm::ApplicationProfile
                | ModelForm::PromptRouter { .. }
                | ModelForm::Prompt { .. }
                | ModelForm::Other
        );
        let found = Self::parse(behind);
        if !opaque || self.model.is_some() || found.model.is_none() {
            return self;
        }
        let profile = self.profile.or(found.profile);
        Self {
            model: found.model,
            class: found.class,
            profile,
            ..self
        }
    }

    /// What totals are kept under: the canonical model, else the thing that was called
    /// (`provisioned-model/abc`), else the text as sent.
    pub fn counted_as(&self) -> ModelId {
        if let Some(model) = &self.model {
            return model.clone();
        }
        let text = self.sent.trim();
        let name = Arn::parse(text).map_or(text, |arn| arn.resource);
        if name.is_empty() {
            ModelId::unknown()
        } else {
            ModelId::new(cut(name, MAX_COUNTED))
        }
    }
}

impl ModelForm {
    /// The word stored and shown.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::SystemProfile => "system-profile",
            Self::FoundationModelArn { .. } => "foundation-model",
            Self::ApplicationProfile => "application-profile",
            Self::Provisioned { .. } => "provisioned",
            Self::Custom { .. } => "custom",
            Self::CustomDeployment { .. } => "custom-deployment",
            Self::Imported { .. } => "imported",
            Self::PromptRouter { .. } => "prompt-router",
            Self::Prompt { .. } => "prompt",
            Self::SageMakerEndpoint { .. } => "sagemaker-endpoint",
            Self::Other => "other",
        }
    }
}

impl Class {
    /// Both classes.
    pub const ALL: [Self; 2] = [Self::Global, Self::Regional];

    /// The word stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Regional => "regional",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a price class: global or regional"))
    }
}

/// The ARN that tells most among those a look-up of an application profile gave: a system profile,
/// else the Region-less foundation model that only a global profile has (seen in practice), else
/// any foundation model. `None` if they name no model, or more than one.
pub fn behind<'a>(arns: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(u8, &str, ModelId)> = None;
    for arn in arns {
        let found = ModelRef::parse(arn);
        let Some(model) = found.model else { continue };
        let rank = match found.form {
            ModelForm::SystemProfile => 0,
            ModelForm::FoundationModelArn { region: None } => 1,
            _ => 2,
        };
        match &best {
            Some((_, _, known)) if *known != model => return None,
            Some((known, _, _)) if *known <= rank => {}
            _ => best = Some((rank, arn, model)),
        }
    }
    best.map(|(_, arn, _)| arn)
}

/// Who makes the model: `anthropic`, `amazon`.
pub fn provider(model: &ModelId) -> &str {
    model
        .as_str()
        .split_once('.')
        .map_or("unknown", |(provider, _)| provider)
}

/// The resources whose denial closes a model: the foundation model in every Region (also the
/// Region-less one), which calls through any profile need too, and the system profiles of it.
/// `bedrock-mantle` knows no such ARN: there the condition key `bedrock-mantle:Model` closes a model.
///
/// IAM refuses a partition that is not the account's own (`aws`, `aws-us-gov`, `aws-cn`, `aws-eusc`)
/// and documents wildcards for the parts after the service only, so it is always spelled out.
pub fn deny_arns(partition: &str, model: &ModelId) -> Vec<String> {
    vec![
        format!("arn:{partition}:bedrock:*::foundation-model/{model}"),
        format!("arn:{partition}:bedrock:*:*:inference-profile/*.{model}"),
    ]
}

fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests;
