//! The score, and the result of frameworks.

use std::collections::BTreeMap;

use crate::catalog::frameworks::{self, Control};
use crate::model::attestations::Attestation;
use crate::model::audit::{ControlResult, ControlRow, FrameworkResult};
use crate::model::status::Severity;

/// One verdict as scores count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CheckTally {
    pub(super) check: String,
    pub(super) result: TallyResult,
    pub(super) severity: Severity,
    /// Places that fail, where the check has several.
    pub(super) keys: Vec<String>,
}

/// What became of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TallyResult {
    Passed,
    Failed,
    Suppressed,
    Unknown,
    NotApplicable,
}

/// The most of the weight that may be unknown for a score to mean anything.
const MOST_UNKNOWN: f64 = 20.0;
/// What is left of a score with an open finding of the highest severity.
const CAP: f64 = 49.0;

fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Critical => 10.0,
        Severity::High => 5.0,
        Severity::Medium => 2.0,
        Severity::Low => 1.0,
    }
}

/// Returns the score, and the percentage of the weight that is unknown.
pub(super) fn score(tallies: &[CheckTally]) -> (Option<f64>, f64) {
    let of = |wanted: TallyResult| -> f64 {
        let meant = tallies.iter().filter(|one| one.result == wanted);
        meant.map(|one| weight(one.severity)).sum()
    };
    let (passed, failed) = (of(TallyResult::Passed), of(TallyResult::Failed));
    let unknown = of(TallyResult::Unknown);
    let all = passed + failed + unknown;
    if all == 0.0 {
        return (None, 0.0);
    }
    let unknown_percent = round(100.0 * unknown / all);
    if unknown_percent > MOST_UNKNOWN || passed + failed == 0.0 {
        return (None, unknown_percent);
    }
    let score = 100.0 * passed / (passed + failed);
    let is_capped = tallies
        .iter()
        .any(|one| one.result == TallyResult::Failed && one.severity == Severity::Critical);
    let score = if is_capped { score.min(CAP) } else { score };
    (Some(round(score)), unknown_percent)
}

/// One digit behind the point.
fn round(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

/// Returns how the controls of these frameworks come out. `attested` says what a person has
/// answered for a control.
pub(super) fn frameworks<'a>(
    wanted: &[String],
    tallies: &[CheckTally],
    attested: impl Fn(&str, &str) -> Option<&'a Attestation>,
) -> Vec<FrameworkResult> {
    let mut by_check: BTreeMap<&str, Vec<&CheckTally>> = BTreeMap::new();
    for tally in tallies {
        by_check
            .entry(tally.check.as_str())
            .or_default()
            .push(tally);
    }
    let known = wanted.iter().filter_map(|id| {
        let framework = frameworks::built_in().get(id.as_str())?;
        Some((id, framework))
    });
    let results = known.map(|(id, framework)| {
        let rows: Vec<ControlRow> = framework
            .controls
            .iter()
            .map(|control| {
                let attestation = attested(id, &control.id);
                ControlRow {
                    id: control.id.clone(),
                    result: result(control, &by_check, attestation.is_some()),
                    checks: control.checks.clone(),
                    attestation: attestation.cloned(),
                }
            })
            .collect();
        let mut counts = BTreeMap::new();
        for row in &rows {
            *counts.entry(row.result).or_insert(0_usize) += 1;
        }
        let count = |of: ControlResult| counts.get(&of).copied().unwrap_or(0) as f64;
        let (passed, failed) = (count(ControlResult::Passed), count(ControlResult::Failed));
        let all = passed + failed;
        FrameworkResult {
            framework: id.clone(),
            passed_percent: (all > 0.0).then(|| round(100.0 * passed / all)),
            counts,
            controls: rows,
        }
    });
    results.collect()
}

/// A control fails with any of its members, is unknown with any of them, and passes only where
/// one of them passed.
fn result(
    control: &Control,
    by_check: &BTreeMap<&str, Vec<&CheckTally>>,
    is_attested: bool,
) -> ControlResult {
    if control.checks.is_empty() {
        return match is_attested {
            true => ControlResult::Attested,
            false => ControlResult::Manual,
        };
    }
    let mut passed = false;
    let mut unknown = false;
    for named in &control.checks {
        let (check, key) = match named.split_once('#') {
            Some((check, key)) => (check, Some(key)),
            None => (named.as_str(), None),
        };
        let tallies = by_check.get(check).map_or(&[][..], Vec::as_slice);
        // What nobody evaluated is not known.
        unknown |= tallies.is_empty();
        for tally in tallies {
            match tally.result {
                TallyResult::Failed
                    if key.is_none_or(|key| tally.keys.iter().any(|it| it == key)) =>
                {
                    return ControlResult::Failed;
                }
                TallyResult::Passed | TallyResult::Failed => passed = true,
                TallyResult::Unknown => unknown = true,
                TallyResult::Suppressed | TallyResult::NotApplicable => {}
            }
        }
    }
    match (unknown, passed) {
        (true, _) => ControlResult::Unknown,
        (false, true) => ControlResult::Passed,
        (false, false) => ControlResult::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(check: &str, result: TallyResult, severity: Severity) -> CheckTally {
        CheckTally {
            check: check.to_owned(),
            result,
            severity,
            keys: Vec::new(),
        }
    }

    #[test]
    fn the_score_weighs_severities() {
        use TallyResult::{Failed, NotApplicable, Passed, Suppressed, Unknown};
        let high = |result| tally("a", result, Severity::High);
        let low = |result| tally("b", result, Severity::Low);
        let critical = |result| tally("c", result, Severity::Critical);
        for (tallies, want) in [
            (vec![], (None, 0.0)),
            (vec![high(Passed)], (Some(100.0), 0.0)),
            (vec![high(Passed), low(Failed)], (Some(83.3), 0.0)),
            (vec![high(Passed), critical(Failed)], (Some(33.3), 0.0)),
            (
                vec![critical(Passed), critical(Passed), critical(Failed)],
                (Some(49.0), 0.0),
            ),
            (vec![high(Passed), low(Unknown)], (Some(100.0), 16.7)),
            (vec![high(Passed), high(Unknown)], (None, 50.0)),
            (
                vec![high(Passed), critical(Suppressed), high(NotApplicable)],
                (Some(100.0), 0.0),
            ),
            (vec![high(Unknown)], (None, 100.0)),
        ] {
            assert_eq!(score(&tallies), want, "{tallies:?}");
        }
    }

    #[test]
    fn a_control_is_unknown_with_any_member_unless_one_failed() {
        let control = |checks: &[&str]| Control {
            id: "1".to_owned(),
            checks: checks.iter().map(|one| (*one).to_owned()).collect(),
        };
        let low = |check: &str, result| tally(check, result, Severity::Low);
        let tallies = [
            low("passes", TallyResult::Passed),
            low("fails", TallyResult::Failed),
            low("unknown", TallyResult::Unknown),
            low("elsewhere", TallyResult::NotApplicable),
            CheckTally {
                keys: vec!["one".to_owned()],
                ..low("places", TallyResult::Failed)
            },
        ];
        let mut by_check: BTreeMap<&str, Vec<&CheckTally>> = BTreeMap::new();
        for one in &tallies {
            by_check.entry(one.check.as_str()).or_default().push(one);
        }
        for (checks, want) in [
            (vec!["passes"], ControlResult::Passed),
            (vec!["passes", "fails"], ControlResult::Failed),
            (vec!["unknown", "fails"], ControlResult::Failed),
            (vec!["unknown", "passes"], ControlResult::Unknown),
            (vec!["elsewhere"], ControlResult::NotApplicable),
            (vec!["elsewhere", "passes"], ControlResult::Passed),
            (vec!["never-evaluated", "passes"], ControlResult::Unknown),
            (vec!["places#one"], ControlResult::Failed),
            (vec!["places#two"], ControlResult::Passed),
            (vec![], ControlResult::Manual),
        ] {
            assert_eq!(
                result(&control(&checks), &by_check, false),
                want,
                "{checks:?}"
            );
        }
        assert_eq!(
            result(&control(&[]), &by_check, true),
            ControlResult::Attested
        );
    }

    #[test]
    fn frameworks_name_checks_that_there_are() {
        let checks = crate::core::audit::tests::built_in();
        for (id, framework) in frameworks::built_in() {
            for named in framework
                .controls
                .iter()
                .flat_map(|control| &control.checks)
            {
                let check = named.split('#').next().unwrap_or_default();
                assert!(checks.get(check).is_some(), "{id}: {named}");
            }
        }
        let cis = &frameworks::built_in()["cis-aws-7.0"];
        let manual = cis
            .controls
            .iter()
            .filter(|one| one.checks.is_empty())
            .count();
        assert_eq!((cis.controls.len(), manual), (70, 36));
    }
}
