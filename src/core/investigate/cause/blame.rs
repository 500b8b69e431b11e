//! The walk down the graph.

use std::collections::{BTreeMap, BTreeSet};

use super::baseline::{Baseline, HISTORY, chance, known, learn, unit, worse};
use super::{Measure, MetricValues, Metrics, Symptom};

/// How many spreads a node must be off to explain its caller.
const OFF: f64 = 3.0;
/// How far the symptom and what carries it must be off together before anything is wrong.
const WRONG: f64 = 3.5;
/// The share of the blame from which a node carries the symptom.
const CARRIES: f64 = 0.2;
/// Requests below which a period says little.
const FEW_REQUESTS: f64 = 20.0;
/// How many times more or fewer requests are another load.
const OTHER_LOAD: f64 = 1.25;
/// The percent of requests by which another load may make more or fewer fail.
const LOST_TO_LOAD: f64 = 2.0;
/// The load from which on no more is put down to it.
const LARGEST_LOAD: f64 = 2.0;
/// The periods before the symptom from which on they say what is usual.
const FEWEST_BEFORE: usize = 2;
/// The number of spreads that says no more than "very far".
const FAR: f64 = 1_000.0;
/// The blame below which a node that was reached already is not followed again: in a graph of many
/// ways their number doubles with each node.
const NEGLIGIBLE: f64 = 1e-4;

/// Who calls whom.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub nodes: Vec<String>,
    /// Caller and callee.
    pub calls: Vec<(String, String)>,
}

/// A node that may be the cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    pub node: String,
    /// The share of the blame that rests here, 0 to 1; 0 without a path from the symptom.
    pub blame: f64,
    /// Seconds waited or requests lost beyond the usual, in a period.
    pub extra: f64,
    /// How many spreads its value is off.
    pub deviation: f64,
    /// The way of the blame, from the symptom; empty without one.
    pub path: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct BlameVerdict {
    /// Whether anything is wrong at all.
    pub wrong: bool,
    /// How many spreads the symptom is off; `None` when its metric has no values.
    pub symptom: Option<f64>,
    /// The most blamed first. Empty when nothing is wrong.
    pub suspects: Vec<Suspect>,
    /// Nodes that are out of the ordinary without a way down from the symptom, or with a symptom
    /// that is inside its normal range.
    pub also_unusual: Vec<Suspect>,
    /// Nodes that nobody called before: their caller has changed.
    pub appeared: Vec<String>,
}

struct Node {
    off: MetricValues,
    deviation: MetricValues,
    volume: MetricValues,
}

impl Node {
    /// How many spreads its value is off, all of these periods alike.
    fn deviation_in(&self, periods: &[bool]) -> Option<f64> {
        let alike: Vec<f64> = periods.iter().map(|is_in| f64::from(*is_in)).collect();
        mean(&self.deviation, &alike)
    }
}

/// Ranks the nodes by the blame that rests on them. `normal` are the same metrics at a time when
/// nothing was wrong; without it the periods before the symptom say what is usual.
pub fn rank(
    now: &Metrics,
    normal: Option<&Metrics>,
    graph: &Graph,
    symptom: &Symptom,
) -> BlameVerdict {
    let period = now.period();
    // The period that holds the alert, and later ones.
    let after: Vec<bool> = now
        .times
        .iter()
        .map(|time| time + period > symptom.at)
        .collect();
    let times = Times {
        now,
        normal,
        other_load: other_load(now, normal, &symptom.node, &after),
        after: &after,
    };
    let mut nodes = BTreeMap::new();
    let mut appeared = Vec::new();
    for name in &graph.nodes {
        match times.measure(name, symptom.measure) {
            NodeReading::Measured(node) => {
                nodes.insert(name.clone(), node);
            }
            NodeReading::Appeared => appeared.push(name.clone()),
            NodeReading::Nothing => {}
        }
    }
    let mut verdict = BlameVerdict {
        wrong: false,
        symptom: None,
        suspects: Vec::new(),
        also_unusual: Vec::new(),
        appeared,
    };
    let Some(weights) = weights(&nodes, symptom, &after) else {
        let target = nodes.get(&symptom.node);
        verdict.symptom = target.and_then(|node| node.deviation_in(&after));
        return verdict;
    };
    let walk = Walk::new(&nodes, graph, &weights, &symptom.node);
    verdict.symptom = walk.deviation.get(&symptom.node).copied();
    let (blamed, unrelated) = walk.follow(&symptom.node);
    verdict.wrong = is_wrong(&blamed, verdict.symptom, &symptom.node);
    if verdict.wrong {
        verdict.suspects = blamed;
        verdict.also_unusual = unrelated;
    } else {
        let off = blamed
            .into_iter()
            .chain(unrelated)
            .filter(|suspect| suspect.deviation >= OFF);
        verdict.also_unusual = off.collect();
    }
    verdict
}

enum NodeReading {
    Measured(Node),
    Appeared,
    Nothing,
}

/// The metrics of the symptom's time and of a normal one.
struct Times<'a> {
    now: &'a Metrics,
    normal: Option<&'a Metrics>,
    /// How many times more or fewer requests the normal time had, where that is another load.
    other_load: Option<f64>,
    /// Whether a period holds the alert, or is later.
    after: &'a [bool],
}

impl Times<'_> {
    fn measure(&self, name: &str, measure: Measure) -> NodeReading {
        let of = |measure| self.now.get(name, measure);
        let (Some(values), Some(requests)) = (of(measure), of(Measure::Requests)) else {
            return NodeReading::Nothing;
        };
        let normal = |measure| self.normal.and_then(|normal| normal.get(name, measure));
        let asked = normal(Measure::Requests).cloned();
        let asked = asked.unwrap_or_else(|| before(requests, self.after));
        if asked.iter().flatten().sum::<f64>() == 0.0 {
            // Without a period before, it is not known whether it was called.
            let is_called = requests.iter().flatten().any(|count| *count > 0.0);
            return match is_called && !asked.is_empty() {
                true => NodeReading::Appeared,
                false => NodeReading::Nothing,
            };
        }
        let Some(base) = self.baseline(values, normal(measure), measure) else {
            return NodeReading::Nothing;
        };
        let off: MetricValues = values
            .iter()
            .map(|value| value.map(|value| worse(measure) * (value - base.usual)))
            .collect();
        let requests = || requests.iter().map(|requests| requests.unwrap_or(0.0));
        let spread = |requests: f64| match measure {
            Measure::Availability if requests < FEW_REQUESTS => {
                base.spread.max(chance(base.usual, requests))
            }
            _ => base.spread,
        };
        let deviation = off
            .iter()
            .zip(requests())
            .map(|(off, of)| off.map(|off| in_spreads(off, spread(of))));
        let volume = off
            .iter()
            .zip(requests())
            .map(|(off, of)| off.map(|off| off * of * unit(measure)));
        NodeReading::Measured(Node {
            deviation: deviation.collect(),
            volume: volume.collect(),
            off,
        })
    }

    /// What is usual: what the normal time says, or else the periods before the symptom. Where the
    /// normal time had another load, requests may take longer or shorter by about as much as the load
    /// differs, and a few more fail or fewer: what the periods before say, within those bounds.
    fn baseline(
        &self,
        values: &MetricValues,
        normal: Option<&MetricValues>,
        measure: Measure,
    ) -> Option<Baseline> {
        let before = before(values, self.after);
        let normal = normal.filter(|past| known(past) >= HISTORY);
        let base = learn(normal.unwrap_or(&before), measure)?;
        let is_known = normal.is_some() && known(&before) >= FEWEST_BEFORE;
        let load = self.other_load.filter(|_| is_known);
        let near = load.zip(learn(&before, measure));
        Some(near.map_or(base, |(load, near)| {
            // Queues make more of a load than it is.
            let most = load.min(LARGEST_LOAD).powi(2);
            let (low, high) = match measure {
                Measure::Availability => (base.usual - LOST_TO_LOAD, base.usual + LOST_TO_LOAD),
                _ => (base.usual / most, base.usual * most),
            };
            Baseline {
                usual: near.usual.clamp(low, high),
                spread: near.spread.max(base.spread * most),
            }
        }))
    }
}

/// How many spreads a value is off; of what never varied, any other value is far off.
fn in_spreads(off: f64, spread: f64) -> f64 {
    match spread > 0.0 {
        true => off / spread,
        false if off == 0.0 => 0.0,
        false => FAR.copysign(off),
    }
}

/// The values of the periods before the symptom.
fn before(values: &MetricValues, after: &[bool]) -> MetricValues {
    let periods = values.iter().zip(after);
    let before = periods.filter(|(_, after)| !**after);
    before.map(|(value, _)| *value).collect()
}

/// How many times more or fewer requests the node with the symptom had at the normal time than just
/// before it; `None` where it is about the same.
fn other_load(now: &Metrics, normal: Option<&Metrics>, node: &str, after: &[bool]) -> Option<f64> {
    let before = before(now.get(node, Measure::Requests)?, after);
    let then = normal?.get(node, Measure::Requests)?;
    if known(&before) < FEWEST_BEFORE {
        return None;
    }
    let one = learn(&before, Measure::Requests)?.usual;
    let other = learn(then, Measure::Requests)?.usual;
    let times = one.max(other) / one.min(other);
    (times.is_finite() && times > OTHER_LOAD).then_some(times)
}

/// Where the target suffers counts; the weights add up to 1. `None` when it never does.
fn weights(nodes: &BTreeMap<String, Node>, symptom: &Symptom, after: &[bool]) -> Option<Vec<f64>> {
    let target = nodes.get(&symptom.node)?;
    let suffers = target.off.iter().zip(after);
    let weights: Vec<f64> = suffers
        .map(|(off, after)| {
            if *after {
                off.unwrap_or(0.0).max(0.0)
            } else {
                0.0
            }
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    (sum > 0.0).then(|| weights.into_iter().map(|weight| weight / sum).collect())
}

/// Nothing is wrong unless the symptom, and what carries its blame, are together out of the
/// ordinary: a weak symptom counts when a callee that explains it is far off, and a callee counts
/// only when the symptom is felt.
fn is_wrong(blamed: &[Suspect], symptom: Option<f64>, target: &str) -> bool {
    let Some(symptom) = symptom.filter(|deviation| *deviation > 0.0) else {
        return false;
    };
    let carriers = blamed
        .iter()
        .filter(|suspect| suspect.node != target && suspect.blame >= CARRIES);
    let carrier = carriers
        .map(|suspect| suspect.deviation)
        .fold(symptom, f64::max);
    (symptom * carrier).sqrt() >= WRONG
}

struct Walk<'a> {
    extra: BTreeMap<String, f64>,
    deviation: BTreeMap<String, f64>,
    callees: BTreeMap<&'a str, Vec<&'a str>>,
    rest: BTreeMap<String, f64>,
    paths: BTreeMap<String, (f64, Vec<String>)>,
    off: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    fn new(
        nodes: &BTreeMap<String, Node>,
        graph: &'a Graph,
        weights: &[f64],
        target: &str,
    ) -> Self {
        let extra: BTreeMap<String, f64> = nodes
            .iter()
            .map(|(name, node)| {
                // A period without a value lost nothing.
                let filled: MetricValues = node
                    .volume
                    .iter()
                    .map(|value| Some(value.unwrap_or(0.0)))
                    .collect();
                (name.clone(), mean(&filled, weights).unwrap_or(0.0))
            })
            .collect();
        let deviation: BTreeMap<String, f64> = nodes
            .iter()
            .filter_map(|(name, node)| Some((name.clone(), mean(&node.deviation, weights)?)))
            .collect();
        let is_off = |name: &&String| {
            deviation.get(*name).is_some_and(|z| *z >= OFF) && extra[*name] > 0.0 || *name == target
        };
        let off = extra.keys().filter(is_off).cloned().collect();
        let mut callees: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (caller, callee) in &graph.calls {
            let of = callees.entry(caller).or_default();
            if !of.contains(&callee.as_str()) {
                of.push(callee);
            }
        }
        Self {
            extra,
            deviation,
            callees,
            rest: BTreeMap::new(),
            paths: BTreeMap::new(),
            off,
        }
    }

    /// Returns who is blamed, the most first, and who is off without a way from the symptom.
    fn follow(mut self, target: &str) -> (Vec<Suspect>, Vec<Suspect>) {
        self.step(target, 1.0, &mut Vec::new());
        let suspect = |name: &String| Suspect {
            node: name.clone(),
            blame: self.rest.get(name).copied().unwrap_or(0.0),
            extra: self.extra.get(name).copied().unwrap_or(0.0),
            deviation: self.deviation.get(name).copied().unwrap_or(0.0),
            path: self
                .paths
                .get(name)
                .map(|(_, path)| path.clone())
                .unwrap_or_default(),
        };
        let mut blamed: Vec<Suspect> = self.rest.keys().map(suspect).collect();
        blamed.sort_by(|a, b| b.blame.total_cmp(&a.blame).then(a.node.cmp(&b.node)));
        let mut unrelated: Vec<Suspect> = self
            .off
            .iter()
            .filter(|name| !self.rest.contains_key(*name))
            .map(suspect)
            .collect();
        unrelated.sort_by(|a, b| b.extra.total_cmp(&a.extra).then(a.node.cmp(&b.node)));
        (blamed, unrelated)
    }

    /// Lets the blame of a node flow on to its callees; a cycle ends where it began.
    fn step(&mut self, name: &str, blame: f64, path: &mut Vec<String>) {
        if blame < NEGLIGIBLE
            && let Some(rest) = self.rest.get_mut(name)
        {
            *rest += blame;
            return;
        }
        path.push(name.to_owned());
        let callees: Vec<&str> = self.callees.get(name).map_or_else(Vec::new, |of| {
            let on = |callee: &&&str| {
                self.off.contains(**callee) && !path.iter().any(|on| on == **callee)
            };
            of.iter().filter(on).copied().collect()
        });
        let own = self.extra[name].max(1e-12);
        let mut shares: Vec<f64> = callees
            .iter()
            .map(|callee| (self.extra[*callee] / own).min(1.0))
            .collect();
        let sum: f64 = shares.iter().sum();
        if sum > 1.0 {
            shares.iter_mut().for_each(|share| *share /= sum);
        }
        let kept = blame * (1.0 - sum.min(1.0));
        *self.rest.entry(name.to_owned()).or_default() += kept;
        let best = self
            .paths
            .entry(name.to_owned())
            .or_insert_with(|| (f64::NEG_INFINITY, Vec::new()));
        if blame > best.0 {
            *best = (blame, path.clone());
        }
        for (callee, share) in callees.into_iter().zip(shares) {
            self.step(callee, blame * share, path);
        }
        path.pop();
    }
}

/// The weighted mean of the known values.
fn mean(values: &MetricValues, weights: &[f64]) -> Option<f64> {
    let known = values
        .iter()
        .zip(weights)
        .filter_map(|(value, weight)| Some((value.as_ref()?, weight)));
    let (sum, all) = known.fold((0.0, 0.0), |(sum, all), (value, weight)| {
        (sum + value * weight, all + weight)
    });
    (all > 0.0).then(|| sum / all)
}
