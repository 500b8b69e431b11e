//! Narrow views of a workspace: what a decision reads, and nothing else. They borrow, and cost
//! nothing to copy.

pub(crate) mod archive;
pub(crate) mod audits;
pub(crate) mod issues;
pub(crate) mod records;
pub(crate) mod registries;
pub(crate) mod remediations;
pub(crate) mod settings;
pub(crate) mod tree;

use std::path::Path;

use crate::app::workspace::views::audits::AuditSources;
use crate::app::workspace::views::issues::IssueStore;
use crate::app::workspace::views::records::Records;
use crate::app::workspace::views::registries::Registries;
use crate::app::workspace::views::remediations::RemediationLogs;
use crate::app::workspace::views::settings::Settings;
use crate::app::workspace::views::tree::Tree;
use crate::model::deployments::Deployments;
use crate::render::templates::Templates;

/// What says what is observed.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) settings: Settings<'a>,
    pub(crate) registries: Registries<'a>,
    /// Where the last window ended, and what error budgets have counted.
    pub(crate) records: Records<'a>,
    /// Where programs are run; `None` in a bare repository.
    pub(crate) root: Option<&'a Path>,
}

/// What a dashboard is made from, besides the outlook that it shows.
#[derive(Clone, Copy)]
pub(crate) struct DashboardSources<'a> {
    pub(crate) settings: Settings<'a>,
    pub(crate) deployments: Option<&'a Deployments>,
    /// For logs of remediations, proposals, and whether there is a dashboard yet.
    pub(crate) tree: Tree<'a>,
    pub(crate) templates: &'a Templates,
}

/// What pages of registries are made from.
#[derive(Clone, Copy)]
pub(crate) struct DeployedSources<'a> {
    pub(crate) registries: Registries<'a>,
    /// For what people wrote around the generated part.
    pub(crate) tree: Tree<'a>,
    pub(crate) templates: &'a Templates,
}

/// All documents at one commit. A decision as a whole takes them; its parts take views.
#[derive(Clone, Copy)]
pub(crate) struct Documents<'a> {
    pub(crate) settings: Settings<'a>,
    pub(crate) registries: Registries<'a>,
    pub(crate) records: Records<'a>,
    pub(crate) issues: IssueStore<'a>,
    pub(crate) audits: AuditSources<'a>,
    pub(crate) remediations: RemediationLogs<'a>,
    pub(crate) dashboard: DashboardSources<'a>,
}

impl<'a> Documents<'a> {
    /// Returns what pages of registries are made from.
    pub(crate) fn deployed(&self) -> DeployedSources<'a> {
        DeployedSources {
            registries: self.registries,
            tree: self.dashboard.tree,
            templates: self.dashboard.templates,
        }
    }
}
