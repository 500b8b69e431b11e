//! What a person may be in the middle of in a work tree.

/// What a person may be in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `git rebase`.
    Rebase,
    /// `git am`.
    Am,
    /// `git merge`.
    Merge,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
    /// `git bisect`.
    Bisect,
}

impl Operation {
    /// Its name, for messages.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Rebase => "a rebase",
            Self::Am => "git am",
            Self::Merge => "a merge",
            Self::CherryPick => "a cherry-pick",
            Self::Revert => "a revert",
            Self::Bisect => "a bisect",
        }
    }

    /// The commands that end it.
    pub(crate) fn ends(self) -> &'static str {
        match self {
            Self::Rebase => {
                "finish it with `git rebase --continue`, or undo it with `git rebase --abort`"
            }
            Self::Am => "finish it with `git am --continue`, or undo it with `git am --abort`",
            Self::Merge => "finish it with `git commit`, or undo it with `git merge --abort`",
            Self::CherryPick => {
                "finish it with `git cherry-pick --continue`, or undo it with `git cherry-pick --abort`"
            }
            Self::Revert => {
                "finish it with `git revert --continue`, or undo it with `git revert --abort`"
            }
            Self::Bisect => "end it with `git bisect reset`",
        }
    }
}
