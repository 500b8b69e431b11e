//! What is known of the errors of a text.

use super::experience::Experience;
use super::facts::errors;
use super::found::FoundError;
use super::lock::state_lock;
use super::similar::similar;
use super::solutions::solutions;
use crate::core::permissions;
use crate::model::debug::{DebugReport, DiagnosedError, ErrorCategory, SeenBefore};
use crate::text::Untrusted;

/// The longest message that is a title.
const LONGEST_TITLE: usize = 100;

/// Says what is known of each error of a text, or, where it holds none, which known errors fit its
/// words.
pub fn diagnose(text: &str, experience: Experience<'_>) -> DebugReport {
    let mut found = errors(text);
    if found.is_empty() {
        // A message alone is an error if it is a known one.
        found = super::facts::whole_as_error(text);
        found.retain(|one| is_known(one, experience));
    }
    let similar = match found.is_empty() {
        true => similar(text, experience.known, experience.log),
        false => Vec::new(),
    };
    let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
    let mut all: Vec<DiagnosedError> = found
        .iter()
        .map(|one| diagnosed(one, &ids, experience))
        .collect();
    all.sort_by_key(|one| one.follows.is_some());
    DebugReport {
        version: "1.0.0".to_owned(),
        kind: "debug".to_owned(),
        environment: experience.environment.map(str::to_owned),
        errors: all,
        similar,
    }
}

fn is_known(one: &FoundError, experience: Experience<'_>) -> bool {
    let logged = experience.log.and_then(|log| log.find(&one.id));
    logged.is_some() || !experience.known.fitting(&one.facts).is_empty()
}

fn diagnosed(one: &FoundError, ids: &[String], experience: Experience<'_>) -> DiagnosedError {
    let known = experience.known.fitting(&one.facts);
    let known = known.first().map(|(_, known)| *known);
    // The words of the catalogue say more than those that are looked for.
    let category = known.map_or(one.category, |known| known.category);
    let denials = match category {
        ErrorCategory::Permission => permissions::denials(one.facts.whole.raw()),
        _ => Vec::new(),
    };
    let lock = match category {
        ErrorCategory::State => state_lock(one.facts.whole.raw()),
        _ => None,
    };
    let logged = experience.log.and_then(|log| log.find(&one.id));
    let title = known.map(|known| Untrusted::from(known.title.as_str()));
    DiagnosedError {
        issue_id: one.id.clone(),
        title: title.unwrap_or_else(|| title_of(one)),
        category,
        action: one.action.to_owned(),
        normalized_message: one.normalised.clone(),
        also_at: one.also_at.clone(),
        follows: one.follows.map(|index| ids[index].clone()),
        known_error: known.map(|known| known.id.clone()),
        means: known.map(|known| known.means.clone()),
        never: known.map(|known| known.never.clone()).unwrap_or_default(),
        docs: known.map(|known| known.docs.clone()),
        seen_before: logged.map(|issue| SeenBefore {
            occurrence_count: issue.occurrence_count,
            first_seen: issue.first_seen,
            last_seen: issue.last_seen,
        }),
        solutions: match one.follows {
            Some(_) => Vec::new(),
            None => solutions(one, category, known, lock.as_ref(), experience),
        },
        denials: denials.into_iter().map(permissions::explain).collect(),
        lock,
        error: one.facts.clone(),
    }
}

/// The message as far as it is a title.
fn title_of(one: &FoundError) -> Untrusted {
    let message = one.facts.message.raw();
    let code = one.facts.code.as_ref().map_or("", Untrusted::raw);
    let text = match message.is_empty() {
        true => code,
        false => message,
    };
    let text = text.split('\n').next().unwrap_or_default();
    match text.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => Untrusted::new(format!("{}…", text[..end].trim_end())),
        None => Untrusted::from(text.trim_end_matches('.')),
    }
}
