//! `doctor`: what is missing, and how to fix it.

use crate::demo::{END, Played};
use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;

/// So wide that no place of a repository is wrapped.
const WIDE: (&str, &str) = ("COLUMNS", "120");

/// What it says, without the ends of lines and what stands before them.
fn words(outcome: &Outcome) -> String {
    let words: Vec<&str> = outcome.stdout.split_whitespace().collect();
    words.join(" ")
}

/// What it says, with the repository's place replaced.
fn text(outcome: &Outcome, repo: &Repo) -> String {
    let path = repo.path().canonicalize().expect("it is there");
    outcome.stdout.replace(
        path.to_str().expect("a temporary path is UTF-8"),
        "/srv/ops",
    )
}

#[test]
fn from_nothing_to_set_up_by_copying_its_fixes() {
    let folder = tempfile::TempDir::new().expect("the system has a temporary folder");
    let outside = Fractary::in_folder(folder.path(), folder.path())
        .args(["doctor"])
        .run()
        .exits(2);
    assert!(outside.stdout.contains("git init"), "{}", outside.stdout);

    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let fresh = Fractary::in_repo(&repo)
        .env(WIDE.0, WIDE.1)
        .args(["doctor"])
        .run()
        .exits(2);
    insta::assert_snapshot!("fresh", text(&fresh, &repo));
    Fractary::in_repo(&repo)
        .args(["init", "--env", "test", "--env", "prod"])
        .run()
        .exits(0);
    let set_up = Fractary::in_repo(&repo)
        .env(WIDE.0, WIDE.1)
        .args(["doctor", "--offline"])
        .run()
        .exits(0);
    insta::assert_snapshot!("set_up", text(&set_up, &repo));
    let unreachable = Fractary::in_repo(&repo)
        .endpoint("http://127.0.0.1:9")
        .args(["doctor", "--timeout", "2s", "--format", "json"])
        .run()
        .exits(3)
        .json();
    let last = unreachable
        .as_array()
        .and_then(|all| all.last())
        .expect("findings");
    assert_eq!(last["verdict"], "unknown");
    assert_eq!(last["command"], "aws sts get-caller-identity");
    repo.write(&[(".fractary/shared/environments.json", "{")]);
    let broken = Fractary::in_repo(&repo)
        .env(WIDE.0, WIDE.1)
        .args(["doctor"])
        .run()
        .exits(2);
    insta::assert_snapshot!("broken", text(&broken, &repo));
}

#[test]
fn all_good_and_the_wrong_account() {
    let played = Played::new();
    let good = played.fractary(END, &["doctor"]).run().exits(0);
    // The demo has no rules, so no one would be notified.
    let others = good
        .stdout
        .lines()
        .filter(|line| !line.starts_with('✓') && !line.starts_with(' '));
    assert_eq!(
        others.collect::<Vec<_>>(),
        ["▲ alerts: no rule, so no one is notified of any issue"],
        "{}",
        good.stdout
    );
    let path = played
        .repository()
        .join(".fractary/shared/environments.json");
    let text = std::fs::read_to_string(&path).expect("it is committed");
    std::fs::write(&path, text.replace("123456789012", "111122223333")).expect("it can be written");
    let wrong = played.fractary(END, &["doctor"]).run().exits(2);
    assert!(
        words(&wrong).contains("but the environment is in 111122223333"),
        "{}",
        wrong.stdout
    );
}

#[test]
fn what_a_mode_needs_is_said() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    Fractary::in_repo(&repo)
        .args(["init", "--env", "prod"])
        .run()
        .exits(0);
    let path = ".fractary/plugins/helm/config/helm.toml";
    let text = repo.read(path);
    let text = text.replace("mode = \"direct\"", "mode = \"pull-request\"");
    repo.write(&[(path, &text)]);
    let doctor = || Fractary::in_repo(&repo).args(["doctor", "--offline"]);
    let fresh = words(&doctor().run().exits(2));
    for said in [
        "no remote `origin`",
        "GITHUB_REPOSITORY",
        "pull-requests: write",
    ] {
        assert!(fresh.contains(said), "{said}: {fresh}");
    }
    let url = "https://github.com/o/r.git";
    repo.git(&["remote", "add", "origin", url]);
    let workflow = ".github/workflows/operations.yml";
    let text = repo
        .read(workflow)
        .replace("# pull-requests:", "pull-requests:");
    repo.write(&[(workflow, &text)]);
    let token = words(&doctor().run().exits(0));
    assert!(token.contains("GITHUB_TOKEN is not set"), "{token}");
    let whole = words(&doctor().env("GITHUB_TOKEN", "x").run().exits(0));
    assert!(whole.contains("commits land on fractary/state"), "{whole}");
    for said in ["GITHUB_TOKEN", "pull-requests: write"] {
        assert!(!whole.contains(said), "{said}: {whole}");
    }
}
