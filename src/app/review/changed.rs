//! Which lines of a file a change touches: what is said of them is shown where people look.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use similar::{ChangeTag, TextDiff};

use crate::app::review::Commits;
use crate::app::review::sources::BlockPlace;
use crate::git::Repository;
use crate::model::ids::CommitId;
use crate::model::paths::{Files, RepoPath};
use crate::model::review::SourcePlace;

/// Longer files are not compared: that takes long, and nobody reads them.
const MOST_LINES: usize = 5_000;

/// The lines that a change adds or rewrites.
pub(crate) struct ChangedLines<'a> {
    repository: &'a Repository,
    from: &'a CommitId,
    head: &'a CommitId,
    known: RefCell<BTreeMap<RepoPath, BTreeSet<u32>>>,
}

impl<'a> ChangedLines<'a> {
    pub(super) fn new(repository: &'a Repository, commits: &'a Commits) -> Self {
        Self {
            repository,
            from: commits.fork.as_ref().unwrap_or(&commits.base),
            head: &commits.head,
            known: RefCell::new(BTreeMap::new()),
        }
    }

    /// Returns where to show what is said of a block: at the first line of it that is touched, else
    /// at its first line.
    pub(super) fn place(&self, block: BlockPlace) -> SourcePlace {
        let mut known = self.known.borrow_mut();
        let lines = known
            .entry(block.file.clone())
            .or_insert_with_key(|file| self.compare(file));
        let touched = lines.range(block.lines.clone()).next().copied();
        SourcePlace {
            line: touched.unwrap_or(*block.lines.start()),
            changed: touched.is_some(),
            file: block.file,
        }
    }

    fn compare(&self, file: &RepoPath) -> BTreeSet<u32> {
        let read = |commit: &CommitId| -> Option<String> {
            let files = self.repository.raw_files_at(Some(commit)).ok()?;
            let bytes = files.read(file).ok()?.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            (text.lines().count() <= MOST_LINES).then_some(text)
        };
        let (Some(old), Some(new)) = (read(self.from), read(self.head)) else {
            return BTreeSet::new();
        };
        TextDiff::from_lines(old.as_str(), new.as_str())
            .iter_all_changes()
            .filter(|change| change.tag() == ChangeTag::Insert)
            .filter_map(|change| u32::try_from(change.new_index()? + 1).ok())
            .collect()
    }
}
