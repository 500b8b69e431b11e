//! Drift on a terminal.

use anstyle::AnsiColor;

use crate::model::drift::{DriftReport, DriftedResource};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::hang;
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// Most resources that are named of one list.
const MOST: usize = 40;
/// The lines of one sentence.
const LINES: usize = 4;

/// What drifted, and how many were looked at.
pub fn drift(report: &DriftReport, style: &Style) -> String {
    let mut out = String::new();
    let name = &report.environment;
    let compared = format!(
        "{} of {} compared",
        report.compared,
        counted(report.of as u64, "managed resource")
    );
    let (color, head) = match (report.drifted.len(), report.unknown.len()) {
        (0, 0) => (
            AnsiColor::Green,
            format!("{name}: everything is as Terraform left it"),
        ),
        (0, _) => (
            AnsiColor::Yellow,
            format!("{name}: unknown, not everything could be compared"),
        ),
        (count, _) => (
            AnsiColor::Red,
            format!(
                "{name}: {} changed outside of Terraform",
                counted(count as u64, "resource")
            ),
        ),
    };
    line(
        &mut out,
        &format!(
            "{} · {compared}",
            style.paint(color.on_default().bold(), &head)
        ),
    );
    resources("", &report.drifted, style, &mut out);
    resources(
        "Changed by remediations, as they said",
        &report.expected,
        style,
        &mut out,
    );
    if !report.unknown.is_empty() {
        line(&mut out, "");
        line(&mut out, &style.bold("Not compared"));
        for one in report.unknown.iter().take(MOST) {
            let text = format!("{}: {}", one.address.terminal(), one.reason.terminal());
            lines(&mut out, hang("  ", &text, style.columns(), LINES));
        }
        more(report.unknown.len(), &mut out);
    }
    style.finish(out)
}

fn resources(title: &str, list: &[DriftedResource], style: &Style, out: &mut String) {
    if list.is_empty() {
        return;
    }
    line(out, "");
    if !title.is_empty() {
        line(out, &style.bold(title));
    }
    for one in list.iter().take(MOST) {
        let gone = if one.gone { ": it is gone" } else { "" };
        let since = one.since.as_ref().map(|id| {
            format!(": expected since remediation {id}; write it into the code, or fractary remediate --undo {id}")
        });
        let gone = since.as_deref().unwrap_or(gone);
        let first = format!("{}{gone}", one.address.terminal());
        lines(out, hang("  ", &first, style.columns(), LINES));
        let text = |text: &Option<Untrusted>| {
            text.as_ref()
                .map_or_else(|| "nothing".to_owned(), Untrusted::terminal)
        };
        for difference in &one.differences {
            let words = format!(
                "{}: {} → {}",
                difference.path.terminal(),
                text(&difference.before),
                text(&difference.after)
            );
            lines(out, hang("    ", &words, style.columns(), LINES));
        }
    }
    more(list.len(), out);
}

fn more(count: usize, out: &mut String) {
    if count > MOST {
        line(out, &format!("  and {} more", count - MOST));
    }
}
