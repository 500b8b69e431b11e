//! `fractary audit --type cost`, on recorded bills.

use serde_json::{Value, json};

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const AT: &str = "2026-03-15T08:00:00Z";
const TOML: &str = ".fractary/plugins/helm-cloud/config/monitoring.toml";
const RECORDING: &str = "recording.json";
const SPENDING: &str = ".fractary/plugins/helm-cloud/audits/test/spending.json";
const SAVINGS: &str = ".fractary/plugins/helm-cloud/audits/test/savings.json";

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "test": { "name": "test", "requires_confirmation": false, "account_id": "123456789012", "region": "us-east-1" }
  }
}
"#;

const REGISTRY: &str = r#"{
  "version": "1.0.0",
  "environment": "test",
  "last_deployed": "2026-01-05T10:00:00Z",
  "resources": [
    {
      "type": "aws_lambda_function",
      "aws_id": "api-lambda",
      "arn": "arn:aws:lambda:us-east-1:123456789012:function:api-lambda",
      "console_url": "https://console.aws.amazon.com/",
      "created": "2026-01-05T10:00:00Z"
    }
  ]
}
"#;

const BUDGET: &str = "[helm-cloud]\nenvironments = [\"test\"]\n\n[cost]\nmonthly_budget_usd = 50\n";

/// Sixty days of these groups, each the same every day: keys and the amount of thirty days.
fn table(groups: &[([&str; 2], f64)]) -> Value {
    let rows: Vec<Value> = groups
        .iter()
        .map(|(keys, amount)| {
            let days = vec![amount / 30.0; 60];
            json!({
                "keys": keys, "unblended": days, "net_amortized": days,
                "usage": vec![1.0; 60], "usage_unit": "Requests",
            })
        })
        .collect();
    json!({
        "days": { "start": "2026-01-14", "end": "2026-03-15" },
        "estimated": vec![false; 60],
        "currency": "USD",
        "groups": rows,
    })
}

/// The types that rules are about, and more.
const TYPES: [&str; 14] = [
    "account",
    "aws_ami",
    "aws_cloudwatch_log_group",
    "aws_db_instance",
    "aws_dynamodb_table",
    "aws_ebs_snapshot",
    "aws_ebs_volume",
    "aws_eip",
    "aws_instance",
    "aws_lambda_function",
    "aws_lb",
    "aws_nat_gateway",
    "aws_rds_cluster",
    "aws_s3_bucket",
];

/// One large gp2 volume, and nothing else.
fn configuration() -> Value {
    let coverage: Vec<Value> = TYPES
        .iter()
        .map(|of| json!({ "resource_type": of, "region": "us-east-1", "extent": "complete" }))
        .collect();
    let facts = json!({
        "id": { "known": "vol-0123" },
        "type": { "known": "gp2" },
        "size": { "known": 2000.0 },
        "attached_to": { "known": "i-0123" },
        "created": { "known": { "time": "2025-01-01T00:00:00Z" } },
    });
    json!({
        "read_at": AT,
        "resources": [{
            "resource_type": "aws_ebs_volume",
            "arn": "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123",
            "name": "vol-0123", "region": "us-east-1", "facts": facts,
        }],
        "gaps": [],
        "coverage": coverage,
    })
}

fn recording(usage: Value, records: Value) -> String {
    let spend = |by: &str, reply: Value| {
        json!({
            "request": {
                "call": "spend", "environment": "test",
                "days": { "start": "2026-01-14", "end": "2026-03-15" },
                "by": by, "account": "123456789012", "tags": [],
            },
            "reply": reply,
        })
    };
    let identity = json!({
        "request": { "call": "identity", "environment": "test" },
        "reply": { "identity": {
            "account": "123456789012",
            "arn": "arn:aws:sts::123456789012:assumed-role/ci/run",
        }},
    });
    let configured = json!({
        "request": {
            "call": "configuration", "environment": "test",
            "regions": ["us-east-1"], "types": TYPES,
        },
        "reply": { "configuration": configuration() },
    });
    let calls = [
        identity,
        configured,
        spend("usage_type", usage),
        spend("record_type", records),
    ];
    let recording = json!({
        "version": "1.0.0", "kind": "recording", "recorded_by": "a test", "calls": calls,
    });
    serde_json::to_string_pretty(&recording).expect("plain data")
}

fn busy() -> String {
    let usage = [
        (["AWS Lambda", "Lambda-GB-Second"], 80.0),
        (["AWS Lambda", "Request"], 5.0),
        (["AmazonCloudWatch", "CW:Requests"], 2.5),
    ];
    let records = [(["AWS Lambda", "Credit"], -10.0), (["Tax", "Tax"], 16.6)];
    recording(
        json!({ "spend": table(&usage) }),
        json!({ "spend": table(&records) }),
    )
}

fn repository(recording: &str) -> Repo {
    let registry = ".fractary/plugins/faber-cloud/deployments/test/registry.json";
    let repo = Repo::new(&[
        (".fractary/shared/environments.json", ENVIRONMENTS),
        (registry, REGISTRY),
        (TOML, BUDGET),
    ]);
    std::fs::write(repo.home().join(RECORDING), recording).expect("it can be written");
    repo
}

fn audit(repo: &Repo, arguments: &[&str]) -> Fractary {
    let recording = repo.home().join(RECORDING);
    Fractary::in_repo(repo)
        .at(AT)
        .args(["audit", "--type", "cost", "--replay"])
        .args([recording])
        .args(arguments)
}

#[test]
fn costs_are_shown_in_every_format() {
    let repo = repository(&busy());
    // Forecast above the budget, so DEGRADED; the default fails on UNHEALTHY alone.
    let shown = audit(&repo, &[]).run().exits(0);
    for line in [
        "Current Monthly Cost: $87.50",
        "1. Lambda (api-lambda)      $85.00  (97%)",
        "└─ Move gp2 volume to gp3: vol-0123",
        "Total Potential Savings: $20/month (23% reduction)",
        "  Credit -$10.00 (AWS Lambda)",
        "WARNING: Monthly budget $50.00: ",
    ] {
        assert!(shown.stdout.contains(line), "{line}: {}", shown.stdout);
    }
    let markdown = audit(&repo, &["--format", "markdown"]).run().exits(0);
    let headline = "**$87.50** in the last 30 days; **$20** a month could be saved.";
    assert!(markdown.stdout.contains(headline), "{}", markdown.stdout);
    let document = audit(&repo, &["--format", "json"]).run().exits(0).json();
    assert_eq!(document["kind"], "audit");
    assert_eq!(document["type"], "cost");
    assert_eq!(document["status"], "DEGRADED");
    assert_eq!(document["cost"]["spending"]["total"], 87.5);
    // As fast as before; the metrics that could say more were not recorded.
    assert_eq!(document["cost"]["savings"]["distinct_usd"], 20.0);
    assert_eq!(
        document["cost"]["undecided"][0]["rule"],
        "ebs-gp2-to-gp3-measured"
    );
    audit(&repo, &["--fail-on", "degraded"]).run().exits(1);
    assert_eq!(repo.status(), "", "looking never writes");
}

#[test]
fn a_denied_or_empty_bill_is_unknown_and_no_amount() {
    let denied = json!({ "gap": {
        "operation": "ce:GetCostAndUsage", "subject": "the cost of these days",
        "cause": "denied", "code": "AccessDeniedException", "message": "no",
        "missing_permission": "ce:GetCostAndUsage",
    }});
    let empty = json!({ "spend": table(&[]) });
    for usage in [denied, empty] {
        let repo = repository(&recording(usage, json!({ "spend": table(&[]) })));
        let shown = audit(&repo, &[]).run().exits(3).stdout;
        assert!(shown.contains("Current Monthly Cost: UNKNOWN"), "{shown}");
        // The receipt has its own price, which is 0.
        let (report, _) = shown.split_once("0 AWS calls").expect("a receipt");
        assert!(!report.contains("$0"), "{shown}");
        let document = audit(&repo, &["--format", "json"]).run().exits(3).json();
        assert_eq!(document["status"], "UNKNOWN");
        assert!(document["cost"].get("spending").is_none(), "{document:#}");
        // And nothing is kept of it.
        audit(&repo, &["--commit"]).run().exits(3);
        assert!(!repo.has(SPENDING) && !repo.has(SAVINGS));
    }
}

#[test]
fn the_bill_is_read_once_a_day() {
    let repo = repository(&busy());
    audit(&repo, &["--commit"]).run().exits(0);
    assert_eq!(repo.log()[0], "fractary(audit): costs of test");
    assert!(repo.has(SPENDING) && repo.has(SAVINGS));
    assert_eq!(repo.status(), "");
    Fractary::in_repo(&repo).args(["check"]).run().exits(0);

    // The recording has another bill now, but today's is in the repository.
    let other = [(["AWS Lambda", "Request"], 1.0)];
    let other = recording(
        json!({ "spend": table(&other) }),
        json!({ "spend": table(&[]) }),
    );
    std::fs::write(repo.home().join(RECORDING), other).expect("it can be written");
    let document = audit(&repo, &["--format", "json"]).run().exits(0).json();
    assert_eq!(document["cost"]["spending"]["total"], 87.5);

    // Tomorrow it is asked again, for days that this recording does not have.
    let tomorrow = audit(&repo, &[])
        .at("2026-03-16T08:00:00Z")
        .run()
        .exits(3)
        .stdout;
    assert!(tomorrow.contains("UNKNOWN"), "{tomorrow}");
}
