//! What of key figures is worth a person's attention.

use crate::core::kpi::score::Total;
use crate::model::kpi_history::KpiHistory;
use crate::model::kpi_report::{KpiAlert, KpiAlertKind, KpiRow};
use crate::model::report::Better;
use crate::model::status::Severity;
use crate::text::Untrusted;
use crate::text::numbers::{number, quantity};

/// Below this a score is critical.
pub const CRITICAL_SCORE: f64 = 50.0;
/// A key figure of priority 1 that gets worse by more than this share of its target, within this
/// many collections, is urgent.
const RAPID_SHARE: f64 = 0.2;
const RAPID_COLLECTIONS: usize = 2;

/// Lists alerts, most urgent first.
pub fn list(rows: &[KpiRow], total: &Total, last: Option<&KpiHistory>) -> Vec<KpiAlert> {
    let mut out: Vec<KpiAlert> = rows.iter().filter_map(|row| rapid(row, last)).collect();
    out.extend(of_score(total));
    out.extend(rows.iter().filter_map(miss));
    out.sort_by(|one, other| {
        let key = |alert: &KpiAlert| (std::cmp::Reverse(alert.severity), alert.kind);
        key(one).cmp(&key(other))
    });
    out
}

/// A score that little was measured of is never called low: that nothing is known is the news.
fn of_score(total: &Total) -> Option<KpiAlert> {
    let alert = |kind, severity, message: String| KpiAlert {
        kind,
        severity,
        kpi: None,
        message: Untrusted::new(message),
    };
    if total.all == 0.0 {
        return None;
    }
    let coverage = number(total.coverage_percent());
    match total.value {
        None => Some(alert(
            KpiAlertKind::UnreliableScore,
            Severity::High,
            "no key figure could be measured, so there is no score".to_owned(),
        )),
        Some(score) if !total.is_reliable() => Some(alert(
            KpiAlertKind::UnreliableScore,
            Severity::High,
            format!("score {} unreliable ({coverage} % coverage)", number(score)),
        )),
        Some(score) if score < CRITICAL_SCORE => Some(alert(
            KpiAlertKind::LowScore,
            Severity::Critical,
            format!("score {} is below {CRITICAL_SCORE}", number(score)),
        )),
        Some(_) => None,
    }
}

fn miss(row: &KpiRow) -> Option<KpiAlert> {
    let value = row.value?;
    (row.score? < 100.0).then(|| KpiAlert {
        kind: KpiAlertKind::TargetMiss,
        severity: match row.priority {
            1 => Severity::High,
            2 => Severity::Medium,
            _ => Severity::Low,
        },
        kpi: Some(row.name.clone()),
        message: Untrusted::new(format!(
            "{} misses its target: {} instead of {} {}",
            row.name,
            quantity(value, &row.unit),
            match row.better {
                Better::Lower => "at most",
                Better::Higher => "at least",
            },
            quantity(row.target, &row.unit),
        )),
    })
}

fn rapid(row: &KpiRow, last: Option<&KpiHistory>) -> Option<KpiAlert> {
    let value = row.value.filter(|_| row.priority == 1)?;
    let before = last?.collections.iter().rev().take(RAPID_COLLECTIONS);
    let values = before.filter_map(|one| one.values.get(&row.name).copied());
    let worse_by = |old: f64| match row.better {
        Better::Lower => value - old,
        Better::Higher => old - value,
    };
    let best = values.max_by(|one, other| worse_by(*one).total_cmp(&worse_by(*other)))?;
    (worse_by(best) > RAPID_SHARE * row.target && worse_by(best) > 0.0).then(|| KpiAlert {
        kind: KpiAlertKind::RapidDegradation,
        severity: Severity::Critical,
        kpi: Some(row.name.clone()),
        message: Untrusted::new(format!(
            "{} went from {} to {} within {RAPID_COLLECTIONS} collections",
            row.name,
            quantity(best, &row.unit),
            quantity(value, &row.unit),
        )),
    })
}
