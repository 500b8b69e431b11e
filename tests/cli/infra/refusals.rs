//! What is not applied: other plans than the one that was shown, other environments, and what
//! somebody else is at.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::{MAIN, Scene, stable};
use crate::support::sts;

const PLAN: &str = ".git/fractary/infra/test/plan";

/// The first line of what a refused deployment says.
#[track_caller]
fn refused(scene: &Scene, arguments: &[&str]) -> String {
    let run = scene.infra(arguments).run().exits(4);
    assert!(!scene.repo.has(".fractary/registry/deployments.json"));
    first_lines(&run.stderr)
}

fn first_lines(stderr: &str) -> String {
    stable(stderr)
        .lines()
        .filter(|line| line.starts_with("error: ") || line.starts_with("hint: "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn only_the_plan_that_was_shown_is_applied() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let deploy = ["deploy", "--yes"];
    let plan = || drop(scene.infra(&["preview"]).run().exits(0));
    plan();
    let path = scene.repo.path().join(PLAN);
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("the plan");
    file.write_all(b"x").expect("it can be written");
    let tampered = refused(&scene, &deploy);
    plan();
    scene
        .repo
        .write(&[("infra/more.tf", "resource \"terraform_data\" \"four\" {}\n")]);
    let source = refused(&scene, &deploy);
    plan();
    let applied = scene.terraform(&["apply", "-auto-approve"]).output();
    assert!(applied.expect("Terraform").status.success());
    let moved = refused(&scene, &deploy);
    scene
        .repo
        .write(&[("infra/more.tf", "resource \"terraform_data\" \"five\" {}\n")]);
    plan();
    let old = scene
        .infra_at("2026-03-02T12:00:01Z", &deploy)
        .run()
        .exits(4);
    let old = first_lines(&old.stderr);
    insta::assert_snapshot!("stale_plans", [tampered, source, moved, old].join("\n"));
}

#[test]
fn a_plan_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    scene.infra(&["preview"]).run().exits(0);
    let mode = |path: &str| {
        let metadata = fs::metadata(scene.repo.path().join(path)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(PLAN), 0o600);
    assert_eq!(mode(".git/fractary/infra/test"), 0o700);
}

#[test]
fn nothing_of_another_environment_is_applied() {
    let named = "resource \"terraform_data\" \"q\" {\n  input = \"x\"\n}\n";
    let Some(scene) = Scene::new(named) else {
        return;
    };
    // Credentials of another account.
    let other = sts::start("210987654321");
    let run = scene
        .infra(&["deploy", "--yes"])
        .endpoint(&other)
        .run()
        .exits(4);
    insta::assert_snapshot!("wrong_account", stable(&run.stderr));
    assert!(!scene.repo.has(".fractary/registry/deployments.json"));
    // The state of one environment is not that of the other.
    scene.infra(&["deploy", "--yes"]).run().exits(0);
    scene
        .repo
        .write(&[("infra/more.tf", "resource \"terraform_data\" \"r\" {}\n")]);
    let run = scene.infra(&["deploy", "--env", "prod"]).run().exits(4);
    insta::assert_snapshot!("wrong_state", stable(&run.stderr));
}

#[test]
fn protected_environments_need_somebody_at_a_terminal() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let by_flag = refused(&scene, &["deploy", "--env", "prod", "--yes"]);
    let unasked = refused(&scene, &["deploy", "--env", "prod"]);
    let in_test = refused(&scene, &["deploy"]);
    insta::assert_snapshot!("consent", [by_flag, unasked, in_test].join("\n"));
}

#[test]
fn a_teardown_of_a_protected_environment_is_typed() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    scene.infra(&["deploy", "--yes"]).run().exits(0);
    let path = ".fractary/shared/environments.json";
    let protected = scene.repo.read(path).replace(
        "{ \"name\": \"test\",",
        "{ \"name\": \"test\", \"requires_confirmation\": true,",
    );
    scene.repo.write(&[(path, &protected)]);
    scene.repo.commit_all("Protect it");
    let said = |arguments: &[&str]| first_lines(&scene.infra(arguments).run().exits(4).stderr);
    let by_flag = said(&["teardown", "--yes"]);
    let unasked = said(&["teardown"]);
    insta::assert_snapshot!("teardown_is_typed", [by_flag, unasked].join("\n"));
    assert_eq!(scene.newest()["record"]["operation"], "deploy");
    let left = scene.terraform(&["state", "list"]).output();
    let left = String::from_utf8(left.expect("Terraform").stdout).expect("UTF-8");
    assert_eq!(left.lines().count(), 3, "{left}");
}

#[test]
fn a_held_lock_says_whose_it_is_and_nothing_unlocks_it() {
    let waits = "resource \"terraform_data\" \"w\" {\n  provisioner \"local-exec\" { command = \"echo begun; cat ../../gate\" }\n}\n";
    let Some(scene) = Scene::new(waits) else {
        return;
    };
    let gate = scene.repo.path().join("../gate");
    assert!(
        Command::new("mkfifo")
            .arg(&gate)
            .status()
            .expect("mkfifo")
            .success()
    );
    scene.terraform(&["init"]).output().expect("Terraform");
    // By the clock that Terraform writes the lock by.
    let made = fs::metadata(&gate).and_then(|gate| gate.modified());
    let began = jiff::Timestamp::try_from(made.expect("it is there")).expect("after 1970");
    let mut other = scene
        .terraform(&["apply", "-auto-approve", "-no-color"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("Terraform");
    let output = std::io::BufReader::new(other.stdout.as_mut().expect("piped"));
    use std::io::BufRead;
    let begun = output
        .lines()
        .map_while(Result::ok)
        .any(|line| line.ends_with(": begun"));
    assert!(begun, "it never began");
    let run = scene.infra(&["deploy", "--yes"]).run().exits(4);
    insta::assert_snapshot!("locked", stable(&run.stderr));
    // One that has ended, and that began just before the lock was taken, seems to have left it.
    let ended = serde_json::json!({ "version": "1.0.0", "deployments": [{
        "id": "d-20260301-115900-00000000", "environment": "test", "deployed_at": began,
        "deployed_by": "Ada", "status": "interrupted", "resources": [],
        "record": { "operation": "deploy", "directory": "infra", "tool": "terraform 1.15.5",
            "consent": { "how": "flag", "at": began }, "clone": "elsewhere",
            "run": "https://github.com/acme/orders/actions/runs/7",
            "lease_until": began, "planned": [] } }] });
    scene
        .repo
        .write(&[(".fractary/registry/deployments.json", &ended.to_string())]);
    scene.repo.commit_all("One was interrupted");
    let run = scene.infra(&["deploy", "--yes"]).run().exits(4);
    insta::assert_snapshot!("locked_by_what_has_ended", stable(&run.stderr));
    fs::write(&gate, "go on\n").expect("it reads");
    let rest = other.wait_with_output().expect("it ends");
    assert!(rest.status.success());
}

#[test]
fn of_two_deployments_at_once_one_stands_back() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    scene.infra(&["deploy", "--yes"]).run().exits(0);
    // Another clone has begun one and not ended it.
    let path = ".fractary/registry/deployments.json";
    let mut all: serde_json::Value = serde_json::from_str(&scene.repo.read(path)).expect("JSON");
    let mut other = all["deployments"][0].clone();
    other["id"] = "d-20260301-115900-00000000".into();
    other["status"] = "started".into();
    other["deployed_by"] = "Ada".into();
    other["record"]["clone"] = "elsewhere".into();
    other["record"]["run"] = "https://github.com/acme/orders/actions/runs/7".into();
    all["deployments"]
        .as_array_mut()
        .expect("a list")
        .push(other);
    let text = serde_json::to_string_pretty(&all).expect("JSON") + "\n";
    scene.repo.write(&[
        (path, &text),
        ("infra/more.tf", "resource \"terraform_data\" \"four\" {}\n"),
    ]);
    scene.repo.commit_all("Another one begins");
    let run = scene.infra(&["deploy", "--yes"]).run().exits(4);
    insta::assert_snapshot!("two_at_once", run.stderr);
    // After its lease it is closed, with what the state says, and the next one is deployed.
    let later = scene
        .infra_at("2026-03-01T14:15:01Z", &["deploy", "--yes"])
        .run()
        .exits(0);
    insta::assert_snapshot!("after_its_lease", stable(&later.stderr));
    let all: serde_json::Value = serde_json::from_str(&scene.repo.read(path)).expect("JSON");
    let statuses: Vec<_> = all["deployments"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(statuses, ["success", "interrupted", "success"]);
}

#[test]
fn hooks_are_those_of_the_trusted_commit() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let devops = ".fractary/plugins/faber-cloud/config/devops.json";
    let with_hooks = scene.repo.read(devops).replace(
        "\n  \"handlers\"",
        "\n  \"hooks\": { \"pre_deploy\": [{ \"run\": \"check.sh\", \"args\": [\"{environment}\"] }] },\n  \"handlers\"",
    );
    let script = "#!/bin/sh\necho \"trusted $1 ${AWS_SECRET_ACCESS_KEY:-without credentials}\"\ntest ! -e ../closed\n";
    scene
        .repo
        .write(&[(devops, &with_hooks), ("check.sh", script)]);
    scene.repo.commit_all("A hook");
    scene
        .repo
        .git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    scene
        .repo
        .write(&[("check.sh", "#!/bin/sh\necho forged\n")]);
    scene.repo.commit_all("A branch changes it");
    let closed = scene.repo.path().join("../closed");
    fs::write(&closed, "").expect("the folder can be written");
    let stopped = scene.infra(&["deploy", "--yes"]).run().exits(4);
    assert!(
        stopped.stderr.contains("check.sh failed with exit code 1"),
        "{}",
        stopped.stderr
    );
    assert!(!scene.repo.has(".fractary/registry/deployments.json"));
    fs::remove_file(closed).expect("it is there");
    // Where nobody knows the default branch, nobody knows its hooks.
    let repo = &scene.repo;
    let main = "refs/remotes/origin/main";
    let trusted = repo.git(&["rev-parse", main]);
    repo.git(&["remote", "add", "origin", "/nowhere"]);
    repo.git(&["update-ref", "-d", main]);
    let unknown = scene.infra(&["deploy", "--yes"]).run().exits(4);
    let why = "the default branch of `origin` is not known here; nothing was changed";
    assert!(unknown.stderr.contains(why), "{}", unknown.stderr);
    assert!(!repo.has(".fractary/registry/deployments.json"));
    repo.git(&["remote", "remove", "origin"]);
    repo.git(&["update-ref", main, trusted.trim()]);
    let deployed = scene.infra(&["deploy", "--yes"]).run().exits(0);
    assert!(
        deployed
            .stderr
            .contains("check.sh: trusted test without credentials"),
        "{}",
        deployed.stderr
    );
    assert!(!deployed.stderr.contains("forged"));
}
