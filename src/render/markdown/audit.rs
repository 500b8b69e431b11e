//! Audits as a page.

use std::collections::BTreeMap;

use crate::model::audit::{AuditFinding, AuditReport, FindingStatus};
use crate::model::status::Severity;
use crate::text::escape;
use crate::text::numbers;
use crate::text::times;

/// A report.
pub fn audit(report: &AuditReport) -> String {
    let mut out = format!(
        "# {} audit of {}\n\n",
        capital(report.type_word()),
        report.environment
    );
    let summary = &report.summary;
    let score = match summary.score {
        Some(score) => format!("score {} of 100", numbers::number(score)),
        None => "no score, because too little could be read".to_owned(),
    };
    let (open, unknown) = (summary.all_open(), summary.unknown());
    out.push_str(&format!(
        "**{}** · {score}\n\n",
        summary.overall_status.word()
    ));
    out.push_str(&format!(
        "{} new · {} fixed · {open} open · {unknown} unknown · {} suppressed{}\n\n",
        summary.new,
        summary.fixed,
        summary.suppressed,
        report.previous.map_or_else(String::new, |at| {
            format!(" · since {}", times::time(at))
        })
    ));
    table(&mut out, report);
    frameworks(&mut out, report);
    findings(&mut out, report);
    suppressed(&mut out, report);
    changes(&mut out, report);
    unknown_section(&mut out, report);
    unanswered(&mut out, report);
    disagreements(&mut out, report);
    coverage(&mut out, report);
    if let Some(cost) = &report.cost {
        out.push('\n');
        out.push_str(&super::cost(cost, &report.environment));
    }
    out
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

fn with_status(report: &AuditReport, status: FindingStatus) -> Vec<&AuditFinding> {
    report
        .findings
        .iter()
        .filter(|one| one.status == status)
        .collect()
}

fn table(out: &mut String, report: &AuditReport) {
    let mut by_service: BTreeMap<&str, BTreeMap<Severity, usize>> = BTreeMap::new();
    for one in with_status(report, FindingStatus::Open) {
        let counts = by_service.entry(one.resource.service.as_str()).or_default();
        *counts.entry(one.severity).or_insert(0) += 1;
    }
    if by_service.is_empty() {
        return;
    }
    out.push_str(
        "| Service | Critical | High | Medium | Low |\n| --- | ---: | ---: | ---: | ---: |\n",
    );
    for (name, counts) in by_service {
        let cells = Severity::ALL.map(|severity| match counts.get(&severity) {
            Some(count) => count.to_string(),
            None => String::new(),
        });
        out.push_str(&format!(
            "| {} | {} |\n",
            escape::markdown(name),
            cells.join(" | ")
        ));
    }
    out.push('\n');
}

fn frameworks(out: &mut String, report: &AuditReport) {
    if report.frameworks.is_empty() {
        return;
    }
    out.push_str("## Frameworks\n\n| Framework | Passed | Controls |\n| --- | ---: | --- |\n");
    for one in &report.frameworks {
        let percent = one.passed_percent.map_or_else(
            || "—".to_owned(),
            |percent| format!("{} %", numbers::number(percent)),
        );
        let counts: Vec<String> = one
            .counts
            .iter()
            .map(|(result, count)| format!("{count} {}", result.words()))
            .collect();
        out.push_str(&format!(
            "| {} | {percent} | {} |\n",
            one.framework,
            counts.join(", ")
        ));
    }
    out.push('\n');
    attestations(out, report);
}

/// What people said of controls that no check evaluates.
fn attestations(out: &mut String, report: &AuditReport) {
    let mut any = false;
    for framework in &report.frameworks {
        for row in &framework.controls {
            let Some(said) = &row.attestation else {
                continue;
            };
            any = true;
            let evidence = said.evidence.as_ref().map(|text| text.markdown());
            let evidence = evidence
                .map(|text| format!(" ({text})"))
                .unwrap_or_default();
            out.push_str(&format!(
                "- {} {}: {} — {}, {}, until {}{evidence}\n",
                framework.framework,
                escape::markdown(&row.id),
                said.statement.markdown(),
                said.by.markdown(),
                said.date,
                said.until,
            ));
        }
    }
    if any {
        out.push('\n');
    }
}

fn findings(out: &mut String, report: &AuditReport) {
    let open = with_status(report, FindingStatus::Open);
    for severity in Severity::ALL {
        let of_level: Vec<&&AuditFinding> =
            open.iter().filter(|one| one.severity == severity).collect();
        if of_level.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "## {} ({})\n\n",
            capital(&severity.word().to_lowercase()),
            of_level.len()
        ));
        for one in of_level {
            finding(out, one);
        }
    }
}

fn finding(out: &mut String, one: &AuditFinding) {
    let new = if one.is_new { " · new" } else { "" };
    out.push_str(&format!(
        "### {}: {}\n\n`{}` · {} · `{}`{new}\n\n",
        escape::markdown(&one.title),
        one.resource.name.markdown(),
        one.resource.resource_type,
        one.resource.region,
        one.check,
    ));
    for text in &one.evidence {
        out.push_str(&format!("- {}\n", text.markdown()));
    }
    for (who, words) in [
        (&one.also_seen_by, "Also seen by"),
        (&one.disputed_by, "Disputed by"),
    ] {
        if !who.is_empty() {
            out.push_str(&format!(
                "- {words} {}\n",
                escape::markdown(&who.join(", "))
            ));
        }
    }
    if !one.evidence.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{}\n\n", escape::markdown(&one.recommendation)));
    out.push_str("<details><summary>How to fix it</summary>\n\n");
    out.push_str(&escape::markdown_fence(&one.remediation.terraform));
    out.push('\n');
    if let Some(command) = &one.remediation.command {
        out.push_str(&escape::markdown_fence(command.raw()));
        out.push('\n');
    }
    if let Some(breaks) = &one.remediation.breaks {
        out.push_str(&format!(
            "May stop working: {}\n\n",
            escape::markdown(breaks)
        ));
    }
    if !one.remediation.references.is_empty() {
        let links = one.remediation.references.iter();
        let links: Vec<String> = links.map(|url| format!("<{url}>")).collect();
        out.push_str(&format!("Read more: {}\n\n", links.join(", ")));
    }
    out.push_str("</details>\n\n");
}

fn suppressed(out: &mut String, report: &AuditReport) {
    let all = with_status(report, FindingStatus::Suppressed);
    if all.is_empty() {
        return;
    }
    out.push_str(&format!(
        "## Suppressed ({})\n\n| Finding | Resource | Why |\n| --- | --- | --- |\n",
        all.len()
    ));
    for one in all {
        let why = one.suppressed_because.as_ref().map(|text| text.markdown());
        out.push_str(&format!(
            "| {} | {} | {} |\n",
            escape::markdown(&one.title),
            one.resource.name.markdown(),
            why.unwrap_or_default(),
        ));
    }
    out.push('\n');
}

/// What is fixed since the audit before, and what may still be wrong.
fn changes(out: &mut String, report: &AuditReport) {
    if !report.fixed.is_empty() {
        out.push_str(&format!("## Fixed ({})\n\n", report.fixed.len()));
        for one in &report.fixed {
            out.push_str(&format!(
                "- {} ({})\n",
                one.resource.markdown(),
                escape::markdown(&one.check)
            ));
        }
        out.push('\n');
    }
    if !report.unverified.is_empty() {
        out.push_str(&format!(
            "## Not verified ({})\n\n",
            report.unverified.len()
        ));
        out.push_str("Found before, and could not be evaluated this time.\n\n");
        for one in &report.unverified {
            out.push_str(&format!(
                "- {} ({}), last seen {}\n",
                one.resource.markdown(),
                escape::markdown(&one.check),
                times::time(one.last_seen)
            ));
        }
        out.push('\n');
    }
}

/// Calls that did not answer and that no unknown verdict names.
fn unanswered(out: &mut String, report: &AuditReport) {
    let calls = report.silent_calls();
    if calls.is_empty() {
        return;
    }
    out.push_str("## Did not answer\n\n");
    for text in calls {
        out.push_str(&format!("- {}\n", text.markdown()));
    }
    out.push('\n');
}

/// Where Security Hub or AWS Config says the opposite.
fn disagreements(out: &mut String, report: &AuditReport) {
    if report.disagreements.is_empty() {
        return;
    }
    out.push_str("## Disagreements\n\n");
    out.push_str("| Resource | Check | Here | Elsewhere | By |\n| --- | --- | --- | --- | --- |\n");
    for one in &report.disagreements {
        out.push_str(&format!(
            "| {} | `{}` | {} | {} | {} |\n",
            one.resource.markdown(),
            one.check,
            one.verdict,
            one.theirs,
            escape::markdown(&one.by)
        ));
    }
    out.push('\n');
}

fn unknown_section(out: &mut String, report: &AuditReport) {
    if report.unknown.is_empty() {
        return;
    }
    out.push_str("## Unknown\n\n| Check | Resources | Why |\n| --- | --- | --- |\n");
    for one in &report.unknown {
        let named: Vec<String> = one
            .resources
            .iter()
            .take(5)
            .map(|name| name.markdown())
            .collect();
        let more = one.resources.len().saturating_sub(named.len());
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let because: Vec<String> = one.because.iter().map(|text| text.markdown()).collect();
        out.push_str(&format!(
            "| `{}` | {}{rest} | {} |\n",
            one.check,
            named.join(", "),
            because.join("; ")
        ));
    }
    out.push('\n');
}

fn coverage(out: &mut String, report: &AuditReport) {
    let coverage = &report.coverage;
    let join = |all: &[String]| all.join(", ");
    let accounts: Vec<String> = coverage.accounts.iter().map(ToString::to_string).collect();
    let regions: Vec<String> = coverage.regions.iter().map(ToString::to_string).collect();
    let off: Vec<String> = coverage
        .not_enabled
        .iter()
        .map(ToString::to_string)
        .collect();
    out.push_str("## Scope\n\n| | |\n| --- | --- |\n");
    for (name, value) in [
        ("Accounts", join(&accounts)),
        ("Regions", join(&regions)),
        ("Regions that are not enabled", join(&off)),
        ("Services", join(&coverage.services)),
        ("Not looked at", join(&coverage.not_looked_at)),
        ("Resources", coverage.resources.to_string()),
        ("Checks", coverage.checks.to_string()),
        (
            "Lists that answered",
            format!(
                "{} of {}",
                coverage.answered,
                coverage.answered + coverage.refused
            ),
        ),
        ("Calls", report.api.calls.to_string()),
    ] {
        if !value.is_empty() {
            out.push_str(&format!("| {name} | {} |\n", escape::markdown(&value)));
        }
    }
}
