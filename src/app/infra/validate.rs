//! `infra validate`: code is checked as it is in the checkout, and nothing is deployed or asked of
//! AWS.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::App;
use crate::app::infra::architect::{checked, parse, read};
use crate::app::infra::files;
use crate::app::infra::terraform_check;
use crate::app::review::trusted::TrustedBase;
use crate::app::workspace::Workspace;
use crate::core::infra::shared_files::{CodeEnvironment, values_file};
use crate::core::infra::validate::{foreign_accounts, misnamed, missing_tags, planned};
use crate::core::review;
use crate::core::review::{LocalReferences, PlanOrigin, PlanUnderReview};
use crate::error::CommandError;
use crate::hcl::files::{is_hcl_source, is_source};
use crate::hcl::{Block, Item, Scope, parse_body};
use crate::iac;
use crate::model::design::{CodeOutcome, CodeReport, CodeStep};
use crate::model::ids::EnvironmentName;
use crate::model::paths::RepoPath;
use crate::model::review::{ReviewFinding, ReviewSection};
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// Checks the code of a project.
pub(crate) fn validate(app: &App, workspace: &Workspace) -> Result<CodeReport, CommandError> {
    let devops = files::devops(workspace)?;
    let directory = files::code_directory(devops)?;
    let environments = files::environments(workspace, &app.global.env)?;
    let (designs, accepted) = designs(workspace)?;
    let mut steps = vec![configuration(workspace, &environments)?, designs];
    let (sources, source) = sources(workspace, &directory)?;
    steps.push(source);
    let blocks: Vec<&Block> = sources
        .iter()
        .flat_map(|(_, items)| items.iter().filter_map(Item::as_block))
        .collect();
    if blocks.is_empty() {
        steps.push(CodeStep::new(
            "code",
            CodeOutcome::NotRun,
            vec![format!("there is no code in {directory}")],
        ));
    } else {
        for environment in &environments {
            steps.extend(of_environment(
                app,
                workspace,
                &directory,
                &blocks,
                environment,
                &accepted,
            )?);
        }
        steps.extend(terraform_check::run(workspace, devops, &directory));
    }
    Ok(CodeReport {
        version: "1.0.0",
        kind: "validate",
        directory: directory.to_string(),
        steps,
    })
}

/// A step that failed where something is said.
fn judged(name: impl Into<String>, details: Vec<String>) -> CodeStep {
    let outcome = match details.is_empty() {
        true => CodeOutcome::Passed,
        false => CodeOutcome::Failed,
    };
    CodeStep::new(name, outcome, details)
}

fn configuration(
    workspace: &Workspace,
    environments: &[CodeEnvironment],
) -> Result<CodeStep, CommandError> {
    let mut faults = Vec::new();
    if let Err(error) = files::naming(workspace) {
        faults.push(error.lines().join(" "));
    }
    let devops = files::devops(workspace)?;
    for environment in environments {
        if let Err(error) = values_file(devops, &environment.name) {
            faults.push(format!("devops.json: {error}"));
        }
        if environment.region.is_none() {
            faults.push(format!(
                "{} has no region in environments.json",
                environment.name
            ));
        }
    }
    if environments.is_empty() {
        faults.push("there are no environments".to_owned());
    }
    Ok(judged("configuration", faults))
}

/// A finding that a design accepts, and says why.
pub(super) struct AcceptedFinding {
    /// How the names of the design's resources begin in the code.
    label: String,
    check: String,
}

impl AcceptedFinding {
    /// Whether it is this one.
    pub(super) fn covers(&self, finding: &ReviewFinding) -> bool {
        let name = finding.subject.raw().rsplit('.').next().unwrap_or_default();
        self.check == finding.rule && name.starts_with(&self.label)
    }
}

/// Checks the designs, and returns the findings that they accept.
pub(super) fn designs(
    workspace: &Workspace,
) -> Result<(CodeStep, Vec<AcceptedFinding>), CommandError> {
    let folder = files::path(files::DESIGNS)?;
    let (mut faults, mut accepted) = (Vec::new(), Vec::new());
    let all = files::list(workspace, &folder)?.into_iter();
    for path in all.filter(|path| path.as_str().ends_with(".md")) {
        let text = files::read(workspace, &path)?.unwrap_or_default();
        let proven = parse(&path, &text).and_then(|head| {
            let design = checked(&path, read(&path, &text)?, &head)?;
            let label = format!("{}_", head.name.as_str().replace('-', "_"));
            let accepts = design.blueprints.iter().flat_map(|one| &one.accepts);
            accepted.extend(accepts.map(|one| AcceptedFinding {
                label: label.clone(),
                check: one.check.clone(),
            }));
            let missing = design.missing().into_iter();
            Ok(missing
                .map(|one| {
                    format!(
                        "{path}: `{}` of {} has no value",
                        one.parameter, one.blueprint
                    )
                })
                .collect::<Vec<_>>())
        });
        match proven {
            Ok(missing) => faults.extend(missing),
            Err(error) => faults.extend(error.lines()),
        }
    }
    Ok((judged("designs", faults), accepted))
}

/// The files of the directory, with their blocks.
type CodeFiles = Vec<(RepoPath, Vec<Item>)>;

fn sources(
    workspace: &Workspace,
    directory: &RepoPath,
) -> Result<(CodeFiles, CodeStep), CommandError> {
    let (mut found, mut faults, mut not_read) = (Vec::new(), Vec::new(), Vec::new());
    for path in files::list(workspace, directory)? {
        if !is_hcl_source(path.as_str()) {
            if is_source(path.as_str()) {
                not_read.push(format!("{path}: code in JSON is not looked into"));
            }
            continue;
        }
        let text = files::read(workspace, &path)?.unwrap_or_default();
        match parse_body(&text) {
            Ok(items) => found.push((path, items)),
            Err(error) => faults.push(format!("{path}: {error}")),
        }
    }
    let source = match (faults.is_empty(), not_read.is_empty()) {
        (true, false) => CodeStep::new("source", CodeOutcome::NotRun, not_read),
        _ => {
            faults.extend(not_read);
            judged("source", faults)
        }
    };
    Ok((found, source))
}

/// The values of an environment's file.
fn values(
    workspace: &Workspace,
    directory: &RepoPath,
    environment: &EnvironmentName,
) -> Result<BTreeMap<String, Value>, CommandError> {
    let name = values_file(files::devops(workspace)?, environment).map_err(CommandError::usage)?;
    let path = files::path(&format!("{directory}/{name}"))?;
    let text = files::read(workspace, &path)?.unwrap_or_default();
    let items =
        parse_body(&text).map_err(|error| CommandError::usage(format!("{path}: {error}")))?;
    let mut out = BTreeMap::from([("environment".to_owned(), Value::from(environment.as_str()))]);
    for item in &items {
        if let Item::Attribute(name, expr) = item
            && let Some(value) = Scope::default().known(expr)
        {
            out.insert(name.clone(), value);
        }
    }
    Ok(out)
}

fn of_environment(
    app: &App,
    workspace: &Workspace,
    directory: &RepoPath,
    blocks: &[&Block],
    environment: &CodeEnvironment,
    accepted: &[AcceptedFinding],
) -> Result<Vec<CodeStep>, CommandError> {
    let name = &environment.name;
    let plan = planned(blocks, &values(workspace, directory, name)?);
    let naming = files::naming(workspace)?;
    let (wrong, unknown) = misnamed(&plan, &|text| naming.fits(name, text));
    let details = wrong.into_iter().map(|one| {
        format!(
            "{}: `{}` is {:?}, which is no name of {name}",
            one.address, one.attribute, one.name
        )
    });
    let mut names = judged(format!("names, {name}"), details.collect());
    if unknown > 0 && names.outcome == CodeOutcome::Passed {
        let text = format!(
            "{} known only after the apply",
            counted(unknown as u64, "name")
        );
        names = CodeStep::new(names.name, CodeOutcome::NotRun, vec![text]);
    }
    let required: BTreeSet<String> = workspace
        .settings()
        .monitoring
        .compliance
        .required_tags
        .iter()
        .cloned()
        .collect();
    let lacking = missing_tags(&plan, &required).into_iter();
    let tags = lacking.map(|(address, tags)| format!("{address} lacks {}", tags.join(", ")));
    let accounts: BTreeMap<String, String> = files::environments(workspace, &[])?
        .into_iter()
        .filter(|other| other.account != environment.account && other.name != *name)
        .filter_map(|other| Some((other.account?.to_string(), other.name.to_string())))
        .collect();
    let found = foreign_accounts(&plan, &accounts).into_iter();
    let scope = found.map(|(address, other)| format!("{address} names the account of {other}"));
    Ok(vec![
        names,
        match required.is_empty() {
            true => CodeStep::new(format!("tags, {name}"), CodeOutcome::Passed, Vec::new()),
            false => judged(format!("tags, {name}"), tags.collect()),
        },
        judged(format!("accounts, {name}"), scope.collect()),
        checks(app, workspace, directory, &plan, name, accepted)?,
    ])
}

/// The checks of the audit, on what would be planned on an empty state.
fn checks(
    app: &App,
    workspace: &Workspace,
    directory: &RepoPath,
    plan: &Value,
    environment: &EnvironmentName,
    accepted: &[AcceptedFinding],
) -> Result<CodeStep, CommandError> {
    let title = format!("checks, {environment}");
    let Some(commit) = workspace.repository.head()?.commit else {
        let text = "nothing is committed, so no rules and suppressions are trusted".to_owned();
        return Ok(CodeStep::new(title, CodeOutcome::NotRun, vec![text]));
    };
    let base = TrustedBase::read(&workspace.repository, &commit)?;
    let (checks, issues) = (base.checks(), base.issues());
    let around = base.circumstances(Some(environment), &checks, &issues, app.clock.now());
    let text = plan.to_string();
    let plan = iac::plan::read(&text).map_err(CommandError::bug)?;
    let given = PlanUnderReview {
        directory: Untrusted::from(directory.as_str()),
        file: Untrusted::from("the source"),
        plan: Ok(&plan),
        origin: PlanOrigin::SameSource,
        gained: &BTreeMap::new(),
        locals: &LocalReferences::new(),
    };
    let examined = review::examine(&given, around);
    let is_check = |rule: &str| checks.iter().any(|check| check.id == rule);
    let open = examined.findings.into_iter().filter(|one| {
        one.section == ReviewSection::Security
            && is_check(&one.rule)
            && one.suppressed_because.is_none()
    });
    let is_accepted = |finding: &ReviewFinding| accepted.iter().any(|one| one.covers(finding));
    let (known, open): (Vec<_>, Vec<_>) = open.partition(is_accepted);
    let said =
        |one: &ReviewFinding| format!("{} [{}, {}]", one.title.raw(), one.severity, one.rule);
    let mut step = judged(title, open.iter().map(said).collect());
    if !known.is_empty() {
        let findings = counted(known.len() as u64, "finding");
        let said = format!("{findings} more that the designs accept");
        step.details.push(Untrusted::new(said));
    }
    Ok(step)
}
