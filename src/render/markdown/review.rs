//! A review as Markdown: for a file, for the summary of a step, and for the one comment on a
//! pull request, which has to keep GitHub's limits.

mod cost;

use std::fmt::Write as _;

use crate::model::review::{
    AttributeDifference, Review, ReviewFinding, ReviewSection, ReviewVerdict, ReviewedChange,
    ReviewedPlan,
};
use crate::render::review_words;
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::phrases::{counted, counted_as};

use cost::cost_line;

/// How large a text may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// In characters.
    pub characters: usize,
    /// In bytes.
    pub bytes: usize,
}

impl Room {
    /// A comment: GitHub refuses more than 65,536 characters, and was seen to refuse texts of
    /// far fewer characters with many bytes.
    pub const COMMENT: Self = Self {
        characters: 65_000,
        bytes: 200_000,
    };
    /// The summary of a step.
    pub const SUMMARY: Self = Self {
        characters: 1_000_000,
        bytes: 1_000_000,
    };

    fn holds(self, text: &str) -> bool {
        text.len() <= self.bytes && text.chars().count() <= self.characters
    }
}

/// Findings that stand above all folds.
const MOST_ON_TOP: usize = 10;
/// Rows of the table of rules.
const MOST_RULES: usize = 30;

/// Renders a review, cut to the room there is: verdict, counts, rules and dangers stay, and of
/// the rest the least urgent goes first.
pub fn review(review: &Review, room: Room) -> String {
    let head = head(review);
    let tail = tail(review);
    let mut folds = folds(review);
    let mut text = assemble(&head, &folds, &tail);
    // Rank by rank, so that the least urgent goes first wherever it is.
    for rank in (0..=LAST_RANK).rev() {
        if room.holds(&text) {
            break;
        }
        let fixed = head.len() + tail.len() + folds.len() * FOLD_BYTES;
        shrink(&mut folds, rank, room, fixed);
        text = assemble(&head, &folds, &tail);
    }
    text
}

/// What a fold needs besides its items.
const FOLD_BYTES: usize = 400;

/// Removes items of a rank, the last ones first, until the rest has room.
fn shrink(folds: &mut [Fold], rank: u8, room: Room, fixed: usize) {
    let size = |folds: &[Fold]| -> (usize, usize) {
        let items = || folds.iter().flat_map(|fold| &fold.items);
        let bytes: usize = items().map(|item| item.text.len()).sum();
        (items().map(|item| item.text.chars().count()).sum(), bytes)
    };
    let (mut characters, mut bytes) = size(folds);
    for fold in folds.iter_mut().rev() {
        let mut at = fold.items.len();
        while at > 0 {
            at -= 1;
            if characters + fixed <= room.characters && bytes + fixed <= room.bytes {
                return;
            }
            if fold.items[at].rank == rank {
                let gone = fold.items.remove(at);
                characters -= gone.text.chars().count();
                bytes -= gone.text.len();
                fold.left_out += 1;
            }
        }
    }
}

/// A part that is folded.
struct Fold {
    title: String,
    items: Vec<Item>,
    left_out: usize,
    is_open: bool,
}

/// Whole Markdown: what it opens it closes.
struct Item {
    /// What is cut first has the highest.
    rank: u8,
    text: String,
}

const LAST_RANK: u8 = 4;

fn assemble(head: &str, folds: &[Fold], tail: &str) -> String {
    let mut out = head.to_owned();
    for fold in folds {
        let open = if fold.is_open { " open" } else { "" };
        let _ = write!(
            out,
            "\n<details{open}><summary>{}</summary>\n\n",
            fold.title
        );
        for item in &fold.items {
            out.push_str(&item.text);
        }
        if fold.left_out > 0 {
            let entries = counted_as(fold.left_out as u64, "entry is", "entries are");
            let _ = writeln!(
                out,
                "\n*{entries} left out here; the summary of the step has all.*"
            );
        }
        out.push_str("\n</details>\n");
    }
    out.push_str(tail);
    out
}

fn head(review: &Review) -> String {
    let count = |verdict| {
        review
            .findings
            .iter()
            .filter(|one| one.effect == verdict)
            .count()
    };
    let mut out = format!("## {} {}", review.verdict.icon(), review.verdict);
    if let Some(environment) = &review.environment {
        let _ = write!(out, " for {environment}");
    }
    let _ = write!(
        out,
        " · {} block, {} warn",
        count(ReviewVerdict::Block),
        count(ReviewVerdict::Warn)
    );
    if let Some(line) = review_words::counts(review) {
        let _ = write!(out, " · {}", line.trim_end_matches('.'));
    }
    out.push('\n');
    match review.against().next() {
        Some(worst) => {
            let _ = writeln!(out, "**{}**{}\n", worst.title.markdown(), place(worst));
        }
        None => out.push_str("Nothing that was examined speaks against merging this.\n\n"),
    }
    if let Some(line) = cost_line(review) {
        let _ = writeln!(out, "{line}\n");
    }
    rules(review, &mut out);
    let dangers: Vec<&ReviewFinding> = review
        .findings
        .iter()
        .filter(|one| one.effect == ReviewVerdict::Block)
        .collect();
    if dangers.len() > 1 {
        out.push_str("\n**What blocks**\n\n");
        for danger in dangers.iter().take(MOST_ON_TOP) {
            let _ = writeln!(out, "- {}{}", danger.title.markdown(), place(danger));
        }
        if dangers.len() > MOST_ON_TOP {
            let _ = writeln!(out, "- and {} more", dangers.len() - MOST_ON_TOP);
        }
    }
    out
}

fn rules(review: &Review, out: &mut String) {
    if review.rules.is_empty() {
        return;
    }
    out.push_str("| rule | verdict | triggered by | how to clear it |\n|---|---|---|---|\n");
    for rule in review.rules.iter().take(MOST_RULES) {
        let mut by = subjects(&rule.triggered_by);
        let more = rule.count.saturating_sub(rule.triggered_by.len());
        if more > 0 {
            by.push(format!("{more} more"));
        }
        let _ = writeln!(
            out,
            "| {} | {} {} | {} | {} |",
            escape::markdown_code(&rule.rule),
            rule.verdict.icon(),
            rule.verdict,
            by.join(", "),
            with_code(rule.clear.raw())
        );
    }
}

/// Subjects, each once: `orders`, `reports (2 times)`.
fn subjects(all: &[Untrusted]) -> Vec<String> {
    let mut once: Vec<(&Untrusted, usize)> = Vec::new();
    for one in all {
        match once.iter_mut().find(|(known, _)| *known == one) {
            Some((_, times)) => *times += 1,
            None => once.push((one, 1)),
        }
    }
    let shown = once.into_iter().map(|(text, times)| match times {
        1 => short(text.raw()),
        _ => format!("{} ({times} times)", short(text.raw())),
    });
    shown.collect()
}

/// Running text in which what stands between backticks is code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let shown: Vec<String> = parts
        .map(|(at, part)| match (at % 2, part.trim().is_empty()) {
            (1, false) => escape::markdown_code(part),
            // Blanks around code stay.
            _ => {
                let lead = if part.starts_with(' ') { " " } else { "" };
                let tail = if part.ends_with(' ') { " " } else { "" };
                format!("{lead}{}{tail}", escape::markdown(part))
            }
        })
        .collect();
    shown.concat()
}

/// A name in code, not longer than a table bears.
fn short(text: &str) -> String {
    escape::markdown_code(&escape::cut(text, 100))
}

fn place(finding: &ReviewFinding) -> String {
    finding.place.as_ref().map_or(String::new(), |place| {
        format!(
            " ({})",
            escape::markdown_code(&format!("{}:{}", place.file, place.line))
        )
    })
}

fn folds(review: &Review) -> Vec<Fold> {
    let mut folds = Vec::new();
    for section in ReviewSection::ALL {
        let findings: Vec<&ReviewFinding> = review.of_section(section).collect();
        if !findings.is_empty() {
            let items = findings.iter().map(|one| finding_item(one));
            folds.push(Fold {
                title: format!(
                    "<b>{}</b>: {}",
                    section.title(),
                    counted(findings.len() as u64, "finding")
                ),
                items: items.collect(),
                left_out: 0,
                is_open: false,
            });
        }
        match section {
            ReviewSection::Plan => folds.extend(review.plans.iter().map(plan_fold)),
            ReviewSection::Cost => folds.extend(review.plans.iter().filter_map(cost::fold)),
            ReviewSection::State | ReviewSection::Security | ReviewSection::Operations => {}
        }
    }
    if !review.suppressed.is_empty() {
        let items = review.suppressed.iter().map(finding_item);
        folds.push(Fold {
            title: format!("<b>Suppressed</b>: {}", review.suppressed.len()),
            items: items.collect(),
            left_out: 0,
            is_open: false,
        });
    }
    folds
}

fn finding_item(finding: &ReviewFinding) -> Item {
    let mut text = format!(
        "- {} **{}** {}: {}{}\n",
        finding.effect.icon(),
        finding.severity,
        escape::markdown_code(&finding.rule),
        finding.title.markdown(),
        place(finding)
    );
    for sentence in &finding.evidence {
        let _ = writeln!(
            text,
            "  - {}",
            escape::markdown(&escape::cut(sentence.raw(), 500))
        );
    }
    if let Some(because) = &finding.suppressed_because {
        let because = escape::markdown(&escape::cut(because.raw(), 300));
        let _ = writeln!(text, "  - suppressed on the base branch: {because}");
    }
    let rank = match finding.effect {
        _ if finding.suppressed_because.is_some() => 3,
        ReviewVerdict::Block => 0,
        ReviewVerdict::Warn => 1,
        ReviewVerdict::Pass => 2,
    };
    Item { rank, text }
}

fn plan_fold(plan: &ReviewedPlan) -> Fold {
    let directory = escape::html(&escape::cut(plan.directory.raw(), 200));
    let title = match plan.readable {
        true => format!("<b>{directory}</b>: {}", escape::html(&plan.summary)),
        false => format!("<b>{directory}</b>: the plan is unreadable"),
    };
    let mut items: Vec<Item> = plan.changes.iter().map(change_item).collect();
    if plan.more_changes > 0 {
        let more = counted(plan.more_changes as u64, "change");
        items.push(Item {
            rank: 1,
            text: format!("\n*{more} not listed.*\n"),
        });
    }
    if !plan.outputs.is_empty() {
        let mut text = "\nOutputs:\n".to_owned();
        plan.outputs
            .iter()
            .for_each(|one| difference(one, "", &mut text));
        items.push(Item { rank: 3, text });
    }
    Fold {
        title,
        items,
        left_out: 0,
        is_open: false,
    }
}

fn change_item(change: &ReviewedChange) -> Item {
    let mut text = format!(
        "- {} {} {}\n",
        escape::markdown_code(&change.sign),
        change.action.markdown(),
        escape::markdown_code(&escape::cut(change.address.raw(), 300))
    );
    for note in &change.notes {
        let _ = writeln!(
            text,
            "  - {}",
            escape::markdown(&escape::cut(note.raw(), 300))
        );
    }
    change
        .differences
        .iter()
        .for_each(|one| difference(one, "  ", &mut text));
    if change.more_differences > 0 {
        let more = counted(change.more_differences as u64, "attribute");
        let _ = writeln!(text, "  - *{more} more*");
    }
    let rank = match (change.loses_data, change.action.raw()) {
        (true, _) => 0,
        (_, "create") => 4,
        (_, "update" | "move" | "import") => 3,
        _ => 1,
    };
    Item { rank, text }
}

fn difference(one: &AttributeDifference, indent: &str, out: &mut String) {
    let forces = if one.forces_replacement {
        " **forces replacement**"
    } else {
        ""
    };
    let path = one.path.markdown_code();
    if !one.lines.is_empty() {
        let _ = writeln!(out, "{indent}- {path}{forces}");
        for line in &one.lines {
            let _ = writeln!(out, "{indent}  - {}", line.markdown_code());
        }
        return;
    }
    let shown = |side: &Option<crate::text::Untrusted>| {
        side.as_ref()
            .map_or("*unset*".to_owned(), |text| text.markdown_code())
    };
    let _ = match &one.before {
        None => writeln!(out, "{indent}- {path}: {}{forces}", shown(&one.after)),
        Some(_) => writeln!(
            out,
            "{indent}- {path}: {} → {}{forces}",
            shown(&one.before),
            shown(&one.after)
        ),
    };
}

fn tail(review: &Review) -> String {
    let mut out = String::new();
    if !review.not_looked_at.is_empty() {
        out.push_str("\n<details><summary>Not examined</summary>\n\n");
        for text in review.not_looked_at.iter().take(30) {
            let _ = writeln!(out, "- {}", escape::markdown(&escape::cut(text.raw(), 300)));
        }
        let more = review.not_looked_at.len().saturating_sub(30);
        if more > 0 {
            let _ = writeln!(out, "- and {more} more");
        }
        out.push_str("\n</details>\n");
    }
    let short = |commit: &Option<crate::model::ids::CommitId>| {
        commit
            .as_ref()
            .map_or("?".to_owned(), |commit| commit.short().to_owned())
    };
    let _ = writeln!(
        out,
        "\n<sub>fractary review of {} against {}</sub>",
        short(&review.head),
        short(&review.base)
    );
    out
}
