//! The repository and its documents at one commit, and how a commit lands on it.

pub(crate) mod checks;
pub(crate) mod files;
mod jitter;
pub(crate) mod kinds;
pub(crate) mod landing;
pub(crate) mod load;
pub(crate) mod open;
pub(crate) mod origin;
pub(crate) mod pull_request;
pub(crate) mod push;
mod rebuild;
mod refusal;
pub(crate) mod settle;
pub(crate) mod views;

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::app::workspace::views::archive::Archive;
use crate::app::workspace::views::audits::AuditSources;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::workspace::views::records::Records;
use crate::app::workspace::views::registries::Registries;
use crate::app::workspace::views::remediations::RemediationLogs;
use crate::app::workspace::views::settings::Settings;
use crate::app::workspace::views::tree::Tree;
use crate::app::workspace::views::{DashboardSources, Documents, Scope};
use crate::catalog::Catalog;
use crate::git::Repository;
use crate::model::helm::Helm;
use crate::model::ids::CommitId;
use crate::model::paths::Files;
use crate::render::templates::Templates;
use crate::state::{Past, State};
use crate::ui::Ui;

/// A repository and its documents at one commit. Commands open it and land on it; what decides,
/// observes or sends takes one of its views.
pub(crate) struct Workspace {
    /// The repository.
    pub(crate) repository: Repository,
    /// The kinds, the user's included.
    pub(crate) catalog: Catalog,
    /// The templates, the user's overrides included.
    pub(crate) templates: Templates,
    /// The documents of the present.
    pub(crate) state: State,
    /// Those of the past, once they were requested.
    past: OnceCell<Past>,
    /// helm.toml, or the defaults.
    helm: Helm,
    /// The commit that the state was read at; a commit lands on this or not at all.
    base: Option<CommitId>,
    /// The branch that commits land on, where it is not the one that is checked out.
    side: Option<String>,
    /// Where the state was read from, where that is neither the work tree nor the head.
    other_files: Option<Rc<dyn Files>>,
    /// Where faults in documents are shown.
    ui: Arc<Ui>,
}

impl Workspace {
    /// Returns the commit that the state was read at.
    pub(crate) fn base(&self) -> Option<&CommitId> {
        self.base.as_ref()
    }

    /// Returns the branch that commits land on, where it is not the one that is checked out.
    pub(crate) fn side(&self) -> Option<&str> {
        self.side.as_deref()
    }

    pub(crate) fn tree(&self) -> Tree<'_> {
        Tree {
            repository: &self.repository,
            base: self.base(),
            side: self.side(),
            other_files: self.other_files.as_ref(),
        }
    }

    pub(crate) fn archive(&self) -> Archive<'_> {
        Archive {
            past: &self.past,
            tree: self.tree(),
            ui: &self.ui,
        }
    }

    pub(crate) fn settings(&self) -> Settings<'_> {
        let monitors = self.state.monitors.as_ref();
        Settings {
            monitoring: &self.state.monitoring.value,
            helm: &self.helm,
            monitors: monitors.map_or(&[], |document| &document.value.monitors),
            environments: self.state.environments.as_ref(),
            credentials: self.state.credentials.as_ref().map(|doc| &doc.value),
            registries: &self.state.registries,
        }
    }

    pub(crate) fn registries(&self) -> Registries<'_> {
        Registries {
            documents: &self.state.registries,
            settings: self.settings(),
            catalog: &self.catalog,
        }
    }

    pub(crate) fn records(&self) -> Records<'_> {
        Records {
            state: &self.state,
            archive: self.archive(),
        }
    }

    pub(crate) fn issues(&self) -> IssueStore<'_> {
        IssueStore {
            state: &self.state,
            archive: self.archive(),
        }
    }

    pub(crate) fn audits(&self) -> AuditSources<'_> {
        AuditSources { state: &self.state }
    }

    pub(crate) fn remediations(&self) -> RemediationLogs<'_> {
        RemediationLogs {
            tree: self.tree(),
            deployments: self.state.deployments.as_ref().map(|doc| &doc.value),
        }
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        Scope {
            settings: self.settings(),
            registries: self.registries(),
            records: self.records(),
            root: self.repository.work_dir(),
        }
    }

    pub(crate) fn dashboard_sources(&self) -> DashboardSources<'_> {
        DashboardSources {
            settings: self.settings(),
            deployments: self.state.deployments.as_ref().map(|doc| &doc.value),
            tree: self.tree(),
            templates: &self.templates,
        }
    }

    pub(crate) fn documents(&self) -> Documents<'_> {
        Documents {
            settings: self.settings(),
            registries: self.registries(),
            records: self.records(),
            issues: self.issues(),
            audits: self.audits(),
            remediations: self.remediations(),
            dashboard: self.dashboard_sources(),
        }
    }
}
