//! Files that a command reads are not written over, whatever they are called.

use std::fs;

use crate::demo::{END, Played};
use crate::support::fractary::Fractary;

const LOG: &str = "2026-11-29T14:00:00Z INFO started\n";
const CSV: &str = "timestamp,value\n2026-11-29T14:00:00Z,1\n2026-11-29T14:05:00Z,2\n";

#[test]
fn an_output_is_none_of_the_inputs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let files = [
        ("a.log", LOG),
        ("b.log", LOG),
        ("a.csv", CSV),
        ("taken.json", "mine"),
    ];
    for (name, text) in files {
        fs::write(path(name), text).expect("written");
    }
    fs::create_dir(path("sub")).expect("created");
    let mut cases: Vec<Vec<&str>> = vec![
        vec!["logs", "--file", "a.log", "-o", "a.log"],
        vec!["logs", "--file", "a.log", "--assign", "sub/../a.log"],
        vec![
            "logs",
            "--file",
            "b.log",
            "--baseline",
            "a.log",
            "--assign",
            "./a.log",
        ],
        vec![
            "logs", "--file", "a.log", "--assign", "x.csv", "-o", "x.csv",
        ],
        vec!["performance", "--csv", "a.csv", "--scores", "a.csv"],
        vec!["performance", "--csv", "a.csv", "--output", "a.csv"],
        vec!["permissions", "explain", "--file", "a.log", "-o", "a.log"],
        vec![
            "investigate",
            "--metrics",
            "a.csv",
            "--target",
            "x",
            "--symptom",
            "latency",
            "--at",
            "0",
            "-o",
            "a.csv",
        ],
        vec!["slo", "import", "a.log", "-o", "a.log"],
        vec!["adopt", "a.log", "-o", "a.log"],
        vec!["merge-file", "a.log", "b.log", "a.csv", "-o", "a.csv"],
        vec!["merge-shards", ".", "-o", "taken.json"],
        vec!["health", "--replay", "taken.json", "-o", "taken.json"],
        vec!["audit", "--baseline", "taken.json", "-o", "taken.json"],
        vec!["health", "--record", "new.json", "-o", "new.json"],
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(path("a.log"), path("soft.log")).expect("linked");
        fs::hard_link(path("a.csv"), path("hard.csv")).expect("linked");
        cases.push(vec!["logs", "--file", "a.log", "--assign", "soft.log"]);
        cases.push(vec![
            "performance",
            "--csv",
            "hard.csv",
            "--scores",
            "a.csv",
        ]);
    }
    for arguments in &cases {
        let run = Fractary::in_folder(folder.path(), folder.path())
            .args(arguments)
            .run()
            .exits(2);
        let is_named = ["would overwrite", "both write"];
        assert!(
            is_named.iter().any(|words| run.stderr.contains(words)),
            "{arguments:?}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains("hint: name another file with `"),
            "{}",
            run.stderr
        );
        for (name, text) in files {
            assert_eq!(fs::read_to_string(path(name)).expect("it is there"), text);
        }
    }
    let run = Fractary::in_folder(folder.path(), folder.path())
        .args(&cases[1])
        .run();
    insta::assert_snapshot!(run.stderr);
    // Others are written.
    let other = [
        "logs", "--file", "a.log", "--assign", "x.csv", "-o", "y.txt",
    ];
    Fractary::in_folder(folder.path(), folder.path())
        .args(other)
        .run()
        .exits(0);
    assert!(path("x.csv").exists() && path("y.txt").exists());
}

#[test]
fn the_state_of_a_repository_is_no_place_for_an_answer() {
    let played = Played::new();
    let environments = ".fractary/shared/environments.json";
    let run = played
        .fractary(END, &["dashboard", "-o", environments])
        .run()
        .exits(2);
    assert!(
        run.stderr.contains("belongs to the state"),
        "{}",
        run.stderr
    );
    assert_eq!(played.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_baseline_is_brought_up_to_date_in_place() {
    let scene = crate::audit::Scene::new();
    let only = ["--check", "sqs-public"];
    let write = [&only[..], &["--write-baseline", "known.json"]].concat();
    scene.audit(&write).run().exits(1);
    let both = [&write[..], &["--baseline", "known.json"]].concat();
    scene.audit(&both).run().exits(0);
    assert!(scene.repo.read("known.json").len() > 10);
}
