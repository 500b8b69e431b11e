//! Where points are lost.

use std::collections::BTreeSet;

use crate::core::optimize::project::outlook;
use crate::model::kpi::{KpiCategory, weight};
use crate::model::kpi_report::{KpiReport, KpiRow, KpiTrend};
use crate::model::optimize::{
    BlindSpot, Bottleneck, BottleneckSeverity, KpiAtRisk, MovingTogether, OptimizationAnalysis,
};
use crate::text::Untrusted;
use crate::text::numbers::rounded;

/// From here on, with nothing declining, there is nothing to do.
pub const STEADY_SCORE: f64 = 95.0;
/// Key figures that count how much is done: raising one is never an aim.
const REPORTED_ONLY: [&str; 1] = ["optimizations_per_hour"];
/// Collections from which on two key figures can be said to move together, and how closely.
const FEWEST_PAIRS: usize = 8;
const CLOSE: f64 = 0.7;

/// How deeply is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnalysisDepth {
    /// What misses its target.
    Quick,
    /// Also what is going to, and what is not known.
    Standard,
    /// Also what moves together.
    Comprehensive,
}

impl AnalysisDepth {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Comprehensive => "comprehensive",
        }
    }
}

/// Names of `focus` that are neither a category nor a key figure with a source.
pub fn unknown_focus<'a>(report: &KpiReport, focus: &'a [String]) -> Vec<&'a str> {
    let known = |name: &&String| {
        let is_category = categories().iter().any(|one| one.word() == name.as_str());
        !is_category && report.kpis.iter().all(|row| row.name != **name)
    };
    focus.iter().filter(known).map(String::as_str).collect()
}

fn categories() -> [KpiCategory; 4] {
    use KpiCategory::{Agent, Backend, Business, Frontend};
    [Frontend, Backend, Business, Agent]
}

/// Analyses a report; `focus` names categories and key figures, all where it is empty.
pub fn analyze(report: &KpiReport, depth: AnalysisDepth, focus: &[String]) -> OptimizationAnalysis {
    let is_in = |row: &&KpiRow| {
        let names = [row.name.as_str(), row.category.word()];
        focus.is_empty() || focus.iter().any(|one| names.contains(&one.as_str()))
    };
    let rows: Vec<&KpiRow> = report.kpis.iter().filter(is_in).collect();
    let deeper = depth >= AnalysisDepth::Standard;
    let mut bottlenecks: Vec<Bottleneck> = rows.iter().filter_map(|row| bottleneck(row)).collect();
    bottlenecks.sort_by(|one, other| {
        let by_urgency = one.urgency.cmp(&other.urgency);
        let by_impact = other.impact.total_cmp(&one.impact);
        let by_points = other.points_lost.total_cmp(&one.points_lost);
        let by_name = one.kpi.cmp(&other.kpi);
        by_urgency.then(by_impact).then(by_points).then(by_name)
    });
    let is_good = report
        .score
        .value
        .is_some_and(|score| score >= STEADY_SCORE);
    let declines = |row: &KpiRow| row.trend == KpiTrend::Declining;
    OptimizationAnalysis {
        version: "1.0.0",
        kind: "optimize-analyze",
        environment: report.environment.clone(),
        generated_at: report.generated_at,
        depth: depth.word(),
        focus: focus.to_vec(),
        status: report.status,
        score: report.score,
        bottlenecks,
        at_risk: if deeper {
            at_risk(report, &rows)
        } else {
            Vec::new()
        },
        blind_spots: if deeper {
            blind_spots(report, &rows)
        } else {
            Vec::new()
        },
        moving_together: match depth {
            AnalysisDepth::Comprehensive => moving_together(&rows),
            AnalysisDepth::Quick | AnalysisDepth::Standard => Vec::new(),
        },
        steady: is_good && report.score.reliable && !report.kpis.iter().any(declines),
        notes: notes(report, &rows),
    }
}

/// Whether raising it is never an aim.
pub(super) fn is_reported_only(row: &KpiRow) -> bool {
    REPORTED_ONLY.contains(&row.name.as_str())
}

fn bottleneck(row: &KpiRow) -> Option<Bottleneck> {
    let (value, score) = (row.value?, row.score?);
    if score >= 100.0 || is_reported_only(row) {
        return None;
    }
    let severity = match row.priority {
        1 => BottleneckSeverity::Critical,
        _ => BottleneckSeverity::High,
    };
    let is_seen = matches!(row.category, KpiCategory::Frontend | KpiCategory::Business);
    let step = u8::from(row.trend == KpiTrend::Declining);
    let impact = weight(row.priority)
        * if is_seen { 1.5 } else { 1.0 }
        * match severity {
            BottleneckSeverity::Critical => 2.0,
            BottleneckSeverity::High => 1.0,
        };
    Some(Bottleneck {
        kpi: row.name.clone(),
        category: row.category,
        severity,
        urgency: row.priority + 1 - step,
        impact,
        unit: row.unit.clone(),
        value,
        target: row.target,
        better: row.better,
        score,
        points_lost: row.points_lost,
        score_if_met: row.score_if_met,
        trend: row.trend,
        history: row.history.clone(),
    })
}

fn at_risk(report: &KpiReport, rows: &[&KpiRow]) -> Vec<KpiAtRisk> {
    let meets = |row: &&&KpiRow| row.score == Some(100.0) && row.trend == KpiTrend::Declining;
    let mut found: Vec<KpiAtRisk> = rows
        .iter()
        .filter(meets)
        .map(|row| KpiAtRisk {
            kpi: row.name.clone(),
            leaves_at: outlook(report, row)
                .ok()
                .and_then(|one| one.crosses_at(row)),
            trend_percent: row.trend_percent,
        })
        .collect();
    found.sort_by_key(|one| (one.leaves_at.is_none(), one.leaves_at, one.kpi.clone()));
    found
}

fn blind_spots(report: &KpiReport, rows: &[&KpiRow]) -> Vec<BlindSpot> {
    let all: f64 = report.kpis.iter().map(|row| row.weight).sum();
    let missing = rows
        .iter()
        .filter_map(|row| Some((row, row.reason.as_ref()?)));
    let mut found: Vec<BlindSpot> = missing
        .map(|(row, reason): (_, &Untrusted)| BlindSpot {
            kpi: row.name.clone(),
            coverage_percent: rounded(100.0 * row.weight / all),
            reason: reason.clone(),
        })
        .collect();
    found.sort_by(|one, other| {
        let by_weight = other.coverage_percent.total_cmp(&one.coverage_percent);
        by_weight.then_with(|| one.kpi.cmp(&other.kpi))
    });
    found
}

fn moving_together(rows: &[&KpiRow]) -> Vec<MovingTogether> {
    let mut found = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        for other in &rows[index + 1..] {
            let pairs: Vec<(f64, f64)> = row
                .history
                .iter()
                .zip(&other.history)
                .filter_map(|(one, two)| Some(((*one)?, (*two)?)))
                .collect();
            if pairs.len() < FEWEST_PAIRS {
                continue;
            }
            if let Some(tau) = kendall(&pairs).filter(|tau| tau.abs() >= CLOSE) {
                found.push(MovingTogether {
                    kpi: row.name.clone(),
                    other: other.name.clone(),
                    tau: rounded(tau),
                    collections: pairs.len(),
                });
            }
        }
    }
    found.sort_by(|one, other| other.tau.abs().total_cmp(&one.tau.abs()));
    found
}

/// Kendall's tau-b; `None` where one of the two never changes.
pub(super) fn kendall(pairs: &[(f64, f64)]) -> Option<f64> {
    let (mut sum, mut of_one, mut of_other) = (0.0, 0.0, 0.0);
    for (index, (x, y)) in pairs.iter().enumerate() {
        for (later_x, later_y) in &pairs[index + 1..] {
            let sign = |a: f64, b: f64| match a.total_cmp(&b) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => 0.0,
                std::cmp::Ordering::Greater => -1.0,
            };
            let (dx, dy): (f64, f64) = (sign(*x, *later_x), sign(*y, *later_y));
            sum += dx * dy;
            of_one += dx.abs();
            of_other += dy.abs();
        }
    }
    let scale = (of_one * of_other).sqrt();
    (scale > 0.0).then(|| sum / scale)
}

fn notes(report: &KpiReport, rows: &[&KpiRow]) -> Vec<String> {
    let mut out = Vec::new();
    if rows.is_empty() {
        out.push("no key figure that was chosen has a source".to_owned());
    }
    if !report.score.reliable && !report.kpis.is_empty() {
        out.push("less than 80 % of the weight was measured: what is not known may matter more than what is listed".to_owned());
    }
    let reported: BTreeSet<&str> = rows
        .iter()
        .filter(|row| is_reported_only(row) && row.score.is_some_and(|score| score < 100.0))
        .map(|row| row.name.as_str())
        .collect();
    for name in reported {
        out.push(format!(
            "{name} misses its target, and is reported only: doing more is no aim"
        ));
    }
    out
}
