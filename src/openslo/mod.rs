//! OpenSLO v1 documents: read within limits, and said in the words of monitoring.toml.
//!
//! What cannot be said in them is reported with its line and never guessed.

mod conflicts;
mod document;
mod edit;
mod objective;
mod outcome;
mod place;
mod translate;
mod yaml;

#[cfg(test)]
mod tests;

pub use edit::{EditError, apply};
pub use outcome::{Edit, Import, Level, Note};
pub use translate::{Known, translate};
pub use yaml::YamlError;

/// A file of OpenSLO documents, as read.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenSlo {
    documents: Vec<document::Document>,
}

impl OpenSlo {
    /// Whether there is no document in it.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }
}

/// Reads a file.
///
/// # Errors
/// Where it is no YAML, or larger, deeper or cleverer than such a file needs to be.
pub fn read(bytes: &[u8]) -> Result<OpenSlo, YamlError> {
    let roots = yaml::parse(bytes)?;
    Ok(OpenSlo {
        documents: roots
            .into_iter()
            .flat_map(document::Document::all_in)
            .collect(),
    })
}
