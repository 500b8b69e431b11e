//! What text, Markdown and pages say alike of key figures.

use crate::model::dashboard::{CycleRow, KpiScoreRow};
use crate::model::delivery::{DeliveryReport, DeliveryValue};
use crate::model::kpi_report::{KpiReport, KpiRow, KpiScore, KpiStatus, ScoreChange};
use crate::model::optimize::{
    Bottleneck, OptimizationAnalysis, OptimizationRoadmap, RoadmapDate, RoadmapItem, ScenarioScore,
};
use crate::model::report::Better;
use crate::text::numbers::{number, short_quantity};
use crate::text::phrases::counted;
use crate::text::times;

/// `71.4`, or `unknown`.
pub(crate) fn score(value: Option<f64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), number)
}

/// `score 71.4, degraded (92 % of the weight measured)`.
pub(crate) fn headline(report: &KpiReport) -> String {
    if report.kpis.is_empty() {
        return "no key figure has a source, so there is no score".to_owned();
    }
    score_words(&report.score, report.status)
}

/// The same of a score alone.
pub(crate) fn score_words(of: &KpiScore, status: KpiStatus) -> String {
    let shown = score(of.value);
    let coverage = number(of.coverage_percent);
    match of.reliable {
        true => format!(
            "score {shown}, {} ({coverage} % of the weight measured)",
            status.word()
        ),
        false if of.value.is_none() => format!("score {shown} ({coverage} % coverage)"),
        false => format!("score {shown} unreliable ({coverage} % coverage)"),
    }
}

/// What a dashboard says of a score.
pub(crate) fn on_dashboard(row: &KpiScoreRow) -> String {
    let score = KpiScore {
        value: row.score,
        coverage_percent: row.coverage_percent,
        reliable: row.status != KpiStatus::Unknown,
    };
    let missed = format!("{} of {} miss their target", row.missed, row.measured);
    format!("{}, {missed}", score_words(&score, row.status))
}

/// `last cycle completed: 2 improved, 1 made worse (1 undone), 1 inconclusive`.
pub(crate) fn cycle_on_dashboard(row: &CycleRow) -> String {
    let undone = match row.undone {
        0 => String::new(),
        count => format!(" ({count} undone)"),
    };
    let watched = match row.watched {
        0 => String::new(),
        count => format!(", {count} being watched"),
    };
    format!(
        "last cycle {}: {} improved, {} made worse{undone}, {} inconclusive{watched}",
        row.outcome.words(),
        row.improved,
        row.made_worse,
        row.inconclusive
    )
}

/// `800 ms ≤ 500 ms`, of a value that is known.
pub(crate) fn beside(value: f64, target: f64, better: Better, unit: &str) -> String {
    let sign = match better {
        Better::Lower => "≤",
        Better::Higher => "≥",
    };
    let shown = |value: f64| quantity_of(value, unit);
    format!("{} {sign} {}", shown(value), shown(target))
}

/// `800 ms instead of at most 500 ms`, or `800 ms` where the target is met.
pub(crate) fn instead(value: f64, target: f64, better: Better, unit: &str) -> String {
    let shown = |value: f64| quantity_of(value, unit);
    let (is_met, bound) = match better {
        Better::Lower => (value <= target, "at most"),
        Better::Higher => (value >= target, "at least"),
    };
    match is_met {
        true => shown(value),
        false => format!("{} instead of {bound} {}", shown(value), shown(target)),
    }
}

/// A value with its unit, where there is little room.
pub(crate) fn quantity_of(value: f64, unit: &str) -> String {
    short_quantity(value, unit)
}

/// The value beside its target; `–` where it is not known.
pub(crate) fn level(row: &KpiRow) -> String {
    match row.value {
        Some(value) => beside(value, row.target, row.better, &row.unit),
        None => format!("– / {}", quantity_of(row.target, &row.unit)),
    }
}

/// `improving (+12 %)`.
pub(crate) fn trend(row: &KpiRow) -> String {
    match row.trend_percent {
        Some(percent) => format!("{} ({} %)", row.trend.word(), signed(percent)),
        None => row.trend.word().to_owned(),
    }
}

/// A number with its sign.
pub(crate) fn signed(value: f64) -> String {
    let shown = number(value);
    match value > 0.0 && shown != "0" {
        true => format!("+{shown}"),
        false => shown,
    }
}

/// Why the score differs from the last one.
pub(crate) fn change(change: &ScoreChange) -> String {
    format!(
        "{} points since {}: {} by key figures, {} by coverage, {} by edits of kpis.toml",
        signed(change.points),
        times::time(change.since),
        signed(change.by_values),
        signed(change.by_coverage),
        signed(change.by_configuration),
    )
}

/// `if only redis_cache_hit met its target: 71 → 84`, for the one that loses most.
pub(crate) fn best_gain(report: &KpiReport) -> Option<String> {
    let row = report.kpis.first().filter(|row| row.points_lost > 0.0)?;
    Some(format!(
        "if only {} met its target: {} → {}",
        row.name,
        score(report.score.value),
        score(row.score_if_met)
    ))
}

/// The figures of delivery: what each is, and what it says.
pub(crate) fn delivery(report: &DeliveryReport) -> Vec<(&'static str, String)> {
    let rollbacks = match report.rollbacks {
        0 => String::new(),
        count => format!(", {}", counted(count as u64, "rollback")),
    };
    let frequency = figure(&report.deployments_per_week, |value| {
        let days = report.deployment_days_per_week.value.unwrap_or_default();
        let all = counted(report.deployments as u64, "deployment");
        let (value, days) = (number(value), number(days));
        format!("{value} a week, on {days} days a week ({all}{rollbacks})")
    });
    let lead = figure(&report.lead_time_hours, |value| {
        let merge = if report.lead_time_from_merge {
            " from merge"
        } else {
            ""
        };
        let commits = counted(report.commits as u64, "commit");
        let author = report.lead_time_from_author_hours.value;
        let author = author.map_or_else(String::new, |value| {
            format!("; {} since they were written", hours(value))
        });
        format!("{}{merge} (median of {commits}{author})", hours(value))
    });
    let percent = |value: f64| short_quantity(value, "percent");
    let open = match report.open_incidents.len() {
        0 => String::new(),
        count => format!(" ({} still open)", counted(count as u64, "incident")),
    };
    vec![
        ("deployment frequency", frequency),
        ("lead time", lead),
        (
            "change failure rate",
            figure(&report.change_failure_rate_percent, percent),
        ),
        (
            "failed deployment recovery time",
            figure(&report.recovery_time_hours, hours) + &open,
        ),
        ("rework rate", figure(&report.rework_rate_percent, percent)),
    ]
}

fn figure(value: &DeliveryValue, words: impl FnOnce(f64) -> String) -> String {
    match (value.value, &value.undefined_because) {
        (Some(value), _) => words(value),
        (None, Some(why)) => format!("undefined: {}", why.terminal()),
        (None, None) => "undefined".to_owned(),
    }
}

fn hours(value: f64) -> String {
    times::span((value * 3_600.0).round() as i64)
}

/// `loses 6.1 points; if only it met its target: 71 → 77`.
pub(crate) fn gain(one: &Bottleneck) -> String {
    let lost = number(one.points_lost);
    match one.score_if_met {
        Some(met) => format!(
            "loses {lost} points; if only it met its target: {}",
            number(met)
        ),
        None => format!("loses {lost} points"),
    }
}

/// Key figures that move away from a target that they meet.
pub(crate) fn at_risk(of: &OptimizationAnalysis) -> Vec<String> {
    let each = of.at_risk.iter().map(|one| {
        let change = one.trend_percent.map_or_else(String::new, |percent| {
            format!(" ({} % of its target)", signed(percent))
        });
        let when = match one.leaves_at {
            Some(at) => format!("leaves its target about {}", times::time(at)),
            None => "too little was seen to say when it leaves its target".to_owned(),
        };
        format!("{} declines{change}: {when}", one.kpi)
    });
    each.collect()
}

/// Key figures that could not be measured.
pub(crate) fn blind_spots(of: &OptimizationAnalysis) -> Vec<String> {
    let each = of.blind_spots.iter().map(|one| {
        let coverage = number(one.coverage_percent);
        format!(
            "{} ({coverage} % of the weight): {}",
            one.kpi,
            one.reason.terminal()
        )
    });
    each.collect()
}

/// Key figures that move together.
pub(crate) fn moving_together(of: &OptimizationAnalysis) -> Vec<String> {
    let each = of.moving_together.iter().map(|one| {
        let how = if one.tau > 0.0 { "with" } else { "against" };
        format!(
            "{} moves {how} {} (tau {} over {} collections), which says nothing of causes",
            one.kpi,
            one.other,
            number(one.tau),
            one.collections
        )
    });
    each.collect()
}

/// The playbooks for an item of work: `api-memory (+8.3 % to be expected: 2 of 3 improved)`.
pub(crate) fn playbooks(of: &RoadmapItem) -> Option<String> {
    let each = of.playbooks.iter().map(|one| match one.attempts {
        0 => format!("{} (never evaluated)", one.playbook),
        attempts => format!(
            "{} ({} % to be expected: {} of {attempts} improved)",
            one.playbook,
            signed(one.expected_percent),
            one.improved
        ),
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| format!("playbooks: {}", each.join(", ")))
}

/// How far a score of the time to come can be trusted; nothing where it can.
pub(crate) fn foreseen(of: &ScenarioScore) -> String {
    match of.reliable {
        true => String::new(),
        false => format!(
            " (unreliable: {} % can be foreseen)",
            number(of.coverage_percent)
        ),
    }
}

/// When key figures cross their targets.
pub(crate) fn dates(of: &[RoadmapDate]) -> Vec<String> {
    let each = of
        .iter()
        .map(|one| format!("{} about {}", one.kpi, times::time(one.at)));
    each.collect()
}

/// Key figures of which nothing can be said.
pub(crate) fn unforeseen(of: &OptimizationRoadmap) -> Vec<String> {
    let each = of.unforeseen.iter();
    each.map(|one| format!("{}: {}", one.kpi, one.reason.terminal()))
        .collect()
}
