//! Causes by their signatures: what was seen of resources, held against what causes look like.
//!
//! A sign is seen, not seen, or unknown because what would show it could not be read. A cause
//! is confirmed only where everything that must be seen was seen, from two classes of evidence, not
//! after the symptom, on a way from the symptom, with nothing against it and nothing hidden.

mod examples;
mod judge;
mod order;
mod signs;
mod unrelated;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

pub use examples::run_examples;
pub use judge::{CauseMatch, judge};
pub use order::{Priors, explain};
pub use unrelated::{UnrelatedChange, unrelated};

use crate::model::investigation::{ChangeRecord, ChangeSource};

/// What was read, or why it could not be.
#[derive(Debug, Clone, PartialEq)]
pub enum SceneReading<T> {
    /// What was read.
    Known(T),
    /// Why not, in a sentence without a full stop.
    Unreadable(String),
}

impl<T> SceneReading<T> {
    /// Returns what was read.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unreadable(_) => None,
        }
    }
}

/// The resources of an investigation, and what happened there.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseScene {
    /// The resources.
    pub nodes: Vec<SceneNode>,
    /// Who depends on whom, by their places in `nodes`: caller, then what it calls.
    pub calls: BTreeSet<(usize, usize)>,
    /// Where the symptom is.
    pub symptom: usize,
    /// When it began.
    pub began: Timestamp,
    /// How many seconds it may have begun earlier or later.
    pub uncertain_seconds: i64,
    /// What was changed.
    pub changes: Vec<ChangeRecord>,
    /// Sources of changes that could not be read, and why.
    pub unread_changes: BTreeMap<ChangeSource, String>,
}

/// A resource, and what was seen of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneNode {
    /// Its ARN.
    pub arn: String,
    /// What people call it.
    pub name: String,
    /// Its kind, where it has one.
    pub kind: Option<String>,
    /// Patterns of its log lines. Nothing, where it writes none that are read.
    pub logs: SceneReading<Vec<LogFact>>,
    /// Why a part of its logs was not read, in a sentence without a full stop. What is not among
    /// the patterns may be in that part.
    pub unread_logs: Option<String>,
    /// Metrics and indicators by their ids in the kind.
    pub figures: BTreeMap<String, SceneReading<Figure>>,
    /// What AWS says of its state, in sentences.
    pub states: SceneReading<Vec<StateFact>>,
    /// What AWS keeps of what went wrong with it.
    pub clues: SceneReading<Vec<StateFact>>,
}

/// Log lines that are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct LogFact {
    /// Tells it from other patterns.
    pub id: String,
    /// The line with `<*>` where lines differ.
    pub template: String,
    /// Lines as they were written, redacted.
    pub examples: Vec<String>,
    /// How many there were.
    pub count: u64,
    /// How many there were in the span before; `None` where that could not be read.
    pub before: Option<u64>,
    /// Whether they were as frequent before.
    pub steady: bool,
    /// When the first was written.
    pub first: Option<Timestamp>,
    /// The severity that the lines name.
    pub level: Option<String>,
}

/// The values of a metric or an indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What people call it.
    pub title: String,
    /// Its unit.
    pub unit: String,
    /// What is usual; `None` where too little is known of the time before.
    pub usual: Option<UsualRange>,
    /// The values of the span, the earliest first.
    pub rows: Vec<(Timestamp, f64)>,
    /// Seconds of a period.
    pub period_seconds: u32,
}

/// What a metric usually is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UsualRange {
    /// Half of the values are below.
    pub median: f64,
    /// How far values usually are from it.
    pub spread: f64,
}

/// What AWS says of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateFact {
    /// In a sentence.
    pub text: String,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
}

impl CauseScene {
    /// Returns how to get from the symptom to every resource that it depends on, the shortest
    /// way; resources that it does not depend on are not there.
    pub fn paths(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut paths = BTreeMap::from([(self.symptom, vec![self.symptom])]);
        let mut open = std::collections::VecDeque::from([self.symptom]);
        while let Some(node) = open.pop_front() {
            let path = paths[&node].clone();
            for (_, callee) in self.calls.iter().filter(|(caller, _)| *caller == node) {
                if *callee < self.nodes.len() && !paths.contains_key(callee) {
                    let mut longer = path.clone();
                    longer.push(*callee);
                    paths.insert(*callee, longer);
                    open.push_back(*callee);
                }
            }
        }
        paths
    }

    /// Returns whether one of two resources depends on the other, or both are the same.
    pub fn on_one_path(&self, a: usize, b: usize) -> bool {
        a == b || self.dependants(b).contains(&a) || self.dependants(a).contains(&b)
    }

    /// Everything that depends on a resource, without itself.
    fn dependants(&self, node: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![node];
        while let Some(callee) = open.pop() {
            let callers = self.calls.iter().filter(|(_, one)| *one == callee);
            open.extend(
                callers
                    .map(|(caller, _)| *caller)
                    .filter(|one| found.insert(*one)),
            );
        }
        found.remove(&node);
        found
    }

    fn callers(&self, node: usize) -> impl Iterator<Item = &SceneNode> {
        let calls = self.calls.iter().filter(move |(_, callee)| *callee == node);
        calls.filter_map(|(caller, _)| self.nodes.get(*caller))
    }

    /// Returns whether something that began then can have caused the symptom, as far as the
    /// periods of metrics tell.
    fn is_in_time(&self, at: Timestamp, uncertain_seconds: i64) -> bool {
        let slack = self.uncertain_seconds + uncertain_seconds;
        at.as_second() <= self.began.as_second().saturating_add(slack)
    }
}

#[cfg(test)]
mod tests;
