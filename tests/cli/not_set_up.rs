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

#[test]
fn checks_are_known_outside_of_a_repository() {
    let folder = tempfile::TempDir::new().expect("the system has a temporary folder");
    let audit = |arguments: &[&str]| {
        Fractary::in_folder(folder.path(), folder.path())
            .args(["audit"])
            .args(arguments)
            .run()
    };
    for (arguments, said) in [
        (&["--list-checks"][..], "s3-bucket-versioning "),
        (&["--explain", "s3-bucket-versioning"], "Fails when"),
    ] {
        let run = audit(arguments).exits(0);
        assert!(run.stdout.contains(said), "{}", run.stdout);
        let note = "only the built-in checks are known";
        assert!(run.stderr.contains(note), "{}", run.stderr);
    }
    let explained = ["--explain", "s3-bucket-versioning", "--format", "sarif"];
    let run = audit(&explained).exits(2);
    assert!(run.stderr.contains("text, json"), "{}", run.stderr);
    audit(&[]).exits(2);
}
