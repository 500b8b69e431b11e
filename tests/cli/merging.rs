//! `git merge` with the merge driver, end to end.

use std::fs;

use crate::demo::{END, Played};

/// The demo's repository, whose git knows the driver and finds the program.
struct Branches(Played);

impl Branches {
    fn new() -> Self {
        let played = Played::new();
        let driver = format!(
            "'{}' merge-file %O %A %B %P",
            env!("CARGO_BIN_EXE_fractary")
        );
        played.git(&["config", "merge.fractary.driver", &driver]);
        Self(played)
    }

    fn fractary(&self, arguments: &[&str]) -> String {
        self.0.fractary(END, arguments).run().exits(0).stdout
    }

    /// Does something on a branch of its own that starts at `main`.
    fn on(&self, branch: &str, arguments: &[&[&str]]) {
        self.0.git(&["checkout", "--quiet", "-b", branch, "main"]);
        for arguments in arguments {
            self.fractary(arguments);
        }
    }

    fn merge(&self, branch: &str) {
        self.0.git(&["merge", "--quiet", "--no-edit", branch]);
        assert_eq!(self.0.git(&["status", "--porcelain"]), "");
        self.fractary(&["check", "--strict"]);
    }

    fn ids(&self) -> Vec<String> {
        let listed = self.fractary(&["issues", "--format", "json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
        let rows = listed.as_array().expect("a list").iter();
        rows.filter_map(|row| row["id"].as_str().map(str::to_owned))
            .collect()
    }

    fn issue(&self, id: &str) -> serde_json::Value {
        serde_json::from_str(&self.fractary(&["issues", "show", id, "--format", "json"]))
            .expect("JSON")
    }
}

#[test]
fn two_branches_work_on_the_same_issues() {
    let branches = Branches::new();
    let ids = branches.ids();
    let (one, two) = (ids[0].as_str(), ids[1].as_str());
    branches.on(
        "left",
        &[
            &["issues", "note", one, "from the left"],
            &["issues", "resolve", two, "--reason", "mended"],
        ],
    );
    branches.on(
        "right",
        &[
            &["issues", "note", one, "from the right"],
            &["issues", "note", two, "still looking"],
            &["issues", "assign", one, "ann"],
        ],
    );
    branches.merge("left");
    let merged = branches.issue(one);
    let notes = merged["notes"].as_array().expect("notes").len();
    assert_eq!((notes, &merged["assignee"]), (2, &"ann".into()));
    let resolved = branches.issue(two);
    assert_eq!(resolved["status"], "resolved");
    assert_eq!(resolved["notes"][0]["text"], "still looking");
    assert!(!branches.ids().contains(&two.to_owned()));
    let active = format!(".fractary/plugins/helm/issues/active/{two}.json");
    assert!(!branches.0.repository().join(active).exists());
}

#[test]
fn text_around_the_generated_part_is_merged_as_text() {
    let branches = Branches::new();
    let path = ".fractary/plugins/faber-cloud/deployments/prod/DEPLOYED.md";
    let full = branches.0.repository().join(path);
    let text = fs::read_to_string(&full).expect("it is there");
    let edit = |branch: &str, text: String| {
        branches.on(branch, &[]);
        fs::write(&full, text).expect("it can be written");
        branches
            .0
            .git(&["commit", "--quiet", "--all", "-m", branch]);
    };
    edit(
        "above",
        format!("# Above\n\n{}", text.replacen("orders", "ORDERS", 1)),
    );
    edit(
        "below",
        format!("{}\nBelow.\n", text.replacen("orders", "Orders", 1)),
    );
    branches.0.git(&["merge", "--quiet", "--no-edit", "above"]);
    let merged = fs::read_to_string(&full).expect("it is there");
    assert!(merged.starts_with("# Above\n"), "{merged}");
    assert!(merged.ends_with("Below.\n"), "{merged}");
    assert!(!merged.contains("<<<<"), "{merged}");
}

#[test]
fn a_true_conflict_shows_both_sides() {
    let branches = Branches::new();
    let path = ".fractary/shared/environments.json";
    let full = branches.0.repository().join(path);
    let text = fs::read_to_string(&full).expect("it is there");
    for (branch, region) in [("left", "eu-west-1"), ("right", "eu-north-1")] {
        branches.on(branch, &[]);
        let text = text.replace("eu-central-1", region);
        fs::write(&full, text).expect("it can be written");
        branches
            .0
            .git(&["commit", "--quiet", "--all", "-m", branch]);
    }
    let merge = std::process::Command::new("git")
        .current_dir(branches.0.repository())
        .args(["-c", "user.name=T", "-c", "user.email=t@example.com"])
        .args(["merge", "--quiet", "--no-edit", "left"])
        .output()
        .expect("the tests need git");
    assert!(!merge.status.success());
    let merged = fs::read_to_string(&full).expect("it is there");
    for part in ["<<<<<<< ours", "eu-west-1", "eu-north-1"] {
        assert!(merged.contains(part), "{merged}");
    }
    assert_eq!(
        branches.0.git(&["status", "--porcelain"]),
        format!("UU {path}\n")
    );
}
