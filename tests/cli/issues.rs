//! The life of an issue by hand.

use crate::demo::{END, Played};
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

#[test]
fn where_nothing_was_observed_no_issue_is_not_all_clear() {
    let repo = Repo::new(&[("README.md", "# Mine\n")]);
    let run = |arguments: &[&str]| Fractary::in_repo(&repo).args(arguments).run().exits(0);
    run(&["init", "--env", "test"]);
    let said = run(&["issues"]).stdout;
    assert!(said.contains("no run has observed anything yet"), "{said}");
}

#[test]
fn listed_shown_noted_assigned_resolved_and_reopened() {
    let played = Played::new();
    let id = played.issue();
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
    // What is nearly a signature would teach nothing as words.
    let slip = ["issues", "resolve", short, "--cause", "resource-delete"];
    let slip = played.fractary(END, &slip).run().exits(2).stderr;
    assert!(slip.contains("nearest is `resource-deleted`"), "{slip}");
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
    for (action, said) in [
        ("resolve", "is resolved already"),
        ("reopen", "is open already"),
    ] {
        let act = [action, short, "--reason", "so it is"];
        let act = [&["issues"][..], &act].concat();
        if action == "reopen" {
            played.fractary(END, &act).run().exits(0);
        }
        // Twice is once, and says so.
        let head = played.git(&["rev-parse", "HEAD"]);
        let twice = played.fractary(END, &act).run().exits(0);
        assert!(twice.stderr.contains(said), "{}", twice.stderr);
        assert!(twice.stdout.contains(&id), "{}", twice.stdout);
        assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    }
    let again = ["issues", "assign", short, "sam"];
    let again = played.fractary(END, &again).run().exits(0);
    assert!(
        again.stderr.contains("is assigned so already"),
        "{}",
        again.stderr
    );
    let open = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .exits(0)
        .json();
    assert!(open.to_string().contains(&id));
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    played.fractary(END, &["check"]).run().exits(0);
}

/// Also where a load balancer has the name of the service that the action is for.
#[test]
fn remediations_that_issues_suggest_are_understood() {
    let played = Played::new();
    let listed = played.fractary(END, &["issues", "--format", "json"]);
    let rows = listed.run().exits(0).json();
    let mut tried = 0;
    for row in rows.as_array().expect("a list") {
        let id = row["id"].as_str().expect("an id");
        let shown = played
            .fractary(END, &["issues", "show", id])
            .env("COLUMNS", "120")
            .run()
            .exits(0)
            .stdout;
        let marked = shown
            .lines()
            .filter_map(|line| line.split_once("→ fractary "));
        for (_, command) in marked.filter(|(_, command)| command.starts_with("remediate ")) {
            let mut arguments: Vec<&str> = command.split(' ').collect();
            arguments.push("--dry-run");
            // What it would change was found; how that is now is no part of the recording.
            let said = played.fractary(END, &arguments).run().exits(3).stderr;
            assert!(said.contains("not in the recording"), "{command}: {said}");
            tried += 1;
        }
    }
    assert!(tried > 0, "no issue suggests one");
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
    // The start of several ids is no name of a resource.
    let several = played.fractary(END, &["investigate", "infra-"]);
    let several = several.run().exits(2).stderr;
    assert!(several.contains("could be any of"), "{several}");
    assert_eq!(list(&["--domain", "infrastructure"]), all);
    assert_eq!(list(&["--assignee", "sam"]), 0);
    let text = |arguments: &[&str]| {
        let all: Vec<&str> = ["issues"].iter().chain(arguments).copied().collect();
        played.fractary(END, &all).run()
    };
    // What is left out is not taken for all clear.
    let none = text(&["--assignee", "sam"]).exits(0).stdout;
    assert!(none.starts_with("No issue matches; "), "{none}");
    let typo = text(&["--domain", "infrastucture"]).exits(2).stderr;
    assert!(typo.contains("unknown domain"), "{typo}");
    text(&["--top", "0"]).exits(2);
    let unknown = played
        .fractary(END, &["issues", "show", "infra-zzz"])
        .run()
        .exits(2);
    insta::assert_snapshot!(unknown.stderr);
}

#[test]
fn linked_merged_and_filtered() {
    let played = Played::new();
    // While most of it is still open.
    let before = played.git(&["rev-list", "-1", "--before=2026-11-02T09:20:00Z", "HEAD"]);
    played.git(&["reset", "--quiet", "--hard", before.trim()]);
    let at = "2026-11-02T09:20:00Z";
    let run = |arguments: &[&str]| played.fractary(at, arguments).run().exits(0);
    let list = |arguments: &[&str]| {
        let all: Vec<&str> = ["issues", "--format", "json"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let rows = run(&all).json();
        let rows = rows.as_array().expect("a list").iter();
        rows.map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect::<Vec<_>>()
    };
    let open = list(&[]);
    assert!(open.len() >= 3, "{open:?}");
    let (keep, twin, other) = (open[0].as_str(), open[1].as_str(), open[2].as_str());
    run(&["issues", "note", twin, "looks like the other one"]);
    run(&[
        "issues",
        "link",
        twin,
        "https://wiki.example.com/runbooks/db",
        "--title",
        "runbook",
    ]);
    run(&["issues", "assign", other, "Sam"]);
    assert_eq!(list(&["--assignee", "sam"]), [other]);
    assert_eq!(list(&["--assignee", ""]).len(), open.len() - 1);
    run(&["issues", "unassign", other, other]);
    assert_eq!(list(&["--assignee", "sam"]), [""; 0]);
    assert_eq!(list(&["--since", "1m"]), [""; 0]);
    assert_eq!(list(&["--since", "2026-11-02T09:00:00Z"]).len(), open.len());
    assert_eq!(list(&["--status", "active"]).len(), open.len());
    run(&["issues", "merge", twin, "--into", keep]);
    let shown = run(&["issues", "show", keep]).stdout;
    insta::assert_snapshot!("merged_target", shown);
    let shown = run(&["issues", "show", twin, "--format", "markdown"]).stdout;
    insta::assert_snapshot!("merged_duplicate", shown);
    assert!(list(&["--status", "resolved"]).contains(&twin.to_owned()));
    // It is still seen, and does not pop up again while the other is open.
    played
        .fractary("2026-11-02T09:22:00Z", &["run"])
        .run()
        .exits(1);
    assert!(!list(&[]).contains(&twin.to_owned()));
    for bad in [
        &["issues", "merge", keep, "--into", keep][..],
        &["issues", "merge", keep, "--into", twin],
        &["issues", "link", keep, "javascript:alert(1)"],
        &["issues", "--status", "open"],
        &["issues", "--since", "yesterday"],
        &["issues", "resolve", keep, "infra-zzz", "--reason", "x"],
    ] {
        played.fractary(at, bad).run().exits(2);
    }
    // Several at once, all or nothing.
    run(&["issues", "resolve", keep, other, "--reason", "both mended"]);
    assert!(list(&["--resolved"]).len() >= 3);
    run(&["issues", "reopen", keep, other, "--reason", "both not"]);
    // Out of its incident and back, each twice: the second time nothing is committed.
    let head = || played.git(&["rev-parse", "HEAD"]);
    let incident = |id: &str| {
        let shown = run(&["issues", "show", id, "--format", "json"]).json();
        shown["incident"]["id"].clone()
    };
    let split = ["issues", "split", other];
    run(&split);
    assert_ne!(incident(other), incident(keep));
    let (apart, landed) = (incident(other), head());
    let twice = played.fractary(at, &split).run().exits(2);
    let said = format!("issue {other} is an incident of its own already");
    assert!(twice.stderr.contains(&said), "{}", twice.stderr);
    assert_eq!((incident(other), head()), (apart, landed));
    let join = ["issues", "join", other, "--with", keep];
    run(&join);
    assert_eq!(incident(other), incident(keep));
    let landed = head();
    let said = format!("issue {other} belongs to that incident already");
    let twice = run(&join);
    assert!(twice.stderr.contains(&said), "{}", twice.stderr);
    assert_eq!(head(), landed);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    played.fractary(at, &["check"]).run().exits(0);
}

#[test]
fn a_repository_with_many_loose_objects_is_packed_as_git_commit_would() {
    let played = Played::new();
    let many = played.repository().join("many");
    std::fs::create_dir(&many).expect("created");
    for number in 0..1_500 {
        std::fs::write(many.join(number.to_string()), number.to_string()).expect("written");
    }
    played.git(&["config", "gc.auto", "0"]);
    played.git(&["add", "many"]);
    played.git(&["commit", "--quiet", "--message", "Many files"]);
    played.git(&["config", "gc.auto", "200"]);
    played.git(&["config", "gc.autoDetach", "false"]);
    let id = played.issue();
    played
        .fractary(END, &["issues", "note", &id, "packed with this"])
        .run()
        .exits(0);
    let left = played.git(&["count-objects"]);
    assert!(left.starts_with("0 objects"), "{left}");
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}
