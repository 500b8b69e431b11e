//! What one signature makes of one resource, and the grade by rule.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::catalog::signatures::Signature;
use crate::core::investigate::signatures::signs::{SignResult, SignSighting, SignView};
use crate::core::investigate::signatures::{CauseScene, SceneReading};
use crate::model::incident::Grade;
use crate::model::investigation::{Evidence, EvidenceClass};
use crate::text::{Untrusted, times};

/// A signature that fits a resource, or would if more were known.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseMatch {
    /// Id of the signature.
    pub signature: String,
    /// The resource at fault, by its place in the scene.
    pub node: usize,
    /// How well it is supported.
    pub grade: Grade,
    /// What speaks for it.
    pub supporting: Vec<Evidence>,
    /// What speaks against it.
    pub against: Vec<Evidence>,
    /// What could not be read and would prove or refute it.
    pub missing: Vec<String>,
    /// When the earliest sign was seen.
    pub began: Option<Timestamp>,
    /// The log patterns that it explains, by ARN and id.
    pub patterns: BTreeSet<(String, String)>,
    /// Whether callers, or the resource with the symptom, show it.
    pub linked: bool,
}

impl CauseMatch {
    /// Returns the classes of evidence that speak for it.
    pub fn classes(&self) -> BTreeSet<EvidenceClass> {
        self.supporting.iter().map(|one| one.class).collect()
    }

    /// Lowers the grade, and says why.
    pub fn weaken(&mut self, at_best: Grade, why: String) {
        self.grade = self.grade.max(at_best);
        self.against.push(Evidence {
            class: EvidenceClass::Graph,
            what: Untrusted::new(why),
            resource: None,
            at: None,
        });
    }
}

/// What another cause explains already.
#[derive(Debug, Clone, Default)]
pub(super) struct Explained {
    /// Log patterns, by ARN and id.
    pub(super) patterns: BTreeSet<(String, String)>,
    /// Resources whose metrics are explained.
    pub(super) nodes: BTreeSet<usize>,
}

/// What was seen of the signs of a signature.
#[derive(Default)]
struct SignTally {
    seen: Vec<SignSighting>,
    supports: Vec<SignSighting>,
    against: Vec<SignSighting>,
    missing: BTreeSet<String>,
    /// Whether something that must be seen could not be read.
    undecided: bool,
}

/// Holds a signature against a resource; `path` leads there from the symptom. `None` where it
/// does not fit, and where nothing speaks for it.
pub fn judge(
    signature: &Signature,
    scene: &CauseScene,
    node: usize,
    path: &[usize],
) -> Option<CauseMatch> {
    judge_beside(signature, scene, (node, path), &Explained::default())
}

/// The same, beside what another cause explains.
pub(super) fn judge_beside(
    signature: &Signature,
    scene: &CauseScene,
    (node, path): (usize, &[usize]),
    explained: &Explained,
) -> Option<CauseMatch> {
    let own = scene.nodes.get(node)?;
    let fits = |kinds: &[String]| {
        kinds.is_empty() || own.kind.as_ref().is_some_and(|kind| kinds.contains(kind))
    };
    if !fits(&signature.kinds) {
        return None;
    }
    let view = SignView {
        scene,
        signature,
        node,
        claimed: &explained.patterns,
        explained: &explained.nodes,
        throughout: false,
    };
    let tally = tally(view)?;
    let began = tally.seen.iter().filter_map(|one| one.evidence.at).min();
    let symptom = scene.nodes.get(scene.symptom).map(|one| one.arn.as_str());
    let is_link = |one: &SignSighting| {
        let at = one.evidence.resource.as_ref().map(Untrusted::raw);
        one.evidence.class != EvidenceClass::Changes
            && at.is_some_and(|at| Some(at) == symptom || at != own.arn)
    };
    let all = || tally.seen.iter().chain(&tally.supports);
    let mut found = CauseMatch {
        signature: signature.id.clone(),
        node,
        grade: Grade::PossibleContributor,
        began,
        linked: all().any(is_link),
        patterns: all().filter_map(|one| one.pattern.clone()).collect(),
        supporting: distinct(all().map(|one| one.evidence.clone())),
        against: distinct(tally.against.iter().map(|one| one.evidence.clone())),
        missing: tally.missing.iter().cloned().collect(),
    };
    grade(&mut found, &tally, scene, path);
    Some(found)
}

/// Looks at every sign. `None` where something that must be seen is not there, or nothing at all
/// speaks for it.
fn tally(view: SignView<'_>) -> Option<SignTally> {
    let mut tally = SignTally::default();
    for group in &view.signature.must {
        let each = group.iter().map(|sign| view.evaluate(sign));
        match each.fold(SignResult::NotSeen, SignResult::or) {
            SignResult::Seen(seen) => tally.seen.extend(seen),
            SignResult::NotSeen => return None,
            SignResult::Unknown(why) => {
                tally.undecided = true;
                tally.missing.extend(why);
            }
        }
    }
    for sign in &view.signature.supports {
        match view.evaluate(sign) {
            SignResult::Seen(seen) => tally.supports.extend(seen),
            SignResult::NotSeen => {}
            SignResult::Unknown(why) => tally.missing.extend(why),
        }
    }
    let during = SignView {
        throughout: true,
        ..view
    };
    for sign in &view.signature.against {
        match during.evaluate(sign) {
            SignResult::Seen(seen) => tally.against.extend(seen),
            SignResult::NotSeen => {}
            SignResult::Unknown(why) => tally.missing.extend(why),
        }
    }
    let nothing = tally.seen.is_empty() && tally.supports.is_empty();
    (!nothing).then_some(tally)
}

fn grade(found: &mut CauseMatch, tally: &SignTally, scene: &CauseScene, path: &[usize]) {
    if tally.undecided {
        found.grade = Grade::NeedsEvidence;
        return;
    }
    if found.classes().len() >= 2 {
        found.grade = Grade::ConfirmedCause;
    }
    let uncertain = tally.seen.iter().map(|one| one.uncertain_seconds).max();
    let late = found
        .began
        .filter(|began| !scene.is_in_time(*began, uncertain.unwrap_or(0)));
    if let Some(began) = late {
        let why = format!(
            "it began at {}, after the symptom at {}",
            times::clock(began),
            times::clock(scene.began)
        );
        found.weaken(Grade::RecentButUnrelated, why);
    }
    if !tally.against.is_empty() {
        found.grade = found.grade.max(Grade::PossibleContributor);
    }
    // What stands in a weak sign is only as good as a strong one beside it.
    let strong = tally.seen.iter().any(|one| one.weakness.is_none());
    if let Some(weakness) = tally.seen.iter().find_map(|one| one.weakness.clone())
        && !strong
    {
        found.weaken(Grade::PossibleContributor, weakness);
    }
    for hidden in hidden(scene, path) {
        found.grade = found.grade.max(Grade::PossibleContributor);
        if !found.missing.contains(&hidden) {
            found.missing.push(hidden);
        }
    }
}

/// What of the resources on the way could not be read. Nothing is confirmed beside it.
fn hidden(scene: &CauseScene, path: &[usize]) -> BTreeSet<String> {
    let nodes = path.iter().filter_map(|node| scene.nodes.get(*node));
    let mut why = BTreeSet::new();
    for node in nodes {
        if let SceneReading::Unreadable(reason) = &node.logs {
            why.insert(reason.clone());
        }
        let figures = || node.figures.values();
        let unreadable = figures().filter_map(|one| match one {
            SceneReading::Unreadable(reason) => Some(reason),
            SceneReading::Known(_) => None,
        });
        // One metric that is missing hides little; all of them hide the resource.
        if figures().len() > 0 && unreadable.clone().count() == figures().len() {
            why.extend(unreadable.cloned());
        }
    }
    why
}

fn distinct(evidence: impl Iterator<Item = Evidence>) -> Vec<Evidence> {
    let mut once: Vec<Evidence> = Vec::new();
    for one in evidence {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}
