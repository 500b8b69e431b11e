//! What the template of `DASHBOARD.md` sees.
//!
//! The file is committed with every run that is worth a commit, so what it draws changes only
//! when something was seen: strips move on once a half hour, and costs are rounded up.

use serde::Serialize;

use crate::model::dashboard::{AuditRow, Dashboard, KpiScoreRow};
use crate::model::slo_report::BudgetRow;
use crate::render::kpi_words;
use crate::render::performance::bar_line;
use crate::render::trend;
use crate::render::words;
use crate::text::numbers;
use crate::text::times;

/// Budgets that are drawn, beside the table that has all of them.
const BUDGETS_DRAWN: usize = 3;

#[derive(Serialize)]
pub(super) struct DashboardView<'a> {
    dashboard: &'a Dashboard,
    issue_counts: String,
    observed: usize,
    strips: Vec<Strip<'a>>,
    charts: Vec<Chart>,
    /// Whether one of them has anything to draw.
    charted: bool,
    budgets: Vec<Budget<'a>>,
    other_budgets: Option<String>,
    spend: Vec<Spend<'a>>,
    audits: Vec<Audit<'a>>,
    kpis: Vec<KpiLine<'a>>,
}

/// The score of the key figures of one environment.
#[derive(Serialize)]
struct KpiLine<'a> {
    row: &'a KpiScoreRow,
    words: String,
    picture: String,
    cycle: Option<String>,
}

/// The last audit of one environment.
#[derive(Serialize)]
struct Audit<'a> {
    row: &'a AuditRow,
    words: String,
}

/// Status over time of one environment.
#[derive(Serialize)]
struct Strip<'a> {
    environment: &'a str,
    label: &'static str,
    strip: String,
}

/// The last 24 hours of one environment.
#[derive(Serialize)]
struct Chart {
    environment: String,
    /// Hours that were observed, `10` for the one that begins in that hour (24 longer labels
    /// would lie on top of each other), and the most resources not healthy in each.
    hours: Vec<String>,
    not_healthy: Vec<u32>,
    /// The most of all hours.
    most: u32,
    /// Upper end of the axis: Mermaid draws ten ticks, which are whole from 10 on.
    top: u32,
}

#[derive(Serialize)]
struct Budget<'a> {
    row: &'a BudgetRow,
    objective: String,
    bar: Option<String>,
    remaining: String,
    burn_rate: String,
    lasts: String,
    chart: Option<BudgetChart>,
}

/// What was left by day.
#[derive(Serialize)]
struct BudgetChart {
    title: String,
    /// Days before the last one, `-29` to `0`: the dates would change with every day.
    days: Vec<String>,
    /// With one decimal. Numbers, so that a minus is not taken for a list.
    values: Vec<f64>,
    low: f64,
}

#[derive(Serialize)]
struct Spend<'a> {
    environment: &'a str,
    month: String,
}

pub(super) fn dashboard(dashboard: &Dashboard) -> DashboardView<'_> {
    let charts = charts(dashboard);
    let drawn = |chart: &Chart| chart.most > 0 && chart.hours.len() > 1;
    let spans = dashboard.history.iter();
    DashboardView {
        charted: charts.iter().any(drawn),
        dashboard,
        issue_counts: words::issue_counts(dashboard),
        observed: words::active_domains(dashboard).0,
        strips: spans
            .flat_map(|(name, spans)| spans.iter().map(move |span| (name, span)))
            .map(|(name, span)| Strip {
                environment: name.as_str(),
                label: span.span.word(),
                strip: span
                    .cells
                    .iter()
                    .map(|cell| trend::sign(cell.worst))
                    .collect(),
            })
            .collect(),
        charts,
        budgets: dashboard
            .budgets
            .iter()
            .enumerate()
            .map(|(index, row)| budget(row, index < BUDGETS_DRAWN))
            .collect(),
        other_budgets: words::other_budgets(dashboard),
        audits: dashboard
            .audits
            .iter()
            .map(|row| Audit {
                row,
                words: words::audit(row),
            })
            .collect(),
        kpis: dashboard
            .kpis
            .iter()
            .map(|row| KpiLine {
                row,
                words: kpi_words::on_dashboard(row),
                picture: bar_line(&row.scores, row.scores.len(), true),
                cycle: row.last_cycle.as_ref().map(kpi_words::cycle_on_dashboard),
            })
            .collect(),
        spend: dashboard
            .spend
            .iter()
            .map(|(name, spend)| Spend {
                environment: name.as_str(),
                month: cents(spend.last_30d_usd),
            })
            .collect(),
    }
}

fn charts(dashboard: &Dashboard) -> Vec<Chart> {
    let observed = dashboard.trend.iter();
    observed
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(environment, entries)| {
            let hours: Vec<_> = trend::last_day(entries, dashboard.generated_at, 24)
                .into_iter()
                .filter(|hour| hour.worst.is_some())
                .collect();
            let most = hours.iter().map(|hour| hour.not_healthy).max().unwrap_or(0);
            Chart {
                environment: environment.to_string(),
                hours: hours
                    .iter()
                    .map(|hour| times::clock(hour.start).chars().take(2).collect())
                    .collect(),
                not_healthy: hours.iter().map(|hour| hour.not_healthy).collect(),
                most,
                top: most.max(10),
            }
        })
        .collect()
}

/// Whole cents, so that the line does not change with every run.
fn cents(value: f64) -> String {
    if value < 0.01 {
        "under one cent".to_owned()
    } else {
        format!("${value:.2}")
    }
}

fn budget(row: &BudgetRow, drawn: bool) -> Budget<'_> {
    let left = row.remaining_percent.filter(|left| left.is_finite());
    Budget {
        row,
        objective: format!(
            "{} over {} days",
            numbers::short_quantity(row.objective_percent, "percent"),
            row.window_days
        ),
        bar: left.map(|left| words::cells(left, '█', '·')),
        remaining: left.map_or("no events yet".to_owned(), |left| {
            numbers::short_quantity(left, "percent")
        }),
        burn_rate: words::burn_rate(row),
        lasts: words::lasts(row),
        chart: chart(row).filter(|_| drawn),
    }
}

/// Only where something is being used up: a flat line says nothing.
fn chart(row: &BudgetRow) -> Option<BudgetChart> {
    let days = row.remaining_by_day.len();
    let known: Vec<(usize, f64)> = row
        .remaining_by_day
        .iter()
        .enumerate()
        .filter_map(|(index, day)| Some((days - 1 - index, day.filter(|v| v.is_finite())?)))
        .collect();
    let low = known.iter().map(|(_, value)| *value).fold(100.0, f64::min);
    if known.len() < 2 || low > 90.0 {
        return None;
    }
    let label = |ago: usize| {
        if ago == 0 {
            "0".to_owned()
        } else {
            format!("-{ago}")
        }
    };
    Some(BudgetChart {
        title: format!(
            "{} {} in {}",
            row.resource.name.redacted(),
            row.title,
            row.environment
        ),
        days: known.iter().map(|(ago, _)| label(*ago)).collect(),
        values: known
            .iter()
            .map(|(_, value)| (value * 10.0).round() / 10.0)
            .collect(),
        low: low.floor().min(0.0),
    })
}
