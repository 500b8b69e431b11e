//! A cloud made of a recording. It answers what was asked then, in any order, and says so
//! where something was never asked.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::future::LocalBoxFuture;
use futures_util::future::ready;

use crate::cloud::Cloud;
use crate::cloud::DiscoverRequest;
use crate::cloud::Discovered;
use crate::cloud::ObserveRequest;
use crate::cloud::record::Call;
use crate::cloud::record::Recording;
use crate::cloud::record::Reply;
use crate::cloud::record::Request;
use crate::model::fact::{Fact, Gap, GapCause, GapId};
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::snapshot::{Identity, Observed, Snapshot};
use crate::model::window::Window;
use crate::text::Untrusted;

/// Answers from a recording.
#[derive(Debug, Clone)]
pub struct Replay {
    recording: Recording,
    environment: EnvironmentName,
}

impl Replay {
    /// Replays what was recorded of this environment.
    pub fn new(recording: Recording, environment: EnvironmentName) -> Self {
        Self {
            recording,
            environment,
        }
    }

    /// Observations of an environment: window and snapshot.
    fn observations(&self, asked: &EnvironmentName) -> Vec<(Window, &Request, &Snapshot)> {
        let fits = |call: &'_ Call| match &call.request {
            Request::Observe {
                environment,
                window,
                ..
            } if environment == asked => Some(*window),
            _ => None,
        };
        self.recording
            .calls
            .iter()
            .filter_map(|call| match &call.reply {
                Reply::Snapshot(snapshot) => Some((fits(call)?, &call.request, &**snapshot)),
                _ => None,
            })
            .collect()
    }

    /// The recorded observation that ends when this one ends, and had at least its checks on.
    /// Where there are several, the one that also starts when this one starts.
    fn find(&self, ask: &ObserveRequest) -> Option<&Snapshot> {
        let mut fitting: Vec<_> = self
            .observations(&ask.environment)
            .into_iter()
            .filter(|(window, request, _)| {
                window.end == ask.window.end
                    && window.period_seconds == ask.window.period_seconds
                    && matches!(request, Request::Observe { checks, .. }
                        if ask.checks.iter().all(|check| checks.contains(check)))
            })
            .collect();
        if fitting.len() > 1 {
            fitting.retain(|(window, ..)| window.start == ask.window.start);
        }
        fitting.first().map(|(_, _, snapshot)| *snapshot)
    }

    fn not_recorded(&self, ask: &ObserveRequest) -> Snapshot {
        let mut windows: Vec<String> = self
            .observations(&ask.environment)
            .into_iter()
            .map(|(window, ..)| format!("{} to {}", window.start, window.end))
            .collect();
        windows.sort();
        windows.dedup();
        let recorded = match windows.len() {
            0 => format!("it holds no observation of `{}`", ask.environment),
            _ => format!("it holds {}", windows.join(", ")),
        };
        let message = format!(
            "the recording has no observation of `{}` from {} to {} with these checks; {recorded}",
            ask.environment, ask.window.start, ask.window.end
        );
        let subject = everything_about(ask.resources.len());
        Snapshot {
            environment: ask.environment.clone(),
            identity: Fact::Known(ask.identity.clone()),
            window: ask.window,
            read_from: None,
            resources: ask
                .resources
                .iter()
                .map(|resource| unreadable(resource, GapId(0)))
                .collect(),
            unmatched_alarms: Vec::new(),
            gaps: vec![gap("replay:observe", subject, message)],
            receipt: Receipt::default(),
            back_fill: Vec::new(),
        }
    }
}

impl Cloud for Replay {
    fn identity(&self) -> LocalBoxFuture<'_, Result<Identity, Gap>> {
        let answer =
            self.recording
                .calls
                .iter()
                .find_map(|call| match (&call.request, &call.reply) {
                    (Request::Identity { environment }, reply)
                        if *environment == self.environment =>
                    {
                        match reply {
                            Reply::Identity(identity) => Some(Ok(identity.clone())),
                            Reply::Gap(gap) => Some(Err(gap.clone())),
                            Reply::Snapshot(_) | Reply::Discovered(_) | Reply::Monitor(_) => None,
                        }
                    }
                    _ => None,
                });
        let missing = || {
            gap(
                "replay:identity",
                "identity of the caller".to_owned(),
                format!(
                    "the recording does not say who asked in `{}`",
                    self.environment
                ),
            )
        };
        Box::pin(ready(answer.ok_or_else(missing).flatten()))
    }

    fn observe<'a>(&'a self, ask: &'a ObserveRequest) -> LocalBoxFuture<'a, Snapshot> {
        let snapshot = match self.find(ask) {
            Some(recorded) => select(recorded, ask),
            None => self.not_recorded(ask),
        };
        Box::pin(ready(snapshot))
    }

    fn discover<'a>(
        &'a self,
        ask: &'a DiscoverRequest,
    ) -> LocalBoxFuture<'a, Result<Vec<Discovered>, Gap>> {
        let asked = Request::discover(ask);
        let answer = self.recording.calls.iter().find_map(|call| {
            match (&call.reply, call.request == asked) {
                (Reply::Discovered(found), true) => Some(Ok(found.clone())),
                (Reply::Gap(gap), true) => Some(Err(gap.clone())),
                _ => None,
            }
        });
        let missing = || {
            gap(
                "replay:discover",
                "tagged resources".to_owned(),
                format!(
                    "the recording has no search for these tags and regions in `{}`",
                    ask.environment
                ),
            )
        };
        Box::pin(ready(answer.ok_or_else(missing).flatten()))
    }

    fn receipt(&self) -> Receipt {
        // A replay asks nobody. What was recorded cost what its snapshot says.
        Receipt::default()
    }
}

/// What the recording says of the resources that are asked for, in their order.
fn select(recorded: &Snapshot, ask: &ObserveRequest) -> Snapshot {
    let by_arn: BTreeMap<&Arn, &Observed> = recorded
        .resources
        .iter()
        .map(|observed| (&observed.resource.arn, observed))
        .collect();
    let asked: BTreeSet<&Arn> = ask.resources.iter().map(|resource| &resource.arn).collect();
    // A gap that hid only resources nobody asks for is none of this observation.
    let used = |keep: bool| -> BTreeSet<GapId> {
        recorded
            .resources
            .iter()
            .filter(|observed| asked.contains(&observed.resource.arn) == keep)
            .flat_map(gaps_of)
            .collect()
    };
    let (wanted, others) = (used(true), used(false));
    let mut numbers: BTreeMap<GapId, GapId> = BTreeMap::new();
    let mut gaps = Vec::new();
    for (index, gap) in recorded.gaps.iter().enumerate() {
        let old = number(index);
        if wanted.contains(&old) || !others.contains(&old) {
            numbers.insert(old, number(gaps.len()));
            gaps.push(gap.clone());
        }
    }
    let unknown = number(gaps.len());
    let resources: Vec<Observed> = ask
        .resources
        .iter()
        .map(|resource| match by_arn.get(&resource.arn) {
            Some(observed) => renumber(observed, resource, &numbers, unknown),
            None => unreadable(resource, unknown),
        })
        .collect();
    if resources.iter().flat_map(gaps_of).any(|gap| gap == unknown) {
        let missing = resources
            .iter()
            .filter(|observed| gaps_of(observed).any(|gap| gap == unknown))
            .count();
        gaps.push(gap(
            "replay:observe",
            everything_about(missing),
            "the recording does not hold these resources".to_owned(),
        ));
    }
    Snapshot {
        environment: recorded.environment.clone(),
        identity: match &recorded.identity {
            Fact::Unreadable(old) => Fact::Unreadable(numbers.get(old).copied().unwrap_or(unknown)),
            other => other.clone(),
        },
        window: recorded.window,
        read_from: recorded.read_from,
        resources,
        unmatched_alarms: recorded.unmatched_alarms.clone(),
        gaps,
        receipt: recorded.receipt.clone(),
        back_fill: Vec::new(),
    }
}

fn number(index: usize) -> GapId {
    GapId(u32::try_from(index).unwrap_or(u32::MAX))
}

fn gaps_of(observed: &Observed) -> impl Iterator<Item = GapId> {
    observed
        .state
        .gap()
        .into_iter()
        .chain(observed.facts.values().filter_map(Fact::gap))
        .chain(observed.metrics.values().filter_map(Fact::gap))
        .chain(observed.alarms.gap())
}

fn renumber(
    observed: &Observed,
    resource: &Resource,
    numbers: &BTreeMap<GapId, GapId>,
    unknown: GapId,
) -> Observed {
    fn fact<T: Clone>(fact: &Fact<T>, numbers: &BTreeMap<GapId, GapId>, unknown: GapId) -> Fact<T> {
        match fact {
            // A number that is in no list belongs to a recording that somebody edited.
            Fact::Unreadable(old) => Fact::Unreadable(numbers.get(old).copied().unwrap_or(unknown)),
            other => other.clone(),
        }
    }
    Observed {
        resource: resource.clone(),
        state: fact(&observed.state, numbers, unknown),
        facts: observed
            .facts
            .iter()
            .map(|(name, value)| (name.clone(), fact(value, numbers, unknown)))
            .collect(),
        metrics: observed
            .metrics
            .iter()
            .map(|(name, value)| (name.clone(), fact(value, numbers, unknown)))
            .collect(),
        alarms: fact(&observed.alarms, numbers, unknown),
        some_alarms: observed.some_alarms.clone(),
    }
}

fn unreadable(resource: &Resource, gap: GapId) -> Observed {
    Observed {
        resource: resource.clone(),
        state: Fact::Unreadable(gap),
        facts: BTreeMap::new(),
        metrics: BTreeMap::new(),
        alarms: Fact::Unreadable(gap),
        some_alarms: Vec::new(),
    }
}

fn everything_about(count: usize) -> String {
    let noun = if count == 1 { "resource" } else { "resources" };
    format!("everything about {count} {noun}")
}

fn gap(operation: &str, subject: String, message: String) -> Gap {
    Gap {
        operation: operation.to_owned(),
        subject,
        cause: GapCause::NotRecorded,
        code: None,
        message: Untrusted::new(message),
        missing_permission: None,
    }
}
