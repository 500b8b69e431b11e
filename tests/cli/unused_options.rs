//! A command refuses the options of all commands that it does not use, and takes the others.

use std::collections::BTreeMap;

use crate::demo::{END, Played};
use crate::support::fractary::Fractary;

/// A command line of every command that needs no network, without options.
const COMMANDS: [&[&str]; 31] = [
    &["demo"],
    &["init"],
    &["run"],
    &["merge-shards", "x"],
    &["shards"],
    &["dashboard"],
    &["health"],
    &["monitor", "list"],
    &["status"],
    &[
        "investigate",
        "--metrics",
        "x",
        "--target",
        "x",
        "--symptom",
        "latency",
    ],
    &["logs"],
    &["logs", "--file", "x"],
    &["performance"],
    &["performance", "--csv", "x"],
    &["escalate", "x"],
    &["issues"],
    &["issues", "show", "x"],
    &["issues", "resolve", "x", "--reason", "x"],
    &["slo"],
    &["slo", "import", "x"],
    &["audit"],
    &["prices"],
    &["adopt", "x"],
    &["check"],
    &["doctor"],
    &["iam-policy", "run"],
    &["permissions", "explain", "x"],
    &["permissions", "propose", "x"],
    &["completions", "bash"],
    &["merge-file", "x", "x", "x"],
    &["schema"],
];

/// The options that not every command uses.
const OPTIONS: [&[&str]; 9] = [
    &["--env", "prod"],
    &["--commit"],
    &["--write"],
    &["--dry-run"],
    &["--author", "A <a@example.org>"],
    &["--record", "recorded.json"],
    &["--timeout", "5s"],
    &["--fail-on", "high"],
    &["--alerts", "never"],
];

#[test]
fn what_is_not_used_is_refused() {
    let played = Played::new();
    let mut refused: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for command in COMMANDS {
        let line = command.join(" ");
        for option in OPTIONS {
            let all = [command, option].concat();
            let folder = tempfile::tempdir().expect("a folder");
            let run = Fractary::in_folder(folder.path(), folder.path())
                .without("AWS_ACCESS_KEY_ID")
                .args(&all)
                .run();
            let is_refused =
                run.stderr.contains("does not use `") || run.stderr.contains("this run makes none");
            let of_line = refused.entry(line.clone()).or_default();
            if is_refused {
                assert_eq!(run.code, 2, "{all:?}: {}", run.stderr);
                of_line.push(option[0]);
            }
        }
    }
    let table: String = refused
        .iter()
        .map(|(line, options)| format!("{line}: {}\n", options.join(" ")))
        .collect();
    insta::assert_snapshot!(table);
    let one = played
        .fractary(END, &["issues", "--fail-on", "high"])
        .run()
        .exits(2);
    insta::assert_snapshot!("refused", one.stderr);
}

#[test]
fn variables_are_for_the_commands_that_use_them() {
    let played = Played::new();
    played
        .fractary(END, &["issues"])
        .env("FRACTARY_FAIL_ON", "high")
        .env("FRACTARY_TIMEOUT", "5s")
        .env("FRACTARY_ALERTS", "never")
        .env("FRACTARY_ENV", "prod")
        .run()
        .exits(0);
}
