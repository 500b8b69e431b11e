//! Runs the programs that monitor domains. Knows how to start one, how to end it with
//! everything that it started, and how much of it to listen to; never what it says.
//!
//! A program is somebody's code, and may hang, flood or fork. It gets a process group of its
//! own, a time limit and a bounded ear, and costs the others nothing.

mod group;
mod output;
mod start;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use crate::text::Untrusted;

use group::Group;
use output::Ear;

/// Most bytes of standard output that are taken; a program that prints more is ended.
pub const MOST_OUTPUT: usize = 1024 * 1024;
/// Time that a program has to end by itself after it was asked to, before it is killed.
const GRACE: Duration = Duration::from_millis(400);
/// Time for what is left in the pipes once the program is gone and its group is killed. Only
/// what has left the group could still hold them open.
const DRAIN: Duration = Duration::from_millis(200);

/// What to run.
#[derive(Debug, Clone)]
pub struct Run {
    /// Program and arguments.
    pub exec: Vec<String>,
    /// Where: the repository's root. A relative program lies below it.
    pub root: PathBuf,
    /// All variables that it gets.
    pub env: BTreeMap<String, String>,
    /// Its time limit.
    pub limit: Duration,
}

/// What became of a program.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What it printed on standard output, as far as it was taken.
    pub output: Vec<u8>,
    /// The last lines of its standard error, a line each.
    pub last_words: Vec<Untrusted>,
    /// How it ended.
    pub end: End,
    /// How long it took.
    pub duration: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Code(i32),
    /// By a signal of this number.
    Signal(i32),
    /// It was ended at its time limit.
    TimedOut,
    /// It was ended because it printed more than [`MOST_OUTPUT`].
    TooMuch,
}

/// Why a program was not started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// Nothing to run.
    #[error("`exec` names no program")]
    Empty,
    /// There is no such file.
    #[error("there is no program {0}")]
    NotFound(String),
    /// It is there, and may not be run.
    #[error("{0} is not executable: `chmod +x` it, and commit that (`git add --chmod=+x`)")]
    NotExecutable(String),
    /// It is there, and what its first line names is not; or it is no program for this system.
    #[error("{0} cannot be run here: {1}")]
    Unusable(String, &'static str),
    /// Anything else.
    #[error("{0} could not be started: {1}")]
    Failed(String, String),
}

/// Runs one program to its end, or to its limit. Nothing of its group is left behind, not even
/// when this future is dropped.
///
/// # Errors
/// [`StartError`] where it could not even begin.
pub async fn run(run: &Run) -> Result<Ran, StartError> {
    let began = Instant::now();
    let mut child = start::start(run).await?;
    let group = Group::of(&child);
    let mut ear = Ear::of(&mut child);
    let mut limit = pin!(tokio::time::sleep(run.limit));
    let mut end = loop {
        tokio::select! {
            status = child.wait() => break status.map_or(End::Code(-1), of_status),
            () = &mut limit => break End::TimedOut,
            () = ear.hear(), if ear.is_open() => {}
        }
        if ear.heard_too_much() {
            break End::TooMuch;
        }
    };
    if matches!(end, End::TimedOut | End::TooMuch) {
        group.ask_to_end();
        // It may say why, and end what it started.
        let ending = async {
            tokio::select! {
                _ = child.wait() => {}
                () = ear.hear_out() => { drop(child.wait().await); }
            }
        };
        drop(tokio::time::timeout(GRACE, ending).await);
    }
    group.kill();
    drop(tokio::time::timeout(DRAIN, ear.hear_out()).await);
    // Killed above, so this takes no time; it leaves no zombie.
    drop(tokio::time::timeout(DRAIN, child.wait()).await);
    if ear.heard_too_much() && end != End::TimedOut {
        end = End::TooMuch;
    }
    let (output, last_words) = ear.into_heard();
    Ok(Ran {
        output,
        last_words,
        end,
        duration: began.elapsed(),
    })
}

#[cfg(unix)]
fn of_status(status: ExitStatus) -> End {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, Some(signal)) => End::Signal(signal),
        (None, None) => End::Code(-1),
    }
}

#[cfg(not(unix))]
fn of_status(status: ExitStatus) -> End {
    End::Code(status.code().unwrap_or(-1))
}
