//! Terraform in the work tree that is not as HEAD has it: no review looks at that.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::app::review::sources::directory_of;
use crate::error::CommandError;
use crate::git::{CommitFiles, Repository};
use crate::hcl::files::is_source;
use crate::model::ids::CommitId;
use crate::model::paths::{Files, RepoPath};
use crate::text::Untrusted;

/// Names files that were edited or added since HEAD. They are read as they are: no filter runs,
/// whatever `.gitattributes` asks for.
pub(super) fn gap(
    repository: &Repository,
    head: &CommitId,
) -> Result<Option<Untrusted>, CommandError> {
    let Some(root) = repository.work_dir() else {
        return Ok(None);
    };
    let files = repository.raw_files_at(Some(head))?;
    let all = repository.differing_paths(None, head)?;
    let committed = all.iter().map(|one| one.path.as_str());
    let committed: BTreeSet<&str> = committed.filter(|path| is_source(path)).collect();
    let edited = committed
        .iter()
        .filter(|path| is_edited(root, path, &files));
    let mut found: BTreeSet<String> = edited.map(|path| (*path).to_owned()).collect();
    let directories: BTreeSet<String> = committed.iter().map(|path| directory_of(path)).collect();
    for directory in &directories {
        let there = sources_in(root, directory).into_iter();
        found.extend(there.filter(|path| !committed.contains(path.as_str())));
    }
    let Some(first) = found.first() else {
        return Ok(None);
    };
    let more = match found.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!("what is not committed: {first}{more}");
    Ok(Some(Untrusted::from(text)))
}

/// Whether a file has other lines than in the commit, however these end. What is not there may be
/// left out of the checkout.
fn is_edited(root: &Path, path: &str, files: &CommitFiles) -> bool {
    let place = root.join(path);
    let is_file = fs::symlink_metadata(&place).is_ok_and(|found| found.is_file());
    let path = RepoPath::new(path).ok();
    let committed = path.and_then(|path| files.read(&path).ok().flatten());
    match (is_file.then(|| fs::read(&place)), committed) {
        (Some(Ok(there)), Some(committed)) => {
            let is_text = |byte: &&u8| **byte != b'\r';
            let there = there.iter().filter(is_text);
            !there.eq(committed.iter().filter(is_text))
        }
        _ => false,
    }
}

/// The files of a directory that Terraform reads.
fn sources_in(root: &Path, directory: &str) -> Vec<String> {
    let entries = fs::read_dir(root.join(directory)).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let paths = names.map(|name| match directory {
        "." => name,
        _ => format!("{directory}/{name}"),
    });
    paths.filter(|path| is_source(path)).collect()
}
