//! Every fixture with exactly what becomes of it.

use std::collections::BTreeSet;

use super::support::{fixture, fixtures, gzip, outline, told_of};
use crate::intake::{Options, read_bytes};

/// What the tables abbreviate.
const LONG: [(&str, &str); 3] = [
    (
        "Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.12.7",
        "$BOTO",
    ),
    ("AWSReservedSSO_BedrockDevelopers_0123456789abcdef", "$SSO"),
    ("0b7c9d1e-2f3a-4b5c-8d6e-000000000", "$"),
];

const ALL_LOGS: &str = "
    log $001 InvokeModel 2026-11-20T09:15:02Z 111122223333 eu-west-1
    by user ana.lopez -
    model anthropic.claude-haiku-4-5-20251001-v1:0
    tokens 812 read 0 wrote 0+0 out 164
    log $004 InvokeModelWithResponseStream 2026-11-20T09:15:02Z 111122223333 eu-west-1
    by sso maria.garcia@example.com - as $SSO
    model arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5
    ran in eu-north-1
    tokens 3 read 17487 wrote 1000+204 out 356
    log $003 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
    by role app-backend-role - session i-0abc123def4567890 source -
    model eu.anthropic.claude-sonnet-5-5
    ran in eu-central-1
    metadata tool=summarizer
    tokens 944 read 0 wrote 0+0 out 126
    log $006 ConverseStream 2026-11-20T09:15:02Z 111122223333 eu-west-1
    by role litellm-gateway - session u-jsmith source -
    model arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3d4e5f6
    tokens 62 read 4000 wrote 200+700 out 36
    log $013 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
    by user bob -
    model eu.anthropic.claude-sonnet-5-5
    failed ThrottlingException: -";

#[rustfmt::skip]
const EXPECTED: &[(&str, &str)] = &[
    (
        "ct_access_denied.json",
        "
            api-call $012 InvokeModelWithResponseStream 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user ana.lopez AIDAEXAMPLEUSER000001
            model eu.anthropic.claude-sonnet-5-5
            from 198.51.100.24
            agent $BOTO
            key AKIAIOSFODNN7EXAMPLE
            failed AccessDenied: User: arn:aws:iam::111122223333:user/teams/data/ana.lopez is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-5-5 with an explicit deny in an identity-based policy",
    ),
    (
        "ct_batch_create_job.json",
        "
            api-call $017 CreateModelInvocationJob 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user bob AIDAEXAMPLEUSER000001
            model anthropic.claude-haiku-4-5-20251001-v1:0
            from 198.51.100.24
            agent $BOTO
            key AKIAIOSFODNN7EXAMPLE",
    ),
    (
        "ct_bidirectional_data_event.json",
        "
            api-call $016 InvokeModelWithBidirectionalStream 2026-11-20T09:15:02Z 111122223333 us-east-1
            by role voice-bot-role AROAEXAMPLEROLE000001 session call-7781 source -
            model amazon.nova-2-sonic-v1:0
            resource arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-sonic-v1:0
            from 198.51.100.24
            agent $BOTO
            key ASIAIOSFODNN7EXAMPLE",
    ),
    (
        "ct_converse_app_profile.json",
        "
            api-call $010 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by role team-ml-role AROAEXAMPLEROLE000001 session jenkins-build-4821 source -
            model arn:aws:bedrock:eu-west-1:111122223333:application-inference-profile/a1b2c3d4e5f6
            ran in eu-west-1
            from 198.51.100.24
            agent $BOTO
            key ASIAIOSFODNN7EXAMPLE
            tokens 2210 read 0 wrote 0+0 out 90",
    ),
    (
        "ct_converse_assumedrole_geo_profile.json",
        "
            api-call $003 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by role app-backend-role AROAEXAMPLEROLE000001 session i-0abc123def4567890 source -
            model eu.anthropic.claude-sonnet-5-5
            ran in eu-central-1
            from 198.51.100.24
            agent $BOTO
            key ASIAIOSFODNN7EXAMPLE
            tokens 944 read 0 wrote 0+0 out 126",
    ),
    (
        "ct_converse_longterm_key.json",
        "
            api-call $008 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user BedrockAPIKey-a1b2 AIDAEXAMPLEKEY0000001
            model global.anthropic.claude-haiku-4-5-20251001-v1:0
            ran in eu-west-2
            from 198.51.100.24
            agent python-requests/2.32.5
            bearer yes
            tokens 57 read 0 wrote 0+0 out 310",
    ),
    (
        "ct_iam_create_bedrock_key.json",
        "
            ignored OtherEvent",
    ),
    (
        "ct_iam_put_user_policy.json",
        "
            ignored OtherEvent",
    ),
    (
        "ct_invokemodel_foundation_model_arn.json",
        "
            api-call $011 InvokeModel 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user svc-embeddings AIDAEXAMPLEUSER000001
            model arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0
            from 198.51.100.24
            agent $BOTO
            key AKIAIOSFODNN7EXAMPLE",
    ),
    (
        "ct_invokemodel_iamuser.json",
        "
            api-call $001 InvokeModel 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user ana.lopez AIDAEXAMPLEUSER000001
            model anthropic.claude-haiku-4-5-20251001-v1:0
            from 198.51.100.24
            agent $BOTO
            key AKIAIOSFODNN7EXAMPLE
            tokens 812 read 0 wrote 0+0 out 164",
    ),
    (
        "ct_invokemodel_no_tokens.json",
        "
            api-call $002 InvokeModel 2026-11-20T09:15:02Z 111122223333 us-west-2
            by user bob AIDAEXAMPLEUSER000001
            model stability.stable-image-core-v1:1
            from 198.51.100.24
            agent $BOTO
            key AKIAIOSFODNN7EXAMPLE",
    ),
    (
        "ct_mantle_createinference.json",
        "
            api-call $014 CreateInference 2026-11-20T10:02:11Z 111122223333 eu-west-1
            by user userxyz AIDAEXAMPLEUSER000001
            model anthropic.claude-opus-5-5
            tier default
            from 192.0.2.10
            agent OpenAI/Python 1.50.0
            key AKIAIOSFODNN7EXAMPLE
            bearer yes",
    ),
    (
        "ct_stream_sso_apicall.json",
        "
            api-call $004 InvokeModelWithResponseStream 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by sso maria.garcia@example.com 02c5f4a4-7041-70c9-3a5e-1f2b3c4d5e6f as $SSO
            model arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5
            ran in eu-north-1
            from 198.51.100.24
            agent claude-cli/2.4.1 (external, cli) aws-sdk-js/3.1010.0
            key ASIAIOSFODNN7EXAMPLE",
    ),
    (
        "ct_stream_sso_completion.json",
        "
            completion $004 InvokeModelWithResponseStream 2026-11-20T09:15:41Z 111122223333 eu-west-1
            by sso maria.garcia@example.com 02c5f4a4-7041-70c9-3a5e-1f2b3c4d5e6f as $SSO
            resource arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-5-5
            ran in eu-north-1
            from 198.51.100.24
            agent claude-cli/2.4.1 (external, cli) aws-sdk-js/3.1010.0
            key ASIAIOSFODNN7EXAMPLE
            tokens 18694 read 0 wrote 0+0 out 356",
    ),
    (
        "ct_throttling.json",
        "
            api-call $013 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user bob AIDAEXAMPLEUSER000001
            model eu.anthropic.claude-sonnet-5-5
            from 198.51.100.24
            agent $BOTO
            key AKIAIOSFODNN7EXAMPLE
            failed ThrottlingException: Too many tokens, please wait before trying again.",
    ),
    ("cwl_subscription_decoded.json", ALL_LOGS),
    ("cwl_subscription_lambda_event.json", ALL_LOGS),
    (
        "mil_converse_request_metadata.json",
        "
            log $003 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by role app-backend-role - session i-0abc123def4567890 source -
            model eu.anthropic.claude-sonnet-5-5
            ran in eu-central-1
            metadata tool=summarizer
            tokens 944 read 0 wrote 0+0 out 126",
    ),
    (
        "mil_error.json",
        "
            log $013 Converse 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user bob -
            model eu.anthropic.claude-sonnet-5-5
            failed ThrottlingException: -",
    ),
    (
        "mil_invokemodel.json",
        "
            log $001 InvokeModel 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by user ana.lopez -
            model anthropic.claude-haiku-4-5-20251001-v1:0
            tokens 812 read 0 wrote 0+0 out 164",
    ),
    ("mil_s3_object.jsonl", ALL_LOGS),
    (
        "mil_stream_claude_code_s3input.json",
        "
            log $004 InvokeModelWithResponseStream 2026-11-20T09:15:02Z 111122223333 eu-west-1
            by sso maria.garcia@example.com - as $SSO
            model arn:aws:bedrock:eu-west-1:111122223333:inference-profile/eu.anthropic.claude-opus-5-5
            ran in eu-north-1
            tokens 3 read 17487 wrote 1000+204 out 356",
    ),
    (
        "rt_converse_response.json",
        "
            refused unknown_form: JSON at line 1: is none of the forms that are read here {output:{message:{}},stopReason:text,usage:{inputTokens:number,outputTokens:number,totalTokens:number,cacheReadInputTokens:number,cacheWriteInputTokens:number,cacheDetails:[{ttl:text,inputTokens:number},+1]},metrics:{latencyMs:number},serviceTier:{type:text}}",
    ),
    (
        "rt_conversestream.eventstream.bin",
        "
            refused unreadable: input at line 1: begins with neither `{` nor `[`",
    ),
    (
        "rt_error_access_denied.json",
        "
            refused unknown_form: JSON at line 1: is none of the forms that are read here {status:number,headers:{x-amzn-errortype:text,content-type:text,x-amzn-requestid:text},body:{}}",
    ),
    (
        "rt_error_throttling.json",
        "
            refused unknown_form: JSON at line 1: is none of the forms that are read here {status:number,headers:{x-amzn-errortype:text,content-type:text,x-amzn-requestid:text},body:{}}",
    ),
    (
        "rt_invokemodel_headers.json",
        "
            refused unknown_form: JSON at line 1: is none of the forms that are read here {status:number,headers:{content-type:text,x-amzn-requestid:text,x-amzn-bedrock-invocation-latency:text,x-amzn-bedrock-input-token-count:text,x-amzn-bedrock-output-token-count:text,x-amzn-bedrock-cache-read-input-token-count:text,x-amzn-bedrock-cache-write-input-token-count:text,x-amzn-bedrock-service-tier:text}}",
    ),
    (
        "rt_invokemodel_stream.eventstream.bin",
        "
            refused unreadable: input at line 1: begins with neither `{` nor `[`",
    ),
    (
        "rt_responses_api_usage.json",
        "
            refused unknown_form: JSON at line 1: is none of the forms that are read here {id:text,object:text,model:text,output:[],usage:{input_tokens:number,output_tokens:number,total_tokens:number,input_tokens_details:{cached_tokens:number,cache_write_tokens:number}}}",
    ),
];

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn every_fixture_becomes_exactly_this() {
    for (name, want) in EXPECTED {
        let mut told = told_of(fixture(name));
        for (long, short) in LONG {
            told = told.replace(long, short);
        }
        assert_eq!(lines(&told), lines(want), "{name}");
    }
}

#[test]
fn no_fixture_is_forgotten() {
    let there: BTreeSet<String> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(Result::unwrap)
        // Folders hold what is no payload.
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let named: BTreeSet<String> = EXPECTED
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(there, named);
}

#[test]
fn compressed_or_together_they_say_the_same() {
    let (mut bytes, mut members, mut apart) = (Vec::new(), Vec::new(), Vec::new());
    for (name, _) in EXPECTED.iter().filter(|(name, _)| !name.starts_with("rt_")) {
        let fixture = fixture(name);
        let told = told_of(&fixture);
        assert_eq!(told_of(gzip(&fixture)), told, "{name} compressed");
        bytes.extend_from_slice(&fixture);
        members.extend_from_slice(&gzip(&fixture));
        apart.push(outline(&fixture));
    }
    assert_eq!(outline(&bytes), apart.join(" "));
    assert_eq!(outline(&members), apart.join(" "));
}

#[test]
fn no_beginning_of_a_fixture_panics() {
    let options = Options::payload();
    for (name, _) in EXPECTED {
        let fixture = fixture(name);
        for end in 0..fixture.len() {
            assert!(
                !read_bytes(&fixture[..end], &options).is_empty(),
                "{name} up to {end}"
            );
        }
        let compressed = gzip(&fixture);
        for end in 0..compressed.len() {
            assert!(
                !read_bytes(&compressed[..end], &options).is_empty(),
                "{name}.gz up to {end}"
            );
        }
    }
}
