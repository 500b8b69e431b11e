//! Applying a plan: the one place where Terraform or OpenTofu changes anything.
//!
//! The tool writes its events to files, which this process follows: should it die, the tool ends
//! its work, writes its state and releases its lock, and the next run reads what it said.

pub(crate) mod hooks;
pub(crate) mod identity;
mod watch;

use std::path::Path;

use crate::app::App;
use crate::app::infra::tool::ToolRunner;
use crate::app::wait;
use crate::core::infra::events::StreamTally;
use crate::error::{CommandError, ErrorKind};
use crate::process::{self, End, OutputFiles};
use crate::text::Untrusted;

use watch::EventWatch;

/// What became of an apply.
pub(crate) struct AppliedPlan {
    /// What the stream said.
    pub(crate) tally: StreamTally,
    /// How the tool ended.
    pub(crate) end: End,
    /// The last lines of its standard error.
    pub(crate) last_words: Vec<Untrusted>,
}

impl AppliedPlan {
    /// Whether the tool ended by itself, so that its stream is whole.
    pub(crate) fn is_whole(&self) -> bool {
        match self.end {
            End::Code(_) => true,
            // Asked to end, it ends in order within its time, and says what it did.
            End::Interrupted | End::TimedOut => self
                .tally
                .errors
                .iter()
                .any(|one| one.summary.raw().contains("execution halted")),
            End::Signal(_) | End::TooMuch => false,
        }
    }

    /// Why it ended, where that was not by itself.
    pub(crate) fn reason(&self) -> Option<String> {
        match self.end {
            End::Code(0 | 1) => None,
            End::Code(code) => Some(format!("it ended with exit code {code}")),
            End::Signal(signal) => Some(format!("it was ended by signal {signal}")),
            End::TimedOut => Some("it was stopped because it took longer than 2 hours".to_owned()),
            End::TooMuch => Some("it printed too much".to_owned()),
            End::Interrupted => Some("it was interrupted, and asked once to stop".to_owned()),
        }
    }
}

/// Applies exactly this plan. `steps` is how many changes it has.
pub(crate) fn apply(
    app: &App,
    runner: &ToolRunner,
    plan: &Path,
    files: OutputFiles,
    steps: usize,
) -> Result<AppliedPlan, CommandError> {
    let output = files.output.clone();
    let errors = files.errors.clone();
    let program = runner.apply_program(plan, files);
    let runtime = wait::runtime()?;
    let mut watch = EventWatch::new(app, &output, steps);
    let ran = runtime.block_on(async {
        let running = process::run(&program);
        tokio::pin!(running);
        let mut interrupts = process::Interrupts::watch_hang_up();
        loop {
            tokio::select! {
                ran = &mut running => break ran,
                _ = interrupts.next() => watch.interrupted(),
                () = tokio::time::sleep(EventWatch::EVERY) => watch.read(),
            }
        }
    });
    let ran = ran.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    Ok(AppliedPlan {
        tally: watch.finish(),
        end: ran.end,
        last_words: last_words(&errors),
    })
}

/// The last lines that the tool wrote to standard error: of a provider that crashed, the reason.
fn last_words(path: &Path) -> Vec<Untrusted> {
    const MOST: usize = 8;
    let bytes = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let redacted = crate::text::redact::redact(&text);
    let lines: Vec<&str> = redacted
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = lines.iter().rev().take(MOST).rev();
    last.map(|line| Untrusted::from(crate::text::escape::cut(line, 400)))
        .collect()
}
