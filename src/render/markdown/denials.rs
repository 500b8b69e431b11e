//! Denials as a section each.

use crate::model::denial::{DenialReport, ExplainedDenial, GrantHelps};
use crate::text::Untrusted;
use crate::text::escape;

/// Every denial of a text.
pub fn denials(report: &DenialReport) -> String {
    let mut out = String::from("# Denied by AWS\n");
    if report.denials.is_empty() {
        out.push_str("\nNo denial of AWS is in this text.\n");
    }
    for one in &report.denials {
        denial(&mut out, one);
    }
    out
}

pub(super) fn denial(out: &mut String, one: &ExplainedDenial) {
    let about = &one.denial;
    let code = |value: &Option<Untrusted>| match value {
        Some(value) => value.markdown_code(),
        None => "not named".to_owned(),
    };
    let title = match (&about.action, &about.implied_action) {
        (Some(action), _) => action.markdown_code(),
        (None, Some(implied)) => format!("Probably {}", implied.markdown_code()),
        (None, None) => "An action that the message does not name".to_owned(),
    };
    out.push_str(&format!("\n## {title}\n\n"));
    out.push_str(&format!("{}\n\n", escape::markdown(&one.explanation)));
    out.push_str("| | |\n|---|---|\n");
    for other in &about.other_actions {
        out.push_str(&format!("| and | {} |\n", other.markdown_code()));
    }
    if about.operation.is_some() {
        out.push_str(&format!("| call | {} |\n", code(&about.operation)));
    }
    out.push_str(&format!("| on | {} |\n", code(&about.resource)));
    out.push_str(&format!("| to | {} |\n", code(&about.principal)));
    let helps = match one.grant_helps {
        GrantHelps::Yes => "helps",
        GrantHelps::OnTheResource => "helps on the side of the resource, not of the caller",
        GrantHelps::Maybe => "may help",
        GrantHelps::No => "does not help",
    };
    out.push_str(&format!("| a grant | {helps} |\n"));
    out.push_str(&format!("| ask | {} |\n", escape::markdown(&one.who)));
    if !one.steps.is_empty() {
        out.push('\n');
    }
    for (index, step) in one.steps.iter().enumerate() {
        out.push_str(&format!(
            "{}. {}\n",
            index + 1,
            escape::markdown(&step.what)
        ));
        if let Some(command) = &step.command {
            out.push_str(&format!("   {}\n", command.markdown_code()));
        }
    }
}
