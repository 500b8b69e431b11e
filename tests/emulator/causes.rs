//! One test for each cause that an API function of an orders service may suffer from: what is
//! read of the emulator, and which cause comes out.

use serde_json::{Value, json};

use crate::incidents::{
    NOW, causes, database_metrics, function_metrics, log_lines, metric, minute, no_slots, served,
};
use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world::{self, call};

const FUNCTION: &str = "api-lambda";
const DEPLOYMENTS: &str = ".fractary/registry/deployments.json";

/// Things that are watched, and what is made so that they exist.
#[derive(Clone, Copy)]
enum Thing {
    Function(&'static str),
    Database(&'static str),
    Table(&'static str),
    Queue(&'static str),
}

impl Thing {
    fn name(self) -> &'static str {
        match self {
            Self::Function(name) | Self::Database(name) | Self::Table(name) | Self::Queue(name) => {
                name
            }
        }
    }

    fn arn(self) -> String {
        let (service, path) = match self {
            Self::Function(name) => ("lambda", format!("function:{name}")),
            Self::Database(name) => ("rds", format!("db:{name}")),
            Self::Table(name) => ("dynamodb", format!("table/{name}")),
            Self::Queue(name) => ("sqs", name.to_owned()),
        };
        format!("arn:aws:{service}:us-east-1:000000000000:{path}")
    }

    fn terraform(self) -> &'static str {
        match self {
            Self::Function(_) => "aws_lambda_function",
            Self::Database(_) => "aws_db_instance",
            Self::Table(_) => "aws_dynamodb_table",
            Self::Queue(_) => "aws_sqs_queue",
        }
    }

    fn step(self) -> Value {
        match self {
            Self::Function(name) => json!({ "do": "function", "name": name }),
            Self::Database(name) => json!({ "do": "database", "name": name }),
            Self::Table(name) => call(
                "dynamodb",
                "create_table",
                json!({
                    "TableName": name,
                    "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
                    "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
                    "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 },
                }),
            ),
            Self::Queue(name) => call("sqs", "create_queue", json!({ "QueueName": name })),
        }
    }
}

/// The function, and what it depends on.
struct Orders {
    emulator: Emulator,
    repo: Repo,
}

impl Orders {
    fn new(needs: &[Thing], metrics: Vec<Value>, lines: &[(i64, String)]) -> Self {
        let emulator = emulator::ministack();
        let things: Vec<Thing> = [Thing::Function(FUNCTION)]
            .iter()
            .chain(needs)
            .copied()
            .collect();
        let mut steps: Vec<Value> = things.iter().map(|thing| thing.step()).collect();
        steps.extend(metrics);
        let mut all = served();
        all.extend_from_slice(lines);
        steps.extend(log_lines(FUNCTION, &all));
        emulator.seed(&steps);
        let entry = |thing: &Thing| {
            let depends: Vec<&str> = match thing.name() {
                FUNCTION => needs.iter().map(|one| one.name()).collect(),
                _ => Vec::new(),
            };
            json!({
                "type": thing.terraform(), "aws_id": thing.name(), "arn": thing.arn(),
                "depends_on": depends, "created": "2026-01-05T10:00:00Z",
            })
        };
        let registry = json!({
            "version": "1.0.0",
            "environment": "test",
            "resources": things.iter().map(entry).collect::<Value>(),
        });
        Self {
            emulator,
            repo: world::with_registry(&registry),
        }
    }

    /// Each cause as it was found, with its resource and its grade.
    fn causes(&self) -> Vec<String> {
        causes(&self.report())
    }

    fn report(&self) -> Value {
        let endpoint = format!("http://{}", self.emulator.address());
        let arguments = [
            "investigate",
            FUNCTION,
            "--format",
            "json",
            "--timeout",
            "120s",
        ];
        let run = world::fractary(&self.repo, &endpoint, NOW, &arguments).run();
        run.exits(0).json()
    }
}

/// 25 of 1,000 calls fail from the beginning of the symptom on.
fn failing() -> Vec<Value> {
    function_metrics(FUNCTION, |minutes| if minutes >= 0 { 25.0 } else { 0.0 })
}

/// A line a minute, from a minute on.
fn lines(from: i64, line: &str) -> Vec<(i64, String)> {
    (from..45).map(|at| (at, line.to_owned())).collect()
}

fn step(minutes: i64, before: f64, after: f64) -> f64 {
    if minutes >= 0 { after } else { before }
}

#[test]
fn a_bad_deployment() {
    let type_error = "ERROR TypeError: Cannot read properties of undefined (reading 'total')";
    let world = Orders::new(&[], failing(), &lines(0, type_error));
    let deployments = json!({
        "version": "1.0.0", "created_at": "2026-01-01T00:00:00Z",
        "deployments": [{
            "id": "deploy-7", "environment": "test", "domain": "infrastructure",
            "deployed_at": minute(-3).to_string(), "deployed_by": "ci",
            "commit": "da39a3ee5e6b4b0d3255bfef95601890afd80709", "status": "success",
            "resources": [{
                "type": "aws_lambda_function", "terraform_address": "aws_lambda_function.api",
                "aws_id": FUNCTION, "arn": Thing::Function(FUNCTION).arn(),
                "console_url": "https://console.aws.amazon.com/", "created": "2026-01-05T10:00:00Z",
            }],
        }],
    });
    world
        .repo
        .write(&[(DEPLOYMENTS, &format!("{deployments:#}\n"))]);
    world.repo.commit_all("Deploy");
    assert_eq!(
        world.causes(),
        ["bad-deploy at api-lambda: confirmed-cause"]
    );
}

#[test]
fn a_dependency_that_throttles() {
    let table = Thing::Table("orders-table");
    let dimensions = json!({ "TableName": table.name() });
    let mut metrics = failing();
    metrics.push(metric(
        ("AWS/DynamoDB", "WriteThrottleEvents", "Count"),
        &dimensions,
        |minutes| step(minutes, 0.0, 240.0),
    ));
    metrics.push(metric(
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", "Count"),
        &dimensions,
        |minutes| step(minutes, 900.0, 1_500.0),
    ));
    let refused = "ERROR ProvisionedThroughputExceededException: The level of configured \
                   provisioned throughput for the table was exceeded";
    let world = Orders::new(&[table], metrics, &lines(0, refused));
    assert_eq!(
        world.causes()[0],
        "dynamodb-throttled at orders-table: confirmed-cause"
    );
}

#[test]
fn a_chain_of_timeouts() {
    let database = Thing::Database("database-rds");
    let mut metrics = failing();
    let idle = database_metrics(database.name(), |_| 40.0);
    let slow = ["ReadLatency", "WriteLatency"];
    metrics.extend(
        idle.into_iter()
            .filter(|one| !slow.contains(&one["name"].as_str().unwrap_or_default())),
    );
    for name in slow {
        metrics.push(metric(
            ("AWS/RDS", name, "Seconds"),
            &json!({ "DBInstanceIdentifier": database.name() }),
            |minutes| step(minutes, 0.002, 0.9),
        ));
    }
    let gave_up = "ERROR Error: connect ETIMEDOUT 10.0.3.17:5432";
    let world = Orders::new(&[database], metrics, &lines(0, gave_up));
    assert_eq!(
        world.causes()[0],
        "timeout-chain at database-rds: confirmed-cause"
    );
}

#[test]
fn a_certificate_that_expired() {
    let refused = "ERROR Error: certificate has expired at TLSSocket.onConnectSecure";
    let world = Orders::new(&[], failing(), &lines(0, refused));
    let report = world.report();
    assert_eq!(
        causes(&report)[0],
        "certificate-expired at api-lambda: confirmed-cause"
    );
    // Restarting would not help, and is not offered.
    assert_eq!(report["suggested_actions"], json!([]));
}

#[test]
fn a_message_that_cannot_be_processed() {
    let queue = Thing::Queue("orders-queue");
    let dimensions = json!({ "QueueName": queue.name() });
    let mut metrics = failing();
    for (name, before, after) in [
        ("ApproximateAgeOfOldestMessage", 4.0, 1_800.0),
        ("ApproximateNumberOfMessagesVisible", 2.0, 3.0),
        ("ApproximateNumberOfMessagesNotVisible", 3.0, 9.0),
        ("NumberOfMessagesSent", 300.0, 300.0),
        ("NumberOfMessagesDeleted", 300.0, 290.0),
    ] {
        let of = ("AWS/SQS", name, "Count");
        metrics.push(metric(of, &dimensions, |minutes| {
            step(minutes, before, after)
        }));
    }
    let refused = "ERROR JSONDecodeError: Expecting value: line 1 column 1 (char 0)";
    let world = Orders::new(&[queue], metrics, &lines(0, refused));
    assert_eq!(
        world.causes()[0],
        "poison-message at orders-queue: confirmed-cause"
    );
}

#[test]
fn a_disk_that_is_full() {
    let database = Thing::Database("database-rds");
    let mut metrics = failing();
    let idle = database_metrics(database.name(), |_| 40.0);
    metrics.extend(
        idle.into_iter()
            .filter(|one| one["name"] != "FreeStorageSpace"),
    );
    metrics.push(metric(
        ("AWS/RDS", "FreeStorageSpace", "Bytes"),
        &json!({ "DBInstanceIdentifier": database.name() }),
        |minutes| step(minutes, 1.5e10, 1.2e7),
    ));
    let full = "ERROR could not extend file \"base/16384/16385\": No space left on device";
    let world = Orders::new(&[database], metrics, &lines(0, full));
    assert_eq!(
        world.causes()[0],
        "db-storage-full at database-rds: confirmed-cause"
    );
}

#[test]
fn cold_starts() {
    let mut metrics = function_metrics(FUNCTION, |_| 0.0);
    metrics.retain(|one| one["name"] != "Duration");
    metrics.push(metric(
        ("AWS/Lambda", "Duration", "Milliseconds"),
        &json!({ "FunctionName": FUNCTION }),
        |minutes| step(minutes, 90.0, 1_900.0),
    ));
    let report = "REPORT RequestId: 5f3c Duration: 1894.21 ms Billed Duration: 1895 ms Memory \
                  Size: 128 MB Max Memory Used: 71 MB Init Duration: 1612.40 ms";
    let world = Orders::new(&[], metrics, &lines(0, report));
    assert_eq!(
        world.causes()[0],
        "lambda-cold-starts at api-lambda: confirmed-cause"
    );
}

#[test]
fn two_causes_at_once() {
    let database = Thing::Database("database-rds");
    let mut metrics = failing();
    metrics.extend(database_metrics(database.name(), |minutes| {
        step(minutes, 40.0, 110.0)
    }));
    let expired = "ERROR Error: certificate has expired at TLSSocket.onConnectSecure";
    let mut all = no_slots();
    all.extend(lines(0, expired));
    let world = Orders::new(&[database], metrics, &all);
    let mut found = world.causes();
    found.truncate(2);
    found.sort();
    assert_eq!(
        found,
        [
            "certificate-expired at api-lambda: confirmed-cause",
            "db-connections-exhausted at database-rds: confirmed-cause",
        ]
    );
}

/// The emulator keeps no reasons of tasks that stopped: they are recorded, in the form of the
/// reference of `DescribeTasks`.
#[test]
fn a_container_that_is_killed_for_its_memory() {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[
        json!({ "do": "service", "cluster": "orders", "name": "orders-web", "desired": 2, "running": 1 }),
    ]);
    let registry = json!({
        "version": "1.0.0", "environment": "test",
        "resources": [{
            "type": "aws_ecs_service", "aws_id": "orders-web", "arn": made[0]["arn"],
            "metadata": { "cluster": "orders" }, "created": "2026-01-05T10:00:00Z",
        }],
    });
    let repo = world::with_registry(&registry);
    let proxy = Proxy::start(emulator.address());
    let task = "arn:aws:ecs:us-east-1:000000000000:task/orders/1f";
    let reason = "OutOfMemoryError: Container killed due to memory usage";
    let recorded = [
        Rule::on(
            "ecs:ListTasks",
            Fault::Answer(json!({ "taskArns": [task] })),
        ),
        Rule::on(
            "ecs:DescribeTasks",
            Fault::Answer(json!({ "failures": [], "tasks": [{
                "taskArn": task, "lastStatus": "STOPPED", "stopCode": "EssentialContainerExited",
                "stoppedReason": "Essential container in task exited",
                "stoppedAt": minute(20).as_second(),
                "containers": [{ "name": "web", "exitCode": 137, "reason": reason }],
            }] })),
        ),
    ];
    let investigate = |exits: i32| {
        let arguments = [
            "investigate",
            "orders-web",
            "--format",
            "json",
            "--timeout",
            "120s",
        ];
        let run = world::fractary(&repo, &proxy.url(), NOW, &arguments).run();
        run.exits(exits).json()
    };
    proxy.set_rules(recorded);
    let report = investigate(0);
    assert_eq!(
        causes(&report)[0],
        "ecs-out-of-memory at orders-web: confirmed-cause"
    );
    assert!(
        report["root_cause"]["evidence"]
            .to_string()
            .contains(reason),
        "{report:#}"
    );
    // Without the permission the cause is not known, and the permission is named.
    proxy.set_rules([Rule::on("ecs:ListTasks", Fault::Deny)]);
    let report = investigate(3);
    assert_eq!(report["status"], "unexplained");
    assert!(
        report["gaps"].to_string().contains("allow `ecs:ListTasks`"),
        "{report:#}"
    );
}

/// A function that is called and fails, and has stopped to log before that: silence is no proof
/// that nothing was wrong. The emulator receives every event today, so that none of March could
/// be called complete: the answer is recorded, with the times at which AWS receives events.
#[test]
fn logs_that_stopped_are_no_sign_of_health() {
    let world = Orders::new(&[], failing(), &[]);
    let events = served().into_iter().filter(|(at, _)| *at < -20);
    let events = events.map(|(at, text)| {
        let time = minute(at).as_millisecond();
        json!({
            "eventId": time.to_string(), "logStreamName": "1", "timestamp": time,
            "ingestionTime": time + 800, "message": text,
        })
    });
    let proxy = Proxy::start(world.emulator.address());
    proxy.set_rules([Rule::on(
        "logs:FilterLogEvents",
        Fault::Answer(json!({ "events": events.collect::<Value>() })),
    )]);
    let arguments = [
        "investigate",
        FUNCTION,
        "--format",
        "json",
        "--timeout",
        "120s",
    ];
    let run = world::fractary(&world.repo, &proxy.url(), NOW, &arguments).run();
    let report = run.exits(3).json();
    assert_eq!(report["status"], "unexplained");
    let gaps = report["gaps"].to_string();
    assert!(
        gaps.contains("api-lambda has logged nothing since 13:54"),
        "{gaps}"
    );
    let timeline = report["timeline"].to_string();
    assert!(
        timeline.contains("nothing is logged from here on"),
        "{timeline}"
    );
}
