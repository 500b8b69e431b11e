//! Denials: what, on what, who, and what helps.

use crate::model::denial::{DenialReport, ExplainedDenial, GrantHelps};
use crate::render::text::Style;
use crate::render::text::health::{command_line, line, lines};
use crate::render::text::layout::hang;
use crate::text::Untrusted;

/// Every denial of a text.
pub fn denials(report: &DenialReport, style: &Style) -> String {
    let mut out = String::new();
    if report.denials.is_empty() {
        line(&mut out, "No denial of AWS is in this text.");
        return style.finish(out);
    }
    for (index, one) in report.denials.iter().enumerate() {
        if index > 0 {
            line(&mut out, "");
        }
        denial(&mut out, one, style);
    }
    style.finish(out)
}

pub(super) fn denial(out: &mut String, one: &ExplainedDenial, style: &Style) {
    let columns = style.columns();
    let about = &one.denial;
    let mut say = |name: &str, value: &str| {
        let first = format!("{name:<10}");
        lines(out, hang(&first, value, columns, usize::MAX));
    };
    let shown = |value: &Option<Untrusted>| value.as_ref().map(Untrusted::terminal);
    let others = about.other_actions.iter().map(Untrusted::terminal);
    let actions: Vec<String> = shown(&about.action).into_iter().chain(others).collect();
    match (actions.is_empty(), shown(&about.implied_action)) {
        (false, _) => say("DENIED", &actions.join(", ")),
        (true, Some(implied)) => say(
            "DENIED",
            &format!("probably {implied} (the message names no action)"),
        ),
        (true, None) => say("DENIED", "an action that the message does not name"),
    }
    if let Some(operation) = shown(&about.operation) {
        say("call", &operation);
    }
    say(
        "on",
        &shown(&about.resource).unwrap_or_else(|| "not named".to_owned()),
    );
    say(
        "to",
        &shown(&about.principal).unwrap_or_else(|| "not named".to_owned()),
    );
    say("by", &one.explanation);
    say("grant", helps(one.grant_helps));
    say("ask", &one.who);
    for step in &one.steps {
        lines(out, hang("  → ", &step.what, columns, usize::MAX));
        if let Some(command) = &step.command {
            command_line(out, "      ", &command.terminal(), style);
        }
    }
}

fn helps(helps: GrantHelps) -> &'static str {
    match helps {
        GrantHelps::Yes => "helps",
        GrantHelps::OnTheResource => "helps on the side of the resource, not of the caller",
        GrantHelps::Maybe => "may help",
        GrantHelps::No => "does not help",
    }
}
