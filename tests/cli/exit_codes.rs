//! The table of exit codes, through the binary.

use crate::demo::{END, Played};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

#[test]
fn each_code_has_its_meaning() {
    let played = Played::new();
    let environments = played
        .repository()
        .join(".fractary/shared/environments.json");
    let run = |arguments: &[&str]| played.fractary(END, arguments).run();
    run(&["dashboard"]).exits(0);
    run(&["health", "--fail-on", "never"]).exits(0);
    run(&["health"]).exits(1);
    run(&["health", "--env", "nosuch"]).exits(2);
    for wrong in [
        &["health", "--env", "../../x"][..],
        &["health", "--at", "yesterday"],
        &["health", "--timeout", "5"],
        &["health", "--commit", "--write"],
        &["nosuch"],
    ] {
        // Given twice it is wrong, too.
        Fractary::in_folder(&played.repository(), &played.repository())
            .args(wrong)
            .run()
            .exits(2);
    }
    // As a workflow sets them for inputs that were left out.
    played
        .fractary(END, &["dashboard"])
        .env("FRACTARY_ENV", "")
        .env("FRACTARY_FORMAT", "")
        .env("FRACTARY_FAIL_ON", "")
        .env("FRACTARY_TIMEOUT", "")
        .run()
        .exits(0);
    // A slip must not look like "no issues".
    run(&["issues", "--env", "nosuch"]).exits(2);
    let dark = played
        .fractary("2026-11-02T12:00:00Z", &["health"])
        .run()
        .exits(3);
    assert!(dark.stdout.contains("UNKNOWN"), "{}", dark.stdout);
    let text = std::fs::read_to_string(&environments).expect("it is committed");
    std::fs::write(&environments, text.replace("123456789012", "111122223333"))
        .expect("it can be written");
    let refused = run(&["run"]).exits(4);
    insta::assert_snapshot!(refused.stderr);
    played.git(&["checkout", "--quiet", "."]);
    let dashboard = played
        .repository()
        .join(".fractary/plugins/helm/DASHBOARD.md");
    std::fs::write(dashboard, "mine\n").expect("it can be written");
    // It would be another one: a later time stands in it.
    played
        .fractary("2026-11-02T10:00:00Z", &["dashboard", "--commit"])
        .run()
        .exits(5);
}

#[test]
fn alone_it_shows_its_help_and_a_slip_is_understood() {
    let repo = Repo::new(&[]);
    let alone = Fractary::in_repo(&repo).run().exits(2);
    assert!(alone.stderr.contains("Usage: fractary"), "{}", alone.stderr);
    let slip = Fractary::in_repo(&repo).args(["dashbord"]).run().exits(2);
    assert!(slip.stderr.contains("'dashboard'"), "{}", slip.stderr);
    Fractary::in_repo(&repo).args(["--help"]).run().exits(0);
    Fractary::in_repo(&repo).args(["--version"]).run().exits(0);
}
