use super::*;
use crate::catalog::errors::KnownErrors;
use crate::model::debug::{
    DebugReport, ErrorCategory, RankedSolution, SolutionCategory, SolutionSource, SuccessRate,
};
use crate::model::fact::{Gap, GapCause};
use crate::model::issue_log::{IssueLog, LoggedIssue};
use crate::text::Untrusted;
use jiff::Timestamp;
use proptest::prelude::*;

const EXISTS: &str = "An error occurred (EntityAlreadyExists) when calling the CreateRole operation: Role with name orders-api already exists.";
const BUSY: &str = "An error occurred (ValidationException) when calling the UpdateThing operation: The thing orders is in a strange mood";

fn at(days: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + days * 86_400).expect("a time")
}

fn occasion(environment: &str, days: i64) -> RecordContext<'_> {
    RecordContext {
        environment: Some(environment),
        command: None,
        at: at(days),
    }
}

fn report(text: &str, issues: &[LoggedIssue], environment: &str, days: i64) -> DebugReport {
    let log = IssueLog {
        issues: issues.to_vec(),
        ..IssueLog::default()
    };
    let experience = Experience {
        known: KnownErrors::built_in(),
        log: Some(&log),
        environment: Some(environment),
        now: at(days),
    };
    diagnose(text, experience)
}

fn attempt(id: &str, worked: bool) -> Attempt {
    Attempt {
        solution_id: id.to_owned(),
        description: Untrusted::from(id),
        category: SolutionCategory::ConfigFix,
        steps: Vec::new(),
        worked,
        automated: false,
    }
}

/// A log in which the error occurred and these solutions were tried on the day.
fn tried_on(text: &str, environment: &str, all: &[(&str, u64, u64)], day: i64) -> Vec<LoggedIssue> {
    let mut issues = Vec::new();
    let errors = report(text, &[], environment, day).errors;
    occurred(&mut issues, &errors, occasion(environment, day));
    let id = errors[0].issue_id.clone();
    for (solution, successes, failures) in all {
        for _ in 0..*successes {
            let attempt = attempt(solution, true);
            tried(&mut issues, &id, &attempt, occasion(environment, day)).expect("it is there");
        }
        for _ in 0..*failures {
            let attempt = attempt(solution, false);
            tried(&mut issues, &id, &attempt, occasion(environment, day)).expect("it is there");
        }
    }
    issues
}

fn first(report: &DebugReport) -> &RankedSolution {
    &report.errors[0].solutions[0]
}

#[test]
fn occurrences_are_counted_and_linked() {
    let mut issues = Vec::new();
    for day in 0..3 {
        let errors = report(&format!("{EXISTS}\n{BUSY}\n"), &issues, "test", day).errors;
        assert_eq!(
            occurred(&mut issues, &errors, occasion("test", day)).len(),
            2
        );
    }
    assert_eq!(issues.len(), 2);
    assert_eq!(issues[0].occurrence_count, 3);
    assert_eq!((issues[0].first_seen, issues[0].last_seen), (at(0), at(2)));
    assert_eq!(issues[0].related_issues, [issues[1].issue_id.clone()]);
    let seen = report(EXISTS, &issues, "test", 3);
    let seen = seen.errors[0]
        .seen_before
        .as_ref()
        .map(|seen| seen.occurrence_count);
    assert_eq!(seen, Some(3));
}

#[test]
fn what_worked_comes_first_and_waiting_is_always_there() {
    let issues = tried_on(EXISTS, "test", &[("by-hand", 5, 0), (WAIT, 1, 4)], 0);
    let found = report(EXISTS, &issues, "test", 1);
    assert_eq!(first(&found).solution_id, "by-hand");
    assert_eq!(first(&found).source, SolutionSource::ThisIssue);
    assert_eq!(first(&found).better_than_waiting, Some(true));
    let nothing = report(BUSY, &[], "test", 0);
    assert_eq!(first(&nothing).solution_id, WAIT);
}

/// What was tried last would be credited for what passed by itself.
#[test]
fn a_fix_no_better_than_waiting_is_told_and_comes_behind_it() {
    let issues = tried_on(BUSY, "test", &[("restart", 3, 3), (WAIT, 9, 1)], 0);
    let found = report(BUSY, &issues, "test", 1);
    assert_eq!(first(&found).solution_id, WAIT);
    let restart = &found.errors[0].solutions[1];
    assert_eq!(restart.better_than_waiting, Some(false));
}

#[test]
fn what_is_proven_in_test_only_is_told_in_prod() {
    let issues = tried_on(EXISTS, "test", &[("by-hand", 9, 1)], 0);
    let prod = report(EXISTS, &issues, "prod", 1);
    assert!(first(&prod).proven_elsewhere_only);
    assert_eq!(first(&prod).proven_in, ["test"]);
    let held = &completions(&prod)[0].held_by;
    assert_eq!(held[..], ["the solution is proven in test only"]);
    assert!(!first(&report(EXISTS, &issues, "test", 1)).proven_elsewhere_only);
}

#[test]
fn a_solution_of_a_similar_issue_is_offered_behind_its_own() {
    let other = "An error occurred (ValidationException) when calling the UpdateThing operation: The thing is asleep";
    let issues = tried_on(other, "test", &[("wake-it", 4, 0)], 0);
    let found = report(BUSY, &issues, "test", 1);
    let ids: Vec<_> = found.errors[0]
        .solutions
        .iter()
        .map(|one| one.solution_id.as_str())
        .collect();
    assert_eq!(ids, [WAIT, "wake-it"]);
    assert_eq!(
        found.errors[0].solutions[1].source,
        SolutionSource::SimilarIssue
    );
}

#[test]
fn time_to_solve_is_of_successes_only() {
    let mut issues = tried_on(BUSY, "test", &[], 0);
    let id = issues[0].issue_id.clone();
    tried(&mut issues, &id, &attempt("a", false), occasion("test", 1));
    assert_eq!(issues[0].solutions[0].avg_resolution_time_seconds, None);
    tried(&mut issues, &id, &attempt("a", true), occasion("test", 2));
    assert_eq!(
        issues[0].solutions[0].avg_resolution_time_seconds,
        Some(2 * 86_400)
    );
    assert_eq!(issues[0].open_since, None);
    let figures = statistics(&issues);
    assert_eq!(figures["success_rate_percent"], 50.0);
    assert_eq!(figures["automation_rate_percent"], 0.0);
    assert_eq!(
        statistics(&[])["automation_rate_percent"],
        serde_json::Value::Null
    );
}

#[test]
fn nothing_of_the_account_gets_into_the_log() {
    let text = "An error occurred (ValidationException) when calling the AssumeRole operation: arn:aws:iam::111122223333:role/a from 203.0.113.7, password=hunter2hunter2, authorization id: AbC123def456GHI, Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm";
    let issues = tried_on(text, "test", &[("by-hand", 1, 0)], 0);
    let written = serde_json::to_string(&issues).expect("JSON");
    for secret in [
        "111122223333",
        "203.0.113.7",
        "hunter2",
        "AbC123def456GHI",
        "4GIOHlTk",
    ] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

#[test]
fn housekeeping_drops_what_never_works_and_what_nobody_solved() {
    let mut issues = tried_on(
        EXISTS,
        "test",
        &[("never", 1, 60), ("seldom", 10, 60), (WAIT, 0, 60)],
        0,
    );
    let unsolved = tried_on(BUSY, "test", &[("a", 0, 1)], 0);
    issues.extend(unsolved);
    assert_eq!(
        tidy(&mut issues, at(179)).expect("something")["dropped_solutions"],
        1
    );
    let left: Vec<_> = issues[0]
        .solutions
        .iter()
        .map(|one| one.solution_id.as_str())
        .collect();
    assert_eq!(left, ["seldom", WAIT]);
    assert_eq!(issues.len(), 2);
    assert_eq!(
        tidy(&mut issues, at(181)).expect("something")["dropped_issues"],
        1
    );
    assert_eq!(issues.len(), 1, "what was solved once stays");
    assert_eq!(tidy(&mut issues, at(999)), None);
}

/// An issue that an older normalizer made gets the id of today, and its old one as alias.
#[test]
fn issues_that_became_one_are_merged() {
    let mut issues = tried_on(BUSY, "test", &[("a", 1, 1)], 0);
    let mut old = tried_on(BUSY, "prod", &[("a", 2, 0), ("b", 1, 0)], 5).remove(0);
    let id = issues[0].issue_id.clone();
    old.issue_id = "0123456789ab".to_owned();
    issues.push(old);
    assert_eq!(
        tidy(&mut issues, at(6)).expect("something")["merged_issues"],
        1
    );
    let [one] = &issues[..] else {
        panic!("{issues:#?}")
    };
    assert_eq!(one.issue_id, id);
    assert_eq!(one.aliases, ["0123456789ab"]);
    assert_eq!(one.occurrence_count, 2);
    assert_eq!(one.solutions[0].success_rate, SuccessRate::new(3, 1));
    assert_eq!(one.error.context.environments.len(), 2);
    let log = IssueLog {
        issues: issues.clone(),
        ..IssueLog::default()
    };
    assert!(log.find("0123456789ab").is_some());
}

#[test]
fn solutions_are_meant_by_id_or_words() {
    let issues = tried_on(EXISTS, "test", &[("by-hand", 1, 0)], 0);
    let id = issues[0].issue_id.clone();
    let shown = report(EXISTS, &issues, "test", 1);
    let find = |tried: &str| find_solution(&issues, &id, shown.errors.first(), tried);
    for known in ["by-hand", WAIT, "iam-entity-exists", "s3-bucket-owned"] {
        assert_eq!(find(known).expect("known").solution_id, known);
    }
    assert_eq!(
        find("Raised the timeout!").expect("new").solution_id,
        "raised-the-timeout"
    );
    assert_eq!(
        find("by-h").expect("the start of one").solution_id,
        "by-hand"
    );
    assert_eq!(find("  wait ").expect("the start of one").solution_id, WAIT);
    assert!(find("").is_err() && find(" ").is_err());
    let known = find("by-hnad").expect_err("a slip");
    assert!(known.iter().any(|one| one == "by-hand") && known.iter().any(|one| one == WAIT));
}

#[test]
fn the_start_of_several_solutions_is_none_of_them() {
    let issues = tried_on(
        EXISTS,
        "test",
        &[("by-hand", 1, 0), ("by-hand-again", 1, 0)],
        0,
    );
    let id = issues[0].issue_id.clone();
    let find = |tried: &str| find_solution(&issues, &id, None, tried);
    assert_eq!(find("by-h").expect_err("two"), ["by-hand", "by-hand-again"]);
    assert_eq!(find("by-hand").expect("one exactly").solution_id, "by-hand");
    assert_eq!(find("by-hand-").expect("one").solution_id, "by-hand-again");
    // Without the text, too, the issue has what the catalogue knows of it.
    assert_eq!(
        find("iam-entity-ex").expect("one").solution_id,
        "iam-entity-exists"
    );
}

const OWNED: &str = "\
╷
│ Error: creating S3 Bucket (acme-orders): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 08J2B14W7G3ZB0D0, HostID: Cegw==, BucketAlreadyOwnedByYou:
│
│   with aws_s3_bucket.orders,
│   on main.tf line 3, in resource \"aws_s3_bucket\" \"orders\":
│    3: resource \"aws_s3_bucket\" \"orders\" {
│
╵
";

/// The fixes that are offered before a step at these addresses.
fn offered(issues: &[LoggedIssue], environment: &str, addresses: &[&str]) -> Vec<String> {
    let log = IssueLog {
        issues: issues.to_vec(),
        ..IssueLog::default()
    };
    let experience = Experience {
        known: KnownErrors::built_in(),
        log: Some(&log),
        environment: None,
        now: at(9),
    };
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let step = NextStep {
        environment,
        addresses: &addresses,
    };
    let fixes = before_retry(experience, step).into_iter();
    fixes.map(|fix| fix.solution.solution_id).collect()
}

#[test]
fn a_fix_that_worked_three_times_is_offered_before_the_step_that_failed_last_time() {
    const BUCKET: &[&str] = &["aws_sqs_queue.a", "aws_s3_bucket.orders"];
    for (successes, wanted) in [(2, &[][..]), (3, &["import-it"][..])] {
        let mut issues = tried_on(OWNED, "test", &[("import-it", successes, 0)], 0);
        assert!(offered(&issues, "test", BUCKET).is_empty(), "it is solved");
        let again = report(OWNED, &issues, "test", 8).errors;
        assert!(!is_open(&issues, &again[0].issue_id));
        occurred(&mut issues, &again, occasion("test", 8));
        assert!(is_open(&issues, &again[0].issue_id));
        assert_eq!(offered(&issues, "test", BUCKET), wanted);
        assert!(offered(&issues, "test", &["aws_sqs_queue.a"]).is_empty());
        assert!(
            offered(&issues, "prod", BUCKET).is_empty(),
            "it failed in test"
        );
        let after: Vec<_> = proven_fixes(&report(OWNED, &issues, "test", 9));
        let after: Vec<_> = after
            .iter()
            .map(|fix| fix.solution.solution_id.as_str())
            .collect();
        assert_eq!(after, wanted);
    }
}

/// What passes by itself needs no fix, and what worked elsewhere is labelled.
#[test]
fn a_fix_is_not_offered_where_waiting_does_as_well() {
    let mut issues = tried_on(OWNED, "test", &[("restart", 3, 3), (WAIT, 9, 1)], 0);
    let again = report(OWNED, &issues, "test", 8).errors;
    occurred(&mut issues, &again, occasion("test", 8));
    assert!(offered(&issues, "test", &["aws_s3_bucket.orders"]).is_empty());
    let proven = tried_on(OWNED, "test", &[("import-it", 4, 0)], 0);
    let [fix] = &proven_fixes(&report(OWNED, &proven, "prod", 9))[..] else {
        panic!("one fix")
    };
    assert!(fix.solution.proven_elsewhere_only);
}

fn gap(cause: GapCause, operation: &str, message: &str) -> Gap {
    Gap {
        operation: operation.to_owned(),
        subject: "metrics of 3 resources".to_owned(),
        cause,
        code: Some(Untrusted::from("AccessDenied")),
        message: Untrusted::from(message),
        missing_permission: None,
    }
}

const NO_METRICS: &str = "User: arn:aws:sts::111122223333:assumed-role/observe/run-7 is not authorized to perform: cloudwatch:GetMetricData because no identity-based policy allows the cloudwatch:GetMetricData action";

/// What a run is refused is recorded once, and closed without a solution when it is over.
#[test]
fn what_our_own_runs_are_refused_opens_and_closes() {
    let experience = |day| Experience {
        known: KnownErrors::built_in(),
        log: None,
        environment: Some("test"),
        now: at(day),
    };
    let of_run = |environment, day| RecordContext {
        command: Some("run"),
        ..occasion(environment, day)
    };
    let denied = gap(GapCause::Denied, "cloudwatch:GetMetricData", NO_METRICS);
    let slow = gap(
        GapCause::Throttled,
        "cloudwatch:DescribeAlarms",
        "Rate exceeded",
    );
    let refused = own_errors(
        &[denied.clone(), slow.clone(), denied.clone()],
        experience(0),
    );
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert_eq!(refused[0].category, ErrorCategory::Permission);
    assert_eq!(
        refused[0].error.operation,
        Some(Untrusted::from("GetMetricData"))
    );
    let mut issues = Vec::new();
    let entries = occurred(&mut issues, &refused, of_run("test", 0));
    assert_eq!(entries[0]["command"], "run");
    assert!(
        !answers_the_rest(&[denied.clone(), slow]),
        "what was slow may hide others"
    );
    assert!(answers_the_rest(&[denied]) && answers_the_rest(&[]));
    assert!(
        passed(&mut issues, &refused, of_run("test", 1)).is_empty(),
        "still refused"
    );
    assert!(
        passed(&mut issues, &[], of_run("prod", 1)).is_empty(),
        "another environment"
    );
    assert!(
        passed(&mut issues, &[], occasion("test", 1)).is_empty(),
        "no run of ours"
    );
    assert!(is_open(&issues, &refused[0].issue_id));
    let entries = passed(&mut issues, &[], of_run("test", 2));
    assert_eq!(entries[0]["event"], "passed");
    assert!(!is_open(&issues, &refused[0].issue_id));
    assert!(
        issues[0].solutions.is_empty(),
        "nobody knows what solved it"
    );
    let written = serde_json::to_string(&issues).expect("JSON");
    assert!(!written.contains("111122223333"), "{written}");
}

#[test]
fn completing_names_commands_and_consents_and_never_unlocks() {
    let found = report(EXISTS, &[], "prod", 0);
    let [one] = &completions(&found)[..] else {
        panic!("one error")
    };
    let consents: Vec<bool> = one.steps.iter().map(|step| step.needs_consent).collect();
    assert_eq!(consents, [false, true, false]);
    assert_eq!(one.steps[1].fill_in, ["ADDRESS"]);
    let locked = "Error: Error acquiring the state lock\n\nError message: ConditionalCheckFailedException: x\nLock Info:\n  ID:        f9763602-b03f-e35c-da30-4083cdbb99ae\n  Who:       a@b\n";
    let found = report(locked, &[], "prod", 0);
    assert!(!completions(&found)[0].held_by.is_empty());
}

proptest! {
    /// In whatever order things are recorded, counts add up.
    #[test]
    fn counts_add_up(all in prop::collection::vec((0_usize..3, any::<bool>(), 0_i64..400), 0..40)) {
        let mut issues = tried_on(BUSY, "test", &[], 0);
        let id = issues[0].issue_id.clone();
        for (solution, worked, day) in &all {
            let name = ["a", "b", WAIT][*solution];
            tried(&mut issues, &id, &attempt(name, *worked), occasion("test", *day));
        }
        let figures = statistics(&issues);
        prop_assert_eq!(figures["attempts"].as_u64(), Some(all.len() as u64));
        for one in &issues[0].solutions {
            let rate = one.success_rate;
            prop_assert_eq!(rate.attempts, rate.successes + rate.failures);
            prop_assert_eq!(one.last_success.is_some(), rate.successes > 0);
            prop_assert!(one.first_used <= one.last_used);
        }
        let once = { tidy(&mut issues, at(1)); issues.clone() };
        tidy(&mut issues, at(1));
        prop_assert_eq!(once, issues);
    }
}
