//! Baselines: files with the ids of findings that are known.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::CommandError;
use crate::model::audit::{AuditReport, FindingStatus};

/// Where findings that are known stand, and where they are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BaselineFiles<'a> {
    /// Only findings that are not in this file count.
    pub(crate) read: Option<&'a Path>,
    /// Open findings are written here.
    pub(crate) write: Option<&'a Path>,
}

impl BaselineFiles<'_> {
    /// Reads the ids of findings that are known.
    pub(super) fn read(self) -> Result<Option<BTreeSet<String>>, CommandError> {
        let Some(path) = self.read else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            CommandError::usage(format!(
                "could not read the baseline {}: {error}",
                path.display()
            ))
            .hint("`fractary audit --write-baseline FILE` writes one")
        })?;
        let ids: Vec<String> = serde_json::from_str(&text).map_err(|error| {
            CommandError::usage(format!("{} is not a baseline: {error}", path.display()))
                .hint("`fractary audit --write-baseline FILE` writes one")
        })?;
        Ok(Some(ids.into_iter().collect()))
    }

    /// Writes the ids of the findings of reports, those that are suppressed left out.
    pub(super) fn write(self, reports: &[AuditReport]) -> Result<(), CommandError> {
        let Some(path) = self.write else {
            return Ok(());
        };
        let all = reports.iter().flat_map(|report| &report.findings);
        let open = all.filter(|one| one.status == FindingStatus::Open);
        let ids: BTreeSet<&str> = open.map(|one| one.id.as_str()).collect();
        let mut text = serde_json::to_string_pretty(&ids).map_err(CommandError::bug)?;
        text.push('\n');
        std::fs::write(path, text).map_err(|error| {
            CommandError::usage(format!(
                "could not write the baseline {}: {error}",
                path.display()
            ))
        })
    }
}
