//! What holds for every sequence of reports.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::recall::needs_resolved;
use super::reconcile::{ChangeKind, Reconciliation};
use crate::core::issue_fixtures::{World, function, minute, problem, report, unknown};
use crate::model::ids::IssueId;
use crate::model::issue::{Issue, Note};
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::status::Status;

const CHECKS: [&str; 4] = [
    "resource_state",
    "error_rate_percent",
    "alarm/a",
    "registry_drift",
];

fn resource(name: &'static str) -> impl Strategy<Value = Option<ResourceHealth>> {
    let status = prop_oneof![Just(Status::Degraded), Just(Status::Unhealthy)];
    let problems = proptest::collection::vec((0..CHECKS.len(), status, 0..50u32), 0..4);
    let unjudged = proptest::collection::vec(0..CHECKS.len(), 0..2);
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(unknown(name))),
        5 => (problems, unjudged).prop_map(move |(problems, unjudged)| {
            let problems = problems
                .into_iter()
                .map(|(check, status, n)| {
                    problem(CHECKS[check], status, &format!("{} at {n} %", CHECKS[check]))
                })
                .collect();
            let mut it = function(name, problems);
            it.unjudged = unjudged.into_iter().map(|c| CHECKS[c].to_owned()).collect();
            Some(it)
        }),
    ]
}

fn checks() -> impl Strategy<Value = Vec<ResourceHealth>> {
    (resource("a"), resource("b"), resource("c"))
        .prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect())
}

fn find<'a>(world: &'a World, id: &IssueId) -> Option<&'a Issue> {
    world.active.get(id).or_else(|| world.resolved.get(id))
}

/// A note on every open issue, by a person, after each run.
fn take_notes(world: &mut World, run: i64) {
    for issue in world.active.values_mut() {
        issue.notes.push(Note {
            at: minute(run),
            by: None,
            text: format!("run {run}").into(),
        });
    }
}

fn later(seen: &HealthReport) -> HealthReport {
    let mut again = seen.clone();
    let seconds = seen.generated_at.as_second() + 1;
    again.generated_at = jiff::Timestamp::from_second(seconds).expect("a timestamp");
    again
}

fn judge_again(world: &World, again: &HealthReport, first: &Reconciliation) {
    let seen = |issue: &Issue| {
        again.checks.iter().any(|c| {
            Some(&c.resource.arn) == issue.resource.subject.arn()
                && c.problems.iter().any(|p| p.check == issue.check)
        })
    };
    // The same again: what is seen is only touched; what is judged well recovers further.
    for change in world.decide(again).changes {
        let recovering = matches!(
            change.kind,
            ChangeKind::StreakAdvanced | ChangeKind::Resolved | ChangeKind::Eased
        );
        if seen(&change.after) {
            let easing = change.after.milder.is_some() || change.kind == ChangeKind::Eased;
            assert!(
                easing || change.kind == ChangeKind::Touched,
                "{change:?} after {first:?}"
            );
        } else {
            assert!(recovering, "{change:?} after {first:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn holds_over_any_life(
        lives in proptest::collection::vec(checks(), 1..12),
        open_after in 0..3u32,
        resolve_after in 0..4u32,
        critical: bool,
    ) {
        let mut world = World { open_after, resolve_after, critical, ..World::new() };
        for (run, checks) in lives.into_iter().enumerate() {
            let run = i64::try_from(run).expect("few") * 5;
            let seen = report("prod", minute(run), checks);
            let before = world.clone();
            let decided = world.run(&seen);
            // What is resolved is read only where it matters.
            let ids = before.resolved.keys().cloned().collect();
            if !needs_resolved(&before.examine(&seen), &before.active, &ids, open_after) {
                let forgetful = World { resolved: BTreeMap::new(), ..before.clone() };
                prop_assert_eq!(&forgetful.decide(&seen), &decided);
            }
            // The same input gives the same answer.
            prop_assert_eq!(&before.decide(&seen), &decided);
            // An issue is in one folder, and `open` is what is open.
            prop_assert!(world.active.keys().all(|id| !world.resolved.contains_key(id)));
            prop_assert_eq!(&decided.open, &world.active);
            for change in &decided.changes {
                prop_assert_eq!(change.before.as_ref(), find(&before, &change.after.id));
            }
            for (id, old) in before.active.iter().chain(&before.resolved) {
                let new = find(&world, id).expect("issues are never lost");
                // Notes are never lost.
                prop_assert!(old.notes.iter().all(|n| new.notes.contains(n)));
                // Severity falls only behind as many milder runs as it takes, and the worst of
                // an occurrence is kept.
                if before.active.contains_key(id) && new.severity < old.severity {
                    let runs = old.milder.map_or(old.healthy_streak, |milder| milder.runs);
                    prop_assert!(runs + 1 >= resolve_after);
                    prop_assert!(new.peak() >= old.severity);
                }
            }
            judge_again(&world, &later(&seen), &decided);
            take_notes(&mut world, run);
        }
    }

    /// A report in which nothing was judged changes nothing.
    #[test]
    fn a_blind_run_changes_nothing(first in checks()) {
        let mut world = World::new();
        world.run(&report("prod", minute(0), first));
        let blind = vec![unknown("a"), unknown("b"), unknown("c")]
            .into_iter()
            .map(|r| ResourceHealth { unjudged: vec!["*".into()], ..r })
            .collect();
        prop_assert_eq!(world.decide(&report("prod", minute(5), blind)).changes, vec![]);
    }
}
