//! The solutions of an error: recorded ones, the built-in one, and waiting.

use super::experience::Experience;
use super::found::FoundError;
use super::rank::{Nearness, beats, mean, score};
use super::steps::steps;
use crate::catalog::error_codes::stem;
use crate::catalog::errors::KnownError;
use crate::model::debug::{
    ErrorCategory, ErrorFacts, RankedSolution, SolutionCategory, SolutionSource, SolutionStep,
    StateLock, SuccessRate,
};
use crate::model::issue_log::{IssueLog, LoggedIssue, LoggedSolution};
use crate::text::Untrusted;

/// The id of waiting and trying again, which every issue has: a solution must do better.
pub const WAIT: &str = "wait-and-retry";

/// The most solutions of similar issues that are shown.
const MOST_SIMILAR: usize = 3;

/// The solutions, the best first.
pub(super) fn solutions(
    one: &FoundError,
    category: ErrorCategory,
    known: Option<&KnownError>,
    lock: Option<&StateLock>,
    experience: Experience<'_>,
) -> Vec<RankedSolution> {
    let context = Context {
        one,
        category,
        experience,
        mean: category_mean(experience.log, category),
    };
    let own = experience.log.and_then(|log| log.find(&one.id));
    let tried = own
        .map(|issue| issue.solutions.as_slice())
        .unwrap_or_default();
    let waiting = tried.iter().find(|tried| tried.solution_id == WAIT);
    let waiting_rate = waiting.map(|one| one.success_rate).unwrap_or_default();
    let mut all: Vec<RankedSolution> = tried
        .iter()
        .filter(|tried| tried.solution_id != WAIT)
        .map(|tried| context.of_log(tried, context.same(), SolutionSource::ThisIssue))
        .collect();
    if let Some(known) = known {
        let steps = steps(known, &one.facts, lock);
        match all.iter_mut().find(|tried| tried.solution_id == known.id) {
            // With what this text says.
            Some(tried) => tried.steps = steps,
            None => all.push(context.of_catalog(known, steps)),
        }
    }
    all.push(context.waiting(waiting));
    for solution in &mut all {
        if solution.solution_id != WAIT {
            solution.better_than_waiting = beats(solution.success_rate, waiting_rate, context.mean);
        }
    }
    let mut near = context.similar();
    near.retain(|other| all.iter().all(|own| own.solution_id != other.solution_id));
    sort(&mut near);
    near.dedup_by(|a, b| a.solution_id == b.solution_id);
    near.truncate(MOST_SIMILAR);
    all.extend(near);
    sort(&mut all);
    all
}

/// The solutions of an issue of the log, the best first, as if it had just occurred again.
pub(super) fn logged_solutions(
    issue: &LoggedIssue,
    experience: Experience<'_>,
) -> Vec<RankedSolution> {
    let error = &issue.error;
    let context = &error.context;
    let found = FoundError {
        id: issue.issue_id.clone(),
        category: error.category,
        facts: ErrorFacts {
            code: error.code.clone(),
            operation: context.operation.clone(),
            message: error.message.clone(),
            whole: error.message.clone(),
            address: context.address.clone(),
            resource_type: context.resource_type.clone(),
            resource_name: context.resource_name.clone(),
            terraform_module: context.terraform_module.clone(),
            ..ErrorFacts::default()
        },
        action: "",
        normalised: error.normalized_message.clone(),
        also_at: Vec::new(),
        follows: None,
    };
    let known = issue.known_error.as_deref();
    let known = known.and_then(|id| experience.known.get(id));
    solutions(&found, error.category, known, None, experience)
}

fn sort(all: &mut [RankedSolution]) {
    all.sort_by(|a, b| {
        let by_attempts = b.success_rate.attempts.cmp(&a.success_rate.attempts);
        let by_score = b.score.total_cmp(&a.score);
        by_score
            .then(by_attempts)
            .then_with(|| a.solution_id.cmp(&b.solution_id))
    });
}

/// The mean of all solutions that were tried for issues of a category.
fn category_mean(log: Option<&IssueLog>, category: ErrorCategory) -> f64 {
    let issues = log.into_iter().flat_map(|log| &log.issues);
    let issues = issues.filter(|issue| issue.error.category == category);
    mean(
        issues
            .flat_map(|issue| &issue.solutions)
            .map(|one| one.success_rate),
    )
}

/// What solutions are ranked with.
struct Context<'a> {
    one: &'a FoundError,
    category: ErrorCategory,
    experience: Experience<'a>,
    mean: f64,
}

impl Context<'_> {
    /// The nearness of the issue itself: its solutions differ by their success alone.
    fn same(&self) -> Nearness {
        Nearness {
            exact: true,
            code: self.one.facts.code.is_some(),
            resource_type: self.one.facts.resource_type.is_some(),
            environment: self.experience.environment.is_some(),
            operation: self.one.facts.operation.is_some(),
        }
    }

    fn nearness(&self, issue: &LoggedIssue) -> Nearness {
        let facts = &self.one.facts;
        let context = &issue.error.context;
        let same = |a: &Option<Untrusted>, b: &Option<Untrusted>| {
            let text = |value: &Option<Untrusted>| value.as_ref().map(|one| stem(one.raw()));
            a.is_some() && text(a) == text(b)
        };
        let environment = self.experience.environment;
        Nearness {
            exact: false,
            code: same(&facts.code, &issue.error.code),
            resource_type: same(&facts.resource_type, &context.resource_type),
            environment: environment.is_some_and(|name| context.environments.contains_key(name)),
            operation: same(&facts.operation, &context.operation),
        }
    }

    /// Solutions that have worked for issues with the same code and the same operation or type.
    fn similar(&self) -> Vec<RankedSolution> {
        let issues = self.experience.log.into_iter().flat_map(|log| &log.issues);
        let others = issues
            .filter(|issue| issue.issue_id != self.one.id && !issue.aliases.contains(&self.one.id));
        let mut found = Vec::new();
        for issue in others {
            let near = self.nearness(issue);
            if near.code && (near.operation || near.resource_type) {
                let worked = issue
                    .solutions
                    .iter()
                    .filter(|tried| tried.solution_id != WAIT && tried.success_rate.successes > 0);
                found
                    .extend(worked.map(|one| self.of_log(one, near, SolutionSource::SimilarIssue)));
            }
        }
        found
    }

    fn of_log(
        &self,
        tried: &LoggedSolution,
        nearness: Nearness,
        source: SolutionSource,
    ) -> RankedSolution {
        let rate = tried.success_rate;
        let now = self.experience.now;
        let worked = tried
            .environments
            .iter()
            .filter(|(_, rate)| rate.successes > 0);
        let proven_in: Vec<String> = worked.map(|(name, _)| name.clone()).collect();
        let here = self.experience.environment;
        let proven_here = here.is_none_or(|name| proven_in.iter().any(|one| one == name));
        RankedSolution {
            solution_id: tried.solution_id.clone(),
            description: tried.description.clone(),
            category: tried.category,
            source,
            steps: tried.steps.clone(),
            score: score(nearness, rate, self.mean, tried.last_success, now),
            success_rate: rate,
            proven_elsewhere_only: rate.successes > 0 && !proven_here,
            proven_in,
            better_than_waiting: None,
            avg_resolution_time_seconds: tried.avg_resolution_time_seconds,
        }
    }

    fn of_catalog(&self, known: &KnownError, steps: Vec<SolutionStep>) -> RankedSolution {
        let rate = SuccessRate::default();
        RankedSolution {
            solution_id: known.id.clone(),
            description: Untrusted::from(known.title.as_str()),
            category: known.solution,
            source: SolutionSource::Catalog,
            steps,
            score: score(self.same(), rate, self.mean, None, self.experience.now),
            success_rate: rate,
            proven_in: Vec::new(),
            proven_elsewhere_only: false,
            better_than_waiting: None,
            avg_resolution_time_seconds: None,
        }
    }

    /// Waiting. Before it was tried, it is expected to help with what passes by itself and with
    /// little else.
    fn waiting(&self, tried: Option<&LoggedSolution>) -> RankedSolution {
        let mut solution = match tried {
            Some(tried) => self.of_log(tried, self.same(), SolutionSource::Null),
            None => {
                let mean = match self.category {
                    ErrorCategory::Transient => self.mean,
                    _ => self.mean / 2.0,
                };
                let rate = SuccessRate::default();
                RankedSolution {
                    solution_id: WAIT.to_owned(),
                    description: Untrusted::default(),
                    category: SolutionCategory::Wait,
                    source: SolutionSource::Null,
                    steps: Vec::new(),
                    score: score(self.same(), rate, mean, None, self.experience.now),
                    success_rate: rate,
                    proven_in: Vec::new(),
                    proven_elsewhere_only: false,
                    better_than_waiting: None,
                    avg_resolution_time_seconds: None,
                }
            }
        };
        solution.description = Untrusted::from("wait a minute, change nothing, and try again");
        solution
    }
}
