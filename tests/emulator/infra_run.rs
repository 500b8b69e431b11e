//! `infra run`: the whole chain, with a real Terraform, to an emulator.

use serde_json::{Value, json};

use crate::infra_story::Stage;

const RUN: &str = "fractary infra run --feature 'user uploads' --env test";

/// The stages of a run with what came of each.
fn stages(stage: &Stage, line: &str, code: i32) -> Vec<(String, String)> {
    let (output, ended) = stage.run(&format!("{line} --format json 2>said.txt"));
    let (said, _) = stage.run("cat said.txt; rm said.txt");
    assert_eq!(ended, code, "{output}\n{said}");
    let report: Value = serde_json::from_str(&output).expect("one document");
    assert_eq!(report["kind"], "infra-run");
    let all = report["stages"].as_array().expect("stages").iter();
    let text = |value: &Value| value.as_str().expect("a word").to_owned();
    all.map(|one| (text(&one["stage"]), text(&one["outcome"])))
        .collect()
}

fn expected(outcomes: [&str; 7]) -> Vec<(String, String)> {
    let names = [
        "architect",
        "engineer",
        "validate",
        "test",
        "preview",
        "deploy",
        "verify",
    ];
    let pairs = names.into_iter().zip(outcomes);
    pairs
        .map(|(name, outcome)| (name.to_owned(), outcome.to_owned()))
        .collect()
}

#[test]
fn the_chain_stops_for_consent_and_goes_on() {
    let Some(stage) = Stage::new() else { return };
    let first = stages(&stage, RUN, 4);
    let done = "done";
    assert_eq!(
        first,
        expected([done, done, done, done, done, "refused", "not_reached"])
    );
    let buckets = || {
        let listed = stage.ask("s3", "list_buckets", json!({}));
        listed["Buckets"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(buckets(), 0);
    // Nothing has changed: what was done is not done again.
    let same = "unchanged";
    let second = stages(&stage, &format!("{RUN} --yes"), 0);
    assert_eq!(second, expected([same, same, same, same, same, done, done]));
    assert_eq!(buckets(), 2);
    let third = stages(&stage, &format!("{RUN} --yes"), 0);
    assert_eq!(third[5].1, same, "everything is as configured");
    assert_eq!(third[6].1, done);
    // A fault in the code is where the next run stops.
    let (_, code) = stage.run("echo 'resource \"aws_s3_bucket\" \"x\" { buckit = 1 }' >infra/x.tf");
    assert_eq!(code, 0);
    let broken = stages(&stage, &format!("{RUN} --to preview"), 1);
    assert_eq!(broken[2], ("validate".to_owned(), "failed".to_owned()));
    assert_eq!(broken[4].1, "not_reached");
}
