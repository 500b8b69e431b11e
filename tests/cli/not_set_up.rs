//! A repository without `.fractary`: nothing is known there, which is not "nothing is wrong".

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

#[test]
fn nothing_known_is_not_nothing_wrong() {
    let repo = Repo::new(&[("README.md", "mine\n")]);
    let commands: [&[&str]; 15] = [
        &["issues"],
        &["issues", "--format", "json"],
        &["issues", "show", "infra-1"],
        &["status"],
        &["slo"],
        &["dashboard"],
        &["health"],
        &["run"],
        &["shards"],
        &["check"],
        &["logs"],
        &["performance"],
        &["audit"],
        &["monitor", "list"],
        &["escalate", "infra-1"],
    ];
    for arguments in commands {
        let run = Fractary::in_repo(&repo).args(arguments).run().exits(2);
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(
            run.stderr.contains("has no `.fractary` folder"),
            "{arguments:?}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains("`fractary init`"),
            "{arguments:?}: {}",
            run.stderr
        );
    }
    let run = Fractary::in_repo(&repo).args(["issues"]).run();
    insta::assert_snapshot!(run.stderr);
    // What needs no document does without.
    for arguments in [&["audit", "--list-checks"][..], &["schema"]] {
        Fractary::in_repo(&repo).args(arguments).run().exits(0);
    }
}
