//! The life of an issue by hand.

use crate::demo::{END, Played};

#[test]
fn listed_shown_noted_assigned_resolved_and_reopened() {
    let played = Played::new();
    let rows = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .exits(0)
        .json();
    let id = rows[0]["id"].as_str().expect("an issue is open").to_owned();
    let short = &id[..id.len() - 2];
    played
        .fractary(END, &["issues", "note", short, "asked the team"])
        .run()
        .exits(0);
    played
        .fractary(END, &["issues", "assign", short, "sam"])
        .run()
        .exits(0);
    let shown = played
        .fractary(END, &["issues", "show", short])
        .run()
        .exits(0)
        .stdout;
    assert!(
        shown.contains("asked the team") && shown.contains("sam"),
        "{shown}"
    );
    played
        .fractary(
            END,
            &["issues", "resolve", short, "--reason", "bucket was moved"],
        )
        .run()
        .exits(0);
    let resolved = played
        .fractary(END, &["issues", "--resolved", "--format", "json"])
        .run()
        .exits(0)
        .json();
    assert!(resolved.to_string().contains(&id));
    let twice = played
        .fractary(END, &["issues", "resolve", short, "--reason", "again"])
        .run()
        .exits(2);
    assert!(twice.stderr.contains("resolved"), "{}", twice.stderr);
    played
        .fractary(END, &["issues", "reopen", short, "--reason", "it was not"])
        .run()
        .exits(0);
    let open = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .exits(0)
        .json();
    assert!(open.to_string().contains(&id));
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    played.fractary(END, &["check"]).run().exits(0);
}

#[test]
fn filters_and_wrong_ids() {
    let played = Played::new();
    let list = |arguments: &[&str]| {
        let all: Vec<&str> = ["issues", "--format", "json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        played
            .fractary(END, &all)
            .run()
            .exits(0)
            .json()
            .as_array()
            .expect("a list")
            .len()
    };
    let all = list(&[]);
    assert_eq!(
        list(&["--critical"]) + list(&["--high"]) + list(&["--medium"]) + list(&["--low"]),
        all
    );
    assert_eq!(list(&["--top", "1"]), 1);
    assert_eq!(list(&["--domain", "application"]), 0);
    let unknown = played
        .fractary(END, &["issues", "show", "infra-zzz"])
        .run()
        .exits(2);
    insta::assert_snapshot!(unknown.stderr);
}
