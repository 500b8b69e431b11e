//! What would have to be granted for what was denied.

use crate::model::denied_grant::{DeniedGrantReport, RefusedGrant};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::hang;
use crate::render::text::preflight::proposal;
use crate::text::Untrusted;

/// The whole report.
pub fn denied_grants(report: &DeniedGrantReport, style: &Style) -> String {
    let mut out = String::new();
    let columns = style.columns();
    if report.grants.is_empty() && report.refused.is_empty() {
        line(&mut out, "No denial of AWS is in this text.");
    }
    for (index, grant) in report.grants.iter().enumerate() {
        let to = grant.principal.as_ref().map(Untrusted::terminal);
        let to = to.unwrap_or_else(|| "whoever was denied; no message names it".to_owned());
        let mut first = if index > 0 { "\n" } else { "" }.to_owned();
        lines(&mut first, hang("GRANT TO  ", &to, columns, usize::MAX));
        out.push_str(&style.finish(first));
        proposal(&mut out, &grant.proposal, style);
    }
    let mut rest = String::new();
    if !report.refused.is_empty() {
        let before = if report.grants.is_empty() { "" } else { "\n" };
        line(&mut rest, &format!("{before}NOT GRANTED"));
    }
    for one in &report.refused {
        lines(&mut rest, hang("  ", &what(one), columns, usize::MAX));
        let because = one.because.terminal();
        lines(&mut rest, hang("      ", &because, columns, usize::MAX));
    }
    out.push_str(&style.finish(rest));
    out
}

fn what(one: &RefusedGrant) -> String {
    let shown = |value: &Option<Untrusted>, missing: &str| match value {
        Some(value) => value.terminal(),
        None => missing.to_owned(),
    };
    let action = shown(&one.action, "an action that is not named");
    let resource = shown(&one.resource, "something that is not named");
    format!("{action} on {resource}")
}
