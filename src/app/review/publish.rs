//! What GitHub Actions shows of a review: annotations, the summary of the step, outputs.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::publish::{append, written};
use crate::model::review::{Review, ReviewFinding, ReviewVerdict};
use crate::render::github;
use crate::render::github::{Annotation, Level};
use crate::render::markdown;
use crate::render::markdown::Room;
use crate::text::{Untrusted, escape};

/// Secrets that a runner is told to mask; each is a line of its log.
const MOST_MASKED: usize = 1_000;

/// Tells the runner what to mask. Comes before anything else is said.
pub(crate) fn mask(app: &App, secrets: &BTreeSet<String>) {
    let lines = secrets
        .iter()
        .flat_map(|secret| secret.lines())
        .map(str::trim);
    let lines: BTreeSet<&str> = lines.filter(|line| line.chars().count() >= 4).collect();
    let commands: Vec<String> = lines
        .into_iter()
        .take(MOST_MASKED)
        .map(|line| format!("::add-mask::{}", escape::workflow_data(line)))
        .collect();
    app.ui.annotate(&commands.join("\n"));
}

/// Annotations, summary and outputs. A file that cannot be written is a warning.
pub(crate) fn publish(app: &App, review: &Review) {
    if let Some(path) = &app.environment.github_step_summary {
        let left = github::STEP_SUMMARY_BYTES.saturating_sub(written(path));
        let room = Room {
            characters: left.min(Room::SUMMARY.characters),
            bytes: left.min(Room::SUMMARY.bytes),
        };
        let text = markdown::review(review, room);
        match text.len() <= left {
            true => append(app, path, &text),
            false => app
                .ui
                .warn("the summary of this step is full, so nothing was added"),
        }
    }
    if let Some(path) = &app.environment.github_output {
        append(app, path, &format!("verdict={}\n", review.verdict));
    }
    app.ui.annotate(&github::annotations(&annotations(review)));
}

/// What speaks against the change, changed lines first.
fn annotations(review: &Review) -> Vec<Annotation> {
    let mut against: Vec<&ReviewFinding> = review.against().collect();
    // Findings are the worst first, and stay so among those alike.
    against.sort_by_key(|one| match &one.place {
        Some(place) if place.changed => 0,
        Some(_) => 1,
        None => 2,
    });
    let annotation = |one: &ReviewFinding| Annotation {
        level: match one.effect {
            ReviewVerdict::Block => Level::Error,
            ReviewVerdict::Warn => Level::Warning,
            ReviewVerdict::Pass => Level::Notice,
        },
        file: one.place.as_ref().map(|place| place.file.clone()),
        line: one.place.as_ref().map(|place| place.line),
        title: Untrusted::new(format!("{} {}", one.effect, one.rule)),
        message: Untrusted::new(format!("{}. To clear: {}", one.title.raw(), one.fix.raw())),
    };
    against.into_iter().map(annotation).collect()
}
