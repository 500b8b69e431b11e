//! Whether a sign is seen.

use std::collections::BTreeSet;

use jiff::Timestamp;
use regex::Regex;

use crate::catalog::signatures::{MetricTest, Sign, SignPlace, SignTest, Signature};
use crate::core::investigate::signatures::{
    CauseScene, Figure, LogFact, SceneNode, SceneReading, UsualRange,
};
use crate::model::investigation::{ChangeRecord, ChangeSource, Evidence, EvidenceClass};
use crate::text::numbers::quantity;
use crate::text::{Untrusted, escape, phrases, times};

/// Characters of a pattern in a piece of evidence.
const SHOWN: usize = 160;
/// Deviations from which a value is not chance.
const SPREADS: f64 = 3.0;
/// The pieces of evidence that one sign gives.
const MOST: usize = 2;
/// Letters from which a name in a line of text is that of a resource.
const TELLING_NAME: usize = 4;

/// Whether a sign is seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SignResult {
    /// It is.
    Seen(Vec<SignSighting>),
    /// It is not.
    NotSeen,
    /// What would show it could not be read: why, in sentences.
    Unknown(BTreeSet<String>),
}

/// What shows a sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SignSighting {
    pub(super) evidence: Evidence,
    /// The log pattern, where it is one.
    pub(super) pattern: Option<(String, String)>,
    /// Seconds that its time is uncertain.
    pub(super) uncertain_seconds: i64,
    /// It was so before as well, or no one knows: why that weakens it.
    pub(super) weakness: Option<String>,
}

/// The view of one signature on one resource.
#[derive(Clone, Copy)]
pub(super) struct SignView<'a> {
    pub(super) scene: &'a CauseScene,
    pub(super) signature: &'a Signature,
    pub(super) node: usize,
    /// Log patterns that another cause explains, by ARN and id.
    pub(super) claimed: &'a BTreeSet<(String, String)>,
    /// Resources whose metrics another cause explains.
    pub(super) explained: &'a BTreeSet<usize>,
    /// Whether only what is so all the time since the symptom began counts: what speaks against a
    /// cause must not be the quiet before it.
    pub(super) throughout: bool,
}

impl<'a> SignView<'a> {
    /// Evaluates a sign.
    pub(super) fn evaluate(self, sign: &Sign) -> SignResult {
        if let SignTest::Change {
            pattern,
            sources,
            within_minutes,
        } = &sign.test
        {
            return self.change(sign.on, pattern, sources, *within_minutes);
        }
        let mut result = SignResult::NotSeen;
        for node in self.places(sign.on) {
            let of_node = match &sign.test {
                SignTest::Log { pattern, steady } => self.log(node, pattern, *steady),
                SignTest::Metric { ids, test } => self.metric(node, ids, *test),
                SignTest::State { pattern } => state(node, pattern),
                SignTest::Change { .. } => SignResult::NotSeen,
            };
            result = result.or(of_node);
        }
        result
    }

    fn places(self, on: SignPlace) -> Vec<&'a SceneNode> {
        let own = self.scene.nodes.get(self.node);
        let own = own.filter(|_| on != SignPlace::Callers);
        let callers = self.scene.callers(self.node);
        own.into_iter()
            .chain(callers.filter(|_| on != SignPlace::Resource))
            .collect()
    }

    fn log(self, node: &SceneNode, pattern: &Regex, steady: bool) -> SignResult {
        let facts = match &node.logs {
            SceneReading::Known(facts) => facts,
            SceneReading::Unreadable(why) => return SignResult::unknown(why),
        };
        let fits = |fact: &&LogFact| {
            let lines = fact
                .examples
                .iter()
                .chain([&fact.template])
                .chain(&fact.level);
            let mut fitting = lines.filter(|line| pattern.is_match(line));
            (steady || !fact.steady)
                && !self.claimed.contains(&(node.arn.clone(), fact.id.clone()))
                && fitting.any(|line| self.is_about_this(node, line))
        };
        let mut fitting: Vec<&LogFact> = facts.iter().filter(fits).collect();
        if let (true, Some(why)) = (fitting.is_empty(), &node.unread_logs) {
            return SignResult::unknown(why);
        }
        fitting.sort_by_key(|fact| (std::cmp::Reverse(fact.count), &fact.id));
        let seen = fitting
            .into_iter()
            .take(MOST)
            .map(|fact| of_log(node, fact));
        SignResult::seen(seen.collect())
    }

    /// Whether a line is about the resource at fault: it does not name another one that could be
    /// meant as well.
    fn is_about_this(self, node: &SceneNode, line: &str) -> bool {
        let named = |other: &SceneNode| {
            other.name.len() >= TELLING_NAME && line.contains(other.name.as_str())
        };
        let Some(own) = self.scene.nodes.get(self.node) else {
            return false;
        };
        let alike = |other: &&SceneNode| {
            other.arn != own.arn && other.arn != node.arn && other.kind == own.kind
        };
        named(own) || !self.scene.nodes.iter().filter(alike).any(named)
    }

    fn metric(self, node: &SceneNode, ids: &[String], test: MetricTest) -> SignResult {
        let place = self.scene.nodes.iter().position(|one| one.arn == node.arn);
        if place.is_some_and(|place| self.explained.contains(&place)) {
            return SignResult::NotSeen;
        }
        let mut result = SignResult::NotSeen;
        for reading in ids.iter().filter_map(|id| node.figures.get(id)) {
            let of_figure = match reading {
                SceneReading::Known(figure) => self.figure(node, figure, test),
                SceneReading::Unreadable(why) => SignResult::unknown(why),
            };
            result = result.or(of_figure);
        }
        result
    }

    fn figure(self, node: &SceneNode, figure: &Figure, test: MetricTest) -> SignResult {
        if !self.throughout {
            return metric(node, figure, test);
        }
        let since = figure.rows.iter().filter(|(at, _)| *at >= self.scene.began);
        let during = Figure {
            rows: since.copied().collect(),
            ..figure.clone()
        };
        let is_limit = matches!(test, MetricTest::AtLeast(_) | MetricTest::AtMost(_));
        let all = || {
            during
                .rows
                .iter()
                .all(|(_, value)| holds(figure, test, *value) == Some(true))
        };
        match is_limit && !all() {
            true => SignResult::NotSeen,
            false => metric(node, &during, test),
        }
    }

    fn change(
        self,
        on: SignPlace,
        pattern: &Regex,
        sources: &[ChangeSource],
        within_minutes: u32,
    ) -> SignResult {
        let is_wanted = |source: ChangeSource| {
            source.can_cause() && (sources.is_empty() || sources.contains(&source))
        };
        let arns: BTreeSet<&str> = match on {
            SignPlace::Either => self
                .scene
                .nodes
                .iter()
                .map(|one| one.arn.as_str())
                .collect(),
            on => self
                .places(on)
                .into_iter()
                .map(|one| one.arn.as_str())
                .collect(),
        };
        let began = self.scene.began.as_second();
        let earliest = began - i64::from(within_minutes) * 60 - self.scene.uncertain_seconds;
        let latest = began + self.scene.uncertain_seconds;
        let fits = |change: &&ChangeRecord| {
            let touches = change.resources.iter().any(|one| arns.contains(one.raw()));
            let anywhere = change.resources.is_empty() && on == SignPlace::Either;
            is_wanted(change.source)
                && (earliest..=latest).contains(&change.at.as_second())
                && (touches || anywhere)
                && pattern.is_match(change.summary.raw())
        };
        let mut found: Vec<_> = self.scene.changes.iter().filter(fits).collect();
        // The last one before the symptom tells most.
        found.sort_by_key(|change| (std::cmp::Reverse(change.at), change.reference.raw()));
        let seen = found
            .into_iter()
            .take(MOST)
            .map(|change| of_change(change, began));
        let seen: Vec<SignSighting> = seen.collect();
        let unread = &self.scene.unread_changes;
        let unread = unread.iter().filter(|(source, _)| is_wanted(**source));
        let why: BTreeSet<String> = unread.map(|(_, why)| why.clone()).collect();
        match (seen.is_empty(), why.is_empty()) {
            (false, _) => SignResult::Seen(seen),
            (true, false) => SignResult::Unknown(why),
            (true, true) => SignResult::NotSeen,
        }
    }
}

impl SignResult {
    fn seen(seen: Vec<SignSighting>) -> Self {
        match seen.is_empty() {
            true => Self::NotSeen,
            false => Self::Seen(seen),
        }
    }

    fn unknown(why: &str) -> Self {
        Self::Unknown(BTreeSet::from([why.to_owned()]))
    }

    /// Either of two: seen where one is, unknown where one is and neither is seen.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Seen(mut a), Self::Seen(b)) => {
                a.extend(b);
                Self::Seen(a)
            }
            (Self::Seen(seen), _) | (_, Self::Seen(seen)) => Self::Seen(seen),
            (Self::Unknown(mut a), Self::Unknown(b)) => {
                a.extend(b);
                Self::Unknown(a)
            }
            (Self::Unknown(why), _) | (_, Self::Unknown(why)) => Self::Unknown(why),
            (Self::NotSeen, Self::NotSeen) => Self::NotSeen,
        }
    }
}

impl SignSighting {
    fn new(class: EvidenceClass, what: String, arn: &str, at: Option<Timestamp>) -> Self {
        Self {
            evidence: Evidence {
                class,
                what: Untrusted::new(what),
                resource: (!arn.is_empty()).then(|| Untrusted::from(arn)),
                at,
            },
            pattern: None,
            uncertain_seconds: 0,
            weakness: None,
        }
    }
}

fn of_change(change: &ChangeRecord, began: i64) -> SignSighting {
    let minutes = (began - change.at.as_second()) / 60;
    let when = match u64::try_from(minutes) {
        Ok(0) | Err(_) => "as it began".to_owned(),
        Ok(minutes) => format!("{} before it began", phrases::counted(minutes, "minute")),
    };
    let text = format!("{}, {when}", escape::cut(change.summary.raw(), SHOWN));
    let arn = change.resources.first().map_or("", Untrusted::raw);
    SignSighting::new(EvidenceClass::Changes, text, arn, Some(change.at))
}

fn of_log(node: &SceneNode, fact: &LogFact) -> SignSighting {
    let lines = phrases::counted(fact.count, "line");
    let before = match fact.before {
        Some(0) => "none before".to_owned(),
        Some(before) => format!("{before} before"),
        None => "what was before is unknown".to_owned(),
    };
    let shown = escape::cut(&fact.template, SHOWN);
    let text = format!("{} logged {lines} like “{shown}” ({before})", node.name);
    SignSighting {
        pattern: Some((node.arn.clone(), fact.id.clone())),
        weakness: fact
            .before
            .is_none()
            .then(|| "whether such lines were logged before could not be read".to_owned()),
        ..SignSighting::new(EvidenceClass::Logs, text, &node.arn, fact.first)
    }
}

/// Whether a value is what a sign is about; `None` where it is not known what is usual.
fn holds(figure: &Figure, test: MetricTest, value: f64) -> Option<bool> {
    let off = |usual: UsualRange| (value - usual.median).abs() > SPREADS * usual.spread;
    Some(match test {
        MetricTest::AtLeast(limit) => value >= limit,
        MetricTest::AtMost(limit) => value <= limit,
        MetricTest::Rises(times) => {
            let usual = figure.usual?;
            let least = if figure.unit == "count" { 1.0 } else { 0.0 };
            value > usual.median.max(0.0) * times && value >= least && off(usual)
        }
        MetricTest::Falls(times) => {
            let usual = figure.usual?;
            value < usual.median / times && off(usual)
        }
    })
}

fn metric(node: &SceneNode, figure: &Figure, test: MetricTest) -> SignResult {
    let holds = |value: f64| holds(figure, test, value);
    let mut holding = Vec::new();
    for (at, value) in &figure.rows {
        match holds(*value) {
            None => {
                let why = format!(
                    "what is usual for {} of {} is unknown",
                    figure.title, node.name
                );
                return SignResult::Unknown(BTreeSet::from([why]));
            }
            Some(true) => holding.push((*at, *value)),
            Some(false) => {}
        }
    }
    let Some((first, _)) = holding.first().copied() else {
        return SignResult::NotSeen;
    };
    let is_low = matches!(test, MetricTest::AtMost(_) | MetricTest::Falls(_));
    let worst = holding.iter().map(|(_, value)| *value);
    let worst = worst.reduce(|a, b| if is_low { a.min(b) } else { a.max(b) });
    let worst = quantity(worst.unwrap_or_default(), &figure.unit);
    let verb = if is_low { "fell to" } else { "reached" };
    let (beside, weakness) = match figure.usual {
        None => (String::new(), None),
        Some(usual) => {
            let shown = quantity(usual.median, &figure.unit);
            let standing = holds(usual.median) == Some(true);
            let weakness = format!("{} of {} is usually {shown}", figure.title, node.name);
            (format!("; {shown} is usual"), standing.then_some(weakness))
        }
    };
    let text = format!(
        "{} of {} {verb} {worst} (from {}{beside})",
        figure.title,
        node.name,
        times::clock(first),
    );
    SignResult::Seen(vec![SignSighting {
        uncertain_seconds: i64::from(figure.period_seconds),
        weakness,
        ..SignSighting::new(EvidenceClass::Metrics, text, &node.arn, Some(first))
    }])
}

fn state(node: &SceneNode, pattern: &Regex) -> SignResult {
    let mut found = Vec::new();
    let mut unread = None;
    for reading in [&node.states, &node.clues] {
        match reading {
            SceneReading::Unreadable(why) => unread = unread.or(Some(why)),
            SceneReading::Known(states) => {
                let fitting = states.iter().filter(|one| pattern.is_match(&one.text));
                found.extend(fitting.take(MOST).map(|one| {
                    let text = format!("{}: {}", node.name, escape::cut(&one.text, SHOWN));
                    SignSighting::new(EvidenceClass::State, text, &node.arn, one.since)
                }));
            }
        }
    }
    match unread {
        // What was seen counts, whatever else could not be.
        Some(why) if found.is_empty() => SignResult::unknown(why),
        _ => SignResult::seen(found),
    }
}
