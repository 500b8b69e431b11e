//! Every name in the vocabulary is one that there is.

use std::collections::HashSet;

use super::super::actions;
use super::super::vocabulary::VOCABULARY;
use crate::catalog::Catalog;

#[test]
fn every_name_in_a_pattern_is_there() {
    let vocabulary = &*VOCABULARY;
    let concepts: HashSet<&String> = vocabulary
        .stems
        .values()
        .chain(vocabulary.exact.values())
        .flatten()
        .chain(vocabulary.gaps.iter().map(|gap| &gap.concept))
        .collect();
    for intent in &vocabulary.intents {
        let items = intent
            .patterns
            .iter()
            .flat_map(|pattern| pattern.split(' '));
        for item in items.chain(intent.also.iter().map(String::as_str)) {
            let known = item.starts_with('@') || concepts.contains(&item.to_owned());
            assert!(known, "{}: {item}", intent.title());
        }
        let nearest = intent.instead.as_deref().unwrap_or("health");
        let mut names = vocabulary
            .intents
            .iter()
            .map(|intent| intent.command.as_str());
        assert!(
            nearest == "iam-policy run" || names.any(|name| name == nearest),
            "{nearest}"
        );
    }
}

#[test]
fn orders_are_those_of_the_catalog() {
    for (verb, names) in &VOCABULARY.actions {
        let kinds = Catalog::built_in().expect("the kinds are part of the program");
        let mut kinds = kinds.kinds();
        assert!(
            kinds.any(|kind| actions::called(names, kind.id.as_str()).is_some()),
            "no kind has an action that is called {verb}"
        );
    }
}
