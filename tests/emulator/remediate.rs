//! Actions against the emulators: what is planned, what is changed in the server (read back through
//! boto3, another client), and what the record says of it.
//!
//! MiniStack knows neither Application Auto Scaling nor redrives of SQS: those answers are AWS's own,
//! as recorded, through the proxy, and the tests that need them say so.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, LATER, NOW};

const LOG: &str = ".fractary/plugins/helm-cloud/remediations/test/remediation-log.json";
const ENVIRONMENTS: &str = ".fractary/shared/environments.json";
const MONITORING: &str = ".fractary/plugins/helm-cloud/config/monitoring.toml";

fn call(service: &str, operation: &str, arguments: Value) -> Value {
    json!({ "do": "call", "service": service, "operation": operation, "arguments": arguments })
}

struct Scene {
    emulator: Emulator,
    proxy: Proxy,
    repo: Repo,
}

impl Scene {
    fn new(emulator: Emulator, resources: &[Value]) -> Self {
        let proxy = Proxy::start(emulator.address());
        let repo = world::with_registry(&json!({
            "version": "1.0.0", "environment": "test", "resources": resources,
        }));
        Self {
            emulator,
            proxy,
            repo,
        }
    }

    /// A function with twelve variables.
    fn function() -> Self {
        let emulator = emulator::ministack();
        let made = emulator.seed(&[json!({ "do": "function", "name": "orders-api" })]);
        let variables: serde_json::Map<String, Value> = (0..12)
            .map(|n| (format!("VARIABLE_{n}"), json!(format!("value {n}"))))
            .collect();
        emulator.seed(&[call(
            "lambda",
            "update_function_configuration",
            json!({ "FunctionName": "orders-api", "Environment": { "Variables": variables } }),
        )]);
        let arn = made[0]["arn"].clone();
        let resource = json!({ "type": "aws_lambda_function", "aws_id": "orders-api", "arn": arn,
            "terraform_address": "aws_lambda_function.api" });
        Self::new(emulator, &[resource])
    }

    fn run(&self, at: &str, arguments: &[&str]) -> Outcome {
        world::fractary(&self.repo, &self.proxy.url(), at, arguments).run()
    }

    fn remediate(&self, arguments: &[&str]) -> Outcome {
        self.run(NOW, &[&["remediate"], arguments].concat())
    }

    /// What another client sees.
    fn see(&self, service: &str, operation: &str, arguments: Value) -> Value {
        self.emulator.seed(&[call(service, operation, arguments)])[0].clone()
    }

    fn variables(&self) -> serde_json::Map<String, Value> {
        let name = json!({ "FunctionName": "orders-api" });
        let seen = self.see("lambda", "get_function_configuration", name);
        let variables = seen["Environment"]["Variables"].as_object();
        variables.cloned().unwrap_or_default()
    }

    fn entries(&self) -> Vec<Value> {
        if !self.repo.has(LOG) {
            return Vec::new();
        }
        let log: Value = serde_json::from_str(&self.repo.read(LOG)).expect("the log is JSON");
        log["entries"].as_array().cloned().expect("it has entries")
    }

    fn outcomes(&self) -> Vec<String> {
        let entries = self.entries();
        let words = entries
            .iter()
            .map(|entry| entry["outcome"].as_str().unwrap_or_default());
        words.map(str::to_owned).collect()
    }

    /// The chain is whole, and nothing is left uncommitted.
    fn is_sound(&self) {
        self.run(NOW, &["check"]).exits(0);
        assert_eq!(self.repo.status(), "");
    }

    fn last_id(&self) -> String {
        let entries = self.entries();
        let last = entries.iter().rev().find(|entry| entry["of"].is_null());
        last.and_then(|entry| entry["id"].as_str())
            .expect("there is one")
            .to_owned()
    }

    /// Makes the environment one that requires confirmation.
    fn protect(&self) {
        let text = self.repo.read(ENVIRONMENTS);
        let mut environments: Value = serde_json::from_str(&text).expect("JSON");
        environments["environments"]["test"]["requires_confirmation"] = json!(true);
        self.repo
            .write(&[(ENVIRONMENTS, &format!("{environments:#}\n"))]);
        self.repo.commit_all("Protect");
    }
}

#[test]
fn a_function_is_restarted_and_keeps_its_variables() {
    let scene = Scene::function();
    let before = scene.variables();
    assert_eq!(before.len(), 12);
    let plan = scene
        .remediate(&["restart", "orders-api", "--dry-run"])
        .exits(0);
    assert!(
        plan.stdout
            .contains("You are about to RESTART orders-api in test."),
        "{}",
        plan.stdout
    );
    assert_eq!(scene.variables(), before, "a plan changes nothing");
    assert_eq!(scene.entries().len(), 0);

    scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(0);
    let after = scene.variables();
    assert_eq!(after.len(), 13, "{after:?}");
    assert_eq!(after["FRACTARY_RESTARTED_AT"], NOW);
    assert!(before.iter().all(|(name, value)| after[name] == *value));
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    let text = scene.repo.read(LOG);
    assert!(
        !text.contains("value 3"),
        "values never reach the log: {text}"
    );
    let entry = &scene.entries()[1];
    assert_eq!(entry["consent"]["how"], "flag");
    assert_eq!(entry["consent"]["by"], "Tester");
    assert_eq!(entry["drift_expected"]["attribute"], "environment");
    assert_eq!(entry["api"]["lambda:UpdateFunctionConfiguration"], 1);
    scene.is_sound();

    let undo = scene.remediate(&["--undo", &scene.last_id(), "--yes"]);
    undo.exits(0);
    assert_eq!(scene.variables(), before);
    assert_eq!(
        scene.outcomes(),
        ["started", "unverified", "started", "unverified", "undone"]
    );
    scene.is_sound();
    let history = scene.remediate(&["--history"]).exits(0);
    assert!(
        history
            .stdout
            .contains("restart_lambda orders-api in test: undone"),
        "{}",
        history.stdout
    );
}

#[test]
fn without_consent_nothing_is_changed() {
    let scene = Scene::function();
    let before = scene.variables();
    let refused = scene.remediate(&["restart", "orders-api"]).exits(4);
    assert!(
        refused
            .stderr
            .contains("there is no terminal to ask at; nothing was changed"),
        "{}",
        refused.stderr
    );
    scene.protect();
    let refused = scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(4);
    assert!(
        refused.stderr.contains("`--yes` is none"),
        "{}",
        refused.stderr
    );
    let never = format!(
        "{}\n",
        scene
            .repo
            .read(MONITORING)
            .replace("never_auto = [", "never_auto = [\"restart\", ")
    );
    scene.repo.write(&[(MONITORING, &never)]);
    scene.repo.commit_all("Never restart");
    for more in [&["--yes"][..], &[], &["--propose"]] {
        let refused = scene
            .remediate(&[&["restart", "orders-api"], more].concat())
            .exits(4);
        assert!(refused.stderr.contains("never_auto"), "{}", refused.stderr);
    }
    assert_eq!(scene.variables(), before);
    assert_eq!(scene.entries().len(), 0);
    assert_eq!(
        scene
            .proxy
            .counts()
            .get("lambda:UpdateFunctionConfiguration"),
        None
    );
}

#[test]
fn the_identity_of_another_account_is_refused_before_anything_is_sent() {
    let scene = Scene::function();
    let text = scene
        .repo
        .read(ENVIRONMENTS)
        .replace("000000000000", "111111111111");
    scene.repo.write(&[(ENVIRONMENTS, &text)]);
    scene.repo.commit_all("Another account");
    let refused = scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(4);
    assert!(
        refused.stderr.contains("belongs to account 111111111111"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        scene
            .proxy
            .counts()
            .get("lambda:UpdateFunctionConfiguration"),
        None
    );
    assert_eq!(scene.entries().len(), 0);
}

#[test]
fn variables_that_cannot_be_read_are_not_deleted() {
    // The emulator has no KMS that denies: this is how AWS answers then.
    let scene = Scene::function();
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:orders-api";
    scene.proxy.set_rules([Rule::on(
        "lambda:GetFunctionConfiguration",
        Fault::Answer(json!({
            "FunctionName": "orders-api", "FunctionArn": arn, "State": "Active",
            "LastUpdateStatus": "Successful", "RevisionId": "r1",
            "Environment": { "Error": { "ErrorCode": "AccessDeniedException", "Message": "kms" } },
        })),
    )]);
    let refused = scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(2);
    assert!(
        refused.stderr.contains("a restart would delete them"),
        "{}",
        refused.stderr
    );
    scene.proxy.set_rules([]);
    assert_eq!(scene.variables().len(), 12);
}

#[test]
fn what_aws_refuses_is_a_failure_with_its_reason() {
    let scene = Scene::function();
    scene
        .proxy
        .set_rules([Rule::on("lambda:UpdateFunctionConfiguration", Fault::Deny)]);
    scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(1);
    assert_eq!(scene.outcomes(), ["started", "failed"]);
    let reason = scene.entries()[1]["reason"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(
        reason.contains("lambda:UpdateFunctionConfiguration"),
        "{reason}"
    );
    scene.is_sound();
}

#[test]
fn concurrency_and_memory_are_set_and_set_back() {
    let scene = Scene::function();
    let name = || json!({ "FunctionName": "orders-api" });
    let reserved = |scene: &Scene| {
        scene.see("lambda", "get_function_concurrency", name())["ReservedConcurrentExecutions"]
            .clone()
    };
    scene
        .remediate(&[
            "scale_lambda",
            "orders-api",
            "--set",
            "concurrency=20",
            "--yes",
        ])
        .exits(0);
    assert_eq!(reserved(&scene), 20);
    let too_much = scene.remediate(&[
        "scale_lambda",
        "orders-api",
        "--set",
        "concurrency=10000",
        "--yes",
    ]);
    let too_much = too_much.exits(2);
    assert!(
        too_much.stderr.contains("AWS keeps 100 for them"),
        "{}",
        too_much.stderr
    );
    let first = scene.last_id();
    scene.remediate(&["--undo", &first, "--yes"]).exits(0);
    assert_eq!(reserved(&scene), Value::Null);
    let nothing = scene
        .remediate(&["unreserve_lambda", "orders-api", "--yes"])
        .exits(0);
    assert!(
        nothing
            .stdout
            .contains("Nothing to do: nothing is reserved."),
        "{}",
        nothing.stdout
    );
    let entries = scene.entries().len();

    let memory = |scene: &Scene| {
        scene.see("lambda", "get_function_configuration", name())["MemorySize"].clone()
    };
    scene
        .remediate(&[
            "raise_lambda_memory",
            "orders-api",
            "--set",
            "memory=512",
            "--yes",
        ])
        .exits(0);
    assert_eq!(memory(&scene), 512);
    assert_eq!(scene.variables().len(), 12);
    scene
        .remediate(&["--undo", &scene.last_id(), "--yes"])
        .exits(0);
    assert_eq!(memory(&scene), 128);
    scene
        .remediate(&[
            "raise_lambda_timeout",
            "orders-api",
            "--set",
            "timeout=30",
            "--yes",
        ])
        .exits(0);
    let seen = scene.see("lambda", "get_function_configuration", name());
    assert_eq!(seen["Timeout"], 30);
    assert!(scene.entries().len() > entries);
    scene.is_sound();
}

#[test]
fn an_alias_is_rolled_back_and_a_restart_behind_it_is_refused() {
    let scene = Scene::function();
    let name = || json!({ "FunctionName": "orders-api" });
    scene.see("lambda", "publish_version", name());
    scene.see(
        "lambda",
        "update_function_configuration",
        json!({ "FunctionName": "orders-api", "Timeout": 9 }),
    );
    scene.see("lambda", "publish_version", name());
    scene.see(
        "lambda",
        "create_alias",
        json!({ "FunctionName": "orders-api", "Name": "live", "FunctionVersion": "2" }),
    );
    let alias = |scene: &Scene| {
        let which = json!({ "FunctionName": "orders-api", "Name": "live" });
        scene.see("lambda", "get_alias", which)["FunctionVersion"].clone()
    };
    let refused = scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(2);
    assert!(
        refused.stderr.contains("alias live points at version 2"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("republish_lambda"),
        "{}",
        refused.stderr
    );
    scene
        .remediate(&["rollback", "orders-api", "--yes"])
        .exits(0);
    assert_eq!(alias(&scene), "1");
    scene
        .remediate(&["--undo", &scene.last_id(), "--yes"])
        .exits(0);
    assert_eq!(alias(&scene), "2");
    scene
        .remediate(&["republish_lambda", "orders-api", "--yes"])
        .exits(0);
    assert_eq!(alias(&scene), "3");
    assert_eq!(scene.variables().len(), 13);
    scene.is_sound();
}

fn service() -> Scene {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[
        json!({ "do": "service", "cluster": "orders", "name": "orders-web", "desired": 2 }),
    ]);
    let resource = json!({ "type": "aws_ecs_service", "aws_id": "orders-web", "arn": made[0]["arn"],
        "metadata": { "cluster": "orders" } });
    Scene::new(emulator, &[resource])
}

fn scalable(targets: Value) -> Rule {
    let answer = Fault::Answer(json!({ "ScalableTargets": targets }));
    Rule::on("application-autoscaling:DescribeScalableTargets", answer)
}

#[test]
fn a_service_is_scaled_restarted_and_rolled_back() {
    // Automatic scaling is AWS's answer, as recorded: MiniStack has none.
    let scene = service();
    scene.proxy.set_rules([scalable(json!([]))]);
    let seen = |scene: &Scene| {
        let which = json!({ "cluster": "orders", "services": ["orders-web"] });
        scene.see("ecs", "describe_services", which)["services"][0].clone()
    };
    scene
        .remediate(&[
            "scale",
            "orders-web",
            "--set",
            "count=3",
            "--action",
            "scale_ecs_service",
        ])
        .exits(2);
    scene
        .remediate(&[
            "scale_ecs_service",
            "orders-web",
            "--set",
            "count=3",
            "--yes",
        ])
        .exits(0);
    assert_eq!(seen(&scene)["desiredCount"], 3);
    scene
        .remediate(&["--undo", &scene.last_id(), "--yes"])
        .exits(0);
    assert_eq!(seen(&scene)["desiredCount"], 2);

    scene
        .proxy
        .set_rules([scalable(json!([{ "MinCapacity": 1, "MaxCapacity": 4 }]))]);
    let refused = scene
        .remediate(&[
            "scale_ecs_service",
            "orders-web",
            "--set",
            "count=6",
            "--yes",
        ])
        .exits(2);
    assert!(
        refused.stderr.contains("keeps it between 1 and 4"),
        "{}",
        refused.stderr
    );
    assert_eq!(seen(&scene)["desiredCount"], 2);

    scene.see(
        "ecs",
        "register_task_definition",
        json!({ "family": "orders-web",
        "containerDefinitions": [{ "name": "orders-web", "image": "scratch", "memory": 64 }] }),
    );
    scene.see(
        "ecs",
        "update_service",
        json!({ "cluster": "orders", "service": "orders-web", "taskDefinition": "orders-web:2" }),
    );
    scene
        .remediate(&["rollback", "orders-web", "--yes"])
        .exits(0);
    let definition = seen(&scene)["taskDefinition"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(definition.ends_with("orders-web:1"), "{definition}");
    scene.is_sound();
}

#[test]
fn a_database_is_rebooted_resized_and_started() {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[json!({ "do": "database", "name": "orders-db" })]);
    let resource =
        json!({ "type": "aws_db_instance", "aws_id": "orders-db", "arn": made[0]["arn"] });
    let scene = Scene::new(emulator, &[resource]);
    let nothing = scene
        .remediate(&["start_rds", "orders-db", "--yes"])
        .exits(0);
    assert!(
        nothing.stdout.contains("available already"),
        "{}",
        nothing.stdout
    );
    scene
        .remediate(&["reboot_rds", "orders-db", "--yes"])
        .exits(0);
    assert_eq!(scene.proxy.counts()["rds:RebootDBInstance"], 1);
    scene
        .remediate(&[
            "resize_rds",
            "orders-db",
            "--set",
            "class=db.t3.small",
            "--yes",
        ])
        .exits(0);
    assert_eq!(scene.proxy.counts()["rds:ModifyDBInstance"], 1);
    let refused = scene.remediate(&[
        "increase_rds_connections",
        "orders-db",
        "--set",
        "connections=200",
        "--yes",
    ]);
    let refused = refused.exits(2);
    assert!(
        refused
            .stderr
            .contains("belongs to AWS and cannot be changed"),
        "{}",
        refused.stderr
    );
    scene.is_sound();
}

#[test]
fn a_table_gets_capacity_and_is_paid_by_request() {
    let emulator = emulator::ministack();
    emulator.seed(&[call(
        "dynamodb",
        "create_table",
        json!({
            "TableName": "orders", "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 },
        }),
    )]);
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
    let resource = json!({ "type": "aws_dynamodb_table", "aws_id": "orders", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let seen = |scene: &Scene| {
        scene.see(
            "dynamodb",
            "describe_table",
            json!({ "TableName": "orders" }),
        )["Table"]
            .clone()
    };
    scene
        .remediate(&["increase_capacity", "orders", "--set", "write=20", "--yes"])
        .exits(0);
    let table = seen(&scene);
    assert_eq!(table["ProvisionedThroughput"]["WriteCapacityUnits"], 20);
    assert_eq!(table["ProvisionedThroughput"]["ReadCapacityUnits"], 5);
    scene
        .remediate(&["--undo", &scene.last_id(), "--yes"])
        .exits(0);
    assert_eq!(
        seen(&scene)["ProvisionedThroughput"]["WriteCapacityUnits"],
        5
    );
    scene
        .remediate(&["dynamodb_on_demand", "orders", "--yes"])
        .exits(0);
    assert_eq!(
        seen(&scene)["BillingModeSummary"]["BillingMode"],
        "PAY_PER_REQUEST"
    );
    scene.is_sound();
}

#[test]
fn messages_are_moved_back_by_a_task() {
    // Neither emulator moves messages: these are AWS's answers, as recorded.
    let emulator = emulator::ministack();
    let arn = "arn:aws:sqs:us-east-1:000000000000:email-dlq";
    let resource = json!({ "type": "aws_sqs_queue", "aws_id": "email-dlq", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let url = "https://sqs.us-east-1.amazonaws.com/000000000000/email";
    let answer = |operation: &str, value: Value| Rule::on(operation, Fault::Answer(value));
    let task = json!({ "Results": [{ "Status": "COMPLETED", "StartedTimestamp": 1_772_366_600_000_i64,
        "ApproximateNumberOfMessagesMoved": 40 }] });
    scene.proxy.set_rules([
        answer(
            "sqs:GetQueueUrl",
            json!({ "QueueUrl": format!("{url}-dlq") }),
        ),
        answer(
            "sqs:GetQueueAttributes",
            json!({ "Attributes": { "ApproximateNumberOfMessages": "40" } }),
        ),
        answer(
            "sqs:ListDeadLetterSourceQueues",
            json!({ "queueUrls": [url] }),
        ),
        answer("sqs:ListMessageMoveTasks", json!({ "Results": [] })).first(1),
        answer("sqs:ListMessageMoveTasks", task),
        answer("sqs:StartMessageMoveTask", json!({ "TaskHandle": "t" })),
    ]);
    scene.remediate(&["redrive", "email-dlq", "--yes"]).exits(0);
    assert_eq!(scene.proxy.counts()["sqs:StartMessageMoveTask"], 1);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    scene.is_sound();
}

#[test]
fn a_killed_run_is_closed_by_what_aws_shows() {
    for (is_sent, outcome) in [(false, "interrupted"), (true, "unverified")] {
        let scene = Scene::function();
        // Killed while AWS says nothing: before it has the request, or after it has done it.
        let stuck = match is_sent {
            false => "lambda:UpdateFunctionConfiguration",
            true => "lambda:ListAliases",
        };
        let rule = Rule::on(stuck, Fault::Hang);
        let rule = if is_sent { rule.nth(2) } else { rule };
        scene.proxy.set_rules([rule]);
        let arguments = ["remediate", "restart", "orders-api", "--yes"];
        let mut child = world::fractary(&scene.repo, &scene.proxy.url(), NOW, &arguments).spawn();
        let wanted = if is_sent { 2 } else { 1 };
        while scene.proxy.counts().get(stuck).copied().unwrap_or_default() < wanted {
            std::thread::yield_now();
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        scene.proxy.set_rules([]);
        assert_eq!(scene.outcomes(), ["started"], "{is_sent}");
        let sent = scene
            .proxy
            .counts()
            .get("lambda:UpdateFunctionConfiguration")
            .copied();
        // Too early: the one that made the intent may still be alive.
        let early = "2026-03-01T12:03:00Z";
        scene.run(early, &["run"]);
        assert_eq!(scene.outcomes(), ["started"], "{is_sent}");
        scene.run(LATER[1], &["run"]);
        assert_eq!(scene.outcomes(), ["started", outcome], "{is_sent}");
        let reason = scene.entries()[1]["reason"].to_string();
        assert!(
            reason.contains("the run ended before it could say"),
            "{reason}"
        );
        let after = scene
            .proxy
            .counts()
            .get("lambda:UpdateFunctionConfiguration")
            .copied();
        assert_eq!(after, sent, "nothing is sent again");
        assert_eq!(scene.variables().len(), if is_sent { 13 } else { 12 });
        scene.is_sound();
    }
}

#[test]
fn a_restart_is_judged_by_the_periods_that_began_after_it() {
    let scene = Scene::function();
    let calls = [
        ("2026-03-01T11:57:00Z", 200, 100),
        ("2026-03-01T12:02:00Z", 200, 100),
        ("2026-03-01T12:07:00Z", 200, 0),
        ("2026-03-01T12:12:00Z", 200, 0),
    ];
    world::seed_calls(&scene.emulator, "orders-api", &calls);
    scene.run(NOW, &["run"]);
    scene
        .remediate(&["restart", "orders-api", "--yes"])
        .exits(0);
    // 12:00–12:05 is the period in which it was restarted: it says nothing.
    scene.run(LATER[0], &["run"]);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    // Nothing had changed by then, so nothing was recorded, and this run looks at both periods.
    scene.run(LATER[1], &["run"]);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    let judging = scene.run("2026-03-01T12:17:00Z", &["run"]);
    assert_eq!(
        scene.outcomes(),
        ["started", "unverified", "success"],
        "{}{}",
        judging.stdout,
        judging.stderr
    );
    let entry = scene.entries()[2].clone();
    assert_eq!(entry["verification"]["before"]["status"], "UNHEALTHY");
    assert_eq!(entry["verification"]["after"]["status"], "HEALTHY");
    assert_eq!(entry["verification"]["slo_met"], true);
    assert!(
        entry["time_to_resolution_seconds"].as_u64().is_some(),
        "{entry}"
    );
    scene.is_sound();
}

/// Runs through a terminal, and answers what it asks.
const TERMINAL: &str = "
import os, pty, sys
answers = os.environ['ANSWERS'].split(',')
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
seen = b''
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    if answers and (part.rstrip().endswith(b'(yes/no)') or part.rstrip().endswith(b'there:')):
        os.write(terminal, answers.pop(0).encode() + b'\\n')
sys.stdout.write(seen.decode().replace('\\r', ''))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[test]
fn typed_consent_in_a_protected_environment() {
    let scene = Scene::function();
    scene.protect();
    let typed = |answers: &str| {
        let arguments = [
            "remediate",
            "--service=orders-api",
            "--action=restart",
            "--env",
            "test",
        ];
        let run = world::fractary(&scene.repo, &scene.proxy.url(), NOW, &arguments);
        run.env("ANSWERS", answers)
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .through("python3", TERMINAL)
            .run()
    };
    let refused = typed("no").exits(4);
    assert!(
        refused
            .stdout
            .contains("`yes` was not typed; nothing was changed"),
        "{}",
        refused.stdout
    );
    typed("yes,prod").exits(4);
    assert_eq!(scene.entries().len(), 0);
    let applied = typed("yes,test").exits(0);
    let id = scene.last_id();
    let entry = scene.entries()[0].clone();
    let changed = entry["plan"]["from"].as_str().expect("what was");
    let shown = applied.stdout.replace(&id, "r-ID");
    let shown = shown.replace(changed, "last changed TIME");
    insta::assert_snapshot!("typed_consent", shown);
    assert_eq!(
        entry["consent"],
        json!({ "by": "Tester", "how": "typed", "at": NOW })
    );
    scene.is_sound();
}
