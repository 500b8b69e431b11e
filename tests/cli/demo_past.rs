//! What the runs of the demo look back at, when they investigate what they have found: metrics
//! of the hours before, log lines, and what was changed.

use std::collections::BTreeMap;

use fractary::catalog::Catalog;
use fractary::cloud::question::{
    Answer, ChangesQuestion, CluesQuestion, LogGroupsQuestion, LogSources, LogSourcesQuestion,
    LogsQuestion, ObserveKey,
};
use fractary::cloud::record::{Recording, Request};
use fractary::core::investigate::dependencies::DependencyGraph;
use fractary::core::investigate::figures::span;
use fractary::model::fact::Fact;
use fractary::model::ids::EnvironmentName;
use fractary::model::investigation::{ChangeCoverage, ChangeRecord, ChangeSet, ChangeSource, Clue};
use fractary::model::log_events::{
    LogClass, LogEvent, LogEventPage, LogGroup, LogGroupPage, LogWay, LogsElsewhere,
};
use fractary::model::resource::Resource;
use fractary::model::snapshot::{Series, Snapshot};
use fractary::text::Untrusted;
use jiff::{SignedDuration, Timestamp};

use crate::demo_world::{CHECKS, PERIOD, begin_of, time};

/// The runs that find something new: when, and where it is felt first.
const LOOKS: [(usize, &str, &[&str]); 2] = [
    (2, "2026-11-02T09:12:00Z", &["orders-http", "orders-api"]),
    (
        3,
        "2026-11-02T09:17:00Z",
        &["orders-web", "acme-orders-receipts"],
    ),
];
/// Periods before the span that are held of each metric.
const BEFORE: i64 = 24;
/// The groups of the functions. Only the first has lines.
const GROUPS: [&str; 2] = ["/aws/lambda/orders-api", "/aws/lambda/orders-worker"];

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Adds what the investigations of the story ask.
pub(crate) fn add(
    recording: &mut Recording,
    resources: &[Resource],
    catalog: &Catalog,
    snapshot: impl Fn(usize) -> Snapshot,
) {
    let environment = EnvironmentName::new("prod").expect("a name");
    for resource in resources {
        let kind = resource.kind.as_ref().and_then(|id| catalog.kind(id));
        if kind.is_some_and(|kind| !kind.logs.is_empty()) {
            let question = LogSourcesQuestion {
                environment: environment.clone(),
                arn: resource.arn.clone(),
                resource: resource.clone(),
            };
            let answer = Answer::LogSources(Box::new(sources(resource)));
            recording.put(Request::new(&question), answer);
        }
    }
    for (step, at, felt) in LOOKS {
        let now = time(at);
        let from = now - hours(1);
        let looked = look_back(snapshot(step), from, now);
        let key = ObserveKey {
            environment: environment.clone(),
            window: looked.window,
            checks: CHECKS.to_vec(),
            resources: resources.iter().map(|one| one.arn.clone()).collect(),
        };
        recording.put(Request::new(&key), Answer::Snapshot(Box::new(looked)));
        let web = resources.iter().find(|one| {
            one.name.raw() == "orders-web"
                && one.kind.as_ref().is_some_and(|it| it.as_str() == "ecs")
        });
        let web = web.expect("it is adopted");
        let question = CluesQuestion {
            environment: environment.clone(),
            arn: web.arn.clone(),
            at: now,
            resource: web.clone(),
        };
        recording.put(Request::new(&question), Answer::Clues(stopped(now)));
        add_logs(recording, &environment, from, now);
        for name in felt {
            add_changes(recording, &environment, (resources, name), from, now);
        }
    }
}

/// The snapshot of a run, as it looks over the last hour and what was usual before.
fn look_back(mut snapshot: Snapshot, from: Timestamp, now: Timestamp) -> Snapshot {
    let period = u32::try_from(PERIOD).expect("a few minutes");
    snapshot.window = span(from, now, period);
    let first = snapshot.window.start.as_second() - BEFORE * PERIOD;
    snapshot.read_from = Timestamp::from_second(first).ok();
    for observed in &mut snapshot.resources {
        for fact in observed.metrics.values_mut() {
            if let Fact::Known(series) = fact {
                fill(series, first);
            }
        }
    }
    snapshot.receipt.calls = 23;
    snapshot
}

/// Puts usual values before those of the story: its first value, now a little more and now a
/// little less.
fn fill(series: &mut Series, first: i64) {
    let Some(usual) = series.values.first().copied() else {
        return;
    };
    let story = begin_of(0).as_second();
    let times: Vec<i64> = (0..)
        .map(|n| first + n * PERIOD)
        .take_while(|at| *at < story)
        .collect();
    let wave = [0.0, 1.0, 3.0, -1.0, 2.0, -3.0, 0.0, -2.0];
    let value = |n: usize| {
        let value = usual * (1.0 + wave[n % wave.len()] / 100.0);
        // Counts have no fractions.
        if usual.fract() == 0.0 {
            value.round()
        } else {
            value
        }
    };
    let before: Vec<f64> = (0..times.len()).map(value).collect();
    let at = times
        .iter()
        .map(|at| Timestamp::from_second(*at).expect("a time"));
    series.at.splice(0..0, at);
    series.values.splice(0..0, before);
}

/// The web task that died.
fn stopped(now: Timestamp) -> Vec<Clue> {
    let at = time("2026-11-02T09:13:20Z");
    let clue = Clue {
        at: Some(at),
        text: Untrusted::from(
            "Essential container in task exited; OutOfMemoryError: Container killed due to memory \
             usage; exit code 137",
        ),
    };
    [clue].into_iter().filter(|_| at < now).collect()
}

/// Where a resource logs: the functions as functions do, the others nowhere.
fn sources(resource: &Resource) -> LogSources {
    let name = resource.name.raw();
    if resource
        .kind
        .as_ref()
        .is_some_and(|kind| kind.as_str() == "lambda")
    {
        let group = Untrusted::from(format!("/aws/lambda/{name}"));
        return LogSources {
            groups: vec![(group, Untrusted::from("function"))],
            elsewhere: Vec::new(),
        };
    }
    LogSources {
        groups: Vec::new(),
        elsewhere: vec![LogsElsewhere {
            resource: resource.name.clone(),
            what: Untrusted::from(format!("logs of {name} are switched off")),
            gap: None,
        }],
    }
}

fn add_logs(
    recording: &mut Recording,
    environment: &EnvironmentName,
    from: Timestamp,
    now: Timestamp,
) {
    let region = || fractary::model::ids::Region::new("eu-central-1").expect("a region");
    for name in GROUPS {
        let groups = LogGroupsQuestion {
            environment: environment.clone(),
            region: region(),
            prefix: name.to_owned(),
            page: None,
        };
        let group = LogGroup {
            name: Untrusted::from(name),
            class: LogClass::Standard,
            created_at: Some(time("2026-01-12T08:00:00Z")),
            retention_days: Some(30),
        };
        let page = LogGroupPage {
            groups: vec![group],
            next: None,
        };
        recording.put(Request::new(&groups), Answer::LogGroups(page));
        for (start, end) in [(from - hours(1), from), (from, now)] {
            let question = LogsQuestion {
                environment: environment.clone(),
                region: region(),
                group: name.to_owned(),
                way: LogWay::Filter,
                start: start.as_millisecond(),
                end: end.as_millisecond(),
                page: None,
            };
            let page = LogEventPage {
                events: lines(name, start, end),
                next: None,
                matched: None,
                scanned_bytes: None,
            };
            recording.put(Request::new(&question), Answer::Logs(page));
        }
    }
}

/// The lines of the API: requests that are served, and those that get no connection. The worker
/// logs its messages.
fn lines(group: &str, start: Timestamp, end: Timestamp) -> Vec<LogEvent> {
    let (first, last) = (start.as_second(), end.as_second());
    let mut lines: BTreeMap<i64, String> = BTreeMap::new();
    for at in (first..last).step_by(60) {
        let order = 48_000 + at % 1_000;
        let text = match group == GROUPS[0] {
            true => format!("INFO served GET /orders/{order} in 38 ms"),
            false => format!("INFO stored the receipt of order {order}"),
        };
        lines.insert(at + 7, text);
    }
    let refused = time("2026-11-02T09:05:20Z").as_second();
    let refused = match group == GROUPS[0] {
        true => refused.max(first),
        false => last,
    };
    for at in (refused..last).step_by(15) {
        let text = "ERROR OperationalError: FATAL: remaining connection slots are reserved for \
                    roles with the SUPERUSER attribute";
        lines.insert(at, text.to_owned());
    }
    let event = |(at, text): (i64, String)| LogEvent {
        time: at * 1_000,
        received: Some(at * 1_000 + 900),
        stream: Untrusted::from("2026/11/02/[$LATEST]5f3c"),
        id: at.to_string(),
        message: Untrusted::from(text),
    };
    lines
        .into_iter()
        .filter(|(at, _)| *at < last)
        .map(event)
        .collect()
}

/// What was changed of what an investigation looks at.
fn add_changes(
    recording: &mut Recording,
    environment: &EnvironmentName,
    (resources, felt): (&[Resource], &str),
    from: Timestamp,
    now: Timestamp,
) {
    let graph = DependencyGraph::of(resources, &BTreeMap::new());
    let is_felt = |one: &Resource| one.name.raw() == felt && one.kind.is_some();
    let place = resources.iter().position(is_felt).expect("it is adopted");
    let is_known = |place: usize| resources[place].kind.is_some();
    let scope = graph.scope(place, 25, is_known);
    let looked_at: Vec<&Resource> = scope.places.iter().map(|one| &resources[*one]).collect();
    let mut regions: Vec<_> = looked_at.iter().map(|one| &one.region).collect();
    regions.sort();
    regions.dedup();
    for region in regions {
        let there = looked_at.iter().filter(|one| one.region == *region);
        let there: Vec<Resource> = there.map(|one| (*one).clone()).collect();
        for source in [ChangeSource::Alarm, ChangeSource::Cloudtrail] {
            let question = ChangesQuestion {
                environment: environment.clone(),
                region: region.clone(),
                source,
                start: from - hours(2),
                end: now,
                arns: there.iter().map(|one| one.arn.clone()).collect(),
                resources: there.clone(),
            };
            // CloudTrail may deliver up to 15 minutes late.
            let late = match source {
                ChangeSource::Cloudtrail => SignedDuration::from_mins(15),
                _ => SignedDuration::ZERO,
            };
            let set = ChangeSet {
                changes: changes(source, &there, now),
                read: vec![ChangeCoverage {
                    source,
                    complete_to: now - late,
                }],
                gaps: Vec::new(),
            };
            recording.put(Request::new(&question), Answer::Changes(set));
        }
    }
}

fn changes(source: ChangeSource, resources: &[Resource], now: Timestamp) -> Vec<ChangeRecord> {
    let all = [
        (
            ChangeSource::Alarm,
            "orders-db",
            "2026-11-02T09:09:00Z",
            "orders-db-connections: OK → ALARM",
            "orders-db-connections",
        ),
        (
            ChangeSource::Cloudtrail,
            "acme-orders-receipts",
            "2026-11-02T09:13:41Z",
            "DeleteBucket",
            "6c1f0a52-demo",
        ),
    ];
    let of = |name: &str| resources.iter().find(|one| one.name.raw() == name);
    all.into_iter()
        .filter(|(of_source, _, at, ..)| *of_source == source && time(at) < now)
        .filter_map(|(_, name, at, summary, reference)| {
            Some(ChangeRecord {
                at: time(at),
                source,
                summary: Untrusted::from(summary),
                resources: vec![Untrusted::from(of(name)?.arn.as_str())],
                actor: (source == ChangeSource::Cloudtrail).then(|| Untrusted::from("ann")),
                reference: Untrusted::from(reference),
                includes: 0,
            })
        })
        .collect()
}
