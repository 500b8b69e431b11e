//! What a command did: issue changes, a status in a word, an adoption.

use crate::model::issue::Issue;
use crate::model::status::Status;
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::{fit, hang, pad, pad_left, width};
use crate::text::escape;
use crate::text::phrases;

/// A status with its sign.
pub fn status(status: Status, style: &Style) -> String {
    style.finish(style.status(status, &format!("{} {status}", status.icon())))
}

/// One line an issue: what happened to it, and what it is.
pub fn changes(changes: &[(&str, &Issue)], style: &Style) -> String {
    let mut out = String::new();
    for (verb, issue) in changes {
        let head = format!("{verb} {} ", issue.id);
        let text = format!(
            "{}: {}",
            issue.resource.name.terminal(),
            issue.title.terminal()
        );
        let room = style.columns().saturating_sub(9 + width(&head)).max(20);
        line(
            &mut out,
            &format!("         {}{}", style.dim(&head), fit(&text, room)),
        );
    }
    style.finish(out)
}

/// What adopting did.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptionText {
    /// Rows by type: title, entries in all, new ones, whether health is judged for it.
    pub rows: Vec<(String, usize, usize, bool)>,
    /// What was left out: reason and count.
    pub skipped: Vec<(String, usize)>,
    /// ARNs in the registry that these sources brought and did not name.
    pub not_found: Vec<String>,
    /// ARNs in the registry that were not found, and of which nothing says what brought them.
    pub unclaimed: Vec<String>,
    /// Entries of other sources.
    pub of_other_sources: usize,
    /// Whether what was not found was removed.
    pub pruned: bool,
    /// Whether that goes for what nothing is known to have brought.
    pub pruned_unclaimed: bool,
    /// New entries.
    pub added: usize,
    /// Changed entries.
    pub updated: usize,
}

impl AdoptionText {
    /// Whether all that is registered was there before, and comes from elsewhere.
    fn found_nothing(&self) -> bool {
        let entries: usize = self.rows.iter().map(|row| row.1).sum();
        let before = self.not_found.len() + self.unclaimed.len() + self.of_other_sources;
        entries == 0 || entries == before && !self.pruned && !self.pruned_unclaimed
    }
}

/// The registry after adopting, by type.
pub fn adoption(adoption: &AdoptionText, style: &Style) -> String {
    let mut out = String::new();
    adopted_types(&mut out, adoption, style);
    line(&mut out, "");
    line(
        &mut out,
        &format!(
            "{} added, {} updated",
            phrases::counted(adoption.added as u64, "resource"),
            adoption.updated
        ),
    );
    for (reason, count) in &adoption.skipped {
        lines(
            &mut out,
            hang(
                "  - ",
                &format!("left out {count}: {}", escape::terminal(reason)),
                style.columns(),
                3,
            ),
        );
    }
    not_found(&mut out, adoption);
    style.finish(out)
}

/// A row for each type.
fn adopted_types(out: &mut String, adoption: &AdoptionText, style: &Style) {
    // A type that no kind has a title for is the registry's own word.
    let longest = adoption
        .rows
        .iter()
        .map(|row| width(&escape::terminal(&row.0)))
        .max()
        .unwrap_or(0);
    let title = longest.clamp(4, style.columns().saturating_sub(36).max(20));
    for (name, total, added, watched) in &adoption.rows {
        let new = if *added > 0 {
            format!("{added} new")
        } else {
            String::new()
        };
        let watched = if *watched {
            ""
        } else {
            "recorded, not watched"
        };
        let row = format!(
            "  {}  {}  {}  {watched}",
            pad(&escape::terminal(name), title),
            pad_left(&total.to_string(), 4),
            pad(&new, 8)
        );
        line(out, row.trim_end());
    }
    if adoption.found_nothing() {
        let text = "Nothing was found that could be registered. Is the tag, the state or the export \
                    the right one, and the region that of your resources?";
        lines(out, hang("", text, style.columns(), 3));
    }
}

/// What is registered and was not found.
fn not_found(out: &mut String, adoption: &AdoptionText) {
    let words = match adoption.pruned {
        true => "removed",
        false => "registered, but not found (remove with --prune)",
    };
    listed(out, words, &adoption.not_found);
    let words = match (adoption.pruned, adoption.pruned_unclaimed) {
        (true, true) => "of unknown origin removed",
        _ => "of unknown origin not found (remove with --prune --prune-unclaimed)",
    };
    listed(out, words, &adoption.unclaimed);
    if adoption.of_other_sources > 0 {
        let entries = phrases::counted_as(adoption.of_other_sources as u64, "entry", "entries");
        line(out, &format!("  - {entries} of other sources kept"));
    }
}

fn listed(out: &mut String, words: &str, arns: &[String]) {
    const MOST: usize = 20;
    if arns.is_empty() {
        return;
    }
    line(out, &format!("  - {} {words}:", arns.len()));
    for arn in arns.iter().take(MOST) {
        line(out, &format!("      {}", escape::terminal(arn)));
    }
    if arns.len() > MOST {
        line(out, &format!("      and {} more", arns.len() - MOST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_nothing_has_is_said_beside_what_was_there_before() {
        let before = AdoptionText {
            rows: vec![("SQS queues".to_owned(), 2, 0, true)],
            skipped: Vec::new(),
            not_found: Vec::new(),
            unclaimed: Vec::new(),
            of_other_sources: 2,
            pruned: false,
            pruned_unclaimed: false,
            added: 0,
            updated: 0,
        };
        let nothing = "Nothing was found that could be registered";
        assert!(adoption(&before, &Style::PLAIN).contains(nothing));
        let again = AdoptionText {
            of_other_sources: 1,
            ..before
        };
        assert!(!adoption(&again, &Style::PLAIN).contains(nothing));
    }
}
