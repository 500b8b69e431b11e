//! The steps of a commit, of a push and of the rebuild that a lost race asks for, by name, so
//! that a test can stop dead after any of them.

use std::fmt;
use std::str::FromStr;

/// A point of [`Repository::commit`](super::Repository::commit),
/// [`Repository::push`](super::Repository::push) or
/// [`Repository::rebuild`](super::Repository::rebuild) right after something became durable,
/// here or at the remote. A process may die at each of them and both must stay whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The lock is held, nothing else has happened.
    LockTaken,
    /// The new contents are objects that nothing refers to.
    BlobsWritten,
    /// So is the new tree.
    TreeWritten,
    /// So is the commit.
    CommitWritten,
    /// The journal names the commit.
    JournalWritten,
    /// The branch points to the commit: from here on the new state stands.
    RefMoved,
    /// The n-th working file of the transaction, in path order, has been brought up to date.
    FileWritten(usize),
    /// The index has the new entries.
    IndexWritten,
    /// The journal is gone: everything is done.
    JournalRemoved,
    /// The remote has the commits; its answer has not been read.
    PushSent,
    /// The remote has refused, because another push was faster.
    PushLost,
    /// What the remote has is here.
    Fetched,
    /// The rebuild has the lock, nothing else has happened.
    RebuildLockTaken,
    /// The n-th commit exists once more, on top of what was fetched; nothing refers to it.
    CommitRebuilt(usize),
    /// The journal names the last rebuilt commit.
    RebuildJournalWritten,
    /// The branch points to the last rebuilt commit: from here on the new state stands.
    RebuildRefMoved,
    /// Index and working files show it.
    RebuildIndexWritten,
    /// The journal is gone: only the push is left to do.
    RebuildJournalRemoved,
}

/// What is to go wrong, for tests: a step, at which a commit stops dead or, with `panic:`
/// before it, panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    step: Step,
    panics: bool,
}

impl Fault {
    /// Whether to stop at a step.
    ///
    /// # Panics
    /// At its step, where it is told to.
    pub fn strikes(self, step: Step) -> bool {
        let strikes = step == self.step;
        assert!(!(strikes && self.panics), "told to panic at {step}");
        strikes
    }
}

impl FromStr for Fault {
    type Err = InvalidStep;

    fn from_str(text: &str) -> Result<Self, InvalidStep> {
        let (panics, step) = match text.strip_prefix("panic:") {
            Some(step) => (true, step),
            None => (false, text),
        };
        Ok(Self {
            step: step.parse()?,
            panics,
        })
    }
}

/// Why a text is not the name of a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a step of a commit or a push: expected {all}", all = names())]
pub struct InvalidStep(pub String);

const NAMES: [(&str, Step); 16] = [
    ("lock-taken", Step::LockTaken),
    ("blobs-written", Step::BlobsWritten),
    ("tree-written", Step::TreeWritten),
    ("commit-written", Step::CommitWritten),
    ("journal-written", Step::JournalWritten),
    ("ref-moved", Step::RefMoved),
    ("index-written", Step::IndexWritten),
    ("journal-removed", Step::JournalRemoved),
    ("push-sent", Step::PushSent),
    ("push-lost", Step::PushLost),
    ("fetched", Step::Fetched),
    ("rebuild-lock-taken", Step::RebuildLockTaken),
    ("rebuild-journal-written", Step::RebuildJournalWritten),
    ("rebuild-ref-moved", Step::RebuildRefMoved),
    ("rebuild-index-written", Step::RebuildIndexWritten),
    ("rebuild-journal-removed", Step::RebuildJournalRemoved),
];

/// Makes a step with a number.
type Numbered = fn(usize) -> Step;

/// Steps that happen more than once and carry a number.
const NUMBERED: [(&str, Numbered); 2] = [
    ("file-written:", Step::FileWritten),
    ("commit-rebuilt:", Step::CommitRebuilt),
];

/// All names, for a message.
fn names() -> String {
    let plain = NAMES.iter().map(|(name, _)| (*name).to_owned());
    let numbered = NUMBERED.iter().map(|(prefix, _)| format!("{prefix}<n>"));
    plain.chain(numbered).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileWritten(n) => write!(f, "file-written:{n}"),
            Self::CommitRebuilt(n) => write!(f, "commit-rebuilt:{n}"),
            other => {
                let (name, _) = NAMES
                    .iter()
                    .find(|(_, step)| step == other)
                    .expect("every other step is in the table");
                f.pad(name)
            }
        }
    }
}

impl FromStr for Step {
    type Err = InvalidStep;

    fn from_str(text: &str) -> Result<Self, InvalidStep> {
        let numbered = NUMBERED.iter().find_map(|(prefix, step)| {
            let number = text.strip_prefix(prefix)?;
            Some(step(number.parse().ok()?))
        });
        let plain = || NAMES.iter().find(|(name, _)| *name == text);
        numbered
            .or_else(|| plain().map(|(_, step)| *step))
            .ok_or_else(|| InvalidStep(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let all = NAMES.iter().map(|(_, step)| *step);
        let numbered = [
            Step::FileWritten(0),
            Step::FileWritten(17),
            Step::CommitRebuilt(1),
        ];
        for step in all.chain(numbered) {
            assert_eq!(step.to_string().parse(), Ok(step));
        }
        for bad in [
            "",
            "file-written:",
            "file-written:-1",
            "commit-rebuilt:x",
            "RefMoved",
        ] {
            assert!(bad.parse::<Step>().is_err(), "{bad}");
        }
    }

    #[test]
    fn faults_strike_at_their_step() {
        let stop: Fault = "ref-moved".parse().expect("a step");
        assert!(stop.strikes(Step::RefMoved) && !stop.strikes(Step::LockTaken));
        let panic: Fault = "panic:ref-moved".parse().expect("a step");
        assert!(!panic.strikes(Step::LockTaken));
        assert!(std::panic::catch_unwind(|| panic.strikes(Step::RefMoved)).is_err());
        assert!("panic:".parse::<Fault>().is_err());
    }
}
