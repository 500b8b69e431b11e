//! Reads the whole state of a repository, and reports every fault of every document at once.

mod domains;
mod past;
mod references;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::model::attestations::Attestations;
use crate::model::audit::Suppressions;
use crate::model::audit_history::AuditHistory;
use crate::model::deployments::{Deployment, Deployments};
use crate::model::domain_health::DomainReport;
use crate::model::environments::{AwsCredentials, Environments};
use crate::model::helm::Helm;
use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::model::issue::Issue;
use crate::model::kpi::Kpis;
use crate::model::kpi_history::KpiHistory;
use crate::model::monitoring::Monitoring;
use crate::model::monitors::DomainMonitors;
use crate::model::optimization::OptimizationHistory;
use crate::model::paths::{Files, RepoPath};
use crate::model::project::Devops;
use crate::model::registry::Registry;
use crate::model::report::HealthReport;
use crate::model::slo_budgets::SloBudgets;
use crate::state::diagnostic::explain;
use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::diagnostic::{Diagnostic, Invalid};
use crate::state::document::Document;
use crate::state::documents;
use crate::state::documents::{DocumentValue, paths};
use crate::state::log;
use crate::state::read::Reader;
use crate::state::typed::typed;

pub use past::{Glance, Past, load_past, may_have_resolved};

/// Everything that a repository says of the present. What is missing is `None` or empty. What
/// it keeps of the past is [`Past`].
#[derive(Debug, Clone)]
pub struct State {
    /// environments.json.
    pub environments: Option<Document<Environments>>,
    /// aws-credentials.json.
    pub credentials: Option<Document<AwsCredentials>>,
    /// devops.json.
    pub devops: Option<Document<Devops>>,
    /// monitoring.toml. `derived` where it comes from devops.json or is the default.
    pub monitoring: Document<Monitoring>,
    /// helm.toml.
    pub helm: Option<Document<Helm>>,
    /// domain-monitors.json.
    pub monitors: Option<Document<DomainMonitors>>,
    /// deployments.json.
    pub deployments: Option<Document<Deployments>>,
    /// registry.json by environment. `derived` where it comes from deployments.json.
    pub registries: BTreeMap<EnvironmentName, Document<Registry>>,
    /// The newest health report by environment.
    pub latest: BTreeMap<EnvironmentName, Document<HealthReport>>,
    /// The newest observation of each domain that a program monitors.
    pub domains: BTreeMap<(DomainName, EnvironmentName), Document<DomainReport>>,
    /// slo-budgets.json by environment.
    pub budgets: BTreeMap<EnvironmentName, Document<SloBudgets>>,
    /// audit-history.json by environment.
    pub audits: BTreeMap<EnvironmentName, Document<AuditHistory>>,
    /// suppressions.toml.
    pub suppressions: Option<Document<Suppressions>>,
    /// attestations.toml.
    pub attestations: Option<Document<Attestations>>,
    /// kpis.toml.
    pub kpis: Option<Document<Kpis>>,
    /// kpi-history.json by environment.
    pub kpi_histories: BTreeMap<EnvironmentName, Document<KpiHistory>>,
    /// optimization-history.json by environment.
    pub optimizations: BTreeMap<EnvironmentName, Document<OptimizationHistory>>,
    /// Open issues.
    pub active: BTreeMap<IssueId, Document<Issue>>,
    /// Which issues are among the resolved ones, by the names of their files.
    pub resolved_ids: BTreeSet<IssueId>,
    /// A user's own resource kinds, as text; the catalogue parses them.
    pub kinds: Vec<(RepoPath, String)>,
    /// A user's own checks, the same.
    pub checks: Vec<(RepoPath, String)>,
    /// How many documents that is.
    pub documents: usize,
    /// What is worth mending, though nothing stops for it.
    pub warnings: Vec<Diagnostic>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            environments: None,
            credentials: None,
            devops: None,
            monitoring: Document::derived(paths::monitoring_toml(), Monitoring::default()),
            helm: None,
            monitors: None,
            deployments: None,
            registries: BTreeMap::new(),
            latest: BTreeMap::new(),
            domains: BTreeMap::new(),
            budgets: BTreeMap::new(),
            audits: BTreeMap::new(),
            suppressions: None,
            attestations: None,
            kpis: None,
            kpi_histories: BTreeMap::new(),
            optimizations: BTreeMap::new(),
            active: BTreeMap::new(),
            resolved_ids: BTreeSet::new(),
            kinds: Vec::new(),
            checks: Vec::new(),
            documents: 0,
            warnings: Vec::new(),
        }
    }
}

/// Reads all documents. Fails if any has an error, with every error and warning there is.
/// What is exactly as this version writes it is valid by its type, and not held to its schema.
pub fn load(files: &dyn Files) -> Result<(State, Past), Invalid> {
    load_all(Reader::new(files))
}

/// The same, with every document held to its schema.
pub fn load_thoroughly(files: &dyn Files) -> Result<(State, Past), Invalid> {
    load_all(Reader::thorough(files))
}

/// The same without the past, which only grows and which a run that commits nothing has no use
/// for. [`load_past`] reads it. Where the present has an error, the past's are reported as well.
pub fn load_present(files: &dyn Files) -> Result<State, Invalid> {
    let mut reader = Reader::new(files);
    let mut state = present(&mut reader);
    if reader.diagnostics.iter().any(Diagnostic::is_error) {
        past::read(&mut reader);
    }
    state.warnings = reader.warnings()?;
    Ok(state)
}

fn load_all(mut reader: Reader<'_>) -> Result<(State, Past), Invalid> {
    let mut state = present(&mut reader);
    let past = past::read(&mut reader);
    state.warnings = reader.warnings()?;
    Ok((state, past))
}

fn present(reader: &mut Reader<'_>) -> State {
    let mut state = State {
        environments: single(reader),
        credentials: single(reader),
        devops: single(reader),
        helm: single(reader),
        monitors: single(reader),
        deployments: single(reader),
        registries: each_environment(reader),
        latest: each_environment(reader),
        budgets: each_environment(reader),
        audits: each_environment(reader),
        suppressions: single(reader),
        attestations: single(reader),
        kpis: single(reader),
        kpi_histories: each_environment(reader),
        optimizations: each_environment(reader),
        domains: domains::read(reader),
        ..State::default()
    };
    if let Some(document) = monitoring(reader, state.devops.as_ref()) {
        state.monitoring = document;
    }
    old_folders(reader);
    derive_registries(&mut state);
    issues(reader, &mut state);
    for path in reader.list(&paths::kinds_dir(), ".toml") {
        if let Some(text) = reader.text(&path) {
            state.kinds.push((path, text));
        }
    }
    for path in reader.list(&paths::checks_dir(), ".toml") {
        if let Some(text) = reader.text(&path) {
            state.checks.push((path, text));
        }
    }
    state.documents = reader.read + state.kinds.len() + state.checks.len();
    for (path, problem) in references::check(&state) {
        reader.place_later(&path, &[problem]);
    }
    state
}

/// The document of a type that has one place.
fn single<T: DocumentValue>(reader: &mut Reader<'_>) -> Option<Document<T>> {
    reader.document(T::document_type().place().fill(&[]))
}

/// The documents of a type that has one for each environment. What lies in the usual place
/// counts.
fn each_environment<T: DocumentValue>(
    reader: &mut Reader<'_>,
) -> BTreeMap<EnvironmentName, Document<T>> {
    let document_type = T::document_type();
    let usual = document_type.place();
    let mut out = BTreeMap::new();
    for place in std::iter::once(usual).chain(document_type.old_places.iter().copied()) {
        for (name, folder) in by_environment(reader, &place.folder()) {
            if let Entry::Vacant(entry) = out.entry(name)
                && let Some(document) = reader.document(paths::within(&folder, place.file_name()))
            {
                entry.insert(document);
            }
        }
    }
    out
}

/// Warns of folders that documents of environments lay in once.
fn old_folders(reader: &mut Reader<'_>) {
    let mut moved = BTreeSet::new();
    for document_type in documents::all() {
        let old = document_type.old_places.iter();
        let old = old.filter(|place| place.has_names());
        moved.extend(old.map(|place| (place.folder(), document_type.place().folder())));
    }
    for (old, new) in moved {
        if !by_environment(reader, &old).is_empty() {
            reader.diagnostics.push(deprecated(&old, &new, true));
        }
    }
}

/// Reads every log with its archives and verifies their hash chains, which a run does not:
/// logs and their archives grow. Says how many files there are, and what is wrong with them.
pub fn check_logs(files: &dyn Files) -> (usize, Vec<Diagnostic>) {
    let mut reader = Reader::new(files);
    let count = log::read_all(&mut reader);
    (count, reader.diagnostics)
}

fn deprecated(old: &RepoPath, new: &RepoPath, used: bool) -> Diagnostic {
    let message = if used {
        "this is an old place for a document; it is still read"
    } else {
        "this is an old place for a document; it is not read"
    };
    Diagnostic::warning(old, "state/deprecated-place", message)
        .expecting(if used {
            format!("it belongs to {new}")
        } else {
            format!("{new} exists, and counts")
        })
        .help(if used {
            "move it there, and commit both places together".to_owned()
        } else {
            "delete the old one once nothing in it is needed".to_owned()
        })
}

/// monitoring.toml, from where it lies or once lay.
fn monitoring(
    reader: &mut Reader<'_>,
    devops: Option<&Document<Devops>>,
) -> Option<Document<Monitoring>> {
    let faults = reader.diagnostics.len();
    let (new, old) = (paths::monitoring_toml(), paths::old_monitoring_toml());
    let mut found: Option<Document<Monitoring>> = reader.document(new.clone());
    let mut there = found.is_some() || reader.diagnostics.len() > faults;
    let old_exists = reader.list(&paths::helm_cloud_dir(), "monitoring.toml");
    if old_exists.contains(&old) {
        reader.diagnostics.push(deprecated(&old, &new, !there));
        if !there {
            there = true;
            found = reader.document(old);
        }
    }
    let section = devops.and_then(|devops| {
        let section = devops.tree().get_mut("monitoring")?.take();
        Some((&devops.path, section))
    });
    let Some((path, section)) = section else {
        return found;
    };
    let (message, help) = if there {
        (
            "monitoring.toml exists, and this section is not read",
            "delete this section once nothing in it is needed".to_owned(),
        )
    } else {
        (
            "this section is in an old place; it is still read",
            format!("move these settings to {new}, as TOML"),
        )
    };
    let key = [PathStep::Key("monitoring".to_owned())];
    let warning = Problem::warning(&key, "state/deprecated-place", message)
        .on_key()
        .expecting("an old place")
        .help(help);
    let mut problems = vec![warning];
    if !there {
        let check = |value: &Monitoring| value.check(path);
        let (value, more) = typed(Monitoring::document_type(), &lifted(&section), check);
        problems.extend(more.into_iter().map(|mut problem| {
            if problem.path.first() != key.first() {
                problem.path.splice(0..0, key.clone());
            }
            problem
        }));
        found = value.map(|value| Document::derived(new, value));
    }
    reader.place_later(path, &problems);
    found
}

/// A `monitoring` section of devops.json as monitoring.toml has it: the sections that stand
/// beside `[monitoring]` there stand inside it here.
fn lifted(section: &Value) -> Value {
    let Some(section) = section.as_object() else {
        return section.clone();
    };
    let outside = [
        "slos",
        "remediation",
        "escalation",
        "issues",
        "cloudwatch",
        "cost",
        "dependencies",
    ];
    let mut out = Map::new();
    let mut inside = Map::new();
    for (key, value) in section {
        let target = if outside.contains(&key.as_str()) {
            &mut out
        } else {
            &mut inside
        };
        target.insert(key.clone(), value.clone());
    }
    out.insert("monitoring".to_owned(), inside.into());
    out.into()
}

/// The folders of a folder that are named like environments.
pub(crate) fn by_environment(
    reader: &mut Reader<'_>,
    folder: &RepoPath,
) -> Vec<(EnvironmentName, RepoPath)> {
    let mut out = Vec::new();
    for folder in reader.folders(folder) {
        match EnvironmentName::new(folder.file_name()) {
            Ok(name) => out.push((name, folder)),
            Err(invalid) => reader.diagnostics.push(
                Diagnostic::error(
                    &folder,
                    "state/name",
                    format!(
                        "the folder {} is not named like an environment",
                        explain::quote(folder.file_name())
                    ),
                )
                .expecting(format!("expected {}", invalid.expected))
                .help("rename the folder, or move it elsewhere"),
            ),
        }
    }
    out
}

/// Makes registries from the newest deployments, where an environment has none.
fn derive_registries(state: &mut State) {
    let Some(deployments) = &state.deployments else {
        return;
    };
    for (name, deployment) in newest(&deployments.value) {
        if !state.registries.contains_key(name) {
            let document = Document::derived(paths::registry(name), derived(deployment));
            state.registries.insert(name.clone(), document);
        }
    }
}

/// The newest deployment of each environment. One that failed outright counts only where
/// there is no other, for what was there before it is mostly still there.
fn newest(deployments: &Deployments) -> BTreeMap<&EnvironmentName, &Deployment> {
    let mut out: BTreeMap<&EnvironmentName, &Deployment> = BTreeMap::new();
    let rank = |deployment: &Deployment| (deployment.status != "failed", deployment.deployed_at);
    // What one that has not ended leaves behind is not known yet.
    let ended = deployments.deployments.iter();
    for deployment in ended.filter(|one| one.status != "started") {
        let best = out.entry(&deployment.environment).or_insert(deployment);
        if rank(deployment) >= rank(best) {
            *best = deployment;
        }
    }
    out
}

fn derived(deployment: &Deployment) -> Registry {
    let mut seen = std::collections::BTreeSet::new();
    let mut resources = deployment.resources.clone();
    resources.retain(|entry| seen.insert(entry.arn.clone()));
    Registry {
        version: "1.0.0".to_owned(),
        environment: deployment.environment.clone(),
        project: None,
        last_deployed: Some(deployment.deployed_at),
        resources,
    }
}

fn issues(reader: &mut Reader<'_>, state: &mut State) {
    let active = reader.list(&paths::active_issues_dir(), ".json");
    for document in reader.documents::<Issue>(&active) {
        state.active.insert(document.value.id.clone(), document);
    }
    for path in reader.list(&paths::resolved_issues_dir(), ".json") {
        // One of another name is an error that reading the past tells.
        let Ok(id) = IssueId::new(path.file_stem()) else {
            continue;
        };
        if state.active.contains_key(&id) {
            reader.diagnostics.push(
                Diagnostic::warning(
                    &path,
                    "state/issue-twice",
                    format!("issue `{id}` is also among the active ones"),
                )
                .expecting("the active one counts")
                .help("delete one of the two files"),
            );
        }
        state.resolved_ids.insert(id);
    }
}

#[cfg(test)]
mod tests;
