//! What is known of a type of document: everything that reading, checking, merging, showing
//! and explaining it needs.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::state::diagnostic::locate::{Language, PathStep};
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::path_pattern::PathPattern;
use crate::state::documents::schema::Schema;
use crate::state::merge::rule::MergeRule;

/// A type of document.
#[derive(Debug)]
pub struct DocumentType {
    /// Its name: of its schema, of its samples, and for `fractary schema`.
    pub name: &'static str,
    /// Its JSON Schema.
    pub(crate) schema: Schema,
    /// The good sample that the reference shows.
    pub sample: &'static str,
    /// The language that it is written in.
    pub(crate) language: Language,
    /// Where such documents lie, the usual place first; empty for what is printed, sent or
    /// received instead of stored.
    pub places: &'static [PathPattern],
    /// Where earlier layouts had them: still read, with a warning.
    pub old_places: &'static [PathPattern],
    /// Where what is over is moved to.
    pub archives: &'static [PathPattern],
    /// Who writes it.
    pub writer: Writer,
    /// What its size depends on, and what keeps it small.
    pub growth: &'static str,
    /// What happens to it where two branches changed it.
    pub(crate) merge: Merge,
    /// How it is read.
    pub(crate) reading: ReadRules,
}

/// Who writes a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// People: in a file, it is configuration.
    People,
    /// Runs of this program: in a file, it is state.
    Runs,
    /// Other programs, such as what deploys: in a file, it is state.
    Programs,
}

/// How two versions of a document become one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Merge {
    /// Key by key.
    ByRule(&'static MergeRule),
    /// By a function of its own.
    ByFunction(Merger),
    /// As an issue, which moves from one place to the other.
    Issue,
    /// Not at all: git merges its text.
    Never,
}

/// Merges base, ours and theirs to the bytes of the result; else names the keys that a person
/// has to decide about.
pub(crate) type Merger = fn(Option<&Value>, &Value, &Value) -> Result<Vec<u8>, Vec<String>>;

/// What is special about reading a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadRules {
    /// Whether its schema asks for nothing that its type does not, so that a text which is
    /// exactly what would be written of a value is known to be valid.
    pub(crate) exact: bool,
    /// Whether it may hold names only, so that what looks like a secret is refused.
    pub(crate) names_only: bool,
    /// Keys that the schema leaves to other parts of the product: known, not read here.
    pub(crate) foreign_keys: &'static [&'static str],
}

impl ReadRules {
    /// Held to its schema whatever it looks like.
    pub(crate) const IN_FULL: Self = Self {
        exact: false,
        names_only: false,
        foreign_keys: &[],
    };

    /// Valid by its type where it is as this version writes it.
    pub(crate) const EXACT: Self = Self {
        exact: true,
        ..Self::IN_FULL
    };
}

impl DocumentType {
    /// The text of its schema, as in `schemas/<name>.schema.json`.
    pub fn schema(&self) -> &'static str {
        self.schema.text()
    }

    /// Whether people write it into a file, so that it counts as it is checked out.
    pub fn is_configuration(&self) -> bool {
        self.writer == Writer::People
    }

    /// All places: usual, old, and of archives.
    pub(crate) fn all_places(&self) -> impl Iterator<Item = PathPattern> {
        let lists = [self.places, self.old_places, self.archives];
        lists.into_iter().flatten().copied()
    }

    /// The place of a document that has one place.
    ///
    /// # Panics
    /// For a type that no file holds.
    pub(crate) fn place(&self) -> PathPattern {
        *self.places.first().expect("callers ask for types of files")
    }

    /// What happens where two branches changed it, for people.
    pub fn merging(&self) -> &'static str {
        match self.merge {
            Merge::ByRule(rule) if rule.conflicts => {
                "by its keys; one that both sides changed is a conflict"
            }
            Merge::ByRule(rule) if rule.whole => "the newer one stays, as a whole",
            Merge::ByRule(_) => "by its keys; one that both sides changed is the newer side's",
            Merge::ByFunction(_) => "by its entries; those of both sides are kept",
            Merge::Issue => {
                "by its keys; notes and events of both sides are kept, and the last of them says \
                 whether it is open"
            }
            Merge::Never => "as text, by git",
        }
    }
}

/// The Rust type that documents of a type are read into.
pub trait DocumentValue: DeserializeOwned + Serialize {
    /// What is known of such documents.
    fn document_type() -> &'static DocumentType;

    /// Finds what a schema cannot say: that the document agrees with its place and with itself.
    fn check(&self, _path: &RepoPath) -> Vec<Problem> {
        Vec::new()
    }

    /// Lists the environments that it names, for they should be in environments.json.
    fn environments_named(&self) -> Vec<(Vec<PathStep>, &EnvironmentName)> {
        Vec::new()
    }
}

/// A file for people that no schema describes.
#[derive(Debug)]
pub struct TextType {
    /// Where such files lie.
    pub place: PathPattern,
    /// Who writes it.
    pub writer: Writer,
    /// Whether it is made from documents, so that it is rendered again and never merged.
    pub is_generated: bool,
}
