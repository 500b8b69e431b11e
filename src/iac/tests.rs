//! The readers on small real files and on damaged ones.

use proptest::prelude::*;

use super::*;

const SHOP: &str = include_str!("../../tests/data/iac/shop.tfstate");
const SHOP_V3: &str = include_str!("../../tests/data/iac/shop-v3.tfstate");
const BUILTIN: &str = include_str!("../../tests/data/iac/builtin.tfstate");
const BUILTIN_STATE: &str = include_str!("../../tests/data/iac/builtin-state.json");
const BUILTIN_PLAN: &str = include_str!("../../tests/data/iac/builtin-plan.json");
const ALL: [&str; 5] = [SHOP, SHOP_V3, BUILTIN, BUILTIN_STATE, BUILTIN_PLAN];

fn listed(text: &str) -> String {
    let inventory = read(text.as_bytes()).expect("a readable file");
    let mut lines = vec![format!(
        "{:?}: {} resources, {} data sources, {} deposed",
        inventory.format,
        inventory.resources.len(),
        inventory.data_sources,
        inventory.deposed
    )];
    for r in &inventory.resources {
        lines.push(format!(
            "{} ({}){} <- {}",
            r.address.raw(),
            r.provider.raw(),
            if r.pending { " pending" } else { "" },
            r.depends_on.join(", ")
        ));
    }
    lines.join("\n")
}

#[test]
fn a_state_of_version_3() {
    insta::assert_snapshot!(listed(SHOP_V3));
}

#[test]
fn what_terraform_writes_state() {
    insta::assert_snapshot!(listed(BUILTIN));
}

#[test]
fn what_terraform_shows_of_a_state() {
    insta::assert_snapshot!(listed(BUILTIN_STATE));
}

#[test]
fn what_terraform_shows_of_a_plan() {
    insta::assert_snapshot!(listed(BUILTIN_PLAN));
}

#[test]
fn state_and_shown_state_name_the_same_resources() {
    let addresses = |text: &str| {
        let inventory = read(text.as_bytes()).expect("a readable file");
        let mut all: Vec<(String, Option<String>)> = inventory
            .resources
            .iter()
            .map(|r| {
                (
                    r.address.raw().to_owned(),
                    r.id.as_ref().map(|i| i.raw().to_owned()),
                )
            })
            .collect();
        all.sort();
        all
    };
    assert_eq!(addresses(BUILTIN), addresses(BUILTIN_STATE));
}

#[test]
fn no_secret_is_taken_over() {
    for text in ALL {
        let read = format!("{:?}", read(text.as_bytes()).expect("a readable file"));
        assert!(!read.contains("planted"), "{read}");
        assert!(!read.contains("hunter2"), "{read}");
    }
    let marked = r#"{"version":4,"resources":[{"mode":"managed","type":"aws_x","name":"n",
        "instances":[{"attributes":{"id":"i","name":"SECRET","tags":{"a":"SECRET"}},
        "sensitive_attributes":[[{"type":"get_attr","value":"name"}],
        [{"type":"get_attr","value":"tags"},{"type":"index","value":"a"}]]}]}]}"#;
    assert!(!format!("{:?}", read(marked.as_bytes())).contains("SECRET"));
    let marked = r#"{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a.b",
        "mode":"managed","type":"aws_x","name":"b","values":{"id":"i","name":"SECRET","tags":
        {"a":"SECRET"}},"sensitive_values":{"name":true,"tags":{"a":true}}}]}}}"#;
    assert!(!format!("{:?}", read(marked.as_bytes())).contains("SECRET"));
    let random = r#"{"version":4,"resources":[{"mode":"managed","type":"random_string","name":"n",
        "instances":[{"attributes":{"id":"SECRET","result":"SECRET"}}]}]}"#;
    assert!(!format!("{:?}", read(random.as_bytes())).contains("SECRET"));
}

#[test]
fn references_are_followed_through_modules_and_data_sources() {
    let plan = r#"{"format_version":"1.2",
      "planned_values":{"root_module":{"resources":[
        {"address":"aws_a.a","mode":"managed","type":"aws_a","name":"a","values":{}},
        {"address":"aws_c.c","mode":"managed","type":"aws_c","name":"c","values":{}}],
       "child_modules":[{"address":"module.m[\"k\"]","resources":[
        {"address":"module.m[\"k\"].aws_b.b","mode":"managed","type":"aws_b","name":"b",
         "index":0,"values":{}}]}]}},
      "configuration":{"root_module":{
        "resources":[{"mode":"managed","type":"aws_a","name":"a"},
          {"mode":"managed","type":"aws_c","name":"c","expressions":{"x":[{"y":
            {"references":["module.m[\"k\"].out","module.m[\"k\"]","module.m"]}}]}}],
        "module_calls":{"m":{"expressions":{"v":{"references":["data.aws_d.d.json"]}},"module":{
          "outputs":{"out":{"expression":{"references":["aws_b.b[0].arn","aws_b.b[0]","aws_b.b"]}}},
          "resources":[{"mode":"managed","type":"aws_b","name":"b","expressions":{
            "z":{"references":["var.v"]},"s":{"constant_value":{"references":["aws_c.c"]}}}},
            {"mode":"managed","type":"aws_u","name":"unused"}]}}}}}}"#
        .replace(
            r#"{"mode":"managed","type":"aws_a","name":"a"},"#,
            r#"{"mode":"managed","type":"aws_a","name":"a"},
               {"mode":"data","type":"aws_d","name":"d","expressions":{"q":
                 {"references":["aws_a.a.id","aws_a.a","data.aws_d.d"]}}},"#,
        );
    insta::assert_snapshot!(listed(&plan), @r#"
    ShownPlan: 3 resources, 0 data sources, 0 deposed
    aws_a.a () <- 
    aws_c.c () <- module.m.aws_b.b
    module.m["k"].aws_b.b[0] () <- aws_a.a
    "#);
}

#[test]
fn a_plan_keeps_the_ids_that_it_does_not_know() {
    let plan = r#"{"format_version":"1.2","planned_values":{"root_module":{"resources":[
        {"address":"aws_a.changed","mode":"managed","type":"aws_a","name":"changed","values":{"name":"n"}},
        {"address":"aws_a.new","mode":"managed","type":"aws_a","name":"new","values":{"name":"x"}}]}},
      "resource_changes":[
        {"address":"aws_a.changed","type":"aws_a","change":{"actions":["update"],"before":{"id":"i","arn":"arn:x"}}},
        {"address":"aws_a.new","type":"aws_a","change":{"actions":["create"],"before":null}},
        {"address":"aws_a.gone","type":"aws_a","change":{"actions":["delete"],"before":{"id":"g"}}}]}"#;
    let read = read(plan.as_bytes()).expect("a plan");
    let ids: Vec<_> = read
        .resources
        .iter()
        .map(|r| (r.name.raw(), r.id.as_ref().map(|i| i.raw()), r.pending))
        .collect();
    assert_eq!(ids, [("changed", Some("i"), false), ("new", None, true)]);
}

#[test]
fn the_form_is_told_from_the_content() {
    for (text, expected) in [
        (SHOP, Format::StateV4),
        (SHOP_V3, Format::StateV3),
        (BUILTIN_STATE, Format::ShownState),
        (BUILTIN_PLAN, Format::ShownPlan),
        (r#"{"format_version":"1.0"}"#, Format::ShownState),
        (
            r#"{"version":3,"deployment":{"resources":[]}}"#,
            Format::PulumiStack,
        ),
        (
            r#"{"version":3,"deployment":{"manifest":{"version":"v3.1"}}}"#,
            Format::PulumiStack,
        ),
        (r#"{"StackResources":[]}"#, Format::StackResources),
        (r#"{"StackResourceSummaries":[]}"#, Format::StackResources),
        (
            r#"{"version":4,"serial":1,"resources":[]}"#,
            Format::StateV4,
        ),
        (
            r#"{"version":4,"serial":1,"resources":null}"#,
            Format::StateV4,
        ),
    ] {
        assert_eq!(detect(text.as_bytes()), Ok(expected));
        assert!(read(text.as_bytes()).is_ok());
    }
}

#[test]
fn windows_encodings_are_read() {
    let expected = read(SHOP.as_bytes()).expect("a state");
    let little: Vec<u8> = SHOP.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = SHOP.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        [b"\xef\xbb\xbf", SHOP.as_bytes()].concat(),
        [b"\xff\xfe", little.as_slice()].concat(),
        [b"\xfe\xff", big.as_slice()].concat(),
        little,
        big,
    ] {
        assert_eq!(read(&bytes).as_ref(), Ok(&expected));
    }
}

#[test]
fn what_cannot_be_read_says_what_it_is() {
    let deep = format!(
        r#"{{"version":4,"serial":1,"resources":[{{"type":"a","name":"b","instances":[
        {{"index_key":{}{}}}]}}]}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    let cases: Vec<(&[u8], &str)> = vec![
        (b"", "empty"),
        (b"\xff\xfe \0\n\0", "blank in UTF-16"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"PK\x03\x04rest", "saved plan"),
        (b"\xff\xff\xff", "binary"),
        (b"resource \"aws_x\" \"y\" {}", "HCL"),
        (b"[1]", "list"),
        (b"{}", "empty object"),
        (b"{\"version\":4,\"serial\":1,\"resources\":[{]}", "syntax"),
        (b"{\"version\":4,\"serial\":1,\"resources\":[{\"name\":\"a\"}]}", "no type"),
        (b"{\"version\":4,\"serial\":1,\"resources\":\"x\"}", "wrong type"),
        (deep.as_bytes(), "deep"),
        (b"{\"version\":1,\"serial\":1}", "version 1"),
        (b"{\"version\":2,\"serial\":1}", "version 2"),
        (b"{\"version\":5,\"serial\":1}", "version 5"),
        (b"{\"format_version\":\"2.0\",\"values\":{}}", "format 2"),
        (b"{\"version\":9,\"deployment\":{}}", "export 9"),
        (b"{\"serial\":3,\"lineage\":\"x\",\"meta\":{},\"encrypted_data\":\"e30=\",\"encryption_version\":\"v0\"}", "encrypted"),
        (b"{\"version\":3,\"serial\":1,\"backend\":{\"type\":\"s3\"},\"modules\":[{\"path\":[\"root\"]}]}", "backend"),
        (b"{\"AWSTemplateFormatVersion\":\"2010-09-09\"}", "cloudformation"),
        (b"{\"url\":{\"sensitive\":false,\"type\":\"string\",\"value\":\"x\"}}", "outputs"),
        (b"{\"resource\":{\"aws_sqs_queue\":{}},\"terraform\":{}}", "CDK"),
        (b"{\"@level\":\"info\"}\n{\"@level\":\"info\"}", "log"),
        (b"{\"format_version\":\"1.0\",\"provider_schemas\":{}}", "schemas"),
        (b"{\"format_version\":\"1.0\",\"valid\":true}", "validate"),
    ];
    let said: Vec<String> = cases
        .into_iter()
        .map(|(bytes, name)| format!("{name}: {}", read(bytes).expect_err(name)))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn unknown_tools_are_named() {
    assert_eq!(tool("opentofu").map(|t| t.name()), Ok("opentofu"));
    let error = tool("pulumi").map(|t| t.name()).expect_err("no reader");
    insta::assert_snapshot!(error, @r#"there is no reader for "pulumi" yet; supported are terraform and opentofu"#);
}

#[test]
fn a_plan_that_asks_for_too_much_is_refused() {
    let names: Vec<String> = (0..3000).map(|n| format!(r#""aws_a.r{n}""#)).collect();
    let all = names.join(",");
    let resources: Vec<String> = (0..3000)
        .map(|n| {
            format!(
                r#"{{"mode":"managed","type":"aws_a","name":"r{n}","expressions":{{"x":{{"references":["var.all"]}}}}}}"#
            )
        })
        .collect();
    let plan = format!(
        r#"{{"format_version":"1.2","configuration":{{"root_module":{{"module_calls":{{"m":{{
        "expressions":{{"all":{{"references":["data.aws_d.d"]}}}},"module":{{"resources":[{}]}}}}}},
        "resources":[{{"mode":"data","type":"aws_d","name":"d","expressions":{{"x":{{"references":[{all}]}}}}}}]}}}}}}"#,
        resources.join(",")
    );
    assert_eq!(read(plan.as_bytes()), Err(IacError::TooManyReferences));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn mutated_files_never_panic(
        which in 0..ALL.len(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..40_usize), 1..6),
    ) {
        let mut bytes = ALL[which].as_bytes().to_vec();
        for (at, byte, remove) in cuts {
            let at = at.index(bytes.len());
            let end = (at + remove).min(bytes.len());
            bytes.splice(at..end, [byte]);
        }
        let _ = read(&bytes);
    }

    #[test]
    fn swapped_values_never_panic(
        which in 0..ALL.len(),
        swaps in proptest::collection::vec((any::<prop::sample::Index>(), 0..7_usize), 1..6),
    ) {
        let mut value: serde_json::Value = serde_json::from_str(ALL[which]).expect("JSON");
        for (at, new) in swaps {
            let mut pointers = Vec::new();
            collect(&value, String::new(), &mut pointers);
            let pointer = at.get(&pointers).clone();
            let new = [
                serde_json::json!(null), serde_json::json!(-1), serde_json::json!("x"),
                serde_json::json!([[]]), serde_json::json!({"a": {}}), serde_json::json!(1.5e300),
                serde_json::json!(true),
            ][new].clone();
            if let Some(place) = value.pointer_mut(&pointer) {
                *place = new;
            }
        }
        let _ = read(value.to_string().as_bytes());
    }
}

fn collect(value: &serde_json::Value, at: String, pointers: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{at}/{key}"), pointers);
            }
        }
        serde_json::Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                collect(value, format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}

const PULUMI: &str = include_str!("../../tests/data/iac/shop-pulumi.json");
const STACK: &str = include_str!("../../tests/data/iac/shop-stack.json");

#[test]
fn other_tools_name_the_same_things() {
    let shown = |text: &str| {
        let inventory = read(text.as_bytes()).expect("it is readable");
        let all = inventory.resources.iter().map(|one| {
            let id = one.arn.as_ref().or(one.id.as_ref()).map(|id| id.raw());
            let id = id.unwrap_or_default().to_owned();
            (one.resource_type.clone(), one.name.raw().to_owned(), id)
        });
        let all: Vec<_> = all.collect();
        (all, inventory.deposed, inventory.data_sources)
    };
    let row = |kind: &str, name: &str, id: &str| (kind.to_owned(), name.to_owned(), id.to_owned());
    let (pulumi, deposed, read_only) = shown(PULUMI);
    assert_eq!(
        pulumi,
        [
            row(
                "aws_sqs_queue",
                "jobs",
                "arn:aws:sqs:eu-west-1:123456789012:jobs-1a2b"
            ),
            row(
                "aws_lambda_function",
                "worker",
                "arn:aws:lambda:eu-west-1:123456789012:function:worker-3c4d"
            ),
            row(
                "aws_db_instance",
                "db",
                "arn:aws:rds:eu-west-1:123456789012:db:shop"
            ),
        ]
    );
    assert_eq!((deposed, read_only), (1, 1));
    let (stack, ..) = shown(STACK);
    assert_eq!(
        stack,
        [
            row(
                "aws_sqs_queue",
                "Jobs",
                "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-Jobs-1A2B"
            ),
            row("aws_lambda_function", "Worker", "shop-Worker-3C4D"),
            row(
                "aws_sns_topic",
                "Alerts",
                "arn:aws:sns:eu-west-1:123456789012:shop-Alerts"
            ),
            row("AWS::CDK::Metadata", "CDKMetadata", "0815"),
        ]
    );
}

#[test]
fn secrets_of_other_tools_stay_where_they_are() {
    let inventory = read(PULUMI.as_bytes()).expect("it is readable");
    assert!(!format!("{inventory:?}").contains("planted"));
}
