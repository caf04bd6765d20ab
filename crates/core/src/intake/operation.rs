//! Which event names are invocations (rules C2).

/// Whether an operation is one of those that are known to be invocations. A [`Record`] of any other
/// operation was kept because its event carried a model, and is worth a flag.
///
/// [`Record`]: crate::record::Record
pub fn is_known_operation(name: &str) -> bool {
    name.starts_with("InvokeModel")
        || name.starts_with("Converse")
        || matches!(
            name,
            "StartAsyncInvoke" | "CreateInference" | "CreateModelInvocationJob"
        )
}

/// Event names that name a model and never run one, on whatever host they are seen.
const NEVER: [&str; 11] = [
    "ApplyGuardrail",
    "Cancel",
    "CountTokens",
    "Delete",
    "Get",
    "InvokeAgent",
    "InvokeFlow",
    "InvokeInlineAgent",
    "List",
    "RenderPrompt",
    "Retrieve",
];

/// First words of control-plane operations, some of which name a model.
const CONTROL: [&str; 17] = [
    "Accept",
    "Associate",
    "Batch",
    "Create",
    "Deregister",
    "Disassociate",
    "Export",
    "Import",
    "Prepare",
    "Purchase",
    "Put",
    "Register",
    "Stop",
    "Tag",
    "Untag",
    "Update",
    "Validate",
];

/// What is known about the side of Bedrock that an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plane {
    /// It runs models.
    Runtime,
    /// It manages things.
    Control,
    /// The event does not say.
    Unsaid,
}

/// Whether an event of that name, which carries a model, is an invocation.
pub(super) fn may_run_a_model(name: &str, plane: Plane) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    match plane {
        _ if starts(&NEVER) => false,
        Plane::Runtime => true,
        Plane::Control => false,
        Plane::Unsaid => !starts(&CONTROL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_planes() {
        for (name, known, runtime, unsaid) in [
            ("InvokeModel", true, true, true),
            ("InvokeModelWithBidirectionalStream", true, true, true),
            ("ConverseStream", true, true, true),
            ("CreateInference", true, true, false),
            ("CreateModelInvocationJob", true, true, false),
            ("StartAsyncInvoke", true, true, true),
            ("ChatCompletions", false, true, true),
            ("CreateResponse", false, true, false),
            ("CreateProvisionedModelThroughput", false, true, false),
            ("InvokeAgent", false, false, false),
            ("CountTokens", false, false, false),
            ("GetFoundationModelAvailability", false, false, false),
            ("ApplyGuardrail", false, false, false),
        ] {
            assert_eq!(is_known_operation(name), known, "{name}");
            assert_eq!(may_run_a_model(name, Plane::Runtime), runtime, "{name}");
            assert_eq!(may_run_a_model(name, Plane::Unsaid), unsaid, "{name}");
            assert!(!may_run_a_model(name, Plane::Control), "{name}");
        }
    }
}
