//! How a repository is stored, as far as its configuration says: what the git library cannot
//! read is named, with the way out.

use std::fs;
use std::path::{Path, PathBuf};

/// What cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `extensions.objectFormat = sha256`.
    Sha256,
    /// `extensions.refStorage = reftable`.
    Reftable,
    /// Both.
    Sha256AndReftable,
}

impl Format {
    fn new(objects: Option<&str>, references: Option<&str>) -> Option<Self> {
        let sha256 = objects.is_some_and(|format| format.eq_ignore_ascii_case("sha256"));
        let reftable = references.is_some_and(|format| format.eq_ignore_ascii_case("reftable"));
        match (sha256, reftable) {
            (true, true) => Some(Self::Sha256AndReftable),
            (true, false) => Some(Self::Sha256),
            (false, true) => Some(Self::Reftable),
            (false, false) => None,
        }
    }

    /// What is said of a repository.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Sha256 => {
                "names its objects by SHA-256 (extensions.objectFormat), and this program can read SHA-1 only"
            }
            Self::Reftable => {
                "stores its references as a reftable (extensions.refStorage), and this program can read files only"
            }
            Self::Sha256AndReftable => {
                "names its objects by SHA-256 and stores its references as a reftable, and this program can read SHA-1 and files only"
            }
        }
    }

    /// What to do about it.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Sha256 | Self::Sha256AndReftable => {
                "keep the state in a repository of its own: `git init --object-format=sha1 --ref-format=files NEW`; `git fast-export --all | git -C NEW fast-import` takes the history along"
            }
            Self::Reftable => {
                "`git refs migrate --ref-format=files` converts it (git 2.46 or newer; not with linked work trees)"
            }
        }
    }
}

/// Finds out why a repository at `dir` or above cannot be opened, where its format is why.
pub(crate) fn unsupported(dir: &Path) -> Option<(PathBuf, Format)> {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let git_dir = absolute.ancestors().find_map(git_dir_at)?;
    // A linked work tree has its configuration in the repository that it belongs to.
    let common = fs::read_to_string(git_dir.join("commondir"));
    let common = common.map_or_else(|_| git_dir.clone(), |text| git_dir.join(text.trim()));
    let config =
        gix::config::File::from_path_no_includes(common.join("config"), gix::config::Source::Local);
    let config = config.ok()?;
    let get = |key: &str| config.string(key).map(|value| value.to_string());
    let objects = get("extensions.objectFormat");
    let references = get("extensions.refStorage");
    let format = Format::new(objects.as_deref(), references.as_deref())?;
    Some((common, format))
}

fn git_dir_at(folder: &Path) -> Option<PathBuf> {
    let inside = folder.join(".git");
    if inside.is_dir() {
        return Some(inside);
    }
    if let Ok(text) = fs::read_to_string(&inside) {
        return Some(folder.join(text.strip_prefix("gitdir:")?.trim()));
    }
    let bare = folder.join("HEAD").is_file() && folder.join("objects").is_dir();
    bare.then(|| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_named() {
        let cases = [
            (None, None, None),
            (Some("sha1"), Some("files"), None),
            (Some("sha256"), None, Some(Format::Sha256)),
            (None, Some("reftable"), Some(Format::Reftable)),
            (
                Some("sha256"),
                Some("reftable"),
                Some(Format::Sha256AndReftable),
            ),
        ];
        for (objects, references, wanted) in cases {
            assert_eq!(Format::new(objects, references), wanted);
        }
    }
}
