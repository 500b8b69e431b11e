//! Known errors that words describe.

use std::collections::BTreeSet;

use crate::catalog::errors::{KnownError, KnownErrors};
use crate::model::debug::{ErrorFacts, SimilarError, SolutionSource};
use crate::model::issue_log::{IssueLog, LoggedIssue};
use crate::text::Untrusted;

use super::steps::steps;

/// The share of the words that an error must have.
const NEAR: f64 = 0.5;
/// The most that are shown.
const MOST: usize = 5;
/// Words that say nothing about an error.
const COMMON: &[&str] = &[
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "but",
    "by",
    "can",
    "cannot",
    "do",
    "does",
    "error",
    "for",
    "from",
    "has",
    "have",
    "i",
    "in",
    "is",
    "it",
    "its",
    "my",
    "no",
    "not",
    "of",
    "on",
    "or",
    "our",
    "so",
    "that",
    "the",
    "there",
    "this",
    "to",
    "was",
    "we",
    "what",
    "when",
    "which",
    "why",
    "with",
    "you",
    "aws",
    "terraform",
    "failed",
    "fails",
    "get",
    "getting",
    "s",
];

/// The known errors that have most of these words, and issues of the log that do.
pub(super) fn similar(
    words: &str,
    known: &KnownErrors,
    log: Option<&IssueLog>,
) -> Vec<SimilarError> {
    let asked = tokens(words);
    if asked.is_empty() {
        return Vec::new();
    }
    // The share of the words that a text has, where it has enough of them.
    let near = |text: &str| {
        let has = tokens(text);
        let share =
            asked.iter().filter(|word| has.contains(*word)).count() as f64 / asked.len() as f64;
        (share >= NEAR).then_some(share)
    };
    let issues = log.into_iter().flat_map(|log| &log.issues);
    let of_log = issues.filter_map(|issue| Some((near(&of_issue(issue))?, from_issue(issue))));
    let of_catalog = known
        .iter()
        .filter_map(|one| Some((near(&of_known(one))?, from_known(one))));
    let mut found: Vec<(f64, SimilarError)> = of_log.chain(of_catalog).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let found = found
        .into_iter()
        .take(MOST)
        .map(|(share, one)| SimilarError {
            similarity: (share * 100.0).round() / 100.0,
            ..one
        });
    found.collect()
}

fn of_known(one: &KnownError) -> String {
    let parts = [
        &one.fits.codes,
        &one.fits.operations,
        &one.fits.words,
        &one.fits.types,
    ];
    let fits: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    let id = one.id.replace('-', " ");
    format!("{id} {} {} {}", one.title, one.means, fits.join(" "))
}

fn of_issue(issue: &LoggedIssue) -> String {
    let tags = issue.tags.iter().chain(&issue.notes).map(Untrusted::raw);
    let tags: Vec<&str> = tags.collect();
    let code = issue.error.code.as_ref().map_or("", Untrusted::raw);
    let message = issue.error.message.raw();
    format!("{} {code} {message} {}", issue.title.raw(), tags.join(" "))
}

fn from_known(one: &KnownError) -> SimilarError {
    SimilarError {
        id: one.id.clone(),
        source: SolutionSource::Catalog,
        title: Untrusted::from(one.title.as_str()),
        means: Some(one.means.clone()),
        similarity: 0.0,
        steps: steps(one, &ErrorFacts::default(), None),
    }
}

fn from_issue(issue: &LoggedIssue) -> SimilarError {
    let worked = issue
        .solutions
        .iter()
        .filter(|one| one.success_rate.successes > 0);
    let best = worked.max_by_key(|one| one.success_rate.successes);
    SimilarError {
        id: issue.issue_id.clone(),
        source: SolutionSource::ThisIssue,
        title: issue.title.clone(),
        means: None,
        similarity: 0.0,
        steps: best.map(|one| one.steps.clone()).unwrap_or_default(),
    }
}

/// Words in small letters, without their plural; a name in camel case is also its parts.
fn tokens(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let mut parts = vec![String::new()];
        for c in word.chars() {
            let ends_low = parts.last().and_then(|part| part.chars().next_back());
            if c.is_uppercase() && ends_low.is_some_and(char::is_lowercase) {
                parts.push(String::new());
            }
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
        }
        parts.push(word.to_owned());
        let words = parts.into_iter().map(|part| part.to_lowercase());
        out.extend(words.map(|word| stem(&word)).filter(|word| counts(word)));
    }
    out
}

fn counts(word: &str) -> bool {
    !word.is_empty() && !COMMON.contains(&word)
}

fn stem(word: &str) -> String {
    let ends = ["ing", "ed", "es", "s", "e"];
    let short = ends.iter().find_map(|end| word.strip_suffix(end));
    short
        .filter(|short| short.len() > 3)
        .unwrap_or(word)
        .to_owned()
}
