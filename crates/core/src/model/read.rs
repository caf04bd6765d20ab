//! What a text tells about a model by itself.

use super::{Class, ModelForm};
use crate::ids::{ModelId, Region};

/// What stands before a foundation-model id in the id of a system profile.
const GLOBAL: &str = "global";
pub(super) const GEOGRAPHIES: [&str; 8] = ["us", "us-gov", "eu", "apac", "jp", "au", "ca", "in"];

/// What a text tells by itself.
pub(super) struct Read {
    pub(super) form: ModelForm,
    pub(super) model: Option<ModelId>,
    pub(super) profile: Option<String>,
    pub(super) class: Class,
}

impl Read {
    pub(super) fn form(form: ModelForm) -> Self {
        Self {
            form,
            model: None,
            profile: None,
            class: Class::Regional,
        }
    }

    pub(super) fn plain(text: &str) -> Option<Self> {
        Some(Self {
            model: Some(model_id(text)?),
            ..Self::form(ModelForm::Plain)
        })
    }

    pub(super) fn profile(text: &str) -> Option<Self> {
        let (class, id) = split_profile(text)?;
        let (model, profile) = (Some(model_id(id)?), Some(text.to_owned()));
        Some(Self {
            form: ModelForm::SystemProfile,
            model,
            profile,
            class,
        })
    }

    pub(super) fn arn(arn: &Arn<'_>) -> Option<Self> {
        let id = || arn.id.to_owned();
        let form = match (arn.service, arn.kind) {
            ("bedrock", "foundation-model") => return Self::foundation_model(arn),
            ("bedrock", "inference-profile") => return Self::profile(arn.id),
            ("bedrock", "application-inference-profile") => {
                let profile = Some(id());
                return Some(Self {
                    profile,
                    ..Self::form(ModelForm::ApplicationProfile)
                });
            }
            ("bedrock", "provisioned-model") => ModelForm::Provisioned { id: id() },
            ("bedrock", "custom-model") => {
                let (base, id) = arn.id.rsplit_once('/').unwrap_or(("", arn.id));
                ModelForm::Custom {
                    id: id.to_owned(),
                    base: model_id(base),
                }
            }
            ("bedrock", "custom-model-deployment") => ModelForm::CustomDeployment { id: id() },
            ("bedrock", "imported-model") => ModelForm::Imported { id: id() },
            ("bedrock", "prompt-router" | "default-prompt-router") => {
                ModelForm::PromptRouter { id: id() }
            }
            ("bedrock", "prompt") => ModelForm::Prompt { id: id() },
            ("sagemaker", "endpoint") => ModelForm::SageMakerEndpoint { name: id() },
            _ => return None,
        };
        Some(Self::form(form))
    }

    fn foundation_model(arn: &Arn<'_>) -> Option<Self> {
        let region = (!arn.region.is_empty()).then(|| Region::new(arn.region));
        let class = if region.is_some() {
            Class::Regional
        } else {
            Class::Global
        };
        let form = ModelForm::FoundationModelArn { region };
        Some(Self {
            model: Some(model_id(arn.id)?),
            class,
            ..Self::form(form)
        })
    }
}

/// An ARN that may name a model.
pub(super) struct Arn<'a> {
    service: &'a str,
    region: &'a str,
    pub(super) resource: &'a str,
    kind: &'a str,
    id: &'a str,
}

impl<'a> Arn<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (scheme, partition) = (parts.next()?, parts.next()?);
        let (service, region, _account) = (parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.next()?;
        let (kind, id) = resource.split_once('/')?;
        let arn = scheme == "arn" && (partition == "aws" || partition.starts_with("aws-"));
        (arn && !id.is_empty()).then_some(Self {
            service,
            region,
            resource,
            kind,
            id,
        })
    }
}

/// Parts the id of a system profile into its class and the model id.
fn split_profile(text: &str) -> Option<(Class, &str)> {
    let (prefix, id) = text.split_once('.')?;
    match prefix {
        GLOBAL => Some((Class::Global, id)),
        _ => GEOGRAPHIES
            .contains(&prefix)
            .then_some((Class::Regional, id)),
    }
}

/// `vendor.model`, with whatever version and context suffixes AWS spells after it: `:0`, `:0:200k`,
/// `:mm`. They stay: ids with a context suffix are models of their own for provisioned throughput.
fn model_id(text: &str) -> Option<ModelId> {
    let (vendor, name) = text.split_once('.')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let vendor_fits = !vendor.is_empty() && vendor.chars().all(plain);
    let reserved = vendor == GLOBAL || GEOGRAPHIES.contains(&vendor);
    let named = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let name_fits = name
        .chars()
        .all(|c| plain(c) || matches!(c, '.' | ':' | '_'));
    (vendor_fits && !reserved && named && name_fits).then(|| ModelId::new(text))
}
