//! Made-up worlds: Lambda functions with all their metrics, of which one in ten fails; and
//! folders full of issues.

use std::fs;
use std::path::Path;

use fractary::catalog::Catalog;
use fractary::core::health::{EvaluateInput, ExamineInput, OpenChecks, evaluate, examine};
use fractary::core::targets::HealthSettings;
use fractary::model::finding::Examination;
use fractary::model::ids::{DomainName, KindId, RunId};
use fractary::model::issue::Issue;
use fractary::model::monitoring::Monitoring;
use fractary::model::report::HealthReport;
use fractary::model::snapshot::Snapshot;
use fractary::model::subject::Subject;
use fractary::state::documents::paths;
use fractary::state::to_bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const NOW: &str = "2026-11-21T10:17:00Z";

/// An observed environment, and what it takes to judge it.
pub(crate) struct World {
    snapshot: Snapshot,
    catalog: Catalog,
    settings: HealthSettings,
    domain: DomainName,
    run: RunId,
}

impl World {
    pub(crate) fn new(resources: usize) -> Self {
        let catalog = Catalog::built_in().expect("the built-in kinds are right");
        let id = KindId::new("lambda").expect("a kind id");
        let kind = catalog.kind(&id).expect("a built-in kind");
        let metrics: Vec<(&str, &str)> = kind
            .metrics
            .iter()
            .map(|metric| (metric.id.as_str(), metric.stat.as_str()))
            .collect();
        let observed: Vec<Value> = (0..resources).map(|n| function(n, &metrics)).collect();
        let snapshot = json!({
            "environment": "test",
            "identity": { "known": { "account": "123456789012", "arn": "arn:aws:iam::123456789012:user/bench" } },
            "window": { "start": "2026-11-21T10:10:00Z", "end": "2026-11-21T10:15:00Z", "period_seconds": 300 },
            "resources": observed,
            "gaps": [],
            "receipt": { "calls": 0, "estimated_cost_usd": 0.0, "duration_ms": 0 },
        });
        Self {
            snapshot: serde_json::from_value(snapshot).expect("a snapshot"),
            settings: HealthSettings::resolve(&Monitoring::default()),
            domain: DomainName::new("infrastructure").expect("a domain"),
            run: RunId::new("20261121t101700z-00000000").expect("a run id"),
            catalog,
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.snapshot.resources.len()
    }

    pub(crate) fn now(&self) -> Timestamp {
        NOW.parse().expect("a time")
    }

    pub(crate) fn examine(&self, report: &HealthReport) -> Examination {
        let resources = self.snapshot.resources.iter();
        examine(&ExamineInput {
            report,
            catalog: &self.catalog,
            registered: &resources.map(|o| o.resource.arn.clone()).collect(),
            checks: &self.settings.checks,
            critical: true,
        })
    }

    pub(crate) fn evaluate(&self) -> HealthReport {
        evaluate(&EvaluateInput {
            snapshot: &self.snapshot,
            catalog: &self.catalog,
            settings: &self.settings,
            domain: &self.domain,
            critical: true,
            previous: None,
            environment_alarms: None,
            open: &OpenChecks::default(),
            budgets: None,
            last_window_end: None,
            run_id: &self.run,
            now: self.now(),
        })
    }
}

fn arn(number: usize) -> String {
    format!("arn:aws:lambda:eu-central-1:123456789012:function:orders-{number:05}")
}

fn function(number: usize, metrics: &[(&str, &str)]) -> Value {
    let name = format!("orders-{number:05}");
    let failing = number.is_multiple_of(10);
    let series = |(id, statistic): &(&str, &str)| {
        let value = match *id {
            "invocations" => 200.0,
            "errors" if failing => 40.0,
            "errors" | "throttles" => 0.0,
            _ => 90.0,
        };
        let series = json!({
            "statistic": statistic, "period_seconds": 300,
            "at": ["2026-11-21T10:10:00Z"], "values": [value],
        });
        ((*id).to_owned(), json!({ "known": series }))
    };
    let metrics: Map<String, Value> = metrics.iter().map(series).collect();
    let resource = json!({
        "kind": "lambda", "resource_type": "aws_lambda_function", "name": name, "aws_id": name,
        "arn": arn(number), "region": "eu-central-1",
    });
    json!({
        "resource": resource,
        "state": { "known": { "word": "Active", "condition": "good" } },
        "metrics": metrics,
        "alarms": { "known": [] },
    })
}

/// So many open issues, as files.
pub(crate) fn write_issues(root: &Path, files: usize) {
    let sample = include_str!("../../tests/samples/issue/good-active.json");
    let sample: Issue = serde_json::from_str(sample).expect("the sample is an issue");
    let folder = root.join(paths::active_issues_dir().as_str());
    fs::create_dir_all(&folder).expect("a folder in a temporary directory");
    for number in 0..files {
        let mut issue = sample.clone();
        let id = format!("infra-{number:06x}");
        issue.id = id.parse().expect("an issue id");
        let arn = arn(number).parse().expect("an ARN");
        issue.resource.subject = Subject::Resource(arn);
        fs::write(folder.join(format!("{id}.json")), to_bytes(&issue)).expect("written");
    }
}
