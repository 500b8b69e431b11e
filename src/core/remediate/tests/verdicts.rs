//! Whether a change has helped, as tables over reports.

use jiff::Timestamp;
use serde_json::json;

use crate::core::issue_fixtures::{function, function_arn, minute, problem, report, sli, unknown};
use crate::core::remediate::history::{self, Remediation};
use crate::core::remediate::verify;
use crate::model::ids::IssueId;
use crate::model::remediation::{HealthReading, RemediationEntry, RemediationOutcome};
use crate::model::report::{HealthReport, ResourceHealth};
use crate::model::status::{Status, Verdict};

const ISSUE: &str = "issue-1";

/// A restart that AWS had made at minute 2; it settles for a minute.
fn applied() -> Remediation {
    let entry: RemediationEntry = serde_json::from_value(json!({
        "environment": "prod", "outcome": "unverified", "resource": "api", "kind": "lambda",
        "arn": function_arn("api"), "action": "restart_lambda", "safety": "confirm", "issue_id": ISSUE,
        "consent": { "how": "typed", "at": minute(2) }, "applied_at": minute(2),
        "plan": { "from": "a", "to": "b", "impact": "c", "facts_hash": "d" },
        "verification": { "before": { "status": "UNHEALTHY", "values": { "requests": 1000.0 } }, "waited_seconds": 0 },
    }))
    .expect("an entry");
    Remediation {
        id: "r-1".to_owned(),
        first: entry.clone(),
        started_at: minute(1),
        last: entry,
        last_at: minute(2),
        entries: 2,
    }
}

/// The same, after it had helped by the period that began at minute 5.
fn helped() -> Remediation {
    let mut one = applied();
    one.last.outcome = RemediationOutcome::Success;
    if let Some(verification) = &mut one.last.verification {
        verification.after = Some(HealthReading {
            window_start: Some(minute(5)),
            ..HealthReading::default()
        });
    }
    one
}

fn measured(percent: f64, requests: f64) -> ResourceHealth {
    let verdict = match percent {
        0.0 => Verdict::Ok,
        _ => Verdict::Critical,
    };
    let problems = match verdict {
        Verdict::Ok => Vec::new(),
        _ => vec![problem("error_rate_percent", Status::Unhealthy, "errors")],
    };
    let mut check = function("api", problems);
    check.slis = vec![sli("error_rate_percent", percent, 1.0, verdict)];
    check.slis[0].total = Some(requests);
    check
}

fn few() -> ResourceHealth {
    let mut check = measured(0.0, 17.0);
    check.slis[0].verdict = Verdict::TooFewSamples;
    check
}

fn idle() -> ResourceHealth {
    let mut check = function("api", Vec::new());
    check.idle = true;
    check.slis.clear();
    check
}

/// A report over these minutes.
fn seen(start: i64, end: i64, check: ResourceHealth) -> HealthReport {
    let mut report = report("prod", minute(end + 2), vec![check]);
    report.window.start = minute(start);
    report.window.end = minute(end);
    report
}

fn news(one: &Remediation, report: &HealthReport, deployed: &[Timestamp]) -> Option<String> {
    let news = verify::news(one, report, deployed, &[])?;
    assert!(news.verification.after.is_some());
    Some(format!("{}: {}", news.outcome.word(), news.reason.raw()))
}

#[test]
fn only_periods_that_began_after_it_judge_it() {
    let one = applied();
    for (what, report, wanted) in [
        ("before", seen(-5, 0, measured(50.0, 1000.0)), None),
        (
            "the period it was made in",
            seen(0, 5, measured(0.0, 1000.0)),
            None,
        ),
        ("while it settles", seen(2, 7, measured(0.0, 1000.0)), None),
        (
            "well",
            seen(5, 10, measured(0.0, 1000.0)),
            Some("success: healthy after 10 minutes, 1,000 requests"),
        ),
        (
            "not well, with the evidence first",
            seen(5, 10, measured(50.0, 1000.0)),
            Some(
                "failed: error rate percent still 50 % (SLO 1 %) after 10 minutes, 1,000 requests",
            ),
        ),
        ("no requests", seen(5, 10, idle()), None),
        ("too few requests", seen(5, 10, few()), None),
        (
            "fewer than half of the requests",
            seen(5, 10, measured(0.0, 400.0)),
            None,
        ),
        ("AWS answers errors only", seen(5, 10, unknown("api")), None),
        (
            "another resource",
            seen(5, 10, function("worker", Vec::new())),
            None,
        ),
    ] {
        assert_eq!(news(&one, &report, &[]).as_deref(), wanted, "{what}");
    }
    // A deployment meanwhile: nobody knows which of the two it was.
    let well = seen(5, 10, measured(0.0, 1000.0));
    assert_eq!(news(&one, &well, &[minute(6)]), None);
    assert!(news(&one, &well, &[minute(1), minute(30)]).is_some());
}

#[test]
fn of_two_actions_on_one_resource_neither_is_credited_alone() {
    let well = seen(5, 10, measured(0.0, 1000.0));
    let other = |id: &str, minutes: i64, arn: &str| {
        let mut other = applied();
        other.id = id.to_owned();
        other.first.arn = function_arn(arn);
        other.last.applied_at = Some(minute(minutes));
        other
    };
    let outcome = |done: &[Remediation]| {
        let one = applied();
        verify::news(&one, &well, &[], done).map(|said| said.outcome)
    };
    let helped = Some(RemediationOutcome::Success);
    // One of another resource, one after the report, and itself do not matter.
    for (minutes, arn, id, wanted) in [
        (4, "api", "r-2", None),
        (9, "api", "r-2", None),
        (1, "api", "r-2", None),
        (4, "web", "r-2", helped),
        (11, "api", "r-2", helped),
        (4, "api", "r-1", helped),
    ] {
        let done = [other(id, minutes, arn)];
        assert_eq!(outcome(&done), wanted, "{minutes} {arn} {id}");
    }
    // One before it matters where what was seen before does not show it, and is not undone.
    let mut seen_before = applied();
    let seen_first = seen_before.first.verification.as_mut();
    seen_first.expect("it has one").before.window_start = Some(minute(1));
    let earlier = |done: Remediation| {
        verify::news(&seen_before, &well, &[], &[done]).map(|said| said.outcome)
    };
    assert_eq!(earlier(other("r-2", 0, "api")), helped);
    assert_eq!(earlier(other("r-2", 1, "api")), None);
    let mut undo = other("r-2", 1, "api");
    undo.first.undoes = Some("r-0".to_owned());
    assert_eq!(earlier(undo), helped);
    // A day later it is said why.
    let day = 24 * 60;
    let late = seen(day + 5, day + 10, measured(0.0, 1000.0));
    let said = verify::news(&applied(), &late, &[], &[other("r-2", 4, "api")]).expect("news");
    let why = "not evaluated within 24 hours: joint: r-2 has changed the same resource too";
    assert_eq!(said.reason.raw(), why);
}

#[test]
fn nothing_waits_for_ever() {
    let day = 24 * 60;
    for (check, why) in [
        (idle(), "no requests since the change"),
        (
            few(),
            "too few requests to evaluate its error rate percent: 17",
        ),
        (function("worker", Vec::new()), "it is not in the report"),
        (
            measured(0.0, 1000.0),
            "no report covers a period after it alone",
        ),
    ] {
        let one = applied();
        let early = seen(day - 5, day, check.clone());
        let early = news(&one, &early, &[]);
        assert!(early.is_none_or(|said| said.starts_with("success")));
        let late = seen(day + 5, day + 10, check);
        let said = verify::news(&one, &late, &[], &[]).expect(why);
        assert_eq!(said.outcome, RemediationOutcome::Unverified);
        assert_eq!(
            said.reason.raw(),
            format!("not evaluated within 24 hours: {why}")
        );
        let mut closed = one;
        closed.last.verification = Some(said.verification);
        assert!(!history::is_waiting(&closed));
        assert_eq!(news(&closed, &late, &[]), None, "it is said once");
    }
}

#[test]
fn what_comes_back_within_a_day_was_not_solved() {
    let one = helped();
    let bad = |issue: Option<&str>| {
        let mut check = measured(50.0, 1000.0);
        check.issue_id = issue.map(|id| IssueId::new(id).expect("an id"));
        check
    };
    let day = 24 * 60;
    for (what, report, wanted) in [
        ("still well", seen(60, 65, measured(0.0, 1000.0)), None),
        ("the same period again", seen(5, 10, bad(Some(ISSUE))), None),
        (
            "back",
            seen(60, 65, bad(Some(ISSUE))),
            Some("failed: it came back after 1 h 5 min: error rate percent 50 % (SLO 1 %)"),
        ),
        ("another problem", seen(60, 65, bad(Some("issue-2"))), None),
        ("not known", seen(60, 65, unknown("api")), None),
        (
            "a day later",
            seen(day + 5, day + 10, bad(Some(ISSUE))),
            None,
        ),
    ] {
        assert_eq!(news(&one, &report, &[]).as_deref(), wanted, "{what}");
    }
    let back = seen(60, 65, bad(Some(ISSUE)));
    assert_eq!(
        news(&one, &back, &[minute(30)]),
        None,
        "something was deployed"
    );
}

#[test]
fn a_report_that_divides_before_from_after_is_worth_keeping() {
    let one = applied();
    for (start, end, wanted) in [(-5, 0, false), (0, 2, false), (0, 5, true), (3, 8, false)] {
        let report = seen(start, end, measured(50.0, 1000.0));
        assert_eq!(
            verify::is_dividing(&one, &report, None),
            wanted,
            "{start}–{end}"
        );
    }
    let report = seen(0, 5, measured(50.0, 1000.0));
    assert!(
        !verify::is_dividing(&helped(), &report, None),
        "it is judged"
    );
    let kept = |minutes| verify::is_dividing(&one, &report, Some(minute(minutes)));
    assert!(kept(0));
    assert!(!kept(5), "the one that was kept divides already");
}
