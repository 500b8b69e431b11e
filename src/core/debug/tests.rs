use super::*;
use crate::catalog::errors::{ErrorFile, KnownErrors};
use crate::catalog::registry::{DataFile, Example, Fault, Registry, Whose};
use crate::model::debug::{DebugReport, ErrorCategory};
use crate::text::Untrusted;
use proptest::prelude::*;

fn report(text: &str) -> DebugReport {
    let experience = Experience {
        known: KnownErrors::built_in(),
        log: None,
        environment: None,
        now: "2026-11-30T12:00:00Z".parse().expect("a time"),
    };
    diagnose(text, experience)
}

fn ids(report: &DebugReport) -> Vec<&str> {
    let known = report.errors.iter().map(|one| one.known_error.as_deref());
    known.map(|id| id.unwrap_or("?")).collect()
}

#[test]
fn every_example_is_what_it_says() {
    let files = Registry::<ErrorFile>::load(&[]).map_err(|all| format!("{all:#?}"));
    let files = files.expect("the files of errors");
    let faults = files.run_examples(Whose::Everyones, |_, example| {
        let found = report(&example.text);
        let first = found.errors.first();
        let is = first.and_then(|one| one.known_error.clone());
        if is != example.is {
            let what = first.map(|one| (&one.error, one.error.whole.raw()));
            let message = format!("is {is:?}, not {:?}: {what:#?}", example.is);
            return Err(Fault::new([], message));
        }
        if is.is_some_and(|is| example.is_not.contains(&is)) {
            return Err(Fault::new([], format!("is {:?}", example.is_not)));
        }
        Ok(())
    });
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_example_fits_two_errors_equally() {
    let known = KnownErrors::built_in();
    let files = Registry::<ErrorFile>::load(&[]).expect("the files of errors");
    for example in files.iter().flat_map(DataFile::examples) {
        for one in report(&example.text).errors {
            if let [(first, a), (second, b), ..] = known.fitting(&one.error)[..] {
                let name = example.name();
                assert!(
                    first > second,
                    "{name}: {} and {} fit {first:?}",
                    a.id,
                    b.id
                );
            }
        }
    }
}

#[test]
fn every_known_error_has_an_example_and_ids_are_unique() {
    let known = KnownErrors::built_in();
    let files = Registry::<ErrorFile>::load(&[]).expect("the files of errors");
    let examples: Vec<_> = files.iter().flat_map(DataFile::examples).collect();
    assert!(known.iter().count() >= 80, "{}", known.iter().count());
    for one in known.iter() {
        let mut examples = examples.iter().filter_map(|example| example.is.as_ref());
        assert!(examples.any(|id| *id == one.id), "{}: no example", one.id);
    }
    let ids: usize = files.iter().map(|file| file.errors.len()).sum();
    assert_eq!(ids, known.iter().count(), "an id is in two files");
    for example in examples {
        for id in &example.is_not {
            assert!(known.get(id).is_some(), "{}: no error {id}", example.name());
        }
    }
}

#[test]
fn every_file_has_a_text_that_must_not_match_and_one_that_is_unknown() {
    let files = Registry::<ErrorFile>::load(&[]).expect("the files of errors");
    for file in files.iter() {
        let name = &file.errors[0].id;
        let mut examples = file.examples().iter();
        assert!(examples.any(|one| !one.is_not.is_empty()), "{name}");
        let mut examples = file.examples().iter();
        assert!(examples.any(|one| one.is.is_none()), "{name}");
    }
}

const V4: &str = "╷\n│ Error: creating Amazon S3 (Simple Storage) Bucket (acme-orders-test): BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.\n│ \tstatus code: 409, request id: 5199A9EE359423CE, host id: V35rVrEZqxR6Jhl6gyVJdDdoSkp7n7bXAY47ycQMh8wn=\n│ \n│   with aws_s3_bucket.orders,\n│   on main.tf line 3, in resource \"aws_s3_bucket\" \"orders\":\n│    3: resource \"aws_s3_bucket\" \"orders\" {\n│ \n╵\n";
const V5: &str = "╷\n│ Error: creating S3 Bucket (acme-images): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 08J2B14W7G3ZB0D0, HostID: CegKwKnfuzghXHKd7N0RI7VlOVzYUVNErrFDzhtg/+hzWMs8KUF3Jeq1m9PEydPJMx6nuSzQZsFYEjICOjWsJw==, BucketAlreadyOwnedByYou: \n│ \n│   with module.images.aws_s3_bucket.this[0],\n│   on main.tf line 3, in resource \"aws_s3_bucket\" \"this\":\n│    3: resource \"aws_s3_bucket\" \"this\" {\n│ \n╵\n";

/// Provider 4 and 5 word one fault differently.
#[test]
fn versions_of_the_provider_make_one_issue() {
    let (old, new) = (report(V4), report(V5));
    let [old] = &old.errors[..] else {
        panic!("{old:#?}")
    };
    let [new] = &new.errors[..] else {
        panic!("{new:#?}")
    };
    assert_eq!(old.issue_id, new.issue_id);
    assert_eq!(old.category, ErrorCategory::Resource);
    assert_eq!(old.solutions[0].solution_id, "s3-bucket-owned");
    let import = new.solutions[0].steps[1].command.as_ref();
    assert_eq!(
        import.map(Untrusted::raw),
        Some("terraform import 'module.images.aws_s3_bucket.this[0]' acme-images")
    );
}

/// Other pairs, where the message stays and its wrapper changes.
#[test]
fn the_wrapper_does_not_make_the_issue() {
    let with = "\n\n  with aws_iam_policy.a,\n";
    for (old, new) in [
        (
            "Error: error creating IAM policy orders: MalformedPolicyDocument: Syntax errors in policy.\n\tstatus code: 400, request id: 9687303b-fe7c-4754-8700-45bd66063572",
            "Error: creating IAM Policy (images): operation error IAM: CreatePolicy, https response error StatusCode: 400, RequestID: 1f5c0d7e, MalformedPolicyDocument: Syntax errors in policy.",
        ),
        (
            "Error: error creating Lambda Function (1): InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.\n{\n  RespMetadata: {\n    StatusCode: 400,\n    RequestID: \"0f5c\"\n  },\n  Type: \"User\"\n}",
            "Error: creating Lambda Function (orders-api): operation error Lambda: CreateFunction, https response error StatusCode: 400, RequestID: 0f5c, InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            "Error: Error deleting security group: DependencyViolation: resource sg-0e013a8ae0299f8a4 has a dependent object\n        status code: 400, request id: 719afa5c-eb05-4032-9780-70656e0f4f73",
            "Error: deleting Security Group (sg-058ef7f94e6a0a695): operation error EC2: DeleteSecurityGroup, https response error StatusCode: 400, RequestID: 719a, api error DependencyViolation: resource sg-058ef7f94e6a0a695 has a dependent object",
        ),
    ] {
        let id = |text: &str| errors(&format!("{text}{with}"))[0].id.clone();
        assert_eq!(
            id(old),
            id(new),
            "{old}\n{new}\n{:#?}",
            (errors(old), errors(new))
        );
    }
}

#[test]
fn other_faults_are_other_issues() {
    let texts = [
        "An error occurred (BucketAlreadyExists) when calling the CreateBucket operation: x",
        "An error occurred (BucketAlreadyOwnedByYou) when calling the CreateBucket operation: x",
        "An error occurred (InvalidParameterValue) when calling the RunInstances operation: Invalid value 'a' for instanceType",
        "An error occurred (InvalidParameterValue) when calling the RunInstances operation: The security group does not exist",
        "An error occurred (InvalidParameterValue) when calling the DescribeInstances operation: The security group does not exist",
    ];
    let mut ids: Vec<String> = texts
        .iter()
        .map(|text| errors(text)[0].id.clone())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), texts.len());
}

#[test]
fn categories_follow_the_code_and_then_the_words() {
    let of = |code: &str, message: &str| {
        let text =
            format!("An error occurred ({code}) when calling the CreateThing operation: {message}");
        errors(&text)[0].category
    };
    for (code, message, category) in [
        (
            "InvalidParameterValue",
            "The group does not exist",
            ErrorCategory::Resource,
        ),
        (
            "InvalidParameterValue",
            "Invalid value for size",
            ErrorCategory::Config,
        ),
        (
            "LimitExceededException",
            "Rate exceeded",
            ErrorCategory::Transient,
        ),
        (
            "LimitExceededException",
            "Limit exceeded for things",
            ErrorCategory::Quota,
        ),
        ("Throttling", "whatever it says", ErrorCategory::Transient),
        ("BucketAlreadyExists", "", ErrorCategory::Resource),
        (
            "SomethingNew",
            "what nobody has seen",
            ErrorCategory::Unknown,
        ),
    ] {
        assert_eq!(of(code, message), category, "{code}: {message}");
    }
}

/// What could not be made because of another error is linked to it.
#[test]
fn errors_that_follow_are_linked_and_have_no_solution() {
    let text = "\
│ Error: Argument or block definition required
│
│   on network.tf line 4:
│    4:   vpc_id
│
│ An argument or block definition is required here.
╵
╷
│ Error: Reference to undeclared resource
│
│   on main.tf line 12, in resource \"aws_lambda_function\" \"api\":
│   12:   subnet_ids = aws_subnet.a.id
│
│ A managed resource \"aws_subnet\" \"a\" has not been declared in the root module.
╵
";
    let found = report(text);
    let [first, second] = &found.errors[..] else {
        panic!("{found:#?}")
    };
    assert_eq!(first.follows, None);
    assert_eq!(second.follows.as_ref(), Some(&first.issue_id));
    assert!(second.solutions.is_empty());
    let canceled = "Error: creating EC2 Instance: operation error EC2: RunInstances, https response error StatusCode: 400, RequestID: 0f5c, api error InvalidAMIID.NotFound: The image id '[ami-0123456789abcdef0]' does not exist\n\nError: creating RDS DB Instance (a): operation error RDS: CreateDBInstance, request canceled, context canceled\n";
    let found = report(canceled);
    assert_eq!(
        found.errors[1].follows.as_ref(),
        Some(&found.errors[0].issue_id)
    );
}

#[test]
fn several_errors_of_one_text_are_found_each_once() {
    let list = "\
Error: 2 errors occurred:
\t* creating S3 Bucket (a): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 0, HostID: 1, BucketAlreadyOwnedByYou:
\t* creating IAM Role (b): operation error IAM: CreateRole, https response error StatusCode: 409, RequestID: 0, EntityAlreadyExists: Role with name b already exists.

";
    assert_eq!(ids(&report(list)), ["s3-bucket-owned", "iam-entity-exists"]);
    let old = "\
Error: Error applying plan:

2 error(s) occurred:

* module.a.aws_s3_bucket.b[0]: 1 error(s) occurred:

* aws_s3_bucket.b.0: Error creating S3 bucket: BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.
	status code: 409, request id: 5199A9EE359423CE, host id: V35=
* module.c.aws_s3_bucket.d: 1 error(s) occurred:

* aws_s3_bucket.d: Error creating S3 bucket: BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.
	status code: 409, request id: 4652066925F933B5, host id: bIK=

Terraform does not automatically rollback in the face of errors.
";
    let found = report(old);
    let [one] = &found.errors[..] else {
        panic!("{found:#?}")
    };
    let raw = |value: &Untrusted| value.raw().to_owned();
    assert_eq!(
        one.error.address.as_ref().map(raw).as_deref(),
        Some("aws_s3_bucket.b.0")
    );
    let also: Vec<String> = one.also_at.iter().map(raw).collect();
    assert_eq!(also, ["aws_s3_bucket.d"]);
}

#[test]
fn json_of_terraform_is_read_with_its_places() {
    let event = r#"{"@level":"error","@message":"Error: x","type":"diagnostic","diagnostic":{"severity":"error","summary":"creating S3 Bucket (acme): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 0, HostID: 1, BucketAlreadyOwnedByYou: ","detail":"","address":"module.a.aws_s3_bucket.this[\"x.y\"]","range":{"filename":"main.tf","start":{"line":3,"column":1,"byte":0},"end":{"line":3,"column":2,"byte":1}},"snippet":{"context":"resource \"aws_s3_bucket\" \"this\"","code":"x","start_line":3}}}"#;
    let found = report(&format!("not JSON\n{event}\n"));
    assert_eq!(ids(&found), ["s3-bucket-owned"]);
    let error = &found.errors[0].error;
    let raw = |value: &Option<Untrusted>| value.as_ref().map(|value| value.raw().to_owned());
    assert_eq!(raw(&error.resource_type).as_deref(), Some("aws_s3_bucket"));
    assert_eq!(raw(&error.terraform_module).as_deref(), Some("module.a"));
    assert_eq!(
        (raw(&error.file).as_deref(), error.line),
        (Some("main.tf"), Some(3))
    );
    // The same in a box is the same issue.
    assert_eq!(found.errors[0].issue_id, report(V5).errors[0].issue_id);
    let destroy = r#"{"type":"apply_errored","hook":{"resource":{"addr":"aws_s3_bucket.a"},"action":"delete"}}
{"type":"diagnostic","diagnostic":{"severity":"error","summary":"deleting S3 Bucket (acme): operation error S3: DeleteBucket, https response error StatusCode: 409, RequestID: 0, HostID: 1, api error BucketNotEmpty: not empty","detail":""}}"#;
    let found = report(destroy);
    let address = raw(&found.errors[0].error.address);
    assert_eq!(address.as_deref(), Some("aws_s3_bucket.a"));
    let validate = r#"{"valid":false,"diagnostics":[{"severity":"warning","summary":"w"},{"severity":"error","summary":"Unsupported argument","detail":"An argument named \"a\" is not expected here."}]}"#;
    assert_eq!(ids(&report(validate)), ["terraform-unsupported-argument"]);
}

#[test]
fn boxes_survive_colours_pipelines_and_windows() {
    let plain = report(V5);
    let coloured: String = V5
        .lines()
        .map(|line| format!("\u{1b}[31m{line}\u{1b}[0m\r\n"))
        .collect();
    let stamped: String = V5
        .lines()
        .map(|line| format!("2026-11-30T10:15:02.1234567Z {line}\n"))
        .collect();
    let numbered: String = V5
        .lines()
        .map(|line| format!("[2026-11-30T10:15:02.123Z] {line}\n"))
        .collect();
    for text in [coloured, stamped, numbered] {
        let found = report(&text);
        assert_eq!(found.errors.len(), 1, "{text}");
        assert_eq!(found.errors[0].issue_id, plain.errors[0].issue_id, "{text}");
        assert_eq!(found.errors[0].error.address, plain.errors[0].error.address);
    }
}

#[test]
fn permissions_are_explained_with_them() {
    let text = "│ Error: creating Lambda Function (orders): operation error Lambda: CreateFunction, https response error StatusCode: 403, RequestID: 0f5c, api error AccessDeniedException: User: arn:aws:iam::111122223333:user/deploy is not authorized to perform: lambda:CreateFunction on resource: arn:aws:lambda:eu-west-1:111122223333:function:orders because no identity-based policy allows the lambda:CreateFunction action";
    let found = report(text);
    let [denial] = &found.errors[0].denials[..] else {
        panic!("{found:#?}")
    };
    let action = denial.denial.action.as_ref().map(Untrusted::raw);
    assert_eq!(action, Some("lambda:CreateFunction"));
}

#[test]
fn a_lock_is_shown_and_unlocking_is_no_solution() {
    let text = "Error: Error acquiring the state lock\n\nError message: ConditionalCheckFailedException: The conditional request failed\nLock Info:\n  ID:        f9763602-b03f-e35c-da30-4083cdbb99ae\n  Path:      s/terraform.tfstate\n  Operation: OperationTypeApply\n  Who:       runner@fv-az1021\n  Version:   1.0.7\n  Created:   2021-09-27 00:10:27.424064363 +0000 UTC\n  Info:      \n";
    let found = report(text);
    let lock = found.errors[0].lock.as_ref().expect("a lock");
    assert_eq!(
        lock.who.as_ref().map(Untrusted::raw),
        Some("runner@fv-az1021")
    );
    assert_eq!(lock.id.raw(), "f9763602-b03f-e35c-da30-4083cdbb99ae");
    let steps = found.errors[0].solutions.iter().flat_map(|one| &one.steps);
    for step in steps {
        let command = step.command.as_ref().map_or("", Untrusted::raw);
        assert!(!command.contains("force-unlock"), "{command}");
    }
}

#[test]
fn words_find_known_errors_and_no_words_find_none() {
    let found = report("the bucket name is already taken by another account");
    assert!(found.errors.is_empty());
    assert!(
        found.similar.iter().any(|one| one.id == "s3-bucket-taken"),
        "{:#?}",
        found.similar
    );
    for text in ["", " ", "the moon is too near", "\u{0}\u{1b}[", "it is not"] {
        let found = report(text);
        assert!(
            found.errors.is_empty() && found.similar.is_empty(),
            "{text}: {found:#?}"
        );
    }
}

#[test]
fn what_is_stored_says_nothing_of_the_account() {
    let text = "User: arn:aws:sts::111122223333:assumed-role/ci/run is not authorized to perform: ec2:RunInstances. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcDEF_123 from 203.0.113.7 by anna@example.com, password=hunter2hunter2, request id: 9687303b-fe7c-4754-8700-45bd66063572, authorization id: AbC123def456GHI";
    let clean = scrub(text);
    for secret in [
        "111122223333",
        "4GIOHlTkIaWHQD0Q0m6XSnuUMCm",
        "203.0.113.7",
        "anna@example.com",
        "hunter2",
        "9687303b",
        "AbC123def456GHI",
    ] {
        assert!(!clean.contains(secret), "{secret} in {clean}");
    }
    assert!(clean.contains("ec2:RunInstances"), "{clean}");
}

#[test]
fn names_and_numbers_do_not_make_a_message() {
    let same = |a: &str, b: &str| assert_eq!(normalise(a, &[]), normalise(b, &[]));
    same(
        "Role with name orders-api already exists.",
        "Role with name x_1 already exists",
    );
    same(
        "resource sg-0e013a8ae0299f8a4 has a dependent object",
        "resource sg-cd40e2b6 has a dependent object",
    );
    same("subnets a-1, b-2, c-3 overlap", "subnets a-1 overlap");
    same(
        "after 10m0s (last state: 'pending')",
        "after 40m0s (last state: 'modifying')",
    );
    same(
        "arn:aws:iam::111122223333:role/a is bad",
        "arn:aws:iam::444455556666:role/b/c is bad",
    );
    assert_eq!(
        normalise("Bucket orders is bad", &["orders"]),
        "Bucket <name> is bad"
    );
    assert_eq!(normalise(" \n ", &[]), "<empty>");
}

proptest! {
    #[test]
    fn anything_is_normalised_once(text in "\\PC{0,200}") {
        let once = normalise(&text, &[]);
        prop_assert!(!once.is_empty());
        prop_assert_eq!(normalise(&once, &[]), once);
        let clean = scrub(&text);
        prop_assert_eq!(scrub(&clean), clean);
        errors(&text);
    }

    #[test]
    fn likely_words_are_normalised_once(words in prop::collection::vec("[a-z]{1,8}|arn:aws:iam::123456789012:role/[a-z/-]{3,9}|[0-9]{1,14}|'[^']{0,8}'|<[a-z]{1,5}>?|[a-f0-9-]{8,36}|[.,:;/=|()-]{1,3}|sg-[0-9a-f]{8}|10\\.0\\.[0-9]{1,3}\\.1|request id: [A-Z0-9]{4,9}|[a-z]+@[a-z]+\\.com|2026-11-30T10:00:00Z|\\n|bucket", 0..20)) {
        let text = words.join(" ");
        let once = normalise(&text, &[]);
        prop_assert_eq!(normalise(&once, &[]), once);
        let tight = words.concat();
        let once = normalise(&tight, &[]);
        prop_assert_eq!(normalise(&once, &[]), once);
        errors(&text);
    }
}
