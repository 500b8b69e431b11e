//! The cost of a check grows with pages, not with resources.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::emulator;
use crate::support::proxy::Proxy;
use crate::world::{self, NOW};

/// Metrics that the Lambda kind asks for.
const METRICS_PER_FUNCTION: u64 = 7;

/// Functions of a region whose state is asked for in one run, however many there are.
const ASKED: u64 = 100;

/// The region of the functions, and those in which they may run at the edge.
const REGIONS: u64 = 13;

#[test]
fn a_thousand_functions_cost_as_many_calls_as_there_are_pages() {
    const FUNCTIONS: u64 = 1_000;
    const ALARMS: u64 = 150;
    let emulator = emulator::ministack();
    let mut steps = vec![json!({ "do": "functions", "prefix": "many", "count": FUNCTIONS })];
    for number in 0..ALARMS {
        steps.push(json!({
            "do": "alarm", "name": format!("errors-{number:03}"), "namespace": "AWS/Lambda", "metric": "Errors",
            "dimensions": { "FunctionName": format!("many-{number:04}") }, "state": "OK",
        }));
    }
    let made = emulator.seed(&steps);
    let arns = made[0]["arns"]
        .as_array()
        .expect("seeding answers with ARNs");
    let entries: Vec<_> = arns
        .iter()
        .enumerate()
        .map(|(number, arn)| json!({ "type": "aws_lambda_function", "aws_id": format!("many-{number:04}"), "arn": arn }))
        .collect();
    let repo = world::with_registry(
        &json!({ "version": "1.0.0", "environment": "test", "resources": entries }),
    );
    let proxy = Proxy::start(emulator.address());
    let outcome = world::fractary(
        &repo,
        &proxy.url(),
        NOW,
        &["health", "--format", "json", "--timeout", "300s"],
    )
    .run()
    .exits(3);
    let pages = BTreeMap::from([
        ("cloudwatch:DescribeAlarms".to_owned(), ALARMS.div_ceil(100)),
        (
            "cloudwatch:GetMetricData".to_owned(),
            (FUNCTIONS * METRICS_PER_FUNCTION).div_ceil(500),
        ),
        ("cloudwatch:ListMetrics".to_owned(), REGIONS),
        ("lambda:GetFunctionConcurrency".to_owned(), ASKED),
        ("lambda:GetFunctionConfiguration".to_owned(), ASKED),
        ("lambda:ListFunctions".to_owned(), FUNCTIONS.div_ceil(50)),
        ("sts:GetCallerIdentity".to_owned(), 1),
    ]);
    assert_eq!(proxy.counts(), pages);
    let report = outcome.json();
    assert_eq!(report["api"]["calls"], pages.values().sum::<u64>());
    assert_eq!(report["api"]["by_operation"], json!(pages));
    // Nobody calls them, so what was not asked for waits for its turn (decision 0006).
    assert_eq!(report["resources"]["healthy"], ASKED);
    assert_eq!(report["resources"]["unknown"], FUNCTIONS - ASKED);
}
