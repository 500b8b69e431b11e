//! How to fix what a check finds: the commands for the first finding, and for how many others
//! they differ.

use crate::model::audit::AuditFinding;
use crate::render::text::Style;
use crate::render::text::health::line;
use crate::render::text::layout::{continued, hang, wrap};
use crate::text::escape;
use crate::text::phrases::counted_as;

/// How to fix findings of one check: commands that can be copied, and what is said beside them.
pub(super) fn fix(out: &mut String, findings: &[&AuditFinding], style: &Style) {
    let Some((one, others)) = findings.split_first() else {
        return;
    };
    let command = one.remediation.command.as_ref();
    let is_other = |it: &&&AuditFinding| it.remediation.command.as_ref() != command;
    let others = others.iter().filter(is_other).count();
    let same = format!(
        "The same for {}",
        counted_as(others as u64, "other", "others")
    );
    let rest = format!("# {same}: --format json has the commands of each.");
    let command = command.map(|text| escape::terminal_lines(text.raw()));
    let mut commands: Vec<&str> = command.as_deref().unwrap_or_default().lines().collect();
    let is_note = |line: &&str| line.starts_with('#');
    if commands.iter().all(is_note) {
        let mut words = in_words(one, &commands);
        if others > 0 {
            words.push_str(&format!(" {same}."));
        }
        for shown in hang("  fix: ", &words, style.columns(), 3) {
            line(out, &shown);
        }
        return;
    }
    if others > 0 {
        commands.push(&rest);
    }
    let mut first = format!("  {} ", style.dim("fix:"));
    let room = style.columns().saturating_sub(9);
    for text in &commands {
        let is_note = is_note(text);
        let shown = match is_note {
            true => wrap(text.trim_start_matches(['#', ' ']), room),
            false => continued(text, room),
        };
        for (index, part) in shown.iter().enumerate() {
            let part = match (is_note, index) {
                (true, _) => style.dim(&format!("# {part}")),
                (false, 0) => part.clone(),
                (false, _) => format!("  {part}"),
            };
            line(out, &format!("{first}{part}"));
            first = " ".repeat(7);
        }
    }
}

/// What there is to do where no command does it: what the check says of that, what a finding that
/// is of no check says in a comment, or where to look.
fn in_words(one: &AuditFinding, notes: &[&str]) -> String {
    let bare = |line: &str| line.trim_start_matches(['#', ' ']).to_owned();
    let terraform = one.remediation.terraform.trim();
    let is_note = terraform.starts_with("# ") && !terraform.contains('\n');
    match (notes.is_empty(), is_note) {
        (false, _) => notes
            .iter()
            .map(|line| bare(line))
            .collect::<Vec<_>>()
            .join(" "),
        (true, true) => escape::terminal(&bare(terraform)),
        (true, false) => format!("fractary audit --explain {}", one.check),
    }
}
