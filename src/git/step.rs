//! The steps of a commit, by name, so that a test can stop dead after any of them.

use std::fmt;
use std::str::FromStr;

/// A point of [`Repository::commit`](super::Repository::commit) right after something became
/// durable. A process may die at each of them and the repository must stay whole.
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
}

/// Why a text is not the name of a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a step of a commit: expected lock-taken, blobs-written, tree-written, \
     commit-written, journal-written, ref-moved, file-written:<n>, index-written or \
     journal-removed"
)]
pub struct InvalidStep(pub String);

const NAMES: [(&str, Step); 8] = [
    ("lock-taken", Step::LockTaken),
    ("blobs-written", Step::BlobsWritten),
    ("tree-written", Step::TreeWritten),
    ("commit-written", Step::CommitWritten),
    ("journal-written", Step::JournalWritten),
    ("ref-moved", Step::RefMoved),
    ("index-written", Step::IndexWritten),
    ("journal-removed", Step::JournalRemoved),
];

const FILE_WRITTEN: &str = "file-written:";

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileWritten(n) => write!(f, "{FILE_WRITTEN}{n}"),
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
        let number = text.strip_prefix(FILE_WRITTEN);
        if let Some(n) = number.and_then(|n| n.parse().ok()) {
            return Ok(Self::FileWritten(n));
        }
        let found = NAMES.iter().find(|(name, _)| *name == text);
        found
            .map(|(_, step)| *step)
            .ok_or_else(|| InvalidStep(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let all = NAMES.iter().map(|(_, step)| *step);
        for step in all.chain([Step::FileWritten(0), Step::FileWritten(17)]) {
            assert_eq!(step.to_string().parse(), Ok(step));
        }
        for bad in ["", "file-written:", "file-written:-1", "RefMoved"] {
            assert!(bad.parse::<Step>().is_err(), "{bad}");
        }
    }
}
