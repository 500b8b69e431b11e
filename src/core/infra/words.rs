//! Which blueprints the words of a feature choose. A word chooses what lists it, and nothing is
//! guessed: what no blueprint lists is reported.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::blueprints::Blueprint;
use crate::catalog::registry::Registry;
use crate::core::ask::stem::{normal, stem};
use crate::model::ids::FeatureName;

/// Words that carry no meaning of their own.
const GRAMMAR: &[&str] = &[
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "is", "it", "its", "my", "of",
    "on", "or", "our", "that", "the", "their", "them", "they", "this", "to", "via", "we", "with",
];
/// Longest name that is made of words.
const LONGEST_NAME: usize = 24;

/// What words choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Blueprints, with the words that chose each. Empty for one that is only needed.
    pub words: BTreeMap<String, Vec<String>>,
    /// Words that chose nothing.
    pub not_understood: Vec<String>,
}

/// Finds the blueprints that the words choose, without those that these need.
pub fn choose(feature: &str, blueprints: &Registry<Blueprint>) -> Choice {
    let written: Vec<&str> = split(feature).collect();
    let stems: Vec<String> = written.iter().map(|word| stem(&normal(word))).collect();
    let phrases = phrases(blueprints);
    let longest = phrases.keys().map(Vec::len).max().unwrap_or(0);
    let mut choice = Choice::default();
    let mut at = 0;
    while at < stems.len() {
        let lengths = (1..=longest.min(stems.len() - at)).rev();
        let found = lengths.into_iter().find_map(|length| {
            let ids = phrases.get(&stems[at..at + length])?;
            Some((length, ids))
        });
        let Some((length, ids)) = found else {
            let word = normal(written[at]);
            if !GRAMMAR.contains(&word.as_str()) && !choice.not_understood.contains(&word) {
                choice.not_understood.push(word);
            }
            at += 1;
            continue;
        };
        let phrase = written[at..at + length].join(" ").to_lowercase();
        for id in ids {
            let words = choice.words.entry((*id).to_owned()).or_default();
            if !words.contains(&phrase) {
                words.push(phrase.clone());
            }
        }
        at += length;
    }
    choice
}

/// Adds to blueprints those that they need. Returns every one with the ones that need it.
pub fn with_needs(
    chosen: &BTreeSet<String>,
    blueprints: &Registry<Blueprint>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut waiting: Vec<String> = chosen.iter().cloned().collect();
    while let Some(id) = waiting.pop() {
        all.entry(id.clone()).or_default();
        for need in blueprints.get(&id).into_iter().flat_map(|one| &one.needs) {
            if !all.contains_key(need) {
                waiting.push(need.clone());
            }
            all.entry(need.clone()).or_default().insert(id.clone());
        }
    }
    all
}

/// Makes a name of the words of a feature; `None` where they have no letters.
pub fn name_of(feature: &str) -> Option<FeatureName> {
    let ascii = feature.to_lowercase();
    let words = ascii.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && !GRAMMAR.contains(word));
    let mut name = String::new();
    for word in words {
        let starts_well = !name.is_empty() || word.starts_with(|c: char| c.is_ascii_alphabetic());
        if !starts_well {
            continue;
        }
        if !name.is_empty() && name.len() + 1 + word.len() > LONGEST_NAME {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    name.truncate(LONGEST_NAME);
    FeatureName::new(&name).ok()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}');
    words.filter(|word| !word.is_empty())
}

/// The blueprints by the stems of each phrase that chooses them.
fn phrases(blueprints: &Registry<Blueprint>) -> BTreeMap<Vec<String>, BTreeSet<&str>> {
    let mut out: BTreeMap<Vec<String>, BTreeSet<&str>> = BTreeMap::new();
    for blueprint in blueprints.iter() {
        for phrase in &blueprint.words {
            let stems = split(phrase).map(|word| stem(&normal(word))).collect();
            out.entry(stems).or_default().insert(blueprint.id.as_str());
        }
    }
    out
}
