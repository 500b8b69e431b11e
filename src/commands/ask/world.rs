//! The names that the state knows. Read leniently and lightly: what is broken is left out here,
//! and reported by the command that is run.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::app::command_line::CommandLine;
use crate::app::workspace::files;
use crate::catalog::Catalog;
use crate::commands::ask::spoken;
use crate::core::ask::{AskContext, OpenIssue, Service};
use crate::env::Clock;
use crate::git::Repository;
use crate::model::ids::Arn;
use crate::model::paths::{Files, RepoPath};
use crate::state::documents::paths;

/// Open issues that are read for what they are about; more have to be named by their ids.
const MOST_OPEN: usize = 500;

/// The world of a repository; an empty one where there is none.
pub(crate) fn world(folder: &Path, clock: &Clock, command_line: CommandLine) -> AskContext {
    let mut out = AskContext {
        now: clock.now(),
        environments: Vec::new(),
        domains: Vec::new(),
        issues: Vec::new(),
        open: Vec::new(),
        designs: Vec::new(),
        services: Vec::new(),
        commands: spoken::commands(command_line),
    };
    let opened = Repository::discover(folder).ok().and_then(|repository| {
        let base = repository.head().ok()?.commit;
        files::open_files(&repository, base.as_ref()).ok()
    });
    if let Some(files) = opened {
        fill(&mut out, files.as_ref());
    }
    out
}

fn fill(out: &mut AskContext, files: &dyn Files) {
    if let Some(document) = document(files, &paths::environments()) {
        let names = document.get("environments").and_then(Value::as_object);
        out.environments
            .extend(names.into_iter().flat_map(|names| names.keys().cloned()));
    }
    if let Some(document) = document(files, &paths::domain_monitors()) {
        for list in ["monitors", "planned_domains"] {
            let entries = document.get(list).and_then(Value::as_array);
            out.domains.extend(
                entries
                    .into_iter()
                    .flatten()
                    .filter_map(|entry| text(entry, "domain")),
            );
        }
    }
    if out.domains.is_empty() {
        out.domains.push("infrastructure".to_owned());
    }
    for folder in [paths::active_issues_dir(), paths::resolved_issues_dir()] {
        let listed = files.list(&folder).unwrap_or_default();
        out.issues.extend(
            listed
                .iter()
                .filter_map(|path| Some(path.file_name().strip_suffix(".json")?.to_owned())),
        );
    }
    let active = files.list(&paths::active_issues_dir()).unwrap_or_default();
    out.open.extend(
        active
            .iter()
            .take(MOST_OPEN)
            .filter_map(|path| open_issue(files, path)),
    );
    let designs = RepoPath::new(".fractary/plugins/faber-cloud/designs").ok();
    let designs = designs
        .and_then(|folder| files.list(&folder).ok())
        .unwrap_or_default();
    out.designs.extend(
        designs
            .iter()
            .filter_map(|path| Some(path.file_name().strip_suffix(".md")?.to_owned())),
    );
    services(out, files);
}

fn open_issue(files: &dyn Files, path: &RepoPath) -> Option<OpenIssue> {
    let id = path.file_name().strip_suffix(".json")?.to_owned();
    let issue = document(files, path)?;
    let service = text(issue.get("resource")?, "name")?;
    Some(OpenIssue { id, service })
}

fn services(out: &mut AskContext, files: &dyn Files) {
    let folders = files.folders(&paths::deployments_dir()).unwrap_or_default();
    let mut documents: Vec<Value> = folders
        .iter()
        .filter_map(|folder| document(files, &paths::within(folder, "registry.json")))
        .collect();
    if let Some(deployments) = document(files, &paths::deployments()) {
        let list = deployments.get("deployments").and_then(Value::as_array);
        documents.extend(list.into_iter().flatten().cloned());
    }
    let catalog = Catalog::built_in().ok();
    let mut seen = BTreeSet::new();
    for entry in documents
        .iter()
        .filter_map(|document| document.get("resources")?.as_array())
        .flatten()
    {
        let Some(name) = text(entry, "name").or_else(|| text(entry, "aws_id")) else {
            continue;
        };
        if !seen.insert(name.clone()) {
            continue;
        }
        let kind = text(entry, "type").and_then(|resource_type| {
            let arn = Arn::new(text(entry, "arn")?).ok()?;
            let (kind, _) = catalog.as_ref()?.recognise(&resource_type, &arn)?;
            Some(kind.id.to_string())
        });
        out.services.push(Service { name, kind });
    }
}

fn document(files: &dyn Files, path: &RepoPath) -> Option<Value> {
    let bytes = files.read(path).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn text(entry: &Value, key: &str) -> Option<String> {
    let text = entry.get(key)?.as_str()?;
    // A name that a terminal would not show as it is is no name that anybody types.
    let typed = text.len() <= 200 && !text.is_empty() && !text.chars().any(char::is_control);
    typed.then(|| text.to_owned())
}
