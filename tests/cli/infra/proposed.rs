//! Consent to a deployment by a merge: a bare remote, a branch with the proposal, and whoever merges.

use std::process::Command;

use super::{MAIN, NOW, Scene, list};

const ANN: &str = "ann@example.com";
const BOT: &str = "tester@example.com";
const LATER: &str = "2026-03-01T13:00:00Z";

/// Git in the repository, as somebody.
fn git_as(scene: &Scene, mail: &str, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(scene.repo.path())
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", mail)
        .env("GIT_AUTHOR_EMAIL", mail)
        .env("GIT_COMMITTER_NAME", mail)
        .env("GIT_COMMITTER_EMAIL", mail)
        .output()
        .expect("git starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// A repository with a remote, and a proposal on a branch of it. Gives the id.
fn proposed() -> Option<(Scene, String)> {
    let scene = Scene::new(MAIN)?;
    let remote = scene.repo.path().join("../remote.git");
    let remote = remote.to_str().expect("a temporary path is UTF-8");
    git_as(
        &scene,
        BOT,
        &["init", "--quiet", "--bare", "--initial-branch=main", remote],
    );
    git_as(&scene, BOT, &["remote", "add", "origin", remote]);
    git_as(
        &scene,
        BOT,
        &["push", "--quiet", "--set-upstream", "origin", "main"],
    );
    git_as(&scene, BOT, &["switch", "--quiet", "--create", "deploy"]);
    let arguments = ["deploy", "--env", "prod", "--propose", "--format", "json"];
    let report = scene.infra(&arguments).run().exits(0).json();
    assert_eq!(report["status"], "proposed");
    assert!(
        !scene.repo.has(".fractary/registry/deployments.json"),
        "proposing deploys nothing"
    );
    let id = report["id"].as_str().expect("an id").to_owned();
    assert!(scene.repo.has(&file(&id)));
    Some((scene, id))
}

fn file(id: &str) -> String {
    format!(".fractary/plugins/faber-cloud/deployments/prod/proposals/{id}.json")
}

fn merge(scene: &Scene, mail: &str) {
    git_as(scene, mail, &["switch", "--quiet", "main"]);
    git_as(
        scene,
        mail,
        &["merge", "--quiet", "--no-ff", "--no-edit", "deploy"],
    );
    git_as(scene, mail, &["push", "--quiet"]);
}

/// A deployment to prod without a terminal is refused, and says this.
#[track_caller]
fn refused(scene: &Scene, at: &str, why: &str) {
    // A machine of CI has no plan of before.
    scene
        .infra_at(at, &["preview", "--env", "prod"])
        .run()
        .exits(0);
    let run = scene
        .infra_at(at, &["deploy", "--env", "prod", "--push"])
        .run()
        .exits(4);
    assert!(run.stderr.contains(why), "{why}: {}", run.stderr);
    assert!(!scene.repo.has(".fractary/registry/deployments.json"));
}

#[test]
fn what_somebody_else_merged_is_deployed_once() {
    let Some((scene, id)) = proposed() else {
        return;
    };
    refused(&scene, NOW, "on the default branch");
    merge(&scene, ANN);
    let deployed = scene
        .infra_at(LATER, &["deploy", "--env", "prod", "--push"])
        .run()
        .exits(0);
    assert!(deployed.stdout.contains("success"), "{}", deployed.stdout);
    let entry = scene.newest();
    assert_eq!(list(&entry, "done"), ["one", "three", "two"]);
    let record = &entry["record"];
    assert_eq!(record["consent"]["how"], "merged");
    assert_eq!(record["consent"]["by"], ANN);
    assert_eq!(record["proposal"], id.as_str());
    let merges = scene.repo.git(&["log", "--merges", "--format=%H"]);
    assert_eq!(record["consent"]["ref"], merges.trim());
    assert!(!scene.repo.has(&file(&id)), "it is used once");
    // Something else needs consent of its own.
    scene
        .repo
        .write(&[("infra/more.tf", "resource \"terraform_data\" \"four\" {}\n")]);
    scene.repo.commit_all("One more");
    let next = scene
        .infra_at(LATER, &["deploy", "--env", "prod", "--push"])
        .run()
        .exits(4);
    assert!(next.stderr.contains("--propose"), "{}", next.stderr);
    assert_eq!(scene.newest(), entry);
}

#[test]
fn a_proposal_agrees_to_nothing_else() {
    let Some((scene, id)) = proposed() else {
        return;
    };
    merge(&scene, BOT);
    refused(&scene, LATER, "has both proposed and merged it");
    let Some((scene, _)) = proposed() else {
        return;
    };
    merge(&scene, ANN);
    refused(&scene, "2026-03-02T12:00:01Z", "it expired on");
    scene
        .repo
        .write(&[("infra/more.tf", "resource \"terraform_data\" \"four\" {}\n")]);
    scene.repo.commit_all("More than was proposed");
    refused(&scene, LATER, "the files of the directory have changed");
    let Some((scene, own)) = proposed() else {
        return;
    };
    assert_ne!(own, id, "ids are of one proposal");
    let text = scene
        .repo
        .read(&file(&own))
        .replace("+ terraform_data.two", "~ nothing");
    scene.repo.write(&[(&file(&own), &text)]);
    git_as(&scene, BOT, &["add", "."]);
    git_as(&scene, BOT, &["commit", "--quiet", "-m", "Look harmless"]);
    merge(&scene, ANN);
    refused(&scene, LATER, "it was changed after it was proposed");
}
