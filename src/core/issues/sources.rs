//! What holds for every sequence of examinations, whoever makes them: a source resolves only
//! what it could see.

use proptest::prelude::*;

use super::reconcile::{ChangeKind, Reconciliation};
use crate::core::issue_fixtures::{World, domain, environment, minute};
use crate::model::finding::{Checks, CleanReason, Examination, Finding};
use crate::model::ids::{Region, SourceName};
use crate::model::issue::{Impact, Issue, IssueStatus};
use crate::model::status::Severity;
use crate::model::subject::{Subject, SubjectRef};

const SOURCES: [&str; 3] = ["observer", "audit", "review"];
const SUBJECTS: [&str; 6] = [
    "arn:aws:s3:::logs",
    "arn:fractary:infrastructure:::login",
    "environment:prod",
    "change:aws_sqs_queue.orders[\"eu\"]",
    "principal:lambda.amazonaws.com",
    "path:infra/main.tf",
];
const CHECKS: [&str; 4] = ["state", "port/22", "port/3389", "portable"];
const COVERED: [&str; 5] = ["state", "port/22", "port/*", "port*", "*"];

fn source(index: usize) -> SourceName {
    SourceName::new(SOURCES[index]).expect("a source")
}

fn subject(index: usize) -> Subject {
    Subject::parse(SUBJECTS[index]).expect("a subject")
}

fn finding(subject_index: usize, check: usize, severity: Severity, seen: u32) -> Finding {
    Finding {
        about: SubjectRef {
            subject: subject(subject_index),
            name: "it".into(),
            kind: "thing".into(),
            region: Region::new("global").expect("a region"),
        },
        check: CHECKS[check].to_owned(),
        severity,
        title: "it is wrong".into(),
        evidence: vec!["this proves it".into()],
        recommendation: vec!["set it right".into()],
        impact: Impact::default(),
        slo_breach: false,
        seen,
    }
}

fn examination() -> impl Strategy<Value = Examination> {
    let severity = prop_oneof![Just(Severity::Low), Just(Severity::High)];
    let found = (0..SUBJECTS.len(), 0..CHECKS.len(), severity, 1..3u32);
    let why = prop_oneof![Just(CleanReason::Healthy), Just(CleanReason::NotChecked)];
    let clean = (0..SUBJECTS.len(), 0..COVERED.len(), why);
    let unknown = (0..SUBJECTS.len(), 0..COVERED.len());
    let known = proptest::collection::btree_set(0..SUBJECTS.len(), 0..SUBJECTS.len());
    (
        0..SOURCES.len(),
        proptest::collection::vec(found, 0..4),
        proptest::collection::vec(clean, 0..8),
        proptest::collection::vec(unknown, 0..3),
        proptest::option::weighted(0.3, known),
    )
        .prop_map(|(by, found, clean, unknown, known)| {
            let mut out =
                Examination::new(source(by), domain("infrastructure"), environment("prod"));
            for (about, check, severity, seen) in found {
                out.findings.push(finding(about, check, severity, seen));
            }
            for (about, pattern, why) in clean {
                out.mark_clean(&subject(about), Checks::from_pattern(COVERED[pattern]), why);
            }
            for (about, pattern) in unknown {
                out.mark_unknown(&subject(about), Checks::from_pattern(COVERED[pattern]));
            }
            out.inventory = known.map(|known| known.into_iter().map(subject).collect());
            out
        })
}

/// Whether a pattern is about a check, said once more in other words.
fn is_about(checks: &Checks, check: &str) -> bool {
    match checks {
        Checks::All => true,
        Checks::StartingWith(start) => check.get(..start.len()) == Some(start),
        Checks::Only(name) => name == check,
    }
}

/// Whether an examination may say that an issue is over.
fn may_resolve(seen: &Examination, issue: &Issue) -> bool {
    let subject = &issue.resource.subject;
    let clean: Vec<_> = seen
        .clean
        .iter()
        .filter(|c| c.subject == *subject)
        .collect();
    let unknown: Vec<_> = seen
        .unknown
        .iter()
        .filter(|u| u.subject == *subject)
        .collect();
    if clean.is_empty() && unknown.is_empty() {
        let all = seen.inventory.as_ref();
        return all.is_some_and(|all| !all.contains(subject));
    }
    clean.iter().any(|c| is_about(&c.checks, &issue.check))
        && !unknown.iter().any(|u| is_about(&u.checks, &issue.check))
}

fn is_found(seen: &Examination, issue: &Issue) -> bool {
    let mut findings = seen.findings.iter();
    findings.any(|f| f.about.subject == issue.resource.subject && f.check == issue.check)
}

/// Holds what one examination did against what it could see.
fn judge(before: &World, seen: &Examination, decided: &Reconciliation) {
    for change in &decided.changes {
        let issue = &change.after;
        assert_eq!(issue.source, seen.source, "another source's issue changed");
        let over = matches!(
            change.kind,
            ChangeKind::StreakAdvanced | ChangeKind::Resolved | ChangeKind::Eased
        );
        // What is found milder than it is said to be recovers, and is there.
        let milder = issue.milder.is_some() || change.kind == ChangeKind::Eased;
        if over && !(milder && is_found(seen, issue)) {
            assert!(
                !is_found(seen, issue) && may_resolve(seen, issue),
                "{change:?}"
            );
        } else {
            assert!(is_found(seen, issue), "{change:?}");
        }
    }
    // And what it could see it does resolve.
    for issue in before.active.values() {
        let over = !is_found(seen, issue) && may_resolve(seen, issue);
        let changed = decided.changes.iter().any(|c| c.after.id == issue.id);
        let own = issue.source == seen.source;
        assert_eq!(changed && !is_found(seen, issue), own && over, "{issue:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_source_resolves_only_what_it_could_see(
        runs in proptest::collection::vec(examination(), 1..16),
        open_after in 0..3u32,
        resolve_after in 0..3u32,
    ) {
        let mut world = World { open_after, resolve_after, ..World::new() };
        for (run, seen) in runs.iter().enumerate() {
            let before = world.clone();
            let decided = world.land(seen, minute(i64::try_from(run).expect("few") * 5));
            judge(&before, seen, &decided);
            // Everything that is open here is listed, whoever found it.
            prop_assert_eq!(&decided.open, &world.active);
            let all = world.active.values().chain(world.resolved.values());
            let mut about: Vec<_> = all
                .clone()
                .map(|i| (&i.source, &i.resource.subject, &i.check))
                .collect();
            about.sort();
            let count = about.len();
            about.dedup();
            prop_assert_eq!(about.len(), count, "two issues about the same");
            for issue in all {
                let text = serde_json::to_string(issue).expect("JSON");
                let read: Issue = serde_json::from_str(&text).expect("what was written");
                prop_assert_eq!(&read, issue);
            }
        }
    }

    /// An examination that judged nothing changes nothing.
    #[test]
    fn who_saw_nothing_changes_nothing(first in examination(), by in 0..SOURCES.len()) {
        let mut world = World::new();
        world.land(&first, minute(0));
        let mut blind = Examination::new(source(by), domain("infrastructure"), environment("prod"));
        prop_assert_eq!(world.reconcile(&blind, minute(5)).changes, vec![]);
        for index in 0..SUBJECTS.len() {
            blind.mark_clean(&subject(index), Checks::All, CleanReason::Healthy);
            blind.mark_unknown(&subject(index), Checks::All);
        }
        prop_assert_eq!(world.reconcile(&blind, minute(5)).changes, vec![]);
    }
}

#[test]
fn sources_with_the_same_words_have_issues_of_their_own() {
    let mut world = World {
        resolve_after: 1,
        ..World::new()
    };
    let seen_by = |index: usize| {
        let mut seen =
            Examination::new(source(index), domain("infrastructure"), environment("prod"));
        seen.findings.push(finding(0, 0, Severity::High, 1));
        seen
    };
    world.land(&seen_by(0), minute(0));
    let decided = world.land(&seen_by(1), minute(5));
    assert_eq!(
        (decided.count(ChangeKind::Opened), world.active.len()),
        (1, 2)
    );
    let mut well = Examination::new(source(1), domain("infrastructure"), environment("prod"));
    well.mark_clean(&subject(0), Checks::All, CleanReason::Healthy);
    world.land(&well, minute(10));
    assert_eq!(world.only().source, source(0));
    let over = world.resolved.values().next().expect("the other one");
    assert_eq!(
        (&over.source, over.status),
        (&source(1), IssueStatus::Resolved)
    );
}
