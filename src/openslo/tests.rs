use crate::catalog::Catalog;
use crate::model::resource::Resource;

use super::*;

const FILE: &str = r#"# Service levels of the shop.
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: metrics
spec:
  type: CloudWatch
---
apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: {}
---
apiVersion: openslo/v1
kind: SLI
metadata:
  name: api-errors
spec:
  ratioMetric:
    counter: true
    bad:
      metricSource:
        metricSourceRef: metrics
        spec: { namespace: AWS/Lambda, metricName: Errors, dimensions: { FunctionName: orders-api } }
    total:
      metricSource:
        metricSourceRef: metrics
        spec:
          namespace: AWS/Lambda
          metricName: Invocations
          stat: Sum
          dimensions:
            - { name: FunctionName, value: orders-api }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: api-availability }
spec:
  service: shop
  indicatorRef: api-errors
  timeWindow:
    - { duration: 4w, isRolling: true }
  budgetingMethod: Occurrences
  objectives:
    - target: 0.995
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: api-latency }
spec:
  indicator:
    metadata: { name: p95 }
    spec:
      thresholdMetric:
        metricSource:
          type: CloudWatch
          spec: { namespace: AWS/Lambda, metricName: Duration, stat: p95, dimensions: { FunctionName: orders-api } }
  timeWindow:
    - { duration: 1M, isRolling: false }
  budgetingMethod: Timeslices
  objectives:
    - { op: lte, value: 400, target: 0.99 }
  alertPolicies:
    - burn
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: prometheus }
spec:
  indicator:
    spec:
      thresholdMetric:
        metricSource: { type: Prometheus, spec: { query: up } }
  objectives:
    - { op: gte, value: 1 }
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: burn }
spec: {}
"#;

fn function(name: &str) -> Resource {
    serde_json::from_value(serde_json::json!({
        "kind": "lambda", "resource_type": "aws_lambda_function", "name": name, "aws_id": name,
        "arn": format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}"),
        "region": "eu-central-1",
    }))
    .expect("a resource")
}

fn import(text: &str, by_arn: bool) -> Import {
    let catalog = Catalog::built_in().expect("the catalogue");
    let file = read(text.as_bytes()).expect("YAML");
    let known = Known {
        catalog: &catalog,
        resources: &[function("orders-api")],
        by_arn,
    };
    translate(&file, &known)
}

fn notes(import: &Import) -> Vec<String> {
    let notes = import.notes.iter();
    notes
        .map(|note| format!("{}: {:?}: {}", note.line, note.level, note.text.raw()))
        .collect()
}

#[test]
fn documents_become_service_levels_and_the_rest_is_named() {
    let found = import(FILE, false);
    let edits: Vec<_> = found
        .edits
        .iter()
        .map(|e| (e.resource.as_str(), e.sli.as_str(), e.target, e.window_days))
        .collect();
    assert_eq!(
        edits,
        [
            ("orders-api", "error_rate_percent", 0.5, Some(28)),
            ("orders-api", "p95_latency_ms", 400.0, None),
        ]
    );
    insta::assert_snapshot!(notes(&found).join("\n"));
    let by_arn = import(FILE, true);
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:orders-api";
    assert!(by_arn.edits.iter().all(|edit| edit.resource == arn));
}

/// An SLO on orders-api with one line replaced.
fn with(from: &str, to: &str) -> Import {
    let text = r#"apiVersion: openslo/v1
kind: SLO
metadata: { name: one }
spec:
  indicator:
    spec:
      ratioMetric:
        bad: { metricSource: { type: CloudWatch, spec: { namespace: AWS/Lambda, metricName: Errors, dimensions: { FunctionName: orders-api } } } }
        total: { metricSource: { type: CloudWatch, spec: { namespace: AWS/Lambda, metricName: Invocations, dimensions: { FunctionName: orders-api } } } }
  timeWindow: [ { duration: 30d, isRolling: true } ]
  objectives: [ { target: 0.999 } ]
"#;
    assert!(text.contains(from), "{from}");
    import(&text.replace(from, to), false)
}

#[test]
fn what_cannot_be_said_is_left_out_with_its_reason() {
    let kept = with("one", "one");
    assert_eq!((kept.edits.len(), kept.notes.len()), (1, 0));
    assert_eq!(kept.edits[0].target, 0.1);
    let cases = [
        ("openslo/v1", "openslo/v2alpha1", "not OpenSLO v1"),
        ("kind: SLO", "kind: SLOW", "which OpenSLO v1 has not"),
        ("        bad:", "        good:", "counts good events"),
        ("        total:", "        raw:", "no `total`"),
        (
            "metricName: Errors",
            "metricName: Throttles",
            "no kind has an indicator of",
        ),
        (
            "namespace: AWS/Lambda, metricName: I",
            "namespace: AWS/EC2, metricName: I",
            "different resources",
        ),
        (
            "AWS/Lambda",
            "Custom/App",
            "no kind has metrics in the namespace",
        ),
        ("type: CloudWatch", "type: Datadog", "only CloudWatch"),
        (
            "type: CloudWatch, ",
            "",
            "does not name the source of its metrics",
        ),
        ("metricName: Invocations, ", "", "names no `metricName`"),
        ("target: 0.999", "target: 1", "above 0 and below 1"),
        ("target: 0.999", "target: nan", "above 0 and below 1"),
        ("  objectives: [ { target: 0.999 } ]\n", "", "no objectives"),
        (
            ", dimensions: { FunctionName: orders-api }",
            "",
            "no dimensions",
        ),
        (
            "{ FunctionName: orders-api }",
            "{ Resource: x }",
            "is registered",
        ),
        (
            "  indicator:",
            "  indicatorRef: gone\n  unused:",
            "is not in this file",
        ),
        (
            "ratioMetric",
            "rawMetric",
            "neither a ratioMetric nor a thresholdMetric",
        ),
        (
            "spec:\n  indicator",
            "spek:\n  indicator",
            "it has no `spec`",
        ),
    ];
    for (from, to, why) in cases {
        let found = with(from, to);
        assert!(found.edits.is_empty(), "{to}: {:?}", found.edits);
        let notes = notes(&found);
        assert!(
            notes
                .iter()
                .any(|n| n.contains("LeftOut") && n.contains(why)),
            "{to}: {notes:?}"
        );
    }
    for (from, to, why) in [
        ("duration: 30d", "duration: 30m", "1 to 90 whole days"),
        ("duration: 30d", "duration: 400d", "1 to 90 whole days"),
        (
            "isRolling: true",
            "isRolling: false",
            "follows the calendar",
        ),
        (
            "{ target: 0.999 }",
            "{ target: 0.999 }, { target: 0.9 }",
            "first objective",
        ),
    ] {
        let found = with(from, to);
        assert_eq!(found.edits.len(), 1, "{to}");
        let notes = notes(&found);
        assert!(
            notes
                .iter()
                .any(|n| n.contains("Partly") && n.contains(why)),
            "{to}: {notes:?}"
        );
    }
    // Not registered, but its dimension is its name.
    assert_eq!(with("orders-api", "new-one").edits[0].resource, "new-one");
    // A percentage of bad events from a share of good ones, without noise.
    assert_eq!(
        with("target: 0.999", "targetPercent: 99.95").edits[0].target,
        0.05
    );
}

#[test]
fn hostile_files_are_refused_at_once() {
    let refused = |bytes: &[u8]| read(bytes).expect_err("refused").to_string();
    let deep = format!("a: {}", "[".repeat(100_000));
    assert!(
        refused(deep.as_bytes()).starts_with("line 1:"),
        "{}",
        refused(deep.as_bytes())
    );
    let flow = format!("a: {}{}", "[".repeat(40), "]".repeat(40));
    assert_eq!(
        refused(flow.as_bytes()),
        "line 1: nested more than 32 levels deep, which OpenSLO never is"
    );
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    assert!(refused(bomb.as_bytes()).starts_with("line 2: aliases"));
    assert!(refused(&vec![b' '; (1 << 20) + 1]).starts_with("it has 1048577 bytes"));
    let many = "- x\n".repeat(200_000);
    assert!(refused(many.as_bytes()).contains("more than 100,000 values"));
    assert_eq!(refused(b"a: 1\nb: \xff\n"), "line 2 is not UTF-8");
    assert!(refused(b"a: 1\na: 2\n").starts_with("line 2: this key is here twice"));
    assert!(refused(b"? [a]\n: 1\n").contains("a key must be a text"));
    assert!(refused(b"a: \"\n").starts_with("line "));
    assert!(read(b"").expect("nothing").documents.is_empty());
    for odd in ["- 1", "x", "~", "{}", "--- []\n--- {a: }", "\u{feff}a: 1"] {
        let found = import(odd, false);
        assert!(found.edits.is_empty(), "{odd}");
    }
}

#[test]
fn edits_leave_everything_else_as_it_was() {
    let edits = import(FILE, false).edits;
    let text = r#"# ours
[helm-cloud]
environments = [ "prod" ]   # only this

[slos]
window = "30d"

[slos.lambda]
error_rate_percent = 0.1 # all of them

[slos.resource."orders-api"]
# agreed with the shop
error_rate_percent = 0.2 # was 0.1
p95_latency_ms = { target = 200, unhealthy_at = 900 } # slow

[cost]
daily_budget_usd = 5.0
"#;
    let new = apply(text, &edits).expect("edited");
    insta::assert_snapshot!(new);
    assert_eq!(apply(&new, &edits).expect("edited"), new, "again");
    let fresh = apply("", &edits).expect("edited");
    insta::assert_snapshot!("edits_of_an_empty_file", fresh);
    for text in [text, &new, &fresh] {
        toml::from_str::<crate::model::monitoring::Monitoring>(text).expect("monitoring.toml");
    }
    // Dotted keys and inline tables are tables as well.
    for text in [
        "slos.resource.\"orders-api\".error_rate_percent = 0.2\n",
        "slos = { resource = { orders-api = { error_rate_percent = 0.2 } } }\n",
    ] {
        let new = apply(text, &edits).expect("edited");
        let read: crate::model::monitoring::Monitoring = toml::from_str(&new).expect("TOML");
        let level = read.slos.resource["orders-api"]["error_rate_percent"];
        assert_eq!(level.target, Some(0.5), "{new}");
        assert_eq!(level.window.map(|w| w.seconds), Some(28 * 86_400), "{new}");
    }
    assert!(apply("slos = 1", &edits).is_err());
    assert!(apply("[slos", &edits).is_err());
}

proptest::proptest! {
    #[test]
    fn no_file_panics(text in "[a-zS0-9:{}\\[\\]&*,'\"\n -]{0,200}") {
        if let Ok(file) = read(text.as_bytes()) {
            let catalog = Catalog::built_in().expect("the catalogue");
            let known = Known { catalog: &catalog, resources: &[], by_arn: false };
            drop(translate(&file, &known));
        }
    }
}
