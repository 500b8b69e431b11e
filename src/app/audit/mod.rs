//! `fractary audit`: reads how environments are configured, decides, keeps and shows it.

mod baseline;
mod places;
mod show;

use std::collections::BTreeSet;

use crate::app::access::Access;
use crate::app::audit::places::Places;
use crate::app::audit::show::Shown;
use crate::app::costs;
use crate::app::decide::Observation;
use crate::app::decide::audits::{AuditPlan, AuditRead};
use crate::app::decide::decision::Decision;
use crate::app::formats::FindingFormat;
use crate::app::observe::audit::{self, AuditReach};
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::options::FailOn;
use crate::app::pass::Pass;
use crate::app::wait::wait_for;
use crate::app::workspace::Workspace;
use crate::app::workspace::checks as workspace_checks;
use crate::app::workspace::landing::{self, Landed, Landing};
use crate::app::workspace::open;
use crate::app::{App, Outcome};
use crate::app::{command, publish};
use crate::catalog::checks::{Check, needed_types};
use crate::catalog::registry::Registry;
use crate::core::audit::without_baseline;
use crate::core::cost::status;
use crate::error::{CommandError, ExitCode};
use crate::git::{GitError, Repository};
use crate::model::audit::{AuditFinding, AuditReport, CheckVerdict, FindingStatus, Suppression};
use crate::model::configuration::REGION;
use crate::model::cost_report::CostReport;
use crate::model::fact::Gap;
use crate::model::ids::{EnvironmentName, Region};
use crate::state::State;
use crate::text::phrases::counted;

pub(crate) use baseline::BaselineFiles;
pub(crate) use show::rules;

/// Where the findings are that someone accepted.
pub(crate) const SUPPRESSIONS: &str = ".fractary/plugins/helm-cloud/audits/suppressions.toml";

/// What is audited, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuditRequest<'a> {
    /// `security`, `compliance` or `all`.
    pub(crate) audit_type: &'static str,
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
    /// Findings that are known, and where they are written.
    pub(crate) baseline: BaselineFiles<'a>,
}

/// Audits the chosen environments, keeps what is to be kept, and shows it.
pub(crate) fn run(
    app: &App,
    request: AuditRequest<'_>,
    effect: command::Effect,
    format: FindingFormat,
) -> Outcome {
    let landing = landing::choose(app, effect);
    refuse_parts(request, landing)?;
    let known = request.baseline.read()?;
    let workspace = open::load_to_look(app, landing)?;
    // What is faulty is said before anything is asked.
    let registry = workspace.audits().checks()?;
    workspace.audits().choose(&registry, request.checks)?;
    let names = workspace.settings().choose(&app.global.env)?;
    let pass = Pass {
        names: &names,
        only: Only::Everything,
        occasion: Occasion::Audit,
        landing,
    };
    let (workspace, decision, landed, result) = read_and_land(app, workspace, &pass, request)?;
    let mut receipts = Vec::new();
    let mut reports = Vec::new();
    for one in decision.audits {
        receipts.push(one.cost.map(|cost| cost.receipt));
        reports.push(match &known {
            Some(known) => without_baseline(one.report, known),
            None => one.report,
        });
    }
    match (
        request.baseline.write,
        reports.iter().find(|it| is_unseen(it)),
    ) {
        (Some(path), Some(unseen)) => app.ui.warn(&format!(
            "{} was not written: nothing could be read of {}, and what it holds may still be there",
            path.display(),
            unseen.environment
        )),
        _ => write_baseline(app, request, &reports, known.as_ref())?,
    }
    let places = match format {
        FindingFormat::Sarif => Places::read(&workspace, &names)?,
        FindingFormat::Text | FindingFormat::Markdown | FindingFormat::Json => Places::default(),
    };
    let shown = Shown {
        places: &places,
        registry: &registry,
        reports: &reports,
        receipts: &receipts,
    };
    publish::landed(app, format, &landed, || shown.text(format, &app.ui.style()))?;
    for report in reports.iter().filter(|report| is_unseen(report)) {
        app.ui.warn(&unseen_words(report));
    }
    landing::report(app, &landed);
    result?;
    Ok(exit_code(app.global.fail_on, &reports, known.is_some()))
}

/// Writes the baseline, and says what it keeps that was not found.
fn write_baseline(
    app: &App,
    request: AuditRequest<'_>,
    reports: &[AuditReport],
    known: Option<&BTreeSet<String>>,
) -> Result<(), CommandError> {
    let kept = request.baseline.write(reports, known, is_part(request))?;
    if let Some(path) = request.baseline.write.filter(|_| kept > 0) {
        app.ui.note(&format!(
            "{} keeps {} that this audit did not find, because it did not see everything",
            path.display(),
            counted(kept as u64, "finding"),
        ));
    }
    Ok(())
}

/// Audits the environments of a pass and keeps what is to be kept, without showing anything; with
/// what pushing and sending came to.
pub(crate) fn read_and_land(
    app: &App,
    workspace: Workspace,
    pass: &Pass<'_>,
    request: AuditRequest<'_>,
) -> Result<(Workspace, Decision, Landed, Result<(), CommandError>), CommandError> {
    pass.refuse_other_times(app, &workspace)?;
    let observation = Observation {
        audits: read(app, &workspace, pass.names, request)?,
        ..Observation::default()
    };
    pass.land_and_deliver(app, workspace, &observation)
}

fn is_part(request: AuditRequest<'_>) -> bool {
    !request.checks.is_empty() || !request.regions.is_empty()
}

/// An audit of a part says nothing of the rest, and would look as if that were fixed.
fn refuse_parts(request: AuditRequest<'_>, landing: Landing) -> Result<(), CommandError> {
    if !is_part(request) || landing == Landing::Nothing {
        return Ok(());
    }
    let error = CommandError::usage("an audit of some checks or regions is not kept");
    Err(error.hint("leave out `--check` and `--region`, or `--commit` and `--write`"))
}

fn read(
    app: &App,
    workspace: &Workspace,
    names: &[EnvironmentName],
    request: AuditRequest<'_>,
) -> Result<Vec<AuditRead>, CommandError> {
    let scope = workspace.scope();
    let frameworks = audit::choose_frameworks(&scope, request.audit_type, request.frameworks)?;
    let types = types_to_read(workspace, request)?;
    let mut reads = Vec::new();
    for name in names {
        let what = format!("reading how {name} is configured");
        let reach = AuditReach {
            regions: request.regions,
            types: &types,
            max_calls: request.max_calls,
            access: Access::Audit,
        };
        let read = audit::read(app, &scope, name, reach);
        let (configuration, receipt) = wait_for(app, &what, read)?;
        let cost = match request.audit_type {
            "all" => Some(costs::audit(app, workspace, name)?),
            _ => None,
        };
        reads.push(AuditRead {
            environment: name.clone(),
            plan: AuditPlan {
                audit_type: request.audit_type,
                checks: request.checks.to_vec(),
                frameworks: frameworks.clone(),
                allow_protected: request.allow_protected,
            },
            configuration,
            receipt,
            cost,
        });
    }
    Ok(reads)
}

/// Returns the types that the chosen checks need; none where all checks are evaluated, or need all.
fn types_to_read(
    workspace: &Workspace,
    request: AuditRequest<'_>,
) -> Result<Vec<String>, CommandError> {
    if request.checks.is_empty() {
        return Ok(Vec::new());
    }
    let registry = workspace.audits().checks()?;
    let chosen = workspace.audits().choose(&registry, request.checks)?;
    let mut types = needed_types(&chosen);
    // Tags of many types are listed by region, and choose what is suppressed.
    let by_tag = |one: &Suppression| {
        one.resource.raw().starts_with("tag:") && request.checks.contains(&one.check)
    };
    let suppressions = workspace.audits().suppressions();
    let needs_region = !types.is_empty() && suppressions.entries.iter().any(by_tag);
    if needs_region && !types.iter().any(|of| of == REGION) {
        types.push(REGION.to_owned());
    }
    Ok(types)
}

/// Returns the checks of a repository; anywhere else, those that are built in.
pub(crate) fn checks(app: &App) -> Result<Registry<Check>, CommandError> {
    let folder = &app.global.repo;
    match Repository::discover(folder) {
        Err(GitError::NotARepository(_)) => {
            app.ui.note(&format!(
                "{} is not inside a git repository: only the built-in checks are known",
                folder.display()
            ));
            workspace_checks::registry(&State::default())
        }
        _ => open::load_anything(app)?.audits().checks(),
    }
}

/// 1 where a finding is at or above the level, or what is spent is; 3 where nothing is, and
/// nothing could be read of an account.
fn exit_code(fail_on: FailOn, reports: &[AuditReport], only_new: bool) -> ExitCode {
    let mut findings = reports.iter().flat_map(|report| &report.findings);
    let counts = |one: &AuditFinding| {
        one.status == FindingStatus::Open
            && (one.is_new || !only_new)
            && fail_on.reached_by_finding(one.severity)
    };
    let mut costs = reports.iter().filter_map(|report| report.cost.as_deref());
    if findings.any(counts) || costs.any(|cost| fail_on.reached_by(status(cost))) {
        return ExitCode::Found;
    }
    let is_blind = |report: &AuditReport| {
        let is_unknown = |cost: &CostReport| cost.spending.is_none();
        is_unseen(report)
            || report.cost.as_deref().is_some_and(is_unknown)
            || (fail_on == FailOn::Unknown && report.partial)
    };
    match reports.iter().any(is_blind) {
        true => ExitCode::Unknown,
        false => ExitCode::Ok,
    }
}

/// Whether nothing of an account was seen: no list answered, and no check came to a verdict.
fn is_unseen(report: &AuditReport) -> bool {
    let decided = [CheckVerdict::Pass, CheckVerdict::Fail];
    let mut counts = decided.iter().map(|one| report.summary.verdicts.get(one));
    report.coverage.answered == 0 && counts.all(|count| count.is_none_or(|count| *count == 0))
}

/// Says why nothing was seen, and what to do.
fn unseen_words(report: &AuditReport) -> String {
    let name = &report.environment;
    let why = match &report.errors[..] {
        [] => String::new(),
        [only] => format!(": {}", only.sentence()),
        [first, more @ ..] => format!(": {}, and {} more", first.sentence(), more.len()),
    };
    let is_replay = |gap: &Gap| gap.operation.starts_with("replay:");
    let advice = match report.errors.first().is_some_and(is_replay) {
        true => "a recording answers what was asked when it was made: the same regions and checks",
        false => "`fractary doctor` shows what is missing",
    };
    format!("nothing could be read of {name}{why}; {advice}")
}
