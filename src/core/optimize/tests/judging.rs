//! How tasks are judged.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::cycles::{NOON, minutes_after_noon, task, time};
use crate::core::optimize::judge::{JudgeInput, KpiSamples, ResourceChange, is_ripe, judge};
use crate::model::optimization::{OptimizationTask, TaskVerdict};
use crate::model::report::Better;

/// One value a minute: the last of `before` ends at noon, the first of `after` begins a minute later.
fn samples(better: Better, before: &[f64], after: &[f64]) -> KpiSamples {
    let at = |minute: i64| time(NOON).as_second() + minute * 60;
    let early = before.iter().enumerate().map(|(index, value)| {
        let minute = index as i64 - before.len() as i64;
        (at(minute), at(minute + 1), *value)
    });
    let late = after.iter().enumerate().map(|(index, value)| {
        let minute = index as i64 + 1;
        (at(minute), at(minute + 1), *value)
    });
    // The minute of the change counts for neither side, whatever it was.
    let between = [(at(0), at(1), 1e9)];
    KpiSamples {
        better,
        target: 100.0,
        points: early.chain(between).chain(late).collect(),
    }
}

struct Judging {
    samples: BTreeMap<String, KpiSamples>,
    deployed: Vec<Timestamp>,
    changes: Vec<ResourceChange<'static>>,
    requests: Option<(f64, f64)>,
}

impl Judging {
    fn new(figures: &[(&str, Better, &[f64], &[f64])]) -> Self {
        let each = figures.iter();
        Self {
            samples: each
                .map(|(name, better, before, after)| {
                    ((*name).to_owned(), samples(*better, before, after))
                })
                .collect(),
            deployed: Vec::new(),
            changes: Vec::new(),
            requests: None,
        }
    }

    fn input(&self, minutes: i64) -> JudgeInput<'_> {
        JudgeInput {
            began_at: time(NOON),
            samples: &self.samples,
            bound: &[],
            deployed: &self.deployed,
            changes: &self.changes,
            requests: self.requests,
            now: minutes_after_noon(minutes),
        }
    }

    fn verdict(&self, kpis: &[&str]) -> (TaskVerdict, String) {
        let judged = judge(&task(kpis), &self.input(10)).expect("it was applied");
        (judged.verdict, judged.reason.raw().to_owned())
    }
}

const CALM: [f64; 6] = [200.0, 202.0, 198.0, 200.0, 201.0, 199.0];

#[test]
fn a_change_counts_beyond_five_percent_and_twice_its_noise() {
    use Better::{Higher, Lower};
    use TaskVerdict::{Improved, Inconclusive, Regressed};
    let cases: [(Better, &[f64], f64, TaskVerdict); 8] = [
        (Lower, &CALM, 150.0, Improved),
        (Lower, &CALM, 250.0, Regressed),
        (Higher, &CALM, 150.0, Regressed),
        (Higher, &CALM, 250.0, Improved),
        (Lower, &CALM, 191.0, Inconclusive),
        (Lower, &CALM, 189.0, Improved),
        // Noise of 40: a change of 70 is less than twice that, one of 90 is more.
        (
            Lower,
            &[160.0, 240.0, 160.0, 240.0, 200.0],
            130.0,
            Inconclusive,
        ),
        (Lower, &[160.0, 240.0, 160.0, 240.0, 200.0], 110.0, Improved),
    ];
    for (better, before, after, wanted) in cases {
        let judging = Judging::new(&[("a", better, before, &[after; 5])]);
        let (verdict, why) = judging.verdict(&["a"]);
        assert_eq!(verdict, wanted, "{better:?} {before:?} → {after}: {why}");
    }
}

#[test]
fn what_was_not_measured_is_neither_better_nor_worse() {
    let few = Judging::new(&[("a", Better::Lower, &CALM, &[150.0; 4])]);
    let (verdict, why) = few.verdict(&["a"]);
    assert_eq!(verdict, TaskVerdict::Inconclusive);
    assert_eq!(
        why,
        "a was measured 6 times before and 4 times since, and 5 of each are needed"
    );
    let blind = Judging::new(&[("a", Better::Lower, &CALM[..3], &[150.0; 5])]);
    assert_eq!(blind.verdict(&["a"]).0, TaskVerdict::Inconclusive);
    // One of its key figures improved, and of the other nothing is known.
    let half = Judging::new(&[("a", Better::Lower, &CALM, &[150.0; 5])]);
    assert_eq!(half.verdict(&["a", "b"]).0, TaskVerdict::Inconclusive);
    // But what is known to be worse is.
    let half = Judging::new(&[("a", Better::Lower, &CALM, &[250.0; 5])]);
    assert_eq!(half.verdict(&["a", "b"]).0, TaskVerdict::Regressed);
    let mut never = task(&["a"]);
    never.applied_at = None;
    assert_eq!(judge(&never, &half.input(10)), None);
    // Not before five measurements, not before ten for a second look, and not for ever.
    assert!(!is_ripe(&task(&["a"]), &few.input(10)));
    assert!(is_ripe(&task(&["a"]), &half.input(10)));
    let second = OptimizationTask {
        looks: 1,
        ..task(&["a"])
    };
    assert!(!is_ripe(&second, &half.input(10)));
    assert!(is_ripe(&second, &half.input(25 * 60)));
    assert!(!is_ripe(&never, &half.input(25 * 60)));
}

#[test]
fn what_happened_to_everything_is_no_credit_and_no_blame() {
    // E6: all key figures, also those that nothing was done about, improve by 10 %.
    let better = |name| (name, Better::Lower, &CALM[..], &[180.0; 6][..]);
    let all = Judging::new(&[better("a"), better("b"), better("c")]);
    let (verdict, why) = all.verdict(&["a"]);
    assert_eq!(verdict, TaskVerdict::Inconclusive);
    assert!(
        why.starts_with("what no playbook worked on moved the same way: b, c"),
        "{why}"
    );
    let worse = |name| (name, Better::Lower, &CALM[..], &[240.0; 6][..]);
    let all = Judging::new(&[worse("a"), worse("b")]);
    assert_eq!(
        all.verdict(&["a"]).0,
        TaskVerdict::Inconclusive,
        "so it is not undone"
    );
    // One of three others is chance.
    let still = |name| (name, Better::Lower, &CALM[..], &[200.0; 6][..]);
    let some = Judging::new(&[better("a"), better("b"), still("c"), still("d")]);
    assert_eq!(some.verdict(&["a"]).0, TaskVerdict::Improved);
    // A deployment, or half the traffic.
    let mut judging = Judging::new(&[better("a"), still("b")]);
    judging.deployed = vec![minutes_after_noon(3)];
    assert!(
        judging
            .verdict(&["a"])
            .1
            .starts_with("something was deployed at")
    );
    judging.deployed = vec![minutes_after_noon(-3)];
    assert_eq!(judging.verdict(&["a"]).0, TaskVerdict::Improved);
    // Somebody else changed the same resource; the task itself, and another resource, do not count.
    let arn: &'static crate::model::ids::Arn = Box::leak(Box::new(task(&["a"]).arn));
    let other: &'static crate::model::ids::Arn = Box::leak(Box::new(super::cycles::arn("other")));
    let change = |id, arn, minutes| ResourceChange {
        id,
        arn,
        at: minutes_after_noon(minutes),
    };
    judging.changes = vec![
        change("r-1", arn, 2),
        change("r-2", other, 2),
        change("r-3", arn, -2),
    ];
    assert_eq!(judging.verdict(&["a"]).0, TaskVerdict::Improved);
    judging.changes.push(change("r-4", arn, 2));
    let (verdict, why) = judging.verdict(&["a"]);
    assert_eq!(verdict, TaskVerdict::Inconclusive);
    assert!(
        why.starts_with("r-4 changed the same resource since"),
        "{why}"
    );
    judging.changes.clear();
    judging.requests = Some((1000.0, 450.0));
    let (verdict, why) = judging.verdict(&["a"]);
    assert_eq!(verdict, TaskVerdict::Inconclusive);
    assert!(
        why.starts_with("traffic changed: 450 requests, and 1,000 before"),
        "{why}"
    );
    judging.requests = Some((1000.0, 800.0));
    assert_eq!(judging.verdict(&["a"]).0, TaskVerdict::Improved);
}

#[test]
fn what_was_undone_meanwhile_is_not_judged_and_teaches_nothing() {
    let mut open = super::cycles::cycle("o-1", NOON, &[("resize", "waiting", 0.0)]);
    open.outcome = crate::model::optimization::CycleOutcome::Open;
    open.tasks[0].looks = 0;
    let judging = Judging::new(&[("a", Better::Lower, &CALM, &[250.0; 6])]);
    let input = judging.input(10);
    let judged = open
        .judged_by(&input, &BTreeMap::new())
        .expect("it is ripe");
    assert_eq!(judged.tasks[0].verdict, TaskVerdict::Regressed);
    assert_eq!(judged.judged_by(&input, &BTreeMap::new()), None, "once");
    let undone = BTreeMap::from([("r-1", "undone by r-2")]);
    let withdrawn = open.judged_by(&input, &undone).expect("it is known");
    let task = &withdrawn.tasks[0];
    assert_eq!(
        (task.verdict, task.is_watched()),
        (TaskVerdict::Inconclusive, false)
    );
    let reason = task.reason.as_ref().map(|why| why.raw());
    assert_eq!(reason, Some("undone by r-2 before it was judged"));
    let history = super::cycles::history(vec![withdrawn]);
    assert_eq!(
        crate::core::optimize::learn::learned(Some(&history), input.now),
        []
    );
}
