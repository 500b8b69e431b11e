//! A cloud made of a recording. It answers what was asked then, in any order, and says so
//! where something was never asked.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::future::LocalBoxFuture;
use futures_util::future::ready;

use crate::cloud::Cloud;
use crate::cloud::question::{
    Answer, ConfigurationQuestion, ObserveKey, ObserveQuestion, Question,
};
use crate::cloud::record::Recording;
use crate::cloud::record::Request;
use crate::model::configuration::Configuration;
use crate::model::fact::{Gap, GapCause, GapId};
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::receipt::Receipt;
use crate::model::snapshot::{Observed, Snapshot};
use crate::text::Untrusted;

/// Answers from a recording.
#[derive(Debug, Clone)]
pub struct Replay {
    recording: Recording,
}

impl Replay {
    /// Replays what was recorded.
    pub fn new(recording: Recording) -> Self {
        Self { recording }
    }

    /// Returns the observations of an environment.
    fn observations(&self, asked: &EnvironmentName) -> Vec<(ObserveKey, &Snapshot)> {
        self.recording
            .calls
            .iter()
            .filter_map(|call| match &call.reply {
                Answer::Snapshot(snapshot) => Some((call.request.observed()?, &**snapshot)),
                _ => None,
            })
            .filter(|(key, _)| key.environment == *asked)
            .collect()
    }

    /// Answers an observation from one that ends when it ends, and had at least its checks on
    /// and any resources. Where there are several, from the one whose start is nearest.
    fn observe(&self, ask: &ObserveQuestion) -> Snapshot {
        let observations = self.observations(&ask.environment);
        let fitting = observations.iter().filter(|(key, _)| {
            key.window.end == ask.window.end
                && key.window.period_seconds == ask.window.period_seconds
                && ask.checks.iter().all(|check| key.checks.contains(check))
        });
        let wanted = ask.window.start.as_second();
        match fitting.min_by_key(|(key, _)| (key.window.start.as_second() - wanted).abs()) {
            Some((_, recorded)) => select(recorded, ask),
            None => ask.unseen(not_observed(ask, &observations)),
        }
    }
}

impl Replay {
    /// Answers from the recording of these types and regions, else from one of the same regions
    /// that has all of the types.
    fn configuration(&self, ask: &ConfigurationQuestion) -> Answer {
        let request = Request::new(&Question::Configuration(ask.clone()));
        if let Some(answer) = self.recording.reply(&request) {
            return answer.clone();
        }
        let wider = self
            .recording
            .calls
            .iter()
            .find_map(|call| match &call.reply {
                Answer::Configuration(recorded) if call.request.is_wider(&request, "types") => {
                    Some(recorded)
                }
                _ => None,
            });
        match wider {
            Some(recorded) => Answer::Configuration(Box::new(of_types(recorded, &ask.types))),
            None => Answer::Gap(not_recorded(&Question::Configuration(ask.clone()))),
        }
    }
}

/// What a recorded configuration says of some types. Gaps stay as they are numbered.
fn of_types(recorded: &Configuration, types: &[String]) -> Configuration {
    let mut some = recorded.clone();
    some.resources
        .retain(|one| types.contains(&one.resource_type));
    some.coverage
        .retain(|entry| types.contains(&entry.resource_type));
    some
}

impl Cloud for Replay {
    fn ask<'a>(&'a self, question: &'a Question) -> LocalBoxFuture<'a, Answer> {
        let answer = match question {
            Question::Observe(ask) => Answer::Snapshot(Box::new(self.observe(ask))),
            Question::Configuration(ask) => self.configuration(ask),
            other => match self.recording.reply(&Request::new(other)) {
                Some(answer) => answer.clone(),
                None => Answer::Gap(not_recorded(other)),
            },
        };
        Box::pin(ready(answer))
    }

    fn receipt(&self) -> Receipt {
        // A replay sends nothing. What was recorded cost what its snapshot says.
        Receipt::default()
    }
}

/// Says what a recording would have to hold.
fn not_recorded(question: &Question) -> Gap {
    match question {
        Question::Identity(ask) => gap(
            "replay:identity",
            "identity of the caller".to_owned(),
            format!(
                "the recording has no caller identity for `{}`",
                ask.environment
            ),
        ),
        Question::Observe(ask) => not_observed(ask, &[]),
        Question::Configuration(ask) => gap(
            "replay:configuration",
            "how resources are configured".to_owned(),
            format!(
                "the recording has no configuration of `{}` with these types and regions",
                ask.environment
            ),
        ),
        Question::Spend(ask) => gap(
            "replay:spend",
            "the cost of these days".to_owned(),
            format!(
                "the recording has no spending of `{}` from {} to {}",
                ask.environment, ask.days.start, ask.days.end
            ),
        ),
        Question::Utilisation(ask) => gap(
            "replay:utilisation",
            "metrics of resources".to_owned(),
            format!(
                "the recording does not hold these metrics of `{}`",
                ask.environment
            ),
        ),
        Question::Discover(ask) => gap(
            "replay:discover",
            "tagged resources".to_owned(),
            format!(
                "the recording has no search for these tags and regions in `{}`",
                ask.environment
            ),
        ),
        Question::Metrics(_)
        | Question::LogSources(_)
        | Question::LogGroups(_)
        | Question::Logs(_)
        | Question::Changes(_)
        | Question::Clues(_)
        | Question::Situation(_)
        | Question::LastUse(_) => not_looked_back(question),
    }
}

/// The same for the questions about the past, and for those of actions.
fn not_looked_back(question: &Question) -> Gap {
    let (call, what, span) = match question {
        Question::Metrics(ask) => (
            "metrics",
            "metrics of resources".to_owned(),
            format!("these metrics from {} to {}", ask.start, ask.end),
        ),
        Question::LogSources(ask) => (
            "log_sources",
            "where the resource logs".to_owned(),
            format!("log groups of {}", ask.arn),
        ),
        Question::LogGroups(ask) => (
            "log_groups",
            "names of log groups".to_owned(),
            format!("log groups in {}", ask.region),
        ),
        Question::Logs(ask) => (
            "logs",
            format!("events of the log group {}", ask.group),
            "events of this group and span".to_owned(),
        ),
        Question::Changes(ask) => (
            "changes",
            format!("changes by {}", ask.source.title()),
            format!("changes from {} to {}", ask.start, ask.end),
        ),
        Question::Clues(ask) => (
            "clues",
            "what went wrong with the resource".to_owned(),
            format!("what was kept of {} at {}", ask.arn, ask.at),
        ),
        Question::Situation(ask) => (
            "situation",
            "how the resource is".to_owned(),
            format!("what `{}` needs to know of {}", ask.action, ask.arn),
        ),
        Question::LastUse(ask) => (
            "last_use",
            "when an identity used what it may do".to_owned(),
            format!("the last use of {}", ask.arn),
        ),
        _ => ("ask", "everything".to_owned(), "this question".to_owned()),
    };
    gap(
        &format!("replay:{call}"),
        what,
        format!("the recording does not hold {span}"),
    )
}

fn not_observed(ask: &ObserveQuestion, recorded: &[(ObserveKey, &Snapshot)]) -> Gap {
    let windows: BTreeSet<String> = recorded
        .iter()
        .map(|(key, _)| format!("{} to {}", key.window.start, key.window.end))
        .collect();
    let held = match windows.len() {
        0 => format!("it holds no observation of `{}`", ask.environment),
        _ => {
            let windows: Vec<String> = windows.into_iter().collect();
            format!("it holds {}", windows.join(", "))
        }
    };
    let message = format!(
        "the recording has no observation of `{}` from {} to {} with these checks; {held}",
        ask.environment, ask.window.start, ask.window.end
    );
    gap(
        "replay:observe",
        everything_about(ask.resources.len()),
        message,
    )
}

/// What the recording says of the resources that are asked for, in their order.
fn select(recorded: &Snapshot, ask: &ObserveQuestion) -> Snapshot {
    let by_arn: BTreeMap<&Arn, &Observed> = recorded
        .resources
        .iter()
        .map(|observed| (&observed.resource.arn, observed))
        .collect();
    let (mut gaps, numbers) = gaps_of(recorded, ask);
    let unknown = GapId::from_index(gaps.len());
    // A number that is in no list belongs to a recording that somebody edited.
    let number = |old: GapId| numbers.get(&old).copied().unwrap_or(unknown);
    let resources: Vec<Observed> = ask
        .resources
        .iter()
        .map(|resource| match by_arn.get(&resource.arn) {
            Some(&observed) => Observed {
                resource: resource.clone(),
                ..observed.clone().renumbered(&number)
            },
            None => Observed::unreadable(resource, unknown),
        })
        .collect();
    let is_missing = |observed: &&Observed| observed.gaps().any(|(_, gap)| gap == unknown);
    let missing = resources.iter().filter(is_missing).count();
    if missing > 0 {
        gaps.push(gap(
            "replay:observe",
            everything_about(missing),
            "the recording does not hold these resources".to_owned(),
        ));
    }
    Snapshot {
        environment: recorded.environment.clone(),
        identity: recorded.identity.clone().with_gap(&number),
        window: recorded.window,
        read_from: recorded.read_from,
        resources,
        unmatched_alarms: recorded.unmatched_alarms.clone(),
        gaps,
        receipt: recorded.receipt.clone(),
        back_fill: Vec::new(),
    }
}

/// The gaps of the resources that are asked for, and the new number of each. A gap that hid
/// only resources nobody asks for is none of this observation.
fn gaps_of(recorded: &Snapshot, ask: &ObserveQuestion) -> (Vec<Gap>, BTreeMap<GapId, GapId>) {
    let asked: BTreeSet<&Arn> = ask.resources.iter().map(|resource| &resource.arn).collect();
    let used = |keep: bool| -> BTreeSet<GapId> {
        recorded
            .resources
            .iter()
            .filter(|observed| asked.contains(&observed.resource.arn) == keep)
            .flat_map(|observed| observed.gaps().map(|(_, gap)| gap))
            .collect()
    };
    let (wanted, others) = (used(true), used(false));
    let mut numbers: BTreeMap<GapId, GapId> = BTreeMap::new();
    let mut gaps = Vec::new();
    for (index, gap) in recorded.gaps.iter().enumerate() {
        let old = GapId::from_index(index);
        if wanted.contains(&old) || !others.contains(&old) {
            numbers.insert(old, GapId::from_index(gaps.len()));
            gaps.push(gap.clone());
        }
    }
    (gaps, numbers)
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
