//! Kind files, good and bad.

use super::*;
use crate::catalog::registry::{DataError, Registry};

const GOOD: &str = r#"id = "topic"
title = "SNS topic"
plural = "SNS topics"
console_url = "https://{region}.console.aws.amazon.com/sns/v3/home#/topic/{arn}"
namespace = "AWS/SNS"
idle_metric = "published"

[names]
terraform = ["aws_sns_topic"]
arn = "^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:(?P<name>[A-Za-z0-9_-]+)$"

[dimensions]
TopicName = "{name}"

[[metrics]]
id = "published"
metric = "NumberOfMessagesPublished"
stat = "Sum"
unit = "count"
when_absent = "zero"

[[metrics]]
id = "failed"
metric = "NumberOfNotificationsFailed"
stat = "Sum"
unit = "count"
when_absent = "zero"

[[slis]]
id = "error_rate_percent"
title = "failed deliveries"
value = "100 * failed / published"
unit = "percent"
target = 1.0
total = "published"
bad = "failed"

[[names.example]]
arn = "arn:aws:sns:eu-west-1:123456789012:orders"
gives = { name = "orders" }

[[names.example]]
arn = "arn:aws:sns:eu-west-1:123456789012:orders:1f"
fits = false

[[example]]
name = "one in ten is lost"
given = { published = 100, failed = 10 }
status = "DEGRADED"
values = { error_rate_percent = 10 }
verdicts = { error_rate_percent = "breach" }

[[example]]
name = "unreadable"
unreadable = ["metrics"]
status = "UNKNOWN"
"#;

fn parse(file: &str, text: &str) -> Result<CompiledKind, DataError> {
    let files = [(file.to_owned(), text.to_owned())];
    let kinds = Registry::<CompiledKind>::load(&files).map_err(|mut faults| faults.remove(0))?;
    Ok(kinds.get("topic").expect("it was read").clone())
}

#[test]
fn a_good_file_is_accepted() {
    let compiled = parse("kinds/topic.toml", GOOD).expect("a kind");
    assert_eq!(compiled.kind.slo_table(), "topic");
    assert_eq!(compiled.programs.slis.len(), 1);
}

#[test]
fn faults_are_named_with_their_place() {
    let cases = [
        ("id = \"topic\"", "id = \"Topic!\""),
        ("id = \"topic\"", "id = \"queue\""),
        ("title = \"SNS topic\"", "titel = \"SNS topic\""),
        ("title = \"SNS topic\"", "title = 7"),
        ("title = \"SNS topic\"", "title = \"<b>topic</b>\""),
        ("title = \"failed deliveries\"", "title = \"a\\u001b[31m\""),
        ("{arn}", "{topic}"),
        ("{arn}", "{arn"),
        ("namespace = \"AWS/SNS\"\n", ""),
        ("idle_metric = \"published\"", "idle_metric = \"publishd\""),
        ("[0-9]{12}:(", "[0-9]{12}:(("),
        ("^arn", "arn"),
        ("\"{name}\"", "\"{nam}\""),
        ("id = \"failed\"", "id = \"published\""),
        ("id = \"failed\"", "id = \"Failed\""),
        ("id = \"failed\"", "id = \"window_minutes\""),
        ("stat = \"Sum\"", "stat = \"sum\""),
        ("stat = \"Sum\"", "stat = \"p101\""),
        (
            "stat = \"Sum\"",
            "stat = \"Average\"\nweighted_by = \"calls\"",
        ),
        ("stat = \"Sum\"", "stat = \"Sum\"\nperiod_seconds = 90"),
        ("when_absent = \"zero\"", "when_absent = \"null\""),
        ("100 * failed / published", "100 * failures / published"),
        ("100 * failed / published", "100 * (failed / published"),
        ("100 * failed / published", "failed | abs"),
        ("total = \"published\"\n", ""),
        (
            "unit = \"percent\"",
            "unit = \"percent\"\nexplained_by = [\"latency\"]",
        ),
        (
            "unit = \"percent\"",
            "unit = \"percent\"\nsays = \"{lost} lost\"",
        ),
        ("id = \"failed\"", "id = \"metrics\""),
        ("012:orders\"", "012:orders:1f\""),
        ("012:orders:1f\"", "012:orders\""),
        ("{ name = \"orders\" }", "{ topic = \"orders\" }"),
        ("failed = 10 }", "lost = 10 }"),
        ("[\"metrics\"]", "[\"publised\"]"),
        ("{ error_rate_percent = 10", "{ error_rate = 10"),
        ("\"breach\"", "\"bad\""),
        ("\"DEGRADED\"", "\"DEGRADED\"\nstate = \"gone\""),
        ("\"unreadable\"", "\"one in ten is lost\""),
        (
            "[dimensions]",
            "[status]\noperations = [\"ListTopics\"]\n[dimensions]",
        ),
        (
            "[dimensions]",
            "[status]\noperations = [\"sns:ListTopics\"]\n\
             iam_actions = { \"sns:GetTopic\" = \"sns:Get\" }\n[dimensions]",
        ),
    ];
    let mut out = String::new();
    for (good, bad) in cases {
        assert!(GOOD.contains(good), "{good}");
        let text = GOOD.replacen(good, bad, 1);
        let fault = parse("kinds/topic.toml", &text).expect_err(bad);
        out.push_str(&format!("{}\n    {fault}\n", bad.replace('\n', " / ")));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn faults_of_a_table_of_states_have_their_place() {
    let table = "[status]\noperations = [\"sns:GetTopicAttributes\"]\nword = \"status\"\n\
        facts = { status = \"text\", lost = \"count\" }\nstates = [\n\
        { word = \"up\", means = \"healthy\", aws = \"it works\" },\n\
        { word = \"busy\", when = \"lost > 0\", means = \"degraded\", aws = \"it loses\", \
        says = \"{lost} lost\", cases = [{ lost = 3 }] },\n\
        ]\n[dimensions]";
    let good = GOOD.replacen("[dimensions]", table, 1);
    let compiled = parse("kinds/topic.toml", &good).expect("a kind");
    assert_eq!(compiled.programs.states.len(), 2);
    let cases = [
        ("status = \"text\"", "status = \"count\""),
        ("word = \"status\"\n", ""),
        ("\"healthy\"", "\"fine\""),
        ("word = \"busy\"", "word = \"up\""),
        ("lost > 0", "losst > 0"),
        ("lost > 0", "lost + 1"),
        ("cases = [{ lost = 3 }]", "cases = []"),
        ("{ lost = 3 }", "{ failed = 3 }"),
        ("{ lost = 3 }", "{ lost = \\\"three\\\" }"),
        ("{lost} lost", "{gone} lost"),
        ("it works", "it works | or not"),
        ("it works", ""),
    ];
    let mut out = String::new();
    for (right, wrong) in cases {
        let wrong = wrong.replace("\\\"", "\"");
        assert!(good.contains(right), "{right}");
        let text = good.replacen(right, &wrong, 1);
        let fault = parse("kinds/topic.toml", &text).expect_err(&wrong);
        out.push_str(&format!("{}\n    {fault}\n", wrong.replace('\n', " / ")));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_metric_exists_where_facts_say() {
    let with = |when: &str| {
        let status = "[status]\noperations = [\"sns:GetTopicAttributes\"]\n\
            facts = { engine = \"text\" }\n[dimensions]";
        let metric = format!("metric = \"NumberOfNotificationsFailed\"\nexists_when = '{when}'");
        let text = GOOD.replacen("[dimensions]", status, 1);
        text.replacen("metric = \"NumberOfNotificationsFailed\"", &metric, 1)
    };
    let good = parse("kinds/topic.toml", &with("engine == \"fifo\"")).expect("a kind");
    assert_eq!(good.programs.metrics.iter().flatten().count(), 1);
    let fault = parse("kinds/topic.toml", &with("published > 0")).expect_err("a metric");
    assert!(fault.to_string().contains("published"), "{fault}");
}
