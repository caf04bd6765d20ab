//! The rights that Weir asks for.

use serde_json::Value;

#[test]
fn weir_may_attach_nothing_but_its_own_policy() {
    let text = weir_aws::print_policy("aws", "111122223333", "WeirBlock");
    let policy: Value = serde_json::from_str(&text).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let attaching: Vec<_> = statements
        .iter()
        .filter(|one| one["Action"].to_string().contains("AttachUserPolicy"))
        .collect();
    assert_eq!(attaching.len(), 1);
    assert_eq!(
        attaching[0]["Condition"]["ArnEquals"]["iam:PolicyARN"],
        "arn:aws:iam::111122223333:policy/weir/WeirBlock"
    );
    for statement in statements {
        let actions = statement["Action"].to_string();
        assert!(!actions.contains('*'), "{actions}");
        assert_eq!(statement["Effect"], "Allow");
    }
}

#[test]
fn the_rights_are_written_in_the_callers_partition() {
    let text = weir_aws::print_policy("aws-us-gov", "*", "WeirBlock");
    assert!(text.contains("arn:aws-us-gov:iam::*:user/*"));
    assert!(!text.contains("arn:aws:"));
}
