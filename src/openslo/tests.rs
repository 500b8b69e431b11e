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
        ("target: 0.999", "target: 99.9", "above 0 and below 1"),
        (
            "target: 0.999",
            "targetPercent: 0.999",
            "from 1 to below 100",
        ),
        (
            "target: 0.999",
            "target: 0.999, targetPercent: 99.9",
            "both `target` and `targetPercent`",
        ),
        ("orders-api", "new-one", "`fractary adopt` registers"),
        (
            "        bad:",
            "        good: {}\n        bad:",
            "both `good` and `bad`",
        ),
        (
            "      ratioMetric:",
            "      thresholdMetric: {}\n      ratioMetric:",
            "both a ratioMetric and a thresholdMetric",
        ),
        (
            "  indicator:",
            "  indicatorRef: x\n  indicator:",
            "both an `indicator` and an `indicatorRef`",
        ),
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
        (
            "[ { duration: 30d, isRolling: true } ]",
            "{ duration: 30d }",
            "not a list with a window",
        ),
        ("duration: 30d", "length: 30d", "no `duration`"),
        (
            "isRolling: true }",
            "isRolling: true }, { duration: 7d }",
            "first timeWindow",
        ),
        (
            "  timeWindow:",
            "  owner: shop\n  timeWindow:",
            "\"owner\" of its spec",
        ),
        (
            "metricName: I",
            "period: 60, metricName: I",
            "\"period\" of its metric",
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
    // A percentage of bad events from a share of good ones, without noise.
    assert_eq!(
        with("target: 0.999", "targetPercent: 99.95").edits[0].target,
        0.05
    );
}

/// One SLO a target, all on the error rate of orders-api, as a sequence of objects.
fn sequence(slos: &[(&str, f64)]) -> String {
    let one = |(name, target): &(&str, f64)| {
        format!(
            r#"- apiVersion: openslo/v1
  kind: SLO
  metadata: {{ name: {name} }}
  spec:
    indicator:
      spec:
        ratioMetric:
          bad: {{ metricSource: {{ type: CloudWatch, spec: {{ namespace: AWS/Lambda, metricName: Errors, dimensions: {{ FunctionName: orders-api }} }} }} }}
          total: {{ metricSource: {{ type: CloudWatch, spec: {{ namespace: AWS/Lambda, metricName: Invocations, dimensions: {{ FunctionName: orders-api }} }} }} }}
    objectives: [ {{ target: {target} }} ]
"#
        )
    };
    slos.iter().map(one).collect()
}

#[test]
fn a_sequence_of_objects_is_read_as_its_documents() {
    let found = import(&sequence(&[("one", 0.995)]), false);
    assert_eq!(found.notes, []);
    assert_eq!(found.edits[0].target, 0.5);
    let windows: Vec<u8> = sequence(&[("one", 0.995)])
        .replace('\n', "\r\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        read(&[b"\xff\xfe", windows.as_slice()].concat())
            .expect("YAML")
            .documents
            .len(),
        1
    );
}

#[test]
fn nothing_overwrites_anything_in_silence() {
    // What says the same is taken once.
    let same = import(&sequence(&[("one", 0.99), ("two", 0.99)]), false);
    assert_eq!(same.edits.len(), 1);
    // What contradicts itself is not taken at all, and every one has its line.
    let found = import(
        &sequence(&[("one", 0.99), ("two", 0.999), ("three", 0.99)]),
        false,
    );
    assert_eq!(found.edits, []);
    // Names are unique.
    let twice = import(&sequence(&[("one", 0.99), ("one", 0.999)]), false);
    assert_eq!(twice.edits.len(), 1);
    let all = [notes(&same), notes(&found), notes(&twice)].concat();
    insta::assert_snapshot!(all.join("\n"), @r#"
    11: Noted: SLO "two" says the same as "one" at line 1
    1: LeftOut: SLO "one" is left out: error_rate_percent of "orders-api" has one target, and "two" (line 11), "three" (line 21) set another; keep one of them
    11: LeftOut: SLO "two" is left out: error_rate_percent of "orders-api" has one target, and "one" (line 1), "three" (line 21) set another; keep one of them
    21: LeftOut: SLO "three" is left out: error_rate_percent of "orders-api" has one target, and "one" (line 1), "two" (line 11) set another; keep one of them
    11: LeftOut: duplicate SLO "one": the first is at line 1
    "#);
    let doubled = FILE
        .replace("kind: Service", "kind: DataSource")
        .replace("name: shop }", "name: metrics }");
    let found = import(&doubled, false);
    let said = notes(&found).join("\n");
    assert!(
        said.contains("is in this file twice, at lines 2 and 9"),
        "{said}"
    );
    assert!(said.contains("duplicate DataSource \"metrics\""), "{said}");
}

#[test]
fn two_resources_with_the_same_dimensions_are_not_guessed_between() {
    let catalog = Catalog::built_in().expect("the catalogue");
    let mut other = function("orders-api");
    other.arn =
        crate::model::ids::Arn::new("arn:aws:lambda:us-east-1:123456789012:function:orders-api")
            .expect("an ARN");
    let file = read(sequence(&[("one", 0.99)]).as_bytes()).expect("YAML");
    let resources = [function("orders-api"), other];
    for (by_arn, edits) in [(true, 0), (false, 1)] {
        let known = Known {
            catalog: &catalog,
            resources: &resources,
            by_arn,
        };
        assert_eq!(translate(&file, &known).edits.len(), edits);
    }
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
