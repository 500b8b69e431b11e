//! Reads of AWS what an investigation needs, within a number of calls.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::app::access::Access;
use crate::app::changes;
use crate::app::investigate::target::{InvestigationTarget, WantedSpan};
use crate::app::logs::read;
use crate::app::logs::session::{LogRequest, LogSession};
use crate::app::observe::connect::Connection;
use crate::app::observe::environments;
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::catalog::signatures::Signature;
use crate::cloud::question::{CluesQuestion, ObserveQuestion};
use crate::core::investigate::changes::ChangeSpan;
use crate::core::investigate::dependencies::{DependencyGraph, InvestigationScope};
use crate::core::investigate::figures;
use crate::core::investigate::logs::{LineChoice, lost_events};
use crate::core::investigate::lookback::{ClueReading, LogReading, Lookback, investigate};
use crate::core::investigate::signatures::Priors;
use crate::error::{CommandError, ErrorKind};
use crate::model::fact::{Gap, GapCause};
use crate::model::incident::IncidentReport;
use crate::model::investigation::ChangeSet;
use crate::model::log_events::LogSilence;
use crate::model::log_report::LogReport;
use crate::model::resource::Resource;
use crate::model::snapshot::{Identity, Snapshot};
use crate::text::Untrusted;

/// Seconds of a period.
const PERIOD: u32 = 300;
/// What is usual is learned from the time before the span.
const USUAL: SignedDuration = SignedDuration::from_hours(24);
/// Changes are looked for from so long before the span.
const CHANGES_BEFORE: SignedDuration = SignedDuration::from_hours(2);
/// The resources that are looked at.
const MOST_RESOURCES: usize = 25;
/// What is read of the logs of one resource in one span.
const MOST_EVENTS: u64 = 20_000;
const MOST_BYTES: u64 = 20_000_000;

/// How much may be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InvestigationBudget {
    /// Calls to AWS. The last one may exceed it.
    pub(crate) calls: u64,
    /// Dollars, most of them for Logs Insights. What else is read is not held back for them.
    pub(crate) dollars: f64,
    /// Time; nothing is found out where it is over first. `None` where a person waits.
    pub(crate) time: Option<Duration>,
}

/// Everything that was read.
struct Gathered {
    snapshot: Snapshot,
    changes: ChangeSet,
    logs: Vec<LogReading>,
    clues: Vec<ClueReading>,
}

/// What is looked at.
struct GatherPlan<'a> {
    workspace: &'a Workspace,
    target: &'a InvestigationTarget,
    resources: &'a [Resource],
    start: Timestamp,
    end: Timestamp,
    budget: InvestigationBudget,
}

/// Investigates a resource.
pub(crate) fn run(
    app: &App,
    workspace: &Workspace,
    target: &InvestigationTarget,
    wanted: WantedSpan,
    budget: InvestigationBudget,
) -> Result<IncidentReport, CommandError> {
    let (start, end) = target.span(wanted, app.clock.now())?;
    let (resources, scope) = choose_resources(workspace, target);
    let plan = GatherPlan {
        workspace,
        target,
        resources: &resources,
        start,
        end,
        budget,
    };
    let gathered = wait::wait_for(app, "investigating", plan.gather_in_time(app))?;
    let priors = priors(workspace, target)?;
    let settings = workspace.settings().health();
    Ok(investigate(&Lookback {
        now: app.clock.now(),
        snapshot: &gathered.snapshot,
        resources: &resources,
        scope: &scope,
        logs: &gathered.logs,
        clues: &gathered.clues,
        changes: &gathered.changes,
        issue: target.issue.as_ref(),
        catalog: &workspace.catalog,
        settings: &settings,
        signatures: Signature::built_in(),
        priors: &priors,
    }))
}

/// What people named as causes of the same symptom before.
fn priors(workspace: &Workspace, target: &InvestigationTarget) -> Result<Priors, CommandError> {
    let store = workspace.issues();
    let resolved = store.resolved()?.values().map(|document| &document.value);
    let check = target.issue.as_ref().map(|issue| &issue.check);
    let kind = target.resource.kind.as_ref().map(|kind| kind.as_str());
    let alike = store.active().chain(resolved).filter(|issue| {
        Some(issue.resource.kind.as_str()) == kind
            && check.is_none_or(|check| *check == issue.check)
    });
    Ok(Priors::learn(alike.flat_map(|issue| &issue.causes)))
}

/// The resource, what it depends on, and what calls it.
fn choose_resources(
    workspace: &Workspace,
    target: &InvestigationTarget,
) -> (Vec<Resource>, InvestigationScope) {
    let all = workspace.registries().resources(&target.environment);
    let monitoring = workspace.settings().monitoring;
    let graph = DependencyGraph::of(&all, &monitoring.dependencies);
    let place = all.iter().position(|one| one.arn == target.resource.arn);
    let Some(place) = place else {
        let alone = InvestigationScope {
            places: vec![0],
            ..InvestigationScope::default()
        };
        return (vec![target.resource.clone()], alone);
    };
    let is_known = |place: usize| all.get(place).is_some_and(|one| one.kind.is_some());
    let scope = graph.scope(place, MOST_RESOURCES, is_known);
    let chosen = scope
        .places
        .iter()
        .filter_map(|place| all.get(*place).cloned());
    (chosen.collect(), scope)
}

impl GatherPlan<'_> {
    async fn gather_in_time(&self, app: &App) -> Result<Gathered, CommandError> {
        let Some(limit) = self.budget.time else {
            return self.gather(app).await;
        };
        let gathered = tokio::time::timeout(limit, self.gather(app)).await;
        gathered.unwrap_or_else(|_| {
            let text = "it took longer than `timeout` of [investigate] allows in one run";
            Err(CommandError::say(ErrorKind::Unknown, text))
        })
    }

    async fn gather(&self, app: &App) -> Result<Gathered, CommandError> {
        let settings = self.workspace.settings();
        let environment = &self.target.environment;
        let catalog = &self.workspace.catalog;
        let access = Access::Investigate;
        let connected = environments::connect_checked(app, settings, catalog, environment, access);
        let (connection, identity) = connected.await?;
        let mut snapshot = self.observe(&connection, identity).await;
        let changes = self.changes(&connection).await?;
        let mut logs = Vec::with_capacity(self.resources.len());
        for resource in self.resources {
            logs.push(self.logs(app, &connection, resource).await?);
        }
        let mut clues = Vec::with_capacity(self.resources.len());
        for resource in self.resources {
            clues.push(self.clues(app, &connection, resource).await);
        }
        snapshot.receipt = connection.cloud.receipt();
        connection.finish(app)?;
        Ok(Gathered {
            snapshot,
            changes,
            logs,
            clues,
        })
    }

    async fn observe(&self, connection: &Connection, identity: Identity) -> Snapshot {
        let settings = self.workspace.settings();
        let window = figures::span(self.start, self.end, PERIOD);
        let question = ObserveQuestion {
            environment: self.target.environment.name.clone(),
            resources: self.resources.to_vec(),
            read_from: figures::span(earlier(self.start, USUAL), self.end, PERIOD).start,
            window,
            checks: settings.health().checks,
            identity,
        };
        let snapshot = connection.cloud.observe(&question).await;
        // A recording may begin later than what is asked for.
        Snapshot {
            read_from: snapshot.read_from.or(Some(question.read_from)),
            ..snapshot
        }
    }

    fn has_calls_left(&self, connection: &Connection) -> bool {
        connection.cloud.receipt().calls < self.budget.calls
    }

    fn dollars_left(&self, connection: &Connection) -> f64 {
        let spent = connection.cloud.receipt().estimated_cost_usd;
        (self.budget.dollars - spent).max(0.0)
    }

    async fn changes(&self, connection: &Connection) -> Result<ChangeSet, CommandError> {
        let span = ChangeSpan {
            start: earlier(self.start, CHANGES_BEFORE),
            end: self.end,
        };
        let environment = &self.target.environment.name;
        let cloud = connection.cloud.as_ref();
        if self.has_calls_left(connection) {
            let resources = self.resources;
            return changes::read(cloud, self.workspace, environment, resources, span).await;
        }
        let mut found = changes::read(cloud, self.workspace, environment, &[], span).await?;
        found.gaps.push(Gap {
            operation: "cloudtrail:LookupEvents".to_owned(),
            subject: "changes by CloudTrail".to_owned(),
            cause: GapCause::NotAsked,
            code: None,
            message: Untrusted::from("all calls that are allowed were made"),
            missing_permission: None,
        });
        Ok(found)
    }

    async fn clues(&self, app: &App, connection: &Connection, resource: &Resource) -> ClueReading {
        let kind = resource.kind.as_ref();
        let kind = kind.and_then(|kind| self.workspace.catalog.kind(kind));
        if kind.is_none_or(|kind| kind.clues.is_empty()) {
            return ClueReading::Read(Vec::new());
        }
        if !self.has_calls_left(connection) {
            return ClueReading::NotAsked("all calls that are allowed were made".to_owned());
        }
        let question = CluesQuestion {
            environment: self.target.environment.name.clone(),
            arn: resource.arn.clone(),
            at: app.clock.now(),
            resource: resource.clone(),
        };
        match connection.cloud.clues(&question).await {
            Ok(clues) => ClueReading::Read(clues),
            Err(gap) => ClueReading::Unreadable(Box::new(gap)),
        }
    }

    async fn logs(
        &self,
        app: &App,
        connection: &Connection,
        resource: &Resource,
    ) -> Result<LogReading, CommandError> {
        let kind = resource.kind.as_ref();
        let kind = kind.and_then(|kind| self.workspace.catalog.kind(kind));
        if kind.is_none_or(|kind| kind.logs.is_empty()) {
            return Ok(LogReading::Nothing(String::new()));
        }
        if !self.has_calls_left(connection) {
            return Ok(LogReading::NotAsked(
                "all calls that are allowed were made".to_owned(),
            ));
        }
        let request = LogRequest {
            resource: Some(resource.arn.as_str().to_owned()),
            groups: Vec::new(),
            start: self.start,
            end: self.end,
            choice: LineChoice::default(),
            most_events: MOST_EVENTS,
            most_bytes: MOST_BYTES,
            most_dollars: self.dollars_left(connection),
        };
        let session = LogSession::of(self.workspace, &self.target.environment, resource.clone());
        Ok(reading(
            read::patterns_of(app, &session, connection, &request).await,
        ))
    }
}

fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(at)
}

/// What a report of logs tells: patterns, or why there are none.
fn reading(report: LogReport) -> LogReading {
    let Some(coverage) = &report.coverage else {
        return LogReading::Nothing("no log group is known".to_owned());
    };
    let events: u64 = coverage.groups.iter().map(|group| group.events).sum();
    if events > 0 {
        return LogReading::Read(Box::new(report));
    }
    let of_groups = coverage.groups.iter().map(|group| &group.gap);
    let elsewhere = coverage.elsewhere.iter();
    let mut gaps = of_groups.chain(elsewhere.clone().map(|one| &one.gap));
    if let Some(gap) = gaps.find_map(Option::as_ref) {
        return LogReading::Unreadable(Box::new(gap.clone()));
    }
    if let Some(why) = coverage.groups.iter().find_map(lost_events) {
        return LogReading::Lost(why);
    }
    let silent = coverage
        .groups
        .iter()
        .filter_map(|group| match &group.silence {
            Some(LogSilence::NoSuchGroup(_)) => Some(format!(
                "the log group {} does not exist",
                group.group.raw()
            )),
            _ => None,
        });
    let silent = silent
        .chain(elsewhere.map(|one| one.what.raw().to_owned()))
        .next();
    match silent {
        Some(why) => LogReading::Nothing(why),
        None => LogReading::Read(Box::new(report)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What is told of logs without events, by what is known of their groups and of others.
    fn told(silences: &[Value], elsewhere: &[&str]) -> String {
        let groups: Vec<Value> = silences
            .iter()
            .map(|silence| {
                json!({
                    "group": "/api", "named_by": "function", "way": "filter", "events": 0,
                    "bytes": 0, "silence": silence,
                })
            })
            .collect();
        let elsewhere: Vec<Value> = elsewhere
            .iter()
            .map(|what| json!({ "resource": "api", "what": what }))
            .collect();
        let report = json!({
            "version": "1.0.0", "kind": "log-patterns", "sources": [], "lines": 0,
            "unbounded": 0, "metric_lines": 0, "patterns": [],
            "coverage": {
                "start": "2026-11-29T13:15:00Z", "end": "2026-11-29T15:15:00Z",
                "groups": groups, "elsewhere": elsewhere,
            },
        });
        match reading(serde_json::from_value(report).expect("a report")) {
            LogReading::Read(_) => "read".to_owned(),
            LogReading::Lost(why) => format!("lost: {why}"),
            LogReading::Nothing(why) => format!("nothing: {why}"),
            LogReading::Unreadable(gap) => format!("unreadable: {}", gap.sentence()),
            LogReading::NotAsked(why) => format!("not asked: {why}"),
        }
    }

    #[test]
    fn what_was_logged_and_cannot_be_read_is_not_nothing() {
        let (empty, expired) = (json!("empty"), json!({ "expired": 1 }));
        let missing = json!({ "no_such_group": [] });
        let off = "exported logs are switched off";
        for (silences, elsewhere, want) in [
            (vec![empty.clone()], vec![], "read"),
            (
                vec![empty, expired],
                vec![off],
                "lost: /api keeps its events for 1 day only",
            ),
            (
                vec![json!("class_forbids")],
                vec![],
                "lost: the class of /api does not allow reading",
            ),
            (
                vec![missing],
                vec![],
                "nothing: the log group /api does not exist",
            ),
            (vec![], vec![off], "nothing: exported logs are switched off"),
        ] {
            assert_eq!(told(&silences, &elsewhere), want);
        }
    }
}
