//! Deployments with a real Terraform. Its built-in `terraform_data` needs no cloud, so that what is
//! looked at here is what happens around an apply: consent, records, signals, locks.

mod known_fixes;
mod opentofu;
mod outputs;
mod proposed;
mod refusals;
mod signals;
mod unwritten;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;
use crate::support::{sts, terraform};

pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";
const ACCOUNT: &str = "123456789012";

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "test": { "name": "test", "account_id": "123456789012", "region": "eu-central-1" },
    "prod": { "name": "prod", "account_id": "123456789012", "region": "eu-central-1" }
  }
}
"#;

const DEVOPS: &str = r#"{
  "version": "1.0.0",
  "project": { "name": "orders" },
  "handlers": {
    "hosting": { "active": "aws" },
    "iac": { "active": "terraform", "terraform": { "directory": "infra" } }
  }
}
"#;

/// Three in a row; the second one fails while its file is there.
const MAIN: &str = r#"
resource "terraform_data" "one" { input = "1" }
resource "terraform_data" "two" {
  depends_on = [terraform_data.one]
  provisioner "local-exec" { command = "test ! -e ../../broken" }
}
resource "terraform_data" "three" { depends_on = [terraform_data.two] }
"#;

/// A repository with a configuration, and a Terraform.
pub(crate) struct Scene {
    pub(crate) repo: Repo,
    bin: &'static Path,
    identity: String,
}

impl Scene {
    /// `None` where the machine can't have Terraform.
    pub(crate) fn new(main: &str) -> Option<Self> {
        let bin = terraform::folder()?;
        let repo = Repo::new(&[
            (".fractary/shared/environments.json", ENVIRONMENTS),
            (".fractary/plugins/faber-cloud/config/devops.json", DEVOPS),
            ("infra/main.tf", main),
            (".gitignore", ".terraform/\n*.tfstate*\n"),
        ]);
        Some(Self {
            repo,
            bin,
            identity: sts::start(ACCOUNT),
        })
    }

    /// A run of `infra` with these arguments.
    pub(crate) fn infra(&self, arguments: &[&str]) -> Fractary {
        self.infra_at(NOW, arguments)
    }

    /// The same at another time.
    pub(crate) fn infra_at(&self, time: &str, arguments: &[&str]) -> Fractary {
        Fractary::in_repo(&self.repo)
            .env("PATH", terraform::path(self.bin))
            .endpoint(&self.identity)
            .at(time)
            .args(["infra"])
            .args(arguments)
    }

    /// Terraform by hand, in the directory of the configuration.
    pub(crate) fn terraform(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(self.bin.join("terraform"));
        command
            .current_dir(self.repo.path().join("infra"))
            .args(arguments)
            .stdin(std::process::Stdio::null());
        command
    }

    /// Makes the second resource fail, or not.
    pub(crate) fn break_second(&self, broken: bool) {
        let path = self.repo.path().join("../broken");
        match broken {
            true => fs::write(path, "").expect("the folder can be written"),
            false => fs::remove_file(path).expect("it is there"),
        }
    }

    /// The newest entry of the history.
    pub(crate) fn newest(&self) -> Value {
        let text = self.repo.read(".fractary/registry/deployments.json");
        let all: Value = serde_json::from_str(&text).expect("JSON");
        let list = all["deployments"].as_array().expect("a list");
        list.last().expect("one").clone()
    }
}

/// One list of an outcome, without the type.
pub(crate) fn list(entry: &Value, name: &str) -> Vec<String> {
    let list = entry["record"]["outcome"][name].as_array();
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts
        .map(|text| text.trim_start_matches("terraform_data.").to_owned())
        .collect()
}

/// Leaves out what differs from run to run.
pub(crate) fn stable(text: &str) -> String {
    let rules = [
        (r"d-\d{8}-\d{6}-[0-9a-f]{8}", "d-ID"),
        (r"\b[0-9a-f]{64}\b", "SHA"),
        (r"Commit( +)[0-9a-f]{10}", "Commit${1}COMMIT"),
        (r"committed [0-9a-f]+", "committed COMMIT"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
        (r"signal: \w+", "signal: WHICH"),
        (r"began \d{4}-[^;\n]*?UTC", "began WHEN"),
        (r"\bserial \d+", "serial N"),
        (r"now has \d+", "now has N"),
        (r"process \d+", "process N"),
        (r"kill -INT \d+", "kill -INT N"),
        (r"locked by \S+", "locked by WHO"),
        (r"since \d{4}-[^;]*UTC;", "since WHEN;"),
        (r"-chdir=\S+/infra", "-chdir=…/infra"),
        (r"SHA-256 [0-9a-f]{12}", "SHA-256 SHORT"),
        (r"and [0-9a-f]{12} was", "and SHORT was"),
    ];
    rules.iter().fold(text.to_owned(), |text, (pattern, with)| {
        let rule = regex::Regex::new(pattern).expect("a pattern");
        rule.replace_all(&text, *with).into_owned()
    })
}

#[test]
fn what_was_previewed_is_deployed_and_recorded() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    let preview = scene.infra(&["preview"]).run().exits(0);
    insta::assert_snapshot!("preview", stable(&preview.stdout));
    assert_eq!(scene.repo.log(), ["Begin"], "looking commits nothing");
    let deployed = scene.infra(&["deploy", "--yes"]).run().exits(0);
    insta::assert_snapshot!("deployed", stable(&deployed.stdout));
    insta::assert_snapshot!("deployed_progress", stable(&deployed.stderr));
    assert_eq!(
        scene.repo.log(),
        [
            "fractary(infra): test deployment success",
            "fractary(infra): test deployment started",
            "Begin",
        ]
    );
    let files = scene
        .repo
        .git(&["show", "--name-only", "--format=", "HEAD"]);
    assert_eq!(
        files.lines().collect::<Vec<_>>(),
        [
            ".fractary/plugins/faber-cloud/deployments/test/DEPLOYED.md",
            ".fractary/plugins/faber-cloud/deployments/test/registry.json",
            ".fractary/registry/deployments.json",
        ]
    );
    let entry = scene.newest();
    assert_eq!(entry["status"], "success");
    assert_eq!(list(&entry, "done"), ["one", "three", "two"]);
    assert_eq!(entry["record"]["consent"]["how"], "flag");
    // What was previewed is what was applied.
    assert!(
        preview
            .stdout
            .contains(entry["plan_sha256"].as_str().expect("a hash"))
    );
    let again = scene.infra(&["deploy", "--yes", "--format", "json"]).run();
    let again = again.exits(0).json();
    assert_eq!(again["status"], "unchanged");
    assert_eq!(scene.repo.log().len(), 3);
    // A new output is a change, and once it is there it is none.
    scene.repo.write(&[(
        "infra/out.tf",
        "output \"one\" { value = terraform_data.one.output }\n",
    )]);
    for status in ["success", "unchanged"] {
        let run = scene.infra(&["deploy", "--yes", "--format", "json"]).run();
        assert_eq!(run.exits(0).json()["status"], status);
    }
    scene.repo.fsck();
}

#[test]
fn a_half_failed_apply_is_told_as_it_was() {
    let Some(scene) = Scene::new(MAIN) else {
        return;
    };
    scene.break_second(true);
    let failed = scene.infra(&["deploy", "--yes"]).run().exits(1);
    insta::assert_snapshot!("half_failed", stable(&failed.stdout));
    let entry = scene.newest();
    assert_eq!(entry["status"], "failed");
    assert_eq!(list(&entry, "done"), ["one"]);
    assert_eq!(list(&entry, "tainted"), ["two"]);
    assert_eq!(list(&entry, "not_begun"), ["three"]);
    // It plans anew, and says how that differs.
    scene.break_second(false);
    let dry = scene.infra(&["deploy", "--dry-run"]).run().exits(0);
    insta::assert_snapshot!("what_is_left", stable(&dry.stderr));
    let rest = scene.infra(&["deploy", "--yes", "--format", "json"]).run();
    let rest = rest.exits(0).json();
    assert_eq!(rest["status"], "success");
    assert_eq!(scene.newest()["status"], "success");
}

#[test]
fn secrets_of_a_plan_are_in_no_output_and_no_record() {
    let main = r#"
variable "password" {
  type      = string
  default   = "correct-horse-battery"
  sensitive = true
}
resource "terraform_data" "db" { input = var.password }
resource "terraform_data" "copy" { triggers_replace = [terraform_data.db.output] }
"#;
    let Some(scene) = Scene::new(main) else {
        return;
    };
    let preview = scene.infra(&["preview", "--format", "json"]).run().exits(0);
    let deployed = scene.infra(&["deploy", "--yes"]).run().exits(0);
    let recorded = scene.repo.git(&["log", "-p", "--format=%B", "-2"]);
    for text in [
        &preview.stdout,
        &preview.stderr,
        &deployed.stdout,
        &deployed.stderr,
        &recorded,
    ] {
        assert!(!text.contains("correct-horse"), "{text}");
    }
    let private = scene.repo.path().join(".git/fractary/infra/test");
    let left: Vec<_> = fs::read_dir(private).expect("the folder").collect();
    assert!(left.is_empty(), "a plan is used up: {left:?}");
}
