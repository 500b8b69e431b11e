use std::fmt::Write as _;

use super::reconcile::ChangeKind;
use super::timeline::MOST_EVENTS;
use crate::core::health::alarm_check;
use crate::core::issue_fixtures::{
    World, domain, environment, function, function_arn, minute, problem, report, sli, unknown,
};
use crate::model::issue::{Issue, IssueStatus, Note};
use crate::model::report::{AlarmLine, Problem, ResourceHealth};
use crate::model::snapshot::AlarmState;
use crate::model::status::{Severity, Status, Verdict};

const ERRORS: &str = "error_rate_percent";

/// An error rate past its target.
fn errors(rate: f64) -> ResourceHealth {
    let title = format!("error rate {rate} % (target 0.1 %)");
    let status = if rate >= 5.0 {
        Status::Unhealthy
    } else {
        Status::Degraded
    };
    let mut broken = function(
        "api",
        vec![Problem {
            slo_breach: true,
            ..problem(ERRORS, status, &title)
        }],
    );
    broken.slis = vec![sli(ERRORS, rate, 0.1, Verdict::Breach)];
    broken
}

fn well() -> ResourceHealth {
    function("api", Vec::new())
}

/// Kinds of change that one run makes.
fn kinds(world: &mut World, at_minute: i64, checks: Vec<ResourceHealth>) -> Vec<ChangeKind> {
    let decided = world.run(&report("prod", minute(at_minute), checks));
    decided.changes.iter().map(|c| c.kind).collect()
}

/// A world with one open issue about the error rate of `api`.
fn with_issue() -> World {
    let mut world = World::new();
    assert_eq!(
        kinds(&mut world, 0, vec![errors(3.2)]),
        [ChangeKind::Opened]
    );
    world
}

#[test]
fn an_opened_issue_carries_all_that_is_known() {
    let world = with_issue();
    let text = serde_json::to_string_pretty(world.only()).expect("JSON");
    insta::assert_snapshot!(text);
}

#[test]
fn issues_open_after_the_asked_number_of_runs() {
    for (open_after, seen, opens) in [
        (0, 1, true),
        (1, 1, true),
        (3, 1, false),
        (3, 2, false),
        (3, 3, true),
        (3, 9, true),
    ] {
        let mut world = World {
            open_after,
            ..World::new()
        };
        let mut resource = errors(3.2);
        resource.problems[0].seen = seen;
        let opened = kinds(&mut world, 0, vec![resource]);
        assert_eq!(
            !opened.is_empty(),
            opens,
            "open_after {open_after}, seen {seen}"
        );
    }
}

#[test]
fn a_known_issue_is_followed_whatever_its_count() {
    let mut world = World {
        open_after: 3,
        ..with_issue()
    };
    assert_eq!(
        kinds(&mut world, 5, vec![errors(3.2)]),
        [ChangeKind::Touched]
    );
}

#[test]
fn seeing_it_again_tells_numbers_from_news() {
    use ChangeKind::{Touched, Updated, Worsened};
    let renamed = || {
        let mut it = errors(3.2);
        it.problems[0].title = "error rate cannot be right".into();
        it
    };
    let met = || {
        let mut it = errors(3.2);
        it.problems[0].slo_breach = false;
        it
    };
    let more_symptoms = || {
        let mut it = errors(3.2);
        it.problems[0].symptoms.push("throttled too".into());
        it
    };
    let new_target = || {
        let mut it = errors(3.2);
        it.slis[0].target = 0.2;
        it
    };
    let cases: [(&str, ResourceHealth, ChangeKind); 6] = [
        ("only the number", errors(4.1), Touched),
        ("words", renamed(), Updated),
        ("service level met", met(), Updated),
        ("symptoms", more_symptoms(), Updated),
        ("target", new_target(), Updated),
        ("unhealthy", errors(7.0), Worsened),
    ];
    for (what, resource, kind) in cases {
        let mut world = with_issue();
        assert_eq!(kinds(&mut world, 5, vec![resource]), [kind], "{what}");
        let issue = world.only();
        assert_eq!(issue.last_seen_at, minute(5), "{what}");
        assert_eq!(issue.detected_at, minute(0), "{what}");
    }
}

#[test]
fn severity_rises_at_once_and_falls_when_that_is_over() {
    let mut world = with_issue();
    let step = |world: &mut World, minute: i64, percent: f64| {
        let kind = kinds(world, minute, vec![errors(percent)])[0];
        let issue = world.only();
        let milder = issue.milder.map_or(0, |milder| milder.runs);
        (kind, issue.severity, milder)
    };
    use ChangeKind::{Eased, StreakAdvanced, Touched, Updated, Worsened};
    use Severity::{Critical, High};
    assert_eq!(world.only().severity, High);
    for (minute, percent, expected) in [
        (5, 7.0, (Worsened, Critical, 0)),
        (10, 2.0, (StreakAdvanced, Critical, 1)),
        // As bad again: what was milder does not count.
        (15, 7.0, (Updated, Critical, 0)),
        (20, 2.0, (StreakAdvanced, Critical, 1)),
        (25, 2.0, (Eased, High, 0)),
        (30, 2.0, (Touched, High, 0)),
        (35, 7.0, (Worsened, Critical, 0)),
    ] {
        assert_eq!(step(&mut world, minute, percent), expected, "{minute}");
        let worst = (minute == 25 || minute == 30).then_some(Critical);
        assert_eq!(world.only().worst_severity, worst, "{minute}");
        assert_eq!(world.only().peak(), Critical, "{minute}");
    }
    let impact = &world.only().impact;
    assert_eq!(impact.requests_failed, Some(70.0));
    // A healthy run is a milder one, before or behind.
    step(&mut world, 40, 2.0);
    let kind = kinds(&mut world, 45, vec![function("api", Vec::new())]);
    assert_eq!((kind[0], world.only().severity), (Eased, High));
    step(&mut world, 50, 7.0);
    kinds(&mut world, 55, vec![function("api", Vec::new())]);
    assert_eq!(step(&mut world, 60, 2.0), (Eased, High, 0));
}

#[test]
fn it_resolves_after_enough_healthy_runs() {
    for (resolve_after, runs) in [(0, 1), (1, 1), (2, 2), (4, 4)] {
        let mut world = World {
            resolve_after,
            ..with_issue()
        };
        for run in 1..runs {
            assert_eq!(
                kinds(&mut world, run * 5, vec![well()]),
                [ChangeKind::StreakAdvanced]
            );
        }
        assert_eq!(
            kinds(&mut world, runs * 5, vec![well()]),
            [ChangeKind::Resolved]
        );
        assert!(world.active.is_empty());
        let issue = world.resolved.values().next().expect("resolved");
        assert_eq!(issue.status, IssueStatus::Resolved);
        assert_eq!(issue.resolved_at, Some(minute(runs * 5)));
    }
}

/// The rule the product stands on: what was not judged does not move.
#[test]
fn what_was_not_judged_does_not_move() {
    let unlisted = ResourceHealth {
        unjudged: Vec::new(),
        ..unknown("api")
    };
    let by_name = ResourceHealth {
        unjudged: vec![ERRORS.into()],
        ..well()
    };
    let verdict = ResourceHealth {
        slis: vec![sli(ERRORS, 0.0, 0.1, Verdict::Unknown)],
        ..well()
    };
    let gone = function(
        "api",
        vec![problem("registry_drift", Status::Unhealthy, "gone")],
    );
    let twice = vec![well(), unknown("api")];
    for (what, checks) in [
        ("nothing of it was read", vec![unknown("api")]),
        ("UNKNOWN without saying of what", vec![unlisted]),
        ("the check is listed", vec![by_name]),
        ("the indicator is unknown", vec![verdict]),
        ("it is gone", vec![gone]),
        ("listed twice, once unjudged", twice),
    ] {
        let mut world = with_issue();
        kinds(&mut world, 5, vec![well()]);
        let before = world.only().clone();
        assert_eq!(before.healthy_streak, 1);
        kinds(&mut world, 10, checks);
        let id = &before.id;
        assert_eq!(world.active.get(id), Some(&before), "{what}");
    }
}

#[test]
fn a_resource_left_out_of_the_report_is_not_judged_unless_it_left_the_registry() {
    let mut world = with_issue();
    world.registered.insert(function_arn("api"));
    assert_eq!(
        kinds(&mut world, 5, vec![function("other", Vec::new())]),
        []
    );
    world.registered.clear();
    assert_eq!(
        kinds(&mut world, 10, Vec::new()),
        [ChangeKind::StreakAdvanced]
    );
    assert_eq!(kinds(&mut world, 15, Vec::new()), [ChangeKind::Resolved]);
    let issue = world.resolved.values().next().expect("resolved");
    let last = issue
        .timeline
        .last()
        .and_then(|e| e.detail.as_ref())
        .expect("a detail");
    assert_eq!(last.raw(), "no longer in the registry, open for 15 min");
}

#[test]
fn alarms_without_data_are_not_quiet() {
    let alarm = |state, unjudged: &[&str]| {
        let mut it = well();
        it.alarms = vec![AlarmLine {
            name: "orders 5xx".into(),
            state,
            since: None,
            reason: "".into(),
        }];
        it.unjudged = unjudged.iter().map(|u| (*u).to_owned()).collect();
        it
    };
    let ringing = function(
        "api",
        vec![problem(
            &alarm_check(&"orders 5xx".into()),
            Status::Degraded,
            "ringing",
        )],
    );
    for (checks, want) in [
        (vec![alarm(AlarmState::InsufficientData, &[])], vec![]),
        (vec![alarm(AlarmState::Ok, &["alarm/*"])], vec![]),
        (
            vec![alarm(AlarmState::Ok, &["alarm/other"])],
            vec![ChangeKind::StreakAdvanced],
        ),
        (vec![well()], vec![ChangeKind::StreakAdvanced]),
    ] {
        let mut world = World::new();
        kinds(&mut world, 0, vec![ringing.clone()]);
        assert_eq!(world.only().severity, Severity::Medium);
        assert_eq!(kinds(&mut world, 5, checks.clone()), want, "{checks:?}");
    }
}

#[test]
fn other_environments_and_domains_are_left_alone() {
    let mut world = with_issue();
    assert_eq!(
        world.run(&report("test", minute(5), vec![well()])).changes,
        []
    );
    let mut other = report("prod", minute(5), vec![well()]);
    other.domain = domain("application");
    let decided = world.run(&other);
    assert_eq!((decided.changes.len(), decided.open.len()), (0, 0));
    assert_eq!(world.only().healthy_streak, 0);
}

#[test]
fn trouble_that_returns_is_the_same_issue() {
    let mut world = with_issue();
    let mut noted = world.only().clone();
    noted.notes = vec![Note {
        at: minute(1),
        by: None,
        text: "looks like the deploy".into(),
    }];
    noted.root_cause = Some("bad deploy".into());
    world.active.insert(noted.id.clone(), noted.clone());
    kinds(&mut world, 5, vec![errors(7.0)]);
    kinds(&mut world, 10, vec![well()]);
    kinds(&mut world, 15, vec![well()]);
    assert_eq!(
        kinds(&mut world, 75, vec![errors(1.5)]),
        [ChangeKind::Reopened]
    );
    assert!(world.resolved.is_empty());
    let issue = world.only();
    assert_eq!(issue.id, noted.id);
    assert_eq!((issue.occurrences, issue.detected_at), (2, minute(75)));
    // It was CRITICAL when it resolved; the new occurrence begins with its own severity.
    assert_eq!(
        (issue.severity, issue.status),
        (Severity::High, IssueStatus::Active)
    );
    assert_eq!((issue.resolved_at, issue.healthy_streak), (None, 0));
    assert_eq!(issue.notes, noted.notes);
    assert_eq!(issue.root_cause, None);
    let last = issue
        .timeline
        .last()
        .and_then(|e| e.detail.as_ref())
        .expect("a detail");
    insta::assert_snapshot!(last.raw(), @"HIGH: error rate 1.5 % (target 0.1 %) (occurrence 2, 1 h after it was resolved, last time's cause: bad deploy)");
}

#[test]
fn an_issue_in_progress_keeps_its_status_and_its_people() {
    let mut world = with_issue();
    let mut issue = world.only().clone();
    issue.status = IssueStatus::Escalated;
    issue.assignee = Some("ann".into());
    world.active.insert(issue.id.clone(), issue);
    assert_eq!(
        kinds(&mut world, 5, vec![errors(3.3)]),
        [ChangeKind::Touched]
    );
    assert_eq!(world.only().status, IssueStatus::Escalated);
    assert_eq!(world.only().assignee, Some("ann".into()));
}

#[test]
fn an_id_that_another_issue_has_is_not_shared() {
    let mut world = with_issue();
    let taken = world.only().id.clone();
    let mut stranger = world.only().clone();
    stranger.check = "something_else".into();
    stranger.environment = environment("test");
    world.active.insert(taken.clone(), stranger.clone());
    assert_eq!(
        kinds(&mut world, 5, vec![errors(3.2)]),
        [ChangeKind::Opened]
    );
    assert_eq!(world.active.get(&taken), Some(&stranger));
    assert_eq!(world.active.len(), 2);
    // The longer id is found again, also after the stranger has left.
    world.active.remove(&taken);
    assert_eq!(
        kinds(&mut world, 10, vec![errors(3.2)]),
        [ChangeKind::Touched]
    );
}

#[test]
fn notes_of_a_resolved_copy_survive() {
    // Two branches: one resolved the issue, on the other it is still open.
    let mut world = with_issue();
    let mut copy = world.only().clone();
    copy.status = IssueStatus::Resolved;
    copy.notes = vec![Note {
        at: minute(1),
        by: None,
        text: "from the other branch".into(),
    }];
    world.resolved.insert(copy.id.clone(), copy);
    kinds(&mut world, 5, vec![well()]);
    kinds(&mut world, 10, vec![well()]);
    let issue = world.resolved.values().next().expect("resolved");
    assert_eq!(issue.notes.len(), 1);
}

#[test]
fn timelines_keep_the_last_hundred_events() {
    let mut world = World {
        resolve_after: 1,
        ..World::new()
    };
    for run in 0..130 {
        let checks = if run % 2 == 0 { errors(3.2) } else { well() };
        kinds(&mut world, run * 5, vec![checks]);
    }
    let issue = world.resolved.values().next().expect("resolved");
    assert_eq!(issue.timeline.len(), MOST_EVENTS);
    assert_eq!(issue.timeline_dropped, 30);
    assert_eq!(issue.occurrences, 65);
    assert_eq!(
        issue.timeline.last().map(|e| e.event.as_str()),
        Some("resolved")
    );
}

#[test]
fn problems_that_are_none_open_nothing() {
    let odd = |status| function("api", vec![problem("x", status, "odd")]);
    let mut world = World::new();
    assert_eq!(kinds(&mut world, 0, vec![odd(Status::Healthy)]), []);
    assert_eq!(kinds(&mut world, 0, vec![odd(Status::Unknown)]), []);
}

/// Fifteen runs over one function: opens, worsens, flaps, goes unseen, resolves, returns,
/// is taken out of the registry.
#[test]
fn the_life_of_an_issue() {
    let mut world = World::new();
    let calm = || {
        let mut it = errors(0.4);
        it.problems[0].slo_breach = false;
        it
    };
    let runs: Vec<(&str, Vec<ResourceHealth>)> = vec![
        ("well", vec![well()]),
        ("errors 3.2 %", vec![errors(3.2)]),
        ("errors 3.4 %", vec![errors(3.4)]),
        ("errors 7 %", vec![errors(7.0)]),
        ("AWS denies", vec![unknown("api")]),
        ("errors 1 %", vec![errors(1.0)]),
        ("well", vec![well()]),
        ("errors 1.1 %", vec![errors(1.1)]),
        ("errors 0.4 %, met", vec![calm()]),
        ("well", vec![well()]),
        ("AWS denies", vec![unknown("api")]),
        ("well", vec![well()]),
        ("well", vec![well()]),
        ("errors 2 %", vec![errors(2.0)]),
        ("unregistered", vec![]),
        ("unregistered", vec![]),
    ];
    let mut text = String::new();
    for (run, (what, checks)) in runs.into_iter().enumerate() {
        let now = minute(i64::try_from(run).expect("few") * 5);
        let decided = world.run(&report("prod", now, checks));
        let state: Vec<String> = decided
            .changes
            .iter()
            .map(|c| {
                let Issue {
                    severity,
                    healthy_streak,
                    occurrences,
                    ..
                } = &c.after;
                format!(
                    "{:?} ({severity}, streak {healthy_streak}, #{occurrences})",
                    c.kind
                )
            })
            .collect();
        writeln!(text, "{run:>2} {what:<18} {}", state.join("; ")).expect("a String");
    }
    let issue = world.resolved.values().next().expect("resolved in the end");
    writeln!(text, "\ntimeline of {}", issue.id).expect("a String");
    for event in &issue.timeline {
        let detail = event.detail.as_ref().map_or("", |d| d.raw());
        writeln!(text, "{} {:<15} {detail}", event.at, event.event).expect("a String");
    }
    insta::assert_snapshot!(text);
}
