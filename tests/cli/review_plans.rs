//! Plans that are gigantic, deep, wide or broken: a clear verdict, and never an empty plan.

use serde_json::{Value, json};

use crate::review::{TERRAFORM, branched, plan, review, rules};
use crate::support::repo::Repo;

/// One byte more than is read.
const TOO_LARGE: u64 = (64 << 20) + 1;

fn whole(changes: &str) -> String {
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.15.5","complete":true,"planned_values":{{}},"resource_changes":[{changes}]}}"#
    )
}

/// A change that creates something with this, as JSON.
fn created(address: &str, after: &str) -> String {
    let (kind, name) = address.split_once('.').expect("a type and a name");
    format!(
        r#"{{"address":"{address}","mode":"managed","type":"{kind}","name":"{name}","change":{{"actions":["create"],"before":null,"after":{after},"after_unknown":{{}}}}}}"#
    )
}

/// The review of a plan that is in a file of the repository's home.
fn reviewed(repo: &Repo, name: &str, code: i32) -> Value {
    let given = format!("infra={}", repo.home().join(name).display());
    review(repo, &["--plan", &given, "--format", "json"]).exits_json(code)
}

/// What makes a plan unreadable.
fn reason(report: &Value) -> String {
    let findings = report["findings"].as_array().expect("a list");
    let found = findings.iter().find(|one| one["rule"] == "plan-unreadable");
    let found = found.unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(found["effect"], "BLOCK");
    format!("{} {}", found["title"], found["evidence"])
}

#[test]
fn plans_that_cannot_be_read_block_and_say_why() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("notes.md", "x\n")]);
    let good = std::fs::read(plan("destroy")).expect("a plan");
    let half = &good[..good.len() / 2];
    let nested = |levels: usize| {
        let list = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        whole(&created(
            "aws_sqs_queue.q",
            &format!(r#"{{"tags":{list}}}"#),
        ))
    };
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("half", half.to_vec(), "not readable"),
        ("deep", nested(200).into_bytes(), "127 levels"),
        ("abyss", nested(1_000_000).into_bytes(), "127 levels"),
        ("bottomless", "[".repeat(2_000_000).into_bytes(), ""),
        ("empty", Vec::new(), "empty"),
        ("noise", vec![0xff, 0x00, 0xfe, 0x9f, 0x92], "text"),
        (
            "twice",
            whole(r#"{"address":"a.b","address":"a.c"}"#).into_bytes(),
            "duplicate key",
        ),
        ("saved", b"PK\x03\x04rest".to_vec(), "saved plan"),
    ];
    for (name, bytes, want) in cases {
        std::fs::write(repo.home().join(name), bytes).expect("a file");
        let report = reviewed(&repo, name, 1);
        assert_eq!(report["verdict"], "BLOCK", "{name}");
        let said = reason(&report);
        assert!(said.contains(want), "{name}: {said}");
        assert_eq!(report["plans"][0]["readable"], false, "{name}");
    }
    // It takes no room on the disk, and none in memory beyond the limit.
    let file = std::fs::File::create(repo.home().join("gigantic")).expect("a file");
    file.set_len(TOO_LARGE).expect("a file with a hole");
    drop(file);
    let said = reason(&reviewed(&repo, "gigantic", 1));
    assert!(
        said.contains("too large") || said.contains("limit"),
        "{said}"
    );
}

#[test]
fn what_is_inside_a_plan_may_be_deep_and_wide() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("notes.md", "x\n")]);
    // A policy is a document in a text: what cannot be read of it is not passed.
    let abyss = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let policy = json!({ "name": "p", "policy": abyss }).to_string();
    let wide: Vec<String> = (0..50_000).map(|n| format!(r#""k{n}":"v""#)).collect();
    let wide = format!(r#"{{"name":"q","tags":{{{}}}}}"#, wide.join(","));
    let long = json!({ "name": "r".repeat(5_000_000) }).to_string();
    let changes = [
        created("aws_iam_policy.deep", &policy),
        created("aws_sqs_queue.wide", &wide),
        created("aws_sqs_queue.long", &long),
    ];
    let text = whole(&changes.join(","));
    std::fs::write(repo.home().join("inside"), text).expect("a file");
    let report = reviewed(&repo, "inside", 0);
    assert_eq!(report["verdict"], "WARN", "{:#}", report["rules"]);
    assert!(
        rules(&report).contains(&"iam-unknown"),
        "{:?}",
        rules(&report)
    );
    assert_eq!(report["plans"][0]["counts"]["create"], 3);
    let shown = report.to_string();
    assert!(shown.len() < 2_000_000, "{}", shown.len());
}

#[test]
fn sources_that_are_deep_end_and_are_named() {
    let deep = format!(
        "locals {{\n  a = {}1{}\n}}\n",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/deep.tf", &deep)]);
    let text = whole(&created("aws_sqs_queue.q", r#"{"name":"q"}"#));
    std::fs::write(repo.home().join("plain"), text).expect("a file");
    let report = reviewed(&repo, "plain", 0);
    let gaps = report["not_looked_at"].to_string();
    assert!(gaps.contains("infra/deep.tf"), "{gaps}");
}
