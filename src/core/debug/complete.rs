//! What completing a fix takes: commands in their order, and what each needs.

use super::learn::Attempt;
use super::solutions::WAIT;
use crate::catalog::errors::KnownErrors;
use crate::model::debug::{
    Completion, CompletionStep, DebugReport, DiagnosedError, ErrorCategory, SolutionCategory,
};
use crate::model::denial::GrantHelps;
use crate::model::issue_log::LoggedIssue;
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

/// The solution that is meant by an id, or by the words of a new one.
///
/// # Errors
/// The ids that are known for the issue.
pub fn find_solution(
    issues: &[LoggedIssue],
    issue_id: &str,
    report: Option<&DiagnosedError>,
    tried: &str,
) -> Result<Attempt, Vec<String>> {
    let attempt = |description: Untrusted, category, steps| Attempt {
        solution_id: tried.to_owned(),
        description,
        category,
        steps,
        worked: false,
        automated: false,
    };
    if tried == WAIT {
        let description = Untrusted::from("wait, and try again");
        return Ok(attempt(description, SolutionCategory::Wait, Vec::new()));
    }
    let issue = issues.iter().find(|issue| issue.issue_id == issue_id);
    let logged = issue
        .map(|issue| issue.solutions.as_slice())
        .unwrap_or_default();
    if let Some(known) = logged.iter().find(|known| known.solution_id == tried) {
        let (what, steps) = (known.description.clone(), known.steps.clone());
        return Ok(attempt(what, known.category, steps));
    }
    let shown = report
        .map(|report| report.solutions.as_slice())
        .unwrap_or_default();
    if let Some(known) = shown.iter().find(|known| known.solution_id == tried) {
        let (what, steps) = (known.description.clone(), known.steps.clone());
        return Ok(attempt(what, known.category, steps));
    }
    if let Some(known) = KnownErrors::built_in().get(tried) {
        let what = Untrusted::from(known.title.as_str());
        return Ok(attempt(what, known.solution, Vec::new()));
    }
    if tried.trim().contains(char::is_whitespace) {
        let words = Untrusted::from(tried.trim());
        return Ok(Attempt {
            solution_id: id_of(tried),
            ..attempt(words, SolutionCategory::ConfigFix, Vec::new())
        });
    }
    let logged = logged.iter().map(|known| known.solution_id.clone());
    let shown = shown.iter().map(|known| known.solution_id.clone());
    let mut known: Vec<String> = logged.chain(shown).collect();
    known.push(WAIT.to_owned());
    known.sort();
    known.dedup();
    Err(known)
}

/// `Raised the timeout!` is `raised-the-timeout`. Redacted, for it is an id.
fn id_of(words: &str) -> String {
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
