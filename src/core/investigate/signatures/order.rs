//! All causes of a scene, the best first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::registry::Registry;
use crate::catalog::signatures::Signature;
use crate::core::investigate::signatures::CauseScene;
use crate::core::investigate::signatures::judge::{CauseMatch, Explained, judge_beside};
use crate::model::incident::Grade;
use crate::model::investigation::EvidenceClass;
use crate::model::issue::NamedCause;

/// How much the past is worth before anything is known: as much as two causes of which one was
/// right.
const PRIOR_TRIES: f64 = 2.0;
const PRIOR_RIGHT: f64 = 1.0;

/// How often signatures were right before, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Priors {
    counts: BTreeMap<String, PriorCount>,
    /// How often a cause was named where none of the others was it.
    others: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct PriorCount {
    right: u32,
    tries: u32,
}

impl Priors {
    /// Learns from the causes that people named of one kind of symptom: each was right once more,
    /// and every other one was not.
    pub fn learn<'a>(named: impl IntoIterator<Item = &'a NamedCause>) -> Self {
        let named: Vec<&str> = named
            .into_iter()
            .map(|one| one.signature.as_str())
            .collect();
        let mut priors = Self {
            others: u32::try_from(named.len()).unwrap_or(u32::MAX),
            ..Self::default()
        };
        for signature in named.iter().copied().collect::<BTreeSet<&str>>() {
            for one in &named {
                priors.note(signature, *one == signature);
            }
        }
        priors
    }

    /// Notes that a person named a cause, and what had been stated.
    pub fn note(&mut self, signature: &str, was_right: bool) {
        let count = self.counts.entry(signature.to_owned()).or_default();
        count.tries = count.tries.saturating_add(1);
        count.right = count.right.saturating_add(u32::from(was_right));
    }

    /// Returns in thousandths how often it is right, shrunk towards a half.
    pub fn rate(&self, signature: &str) -> u32 {
        let never = PriorCount {
            right: 0,
            tries: self.others,
        };
        let count = self.counts.get(signature).copied().unwrap_or(never);
        let rate = (f64::from(count.right) + PRIOR_RIGHT) / (f64::from(count.tries) + PRIOR_TRIES);
        (rate * 1_000.0).round() as u32
    }

    /// Returns what is known of it in a sentence, where something is.
    pub fn words(&self, signature: &str) -> Option<String> {
        let count = self.counts.get(signature)?;
        let (right, tries) = (count.right, count.tries);
        Some(format!(
            "was the cause {right} of {tries} times that a person named one"
        ))
    }
}

/// Finds the causes that fit the scene. `blame` is the share of the symptom's extra volume that
/// rests on a resource, by its place.
///
/// A resource that the symptom does not depend on is never a cause.
pub fn explain(
    signatures: &Registry<Signature>,
    scene: &CauseScene,
    blame: &BTreeMap<usize, f64>,
    priors: &Priors,
) -> Vec<CauseMatch> {
    let paths = scene.paths();
    let hold = |generic, explained: &Explained| hold(signatures, scene, generic, explained);
    let mut found = hold(false, &Explained::default());
    found.retain(|one| tells_something(scene, one));
    let explained = explained_by(scene, &found);
    let mut generic = hold(true, &explained);
    for one in generic
        .iter_mut()
        .filter(|one| explained.nodes.contains(&one.node))
    {
        let why = "another cause explains what it was followed by".to_owned();
        one.weaken(Grade::PossibleContributor, why);
    }
    found.extend(
        generic
            .into_iter()
            .filter(|one| tells_something(scene, one)),
    );
    let depth = |one: &CauseMatch| paths.get(&one.node).map_or(0, Vec::len);
    let rank = |one: &CauseMatch| {
        let share = blame.get(&one.node).copied().unwrap_or(0.0);
        let confirmed = one.grade == Grade::ConfirmedCause;
        // What is further down explains what is above it, not the other way round.
        let explaining = if confirmed {
            (one.linked, depth(one))
        } else {
            (false, 0)
        };
        let generic = signatures.get(&one.signature).is_some_and(|of| of.generic);
        (
            one.grade,
            Reverse(explaining),
            generic,
            Reverse(priors.rate(&one.signature)),
            Reverse((share * 1_000.0).round() as i64),
            Reverse(one.classes().len()),
            Reverse(one.supporting.len()),
            one.signature.clone(),
            one.node,
        )
    };
    found.sort_by_cached_key(rank);
    keep_one_path(scene, &mut found);
    found.sort_by_cached_key(rank);
    found
}

/// Holds the signatures of one sort against everything that the symptom depends on.
fn hold(
    signatures: &Registry<Signature>,
    scene: &CauseScene,
    generic: bool,
    explained: &Explained,
) -> Vec<CauseMatch> {
    let paths = scene.paths();
    let wanted = signatures.iter().filter(|one| one.generic == generic);
    let each = wanted.flat_map(|signature| {
        let places = paths.iter();
        places.filter_map(move |(node, path)| {
            judge_beside(signature, scene, (*node, path), explained)
        })
    });
    each.collect()
}

/// Whether more speaks for a cause than that the symptom is there: where logs could not be read,
/// that would speak for every one.
fn tells_something(scene: &CauseScene, one: &CauseMatch) -> bool {
    let symptom = scene.nodes.get(scene.symptom).map(|node| node.arn.as_str());
    one.grade != Grade::NeedsEvidence
        || one.supporting.iter().any(|evidence| {
            let at = evidence.resource.as_ref().map(|arn| arn.raw());
            evidence.class != EvidenceClass::Metrics || at != symptom
        })
}

/// What the causes that hold explain: their log lines, and the metrics of everything that depends
/// on the resource at fault.
fn explained_by(scene: &CauseScene, found: &[CauseMatch]) -> Explained {
    let mut explained = Explained::default();
    let holding = found
        .iter()
        .filter(|one| one.grade <= Grade::PossibleContributor);
    for one in holding {
        explained.patterns.extend(one.patterns.iter().cloned());
        if one.grade == Grade::ConfirmedCause {
            explained.nodes.extend(scene.dependants(one.node));
        }
    }
    explained
}

/// Two causes are both confirmed only where one depends on the other.
fn keep_one_path(scene: &CauseScene, found: &mut [CauseMatch]) {
    let mut confirmed: Vec<usize> = Vec::new();
    for one in found.iter_mut() {
        if one.grade != Grade::ConfirmedCause {
            continue;
        }
        let apart = confirmed
            .iter()
            .find(|other| !scene.on_one_path(**other, one.node));
        match apart.and_then(|other| scene.nodes.get(*other)) {
            None => confirmed.push(one.node),
            Some(other) => {
                let why = format!(
                    "{} is a better explanation, and no way leads from one to the other",
                    other.name
                );
                one.weaken(Grade::PossibleContributor, why);
            }
        }
    }
}
