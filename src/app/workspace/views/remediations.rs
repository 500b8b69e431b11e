//! What was done about resources, by the logs of remediations.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::app::workspace::views::tree::Tree;
use crate::core::remediate::history::{self, Remediation};
use crate::error::CommandError;
use crate::model::deployments::Deployments;
use crate::model::ids::EnvironmentName;
use crate::model::log::{LogEntry, RemediationLog};
use crate::model::paths::RepoPath;
use crate::state::documents::paths;

/// Logs of remediations, and what was deployed meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct RemediationLogs<'a> {
    pub(in crate::app::workspace) tree: Tree<'a>,
    pub(in crate::app::workspace) deployments: Option<&'a Deployments>,
}

impl RemediationLogs<'_> {
    /// Reads what was done in an environment: in the newest file, and in the newest archive.
    pub(crate) fn read(self, name: &EnvironmentName) -> Result<Vec<Remediation>, CommandError> {
        Ok(history::fold(&self.entries(name, 1)?))
    }

    /// Reads all that was ever done in an environment.
    pub(crate) fn read_all(self, name: &EnvironmentName) -> Result<Vec<Remediation>, CommandError> {
        Ok(history::fold(&self.entries(name, usize::MAX)?))
    }

    /// Lists the files of past months, oldest first.
    pub(crate) fn archives(self, name: &EnvironmentName) -> Result<Vec<RepoPath>, CommandError> {
        let newest = paths::remediation_log(name);
        let folder = RepoPath::new(format!("{}/{name}", paths::remediations_dir()));
        let folder = folder.map_err(CommandError::bug)?;
        let mut archives: Vec<RepoPath> = self.tree.list(&folder)?;
        let stem = format!("{}.", newest.file_stem());
        archives.retain(|path| path.file_name().starts_with(&stem) && *path != newest);
        archives.sort();
        Ok(archives)
    }

    /// Reads the entries of this month, and of the newest archives.
    pub(crate) fn entries(
        self,
        name: &EnvironmentName,
        archived: usize,
    ) -> Result<Vec<LogEntry>, CommandError> {
        let newest = paths::remediation_log(name);
        let Some(text) = self.tree.read_text(&newest)? else {
            return Ok(Vec::new());
        };
        let archives = self.archives(name)?;
        let skipped = archives.len().saturating_sub(archived);
        let mut entries = Vec::new();
        for path in archives.iter().skip(skipped) {
            if let Some(text) = self.tree.read_text(path)? {
                entries.extend(entries_in(path, &text)?);
            }
        }
        entries.extend(entries_in(&newest, &text)?);
        Ok(entries)
    }

    /// Reads the figures of an environment.
    pub(crate) fn statistics(
        self,
        name: &EnvironmentName,
    ) -> Result<Map<String, Value>, CommandError> {
        let text = self.tree.read_text(&paths::remediation_log(name))?;
        let log = text.and_then(|text| serde_json::from_str::<RemediationLog>(&text).ok());
        Ok(log.map(|log| log.0.statistics).unwrap_or_default())
    }

    /// Returns when something was deployed to an environment.
    pub(crate) fn deployed(self, name: &EnvironmentName) -> Vec<Timestamp> {
        let all = self.deployments.into_iter();
        all.flat_map(|document| &document.deployments)
            .filter(|deployment| deployment.environment == *name)
            .map(|deployment| deployment.deployed_at)
            .collect()
    }
}

fn entries_in(path: &RepoPath, text: &str) -> Result<Vec<LogEntry>, CommandError> {
    let log: RemediationLog = serde_json::from_str(text).map_err(|error| {
        CommandError::usage(format!("{path} could not be read: {error}"))
            .hint("`fractary check` says what is wrong")
    })?;
    Ok(log.0.entries)
}
