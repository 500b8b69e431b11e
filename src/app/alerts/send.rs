//! Sending: all channels at once, each at its pace, nothing twice within one run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;

use futures_util::future::{LocalBoxFuture, join_all};
use futures_util::{FutureExt, StreamExt, stream};

use crate::app::App;
use crate::app::alerts::channels;
use crate::app::alerts::pace::Pace;
use crate::app::alerts::work_item;
use crate::app::alerts::work_item::{Tracker, WorkItem};
use crate::app::workspace::views::Documents;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::core::alerts;
use crate::core::alerts::{Plan, PlannedAlert, PlannedEscalation, QUICK_ATTEMPTS, Unsent};
use crate::core::issues::priority;
use crate::error::CommandError;
use crate::model::alert::Digest;
use crate::model::helm::ChannelType;
use crate::model::ids::IssueId;
use crate::model::issue::Issue;
use crate::notify::{Channel, Message, NotifyError, WorkItemText};
use crate::render::templates::Templates;
use crate::text::Untrusted;
use crate::text::escape;
use crate::text::phrases;

/// Messages at once to one channel.
const AT_ONCE: usize = 4;

/// What trackers are to say.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Of issues.
    issues: BTreeMap<IssueId, WorkItemText>,
    /// Of digests, by key.
    digests: BTreeMap<String, WorkItemText>,
}

impl Texts {
    pub(super) fn of_issue(&self, id: &IssueId) -> Option<&WorkItemText> {
        self.issues.get(id)
    }
}

/// One message, with what is recorded of it.
struct Parcel<'a> {
    /// Those that it tells of now; not empty.
    alerts: Vec<&'a PlannedAlert>,
    /// Where they are told together.
    digest: Option<&'a Digest>,
}

impl Parcel<'_> {
    fn channel(&self) -> &str {
        &self.alerts[0].alert.channel
    }
}

/// Puts alerts into the messages that they are sent in, in the order of the first of each.
fn parcels<'a>(planned: &'a [PlannedAlert], digests: &'a [Digest]) -> Vec<Parcel<'a>> {
    let mut out: Vec<Parcel<'a>> = Vec::new();
    for one in planned {
        let channel = &one.alert.channel;
        let digest = one.digest.as_ref().and_then(|key| {
            let mut digests = digests.iter();
            digests.find(|digest| digest.key == *key && digest.channel == *channel)
        });
        let same = out
            .iter_mut()
            .find(|parcel| digest.is_some() && parcel.digest == digest);
        match same {
            Some(parcel) => parcel.alerts.push(one),
            None => out.push(Parcel {
                alerts: vec![one],
                digest,
            }),
        }
    }
    out
}

/// What this run has sent and asked so far, over all its attempts to land.
#[derive(Debug, Default)]
pub(super) struct Sent {
    alerts: BTreeMap<String, alerts::DeliveryOutcome>,
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
    pub(super) fn texts(&self, plan: &Plan) -> Result<Texts, CommandError> {
        let mut out = Texts::default();
        let is_github = |channel: &str| {
            let channel = self.settings.helm.channels.get(channel);
            channel.is_some_and(|one| one.channel_type == ChannelType::Github)
        };
        for planned in &plan.alerts {
            if is_github(&planned.alert.channel) && planned.digest.is_none() {
                let issue = &planned.alert.issue;
                let text = self.compose(issue, None)?;
                out.issues.insert(issue.id.clone(), text);
            }
        }
        for digest in plan.digests.iter().filter(|one| is_github(&one.channel)) {
            let text = work_item::compose_digest(self.templates, digest)?;
            out.digests.insert(digest.key.clone(), text);
        }
        for planned in &plan.escalations {
            let why = Untrusted::from(format!("rule {}", planned.rule));
            let issue = &planned.issue;
            let text = self.compose(issue, Some(&why))?;
            out.issues.insert(issue.id.clone(), text);
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
        texts: &Texts,
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

    /// Sends alerts, several in one message where a digest says so. Returns what became of each
    /// alert, in their order.
    pub(super) async fn send(
        &self,
        planned: &[PlannedAlert],
        digests: &[Digest],
        texts: &Texts,
        sent: &RefCell<Sent>,
    ) -> Vec<alerts::DeliveryOutcome> {
        let ready = channels::open_all(self.app, self.settings, self.catalog);
        let parcels = parcels(planned, digests);
        let mut queues: BTreeMap<&str, Vec<&Parcel<'_>>> = BTreeMap::new();
        let is_github = |name: &str| matches!(ready.get(name), Some(Ok(Channel::Github(_))));
        for one in &parcels {
            // Everything to GitHub goes into one queue: two requests at once about one issue
            // would open two.
            let channel = one.channel();
            let queue = if is_github(channel) { "" } else { channel };
            queues.entry(queue).or_default().push(one);
        }
        let mut all: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
        for (name, queue) in &queues {
            let configured = self.settings.helm.channels.get(*name);
            let of_type = configured.map(|channel| channel.channel_type);
            let in_order = name.is_empty() || of_type == Some(ChannelType::Slack);
            let at_once = if in_order { 1 } else { AT_ONCE };
            let pace = Pace::new(of_type);
            let ready = &ready;
            all.push(
                async move {
                    let told = stream::iter(queue)
                        .map(|parcel| self.send_paced(parcel, texts, ready, &pace))
                        .buffer_unordered(at_once)
                        .for_each(|(parcel, outcome)| {
                            for planned in &parcel.alerts {
                                let key = planned.alert.key.clone();
                                sent.borrow_mut().alerts.insert(key, outcome.clone());
                            }
                            std::future::ready(())
                        });
                    told.await;
                }
                .boxed_local(),
            );
        }
        self.within_the_limit("alert could be sent", "sends", join_all(all).map(drop))
            .await;
        let known = &sent.borrow().alerts;
        let unsent = || Unsent {
            why: late(),
            tried: false,
        };
        planned
            .iter()
            .map(|one| known.get(&one.alert.key).cloned())
            .map(|outcome| outcome.unwrap_or_else(|| Err(unsent())))
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

    /// Sends one message when it is its turn, again where the channel asks to slow down.
    async fn send_paced<'p>(
        &self,
        parcel: &'p Parcel<'p>,
        texts: &Texts,
        ready: &BTreeMap<String, Result<Channel, NotifyError>>,
        pace: &Pace,
    ) -> (&'p Parcel<'p>, alerts::DeliveryOutcome) {
        let mut pauses = 0;
        loop {
            if !pace.turn().await {
                let why = Untrusted::from("the channel asked to slow down; not tried in this run");
                return (parcel, Err(Unsent { why, tried: false }));
            }
            let outcome = self.send_once(parcel, texts, ready).await;
            let pause = outcome.as_ref().err().and_then(|error| error.pause);
            if pause.is_some_and(|pause| pace.slow_down(pause, pauses)) {
                pauses += 1;
                continue;
            }
            if let Err(error) = &outcome {
                self.warn_of(parcel, error);
            }
            let unsent = |error: NotifyError| Unsent {
                why: error.reason,
                tried: true,
            };
            return (parcel, outcome.map_err(unsent));
        }
    }

    async fn send_once(
        &self,
        parcel: &Parcel<'_>,
        texts: &Texts,
        ready: &BTreeMap<String, Result<Channel, NotifyError>>,
    ) -> Result<Option<Untrusted>, NotifyError> {
        let channel = match ready.get(parcel.channel()) {
            Some(Ok(channel)) => channel,
            Some(Err(error)) => return Err(error.clone()),
            None => return Err(NotifyError::say("there is no such channel")),
        };
        if let Some(digest) = parcel.digest {
            let text = texts.digests.get(&digest.key);
            return channel.send(Message::Digest(digest), text).await;
        }
        let mut alert = parcel.alerts[0].alert.clone();
        alert.links = work_item::links(self.app, &alert.issue);
        let text = texts.of_issue(&alert.issue.id);
        channel.send(Message::Alert(&alert), text).await
    }

    fn warn_of(&self, parcel: &Parcel<'_>, error: &NotifyError) {
        let parts = parcel.alerts.iter().flat_map(|one| &one.parts);
        let attempts = parts.map(|part| part.attempts).min();
        let quick = attempts.unwrap_or(1) < QUICK_ATTEMPTS;
        let when = match quick {
            true => "the next run tries again",
            false => "it is tried again until it is delivered, at most once an hour",
        };
        let what = match parcel.digest {
            Some(digest) => format!(
                "the digest of {} about {}",
                phrases::counted(parcel.alerts.len() as u64, "alert"),
                digest.environment
            ),
            None => format!("the alert about {}", parcel.alerts[0].alert.issue.id),
        };
        self.warn(&format!(
            "could not send {what} to channel {}: {error}; {when}",
            escape::terminal(parcel.channel())
        ));
    }

    async fn escalate(
        &self,
        planned: &PlannedEscalation,
        texts: &Texts,
        ready: &BTreeMap<String, Result<Channel, NotifyError>>,
        sent: &RefCell<Sent>,
    ) {
        let id = &planned.issue.id;
        if sent.borrow().made.contains_key(id) {
            return;
        }
        let Some(text) = texts.of_issue(id) else {
            return;
        };
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
        let made = made.map_err(|error| error.reason);
        sent.borrow_mut().made.insert(id.clone(), made);
    }

    fn warn(&self, text: &str) {
        self.app.ui.warn(text);
    }
}
