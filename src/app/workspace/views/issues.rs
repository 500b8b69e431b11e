//! Issues, open and resolved.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::app::workspace::views::archive::Archive;
use crate::app::workspace::views::records::clone_values;
use crate::core::dashboard;
use crate::core::health::{self, OpenChecks};
use crate::core::issues::id::resolve_prefix;
use crate::core::issues::needs_resolved;
use crate::error::{CommandError, ErrorKind};
use crate::model::finding::Examination;
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::issue::Issue;
use crate::state::{Document, Glance, State};

/// The issues of a repository. Resolved ones are read only where they matter.
#[derive(Clone, Copy)]
pub(crate) struct IssueStore<'a> {
    pub(in crate::app::workspace) state: &'a State,
    pub(in crate::app::workspace) archive: Archive<'a>,
}

impl<'a> IssueStore<'a> {
    /// Lists the open issues.
    pub(crate) fn active(self) -> impl Iterator<Item = &'a Issue> {
        self.state.active.values().map(|document| &document.value)
    }

    /// Returns the open issues by id.
    pub(crate) fn all_active(self) -> BTreeMap<IssueId, Issue> {
        clone_values(&self.state.active)
    }

    /// Reads the documents of resolved issues.
    pub(crate) fn resolved(self) -> Result<&'a BTreeMap<IssueId, Document<Issue>>, CommandError> {
        Ok(&self.archive.read()?.resolved)
    }

    /// Returns the resolved issues that `wanted` takes, and reads none where there is none.
    pub(crate) fn find_resolved(
        self,
        wanted: impl Fn(&Glance) -> bool,
    ) -> Result<Vec<&'a Issue>, CommandError> {
        self.archive.find_resolved(wanted)
    }

    /// Reads the issues resolved lately: what a dashboard may show.
    pub(crate) fn recently_resolved(
        self,
        now: Timestamp,
    ) -> Result<BTreeMap<IssueId, Issue>, CommandError> {
        let documents = self.resolved()?.iter();
        Ok(documents
            .filter(|(_, doc)| dashboard::is_recent(doc.value.resolved_at, now))
            .map(|(id, doc)| (id.clone(), doc.value.clone()))
            .collect())
    }

    /// Reads the resolved issues, where they matter to an examination.
    pub(crate) fn resolved_for(
        self,
        examination: &Examination,
        active: &BTreeMap<IssueId, Issue>,
        open_after: u32,
    ) -> Result<BTreeMap<IssueId, Issue>, CommandError> {
        if needs_resolved(examination, active, &self.state.resolved_ids, open_after) {
            Ok(clone_values(self.resolved()?))
        } else {
            Ok(BTreeMap::new())
        }
    }

    /// Returns the checks that have an open issue in an environment, by resource.
    pub(crate) fn open_checks(self, name: &EnvironmentName) -> OpenChecks {
        health::open_checks(self.active(), name)
    }

    /// Returns the document of an issue, open or resolved.
    pub(crate) fn document(
        self,
        id: &IssueId,
    ) -> Result<Option<&'a Document<Issue>>, CommandError> {
        match self.state.active.get(id) {
            Some(document) => Ok(Some(document)),
            None => Ok(self.resolved()?.get(id)),
        }
    }

    /// Finds the issue whose id starts like this.
    pub(crate) fn find(self, prefix: &str) -> Result<&'a Issue, CommandError> {
        let ids = self.state.active.keys().chain(self.resolved()?.keys());
        let id = resolve_prefix(ids, prefix).map_err(|error| {
            CommandError::new(ErrorKind::Usage, error)
                .hint("`fractary issues` and `fractary issues --resolved` list them")
        })?;
        let document = self.document(&id)?.ok_or_else(|| {
            let message = format!("issue {id} was found and is not there");
            CommandError::say(ErrorKind::Bug, message)
        })?;
        Ok(&document.value)
    }
}
