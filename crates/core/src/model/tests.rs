use super::read::GEOGRAPHIES;
use super::*;

/// Text, form, canonical model, profile, class.
type Row = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    Class,
);

const HAIKU: Option<&str> = Some("anthropic.claude-haiku-4-5-20251001-v1:0");
const OPUS: Option<&str> = Some("anthropic.claude-opus-5-5");
const SONNET: Option<&str> = Some("anthropic.claude-sonnet-5-5");

const FORMS: &[Row] = &[
    // Every model id of the fixtures.
    (
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "plain",
        HAIKU,
        None,
        Class::Regional,
    ),
    (
        "anthropic.claude-opus-5-5",
        "plain",
        OPUS,
        None,
        Class::Regional,
    ),
    (
        "amazon.nova-2-sonic-v1:0",
        "plain",
        Some("amazon.nova-2-sonic-v1:0"),
        None,
        Class::Regional,
    ),
    (
        "stability.stable-image-core-v1:1",
        "plain",
        Some("stability.stable-image-core-v1:1"),
        None,
        Class::Regional,
    ),
    (
        "eu.anthropic.claude-sonnet-5-5",
        "system-profile",
        SONNET,
        Some("eu.anthropic.claude-sonnet-5-5"),
        Class::Regional,
    ),
    (
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "system-profile",
        HAIKU,
        Some("global.anthropic.claude-haiku-4-5-20251001-v1:0"),
        Class::Global,
    ),
    (
        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5",
        "system-profile",
        OPUS,
        Some("eu.anthropic.claude-opus-5-5"),
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0",
        "foundation-model",
        Some("amazon.titan-embed-text-v2:0"),
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-west-2::foundation-model/anthropic.claude-opus-4-7",
        "foundation-model",
        Some("anthropic.claude-opus-4-7"),
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3d4e5f6",
        "application-profile",
        None,
        Some("a1b2c3d4e5f6"),
        Class::Regional,
    ),
    // The other forms of aws.md 1.4.
    (
        "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-5-5",
        "foundation-model",
        OPUS,
        None,
        Class::Global,
    ),
    (
        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/global.anthropic.claude-opus-5-5",
        "system-profile",
        OPUS,
        Some("global.anthropic.claude-opus-5-5"),
        Class::Global,
    ),
    (
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-opus-5-5",
        "foundation-model",
        OPUS,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdef012345",
        "provisioned",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-lite-v1:0:300k/abcdef012345",
        "custom",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/abcdef012345",
        "custom-deployment",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-east-1:111122223333:imported-model/abcdef012345",
        "imported",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-east-1:111122223333:default-prompt-router/anthropic.claude:1",
        "prompt-router",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-east-1:111122223333:prompt-router/abcdef012345",
        "prompt-router",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:us-east-1:111122223333:prompt/ABCDEFGHIJ:3",
        "prompt",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:sagemaker:us-east-1:111122223333:endpoint/my-endpoint",
        "sagemaker-endpoint",
        None,
        None,
        Class::Regional,
    ),
    // Suffixes and points stay as AWS spells them.
    (
        "amazon.nova-lite-v1:0:300k",
        "plain",
        Some("amazon.nova-lite-v1:0:300k"),
        None,
        Class::Regional,
    ),
    (
        "us.openai.gpt-5.6-sol",
        "system-profile",
        Some("openai.gpt-5.6-sol"),
        Some("us.openai.gpt-5.6-sol"),
        Class::Regional,
    ),
    // Never guessed.
    ("", "other", None, None, Class::Regional),
    ("claude-opus-5-5", "other", None, None, Class::Regional),
    ("us.claude", "other", None, None, Class::Regional),
    ("Anthropic.Claude", "other", None, None, Class::Regional),
    ("anthropic.", "other", None, None, Class::Regional),
    (
        "arn:aws:bedrock:eu-west-1:111122223333:",
        "other",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/opaque",
        "other",
        None,
        None,
        Class::Regional,
    ),
    (
        "arn:aws:bedrock-mantle:eu-west-1:111122223333:project/proj_abc123",
        "other",
        None,
        None,
        Class::Regional,
    ),
];

#[test]
fn every_form_is_read() {
    for (sent, form, model, profile, class) in FORMS {
        let read = ModelRef::parse(sent);
        assert_eq!(read.sent, *sent);
        assert_eq!(read.form.as_str(), *form, "{sent}");
        assert_eq!(read.model.as_ref().map(ModelId::as_str), *model, "{sent}");
        assert_eq!(read.profile.as_deref(), *profile, "{sent}");
        assert_eq!(read.class, *class, "{sent}");
    }
}

#[test]
fn every_geography_is_a_regional_profile() {
    for prefix in GEOGRAPHIES {
        let read = ModelRef::parse(&format!("{prefix}.anthropic.claude-opus-5-5"));
        assert_eq!(
            (read.class, read.model),
            (Class::Regional, OPUS.map(ModelId::from)),
            "{prefix}"
        );
    }
    // A prefix that AWS may add one day is not known to be one.
    let new = ModelRef::parse("sa.anthropic.claude-opus-5-5");
    assert_eq!(new.model.unwrap().as_str(), "sa.anthropic.claude-opus-5-5");
}

const APPLICATION: &str =
    "arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3d4e5f6";

#[test]
fn an_opaque_profile_takes_model_and_class_from_its_look_up() {
    let opaque = ModelRef::parse(APPLICATION);
    assert_eq!(opaque.look_up(), Some(APPLICATION));
    for (behind, class) in [
        (
            "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-5-5",
            Class::Regional,
        ),
        (
            "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-5-5",
            Class::Global,
        ),
        (
            "arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5",
            Class::Regional,
        ),
        (
            "arn:aws:bedrock:eu-west-1:1:inference-profile/global.anthropic.claude-opus-5-5",
            Class::Global,
        ),
    ] {
        let known = opaque.clone().resolved_by(behind);
        assert_eq!(known.model.as_ref().map(ModelId::as_str), OPUS, "{behind}");
        assert_eq!(known.class, class, "{behind}");
        assert_eq!(
            known.profile.as_deref(),
            Some("a1b2c3d4e5f6"),
            "the profile that was named"
        );
        assert_eq!(known.look_up(), None);
    }
    assert_eq!(opaque.clone().resolved_by("nonsense"), opaque);
}

#[test]
fn what_is_paid_by_the_hour_never_takes_a_token_price() {
    for sent in [
        "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdef012345",
        "arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/abcdef012345",
        "arn:aws:bedrock:us-east-1:111122223333:imported-model/abcdef012345",
        "arn:aws:sagemaker:us-east-1:111122223333:endpoint/my-endpoint",
    ] {
        let read = ModelRef::parse(sent).resolved_by("anthropic.claude-opus-5-5");
        assert_eq!(read.model, None, "{sent}");
    }
    let plain = ModelRef::parse("anthropic.claude-opus-5-5").resolved_by("amazon.nova-lite-v1:0");
    assert_eq!(
        plain.model.as_ref().map(ModelId::as_str),
        OPUS,
        "a named model stays"
    );
}

#[test]
fn the_arn_that_tells_most_is_chosen() {
    let here = "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-5-5";
    let anywhere = "arn:aws:bedrock:::foundation-model/anthropic.claude-opus-5-5";
    let profile = "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5-5";
    let sonnet = "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-5-5";
    for (arns, best) in [
        (vec![here], Some(here)),
        (vec![here, anywhere], Some(anywhere)),
        (vec![anywhere, here, profile], Some(profile)),
        (vec![here, sonnet], None),
        (vec!["nonsense", here], Some(here)),
        (vec![], None),
    ] {
        assert_eq!(behind(arns.iter().copied()), best, "{arns:?}");
    }
}

#[test]
fn totals_are_kept_under_what_was_called() {
    for (sent, counted) in [
        ("eu.anthropic.claude-opus-5-5", "anthropic.claude-opus-5-5"),
        (APPLICATION, "application-inference-profile/a1b2c3d4e5f6"),
        (
            "arn:aws:bedrock:us-east-1:1:provisioned-model/abc",
            "provisioned-model/abc",
        ),
        ("claude-opus-5-5", "claude-opus-5-5"),
        ("", "unknown"),
        (" ", "unknown"),
    ] {
        assert_eq!(
            ModelRef::parse(sent).counted_as().as_str(),
            counted,
            "{sent}"
        );
    }
}

#[test]
fn absurd_text_is_cut_and_not_understood() {
    let long = format!("anthropic.{}é", "x".repeat(1_000_000));
    let read = ModelRef::parse(&long);
    assert_eq!(
        (read.sent.len(), read.form, read.model),
        (2048, ModelForm::Other, None)
    );
    assert_eq!(
        ModelRef::parse(&"é".repeat(2000))
            .counted_as()
            .as_str()
            .len(),
        128
    );
}

#[test]
fn denial_names_model_and_profiles_in_the_accounts_partition() {
    let model = ModelId::from("anthropic.claude-opus-5-5");
    assert_eq!(
        deny_arns("aws", &model),
        [
            "arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-5-5",
            "arn:aws:bedrock:*:*:inference-profile/*.anthropic.claude-opus-5-5",
        ]
    );
    assert!(
        deny_arns("aws-us-gov", &model)
            .iter()
            .all(|arn| arn.starts_with("arn:aws-us-gov:"))
    );
    assert_eq!(provider(&model), "anthropic");
    assert_eq!(provider(&ModelId::unknown()), "unknown");
}
