//! Sending: all channels at once, each within its limits, nothing twice within one run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;

use futures_util::future::{LocalBoxFuture, join_all};
use futures_util::{FutureExt, StreamExt, stream};

use crate::app::App;
use crate::app::alerts::channels;
use crate::app::alerts::work_item;
use crate::app::alerts::work_item::{Tracker, WorkItem};
use crate::app::workspace::views::Documents;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::core::alerts::{Plan, PlannedAlert, PlannedEscalation, QUICK_ATTEMPTS};
use crate::core::issues::priority;
use crate::error::CommandError;
use crate::model::helm::ChannelType;
use crate::model::ids::IssueId;
use crate::model::issue::Issue;
use crate::notify::{Channel, NotifyError, WorkItemText};
use crate::render::templates::Templates;
use crate::text::Untrusted;
use crate::text::escape;

/// Messages at once to one channel.
const AT_ONCE: usize = 4;

/// What a channel calls a message, or why it could not be sent.
pub(super) type DeliveryResult = Result<Option<Untrusted>, Untrusted>;

/// What this run has sent and asked so far, over all its attempts to land.
#[derive(Debug, Default)]
pub(super) struct Sent {
    alerts: BTreeMap<String, DeliveryResult>,
    made: BTreeMap<IssueId, Result<WorkItem, Untrusted>>,
    open: BTreeMap<String, Option<bool>>,
}

/// What a message or a work item that was not reached in time is recorded as.
fn late() -> Untrusted {
    Untrusted::from("there was no time left in this run")
}

/// What sending needs.
pub(super) struct Sheet<'a> {
    app: &'a App,
    settings: Settings<'a>,
    catalog: &'a Catalog,
    templates: &'a Templates,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(app: &'a App, documents: &Documents<'a>) -> Self {
        Self {
            app,
            settings: documents.settings,
            catalog: documents.registries.catalog,
            templates: documents.dashboard.templates,
        }
    }

    /// What trackers are to say of the issues of a plan.
    pub(super) fn texts(
        &self,
        plan: &Plan,
    ) -> Result<BTreeMap<IssueId, WorkItemText>, CommandError> {
        let mut out = BTreeMap::new();
        let is_github = |channel: &str| {
            let channel = self.settings.helm.channels.get(channel);
            channel.is_some_and(|one| one.channel_type == ChannelType::Github)
        };
        for planned in &plan.alerts {
            if is_github(&planned.alert.channel) {
                let issue = &planned.alert.issue;
                out.insert(issue.id.clone(), self.compose(issue, None)?);
            }
        }
        for planned in &plan.escalations {
            let why = Untrusted::from(format!("rule {}", planned.rule));
            let issue = &planned.issue;
            out.insert(issue.id.clone(), self.compose(issue, Some(&why))?);
        }
        Ok(out)
    }

    fn compose(
        &self,
        issue: &Issue,
        why: Option<&Untrusted>,
    ) -> Result<WorkItemText, CommandError> {
        let rows = priority::rows(
            [issue],
            &self.settings.weights(),
            self.app.clock.now(),
            self.settings.helm.priority.age_cap_hours,
        );
        let priority = rows.first().map(|row| format!("{:.1}", row.priority));
        work_item::compose(self.app, self.templates, issue, why, priority.as_deref())
    }

    /// Whether the work items of these issues are open, as far as their trackers say.
    pub(super) async fn ask_trackers(
        &self,
        issues: &[Issue],
        sent: &RefCell<Sent>,
    ) -> Vec<(IssueId, bool)> {
        let limit = channels::deadline(self.app);
        let asked = issues.iter().map(|issue| async {
            let url = issue.escalation.as_ref()?.work_item_url.as_ref()?;
            let url = url.raw().to_owned();
            let known = sent.borrow().open.get(&url).copied();
            let open = match known {
                Some(open) => open,
                None => {
                    let open = self.ask_tracker(issue).await;
                    sent.borrow_mut().open.insert(url, open);
                    open
                }
            };
            open.map(|open| (issue.id.clone(), open))
        });
        // One after another, as GitHub wants it; what is not said in time is asked next time.
        let mut out = Vec::new();
        let all = async {
            for one in asked {
                out.extend(one.await);
            }
        };
        if tokio::time::timeout(limit, all).await.is_err() {
            self.warn(
                "the tracker did not answer in time; the next run asks about the work items again",
            );
        }
        out
    }

    async fn ask_tracker(&self, issue: &Issue) -> Option<bool> {
        let configured = &self.settings.helm.channels;
        let (tracker, number) = channels::tracker_of(self.app, configured, issue)?;
        let open = match tracker {
            Ok(github) => github.is_open(number).await,
            Err(error) => Err(error),
        };
        match open {
            // One that is gone has no assignee any more.
            Ok(open) => Some(open.unwrap_or(false)),
            Err(error) => {
                let id = &issue.id;
                self.warn(&format!(
                    "could not read the state of the work item of {id}: {error}"
                ));
                None
            }
        }
    }

    /// Makes the work items that a plan asks for. Returns them in its order.
    pub(super) async fn hand_over(
        &self,
        planned: &[PlannedEscalation],
        texts: &BTreeMap<IssueId, WorkItemText>,
        sent: &RefCell<Sent>,
    ) -> Vec<Result<WorkItem, Untrusted>> {
        let ready = channels::open_all(self.app, self.settings, self.catalog);
        let all = async {
            for one in planned {
                self.escalate(one, texts, &ready, sent).await;
            }
        };
        self.within_the_limit("work item could be made", "makes", all)
            .await;
        let made = &sent.borrow().made;
        planned
            .iter()
            .map(|one| made.get(&one.issue.id).cloned())
            .map(|made| made.unwrap_or_else(|| Err(late())))
            .collect()
    }

    /// Sends messages. Returns what became of each, in their order.
    pub(super) async fn send(
        &self,
        planned: &[PlannedAlert],
        texts: &BTreeMap<IssueId, WorkItemText>,
        sent: &RefCell<Sent>,
    ) -> Vec<DeliveryResult> {
        let ready = channels::open_all(self.app, self.settings, self.catalog);
        let mut queues: BTreeMap<&str, Vec<&PlannedAlert>> = BTreeMap::new();
        let is_github = |name: &str| matches!(ready.get(name), Some(Ok(Channel::Github(_))));
        for one in planned {
            // Everything to GitHub goes into one queue: two requests at once about one issue
            // would open two.
            let channel = one.alert.channel.as_str();
            let queue = if is_github(channel) { "" } else { channel };
            queues.entry(queue).or_default().push(one);
        }
        let mut all: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
        for (name, queue) in &queues {
            let at_once = if name.is_empty() { 1 } else { AT_ONCE };
            let told = stream::iter(queue)
                .map(|planned| self.send_one(planned, texts, &ready, sent))
                .buffer_unordered(at_once)
                .collect::<()>();
            all.push(told.boxed_local());
        }
        self.within_the_limit("alert could be sent", "sends", join_all(all).map(drop))
            .await;
        let known = &sent.borrow().alerts;
        planned
            .iter()
            .map(|one| known.get(&one.alert.key).cloned())
            .map(|outcome| outcome.unwrap_or_else(|| Err(late())))
            .collect()
    }

    /// Waits no longer than all channels of a run have together.
    async fn within_the_limit(&self, what: &str, verb: &str, all: impl Future<Output = ()>) {
        let limit = channels::deadline(self.app);
        if tokio::time::timeout(limit, all).await.is_err() {
            self.warn(&format!(
                "not every {what} within {limit:?}; the next run {verb} the rest"
            ));
        }
    }

    async fn send_one(
        &self,
        planned: &PlannedAlert,
        texts: &BTreeMap<IssueId, WorkItemText>,
        ready: &BTreeMap<String, Result<Channel, NotifyError>>,
        sent: &RefCell<Sent>,
    ) {
        let mut alert = planned.alert.clone();
        alert.links = work_item::links(self.app, &alert.issue);
        let outcome = match ready.get(&alert.channel) {
            Some(Ok(channel)) => channel.send(&alert, texts.get(&alert.issue.id)).await,
            Some(Err(error)) => Err(error.clone()),
            None => Err(NotifyError::say("there is no such channel")),
        };
        if let Err(error) = &outcome {
            let attempts = planned.parts.iter().map(|part| part.attempts).min();
            let quick = attempts.unwrap_or(1) < QUICK_ATTEMPTS;
            let when = match quick {
                true => "the next run tries again",
                false => "it is tried again until it is delivered, at most once an hour",
            };
            self.warn(&format!(
                "could not send the alert about {} to channel {}: {error}; {when}",
                alert.issue.id,
                escape::terminal(&alert.channel)
            ));
        }
        let outcome = outcome.map_err(|error| error.0);
        sent.borrow_mut().alerts.insert(alert.key, outcome);
    }

    async fn escalate(
        &self,
        planned: &PlannedEscalation,
        texts: &BTreeMap<IssueId, WorkItemText>,
        ready: &BTreeMap<String, Result<Channel, NotifyError>>,
        sent: &RefCell<Sent>,
    ) {
        let id = &planned.issue.id;
        if sent.borrow().made.contains_key(id) {
            return;
        }
        let Some(text) = texts.get(id) else { return };
        let named = planned.tracker.as_ref().and_then(|name| ready.get(name));
        let (issue, labels) = (&planned.issue, &planned.labels);
        let made = match named {
            Some(Ok(Channel::Github(github))) => {
                let ticket = github.work_item(issue, text, labels).await;
                ticket.map(|ticket| WorkItem {
                    id: Untrusted::new(format!("#{}", ticket.number)),
                    url: ticket.url,
                })
            }
            Some(Err(error)) => Err(error.clone()),
            _ => Tracker::own(self.app).make(issue, text, labels).await,
        };
        if let Err(error) = &made {
            self.warn(&format!(
                "could not create the work item of {id}: {error}; the next run tries again"
            ));
        }
        let made = made.map_err(|error| error.0);
        sent.borrow_mut().made.insert(id.clone(), made);
    }

    fn warn(&self, text: &str) {
        self.app.ui.warn(text);
    }
}
