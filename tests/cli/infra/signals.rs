//! Interrupted and killed while Terraform is at work.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command};

use super::{Scene, list, stable};
use crate::support::fractary::Outcome;

/// The second one waits until something is written to the pipe `gate`.
const WAITS: &str = r#"
resource "terraform_data" "one" { input = "1" }
resource "terraform_data" "two" {
  depends_on = [terraform_data.one]
  provisioner "local-exec" { command = "cat ../../gate" }
}
resource "terraform_data" "three" { depends_on = [terraform_data.two] }
"#;

struct Running {
    scene: Scene,
    child: Child,
    errors: BufReader<std::process::ChildStderr>,
}

fn gate(scene: &Scene) -> PathBuf {
    scene.repo.path().join("../gate")
}

/// Starts a deployment, and returns once its second resource has begun.
fn begun() -> Option<Running> {
    let scene = Scene::new(WAITS)?;
    let made = Command::new("mkfifo").arg(gate(&scene)).status();
    assert!(made.expect("mkfifo").success());
    // Whoever runs the tests may have been told to ignore hang-ups.
    let run = scene.infra(&["deploy", "--yes"]);
    let run = run.through("sh", r#"exec env --default-signal=HUP "$@""#);
    let mut child = run.spawn();
    let mut errors = BufReader::new(child.stderr.take().expect("piped"));
    read_until(&mut errors, "terraform_data.two: create begins");
    Some(Running {
        scene,
        child,
        errors,
    })
}

fn read_until(errors: &mut impl BufRead, wanted: &str) -> String {
    let mut all = String::new();
    while !all.contains(wanted) {
        let read = errors.read_line(&mut all).expect("UTF-8");
        assert!(read > 0, "{wanted} never came:\n{all}");
    }
    all
}

fn signal(name: &str, id: u32) {
    let sent = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// Deploys again and again until Terraform of the killed run has ended.
fn until_ended(scene: &Scene) -> Outcome {
    let runs = (0..200).map(|_| scene.infra(&["deploy", "--yes"]).run());
    let mut ended = runs.filter(|run| run.code != 4);
    ended.next().expect("it ends").exits(0)
}

#[test]
fn an_interrupt_reaches_terraform_once_and_is_recorded() {
    for name in ["-INT", "-TERM", "-HUP"] {
        let Some(mut running) = begun() else { return };
        signal(name, running.child.id());
        let mut said = read_until(&mut running.errors, "asked once to stop");
        running.errors.read_to_string(&mut said).expect("UTF-8");
        let outcome = Outcome::of(running.child);
        assert_eq!(outcome.code, 130, "{said}");
        let entry = running.scene.newest();
        assert_eq!(entry["status"], "interrupted");
        assert_eq!(list(&entry, "done"), ["one"]);
        assert_eq!(list(&entry, "failed"), ["two"]);
        assert_eq!(list(&entry, "tainted"), ["two"]);
        assert_eq!(list(&entry, "not_begun"), ["three"]);
        if name == "-INT" {
            insta::assert_snapshot!("interrupted", stable(&outcome.stdout));
        }
        // Nothing holds the state any more.
        let next = running.scene.infra(&["preview"]).run().exits(0);
        assert!(next.stdout.contains("1 to destroy"), "{}", next.stdout);
    }
}

#[test]
fn after_a_kill_the_next_run_says_what_is_known() {
    let Some(mut running) = begun() else { return };
    let scene = running.scene;
    signal("-KILL", running.child.id());
    running.child.wait().expect("it is gone");
    assert_eq!(scene.newest()["status"], "started");
    // Terraform is still at work, and must not be disturbed.
    let refused = scene.infra(&["deploy", "--yes"]).run().exits(4);
    insta::assert_snapshot!("still_at_work", stable(&refused.stderr));
    std::fs::write(gate(&scene), "go on\n").expect("it reads");
    let next = until_ended(&scene);
    insta::assert_snapshot!("closed", stable(&next.stderr));
    let entry = scene.newest();
    assert_eq!(entry["status"], "interrupted");
    assert_eq!(list(&entry, "done"), ["one", "three", "two"]);
}

#[test]
fn what_terraform_did_not_live_to_record_is_unknown() {
    let Some(mut running) = begun() else { return };
    let scene = running.scene;
    signal("-KILL", running.child.id());
    running.child.wait().expect("it is gone");
    let folder = scene.repo.path().join(".git/fractary/infra/test");
    let files = std::fs::read_dir(folder).expect("the folder").flatten();
    let pid = files
        .map(|file| file.path())
        .find(|path| path.extension().is_some_and(|end| end == "pid"))
        .expect("the number of its process");
    let pid = std::fs::read_to_string(pid).expect("a number");
    let sent = Command::new("kill")
        .args(["-KILL", "--", &format!("-{pid}")])
        .status();
    assert!(sent.expect("kill").success());
    let next = scene.infra(&["deploy", "--dry-run"]).run();
    assert_eq!(next.code, 0, "{}", next.stderr);
    assert_eq!(
        scene.newest()["status"],
        "started",
        "a dry run closes nothing"
    );
    // The gate is open for whoever comes next.
    std::fs::remove_file(gate(&scene)).expect("it is there");
    std::fs::write(gate(&scene), "").expect("the folder can be written");
    let next = until_ended(&scene);
    insta::assert_snapshot!("closed_as_unknown", stable(&next.stderr));
    let text = scene.repo.read(".fractary/registry/deployments.json");
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let first = &all["deployments"][0];
    assert_eq!(first["status"], "interrupted");
    assert_eq!(list(first, "done"), ["one"]);
    assert_eq!(list(first, "unknown"), ["three", "two"]);
    assert_eq!(all["deployments"][1]["status"], "success");
}
