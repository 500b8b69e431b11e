//! Where a live resource has a line in the repository, for code scanning: the block of Terraform
//! that makes it, its entry in the registry, or the file of its issue.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::review::sources::TerraformSources;
use crate::app::workspace::Workspace;
use crate::error::CommandError;
use crate::model::audit::AuditFinding;
use crate::model::ids::EnvironmentName;
use crate::model::subject::Subject;
use crate::state::documents::paths;

/// A file of the repository, and a line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilePlace {
    pub(super) file: String,
    /// From 1.
    pub(super) line: usize,
}

/// The entry of a resource in a registry.
struct RegistryLine {
    /// Its line, from 1.
    line: usize,
    address: Option<String>,
}

/// Places of everything that findings may be about.
#[derive(Default)]
pub(super) struct Places {
    registries: BTreeMap<EnvironmentName, BTreeMap<String, RegistryLine>>,
    terraform: Option<(TerraformSources, Vec<String>)>,
    /// Files of issues that audits opened, by what they are about and the check.
    issues: BTreeMap<(String, String), String>,
}

impl Places {
    /// Reads the registries, the Terraform of the commit, and the issues.
    pub(super) fn read(
        workspace: &Workspace,
        names: &[EnvironmentName],
    ) -> Result<Self, CommandError> {
        let mut places = Self::default();
        for name in names {
            let Some(text) = workspace.tree().read_text(&paths::registry(name))? else {
                continue;
            };
            let Some(registry) = workspace.registries().get(name) else {
                continue;
            };
            let lines: Vec<&str> = text.lines().collect();
            let entries = registry.value.resources.iter().filter_map(|entry| {
                let quoted = format!("\"{}\"", entry.arn);
                let at = lines.iter().position(|line| line.contains(&quoted))?;
                let entry = RegistryLine {
                    line: at + 1,
                    address: entry
                        .terraform_address
                        .as_ref()
                        .map(|it| it.raw().to_owned()),
                };
                Some((quoted.trim_matches('"').to_owned(), entry))
            });
            places.registries.insert(name.clone(), entries.collect());
        }
        if let Some(commit) = workspace.base() {
            let sources = TerraformSources::read(&workspace.repository, commit)?;
            let roots = sources.roots(&BTreeSet::new());
            let roots = roots.iter().map(|root| root.directory.raw().to_owned());
            let roots = roots.collect();
            places.terraform = Some((sources, roots));
        }
        for issue in workspace.issues().active() {
            let about = issue.resource.subject.identity().raw().to_owned();
            let file = paths::issue_active(&issue.id).to_string();
            places.issues.insert((about, issue.check.clone()), file);
        }
        Ok(places)
    }

    /// Returns the best place of a finding. Without any it is the registry as a whole.
    pub(super) fn find(&self, name: &EnvironmentName, one: &AuditFinding) -> FilePlace {
        let identity = one.resource.identity();
        let entry = self
            .registries
            .get(name)
            .and_then(|all| all.get(identity.raw()));
        let own = one.resource.address.as_ref().map(|address| address.raw());
        let address = own.or_else(|| entry.and_then(|entry| entry.address.as_deref()));
        if let Some(place) = address.and_then(|address| self.block(address)) {
            return place;
        }
        let registry = paths::registry(name).to_string();
        if let Some(entry) = entry {
            return FilePlace {
                file: registry,
                line: entry.line,
            };
        }
        let arn = one.resource.arn.clone().map(Subject::Resource);
        let about = arn.map(|subject| subject.identity().raw().to_owned());
        let issue = about.and_then(|about| self.issues.get(&(about, one.check.clone())));
        FilePlace {
            file: issue.cloned().unwrap_or(registry),
            line: 1,
        }
    }

    /// The block of an address, where only one directory that is applied has it.
    fn block(&self, address: &str) -> Option<FilePlace> {
        let (sources, roots) = self.terraform.as_ref()?;
        let mut found = roots.iter().filter_map(|root| sources.place(root, address));
        let place = found.next().filter(|_| found.next().is_none())?;
        Some(FilePlace {
            file: place.file.to_string(),
            line: usize::try_from(*place.lines.start()).unwrap_or(usize::MAX),
        })
    }
}
