use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;

#[test]
fn what_is_written_is_aligned_as_terraform_does() {
    let text = r#"resource "aws_s3_bucket" "b" {
bucket = "x-${var.environment}"
force_destroy = false
tags = {
  a = 1
  "long-key" = [1, 2]
}
policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow" }] })
rule {
id = "a"
}
}
variable "environment" { type = string }
"#;
    let want = r#"resource "aws_s3_bucket" "b" {
  bucket        = "x-${var.environment}"
  force_destroy = false
  tags = {
    a          = 1
    "long-key" = [1, 2]
  }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
    }]
  })

  rule {
    id = "a"
  }
}

variable "environment" {
  type = string
}
"#;
    let items = parse_body(text).expect("HCL");
    assert_eq!(print(&items), want);
    // Written and read again, nothing has changed.
    let again = parse_body(want).expect("HCL");
    assert_eq!(print(&again), want);
}

#[test]
fn texts_are_escaped() {
    let odd = "a\"b\\c\n${d} %{e} $f \u{1}";
    let items = [Item::attribute("a", odd)];
    let text = print(&items);
    assert_eq!(text, "a = \"a\\\"b\\\\c\\n$${d} %%{e} $f \\u0001\"\n");
    assert_eq!(parse_body(&text).expect("HCL"), items);
}

#[test]
fn what_cannot_be_known_is_unknown() {
    let scope = Scope {
        variables: BTreeMap::from([("env".to_owned(), json!("test"))]),
        locals: BTreeMap::from([
            (
                "a".to_owned(),
                parse_expression("\"x-${var.env}\"").expect("HCL"),
            ),
            (
                "loop".to_owned(),
                parse_expression("local.loop").expect("HCL"),
            ),
        ]),
    };
    for (text, want) in [
        ("local.a", Some(json!("x-test"))),
        ("local.loop", None),
        ("var.other", None),
        ("aws_s3_bucket.b.id", None),
        ("\"${aws_s3_bucket.b.id}/*\"", None),
        ("var.env == \"test\" ? 1 : 2", Some(json!(1))),
        ("var.other == \"test\" ? 1 : 1", None),
        ("jsonencode({ a = [true] })", Some(json!("{\"a\":[true]}"))),
        ("[for x in [1] : x]", None),
        ("!true", Some(json!(false))),
        ("tostring(5) == \"5\"", Some(json!(true))),
        ("tonumber(\"5\") == 5", Some(json!(true))),
        ("tonumber(\"five\")", None),
    ] {
        let expr = parse_expression(text).expect("HCL");
        assert_eq!(scope.known(&expr), want, "{text}");
    }
}

/// Locals that are each made of the one before.
fn levels(first: &str, next: impl Fn(&str) -> String) -> Scope {
    let written = |text: &str| parse_expression(text).expect("HCL");
    let made = (1..20).map(|at| (format!("l{at}"), next(&format!("local.l{}", at - 1))));
    let all = [("l0".to_owned(), first.to_owned())]
        .into_iter()
        .chain(made);
    Scope {
        variables: BTreeMap::from([("long".to_owned(), json!("x".repeat(100_000)))]),
        locals: all.map(|(name, text)| (name, written(&text))).collect(),
    }
}

#[test]
fn what_grows_without_end_is_unknown() {
    let lists = levels("1", |below| format!("[{below}, {below}, {below}, {below}]"));
    let texts = levels("\"x\"", |below| format!("\"${{{below}}}${{{below}}}\""));
    let quotes = format!("\"{}\"", "\\\\".repeat(1000));
    let quoted = levels(&quotes, |below| format!("jsonencode({below})"));
    let long = format!("[{}]", vec!["var.long"; 50].join(", "));
    for (scope, text, is_known) in [
        (&lists, "local.l3", true),
        (&lists, "local.l15", false),
        // What one evaluation takes is not missing in the next.
        (&lists, "local.l1", true),
        (&texts, "local.l3", true),
        (&texts, "local.l15", false),
        (&quoted, "local.l3", true),
        (&quoted, "local.l15", false),
        (&lists, "var.long", true),
        (&lists, long.as_str(), false),
    ] {
        let expr = parse_expression(text).expect("HCL");
        assert_eq!(scope.known(&expr).is_some(), is_known, "{text}");
    }
}

#[test]
fn a_configuration_becomes_a_plan() {
    let text = "resource \"aws_sqs_queue\" \"q\" {\n  count = 2\n  name = \"a-${var.e}\"\n  kms_master_key_id = aws_kms_key.k.arn\n  lifecycle {\n    prevent_destroy = true\n  }\n  x {\n    y = 1\n  }\n}\n";
    let items = parse_body(text).expect("HCL");
    let blocks: Vec<&Block> = items.iter().filter_map(Item::as_block).collect();
    let scope = plan::scope(&blocks, &BTreeMap::from([("e".to_owned(), json!("t"))]));
    let computed = |_: &str| BTreeSet::from(["arn".to_owned(), "name".to_owned()]);
    let made = plan::plan(&blocks, &scope, &computed);
    let changes = made["resource_changes"].as_array().expect("a list");
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1]["address"], "aws_sqs_queue.q[1]");
    // A variable that is not declared has no value, whatever was given.
    assert_eq!(
        changes[0]["change"],
        json!({
            "actions": ["create"], "before": null, "after": { "x": [{ "y": 1 }] },
            "after_unknown": { "arn": true, "name": true, "kms_master_key_id": true, "x": [{ "y": false }] },
        })
    );
    let expressions = &made["configuration"]["root_module"]["resources"][0]["expressions"];
    assert_eq!(
        expressions["kms_master_key_id"],
        json!({ "references": ["aws_kms_key.k.arn", "aws_kms_key.k"] })
    );
}
