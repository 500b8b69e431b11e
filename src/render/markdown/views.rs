//! What templates see: the documents themselves, and sentences and orders derived from them.

use std::cmp::Reverse;

use serde::Serialize;

use crate::model::dashboard::Dashboard;
use crate::model::issue::Issue;
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::status::Status;
use crate::render::numbers;
use crate::render::trend;
use crate::render::words;
use crate::text::Untrusted;

/// Healthy resources that are listed; the rest is counted.
const HEALTHY_LISTED: usize = 500;

#[derive(Serialize)]
pub(super) struct HealthView<'a> {
    report: &'a HealthReport,
    counts: String,
    window: String,
    coverage: String,
    receipt: String,
    troubled: Vec<CheckView<'a>>,
    healthy: Vec<CheckView<'a>>,
    healthy_more: usize,
}

#[derive(Serialize)]
struct CheckView<'a> {
    check: &'a ResourceHealth,
    name: &'a Untrusted,
    console_url: Option<&'a Untrusted>,
    /// What was measured, in short.
    levels: Vec<Untrusted>,
    /// What was measured, with targets and verdicts.
    slis: Vec<SliView>,
    alarms: Vec<AlarmView<'a>>,
}

#[derive(Serialize)]
struct SliView {
    text: Untrusted,
    verdict: &'static str,
}

#[derive(Serialize)]
struct AlarmView<'a> {
    name: &'a Untrusted,
    state: &'static str,
    since: Option<String>,
    reason: &'a Untrusted,
}

pub(super) fn health(report: &HealthReport) -> HealthView<'_> {
    let mut checks: Vec<&ResourceHealth> = report.checks.iter().collect();
    checks.sort_by_key(|check| Reverse(check.status));
    let healthy_from = checks.partition_point(|check| check.status != Status::Healthy);
    let (troubled, healthy) = checks.split_at(healthy_from);
    HealthView {
        report,
        counts: words::counts(&report.resources),
        window: words::window(report),
        coverage: words::coverage(report),
        receipt: words::receipt(&report.api),
        troubled: troubled.iter().map(|check| check_view(check)).collect(),
        healthy: healthy
            .iter()
            .take(HEALTHY_LISTED)
            .map(|check| check_view(check))
            .collect(),
        healthy_more: healthy.len().saturating_sub(HEALTHY_LISTED),
    }
}

fn check_view(check: &ResourceHealth) -> CheckView<'_> {
    CheckView {
        check,
        name: &check.resource.name,
        console_url: check.resource.console_url.as_ref(),
        levels: check
            .slis
            .iter()
            .filter(|sli| sli.value.is_some())
            .map(words::sli)
            .collect(),
        slis: check
            .slis
            .iter()
            .map(|sli| SliView {
                text: words::sli_with_target(sli),
                verdict: words::verdict(sli.verdict),
            })
            .collect(),
        alarms: check
            .alarms
            .iter()
            .map(|alarm| AlarmView {
                name: &alarm.name,
                state: words::alarm_state(alarm.state),
                since: alarm.since.map(numbers::time),
                reason: &alarm.reason,
            })
            .collect(),
    }
}

#[derive(Serialize)]
pub(super) struct DashboardView<'a> {
    dashboard: &'a Dashboard,
    issue_counts: String,
    observed: usize,
    charts: Vec<Chart>,
    /// Whether one of them has anything to draw.
    charted: bool,
}

/// The last 24 hours of one environment.
#[derive(Serialize)]
struct Chart {
    environment: String,
    /// 48 signs, half an hour each.
    strip: String,
    /// Hours that were observed, `10` for the one that begins in that hour (24 longer labels
    /// would lie on top of each other), and the most resources not healthy in each.
    hours: Vec<String>,
    not_healthy: Vec<u32>,
    /// The most of all hours.
    most: u32,
    /// Upper end of the axis: Mermaid draws ten ticks, which are whole from 10 on.
    top: u32,
}

pub(super) fn dashboard(dashboard: &Dashboard) -> DashboardView<'_> {
    let now = dashboard.generated_at;
    let charts: Vec<Chart> = dashboard
        .trend
        .iter()
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(environment, entries)| {
            let hours: Vec<_> = trend::last_day(entries, now, 24)
                .into_iter()
                .filter(|hour| hour.worst.is_some())
                .collect();
            let most = hours.iter().map(|hour| hour.not_healthy).max().unwrap_or(0);
            Chart {
                environment: environment.to_string(),
                strip: trend::strip(&trend::last_day(entries, now, 48)),
                hours: hours
                    .iter()
                    .map(|hour| numbers::clock(hour.start).chars().take(2).collect())
                    .collect(),
                not_healthy: hours.iter().map(|hour| hour.not_healthy).collect(),
                most,
                top: most.max(10),
            }
        })
        .collect();
    let drawn = |chart: &Chart| chart.most > 0 && chart.hours.len() > 1;
    DashboardView {
        charted: charts.iter().any(drawn),
        dashboard,
        issue_counts: words::issue_counts(dashboard),
        observed: words::active_domains(dashboard).0,
        charts,
    }
}

#[derive(Serialize)]
pub(super) struct IssueView<'a> {
    issue: &'a Issue,
    status: &'static str,
    level: Option<Untrusted>,
    impact: Option<String>,
    actions: Vec<&'a Untrusted>,
}

pub(super) fn issue(issue: &Issue) -> IssueView<'_> {
    IssueView {
        issue,
        status: words::issue_status(issue.status),
        level: words::impact_level(&issue.impact),
        impact: words::impact(&issue.impact),
        actions: words::next_actions(issue),
    }
}

#[derive(Serialize)]
pub(super) struct WorkItemView<'a> {
    issue: &'a Issue,
    status: &'static str,
    level: Option<Untrusted>,
    impact: Option<String>,
    actions: Vec<&'a Untrusted>,
    why: Option<&'a Untrusted>,
    priority: Option<&'a str>,
    links: Vec<LinkView>,
}

#[derive(Serialize)]
struct LinkView {
    title: Untrusted,
    url: Untrusted,
}

pub(super) fn work_item<'a>(
    issue: &'a Issue,
    why: Option<&'a Untrusted>,
    priority: Option<&'a str>,
    links: &[(String, String)],
) -> WorkItemView<'a> {
    let view = |(title, url): &(String, String)| LinkView {
        title: Untrusted::from(title.as_str()),
        url: Untrusted::from(url.as_str()),
    };
    WorkItemView {
        issue,
        status: words::issue_status(issue.status),
        level: words::impact_level(&issue.impact),
        impact: words::impact(&issue.impact),
        actions: words::next_actions(issue),
        why,
        priority,
        links: links.iter().map(view).collect(),
    }
}
