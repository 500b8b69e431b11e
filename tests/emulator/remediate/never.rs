//! What is in `never_auto` is run by no combination of flags, variables, configuration on a branch,
//! consent at a terminal, or plain language. (Proposals are in `proposals.rs`; the rule itself is a
//! table over every action in `core::remediate`.)

use std::process::Command;

use tempfile::TempDir;

use super::{MONITORING, Scene, TERMINAL};
use crate::world::{self, LATER, NOW};

/// How someone may ask for it.
const ASKED: &[&[&str]] = &[
    &["remediate", "restart", "orders-api"],
    &["remediate", "restart_lambda", "orders-api"],
    &["remediate", "--action=restart", "--service=orders-api"],
    &["remediate", "restart the orders-api function"],
    &[
        "remediate",
        "please restart orders-api now",
        "--env",
        "test",
    ],
    &["ask", "restart orders-api in test"],
];
const FLAGS: &[&[&str]] = &[
    &[],
    &["--yes"],
    &["--propose"],
    &["--propose", "--push"],
    &["--yes", "--push"],
    &["--yes", "--format", "json"],
    &["--yes", "--quiet"],
];
const VARIABLES: &[(&str, &str)] = &[
    ("CI", "true"),
    ("FRACTARY_YES", "1"),
    ("FRACTARY_NEVER_AUTO", ""),
    ("FRACTARY_AUTO_REMEDIATE", "*"),
];

struct Never {
    scene: Scene,
    _remote: TempDir,
}

impl Never {
    /// The default branch of the remote forbids it.
    fn new() -> Self {
        let scene = Scene::function();
        let text = scene.repo.read(MONITORING);
        let never = text
            .replace("never_auto = [", "never_auto = [\"restart\", ")
            .replace("auto_remediate = []", "auto_remediate = [\"*\"]");
        assert_ne!(text, never);
        scene.repo.write(&[(MONITORING, &never)]);
        scene.repo.commit_all("Never restart");
        let remote = TempDir::new().expect("a folder");
        let path = remote.path().display().to_string();
        let made = Command::new("git")
            .args(["init", "--quiet", "--bare", "--initial-branch=main", &path])
            .status();
        assert!(made.expect("git starts").success());
        scene.repo.git(&["remote", "add", "origin", &path]);
        scene
            .repo
            .git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
        Self {
            scene,
            _remote: remote,
        }
    }

    /// A branch on which it is allowed in every way.
    fn loosen(&self) {
        let repo = &self.scene.repo;
        repo.git(&["switch", "--quiet", "--create", "lax"]);
        let text = repo.read(MONITORING);
        let lax = text.replace("never_auto = [\"restart\", ", "never_auto = [");
        assert_ne!(text, lax);
        repo.write(&[(MONITORING, &lax)]);
        repo.commit_all("Allow everything");
    }

    /// Nothing was sent, nothing recorded, nothing proposed.
    #[track_caller]
    fn is_untouched(&self, what: &str) {
        assert_eq!(self.scene.updates(), None, "{what}");
        assert_eq!(self.scene.variables().len(), 12, "{what}");
        assert_eq!(self.scene.entries().len(), 0, "{what}");
        let folder = ".fractary/plugins/helm-cloud/remediations";
        assert_eq!(self.scene.repo.files(folder), [""; 0], "{what}");
    }

    /// Every way of asking, with every flag and all variables.
    fn tries(&self, branch: &str) {
        for asked in ASKED {
            for flags in FLAGS {
                let arguments = [*asked, *flags].concat();
                let what = format!("{branch}: {}", arguments.join(" "));
                let url = self.scene.proxy.url();
                let mut run = world::fractary(&self.scene.repo, &url, NOW, &arguments);
                for (name, value) in VARIABLES {
                    run = run.env(name, value);
                }
                let ended = run.run();
                if asked[0] == "remediate" {
                    assert_ne!(ended.code, 0, "{what}: {}", ended.stdout);
                }
                self.is_untouched(&what);
            }
        }
    }

    /// Typed at a terminal.
    fn types(&self, branch: &str) {
        let arguments = ["remediate", "restart", "orders-api", "--env", "test"];
        let run = world::fractary(&self.scene.repo, &self.scene.proxy.url(), NOW, &arguments);
        let ended = run
            .env("ANSWERS", "yes,test")
            .env("COLUMNS", "100")
            .through("python3", TERMINAL)
            .run()
            .exits(4);
        assert!(ended.stdout.contains("never_auto"), "{}", ended.stdout);
        assert!(ended.stdout.contains("By hand"), "{}", ended.stdout);
        self.is_untouched(branch);
    }
}

#[test]
fn nothing_runs_what_is_never_run() {
    let never = Never::new();
    never.tries("main");
    never.types("main");
    never.loosen();
    never.tries("a branch that allows it");
    never.types("a branch that allows it");
    // An issue that a restart might help against, and runs that may do everything else.
    let calls = [
        ("2026-03-01T11:57:00Z", 200, 100),
        ("2026-03-01T12:02:00Z", 200, 100),
    ];
    world::seed_calls(&never.scene.emulator, "orders-api", &calls);
    for at in [NOW, LATER[0]] {
        never.scene.run(at, &["run", "--fail-on", "never"]);
    }
    assert_eq!(never.scene.updates(), None);
    assert_eq!(never.scene.entries().len(), 0);
}
