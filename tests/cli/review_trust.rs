//! What a branch says of itself, and what the base branch says.

use serde_json::{Value, json};

use crate::review::{TERRAFORM, branched, plan, review, rules};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const SUPPRESSIONS: &str = ".fractary/plugins/helm-cloud/audits/suppressions.toml";
const HELM: &str = ".fractary/plugins/helm/config/helm.toml";

/// A plan that does this.
fn planned(repo: &Repo, changes: &[Value]) -> String {
    let plan = json!({ "format_version": "1.2", "terraform_version": "1.15.5", "complete": true,
        "planned_values": {}, "resource_changes": changes });
    let file = repo.home().join("own-plan.json");
    std::fs::write(&file, plan.to_string()).expect("a file");
    format!("infra={}", file.display())
}

fn change(address: &str, kind: &str, actions: &[&str]) -> Value {
    let name = address.rsplit('.').next().unwrap_or_default();
    let name = name.split('[').next().unwrap_or_default();
    json!({ "address": address, "mode": "managed", "type": kind, "name": name,
        "change": { "actions": actions, "before": { "name": "x" }, "after": { "name": "y" } } })
}

fn accepted(check: &str) -> String {
    format!(
        "[[suppress]]\ncheck = \"{check}\"\nresource = \"aws_sqs_queue.q\"\nreason = \"a copy exists\"\nowner = \"ops\"\nuntil = 2099-12-31\n"
    )
    .replace("2099-12-31", "\"2099-12-31\"")
}

#[test]
fn suppressions_count_once_they_are_on_the_base_branch() {
    let own = accepted("data-loss");
    let deleted = [change("aws_sqs_queue.q", "aws_sqs_queue", &["delete"])];
    let head = branched(&[("infra/main.tf", TERRAFORM)], &[(SUPPRESSIONS, &own)]);
    let given = planned(&head, &deleted);
    let report = review(&head, &["--plan", &given, "--format", "json"]).exits_json(1);
    assert!(rules(&report).contains(&"data-loss"), "{report}");
    let asks = &report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["rule"] == "bar-changed")
        .expect("it is called out")["evidence"][0];
    assert!(
        asks.as_str()
            .is_some_and(|text| text.starts_with("asks to suppress: ")),
        "{asks}"
    );
    let base = branched(
        &[("infra/main.tf", TERRAFORM), (SUPPRESSIONS, &own)],
        &[("infra/more.tf", "\n")],
    );
    let given = planned(&base, &deleted);
    let report = review(&base, &["--plan", &given, "--format", "json"]).exits_json(0);
    assert!(!rules(&report).contains(&"data-loss"), "{report}");
    assert_eq!(report["suppressed"][0]["rule"], "data-loss");
    let because = &report["suppressed"][0]["suppressed_because"];
    assert_eq!(because, "a copy exists (ops, until 2099-12-31)");
    let text = review(&base, &["--plan", &given]).run().exits(0).stdout;
    assert!(text.contains("Suppressed on the base branch"), "{text}");
}

#[test]
fn the_level_of_failure_is_that_of_the_base_branch() {
    let warns = [change("google_x.y", "google_x", &["delete"])];
    let with = |level: &str| format!("version = \"1.0.0\"\n\n[review]\nfail_on = \"{level}\"\n");
    for (base, head, code) in [
        ("warn", "never", 1),
        ("never", "warn", 0),
        ("block", "warn", 0),
    ] {
        let repo = branched(
            &[("infra/main.tf", TERRAFORM), (HELM, &with(base))],
            &[(HELM, &with(head))],
        );
        let given = planned(&repo, &warns);
        let outcome = review(&repo, &["--plan", &given, "--format", "json"]).run();
        assert_eq!(outcome.code, code, "{base} {head}: {}", outcome.stderr);
        let report = outcome.json();
        assert_eq!(report["verdict"], "WARN", "{report}");
        let bar = report["findings"].to_string();
        assert!(bar.contains("[review] fail_on: from"), "{bar}");
    }
}

#[test]
fn findings_in_sarif_are_where_people_look() {
    let registry =
        "module \"q\" {\n  source  = \"terraform-aws-modules/sqs/aws\"\n  version = \"4.0.0\"\n}\n";
    let local = "module \"m\" {\n  source = \"../modules/m\"\n}\n";
    let text = format!(
        "\u{feff}{}",
        format!("{TERRAFORM}\n{registry}\n{local}").replace('\n', "\r\n")
    );
    let inner = "# a queue\nresource \"aws_sqs_queue\" \"q\" {\n  name = \"a\"\n  tags = {}\n}\n";
    let repo = branched(
        &[("infra/main.tf", &text), ("modules/m/main.tf", inner)],
        &[("modules/m/main.tf", &inner.replace("\"a\"", "\"b\""))],
    );
    let given = planned(
        &repo,
        &[
            change(
                "module.q.aws_sqs_queue.this[0]",
                "aws_sqs_queue",
                &["delete"],
            ),
            change(
                "module.m.aws_sqs_queue.q",
                "aws_sqs_queue",
                &["delete", "create"],
            ),
        ],
    );
    let sarif = review(&repo, &["--plan", &given, "--format", "sarif"]).exits_json(1);
    let run = &sarif["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "fractary-review/test/");
    let lost: Vec<(&str, &str, u64)> = run["results"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["ruleId"] == "data-loss")
        .map(|one| {
            let place = &one["locations"][0]["physicalLocation"];
            (
                one["message"]["text"].as_str().expect("a text"),
                place["artifactLocation"]["uri"].as_str().expect("a file"),
                place["region"]["startLine"].as_u64().expect("a line"),
            )
        })
        .collect();
    let line = TERRAFORM.lines().count() as u64 + 2;
    for (address, file, line) in [
        // A module that is not in the repository is where it is called.
        ("module.q.aws_sqs_queue.this[0]", "infra/main.tf", line),
        // The line that the change touches, not the first of the block.
        ("module.m.aws_sqs_queue.q", "modules/m/main.tf", 3),
    ] {
        let found = lost.iter().find(|one| one.0.contains(address));
        assert_eq!(
            found.map(|one| (one.1, one.2)),
            Some((file, line)),
            "{lost:?}"
        );
    }
}

#[test]
fn names_from_a_branch_stay_names_wherever_they_are_shown() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    let name = "x](http://e.example) @org ::error::pwned\n::set-output name=a::b \u{202e}evil";
    let mut one = change("aws_sqs_queue.q", "aws_sqs_queue", &["delete"]);
    one["address"] = json!(format!("aws_sqs_queue.q[{}]", json!(name)));
    one["index"] = json!(name);
    one["change"]["before"] = json!({ "tags_all": { "Environment": "prod", "x": name } });
    let given = planned(&repo, &[one]);
    for format in ["text", "markdown", "json", "sarif"] {
        let summary = repo.home().join(format!("{format}.md"));
        let outcome = review(&repo, &["--plan", &given, "--format", format])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", &summary)
            .run()
            .exits(1);
        let summary = std::fs::read_to_string(summary).expect("a summary");
        for text in [&outcome.stdout, &outcome.stderr, &summary] {
            assert!(!text.contains('\u{202e}'), "{format}: {text}");
            for command in text.lines().filter(|line| line.starts_with("::")) {
                let known = [
                    "error ",
                    "warning ",
                    "notice ",
                    "add-mask::",
                    "stop-commands::",
                ];
                let rest = command.trim_start_matches("::");
                // What ends a stop is a token of 32 digits.
                let is_end = rest.trim_end_matches("::").len() == 32;
                let is_known = known.iter().any(|start| rest.starts_with(start));
                assert!(is_known || is_end, "{command}");
                let message = command.splitn(3, "::").nth(2).unwrap_or_default();
                assert!(!message.contains("::"), "{command}");
            }
        }
        for text in [&summary, &outcome.stdout] {
            // In code nothing is a link and nobody is called.
            let is_link = text.contains("](http://e.example)") && !text.contains("`");
            assert!(!is_link, "{format}: {text}");
        }
    }
}

#[test]
fn of_many_annotations_those_on_changed_lines_come_first() {
    let block = |n: usize, name: &str| {
        format!("resource \"aws_sqs_queue\" \"q{n:02}\" {{\n  name = \"{name}\"\n}}\n")
    };
    let all = |changed: &[usize]| -> String {
        let each = (0..31).map(|n| block(n, if changed.contains(&n) { "new" } else { "old" }));
        each.collect()
    };
    let repo = branched(
        &[("infra/main.tf", &all(&[]))],
        &[("infra/main.tf", &all(&[7, 19, 28, 30]))],
    );
    let deleted: Vec<Value> = (0..31)
        .map(|n| {
            change(
                &format!("aws_sqs_queue.q{n:02}"),
                "aws_sqs_queue",
                &["delete"],
            )
        })
        .collect();
    let given = planned(&repo, &deleted);
    let outcome = review(&repo, &["--plan", &given])
        .env("GITHUB_ACTIONS", "true")
        .run()
        .exits(1);
    let errors: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("::error "))
        .collect();
    assert_eq!(errors.len(), 10, "{errors:?}");
    for (line, n) in errors.iter().zip([7, 19, 28, 30]) {
        let place = format!("line={},", n * 3 + 2);
        assert!(line.contains(&place), "{line} lacks {place}");
    }
    assert!(errors[9].contains("22 more"), "{}", errors[9]);
}

#[test]
fn modules_that_call_themselves_end() {
    let calls: String = (0..40)
        .map(|n| format!("module \"m{n}\" {{\n  source = \"./\"\n}}\n"))
        .collect();
    let repo = branched(&[("infra/main.tf", &calls)], &[("infra/more.tf", "\n")]);
    let given = planned(
        &repo,
        &[change("aws_sns_topic.t", "aws_sns_topic", &["delete"])],
    );
    review(&repo, &["--plan", &given]).run().exits(0);
}

#[test]
fn two_plans_are_one_review() {
    let repo = branched(
        &[("a/main.tf", TERRAFORM), ("b/main.tf", TERRAFORM)],
        &[("a/more.tf", "\n"), ("b/more.tf", "\n")],
    );
    let given = planned(
        &repo,
        &[change("aws_sqs_queue.q", "aws_sqs_queue", &["create"])],
    );
    let file = given.trim_start_matches("infra=");
    let report = Fractary::in_repo(&repo)
        .args(["review", "--base", "main", "--format", "json"])
        .args([
            "--plan",
            &format!("a={file}"),
            "--plan",
            &format!("b={file}"),
        ])
        .run()
        .exits(0)
        .json();
    assert_eq!(report["plans"].as_array().map(Vec::len), Some(2));
    assert!(!rules(&report).contains(&"not-planned"));
}

#[test]
fn what_two_plans_lose_under_one_address_is_said_of_both() {
    let repo = branched(
        &[("a/main.tf", TERRAFORM), ("b/main.tf", TERRAFORM)],
        &[("a/more.tf", "\n"), ("b/more.tf", "\n")],
    );
    let kind = "aws_dynamodb_table";
    let given = planned(&repo, &[change("aws_dynamodb_table.t", kind, &["delete"])]);
    let file = given.trim_start_matches("infra=");
    let (a, b) = (format!("a={file}"), format!("b={file}"));
    let report = review(&repo, &["--plan", &a, "--plan", &b, "--format", "json"]).exits_json(1);
    let findings = report["findings"].as_array().expect("a list");
    let lost: Vec<&Value> = findings
        .iter()
        .filter(|one| one["rule"] == "data-loss")
        .collect();
    assert_eq!(lost.len(), 2, "{report:#}");
    assert_ne!(lost[0]["id"], lost[1]["id"]);
    for said in ["in the plan of a", "in the plan of b"] {
        let says = |one: &&Value| one["evidence"].to_string().contains(said);
        assert_eq!(lost.iter().copied().filter(says).count(), 1, "{report:#}");
    }
}

#[test]
fn what_replaces_a_resource_is_named_from_the_source() {
    let source = format!(
        "{TERRAFORM}\nresource \"terraform_data\" \"c\" {{\n  lifecycle {{\n    replace_triggered_by = [terraform_data.cause]\n  }}\n}}\n"
    );
    let repo = branched(&[("infra/main.tf", &source)], &[("infra/more.tf", "\n")]);
    let given = format!("infra={}", plan("replace-by-triggers").display());
    let text = review(&repo, &["--plan", &given]).run().stdout;
    assert!(
        text.contains("`replace_triggered_by` names terraform_data.cause, which changes"),
        "{text}"
    );
}
