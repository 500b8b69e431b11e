//! Reviewing changes: plans that the real Terraform made, and branches that nobody should
//! trust.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;

/// What `sensitive*.json` must never show.
const SECRET: &str = "hunter2-correct-horse";

pub(crate) fn plan(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/review/plans");
    folder.join(format!("{name}.json"))
}

/// A repository with a branch `topic` that begins at `main` and is checked out.
pub(crate) fn branched(main: &[(&str, &str)], topic: &[(&str, &str)]) -> Repo {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    Fractary::in_repo(&repo)
        .args([
            "init",
            "--env",
            "test",
            "--env",
            "prod",
            "--region",
            "eu-west-1",
        ])
        .run()
        .exits(0);
    repo.write(main);
    repo.commit_all("Configure");
    repo.git(&["checkout", "--quiet", "-b", "topic"]);
    repo.write(topic);
    repo.commit_all("Change");
    repo
}

pub(crate) fn review(repo: &Repo, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .env("COLUMNS", "100")
        .args(["review", "--base", "main", "--env", "test"])
        .args(arguments)
}

/// Reviews one of the plans for `infra`.
fn review_plan(repo: &Repo, name: &str, arguments: &[&str]) -> Outcome {
    let given = format!("infra={}", plan(name).display());
    review(repo, &["--plan", &given]).args(arguments).run()
}

pub(crate) fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("a list").iter();
    findings
        .map(|one| one["rule"].as_str().expect("a text"))
        .collect()
}

pub(crate) const TERRAFORM: &str = "terraform {\n  backend \"s3\" {}\n}\n\nresource \"terraform_data\" \"a\" {\n  input = \"1\"\n}\n";

#[test]
fn plans_of_the_real_terraform() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("notes.md", "x\n")]);
    let names = [
        "destroy",
        "replace-by-triggers",
        "tainted",
        "count-shift",
        "forget",
        "moved",
        "moved-and-replaced",
        "import",
        "errored",
        "targeted",
        "sensitive",
        "sensitive-computed",
        "check-failed",
        "no-changes",
        "hostile-names",
        "deferred",
        "invokes-actions",
    ];
    let mut shown = String::new();
    for name in names {
        let outcome = review_plan(&repo, name, &[]);
        let text = outcome.stdout.replace(
            &plan("x").parent().expect("a folder").display().to_string(),
            "…",
        );
        shown.push_str(&format!("=== {name}: exit {}\n{text}\n", outcome.code));
    }
    assert!(!shown.contains(SECRET));
    insta::assert_snapshot!(shown);
}

#[test]
fn no_format_shows_a_secret_that_lost_its_mark() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("notes.md", "x\n")]);
    for name in ["sensitive", "sensitive-computed"] {
        for format in ["text", "json", "markdown"] {
            let summary = repo.home().join(format!("{name}-{format}.md"));
            let given = format!("infra={}", plan(name).display());
            let outcome = review(&repo, &["--plan", &given, "--format", format])
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_STEP_SUMMARY", &summary)
                .run();
            assert!(!outcome.stdout.contains(SECRET), "{name} {format}");
            let log: Vec<&str> = outcome
                .stderr
                .lines()
                .filter(|line| line.contains(SECRET))
                .collect();
            // The runner has to be told what to mask; it shows nothing of such a line.
            assert!(
                log.iter().all(|line| line.starts_with("::add-mask::")),
                "{log:?}"
            );
            assert!(!log.is_empty());
            let summary = std::fs::read_to_string(summary).expect("a summary");
            assert!(!summary.contains(SECRET) && summary.contains("(sensitive)"));
        }
    }
}

#[test]
fn the_report_in_json_has_the_fields_that_were_promised() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    let report = review_plan(&repo, "targeted", &["--format", "json"])
        .exits(0)
        .json();
    let head = repo.git(&["rev-parse", "HEAD"]);
    let base = repo.git(&["rev-parse", "main"]);
    assert_eq!(report["version"], "1.0.0");
    assert_eq!(report["kind"], "review");
    assert_eq!(report["verdict"], "WARN");
    assert_eq!(report["head"], head.trim());
    assert_eq!(report["base"], base.trim());
    let plan = &report["plans"][0];
    assert_eq!(plan["directory"], "infra");
    assert_eq!(
        (&plan["complete"], &plan["errored"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(plan["counts"]["create"], 1);
    assert_eq!(rules(&report), ["plan-incomplete", "plan-not-bound"]);
    for finding in report["findings"].as_array().expect("a list") {
        for key in [
            "id", "section", "rule", "severity", "subject", "title", "evidence", "new",
        ] {
            assert!(finding.get(key).is_some(), "{key} in {finding}");
        }
    }
    assert!(
        report["not_looked_at"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
    );
    for (level, name, code) in [
        ("warn", "targeted", 1),
        ("block", "targeted", 0),
        ("block", "errored", 1),
        ("never", "errored", 0),
    ] {
        review_plan(&repo, name, &["--fail-on", level]).exits(code);
    }
    // In production nobody applies a part of a plan.
    let given = format!("infra={}", self::plan("targeted").display());
    let outcome = Fractary::in_repo(&repo)
        .args([
            "review", "--base", "main", "--env", "prod", "--plan", &given,
        ])
        .run();
    outcome.exits(1);
}

#[test]
fn a_plan_is_of_what_is_under_review_or_does_not_count() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    let tree = repo.git(&["rev-parse", "HEAD:infra"]);
    let old = repo.git(&["rev-parse", "main:infra"]);
    let file = repo.home().join("meta.json");
    let mut verdicts = Vec::new();
    for meta in [
        json!({ "tree": tree.trim(), "environment": "test" }),
        json!({ "tree": old.trim(), "environment": "test" }),
        json!({ "tree": tree.trim(), "environment": "prod" }),
        json!({ "tree": tree.trim(), "json_sha256": "00" }),
        json!({ "commit": repo.git(&["rev-parse", "main"]).trim() }),
        json!({}),
    ] {
        std::fs::write(&file, meta.to_string()).expect("a file");
        let given = format!("infra={},{}", plan("no-changes").display(), file.display());
        let report = review(&repo, &["--plan", &given, "--format", "json"])
            .run()
            .json();
        verdicts.push(format!(
            "{} {:?} {}",
            report["verdict"],
            rules(&report),
            report["plans"][0]["bound"]
        ));
        let untrusted = review(
            &repo,
            &["--plan", &given, "--format", "json", "--untrusted-plans"],
        );
        assert_ne!(untrusted.run().json()["verdict"], "PASS");
    }
    insta::assert_snapshot!(verdicts.join("\n"));
    std::fs::write(&file, "{").expect("a file");
    let given = format!("infra={},{}", plan("no-changes").display(), file.display());
    review(&repo, &["--plan", &given]).run().exits(2);
}

#[test]
fn what_changes_and_was_not_planned_is_never_passed() {
    let call = "module \"q\" {\n  source = \"../modules/q\"\n}\n";
    let repo = branched(
        &[
            ("a/main.tf", &format!("{TERRAFORM}{call}")),
            ("b/main.tf", call),
            ("c/main.tf", TERRAFORM),
            ("modules/q/main.tf", "resource \"aws_sqs_queue\" \"q\" {}\n"),
        ],
        &[(
            "modules/q/main.tf",
            "resource \"aws_sqs_queue\" \"q\" {\n  name = \"x\"\n}\n",
        )],
    );
    let given = format!("a={}", plan("no-changes").display());
    let report = review(&repo, &["--plan", &given, "--format", "json"]).exits_json(0);
    let subjects: Vec<&Value> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["rule"] == "not-planned")
        .map(|one| &one["subject"])
        .collect();
    assert_eq!(subjects, ["b"]);
    assert_eq!(report["verdict"], "WARN");
    let report = review(&repo, &["--format", "json"]).exits_json(0);
    let count = rules(&report)
        .iter()
        .filter(|rule| **rule == "not-planned")
        .count();
    assert_eq!(count, 2, "{report}");
}

#[test]
fn a_directory_that_is_removed_or_cannot_be_read_is_named() {
    let repo = branched(
        &[
            ("a/main.tf", TERRAFORM),
            ("b/main.tf", TERRAFORM),
            ("c/main.tf", TERRAFORM),
        ],
        &[("b/main.tf", "resource {")],
    );
    repo.git(&["rm", "--quiet", "-r", "a"]);
    repo.commit_all("Remove a");
    let report = review(&repo, &["--format", "json"]).exits_json(0);
    let findings = report["findings"].as_array().expect("a list").iter();
    let found: Vec<String> = findings
        .map(|one| format!("{} {}", one["rule"], one["subject"]))
        .collect();
    for want in ["\"leaves-terraform\" \"a\"", "\"not-planned\" \"b\""] {
        assert!(found.iter().any(|one| one == want), "{want}: {found:?}");
    }
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(report["verdict"], "WARN");
}

#[test]
fn a_plan_that_would_undo_what_others_merged_is_blocked() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write(&[("infra/b.tf", "resource \"terraform_data\" \"b\" {\n}\n")]);
    repo.commit_all("Add b, which holds much");
    repo.write(&[("notes.md", "x\n")]);
    repo.commit_all("Add notes");
    repo.git(&["checkout", "--quiet", "topic"]);
    let report = review_plan(&repo, "destroy", &["--format", "json"])
        .exits(1)
        .json();
    let undone = report["findings"][0].clone();
    assert_eq!(undone["rule"], "would-undo");
    let title = undone["title"].as_str().expect("a text");
    assert!(title.contains("'Add b, which holds much'"), "{title}");
    // Brought up to date, the branch destroys it because it wants to.
    repo.git(&["merge", "--quiet", "--no-edit", "main"]);
    repo.git(&["rm", "--quiet", "infra/b.tf"]);
    repo.commit_all("Remove b");
    let report = review_plan(&repo, "destroy", &["--format", "json"])
        .exits(0)
        .json();
    assert!(!rules(&report).contains(&"would-undo"), "{report}");
}

#[test]
fn a_branch_without_commits_has_nothing_to_review() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    repo.git(&["checkout", "--quiet", "--orphan", "new"]);
    let run = Fractary::in_repo(&repo).args(["review"]).run().exits(2);
    let said = "error: there is no commit here yet, so nothing can be reviewed\n";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
}

#[test]
fn terraform_that_is_not_committed_is_named() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    let said = || review(&repo, &[]).run().exits(0).stdout;
    repo.write(&[("infra/more.tf", "\r\n"), ("infra/notes.md", "x\n")]);
    assert!(!said().contains("not committed"), "{}", said());
    repo.write(&[("infra/more.tf", "# x\n"), ("infra/new.tf", "\n")]);
    let part = "what is not committed: infra/more.tf and 1 more";
    assert!(said().contains(part), "{}", said());
}

#[test]
fn a_commit_that_is_compared_with_itself_is_no_change() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    repo.git(&["checkout", "--quiet", "main"]);
    let run = Fractary::in_repo(&repo).args(["review"]).run().exits(2);
    let said = "error: the default branch is under review itself\n";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
    let run = review(&repo, &[]).run().exits(0);
    let said = "the change: base and head are the same commit";
    assert!(run.stdout.contains(said), "{}", run.stdout);
}

#[test]
fn unreadable_plans_are_never_empty_plans() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    let whole = std::fs::read_to_string(plan("destroy")).expect("a plan");
    let deep = format!(
        "{{\"format_version\":\"1.2\",\"planned_values\":{}1{}}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let file = repo.home().join("plan.json");
    for text in [
        &whole[..whole.len() / 2],
        "",
        "PK\u{3}\u{4}binary",
        "{}",
        &whole.replacen(
            "\"resource_changes\"",
            "\"resource_changes\": [], \"resource_changes\"",
            1,
        ),
        &deep,
        &format!("{whole}{whole}"),
        "Error: Failed to read the given file as a state or plan file\n",
    ] {
        std::fs::write(&file, text).expect("a file");
        let given = format!("infra={}", file.display());
        let report = review(&repo, &["--plan", &given, "--format", "json"]).exits_json(1);
        assert_eq!(report["verdict"], "BLOCK");
        assert!(rules(&report).contains(&"plan-unreadable"), "{report}");
        assert_eq!(report["plans"][0]["readable"], false);
    }
    let given = format!("infra={}", plan("destroy").display());
    let again = given.replace("infra=", "./infra/=");
    let run = review(&repo, &["--plan", &given, "--plan", &again]).run();
    let said = "error: `infra` has two plans\n";
    assert!(run.exits(2).stderr.starts_with(said));
    review(&repo, &["--plan", "infra=/nowhere/plan.json"])
        .run()
        .exits(2);
}

#[cfg(unix)]
#[test]
fn nothing_of_a_hostile_branch_is_run_or_followed() {
    let repo = branched(&[("infra/main.tf", TERRAFORM)], &[("infra/more.tf", "\n")]);
    let pwned = repo.home().join("pwned");
    let script = format!("#!/bin/sh\ntouch {}\n", pwned.display());
    repo.write(&[
        (
            ".gitattributes",
            "*.json filter=evil\n*.toml filter=evil\n*.tf filter=evil\n",
        ),
        (".fractary/plugins/helm/monitors/evil", &script),
        (
            "infra/evil.tf",
            "data \"external\" \"x\" {\n  program = [\"sh\", \"evil\"]\n}\n",
        ),
    ]);
    let folder = repo.path().join(".fractary/shared");
    std::fs::remove_file(folder.join("environments.json")).expect("it is there");
    std::os::unix::fs::symlink("/etc/passwd", folder.join("environments.json")).expect("a link");
    std::os::unix::fs::symlink("/etc/passwd", repo.path().join("infra/link.tf")).expect("a link");
    use std::os::unix::fs::PermissionsExt;
    let monitor = repo.path().join(".fractary/plugins/helm/monitors/evil");
    std::fs::set_permissions(&monitor, std::fs::Permissions::from_mode(0o755)).expect("a file");
    repo.git(&["add", "--all"]);
    let name = "160000,0123456789012345678901234567890123456789,.fractary/sub";
    repo.git(&["update-index", "--add", "--cacheinfo", name]);
    repo.git(&["commit", "--quiet", "--message", "Evil"]);
    // Filters that the configuration of the machine knows are asked for by the branch.
    repo.git(&[
        "config",
        "filter.evil.smudge",
        &format!("touch {}; cat", pwned.display()),
    ]);
    repo.git(&["config", "filter.evil.required", "true"]);
    std::fs::remove_file(&pwned).ok();
    let given = format!("infra={}", plan("no-changes").display());
    let outcome = review(&repo, &["--plan", &given, "--format", "json"])
        .run()
        .exits(1);
    assert!(!pwned.exists(), "something of the branch ran");
    let report = outcome.json();
    let subjects: Vec<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["rule"] == "state-not-plain")
        .map(|one| one["title"].as_str().expect("a text"))
        .collect();
    insta::assert_snapshot!(subjects.join("\n"));
    assert!(!outcome.stdout.contains("root:"), "{}", outcome.stdout);
    let skipped = report["not_looked_at"].to_string();
    assert!(skipped.contains("infra/link.tf"), "{skipped}");
}

#[test]
fn the_bar_is_that_of_the_base_branch() {
    let log = ".fractary/plugins/faber-cloud/deployments/iam-audit.json";
    let repo = branched(
        &[("infra/main.tf", TERRAFORM)],
        &[
            (
                ".fractary/plugins/helm-cloud/audits/suppressions.toml",
                "[[suppression]]\ncheck = \"s3-bucket-public\"\nreason = \"mine\"\n",
            ),
            (
                log,
                "{\n  \"version\": \"1.0.0\",\n  \"entries\": [{ \"seq\": 2 }]\n}\n",
            ),
            (
                ".fractary/shared/notes.md",
                "token: ghp_abcdefghijklmnopqrstuvwxyz0123456789\n",
            ),
        ],
    );
    let helm = ".fractary/plugins/helm/config/helm.toml";
    let text = repo.read(helm) + "\n[review]\nfail_on = \"never\"\n";
    repo.write(&[(helm, &text)]);
    repo.commit_all("Lower it");
    let report = review(&repo, &["--format", "json"]).exits_json(1);
    let shown: Vec<String> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            format!(
                "{} {} {}: {} {}",
                one["effect"], one["severity"], one["rule"], one["title"], one["evidence"]
            )
        })
        .collect();
    assert!(!shown.join("").contains("ghp_"));
    insta::assert_snapshot!(shown.join("\n"));
}

/// Merged, it would end every audit.
#[test]
fn a_faulty_check_is_a_fault_of_the_state() {
    let check = ".fractary/plugins/helm-cloud/checks/queue-owner.toml";
    let repo = branched(
        &[("infra/main.tf", TERRAFORM)],
        &[(check, "title = \"The queue has no owner\"\n")],
    );
    let report = review(&repo, &["--format", "json"]).exits_json(1);
    assert!(rules(&report).contains(&"state-invalid"), "{report:#}");
}

impl Fractary {
    pub(crate) fn exits_json(self, code: i32) -> Value {
        self.run().exits(code).json()
    }
}
