//! Grants on an emulator that enforces policies, with a real Terraform: who has no rights ends
//! deployed, and whoever grants can't deploy.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fractary::{Fractary, Outcome};
use crate::support::repo::Repo;
use crate::support::terraform;
use crate::world::call;

/// The emulator's own clock is behind it, so that an end in some hours is in its future.
const AT: &str = "2099-03-01T12:00:00Z";
pub(super) const MAIN: &str = include_str!("../data/terraform/fast/main.tf");
const VALUES: &str = include_str!("../data/terraform/fast/test.tfvars");
const AUDIT: &str = ".fractary/plugins/faber-cloud/deployments/iam-audit.json";
pub(super) const DEPLOYER: &str = "acme-orders-test-deploy";
pub(super) const GRANTER: &str = "acme-orders-discover-deploy";

fn environments() -> String {
    let of = |name: &str, confirms: bool| {
        json!({ "name": name, "account_id": "000000000000", "region": "eu-central-1",
            "requires_confirmation": confirms })
    };
    json!({ "version": "1.0.0", "default": "test",
        "environments": { "test": of("test", false), "prod": of("prod", true) } })
    .to_string()
}

fn devops(granting: &str, deploying: &str) -> String {
    json!({
        "version": "1.0.0",
        "project": { "name": "acme", "subsystem": "orders" },
        "handlers": {
            "hosting": { "active": "aws", "aws": { "profiles": {
                "discover_deploy": granting, "test_deploy": deploying, "prod_deploy": "prod" } } },
            "iac": { "active": "terraform", "terraform": {
                "directory": "infra", "var_file_pattern": "{environment}.tfvars" } },
        },
        "resource_naming": { "pattern": "{project}-{subsystem}-{environment}-{resource}" },
    })
    .to_string()
}

pub(super) struct Scene {
    pub(super) emulator: Emulator,
    pub(super) repo: Repo,
    deployer: Value,
}

impl Scene {
    pub(super) fn new() -> Self {
        let emulator = emulator::enforcing();
        let mut keys = Vec::new();
        for name in [GRANTER, DEPLOYER, "acme-orders-prod-deploy"] {
            let user = json!({ "UserName": name });
            let made = emulator.seed(&[
                call("iam", "create_user", user.clone()),
                call("iam", "create_access_key", user),
            ]);
            keys.push(made[1]["AccessKey"].clone());
        }
        let all = policy(&[json!({ "Effect": "Allow", "Action": "iam:*", "Resource": "*" })]);
        emulator.seed(&[put_policy(GRANTER, "iam", &all)]);
        let repo = Repo::new(&[
            (".fractary/shared/environments.json", &environments()),
            (
                ".fractary/plugins/faber-cloud/config/devops.json",
                &devops("granting", "deploying"),
            ),
            (
                ".gitignore",
                ".terraform/\n.terraform.lock.hcl\n*.tfstate*\n",
            ),
        ]);
        let profiles = [
            profile("granting", &keys[0]),
            profile("deploying", &keys[1]),
            profile("prod", &keys[2]),
        ];
        std::fs::create_dir_all(repo.home().join(".aws")).expect("a folder");
        std::fs::write(repo.home().join(".aws/credentials"), profiles.concat()).expect("a file");
        Self {
            emulator,
            repo,
            deployer: keys[1].clone(),
        }
    }

    /// The same with a configuration to deploy; `None` where the machine can't have Terraform.
    pub(super) fn with_terraform(main: &str) -> Option<Self> {
        terraform::folder()?;
        let scene = Self::new();
        scene
            .repo
            .write(&[("infra/main.tf", main), ("infra/test.tfvars", VALUES)]);
        scene.send_terraform_to(&scene.emulator.url());
        scene.repo.commit_all("Add the infrastructure");
        Some(scene)
    }

    /// Sends what Terraform asks, as the one that deploys, to this endpoint.
    pub(super) fn send_terraform_to(&self, url: &str) {
        let text = |key: &str| self.deployer[key].as_str().expect("a text").to_owned();
        let provider = terraform::override_as(url, &text("AccessKeyId"), &text("SecretAccessKey"));
        self.repo
            .write(&[("infra/emulator_override.tf", &provider)]);
    }

    pub(super) fn prepare(&self, arguments: &[&str]) -> Fractary {
        let run = Fractary::in_repo(&self.repo)
            .endpoint(&self.emulator.url())
            .at(AT)
            .args(arguments);
        match terraform::folder() {
            Some(bin) => run.env("PATH", terraform::path(bin)),
            None => run,
        }
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Outcome {
        self.prepare(arguments).run()
    }

    /// The entries of iam-audit.json.
    pub(super) fn audit(&self) -> Vec<Value> {
        let log: Value = serde_json::from_str(&self.repo.read(AUDIT)).expect("JSON");
        log["entries"].as_array().expect("entries").clone()
    }

    /// Asks as the one that deploys; the code of the refusal where it is refused.
    fn as_deployer(&self, service: &str, operation: &str, arguments: Value) -> Result<(), String> {
        let step = call(service, operation, arguments);
        let done = self.emulator.try_seed_as(&self.deployer, &[step]);
        done.map(drop).map_err(|refusal| refusal.code)
    }

    pub(super) fn make_queue(&self, name: &str) -> Result<(), String> {
        let input = json!({ "QueueName": name });
        self.as_deployer("sqs", "create_queue", input)
    }
}

fn profile(name: &str, keys: &Value) -> String {
    format!(
        "[{name}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys["AccessKeyId"].as_str().expect("a key"),
        keys["SecretAccessKey"].as_str().expect("a secret"),
    )
}

pub(super) fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

pub(super) fn put_policy(user: &str, name: &str, document: &str) -> Value {
    let input = json!({ "UserName": user, "PolicyName": name, "PolicyDocument": document });
    call("iam", "put_user_policy", input)
}

/// A denial as AWS writes it.
fn denied(user: &str, action: &str, resource: &str, why: &str) -> String {
    format!(
        "User: arn:aws:iam::000000000000:user/{user} is not authorized to perform: {action} on resource: {resource} {why}"
    )
}

const IMPLICIT: &str = "because no identity-based policy allows the action";

#[test]
fn who_may_do_nothing_ends_deployed_with_one_grant_ahead_and_nothing_destroyed() {
    let Some(scene) = Scene::with_terraform(MAIN) else {
        return;
    };
    let deployed = scene
        .run(&[
            "infra",
            "deploy",
            "--fix-permissions",
            "--yes",
            "--format",
            "json",
        ])
        .exits(0);
    assert_eq!(deployed.json()["status"], "success");
    let audit = scene.audit();
    let granted: Vec<&Value> = audit
        .iter()
        .filter(|one| one["status"] == "granted")
        .collect();
    assert!((1..=4).contains(&granted.len()), "{}", granted.len());
    assert_eq!(granted[0]["reason"], "a deployment needs it");
    for entry in &audit {
        assert_eq!(
            entry["principal"],
            format!("arn:aws:iam::000000000000:user/{DEPLOYER}")
        );
        assert_eq!(entry["profile"], "granting");
        assert!(
            entry["identity_arn"]
                .as_str()
                .expect("an ARN")
                .ends_with(GRANTER)
        );
    }
    // Every permission is on names of the environment, or takes no resource.
    for statement in granted
        .iter()
        .flat_map(|one| one["statement"].as_array().expect("a list"))
    {
        for resource in statement["Resource"].as_array().expect("a list") {
            let resource = resource.as_str().expect("a text");
            let actions = statement["Action"].to_string();
            let is_scoped = resource.contains("acme-orders-test");
            let is_listing = resource == "*"
                && (actions.contains("List")
                    || actions.contains("Describe")
                    || actions.contains("Get"));
            assert!(
                is_scoped || is_listing || resource.contains("parameter/"),
                "{actions} on {resource}"
            );
        }
    }
    let deployments = scene.repo.read(".fractary/registry/deployments.json");
    let deployments: Value = serde_json::from_str(&deployments).expect("JSON");
    let deployments = deployments["deployments"].as_array().expect("a list");
    assert!(deployments.len() <= 4, "{}", deployments.len());
    for step in deployments {
        for planned in step["record"]["planned"].as_array().into_iter().flatten() {
            assert!(
                planned["action"] != "replace" && planned["action"] != "delete",
                "{planned}"
            );
        }
    }
    scene.run(&["check"]).exits(0);
    // The same again has nothing to do, and grants nothing.
    let again = scene
        .run(&["infra", "deploy", "--fix-permissions", "--yes"])
        .exits(0);
    let nothing = "Plan: 0 to add, 0 to change, 0 to destroy.";
    assert!(again.stderr.contains(nothing), "{}", again.stderr);
    assert_eq!(scene.audit().len(), audit.len());
    // The identity that deploys can do no more than that, and can't grant.
    for (service, operation, input) in [
        (
            "iam",
            "put_user_policy",
            json!({ "UserName": DEPLOYER, "PolicyName": "more", "PolicyDocument": policy(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]) }),
        ),
        (
            "iam",
            "attach_user_policy",
            json!({ "UserName": DEPLOYER, "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess" }),
        ),
        (
            "iam",
            "create_policy_version",
            json!({ "PolicyArn": format!("arn:aws:iam::000000000000:policy/fractary/{DEPLOYER}-grants"), "PolicyDocument": policy(&[]), "SetAsDefault": true }),
        ),
    ] {
        let refused = scene
            .as_deployer(service, operation, input)
            .expect_err(operation);
        assert_eq!(refused, "AccessDenied", "{operation}");
    }
    assert!(scene.make_queue("acme-orders-prod-jobs").is_err());
    assert!(scene.make_queue("other").is_err());
}

#[test]
fn an_explicit_deny_ends_it_before_anything_is_changed() {
    let Some(scene) = Scene::with_terraform(MAIN) else {
        return;
    };
    let denies =
        policy(&[json!({ "Effect": "Deny", "Action": "sns:CreateTopic", "Resource": "*" })]);
    scene
        .emulator
        .seed(&[put_policy(DEPLOYER, "guard", &denies)]);
    let refused = scene
        .run(&["infra", "deploy", "--fix-permissions", "--yes"])
        .exits(4);
    assert!(
        refused.stderr.contains("sns:CreateTopic"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("`guard` denies it"),
        "{}",
        refused.stderr
    );
    assert!(!scene.repo.path().join(AUDIT).exists());
}

#[test]
fn the_identity_that_grants_cannot_deploy_and_the_one_that_deploys_cannot_grant() {
    let Some(scene) = Scene::with_terraform(MAIN) else {
        return;
    };
    let config = ".fractary/plugins/faber-cloud/config/devops.json";
    scene
        .repo
        .write(&[(config, &devops("granting", "granting"))]);
    scene.repo.commit_all("Deploy as the one that grants");
    let refused = scene.run(&["infra", "deploy", "--yes"]).exits(4);
    assert!(
        refused.stderr.contains("so it deploys nothing"),
        "{}",
        refused.stderr
    );
    scene
        .repo
        .write(&[(config, &devops("deploying", "deploying"))]);
    scene.repo.commit_all("Grant as the one that deploys");
    let grant = [
        "permissions",
        "grant",
        "--action",
        "sqs:CreateQueue",
        "--yes",
    ];
    let refused = scene.run(&grant).exits(4);
    assert!(
        refused.stderr.contains("is not the identity that grants"),
        "{}",
        refused.stderr
    );
    let fixed = scene
        .run(&["infra", "deploy", "--fix-permissions", "--yes"])
        .exits(4);
    assert!(
        fixed.stderr.contains("is not the identity that grants"),
        "{}",
        fixed.stderr
    );
    assert!(!scene.repo.path().join(AUDIT).exists());
}

#[test]
fn a_grant_is_scoped_recorded_chained_and_taken_back() {
    let scene = Scene::new();
    assert!(scene.make_queue("acme-orders-test-jobs").is_err());
    let queue = "arn:aws:sqs:eu-central-1:000000000000:acme-orders-test-jobs";
    let error = denied(DEPLOYER, "sqs:CreateQueue", queue, IMPLICIT);
    let dry = scene
        .run(&["permissions", "grant", &error, "--dry-run"])
        .exits(0);
    assert!(dry.stdout.contains("nothing was changed"), "{}", dry.stdout);
    assert!(scene.make_queue("acme-orders-test-jobs").is_err());
    let grant = scene
        .run(&[
            "permissions",
            "grant",
            &error,
            "--yes",
            "--reason",
            "the first queue",
            "--format",
            "json",
        ])
        .exits(0)
        .json();
    assert_eq!(grant["status"], "granted");
    assert_eq!(
        grant["statement"][0]["Resource"],
        json!(["arn:aws:sqs:eu-central-1:000000000000:acme-orders-test-*"])
    );
    scene
        .make_queue("acme-orders-test-jobs")
        .expect("it is granted");
    assert!(scene.make_queue("acme-orders-other").is_err());
    let audit = scene.audit();
    let states: Vec<&str> = audit
        .iter()
        .filter_map(|one| one["status"].as_str())
        .collect();
    assert_eq!(states, ["started", "granted"]);
    assert_eq!(audit[1]["policy_version"], "v1");
    assert_eq!(audit[1]["reason"], "the first queue");
    assert!(
        audit[1]["terraform_error"]
            .as_str()
            .expect("a text")
            .contains("sqs:CreateQueue")
    );
    // The same again changes nothing.
    let again = scene
        .run(&["permissions", "grant", &error, "--yes"])
        .exits(0);
    assert!(
        again.stdout.contains("nothing to change"),
        "{}",
        again.stdout
    );
    let list = scene.run(&["permissions", "list"]).exits(0);
    assert!(list.stdout.contains("the first queue"), "{}", list.stdout);
    let id = grant["id"].as_str().expect("an id");
    scene.run(&["permissions", "revoke", id, "--yes"]).exits(0);
    assert!(scene.make_queue("acme-orders-test-more").is_err());
    let list = scene.run(&["permissions", "list"]).exits(0);
    assert!(list.stdout.contains("No grants."), "{}", list.stdout);
    scene.run(&["permissions", "revoke", id, "--yes"]).exits(4);
    scene.run(&["check"]).exits(0);
}

#[test]
fn an_end_is_in_the_statement_itself() {
    let scene = Scene::new();
    let grant = [
        "permissions",
        "grant",
        "--action",
        "sqs:CreateQueue",
        "--yes",
        "--for",
        "4h",
    ];
    scene.run(&grant).exits(0);
    scene
        .make_queue("acme-orders-test-jobs")
        .expect("it has not ended");
    assert_eq!(scene.audit()[1]["expires_at"], "2099-03-01T16:00:00Z");
}

#[test]
fn nothing_has_to_run_for_a_grant_to_end() {
    let scene = Scene::new();
    let grant = [
        "permissions",
        "grant",
        "--action",
        "sqs:CreateQueue",
        "--yes",
        "--for",
        "4h",
    ];
    // Four hours of a day that is over.
    let run = Fractary::in_repo(&scene.repo)
        .endpoint(&scene.emulator.url())
        .at("2026-03-01T12:00:00Z")
        .args(grant);
    run.run().exits(0);
    assert!(scene.make_queue("acme-orders-test-jobs").is_err());
    let list = scene.run(&["permissions", "list"]).exits(0);
    assert!(list.stdout.contains("No grants."), "{}", list.stdout);
}

#[test]
fn what_no_grant_helps_with_is_refused_with_the_reason() {
    let scene = Scene::new();
    let queue = "arn:aws:sqs:eu-central-1:000000000000:acme-orders-test-jobs";
    let prod = "arn:aws:sqs:eu-central-1:000000000000:acme-orders-prod-jobs";
    let scp = "with an explicit deny in a service control policy";
    let explicit = "with an explicit deny in an identity-based policy";
    for (text, reason) in [
        (
            denied(DEPLOYER, "sqs:CreateQueue", queue, scp),
            "a grant does not help",
        ),
        (
            denied(DEPLOYER, "sqs:CreateQueue", queue, explicit),
            "a grant does not help",
        ),
        (
            denied(DEPLOYER, "sqs:CreateQueue", prod, IMPLICIT),
            "belongs to the environment `prod`",
        ),
        (
            denied(
                "acme-orders-test-worker",
                "sqs:SendMessage",
                queue,
                IMPLICIT,
            ),
            "Terraform",
        ),
        (
            denied(
                DEPLOYER,
                "iam:PutUserPolicy",
                &format!("user {DEPLOYER}"),
                IMPLICIT,
            ),
            "by hand",
        ),
    ] {
        let refused = scene
            .run(&["permissions", "grant", &text, "--yes"])
            .exits(1);
        assert!(
            refused.stdout.contains(reason),
            "{text}\n{}",
            refused.stdout
        );
    }
    let other = scene
        .run(&[
            "permissions",
            "grant",
            "--action",
            "sqs:CreateQueue",
            "--yes",
            "--identity",
            "arn:aws:iam::000000000000:user/acme-orders-prod-deploy",
        ])
        .exits(4);
    assert!(
        other.stderr.contains("deploys to the environment `prod`"),
        "{}",
        other.stderr
    );
    // A protected environment takes no flag for consent.
    let prod = scene
        .run(&[
            "--env",
            "prod",
            "permissions",
            "grant",
            "--action",
            "sqs:CreateQueue",
            "--yes",
        ])
        .exits(4);
    assert!(prod.stderr.contains("prod is protected"), "{}", prod.stderr);
    assert!(!scene.repo.path().join(AUDIT).exists());
}

#[test]
fn five_versions_make_room_for_a_sixth() {
    let scene = Scene::new();
    for action in [
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:TagQueue",
        "sqs:SetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:PurgeQueue",
    ] {
        scene
            .run(&["permissions", "grant", "--action", action, "--yes"])
            .exits(0);
    }
    let audit = scene.audit();
    let last = audit.last().expect("an entry");
    assert_eq!(last["policies"][0]["removed_version"], "v1");
    assert_eq!(
        last["policies"][0]["removed_sha256"].as_str().map(str::len),
        Some(64)
    );
    assert_eq!(last["policy_version"], "v6");
    scene.run(&["check"]).exits(0);
}

#[test]
fn what_aws_has_and_what_was_recorded_are_made_to_agree() {
    let scene = Scene::new();
    scene
        .run(&[
            "permissions",
            "grant",
            "--action",
            "sqs:CreateQueue",
            "--yes",
        ])
        .exits(0);
    let same = scene.run(&["permissions", "diff"]).exits(0);
    assert!(
        same.stdout.contains("AWS has what was recorded"),
        "{}",
        same.stdout
    );
    // Somebody changes the policy by hand.
    let arn = format!("arn:aws:iam::000000000000:policy/fractary/{DEPLOYER}-grants");
    let by_hand = policy(&[
        json!({ "Sid": "Fractary1", "Effect": "Allow", "Action": ["sns:CreateTopic"],
        "Resource": ["arn:aws:sns:eu-central-1:000000000000:acme-orders-test-*"] }),
    ]);
    let change = json!({ "PolicyArn": arn, "PolicyDocument": by_hand, "SetAsDefault": true });
    scene
        .emulator
        .seed(&[call("iam", "create_policy_version", change)]);
    let report = scene
        .run(&["permissions", "diff", "--format", "json"])
        .exits(1)
        .json();
    let difference = &report["differences"][0];
    assert_eq!(
        difference["missing"][0]["Action"],
        json!(["sqs:CreateQueue"])
    );
    assert_eq!(
        difference["unexplained"][0]["Action"],
        json!(["sns:CreateTopic"])
    );
    assert!(scene.make_queue("acme-orders-test-jobs").is_err());
    scene
        .run(&["permissions", "sync", "--to", "aws", "--yes"])
        .exits(0);
    scene.run(&["permissions", "diff"]).exits(0);
    scene
        .make_queue("acme-orders-test-jobs")
        .expect("it is granted again");
    // The other way round.
    let change = json!({ "PolicyArn": arn, "PolicyDocument": by_hand, "SetAsDefault": true });
    scene
        .emulator
        .seed(&[call("iam", "create_policy_version", change)]);
    scene
        .run(&["permissions", "sync", "--to", "record"])
        .exits(0);
    scene.run(&["permissions", "diff"]).exits(0);
    let list = scene.run(&["permissions", "list"]).exits(0);
    assert!(list.stdout.contains("sns:CreateTopic"), "{}", list.stdout);
    scene.run(&["check"]).exits(0);
}

#[test]
fn older_records_become_part_of_the_chain_once() {
    let scene = Scene::new();
    let old = json!({ "audit_version": "1.0", "project": "acme", "entries": [
        { "id": "20251028-001", "timestamp": "2025-10-28T11:00:00Z", "action": "grant_permission",
          "target_profile": DEPLOYER, "permission": "sqs:CreateQueue", "reason": "queues",
          "resource_scope": "arn:aws:sqs:*:*:acme-orders-test-*" } ] });
    let file = scene.repo.home().join("old.json");
    std::fs::write(&file, old.to_string()).expect("a file");
    let path = file.to_str().expect("a path");
    let first = scene.run(&["permissions", "import", path]).exits(0);
    assert!(first.stdout.contains("1 grant read"), "{}", first.stdout);
    let again = scene.run(&["permissions", "import", path]).exits(0);
    assert!(again.stdout.contains("0 grants read"), "{}", again.stdout);
    let audit = scene.audit();
    assert_eq!(audit.len(), 1);
    assert_eq!(audit[0]["first_granted_at"], "2025-10-28T11:00:00Z");
    assert_eq!(audit[0]["origin"], "old.json (audit_version), 20251028-001");
    scene.run(&["check"]).exits(0);
    // AWS does not have it.
    let diff = scene.run(&["permissions", "diff"]).exits(1);
    assert!(
        diff.stdout.contains("recorded, and not in AWS"),
        "{}",
        diff.stdout
    );
}

const BOT: &str = "bot@example.com";
const MERGER: &str = "tester@example.com";

/// `permissions grant` in prod, as somebody and at some time.
fn grant_in_prod(scene: &Scene, more: &[&str], mail: &str, at: &str) -> Outcome {
    Fractary::in_repo(&scene.repo)
        .endpoint(&scene.emulator.url())
        .env("GIT_AUTHOR_EMAIL", mail)
        .env("GIT_COMMITTER_EMAIL", mail)
        .at(at)
        .args(["--env", "prod", "permissions", "grant"])
        .args(more)
        .run()
}

/// Proposes on a branch of this name. Returns the id.
fn propose_on(scene: &Scene, branch: &str, what: &[&str]) -> String {
    scene.repo.git(&["checkout", "-q", "-b", branch]);
    let more = [what, &["--propose"]].concat();
    let proposed = grant_in_prod(scene, &more, BOT, AT).exits(0);
    let mut words = proposed.stdout.split_whitespace();
    let id = words.find(|word| word.starts_with("p-")).expect("an id");
    id.trim_end_matches('.').to_owned()
}

#[test]
fn a_protected_environment_is_granted_what_somebody_else_has_merged() {
    let scene = Scene::new();
    let main = scene.repo.git(&["rev-parse", "--abbrev-ref", "HEAD"]);
    let merge = |branch: &str| {
        scene.repo.git(&["checkout", "-q", main.trim()]);
        scene
            .repo
            .git(&["merge", "-q", "--no-ff", "-m", "Merge it", branch]);
    };
    let queues = ["--action", "sqs:CreateQueue"];
    let id = propose_on(&scene, "proposal", &queues);
    let of_it = ["--proposal", &id];
    // On the branch it counts for nothing.
    let refused = grant_in_prod(&scene, &of_it, MERGER, AT);
    assert_ne!(refused.code, 0, "{}", refused.stdout);
    merge("proposal");
    grant_in_prod(&scene, &of_it, MERGER, AT).exits(0);
    let audit = scene.audit();
    let last = audit.last().expect("an entry");
    assert_eq!(last["consent"]["how"], "merged");
    assert_eq!(last["proposal"], id.as_str());
    assert_eq!(last["status"], "granted");
    // Once.
    let again = grant_in_prod(&scene, &of_it, MERGER, AT).exits(4);
    assert!(again.stderr.contains("applied already"), "{}", again.stderr);
    // What is granted needs no proposal.
    let files = scene.repo.git(&["ls-files"]);
    let more = [&queues[..], &["--propose"]].concat();
    let none = grant_in_prod(&scene, &more, BOT, AT).exits(0).stdout;
    assert!(none.contains("nothing was proposed"), "{none}");
    assert_eq!(scene.repo.git(&["ls-files"]), files);
    // Merged in time, and past its end.
    let id = propose_on(&scene, "late", &["--action", "sqs:TagQueue", "--for", "1h"]);
    merge("late");
    let before = scene.audit();
    for (at, why) in [
        ("2099-03-01T14:00:00Z", "what it grants has ended already"),
        ("2099-03-02T13:00:00Z", "it expired on"),
    ] {
        let late = grant_in_prod(&scene, &["--proposal", &id], MERGER, at).exits(4);
        assert!(late.stderr.contains(why), "{}", late.stderr);
    }
    assert_eq!(scene.audit(), before);
}
