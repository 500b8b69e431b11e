//! What a repository keeps of the past: histories, and issues that are over.
//!
//! It is most of what grows. A run that commits nothing has no use for it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{by_environment, written};
use crate::model::history::History;
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::issue::Issue;
use crate::model::paths::Files;
use crate::state::diagnostic::{Diagnostic, Invalid};
use crate::state::document::Document;
use crate::state::read::Reader;
use crate::state::{crosscheck, paths};

/// What is over.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// monitoring-history.json by environment.
    pub histories: BTreeMap<EnvironmentName, Document<History>>,
    /// Resolved issues.
    pub resolved: BTreeMap<IssueId, Document<Issue>>,
    /// What is worth mending in it, where it was read apart from the present.
    pub warnings: Vec<Diagnostic>,
}

/// Reads it. Fails if any document has an error, with every error and warning there is.
pub fn load_past(files: &dyn Files) -> Result<Past, Invalid> {
    let mut reader = Reader::new(files);
    let past = read(&mut reader);
    Ok(Past {
        warnings: reader.warnings()?,
        ..past
    })
}

pub(super) fn read(reader: &mut Reader<'_>) -> Past {
    let mut past = Past::default();
    let sort = written("monitoring-history", crosscheck::history);
    for folder in [paths::monitoring_dir(), paths::old_monitoring_dir()] {
        for (name, folder) in by_environment(reader, &folder) {
            let path = paths::within(&folder, "monitoring-history.json");
            // What lies in the new place counts.
            if let Entry::Vacant(entry) = past.histories.entry(name)
                && let Some(document) = reader.document(path, &sort)
            {
                entry.insert(document);
            }
        }
    }
    let resolved = reader.list(&paths::resolved_issues_dir(), ".json");
    for document in reader.documents(&resolved, &written("issue", crosscheck::issue)) {
        past.resolved.insert(document.value.id.clone(), document);
    }
    past
}
