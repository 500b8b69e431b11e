//! Sending what a run has recorded as about to be sent, and recording what became of it.

use std::collections::BTreeSet;

use crate::app::alerts::send::Sheet;
use crate::app::alerts::{AlertRun, Planned, message};
use crate::app::decide::dashboard::write_dashboard;
use crate::app::decide::outlook::Outlook;
use crate::app::decide::write;
use crate::app::wait;
use crate::app::workspace::landing::Proposal;
use crate::app::workspace::views::Documents;
use crate::core::alerts;
use crate::core::alerts::{PlannedAlert, Unsent};
use crate::core::issues::{ChangeKind, IssueChange};
use crate::error::CommandError;
use crate::git::Transaction;
use crate::model::helm::ChannelType;
use crate::model::ids::EnvironmentName;
use crate::model::issue::Issue;
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::phrases;

/// Whether the next run will find what this one has recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordFate {
    /// It is where the next run begins.
    Kept,
    /// It may be gone with this checkout: what is sent now would be sent again by every run.
    InDoubt,
}

/// What was sent, and what was not.
pub(crate) struct Delivered {
    alerts: Vec<PlannedAlert>,
    /// What became of each.
    outcomes: Vec<alerts::DeliveryOutcome>,
}

impl AlertRun<'_> {
    /// Whether there is anything to send.
    pub(crate) fn has_planned(&self) -> bool {
        !self.planned.borrow().alerts.is_empty()
    }

    /// Sends what was planned; `documents` are those after it was recorded, with what others
    /// pushed meanwhile. With a record in doubt only channels are told that know a message by
    /// its key when they get it again.
    ///
    /// # Errors
    /// Where it was interrupted.
    pub(crate) fn send(
        &self,
        documents: &Documents<'_>,
        fate: RecordFate,
    ) -> Result<Delivered, CommandError> {
        let Planned {
            alerts,
            digests,
            texts,
        } = self.planned.take();
        let sheet = Sheet::new(self.app, documents);
        let due = alerts
            .into_iter()
            .filter(|one| !was_delivered(documents, one));
        let (now, withheld): (Vec<_>, Vec<_>) =
            due.partition(|one| fate == RecordFate::Kept || knows_repetitions(documents, one));
        let mut outcomes = Vec::new();
        if !now.is_empty() {
            let left =
                "some may have arrived; the next run sends all of them again, with the same keys";
            outcomes = wait::wait_for_sending(self.app, "sending alerts", left, async {
                Ok(sheet.send(&now, &digests, &texts, &self.sent).await)
            })?;
        }
        if fate == RecordFate::InDoubt {
            self.app.ui.warn(&in_doubt(&now, &withheld));
        }
        let why = || Unsent {
            why: Untrusted::from("not sent: the record of it could not be pushed"),
            tried: true,
        };
        outcomes.extend(withheld.iter().map(|_| Err(why())));
        Ok(Delivered {
            alerts: now.into_iter().chain(withheld).collect(),
            outcomes,
        })
    }
}

/// Whether another run, whose record has come with the push, has sent it already.
fn was_delivered(documents: &Documents<'_>, planned: &PlannedAlert) -> bool {
    let Ok(Some(issue)) = documents.issues.document(&planned.alert.issue.id) else {
        return false;
    };
    let mut deliveries = issue.value.alerts.deliveries.iter();
    deliveries.any(|one| one.key == planned.alert.key && one.delivered)
}

/// Whether a channel shows a message once, however often it gets it: PagerDuty by its
/// `dedup_key`, GitHub by the mark in the issue that is there already.
fn knows_repetitions(documents: &Documents<'_>, planned: &PlannedAlert) -> bool {
    let channel = documents.settings.helm.channels.get(&planned.alert.channel);
    channel.is_some_and(|channel| {
        matches!(
            channel.channel_type,
            ChannelType::Pagerduty | ChannelType::Github
        )
    })
}

/// What a run that cannot record says, once.
fn in_doubt(sent: &[PlannedAlert], withheld: &[PlannedAlert]) -> String {
    let names = |all: &[PlannedAlert]| {
        let names: BTreeSet<String> = all
            .iter()
            .map(|one| escape::terminal(&one.alert.channel))
            .collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut parts = Vec::new();
    if !withheld.is_empty() {
        parts.push(format!(
            "{} not sent to {}: this run could not be recorded, so every run would send the same again",
            phrases::counted_as(withheld.len() as u64, "alert was", "alerts were"),
            names(withheld)
        ));
    }
    if !sent.is_empty() {
        parts.push(format!(
            "{} was notified although this run could not be recorded: it shows a repeated alert once, but will not be told when it is over",
            names(sent)
        ));
    }
    parts.join("; ")
}

impl Delivered {
    /// Writes the dashboard again where it has come to name another alert as undelivered, or
    /// names one that has arrived.
    fn show_undelivered(
        &self,
        documents: &Documents<'_>,
        changed: &[(Issue, Issue)],
        transaction: &mut Transaction,
    ) -> Result<(), CommandError> {
        let Some(now) = self.alerts.first().map(|one| one.alert.at) else {
            return Ok(());
        };
        let mut outlook = Outlook::read(documents.records, documents.issues, now)?;
        let waiting = |outlook: &Outlook| {
            let all = outlook.active.values().chain(outlook.resolved.values());
            alerts::undelivered(all, now)
        };
        let before = waiting(&outlook);
        for (_, after) in changed {
            outlook.apply_issue(&IssueChange {
                kind: ChangeKind::Updated,
                before: None,
                after: after.clone(),
            });
        }
        if waiting(&outlook) == before {
            return Ok(());
        }
        write_dashboard(documents.dashboard, &outlook, now, transaction)
    }

    /// Proposes what became of the messages, on the issues as they are now.
    ///
    /// # Errors
    /// Where the issues of the past cannot be read.
    pub(crate) fn propose(&self, documents: &Documents<'_>) -> Result<Proposal<()>, CommandError> {
        let mut changed: Vec<(Issue, Issue)> = Vec::new();
        let mut failed = 0_usize;
        for (planned, outcome) in self.alerts.iter().zip(&self.outcomes) {
            let id = &planned.alert.issue.id;
            failed += usize::from(outcome.is_err());
            let known = changed.iter().position(|(before, _)| before.id == *id);
            let at = match (known, documents.issues.document(id)?) {
                (Some(at), _) => at,
                (None, Some(issue)) => {
                    changed.push((issue.value.clone(), issue.value.clone()));
                    changed.len() - 1
                }
                // Somebody removed its file meanwhile; there is nothing left to record it in.
                (None, None) => continue,
            };
            alerts::record(&mut changed[at].1, planned, outcome);
        }
        let mut transaction = Transaction::new();
        for (before, after) in &changed {
            let change = IssueChange {
                kind: ChangeKind::Updated,
                before: Some(before.clone()),
                after: after.clone(),
            };
            write::write_issue(documents.issues, &change, &mut transaction)?;
        }
        self.show_undelivered(documents, &changed, &mut transaction)?;
        let sent = self.outcomes.len() - failed;
        let counts = [(sent, "sent"), (failed, "not sent")];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let environments: BTreeSet<&EnvironmentName> = changed
            .iter()
            .map(|(_, after)| &after.environment)
            .collect();
        let message = message(
            &counts.join(", "),
            changed.iter().map(|(_, after)| after),
            environments.into_iter(),
        );
        Ok(Proposal {
            transaction,
            message,
            facts: (),
        })
    }
}
