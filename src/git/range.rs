//! The commits between two, by ancestry.

use crate::git::error::GitError;
use crate::git::program::QUICK;
use crate::git::repository::Repository;
use crate::model::ids::CommitId;

/// A commit of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeCommit {
    /// Its id.
    pub id: String,
    /// Seconds since 1970 at which it was written.
    pub authored_at: i64,
    /// Seconds since 1970 at which it was committed as it is.
    pub committed_at: i64,
    /// First line of its message, as it was written.
    pub subject: String,
    /// Its parents, the branch that it was made on first.
    pub parents: Vec<String>,
}

/// What lies between two commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ancestry {
    /// The second descends from the first, by these commits, newest first.
    Descends(Vec<RangeCommit>),
    /// The first descends from the second.
    Older,
    /// Neither descends from the other.
    Apart,
    /// The clone is shallow, so that it cannot be told.
    Shallow,
}

impl Repository {
    /// Returns what lies between two commits.
    ///
    /// # Errors
    /// [`GitError`] where a commit is not there, or an object can't be read.
    pub fn ancestry(&self, from: &CommitId, to: &CommitId) -> Result<Ancestry, GitError> {
        if self.is_shallow()? {
            return Ok(Ancestry::Shallow);
        }
        if !self.descends_from(to, from)? {
            return Ok(match self.descends_from(from, to)? {
                true => Ancestry::Older,
                false => Ancestry::Apart,
            });
        }
        let range = format!("{from}..{to}");
        // Neither a configuration nor grafts of this machine may change what is counted.
        let arguments = [
            "-c",
            "log.showSignature=false",
            "--no-replace-objects",
            "log",
            "--topo-order",
            "--no-color",
            "--format=%H%x1f%P%x1f%at%x1f%ct%x1f%s",
            range.as_str(),
            "--",
        ];
        let text = self.ask(&arguments, QUICK)?;
        let commits = text.lines().filter_map(parse).collect();
        Ok(Ancestry::Descends(commits))
    }
}

fn parse(line: &str) -> Option<RangeCommit> {
    let mut parts = line.splitn(5, '\u{1f}');
    let (id, parents) = (parts.next()?, parts.next()?);
    let (authored_at, committed_at) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(RangeCommit {
        id: id.to_owned(),
        authored_at,
        committed_at,
        subject: parts.next()?.to_owned(),
        parents: parents.split_whitespace().map(str::to_owned).collect(),
    })
}
