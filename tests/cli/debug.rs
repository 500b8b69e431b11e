//! `fractary debug`: what an error means, and what has solved it.

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const CLOCK: &str = "2026-11-30T12:00:00Z";

const OWNED: &str = "\
╷
│ Error: creating S3 Bucket (acme-orders): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 08J2B14W7G3ZB0D0, HostID: Cegw==, BucketAlreadyOwnedByYou:
│
│   with aws_s3_bucket.orders,
│   on main.tf line 3, in resource \"aws_s3_bucket\" \"orders\":
│    3: resource \"aws_s3_bucket\" \"orders\" {
│
╵
";

const DENIED: &str = "An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:iam::111122223333:user/deploy is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::acme-orders/a\" because no identity-based policy allows the s3:PutObject action";

fn debug(repo: &Repo, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .at(CLOCK)
        .args(["debug"].iter().chain(arguments))
}

#[test]
fn an_error_is_explained_from_standard_input() {
    let repo = Repo::new(&[]);
    let run = debug(&repo, &["-"]).input(OWNED).run().exits(0);
    insta::assert_snapshot!(run.stdout);
    let run = debug(&repo, &["--format", "markdown"]).input(OWNED).run();
    insta::assert_snapshot!(run.exits(0).stdout);
    let run = debug(&repo, &["--format", "json"]).input(OWNED).run();
    let report = run.exits(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).expect("JSON"));
}

#[test]
fn a_denial_is_explained_with_it() {
    let repo = Repo::new(&[("deploy.log", DENIED)]);
    let run = debug(&repo, &["-"]).input(DENIED).run().exits(0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn words_find_known_errors() {
    let repo = Repo::new(&[]);
    let run = debug(&repo, &["security group has a dependent object"]).run();
    insta::assert_snapshot!(run.exits(0).stdout);
    let run = debug(&repo, &["the moon is too near"]).run().exits(1);
    assert_eq!(run.stdout, "No known error is in this text.\n");
    let run = debug(&repo, &["no-such-file.log"]).run().exits(2);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn completing_shows_commands_and_consents_and_runs_none() {
    let repo = Repo::new(&[]);
    let run = debug(&repo, &["-", "--complete", "--env", "prod"]);
    insta::assert_snapshot!(run.input(OWNED).run().exits(0).stdout);
    let run = debug(&repo, &["-", "--complete", "--format", "markdown"]);
    insta::assert_snapshot!(run.input(DENIED).run().exits(0).stdout);
    let run = debug(&repo, &["--complete", "--format", "json"]);
    let report = run.input(OWNED).run().exits(0).json();
    assert_eq!(report["kind"], "debug-completion");
    assert_eq!(report["completions"][0]["steps"][1]["needs_consent"], true);
}

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "environments": {
    "prod": { "name": "prod", "region": "eu-central-1", "account_id": "444455556666" },
    "test": { "name": "test", "region": "eu-central-1", "account_id": "111122223333" }
  }
}
"#;
const LOG: &str = ".fractary/plugins/faber-cloud/deployments/issue-log.json";

fn set_up() -> Repo {
    Repo::new(&[(".fractary/shared/environments.json", ENVIRONMENTS)])
}

fn log(repo: &Repo) -> serde_json::Value {
    serde_json::from_str(&repo.read(LOG)).expect("JSON")
}

#[test]
fn what_solved_an_error_is_recorded_and_found_again() {
    let repo = set_up();
    let run = debug(&repo, &["-", "--commit", "--env", "test"]);
    let said = run.input(OWNED).run().exits(0).stderr;
    let recorded = "recorded issue 8f564301339d: The bucket exists already, in this account";
    assert!(said.contains(recorded), "{said}");
    let later = |at: &str, arguments: &[&str]| {
        let run = Fractary::in_repo(&repo).at(at);
        run.args(["debug"].iter().chain(arguments)).run().exits(0)
    };
    let id = log(&repo)["issues"][0]["issue_id"].clone();
    let id = &id.as_str().expect("an id")[..6];
    for (minute, came) in [(10, "--failed"), (20, "--worked")] {
        let at = format!("2026-11-30T12:{minute}:00Z");
        let arguments = [
            "--issue",
            id,
            "--tried",
            "s3-bucket-ow",
            came,
            "--env",
            "test",
        ];
        let said = later(&at, &arguments).stderr;
        assert!(said.contains("recorded that s3-bucket-owned"), "{said}");
    }
    let listed = later("2026-12-01T12:00:00Z", &["--list"]);
    insta::assert_snapshot!(listed.stdout);
    let listed = later("2026-12-01T12:00:00Z", &["--list", "--format", "markdown"]);
    insta::assert_snapshot!(listed.stdout);
    let figures = later("2026-12-01T12:00:00Z", &["--stats"]);
    insta::assert_snapshot!(figures.stdout);
    let there = later("2026-12-01T12:00:00Z", &["--list", "--env", "test"]);
    assert!(there.stdout.contains("solved, 1 time"), "{}", there.stdout);
    let none = later("2026-12-01T12:00:00Z", &["--list", "--env", "prod"]);
    assert!(!none.stdout.contains("8f564301339d"), "{}", none.stdout);
    let others = "1 issue of other environments, or of none, not shown";
    assert!(none.stderr.contains(others), "{}", none.stderr);
    for arguments in [&["--list"][..], &["--stats"], &["--issue", id]] {
        let arguments = [arguments, &["--env", "nowhere"]].concat();
        let refused = debug(&repo, &arguments).run().exits(2).stderr;
        assert!(refused.contains("nowhere"), "{refused}");
    }
    insta::assert_snapshot!(repo.git(&["log", "-1", "--format=%B"]).trim_end());
    // In prod it is said where the solution is known from.
    let run = debug(&repo, &["-", "--env", "prod"]).input(OWNED).run();
    let said = run.exits(0).stdout;
    assert!(
        said.contains("worked 1 of 2 times, proven in test only"),
        "{said}"
    );
    let check = Fractary::in_repo(&repo).at(CLOCK).args(["check"]).run();
    check.exits(0);
    assert_eq!(repo.status(), "");
}

#[test]
fn the_text_and_what_came_of_it_are_recorded_at_once() {
    let repo = set_up();
    for _ in 0..2 {
        let run = debug(&repo, &["-", "--tried", "Imported the bucket", "--failed"]);
        run.input(OWNED).run().exits(0);
    }
    let issue = &log(&repo)["issues"][0];
    assert_eq!(issue["occurrence_count"], 1, "the second time it was open");
    assert_eq!(issue["solutions"][0]["solution_id"], "imported-the-bucket");
    assert_eq!(issue["solutions"][0]["success_rate"]["failures"], 2);
    // An editor on Windows puts a mark in front, and `check` takes it.
    repo.write(&[(LOG, &format!("\u{feff}{}", repo.read(LOG)))]);
    let listed = debug(&repo, &["--list"]).run().exits(0).stdout;
    assert!(listed.contains("8f564301339d"), "{listed}");
}

/// The file is committed and pushed: nothing of the account, the caller or the request is in it.
#[test]
fn what_is_recorded_is_redacted() {
    let repo = set_up();
    let denied = format!(
        "{DENIED}, authorization id: AbC123def456GHI, password=hunter2hunter2, Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm"
    );
    let run = debug(
        &repo,
        &["-", "--tried", "Asked 444455556666 for it", "--failed"],
    );
    run.input(&denied).run().exits(0);
    let written = repo.read(LOG) + &repo.git(&["log", "-1", "--format=%B"]);
    for secret in [
        "111122223333",
        "444455556666",
        "AbC123def456GHI",
        "hunter2",
        "4GIOHlTk",
    ] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

#[test]
fn what_cannot_be_recorded_is_refused() {
    let repo = set_up();
    for (name, arguments) in [
        ("no-outcome", &["x", "--tried", "a b"][..]),
        ("no-error", &["the moon is too near", "--commit"]),
        (
            "no-issue",
            &["--issue", "abc", "--tried", "a b", "--worked"],
        ),
    ] {
        let run = debug(&repo, arguments).run().exits(2);
        insta::assert_snapshot!(format!("refused_{name}"), run.stderr);
    }
    let run = debug(&repo, &["-", "--tried", "s3-bucket-onwed", "--worked"]);
    let run = run.input(OWNED).run().exits(2);
    insta::assert_snapshot!("refused_solution", run.stderr);
    assert!(!repo.has(LOG));
    let empty = debug(&repo, &["--list"]).run().exits(0);
    insta::assert_snapshot!(empty.stdout);
    let run = debug(&repo, &["-", "--dry-run"]).input(OWNED).run();
    assert!(run.exits(0).stdout.contains("+++ b/"));
    assert!(!repo.has(LOG));
}
