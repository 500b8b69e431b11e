//! What the base branch has gained since a branch began: a plan of that branch would undo it.

use std::collections::BTreeSet;

use crate::app::review::sources::TerraformSources;
use crate::app::review::{Commits, Gained};
use crate::core::review::UndoneCommit;
use crate::error::CommandError;
use crate::git::Repository;
use crate::model::ids::CommitId;
use crate::text::Untrusted;

/// Commits of the base branch that are looked through for the one that added a resource.
const MOST_COMMITS: usize = 100;

/// The history that a review may look into.
pub(crate) struct BaseHistory<'a> {
    repository: &'a Repository,
    commits: &'a Commits,
}

impl<'a> BaseHistory<'a> {
    pub(super) fn new(repository: &'a Repository, commits: &'a Commits) -> Self {
        Self {
            repository,
            commits,
        }
    }

    /// Says what cannot be told, where something cannot.
    pub(super) fn gap(&self) -> Option<Untrusted> {
        self.commits.fork.is_none().then(|| {
            "whether the plans undo what others merged: the history here does not reach back to where the branch began (`fetch-depth: 0`)".into()
        })
    }

    /// Finds those of some addresses that the base branch has gained in a directory since
    /// this branch began, and which commit added each.
    pub(super) fn gained(
        &self,
        directory: &str,
        removed: &BTreeSet<String>,
    ) -> Result<Gained, CommandError> {
        let mut gained = Gained::new();
        let Some(fork) = &self.commits.fork else {
            return Ok(gained);
        };
        if removed.is_empty() || *fork == self.commits.base {
            return Ok(gained);
        }
        let read = |commit: &CommitId| -> Result<BTreeSet<String>, CommandError> {
            Ok(TerraformSources::read(self.repository, commit)?.addresses(directory))
        };
        let (base, began, head) = (
            read(&self.commits.base)?,
            read(fork)?,
            read(&self.commits.head)?,
        );
        let is_gained = |address: &&String| {
            base.contains(*address) && !began.contains(*address) && !head.contains(*address)
        };
        let wanted: BTreeSet<&String> = removed.iter().filter(is_gained).collect();
        if !wanted.is_empty() {
            self.attribute(wanted, fork, &read, &mut gained)?;
        }
        Ok(gained)
    }

    /// Finds the commit that added each.
    fn attribute(
        &self,
        mut wanted: BTreeSet<&String>,
        fork: &CommitId,
        read: &dyn Fn(&CommitId) -> Result<BTreeSet<String>, CommandError>,
        gained: &mut Gained,
    ) -> Result<(), CommandError> {
        let mut added_by: Option<UndoneCommit> = None;
        let mut note = |addresses: BTreeSet<&String>, by: &Option<UndoneCommit>| {
            for (address, by) in addresses.into_iter().zip(std::iter::repeat(by)) {
                gained.extend(by.clone().map(|by| (address.clone(), by)));
            }
        };
        for commit in self.repository.log_from(&self.commits.base, MOST_COMMITS)? {
            let is_reached = commit.id == *fork;
            let there = if is_reached {
                BTreeSet::new()
            } else {
                read(&commit.id)?
            };
            // The newest commit that lacks it stands before the one that added it.
            let (missing, left): (BTreeSet<&String>, BTreeSet<&String>) = wanted
                .into_iter()
                .partition(|address| !there.contains(*address));
            note(missing, &added_by);
            wanted = left;
            added_by = Some(UndoneCommit {
                id: commit.id,
                subject: Untrusted::new(commit.subject),
            });
            if wanted.is_empty() || is_reached {
                break;
            }
        }
        note(wanted, &added_by);
        Ok(())
    }
}
