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
        let ids = parse(&text).map_err(|error| {
            CommandError::usage(format!("{} is not a baseline: {error}", path.display()))
                .hint("`fractary audit --write-baseline FILE` writes one")
        })?;
        Ok(Some(ids.into_iter().collect()))
    }

    /// Writes the ids of the findings of reports, those that are suppressed left out. Of an audit
    /// that did not see everything, ids that were known stay, since what they name may still be
    /// there: all but those that are fixed or suppressed. Returns how many stay.
    pub(super) fn write(
        self,
        reports: &[AuditReport],
        known: Option<&BTreeSet<String>>,
        is_part: bool,
    ) -> Result<usize, CommandError> {
        let Some(path) = self.write else {
            return Ok(0);
        };
        let replaced = ids_in(path);
        let all = || reports.iter().flat_map(|report| &report.findings);
        let open = all().filter(|one| one.status == FindingStatus::Open);
        let mut ids: BTreeSet<&str> = open.map(|one| one.id.as_str()).collect();
        let found = ids.len();
        if is_part || reports.iter().any(|report| report.partial) {
            let fixed = reports.iter().flat_map(|report| &report.fixed);
            let decided: BTreeSet<&str> = all()
                .map(|one| one.id.as_str())
                .chain(fixed.map(|one| one.id.as_str()))
                .collect();
            let before = known.into_iter().flatten().chain(&replaced);
            let before = before.map(String::as_str);
            ids.extend(before.filter(|id| !decided.contains(id)));
        }
        let mut text = serde_json::to_string_pretty(&ids).map_err(CommandError::bug)?;
        text.push('\n');
        std::fs::write(path, text).map_err(|error| {
            CommandError::usage(format!(
                "could not write the baseline {}: {error}",
                path.display()
            ))
        })?;
        Ok(ids.len() - found)
    }
}

/// Returns the ids in a file that is about to be replaced; none where it is no baseline.
fn ids_in(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    parse(&text).unwrap_or_default()
}

/// Parses ids. Editors of other systems write a byte order mark in front.
fn parse(text: &str) -> serde_json::Result<Vec<String>> {
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
}
