//! Deploying exactly the plan that was shown, with consent, and recording what came of it.

use jiff::SignedDuration;

use crate::app::App;
use crate::app::apply::infra::hooks::Hooks;
use crate::app::apply::infra::{self as apply, AppliedPlan, identity};
use crate::app::apply::remediate::record::new_id;
use crate::app::infra::errored;
use crate::app::infra::preview::{InfraSession, ReadyBytes};
use crate::app::infra::proposals;
use crate::app::infra::record::{self, DeploymentEnd};
use crate::app::infra::tool;
use crate::app::infra::{close, known_fixes};
use crate::app::remediate::consent;
use crate::app::review;
use crate::app::wait;
use crate::app::workspace::landing::{self, Landing};
use crate::app::workspace::{Workspace, open};
use crate::core::infra::consented::{self, PlanComparison};
use crate::core::infra::outcome::{self, ApplyFacts};
use crate::core::infra::{guard, lease};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::model::deployments::{
    Deployment, DeploymentOperation, DeploymentOutcome, DeploymentRecord,
};
use crate::model::ids::Arn;
use crate::model::preview::{DeployReport, Preview};
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::model::review::ReviewVerdict;
use crate::process::End;
use crate::render::text;
use crate::text::Untrusted;

/// Time after the limit of an apply in which its outcome is recorded.
const AFTERWARDS: SignedDuration = SignedDuration::from_mins(15);

/// How it is deployed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DeployManner<'a> {
    /// What is done.
    pub(crate) operation: DeploymentOperation,
    /// Another directory than the configured one.
    pub(crate) directory: Option<&'a str>,
    /// Consent on the command line.
    pub(crate) yes: bool,
    /// Whether somebody has looked that what must be empty is empty.
    pub(crate) emptied: bool,
    /// Whether it is only proposed, for somebody else to merge.
    pub(crate) propose: bool,
}

/// A deployment that nobody has agreed to yet.
pub(crate) struct Proposed {
    pub(crate) workspace: Workspace,
    pub(crate) session: InfraSession,
    pub(crate) ready: ReadyBytes,
    /// How it differs from what was agreed to, where the last deployment did not end well.
    pub(crate) comparison: Option<(String, PlanComparison)>,
}

/// Prepares a deployment: what an earlier run left is closed, and the plan is the one that was
/// shown before, or a new one.
pub(crate) fn prepare(app: &App, manner: DeployManner<'_>) -> Result<Proposed, CommandError> {
    let landing = match app.global.dry_run {
        true => Landing::Nothing,
        false => Landing::Commit,
    };
    let mut workspace = open::load_to_land(app, landing)?;
    let mut session = InfraSession::open(app, &workspace, manner.directory)?;
    errored::refuse_left(&session)?;
    if landing == Landing::Commit {
        workspace = close::close_open(app, workspace, &mut session)?;
    }
    let operation = manner.operation;
    let kept = match operation {
        DeploymentOperation::Deploy => session.kept(app, &workspace, operation)?,
        // What is to be destroyed is read anew, and shown, every time.
        DeploymentOperation::Teardown => None,
    };
    let ready = match kept {
        Some(ready) => ready,
        None => session.plan(app, &workspace, operation)?,
    };
    let comparison = compare(&workspace, &session, &ready, operation);
    Ok(Proposed {
        workspace,
        session,
        ready,
        comparison,
    })
}

/// Holds the plan against what somebody agreed to in a deployment that did not end well.
fn compare(
    workspace: &Workspace,
    session: &InfraSession,
    ready: &ReadyBytes,
    operation: DeploymentOperation,
) -> Option<(String, PlanComparison)> {
    let all = &workspace.state.deployments.as_ref()?.value.deployments;
    let mut own = all
        .iter()
        .rev()
        .filter(|one| one.environment == *session.target.name());
    let last = own.next()?;
    let record = last
        .record
        .as_ref()
        .filter(|one| one.operation == operation)?;
    if !matches!(last.status.as_str(), "failed" | "interrupted") {
        return None;
    }
    let comparison = consented::compare(&record.planned, &ready.steps);
    Some((last.id.clone(), comparison))
}

/// Deploys.
pub(crate) fn deploy(app: &App, manner: DeployManner<'_>) -> Result<DeployReport, CommandError> {
    let proposed = prepare(app, manner)?;
    review::mask(app, &proposed.ready.secrets);
    show(app, &proposed);
    let preview = proposed.ready.preview.clone();
    refuse_half_plans(&proposed)?;
    if !proposed.ready.preview.changes {
        let name = proposed.session.target.name();
        proposed.session.folder.forget(name)?;
        return Ok(report(
            preview,
            None,
            "unchanged",
            DeploymentOutcome::default(),
            0,
        ));
    }
    let identity_arn = guard(app, &proposed)?;
    refuse_obstacles(&preview, manner.emptied)?;
    if app.global.dry_run {
        return Ok(report(
            preview,
            None,
            "planned",
            DeploymentOutcome::default(),
            0,
        ));
    }
    if manner.propose {
        let Proposed {
            workspace,
            session,
            ready,
            ..
        } = proposed;
        let id = proposals::propose(app, workspace, &session, &ready)?;
        let outcome = DeploymentOutcome::default();
        return Ok(report(preview, Some(id), "proposed", outcome, 0));
    }
    let consent = agree(app, &proposed, manner)?;
    apply_plan(app, proposed, consent, identity_arn)
}

/// Refuses what planning has left half-done.
pub(super) fn refuse_half_plans(proposed: &Proposed) -> Result<(), CommandError> {
    let mut plans = proposed.ready.preview.review.plans.iter();
    match plans.any(|one| one.errored) {
        true => Err(CommandError::say(
            ErrorKind::Refused,
            "planning failed, so this is only a part of a plan; nothing was changed",
        )),
        false => Ok(()),
    }
}

/// Shows the plan to people, before anything is asked.
pub(crate) fn show(app: &App, proposed: &Proposed) {
    let style = app.ui.style();
    let mut shown = text::preview(&proposed.ready.preview, &style);
    if let Some((id, comparison)) = &proposed.comparison {
        shown.push('\n');
        shown.push_str(&text::plan_comparison(
            id,
            comparison_rows(comparison),
            &style,
        ));
    }
    let lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    app.ui.lines(&lines);
    let name = proposed.session.target.name();
    known_fixes::offer_before(app, &proposed.workspace, name, &proposed.ready.steps);
}

/// Destroys nothing where something would refuse half-way, or may.
fn refuse_obstacles(preview: &Preview, emptied: bool) -> Result<(), CommandError> {
    let Some(outlook) = &preview.teardown else {
        return Ok(());
    };
    let doubts = outlook.doubts.iter().filter(|_| !emptied);
    let in_the_way: Vec<String> = outlook
        .obstacles
        .iter()
        .chain(doubts)
        .map(|one| format!("{}: {}", one.address.terminal(), one.text.terminal()))
        .collect();
    if in_the_way.is_empty() {
        return Ok(());
    }
    let error = CommandError::say(
        ErrorKind::Refused,
        "it would or may fail half-way, so nothing was destroyed",
    );
    let error = in_the_way.into_iter().fold(error, CommandError::hint);
    let error = error.hint("change that in the configuration, deploy it, and tear down then");
    Err(match outlook.doubts.is_empty() || emptied {
        true => error,
        false => error.hint("where you have looked that they are empty: `--emptied`"),
    })
}

fn comparison_rows(comparison: &PlanComparison) -> text::ComparisonText {
    let rows = |steps: &[crate::model::deployments::PlannedStep]| {
        let steps = steps.iter();
        steps
            .map(|step| (step.action.clone(), step.address.clone()))
            .collect()
    };
    text::ComparisonText {
        same: comparison.same,
        new: rows(&comparison.new),
        gone: rows(&comparison.gone),
    }
}

/// Refuses what belongs to another environment, before anybody is asked.
pub(crate) fn guard(app: &App, proposed: &Proposed) -> Result<Arn, CommandError> {
    let Proposed {
        workspace,
        session,
        ready,
        ..
    } = proposed;
    let name = session.target.name();
    let foreign = guard::of_other_environments(&ready.preview.review);
    if let Some(first) = foreign.first() {
        let error = CommandError::say(
            ErrorKind::Refused,
            format!(
                "the plan is not for {name}: {}; nothing was changed",
                first.terminal()
            ),
        );
        let more = foreign.iter().skip(1).map(Untrusted::terminal);
        return Err(more.fold(error, |error, line| error.hint(line)));
    }
    let deployments = workspace.state.deployments.as_ref();
    let deployments = deployments.map_or(&[][..], |one| &one.value.deployments);
    let registries = workspace.state.registries.values().map(|one| &one.value);
    if let Some(lineage) = &session.view.lineage
        && let Some(other) = guard::state_of_another(name, lineage, registries, deployments)
    {
        return Err(CommandError::say(
            ErrorKind::Refused,
            format!("this state is that of the environment {other}, and not of {name}; nothing was changed"),
        )
        .hint("give each environment a state of its own: `{environment}` in the `key` of `handlers.iac.terraform.backend` of devops.json"));
    }
    let identity = wait::wait_for(app, "asking whose credentials these are", async {
        identity::check(app, workspace, &session.target).await
    })?;
    Ok(identity.arn)
}

/// Consent, and the id of the proposal that was merged where that is it.
pub(super) type Agreed = (ConsentRecord, Option<String>);

pub(super) fn agree(
    app: &App,
    proposed: &Proposed,
    manner: DeployManner<'_>,
) -> Result<Agreed, CommandError> {
    let target = &proposed.session.target;
    let name = target.name();
    let needs_name = target.is_protected || manner.operation == DeploymentOperation::Teardown;
    // What somebody should look at is not waved through by a rule.
    let is_harmless = proposed.ready.preview.review.verdict != ReviewVerdict::Block;
    let automatic =
        target.rules.auto_approve && is_harmless && manner.operation == DeploymentOperation::Deploy;
    let how = match (manner.yes, automatic, target.is_protected) {
        (true, _, true) => {
            return Err(CommandError::say(
                ErrorKind::Refused,
                format!("{name} is protected, and `--yes` alone is no consent there; nothing was changed"),
            )
            .hint(format!("run it without `--yes` at a terminal, and type `yes` and `{name}`")));
        }
        (true, _, false) => ConsentWay::Flag,
        (false, true, false) => ConsentWay::Automatic,
        (false, _, _) => {
            let plan = (&proposed.session, &proposed.ready);
            let merged = proposals::merged(app, &proposed.workspace, plan)?;
            if let Some((consent, id)) = merged.consent {
                return Ok((consent, Some(id)));
            }
            let asked = consent::expect_terminal(app, target.is_protected);
            asked.map_err(|error| match (target.is_protected, manner.operation) {
                (true, DeploymentOperation::Deploy) => merged.explain(error, name),
                (true, DeploymentOperation::Teardown) => error.hint(
                    "no merge agrees to a teardown: whoever types it sees what is lost at that moment",
                ),
                (false, _) => error,
            })?;
            consent::ask(app, name, needs_name)?;
            ConsentWay::Typed
        }
    };
    let consent = ConsentRecord {
        by: landing::find_person(app, &proposed.workspace)?,
        how,
        at: app.clock.now(),
        reference: None,
    };
    Ok((consent, None))
}

pub(super) fn apply_plan(
    app: &App,
    proposed: Proposed,
    consent: Agreed,
    identity_arn: Arn,
) -> Result<DeployReport, CommandError> {
    let Proposed {
        workspace,
        mut session,
        ready,
        ..
    } = proposed;
    let name = session.target.name().clone();
    let deployment = started(app, &session, &ready, consent, identity_arn)?;
    let id = deployment.id.clone();
    // From the bytes that were hashed and shown, and from nothing that others can write.
    let copy = session.folder.copy(&name, &ready.kept.bytes)?;
    let files = session.folder.outputs(&name, &id)?;
    let hooks = Hooks::read(app, &workspace)?;
    hooks.before(&session, &deployment)?;
    let workspace = record::begin(app, workspace, &deployment)?;
    session.folder.forget(&name)?;
    let applied = apply::apply(app, &session.runner, &copy, files, ready.steps.len())?;
    let left = errored::rescue(app, &session)?;
    let state = session.refresh(app);
    if let Err(error) = &state {
        app.ui
            .warn(&format!("the state could not be read afterwards: {error}"));
    }
    let view = state.is_ok().then_some(&session.view);
    let mut outcome = outcome::conclude(ApplyFacts {
        planned: &ready.steps,
        stream: Some(&applied.tally),
        is_whole: applied.is_whole(),
        state: view,
    });
    outcome.reason = applied.reason().map(Untrusted::new);
    if outcome.errors.is_empty() && applied.end != End::Code(0) {
        outcome.errors.clone_from(&applied.last_words);
    }
    outcome.errors.extend(left.map(Untrusted::new));
    let status = status(&applied, &outcome);
    outcome
        .errors
        .extend(hooks.after(&session, &deployment, status));
    let ended = DeploymentEnd {
        id: &id,
        environment: &session.target.environment,
        status,
        outcome: outcome.clone(),
        state: view.map(|view| (session.state.as_slice(), view)),
    };
    let (workspace, registered) = record::end(app, workspace, &ended)?;
    known_fixes::offer_after(app, &workspace, &outcome.errors);
    session.folder.clear(&name, &id)?;
    if let Some(lock) = tool::state_lock(&applied.tally.errors) {
        return Err(session.runner.locked(&lock));
    }
    Ok(report(ready.preview, Some(id), status, outcome, registered))
}

fn status(applied: &AppliedPlan, outcome: &DeploymentOutcome) -> &'static str {
    match applied.end {
        End::Code(0) if outcome::is_complete(outcome) => "success",
        End::Interrupted | End::Signal(_) => "interrupted",
        _ => "failed",
    }
}

fn started(
    app: &App,
    session: &InfraSession,
    ready: &ReadyBytes,
    (consent, proposal): Agreed,
    identity_arn: Arn,
) -> Result<Deployment, CommandError> {
    let now = app.clock.now();
    let basis = &ready.kept.kept.basis;
    let limit = SignedDuration::try_from(tool::APPLYING).map_err(CommandError::bug)?;
    Ok(Deployment {
        id: new_id('d', now),
        environment: session.target.name().clone(),
        domain: None,
        deployed_at: now,
        deployed_by: consent.by.clone(),
        commit: basis.commit.clone(),
        status: lease::STARTED.to_owned(),
        resources: Vec::new(),
        plan_sha256: Some(ready.kept.sha256()),
        record: Some(DeploymentRecord {
            operation: ready.kept.kept.operation,
            directory: basis.directory.clone(),
            tree: basis.tree.clone(),
            tool: basis.tool.clone(),
            lineage: basis.lineage.clone(),
            serial_before: basis.serial,
            serial_after: None,
            consent,
            proposal,
            identity_arn: Some(identity_arn),
            clone: session.folder.clone_id()?,
            run: run_url(app),
            lease_until: now + limit + AFTERWARDS,
            ended_at: None,
            planned: ready.steps.clone(),
            outcome: None,
        }),
    })
}

/// The run of GitHub Actions, as an address.
fn run_url(app: &App) -> Option<Untrusted> {
    let environment = &app.environment;
    let server = environment.github_server_url.as_deref()?;
    let repository = environment.github_repository.as_deref()?;
    let run = environment.github_run_id.as_deref()?;
    Some(Untrusted::new(format!(
        "{server}/{repository}/actions/runs/{run}"
    )))
}

pub(super) fn report(
    preview: Preview,
    id: Option<String>,
    status: &str,
    outcome: DeploymentOutcome,
    registered: usize,
) -> DeployReport {
    DeployReport {
        version: "1.0.0".to_owned(),
        kind: "deployment".to_owned(),
        operation: preview.operation,
        environment: preview.environment.clone(),
        id,
        status: status.to_owned(),
        outcome,
        registered,
        preview,
    }
}

/// The exit code of a deployment.
pub(crate) fn exit_code(report: &DeployReport) -> ExitCode {
    match report.status.as_str() {
        "success" | "unchanged" | "planned" | "proposed" => ExitCode::Ok,
        "interrupted" => ExitCode::Interrupted,
        _ => ExitCode::Found,
    }
}
