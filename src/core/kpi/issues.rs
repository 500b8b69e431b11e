//! What of key figures is an issue. A figure that could not be measured neither opens nor ends
//! one, whatever it was.

use crate::model::finding::{Checks, CleanReason, Examination, Finding};
use crate::model::ids::{DomainName, InvalidId, Region, SourceName};
use crate::model::issue::Impact;
use crate::model::kpi_report::{KpiAlert, KpiAlertKind, KpiReport, KpiRow};
use crate::model::subject::{Subject, SubjectRef};
use crate::text::Untrusted;

/// What is examined.
pub struct KpiExamineInput<'a> {
    /// The report.
    pub report: &'a KpiReport,
    /// The domain of the environment's resources.
    pub domain: &'a DomainName,
    /// Consecutive collections that it takes to open an issue.
    pub open_after: u32,
}

/// Examines a report.
///
/// # Errors
/// Where a constant is no name, which tests rule out.
pub fn examine(input: &KpiExamineInput<'_>) -> Result<Examination, InvalidId> {
    let report = input.report;
    let environment = report.environment.clone();
    let subject = Subject::Environment(environment.clone());
    let about = SubjectRef {
        name: Untrusted::from(environment.as_str()),
        subject: subject.clone(),
        kind: "environment".to_owned(),
        region: Region::new("global")?,
    };
    let source = SourceName::new("kpi")?;
    let mut out = Examination::new(source, input.domain.clone(), environment);
    // What kpis.toml no longer has is over.
    out.mark_clean(
        &subject,
        Checks::StartingWith("kpi_".to_owned()),
        CleanReason::NotChecked,
    );
    for row in &report.kpis {
        for kind in [KpiAlertKind::TargetMiss, KpiAlertKind::RapidDegradation] {
            let check = Checks::Only(check(kind, Some(&row.name)));
            match row.value {
                Some(_) => out.mark_clean(&subject, check, CleanReason::Healthy),
                None => out.mark_unknown(&subject, check),
            }
        }
    }
    for kind in [KpiAlertKind::LowScore, KpiAlertKind::UnreliableScore] {
        let check = Checks::Only(check(kind, None));
        // Little was measured: that the score is low is then neither known nor over.
        match kind == KpiAlertKind::LowScore && !report.score.reliable {
            true => out.mark_unknown(&subject, check),
            false => out.mark_clean(&subject, check, CleanReason::Healthy),
        }
    }
    out.findings = report
        .alerts
        .iter()
        .map(|alert| finding(input, alert, &about))
        .collect();
    Ok(out)
}

/// The name of a check: the same on every run.
fn check(kind: KpiAlertKind, kpi: Option<&str>) -> String {
    let word = match kind {
        KpiAlertKind::TargetMiss => "kpi_target",
        KpiAlertKind::RapidDegradation => "kpi_degradation",
        KpiAlertKind::LowScore => "kpi_score",
        KpiAlertKind::UnreliableScore => "kpi_coverage",
    };
    match kpi {
        Some(name) => format!("{word}/{name}"),
        None => word.to_owned(),
    }
}

fn finding(input: &KpiExamineInput<'_>, alert: &KpiAlert, about: &SubjectRef) -> Finding {
    let report = input.report;
    let row = report
        .kpis
        .iter()
        .find(|row| Some(&row.name) == alert.kpi.as_ref());
    let name = &report.environment;
    Finding {
        about: about.clone(),
        check: check(alert.kind, alert.kpi.as_deref()),
        severity: alert.severity,
        title: alert.message.clone(),
        evidence: evidence(report, row),
        recommendation: vec![
            Untrusted::new(format!("fractary kpi --env {name}")),
            Untrusted::new(format!("fractary optimize analyze --env {name}")),
        ],
        impact: Impact::default(),
        slo_breach: false,
        seen: match (alert.kind, row) {
            (KpiAlertKind::TargetMiss, Some(row)) => consecutive_misses(row),
            // What fell fast is news at once, and so is that nothing can be said.
            _ => input.open_after,
        },
    }
}

fn evidence(report: &KpiReport, row: Option<&KpiRow>) -> Vec<Untrusted> {
    let Some(row) = row else {
        let missing = report
            .kpis
            .iter()
            .filter_map(|row| Some((row, row.reason.as_ref()?)));
        return missing
            .map(|(row, reason)| Untrusted::new(format!("{}: {}", row.name, reason.raw())))
            .collect();
    };
    let mut out = vec![Untrusted::new(format!("measured by {}", row.source))];
    out.extend(row.score_if_met.map(|met| {
        let lost = crate::text::numbers::number(row.points_lost);
        let met = crate::text::numbers::number(met);
        Untrusted::new(format!(
            "takes {lost} points from the score; if only it met its target: {met}"
        ))
    }));
    out.push(Untrusted::new(format!("trend: {}", row.trend.word())));
    out
}

/// Collections in a row that missed the target, this one included; one that measured nothing
/// neither counts nor ends the row.
fn consecutive_misses(row: &KpiRow) -> u32 {
    let known = row.history.iter().rev().flatten();
    let missed =
        known.take_while(|value| !crate::core::kpi::score::is_met(**value, row.target, row.better));
    u32::try_from(missed.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::kpi::report::KpiInput;
    use crate::model::ids::EnvironmentName;
    use crate::model::kpi::Kpis;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn report(values: &[(&str, Option<f64>)]) -> KpiReport {
        let each = values.iter().map(|(name, _)| {
            json!({ "name": name, "category": "backend", "unit": "count", "better": "lower",
                "target": 10, "priority": 1, "source": { "delivery": "lead_time_hours" } })
        });
        let document = json!({ "kpi": each.collect::<Vec<_>>() });
        let kpis: Kpis = serde_json::from_value(document).expect("kpis.toml");
        let measured = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.ok_or_else(|| "denied".into())))
            .collect();
        let environment = EnvironmentName::new("prod").expect("a name");
        KpiInput {
            environment: &environment,
            at: "2026-12-01T12:00:00Z".parse().expect("a time"),
            kpis: &kpis.kpis,
            measured: &measured,
            sources: &BTreeMap::new(),
            history: None,
            delivery: None,
        }
        .report()
    }

    fn examined(values: &[(&str, Option<f64>)]) -> Examination {
        let report = report(values);
        examine(&KpiExamineInput {
            report: &report,
            domain: &DomainName::new("infrastructure").expect("a name"),
            open_after: 1,
        })
        .expect("constants are names")
    }

    #[test]
    fn what_was_not_measured_neither_opens_nor_ends_an_issue() {
        let out = examined(&[("a", Some(20.0)), ("b", None)]);
        let found: Vec<&str> = out.findings.iter().map(|one| one.check.as_str()).collect();
        assert_eq!(found, ["kpi_coverage", "kpi_target/a"]);
        assert!(
            out.findings[0]
                .title
                .raw()
                .contains("unreliable (50 % coverage)")
        );
        let unknown: Vec<&Checks> = out.unknown.iter().map(|one| &one.checks).collect();
        for check in ["kpi_target/b", "kpi_degradation/b", "kpi_score"] {
            assert!(
                unknown.contains(&&Checks::Only(check.to_owned())),
                "{check}"
            );
        }
        assert!(!unknown.iter().any(|one| one.contains("kpi_target/a")));
        // All measured, and well: nothing is unknown, and everything is clean.
        let well = examined(&[("a", Some(10.0))]);
        assert!(well.findings.is_empty() && well.unknown.is_empty());
        assert_eq!(well.clean.len(), 5);
    }
}
