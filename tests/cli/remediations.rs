//! The log of remediations over months and versions.

use serde_json::{Value, json};

use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;

const LOGS: &str = ".fractary/plugins/helm-cloud/remediations/test";
const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "test": { "name": "test", "account_id": "123456789012", "region": "us-east-1" }
  }
}
"#;

/// A log of one entry, written before logs kept what code would have to say.
fn log(id: &str, at: &str, plan: &Value) -> String {
    let zeros = "0".repeat(64);
    let entry = json!({
        "seq": 1, "id": id, "at": at, "prev": zeros, "hash": zeros,
        "environment": "test", "outcome": "unverified", "resource": "orders-api",
        "kind": "lambda", "arn": "arn:aws:lambda:us-east-1:123456789012:function:orders-api",
        "action": "raise_lambda_memory", "safety": "confirm", "applied_at": at,
        "consent": { "by": "Ada", "how": "typed", "at": at }, "plan": plan,
        "drift_expected": { "address": "aws_lambda_function.api", "attribute": "memory_size" },
    });
    let log = json!({
        "version": "1.0.0", "head": { "seq": 1, "hash": zeros }, "entries": [entry],
    });
    format!("{log:#}\n")
}

/// A repository with the logs of three months.
fn three_months(plan: &Value) -> Repo {
    let path = |name: &str| format!("{LOGS}/{name}");
    let january = log("r-20260105-100000-00000001", "2026-01-05T10:00:00Z", plan);
    let february = log("r-20260205-100000-00000002", "2026-02-05T10:00:00Z", plan);
    let march = log("r-20260305-100000-00000003", "2026-03-05T10:00:00Z", plan);
    Repo::new(&[
        (".fractary/shared/environments.json", ENVIRONMENTS),
        (&path("remediation-log.2026-01.json"), &january),
        (&path("remediation-log.2026-02.json"), &february),
        (&path("remediation-log.json"), &march),
    ])
}

fn remediate(repo: &Repo, arguments: &[&str]) -> Outcome {
    let run = Fractary::in_repo(repo).args(["remediate"]);
    run.args(arguments).run()
}

#[test]
fn what_is_older_than_the_newest_logs_is_found_by_its_id() {
    let plan = json!({ "from": "128 MB", "to": "512 MB", "impact": "none", "facts_hash": "0" });
    let repo = three_months(&plan);
    let history = remediate(&repo, &["--history"]).exits(0);
    assert!(history.stdout.contains("r-20260205-100000-00000002"));
    assert!(!history.stdout.contains("r-20260105"));
    let older = "older remediations are in 1 archive beside the log";
    assert!(history.stderr.contains(older), "{}", history.stderr);
    // What the code would have to say is not known, which is not that there is nothing.
    let patch = remediate(&repo, &["--patch", "r-20260105"]).exits(3);
    for said in [
        "is not in the record of r-20260105-100000-00000001",
        "by hand: memory_size of aws_lambda_function.api, from 128 MB to 512 MB",
    ] {
        assert!(patch.stderr.contains(said), "{}", patch.stderr);
    }
    let none = remediate(&repo, &["--patch", "r-20251205"]).exits(2);
    assert!(none.stderr.contains("no remediation `r-20251205`"));
}

#[test]
fn entries_of_another_version_are_not_nothing() {
    let repo = three_months(&json!({ "was": "128 MB" }));
    let history = remediate(&repo, &["--history"]).exits(0);
    assert_eq!(history.stdout, "");
    let said = "2 entries of the log not shown: written by another version, or edited";
    assert!(history.stderr.contains(said), "{}", history.stderr);
}
