//! What is learnt of errors: occurrences and attempts become what the log knows of each issue.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::identity::issue_id;
use super::normalise::{normalise, scrub};
use super::solutions::WAIT;
use crate::model::debug::{DiagnosedError, SolutionCategory, SolutionStep, SuccessRate, percent};
use crate::model::issue_log::{
    Automation, LoggedContext, LoggedError, LoggedIssue, LoggedSolution, position,
};
use crate::text::Untrusted;

/// Attempts after which a solution that hardly ever works is left out.
const ENOUGH: u64 = 50;
/// The rate below which it hardly ever works, in percent.
const HARDLY: f64 = 10.0;
/// Days after which an issue without a solution is left out.
const FORGOTTEN_DAYS: i64 = 180;

/// An attempt to solve an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Id of the solution.
    pub solution_id: String,
    /// What it does.
    pub description: Untrusted,
    /// What it changes.
    pub category: SolutionCategory,
    /// What was done.
    pub steps: Vec<SolutionStep>,
    /// Whether it worked.
    pub worked: bool,
    /// Whether a program did it by itself.
    pub automated: bool,
}

/// Where and when something was recorded.
#[derive(Debug, Clone, Copy)]
pub struct RecordContext<'a> {
    /// The environment, where one was named.
    pub environment: Option<&'a str>,
    /// The command of ours that met it; `None` for errors of other programs.
    pub command: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// An entry for the chain of the log: what it says besides id and time.
pub type Recorded = Map<String, Value>;

/// Records the errors of a text, each once; those that follow from others are only linked.
pub fn occurred(
    issues: &mut Vec<LoggedIssue>,
    errors: &[DiagnosedError],
    occasion: RecordContext<'_>,
) -> Vec<Recorded> {
    let all: Vec<&str> = errors.iter().map(|one| one.issue_id.as_str()).collect();
    let mut recorded = Vec::new();
    for one in errors.iter().filter(|one| one.follows.is_none()) {
        let index = match position(issues, &one.issue_id) {
            Some(index) => index,
            None => {
                issues.push(new_issue(one, occasion));
                issues.len() - 1
            }
        };
        let issue = &mut issues[index];
        update(issue, one, occasion);
        for other in all.iter().filter(|other| **other != one.issue_id) {
            if !issue.related_issues.iter().any(|known| known == other) {
                issue.related_issues.push((*other).to_owned());
            }
        }
        let mut entry = Map::new();
        entry.insert("event".to_owned(), "occurred".into());
        entry.insert("issue_id".to_owned(), issue.issue_id.clone().into());
        entry.insert("times".to_owned(), issue.occurrence_count.into());
        insert(&mut entry, "environment", occasion.environment);
        insert(&mut entry, "command", occasion.command);
        let address = issue.error.context.address.as_ref();
        insert(&mut entry, "address", address.map(Untrusted::raw));
        if !one.also_at.is_empty() {
            entry.insert("also_at".to_owned(), one.also_at.len().into());
        }
        recorded.push(entry);
    }
    recorded
}

/// Whether an issue has occurred without a solution that worked since.
pub fn is_open(issues: &[LoggedIssue], issue_id: &str) -> bool {
    position(issues, issue_id).is_some_and(|index| issues[index].open_since.is_some())
}

/// Records an attempt to solve an issue of the log; `None` where the log has no such issue.
pub fn tried(
    issues: &mut [LoggedIssue],
    issue_id: &str,
    attempt: &Attempt,
    occasion: RecordContext<'_>,
) -> Option<Recorded> {
    let index = position(issues, issue_id)?;
    let issue = &mut issues[index];
    let solutions = &mut issue.solutions;
    let known = solutions
        .iter()
        .position(|known| known.solution_id == attempt.solution_id);
    let known = known.unwrap_or_else(|| {
        solutions.push(new_solution(attempt, occasion.at));
        solutions.len() - 1
    });
    count(&mut solutions[known], attempt, issue.open_since, occasion);
    let attempts = solutions[known].success_rate.attempts;
    if attempt.worked {
        issue.open_since = None;
    } else {
        issue.open_since.get_or_insert(occasion.at);
    }
    let mut entry = Map::new();
    entry.insert("event".to_owned(), "tried".into());
    entry.insert("issue_id".to_owned(), issue.issue_id.clone().into());
    entry.insert("solution_id".to_owned(), attempt.solution_id.clone().into());
    entry.insert("worked".to_owned(), attempt.worked.into());
    entry.insert("automated".to_owned(), attempt.automated.into());
    entry.insert("attempts".to_owned(), attempts.into());
    insert(&mut entry, "environment", occasion.environment);
    Some(entry)
}

fn insert(entry: &mut Recorded, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        entry.insert(key.to_owned(), value.into());
    }
}

fn scrubbed(value: &Option<Untrusted>) -> Option<Untrusted> {
    value
        .as_ref()
        .map(|value| Untrusted::new(scrub(value.raw())))
}

fn new_issue(one: &DiagnosedError, occasion: RecordContext<'_>) -> LoggedIssue {
    LoggedIssue {
        issue_id: one.issue_id.clone(),
        aliases: Vec::new(),
        title: Untrusted::new(scrub(one.title.raw())),
        known_error: None,
        first_seen: occasion.at,
        last_seen: occasion.at,
        open_since: None,
        occurrence_count: 0,
        error: logged_error(one, LoggedContext::default()),
        solutions: Vec::new(),
        related_issues: Vec::new(),
        tags: Vec::new(),
        notes: Vec::new(),
    }
}

/// Nothing of the account, the caller or the request gets into the log.
fn logged_error(one: &DiagnosedError, before: LoggedContext) -> LoggedError {
    let facts = &one.error;
    LoggedError {
        category: one.category,
        message: Untrusted::new(scrub(facts.message.raw())),
        normalized_message: one.normalized_message.clone(),
        code: scrubbed(&facts.code),
        context: LoggedContext {
            action: one.action.clone(),
            operation: scrubbed(&facts.operation),
            resource_type: scrubbed(&facts.resource_type),
            resource_name: scrubbed(&facts.resource_name),
            address: scrubbed(&facts.address),
            terraform_module: scrubbed(&facts.terraform_module),
            ..before
        },
    }
}

fn update(issue: &mut LoggedIssue, one: &DiagnosedError, occasion: RecordContext<'_>) {
    issue.first_seen = issue.first_seen.min(occasion.at);
    issue.last_seen = issue.last_seen.max(occasion.at);
    issue.open_since.get_or_insert(occasion.at);
    issue.occurrence_count = issue.occurrence_count.saturating_add(1);
    issue.known_error.clone_from(&one.known_error);
    let mut context = issue.error.context.clone();
    context.command = occasion.command.map(str::to_owned);
    if let Some(environment) = occasion.environment {
        context.environment = Some(environment.to_owned());
        let times = context
            .environments
            .entry(environment.to_owned())
            .or_default();
        *times = times.saturating_add(1);
    }
    issue.error = logged_error(one, context);
}

fn new_solution(attempt: &Attempt, at: Timestamp) -> LoggedSolution {
    let steps = attempt.steps.iter().map(|step| SolutionStep {
        what: scrub(&step.what),
        command: scrubbed(&step.command),
        ..step.clone()
    });
    LoggedSolution {
        solution_id: attempt.solution_id.clone(),
        description: Untrusted::new(scrub(attempt.description.raw())),
        category: attempt.category,
        steps: steps.collect(),
        automation: Automation::default(),
        success_rate: SuccessRate::default(),
        environments: BTreeMap::new(),
        first_used: at,
        last_used: at,
        last_success: None,
        avg_resolution_time_seconds: None,
        timed_successes: 0,
    }
}

fn count(
    solution: &mut LoggedSolution,
    attempt: &Attempt,
    open_since: Option<Timestamp>,
    occasion: RecordContext<'_>,
) {
    let worked = u64::from(attempt.worked);
    let this = SuccessRate::new(worked, 1 - worked);
    solution.success_rate = solution.success_rate.plus(this);
    if let Some(environment) = occasion.environment {
        let rate = solution
            .environments
            .entry(environment.to_owned())
            .or_default();
        *rate = rate.plus(this);
    }
    solution.first_used = solution.first_used.min(occasion.at);
    solution.last_used = solution.last_used.max(occasion.at);
    if attempt.automated {
        solution.automation.automated_attempts += 1;
        solution.automation.automated_successes += worked;
    }
    if !attempt.worked {
        return;
    }
    solution.last_success = solution.last_success.max(Some(occasion.at));
    // How long it took is known of what was recorded before it was solved.
    let took = open_since.map(|since| occasion.at.duration_since(since));
    if let Some(took) = took.filter(|took| *took > SignedDuration::ZERO) {
        let before = solution.avg_resolution_time_seconds.unwrap_or(0);
        let all = before.saturating_mul(solution.timed_successes);
        let all = all.saturating_add(u64::try_from(took.as_secs()).unwrap_or(0));
        solution.timed_successes += 1;
        solution.avg_resolution_time_seconds = Some(all / solution.timed_successes);
    }
}

/// Keeps the log small, and ids as the normalizer of today makes them: what hardly ever worked goes,
/// and so do issues that nobody has solved for half a year. Git keeps all of it.
pub fn tidy(issues: &mut Vec<LoggedIssue>, now: Timestamp) -> Option<Recorded> {
    let mut dropped_solutions = 0_usize;
    let mut merged = 0_usize;
    let mut kept: Vec<LoggedIssue> = Vec::new();
    let before = issues.len();
    for mut issue in std::mem::take(issues) {
        let solutions = issue.solutions.len();
        issue.solutions.retain(|one| {
            let rate = one.success_rate;
            one.solution_id == WAIT
                || rate.attempts < ENOUGH
                || rate.percentage.is_none_or(|percent| percent >= HARDLY)
        });
        dropped_solutions += solutions - issue.solutions.len();
        rename(&mut issue);
        let solved = issue
            .solutions
            .iter()
            .any(|one| one.success_rate.successes > 0);
        let days = now.duration_since(issue.last_seen).as_hours() / 24;
        if !solved && days > FORGOTTEN_DAYS {
            continue;
        }
        match kept
            .iter_mut()
            .find(|known| known.issue_id == issue.issue_id)
        {
            Some(known) => {
                merged += 1;
                join(known, issue);
            }
            None => kept.push(issue),
        }
    }
    *issues = kept;
    let forgotten = before - issues.len() - merged;
    if dropped_solutions + forgotten + merged == 0 {
        return None;
    }
    let entry = json!({
        "event": "tidied",
        "dropped_solutions": dropped_solutions,
        "dropped_issues": forgotten,
        "merged_issues": merged,
    });
    entry.as_object().cloned()
}

/// Gives an issue the id that its message has today; the old one is kept as an alias.
fn rename(issue: &mut LoggedIssue) {
    let error = &mut issue.error;
    let normalized = normalise(&error.normalized_message, &[]);
    let text = |value: &Option<Untrusted>| value.as_ref().map_or("", Untrusted::raw).to_owned();
    let id = issue_id(
        &text(&error.code),
        &error.context.action,
        &text(&error.context.resource_type),
        &normalized,
    );
    error.normalized_message = normalized;
    if id != issue.issue_id {
        let old = std::mem::replace(&mut issue.issue_id, id);
        if !issue.aliases.contains(&old) {
            issue.aliases.push(old);
        }
    }
}

/// Adds what is known of an issue to what is known of the same one under another id.
fn join(known: &mut LoggedIssue, other: LoggedIssue) {
    known.first_seen = known.first_seen.min(other.first_seen);
    known.occurrence_count = known
        .occurrence_count
        .saturating_add(other.occurrence_count);
    for (name, times) in other.error.context.environments.clone() {
        let all = known.error.context.environments.entry(name).or_default();
        *all = all.saturating_add(times);
    }
    let newer = other.last_seen > known.last_seen;
    known.last_seen = known.last_seen.max(other.last_seen);
    known.open_since = match newer {
        true => other.open_since,
        false => known.open_since,
    };
    for alias in other.aliases {
        if !known.aliases.contains(&alias) && alias != known.issue_id {
            known.aliases.push(alias);
        }
    }
    for solution in other.solutions {
        let mut all = known.solutions.iter_mut();
        match all.find(|one| one.solution_id == solution.solution_id) {
            Some(same) => add(same, &solution),
            None => known.solutions.push(solution),
        }
    }
}

fn add(to: &mut LoggedSolution, other: &LoggedSolution) {
    to.success_rate = to.success_rate.plus(other.success_rate);
    for (name, rate) in &other.environments {
        let all = to.environments.entry(name.clone()).or_default();
        *all = all.plus(*rate);
    }
    to.first_used = to.first_used.min(other.first_used);
    to.last_used = to.last_used.max(other.last_used);
    to.last_success = to.last_success.max(other.last_success);
    to.automation.automated_attempts += other.automation.automated_attempts;
    to.automation.automated_successes += other.automation.automated_successes;
    let seconds = |one: &LoggedSolution| {
        let average = one.avg_resolution_time_seconds.unwrap_or(0);
        average.saturating_mul(one.timed_successes)
    };
    let all = seconds(to).saturating_add(seconds(other));
    to.timed_successes += other.timed_successes;
    to.avg_resolution_time_seconds = all.checked_div(to.timed_successes);
}

/// Figures over all issues.
pub fn statistics(issues: &[LoggedIssue]) -> Map<String, Value> {
    let solutions = || issues.iter().flat_map(|issue| &issue.solutions);
    let sum = |of: fn(&LoggedSolution) -> u64| solutions().map(of).sum::<u64>();
    let attempts = sum(|one| one.success_rate.attempts);
    let successes = sum(|one| one.success_rate.successes);
    let automated = sum(|one| one.automation.automated_successes);
    let mut categories: BTreeMap<&str, u64> = BTreeMap::new();
    for issue in issues {
        *categories.entry(issue.error.category.as_str()).or_default() += issue.occurrence_count;
    }
    let open = issues
        .iter()
        .filter(|issue| issue.open_since.is_some())
        .count();
    let value = json!({
        "issues": issues.len(),
        "open_issues": open,
        "occurrences": issues.iter().map(|issue| issue.occurrence_count).sum::<u64>(),
        "occurrences_by_category": categories,
        "attempts": attempts,
        "successes": successes,
        "success_rate_percent": percent(successes, attempts),
        "automation_rate_percent": percent(automated, successes),
    });
    value.as_object().cloned().unwrap_or_default()
}
