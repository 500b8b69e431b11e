//! Changes that tempt, and cannot have caused the symptom.

use std::collections::BTreeSet;

use crate::core::investigate::signatures::CauseScene;
use crate::core::investigate::signatures::judge::CauseMatch;
use crate::model::incident::Grade;
use crate::model::investigation::{ChangeRecord, ChangeSource, EvidenceClass};
use crate::text::phrases;

/// A change that is no cause.
#[derive(Debug, Clone, PartialEq)]
pub struct UnrelatedChange {
    /// The change.
    pub change: ChangeRecord,
    /// The resource that it touched, by its place in the scene.
    pub node: Option<usize>,
    /// Why it is no cause.
    pub why: String,
}

/// Returns the changes that no cause is based on, the last one first, with the reason.
pub fn unrelated(scene: &CauseScene, causes: &[CauseMatch]) -> Vec<UnrelatedChange> {
    let paths = scene.paths();
    let holding = causes
        .iter()
        .filter(|one| one.grade <= Grade::PossibleContributor);
    let evidence = holding.flat_map(|one| &one.supporting);
    let used: BTreeSet<_> = evidence
        .filter(|one| one.class == EvidenceClass::Changes)
        .filter_map(|one| Some((one.at?, one.resource.clone())))
        .collect();
    let is_used =
        |change: &ChangeRecord| used.contains(&(change.at, change.resources.first().cloned()));
    let mut found: Vec<UnrelatedChange> = Vec::new();
    for change in &scene.changes {
        if !change.source.can_cause() || is_used(change) {
            continue;
        }
        let touched = scene
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| change.resources.iter().any(|one| one.raw() == node.arn));
        let touched: Vec<usize> = touched.map(|(place, _)| place).collect();
        let on_path = touched.iter().find(|place| paths.contains_key(place));
        let late = change.at.as_second() - scene.began.as_second();
        let why = if late > scene.uncertain_seconds {
            let minutes = phrases::counted((late / 60).max(1) as u64, "minute");
            format!("made {minutes} after the symptom began")
        } else if change.source == ChangeSource::Commit {
            "a commit changes nothing before it is deployed".to_owned()
        } else {
            match on_path.and_then(|place| scene.nodes.get(*place)) {
                Some(node) => format!("nothing that {} does changed by itself", node.name),
                None => "no way leads from the symptom to what it touched".to_owned(),
            }
        };
        found.push(UnrelatedChange {
            change: change.clone(),
            node: on_path.or(touched.first()).copied(),
            why,
        });
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.change.at));
    found
}
