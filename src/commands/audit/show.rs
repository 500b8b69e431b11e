//! What `audit` prints: reports.

use crate::app::formats::FindingFormat;
use crate::catalog::checks::Check;
use crate::catalog::frameworks;
use crate::catalog::registry::Registry;
use crate::error::CommandError;
use crate::model::audit::{AuditFinding, AuditReport, FindingStatus};
use crate::render::sarif::{SarifResult, SarifRule, SarifRun, sarif};
use crate::render::text::Style;
use crate::render::{json, markdown, text};
use crate::text::Untrusted;

/// Reports of one environment or several.
pub(super) fn reports(
    checks: &Registry<Check>,
    reports: &[AuditReport],
    format: FindingFormat,
    style: &Style,
) -> Result<String, CommandError> {
    match (format, reports) {
        (FindingFormat::Json, [only]) => json::pretty(only).map_err(CommandError::bug),
        (FindingFormat::Json, all) => json::pretty(&all).map_err(CommandError::bug),
        (FindingFormat::Text, all) => {
            let each: Vec<String> = all
                .iter()
                .map(|report| text::audit(report, style))
                .collect();
            Ok(each.join("\n"))
        }
        (FindingFormat::Markdown, all) => {
            let each: Vec<String> = all.iter().map(markdown::audit).collect();
            Ok(each.join("\n"))
        }
        (FindingFormat::Sarif, all) => {
            json::pretty(&sarif(&run(checks, all))).map_err(CommandError::bug)
        }
    }
}

pub(super) fn run(checks: &Registry<Check>, reports: &[AuditReport]) -> SarifRun<'static> {
    let names: Vec<&str> = reports.iter().map(|one| one.environment.as_str()).collect();
    let results = reports.iter().flat_map(|report| {
        let each = report.findings.iter();
        each.map(|one| result(report, one))
    });
    SarifRun {
        version: env!("CARGO_PKG_VERSION"),
        category: format!("fractary-audit/{}", names.join("+")),
        rules: checks.iter().map(rule).collect(),
        results: results.collect(),
    }
}

fn rule(check: &Check) -> SarifRule {
    SarifRule {
        id: check.id.clone(),
        title: check.form.title.clone(),
        why: check.form.why.clone(),
        help: check.form.fix.terraform.clone(),
        severity: check.form.severity,
        tags: frameworks::controls_of(&check.id),
    }
}

/// A finding, placed at the registry of its environment: what is live has no line of its own.
fn result(report: &AuditReport, one: &AuditFinding) -> SarifResult {
    let mut message = format!("{}: {}", one.resource.name.raw(), one.title);
    for sentence in &one.evidence {
        message.push_str(&format!("\n{}", sentence.raw()));
    }
    let suppressed = one.status == FindingStatus::Suppressed;
    let because = suppressed.then(|| one.suppressed_because.clone().unwrap_or_default());
    SarifResult {
        rule: one.check.clone(),
        fingerprint: one.id.clone(),
        severity: one.severity,
        message: Untrusted::from(message),
        file: format!(
            ".fractary/plugins/faber-cloud/deployments/{}/registry.json",
            report.environment
        ),
        line: 1,
        suppressed_because: because,
    }
}
