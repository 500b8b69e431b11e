//! What came of an apply: from what was planned, what the stream said, and what the state says.

use std::collections::BTreeSet;

use crate::core::infra::events::{StepProgress, StreamTally};
use crate::model::deployments::{DeploymentOutcome, PlannedStep};
use crate::text::Untrusted;

/// Most errors that are kept.
const MOST_ERRORS: usize = 10;

/// What the state says of managed resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateView {
    /// Serial number; `None` where there is no state.
    pub serial: Option<u64>,
    /// Lineage.
    pub lineage: Option<Untrusted>,
    /// Addresses of what it holds.
    pub addresses: BTreeSet<Untrusted>,
    /// Those of them that were not finished.
    pub tainted: BTreeSet<Untrusted>,
}

/// What is known of an apply.
#[derive(Debug, Clone, Copy)]
pub struct ApplyFacts<'a> {
    /// What was to be done.
    pub planned: &'a [PlannedStep],
    /// What the stream said; `None` where there is none.
    pub stream: Option<&'a StreamTally>,
    /// Whether the tool ended by itself, so that the stream is whole.
    pub is_whole: bool,
    /// The state afterwards; `None` where it could not be read.
    pub state: Option<&'a StateView>,
}

/// Sorts the steps of a plan by what came of them. Nothing is called done, or not begun, that
/// neither stream nor state prove.
pub fn conclude(facts: ApplyFacts<'_>) -> DeploymentOutcome {
    let mut out = DeploymentOutcome::default();
    for step in facts.planned {
        let list = match became(facts, step) {
            Became::Done => &mut out.done,
            Became::Failed => &mut out.failed,
            Became::Unknown => &mut out.unknown,
            Became::NotBegun => &mut out.not_begun,
        };
        list.push(step.address.clone());
    }
    if let Some(state) = facts.state {
        let planned = facts.planned.iter().map(|step| &step.address);
        let tainted: BTreeSet<&Untrusted> = planned
            .filter(|address| state.tainted.contains(*address))
            .collect();
        out.tainted = tainted.into_iter().cloned().collect();
    }
    let errors = facts.stream.map_or(&[][..], |stream| &stream.errors);
    out.errors = errors
        .iter()
        .take(MOST_ERRORS)
        .map(|one| one.line())
        .collect();
    out
}

enum Became {
    Done,
    Failed,
    Unknown,
    NotBegun,
}

fn became(facts: ApplyFacts<'_>, step: &PlannedStep) -> Became {
    let said = facts.stream.map(|stream| stream.steps.get(&step.address));
    match said {
        Some(Some(StepProgress::Done)) => Became::Done,
        Some(Some(StepProgress::Failed)) => Became::Failed,
        Some(Some(StepProgress::Begun | StepProgress::Going)) => by_state(facts, step),
        // A move, an import or a forgotten object has no event of its own.
        Some(None) if facts.is_whole && !has_events(&step.action) => by_state(facts, step),
        Some(None) if facts.is_whole => Became::NotBegun,
        Some(None) | None => by_state(facts, step),
    }
}

fn has_events(action: &str) -> bool {
    !matches!(action, "move" | "import" | "forget")
}

/// What the state alone proves: that something was created, or is gone. What was changed in
/// place, it does not say.
fn by_state(facts: ApplyFacts<'_>, step: &PlannedStep) -> Became {
    let Some(state) = facts.state else {
        return Became::Unknown;
    };
    let is_there = state.addresses.contains(&step.address);
    let is_tainted = state.tainted.contains(&step.address);
    match step.action.as_str() {
        _ if is_tainted => Became::Failed,
        "create" | "import" | "move" if is_there => Became::Done,
        "delete" | "forget" if !is_there => Became::Done,
        _ => Became::Unknown,
    }
}

/// Whether everything was done as planned.
pub fn is_complete(outcome: &DeploymentOutcome) -> bool {
    let open = [
        &outcome.failed,
        &outcome.tainted,
        &outcome.unknown,
        &outcome.not_begun,
    ];
    open.iter().all(|list| list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: &str = include_str!("../../../tests/data/terraform/apply-half-failed.jsonl");

    fn planned(steps: &[(&str, &str)]) -> Vec<PlannedStep> {
        let steps = steps.iter();
        steps
            .map(|(address, action)| PlannedStep {
                address: format!("terraform_data.{address}").into(),
                action: (*action).to_owned(),
                attributes: Vec::new(),
            })
            .collect()
    }

    fn state(addresses: &[&str], tainted: &[&str]) -> StateView {
        let set = |names: &[&str]| {
            let names = names.iter();
            names
                .map(|name| Untrusted::new(format!("terraform_data.{name}")))
                .collect()
        };
        StateView {
            serial: Some(4),
            lineage: Some("l".into()),
            addresses: set(addresses),
            tainted: set(tainted),
        }
    }

    fn shown(outcome: &DeploymentOutcome) -> String {
        let list = |name: &str, of: &[Untrusted]| {
            let short = of
                .iter()
                .map(|one| one.raw().trim_start_matches("terraform_data."));
            let names: Vec<&str> = short.collect();
            format!("{name}={}", names.join(","))
        };
        let lists = [
            list("done", &outcome.done),
            list("failed", &outcome.failed),
            list("tainted", &outcome.tainted),
            list("unknown", &outcome.unknown),
            list("not_begun", &outcome.not_begun),
        ];
        lists.join(" ")
    }

    #[test]
    fn a_half_failed_apply_is_told_as_it_was() {
        let planned = planned(&[
            ("one", "create"),
            ("two", "create"),
            ("three", "create"),
            ("four", "create"),
        ]);
        let tally = StreamTally::read(HALF).expect("version 1");
        let state = state(&["one", "two", "three"], &["three"]);
        let outcome = conclude(ApplyFacts {
            planned: &planned,
            stream: Some(&tally),
            is_whole: true,
            state: Some(&state),
        });
        assert_eq!(
            shown(&outcome),
            "done=one,two failed=three tainted=three unknown= not_begun=four"
        );
        assert_eq!(outcome.errors.len(), 1);
        assert!(!is_complete(&outcome));
    }

    #[test]
    fn without_proof_nothing_is_called_done_or_not_begun() {
        let steps = planned(&[
            ("a", "create"),
            ("b", "create"),
            ("c", "update"),
            ("d", "delete"),
            ("e", "delete"),
            ("f", "create"),
        ]);
        let seen = state(&["a", "c", "e", "f"], &["f"]);
        for (state, wanted) in [
            (
                Some(&seen),
                "done=a,d failed=f tainted=f unknown=b,c,e not_begun=",
            ),
            (
                None,
                "done= failed= tainted= unknown=a,b,c,d,e,f not_begun=",
            ),
        ] {
            let outcome = conclude(ApplyFacts {
                planned: &steps,
                stream: None,
                is_whole: false,
                state,
            });
            assert_eq!(shown(&outcome), wanted);
        }
    }

    #[test]
    fn a_stream_that_was_cut_leaves_open_what_it_does_not_mention() {
        let planned = planned(&[
            ("one", "create"),
            ("two", "create"),
            ("three", "create"),
            ("four", "create"),
        ]);
        let cut = HALF.lines().take(9).collect::<Vec<_>>().join("\n");
        let tally = StreamTally::read(&cut).expect("version 1");
        let outcome = conclude(ApplyFacts {
            planned: &planned,
            stream: Some(&tally),
            is_whole: false,
            state: Some(&state(&["one", "two"], &[])),
        });
        assert_eq!(
            shown(&outcome),
            "done=one,two failed= tainted= unknown=three,four not_begun="
        );
    }
}
