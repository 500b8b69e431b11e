//! How words were read, for people and for programs.

use serde_json::{Value, json};

use crate::app::command_line::CommandLine;
use crate::core::ask::{Candidate, Reading, quoted};
use crate::render::text::Style;
use crate::text::escape;

/// What was asked, harmless and short.
fn quoted_request(text: &str) -> String {
    escape::terminal(&escape::cut(text, 200))
}

/// A command line to copy.
pub(super) fn command(line: &[String]) -> String {
    escape::terminal(&format!("fractary {}", quoted(line)))
}

fn percent(confidence: f64) -> String {
    format!("{:.0} %", confidence * 100.0)
}

/// How a clear request was read: its words, the command line, and what else it may have meant.
pub(super) fn text(request: &str, reading: &Reading, line: &[String], style: &Style) -> String {
    let arrow = if style.unicode { "→" } else { "->" };
    let mut out = words(request, reading, style);
    let confidence = reading.best.as_ref().map_or(0.0, |best| best.confidence);
    let changes = match reading.best.as_ref().is_some_and(|best| best.write) {
        true => ", changes something",
        false => "",
    };
    out.push_str(&format!(
        "{arrow} {}   ({}{changes})\n",
        command(line),
        percent(confidence)
    ));
    for other in &reading.others {
        out.push_str(&format!(
            "  or {}   ({})\n",
            command(&other.arguments),
            percent(other.confidence)
        ));
    }
    out
}

fn words(request: &str, reading: &Reading, style: &Style) -> String {
    let mut out = style.paragraph("asked: ", &quoted_request(request));
    let rows: Vec<(String, String)> = reading
        .words
        .iter()
        .map(|word| {
            (
                escape::terminal(&escape::cut(&word.said, 40)),
                escape::terminal(&escape::cut(&word.taken_for, 80)),
            )
        })
        .collect();
    let width = rows
        .iter()
        .map(|(said, _)| said.chars().count())
        .max()
        .unwrap_or(0);
    for (said, taken_for) in rows {
        let space = " ".repeat(width - said.chars().count());
        out.push_str(&style.paragraph(&format!("  {said}{space}  "), &taken_for));
    }
    if !reading.ignored.is_empty() {
        let ignored = escape::cut(&reading.ignored.join(", "), 200);
        out.push_str(&style.paragraph("  ignored: ", &escape::terminal(&ignored)));
    }
    out
}

/// What it asks back.
pub(super) fn question(request: &str, reading: &Reading, style: &Style) -> String {
    let mut out = words(request, reading, style);
    out.push_str("Nothing was run:\n");
    for doubt in &reading.doubts {
        out.push_str(&style.paragraph("  ", &escape::terminal(doubt)));
    }
    let candidates: Vec<&Candidate> = reading.best.iter().chain(&reading.others).collect();
    if candidates.is_empty() {
        out.push_str(
            "Ask for instance:\n  fractary ask \"is prod healthy?\"\n  fractary ask \"what's broken?\"\n  \
             fractary ask \"show the dashboard\"\n",
        );
        return out;
    }
    out.push_str("Did you mean one of these?\n");
    for candidate in candidates {
        let confidence = match candidate.confidence {
            0.0 => String::new(),
            some => format!("   ({})", percent(some)),
        };
        let rest = if candidate.missing.is_empty() {
            ""
        } else {
            " …"
        };
        out.push_str(&format!(
            "  {}{rest}{confidence}\n    for instance: fractary ask {}\n",
            command(&candidate.arguments),
            escape::terminal(&quoted(std::slice::from_ref(&candidate.example)))
        ));
    }
    out
}

/// The same as a document. `line` is the command line that is meant, with the options of
/// `ask`; empty where it asks back.
pub(super) fn document(reading: &Reading, line: &[String], command_line: CommandLine) -> Value {
    let row = |candidate: &Candidate| {
        json!({
            "command": candidate.command,
            "arguments": candidate.arguments,
            "command_line": format!("fractary {}", quoted(&candidate.arguments)),
            "changes": candidate.write,
            "available": command_line.offer(&candidate.arguments).is_ok(),
            "confidence": candidate.confidence,
            "example": candidate.example,
            "missing": candidate.missing,
        })
    };
    let words: Vec<Value> = reading
        .words
        .iter()
        .map(|word| json!({ "said": word.said, "taken_for": word.taken_for }))
        .collect();
    json!({
        "clear": reading.is_clear(),
        "command_line": (!line.is_empty()).then(|| format!("fractary {}", quoted(line))),
        "words": words,
        "ignored": reading.ignored,
        "best": reading.best.as_ref().map(row),
        "others": reading.others.iter().map(row).collect::<Vec<_>>(),
        "doubts": reading.doubts,
    })
}
