//! The symptom: which indicator of the resource is off, and since when.

use jiff::Timestamp;

use crate::core::investigate::cause::Measure;
use crate::core::investigate::figures::{Figures, Missed, missed};
use crate::core::investigate::lookback::Lookback;
use crate::core::investigate::signatures::SceneReading;

/// Seconds by which the beginning of a problem is uncertain where only a run noticed it.
const NOTICED_WITHIN: i64 = 900;

/// What is wrong with the resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SymptomFound {
    /// What people call it.
    pub(super) title: String,
    /// The indicator, where it is one.
    pub(super) indicator: Option<String>,
    /// When it missed its target.
    pub(super) missed: Option<Missed>,
    /// When it began; where nothing is wrong, when it was asked about.
    pub(super) began: Timestamp,
    /// How many seconds it may have begun earlier or later.
    pub(super) uncertain_seconds: i64,
    /// Whether anything is wrong.
    pub(super) is_wrong: bool,
    /// Whether it is known whether anything is.
    pub(super) is_known: bool,
}

impl SymptomFound {
    /// How many spreads it is off what is usual, where that is known.
    pub(super) fn deviation(&self) -> Option<f64> {
        let deviation = self.missed.as_ref()?.deviation?;
        Some((deviation * 100.0).round() / 100.0)
    }

    /// In which way users feel it.
    pub(super) fn measure(&self) -> Measure {
        let slow = ["latency", "duration", "seconds"];
        let id = self.indicator.as_deref().unwrap_or_default();
        match slow.iter().any(|word| id.contains(word)) {
            true => Measure::Latency,
            false => Measure::Availability,
        }
    }
}

/// Finds the symptom: that of the issue, or the indicator that is furthest from its target.
pub(super) fn find(input: &Lookback<'_>, figures: &[Figures]) -> SymptomFound {
    let none = Figures::default();
    let own = figures.first().unwrap_or(&none);
    let window = input.snapshot.window;
    let until = window.end;
    let of_issue = input.issue.and_then(|issue| {
        let id = issue.check.rsplit('/').next().unwrap_or(&issue.check);
        Some((
            id.to_owned(),
            missed(own, id, issue.last_seen_at.max(issue.detected_at))?,
        ))
    });
    let found = of_issue.or_else(|| match input.issue {
        Some(_) => None,
        None => worst(own, until),
    });
    if let Some((id, missed)) = found {
        let uncertain_seconds = match is_momentary(own, &id) {
            true => NOTICED_WITHIN,
            false => i64::from(window.period_seconds),
        };
        return SymptomFound {
            title: title(own, &id),
            indicator: Some(id),
            missed: Some(missed),
            began: missed.began,
            uncertain_seconds,
            is_wrong: true,
            is_known: true,
        };
    }
    if let Some(issue) = input.issue {
        return SymptomFound {
            title: title(own, &issue.check),
            indicator: None,
            missed: None,
            began: issue.detected_at,
            uncertain_seconds: NOTICED_WITHIN,
            is_wrong: true,
            is_known: true,
        };
    }
    SymptomFound {
        title: "health".to_owned(),
        indicator: None,
        missed: None,
        began: input.now,
        uncertain_seconds: i64::from(window.period_seconds),
        is_wrong: false,
        is_known: own
            .targets
            .keys()
            .any(|id| own.all.get(id).and_then(SceneReading::known).is_some()),
    }
}

/// Whether only the last moment is known of an indicator.
fn is_momentary(figures: &Figures, id: &str) -> bool {
    let rows = figures.all.get(id).and_then(SceneReading::known);
    let before = figures.before.get(id).is_none_or(Vec::is_empty);
    before && rows.is_some_and(|figure| figure.rows.len() == 1)
}

fn title(figures: &Figures, id: &str) -> String {
    match figures.all.get(id).and_then(SceneReading::known) {
        Some(figure) => figure.title.clone(),
        None => id.replace('_', " "),
    }
}

/// The indicator that is furthest from its target; of several, the one that users feel first.
fn worst(figures: &Figures, until: Timestamp) -> Option<(String, Missed)> {
    let all = figures.targets.keys();
    let found = all.filter_map(|id| Some((id.clone(), missed(figures, id, until)?)));
    found.max_by(|a, b| {
        let times = a.1.times.total_cmp(&b.1.times);
        times.then_with(|| b.0.cmp(&a.0))
    })
}
