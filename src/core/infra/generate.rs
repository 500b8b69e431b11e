//! What becomes of a generated file that people may have edited, moved or removed.

use crate::core::infra::merge::{TextMerge, merge};
use crate::model::design::{FileOutcome, MergeConflict};

/// A generated file, and what there is of it.
#[derive(Debug, Clone, Copy)]
pub struct GeneratedFile<'a> {
    /// The file as it is.
    pub current: Option<&'a str>,
    /// Whether an earlier run generated it.
    pub is_recorded: bool,
    /// Whether it is as the last run generated it.
    pub is_as_generated: bool,
    /// What the last run generated, where that is still known.
    pub base: Option<&'a str>,
    /// What is generated now.
    pub new: &'a str,
    /// Whether a person agreed to lose what cannot be merged.
    pub overwrite: bool,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDecision {
    /// In a word.
    pub outcome: FileOutcome,
    /// Its new content; `None` where it is left alone.
    pub content: Option<String>,
    /// What cannot be merged.
    pub conflicts: Vec<MergeConflict>,
}

impl FileDecision {
    fn left(outcome: FileOutcome) -> Self {
        Self {
            outcome,
            content: None,
            conflicts: Vec::new(),
        }
    }

    fn written(outcome: FileOutcome, content: &str) -> Self {
        Self {
            outcome,
            content: Some(content.to_owned()),
            conflicts: Vec::new(),
        }
    }

    /// Whether the last generated content is recorded from now on.
    pub fn is_recorded(&self) -> bool {
        match self.outcome {
            FileOutcome::Created
            | FileOutcome::Updated
            | FileOutcome::Merged
            | FileOutcome::Overwritten
            | FileOutcome::Unchanged => true,
            FileOutcome::Conflict
            | FileOutcome::Foreign
            | FileOutcome::NoBase
            | FileOutcome::Removed
            | FileOutcome::StaysDeleted => false,
        }
    }
}

/// Decides on one file.
pub fn decide(file: &GeneratedFile<'_>) -> FileDecision {
    let Some(current) = file.current else {
        return match file.is_recorded && !file.overwrite {
            true => FileDecision::left(FileOutcome::StaysDeleted),
            false => FileDecision::written(FileOutcome::Created, file.new),
        };
    };
    if current == file.new {
        return FileDecision::left(FileOutcome::Unchanged);
    }
    if file.is_recorded && file.is_as_generated {
        return FileDecision::written(FileOutcome::Updated, file.new);
    }
    let decided = match (file.is_recorded, file.base) {
        (false, _) => FileDecision::left(FileOutcome::Foreign),
        (true, None) => FileDecision {
            conflicts: vec![MergeConflict {
                line: 1,
                base: String::new(),
                ours: current.to_owned(),
                theirs: file.new.to_owned(),
            }],
            ..FileDecision::left(FileOutcome::NoBase)
        },
        (true, Some(base)) => match merge(base, current, file.new) {
            TextMerge::Clean(text) if text == current => FileDecision::left(FileOutcome::Unchanged),
            TextMerge::Clean(text) => FileDecision::written(FileOutcome::Merged, &text),
            TextMerge::Conflicts(conflicts) => FileDecision {
                conflicts,
                ..FileDecision::left(FileOutcome::Conflict)
            },
        },
    };
    match decided.content.is_none() && decided.outcome != FileOutcome::Unchanged && file.overwrite {
        true => FileDecision::written(FileOutcome::Overwritten, file.new),
        false => decided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_did_to_a_file_decides() {
        let file = GeneratedFile {
            current: Some("a\nb\n"),
            is_recorded: true,
            is_as_generated: false,
            base: Some("a\n"),
            new: "a\n",
            overwrite: false,
        };
        for (file, outcome, content) in [
            (file, FileOutcome::Unchanged, None),
            (
                GeneratedFile {
                    current: None,
                    is_recorded: false,
                    ..file
                },
                FileOutcome::Created,
                Some("a\n"),
            ),
            (
                GeneratedFile {
                    current: None,
                    ..file
                },
                FileOutcome::StaysDeleted,
                None,
            ),
            (
                GeneratedFile {
                    current: None,
                    overwrite: true,
                    ..file
                },
                FileOutcome::Created,
                Some("a\n"),
            ),
            (
                GeneratedFile {
                    is_recorded: false,
                    ..file
                },
                FileOutcome::Foreign,
                None,
            ),
            (
                GeneratedFile {
                    is_recorded: false,
                    overwrite: true,
                    ..file
                },
                FileOutcome::Overwritten,
                Some("a\n"),
            ),
            (
                GeneratedFile {
                    current: Some("a\n"),
                    is_as_generated: true,
                    new: "c\n",
                    ..file
                },
                FileOutcome::Updated,
                Some("c\n"),
            ),
            (
                GeneratedFile { base: None, ..file },
                FileOutcome::NoBase,
                None,
            ),
            (
                GeneratedFile {
                    new: "z\na\n",
                    ..file
                },
                FileOutcome::Merged,
                Some("z\na\nb\n"),
            ),
            (
                GeneratedFile {
                    current: Some("x\n"),
                    new: "y\n",
                    ..file
                },
                FileOutcome::Conflict,
                None,
            ),
            (
                GeneratedFile {
                    current: Some("x\n"),
                    new: "y\n",
                    overwrite: true,
                    ..file
                },
                FileOutcome::Overwritten,
                Some("y\n"),
            ),
        ] {
            let decided = decide(&file);
            assert_eq!(
                (decided.outcome, decided.content.as_deref()),
                (outcome, content),
                "{file:?}"
            );
        }
    }
}
