//! Checks over planned resources.

use std::collections::BTreeSet;

use super::*;

/// A bucket with a block of public access that names it by a reference alone.
fn bucket_and_block() -> Vec<PlannedChange<'static>> {
    let mut bucket = change(
        "module.m[0].aws_s3_bucket.b",
        &["create"],
        "null",
        r#"{"bucket":null}"#,
    );
    bucket.after_unknown_json = Some(r#"{"id":true,"arn":true,"bucket":true}"#);
    let block = r#"{"block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}"#;
    let address = "module.m[0].aws_s3_bucket_public_access_block.b[0]";
    let mut block = change(address, &["create"], "null", block);
    block.after_unknown_json = Some(r#"{"id":true,"bucket":true}"#);
    vec![bucket, block]
}

const BLOCK: &str = "s3-bucket-public-access-block";

#[test]
fn companions_are_found_by_reference_or_are_not_known() {
    let mut plan = of(bucket_and_block());
    let unknown = review(&plan);
    assert!(
        unknown.findings.iter().all(|one| one.rule != BLOCK),
        "{:?}",
        said(&unknown)
    );
    let gaps = format!("{:?}", unknown.not_looked_at);
    assert!(gaps.contains(BLOCK), "{gaps}");
    plan.references = BTreeMap::from([(
        "module.m.aws_s3_bucket_public_access_block.b".to_owned(),
        ["module.m.aws_s3_bucket.b".to_owned()].into(),
    )]);
    let linked = review(&plan);
    assert!(
        linked.findings.iter().all(|one| one.rule != BLOCK),
        "{:?}",
        said(&linked)
    );
    assert!(!format!("{:?}", linked.not_looked_at).contains(BLOCK));
    plan.changes.pop();
    let alone = review(&plan);
    assert!(
        alone.findings.iter().any(|one| one.rule == BLOCK),
        "{:?}",
        said(&alone)
    );
}

#[test]
fn only_what_a_change_introduces_is_a_finding() {
    let open = r#"{"id":"b","bucket":"b","tags":{"a":"1"}}"#;
    let other = r#"{"id":"b","bucket":"b","tags":{"a":"2"}}"#;
    let touched = of(vec![change("aws_s3_bucket.b", &["update"], open, other)]);
    assert!(
        review(&touched)
            .findings
            .iter()
            .all(|one| one.rule != BLOCK)
    );
    // Renamed, it is the same bucket.
    let mut moved = change("aws_s3_bucket.new", &["update"], open, other);
    moved.previous_address = Some("aws_s3_bucket.old".into());
    assert!(
        review(&of(vec![moved]))
            .findings
            .iter()
            .all(|one| one.rule != BLOCK)
    );
    let block = r#"{"bucket":"b","block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}"#;
    let removed = of(vec![
        change("aws_s3_bucket.b", &["no-op"], open, open),
        change(
            "aws_s3_bucket_public_access_block.b",
            &["delete"],
            block,
            "null",
        ),
    ]);
    let found = review(&removed);
    assert!(
        found.findings.iter().any(|one| one.rule == BLOCK),
        "{:?}",
        said(&found)
    );
    let added = of(vec![
        change("aws_s3_bucket.b", &["no-op"], open, open),
        change(
            "aws_s3_bucket_public_access_block.b",
            &["create"],
            "null",
            block,
        ),
    ]);
    let fixed = review(&added);
    assert!(
        fixed.findings.iter().any(|one| one.rule == "fixed"),
        "{:?}",
        said(&fixed)
    );
}

#[test]
fn companions_behind_a_local_are_found_in_the_source() {
    let mut plan = of(bucket_and_block());
    let configuration =
        json!({ "root_module": { "module_calls": { "m": { "module": { "resources": [
        { "mode": "managed", "type": "aws_s3_bucket_public_access_block", "name": "b",
          "expressions": { "bucket": { "references": ["local.bucket"] } } } ] } } } } })
        .to_string();
    plan.configuration = Some(&configuration);
    plan.references = BTreeMap::from([(
        "module.m.aws_s3_bucket_public_access_block.b".to_owned(),
        BTreeSet::new(),
    )]);
    let without = review(&plan);
    assert!(format!("{:?}", without.not_looked_at).contains(BLOCK));
    assert!(without.findings.iter().all(|one| one.rule != BLOCK));
    let of_local = |name: &str, to: &str| (name.to_owned(), BTreeSet::from([to.to_owned()]));
    let locals = BTreeMap::from([
        of_local("bucket", "local.name"),
        of_local("name", "aws_s3_bucket.b"),
        of_local("circle", "local.circle"),
    ]);
    let scene = Scene {
        locals: BTreeMap::from([("module.m.".to_owned(), locals)]),
        ..Scene::default()
    };
    let with = scene.review(&plan);
    assert!(!format!("{:?}", with.not_looked_at).contains(BLOCK));
    assert!(with.findings.iter().all(|one| one.rule != BLOCK));
}

#[test]
fn a_key_that_is_not_known_yet_is_there_where_a_resource_is_referred_to() {
    const CHECK: &str = "sqs-unencrypted";
    let queue = |unknown: Option<&'static str>| {
        let plain = r#"{"name":"q","sqs_managed_sse_enabled":false}"#;
        let mut queue = change("aws_sqs_queue.q", &["create"], "null", plain);
        queue.after_unknown_json = unknown;
        queue
    };
    let written = |reference: &str| {
        json!({ "root_module": { "resources": [{ "mode": "managed", "type": "aws_sqs_queue", "name": "q",
            "expressions": { "kms_master_key_id": { "references": [reference] } } }] } })
        .to_string()
    };
    let (key, module, local) = (
        written("aws_kms_key.k.arn"),
        written("module.keys.queue_key"),
        written("local.key"),
    );
    let with_output = |references: Value| {
        let mut all: Value = serde_json::from_str(&module).expect("JSON");
        let outputs = json!({ "queue_key": { "expression": references } });
        all["root_module"]["module_calls"] =
            json!({ "keys": { "module": { "outputs": outputs } } });
        all.to_string()
    };
    let given = with_output(json!({ "references": ["aws_kms_key.k.arn", "aws_kms_key.k"] }));
    let circle = with_output(json!({ "references": ["module.keys.queue_key", "var.none"] }));
    let later = Some(r#"{"kms_master_key_id":true}"#);
    for (unknown, configuration, fails, undecided) in [
        (None, None, true, false),
        (later, Some(key.as_str()), false, false),
        (later, Some(given.as_str()), false, false),
        // A module may give nothing, and an attribute that is not written is computed.
        (later, Some(module.as_str()), false, true),
        (later, Some(circle.as_str()), false, true),
        (later, Some(local.as_str()), false, true),
        (later, None, false, true),
    ] {
        let mut plan = of(vec![queue(unknown)]);
        plan.configuration = configuration;
        let found = review(&plan);
        let has = found.findings.iter().any(|one| one.rule == CHECK);
        assert_eq!(has, fails, "{unknown:?} {configuration:?}");
        let open = format!("{:?}", found.not_looked_at).contains(CHECK);
        assert_eq!(open, undecided, "{unknown:?} {configuration:?}");
    }
}

#[test]
fn a_part_of_something_that_is_not_in_the_plan_opens_it_all_the_same() {
    let rule = r#"{"security_group_id":"sg-1","type":"ingress","protocol":"tcp","from_port":22,"to_port":22,"cidr_blocks":["0.0.0.0/0"]}"#;
    let plan = of(vec![change(
        "aws_security_group_rule.ssh",
        &["create"],
        "null",
        rule,
    )]);
    let found = review(&plan);
    let open = found
        .findings
        .iter()
        .find(|one| one.rule == "ec2-security-group-open-ports");
    let subject = open.map(|one| one.subject.raw());
    assert_eq!(
        subject,
        Some("aws_security_group_rule.ssh"),
        "{:?}",
        said(&found)
    );
    // Nothing is said of the rest of the group.
    assert_eq!(found.not_looked_at, Vec::<Untrusted>::new());
}

#[test]
fn a_type_under_its_older_name_is_checked_too() {
    let balancer =
        r#"{"name":"a","load_balancer_type":"application","enable_deletion_protection":false}"#;
    for kind in ["aws_lb", "aws_alb"] {
        let address = format!("{kind}.a");
        let plan = of(vec![change(&address, &["create"], "null", balancer)]);
        let found = review(&plan);
        let has = found
            .findings
            .iter()
            .any(|one| one.rule == "elb-deletion-protection");
        assert!(has, "{kind}: {:?}", said(&found));
    }
}

#[test]
fn what_is_not_written_is_off_where_aws_has_one_default() {
    let function = || {
        let plain = r#"{"function_name":"f","runtime":"nodejs12.x"}"#;
        let mut function = change("aws_lambda_function.f", &["create"], "null", plain);
        function.after_unknown_json = Some(r#"{"tracing_config":true}"#);
        function
    };
    let written = |expressions: Value| {
        json!({ "root_module": { "resources": [{ "mode": "managed", "type": "aws_lambda_function",
            "name": "f", "expressions": expressions }] } })
        .to_string()
    };
    let without = written(json!({ "function_name": { "constant_value": "f" } }));
    let with = written(json!({ "tracing_config": [{ "mode": { "references": ["var.mode"] } }] }));
    for (configuration, fails) in [(Some(&without), true), (Some(&with), false), (None, false)] {
        let mut plan = of(vec![function()]);
        plan.configuration = configuration.map(String::as_str);
        let found = review(&plan);
        let has = |rule: &str| found.findings.iter().any(|one| one.rule == rule);
        assert_eq!(has("lambda-tracing"), fails, "{configuration:?}");
        // The clock of the review decides which runtimes are at their end.
        assert!(has("lambda-runtime-deprecated"), "{:?}", said(&found));
    }
}

#[test]
fn a_key_is_followed_through_the_variables_of_modules() {
    const CHECK: &str = "sqs-unencrypted";
    let mut queue = change(
        "module.a.module.b[0].aws_sqs_queue.q",
        &["create"],
        "null",
        r#"{"name":"q","sqs_managed_sse_enabled":false}"#,
    );
    queue.after_unknown_json = Some(r#"{"kms_master_key_id":true}"#);
    let configuration = |given: Value| {
        let queue = json!({ "mode": "managed", "type": "aws_sqs_queue", "name": "q",
            "expressions": { "kms_master_key_id": { "references": ["var.key"] } } });
        let inner = json!({ "expressions": { "key": { "references": ["var.key_of_all"] } },
            "module": { "resources": [queue] } });
        let outer = json!({ "expressions": { "key_of_all": given },
            "module": { "module_calls": { "b": inner } } });
        json!({ "root_module": { "module_calls": { "a": outer } } }).to_string()
    };
    let resource = configuration(json!({ "references": ["aws_kms_key.k.arn", "aws_kms_key.k"] }));
    let variable = configuration(json!({ "references": ["var.key_of_the_root"] }));
    let constant = configuration(json!({ "constant_value": null }));
    for (text, undecided) in [(&resource, false), (&variable, true), (&constant, true)] {
        let mut plan = of(vec![queue.clone()]);
        plan.configuration = Some(text);
        let found = review(&plan);
        assert!(found.findings.iter().all(|one| one.rule != CHECK), "{text}");
        let open = format!("{:?}", found.not_looked_at).contains(CHECK);
        assert_eq!(open, undecided, "{text}");
    }
}

#[test]
fn what_is_attached_to_many_is_attached_to_each() {
    const USER: &str = "iam-user-policies";
    let user = |name: &str| format!(r#"{{"name":"{name}"}}"#);
    let (ada, grace) = (user("ada"), user("grace"));
    let attached = |users: &str| {
        format!(
            r#"{{"name":"a","users":{users},"roles":["r"],"policy_arn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}}"#
        )
    };
    let subjects = |users: &str, unknown: Option<&'static str>| -> Vec<String> {
        let after = attached(users);
        let mut attachment = change("aws_iam_policy_attachment.a", &["create"], "null", &after);
        attachment.after_unknown_json = unknown;
        let plan = of(vec![
            change("aws_iam_user.ada", &["no-op"], &ada, &ada),
            change("aws_iam_user.grace", &["no-op"], &grace, &grace),
            attachment,
        ]);
        let found = review(&plan);
        let of_users = found.findings.iter().filter(|one| one.rule == USER);
        of_users.map(|one| one.subject.raw().to_owned()).collect()
    };
    assert_eq!(subjects(r#"["ada"]"#, None), ["aws_iam_user.ada"]);
    let both = subjects(r#"["ada","grace"]"#, None);
    assert_eq!(both, ["aws_iam_user.ada", "aws_iam_user.grace"]);
    // Users of another team, and one whose name is not known yet, have it through the attachment.
    let alone = ["aws_iam_policy_attachment.a"];
    assert_eq!(subjects(r#"["linus","dennis"]"#, None), alone);
    assert_eq!(subjects("[]", Some(r#"{"users":true}"#)), alone);
    // Nobody has an empty name.
    assert_eq!(subjects(r#"[""]"#, None), Vec::<String>::new());
}

#[test]
fn an_instance_without_a_template_has_the_profile_that_is_written() {
    let written = |expressions: Value| {
        json!({ "root_module": { "resources": [{ "mode": "managed", "type": "aws_instance",
            "name": "i", "expressions": expressions }] } })
        .to_string()
    };
    let nothing = written(json!({ "ami": { "constant_value": "ami-1" } }));
    let template = written(
        json!({ "launch_template": [{ "id": { "references": ["aws_launch_template.t"] } }] }),
    );
    for (configuration, fails) in [(&nothing, true), (&template, false)] {
        let mut instance = change("aws_instance.i", &["create"], "null", r#"{"ami":"ami-1"}"#);
        instance.after_unknown_json = Some(r#"{"iam_instance_profile":true}"#);
        let mut plan = of(vec![instance]);
        plan.configuration = Some(configuration);
        let found = review(&plan);
        let has = found
            .findings
            .iter()
            .any(|one| one.rule == "ec2-instance-role");
        assert_eq!(has, fails, "{configuration}");
    }
}

#[test]
fn a_permission_counts_before_its_statement_has_a_name() {
    let function = r#"{"function_name":"f","runtime":"python3.13"}"#;
    let public = |source: &str| {
        let after = format!(
            r#"{{"function_name":"f","action":"lambda:InvokeFunction","principal":"*"{source}}}"#
        );
        let mut permission = change("aws_lambda_permission.p", &["create"], "null", &after);
        permission.after_unknown_json = Some(r#"{"statement_id":true}"#);
        let plan = of(vec![
            change("aws_lambda_function.f", &["create"], "null", function),
            permission,
        ]);
        let found = review(&plan);
        found.findings.iter().any(|one| one.rule == "lambda-public")
    };
    assert!(public(""));
    assert!(!public(
        r#","source_arn":"arn:aws:events:eu-west-1:111122223333:rule/daily""#
    ));
}

#[test]
fn what_is_open_unless_the_rest_prevents_it_asks_for_a_look() {
    const RULE: &str = "may-be-open";
    let (open, shut) = (
        r#"{"bucket":"of-another-team","acl":"public-read"}"#,
        r#"{"bucket":"of-another-team","acl":"private"}"#,
    );
    let acl = |action: &'static str, before: &'static str, after: &'static str| {
        of(vec![change(
            "aws_s3_bucket_acl.a",
            &[action],
            before,
            after,
        )])
    };
    let asked = |environment: &str, plan: &TerraformPlan<'_>| {
        let scene = Scene {
            environment,
            ..Scene::default()
        };
        let found = scene.review(plan);
        let mut of_rule = found.findings.iter().filter(|one| one.rule == RULE);
        let one = of_rule.next().map(|one| {
            (
                one.effect,
                one.title.raw().to_owned(),
                one.evidence
                    .iter()
                    .map(Untrusted::terminal)
                    .collect::<Vec<String>>(),
            )
        });
        assert_eq!(of_rule.next(), None, "{:?}", said(&found));
        one
    };
    let title = "aws_s3_bucket_acl.a: Everyone can reach the bucket, unless something prevents it that the plan does not show";
    let evidence = vec!["aws_s3_bucket_acl.a: what it belongs to is not known".to_owned()];
    let expected = |effect| Some((effect, title.to_owned(), evidence.clone()));
    let made = acl("create", "null", open);
    assert_eq!(asked("test", &made), expected(ReviewVerdict::Warn));
    assert_eq!(asked("prod", &made), expected(ReviewVerdict::Block));
    let opened = acl("update", shut, open);
    assert_eq!(asked("test", &opened), expected(ReviewVerdict::Warn));
    // What was so before is not new, and what opens nothing needs no look.
    assert_eq!(asked("test", &acl("update", open, open)), None);
    assert_eq!(asked("test", &acl("create", "null", shut)), None);
    assert_eq!(asked("test", &acl("delete", open, "null")), None);
    // Of a bucket in the plan all is known: it is open, or it is not.
    let bucket = r#"{"id":"b","bucket":"of-another-team"}"#;
    let block = r#"{"bucket":"of-another-team","ignore_public_acls":true}"#;
    let mut whole = vec![
        change("aws_s3_bucket.b", &["create"], "null", bucket),
        change("aws_s3_bucket_acl.a", &["create"], "null", open),
    ];
    let found = review(&of(whole.clone()));
    let has = |rule: &str| found.findings.iter().any(|one| one.rule == rule);
    assert!(has("s3-bucket-public") && !has(RULE), "{:?}", said(&found));
    whole.push(change(
        "aws_s3_bucket_public_access_block.b",
        &["create"],
        "null",
        block,
    ));
    assert_eq!(asked("test", &of(whole)), None);
}
