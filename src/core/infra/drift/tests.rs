//! Plans as Terraform 1.15 shows them, cut down to what drift is decided from.

use serde_json::json;

use super::*;

/// A change of the group, with its values before and after.
fn change(kind: &str, before: &Value, after: &Value) -> (String, String, String) {
    (format!("{kind}.a"), before.to_string(), after.to_string())
}

fn planned<'t>(kind: &str, texts: &'t (String, String, String)) -> PlannedChange<'t> {
    let (address, before, after) = texts;
    let action = match (before.as_str(), after.as_str()) {
        (_, "null") => PlanAction::Destroy,
        (before, after) if before == after => PlanAction::NoOp,
        _ => PlanAction::Update,
    };
    PlannedChange {
        address: address.as_str().into(),
        previous_address: None,
        is_data: false,
        resource_type: kind.into(),
        name: "a".into(),
        index: None,
        deposed: None,
        action,
        reason: None,
        replace_paths: Vec::new(),
        triggers: BTreeSet::new(),
        importing: None,
        before_json: Some(before),
        after_json: Some(after),
        after_unknown_json: None,
        before_sensitive_json: None,
        after_sensitive_json: None,
    }
}

/// What is found where a resource was `left` like this, is `found` like that, and is `wanted` so.
fn found(kind: &str, left: Value, found: Value, wanted: Value, beside: &[(&str, Value)]) -> String {
    let drift = change(kind, &left, &found);
    let own = change(kind, &found, &wanted);
    let others: Vec<(String, (String, String, String))> = beside
        .iter()
        .map(|(kind, values)| ((*kind).to_owned(), change(kind, values, values)))
        .collect();
    let mut changes = vec![planned(kind, &own)];
    changes.extend(others.iter().map(|(kind, texts)| planned(kind, texts)));
    let plan = TerraformPlan {
        changes,
        drift: vec![planned(kind, &drift)],
        ..TerraformPlan::default()
    };
    let managed = BTreeSet::from([Untrusted::new(format!("{kind}.a"))]);
    let report = examine(DriftInput {
        environment: &EnvironmentName::new("test").expect("a name"),
        plan: Some(&plan),
        managed: &managed,
        refreshed: &managed,
        errors: &[],
        expected: &[],
    });
    assert_eq!((report.compared, report.of), (1, 1));
    let Some(one) = report.drifted.first() else {
        return "as it was".to_owned();
    };
    let text = |text: &Option<Untrusted>| {
        text.as_ref()
            .map_or("-".to_owned(), |one| one.raw().to_owned())
    };
    let differences = one.differences.iter().map(|one| {
        format!(
            "{}: {} → {}",
            one.path.raw(),
            text(&one.before),
            text(&one.after)
        )
    });
    match one.gone {
        true => "gone".to_owned(),
        false => differences.collect::<Vec<_>>().join("; "),
    }
}

#[test]
fn drift_is_what_somebody_changed() {
    let queue = "aws_sqs_queue";
    let seconds = |n: u32| json!({ "id": "q", "visibility_timeout_seconds": n });
    assert_eq!(
        found(queue, seconds(30), seconds(45), seconds(30), &[]),
        "visibility_timeout_seconds: 30 → 45"
    );
    // Taken over into the configuration meanwhile, or computed: nothing would set it back.
    assert_eq!(
        found(queue, seconds(30), seconds(45), seconds(45), &[]),
        "as it was"
    );
    // Null became empty, as after every first apply.
    let tags = |tags: Value| json!({ "id": "q", "tags": tags, "list": [] });
    assert_eq!(
        found(
            queue,
            tags(Value::Null),
            tags(json!({})),
            tags(Value::Null),
            &[]
        ),
        "as it was"
    );
    // A policy is a value, however it is written.
    let policy = |text: &str| json!({ "id": "q", "policy": text });
    assert_eq!(
        found(
            queue,
            policy(r#"{"a":1,"b":2}"#),
            policy(r#"{ "b": 2, "a": 1 }"#),
            policy(r#"{"a":1,"b":2}"#),
            &[]
        ),
        "as it was"
    );
    assert_eq!(
        found(queue, seconds(30), Value::Null, seconds(30), &[]),
        "gone"
    );
    assert_eq!(
        found(
            "aws_default_security_group",
            seconds(30),
            seconds(45),
            seconds(30),
            &[]
        ),
        "as it was"
    );
}

#[test]
fn rules_are_one_set_however_they_are_written() {
    let group = "aws_security_group";
    let https = json!({ "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"] });
    let ssh =
        json!({ "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] });
    let with = |rules: Value| json!({ "id": "sg-1", "ingress": rules });
    let standalone = (
        "aws_vpc_security_group_ingress_rule",
        json!({ "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8" }),
    );
    let beside = std::slice::from_ref(&standalone);
    // The state lists inline what is a resource of its own.
    assert_eq!(
        found(
            group,
            with(json!([])),
            with(json!([https])),
            with(json!([https])),
            beside
        ),
        "as it was"
    );
    // One more was added by hand, which no plan of these would change.
    assert_eq!(
        found(
            group,
            with(json!([])),
            with(json!([https, ssh])),
            with(json!([https, ssh])),
            beside
        ),
        "ingress: - → tcp 22 of 0.0.0.0/0"
    );
    // Inline, and one is missing.
    assert_eq!(
        found(
            group,
            with(json!([https, ssh])),
            with(json!([https])),
            with(json!([https, ssh])),
            &[]
        ),
        "ingress: tcp 22 of 0.0.0.0/0 → -"
    );
}

#[test]
fn what_could_not_be_read_is_unknown() {
    let managed: BTreeSet<Untrusted> = ["a.one", "a.two", "a.three"].map(Untrusted::from).into();
    let report = examine(DriftInput {
        environment: &EnvironmentName::new("test").expect("a name"),
        plan: None,
        managed: &managed,
        refreshed: &BTreeSet::from(["a.two".into()]),
        errors: &[("a.one".into(), "access denied".into())],
        expected: &[],
    });
    assert_eq!((report.compared, report.of), (0, 3));
    let reasons: Vec<&str> = report.unknown.iter().map(|one| one.reason.raw()).collect();
    assert_eq!(
        reasons,
        [
            "access denied",
            "it was not reached, because others could not be read",
            "it was read, but others could not be, so that nothing was compared"
        ]
    );
}

/// What a remediation has changed is no surprise, and says which one it was.
#[test]
fn what_a_remediation_changed_is_expected() {
    let expected = |attribute: &str| {
        let expected = ExpectedDrift {
            values: Default::default(),
            address: "aws_lambda_function.api".into(),
            attribute: attribute.to_owned(),
        };
        ("r-1".to_owned(), expected)
    };
    let address = Untrusted::from("aws_lambda_function.api");
    for (attribute, path, wanted) in [
        ("desired_count", "desired_count", true),
        ("environment", "environment[0].variables.MARK", true),
        ("environment", "environment.variables", true),
        ("environment", "environment_arn", false),
        ("memory_size", "timeout", false),
    ] {
        let (_, expected) = expected(attribute);
        assert_eq!(said(&expected, &address, path), wanted, "{path}");
        assert!(!said(&expected, &"aws_lambda_function.b".into(), path));
    }
}
