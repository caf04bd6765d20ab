//! What CloudTrail records become, beyond the fixtures.

use super::support::{call, call_with, log, outline, quoted, told_of};
use crate::intake::{Item, Options, read_bytes};

fn event(name: &str, more: &str) -> String {
    call_with("r", more).replacen("Converse", name, 1)
}

#[test]
fn which_events_are_invocations() {
    let model = r#","requestParameters":{"modelId":"m"}"#;
    let on =
        |host: &str| format!(r#"{model},"tlsDetails":{{"clientProvidedHostHeader":"{host}"}}"#);
    let runtime = on("bedrock-runtime.eu-west-1.amazonaws.com");
    let vpc = on("vpce-0a-1b.bedrock-runtime.eu-west-1.vpce.amazonaws.com");
    let control = on("bedrock.eu-west-1.amazonaws.com");
    let agents = on("bedrock-agent-runtime.eu-west-1.amazonaws.com");
    for (name, more, want) in [
        ("InvokeModel", "", "r"),
        ("InvokeModelWithBidirectionalStream", "", "r"),
        ("Converse", r#","requestParameters":null"#, "r"),
        ("ConverseStream", "", "r"),
        ("StartAsyncInvoke", "", "r"),
        ("CreateInference", "", "r"),
        ("CreateModelInvocationJob", &control, "r"),
        // Unknown, but it runs a model
        ("ChatCompletions", model, "r"),
        ("CreateChatCompletion", &runtime, "r"),
        ("CreateMessage", &vpc, "r"),
        // Not that
        ("ChatCompletions", "", "OtherEvent"),
        ("ChatCompletions", &control, "OtherEvent"),
        ("ChatCompletions", &agents, "OtherEvent"),
        ("CreateProvisionedModelThroughput", &control, "OtherEvent"),
        ("CreateProvisionedModelThroughput", model, "OtherEvent"),
        ("CountTokens", &runtime, "OtherEvent"),
        ("GetFoundationModelAvailability", model, "OtherEvent"),
        ("ListAsyncInvokes", &runtime, "OtherEvent"),
        ("ApplyGuardrail", &runtime, "OtherEvent"),
        ("InvokeAgent", "", "OtherEvent"),
        ("InvokeFlow", &agents, "OtherEvent"),
        ("Retrieve", "", "OtherEvent"),
        // A strange field does not matter in an event that nobody wants
        (
            "GetAgent",
            r#","requestParameters":[1],"userAgent":{},"errorCode":-1"#,
            "OtherEvent",
        ),
    ] {
        assert_eq!(outline(event(name, more)), want, "{name} {more}");
    }
    for (source, want) in [
        ("bedrock-runtime.amazonaws.com", "r"),
        ("bedrock-mantle.amazonaws.com", "r"),
        ("iam.amazonaws.com", "OtherEvent"),
        ("aws-external-anthropic.amazonaws.com", "OtherEvent"),
        // Its records are elsewhere
        ("aws:s3", "unknown_form!"),
    ] {
        let text = call("r").replacen("bedrock.amazonaws.com", source, 1);
        assert_eq!(outline(text), want, "{source}");
    }
    for (kind, want) in [
        (r#""AwsApiCall""#, "r"),
        ("null", "r"),
        (r#""AwsVpceEvent""#, "OtherEvent"),
        (r#""AwsConsoleAction""#, "OtherEvent"),
        (r#""AwsServiceEvent""#, "no_request_id!"),
    ] {
        assert_eq!(
            outline(call("r").replacen(r#""AwsApiCall""#, kind, 1)),
            want,
            "{kind}"
        );
    }
}

#[test]
fn mantle_runs_models_in_data_events() {
    let mantle = |name: &str, category: &str| {
        let more = format!(r#","requestParameters":{{"model":"m"}},"eventCategory":"{category}""#);
        event(name, &more).replacen("bedrock.amazonaws.com", "bedrock-mantle.amazonaws.com", 1)
    };
    assert_eq!(outline(mantle("CreateInference", "Data")), "r");
    assert_eq!(outline(mantle("CreateEmbedding", "Data")), "r");
    assert_eq!(outline(mantle("GetInference", "Data")), "OtherEvent");
    assert_eq!(
        outline(mantle("CreateFineTuningJob", "Management")),
        "OtherEvent"
    );
}

#[test]
fn completions_join_their_call() {
    let completion = |details: &str| {
        call_with("own-id", &format!(r#","serviceEventDetails":{details}"#)).replacen(
            "AwsApiCall",
            "AwsServiceEvent",
            1,
        )
    };
    let tokens = "\n  ran in eu-north-1\n  tokens 7 read 0 wrote 0+0 out 5";
    for details in [
        r#"{"parentRequestId":"call","AdditionalEventData":{"additionalEntries":{"inferenceRegion":"eu-north-1","inputTokens":7,"outputTokens":5}}}"#,
        r#"{"parentRequestId":"call","additionalEventData":{"additionalEntries":[{"key":"inferenceRegion","value":"eu-north-1"},{"key":"inputTokens","value":"7"},{"key":"outputTokens","value":5},{"key":"other","value":{}},7]}}"#,
        r#"{"parentRequestId":"call","AdditionalEventData":{"inferenceRegion":"eu-north-1","inputTokens":7,"outputTokens":5}}"#,
    ] {
        let told = told_of(completion(details));
        assert!(told.starts_with("completion call Converse "), "{told}");
        assert!(told.ends_with(tokens), "{told}");
    }
    for (details, want) in [
        (r#"{"parentRequestId":"call"}"#, "call"),
        (
            r#"{"parentRequestId":"call","AdditionalEventData":{"additionalEntries":null}}"#,
            "call",
        ),
        (r#"{"parentRequestId":""}"#, "no_request_id!"),
        ("null", "no_request_id!"),
        ("7", "bad_field!"),
        (
            r#"{"parentRequestId":"call","AdditionalEventData":{"additionalEntries":[{"key":"inputTokens","value":1},{"key":"inputTokens","value":2}]}}"#,
            "duplicate_key!",
        ),
    ] {
        assert_eq!(outline(completion(details)), want, "{details}");
    }
}

#[test]
fn envelopes_by_their_detail() {
    let envelope = |kind: &str, detail: &str| {
        format!(
            r#"{{"version":"0","id":"e","detail-type":{kind},"source":"aws.x","account":"1","time":"t","region":"r","resources":["x"],"detail":{detail}}}"#
        )
    };
    let ours = call("r");
    let other = call("r").replacen("bedrock.amazonaws.com", "s3.amazonaws.com", 1);
    for (kind, detail, want) in [
        (r#""AWS API Call via CloudTrail""#, ours.as_str(), "r"),
        (r#""AWS Service Event via CloudTrail""#, &ours, "r"),
        (r#""Something New""#, &ours, "r"),
        ("null", &ours, "r"),
        (r#""AWS API Call via CloudTrail""#, &other, "OtherEvent"),
        ("null", &other, "OtherEvent"),
        (
            r#""Batch Inference Job State Change""#,
            r#"{"batchJobArn":"a"}"#,
            "OtherEvent",
        ),
        (r#""Scheduled Event""#, "{}", "OtherEvent"),
        (r#""Scheduled Event""#, "[1]", "OtherEvent"),
        (r#""AWS API Call via CloudTrail""#, "null", "bad_field!"),
        (r#""AWS API Call via CloudTrail""#, "[]", "bad_field!"),
        (r#""AWS API Call via CloudTrail""#, "{}", "bad_field!"),
        (
            r#""AWS API Call via CloudTrail""#,
            r#"{"eventSource":1}"#,
            "bad_field!",
        ),
    ] {
        assert_eq!(outline(envelope(kind, detail)), want, "{kind} {detail}");
    }
}

#[test]
fn texts_are_cut_and_cleaned() {
    let agent = "é".repeat(1024 * 1024);
    let message = "m\n".repeat(5000);
    let text = call_with(
        "r",
        &format!(
            r#","userAgent":{},"errorCode":"AccessDenied","errorMessage":{},"sourceIPAddress":"1.2.3.4\u0000""#,
            quoted(&agent),
            quoted(&message)
        ),
    );
    let items = read_bytes(text.as_bytes(), &Options::default());
    let [Item::Record(record)] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!(
        record.client.user_agent.as_deref(),
        Some("é".repeat(512).as_str())
    );
    assert_eq!(record.client.source_ip.as_deref(), Some("1.2.3.4"));
    let failure = record.failure.as_ref().unwrap();
    assert_eq!(failure.message.as_deref(), Some("m".repeat(1024).as_str()));
    assert!(failure.is_denial());
}

#[test]
fn of_metadata_only_the_configured_keys() {
    let metadata = r#"{"tool":"cline","user":"ana","prompt":"secret","n":7}"#;
    let text = log("r").replacen(
        r#""input""#,
        &format!(r#""requestMetadata":{metadata},"input""#),
        1,
    );
    let kept = |keys: &[&str]| {
        let metadata_keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let options = Options {
            metadata_keys,
            ..Options::default()
        };
        match read_bytes(text.as_bytes(), &options).pop() {
            Some(Item::Record(record)) => record
                .metadata
                .into_iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect(),
            other => vec![format!("{other:?}")],
        }
    };
    assert_eq!(kept(&[]), Vec::<String>::new());
    assert_eq!(kept(&["tool"]), ["tool=cline"]);
    assert_eq!(
        kept(&["user", "tool", "n", "absent"]),
        ["tool=cline", "user=ana"]
    );
}
