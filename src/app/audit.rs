//! Audits: reads how everything is configured, evaluates the checks, makes the report.

use std::collections::BTreeSet;
use std::path::Path;

use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::{connect, environments};
use crate::app::options::FailOn;
use crate::app::wait::wait_for;
use crate::app::workspace::Workspace;
use crate::catalog::checks::Check;
use crate::catalog::registry::Registry;
use crate::cloud::question::ConfigurationQuestion;
use crate::core::audit::{self, AuditInput, ReportInput};
use crate::error::{CommandError, ExitCode};
use crate::model::audit::{AuditFinding, AuditReport, FindingStatus, Suppressions};
use crate::model::configuration::Configuration;
use crate::model::ids::{EnvironmentName, Region};
use crate::model::paths::RepoPath;
use crate::model::receipt::Receipt;

/// What is audited, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuditRequest<'a> {
    /// `security`, `compliance` or `all`.
    pub(crate) audit_type: &'a str,
    /// Ids of checks; empty for all.
    pub(crate) checks: &'a [String],
    /// Frameworks; empty for those that the type of audit reports.
    pub(crate) frameworks: &'a [String],
    /// Regions; empty for all that are enabled.
    pub(crate) regions: &'a [Region],
    /// Most calls that may be made.
    pub(crate) max_calls: Option<u64>,
    /// Whether suppressions of protected checks count.
    pub(crate) allow_protected: bool,
}

/// Frameworks that a compliance audit reports where none is named.
const FRAMEWORKS: [&str; 2] = ["aws-fsbp", "cis-aws-7.0"];

/// Returns the built-in checks and the user's.
pub(crate) fn checks(workspace: &Workspace) -> Result<Registry<Check>, CommandError> {
    let folder = RepoPath::new(".fractary/plugins/helm-cloud/checks")
        .expect("a fixed path is one of the repository");
    let tree = workspace.tree();
    let mut files = Vec::new();
    for path in tree.list(&folder)? {
        if path.as_str().ends_with(".toml")
            && let Some(text) = tree.read_text(&path)?
        {
            files.push((path.to_string(), text));
        }
    }
    Registry::load(&files).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        CommandError::usage(all.join("\n"))
            .hint("`fractary audit --list-checks` shows the checks that are built in")
    })
}

/// Where the findings are that someone accepted.
pub(crate) const SUPPRESSIONS: &str = ".fractary/plugins/helm-cloud/audits/suppressions.toml";

/// Returns the findings that someone accepted.
fn suppressions(workspace: &Workspace) -> Result<Suppressions, CommandError> {
    let path = RepoPath::new(SUPPRESSIONS).expect("a fixed path is one of the repository");
    let Some(text) = workspace.tree().read_text(&path)? else {
        return Ok(Suppressions::default());
    };
    toml::from_str(&text).map_err(|error| {
        let before = error
            .span()
            .map_or("", |span| text.get(..span.start).unwrap_or(""));
        let line = before.matches('\n').count() + 1;
        CommandError::usage(format!("{path}:{line}: {}", error.message())).hint(
            "an entry is `[[suppress]]` with check, resource, reason, owner and until (YYYY-MM-DD)",
        )
    })
}

/// Audits one environment.
pub(crate) fn run(
    app: &App,
    workspace: &Workspace,
    registry: &Registry<Check>,
    name: &EnvironmentName,
    request: AuditRequest<'_>,
) -> Result<AuditReport, CommandError> {
    let chosen = choose(registry, request.checks)?;
    let suppressions = suppressions(workspace)?;
    let what = format!("reading how {name} is configured");
    let (configuration, receipt) = wait_for(app, &what, read(app, workspace, name, request))?;
    let environment = workspace.settings().environment(name)?;
    let evaluation = audit::evaluate(
        &AuditInput {
            environment: name.as_str(),
            critical: environment.is_critical(),
            configuration: &configuration,
        },
        &chosen,
    );
    let frameworks = frameworks(request)?;
    Ok(audit::report(
        &ReportInput {
            audit_type: request.audit_type,
            environment: name,
            configuration: &configuration,
            suppressions: &suppressions,
            allow_protected: request.allow_protected,
            previous: None,
            frameworks: &frameworks,
            checks: chosen.len(),
            receipt: &receipt,
        },
        &evaluation,
    ))
}

fn choose<'r>(
    registry: &'r Registry<Check>,
    ids: &[String],
) -> Result<Vec<&'r Check>, CommandError> {
    if ids.is_empty() {
        return Ok(registry.iter().collect());
    }
    ids.iter().map(|id| find(registry, id)).collect()
}

/// Returns the check of this id.
pub(crate) fn find<'r>(registry: &'r Registry<Check>, id: &str) -> Result<&'r Check, CommandError> {
    registry.get(id).ok_or_else(|| {
        let shown = crate::text::escape::terminal(id);
        let error = CommandError::usage(format!("there is no check `{shown}`"));
        let known = registry.iter().map(|check| check.id.as_str());
        match crate::text::similar::nearest(id, known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`fractary audit --list-checks` lists them"),
        }
    })
}

fn frameworks(request: AuditRequest<'_>) -> Result<Vec<String>, CommandError> {
    let known = crate::catalog::frameworks::built_in();
    if let Some(odd) = request
        .frameworks
        .iter()
        .find(|id| !known.contains_key(id.as_str()))
    {
        let names: Vec<&str> = known.keys().copied().collect();
        let shown = crate::text::escape::terminal(odd);
        return Err(
            CommandError::usage(format!("there is no framework `{shown}`"))
                .hint(format!("available frameworks: {}", names.join(", "))),
        );
    }
    if !request.frameworks.is_empty() {
        return Ok(request.frameworks.to_vec());
    }
    Ok(match request.audit_type {
        "security" => Vec::new(),
        _ => FRAMEWORKS.map(str::to_owned).to_vec(),
    })
}

async fn read(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    request: AuditRequest<'_>,
) -> Result<(Configuration, Receipt), CommandError> {
    let settings = workspace.settings();
    let environment = settings.environment(name)?;
    let catalog = &workspace.catalog;
    let connection = connect::connect(app, settings, catalog, &environment, Access::Audit).await?;
    let now = app.clock.now();
    let configuration = match connection.cloud.identity(name).await {
        Ok(identity) => {
            environments::check_account(settings, &environment, &identity)?;
            let question = ConfigurationQuestion {
                environment: name.clone(),
                regions: request.regions.to_vec(),
                types: Vec::new(),
                max_calls: request.max_calls,
                identity,
                at: now,
            };
            match connection.cloud.configuration(&question).await {
                Ok(configuration) => configuration,
                Err(gap) => unseen(now, gap),
            }
        }
        Err(gap) => unseen(now, gap),
    };
    connection.finish(app)?;
    Ok((configuration, connection.cloud.receipt()))
}

/// A configuration of which nothing could be read, for this reason.
fn unseen(at: jiff::Timestamp, gap: crate::model::fact::Gap) -> Configuration {
    let mut configuration = Configuration::new(at);
    configuration.add_gap(gap);
    configuration
}

/// Reads the ids of findings that are known.
pub(crate) fn read_baseline(path: &Path) -> Result<BTreeSet<String>, CommandError> {
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
    Ok(ids.into_iter().collect())
}

/// Writes the ids of the findings of reports, those that are suppressed left out.
pub(crate) fn write_baseline(path: &Path, reports: &[AuditReport]) -> Result<(), CommandError> {
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

/// 1 where a finding is at or above the level; 3 where nothing is, and nothing could be read.
pub(crate) fn exit_code(fail_on: FailOn, reports: &[AuditReport], only_new: bool) -> ExitCode {
    let mut findings = reports.iter().flat_map(|report| &report.findings);
    let counts = |one: &AuditFinding| {
        one.status == FindingStatus::Open
            && (one.is_new || !only_new)
            && fail_on.reached_by_finding(one.severity)
    };
    if findings.any(counts) {
        return ExitCode::Found;
    }
    let is_blind = |report: &AuditReport| {
        report.coverage.answered == 0 || (fail_on == FailOn::Unknown && report.partial)
    };
    match reports.iter().any(is_blind) {
        true => ExitCode::Unknown,
        false => ExitCode::Ok,
    }
}
