//! The documents of the repository: what is known of each type, in one entry of [`types`].
//! Everything else asks here.

pub(crate) mod checks;
pub mod document_type;
pub mod effects;
pub mod path_pattern;
pub mod paths;
pub mod schema;
pub(crate) mod types;

use std::sync::LazyLock;

use crate::model::paths::RepoPath;
use crate::state::documents::path_pattern::PathPattern;

pub use document_type::{DocumentType, DocumentValue, TextType, Writer};
pub use types::generated_schemas;

/// Every type of document, what people write first.
pub fn all() -> &'static [&'static DocumentType] {
    types::TYPES
}

/// Names of all types, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = all().iter().map(|known| known.name).collect();
    names.sort_unstable();
    names
}

/// The type with a name.
pub fn find(name: &str) -> Option<&'static DocumentType> {
    all().iter().copied().find(|known| known.name == name)
}

/// The type of the document at a path. Of an archive it is `None`: nothing is read into it,
/// checked or merged as into the document that it was part of.
pub(crate) fn type_at(path: &RepoPath) -> Option<&'static DocumentType> {
    let path = below_root(path)?;
    let lies_there = |known: &&DocumentType| {
        let mut places = known.places.iter().chain(known.old_places);
        places.any(|place| place.matches(path))
    };
    all().iter().copied().find(lies_there)
}

/// Whether a file is made from documents, so that it is rendered again and never merged.
pub fn is_generated(path: &RepoPath) -> bool {
    below_root(path).is_some_and(|path| {
        let mut texts = types::texts::TEXTS.iter();
        texts.any(|text| text.is_generated && text.place.matches(path))
    })
}

/// Every place, and whether people write what lies there.
static PLACES: LazyLock<Vec<(PathPattern, bool)>> = LazyLock::new(|| {
    let documents = all().iter().flat_map(|known| {
        let places = known.all_places();
        places.map(|place| (place, known.is_configuration()))
    });
    let texts = types::texts::TEXTS.iter();
    let texts = texts.map(|text| (text.place, text.writer == Writer::People));
    documents.chain(texts).collect()
});

/// Whether people write what is at this path, or all that lies below it.
pub fn is_configuration(path: &RepoPath) -> bool {
    let mut path = path.as_str();
    if !(path == ROOT || path.starts_with(".fractary/")) {
        return true;
    }
    if let Some((_, configuration)) = PLACES.iter().find(|(place, _)| place.matches(path)) {
        return *configuration;
    }
    // A file that is not known is whose the others of its folder are.
    loop {
        let mut below = PLACES.iter().filter(|(place, _)| place.is_below(path));
        match below.next() {
            Some((_, first)) => return *first && below.all(|(_, configuration)| *configuration),
            None => match path.rsplit_once('/') {
                Some((folder, _)) => path = folder,
                None => return false,
            },
        }
    }
}

/// The folder that all documents lie in.
const ROOT: &str = ".fractary";

/// A path from `.fractary` on, for a project may lie in a folder of its repository.
fn below_root(path: &RepoPath) -> Option<&str> {
    let path = path.as_str();
    let starts = |at: usize| at == 0 || path[..at].ends_with('/');
    let mut found = path.match_indices(".fractary/").map(|(at, _)| at);
    found.find(|at| starts(*at)).map(|at| &path[at..])
}

#[cfg(test)]
mod tests;
