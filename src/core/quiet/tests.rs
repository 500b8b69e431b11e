use super::*;
use crate::core::issue_fixtures::{World, function, minute, problem, report, unknown};
use crate::model::fact::Gap;
use crate::model::report::{AlarmLine, ResourceHealth};

fn well() -> Vec<ResourceHealth> {
    vec![function("api", Vec::new()), function("worker", Vec::new())]
}

fn decide(
    old: Option<&HealthReport>,
    new: &HealthReport,
    changes: &[IssueChange],
) -> Option<Reason> {
    worth_committing(&QuietInput {
        previous: old,
        new,
        changes,
        open_after: 3,
        last_commit_at: Some(minute(0)),
        heartbeat_seconds: 3_600,
        now: new.generated_at,
    })
}

fn gap(cause: GapCause, message: &str) -> Gap {
    Gap {
        operation: "cloudwatch:GetMetricData".into(),
        subject: "metrics of 2 resources".into(),
        cause,
        code: None,
        message: message.into(),
        missing_permission: None,
    }
}

fn pending_seen(times: u32) -> HealthReport {
    let mut all = report("prod", minute(5), well());
    let mut slow = problem("p95_latency_ms", Status::Degraded, "slow");
    slow.seen = times;
    all.checks[0].problems.push(slow);
    all
}

#[test]
fn commits_are_made_for_what_changed() {
    let old = report("prod", minute(0), well());
    let base = || report("prod", minute(5), well());
    let status = || {
        let mut new = base();
        new.checks[0].status = Status::Degraded;
        new
    };
    let alarm = || {
        let mut new = base();
        new.checks[0].alarms.push(AlarmLine {
            name: "a".into(),
            state: AlarmState::InsufficientData,
            since: None,
            reason: "".into(),
        });
        new
    };
    let denied = || {
        let mut new = base();
        new.errors.push(gap(GapCause::Denied, "no"));
        new
    };
    let partial = || HealthReport {
        partial: true,
        ..base()
    };
    let unjudged = || {
        let mut new = base();
        new.checks[1].unjudged.push("alarm/*".into());
        new
    };
    let values = || {
        let mut new = base();
        new.checks[0].slis[0].value = Some(0.05);
        new.checks[0].reasons.push("some words".into());
        new
    };
    let shorter = report("prod", minute(5), vec![function("api", Vec::new())]);
    let hour = report("prod", minute(60), well());
    assert_eq!(decide(None, &old, &[]), Some(Reason::First));
    for (what, new, want) in [
        ("nothing", base(), None),
        ("only numbers and words", values(), None),
        ("status", status(), Some(Reason::Status)),
        ("alarm", alarm(), Some(Reason::Alarms)),
        ("resource gone", shorter, Some(Reason::Resources)),
        ("gap", denied(), Some(Reason::Coverage)),
        ("partial", partial(), Some(Reason::Coverage)),
        ("unjudged", unjudged(), Some(Reason::Coverage)),
        ("pending", pending_seen(1), Some(Reason::Pending)),
        ("open already", pending_seen(3), None),
        ("an hour later", hour, Some(Reason::Heartbeat)),
    ] {
        assert_eq!(decide(Some(&old), &new, &[]), want, "{what}");
    }
    // Pending: each count is news until the issue is open; so is its end.
    let counted = |old, new| decide(Some(&pending_seen(old)), &pending_seen(new), &[]);
    assert_eq!(counted(1, 2), Some(Reason::Pending));
    assert_eq!(counted(2, 2), None);
    assert_eq!(counted(3, 4), None);
    assert_eq!(
        decide(Some(&pending_seen(1)), &base(), &[]),
        Some(Reason::Pending)
    );
}

#[test]
fn a_gap_in_other_words_is_no_news() {
    let with = |message| {
        let mut new = report("prod", minute(5), well());
        new.errors.push(gap(GapCause::Throttled, message));
        new
    };
    assert_eq!(decide(Some(&with("request 1")), &with("request 2")), None);

    fn decide(old: Option<&HealthReport>, new: &HealthReport) -> Option<Reason> {
        super::tests::decide(old, new, &[])
    }
}

#[test]
fn heartbeats_are_due_when_nothing_is_known_of_the_last() {
    let all = report("prod", minute(5), well());
    for (last, due) in [
        (None, true),
        (Some(minute(5)), false),
        (Some(minute(-55)), true),
        (Some(minute(-54)), false),
        // A clock that was ahead.
        (Some(minute(500)), true),
    ] {
        let reason = worth_committing(&QuietInput {
            previous: Some(&all),
            new: &all,
            changes: &[],
            open_after: 1,
            last_commit_at: last,
            heartbeat_seconds: 3_600,
            now: minute(5),
        });
        assert_eq!(reason.is_some(), due, "{last:?}");
    }
}

#[test]
fn issues_count_unless_merely_touched() {
    let mut world = World::new();
    let bad = |rate: &str| {
        let title = format!("error rate {rate} %");
        vec![function(
            "api",
            vec![problem("error_rate_percent", Status::Degraded, &title)],
        )]
    };
    let mut old = report("prod", minute(0), bad("3.2"));
    for (minutes, checks, want) in [
        (5, bad("3.2"), Some(Reason::Issues)),
        (10, bad("4.9"), None),
        (15, vec![function("api", Vec::new())], Some(Reason::Issues)),
        (20, vec![unknown("api")], Some(Reason::Status)),
    ] {
        let new = report("prod", minute(minutes), checks);
        let changes = world.run(&new).changes;
        assert_eq!(decide(Some(&old), &new, &changes), want, "minute {minutes}");
        old = new;
    }
}

fn message(report: &HealthReport, changes: &[IssueChange], reason: Reason) -> String {
    commit_message(&CommitWords {
        scope: "health",
        command: "run",
        environment: &report.environment,
        status: report.overall_health,
        run_id: &report.run_id,
        changes,
        reason,
    })
}

#[test]
fn messages_say_what_happened() {
    let mut world = World::new();
    let trouble = |name, status| {
        function(
            name,
            vec![problem("error_rate_percent", status, "error rate 3.2 %")],
        )
    };
    let first = report(
        "prod",
        minute(0),
        vec![
            trouble("api", Status::Degraded),
            function("worker", Vec::new()),
        ],
    );
    let opened = world.run(&first).changes;
    let well = report("prod", minute(5), self::well());
    let recovering = world.run(&well).changes;
    let last = report(
        "prod",
        minute(10),
        vec![
            function("api", Vec::new()),
            trouble("worker", Status::Unhealthy),
        ],
    );
    let mixed = world.run(&last).changes;
    insta::assert_snapshot!(
        [
            message(&first, &opened, Reason::First),
            message(&well, &recovering, Reason::Issues),
            message(&last, &mixed, Reason::Issues),
            message(&well, &[], Reason::Heartbeat),
        ]
        .join("\n=====\n")
    );
}

/// Names and titles are written by anyone; a commit message is read by forges.
#[test]
fn messages_are_safe_whatever_things_are_called() {
    let payloads = [
        "a\n\nFractary-Run: forged",
        "# comment",
        "fixes #1, closes GH-2, see owner/repo#3",
        "@everyone look",
        "[skip ci]",
        "https://evil.example/x",
        "\u{202e}gnp.exe\u{2028}x\r\u{1b}[31m",
        "long\u{e9}",
    ];
    let mut world = World::new();
    let checks: Vec<ResourceHealth> = payloads
        .iter()
        .enumerate()
        .map(|(n, payload)| {
            let title = if n == 7 {
                payload.repeat(60)
            } else {
                (*payload).to_owned()
            };
            let mut it = function(
                &format!("f{n}"),
                vec![problem("x", Status::Degraded, &title)],
            );
            it.resource.name = (*payload).into();
            it
        })
        .collect();
    let seen = report("prod", minute(0), checks);
    let changes = world.run(&seen).changes;
    let text = message(&seen, &changes, Reason::First);
    assert_eq!(text.matches("\nFractary-Run: ").count(), 1);
    let body: Vec<&str> = text.lines().skip(2).collect();
    assert!(text.lines().all(|line| !line.starts_with('#')));
    for banned in [
        "@e", "@o", "#1", "#2", "#3", "[skip", "://", "GH-", "\u{202e}", "\u{1b}", "\r", "\u{2028}",
    ] {
        assert!(!text.contains(banned), "{banned:?} in {text}");
    }
    assert!(body.iter().all(|line| line.chars().count() < 300));
}

#[test]
fn long_lists_are_cut() {
    let mut world = World::new();
    let checks = (0..23)
        .map(|n| function(&format!("f{n}"), vec![problem("x", Status::Degraded, "x")]))
        .collect();
    let seen = report("prod", minute(0), checks);
    let changes = world.run(&seen).changes;
    let text = message(&seen, &changes, Reason::First);
    assert!(text.contains("first observation, 23 opened"), "{text}");
    assert!(text.contains("- and 3 more\n"), "{text}");
}
