//! Deploying with what is missing granted on the way: what the plan needs first, in one grant, and
//! then, for at most three rounds, what AWS denies all the same.
//!
//! There is no retry of the same plan: a half-failed apply has used it up. Each round plans anew,
//! is held against what somebody agreed to, and never replaces what an earlier round has made.

use std::time::Duration;

use crate::app::App;
use crate::app::apply::grants::GrantOutcome;
use crate::app::infra::deploy::{self, Agreed, DeployManner, Proposed};
use crate::app::infra::missing_grants::{missing, surprise};
use crate::app::permissions::context::{GrantContext, ReadyGrant};
use crate::app::permissions::grant::{self, GrantManner, WantedGrant};
use crate::app::permissions::preflight::{self, PreflightIdentity};
use crate::app::review;
use crate::app::wait;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::{Workspace, open};
use crate::core::infra::consented::destroys;
use crate::core::permissions;
use crate::core::permissions::atoms::put_together;
use crate::error::{CommandError, ErrorKind};
use crate::model::denied_grant::RefusedGrant;
use crate::model::deployments::{DeploymentOutcome, PlannedStep};
use crate::model::iam_audit::GrantStatus;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::preflight::PreflightReport;
use crate::model::preview::DeployReport;
use crate::model::remediation::{ConsentRecord, ConsentWay};
use crate::text::Untrusted;
use crate::text::phrases::counted;

/// Most rounds of grants after the first one.
const ROUNDS: u32 = 3;
/// Pauses where AWS does not act on a grant yet: a minute together.
const PAUSES: [u64; 5] = [2, 4, 8, 16, 30];

/// A deployment with grants.
struct Fixing<'a> {
    app: &'a App,
    manner: DeployManner<'a>,
    /// Whether powerful permissions are granted too.
    at_will: bool,
    /// What somebody has agreed to.
    agreed: Option<Agreed>,
    /// What the last apply was denied.
    denied: Vec<Untrusted>,
    rounds: u32,
    pauses: std::slice::Iter<'static, u64>,
}

/// Deploys, and grants what is missing.
pub(crate) fn deploy(
    app: &App,
    manner: DeployManner<'_>,
    at_will: bool,
) -> Result<DeployReport, CommandError> {
    let mut fixing = Fixing {
        app,
        manner,
        at_will,
        agreed: None,
        denied: Vec::new(),
        rounds: 0,
        pauses: PAUSES.iter(),
    };
    loop {
        let Some(report) = fixing.round()? else {
            continue;
        };
        let is_over = report.status != "failed" || report.id.is_none();
        let errors = report.outcome.errors.clone();
        if is_over || !errors.iter().any(is_denial) {
            return Ok(report);
        }
        if fixing.rounds > ROUNDS {
            app.ui.warn(&format!(
                "AWS still denies something after {ROUNDS} rounds of grants, so nothing more is granted"
            ));
            return Ok(report);
        }
        fixing.denied = errors;
    }
}

fn is_denial(line: &Untrusted) -> bool {
    !permissions::denials(line.raw()).is_empty()
}

impl Fixing<'_> {
    /// Plans, grants what is missing, and applies; `None` where planning itself was denied
    /// something that is granted now.
    fn round(&mut self) -> Result<Option<DeployReport>, CommandError> {
        let app = self.app;
        let mut proposed = match deploy::prepare(app, self.manner) {
            Ok(proposed) => proposed,
            Err(error) => return self.grant_for_planning(error).map(|()| None),
        };
        review::mask(app, &proposed.ready.secrets);
        if self.agreed.is_some() {
            proposed = self.keep_what_was_made(proposed)?;
        }
        deploy::show(app, &proposed);
        deploy::refuse_half_plans(&proposed)?;
        let preview = proposed.ready.preview.clone();
        let unchanged = |status: &str| {
            deploy::report(
                preview.clone(),
                None,
                status,
                DeploymentOutcome::default(),
                0,
            )
        };
        if !proposed.ready.preview.changes {
            if let Some(agreed) = self.agreed.clone() {
                // What an earlier round made and could not read is read now: the state and the
                // registry learn of it with a plan that changes nothing.
                let identity = deploy::guard(app, &proposed)?;
                return deploy::apply_plan(app, proposed, agreed, identity).map(Some);
            }
            proposed
                .session
                .folder
                .forget(proposed.session.target.name())?;
            return Ok(Some(unchanged("unchanged")));
        }
        let identity = deploy::guard(app, &proposed)?;
        let context = self.context(&proposed, &identity)?;
        let preflight = self.preflight(&proposed, &context)?;
        let wanted = self.wanted(&context, &preflight);
        let ready = context.ready(app, &wanted.atoms, self.at_will)?;
        self.refuse(&context, &proposed, &wanted, &ready)?;
        if !ready.updates.is_empty() {
            grant::show(app, &grant::report(&context, &ready));
        }
        if app.global.dry_run {
            return Ok(Some(unchanged("planned")));
        }
        let consent = self.agree(&proposed, !ready.updates.is_empty())?;
        refuse_merged(&consent, !ready.updates.is_empty())?;
        self.agreed = Some(consent.clone());
        let proposed = match ready.updates.is_empty() {
            false => self.grant(proposed, &context, (&ready, &wanted), &consent.0)?,
            true => proposed,
        };
        self.wait_for_iam(ready.updates.is_empty())?;
        deploy::apply_plan(app, proposed, consent, identity).map(Some)
    }

    /// Grants what planning was denied, where a grant helps: there is no plan to say what else is
    /// needed.
    fn grant_for_planning(&mut self, error: CommandError) -> Result<(), CommandError> {
        let lines = error.lines().into_iter().map(Untrusted::new);
        let denied: Vec<Untrusted> = lines.filter(is_denial).collect();
        if denied.is_empty() || self.rounds > ROUNDS || self.app.global.dry_run {
            return Err(error);
        }
        let workspace = open::load_to_land(self.app, Landing::Commit)?;
        let name = preflight::only_environment(self.app, &workspace)?;
        let context = GrantContext::open(self.app, &workspace, &name, None, None)?;
        let text: Vec<&str> = denied.iter().map(Untrusted::raw).collect();
        let wanted = grant::from_text(&context, &text.join("\n"), None);
        let ready = context.ready(self.app, &wanted.atoms, self.at_will)?;
        let refused = wanted.refused.iter().chain(&ready.refused);
        let refused: Vec<String> = refused.map(|one| one.because.terminal()).collect();
        if !refused.is_empty() {
            return Err(refused.into_iter().fold(error, CommandError::hint));
        }
        self.denied = denied;
        if ready.updates.is_empty() {
            self.wait_for_iam(true)?;
            return match self.rounds > ROUNDS {
                true => Err(error),
                false => Ok(()),
            };
        }
        grant::show(self.app, &grant::report(&context, &ready));
        let consent = match &self.agreed {
            Some((agreed, _)) if !context.is_protected => agreed.clone(),
            _ => grant::agree(self.app, &workspace, &context, self.manner.yes)?,
        };
        self.make(workspace, &context, (&ready, &wanted), &consent)
            .map(drop)
    }

    /// Everything that decides about grants to whoever deploys.
    fn context(&self, proposed: &Proposed, identity: &Arn) -> Result<GrantContext, CommandError> {
        let name = proposed.session.target.name();
        let arn = permissions::identity_arn(identity.as_str());
        let arn = arn.and_then(|arn| Arn::new(arn).ok());
        let deploying = arn.unwrap_or_else(|| identity.clone());
        GrantContext::open(self.app, &proposed.workspace, name, None, Some(deploying))
    }

    /// What the plan needs, held against what the identity may do.
    fn preflight(
        &self,
        proposed: &Proposed,
        context: &GrantContext,
    ) -> Result<PreflightReport, CommandError> {
        let session = &proposed.session;
        let name = session.target.name();
        let copy = session.folder.copy(name, &proposed.ready.kept.bytes)?;
        let shown = session.runner.show(self.app, &copy);
        session.folder.remove_copy(name)?;
        let identity = PreflightIdentity::Read {
            arn: context.principal.as_str(),
            held: &context.held,
        };
        let shown = shown?;
        let plan = (None, shown.as_slice());
        preflight::examine(self.app, &proposed.workspace, name, plan, identity)
    }

    /// What is missing: all that the plan needs and, after a round, what was denied all the same.
    fn wanted(&self, context: &GrantContext, report: &PreflightReport) -> WantedGrant {
        let mut all = WantedGrant {
            atoms: missing(context, report),
            ..WantedGrant::default()
        };
        for one in report.missing.iter().filter(|one| !one.grant_helps) {
            all.refused.push(RefusedGrant {
                action: Some(Untrusted::new(one.needed.action.as_str())),
                resource: Some(one.needed.resource.clone()),
                principal: None,
                because: one.because.clone(),
            });
        }
        for one in &report.unknown {
            let what = one.needed.as_ref().map(|needed| needed.action.clone());
            let what = what.or_else(|| one.resource_type.as_ref().map(Untrusted::terminal));
            let what = what.unwrap_or_else(|| "something".to_owned());
            self.app
                .ui
                .note(&format!("{what}: {}", one.because.terminal()));
        }
        for line in &self.denied {
            surprise(context, report, line.raw(), &mut all);
        }
        all
    }

    /// Stops where a grant does not help, or may not be made, before anything is changed.
    fn refuse(
        &self,
        context: &GrantContext,
        proposed: &Proposed,
        wanted: &WantedGrant,
        ready: &ReadyGrant,
    ) -> Result<(), CommandError> {
        let refused: Vec<&RefusedGrant> = wanted.refused.iter().chain(&ready.refused).collect();
        let name = &context.environment.name;
        if !refused.is_empty() {
            let error = CommandError::say(
                ErrorKind::Refused,
                format!(
                    "what the plan needs in {name} cannot all be granted, so nothing more was changed"
                ),
            );
            return Err(refused.iter().fold(error, |error, one| {
                let action = one
                    .action
                    .as_ref()
                    .map_or_else(String::new, Untrusted::terminal);
                let on = one
                    .resource
                    .as_ref()
                    .map_or_else(String::new, |on| format!(" on {}", on.terminal()));
                error.hint(format!("{action}{on}: {}", one.because.terminal()))
            }));
        }
        if ready.updates.is_empty() {
            return Ok(());
        }
        match context.managed_by_terraform(&proposed.workspace) {
            None => Ok(()),
            Some(address) => {
                let statement = put_together(&ready.atoms);
                let patch = crate::render::text::grant_as_terraform(
                    &address,
                    &context.place.name,
                    &statement,
                );
                let error = CommandError::say(
                    ErrorKind::Refused,
                    format!(
                        "Terraform has the identity that deploys ({address}), and a grant beside it would be drift; nothing was granted"
                    ),
                );
                Err(patch.lines().fold(
                    error.hint("add this to its configuration:"),
                    CommandError::hint,
                ))
            }
        }
    }

    /// Consent: once for the plan and its grant, and again for whatever goes beyond that.
    fn agree(&self, proposed: &Proposed, grants: bool) -> Result<Agreed, CommandError> {
        let Some(agreed) = &self.agreed else {
            return deploy::agree(self.app, proposed, self.manner);
        };
        let new = proposed.comparison.as_ref();
        let new = new.map_or(&[][..], |(_, comparison)| &comparison.new);
        let is_protected = proposed.session.target.is_protected;
        if new.is_empty() && !(grants && is_protected) {
            return Ok(agreed.clone());
        }
        let destroys: Vec<&PlannedStep> = new.iter().filter(|step| destroys(step)).collect();
        if agreed.0.how == ConsentWay::Typed || is_protected {
            return deploy::agree(self.app, proposed, self.manner);
        }
        match destroys.first() {
            None => Ok(agreed.clone()),
            Some(step) => Err(CommandError::say(
                ErrorKind::Refused,
                format!(
                    "the plan would now {} {}, to which nobody agreed; nothing more was changed",
                    step.action,
                    step.address.terminal()
                ),
            )
            .hint("look at it: `fractary infra preview`")),
        }
    }

    /// Grants, in the name of whoever agreed to the deployment.
    fn grant(
        &mut self,
        proposed: Proposed,
        context: &GrantContext,
        what: (&ReadyGrant, &WantedGrant),
        consent: &ConsentRecord,
    ) -> Result<Proposed, CommandError> {
        let Proposed {
            workspace,
            session,
            ready,
            comparison,
        } = proposed;
        Ok(Proposed {
            workspace: self.make(workspace, context, what, consent)?,
            session,
            ready,
            comparison,
        })
    }

    /// Makes a grant, and goes on only once AWS has it.
    fn make(
        &mut self,
        workspace: Workspace,
        context: &GrantContext,
        (ready, wanted): (&ReadyGrant, &WantedGrant),
        consent: &ConsentRecord,
    ) -> Result<Workspace, CommandError> {
        let reason = match self.rounds {
            0 => "a deployment needs it".to_owned(),
            round => format!("a deployment was denied it, in round {round}"),
        };
        self.rounds += 1;
        let manner = GrantManner {
            yes: self.manner.yes,
            at_will: self.at_will,
            reason: &reason,
            until: None,
            proposal: None,
        };
        let consent = (manner, consent.clone());
        let (workspace, outcome) =
            grant::make(self.app, workspace, context, ready, wanted, consent)?;
        let actions = counted(outcome.record.action.len() as u64, "action");
        if outcome.record.status != GrantStatus::Granted {
            return Err(not_granted(&context.environment.name, &outcome));
        }
        self.app.ui.note(&format!(
            "granted {actions} to {} as {}",
            context.place.name, outcome.id
        ));
        Ok(workspace)
    }

    /// Where everything was granted and denied nevertheless, IAM has not spread it yet: a pause
    /// helps, and another grant does not.
    fn wait_for_iam(&mut self, nothing_granted: bool) -> Result<(), CommandError> {
        if self.denied.is_empty() || !nothing_granted {
            return Ok(());
        }
        let Some(seconds) = self.pauses.next() else {
            self.rounds = ROUNDS + 1;
            return Ok(());
        };
        wait::wait_for(self.app, "waiting until IAM acts on the grant", async {
            tokio::time::sleep(Duration::from_secs(*seconds)).await;
            Ok(())
        })
    }

    /// What an earlier round has made and could not finish is kept, and not destroyed and made
    /// again.
    fn keep_what_was_made(&self, proposed: Proposed) -> Result<Proposed, CommandError> {
        let tainted = &proposed.session.view.tainted;
        let replaced: Vec<String> = proposed
            .ready
            .steps
            .iter()
            .filter(|step| destroys(step) && tainted.contains(&step.address))
            .map(|step| step.address.raw().to_owned())
            .collect();
        if replaced.is_empty() {
            return Ok(proposed);
        }
        for address in &replaced {
            proposed.session.runner.untaint(self.app, address)?;
            let shown = Untrusted::new(address.as_str()).terminal();
            self.app
                .ui
                .note(&format!("kept {shown}, which was made and not finished"));
        }
        proposed
            .session
            .folder
            .forget(proposed.session.target.name())?;
        drop(proposed);
        let again = deploy::prepare(self.app, self.manner)?;
        review::mask(self.app, &again.ready.secrets);
        Ok(again)
    }
}

/// A grant that did not come about, with the exit code that `permissions grant` has for it.
fn not_granted(name: &EnvironmentName, outcome: &GrantOutcome) -> CommandError {
    let status = outcome.record.status;
    let because = outcome.record.because.as_ref();
    let because = because.map_or_else(String::new, |why| format!(": {}", why.redacted()));
    let what = format!(
        "the grant {} is {}{because}; nothing more was changed",
        outcome.id,
        status.word()
    );
    match status {
        GrantStatus::Unconfirmed => CommandError::say(ErrorKind::Unknown, what).hint(format!(
            "`fractary permissions diff --env {name}` says what AWS has"
        )),
        _ => CommandError::say(ErrorKind::Refused, what),
    }
}

/// A merged proposal shows a plan: who merged it has seen no grant.
fn refuse_merged(consent: &Agreed, grants: bool) -> Result<(), CommandError> {
    match &consent.1 {
        Some(id) if grants => Err(CommandError::say(
            ErrorKind::Refused,
            format!("the proposal {id} agrees to the plan and to no grant; nothing was changed"),
        )
        .hint("propose what is missing with `fractary permissions grant --propose`")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ExitCode;

    /// What was sent and is not confirmed may be there: that is not "nothing was changed".
    #[test]
    fn a_grant_in_doubt_ends_as_permissions_grant_does() {
        let name = EnvironmentName::new("test").expect("an environment");
        for (status, code) in [
            ("unconfirmed", ExitCode::Unknown),
            ("failed", ExitCode::Refused),
        ] {
            let record = json!({ "environment": "test", "status": status, "reason": "x",
                "principal": "arn:aws:iam::123456789012:user/shop-test-deploy",
                "action": ["sqs:CreateQueue"] });
            let outcome = GrantOutcome {
                id: "g-1".to_owned(),
                record: serde_json::from_value(record).expect("a record"),
            };
            let error = not_granted(&name, &outcome);
            assert_eq!(error.kind.exit_code(), code);
            assert!(error.to_string().contains(status), "{error}");
        }
    }
}
