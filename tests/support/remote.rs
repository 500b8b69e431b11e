//! A bare remote and clones of it, about to look at a recorded world in trouble.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::fractary::Fractary;

const RECORDING: &str = include_str!("../../src/app/demo/recording.json");
const TERRAFORM: &str = include_str!("../../src/app/demo/orders.tfstate.json");

/// When the recorded world is in trouble.
const TROUBLE: &str = "2026-11-02T09:12:00Z";

/// A bare remote, and clones of it.
pub(crate) struct Remote {
    folder: TempDir,
}

impl Remote {
    /// One with a repository of these environments, each with its registry.
    pub(crate) fn new(environments: &[String]) -> Self {
        let folder = TempDir::new().expect("the system has a temporary folder");
        let remote = Self { folder };
        git(
            remote.folder.path(),
            &[
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                "remote.git",
            ],
        );
        fs::write(remote.folder.path().join("orders.tfstate"), TERRAFORM)
            .expect("it can be written");
        let seed = remote.clone_as("seed");
        seed.fractary(&[
            "init",
            "--push",
            "--account",
            "123456789012",
            "--region",
            "eu-central-1",
            "--env",
            &environments.join(","),
        ])
        .run()
        .exits(0);
        for environment in environments {
            seed.fractary(&["adopt", "../orders.tfstate", "--env", environment])
                .run()
                .exits(0);
        }
        seed.git(&["push", "--quiet"]);
        remote
    }

    /// The same, with this `[git] mode`.
    pub(crate) fn in_mode(environments: &[String], mode: &str) -> Self {
        let remote = Self::new(environments);
        let seed = remote.clone_as("chooser");
        let path = seed.root.join(".fractary/plugins/helm/config/helm.toml");
        let text = fs::read_to_string(&path).expect("init writes it");
        let text = text.replace("mode = \"direct\"", &format!("mode = \"{mode}\""));
        fs::write(&path, text).expect("it can be written");
        seed.git(&["commit", "--quiet", "--all", "-m", "Choose a mode"]);
        seed.git(&["push", "--quiet"]);
        remote
    }

    /// Where it and its clones are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("remote.git")
    }

    /// A clone.
    pub(crate) fn clone_as(&self, name: &str) -> Clone {
        self.clone_with(name, &[])
    }

    pub(crate) fn clone_with(&self, name: &str, options: &[&str]) -> Clone {
        let url = format!("file://{}", self.path().display());
        let mut arguments = vec!["clone", "--quiet"];
        arguments.extend(options);
        arguments.extend([url.as_str(), name]);
        git(self.folder.path(), &arguments);
        Clone {
            root: self.folder.path().join(name),
            home: self.folder.path().to_owned(),
        }
    }

    /// Runs git there.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.path(), arguments)
    }

    pub(crate) fn install_hook(&self, name: &str, text: &str) {
        hook(&self.path().join("hooks"), name, text);
    }
}

/// A clone, or another work tree of one.
pub(crate) struct Clone {
    pub(crate) root: PathBuf,
    pub(crate) home: PathBuf,
}

impl Clone {
    pub(crate) fn fractary(&self, arguments: &[&str]) -> Fractary {
        Fractary::in_folder(&self.root, &self.home)
            .at(TROUBLE)
            .args(arguments)
    }

    /// The scheduled run, in trouble, with `--push`.
    pub(crate) fn run(&self, environment: &str) -> Fractary {
        let recording = self.home.join(format!("{environment}.json"));
        let own = format!("\"environment\": \"{environment}\"");
        let text = RECORDING.replace("\"environment\": \"prod\"", &own);
        fs::write(&recording, text).expect("it can be written");
        self.fractary(&["run", "--push", "--env", environment, "--replay"])
            .args([recording])
    }

    pub(crate) fn note(&self, id: &str, text: &str) -> Fractary {
        self.fractary(&["issues", "note", id, text, "--push"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    pub(crate) fn issue(&self) -> String {
        let listed = self
            .fractary(&["issues", "--format", "json"])
            .run()
            .exits(0);
        let id = listed.json()[0]["id"].as_str().map(str::to_owned);
        id.expect("an issue is open")
    }

    pub(crate) fn notes(&self, id: &str) -> Vec<String> {
        let shown = self
            .fractary(&["issues", "show", id, "--format", "json"])
            .run();
        let shown = shown.exits(0).json();
        let notes = shown["notes"].as_array().expect("notes").clone();
        let mut texts: Vec<String> = notes
            .iter()
            .filter_map(|note| note["text"].as_str().map(str::to_owned))
            .collect();
        texts.sort();
        texts
    }

    /// Has another clone push its HEAD while this one pushes, for the first `times` times.
    pub(crate) fn be_overtaken_by(&self, other: &Clone, times: u32) {
        let text = format!(
            "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX\n\
             cd '{}' || exit 1\n\
             n=$(cat .git/overtaken 2>/dev/null || echo 0)\n\
             test \"$n\" -ge {times} && exit 0\n\
             echo $((n + 1)) > .git/overtaken\n\
             git commit --quiet --allow-empty -m \"Overtake $n\"\n\
             git push --quiet origin HEAD:main\n",
            other.root.display(),
        );
        hook(&self.root.join(".git/hooks"), "pre-push", &text);
    }

    pub(crate) fn is_pushed_and_clean(&self, remote: &Remote) {
        let there = remote.git(&["rev-parse", "main"]);
        assert_eq!(self.git(&["rev-parse", "HEAD"]), there);
        assert_eq!(self.git(&["status", "--porcelain"]), "");
        remote.git(&["fsck", "--full", "--strict", "--no-dangling"]);
        assert_eq!(remote.git(&["rev-list", "--merges", "main"]), "");
        self.fractary(&["check", "--strict"]).run().exits(0);
    }
}

/// Writes a hook.
pub(crate) fn hook(folder: &Path, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder).expect("it can be written");
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}")).expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be changed");
}

/// Names of so many.
pub(crate) fn environments(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("e{n}")).collect()
}

/// A remote with open issues, and two clones of it.
pub(crate) fn pair() -> (Remote, Clone, Clone) {
    let remote = Remote::new(&environments(1));
    remote.clone_as("first").run("e1").run().exits(1);
    let (a, b) = (remote.clone_as("a"), remote.clone_as("b"));
    (remote, a, b)
}

/// Runs git in a folder, with nobody's configuration.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args([
            "-c",
            "user.name=Tester",
            "-c",
            "user.email=tester@example.com",
        ])
        .args(arguments)
        .output()
        .expect("the tests need git");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("git prints UTF-8 here")
}
