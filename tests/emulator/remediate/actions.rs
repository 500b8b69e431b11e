//! What each action does.
//!
//! MiniStack knows neither Application Auto Scaling nor redrives of SQS: those answers are AWS's own,
//! as recorded, through the proxy, and the tests that need them say so.

use serde_json::{Value, json};

use super::{LOG, Scene, orders_api, shows};
use crate::support::emulator;
use crate::support::fault::{Fault, Rule};
use crate::world::{self, NOW, call};

#[test]
fn a_function_is_restarted_and_keeps_its_variables() {
    let scene = Scene::function();
    let before = scene.variables();
    assert_eq!(before.len(), 12);
    let plan = scene
        .remediate(&["restart", "orders-api", "--dry-run"])
        .exits(0);
    shows(&plan, "You are about to RESTART orders-api in test.");
    assert_eq!(scene.variables(), before, "a plan changes nothing");
    assert_eq!(scene.entries().len(), 0);

    scene.apply(&["restart", "orders-api"]);
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

    scene.undo();
    assert_eq!(scene.variables(), before);
    assert_eq!(
        scene.outcomes(),
        ["started", "unverified", "started", "unverified", "undone"]
    );
    scene.is_sound();
    let history = scene.remediate(&["--history"]).exits(0);
    shows(&history, "restart_lambda orders-api in test: undone");
}

#[test]
fn concurrency_and_memory_are_set_and_set_back() {
    let scene = Scene::function();
    let reserved = |scene: &Scene| {
        scene.see("lambda", "get_function_concurrency", orders_api())["ReservedConcurrentExecutions"]
            .clone()
    };
    scene.apply(&["scale_lambda", "orders-api", "--set", "concurrency=20"]);
    assert_eq!(reserved(&scene), 20);
    let too_much = [
        "scale_lambda",
        "orders-api",
        "--set",
        "concurrency=10000",
        "--yes",
    ];
    scene.is_refused(&too_much, 2, "AWS keeps 100 for them");
    scene.undo();
    assert_eq!(reserved(&scene), Value::Null);
    let nothing = scene.apply(&["unreserve_lambda", "orders-api"]);
    shows(&nothing, "Nothing to do: nothing is reserved.");
    let entries = scene.entries().len();

    let memory = |scene: &Scene| {
        scene.see("lambda", "get_function_configuration", orders_api())["MemorySize"].clone()
    };
    scene.apply(&["raise_lambda_memory", "orders-api", "--set", "memory=512"]);
    assert_eq!(memory(&scene), 512);
    assert_eq!(scene.variables().len(), 12);
    scene.undo();
    assert_eq!(memory(&scene), 128);
    scene.apply(&["raise_lambda_timeout", "orders-api", "--set", "timeout=30"]);
    let seen = scene.see("lambda", "get_function_configuration", orders_api());
    assert_eq!(seen["Timeout"], 30);
    assert!(scene.entries().len() > entries);
    scene.is_sound();
}

#[test]
fn an_alias_is_rolled_back_and_a_restart_behind_it_is_refused() {
    let scene = Scene::function();
    scene.see("lambda", "publish_version", orders_api());
    scene.see(
        "lambda",
        "update_function_configuration",
        json!({ "FunctionName": "orders-api", "Timeout": 9 }),
    );
    scene.see("lambda", "publish_version", orders_api());
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
    scene.apply(&["rollback", "orders-api"]);
    assert_eq!(alias(&scene), "1");
    scene.undo();
    assert_eq!(alias(&scene), "2");
    scene.apply(&["republish_lambda", "orders-api"]);
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
    scene.apply(&["scale_ecs_service", "orders-web", "--set", "count=3"]);
    assert_eq!(seen(&scene)["desiredCount"], 3);
    scene.undo();
    assert_eq!(seen(&scene)["desiredCount"], 2);

    scene
        .proxy
        .set_rules([scalable(json!([{ "MinCapacity": 1, "MaxCapacity": 4 }]))]);
    let too_many = [
        "scale_ecs_service",
        "orders-web",
        "--set",
        "count=6",
        "--yes",
    ];
    scene.is_refused(&too_many, 2, "keeps it between 1 and 4");
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
    // Why tasks stopped is gone an hour later, and so it is kept before they are replaced.
    let stopped = json!({ "tasks": [{ "stoppedAt": 1_772_366_400.0, "stoppedReason": "Essential container in task exited",
        "containers": [{ "reason": "OutOfMemoryError", "exitCode": 137 }] }] });
    scene.proxy.set_rules([
        Rule::on("ecs:ListTasks", Fault::Answer(json!({ "taskArns": ["t"] }))),
        Rule::on("ecs:DescribeTasks", Fault::Answer(stopped)),
    ]);
    scene.apply(&["rollback", "orders-web"]);
    scene.proxy.set_rules([]);
    let entries = scene.entries();
    let kept = entries[entries.len() - 2]["evidence"].to_string();
    assert!(kept.contains("OutOfMemoryError"), "{kept}");
    assert_eq!(entries[entries.len() - 1]["evidence"], Value::Null);
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
    let nothing = scene.apply(&["start_rds", "orders-db"]);
    shows(&nothing, "available already");
    scene.apply(&["reboot_rds", "orders-db"]);
    assert_eq!(scene.proxy.counts()["rds:RebootDBInstance"], 1);
    scene.apply(&["resize_rds", "orders-db", "--set", "class=db.t3.small"]);
    assert_eq!(scene.proxy.counts()["rds:ModifyDBInstance"], 1);
    let more = [
        "increase_rds_connections",
        "orders-db",
        "--set",
        "connections=200",
        "--yes",
    ];
    scene.is_refused(&more, 2, "belongs to AWS and cannot be changed");
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
    scene.apply(&["increase_capacity", "orders", "--set", "write=20"]);
    let table = seen(&scene);
    assert_eq!(table["ProvisionedThroughput"]["WriteCapacityUnits"], 20);
    assert_eq!(table["ProvisionedThroughput"]["ReadCapacityUnits"], 5);
    scene.undo();
    assert_eq!(
        seen(&scene)["ProvisionedThroughput"]["WriteCapacityUnits"],
        5
    );
    scene.apply(&["dynamodb_on_demand", "orders"]);
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
    // As many as would be tried first: one task moves them all.
    scene.apply(&["redrive", "email-dlq", "--set", "canary=40"]);
    assert_eq!(scene.proxy.counts()["sqs:StartMessageMoveTask"], 1);
    assert_eq!(scene.proxy.counts().get("sqs:CancelMessageMoveTask"), None);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    scene.is_sound();
}

#[test]
fn messages_that_come_back_stop_the_task() {
    messages_come_back("CANCELLED");
}

/// A short queue is empty before its first task is cancelled.
#[test]
fn messages_that_come_back_are_not_sent_again_where_the_first_task_has_completed() {
    messages_come_back("COMPLETED");
}

/// The first task ends like this, and all that it has moved is back.
fn messages_come_back(ended: &str) {
    // Answers of the form that AWS's have: neither emulator moves messages.
    let emulator = emulator::ministack();
    let arn = "arn:aws:sqs:us-east-1:000000000000:email-dlq";
    let resource = json!({ "type": "aws_sqs_queue", "aws_id": "email-dlq", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let url = "https://sqs.us-east-1.amazonaws.com/000000000000/email";
    let answer = |operation: &str, value: Value| Rule::on(operation, Fault::Answer(value));
    let task = |status: &str| {
        let mut task = json!({ "Status": status, "StartedTimestamp": 1_772_366_600_000_i64,
            "ApproximateNumberOfMessagesMoved": 20 });
        // AWS shows the handle of a task only while it runs.
        if status == "RUNNING" {
            task["TaskHandle"] = json!("handle");
        }
        json!({ "Results": [task] })
    };
    scene.proxy.set_rules([
        answer(
            "sqs:GetQueueUrl",
            json!({ "QueueUrl": format!("{url}-dlq") }),
        ),
        // 500, and all of the first 20 are back.
        answer(
            "sqs:GetQueueAttributes",
            json!({ "Attributes": { "ApproximateNumberOfMessages": "500" } }),
        ),
        answer(
            "sqs:ListDeadLetterSourceQueues",
            json!({ "queueUrls": [url] }),
        ),
        answer("sqs:ListMessageMoveTasks", json!({ "Results": [] })).first(1),
        answer("sqs:ListMessageMoveTasks", task("RUNNING")).first(2),
        answer("sqs:ListMessageMoveTasks", task(ended)),
        answer(
            "sqs:StartMessageMoveTask",
            json!({ "TaskHandle": "handle" }),
        ),
        answer(
            "sqs:CancelMessageMoveTask",
            json!({ "ApproximateNumberOfMessagesMoved": 20 }),
        ),
    ]);
    let tried = ["--set", "canary=20", "--set", "watch=1", "--yes"];
    let stopped = scene.remediate(&[&["redrive", "email-dlq"][..], &tried].concat());
    let stopped = stopped.exits(1);
    let why = "stopped: 20 of 20 messages came back: the cause is not fixed";
    shows(&stopped, why);
    // The other 480 are where they were.
    assert_eq!(scene.proxy.counts()["sqs:StartMessageMoveTask"], 1);
    assert_eq!(scene.outcomes(), ["started", "failed"]);
    let entry = &scene.entries()[1];
    assert_eq!(entry["reason"], why);
    assert_eq!(entry["api"]["sqs:StartMessageMoveTask"], 1);
    assert_eq!(entry["api"]["sqs:CancelMessageMoveTask"], 2);
    scene.is_sound();
}

/// Nobody watches what a killed run has begun: the run that closes it says how it is stopped.
#[test]
fn a_move_that_goes_on_after_its_run_was_killed_is_stopped_by_people() {
    let emulator = emulator::ministack();
    let arn = "arn:aws:sqs:us-east-1:000000000000:email-dlq";
    let resource = json!({ "type": "aws_sqs_queue", "aws_id": "email-dlq", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let url = "https://sqs.us-east-1.amazonaws.com/000000000000/email";
    let answer = |operation: &str, value: Value| Rule::on(operation, Fault::Answer(value));
    let start = "sqs:StartMessageMoveTask";
    let rules = |tasks: Value| {
        let count = json!({ "Attributes": { "ApproximateNumberOfMessages": "500" } });
        [
            answer(
                "sqs:GetQueueUrl",
                json!({ "QueueUrl": format!("{url}-dlq") }),
            ),
            answer("sqs:GetQueueAttributes", count),
            answer(
                "sqs:ListDeadLetterSourceQueues",
                json!({ "queueUrls": [url] }),
            ),
            answer("sqs:ListMessageMoveTasks", json!({ "Results": tasks })),
            Rule::on(start, Fault::Hang),
        ]
    };
    scene.proxy.set_rules(rules(json!([])));
    let arguments = ["remediate", "redrive", "email-dlq", "--yes"];
    let mut child = world::fractary(&scene.repo, &scene.proxy.url(), NOW, &arguments).spawn();
    while scene.proxy.counts().get(start).copied().unwrap_or_default() == 0 {
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    scene.proxy.set_rules(rules(json!([{
        "Status": "RUNNING", "TaskHandle": "handle", "StartedTimestamp": 1_772_366_600_000_i64,
        "ApproximateNumberOfMessagesMoved": 20,
    }])));
    let run = ["run", "--fail-on", "never"];
    let closed = scene.run("2026-03-01T13:30:00Z", &run);
    assert_eq!(scene.outcomes(), ["started", "interrupted"]);
    let how = format!(
        "aws sqs cancel-message-move-task --region us-east-1 --task-handle \"$(aws sqs \
         list-message-move-tasks --region us-east-1 --source-arn {arn}"
    );
    let reason = scene.entries()[1]["reason"].clone();
    let reason = reason.as_str().unwrap_or_default();
    assert!(reason.contains(&how), "{reason}");
    assert!(closed.stderr.contains(&how), "{}", closed.stderr);
    assert_eq!(scene.proxy.counts()[start], 1, "nothing is sent again");
}

/// A cancellation that was not answered is made where AWS shows it, and the others follow.
#[test]
fn what_aws_shows_of_an_unanswered_write_counts() {
    let emulator = emulator::ministack();
    let arn = "arn:aws:sqs:us-east-1:000000000000:email-dlq";
    let resource = json!({ "type": "aws_sqs_queue", "aws_id": "email-dlq", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let url = "https://sqs.us-east-1.amazonaws.com/000000000000/email";
    let answer = |operation: &str, value: Value| Rule::on(operation, Fault::Answer(value));
    let task = |status: &str, started: i64, moved: u32| {
        json!({ "Status": status, "StartedTimestamp": started,
            "ApproximateNumberOfMessagesMoved": moved })
    };
    let first = |status: &str| task(status, 1_772_366_600_000, 20);
    let rest = task("COMPLETED", 1_772_366_700_000, 480);
    let tasks = |all: &[Value]| answer("sqs:ListMessageMoveTasks", json!({ "Results": all }));
    let messages = |count: &str| {
        let attributes = json!({ "Attributes": { "ApproximateNumberOfMessages": count } });
        answer("sqs:GetQueueAttributes", attributes)
    };
    scene.proxy.set_rules([
        answer(
            "sqs:GetQueueUrl",
            json!({ "QueueUrl": format!("{url}-dlq") }),
        ),
        // Two queues a look.
        messages("500").first(2),
        messages("480").first(6),
        messages("0"),
        answer(
            "sqs:ListDeadLetterSourceQueues",
            json!({ "queueUrls": [url] }),
        ),
        tasks(&[]).first(1),
        tasks(&[first("RUNNING")]).first(1),
        tasks(&[first("CANCELLED")]).first(2),
        tasks(&[rest, first("CANCELLED")]),
        answer("sqs:StartMessageMoveTask", json!({ "TaskHandle": "t" })),
        Rule::on("sqs:CancelMessageMoveTask", Fault::Close),
    ]);
    scene.apply(&[
        "redrive",
        "email-dlq",
        "--set",
        "canary=20",
        "--set",
        "watch=1",
    ]);
    assert_eq!(scene.proxy.counts()["sqs:StartMessageMoveTask"], 2);
    assert_eq!(scene.proxy.counts()["sqs:CancelMessageMoveTask"], 1);
    assert_eq!(scene.outcomes(), ["started", "unverified"]);
    scene.is_sound();
}
