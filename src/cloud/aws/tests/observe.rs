//! Whole observations.

use std::time::Duration;

use super::{AMPLE, Canned, answer, aws, bucket, catalog, function, resource, run};
use crate::cloud::Cloud;
use crate::cloud::policy;
use crate::cloud::question::ObserveQuestion;
use crate::cloud::record::Recorder;
use crate::cloud::record::Recording;
use crate::cloud::replay::Replay;
use crate::model::fact::{Fact, GapCause};
use crate::model::ids::{AccountId, Arn, EnvironmentName};
use crate::model::monitoring::EnabledCheck;
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::snapshot::{Identity, Snapshot};
use crate::model::window::Window;

pub(super) fn request(resources: Vec<Resource>, checks: &[EnabledCheck]) -> ObserveQuestion {
    ObserveQuestion {
        environment: EnvironmentName::new("test").expect("a name"),
        resources,
        window: Window {
            start: "2026-11-21T10:00:00Z".parse().expect("an instant"),
            end: "2026-11-21T10:05:00Z".parse().expect("an instant"),
            period_seconds: 300,
        },
        read_from: "2026-11-21T10:00:00Z".parse().expect("an instant"),
        checks: checks.to_vec(),
        identity: Identity {
            account: AccountId::new("123456789012").expect("an account"),
            arn: Arn::new("arn:aws:iam::123456789012:user/ci").expect("an ARN"),
        },
    }
}

fn observe(
    ask: &ObserveQuestion,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Snapshot {
    observe_within(AMPLE, ask, script)
}

fn observe_within(
    deadline: Duration,
    ask: &ObserveQuestion,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Snapshot {
    run(async {
        let operations = policy::observing(&catalog());
        let aws = aws("eu-central-1", 2, deadline, operations, script).await;
        (&aws as &dyn Cloud).observe(ask).await
    })
}

const ALL: [EnabledCheck; 3] = [
    EnabledCheck::ResourceStatus,
    EnabledCheck::CloudwatchMetrics,
    EnabledCheck::CloudwatchAlarms,
];

/// Functions, databases and buckets: `gone…` is not there, `secret…` is denied.
fn world(line: &str) -> Canned {
    if line.contains("monitoring") {
        return answer(403, "application/cbor", "");
    }
    if line.starts_with("HEAD") {
        return match line {
            _ if line.contains("gone") => answer(404, "application/xml", ""),
            _ if line.contains("secret") => answer(403, "application/xml", ""),
            _ => answer(200, "application/xml", ""),
        };
    }
    if line.contains("/functions/gone/") {
        return Canned::Answer {
            status: 404,
            headers: vec![("x-amzn-errortype", "ResourceNotFoundException")],
            body: b"{}".to_vec(),
        };
    }
    if line.contains("/functions/") && line.contains("/configuration") {
        return answer(
            200,
            "application/json",
            r#"{"FunctionName": "x", "State": "Active"}"#,
        );
    }
    if line.contains("/functions") {
        return answer(
            200,
            "application/json",
            r#"{"Functions": [{"FunctionName": "api"}]}"#,
        );
    }
    answer(500, "text/html", "<h1>not here</h1>")
}

fn shop() -> Vec<Resource> {
    vec![
        function("api"),
        function("gone"),
        bucket("assets-shop"),
        bucket("gone-shop"),
        bucket("secret-shop"),
        resource(
            "aws_db_instance",
            "arn:aws:rds:eu-central-1:123456789012:db:orders",
        ),
        resource(
            "aws_sqs_queue",
            "arn:aws:sqs:eu-central-1:123456789012:jobs",
        ),
    ]
}

fn summary(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    for observed in &snapshot.resources {
        let state = match &observed.state {
            Fact::Known(state) => state.word.raw().to_owned(),
            Fact::Absent => "absent".to_owned(),
            Fact::Unreadable(gap) => format!("gap {}", gap.0),
        };
        let alarms = observed
            .alarms
            .gap()
            .map_or("seen".to_owned(), |gap| format!("gap {}", gap.0));
        out += &format!(
            "{}: {state}; {} metrics; alarms {alarms}\n",
            observed.resource.arn.resource(),
            observed.metrics.len()
        );
    }
    for (number, gap) in snapshot.gaps.iter().enumerate() {
        out += &format!(
            "gap {number}: {} | {} | {} | {} | {}\n",
            gap.operation,
            gap.subject,
            gap.cause.words(),
            gap.message.raw(),
            gap.missing_permission.as_deref().unwrap_or("-"),
        );
    }
    out
}

#[test]
fn exactly_what_was_not_seen_is_unreadable() {
    let snapshot = observe(&request(shop(), &ALL), world);
    insta::assert_snapshot!(summary(&snapshot), @"
    function:api: Active; 7 metrics; alarms gap 0
    function:gone: absent; 7 metrics; alarms gap 0
    assets-shop: exists; 5 metrics; alarms gap 0
    gone-shop: absent; 5 metrics; alarms gap 0
    secret-shop: gap 4; 5 metrics; alarms gap 0
    db:orders: gap 3; 8 metrics; alarms gap 0
    jobs: gap 5; 5 metrics; alarms gap 0
    gap 0: cloudwatch:DescribeAlarms | alarms of 7 resources | access denied | HTTP 403, application/cbor without an error code | cloudwatch:DescribeAlarms
    gap 1: cloudwatch:GetMetricData | metrics of 7 resources | access denied | HTTP 403, application/cbor without an error code | cloudwatch:GetMetricData
    gap 2: cloudwatch:ListMetrics | metrics of 1 Lambda function | access denied | HTTP 403, application/cbor without an error code | cloudwatch:ListMetrics
    gap 3: rds:DescribeDBInstances | state of 1 RDS database | provider error | HTTP 500, text/html without an error code | -
    gap 4: s3:HeadBucket | state of 1 S3 bucket | access denied | HTTP 403, application/xml without an error code | s3:ListBucket
    gap 5: sqs:ListQueues | state of 1 SQS queue | provider error | HTTP 500, text/html without an error code | -
    ");
}

#[test]
fn the_same_facts_make_the_same_snapshot() {
    let ask = request(shop(), &ALL);
    let once = |_: u32| {
        let mut snapshot = observe(&ask, world);
        snapshot.receipt.duration_ms = 0;
        serde_json::to_string(&snapshot).expect("plain data")
    };
    assert_eq!(once(1), once(2));
}

#[test]
fn a_check_that_is_off_sends_nothing() {
    let ask = request(shop(), &[]);
    let snapshot = observe(&ask, |line| panic!("nobody should ask {line}"));
    assert_eq!(snapshot.receipt.calls, 0);
    assert!(snapshot.gaps.is_empty());
    for observed in &snapshot.resources {
        assert_eq!(observed.alarms, Fact::Known(Vec::new()));
        assert!(observed.metrics.is_empty());
    }
}

#[test]
fn what_answers_in_time_is_kept() {
    let ask = request(
        vec![function("api"), bucket("assets-shop")],
        &[EnabledCheck::ResourceStatus],
    );
    let limit = Duration::from_secs(2);
    let snapshot = observe_within(limit, &ask, |line| match line.starts_with("HEAD") {
        true => Canned::Silence,
        false => world(line),
    });
    assert!(snapshot.resources[0].state.known().is_some());
    assert!(snapshot.resources[1].state.gap().is_some());
    assert_eq!(snapshot.gaps.len(), 1);
    assert_eq!(snapshot.gaps[0].cause, GapCause::TimedOut);
}

#[test]
fn many_functions_are_pages_of_a_list_and_a_bounded_number_of_questions() {
    let resources: Vec<Resource> = (0..120).map(|n| function(&format!("f{n}"))).collect();
    let ask = request(resources, &[EnabledCheck::ResourceStatus]);
    let snapshot = observe(&ask, |line| {
        if line.contains("/configuration") {
            return world(line);
        }
        let from: usize = line.split_once("Marker=").map_or(0, |(_, rest)| {
            rest.split(['&', ' '])
                .next()
                .unwrap_or_default()
                .parse()
                .expect("a marker")
        });
        // The last one is gone.
        let to = (from + 50).min(119);
        let functions: Vec<String> = (from..to)
            .map(|n| format!(r#"{{"FunctionName": "f{n}"}}"#))
            .collect();
        let next = if to < 119 {
            format!(r#", "NextMarker": "{to}""#)
        } else {
            String::new()
        };
        answer(
            200,
            "application/json",
            &format!(r#"{{"Functions": [{}]{next}}}"#, functions.join(",")),
        )
    });
    assert_eq!(snapshot.receipt.calls, 3 + 2 * 100);
    let states = || snapshot.resources.iter().filter_map(|r| r.state.known());
    let called = |word: &str| states().filter(|state| state.word.raw() == word).count();
    // Of those that were not asked, nothing is said but that they are there.
    assert_eq!(
        (called("Active"), called("not queried in this run")),
        (100, 19)
    );
    assert_eq!(snapshot.resources[119].state, Fact::Absent);
}

fn recorded(ask: &ObserveQuestion) -> (Snapshot, Recording) {
    run(async {
        let operations = policy::observing(&catalog());
        let recorder = std::rc::Rc::new(Recorder::new(
            aws("eu-central-1", 2, AMPLE, operations, world).await,
        ));
        let snapshot = (&recorder as &dyn Cloud).observe(ask).await;
        (snapshot, recorder.recording())
    })
}

fn replay(recording: &Recording, ask: &ObserveQuestion) -> Snapshot {
    let read = Recording::from_bytes(&recording.to_bytes()).expect("what was written");
    assert_eq!(&read, recording);
    run((&Replay::new(read) as &dyn Cloud).observe(ask))
}

#[test]
fn a_recording_replays_to_the_same_snapshot() {
    let ask = request(shop(), &ALL);
    let (snapshot, recording) = recorded(&ask);
    assert_eq!(replay(&recording, &ask), snapshot);
}

#[test]
fn a_replay_knows_what_it_does_not_hold() {
    let (_, recording) = recorded(&request(shop(), &ALL));
    let fewer = request(vec![function("api"), function("new")], &ALL);
    insta::assert_snapshot!(summary(&replay(&recording, &fewer)), @"
    function:api: Active; 7 metrics; alarms gap 0
    function:new: gap 3; 0 metrics; alarms gap 3
    gap 0: cloudwatch:DescribeAlarms | alarms of 7 resources | access denied | HTTP 403, application/cbor without an error code | cloudwatch:DescribeAlarms
    gap 1: cloudwatch:GetMetricData | metrics of 7 resources | access denied | HTTP 403, application/cbor without an error code | cloudwatch:GetMetricData
    gap 2: cloudwatch:ListMetrics | metrics of 1 Lambda function | access denied | HTTP 403, application/cbor without an error code | cloudwatch:ListMetrics
    gap 3: replay:observe | everything about 1 resource | not in the recording | the recording does not hold these resources | -
    ");
    let mut later = request(vec![function("api")], &ALL);
    later.window.end = "2026-11-21T10:10:00Z".parse().expect("an instant");
    let snapshot = replay(&recording, &later);
    insta::assert_snapshot!(summary(&snapshot), @"
    function:api: gap 0; 0 metrics; alarms gap 0
    gap 0: replay:observe | everything about 1 resource | not in the recording | the recording has no observation of `test` from 2026-11-21T10:00:00Z to 2026-11-21T10:10:00Z with these checks; it holds 2026-11-21T10:00:00Z to 2026-11-21T10:05:00Z | -
    ");
    assert_eq!(snapshot.receipt, Receipt::default());
}

/// A page of `GetMetricData` in CBOR, with no results and the token of the next.
fn first_page() -> Canned {
    let text = |text: &str| {
        let length = u8::try_from(text.len()).expect("short");
        // Text of up to 23 bytes has its length in the first byte, a longer one in the second.
        let head = if length < 24 {
            vec![0x60 + length]
        } else {
            vec![0x78, length]
        };
        [head, text.as_bytes().to_vec()].concat()
    };
    let map = [
        vec![0xa2],
        text("MetricDataResults"),
        vec![0x80],
        text("NextToken"),
        text("page-2"),
    ];
    Canned::Answer {
        status: 200,
        headers: vec![
            ("content-type", "application/cbor"),
            ("smithy-protocol", "rpc-v2-cbor"),
        ],
        body: map.concat(),
    }
}

#[test]
fn metrics_whose_second_page_is_refused_are_unknown() {
    let ask = request(vec![function("api")], &[EnabledCheck::CloudwatchMetrics]);
    let snapshot = observe(&ask, |line| match line {
        _ if !line.contains("GetMetricData") => world(line),
        _ if line.contains("page-2") => answer(403, "application/cbor", ""),
        _ => first_page(),
    });
    assert_eq!(snapshot.receipt.by_operation["cloudwatch:GetMetricData"], 2);
    assert_eq!(snapshot.gaps.len(), 1, "{:?}", snapshot.gaps);
    assert_eq!(snapshot.gaps[0].cause, GapCause::Denied);
    let metrics = &snapshot.resources[0].metrics;
    assert!(
        metrics.values().all(|fact| fact.gap().is_some()),
        "{metrics:?}"
    );
}

/// A page that comes again and again is no answer, and the search for more ends.
#[test]
fn metrics_whose_pages_never_end_are_unknown() {
    let ask = request(vec![function("api")], &[EnabledCheck::CloudwatchMetrics]);
    let snapshot = observe(&ask, |line| match line {
        _ if line.contains("GetMetricData") => first_page(),
        _ => world(line),
    });
    assert_eq!(snapshot.gaps[0].cause, GapCause::Partial);
    assert_eq!(snapshot.receipt.by_operation["cloudwatch:GetMetricData"], 2);
}
