//! Sentences that several formats share. Parts from outside stay
//! [`crate::text::Untrusted`], so that each format escapes them its own way.

use crate::model::dashboard::{AuditRow, Dashboard, DomainRow, IncidentRow};
use crate::model::issue::{Delivery, EscalationStatus, Impact, IncidentRole, Issue, IssueStatus};
use crate::model::receipt::Receipt;
use crate::model::report::{Better, HealthReport, RESOURCE_STATE, ResourceCounts, SliResult};
use crate::model::slo_report::BudgetRow;
use crate::model::snapshot::AlarmState;
use crate::model::status::{Severity, Status, Verdict};
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::numbers;
use crate::text::phrases;
use crate::text::times;

/// What an issue is in its incident.
pub(super) fn incident_role(role: IncidentRole) -> &'static str {
    match role {
        IncidentRole::Cause => "cause",
        IncidentRole::Symptom => "symptom",
    }
}

/// `12 resources: 9 healthy, 2 degraded, 1 unknown`.
pub(super) fn counts(counts: &ResourceCounts) -> String {
    let total = phrases::counted(u64::from(counts.total), "resource");
    let parts: Vec<String> = [
        (counts.unhealthy, "unhealthy"),
        (counts.degraded, "degraded"),
        (counts.unknown, "unknown"),
        (counts.healthy, "healthy"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    if parts.is_empty() {
        total
    } else {
        format!("{total}: {}", parts.join(", "))
    }
}

/// `7 open issues: 2 critical, 5 low`, or `no open issues`.
pub(super) fn issue_counts(dashboard: &Dashboard) -> String {
    let total = u64::from(dashboard.issues_total);
    severities(dashboard, phrases::counted(total, "open issue"))
}

/// `1 incident (5 issues)`, or `2 issues` where each is one of its own.
pub(super) fn incidents_and_issues(row: &DomainRow) -> String {
    let issues = phrases::counted(u64::from(row.issues), "issue");
    match row.incidents < row.issues && row.incidents > 0 {
        true => {
            let incidents = phrases::counted(u64::from(row.incidents), "incident");
            format!("{incidents} ({issues})")
        }
        false => issues,
    }
}

/// How many issues an incident has, and its id: `5 issues, inc-063e53`.
pub(super) fn incident_issues(row: &IncidentRow) -> String {
    let count = phrases::counted(row.issues.len() as u64, "issue");
    match &row.id {
        Some(id) => format!("{count}, {id}"),
        None => count,
    }
}

/// The same where there is less room: `7 open: 2 critical, 5 low`.
pub(super) fn open_counts(dashboard: &Dashboard) -> String {
    severities(dashboard, format!("{} open", dashboard.issues_total))
}

/// What the last audit of an environment found: `CRITICAL · 49 of 100 · 4 % unknown ·
/// 2 critical, 5 low · 3 new`. What was not known is first: narrow places cut the end.
pub(super) fn audit(row: &AuditRow) -> String {
    let (Some(status), Some(unknown)) = (row.overall_status, row.unknown_percent) else {
        return "never audited".to_owned();
    };
    let score = match row.score {
        Some(score) => format!("{} of 100", numbers::number(score)),
        None => "no score".to_owned(),
    };
    let open = Severity::ALL.iter().filter_map(|severity| {
        let count = row.open.get(severity).filter(|count| **count > 0)?;
        Some(format!("{count} {}", severity.word().to_lowercase()))
    });
    let open: Vec<String> = open.collect();
    let open = match open.is_empty() {
        true => "nothing open".to_owned(),
        false => open.join(", "),
    };
    let unknown = format!("{} % unknown", numbers::number(unknown));
    let mut parts = vec![status.word().to_owned(), score, unknown, open];
    if row.new > 0 {
        parts.push(format!("{} new", row.new));
    }
    if row.is_overdue {
        parts.push("overdue".to_owned());
    }
    parts.join(" · ")
}

fn severities(dashboard: &Dashboard, total: String) -> String {
    if dashboard.issues_total == 0 {
        return "no open issues".to_owned();
    }
    let parts: Vec<String> = Severity::ALL
        .iter()
        .filter_map(|severity| {
            let count = *dashboard.issues_by_severity.get(severity)?;
            (count > 0).then(|| format!("{count} {}", severity.word().to_lowercase()))
        })
        .collect();
    if parts.is_empty() {
        total
    } else {
        format!("{total}: {}", parts.join(", "))
    }
}

/// `evaluated 10:10–10:15 UTC (5m)`.
pub(super) fn window(report: &HealthReport) -> String {
    let window = &report.window;
    let span = times::short_span(window.seconds() / 60);
    format!(
        "evaluated {} ({span})",
        times::between(window.start, window.end)
    )
}

/// What share of what was asked for was seen.
pub(super) fn coverage(report: &HealthReport) -> String {
    if report.resources.total == 0 {
        return "nothing to check".to_owned();
    }
    if !report.partial {
        return all_but(report);
    }
    format!(
        "only {} % of the facts were seen",
        numbers::number(report.coverage.facts_percent.min(99.9))
    )
}

/// What to say where every call was answered: that is not everything where the answers leave
/// something unknown, or where part of what is recorded is not watched.
fn all_but(report: &HealthReport) -> String {
    let not_watched = report.metrics_summary.get("resources_not_monitored");
    let not_watched = not_watched.copied().unwrap_or(0.0);
    let unknown = report.resources.unknown;
    let not_asked = report.checks.iter().filter(|check| {
        let state_unjudged = check.unjudged.iter().any(|one| one == RESOURCE_STATE);
        state_unjudged && check.status != Status::Unknown
    });
    let not_asked = not_asked.count() as u64;
    let parts: Vec<String> = [
        (unknown > 0).then(|| format!("{unknown} unknown")),
        (not_asked > 0).then(|| {
            let states = phrases::counted(not_asked, "state");
            format!("{states} not queried in this run")
        }),
        (not_watched > 0.0).then(|| format!("{} not watched", numbers::number(not_watched))),
    ]
    .into_iter()
    .flatten()
    .collect();
    match parts.is_empty() {
        true => "everything was seen".to_owned(),
        false => parts.join(", "),
    }
}

/// The receipt in a line.
pub(super) fn receipt(receipt: &Receipt) -> String {
    let mut parts = vec![phrases::counted(receipt.calls, "AWS call")];
    if receipt.retries > 0 {
        parts.push(phrases::counted_as(receipt.retries, "retry", "retries"));
    }
    if receipt.refused > 0 {
        parts.push(format!("{} refused by the guard", receipt.refused));
    }
    if receipt.metrics_requested > 0 {
        parts.push(phrases::counted(receipt.metrics_requested, "metric"));
    }
    parts.push(format!("est. {}", numbers::usd(receipt.estimated_cost_usd)));
    parts.push(numbers::duration_ms(receipt.duration_ms));
    parts.join(" · ")
}

/// `error rate 3.2 %`, or what stands in its place.
pub(super) fn sli(sli: &SliResult) -> Untrusted {
    let Some(value) = sli.value else {
        let why = match sli.verdict {
            Verdict::Idle => "idle",
            Verdict::Unknown => "unknown",
            _ => "no data",
        };
        return Untrusted::new(format!("{} {why}", sli.title));
    };
    let about = if sli.estimated { "about " } else { "" };
    if let Some(shown) = &sli.shown {
        return Untrusted::new(format!("{} {about}{}", sli.title, shown.raw()));
    }
    Untrusted::new(format!(
        "{} {about}{}",
        sli.title,
        numbers::short_quantity(value, &sli.unit)
    ))
}

/// `error rate 3.2 % (target ≤ 0.1 %, unhealthy at 5 %)`.
pub(super) fn sli_with_target(result: &SliResult) -> Untrusted {
    let sign = match result.better {
        Better::Lower => "≤",
        Better::Higher => "≥",
    };
    let unhealthy = result.unhealthy_at.map_or(String::new(), |limit| {
        format!(
            ", unhealthy at {}",
            numbers::short_quantity(limit, &result.unit)
        )
    });
    Untrusted::new(format!(
        "{} (target {sign} {}{unhealthy})",
        sli(result).raw(),
        numbers::short_quantity(result.target, &result.unit)
    ))
}

/// `ok`, `at risk` … of an indicator.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Idle => "idle",
        Verdict::TooFewSamples => "too few requests to evaluate",
        Verdict::AtRisk => "at risk",
        Verdict::Unknown => "unknown",
        Verdict::Breach => "missed",
        Verdict::Critical => "far past the target",
    }
}

/// `1,204 of 37,600 requests failed`.
pub(super) fn impact(impact: &Impact) -> Option<String> {
    match (impact.requests_total, impact.requests_failed) {
        (Some(total), Some(failed)) => Some(format!(
            "{} of {} requests failed",
            numbers::number(failed),
            numbers::number(total)
        )),
        (Some(total), None) => Some(format!("{} requests", numbers::number(total))),
        _ => None,
    }
}

/// The service level that an issue is about.
pub(super) fn impact_level(impact: &Impact) -> Option<Untrusted> {
    let unit = impact.unit.as_deref().unwrap_or("");
    let (metric, current) = (impact.slo_metric.as_ref()?, impact.slo_current?);
    // The key of the setting without its unit, which stands behind the number.
    let name = ["_percent", "_ms", "_seconds", "_bytes"]
        .iter()
        .find_map(|unit| metric.strip_suffix(unit))
        .unwrap_or(metric)
        .replace('_', " ");
    let target = impact.slo_target.map_or(String::new(), |target| {
        format!(", target {}", numbers::short_quantity(target, unit))
    });
    Some(Untrusted::new(format!(
        "{name} is {}{target}",
        numbers::short_quantity(current, unit)
    )))
}

/// `2.4×` of an error budget's use over the last hour.
pub(super) fn burn_rate(row: &BudgetRow) -> String {
    let rate = row.burn_rate.filter(|rate| rate.is_finite());
    rate.map_or("unknown".to_owned(), |rate| {
        format!("{}×", numbers::number(rate))
    })
}

/// Ten cells of what is left of a budget, in percent. What is left always shows.
pub(super) fn cells(left: f64, full: char, empty: char) -> String {
    let tenths = left.clamp(0.0, 100.0) / 10.0;
    (0..10_u8)
        .map(|cell| {
            let first = cell == 0 && tenths > 0.0;
            if first || f64::from(cell + 1) <= tenths {
                full
            } else {
                empty
            }
        })
        .collect()
}

/// How long an error budget lasts at the present rate.
pub(super) fn lasts(row: &BudgetRow) -> String {
    match (row.remaining_percent, row.exhausted_in_seconds) {
        (Some(left), _) if left <= 0.0 => "used up".to_owned(),
        (_, Some(seconds)) => times::short_span(i64::try_from(seconds / 60).unwrap_or(i64::MAX)),
        (Some(_), None) if row.burn_rate.is_some() => "not being used up".to_owned(),
        _ => "unknown".to_owned(),
    }
}

/// What to do about an issue, without the command that shows it: that is where this stands.
/// Nothing is left to do about one that is resolved.
pub(super) fn next_actions(issue: &Issue) -> Vec<&Untrusted> {
    if issue.status == IssueStatus::Resolved {
        return Vec::new();
    }
    let itself = format!("fractary issues show {}", issue.id);
    let actions = issue.suggested_actions.iter();
    actions.filter(|action| action.raw() != itself).collect()
}

/// Status of a work item in words.
pub(super) fn work_item_status(status: EscalationStatus) -> &'static str {
    match status {
        EscalationStatus::Open => "open",
        EscalationStatus::Closed => "closed",
    }
}

/// What was sent to the outside about an issue, and what could not be.
pub(super) fn alerts(issue: &Issue) -> Option<String> {
    let alerts = &issue.alerts;
    let mut parts = Vec::new();
    if let Some(at) = alerts.last_alerted_at {
        parts.push(format!(
            "{} sent, the last {}",
            alerts.count,
            times::time(at)
        ));
    }
    let channels = |wanted: fn(&Delivery) -> bool| {
        let found = alerts.deliveries.iter().filter(|one| wanted(one));
        let names: Vec<String> = found.map(|one| escape::terminal(&one.channel)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    if let Some(names) = channels(|one| !one.delivered && one.error.is_some()) {
        parts.push(format!("failed to send to {names}"));
    }
    if let Some(names) = channels(|one| !one.delivered && one.error.is_none()) {
        parts.push(format!("not known whether {names} received it"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Status of an issue in words.
pub(super) fn issue_status(status: IssueStatus) -> &'static str {
    match status {
        IssueStatus::Active => "open",
        IssueStatus::Investigating => "investigating",
        IssueStatus::Remediating => "remediating",
        IssueStatus::RemediationFailed => "remediation failed",
        IssueStatus::Escalated => "escalated",
        IssueStatus::Resolved => "resolved",
    }
}

/// State of an alarm in words.
pub(super) fn alarm_state(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Ok => "OK",
        AlarmState::InsufficientData => "INSUFFICIENT DATA",
        AlarmState::Alarm => "ALARM",
    }
}

/// Domains by whether they were observed: `2/3`.
pub(super) fn active_domains(dashboard: &Dashboard) -> (usize, usize) {
    let seen = dashboard
        .domains
        .iter()
        .filter(|row| row.observed_at.is_some())
        .count();
    (seen, dashboard.domains.len())
}

/// What share of its window an error budget must have seen to be taken at its word, in percent.
pub(super) const SEEN_ENOUGH: f64 = crate::model::budget::SEEN_ENOUGH_PERCENT;

/// What is left of an error budget, where something of it is used and at least half of its
/// window was seen:
/// `error rate: 62 % of its error budget left (30 d), burning 3.2×, gone in 4.1 d`.
pub(super) fn budget(sli: &SliResult) -> Option<String> {
    let budget = sli.budget.as_ref()?;
    let seen_enough = budget.coverage_percent >= SEEN_ENOUGH;
    let used = budget
        .consumed_percent
        .filter(|used| *used > 0.0 && seen_enough)?;
    let left = if used >= 100.0 {
        format!(
            "error budget overdrawn, {} used",
            numbers::short_quantity(used, "percent")
        )
    } else {
        let left = numbers::short_quantity(100.0 - used, "percent");
        format!("{left} of its error budget left")
    };
    let title = crate::text::escape::terminal(&sli.title);
    let mut out = format!("{title}: {left} ({} d)", budget.window_days);
    if let Some(rate) = budget.burn_rate.filter(|rate| *rate > 0.0) {
        out.push_str(&format!(", burning {}×", numbers::number(rate)));
    }
    if let Some(lasts) = budget.exhausted_in_seconds.filter(|lasts| *lasts > 0) {
        out.push_str(&format!(", gone in {}", lasting(lasts)));
    }
    if budget.coverage_percent < 99.5 {
        let seen = numbers::short_quantity(budget.coverage_percent, "percent");
        out.push_str(&format!("; {seen} of the time observed"));
    }
    Some(out)
}

/// Seconds as people say how long something lasts: `45 min`, `4.1 d`.
pub(super) fn lasting(seconds: u64) -> String {
    numbers::short_quantity(seconds as f64, "seconds")
}
/// How many error budgets a dashboard leaves out: `3 more`.
pub(super) fn other_budgets(dashboard: &crate::model::dashboard::Dashboard) -> Option<String> {
    let shown = u32::try_from(dashboard.budgets.len()).unwrap_or(u32::MAX);
    let rest = dashboard.budgets_total.saturating_sub(shown);
    (rest > 0).then(|| format!("{rest} more"))
}
