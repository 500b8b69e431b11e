//! Deployments of real resources with a real Terraform and its provider, to an emulator. What is
//! there is asked by boto3, another client.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;
use crate::support::terraform;
use crate::world::call;

const AT: &str = "2026-03-01T12:00:00Z";
const MAIN: &str = include_str!("../data/terraform/uploads/main.tf");
const VALUES: &str = include_str!("../data/terraform/uploads/test.tfvars");

const ENVIRONMENTS: &str = r#"{
  "version": "1.0.0",
  "default": "test",
  "environments": {
    "test": { "name": "test", "account_id": "000000000000", "region": "us-east-1" },
    "prod": { "name": "prod", "account_id": "000000000000", "region": "us-east-1" }
  }
}
"#;

const DEVOPS: &str = r#"{
  "version": "1.0.0",
  "project": { "name": "acme" },
  "handlers": {
    "iac": {
      "active": "terraform",
      "terraform": { "directory": "infra", "var_file_pattern": "{environment}.tfvars" }
    }
  }
}
"#;

struct Scene {
    emulator: Emulator,
    repo: Repo,
    path: String,
}

impl Scene {
    /// `None` where the machine can't have Terraform.
    fn new() -> Option<Self> {
        let bin = terraform::folder()?;
        let emulator = emulator::ministack();
        let provider = terraform::override_for(&emulator.url());
        let repo = Repo::new(&[
            (".fractary/shared/environments.json", ENVIRONMENTS),
            (".fractary/plugins/faber-cloud/config/devops.json", DEVOPS),
            ("infra/main.tf", MAIN),
            ("infra/test.tfvars", VALUES),
            ("infra/emulator_override.tf", &provider),
            (
                ".gitignore",
                ".terraform/\n.terraform.lock.hcl\n*.tfstate*\n",
            ),
        ]);
        Some(Self {
            emulator,
            repo,
            path: terraform::path(bin),
        })
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        Fractary::in_repo(&self.repo)
            .env("PATH", &self.path)
            .endpoint(&self.emulator.url())
            .at(AT)
            .args(arguments)
            .run()
    }

    /// Asks through boto3.
    fn ask(&self, service: &str, method: &str, parameters: Value) -> Value {
        let replies = self.emulator.seed(&[call(service, method, parameters)]);
        replies[0].clone()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.repo.read(path)).expect("JSON")
    }

    /// Address of what is registered, and whether it is tainted.
    fn registered(&self) -> Vec<(String, bool)> {
        let registry = self.json(".fractary/plugins/faber-cloud/deployments/test/registry.json");
        let entries = registry["resources"].as_array().expect("a list").iter();
        let mut all: Vec<(String, bool)> = entries
            .map(|entry| {
                let address = entry["terraform_address"].as_str().unwrap_or_default();
                (address.to_owned(), entry["metadata"]["tainted"] == true)
            })
            .collect();
        all.sort();
        all
    }
}

#[test]
fn from_a_preview_to_a_teardown() {
    let Some(scene) = Scene::new() else { return };
    let preview = scene.run(&["infra", "preview"]).exits(0);
    assert!(
        preview
            .stdout
            .contains("Plan: 5 to add, 0 to change, 0 to destroy."),
        "{}",
        preview.stdout
    );
    scene.run(&["infra", "deploy", "--yes"]).exits(0);
    let queues = scene.ask("sqs", "list_queues", json!({}));
    let urls = queues["QueueUrls"].as_array().expect("queues");
    assert_eq!(urls.len(), 2);
    let names: Vec<String> = scene.registered().into_iter().map(|one| one.0).collect();
    assert_eq!(
        names,
        [
            "aws_s3_bucket.uploads",
            "aws_sns_topic.alerts",
            "aws_sqs_queue.failed",
            "aws_sqs_queue.jobs",
            "aws_ssm_parameter.flag"
        ]
    );
    let page = scene
        .repo
        .read(".fractary/plugins/faber-cloud/deployments/test/DEPLOYED.md");
    assert!(page.contains("acme-uploads-test-jobs"), "{page}");
    let list = scene
        .run(&["infra", "show-resources", "--type", "aws_sqs"])
        .exits(0);
    insta::assert_snapshot!("show_resources", list.stdout);
    let verified = scene.run(&["infra", "verify"]);
    assert!(!verified.stderr.contains("warning"), "{}", verified.stderr);
    // Nothing was changed by hand yet.
    let drift = scene.run(&["drift", "--commit"]).exits(0);
    insta::assert_snapshot!("no_drift", drift.stdout);
    let jobs = urls
        .iter()
        .filter_map(Value::as_str)
        .find(|url| url.ends_with("-jobs"));
    scene.ask(
        "sqs",
        "set_queue_attributes",
        json!({ "QueueUrl": jobs.expect("the queue"), "Attributes": { "VisibilityTimeout": "45" } }),
    );
    let drift = scene.run(&["drift", "--commit"]).exits(1);
    insta::assert_snapshot!("drift", drift.stdout);
    let issues = scene.run(&["issues", "--format", "json"]).exits(0).json();
    assert!(
        issues.to_string().contains("visibility_timeout_seconds"),
        "{issues}"
    );
    // It is set back, and over.
    scene.run(&["infra", "deploy", "--yes"]).exits(0);
    scene.run(&["drift", "--commit"]).exits(0);
    let issues = scene.run(&["issues", "--format", "json"]).exits(0).json();
    assert!(
        !issues.to_string().contains("visibility_timeout_seconds"),
        "{issues}"
    );
    let lost = scene.run(&["infra", "teardown", "--dry-run"]).exits(0);
    assert!(lost.stderr.contains("Lost for good"), "{}", lost.stderr);
    scene.run(&["infra", "teardown", "--yes"]).exits(0);
    let queues = scene.ask("sqs", "list_queues", json!({}));
    assert!(
        queues["QueueUrls"].as_array().is_none_or(Vec::is_empty),
        "{queues}"
    );
    assert!(scene.registered().is_empty());
    scene.repo.fsck();
}

#[test]
fn what_a_half_failed_apply_created_is_registered() {
    let Some(scene) = Scene::new() else { return };
    let steps = r#"
resource "aws_sqs_queue" "step" {
  count = 2
  name  = "${local.name}-step-${count.index}"
}
resource "aws_sns_topic" "half" {
  name       = "${local.name}-half"
  depends_on = [aws_sqs_queue.step]
  provisioner "local-exec" { command = "exit 3" }
}
resource "aws_sqs_queue" "never" {
  name       = "${local.name}-never"
  depends_on = [aws_sns_topic.half]
}
"#;
    let main = MAIN
        .split("resource \"aws_sqs_queue\" \"failed\"")
        .next()
        .expect("a head");
    scene
        .repo
        .write(&[("infra/main.tf", &format!("{main}{steps}"))]);
    scene.repo.commit_all("Steps");
    scene.run(&["infra", "deploy", "--yes"]).exits(1);
    assert_eq!(
        scene.registered(),
        [
            ("aws_sns_topic.half".to_owned(), true),
            ("aws_sqs_queue.step[0]".to_owned(), false),
            ("aws_sqs_queue.step[1]".to_owned(), false),
        ]
    );
    let files = scene
        .repo
        .git(&["show", "--name-only", "--format=%s", "HEAD"]);
    assert_eq!(
        files.lines().collect::<Vec<_>>(),
        [
            "fractary(infra): test deployment failed",
            "",
            ".fractary/plugins/faber-cloud/deployments/test/DEPLOYED.md",
            ".fractary/plugins/faber-cloud/deployments/test/registry.json",
            ".fractary/registry/deployments.json",
        ]
    );
    let history = scene.json(".fractary/registry/deployments.json");
    assert_eq!(history["deployments"][0]["status"], "failed");
    let list = scene.run(&["infra", "show-resources"]).exits(0);
    assert!(list.stdout.contains("not finished"), "{}", list.stdout);
}

#[test]
fn names_of_another_environment_are_not_deployed() {
    let Some(scene) = Scene::new() else { return };
    scene
        .repo
        .write(&[("infra/test.tfvars", "environment = \"prod\"\n")]);
    let run = scene.run(&["infra", "deploy", "--yes"]).exits(4);
    let error = run.stderr.lines().find(|line| line.starts_with("error:"));
    insta::assert_snapshot!("other_environment", error.expect("an error"));
    let queues = scene.ask("sqs", "list_queues", json!({}));
    assert!(
        queues["QueueUrls"].as_array().is_none_or(Vec::is_empty),
        "{queues}"
    );
}

#[test]
fn resources_of_another_account_are_not_changed() {
    let Some(scene) = Scene::new() else { return };
    scene.run(&["infra", "deploy", "--yes"]).exits(0);
    // The environment is said to be in another account now, and a queue is to change.
    let moved = ENVIRONMENTS.replacen("000000000000", "111111111111", 1);
    let main = MAIN.replace(
        "visibility_timeout_seconds = 30",
        "visibility_timeout_seconds = 60",
    );
    scene.repo.write(&[
        (".fractary/shared/environments.json", &moved),
        ("infra/main.tf", &main),
    ]);
    scene.repo.commit_all("Another account");
    let run = scene.run(&["infra", "deploy", "--yes"]).exits(4);
    let error = run.stderr.lines().find(|line| line.starts_with("error:"));
    let error = error.expect("an error");
    assert!(error.contains("are in account 000000000000"), "{error}");
    assert!(error.contains("nothing was changed"), "{error}");
    let history = scene.json(".fractary/registry/deployments.json");
    assert_eq!(history["deployments"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_bucket_that_may_hold_something_is_not_torn_down_half_way() {
    let Some(scene) = Scene::new() else { return };
    let main = MAIN.replace("  force_destroy = true\n", "");
    scene.repo.write(&[("infra/main.tf", &main)]);
    scene.repo.commit_all("Keep the objects");
    scene.run(&["infra", "deploy", "--yes"]).exits(0);
    scene.ask(
        "s3",
        "put_object",
        json!({ "Bucket": "acme-uploads-test", "Key": "photo", "Body": "x" }),
    );
    let refused = scene.run(&["infra", "teardown", "--yes"]).exits(4);
    for part in [
        "nothing was destroyed",
        "aws_s3_bucket.uploads: it must be empty",
        "--emptied",
    ] {
        assert!(refused.stderr.contains(part), "{}", refused.stderr);
    }
    let queues = scene.ask("sqs", "list_queues", json!({}));
    assert_eq!(queues["QueueUrls"].as_array().map(Vec::len), Some(2));
}
