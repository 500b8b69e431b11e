//! Every action of the catalogue, from the plan to the undo. A file in `src/catalog/actions` without a
//! case here fails.
//!
//! For each: the plan shows what is and what will be, and changes nothing; applying changes the
//! server, as boto3 sees it; the next runs judge it; the record holds who, how, before and after, and
//! its chain is whole; and undoing brings back what was.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Scene;
use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::world::{NOW, call};

/// Files of actions with their cases: one that is applied, or that undoes another, as the logs of
/// the cases show.
const CASES: &[(&str, &[&str])] = &[
    (
        "functions",
        &[
            "raise_lambda_memory",
            "raise_lambda_timeout",
            "restart_lambda",
            "scale_lambda",
            "unmark_lambda",
            "unreserve_lambda",
        ],
    ),
    (
        "aliases",
        &[
            "provision_lambda",
            "republish_lambda",
            "rollback_lambda",
            "unprovision_lambda",
        ],
    ),
    (
        "services",
        &[
            "restart_ecs_service",
            "rollback_ecs_service",
            "scale_ecs_service",
        ],
    ),
    ("scaling_limits", &["set_ecs_scaling_limit"]),
    (
        "databases",
        &[
            "increase_rds_connections",
            "own_rds_parameter_group",
            "reboot_rds",
            "reset_rds_connections",
            "resize_rds",
            "start_rds",
            "use_rds_parameter_group",
        ],
    ),
    (
        "tables",
        &[
            "dynamodb_on_demand",
            "dynamodb_provisioned",
            "scale_dynamodb",
        ],
    ),
    ("queues", &["redrive_dlq"]),
    ("stages", &["clear_cache"]),
    ("clusters", &["clear_elasticache"]),
    ("distributions", &["invalidate_cloudfront"]),
];

#[test]
fn every_action_has_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/actions");
    let files = std::fs::read_dir(folder).expect("the catalogue is there");
    let names = files.filter_map(|file| {
        let name = file.expect("it can be read").file_name();
        Some(name.to_str()?.strip_suffix(".toml")?.to_owned())
    });
    let names: BTreeSet<String> = names.collect();
    let cases = CASES.iter().flat_map(|(_, actions)| actions.iter());
    let cases: BTreeSet<String> = cases.map(|&name| name.to_owned()).collect();
    assert_eq!(names, cases);
}

/// What the next runs say of it.
#[derive(Debug, Clone, Copy)]
enum Judged {
    /// It has helped.
    Helped,
    /// They cannot say: the emulator has no metrics that the product can read.
    Unknown,
}

/// One action, and what it is to do.
struct Step<'a> {
    action: &'a str,
    sets: &'a [&'a str],
    /// What the plan says.
    from: &'a str,
    to: &'a str,
    /// The action that undoes it; `None` where nothing can.
    undo: Option<&'a str>,
    /// What is sent, in this order.
    sends: &'a [&'a str],
}

/// A scene, a clock, and what another client sees of the resource.
struct Play<'a> {
    scene: &'a Scene,
    name: &'a str,
    now: RefCell<Timestamp>,
    judged: Judged,
    see: &'a dyn Fn(&Scene) -> Value,
}

impl<'a> Play<'a> {
    fn new(scene: &'a Scene, name: &'a str, see: &'a dyn Fn(&Scene) -> Value) -> Self {
        Self {
            scene,
            name,
            now: RefCell::new(NOW.parse().expect("a time")),
            judged: Judged::Helped,
            see,
        }
    }

    /// Five minutes later.
    fn tick(&self) -> String {
        let mut now = self.now.borrow_mut();
        *now = now
            .checked_add(SignedDuration::from_mins(5))
            .expect("a time");
        now.to_string()
    }

    fn remediate(&self, arguments: &[&str]) -> crate::support::fractary::Outcome {
        let at = self.now.borrow().to_string();
        self.scene
            .run(&at, &[&["remediate"], arguments].concat())
            .exits(0)
    }

    fn seen(&self) -> Value {
        (self.see)(self.scene)
    }

    /// Plans it, applies it, waits for its judgement, and undoes it.
    #[track_caller]
    fn step(&self, step: &Step<'_>, before: &Value, after: &Value) {
        let what = step.action;
        assert_eq!(self.seen(), *before, "{what}: before");
        let arguments = self.arguments(step);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.plans(step, &arguments);
        assert_eq!(self.seen(), *before, "{what}: a plan changes nothing");
        self.remediate(&[&arguments[..], &["--yes"]].concat());
        assert_eq!(self.seen(), *after, "{what}: after");
        let id = self.scene.last_id();
        self.is_recorded(step, &id);
        self.is_judged(&id, what);
        match step.undo {
            Some(undo) => {
                self.remediate(&["--undo", &id, "--yes"]);
                assert_eq!(self.seen(), *before, "{what}: undone");
                self.is_undone(&id, undo);
            }
            None => {
                let at = self.now.borrow().to_string();
                let refused = ["remediate", "--undo", &id, "--yes"];
                let refused = self.scene.run(&at, &refused).exits(2);
                assert!(refused.stderr.contains("cannot be undone"), "{what}");
            }
        }
        let at = self.now.borrow().to_string();
        self.scene.run(&at, &["check"]).exits(0);
        assert_eq!(self.scene.repo.status(), "", "{what}");
        self.tick();
    }

    fn arguments(&self, step: &Step<'_>) -> Vec<String> {
        let sets = step.sets.iter();
        let sets = sets.flat_map(|set| ["--set".to_owned(), (*set).to_owned()]);
        let named = [step.action.to_owned(), self.name.to_owned()];
        named.into_iter().chain(sets).collect()
    }

    #[track_caller]
    fn plans(&self, step: &Step<'_>, arguments: &[&str]) {
        let entries = self.scene.entries().len();
        let shown = [arguments, &["--dry-run", "--format", "json"]].concat();
        let plan = self.remediate(&shown).json()["plan"].take();
        assert_eq!(plan["action"], step.action);
        assert_eq!(plan["from"], step.from, "{}", step.action);
        assert_eq!(plan["to"], step.to, "{}", step.action);
        assert_eq!(plan["operations"], json!(step.sends), "{}", step.action);
        assert_eq!(plan["undo"]["action"], json!(step.undo), "{}", step.action);
        assert_eq!(self.scene.entries().len(), entries);
    }

    /// The intent, and what came of it.
    #[track_caller]
    fn is_recorded(&self, step: &Step<'_>, id: &str) {
        let entries = self.of(id);
        let [intent, outcome] = &entries[..] else {
            panic!("{entries:?}");
        };
        assert_eq!(intent["outcome"], "started");
        assert_eq!(outcome["outcome"], "unverified", "{outcome:#}");
        assert!(outcome["applied_at"].is_string(), "{outcome:#}");
        for entry in [intent, outcome] {
            assert_eq!(entry["action"], step.action);
            assert_eq!(entry["consent"]["by"], "Tester");
            assert_eq!(entry["consent"]["how"], "flag");
            assert_eq!(entry["plan"]["from"], step.from);
            assert_eq!(entry["plan"]["to"], step.to);
            assert!(entry["identity_arn"].is_string(), "{entry:#}");
            assert!(entry["verification"]["before"]["status"].is_string());
        }
        let sent = outcome["api"].as_object().expect("what was sent");
        let sent: BTreeSet<&str> = sent.keys().map(String::as_str).collect();
        assert_eq!(sent, step.sends.iter().copied().collect());
    }

    /// Entries of one remediation.
    fn of(&self, id: &str) -> Vec<Value> {
        let mut all = self.scene.entries();
        all.retain(|entry| entry["id"] == id || entry["of"] == id);
        all
    }

    /// The runs after it say whether it has helped.
    #[track_caller]
    fn is_judged(&self, id: &str, what: &str) {
        let wanted = match self.judged {
            Judged::Helped => "success",
            Judged::Unknown => "unverified",
        };
        let mut said = String::new();
        for _ in 0..4 {
            let at = self.tick();
            let run = self.scene.run(&at, &["run", "--fail-on", "never"]);
            said.push_str(&run.stdout);
            said.push_str(&run.stderr);
            let last = self.of(id).pop().expect("it has entries");
            if last["outcome"] != "unverified" {
                assert_eq!(last["outcome"], wanted, "{what}: {last:#}\n{said}");
                assert_eq!(last["verification"]["after"]["status"], "HEALTHY");
                assert_eq!(last["verification"]["slo_met"], true);
                return;
            }
        }
        assert_eq!("unverified", wanted, "{what}\n{said}");
    }

    #[track_caller]
    fn is_undone(&self, id: &str, undo: &str) {
        let last = self.of(id).pop().expect("it has entries");
        assert_eq!(last["outcome"], "undone");
        let by = self.scene.last_id();
        let entries = self.of(&by);
        assert_eq!(entries[0]["action"], undo);
        assert_eq!(entries[0]["undoes"], id);
        assert_eq!(entries[1]["outcome"], "unverified");
    }

    /// What the log has is what the table of cases says.
    #[track_caller]
    fn covers(&self, case: &str) {
        let wanted = CASES.iter().find(|(name, _)| *name == case);
        let wanted: BTreeSet<String> = wanted
            .expect("it is in the table")
            .1
            .iter()
            .map(|&name| name.to_owned())
            .collect();
        let entries = self.scene.entries();
        let done = entries
            .iter()
            .filter(|entry| entry["outcome"] == "unverified");
        let done = done.filter_map(|entry| entry["action"].as_str());
        let done: BTreeSet<String> = done.map(str::to_owned).collect();
        assert_eq!(done, wanted);
    }
}

/// A metric that has this value in each period of the next hours.
fn metric(namespace: &str, name: &str, dimensions: &Value, value: f64) -> Value {
    let start: Timestamp = "2026-03-01T11:57:00Z".parse().expect("a time");
    let points: Vec<Value> = (0..60)
        .map(|n| {
            let at = start.checked_add(SignedDuration::from_mins(5 * n));
            json!([at.expect("a time").to_string(), value])
        })
        .collect();
    json!({ "do": "metric", "namespace": namespace, "name": name, "dimensions": dimensions,
        "unit": "None", "points": points })
}

fn seed_metrics(emulator: &Emulator, namespace: &str, dimensions: &Value, all: &[(&str, f64)]) {
    let steps = all.iter();
    let steps: Vec<Value> = steps
        .map(|(name, value)| metric(namespace, name, dimensions, *value))
        .collect();
    emulator.seed(&steps);
}

fn function_of(name: &str) -> Value {
    json!({ "FunctionName": name })
}

fn function() -> Scene {
    let scene = Scene::function();
    let calls = [
        ("Invocations", 200.0),
        ("Errors", 0.0),
        ("Throttles", 0.0),
        ("Duration", 90.0),
    ];
    seed_metrics(
        &scene.emulator,
        "AWS/Lambda",
        &function_of("orders-api"),
        &calls,
    );
    scene
}

#[test]
fn functions() {
    let scene = function();
    let see = |scene: &Scene| {
        let seen = scene.see(
            "lambda",
            "get_function_configuration",
            function_of("orders-api"),
        );
        let reserved = scene.see(
            "lambda",
            "get_function_concurrency",
            function_of("orders-api"),
        );
        let variables = seen["Environment"]["Variables"].as_object();
        let variables = variables.cloned().unwrap_or_default();
        json!({ "memory": seen["MemorySize"], "timeout": seen["Timeout"],
            "reserved": reserved["ReservedConcurrentExecutions"], "variables": variables.len(),
            "marked": variables.contains_key("FRACTARY_RESTARTED_AT") })
    };
    let play = Play::new(&scene, "orders-api", &see);
    let before = see(&scene);
    let with = |changes: Value| {
        let mut after = before.clone();
        for (name, value) in changes.as_object().expect("a map") {
            after[name] = value.clone();
        }
        after
    };
    let update = &["lambda:UpdateFunctionConfiguration"];
    play.step(
        &Step {
            action: "raise_lambda_memory",
            sets: &["memory=512"],
            from: "128 MB",
            to: "512 MB",
            undo: Some("raise_lambda_memory"),
            sends: update,
        },
        &before,
        &with(json!({ "memory": 512 })),
    );
    play.step(
        &Step {
            action: "raise_lambda_timeout",
            sets: &["timeout=30"],
            from: "3 s",
            to: "30 s",
            undo: Some("raise_lambda_timeout"),
            sends: update,
        },
        &before,
        &with(json!({ "timeout": 30 })),
    );
    play.step(
        &Step {
            action: "scale_lambda",
            sets: &["concurrency=20"],
            from: "nothing reserved",
            to: "20 reserved",
            undo: Some("unreserve_lambda"),
            sends: &["lambda:PutFunctionConcurrency"],
        },
        &before,
        &with(json!({ "reserved": 20 })),
    );
    let seen = scene.see(
        "lambda",
        "get_function_configuration",
        function_of("orders-api"),
    );
    let modified = seen["LastModified"].as_str().unwrap_or_default();
    play.step(
        &Step {
            action: "restart_lambda",
            sets: &[],
            from: &format!("last changed {modified}"),
            to: "restarted",
            undo: Some("unmark_lambda"),
            sends: update,
        },
        &before,
        &with(json!({ "variables": 13, "marked": true })),
    );
    play.covers("functions");
}

#[test]
fn aliases() {
    let scene = function();
    for timeout in [7, 9] {
        scene.see(
            "lambda",
            "update_function_configuration",
            json!({ "FunctionName": "orders-api", "Timeout": timeout }),
        );
        scene.see("lambda", "publish_version", function_of("orders-api"));
    }
    let alias = json!({ "FunctionName": "orders-api", "Name": "live", "FunctionVersion": "2" });
    scene.see("lambda", "create_alias", alias);
    let see = |scene: &Scene| {
        let which = json!({ "FunctionName": "orders-api", "Name": "live" });
        let alias = scene.see("lambda", "get_alias", which)["FunctionVersion"].take();
        let which = json!({ "FunctionName": "orders-api", "Qualifier": "live" });
        let get = call("lambda", "get_provisioned_concurrency_config", which);
        let asked = scene.emulator.try_seed(&scene.emulator.url(), &[get]);
        let provisioned = match asked {
            Ok(mut replies) => replies[0]["RequestedProvisionedConcurrentExecutions"].take(),
            Err(refusal) => {
                assert_eq!(
                    refusal.code,
                    "ProvisionedConcurrencyConfigNotFoundException"
                );
                Value::Null
            }
        };
        json!({ "version": alias,
            "provisioned": provisioned })
    };
    let play = Play::new(&scene, "orders-api", &see);
    let is = |version: &str, provisioned: Value| json!({ "version": version, "provisioned": provisioned });
    let before = is("2", Value::Null);
    play.step(
        &Step {
            action: "provision_lambda",
            sets: &["concurrency=5"],
            from: "nothing provisioned",
            to: "5 provisioned",
            undo: Some("unprovision_lambda"),
            sends: &["lambda:PutProvisionedConcurrencyConfig"],
        },
        &before,
        &is("2", json!(5)),
    );
    play.step(
        &Step {
            action: "rollback_lambda",
            sets: &[],
            from: "alias live at version 2",
            to: "alias live at version 1",
            undo: Some("rollback_lambda"),
            sends: &["lambda:UpdateAlias"],
        },
        &before,
        &is("1", Value::Null),
    );
    play.step(
        &Step {
            action: "republish_lambda",
            sets: &[],
            from: "alias live at version 2",
            to: "alias live at a new version",
            undo: Some("rollback_lambda"),
            sends: &[
                "lambda:UpdateFunctionConfiguration",
                "lambda:PublishVersion",
                "lambda:UpdateAlias",
            ],
        },
        &before,
        &is("3", Value::Null),
    );
    play.covers("aliases");
}

fn scalable(targets: Value) -> Rule {
    let answer = Fault::Answer(json!({ "ScalableTargets": targets }));
    Rule::on("application-autoscaling:DescribeScalableTargets", answer)
}

#[test]
fn services() {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[
        json!({ "do": "service", "cluster": "orders", "name": "orders-web", "desired": 2 }),
        call("ecs", "register_task_definition", json!({ "family": "orders-web",
            "containerDefinitions": [{ "name": "orders-web", "image": "scratch", "memory": 64 }] })),
        call("ecs", "update_service",
            json!({ "cluster": "orders", "service": "orders-web", "taskDefinition": "orders-web:2" })),
    ]);
    let dimensions = json!({ "ClusterName": "orders", "ServiceName": "orders-web" });
    let used = [("CPUUtilization", 35.0), ("MemoryUtilization", 35.0)];
    seed_metrics(&emulator, "AWS/ECS", &dimensions, &used);
    let resource = json!({ "type": "aws_ecs_service", "aws_id": "orders-web", "arn": made[0]["arn"],
        "metadata": { "cluster": "orders" } });
    let scene = Scene::new(emulator, &[resource]);
    // Automatic scaling is AWS's answer, as recorded: MiniStack has none.
    scene.proxy.set_rules([scalable(json!([]))]);
    let seen = |scene: &Scene| {
        let which = json!({ "cluster": "orders", "services": ["orders-web"] });
        scene.see("ecs", "describe_services", which)["services"][0].take()
    };
    let see = |scene: &Scene| {
        let service = seen(scene);
        let definition = service["taskDefinition"].as_str().unwrap_or_default();
        json!({ "desired": service["desiredCount"],
            "definition": definition.rsplit('/').next().unwrap_or_default() })
    };
    let play = Play::new(&scene, "orders-web", &see);
    let is =
        |desired: u32, definition: &str| json!({ "desired": desired, "definition": definition });
    let before = is(2, "orders-web:2");
    let update = &["ecs:UpdateService"];
    play.step(
        &Step {
            action: "scale_ecs_service",
            sets: &["count=3"],
            from: "2 tasks wanted, 2 run",
            to: "3 tasks wanted",
            undo: Some("scale_ecs_service"),
            sends: update,
        },
        &before,
        &is(3, "orders-web:2"),
    );
    let definition =
        |n: u32| format!("arn:aws:ecs:us-east-1:000000000000:task-definition/orders-web:{n}");
    play.step(
        &Step {
            action: "rollback_ecs_service",
            sets: &[],
            from: &definition(2),
            to: &definition(1),
            undo: Some("rollback_ecs_service"),
            sends: update,
        },
        &before,
        &is(2, "orders-web:1"),
    );
    let deployment = |scene: &Scene| seen(scene)["deployments"][0]["id"].take();
    let old = deployment(&scene);
    let old = old.as_str().unwrap_or_default();
    play.step(
        &Step {
            action: "restart_ecs_service",
            sets: &[],
            from: &format!("deployment {old}, 2 of 2 tasks run"),
            to: "a new deployment of 2 tasks",
            undo: None,
            sends: update,
        },
        &before,
        &before,
    );
    assert_ne!(
        deployment(&scene),
        old,
        "tasks are replaced by a new deployment"
    );
    play.covers("services");
}

#[test]
fn scaling_limits() {
    // Only moto has Application Auto Scaling; its CloudWatch does not speak CBOR, so that no run can
    // judge what comes of it.
    let emulator = emulator::moto();
    let made = emulator.seed(&[
        json!({ "do": "service", "cluster": "orders", "name": "orders-web", "desired": 2 }),
        call(
            "application-autoscaling",
            "register_scalable_target",
            json!({
            "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceId": "service/orders/orders-web", "MinCapacity": 1, "MaxCapacity": 4 }),
        ),
    ]);
    let resource = json!({ "type": "aws_ecs_service", "aws_id": "orders-web", "arn": made[0]["arn"],
        "metadata": { "cluster": "orders" } });
    let scene = Scene::new(emulator, &[resource]);
    scene.belongs_to("123456789012");
    let see = |scene: &Scene| {
        let which = json!({ "ServiceNamespace": "ecs" });
        let all = scene.see(
            "application-autoscaling",
            "describe_scalable_targets",
            which,
        );
        let target = &all["ScalableTargets"][0];
        json!([target["MinCapacity"], target["MaxCapacity"]])
    };
    let play = Play {
        judged: Judged::Unknown,
        ..Play::new(&scene, "orders-web", &see)
    };
    play.step(
        &Step {
            action: "set_ecs_scaling_limit",
            sets: &["most=8"],
            from: "1 to 4 tasks",
            to: "1 to 8 tasks",
            undo: Some("set_ecs_scaling_limit"),
            sends: &["application-autoscaling:RegisterScalableTarget"],
        },
        &json!([1, 4]),
        &json!([1, 8]),
    );
    play.covers("scaling_limits");
}

#[test]
fn databases() {
    let emulator = emulator::ministack();
    // MiniStack has no parameter groups of AWS: this one is as AWS has it.
    let default = json!({ "DBParameterGroupName": "default.mysql8",
        "DBParameterGroupFamily": "mysql8.0", "Description": "Default parameter group" });
    let made = emulator.seed(&[
        json!({ "do": "database", "name": "orders-db", "engine": "mysql" }),
        call("rds", "create_db_parameter_group", default),
    ]);
    let used = [
        ("CPUUtilization", 21.0),
        ("DatabaseConnections", 12.0),
        ("FreeableMemory", 5e8),
        ("FreeStorageSpace", 1.5e10),
        ("ReadLatency", 0.002),
        ("WriteLatency", 0.003),
    ];
    seed_metrics(
        &emulator,
        "AWS/RDS",
        &json!({ "DBInstanceIdentifier": "orders-db" }),
        &used,
    );
    let resource =
        json!({ "type": "aws_db_instance", "aws_id": "orders-db", "arn": made[0]["arn"] });
    let scene = Scene::new(emulator, &[resource]);
    let which = || json!({ "DBInstanceIdentifier": "orders-db" });
    let see = |scene: &Scene| {
        let database = scene.see("rds", "describe_db_instances", which())["DBInstances"][0].take();
        let group = database["DBParameterGroups"][0]["DBParameterGroupName"].clone();
        let asked = json!({ "DBParameterGroupName": group, "Source": "user" });
        // MiniStack has no parameters of the groups that belong to AWS.
        let connections = match group.as_str() {
            Some("orders-db") => {
                let set = scene.see("rds", "describe_db_parameters", asked)["Parameters"].take();
                let set = set.as_array().cloned().unwrap_or_default();
                let is_it = |one: &&Value| one["ParameterName"] == "max_connections";
                set.iter()
                    .find(is_it)
                    .map(|one| one["ParameterValue"].clone())
            }
            _ => None,
        };
        // AWS takes a pending change back when it is told the class that there is; MiniStack keeps it.
        let pending = &database["PendingModifiedValues"]["DBInstanceClass"];
        let pending = Some(pending).filter(|class| **class != database["DBInstanceClass"]);
        json!({ "status": database["DBInstanceStatus"], "class": database["DBInstanceClass"],
            "pending": pending, "group": group, "connections": connections })
    };
    let play = Play::new(&scene, "orders-db", &see);
    let first = see(&scene);
    let group = first["group"].as_str().expect("a group").to_owned();
    let with = |base: &Value, name: &str, value: Value| {
        let mut after = base.clone();
        after[name] = value;
        after
    };
    let own = with(&first, "group", json!("orders-db"));
    play.step(
        &Step {
            action: "own_rds_parameter_group",
            sets: &[],
            from: &format!("parameter group {group}"),
            to: "parameter group orders-db",
            undo: Some("use_rds_parameter_group"),
            sends: &["rds:CreateDBParameterGroup", "rds:ModifyDBInstance"],
        },
        &first,
        &own,
    );
    // Once more, and the group that is left is used.
    play.remediate(&["own_rds_parameter_group", "orders-db", "--yes"]);
    play.is_judged(&scene.last_id(), "own_rds_parameter_group");
    assert_eq!(scene.proxy.counts()["rds:CreateDBParameterGroup"], 1);
    play.step(
        &Step {
            action: "increase_rds_connections",
            sets: &["connections=200"],
            from: "max_connections = 151",
            to: "max_connections = 200",
            undo: Some("reset_rds_connections"),
            sends: &["rds:ModifyDBParameterGroup"],
        },
        &own,
        &with(&own, "connections", json!("200")),
    );
    play.step(
        &Step {
            action: "reboot_rds",
            sets: &[],
            from: "available",
            to: "rebooted",
            undo: None,
            sends: &["rds:RebootDBInstance"],
        },
        &own,
        &own,
    );
    let seen = scene.see("rds", "describe_db_instances", which());
    let window = &seen["DBInstances"][0]["PreferredMaintenanceWindow"];
    let window = window.as_str().unwrap_or("nothing");
    play.step(
        &Step {
            action: "resize_rds",
            sets: &["class=db.t3.small"],
            from: "db.t3.micro",
            to: &format!("db.t3.small, in the window {window}"),
            undo: Some("resize_rds"),
            sends: &["rds:ModifyDBInstance"],
        },
        &own,
        &with(&own, "pending", json!("db.t3.small")),
    );
    scene.see("rds", "stop_db_instance", which());
    play.step(
        &Step {
            action: "start_rds",
            sets: &[],
            from: "stopped",
            to: "available",
            undo: None,
            sends: &["rds:StartDBInstance"],
        },
        &with(&own, "status", json!("stopped")),
        &own,
    );
    play.covers("databases");
}

#[test]
fn tables() {
    let emulator = emulator::ministack();
    emulator.seed(&[call(
        "dynamodb",
        "create_table",
        json!({
        "TableName": "orders", "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 } }),
    )]);
    let used = [
        ("ConsumedReadCapacityUnits", 100.0),
        ("ConsumedWriteCapacityUnits", 100.0),
    ];
    seed_metrics(
        &emulator,
        "AWS/DynamoDB",
        &json!({ "TableName": "orders" }),
        &used,
    );
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
    let resource = json!({ "type": "aws_dynamodb_table", "aws_id": "orders", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let see = |scene: &Scene| {
        let which = json!({ "TableName": "orders" });
        let table = scene.see("dynamodb", "describe_table", which)["Table"].take();
        let mode = table["BillingModeSummary"]["BillingMode"].as_str();
        let through = &table["ProvisionedThroughput"];
        json!([
            mode.unwrap_or("PROVISIONED"),
            through["ReadCapacityUnits"],
            through["WriteCapacityUnits"]
        ])
    };
    let play = Play::new(&scene, "orders", &see);
    let before = json!(["PROVISIONED", 5, 5]);
    play.step(
        &Step {
            action: "scale_dynamodb",
            sets: &["write=20"],
            from: "5 reads and 5 writes a second",
            to: "5 reads and 20 writes a second",
            undo: Some("scale_dynamodb"),
            sends: &["dynamodb:UpdateTable"],
        },
        &before,
        &json!(["PROVISIONED", 5, 20]),
    );
    play.step(
        &Step {
            action: "dynamodb_on_demand",
            sets: &[],
            from: "5 reads and 5 writes a second",
            to: "by request",
            undo: Some("dynamodb_provisioned"),
            sends: &["dynamodb:UpdateTable"],
        },
        &before,
        &json!(["PAY_PER_REQUEST", 0, 0]),
    );
    play.covers("tables");
}

#[test]
fn queues() {
    let emulator = emulator::ministack();
    let arn = "arn:aws:sqs:us-east-1:000000000000:email-dlq";
    let dead = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": "3" }).to_string();
    emulator.seed(&[
        call("sqs", "create_queue", json!({ "QueueName": "email-dlq" })),
        call(
            "sqs",
            "create_queue",
            json!({ "QueueName": "email", "Attributes": { "RedrivePolicy": dead } }),
        ),
    ]);
    let used = [
        ("ApproximateAgeOfOldestMessage", 1.0),
        ("ApproximateNumberOfMessagesVisible", 0.0),
        ("NumberOfMessagesSent", 10.0),
    ];
    seed_metrics(
        &emulator,
        "AWS/SQS",
        &json!({ "QueueName": "email-dlq" }),
        &used,
    );
    let resource = json!({ "type": "aws_sqs_queue", "aws_id": "email-dlq", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    // Neither emulator moves messages: what is about that is AWS's answer, as recorded. What was sent
    // is what the proxy has counted.
    let url = "https://sqs.us-east-1.amazonaws.com/000000000000/email";
    let answer = |operation: &str, value: Value| Rule::on(operation, Fault::Answer(value));
    let first = |status: &str| {
        json!({ "Status": status, "TaskHandle": "t", "StartedTimestamp": 1_772_366_600_000_i64,
            "ApproximateNumberOfMessagesMoved": 1 })
    };
    let rest = json!({ "Status": "COMPLETED", "StartedTimestamp": 1_772_366_700_000_i64,
        "ApproximateNumberOfMessagesMoved": 39 });
    let attributes = |messages: &str| json!({ "Attributes": { "ApproximateNumberOfMessages": messages, "VisibilityTimeout": "30" } });
    scene.proxy.set_rules([
        // Two queues a look: the plans, and the look at the one message that is tried first.
        answer("sqs:GetQueueAttributes", attributes("40")).first(6),
        answer("sqs:GetQueueAttributes", attributes("39")),
        answer(
            "sqs:ListDeadLetterSourceQueues",
            json!({ "queueUrls": [url] }),
        ),
        // The plan, and the plan that is applied.
        answer("sqs:ListMessageMoveTasks", json!({ "Results": [] })).first(2),
        answer(
            "sqs:ListMessageMoveTasks",
            json!({ "Results": [first("RUNNING")] }),
        )
        .first(3),
        // It is with its consumer, and does not come back.
        answer(
            "sqs:ListMessageMoveTasks",
            json!({ "Results": [first("CANCELLED")] }),
        )
        .first(5),
        answer(
            "sqs:ListMessageMoveTasks",
            json!({ "Results": [rest, first("CANCELLED")] }),
        ),
        answer("sqs:StartMessageMoveTask", json!({ "TaskHandle": "t" })),
        answer(
            "sqs:CancelMessageMoveTask",
            json!({ "ApproximateNumberOfMessagesMoved": 1 }),
        ),
    ]);
    let see = |scene: &Scene| json!(scene.proxy.counts().get("sqs:StartMessageMoveTask"));
    let play = Play::new(&scene, "email-dlq", &see);
    play.step(
        &Step {
            action: "redrive_dlq",
            sets: &["watch=1"],
            from: "40 messages",
            to: "moved back, 10 a second",
            undo: None,
            sends: &[
                "sqs:StartMessageMoveTask",
                "sqs:CancelMessageMoveTask",
                "sqs:StartMessageMoveTask",
            ],
        },
        &Value::Null,
        &json!(2),
    );
    play.covers("queues");
}

#[test]
fn stages() {
    let emulator = emulator::ministack();
    let made = emulator.seed(&[json!({ "do": "rest_api", "name": "orders", "stage": "live" })]);
    let id = made[0]["id"].as_str().expect("an id").to_owned();
    let used = [
        ("Count", 200.0),
        ("5XXError", 0.0),
        ("4XXError", 0.0),
        ("Latency", 50.0),
    ];
    let dimensions = json!({ "ApiName": "orders", "Stage": "live" });
    seed_metrics(&emulator, "AWS/ApiGateway", &dimensions, &used);
    seed_metrics(
        &emulator,
        "AWS/ApiGateway",
        &json!({ "ApiName": "orders" }),
        &used,
    );
    let arn = format!("arn:aws:apigateway:us-east-1::/restapis/{id}");
    let resource = json!({ "type": "aws_api_gateway_rest_api", "aws_id": id, "arn": arn, "name": "orders",
        "metadata": { "stage": "live" } });
    let scene = Scene::new(emulator, &[resource]);
    // MiniStack's stages have no cache: the stage, and the answer to the flush, are AWS's, as recorded.
    let stage = json!({ "item": [{ "stageName": "live", "deploymentId": "d1", "cacheClusterEnabled": true,
        "cacheClusterSize": "0.5", "cacheClusterStatus": "AVAILABLE" }] });
    let flush = format!("apigateway:DELETE /restapis/{id}/stages/live/cache/data");
    scene.proxy.set_rules([
        Rule::on("apigateway:GetStages", Fault::Answer(stage)),
        Rule::on(&flush, Fault::Answer(json!({}))),
    ]);
    let see = |scene: &Scene| json!(scene.proxy.counts().get(&flush));
    let play = Play::new(&scene, "orders", &see);
    play.step(
        &Step {
            action: "clear_cache",
            sets: &[],
            from: "cache AVAILABLE",
            to: "an empty cache",
            undo: None,
            sends: &["apigateway:FlushStageCache"],
        },
        &Value::Null,
        &json!(1),
    );
    play.covers("stages");
}

#[test]
fn clusters() {
    let emulator = emulator::ministack();
    emulator.seed(&[call(
        "elasticache",
        "create_cache_cluster",
        json!({
        "CacheClusterId": "orders-cache", "Engine": "memcached", "CacheNodeType": "cache.t3.micro",
        "NumCacheNodes": 1 }),
    )]);
    let used = [
        ("CPUUtilization", 12.0),
        ("Evictions", 0.0),
        ("CurrConnections", 3.0),
    ];
    for dimensions in [
        json!({ "CacheClusterId": "orders-cache" }),
        json!({ "CacheClusterId": "orders-cache", "CacheNodeId": "0001" }),
    ] {
        seed_metrics(&emulator, "AWS/ElastiCache", &dimensions, &used);
    }
    let arn = "arn:aws:elasticache:us-east-1:000000000000:cluster:orders-cache";
    let resource =
        json!({ "type": "aws_elasticache_cluster", "aws_id": "orders-cache", "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let see = |scene: &Scene| {
        let which = json!({ "SourceIdentifier": "orders-cache", "SourceType": "cache-cluster" });
        let events = scene.see("elasticache", "describe_events", which)["Events"].take();
        let events = events.as_array().cloned().unwrap_or_default();
        let reboots = events.iter().filter(|event| {
            event["Message"]
                .as_str()
                .is_some_and(|text| text.contains("reboot"))
        });
        json!(reboots.count())
    };
    let play = Play::new(&scene, "orders-cache", &see);
    play.step(
        &Step {
            action: "clear_elasticache",
            sets: &[],
            from: "available",
            to: "rebooted and empty",
            undo: None,
            sends: &["elasticache:RebootCacheCluster"],
        },
        &json!(0),
        &json!(1),
    );
    play.covers("clusters");
}

#[test]
fn distributions() {
    let emulator = emulator::ministack();
    let config = json!({
        "CallerReference": "seeded", "Comment": "", "Enabled": true,
        "Origins": { "Quantity": 1, "Items": [{ "Id": "o", "DomainName": "orders.s3.amazonaws.com",
            "S3OriginConfig": { "OriginAccessIdentity": "" } }] },
        "DefaultCacheBehavior": { "TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0,
            "ForwardedValues": { "QueryString": false, "Cookies": { "Forward": "none" } } },
    });
    let made = emulator.seed(&[call(
        "cloudfront",
        "create_distribution",
        json!({ "DistributionConfig": config }),
    )]);
    let id = made[0]["Distribution"]["Id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let used = [
        ("Requests", 200.0),
        ("5xxErrorRate", 0.0),
        ("4xxErrorRate", 0.0),
    ];
    let dimensions = json!({ "DistributionId": id, "Region": "Global" });
    seed_metrics(&emulator, "AWS/CloudFront", &dimensions, &used);
    let arn = format!("arn:aws:cloudfront::000000000000:distribution/{id}");
    let resource = json!({ "type": "aws_cloudfront_distribution", "aws_id": id, "arn": arn });
    let scene = Scene::new(emulator, &[resource]);
    let see = |scene: &Scene| {
        let which = json!({ "DistributionId": id });
        let all = scene.see("cloudfront", "list_invalidations", which);
        let all = all["InvalidationList"]["Items"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let paths = all.iter().map(|one| {
            let which = json!({ "DistributionId": id, "Id": one["Id"] });
            let seen = scene.see("cloudfront", "get_invalidation", which);
            seen["Invalidation"]["InvalidationBatch"]["Paths"]["Items"].clone()
        });
        paths.collect()
    };
    let play = Play::new(&scene, &id, &see);
    play.step(
        &Step {
            action: "invalidate_cloudfront",
            sets: &["paths=/images/*"],
            from: "none as the newest invalidation",
            to: "an invalidation of /images/*",
            undo: None,
            sends: &["cloudfront:CreateInvalidation"],
        },
        &json!([]),
        &json!([["/images/*"]]),
    );
    play.covers("distributions");
}
