//! AlertRun of a run: what its rules ask for is recorded as about to be sent, in the commit of
//! the run; sent once that commit is where the next run finds it ([`deliver`]); and what became
//! of it is a second commit.
//!
//! A run that dies in between is made up for by the next one, with the same key. Work items are
//! made before the commit: a tracker keeps them itself, and finds them again by their mark.

pub(crate) mod channels;
pub(crate) mod deliver;
mod pace;
mod send;
mod topics;
pub(crate) mod work_item;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::app::App;
use crate::app::alerts::send::{Sent, Sheet, Texts};
use crate::app::decide::amend;
use crate::app::decide::decision::Decision;
use crate::app::options::AlertsWhen;
use crate::app::wait;
use crate::app::workspace::landing::Landing;
use crate::app::workspace::views::Documents;
use crate::app::workspace::views::issues::IssueStore;
use crate::core::alerts::{self, Plan, PlanInput, PlannedAlert};
use crate::error::CommandError;
use crate::model::alert::Digest;
use crate::model::ids::{EnvironmentName, IssueId};
use crate::model::issue::{EscalationStatus, Issue, IssueStatus};
use crate::model::rules::IssueEvent;
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::times;

/// Whether a run sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    /// It sends.
    Send,
    /// It says what it would send, and why it does not.
    Say(&'static str),
    /// It only looks.
    Off,
}

/// The alerts of one run, over all its attempts to land.
pub(crate) struct AlertRun<'a> {
    app: &'a App,
    sending: Sending,
    sent: RefCell<Sent>,
    /// What the last attempt to land has recorded as about to be sent.
    planned: RefCell<Planned>,
}

/// Messages that are recorded and not sent yet.
#[derive(Debug, Default)]
struct Planned {
    alerts: Vec<PlannedAlert>,
    digests: Vec<Digest>,
    texts: Texts,
}

impl<'a> AlertRun<'a> {
    pub(crate) fn new(app: &'a App, landing: Landing) -> Self {
        let replays = app.global.replay.is_some();
        let sending = match (app.global.alerts, landing) {
            (AlertsWhen::Never, _) => Sending::Off,
            (_, Landing::Nothing | Landing::Files) => Sending::Off,
            (_, Landing::Diff) => Sending::Say("dry run"),
            (AlertsWhen::Auto, Landing::Commit) if replays => Sending::Say("replay"),
            (_, Landing::Commit) => Sending::Send,
        };
        Self {
            app,
            sending,
            sent: RefCell::default(),
            planned: RefCell::default(),
        }
    }

    /// Decides what the rules ask for, and adds to what lands that it is about to be sent.
    pub(crate) fn attach(
        &self,
        documents: &Documents<'_>,
        decision: &mut Decision,
    ) -> Result<(), CommandError> {
        let helm = documents.settings.helm;
        let followed = || {
            documents
                .issues
                .active()
                .any(|issue| issue.escalation.is_some())
        };
        // Most repositories have no channels, and a quiet run is to cost nothing.
        let rules = documents.settings.rules();
        let idle = rules.is_empty() && helm.channels.is_empty() && !followed();
        if self.sending == Sending::Off || idle {
            return Ok(());
        }
        let mut issues = collect_issues(documents, decision, self.app.clock.now())?;
        let before = issues.clone();
        let sheet = &Sheet::new(self.app, documents);
        if self.sending == Sending::Send {
            self.ask_trackers(sheet, &mut issues)?;
        }
        let rules = alerts::ready(&rules);
        let listed: Vec<(IssueEvent, Issue)> = issues.values().cloned().collect();
        let plan = alerts::plan(&PlanInput {
            rules: &rules,
            channels: &helm.channels,
            issues: &listed,
            now: self.app.clock.now(),
        });
        if let Sending::Say(why) = self.sending {
            self.announce(why, &plan);
            return Ok(());
        }
        self.name_undelivered(documents, &plan, &issues);
        let done = self.prepare(sheet, documents.issues, decision, plan, &mut issues)?;
        let changed: Vec<(Issue, Issue)> = issues
            .into_iter()
            .filter_map(|(id, (_, after))| {
                let (_, before) = before.get(&id)?;
                (*before != after).then(|| (before.clone(), after))
            })
            .collect();
        record(documents, decision, &changed, &done, self.app.clock.now())
    }

    /// What the trackers say of work items that are open here, or were closed there.
    fn ask_trackers(
        &self,
        sheet: &Sheet<'_>,
        issues: &mut BTreeMap<IssueId, (IssueEvent, Issue)>,
    ) -> Result<(), CommandError> {
        let handed_over: Vec<Issue> = issues
            .values()
            .filter(|(event, issue)| {
                let open = alerts::has_open_work_item(issue);
                issue.escalation.is_some()
                    && (issue.status != IssueStatus::Resolved
                        || (open && *event == IssueEvent::Resolved))
            })
            .map(|(_, issue)| issue.clone())
            .collect();
        if handed_over.is_empty() {
            return Ok(());
        }
        let told = wait::wait_for(self.app, "asking the trackers", async {
            Ok(sheet.ask_trackers(&handed_over, &self.sent).await)
        })?;
        let now = self.app.clock.now();
        for (id, open) in told {
            if let Some((_, issue)) = issues.get_mut(&id) {
                if open {
                    alerts::tracker_reopened(issue, now);
                } else {
                    alerts::tracker_closed(issue, now);
                }
            }
        }
        Ok(())
    }

    /// Makes work items, and records in the issues what is about to be sent.
    fn prepare(
        &self,
        sheet: &Sheet<'_>,
        store: IssueStore<'_>,
        decision: &mut Decision,
        plan: Plan,
        issues: &mut BTreeMap<IssueId, (IssueEvent, Issue)>,
    ) -> Result<Done, CommandError> {
        let mut done = Done::default();
        if plan.is_empty() {
            self.planned.take();
            return Ok(done);
        }
        // What is sent has to be recorded: a fault that stops the commit must be found before.
        store.resolved()?;
        let texts = sheet.texts(&plan)?;
        if !plan.escalations.is_empty() {
            done.escalated = self.hand_over(sheet, decision, &plan, &texts, issues)?;
        }
        for planned in &plan.alerts {
            if let Some((_, issue)) = issues.get_mut(&planned.alert.issue.id) {
                alerts::intend(issue, planned);
                done.to_send += 1;
            }
        }
        self.planned.replace(Planned {
            alerts: plan.alerts,
            digests: plan.digests,
            texts,
        });
        Ok(done)
    }

    /// Makes the work items of a plan, and says how many there are.
    fn hand_over(
        &self,
        sheet: &Sheet<'_>,
        decision: &mut Decision,
        plan: &Plan,
        texts: &Texts,
        issues: &mut BTreeMap<IssueId, (IssueEvent, Issue)>,
    ) -> Result<u32, CommandError> {
        let left = "some may have been made; the next run finds them again";
        let all = wait::wait_for_sending(self.app, "making work items", left, async {
            let made = sheet.hand_over(&plan.escalations, texts, &self.sent);
            Ok(made.await)
        })?;
        let now = self.app.clock.now();
        let mut escalated = 0;
        for (planned, made) in plan.escalations.iter().zip(&all) {
            let id = &planned.issue.id;
            let (Some((_, issue)), Some(text)) = (issues.get_mut(id), texts.of_issue(id)) else {
                continue;
            };
            if let Ok(made) = made {
                let why = Untrusted::from(format!("rule {}", planned.rule));
                let transaction = &mut decision.transaction;
                work_item::hand_over(issue, made, text, Some(why), now, transaction);
                escalated += 1;
            }
        }
        Ok(escalated)
    }

    /// Names what waits to be delivered, and is not due yet: an alert that nobody got is no less
    /// news while it is not tried. What was tried and failed has its own warning.
    fn name_undelivered(
        &self,
        documents: &Documents<'_>,
        plan: &Plan,
        issues: &BTreeMap<IssueId, (IssueEvent, Issue)>,
    ) {
        let channels = &documents.settings.helm.channels;
        let waiting = issues.values().map(|(_, issue)| issue);
        for one in alerts::undelivered(waiting, self.app.clock.now()) {
            let mut tried = plan.alerts.iter().map(|planned| &planned.alert);
            let tried = tried.any(|alert| {
                alert.channel == one.channel && alert.issue.environment == one.environment
            });
            if channels.contains_key(&one.channel) && !tried {
                self.app.ui.warn(&format!(
                    "{}; the next attempt is due at {}",
                    escape::terminal(&one.sentence()),
                    times::time(one.next_attempt_at)
                ));
            }
        }
    }

    fn announce(&self, why: &str, plan: &Plan) {
        let would = |headline: &str, channel: &str| {
            let headline = escape::terminal(headline);
            let channel = escape::terminal(channel);
            format!("{why}: would notify {channel}: {headline}")
        };
        let single = plan.alerts.iter().filter(|one| one.digest.is_none());
        for alert in single.map(|one| &one.alert) {
            self.app.ui.note(&would(&alert.headline(), &alert.channel));
        }
        for digest in &plan.digests {
            let issues = digest.open.iter().chain(&digest.over);
            let ids: Vec<&str> = issues.map(|issue| issue.id.as_str()).collect();
            let what = format!(
                "{} (one message about {})",
                digest.headline(),
                ids.join(", ")
            );
            self.app.ui.note(&would(&what, &digest.channel));
        }
        for planned in &plan.escalations {
            let id = &planned.issue.id;
            self.app.ui.note(&format!("{why}: would escalate {id}"));
        }
    }
}

/// What was done, and what is about to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Done {
    to_send: u32,
    escalated: u32,
}

/// Issues of the environments that were judged, as they are after it: open ones, and resolved
/// ones whose end may still have to be sent.
fn collect_issues(
    documents: &Documents<'_>,
    decision: &Decision,
    now: Timestamp,
) -> Result<BTreeMap<IssueId, (IssueEvent, Issue)>, CommandError> {
    let issues = documents.issues;
    let channels = &documents.settings.helm.channels;
    let own = decision.environments.iter();
    let others = decision.domains.iter();
    let audited = decision.audits.iter();
    let judged: BTreeSet<&EnvironmentName> = own
        .map(|one| &one.report.environment)
        .chain(others.map(|one| &one.report.environment))
        .chain(audited.map(|one| &one.report.environment))
        .collect();
    let mut out: BTreeMap<IssueId, (IssueEvent, Issue)> = BTreeMap::new();
    let unfinished = issues.find_resolved(|issue| {
        let followed = issue.escalation.as_ref();
        let mut sent = issue.alerts.deliveries.iter();
        followed.is_some_and(|item| item.status == EscalationStatus::Open)
            || alerts::is_recent(issue.resolved_at, now)
            || sent.any(|one| {
                channels.contains_key(&one.channel) && alerts::is_owed(one.kind, one.delivered)
            })
    });
    for issue in unfinished? {
        if judged.contains(&issue.environment) && !issue.alerts.is_empty() {
            out.insert(issue.id.clone(), (IssueEvent::Resolved, issue.clone()));
        }
    }
    for issue in issues
        .active()
        .filter(|issue| judged.contains(&issue.environment))
    {
        out.insert(issue.id.clone(), (IssueEvent::Ongoing, issue.clone()));
    }
    for change in decision.changes() {
        let event = alerts::event_of(change.kind);
        out.insert(change.after.id.clone(), (event, change.after.clone()));
    }
    Ok(out)
}

/// Adds changed issues to what lands.
fn record(
    documents: &Documents<'_>,
    decision: &mut Decision,
    changed: &[(Issue, Issue)],
    done: &Done,
    now: Timestamp,
) -> Result<(), CommandError> {
    if changed.is_empty() {
        return Ok(());
    }
    let quiet = decision.transaction.is_empty();
    let moved = changed
        .iter()
        .any(|(before, after)| before.status != after.status);
    amend::amend_issues(documents, decision, changed)?;
    if moved {
        amend::redraw_dashboard(documents, decision, changed, now)?;
    }
    if quiet {
        decision.message = compose_message(decision, changed, done);
    }
    Ok(())
}

/// The message of a commit that has nothing but what is about to be sent.
fn compose_message(decision: &Decision, changed: &[(Issue, Issue)], done: &Done) -> String {
    let count = |count: u32, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts: Vec<String> = [
        count(done.to_send, "to send"),
        count(done.escalated, "escalated"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let subject = if parts.is_empty() {
        "work items followed".to_owned()
    } else {
        parts.join(", ")
    };
    let environments = decision.environments.iter();
    message(
        &subject,
        changed.iter().map(|(_, issue)| issue),
        environments.map(|one| &one.report.environment),
    )
}

/// A commit message about alerts of these issues.
fn message<'a>(
    subject: &str,
    issues: impl Iterator<Item = &'a Issue>,
    environments: impl Iterator<Item = &'a EnvironmentName>,
) -> String {
    let mut text = format!("fractary(alerts): {subject}\n\n");
    for issue in issues {
        let title = escape::commit_message_line(issue.title.raw());
        text.push_str(&format!("- {} {title}\n", issue.id));
    }
    text.push_str("\nFractary-Command: run\n");
    for environment in environments {
        text.push_str(&format!("Fractary-Env: {environment}\n"));
    }
    text
}
