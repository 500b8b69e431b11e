//! Work items: made once, found again, and followed until they are closed.

use serde_json::Value;

use crate::alert_scene::Scene;
use crate::demo::{END, Played};

fn first_open(played: &Played) -> String {
    let listed = played
        .fractary(END, &["issues", "--format", "json"])
        .run()
        .json();
    listed[0]["id"]
        .as_str()
        .expect("an issue is open")
        .to_owned()
}

#[test]
fn without_a_tracker_the_work_item_is_a_file() {
    let played = Played::new();
    let id = first_open(&played);
    let outcome = played
        .fractary(
            END,
            &[
                "escalate",
                &id,
                "--reason",
                "needs the *database* team @ops",
                "--priority",
                "P1",
            ],
        )
        .run()
        .exits(0);
    assert!(outcome.stderr.contains("work-items/"), "{}", outcome.stderr);
    let path = played
        .repository()
        .join(format!(".fractary/plugins/helm/work-items/{id}.md"));
    let text = std::fs::read_to_string(&path).expect("it is written");
    insta::assert_snapshot!("work_item", text);
    let shown = played
        .fractary(END, &["issues", "show", &id])
        .run()
        .exits(0)
        .stdout;
    insta::assert_snapshot!("escalated_issue", shown);
    let head = played.git(&["rev-parse", "HEAD"]);
    let again = played.fractary(END, &["escalate", &id]).run().exits(0);
    assert!(
        again.stderr.contains("has a work item already"),
        "{}",
        again.stderr
    );
    // What a second one asks for has no effect, so it is refused.
    let other = ["escalate", &id, "--priority", "P2"];
    let other = played.fractary(END, &other).run().exits(2);
    insta::assert_snapshot!("escalated_twice", other.stderr);
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(played.git(&["status", "--porcelain"]), "");
    played.fractary(END, &["check"]).run().exits(0);
    let listed = played
        .fractary(
            END,
            &["issues", "--status", "escalated", "--format", "json"],
        )
        .run()
        .json();
    assert_eq!(listed[0]["id"], id.as_str());
    insta::assert_snapshot!("escalate_commit", played.git(&["log", "-1", "--format=%B"]));
}

#[test]
fn what_cannot_be_escalated_says_why() {
    let played = Played::new();
    let resolved = played
        .fractary(END, &["issues", "--resolved", "--format", "json"])
        .run()
        .json();
    let id = resolved[0]["id"]
        .as_str()
        .expect("one is resolved")
        .to_owned();
    let said = played
        .fractary(END, &["escalate", &id])
        .run()
        .exits(2)
        .stderr;
    assert!(said.contains("is resolved"), "{said}");
    played
        .fractary(END, &["escalate", "infra-zzz"])
        .run()
        .exits(2);
    let id = first_open(&played);
    let head = played.git(&["rev-parse", "HEAD"]);
    let diff = played
        .fractary(END, &["escalate", &id, "--dry-run"])
        .run()
        .exits(0)
        .stdout;
    assert!(diff.contains("work-items/"), "{diff}");
    assert_eq!(played.git(&["rev-parse", "HEAD"]), head);
}

fn escalation(scene: &Scene, id: &str) -> Value {
    scene.issues()[id]["escalation"].clone()
}

fn events(scene: &Scene, id: &str) -> Vec<String> {
    let timeline = scene.issues()[id]["timeline"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let events = timeline.iter().filter_map(|event| event["event"].as_str());
    events.map(str::to_owned).collect()
}

#[test]
fn a_tracker_is_asked_once_and_followed() {
    let scene = Scene::new("");
    scene.run(12);
    let id = scene.issues().into_keys().next().expect("an issue");
    let mark = format!(
        "<!-- fractary issue: {}/{id} -->",
        scene.issues()[&id]["environment"].as_str().expect("one")
    );
    // Anybody can write our mark into an issue of theirs; it stays theirs.
    scene.github.add_issue(&format!("mine\n\n{mark}"), false);
    let at = "2026-11-02T09:13:00Z";
    // It dies after the work item was made, and finds it again.
    let died = scene
        .fractary(at, &["escalate", &id])
        .env("FRACTARY_FAULT", "lock-taken")
        .run();
    assert_eq!(died.code, 5, "{}", died.stderr);
    assert_eq!(scene.github.issues().len(), 2);
    scene
        .fractary(at, &["escalate", &id, "--reason", "please"])
        .run()
        .exits(0);
    let there = scene.github.issues();
    assert_eq!(there.len(), 2, "{there:?}");
    assert!(
        there[1]["body"]
            .as_str()
            .expect("text")
            .trim_end()
            .ends_with(&mark)
    );
    assert_eq!(
        there[0]["body"].as_str(),
        Some(format!("mine\n\n{mark}").as_str())
    );
    let item = escalation(&scene, &id);
    assert_eq!(
        (item["status"].as_str(), item["work_item_id"].as_str()),
        (Some("open"), Some("#2"))
    );
    assert_eq!(scene.issues()[&id]["status"], "escalated");
    // Closed there: noted here, and the issue is nobody's until it is over.
    scene.github.set_issue(2, "closed");
    scene.run(17);
    assert_eq!(escalation(&scene, &id)["status"], "closed");
    assert!(events(&scene, &id).contains(&"work_item_closed".to_owned()));
    scene.github.set_issue(2, "open");
    scene.run(22);
    assert_eq!(escalation(&scene, &id)["status"], "open");
    scene.github.set_issue(2, "closed");
    scene.run(27);
    assert_eq!(escalation(&scene, &id)["status"], "closed");
    assert_eq!(scene.github.faults(), [""; 0]);
}

#[test]
fn a_rule_escalates_by_itself_once() {
    let scene = Scene::new(
        "\n[[rules]]\nname = \"hand over\"\nwhen = 'severity == \"CRITICAL\" || severity == \"HIGH\"'\naction = \"escalate\"\nlabels = [\"sre\"]\n",
    );
    scene.run(12);
    let escalated = |scene: &Scene| {
        let issues = scene.issues();
        issues
            .values()
            .filter(|one| one["escalation"]["status"] == "open")
            .count()
    };
    let count = escalated(&scene);
    assert!(count > 0);
    assert_eq!(scene.github.issues().len(), count);
    assert!(
        scene.github.issues()[0]["labels"]
            .to_string()
            .contains("sre")
    );
    let dashboard = scene
        .played
        .git(&["show", "HEAD:.fractary/plugins/helm/DASHBOARD.md"]);
    assert!(dashboard.contains("escalated"), "{dashboard}");
    scene.run(13);
    assert_eq!(scene.github.issues().len(), count);
    // Without a repository, in a file; a tracker that fails is tried again.
    scene.played.fractary(END, &["check"]).run().exits(0);
}
