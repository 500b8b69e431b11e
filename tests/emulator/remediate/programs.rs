//! Programs of the repository as actions: `[remediation.custom]`.

use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{LOG, MONITORING, Scene, shows};
use crate::world::{self, LATER, NOW};

const SCRIPT: &str = "scripts/warm.sh";
/// Writes what it was given where the test looks, outside of the repository.
const WARM: &str = "#!/bin/sh\nset -eu\n\
    printf '%s|%s|%s|%s\\n' \"$1\" \"$FRACTARY_RESOURCE\" \"$FRACTARY_REMEDIATION\" \"$TOKEN\" >> \"$OUT\"\n\
    echo warmed\n";
const CUSTOM: &str = "\n[remediation.custom.warm_up]\ntitle = \"Warm the function up\"\n\
    exec = [\"scripts/warm.sh\", \"{name} in {environment}\"]\nkinds = [\"lambda\"]\n\
    interruption = \"none\"\nrisk = \"low\"\nundo = \"cool_down\"\n\
    env = { OUT = \"${OUT}\", TOKEN = \"${TOKEN}\" }\n\
    \n[remediation.custom.cool_down]\ntitle = \"Let it cool down\"\nexec = [\"scripts/cool.sh\"]\n\
    kinds = [\"lambda\"]\nenv = { OUT = \"${OUT}\" }\n";

struct Programs {
    scene: Scene,
    out: TempDir,
}

impl Programs {
    fn new() -> Self {
        let scene = Scene::function();
        let monitoring = scene.repo.read(MONITORING) + CUSTOM;
        let cool = "#!/bin/sh\necho cooled >> \"$OUT\"\n";
        scene.repo.write(&[
            (MONITORING, &monitoring),
            (SCRIPT, WARM),
            ("scripts/cool.sh", cool),
        ]);
        scene.repo.commit_all("Programs");
        Self {
            scene,
            out: TempDir::new().expect("a folder"),
        }
    }

    fn run(&self, at: &str, arguments: &[&str]) -> crate::support::fractary::Outcome {
        let out = self.out.path().join("out").display().to_string();
        world::fractary(&self.scene.repo, &self.scene.proxy.url(), at, arguments)
            .env("OUT", &out)
            .env("TOKEN", "for-the-program-alone")
            .run()
    }

    fn warm_up(&self, more: &[&str]) -> crate::support::fractary::Outcome {
        self.run(
            NOW,
            &[&["remediate", "warm_up", "orders-api"], more].concat(),
        )
    }

    /// What the programs have written.
    fn written(&self) -> String {
        std::fs::read_to_string(self.out.path().join("out")).unwrap_or_default()
    }

    /// Replaces the program.
    fn program(&self, text: &str) {
        self.scene.repo.write(&[(SCRIPT, text)]);
        self.scene.repo.commit_all("Another program");
    }

    /// Makes what is committed now the default branch of a remote, and goes to another branch.
    fn branch_off(&self) -> TempDir {
        let remote = TempDir::new().expect("a folder");
        let path = remote.path().display().to_string();
        let made = Command::new("git")
            .args(["init", "--quiet", "--bare", "--initial-branch=main", &path])
            .status();
        assert!(made.expect("git starts").success());
        let repo = &self.scene.repo;
        repo.git(&["remote", "add", "origin", &path]);
        repo.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
        repo.git(&["switch", "--quiet", "--create", "better"]);
        remote
    }
}

#[test]
fn a_program_is_planned_agreed_to_run_recorded_and_undone() {
    let programs = Programs::new();
    let scene = &programs.scene;
    let listed = programs.run(NOW, &["remediate", "--list"]).exits(0);
    shows(&listed, "warm_up");
    let plan = programs.warm_up(&["--dry-run"]).exits(0);
    shows(&plan, "the program scripts/warm.sh");
    // Nobody agrees.
    programs.warm_up(&[]).exits(4);
    assert_eq!(
        (programs.written().as_str(), scene.entries().len()),
        ("", 0)
    );

    let applied = programs.warm_up(&["--yes"]).exits(0);
    assert!(applied.stderr.contains("warmed"), "{}", applied.stderr);
    let id = scene.last_id();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:orders-api";
    let wanted = format!("orders-api in test|{arn}|{id}|for-the-program-alone\n");
    assert_eq!(programs.written(), wanted);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    let entry = scene.entries()[1].clone();
    assert_eq!(entry["api"], json!({ "the program scripts/warm.sh": 1 }));
    assert_eq!(entry["consent"]["how"], "flag");
    assert!(entry["identity_arn"].is_string(), "{entry:#}");
    assert!(entry["applied_at"].is_string(), "{entry:#}");
    assert!(!scene.repo.read(LOG).contains("for-the-program-alone"));
    scene.is_sound();

    programs
        .run(NOW, &["remediate", "--undo", &id, "--yes"])
        .exits(0);
    assert!(programs.written().ends_with("cooled\n"));
    assert_eq!(scene.outcomes().last().map(String::as_str), Some("undone"));
    scene.is_sound();
}

/// Parameters of the program, in place of its first argument alone.
const PARAMETERS: &str = "
[remediation.custom.warm_up.parameters.paths]
about = \"paths to fill\"
min = 1
max = 50
default = \"10\"
[remediation.custom.warm_up.parameters.mode]
about = \"what is filled\"
values = [\"all\", \"new\"]
[remediation.custom.warm_up.parameters.note]
about = \"a note\"
pattern = \".+\"
example = \"sale\"
default = \"none\"
[remediation.custom.cool_down.parameters.paths]
about = \"paths to empty\"
min = 1
max = 50
";

#[test]
fn parameters_are_held_to_their_bounds_and_passed_as_they_are() {
    let programs = Programs::new();
    let scene = &programs.scene;
    let text = scene.repo.read(MONITORING).replace(
        "\"{name} in {environment}\"]",
        "\"--paths={paths}\", \"{mode}\", \"{note}\"]",
    );
    let cool = "#!/bin/sh\necho \"cooled $FRACTARY_PARAMETER_PATHS\" >> \"$OUT\"\n";
    scene.repo.write(&[
        (MONITORING, &(text + PARAMETERS)),
        ("scripts/cool.sh", cool),
    ]);
    programs.program(
        "#!/bin/sh\nset -eu\nprintf '%s|' \"$@\" \"$FRACTARY_PARAMETER_PATHS\" >> \"$OUT\"\n",
    );
    let listed = programs.run(NOW, &["remediate", "--list"]).exits(0);
    shows(
        &listed,
        "--set mode=… what is filled, one of all, new; needed",
    );
    shows(&listed, "--set paths=… paths to fill, 1 to 50");
    for (sets, why) in [
        (
            &[][..],
            "`mode` has no value: say it with --set mode=all|new",
        ),
        (
            &["mode=old"],
            "`mode` is one of all, new, and old was given",
        ),
        (
            &["mode=all", "paths=51"],
            "`paths` is 1 to 50, and 51 was given",
        ),
        (&["mode=all", "paths=1; true"], "`paths` is 1 to 50"),
        (&["mode=all", "note=-rf"], "`note` begins with no hyphen"),
        (
            &["mode=all", "path=1"],
            "`path` is no parameter of `warm_up`",
        ),
    ] {
        let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
        let refused = programs.warm_up(&[&sets[..], &["--yes"]].concat()).exits(2);
        assert!(refused.stderr.contains(why), "{why}: {}", refused.stderr);
    }
    assert_eq!(
        (programs.written().as_str(), scene.entries().len()),
        ("", 0)
    );
    // A shell would run this; nothing does, and it is not filled in again.
    let note = "note=$(touch x); {paths}";
    let sets = ["--set", "mode=new", "--set", "paths=20", "--set", note];
    let plan = programs
        .warm_up(&[&sets[..], &["--dry-run"]].concat())
        .exits(0);
    shows(&plan, "mode new, note $(touch x); {paths}, paths 20");
    programs.warm_up(&[&sets[..], &["--yes"]].concat()).exits(0);
    assert_eq!(programs.written(), "--paths=20|new|$(touch x); {paths}|20|");
    let entry = scene.entries()[1].clone();
    assert_eq!(
        entry["parameters"],
        json!({ "note": "$(touch x); {paths}", "mode": "new", "paths": "20" })
    );
    // What undoes it gets the parameter that both have.
    let id = scene.last_id();
    programs
        .run(NOW, &["remediate", "--undo", &id, "--yes"])
        .exits(0);
    assert!(
        programs.written().ends_with("cooled 20\n"),
        "{}",
        programs.written()
    );
    scene.is_sound();
}

#[test]
fn a_program_that_fails_hangs_or_is_killed_is_recorded_as_that() {
    let programs = Programs::new();
    let scene = &programs.scene;
    let last = |scene: &Scene| {
        let entry = scene.entries().pop().unwrap_or_default();
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        (text("outcome"), text("reason"))
    };
    programs.program("#!/bin/sh\necho 'no such cache' >&2\nexit 3\n");
    programs.warm_up(&["--yes"]).exits(1);
    let (outcome, reason) = last(scene);
    assert_eq!(outcome, "failed");
    assert!(reason.contains("exit code 3: no such cache"), "{reason}");

    let text = scene.repo.read(MONITORING);
    let short = text.replace("risk = \"low\"", "risk = \"low\"\ntimeout = \"1s\"");
    scene.repo.write(&[(MONITORING, &short)]);
    programs.program("#!/bin/sh\nsleep 30\n");
    programs.warm_up(&["--yes"]).exits(3);
    let (outcome, reason) = last(scene);
    assert_eq!(outcome, "unverified");
    assert!(reason.contains("what it did is not known"), "{reason}");
    scene.is_sound();

    // Killed with everything: the next run says what is known, and runs nothing.
    programs.program("#!/bin/sh\necho begun >> \"$OUT\"\nsleep 5\n");
    scene.repo.write(&[(MONITORING, &text)]);
    scene.repo.commit_all("Time enough");
    let out = programs.out.path().join("out").display().to_string();
    let arguments = ["remediate", "warm_up", "orders-api", "--yes"];
    let mut child = world::fractary(&scene.repo, &scene.proxy.url(), NOW, &arguments)
        .env("OUT", &out)
        .env("TOKEN", "t")
        .spawn();
    while !programs.written().contains("begun") {
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let run = ["run", "--fail-on", "never"];
    programs.run(LATER[1], &run);
    assert_eq!(last(scene).0, "interrupted");
    assert!(last(scene).1.contains("what its program did is not known"));
    assert_eq!(programs.written().matches("begun").count(), 1);
    scene.is_sound();
}

#[test]
fn a_branch_changes_nothing_of_what_runs() {
    let programs = Programs::new();
    let scene = &programs.scene;
    let _remote = programs.branch_off();
    // Another program, and another command line, in the checkout.
    let evil = "#!/bin/sh\necho evil >> \"$OUT\"\n";
    let text = scene.repo.read(MONITORING);
    let other = text.replace("{name} in {environment}", "changed");
    let more = "\n[remediation.custom.evil]\ntitle = \"Evil\"\nexec = [\"scripts/evil.sh\"]\n\
        kinds = [\"lambda\"]\nenv = { OUT = \"${OUT}\" }\n";
    scene.repo.write(&[
        (MONITORING, &(other + more)),
        (SCRIPT, evil),
        ("scripts/evil.sh", evil),
    ]);
    scene.repo.commit_all("Better programs");
    for name in ["evil", "EVIL"] {
        let arguments = ["remediate", name, "orders-api", "--yes"];
        let refused = programs.run(NOW, &arguments);
        assert_ne!(refused.code, 0, "{}", refused.stdout);
    }
    let refused = programs.run(NOW, &["remediate", "evil", "orders-api", "--yes"]);
    let refused = refused.exits(4);
    assert!(
        refused.stderr.contains("is in this checkout alone"),
        "{}",
        refused.stderr
    );
    assert_eq!(programs.written(), "");
    programs.warm_up(&["--yes"]).exits(0);
    let written = programs.written();
    assert!(written.starts_with("orders-api in test|"), "{written}");
    assert!(!written.contains("evil"), "{written}");
    // As in the checkout of a pull request: what is checked out is not what was agreed on.
    scene
        .repo
        .git(&["update-ref", "-d", "refs/remotes/origin/main"]);
    let refused = programs.warm_up(&["--yes"]).exits(4);
    let why = "the default branch of `origin` is not known here; nothing was run";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
    assert_eq!(programs.written(), written);
}

#[test]
fn programs_are_held_by_the_same_rules() {
    let programs = Programs::new();
    let scene = &programs.scene;
    let text = scene.repo.read(MONITORING);
    let never = text.replace("never_auto = [", "never_auto = [\"warm_up\", ");
    scene.repo.write(&[(MONITORING, &never)]);
    scene.repo.commit_all("Never");
    for more in [&["--yes"][..], &[], &["--propose"]] {
        let refused = programs.warm_up(more).exits(4);
        assert!(refused.stderr.contains("never_auto"), "{}", refused.stderr);
    }
    scene.repo.write(&[(MONITORING, &text)]);
    scene.repo.commit_all("Again");
    scene.protect();
    programs.warm_up(&["--yes"]).exits(4);
    // A run applies it by itself where it helps against the check of an issue.
    assert_eq!(programs.written(), "");
    let allowed = text
        .replace("auto_remediate = []", "auto_remediate = [\"warm_up\"]")
        .replace(
            "risk = \"low\"",
            "risk = \"low\"\nhelps = [\"error_rate_percent\"]",
        );
    // What was to be reviewed before today counts no more: what would help is said.
    let old = allowed.replace(
        "[remediation]\n",
        "[remediation]\nreview_by = \"2026-03-01\"\n",
    );
    scene.repo.write(&[(MONITORING, &old)]);
    scene.repo.commit_all("Old");
    scene.set("requires_confirmation", json!(false));
    let calls = [
        ("2026-03-01T11:57:00Z", 200, 100),
        ("2026-03-01T12:02:00Z", 200, 100),
        ("2026-03-01T12:07:00Z", 200, 100),
    ];
    world::seed_calls(&scene.emulator, "orders-api", &calls);
    programs.run(NOW, &["run", "--fail-on", "never"]);
    let overdue = programs.run(LATER[0], &["run", "--fail-on", "never"]);
    let said = "`auto_remediate` was to be reviewed by 2026-03-01, so it needs consent; \
        fractary remediate warm_up orders-api --env test --propose";
    assert!(overdue.stderr.contains(said), "{}", overdue.stderr);
    assert_eq!(programs.written(), "");
    scene.repo.write(&[(MONITORING, &allowed)]);
    scene.repo.commit_all("Reviewed");
    programs.run(LATER[1], &["run", "--fail-on", "never"]);
    assert_eq!(programs.written().lines().count(), 1);
    let entry = scene.entries().first().cloned().unwrap_or_default();
    assert_eq!(entry["consent"]["how"], "automatic");
    assert_ne!(entry["issue_id"], Value::Null);
    scene.is_sound();
}
