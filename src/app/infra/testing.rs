//! `infra test`: the plan before a deployment, and afterwards what is there.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::infra::architect::{checked, parse, read};
use crate::app::infra::files;
use crate::app::infra::preview::{InfraSession, ReadyBytes};
use crate::app::infra::validate;
use crate::app::observe::environments::Only;
use crate::app::occasion::Occasion;
use crate::app::pass::Pass;
use crate::app::review;
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::Landing;
use crate::core::infra::fill::snake;
use crate::core::infra::tested::{self, DeployedFacts};
use crate::error::CommandError;
use crate::model::design::{CodeOutcome, CodeReport, CodeStep};
use crate::text::Untrusted;

/// The type of what notifies.
const ALARM: &str = "aws_cloudwatch_metric_alarm";

/// Tests an environment. Nothing is changed, and no plan is kept.
pub(crate) fn test(
    app: &App,
    workspace: Workspace,
    session: &InfraSession,
) -> Result<CodeReport, CommandError> {
    let ready = session.plan_to_look(app, &workspace)?;
    review::mask(app, &ready.secrets);
    let (_, accepted) = validate::designs(&workspace)?;
    let is_accepted = |finding: &_| accepted.iter().any(|one| one.covers(finding));
    let mut steps = tested::before(&ready.preview.review, &is_accepted);
    if session.view.addresses.is_empty() {
        steps.push(CodeStep::new(
            "what is deployed",
            CodeOutcome::Passed,
            vec![format!(
                "nothing is deployed in {} yet",
                session.target.name()
            )],
        ));
    } else {
        steps.extend(deployed(app, workspace, session, &ready)?);
    }
    Ok(CodeReport {
        version: "1.0.0",
        kind: "test",
        directory: session.target.directory.clone(),
        steps,
    })
}

fn deployed(
    app: &App,
    workspace: Workspace,
    session: &InfraSession,
    ready: &ReadyBytes,
) -> Result<Vec<CodeStep>, CommandError> {
    let alarms = alarms(&workspace, &session.view.addresses)?;
    let names = [session.target.name().clone()];
    let pass = Pass {
        names: &names,
        only: Only::Everything,
        occasion: Occasion::Look,
        landing: Landing::Nothing,
    };
    let (_, decision, _) = pass.observe_and_land(app, workspace)?;
    let health = decision.environments.iter().map(|one| &one.report);
    Ok(tested::after(&DeployedFacts {
        addresses: &session.view.addresses,
        steps: &ready.steps,
        health: &health.collect::<Vec<_>>(),
        alarms: &alarms,
    }))
}

/// The alarms of the designs that something of is deployed.
fn alarms(
    workspace: &Workspace,
    deployed: &BTreeSet<Untrusted>,
) -> Result<BTreeSet<String>, CommandError> {
    let folder = files::path(files::DESIGNS)?;
    let mut alarms = BTreeSet::new();
    let all = files::list(workspace, &folder)?.into_iter();
    for path in all.filter(|path| path.as_str().ends_with(".md")) {
        let text = files::read(workspace, &path)?.unwrap_or_default();
        let head = parse(&path, &text)?;
        let design = checked(&path, read(&path, &text)?, &head)?;
        let feature = snake(head.name.as_str());
        let every = design.blueprints.iter().flat_map(|blueprint| {
            let present = blueprint.resources.iter();
            present.filter(|one| !one.is_data && design.holds(blueprint, &one.when))
        });
        let every: Vec<(bool, String)> = every
            .map(|one| (one.resource_type == ALARM, one.address(Some(&feature))))
            .collect();
        let is_deployed = |address: &str| deployed.iter().any(|one| one.raw() == address);
        if every.iter().any(|(_, address)| is_deployed(address)) {
            let own = every.into_iter().filter(|(is_alarm, _)| *is_alarm);
            alarms.extend(own.map(|(_, address)| address));
        }
    }
    Ok(alarms)
}
