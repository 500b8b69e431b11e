//! Puts the report of an environment's key figures together.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::kpi::Measurement;
use crate::core::kpi::alerts;
use crate::core::kpi::change;
use crate::core::kpi::score::{Total, is_met, of_value};
use crate::core::kpi::trend::movement;
use crate::model::delivery::DeliveryReport;
use crate::model::ids::EnvironmentName;
use crate::model::kpi::{Kpi, KpiCategory};
use crate::model::kpi_history::{KpiCollection, KpiDefinition, KpiHistory};
use crate::model::kpi_report::{
    CategoryScore, KpiReport, KpiRow, KpiScore, KpiStatus, KpiTrend, ScorePoint,
};
use crate::text::Untrusted;
use crate::text::numbers::rounded;

/// Above this a score is healthy.
const HEALTHY_SCORE: f64 = 70.0;
/// Values that the trend is taken from, the newest ones.
const TREND_VALUES: usize = 60;

/// What a report is made of.
pub struct KpiInput<'a> {
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// When everything was measured.
    pub at: Timestamp,
    /// All key figures of kpis.toml.
    pub kpis: &'a [Kpi],
    /// What measuring those with a source came to, by name.
    pub measured: &'a BTreeMap<String, Measurement>,
    /// The words for their sources, by name.
    pub sources: &'a BTreeMap<String, String>,
    /// What was recorded before.
    pub history: Option<&'a KpiHistory>,
    /// Delivery, where deployments are recorded.
    pub delivery: Option<DeliveryReport>,
}

/// What key figures are measured by, those with a source.
pub fn definitions(kpis: &[Kpi]) -> BTreeMap<String, KpiDefinition> {
    let on = kpis.iter().filter(|kpi| kpi.source.is_some());
    on.map(|kpi| {
        let definition = KpiDefinition {
            category: kpi.category,
            better: kpi.better,
            target: kpi.target,
            priority: kpi.priority,
        };
        (kpi.name.clone(), definition)
    })
    .collect()
}

impl KpiInput<'_> {
    /// The values that count: what no key figure can be is missing, with a reason.
    fn value(&self, kpi: &Kpi) -> Measurement {
        let measured = self.measured.get(&kpi.name).cloned();
        let value = measured.unwrap_or_else(|| Err(Untrusted::from("it was not measured")))?;
        match of_value(value, kpi.target, kpi.better) {
            Some(_) => Ok(rounded(value)),
            None if value < 0.0 => Err(Untrusted::from(format!(
                "the value {value} is below 0, which no key figure can be"
            ))),
            None => Err(Untrusted::from("the value is no finite number")),
        }
    }

    fn values(&self) -> BTreeMap<String, f64> {
        let on = self.kpis.iter().filter(|kpi| kpi.source.is_some());
        on.filter_map(|kpi| Some((kpi.name.clone(), self.value(kpi).ok()?)))
            .collect()
    }

    /// Returns what is kept of it.
    pub fn collection(&self) -> KpiCollection {
        let values = self.values();
        let total = Total::of_values(&definitions(self.kpis), &values);
        KpiCollection {
            at: self.at,
            score: total.value.map(rounded),
            coverage_percent: rounded(total.coverage_percent()),
            values,
        }
    }

    /// Returns the report.
    pub fn report(&self) -> KpiReport {
        let definitions = definitions(self.kpis);
        let values = self.values();
        let total = Total::of_values(&definitions, &values);
        let on = self.kpis.iter().filter(|kpi| kpi.source.is_some());
        let mut kpis: Vec<KpiRow> = on.map(|kpi| self.row(kpi, &total)).collect();
        kpis.sort_by(|one, other| {
            let key = |row: &KpiRow| (row.score.is_none(), -row.points_lost);
            let ((unmeasured, lost), (unmeasured2, lost2)) = (key(one), key(other));
            let by_points = unmeasured.cmp(&unmeasured2).then(lost.total_cmp(&lost2));
            by_points.then_with(|| one.priority.cmp(&other.priority))
        });
        let off = self.kpis.iter().filter(|kpi| kpi.source.is_none());
        KpiReport {
            version: "1.0.0",
            kind: "kpi",
            environment: self.environment.clone(),
            generated_at: self.at,
            status: status(&total),
            score: score_of(&total),
            categories: categories(&kpis),
            change: self
                .history
                .and_then(|last| change::since(last, &definitions, &values)),
            alerts: alerts::list(&kpis, &total, self.history),
            kpis,
            off: off.map(|kpi| kpi.name.clone()).collect(),
            delivery: self.delivery.clone(),
            history: self.score_points(&total),
        }
    }

    fn score_points(&self, total: &Total) -> Vec<ScorePoint> {
        let kept = self.history.into_iter().flat_map(|one| &one.collections);
        let now = ScorePoint {
            at: self.at,
            value: total.value.map(rounded),
        };
        let earlier = kept.filter(|one| one.at < self.at).map(|one| ScorePoint {
            at: one.at,
            value: one.score,
        });
        earlier.chain([now]).collect()
    }

    fn row(&self, kpi: &Kpi, total: &Total) -> KpiRow {
        let measured = self.value(kpi);
        let value = measured.as_ref().ok().copied();
        let score = value.and_then(|value| of_value(value, kpi.target, kpi.better));
        let points_lost = score.map_or(0.0, |score| total.points_lost(kpi.weight(), score));
        let kept = self.history.into_iter().flat_map(|one| &one.collections);
        let kept = kept.filter(|one| one.at < self.at);
        let mut history: Vec<(i64, Option<f64>)> = kept
            .map(|one| (one.at.as_second(), one.values.get(&kpi.name).copied()))
            .collect();
        history.push((self.at.as_second(), value));
        let from = history.len().saturating_sub(TREND_VALUES);
        let points: Vec<(i64, f64)> = history[from..]
            .iter()
            .filter_map(|(at, value)| Some((*at, (*value)?)))
            .collect();
        let moved = movement(&points, kpi.target, kpi.better);
        let is_known = value.is_some();
        KpiRow {
            name: kpi.name.clone(),
            category: kpi.category,
            unit: kpi.unit.clone(),
            priority: kpi.priority,
            source: self.sources.get(&kpi.name).cloned().unwrap_or_default(),
            value,
            target: kpi.target,
            better: kpi.better,
            score: score.map(rounded),
            weight: kpi.weight(),
            points_lost: rounded(points_lost),
            score_if_met: total
                .value
                .filter(|_| is_known)
                .map(|all| rounded((all + points_lost).min(100.0))),
            // Where it is now is not known, so that it moves is not either.
            trend: if is_known {
                moved.trend
            } else {
                KpiTrend::Unknown
            },
            trend_percent: moved.percent.filter(|_| is_known).map(rounded),
            reason: measured.err(),
            history: history.into_iter().map(|(_, value)| value).collect(),
        }
    }
}

/// Says what a score means.
pub fn status(total: &Total) -> KpiStatus {
    match total.value.filter(|_| total.is_reliable()) {
        None => KpiStatus::Unknown,
        Some(score) if score > HEALTHY_SCORE => KpiStatus::Healthy,
        Some(score) if score < alerts::CRITICAL_SCORE => KpiStatus::Critical,
        Some(_) => KpiStatus::Degraded,
    }
}

fn score_of(total: &Total) -> KpiScore {
    KpiScore {
        value: total.value.map(rounded),
        coverage_percent: rounded(total.coverage_percent()),
        reliable: total.is_reliable(),
    }
}

fn categories(rows: &[KpiRow]) -> BTreeMap<KpiCategory, CategoryScore> {
    let mut out = BTreeMap::new();
    for category in rows.iter().map(|row| row.category) {
        let of_it = || rows.iter().filter(move |row| row.category == category);
        let total = Total::of(of_it().map(|row| (row.weight, row.score)));
        let known = || of_it().filter_map(|row| Some((row, row.value?)));
        let met = known().filter(|(row, value)| is_met(*value, row.target, row.better));
        let (met, measured) = (met.count() as f64, known().count() as f64);
        let score = score_of(&total);
        out.insert(
            category,
            CategoryScore {
                value: score.value,
                coverage_percent: score.coverage_percent,
                reliable: score.reliable,
                met_percent: (measured > 0.0).then(|| rounded(100.0 * met / measured)),
            },
        );
    }
    out
}
