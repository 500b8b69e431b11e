//! `fractary infra`: from words to a design, and from a design to code that keeps people's edits.

use serde_json::Value;

use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;

const AT: &str = "2026-11-02T09:30:00Z";
const DESIGN: &str = ".fractary/plugins/faber-cloud/designs/user-uploads.md";
const CODE: &str = "infra/user-uploads.tf";

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "prod": { "name": "prod", "account_id": "111111111111", "region": "us-east-1" },
    "test": { "name": "test", "account_id": "222222222222", "region": "us-east-1" }
  }
}
"#;

const DEVOPS: &str = r#"{
  "version": "1.0.0",
  "project": { "name": "shop", "subsystem": "web" },
  "handlers": {
    "iac": {
      "active": "terraform",
      "terraform": { "directory": "infra", "var_file_pattern": "{environment}.tfvars" }
    }
  },
  "resource_naming": { "pattern": "{project}-{subsystem}-{environment}-{resource}", "separator": "-" }
}
"#;

/// A file of somebody else, in a form of its own.
const FOREIGN: &str =
    "\u{feff}# ours\r\nresource \"aws_sqs_queue\" \"other\" {\r\n  name=\"x\"\r\n}\r\n";

fn repository() -> Repo {
    Repo::new(&[
        (".fractary/shared/environments.json", ENVIRONMENTS),
        (".fractary/plugins/faber-cloud/config/devops.json", DEVOPS),
        ("infra/other.tf", FOREIGN),
    ])
}

fn infra(repo: &Repo, arguments: &[&str]) -> Outcome {
    Fractary::in_repo(repo)
        .at(AT)
        .args(["infra"])
        .args(arguments)
        .run()
}

/// Both streams, as people see them.
fn shown(outcome: &Outcome) -> String {
    format!("{}--- stderr\n{}", outcome.stdout, outcome.stderr)
}

fn designed() -> Repo {
    let repo = repository();
    infra(
        &repo,
        &["architect", "--feature", "user uploads", "--write"],
    )
    .exits(0);
    repo
}

fn engineered() -> Repo {
    let repo = designed();
    infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(0);
    repo
}

#[test]
fn words_become_a_design() {
    let repo = repository();
    let looked = infra(&repo, &["architect", "--feature", "user uploads"]).exits(0);
    for want in [
        "chosen by \"uploads\"",
        "matched nothing: \"user\"",
        "Open questions",
        "--write",
    ] {
        assert!(shown(&looked).contains(want), "{want}: {}", shown(&looked));
    }
    assert!(!repo.has(DESIGN), "looking never writes");
    let json: Value = infra(
        &repo,
        &["architect", "--feature", "user uploads", "--format", "json"],
    )
    .exits(0)
    .json();
    assert_eq!(json["not_understood"], serde_json::json!(["user"]));
    infra(
        &repo,
        &["architect", "--feature", "user uploads", "--write"],
    )
    .exits(0);
    assert!(repo.read(DESIGN).starts_with("+++\n"));
    let nothing = infra(&repo, &["architect", "--feature", "realtime chat"]).exits(2);
    assert!(
        shown(&nothing).contains("matches none of the blueprints"),
        "{}",
        shown(&nothing)
    );
}

#[test]
fn edits_of_a_design_survive() {
    let repo = designed();
    let text = repo.read(DESIGN);
    let edited = text
        .replace(
            "noncurrent_days = 30",
            "noncurrent_days = 7 # enough for us",
        )
        .replace(
            "## Risks\n\n",
            "## Risks\n\n- Ours: the legal department has to agree.\n",
        );
    repo.write(&[(DESIGN, &edited)]);
    infra(
        &repo,
        &[
            "architect",
            "--design",
            DESIGN,
            "--set",
            "retention_days=30",
            "--write",
        ],
    )
    .exits(0);
    let again = repo.read(DESIGN);
    assert!(
        again.contains("noncurrent_days = 7 # enough for us"),
        "{again}"
    );
    assert!(again.contains("retention_days = 30\n"), "{again}");
    assert!(
        again.contains("- Ours: the legal department has to agree."),
        "{again}"
    );
    infra(&repo, &["architect", "--design", DESIGN, "--write"]).exits(0);
    assert_eq!(repo.read(DESIGN), again);
}

#[test]
fn faults_in_a_design_have_their_place() {
    let repo = designed();
    let text = repo.read(DESIGN);
    repo.write(&[(
        DESIGN,
        &text
            .replace(
                "noncurrent_days = 30",
                "noncurrent_days = 0\nnoncurent_days = 1",
            )
            .replace(
                "\"private-bucket\"]",
                "\"private-bucket\", \"private-buket\"]",
            ),
    )]);
    let refused = infra(&repo, &["engineer", "--design", DESIGN]).exits(2);
    for want in [
        "there is no blueprint `private-buket`",
        "did you mean `private-bucket`",
        "did you mean `noncurrent_days`",
        "`noncurrent_days` is 0; it must be from 1 to 3650",
    ] {
        assert!(
            shown(&refused).contains(want),
            "{want}: {}",
            shown(&refused)
        );
    }
}

#[test]
fn code_is_generated_once_and_then_merged() {
    let repo = engineered();
    let code = repo.read(CODE);
    let design = repo.read(DESIGN);
    let again = infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(0);
    assert_eq!(again.stdout, "");
    assert!(
        shown(&again).contains("infra/user-uploads.tf: unchanged"),
        "{}",
        shown(&again)
    );
    assert_eq!(
        (repo.read(CODE), repo.read(DESIGN)),
        (code.clone(), design.clone())
    );
    assert_eq!(repo.read("infra/other.tf"), FOREIGN);
    // A person's edit, and another value in the design.
    repo.write(&[(
        CODE,
        &code.replace("days_after_initiation = 7", "days_after_initiation = 3"),
    )]);
    repo.write(&[(
        DESIGN,
        &design.replace("deletion_window_days = 30", "deletion_window_days = 14"),
    )]);
    infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(0);
    let merged = repo.read(CODE);
    assert!(merged.contains("days_after_initiation = 3"), "{merged}");
    assert!(merged.contains("deletion_window_in_days = 14"), "{merged}");
    // The same line: nothing is overwritten without being asked for.
    let theirs = merged.replace(
        "deletion_window_in_days = 14",
        "deletion_window_in_days = 20",
    );
    repo.write(&[(CODE, &theirs)]);
    let text = repo.read(DESIGN);
    repo.write(&[(
        DESIGN,
        &text.replace("deletion_window_days = 14", "deletion_window_days = 10"),
    )]);
    let conflict = infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(1);
    for want in [
        "your edits are where it would change",
        "deletion_window_in_days = 20",
        "deletion_window_in_days = 10",
    ] {
        assert!(
            shown(&conflict).contains(want),
            "{want}: {}",
            shown(&conflict)
        );
    }
    assert_eq!(repo.read(CODE), theirs);
    infra(
        &repo,
        &[
            "engineer",
            "--design",
            DESIGN,
            "--write",
            "--overwrite",
            CODE,
        ],
    )
    .exits(0);
    assert!(repo.read(CODE).contains("deletion_window_in_days = 10"));
    assert_eq!(repo.read("infra/other.tf"), FOREIGN);
}

#[test]
fn a_renamed_feature_moves_its_resources() {
    let repo = engineered();
    let text = repo.read(DESIGN);
    repo.write(&[(
        DESIGN,
        &text.replace("name = \"user-uploads\"\n# In", "name = \"files\"\n# In"),
    )]);
    infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(0);
    assert!(!repo.has(CODE));
    let code = repo.read("infra/files.tf");
    assert!(
        code.contains(
            "  from = aws_s3_bucket.user_uploads_bucket\n  to   = aws_s3_bucket.files_bucket\n"
        ),
        "{code}"
    );
    assert!(
        code.contains("\"shop-web-${var.environment}-user-uploads-files\""),
        "{code}"
    );
    infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(0);
    assert_eq!(repo.read("infra/files.tf"), code);
}

#[test]
fn files_that_people_delete_or_wrote_are_left_alone() {
    let repo = engineered();
    std::fs::remove_file(repo.path().join(CODE)).expect("the file is there");
    infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(0);
    assert!(!repo.has(CODE));
    let repo = designed();
    repo.write(&[(CODE, "# mine\n")]);
    let foreign = infra(&repo, &["engineer", "--design", DESIGN, "--write"]).exits(1);
    assert!(
        shown(&foreign).contains("it was not generated"),
        "{}",
        shown(&foreign)
    );
    assert_eq!(repo.read(CODE), "# mine\n");
    let repo = designed();
    repo.write(&[(
        "infra/main.tf",
        "variable \"region\" {}\nresource \"aws_s3_bucket\" \"user_uploads_bucket\" {}\n",
    )]);
    let clash = infra(&repo, &["engineer", "--design", DESIGN]).exits(2);
    assert!(
        shown(&clash).contains("`aws_s3_bucket.user_uploads_bucket` is in infra/main.tf already"),
        "{}",
        shown(&clash)
    );
}

#[test]
fn code_is_checked_without_terraform_and_says_so() {
    let repo = engineered();
    repo.commit_all("code");
    let checked = infra(&repo, &["validate", "--env", "test"]);
    // Somebody's own file has a name that is none of the environment.
    assert!(
        shown(&checked).contains("aws_sqs_queue.other"),
        "{}",
        shown(&checked)
    );
    assert!(
        !shown(&checked).contains("user_uploads_bucket: `bucket`"),
        "{}",
        shown(&checked)
    );
    checked.exits(1);
}
