//! What `audit` prints: reports.

use std::collections::BTreeSet;

use crate::app::audit::is_unseen;
use crate::app::audit::places::Places;
use crate::app::formats::FindingFormat;
use crate::catalog::checks::Check;
use crate::catalog::frameworks;
use crate::catalog::registry::Registry;
use crate::error::CommandError;
use crate::model::audit::{AuditFinding, AuditReport, FindingStatus};
use crate::model::receipt::Receipt;
use crate::render::sarif::{SarifResult, SarifRule, SarifRun, sarif};
use crate::render::text::Style;
use crate::render::{json, markdown, text};
use crate::text::Untrusted;

/// Reports, with what they need to be shown.
pub(super) struct Shown<'a> {
    pub(super) registry: &'a Registry<Check>,
    /// One an environment.
    pub(super) reports: &'a [AuditReport],
    /// What reading the costs of each cost, where they were read.
    pub(super) receipts: &'a [Option<Receipt>],
    /// Where in the repository findings are, for code scanning.
    pub(super) places: &'a Places,
}

impl Shown<'_> {
    /// Reports of one environment or several.
    pub(super) fn text(
        &self,
        format: FindingFormat,
        style: &Style,
    ) -> Result<String, CommandError> {
        match (format, self.reports) {
            (FindingFormat::Json, [only]) => json::pretty(only).map_err(CommandError::bug),
            (FindingFormat::Json, all) => json::pretty(&all).map_err(CommandError::bug),
            (FindingFormat::Text, all) => {
                let each = all.iter().zip(self.receipts).map(|(report, receipt)| {
                    let findings = text::audit(report, style);
                    match &report.cost {
                        None => findings,
                        Some(cost) => {
                            let name = &report.environment;
                            let cost = text::cost(cost, receipt.as_ref(), name, style);
                            format!("{findings}\n{cost}")
                        }
                    }
                });
                Ok(each.collect::<Vec<_>>().join("\n"))
            }
            (FindingFormat::Markdown, all) => {
                let each: Vec<String> = all.iter().map(markdown::audit).collect();
                Ok(each.join("\n"))
            }
            (FindingFormat::Sarif, all) => {
                json::pretty(&sarif(&run(self.registry, all, self.places)))
                    .map_err(CommandError::bug)
            }
        }
    }
}

/// The rules alone, as a run without results.
pub(crate) fn rules(checks: &Registry<Check>) -> SarifRun<'static> {
    run(checks, &[], &Places::default())
}

fn run(checks: &Registry<Check>, reports: &[AuditReport], places: &Places) -> SarifRun<'static> {
    let names: Vec<&str> = reports.iter().map(|one| one.environment.as_str()).collect();
    let results = reports.iter().flat_map(|report| {
        let each = report.findings.iter();
        each.map(|one| result(report, one, places))
    });
    SarifRun {
        version: env!("CARGO_PKG_VERSION"),
        category: format!("fractary-audit/{}", names.join("+")),
        rules: checks.iter().map(rule).collect(),
        results: results.collect(),
        gaps: gaps(reports),
        is_blind: reports.iter().any(is_unseen),
        is_security: true,
    }
}

/// Calls that did not answer, each reason once.
fn gaps(reports: &[AuditReport]) -> Vec<Untrusted> {
    let each = reports.iter().flat_map(|report| {
        let name = &report.environment;
        let errors = report.errors.iter();
        errors.map(move |gap| format!("{name}: {}", gap.sentence()))
    });
    let each: BTreeSet<String> = each.collect();
    each.into_iter().map(Untrusted::from).collect()
}

fn rule(check: &Check) -> SarifRule {
    SarifRule {
        id: check.id.clone(),
        title: check.form.title.clone(),
        why: check.form.why.clone(),
        help: help(check),
        help_uri: check.form.references.first().cloned(),
        severity: check.form.severity,
        tags: frameworks::controls_of(&check.id),
    }
}

/// How to fix it, in Terraform and at the command line, and where to read on.
fn help(check: &Check) -> String {
    let fix = &check.form.fix;
    let mut out = fix.terraform.trim_end().to_owned();
    for more in fix.cli.iter().chain(&check.form.references) {
        out.push_str(&format!("\n\n{}", more.trim_end()));
    }
    out
}

/// A finding, where the repository has a line for its resource.
fn result(report: &AuditReport, one: &AuditFinding, places: &Places) -> SarifResult {
    let place = places.find(&report.environment, one);
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
        file: place.file,
        line: place.line,
        columns: None,
        suppressed_because: because,
    }
}
