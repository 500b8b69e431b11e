//! Audits: what matters in the first twenty seconds, then every finding.

mod fix;

use std::collections::BTreeMap;

use crate::model::audit::{
    AuditFinding, AuditReport, AuditStatus, CheckVerdict, ControlResult, FindingStatus,
    FrameworkResult, UnknownVerdict,
};
use crate::model::status::{Severity, Status};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::{fit, hang, pad, pad_left, wrap};
use crate::text::escape;
use crate::text::numbers;
use crate::text::phrases::counted;
use crate::text::times;

/// Findings that the first screen names.
const WORST: usize = 5;
/// Findings that are listed as fixed, or as not verified.
const MOST_CHANGES: usize = 20;
/// Types that were not looked at, and have a line each.
const MOST_SKIPPED: usize = 5;

/// A report.
pub fn audit(report: &AuditReport, style: &Style) -> String {
    let mut out = String::new();
    verdict(&mut out, report, style);
    table(&mut out, report, style);
    worst(&mut out, report, style);
    frameworks(&mut out, report, style);
    let mut out = style.finish(out);
    details(&mut out, report, style);
    let mut rest = String::new();
    changes(&mut rest, report, style);
    unknown(&mut rest, report, style);
    unanswered(&mut rest, report, style);
    disagreements(&mut rest, report, style);
    coverage(&mut rest, report, style);
    out.push_str(&style.finish(rest));
    out
}

/// The first screen of a report: how it stands, where, and what is most urgent.
pub fn audit_overview(report: &AuditReport, style: &Style) -> String {
    let mut out = String::new();
    verdict(&mut out, report, style);
    table(&mut out, report, style);
    worst(&mut out, report, style);
    style.finish(out)
}

fn verdict(out: &mut String, report: &AuditReport, style: &Style) {
    let summary = &report.summary;
    let status = match summary.overall_status {
        AuditStatus::Pass => Status::Healthy,
        AuditStatus::Unknown => Status::Unknown,
        AuditStatus::Warning => Status::Degraded,
        AuditStatus::Error | AuditStatus::Critical => Status::Unhealthy,
    };
    let word = style.status(status, summary.overall_status.word());
    let score = match summary.score {
        Some(score) => format!("score {} of 100", numbers::number(score)),
        None => "no score, because too little could be read".to_owned(),
    };
    line(
        out,
        &format!(
            "{word} · {} audit of {} · {score}",
            report.type_word(),
            report.environment
        ),
    );
    let (open, unknown) = (summary.all_open(), summary.unknown());
    let mut parts = vec![
        format!("{} new", summary.new),
        format!("{} fixed", summary.fixed),
        format!("{open} open"),
        format!("{unknown} unknown"),
    ];
    if summary.suppressed > 0 {
        parts.push(format!("{} suppressed", summary.suppressed));
    }
    if !report.unverified.is_empty() {
        parts.push(format!("{} not verified", report.unverified.len()));
    }
    let since = report
        .previous
        .map_or_else(String::new, |at| format!(" · since {}", times::time(at)));
    let text = format!("{}{}", parts.join(" · "), style.dim(&since));
    line(out, &text);
}

/// Severity × service, with bars.
fn table(out: &mut String, report: &AuditReport, style: &Style) {
    let mut by_service: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for one in open(report) {
        let counts = by_service.entry(one.resource.service.as_str()).or_default();
        counts[place(one.severity)] += 1;
    }
    if by_service.is_empty() {
        return;
    }
    let mut rows: Vec<(&str, [usize; 4])> = by_service.into_iter().collect();
    rows.sort_by_key(|(name, counts)| (counts.map(std::cmp::Reverse), *name));
    let most = rows
        .iter()
        .map(|(_, counts)| counts.iter().sum::<usize>())
        .max()
        .unwrap_or(1);
    line(out, "");
    let head = format!("  {}  CRITICAL    HIGH  MEDIUM     LOW", pad("SERVICE", 18));
    line(out, &style.dim(&fit(&head, style.columns())));
    let room = style.columns().saturating_sub(58).min(20);
    for (name, counts) in rows {
        let all: usize = counts.iter().sum();
        let cells = Severity::ALL.map(|severity| {
            let count = counts[place(severity)];
            let width = if severity == Severity::Critical { 8 } else { 6 };
            let text = if count == 0 {
                "·".to_owned()
            } else {
                count.to_string()
            };
            let text = pad_left(&text, width);
            if count == 0 {
                style.dim(&text)
            } else {
                style.severity(severity, &text)
            }
        });
        let bar = "█".repeat((all * room).div_ceil(most));
        line(
            out,
            &format!(
                "  {}  {}  {}",
                pad(name, 18),
                cells.join("  "),
                style.dim(&bar)
            ),
        );
    }
}

fn place(severity: Severity) -> usize {
    Severity::ALL
        .iter()
        .position(|one| *one == severity)
        .unwrap_or(0)
}

fn open(report: &AuditReport) -> impl Iterator<Item = &AuditFinding> {
    report
        .findings
        .iter()
        .filter(|one| one.status == FindingStatus::Open)
}

/// The most urgent findings, one sentence each.
fn worst(out: &mut String, report: &AuditReport, style: &Style) {
    if open(report).next().is_none() {
        return;
    }
    line(out, "");
    line(out, &style.bold("Most urgent"));
    for one in open(report).take(WORST) {
        let name = one.resource.name.terminal();
        let proof = one.evidence.first().map(|text| text.terminal());
        let proof = proof.map(|text| format!(": {text}")).unwrap_or_default();
        let mark = style.severity(one.severity, &pad(one.severity.word(), 8));
        let text = format!("{name} · {}{proof}", one.title);
        let mut shown = hang("", &text, style.columns().saturating_sub(11), 2).into_iter();
        if let Some(first) = shown.next() {
            line(out, &format!("  {mark} {first}"));
        }
        for more in shown {
            line(out, &format!("           {more}"));
        }
    }
}

fn frameworks(out: &mut String, report: &AuditReport, style: &Style) {
    if report.frameworks.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold("Frameworks"));
    for one in &report.frameworks {
        let percent = match one.passed_percent {
            Some(percent) => format!("{} %", numbers::number(percent)),
            None => "—".to_owned(),
        };
        let text = format!(
            "  {}  {}  {}",
            pad(&one.framework, 14),
            pad_left(&percent, 7),
            counts(one)
        );
        line(out, &fit(&text, style.columns()));
    }
}

fn counts(framework: &FrameworkResult) -> String {
    let order = [
        ControlResult::Passed,
        ControlResult::Failed,
        ControlResult::Unknown,
        ControlResult::NotApplicable,
        ControlResult::Attested,
        ControlResult::Manual,
    ];
    let parts = order.iter().filter_map(|result| {
        let count = framework.counts.get(result).filter(|count| **count > 0)?;
        Some(format!("{count} {}", result.words()))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Every finding, by check: what, where, why, and how to fix it. It is finished but for commands, in
/// which a word that is wider than the terminal stays whole: it is copied.
fn details(out: &mut String, report: &AuditReport, style: &Style) {
    let mut checks: Vec<&str> = Vec::new();
    for one in open(report) {
        if !checks.contains(&one.check.as_str()) {
            checks.push(&one.check);
        }
    }
    for check in checks {
        let findings: Vec<&AuditFinding> = open(report).filter(|one| one.check == check).collect();
        let Some(first) = findings.first() else {
            continue;
        };
        let mut text = String::from("\n");
        let mark = style.severity(first.severity, first.severity.word());
        line(
            &mut text,
            &format!("{mark} {}  {}", style.bold(&first.title), style.dim(check)),
        );
        lines(&mut text, indented(&first.recommendation, style));
        for one in &findings {
            resource(&mut text, one, first.severity, style);
        }
        out.push_str(&style.finish(text));
        let mut commands = String::new();
        fix::fix(&mut commands, &findings, style);
        out.push_str(&style.signs(commands));
    }
}

fn resource(out: &mut String, one: &AuditFinding, of_check: Severity, style: &Style) {
    let name = one.resource.name.terminal();
    let new = if one.is_new { " new" } else { "" };
    let place = format!("{} {}", one.resource.resource_type, one.resource.region);
    line(
        out,
        &format!("  - {name}  {}{}", style.dim(&place), style.dim(new)),
    );
    for text in &one.evidence {
        for shown in wrap(&text.terminal(), style.columns().saturating_sub(6)) {
            line(out, &format!("      {shown}"));
        }
    }
    // The heading has that of the first.
    if one.severity != of_check {
        let severity = style.severity(one.severity, one.severity.word());
        line(out, &format!("      {severity}"));
    }
    for (who, words) in [
        (&one.also_seen_by, "also seen by"),
        (&one.disputed_by, "disputed by"),
    ] {
        if !who.is_empty() {
            let text = format!("{words} {}", who.join(", "));
            for shown in wrap(&escape::terminal(&text), style.columns().saturating_sub(6)) {
                line(out, &format!("      {}", style.dim(&shown)));
            }
        }
    }
}

fn indented(text: &str, style: &Style) -> Vec<String> {
    let wrapped = wrap(text, style.columns().saturating_sub(2));
    wrapped
        .into_iter()
        .map(|text| format!("  {text}"))
        .collect()
}

fn unknown(out: &mut String, report: &AuditReport, style: &Style) {
    if report.unknown.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold("Unknown"));
    // The last lines of the report name them all.
    let skipped = &report.coverage.not_looked_at;
    let is_skipped = |one: &UnknownVerdict| {
        let mut names = one.resources.iter();
        skipped.len() > MOST_SKIPPED && names.all(|name| skipped.iter().any(|it| it == name.raw()))
    };
    let mut of_skipped: Vec<&str> = Vec::new();
    let mut by_reason: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for one in &report.unknown {
        if !is_skipped(one) {
            let because = one.because.iter().map(|text| text.terminal()).collect();
            by_reason.entry(because).or_default().push(&one.check);
        } else if !of_skipped.contains(&one.check.as_str()) {
            of_skipped.push(&one.check);
        }
    }
    if !of_skipped.is_empty() {
        let why = format!("{} types of resources were not looked at", skipped.len());
        undecided(out, &why, &of_skipped, style);
    }
    for (because, checks) in by_reason {
        undecided(out, &because.join("; "), &checks, style);
    }
}

/// Why checks came to no verdict, and the first of them.
fn undecided(out: &mut String, why: &str, checks: &[&str], style: &Style) {
    let count = counted(checks.len() as u64, "check");
    let named: Vec<&str> = checks.iter().take(3).copied().collect();
    let rest = if checks.len() > 3 { ", …" } else { "" };
    let text = format!("{why}: {count} ({}{rest})", named.join(", "));
    for shown in hang("  ? ", &text, style.columns(), 3) {
        line(out, &shown);
    }
}

/// What is fixed since the audit before, and what may still be wrong.
fn changes(out: &mut String, report: &AuditReport, style: &Style) {
    let fixed = report.fixed.iter();
    let fixed: Vec<String> = fixed
        .map(|one| {
            format!(
                "{}  {}",
                one.resource.terminal(),
                style.dim(&escape::terminal(&one.check))
            )
        })
        .collect();
    let unverified = report.unverified.iter();
    let unverified: Vec<String> = unverified
        .map(|one| {
            let seen = format!(
                "{}, last seen {}",
                escape::terminal(&one.check),
                times::time(one.last_seen)
            );
            format!("{}  {}", one.resource.terminal(), style.dim(&seen))
        })
        .collect();
    let title = "Not verified: found before, and could not be evaluated this time";
    for (title, rows) in [("Fixed", fixed), (title, unverified)] {
        if rows.is_empty() {
            continue;
        }
        line(out, "");
        line(out, &style.bold(title));
        // Places of one resource have one row.
        let mut shown: Vec<(String, usize)> = Vec::new();
        for row in rows {
            match shown.last_mut() {
                Some((last, count)) if *last == row => *count += 1,
                _ => shown.push((row, 1)),
            }
        }
        let more: usize = shown.iter().skip(MOST_CHANGES).map(|one| one.1).sum();
        for (row, count) in shown.iter().take(MOST_CHANGES) {
            let places = match count {
                1 => String::new(),
                count => format!(" ({count} places)"),
            };
            line(out, &format!("  - {row}{places}"));
        }
        if more > 0 {
            line(
                out,
                &format!("  … and {more} more (--format json lists all)"),
            );
        }
    }
}

/// Calls that did not answer and that no unknown verdict names: what they would have shown is
/// missing too.
fn unanswered(out: &mut String, report: &AuditReport, style: &Style) {
    let calls = report.silent_calls();
    if calls.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold("Did not answer"));
    for text in calls {
        for shown in hang("  ? ", &text.terminal(), style.columns(), 3) {
            line(out, &shown);
        }
    }
}

/// Where others say the opposite of a verdict that passes; a finding says it of itself.
fn disagreements(out: &mut String, report: &AuditReport, style: &Style) {
    let all = report.disagreements.iter();
    let passes: Vec<_> = all
        .filter(|one| one.verdict == CheckVerdict::Pass)
        .collect();
    if passes.is_empty() {
        return;
    }
    line(out, "");
    line(out, &style.bold("Passes here, and fails elsewhere"));
    for one in passes {
        let text = format!("{} · {} · {}", one.resource.terminal(), one.check, one.by);
        for shown in hang("  - ", &escape::terminal(&text), style.columns(), 3) {
            line(out, &shown);
        }
    }
}

/// What was looked at: without it, "nothing found" means nothing.
fn coverage(out: &mut String, report: &AuditReport, style: &Style) {
    let coverage = &report.coverage;
    let accounts: Vec<&str> = coverage.accounts.iter().map(|id| id.as_str()).collect();
    let regions: Vec<&str> = coverage.regions.iter().map(|one| one.as_str()).collect();
    line(out, "");
    let mut text = format!(
        "Looked at {} of {} in account {}, {}{}, with {}; {} of {} answered; {}.",
        counted(coverage.resources as u64, "resource"),
        counted(coverage.services.len() as u64, "service"),
        if accounts.is_empty() {
            "unknown".to_owned()
        } else {
            accounts.join(", ")
        },
        counted(regions.len() as u64, "region"),
        match regions.is_empty() {
            true => String::new(),
            false => format!(" ({})", regions.join(", ")),
        },
        counted(coverage.checks as u64, "check"),
        coverage.answered,
        counted((coverage.answered + coverage.refused) as u64, "list"),
        counted(report.api.calls, "call"),
    );
    if !coverage.not_enabled.is_empty() {
        let named: Vec<&str> = coverage
            .not_enabled
            .iter()
            .map(|one| one.as_str())
            .collect();
        text.push_str(&format!(" Not enabled: {}.", named.join(", ")));
    }
    if !coverage.not_looked_at.is_empty() {
        text.push_str(&format!(
            " Not looked at: {}.",
            coverage.not_looked_at.join(", ")
        ));
    }
    for shown in wrap(&text, style.columns()) {
        line(out, &style.dim(&shown));
    }
}
