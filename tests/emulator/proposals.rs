//! Consent by merge: two clones and a bare remote, and everything that is no consent.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::emulator::{self, Emulator};
use crate::support::fractary::{Fractary, Outcome};
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, LATER, NOW, call};

const FOLDER: &str = ".fractary/plugins/helm-cloud/remediations/test";
const UPDATE: &str = "lambda:UpdateFunctionConfiguration";

/// Git in a folder, as somebody.
fn git_as(folder: &Path, mail: &str, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", mail)
        .env("GIT_AUTHOR_EMAIL", mail)
        .env("GIT_COMMITTER_NAME", mail)
        .env("GIT_COMMITTER_EMAIL", mail)
        .env("GIT_AUTHOR_DATE", "2026-03-01T12:02:30Z")
        .env("GIT_COMMITTER_DATE", "2026-03-01T12:02:30Z")
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

const ANN: &str = "ann@example.com";
const BOT: &str = "tester@example.com";

struct Scene {
    emulator: Emulator,
    proxy: Proxy,
    repo: Repo,
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        let emulator = emulator::ministack();
        let made = emulator.seed(&[json!({ "do": "function", "name": "orders-api" })]);
        let repo = world::with_registry(&json!({
            "version": "1.0.0", "environment": "test",
            "resources": [{ "type": "aws_lambda_function", "aws_id": "orders-api", "arn": made[0]["arn"] }],
        }));
        let folder = TempDir::new().expect("a folder");
        let scene = Self {
            proxy: Proxy::start(emulator.address()),
            emulator,
            repo,
            folder,
        };
        let remote = scene.remote();
        git_as(
            scene.folder.path(),
            BOT,
            &[
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                &remote,
            ],
        );
        scene.git(BOT, &["remote", "add", "origin", &remote]);
        scene.git(
            BOT,
            &["push", "--quiet", "--set-upstream", "origin", "main"],
        );
        scene
    }

    fn remote(&self) -> String {
        self.folder
            .path()
            .join("remote.git")
            .to_string_lossy()
            .into_owned()
    }

    fn clone(&self, name: &str) -> PathBuf {
        git_as(
            self.folder.path(),
            BOT,
            &["clone", "--quiet", &self.remote(), name],
        );
        self.folder.path().join(name)
    }

    fn git(&self, mail: &str, arguments: &[&str]) -> String {
        git_as(&self.repo.path(), mail, arguments)
    }

    fn in_folder(&self, folder: &Path, at: &str, arguments: &[&str]) -> Fractary {
        Fractary::in_folder(folder, &self.repo.home())
            .endpoint(&self.proxy.url())
            .env("AWS_MAX_ATTEMPTS", "2")
            .at(at)
            .args(arguments)
    }

    fn run(&self, at: &str) -> Outcome {
        self.in_folder(
            &self.repo.path(),
            at,
            &["run", "--push", "--fail-on", "never"],
        )
        .run()
    }

    /// Proposes on a branch; gives the id.
    fn propose(&self) -> String {
        self.git(BOT, &["switch", "--quiet", "--create", "restart"]);
        let arguments = [
            "remediate",
            "restart",
            "orders-api",
            "--propose",
            "--format",
            "json",
        ];
        let proposed = self
            .in_folder(&self.repo.path(), NOW, &arguments)
            .run()
            .exits(0);
        proposed.json()["id"].as_str().expect("an id").to_owned()
    }

    fn merge(&self, mail: &str) {
        self.git(mail, &["switch", "--quiet", "main"]);
        self.git(
            mail,
            &["merge", "--quiet", "--no-ff", "--no-edit", "restart"],
        );
        self.git(mail, &["push", "--quiet"]);
    }

    fn sent(&self) -> u64 {
        self.proxy.counts().get(UPDATE).copied().unwrap_or_default()
    }

    fn outcomes(&self) -> Vec<String> {
        let path = format!("{FOLDER}/remediation-log.json");
        if !self.repo.has(&path) {
            return Vec::new();
        }
        let log: Value = serde_json::from_str(&self.repo.read(&path)).expect("JSON");
        let entries = log["entries"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter_map(|entry| entry["outcome"].as_str().map(str::to_owned))
            .collect()
    }

    /// The proposal is refused for this reason, kept, and nothing was sent.
    fn is_refused(&self, id: &str, why: &str) {
        let kept = self
            .repo
            .read(&format!("{FOLDER}/proposals/refused/{id}.json"));
        assert!(kept.contains(why), "{kept}");
        assert!(!self.repo.has(&format!("{FOLDER}/proposals/{id}.json")));
        assert_eq!(self.sent(), 0);
        assert_eq!(self.outcomes(), Vec::<String>::new());
    }
}

#[test]
fn a_proposal_that_somebody_else_merges_is_applied_once() {
    let scene = Scene::new();
    let id = scene.propose();
    let on_branch = scene.run(NOW);
    assert!(
        on_branch.stderr.contains("on the default branch `main`"),
        "{}",
        on_branch.stderr
    );
    assert_eq!(scene.sent(), 0, "a branch is no consent");
    scene.git(BOT, &["reset", "--quiet", "--hard", "HEAD~1"]);
    scene.merge(ANN);
    let other = scene.clone("other");
    let unpushed = scene
        .in_folder(&other, LATER[0], &["run", "--fail-on", "never"])
        .run();
    assert!(
        unpushed.stderr.contains("without `--push`"),
        "{}",
        unpushed.stderr
    );
    assert_eq!(scene.sent(), 0);
    scene.run(LATER[0]);
    assert_eq!(scene.sent(), 1);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    assert!(!scene.repo.has(&format!("{FOLDER}/proposals/{id}.json")));
    let log = scene.repo.read(&format!("{FOLDER}/remediation-log.json"));
    assert!(
        log.contains("\"how\": \"merged\"") && log.contains(ANN),
        "{log}"
    );
    // Again here, and in a clone that has not heard of it.
    scene.run(LATER[1]);
    let late = scene.clone("late");
    scene
        .in_folder(&late, LATER[1], &["run", "--push", "--fail-on", "never"])
        .run();
    assert_eq!(scene.sent(), 1);
    // The same file once more.
    scene.git(ANN, &["switch", "--quiet", "--create", "again"]);
    scene.git(
        ANN,
        &[
            "checkout",
            "--quiet",
            "restart",
            "--",
            &format!("{FOLDER}/proposals/{id}.json"),
        ],
    );
    scene.git(ANN, &["commit", "--quiet", "--message", "Again"]);
    scene.git(ANN, &["switch", "--quiet", "main"]);
    scene.git(BOT, &["merge", "--quiet", "--no-ff", "--no-edit", "again"]);
    scene.git(ANN, &["push", "--quiet"]);
    scene.run(LATER[1]);
    assert_eq!(scene.sent(), 1);
    let kept = scene
        .repo
        .read(&format!("{FOLDER}/proposals/refused/{id}.json"));
    assert!(kept.contains("it was applied already"), "{kept}");
    scene
        .in_folder(&scene.repo.path(), LATER[1], &["check"])
        .run()
        .exits(0);
}

#[test]
fn of_two_runs_at_once_one_applies_it() {
    let scene = Scene::new();
    scene.propose();
    scene.merge(ANN);
    let folders = [scene.clone("one"), scene.clone("two")];
    let arguments = ["run", "--push", "--fail-on", "never"];
    let children = folders.map(|folder| scene.in_folder(&folder, LATER[0], &arguments).spawn());
    let ended = children.map(Outcome::of);
    assert_eq!(scene.sent(), 1, "{ended:?}");
}

#[test]
fn whoever_proposes_does_not_agree() {
    let scene = Scene::new();
    let id = scene.propose();
    scene.merge(BOT);
    scene.run(LATER[0]);
    scene.is_refused(&id, "has both proposed and merged it");
}

#[test]
fn a_squash_is_nobodys_consent() {
    let scene = Scene::new();
    let id = scene.propose();
    scene.git(ANN, &["switch", "--quiet", "main"]);
    scene.git(ANN, &["merge", "--quiet", "--squash", "restart"]);
    scene.git(ANN, &["commit", "--quiet", "--message", "Restart"]);
    scene.git(ANN, &["push", "--quiet"]);
    scene.run(LATER[0]);
    scene.is_refused(&id, "has both proposed and merged it");
}

#[test]
fn what_is_too_old_is_refused() {
    let scene = Scene::new();
    let id = scene.propose();
    scene.merge(ANN);
    scene.run("2026-03-02T12:02:00Z");
    scene.is_refused(&id, "it expired on 2026-03-02 12:02 UTC");
}

#[test]
fn what_was_edited_is_refused() {
    for in_the_merge in [false, true] {
        let scene = Scene::new();
        let id = scene.propose();
        let path = format!("{FOLDER}/proposals/{id}.json");
        let edit = |scene: &Scene| {
            let text = scene
                .repo
                .read(&path)
                .replace("restart_lambda", "unreserve_lambda");
            scene.repo.write(&[(&path, &text)]);
            scene.git(ANN, &["add", "--all"]);
        };
        if in_the_merge {
            scene.git(ANN, &["switch", "--quiet", "main"]);
            scene.git(
                ANN,
                &["merge", "--quiet", "--no-ff", "--no-commit", "restart"],
            );
            edit(&scene);
            scene.git(ANN, &["commit", "--quiet", "--no-edit"]);
            scene.git(ANN, &["push", "--quiet"]);
        } else {
            edit(&scene);
            scene.git(BOT, &["commit", "--quiet", "--message", "Better"]);
            scene.merge(ANN);
        }
        scene.run(LATER[0]);
        scene.is_refused(&id, "it was changed after it was proposed");
    }
}

#[test]
fn what_was_planned_on_something_else_is_refused() {
    let scene = Scene::new();
    let id = scene.propose();
    scene.merge(ANN);
    scene.emulator.seed(&[call(
        "lambda",
        "update_function_configuration",
        json!({ "FunctionName": "orders-api", "Timeout": 20 }),
    )]);
    scene.run(LATER[0]);
    scene.is_refused(&id, "the resource has changed since it was planned");
}

/// What was allowed when it was proposed, and is not any more.
#[test]
fn what_is_never_run_is_not_run_by_a_proposal() {
    let scene = Scene::new();
    let id = scene.propose();
    scene.merge(ANN);
    let monitoring = ".fractary/plugins/helm-cloud/config/monitoring.toml";
    let text = scene.repo.read(monitoring);
    let never = text.replace("never_auto = [", "never_auto = [\"restart\", ");
    assert_ne!(text, never);
    scene.repo.write(&[(monitoring, &never)]);
    scene.git(
        ANN,
        &["commit", "--quiet", "--all", "--message", "Never restart"],
    );
    scene.git(ANN, &["push", "--quiet"]);
    scene.run(LATER[0]);
    scene.is_refused(&id, "never_auto");
}

/// Two proposals for one resource: the second was planned on what the first has changed.
#[test]
fn of_two_proposals_for_one_resource_the_second_is_stale() {
    let scene = Scene::new();
    let first = scene.propose();
    let second = scene
        .in_folder(
            &scene.repo.path(),
            NOW,
            &[
                "remediate",
                "raise_lambda_timeout",
                "orders-api",
                "--set",
                "timeout=30",
                "--propose",
                "--format",
                "json",
            ],
        )
        .run()
        .exits(0)
        .json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    scene.merge(ANN);
    scene.run(LATER[0]);
    // The cool-down of the resource is over by then.
    scene.run("2026-03-01T12:32:00Z");
    assert_eq!(scene.sent(), 1);
    let refused = [&first, &second].into_iter().filter(|id| {
        scene
            .repo
            .has(&format!("{FOLDER}/proposals/refused/{id}.json"))
    });
    let refused: Vec<&String> = refused.collect();
    let [one] = refused[..] else {
        panic!("one is refused: {refused:?}");
    };
    let kept = scene
        .repo
        .read(&format!("{FOLDER}/proposals/refused/{one}.json"));
    assert!(
        kept.contains("the resource has changed since it was planned"),
        "{kept}"
    );
}

/// Whoever merges a change of code from a stranger does not agree to what a file in it would do.
#[test]
fn what_a_fork_brings_is_refused() {
    let scene = Scene::new();
    let id = scene.propose();
    scene.git(ANN, &["switch", "--quiet", "main"]);
    scene.git(
        ANN,
        &[
            "merge",
            "--quiet",
            "--no-ff",
            "--message",
            "Merge pull request #7 from stranger/restart",
            "restart",
        ],
    );
    scene.git(ANN, &["push", "--quiet"]);
    let run = ["run", "--push", "--fail-on", "never"];
    scene
        .in_folder(&scene.repo.path(), LATER[0], &run)
        .env("GITHUB_REPOSITORY", "acme/orders")
        .run();
    scene.is_refused(&id, "a pull request from a fork brought it (stranger)");
}
