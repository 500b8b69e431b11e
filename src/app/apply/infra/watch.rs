//! Following what an apply says, and showing it: as progress on a terminal, as lines elsewhere.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::app::App;
use crate::core::infra::events::{self, StepProgress, StreamEvent, StreamTally};
use crate::text::{Untrusted, escape, times};
use crate::ui::Progress;

/// Follows the file that a tool writes its events to.
pub(super) struct EventWatch<'a> {
    app: &'a App,
    path: PathBuf,
    file: Option<File>,
    /// The part of a line whose end has not come yet.
    begun: Vec<u8>,
    tally: StreamTally,
    progress: Progress,
    shows_lines: bool,
    asked_to_stop: bool,
}

impl<'a> EventWatch<'a> {
    /// How often is looked for more.
    pub(super) const EVERY: Duration = Duration::from_millis(100);

    pub(super) fn new(app: &'a App, path: &Path, steps: usize) -> Self {
        let surroundings = app.ui.surroundings();
        let total = u64::try_from(steps).ok();
        Self {
            app,
            path: path.to_owned(),
            file: None,
            begun: Vec::new(),
            tally: StreamTally::default(),
            progress: app.ui.progress("applying", total),
            shows_lines: !surroundings.quiet
                && (!surroundings.stderr_is_terminal || surroundings.github_actions),
            asked_to_stop: false,
        }
    }

    /// Reads what has come since.
    pub(super) fn read(&mut self) {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let mut more = Vec::new();
        if let Some(file) = &mut self.file
            && file.read_to_end(&mut more).is_ok()
        {
            self.begun.extend_from_slice(&more);
        }
        let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        let rest = self.begun.split_off(end + 1);
        let whole = std::mem::replace(&mut self.begun, rest);
        for line in whole.split(|byte| *byte == b'\n') {
            self.take(&String::from_utf8_lossy(line));
        }
    }

    /// Reads the rest.
    pub(super) fn finish(mut self) -> StreamTally {
        self.read();
        let rest = std::mem::take(&mut self.begun);
        self.take(&String::from_utf8_lossy(&rest));
        self.tally
    }

    /// Says what an interrupt means here.
    pub(super) fn interrupted(&mut self) {
        let text = match self.asked_to_stop {
            false => "interrupted: the tool was asked once to stop, and ends what it has begun",
            true => {
                "it was asked already; a second time would make it forget what it has begun, so please wait"
            }
        };
        self.asked_to_stop = true;
        self.app.ui.warn(text);
    }

    fn take(&mut self, line: &str) {
        let line = line.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() {
            return;
        }
        // A stream of another version is read as lines of a log; the state says what was done.
        let event = events::parse(line).unwrap_or_else(|_| StreamEvent::Log(line.into()));
        let is_known =
            matches!(&event, StreamEvent::Diagnostic(one) if self.tally.errors.contains(one));
        self.tally.add(&event);
        let ended = self.tally.steps.values();
        let ended = ended.filter(|one| matches!(one, StepProgress::Done | StepProgress::Failed));
        self.progress.set(ended.count() as u64);
        self.progress.say(&in_flight(&self.tally));
        // What is no event was printed by a wrapper or a provider.
        let text = match line.starts_with(['{', '\u{feff}']) {
            true => words(&event),
            false => Some(format!("log: {}", Untrusted::from(line).redacted())),
        };
        if let Some(text) = text.filter(|_| self.shows_lines && !is_known) {
            self.app.ui.lines(&[text]);
        }
    }
}

/// What is being changed, in the width that a bar leaves on a terminal of 80 columns.
fn in_flight(tally: &StreamTally) -> String {
    const WIDEST: usize = 40;
    let steps = tally.steps.iter();
    let mut begun = steps
        .filter(|(_, progress)| matches!(progress, StepProgress::Begun | StepProgress::Going))
        .map(|(address, _)| address.terminal());
    let Some(first) = begun.next() else {
        return "applying".to_owned();
    };
    let more = match begun.count() {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    let first = escape::cut(&first, WIDEST.saturating_sub(more.len()));
    format!("{first}{more}")
}

/// The line of an event, where it is worth one.
fn words(event: &StreamEvent) -> Option<String> {
    match event {
        StreamEvent::Step(step) => {
            let address = step.address.terminal();
            let action = step.action.terminal();
            let seconds = i64::try_from(step.seconds).unwrap_or(i64::MAX);
            Some(match step.progress {
                StepProgress::Begun => format!("{address}: {action} begins"),
                StepProgress::Going => {
                    format!("{address}: {action} goes on ({})", times::span(seconds))
                }
                StepProgress::Done => format!("{address}: {action} done"),
                StepProgress::Failed => format!("{address}: {action} failed"),
            })
        }
        StreamEvent::Diagnostic(one) => {
            let word = if one.is_error { "error" } else { "warning" };
            Some(format!("{word}: {}", one.line().terminal()))
        }
        StreamEvent::Summary(text) => Some(text.terminal()),
        StreamEvent::Version(_)
        | StreamEvent::Planned(_)
        | StreamEvent::Refreshed(_)
        | StreamEvent::Log(_) => None,
    }
}
