//! Plans as large as real ones get: many queues with policies, half of them changed.

use std::fmt::Write as _;

use fractary::iac::plan;
use fractary::model::plan::PlanCounts;

use crate::measure::Bench;

/// A plan with so many resources: some 2.4 KB each.
fn text(resources: usize) -> String {
    let mut out = String::from(
        r#"{"format_version":"1.2","terraform_version":"1.15.5","complete":true,"planned_values":{},"resource_changes":["#,
    );
    for n in 0..resources {
        let action = ["no-op", "update", "create"][n % 3];
        let policy = format!(
            r#"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[\"sqs:SendMessage\"],\"Resource\":\"arn:aws:sqs:eu-west-1:111122223333:queue-{n}\"}}]}}"#
        );
        let values = |delay: usize| {
            format!(
                r#"{{"name":"queue-{n}","delay_seconds":{delay},"policy":"{policy}","tags":{{"team":"orders","number":"{n}"}},"description":"{}"}}"#,
                "plain words of a description ".repeat(20)
            )
        };
        let before = if action == "create" {
            "null".to_owned()
        } else {
            values(1)
        };
        let after = values(if action == "update" { 2 } else { 1 });
        let comma = if n == 0 { "" } else { "," };
        let _ = write!(
            out,
            r#"{comma}{{"address":"aws_sqs_queue.q[{n}]","mode":"managed","type":"aws_sqs_queue","name":"q","index":{n},"change":{{"actions":["{action}"],"before":{before},"after":{after},"after_unknown":{{}},"before_sensitive":{{}},"after_sensitive":{{"tags":{{}}}}}}}}"#
        );
    }
    out.push_str("]}");
    out
}

pub(crate) fn rows(bench: &Bench) {
    for resources in bench.sizes([2_000, 32_000]) {
        let text = text(resources);
        let megabytes = text.len() / 1_000_000;
        bench.row(
            &format!("read a plan, {resources} resources, {megabytes} MB"),
            resources,
            "resource",
            || {
                let read = plan::read(&text).expect("a plan");
                PlanCounts::new(&read)
            },
        );
    }
}
