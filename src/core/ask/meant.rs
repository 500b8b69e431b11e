//! The issue that is meant where only its resource is named: `resolve the orders-web issue`.

use super::services::Services;
use super::vocabulary::Intent;
use super::{AskContext, Utterance, hits};

/// Finds the open issue of the service that is named, where an order on an issue names none.
/// Says what to ask back where there are several.
pub(super) fn complete(utterance: &mut Utterance<'_>, world: &AskContext) -> Option<String> {
    if utterance.entities.first("issue").is_some() || !is_order_on_an_issue(utterance) {
        return None;
    }
    let named: Vec<String> = match &utterance.entities.services {
        Services::None => return None,
        Services::One(service) => vec![service.name.clone()],
        Services::Several(names) => names.clone(),
    };
    let all = utterance.entities.all.iter();
    let (from, to) = all
        .filter(|one| matches!(one.slot, "service" | "kind"))
        .map(|one| (one.from, one.to))
        .next()?;
    let open = world.open.iter();
    let open: Vec<&str> = open
        .filter(|issue| named.contains(&issue.service))
        .map(|issue| issue.id.as_str())
        .collect();
    let first = open.first()?;
    utterance.entities.add("issue", *first, from, to);
    (open.len() > 1).then(|| format!("which issue: {}?", open.join(", ")))
}

/// Whether the words ask for a change of an issue.
fn is_order_on_an_issue(utterance: &Utterance<'_>) -> bool {
    let said = hits::hits(utterance);
    let on_an_issue =
        |intent: &&Intent| intent.write && intent.needs.iter().any(|need| need == "issue");
    let mut intents = utterance.vocabulary.intents.iter().filter(on_an_issue);
    intents.any(|intent| {
        intent.patterns.iter().any(|pattern| {
            let items = pattern.split(' ');
            let words: Vec<&str> = items.filter(|item| !item.starts_with('@')).collect();
            let all = words.iter().all(|concept| hits::is_said(concept, &said));
            pattern.contains("@issue") && !words.is_empty() && all
        })
    })
}
