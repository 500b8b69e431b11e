//! Runs programs: git, the monitors of domains. Knows how to start one, how to end it with
//! everything that it started, and how much of it to listen to; never what it says.
//!
//! A program is somebody's code, and may hang, flood or fork. It gets a process group of its
//! own, a time limit and a bounded output, and costs the others nothing. Whatever the reason
//! to end it, it is asked once by a signal, gets time to clean up, and is killed after that.

mod group;
mod interrupts;
mod lines;
mod output;
mod start;
mod supervise;
#[cfg(all(test, unix))]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::text::Untrusted;

pub use group::{end_group, is_alive, is_group_alive};
pub use interrupts::{Interrupt, Interrupts};
pub use lines::{Line, Source};
pub use supervise::{run, run_blocking, stream};

/// Most bytes of standard output that are taken where nothing else is set.
pub const MOST_OUTPUT: usize = 1024 * 1024;

/// Time that a program has to end by itself after it was asked to, where nothing else is set.
const GRACE: Duration = Duration::from_millis(400);

/// A program to run, and the bounds within which it runs.
#[derive(Debug, Clone)]
pub struct Program {
    /// Program and arguments.
    pub exec: Vec<OsString>,
    /// Working directory. A relative path to the program begins here as well.
    pub folder: PathBuf,
    /// The variables that it gets.
    pub variables: Variables,
    /// What it reads on standard input; nothing where there is none.
    pub input: Option<Vec<u8>>,
    /// Time limit.
    pub limit: Duration,
    /// Most bytes of standard output that [`run`] takes; a program that prints more is ended.
    pub most_output: usize,
    /// How it is asked to end before its time.
    pub ending: Ending,
    /// Its process group.
    pub group: Grouping,
    /// What Ctrl-C does.
    pub on_interrupt: OnInterrupt,
    /// Files that its outputs go to, in place of this process; nothing of them is handed on.
    pub files: Option<OutputFiles>,
}

/// Files for the outputs of a program that must be able to end in its own time when this process
/// is gone: a pipe that nobody reads would end it at the next thing that it prints.
#[derive(Debug, Clone)]
pub struct OutputFiles {
    /// For standard output. Made anew, for its owner alone.
    pub output: PathBuf,
    /// For standard error.
    pub errors: PathBuf,
    /// For the number of its process, which is that of its group too.
    pub process: PathBuf,
}

impl Program {
    /// A program that gets no variables and no input, in a process group of its own.
    pub fn new(
        exec: impl IntoIterator<Item = impl Into<OsString>>,
        folder: impl Into<PathBuf>,
        limit: Duration,
    ) -> Self {
        Self {
            exec: exec.into_iter().map(Into::into).collect(),
            folder: folder.into(),
            variables: Variables::Only(BTreeMap::new()),
            input: None,
            limit,
            most_output: MOST_OUTPUT,
            ending: Ending {
                signal: EndSignal::Terminate,
                grace: GRACE,
            },
            group: Grouping::Own,
            on_interrupt: OnInterrupt::LeaveToCaller,
            files: None,
        }
    }
}

/// The environment of a program.
#[derive(Debug, Clone)]
pub enum Variables {
    /// These and no others.
    Only(BTreeMap<String, String>),
    /// Those of this process, with these on top.
    InheritedWith(BTreeMap<String, String>),
}

/// How a program is asked to end: one signal, never repeated, and time to act on it.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    /// The signal.
    pub signal: EndSignal,
    /// Time until it is killed.
    pub grace: Duration,
}

/// A signal that asks a program to end. Windows has neither: a program is ended at once there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSignal {
    /// `SIGINT`, as from Ctrl-C.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
}

/// Which process group a program runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// One of its own, of which nothing is left when the program has ended.
    Own,
    /// One of its own; what the program leaves behind when it ends by itself may stay, as the
    /// credential cache of git.
    OwnWithDaemons,
    /// That of this process: a group of its own could not ask at the terminal. Only the program
    /// itself is ended then.
    Shared,
}

/// What an interrupt of this process (Ctrl-C, `SIGTERM`) means for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInterrupt {
    /// Nothing by itself: whoever waits for the program drops the future, which kills it.
    LeaveToCaller,
    /// It is asked to end and waited for; a second interrupt kills it.
    PassOn,
    /// It is asked to end once and waited for, however many interrupts and hang-ups come.
    PassOnOnce,
}

/// What became of a program.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What it printed on standard output, as far as it was taken.
    pub output: Vec<u8>,
    /// The last lines of its standard error that are not blank, redacted.
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
    /// By a signal of this number that did not come from here.
    Signal(i32),
    /// It was ended at its time limit.
    TimedOut,
    /// It was ended because it printed more than it may.
    TooMuch,
    /// It was ended because this process was interrupted.
    Interrupted,
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
