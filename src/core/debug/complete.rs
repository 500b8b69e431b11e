//! What completing a fix takes: commands in their order, and what each needs.

use super::experience::Experience;
use super::learn::Attempt;
use super::solutions::{WAIT, logged_solutions};
use crate::catalog::errors::KnownErrors;
use crate::model::debug::{
    Completion, CompletionStep, DebugReport, DiagnosedError, ErrorCategory, RankedSolution,
    SolutionCategory, SolutionStep,
};
use crate::model::denial::GrantHelps;
use crate::model::issue_log::{LoggedIssue, LoggedSolution, position};
use crate::text::Untrusted;

/// The longest id that is made of words.
const LONGEST_ID: usize = 40;

/// What completing the best solution of each error takes.
pub fn completions(report: &DebugReport) -> Vec<Completion> {
    let own = report.errors.iter().filter(|one| one.follows.is_none());
    own.map(completion).collect()
}

fn completion(one: &DiagnosedError) -> Completion {
    let best = one.solutions.first();
    let mut held = Vec::new();
    if one.lock.is_some() || one.known_error.as_deref() == Some("state-locked") {
        held.push("whether the run that holds the lock has ended cannot be seen from here, so nothing takes the lock away".to_owned());
    }
    let denied = |helps: GrantHelps| one.denials.iter().any(|denial| denial.grant_helps == helps);
    if one.category == ErrorCategory::Permission && denied(GrantHelps::No) {
        held.push(
            "no grant helps against this denial: whoever is named with it has to act".to_owned(),
        );
    }
    if let Some(best) = best.filter(|best| best.proven_elsewhere_only) {
        let places = best.proven_in.join(", ");
        held.push(format!("the solution is proven in {places} only"));
    }
    let steps = best.map(|best| best.steps.as_slice()).unwrap_or_default();
    let steps = steps.iter().map(|step| CompletionStep {
        what: Untrusted::from(step.what.as_str()),
        command: step.command.clone(),
        needs_consent: step.changes,
        fill_in: step.fill_in.clone(),
    });
    Completion {
        issue_id: one.issue_id.clone(),
        title: one.title.clone(),
        solution_id: best.map_or_else(|| WAIT.to_owned(), |best| best.solution_id.clone()),
        held_by: held,
        steps: steps.collect(),
        resume: one
            .error
            .address
            .as_ref()
            .map(|_| "terraform plan".to_owned()),
    }
}

/// A solution that somebody may mean.
struct KnownSolution<'a> {
    id: &'a str,
    description: &'a Untrusted,
    category: SolutionCategory,
    steps: &'a [SolutionStep],
}

/// The solutions of an issue by their ids: those of the log, those that are shown, waiting.
fn known_solutions<'a>(
    logged: &'a [LoggedSolution],
    shown: impl Iterator<Item = &'a RankedSolution>,
    waiting: &'a Untrusted,
) -> Vec<KnownSolution<'a>> {
    let logged = logged.iter().map(|one| KnownSolution {
        id: &one.solution_id,
        description: &one.description,
        category: one.category,
        steps: &one.steps,
    });
    let shown = shown.map(|one| KnownSolution {
        id: &one.solution_id,
        description: &one.description,
        category: one.category,
        steps: &one.steps,
    });
    let waiting = KnownSolution {
        id: WAIT,
        description: waiting,
        category: SolutionCategory::Wait,
        steps: &[],
    };
    let mut known: Vec<KnownSolution<'_>> = logged.chain(shown).chain([waiting]).collect();
    // The sort is stable: of those with one id, what the log says comes first.
    known.sort_by_key(|one| one.id);
    known.dedup_by_key(|one| one.id);
    known
}

/// The solution that is meant by an id, by the start of one that no other has, or by the words of a
/// new one.
///
/// # Errors
/// The ids that are known for the issue, or those that begin so.
pub fn find_solution(
    issues: &[LoggedIssue],
    issue_id: &str,
    report: Option<&DiagnosedError>,
    tried: &str,
) -> Result<Attempt, Vec<String>> {
    let tried = tried.trim();
    let issue = position(issues, issue_id).map(|index| &issues[index]);
    let logged = issue.map(|issue| issue.solutions.as_slice());
    let built_in = issue.map(built_in_solutions).unwrap_or_default();
    let shown = report.map(|report| report.solutions.as_slice());
    let shown = shown.unwrap_or_default().iter().chain(&built_in);
    let waiting = Untrusted::from("wait, and try again");
    let known = known_solutions(logged.unwrap_or_default(), shown, &waiting);
    let begins = |one: &&KnownSolution<'_>| !tried.is_empty() && one.id.starts_with(tried);
    let beginning: Vec<&KnownSolution<'_>> = known.iter().filter(begins).collect();
    let exact = known.iter().find(|one| one.id == tried);
    let meant = exact.or(match beginning[..] {
        [one] => Some(one),
        _ => None,
    });
    if let Some(one) = meant {
        let what = one.description.clone();
        return Ok(attempt(one.id, what, one.category, one.steps));
    }
    if let Some(known) = KnownErrors::built_in().get(tried) {
        let what = Untrusted::from(known.title.as_str());
        return Ok(attempt(&known.id, what, known.solution, &[]));
    }
    if tried.contains(char::is_whitespace) {
        let (id, words) = (id_from(tried), Untrusted::from(tried));
        return Ok(attempt(&id, words, SolutionCategory::ConfigFix, &[]));
    }
    let near = match beginning.is_empty() {
        true => known.iter().collect(),
        false => beginning,
    };
    Err(near.into_iter().map(|one| one.id.to_owned()).collect())
}

/// What the catalogue knows of an issue of the log.
fn built_in_solutions(issue: &LoggedIssue) -> Vec<RankedSolution> {
    let experience = Experience {
        known: KnownErrors::built_in(),
        log: None,
        environment: None,
        now: issue.last_seen,
    };
    logged_solutions(issue, experience)
}

/// An attempt of which nobody has said yet whether it worked.
fn attempt(
    id: &str,
    description: Untrusted,
    category: SolutionCategory,
    steps: &[SolutionStep],
) -> Attempt {
    Attempt {
        solution_id: id.to_owned(),
        description,
        category,
        steps: steps.to_vec(),
        worked: false,
        automated: false,
    }
}

/// `Raised the timeout!` is `raised-the-timeout`. Redacted, for it is an id.
fn id_from(words: &str) -> String {
    let words = super::normalise::scrub(words).to_lowercase();
    let parts = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    let mut id = String::new();
    for part in parts {
        if id.chars().count() + part.chars().count() >= LONGEST_ID && !id.is_empty() {
            break;
        }
        if !id.is_empty() {
            id.push('-');
        }
        id.extend(part.chars().take(LONGEST_ID));
    }
    match id.is_empty() {
        true => "by-hand".to_owned(),
        false => id,
    }
}
