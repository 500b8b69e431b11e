//! What a plan needs and what its identity may do, as tables.

use crate::model::preflight::{GrantProposal, NeededAction, PreflightReport};
use crate::text::escape;

/// The whole report.
pub fn preflight(report: &PreflightReport) -> String {
    let mut out = String::from("# Permissions that the plan needs\n\n");
    let whose = match &report.identity {
        Some(identity) => identity.markdown_code(),
        None => "The policies of the files".to_owned(),
    };
    out.push_str(&format!(
        "{whose}: {} needed, {} allowed, {} missing, {} unknown.\n",
        report.needed.len(),
        report.allowed.len(),
        report.missing.len(),
        report.unknown.len(),
    ));
    if !report.missing.is_empty() {
        out.push_str("\n## Missing\n\n| action | on | why | a grant |\n|---|---|---|---|\n");
    }
    for one in &report.missing {
        let helps = if one.grant_helps {
            "helps"
        } else {
            "does not help"
        };
        let because = escape::markdown(one.because.raw());
        out.push_str(&format!("{} {because} | {helps} |\n", cells(&one.needed)));
    }
    if !report.unknown.is_empty() {
        out.push_str("\n## Unknown\n\n| what | on | why |\n|---|---|---|\n");
    }
    for one in &report.unknown {
        let because = escape::markdown(one.because.raw());
        let what = match (&one.needed, &one.resource_type) {
            (Some(needed), _) => cells(needed),
            (None, Some(of)) => format!("| {} | |", of.markdown_code()),
            (None, None) => "| | |".to_owned(),
        };
        out.push_str(&format!("{what} {because} |\n"));
    }
    if let Some(grant) = &report.grant {
        out.push_str("\n## Grant\n\n");
        proposal(&mut out, grant);
    }
    out
}

pub(super) fn proposal(out: &mut String, grant: &GrantProposal) {
    for way in &grant.escalations {
        let way = escape::markdown(way);
        out.push_str(&format!("- **Do not grant this as it is:** {way}\n"));
    }
    for note in &grant.notes {
        out.push_str(&format!("- {}\n", escape::markdown(note)));
    }
    if !grant.escalations.is_empty() || !grant.notes.is_empty() {
        out.push('\n');
    }
    let policy = serde_json::to_string_pretty(&grant.policy).expect("a JSON value can be written");
    out.push_str(&escape::markdown_fence(&policy));
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

fn cells(needed: &NeededAction) -> String {
    format!(
        "| `{}` | {} |",
        needed.action,
        needed.resource.markdown_code()
    )
}
