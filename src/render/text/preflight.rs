//! What a plan needs and what its identity may do: what is missing first.

use crate::model::preflight::{
    CheckedAction, GrantProposal, NeededAction, PreflightReport, UnknownNeed,
};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::hang;
use crate::text::escape;
use crate::text::phrases::counted;

/// The whole report.
pub fn preflight(report: &PreflightReport, style: &Style) -> String {
    let mut out = String::new();
    let columns = style.columns();
    let whose = match &report.identity {
        Some(identity) => identity.terminal(),
        None => "the policies of the files".to_owned(),
    };
    let what = format!(
        "{} needed: {} allowed, {} missing, {} unknown",
        counted(report.needed.len() as u64, "permission"),
        report.allowed.len(),
        report.missing.len(),
        report.unknown.len(),
    );
    lines(&mut out, hang("PREFLIGHT ", &what, columns, usize::MAX));
    lines(&mut out, hang("identity  ", &whose, columns, usize::MAX));
    if !report.missing.is_empty() {
        line(&mut out, "\nMISSING");
    }
    for one in &report.missing {
        missing(&mut out, one, columns);
    }
    if !report.unknown.is_empty() {
        line(&mut out, "\nUNKNOWN");
    }
    for one in &report.unknown {
        unknown(&mut out, one, columns);
    }
    let mut out = style.finish(out);
    if let Some(grant) = &report.grant {
        out.push_str("\nGRANT\n");
        proposal(&mut out, grant, style);
    }
    out
}

fn missing(out: &mut String, one: &CheckedAction, columns: usize) {
    line(out, &format!("  {}", one.needed.action));
    lines(out, hang("      ", &on(&one.needed), columns, usize::MAX));
    let mut because = one.because.terminal();
    if !one.grant_helps {
        because.push_str("; a grant does not help");
    }
    lines(out, hang("      ", &because, columns, usize::MAX));
}

fn on(needed: &NeededAction) -> String {
    let phases: Vec<&str> = needed.phases.iter().map(|one| one.word()).collect();
    let first = needed
        .addresses
        .first()
        .map(|one| one.terminal())
        .unwrap_or_default();
    let more = match needed.addresses.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!(
        "on {} (to {} {first}{more})",
        needed.resource.terminal(),
        phases.join(", ")
    )
}

fn unknown(out: &mut String, one: &UnknownNeed, columns: usize) {
    match (&one.needed, &one.resource_type) {
        (Some(needed), _) => {
            line(out, &format!("  {}", needed.action));
            lines(out, hang("      ", &on(needed), columns, usize::MAX));
        }
        (None, Some(of)) => lines(out, hang("  ", &of.terminal(), columns, usize::MAX)),
        (None, None) => {}
    }
    let because = one.because.terminal();
    lines(out, hang("      ", &because, columns, usize::MAX));
}

/// Adds a grant to a finished text. Its policy is never wrapped: people copy it.
pub(super) fn proposal(out: &mut String, grant: &GrantProposal, style: &Style) {
    let columns = style.columns();
    let mut words = String::new();
    for way in &grant.escalations {
        let text = format!("do not grant this as it is: {}", escape::terminal(way));
        lines(&mut words, hang("  ", &text, columns, usize::MAX));
    }
    for note in &grant.notes {
        lines(&mut words, hang("  ", note, columns, usize::MAX));
    }
    out.push_str(&style.finish(words));
    let policy = serde_json::to_string_pretty(&grant.policy).expect("a JSON value can be written");
    out.push_str(&escape::terminal_lines(&policy));
    out.push('\n');
}
