//! What templates see: the documents themselves, and sentences and orders derived from them.

use std::cmp::Reverse;

use serde::Serialize;

use crate::model::alert::Digest;
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::status::Status;
use crate::render::words;
use crate::text::Untrusted;
use crate::text::times;

/// Healthy resources that are listed; the rest is counted.
const HEALTHY_LISTED: usize = 500;

/// Issues of a digest that have a line; the others are named by their ids, so that all of them
/// fit into the text of an issue on GitHub.
const DIGEST_LISTED: usize = 150;

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
    budget: Option<String>,
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
                budget: words::budget(sli),
            })
            .collect(),
        alarms: check
            .alarms
            .iter()
            .map(|alarm| AlarmView {
                name: &alarm.name,
                state: words::alarm_state(alarm.state),
                since: alarm.since.map(times::time),
                reason: &alarm.reason,
            })
            .collect(),
    }
}

#[derive(Serialize)]
pub(super) struct IssueView<'a> {
    issue: &'a Issue,
    status: &'static str,
    level: Option<Untrusted>,
    impact: Option<String>,
    actions: Vec<&'a Untrusted>,
    alerts: Option<String>,
}

pub(super) fn issue(issue: &Issue) -> IssueView<'_> {
    IssueView {
        issue,
        status: words::issue_status(issue.status),
        level: words::impact_level(&issue.impact),
        impact: words::impact(&issue.impact),
        actions: words::next_actions(issue),
        alerts: words::alerts(issue),
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

#[derive(Serialize)]
struct DigestHead<'a> {
    environment: &'a EnvironmentName,
}

#[derive(Serialize)]
pub(super) struct DigestView<'a> {
    digest: DigestHead<'a>,
    open: &'a [Issue],
    open_more: &'a [Issue],
    over: &'a [Issue],
    over_more: &'a [Issue],
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Untrusted>,
}

pub(super) fn digest(digest: &Digest) -> DigestView<'_> {
    let listed = |all: &[Issue]| all.len().min(DIGEST_LISTED);
    let (open, open_more) = digest.open.split_at(listed(&digest.open));
    let (over, over_more) = digest.over.split_at(listed(&digest.over));
    DigestView {
        digest: DigestHead {
            environment: &digest.environment,
        },
        open,
        open_more,
        over,
        over_more,
        cause: digest.cause().map(Untrusted::from),
    }
}
