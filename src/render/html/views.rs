//! What the template of the page sees.

use serde::Serialize;

use crate::model::audit::AuditStatus;
use crate::model::dashboard::{AuditRow, Dashboard, DomainRow, IssueRow, KpiScoreRow, Links};
use crate::model::kpi_report::KpiStatus;
use crate::model::slo_report::BudgetRow;
use crate::model::status::Status;
use crate::render::html::chart::{self, Line, Segment, Strip};
use crate::render::kpi_words;
use crate::render::performance::bar_line;
use crate::render::words;
use crate::text::numbers;
use crate::text::phrases;
use crate::text::times;

#[derive(Serialize)]
pub(super) struct Page<'a> {
    dashboard: &'a Dashboard,
    policy: String,
    /// Whose operations these are.
    brand: String,
    /// `Unhealthy`.
    headline: &'static str,
    class: &'static str,
    issue_counts: String,
    observed: String,
    domains: Vec<Domain<'a>>,
    issues: Vec<Issue<'a>>,
    resolved: Vec<Issue<'a>>,
    budgets: Vec<Budget<'a>>,
    other_budgets: Option<String>,
    history: Vec<Environment<'a>>,
    spend: Vec<SpendRow<'a>>,
    audits: Vec<Audit<'a>>,
    kpis: Vec<KpiLine<'a>>,
    has_cycles: bool,
    repository: Option<Link>,
    commit: Option<Link>,
}

#[derive(Serialize)]
struct Domain<'a> {
    row: &'a DomainRow,
    class: &'static str,
    word: String,
    segments: Vec<Segment>,
    counts: String,
    services: Vec<Service<'a>>,
}

#[derive(Serialize)]
struct Service<'a> {
    row: &'a crate::model::dashboard::ServiceRow,
    class: &'static str,
    word: String,
}

#[derive(Serialize)]
struct Issue<'a> {
    row: &'a IssueRow,
    status: &'static str,
    file: Option<Link>,
    commit: Option<Link>,
}

#[derive(Serialize)]
struct Budget<'a> {
    row: &'a BudgetRow,
    objective: String,
    remaining: String,
    /// What is left, 0 to 100, as the width of a bar.
    left: Option<String>,
    class: &'static str,
    burn_rate: String,
    lasts: String,
    line: Option<Line>,
}

#[derive(Serialize)]
struct Environment<'a> {
    name: &'a str,
    strips: Vec<Strip>,
}

#[derive(Serialize)]
struct SpendRow<'a> {
    environment: &'a str,
    day: String,
    week: String,
    month: String,
    runs: String,
    since: String,
}

/// The last audit of one environment.
#[derive(Serialize)]
struct Audit<'a> {
    row: &'a AuditRow,
    words: String,
    class: &'static str,
}

#[derive(Serialize)]
struct KpiLine<'a> {
    row: &'a KpiScoreRow,
    words: String,
    class: &'static str,
    picture: String,
    cycle: Option<String>,
}

#[derive(Serialize)]
struct Link {
    text: String,
    address: String,
}

pub(super) fn page(dashboard: &Dashboard, policy: String) -> Page<'_> {
    let links = dashboard.links.as_ref();
    let (seen, all) = words::active_domains(dashboard);
    let issue = |row| issue(row, links);
    Page {
        dashboard,
        policy,
        brand: brand(links),
        headline: headline(dashboard.overall_health),
        class: chart::class(Some(dashboard.overall_health)),
        issue_counts: words::issue_counts(dashboard),
        observed: format!("{seen} of {all} domains observed"),
        domains: dashboard.domains.iter().map(domain).collect(),
        issues: dashboard.top_issues.iter().map(issue).collect(),
        resolved: dashboard.recently_resolved.iter().map(issue).collect(),
        budgets: dashboard.budgets.iter().map(budget).collect(),
        other_budgets: words::other_budgets(dashboard),
        history: dashboard
            .history
            .iter()
            .map(|(name, spans)| Environment {
                name: name.as_str(),
                strips: spans.iter().map(chart::strip).collect(),
            })
            .collect(),
        spend: spend(dashboard),
        audits: dashboard.audits.iter().map(audit).collect(),
        kpis: dashboard.kpis.iter().map(kpi).collect(),
        has_cycles: dashboard.kpis.iter().any(|row| row.last_cycle.is_some()),
        repository: links.and_then(|links| {
            let text = links.repository.trim_start_matches("https://");
            link(links, text, "")
        }),
        commit: links.and_then(|links| commit(links, links.commit.as_ref()?.as_str())),
    }
}

fn audit(row: &AuditRow) -> Audit<'_> {
    let status = match row.overall_status {
        Some(AuditStatus::Pass) => Status::Healthy,
        Some(AuditStatus::Warning) => Status::Degraded,
        Some(AuditStatus::Error | AuditStatus::Critical) => Status::Unhealthy,
        Some(AuditStatus::Unknown) | None => Status::Unknown,
    };
    Audit {
        row,
        words: words::audit(row),
        class: chart::class(Some(status)),
    }
}

fn kpi(row: &KpiScoreRow) -> KpiLine<'_> {
    let status = match row.status {
        KpiStatus::Healthy => Status::Healthy,
        KpiStatus::Degraded => Status::Degraded,
        KpiStatus::Critical => Status::Unhealthy,
        KpiStatus::Unknown => Status::Unknown,
    };
    KpiLine {
        row,
        words: kpi_words::on_dashboard(row),
        class: chart::class(Some(status)),
        picture: bar_line(&row.scores, row.scores.len(), true),
        cycle: row.last_cycle.as_ref().map(kpi_words::cycle_on_dashboard),
    }
}

/// `acme/operations`, where it is known.
fn brand(links: Option<&Links>) -> String {
    let name = links.and_then(|links| {
        let rest = links.repository.strip_prefix("https://")?;
        rest.split_once('/').map(|(_, name)| name.to_owned())
    });
    name.unwrap_or_else(|| "Operations".to_owned())
}

fn headline(status: Status) -> &'static str {
    match status {
        Status::Healthy => "Healthy",
        Status::Unknown => "Unknown",
        Status::Degraded => "Degraded",
        Status::Unhealthy => "Unhealthy",
    }
}

fn domain(row: &DomainRow) -> Domain<'_> {
    Domain {
        row,
        class: chart::class(Some(row.status)),
        word: row.status.word().to_lowercase(),
        segments: chart::segments(&row.resources),
        counts: words::counts(&row.resources),
        services: row
            .services
            .iter()
            .map(|row| Service {
                row,
                class: chart::class(Some(row.status)),
                word: row.status.word().to_lowercase(),
            })
            .collect(),
    }
}

fn issue<'a>(row: &'a IssueRow, links: Option<&Links>) -> Issue<'a> {
    let known = links.and_then(|links| Some((links, links.issues.get(&row.id)?)));
    Issue {
        row,
        status: words::issue_status(row.status),
        file: known.and_then(|(links, of)| {
            let at = links.commit.as_ref()?;
            link(links, "file", &format!("/blob/{at}/{}", of.path))
        }),
        commit: known.and_then(|(links, of)| commit(links, of.commit.as_ref()?.as_str())),
    }
}

fn commit(links: &Links, id: &str) -> Option<Link> {
    let short: String = id.chars().take(10).collect();
    link(links, &short, &format!("/commit/{id}"))
}

/// A link into the repository; none where its address is not one of the web.
fn link(links: &Links, text: &str, path: &str) -> Option<Link> {
    let host = links.repository.strip_prefix("https://")?;
    let mut address = "https://".to_owned();
    for byte in host.bytes().chain(path.bytes()) {
        if byte.is_ascii_alphanumeric() || b"._~/-:".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(Link {
        text: text.to_owned(),
        address,
    })
}

fn budget(row: &BudgetRow) -> Budget<'_> {
    let left = row.remaining_percent.filter(|left| left.is_finite());
    Budget {
        row,
        objective: format!(
            "{} over {} days",
            numbers::short_quantity(row.objective_percent, "percent"),
            row.window_days
        ),
        remaining: left.map_or("no events yet".to_owned(), |left| {
            numbers::short_quantity(left, "percent")
        }),
        left: left.map(|left| format!("{:.1}", left.clamp(0.0, 100.0))),
        class: match (left, row.alert) {
            (None, _) => "gap",
            (Some(left), _) if left <= 0.0 => "unhealthy",
            (Some(_), Some(_)) => "degraded",
            (Some(left), None) if left < 25.0 => "degraded",
            (Some(_), None) => "healthy",
        },
        burn_rate: words::burn_rate(row),
        lasts: words::lasts(row),
        line: chart::line(&row.remaining_by_day),
    }
}

fn spend(dashboard: &Dashboard) -> Vec<SpendRow<'_>> {
    dashboard
        .spend
        .iter()
        .map(|(name, spend)| SpendRow {
            environment: name.as_str(),
            day: numbers::usd(spend.last_24h_usd),
            week: numbers::usd(spend.last_7d_usd),
            month: numbers::usd(spend.last_30d_usd),
            runs: phrases::counted(spend.runs_30d, "run"),
            since: times::date(spend.since),
        })
        .collect()
}
