//! Sending the writes of an action, and watching until AWS has made the change.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Application;
use crate::app::App;
use crate::app::apply::{Applier, ApplyError, is_in_doubt};
use crate::app::observe::connect::Connection;
use crate::app::remediate::prepare;
use crate::app::workspace::Workspace;
use crate::catalog::actions::{Action, Write};
use crate::cloud::change::{Change, Changed, OperationCall};
use crate::core::remediate::case::{ActionCase, PreparedWrite};
use crate::core::remediate::plan;
use crate::core::remediate::watch::{AfterLook, CanaryLook, Watch};
use crate::expr::Expression;
use crate::model::fact::{Gap, GapCause, Value as Fact};
use crate::model::remediation::{ActionSituation, RemediationOutcome};
use crate::text::Untrusted;

/// What was sent, and what AWS made of it.
#[derive(Debug, Clone)]
pub(crate) struct SentWrites {
    /// The outcome.
    pub(crate) outcome: RemediationOutcome,
    /// Why, in one sentence.
    pub(crate) reason: Untrusted,
    /// The write that AWS refused.
    pub(crate) refused: Option<Gap>,
    /// When AWS had made the change.
    pub(crate) applied_at: Option<Timestamp>,
    /// Operations, and how often each was sent.
    pub(crate) api: BTreeMap<String, u32>,
}

/// Pause between two looks, the first ones shorter.
const PAUSES: [u64; 4] = [1, 2, 4, 8];

/// What ends an application early.
struct Ended {
    outcome: RemediationOutcome,
    reason: String,
}

fn failed(reason: impl Into<String>) -> Ended {
    Ended {
        outcome: RemediationOutcome::Failed,
        reason: reason.into(),
    }
}

fn unknown(reason: impl Into<String>) -> Ended {
    Ended {
        outcome: RemediationOutcome::Unverified,
        reason: reason.into(),
    }
}

/// Sends everything, and watches.
pub(super) async fn send(
    app: &App,
    workspace: &Workspace,
    application: &Application,
    applier: &Applier,
    token: &str,
) -> SentWrites {
    let mut session = Session {
        app,
        application,
        applier,
        token,
        connection: None,
        started: Instant::now(),
        workspace,
        made: Map::new(),
        api: BTreeMap::new(),
        in_doubt: None,
        refused: None,
    };
    let ended = session.run().await;
    let (outcome, reason, applied_at) = match ended {
        Ok(()) => {
            let now = app.clock.now();
            let reason = "AWS has made the change; the next runs evaluate whether it helps";
            (RemediationOutcome::Unverified, reason.to_owned(), Some(now))
        }
        Err(ended) => (ended.outcome, ended.reason, None),
    };
    SentWrites {
        outcome,
        reason: Untrusted::new(reason),
        refused: session.refused,
        applied_at,
        api: session.api,
    }
}

struct Session<'a> {
    app: &'a App,
    workspace: &'a Workspace,
    application: &'a Application,
    applier: &'a Applier,
    token: &'a str,
    connection: Option<Connection>,
    /// The limit of an action is that of everything it sends: others take a run that says nothing
    /// for longer to be dead.
    started: Instant,
    made: Map<String, Value>,
    api: BTreeMap<String, u32>,
    /// A write that AWS did not confirm.
    in_doubt: Option<Gap>,
    /// A write that AWS refused.
    refused: Option<Gap>,
}

impl<'a> Session<'a> {
    fn action(&self) -> &'a Action {
        &self.application.prepared.chosen.action
    }

    async fn run(&mut self) -> Result<(), Ended> {
        let action = self.action();
        let application = self.application;
        for &index in &application.ready.writes {
            let write = &action.writes[index];
            let prepared = self.prepare(index)?;
            self.write(write, prepared).await?;
            let enough = self.enough(write)?;
            if write.until.is_some() || enough.is_some() {
                self.watch(write.until.as_ref(), enough).await?;
            }
        }
        self.watch(Some(&action.done), None).await
    }

    /// How long a write is watched before the next is sent all the same.
    fn enough(&self, write: &Write) -> Result<Option<Duration>, Ended> {
        let Some(seconds) = &write.enough_seconds else {
            return Ok(None);
        };
        let case = self.case(&self.application.prepared.situation);
        match case.evaluate(seconds) {
            Ok(Fact::Number(seconds)) => Ok(Duration::try_from_secs_f64(seconds).ok()),
            _ => Err(failed("how long it is to be watched is not known")),
        }
    }

    fn prepare(&self, index: usize) -> Result<PreparedWrite, Ended> {
        let case = self.case(&self.application.prepared.situation);
        case.prepare(index).map_err(|unknown| {
            let why: Vec<String> = case
                .reasons(&unknown)
                .iter()
                .map(Untrusted::redacted)
                .collect();
            failed(format!(
                "what is to be sent is not known: {}",
                why.join("; ")
            ))
        })
    }

    fn case<'s>(&'s self, situation: &'s ActionSituation) -> ActionCase<'s> {
        let chosen = &self.application.prepared.chosen;
        let was = &self.application.prepared.situation.facts;
        let input = chosen.plan_input(situation, self.token, self.app.clock.now());
        ActionCase {
            made: self.made.clone(),
            ..plan::case_now(&input, &self.application.ready, was)
        }
    }

    async fn write(&mut self, write: &Write, prepared: PreparedWrite) -> Result<(), Ended> {
        let chosen = &self.application.prepared.chosen;
        let call = OperationCall {
            operation: prepared.operation.clone(),
            subject: chosen.resource.arn.to_string(),
            region: chosen.resource.region.clone(),
            input: prepared.input,
            keep: write.keep.clone(),
            entry_value: self.app.clock.now().to_string(),
        };
        *self.api.entry(prepared.operation).or_default() += 1;
        let name = &chosen.environment.name;
        let region = &chosen.resource.region;
        let made = self
            .applier
            .apply(name, region, &Change::Operate(call))
            .await;
        match made {
            Ok(Changed::Operated { answer }) => {
                if let Some(binding) = &write.binding {
                    self.made.insert(binding.clone(), Value::Object(answer));
                }
                Ok(())
            }
            Ok(Changed::Published { .. }) => Err(failed(ApplyError::OtherAnswer.to_string())),
            Err(ApplyError::NotConfirmed(gap)) if is_already(write, &gap) => Ok(()),
            Err(ApplyError::NotConfirmed(gap))
                if is_in_doubt(gap.cause) && write.binding.is_none() =>
            {
                // What AWS shows decides; it is not sent again.
                self.in_doubt = Some(gap);
                Ok(())
            }
            // The rest needs its answer. It may have been made all the same.
            Err(ApplyError::NotConfirmed(gap)) if is_in_doubt(gap.cause) => Err(unknown(format!(
                "AWS did not confirm it, so the rest was not sent: {}",
                gap.sentence()
            ))),
            Err(ApplyError::NotConfirmed(gap)) => {
                let why = refusal(&gap);
                self.refused = Some(gap);
                Err(failed(why))
            }
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Looks until a condition holds or enough was seen, AWS has given up, or the time is over.
    async fn watch(
        &mut self,
        until: Option<&Expression>,
        enough: Option<Duration>,
    ) -> Result<(), Ended> {
        let limit = Duration::from_secs(u64::from(self.action().limit_seconds));
        let mut watch = Watch::new(limit, enough);
        let began = Instant::now();
        let mut pauses = PAUSES.iter().copied().chain(std::iter::repeat(10));
        loop {
            let (looked, why) = match self.look().await {
                Ok(situation) => {
                    if let Some(reason) = plan::has_failed(&self.case(&situation)) {
                        return Err(failed(reason.redacted()));
                    }
                    let (look, why) = self.seen(&situation, until);
                    (Some((look, situation)), why)
                }
                Err(why) => (None, Some(why)),
            };
            let look = looked.as_ref().map(|(look, _)| *look).unwrap_or_default();
            let next = watch.after(look, began.elapsed(), self.started.elapsed());
            match (next, looked) {
                (AfterLook::GoOn, _) => {
                    // AWS shows it: what is sent next is not in doubt because of it.
                    self.in_doubt = None;
                    return Ok(());
                }
                (AfterLook::Stop, Some((_, situation))) => {
                    return Err(self.stop(&situation).await);
                }
                (AfterLook::GiveUp | AfterLook::Stop, _) => return Err(self.over(why)),
                (AfterLook::LookAgain, _) => {}
            }
            let pause = pauses.next().unwrap_or(10);
            tokio::time::sleep(Duration::from_secs(pause)).await;
        }
    }

    /// What a look shows of a condition, and why that cannot be known.
    fn seen(
        &self,
        situation: &ActionSituation,
        until: Option<&Expression>,
    ) -> (CanaryLook, Option<String>) {
        let case = self.case(situation);
        let (is_done, why) = match until.map(|until| (until, case.holds(until))) {
            // What AWS shows decides about a write that was not confirmed, where it can.
            Some((until, Ok(true))) => (
                self.in_doubt.is_none() || plan::can_tell(&case, until),
                None,
            ),
            Some((_, Ok(false))) | None => (false, None),
            Some((_, Err(unknown))) => {
                let why = case.reasons(&unknown);
                (false, why.first().map(Untrusted::redacted))
            }
        };
        let look = CanaryLook {
            is_done,
            stops: self.is_to_be_stopped(situation),
            is_in_doubt: self.in_doubt.is_some() && !is_done && why.is_none(),
        };
        (look, why)
    }

    /// Whether what is seen is a reason to stop; `None` where that cannot be known.
    fn is_to_be_stopped(&self, situation: &ActionSituation) -> Option<bool> {
        let Some(stop) = self.action().stop.as_ref() else {
            return Some(false);
        };
        self.case(situation).holds(&stop.objection.when).ok()
    }

    /// Stops what does not help, and says so.
    async fn stop(&mut self, situation: &ActionSituation) -> Ended {
        let Some(stop) = self.action().stop.as_ref() else {
            return failed("there is nothing to stop");
        };
        let case = self.case(situation);
        let why = case.fill(&stop.objection.say).redacted();
        let stopped = match case.prepare_write(&stop.write) {
            Ok(prepared) => self.write(&stop.write, prepared).await,
            Err(_) => Err(failed("what stops it is not known")),
        };
        match (stopped, &self.in_doubt) {
            (Ok(()), None) => failed(format!("stopped: {why}")),
            (Ok(()), Some(_)) => failed(format!("{why}; AWS did not confirm that it was stopped")),
            (Err(error), _) => failed(format!("{why}; it could not be stopped: {}", error.reason)),
        }
    }

    fn over(&self, why: Option<String>) -> Ended {
        let seconds = self.action().limit_seconds;
        if let Some(gap) = &self.in_doubt {
            return unknown(format!(
                "AWS did not confirm it, and does not show it: {}",
                gap.sentence()
            ));
        }
        match why {
            Some(why) => unknown(format!(
                "it was sent, and what AWS made of it is not known: {why}"
            )),
            None => failed(format!(
                "AWS has not made the change within {seconds} seconds{}",
                self.still()
            )),
        }
    }

    /// How people stop what AWS may still be making.
    fn still(&self) -> String {
        let case = self.case(&self.application.prepared.situation);
        self.action()
            .stop
            .as_ref()
            .map_or_else(String::new, |stop| {
                let how = case.fill(&stop.by_hand).redacted();
                format!("; it may still go on, and this stops it: {how}")
            })
    }

    async fn look(&mut self) -> Result<ActionSituation, String> {
        let chosen = &self.application.prepared.chosen;
        if self.connection.is_none() {
            let opened = prepare::open(self.app, self.workspace, &chosen.environment);
            let opened = opened.await.map_err(|error| error.in_one_line())?;
            self.connection = Some(opened);
        }
        let Some(connection) = &self.connection else {
            return Err("there is no connection".to_owned());
        };
        let asked = connection.cloud.situation(&chosen.question()).await;
        asked.map_err(|gap| gap.sentence())
    }
}

/// Whether an error says that there is nothing left to do.
fn is_already(write: &Write, gap: &Gap) -> bool {
    let code = gap.code.as_ref().map(Untrusted::raw);
    code.is_some_and(|code| write.already.iter().any(|one| one == code))
}

fn refusal(gap: &Gap) -> String {
    let said = gap.message.redacted();
    match gap.cause {
        GapCause::Denied => format!("AWS refused it: {}", gap.sentence()),
        GapCause::NotAsked => format!("it was not sent: {said}"),
        _ if said.is_empty() => format!("it was not sent: {}", gap.sentence()),
        _ => format!("AWS refused it: {said}"),
    }
}
