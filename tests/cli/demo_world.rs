//! The recorded world of `fractary demo`, as a story in numbers.
//!
//! Recorded by hand, because no emulator loses an ECS task or throttles one call on cue:
//! this file is the source, `src/app/demo/recording.json` is written from it
//! (`UPDATE_DEMO=1 cargo test --test cli demo_world`) and held equal to it.

use std::collections::BTreeMap;

use fractary::catalog::Catalog;
use fractary::cloud::question::{
    Answer, ConfigurationQuestion, IdentityQuestion, ObserveKey, SituationQuestion,
};
use fractary::cloud::record::{Recording, Request};
use fractary::commands::demo::STEPS;
use fractary::core::registry::resources;
use fractary::model::configuration::Configuration;
use fractary::model::environments::Environments;
use fractary::model::fact::{Fact, FactName, Gap, GapCause, GapId, Value};
use fractary::model::ids::{AccountId, Arn, EnvironmentName};
use fractary::model::monitoring::EnabledCheck;
use fractary::model::receipt::Receipt;
use fractary::model::registry::Registry;
use fractary::model::remediation::ActionSituation;
use fractary::model::resource::Resource;
use fractary::model::snapshot::{
    Alarm, AlarmState, Condition, Identity, Observed, ResourceState, Series, Snapshot,
};
use fractary::model::window::Window;
use fractary::text::Untrusted;
use jiff::Timestamp;

use crate::demo_past;
use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/app/demo/recording.json");
const TERRAFORM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/app/demo/orders.tfstate.json"
);
const ACCOUNT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/demo/account.json");
pub(crate) const PERIOD: i64 = 300;
/// What is checked, as the repository of the demo says.
pub(crate) const CHECKS: [EnabledCheck; 3] = [
    EnabledCheck::ResourceStatus,
    EnabledCheck::CloudwatchMetrics,
    EnabledCheck::CloudwatchAlarms,
];

/// Values by five-minute period, the first from 08:55. The run of the n-th step judges up to
/// the end of the n-th period.
type Story = [f64; 7];

/// Metrics of a resource by the ids of its kind. What is not here has no data points.
fn metrics(name: &str) -> Vec<(&'static str, Story)> {
    match name {
        "orders-api" => vec![
            (
                "invocations",
                [1180.0, 1420.0, 1610.0, 1655.0, 1590.0, 1320.0, 1240.0],
            ),
            ("errors", [0.0, 0.0, 54.0, 198.0, 171.0, 0.0, 0.0]),
            ("throttles", [0.0; 7]),
            (
                "duration_p50_ms",
                [38.0, 41.0, 57.0, 88.0, 85.0, 40.0, 39.0],
            ),
            (
                "duration_p95_ms",
                [121.0, 148.0, 940.0, 2900.0, 2610.0, 131.0, 124.0],
            ),
            (
                "duration_p99_ms",
                [180.0, 240.0, 3010.0, 3020.0, 3015.0, 214.0, 190.0],
            ),
            (
                "concurrent_executions",
                [6.0, 8.0, 21.0, 34.0, 31.0, 7.0, 6.0],
            ),
        ],
        "orders-worker" => vec![
            (
                "invocations",
                [310.0, 324.0, 301.0, 296.0, 288.0, 341.0, 318.0],
            ),
            ("errors", [0.0; 7]),
            ("throttles", [0.0; 7]),
            ("duration_p50_ms", [61.0; 7]),
            (
                "duration_p95_ms",
                [142.0, 139.0, 151.0, 160.0, 158.0, 144.0, 140.0],
            ),
            ("duration_p99_ms", [190.0; 7]),
            ("concurrent_executions", [3.0; 7]),
        ],
        "orders-db" => vec![
            ("cpu_percent", [22.4, 31.0, 48.2, 55.1, 53.0, 24.3, 21.9]),
            ("connections", [58.0, 78.0, 110.0, 112.0, 112.0, 46.0, 41.0]),
            (
                "freeable_memory_bytes",
                [4.1e8, 3.9e8, 2.6e8, 2.4e8, 2.4e8, 4.0e8, 4.1e8],
            ),
            ("free_storage_bytes", [1.31e10; 7]),
            (
                "read_latency_seconds",
                [0.002, 0.002, 0.009, 0.012, 0.011, 0.002, 0.002],
            ),
            (
                "write_latency_seconds",
                [0.003, 0.004, 0.011, 0.014, 0.013, 0.003, 0.003],
            ),
            ("read_iops", [180.0; 7]),
            ("write_iops", [95.0; 7]),
        ],
        "orders-web" => vec![
            ("cpu_percent", [34.0, 38.0, 44.0, 61.0, 60.0, 52.0, 51.0]),
            ("memory_percent", [48.0, 48.0, 49.0, 55.0, 55.0, 54.0, 54.0]),
        ],
        "orders-http" => vec![
            (
                "requests",
                [1192.0, 1433.0, 1624.0, 1671.0, 1604.0, 1333.0, 1251.0],
            ),
            ("client_errors", [9.0, 12.0, 14.0, 13.0, 12.0, 10.0, 9.0]),
            ("server_errors", [0.0, 0.0, 51.0, 190.0, 166.0, 0.0, 0.0]),
            (
                "latency_p95_ms",
                [139.0, 166.0, 961.0, 2930.0, 2640.0, 149.0, 141.0],
            ),
            (
                "integration_latency_p95_ms",
                [130.0, 157.0, 951.0, 2920.0, 2630.0, 140.0, 132.0],
            ),
        ],
        "orders-events" => vec![
            (
                "oldest_message_seconds",
                [2.0, 2.0, 6.0, 11.0, 9.0, 2.0, 2.0],
            ),
            ("waiting", [4.0, 5.0, 12.0, 26.0, 21.0, 5.0, 4.0]),
            ("in_flight", [3.0; 7]),
            ("sent", [310.0, 324.0, 301.0, 296.0, 288.0, 341.0, 318.0]),
            ("deleted", [310.0, 324.0, 299.0, 290.0, 290.0, 347.0, 319.0]),
        ],
        "orders-sessions" => vec![
            (
                "read_units",
                [900.0, 1100.0, 1240.0, 1270.0, 1220.0, 1010.0, 950.0],
            ),
            (
                "write_units",
                [310.0, 360.0, 400.0, 420.0, 410.0, 340.0, 320.0],
            ),
            ("get_latency_ms", [3.1; 7]),
            ("put_latency_ms", [5.2; 7]),
        ],
        _ => balancer_metrics(name),
    }
}

fn balancer_metrics(name: &str) -> Vec<(&'static str, Story)> {
    if name != "balancer" {
        return Vec::new();
    }
    vec![
        (
            "requests",
            [5210.0, 5630.0, 6010.0, 6100.0, 5980.0, 5700.0, 5520.0],
        ),
        ("target_errors", [0.0; 7]),
        ("balancer_errors", [0.0; 7]),
        (
            "response_p95_seconds",
            [0.082, 0.085, 0.091, 0.204, 0.201, 0.143, 0.139],
        ),
    ]
}

/// Numbers from the status call, at a step from 0.
fn numbers(name: &str, step: usize) -> Vec<(&'static str, Fact)> {
    let known = |value: f64| Fact::from(value);
    match name {
        // AWS throttles DescribeDBInstances in the fifth step.
        "orders-db" if step == 4 => [
            "max_connections",
            "max_connections_estimated",
            "allocated_storage_bytes",
        ]
        .map(|fact| (fact, Fact::Unreadable(GapId(0))))
        .to_vec(),
        "orders-db" => vec![
            ("max_connections", known(112.0)),
            ("max_connections_estimated", known(1.0)),
            ("allocated_storage_bytes", known(21_474_836_480.0)),
        ],
        "orders-web" => {
            let running = if step >= 3 { 2.0 } else { 3.0 };
            vec![
                ("running", known(running)),
                ("desired", known(3.0)),
                ("pending", known(0.0)),
            ]
        }
        _ => Vec::new(),
    }
}

fn state(name: &str, kind: &str, step: usize) -> Fact<ResourceState> {
    let good = |word: &str| {
        Fact::Known(ResourceState {
            word: Untrusted::from(word),
            condition: Condition::Good,
            reason: None,
        })
    };
    match (name, kind) {
        ("acme-orders-receipts", _) if step >= 3 => Fact::Absent,
        ("orders-db", _) if step == 4 => Fact::Unreadable(GapId(0)),
        (_, "lambda") => good("Active"),
        (_, "rds") => good("available"),
        (_, "ecs" | "dynamodb") => good("ACTIVE"),
        (_, "alb") => good("active"),
        (_, "s3" | "apigatewayv2" | "sqs") => good("exists"),
        _ => Fact::Known(ResourceState::unchecked()),
    }
}

fn alarms(name: &str, step: usize) -> Vec<Alarm> {
    if name != "orders-db" {
        return Vec::new();
    }
    let ringing = (2..=4).contains(&step);
    vec![Alarm {
        name: Untrusted::from("orders-db-connections"),
        arn: None,
        state: if ringing {
            AlarmState::Alarm
        } else {
            AlarmState::Ok
        },
        since: ringing.then(|| time("2026-11-02T09:09:00Z")),
        reason: Untrusted::from(if ringing {
            "Threshold Crossed: 1 datapoint [110.0] was greater than the threshold (100.0)."
        } else {
            ""
        }),
        metric: Untrusted::from("DatabaseConnections"),
        namespace: Untrusted::from("AWS/RDS"),
        actions: Vec::new(),
        dimensions: BTreeMap::from([(
            Untrusted::from("DBInstanceIdentifier"),
            Untrusted::from(name),
        )]),
    }]
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The begin of a period of the story.
pub(crate) fn begin_of(period: usize) -> Timestamp {
    let offset = PERIOD * i64::try_from(period).expect("a few");
    Timestamp::from_second(time("2026-11-02T08:55:00Z").as_second() + offset).expect("a time")
}

/// The span of a step: from the end of the last one that committed. The second commits nothing.
fn window(step: usize) -> Window {
    let first = match step {
        2 => 1,
        other => other,
    };
    Window {
        start: begin_of(first),
        end: begin_of(step + 1),
        period_seconds: 300,
    }
}

fn observed(resource: &Resource, catalog: &Catalog, step: usize) -> Observed {
    let kind = resource.kind.as_ref().and_then(|id| catalog.kind(id));
    let id = kind.map_or("", |kind| kind.id.as_str());
    let name = if id == "alb" {
        "balancer"
    } else {
        resource.name.raw()
    };
    let story: BTreeMap<&str, Story> = metrics(name).into_iter().collect();
    let series =
        |metric: &fractary::catalog::kinds::kind::Metric| match story.get(metric.id.as_str()) {
            Some(values) if metric.period_seconds.is_none() => Fact::Known(Series {
                statistic: metric.stat.clone(),
                period_seconds: 300,
                at: (0..=step).map(begin_of).collect(),
                values: values[..=step].to_vec(),
            }),
            _ => Fact::Absent,
        };
    Observed {
        resource: resource.clone(),
        state: state(name, id, step),
        facts: numbers(name, step)
            .into_iter()
            .map(|(fact, value)| (FactName::parse(fact).expect("a name"), value))
            .collect(),
        metrics: kind
            .map(|kind| {
                kind.metrics
                    .iter()
                    .map(|metric| (metric.id.clone(), series(metric)))
                    .collect()
            })
            .unwrap_or_default(),
        alarms: Fact::Known(alarms(name, step)),
        parts: Vec::new(),
        some_alarms: Vec::new(),
    }
}

fn receipt(step: usize) -> Receipt {
    let mut by_operation: BTreeMap<String, u64> = [
        "sts:GetCallerIdentity",
        "apigatewayv2:GetApis",
        "apigatewayv2:GetStages",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "ecs:DescribeServices",
        "lambda:ListFunctions",
        "rds:DescribeDBInstances",
    ]
    .map(|operation| (operation.to_owned(), 1))
    .into();
    by_operation.insert("s3:HeadBucket".to_owned(), 2);
    let retries = if step == 4 { 3 } else { 0 };
    by_operation.insert("rds:DescribeDBInstances".to_owned(), 1 + retries);
    Receipt {
        calls: by_operation.values().sum(),
        by_operation,
        retries,
        refused: 0,
        metrics_requested: 62,
        estimated_cost_usd: 0.000_631,
        price_date: "2026-07-01".to_owned(),
        duration_ms: 412,
    }
}

fn snapshot(
    resources: &[Resource],
    catalog: &Catalog,
    identity: &Identity,
    step: usize,
) -> Snapshot {
    let throttled = Gap {
        operation: "rds:DescribeDBInstances".to_owned(),
        subject: "state of 1 RDS database".to_owned(),
        cause: GapCause::Throttled,
        code: Some(Untrusted::from("ThrottlingException")),
        message: Untrusted::from("Rate exceeded"),
        missing_permission: None,
    };
    Snapshot {
        environment: EnvironmentName::new("prod").expect("a name"),
        identity: Fact::Known(identity.clone()),
        window: window(step),
        // What a run reads besides its window begins with the story.
        read_from: (step > 0).then(|| begin_of(0)),
        resources: resources
            .iter()
            .map(|resource| observed(resource, catalog, step))
            .collect(),
        unmatched_alarms: Vec::new(),
        gaps: if step == 4 {
            vec![throttled]
        } else {
            Vec::new()
        },
        receipt: receipt(step),
        back_fill: Vec::new(),
    }
}

/// The resources, as `init` and `adopt` leave them.
fn adopted(catalog: &Catalog) -> Vec<Resource> {
    let repo = Repo::new(&[]);
    let run = |arguments: &[&str]| {
        Fractary::in_repo(&repo)
            .at("2026-11-02T08:57:00Z")
            .args(arguments)
            .run()
            .exits(0)
    };
    run(&[
        "init",
        "--env",
        "prod",
        "--account",
        "123456789012",
        "--region",
        "eu-central-1",
    ]);
    run(&["adopt", "--env", "prod", TERRAFORM]);
    let registry: Registry = serde_json::from_str(
        &repo.read(".fractary/plugins/faber-cloud/deployments/prod/registry.json"),
    )
    .expect("adopt writes it");
    let environments: Environments =
        serde_json::from_str(&repo.read(".fractary/shared/environments.json"))
            .expect("init writes it");
    let environment = environments
        .environments
        .values()
        .next()
        .expect("one environment");
    resources(&registry, environment, catalog)
}

fn recording() -> Recording {
    let catalog = Catalog::built_in().expect("the catalogue is sound");
    let resources = adopted(&catalog);
    let identity = Identity {
        account: AccountId::new("123456789012").expect("an account"),
        arn: Arn::new("arn:aws:sts::123456789012:assumed-role/fractary/GitHubActions")
            .expect("an ARN"),
    };
    let environment = EnvironmentName::new("prod").expect("a name");
    let mut recording = Recording::default();
    recording.put(
        Request::new(&IdentityQuestion {
            environment: environment.clone(),
        }),
        Answer::Identity(identity.clone()),
    );
    for step in 0..STEPS.len() {
        let snapshot = snapshot(&resources, &catalog, &identity, step);
        recording.put(
            Request::new(&ObserveKey {
                environment: environment.clone(),
                window: snapshot.window,
                checks: CHECKS.to_vec(),
                resources: resources
                    .iter()
                    .map(|resource| resource.arn.clone())
                    .collect(),
            }),
            Answer::Snapshot(Box::new(snapshot)),
        );
    }
    demo_past::add(&mut recording, &resources, &catalog, |step| {
        snapshot(&resources, &catalog, &identity, step)
    });
    let audit = ConfigurationQuestion {
        environment: environment.clone(),
        regions: Vec::new(),
        types: Vec::new(),
        max_calls: None,
        identity: identity.clone(),
        at: time("2026-11-02T09:32:00Z"),
    };
    let answer = Answer::Configuration(Box::new(configuration()));
    recording.put(Request::new(&audit), answer);
    recording.put(
        Request::new(&proposed(&environment, &resources)),
        Answer::Situation(Box::new(parameters())),
    );
    recording
}

/// How the account is configured: what `tests/emulator/demo_account.rs` read and kept. It is seen in
/// the region of the story, and the receipts are gone.
fn configuration() -> Configuration {
    let kept = std::fs::read_to_string(ACCOUNT).expect("that test wrote it");
    serde_json::from_str(&kept).expect("it is a configuration")
}

/// What the proposal of the story asks: how many connections the database may have.
fn proposed(environment: &EnvironmentName, resources: &[Resource]) -> SituationQuestion {
    let mut all = resources.iter();
    let database = all.find(|one| one.name.raw() == "orders-db");
    let database = database.expect("the database is registered");
    SituationQuestion {
        environment: environment.clone(),
        action: "increase_rds_connections".to_owned(),
        arn: database.arn.clone(),
        resource: database.clone(),
    }
}

/// What it is told.
fn parameters() -> ActionSituation {
    let text = |name: &str, text: &str| (fact_name(name), Fact::from(text));
    let facts = [
        text("status", "available"),
        text("engine", "postgres"),
        text("class", "db.t4g.small"),
        text("group", "orders"),
        text("connections", "100"),
        (fact_name("multi_az"), Fact::Known(Value::Flag(false))),
        (
            fact_name("connections_set"),
            Fact::Known(Value::Number(100.0)),
        ),
    ];
    ActionSituation {
        facts: facts.into(),
        gaps: Vec::new(),
    }
}

fn fact_name(name: &str) -> FactName {
    FactName::parse(name).expect("a name")
}

#[test]
fn the_recording_is_what_the_story_says() {
    let wanted = String::from_utf8(recording().to_bytes()).expect("JSON is UTF-8");
    if std::env::vars().any(|(name, _)| name == "UPDATE_DEMO") {
        std::fs::write(PATH, &wanted).expect("it can be written");
    }
    let have = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(have == wanted, "run with UPDATE_DEMO=1 to write {PATH}");
}
