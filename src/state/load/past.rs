//! What a repository keeps of the past: histories, and issues that are over.
//!
//! It is most of what grows. A run that commits nothing has no use for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::each_environment;
use crate::model::history::History;
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::issue::{Delivery, EscalationStatus, Issue};
use crate::model::paths::Files;
use crate::state::diagnostic::{Diagnostic, Invalid};
use crate::state::document::Document;
use crate::state::documents::paths;
use crate::state::read::Reader;

/// What is over.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// monitoring-history.json by environment.
    pub histories: BTreeMap<EnvironmentName, Document<History>>,
    /// Resolved issues.
    pub resolved: BTreeMap<IssueId, Document<Issue>>,
    /// How many documents that is.
    pub documents: usize,
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

/// What of a resolved issue tells whether there is still something to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Glance {
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// Its work item.
    pub escalation: Option<GlanceAtWorkItem>,
    /// What was sent about it.
    #[serde(default)]
    pub alerts: GlanceAtAlerts,
}

/// The messages about an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct GlanceAtAlerts {
    /// The newest delivery by rule and channel.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
}

/// What of a work item does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct GlanceAtWorkItem {
    /// Where it stands.
    pub status: EscalationStatus,
}

impl Glance {
    /// At an issue that was read.
    pub fn from_issue(issue: &Issue) -> Self {
        let work_item = issue.escalation.as_ref();
        Self {
            resolved_at: issue.resolved_at,
            escalation: work_item.map(|item| GlanceAtWorkItem {
                status: item.status,
            }),
            alerts: GlanceAtAlerts {
                deliveries: issue.alerts.deliveries.clone(),
            },
        }
    }
}

/// Whether any resolved issue may be `wanted`: a look at them without reading them, for it is
/// expensive and most often none is. One that cannot be looked at may be.
pub fn may_have_resolved(files: &dyn Files, wanted: impl Fn(&Glance) -> bool) -> bool {
    let Ok(paths) = files.list(&paths::resolved_issues_dir()) else {
        return true;
    };
    let mut issues = paths.iter().filter(|p| p.file_name().ends_with(".json"));
    issues.any(|path| match files.read(path) {
        Ok(Some(bytes)) => serde_json::from_slice(&bytes).map_or(true, |issue| wanted(&issue)),
        Ok(None) | Err(_) => true,
    })
}

pub(super) fn read(reader: &mut Reader<'_>) -> Past {
    let before = reader.read;
    let mut past = Past {
        histories: each_environment(reader),
        ..Past::default()
    };
    let resolved = reader.list(&paths::resolved_issues_dir(), ".json");
    for document in reader.documents::<Issue>(&resolved) {
        past.resolved.insert(document.value.id.clone(), document);
    }
    past.documents = reader.read - before;
    past
}
