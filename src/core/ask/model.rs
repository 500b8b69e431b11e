//! Which command the words speak of, by weights that were learnt from utterances (`weights.txt`).
//! They are sums of whole numbers, so that the same words always weigh the same.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use super::Utterance;
use super::hits::Hit;
use super::stem::stem;
use super::vocabulary::Intent;

/// What the weights are multiplied with in the file.
pub(super) const SCALE: f64 = 100.0;
/// What is named: the name itself says nothing of the command, and its sort does.
const NAMES: &[&str] = &[
    "service",
    "issue",
    "env",
    "file",
    "folder",
    "output",
    "record",
    "replay",
    "url",
    "region",
    "permission",
    "tag",
    "design",
    "shard",
    "remediation",
    "account",
    "since",
    "until",
    "top",
    "indicator",
    "author",
    "at",
    "timeout",
    "fail-on",
    "format",
    "errorcode",
    "assignee",
    "schema",
];
/// So many first letters stand for a word, beside its stem.
const HEAD: usize = 5;

/// The weights of every feature.
#[derive(Debug)]
pub(super) struct Learnt {
    /// What they speak of: titles of intents, or options.
    pub(super) titles: Vec<&'static str>,
    /// What each feature says for or against them.
    pub(super) features: HashMap<&'static str, Vec<(usize, i32)>>,
    /// Those that were met only where something was asked back: they may be names.
    doubtful: HashSet<&'static str>,
}

static WEIGHTS: LazyLock<Learnt> = LazyLock::new(|| parse(include_str!("weights.txt")));

impl Learnt {
    pub(super) fn sums(&self, features: &BTreeSet<String>) -> Vec<i32> {
        let mut sums = vec![0_i32; self.titles.len()];
        for feature in features {
            for (column, weight) in self.features.get(feature.as_str()).into_iter().flatten() {
                if let Some(sum) = sums.get_mut(*column) {
                    *sum += weight;
                }
            }
        }
        sums
    }

    /// The words that speak of a column by themselves.
    pub(super) fn evidence(&self, column: usize, utterance: &Utterance<'_>) -> Vec<usize> {
        let weight = |feature: &str| {
            if self.doubtful.contains(feature) {
                return 0.0;
            }
            let all = self.features.get(feature).into_iter().flatten();
            let mut own = all.filter(|(at, _)| *at == column);
            own.next()
                .map_or(0.0, |(_, weight)| f64::from(*weight) / SCALE)
        };
        let speaks = |at: &usize| {
            let token = &utterance.tokens[*at];
            let vocabulary = utterance.vocabulary;
            // A name or a number is never taken up without a place for it.
            let plain = |c: char| c.is_ascii_alphabetic() || c == '\'';
            let says_nothing = vocabulary.is_filler(&token.word);
            if says_nothing
                || token.quoted
                || !token.word.chars().all(plain)
                || !vocabulary.has_word(&token.word)
            {
                return false;
            }
            let word = stem(&token.word);
            if self.doubtful.contains(word.as_str()) {
                return false;
            }
            let head = head(&word).map_or(0.0, |head| weight(&head));
            weight(&word) + head >= EVIDENCE
        };
        (0..utterance.tokens.len()).filter(speaks).collect()
    }
}

pub(super) fn parse(text: &'static str) -> Learnt {
    let mut lines = text.lines();
    let titles: Vec<&str> = lines.next().unwrap_or_default().split('|').collect();
    let mut out = Learnt {
        titles,
        features: HashMap::new(),
        doubtful: HashSet::new(),
    };
    let pair = |one: &str| {
        let (column, weight) = one.split_once(':')?;
        Some((column.parse().ok()?, weight.parse().ok()?))
    };
    for (feature, weights) in lines.filter_map(|line| line.split_once('\t')) {
        let clear = weights.strip_prefix("? ");
        if clear.is_some() {
            out.doubtful.insert(feature);
        }
        let pairs = clear.unwrap_or(weights).split(' ').filter_map(pair);
        out.features.insert(feature, pairs.collect());
    }
    out
}

/// How the words speak of each intent.
pub(super) struct Odds {
    /// What they weigh for each, in the order of the intents.
    pub(super) weights: Vec<f64>,
    /// What they weigh for what no command does.
    pub(super) nothing: f64,
}

/// The column of what no command does.
pub const NOTHING: &str = "nothing";

/// What the words weigh for each intent.
pub(super) fn weigh(utterance: &Utterance<'_>, hits: &[Hit], intents: &[Intent]) -> Odds {
    let weights = &*WEIGHTS;
    let sums = weights.sums(&features(utterance, hits));
    let of = |name: &str| {
        let column = weights.titles.iter().position(|title| *title == name);
        column.map_or(0.0, |column| f64::from(sums[column]) / SCALE)
    };
    Odds {
        weights: intents.iter().map(|intent| of(intent.title())).collect(),
        nothing: of(NOTHING),
    }
}

/// From here on a word speaks of a command.
const EVIDENCE: f64 = 0.3;

/// From here on a word by itself speaks of a change.
const CHANGE: f64 = 0.6;

/// Whether a request begins with a word that speaks of a change by itself: `escalate the worst`.
pub(super) fn begins_with_a_change(utterance: &Utterance<'_>) -> bool {
    let weights = &*WEIGHTS;
    let Some(first) = utterance.tokens.get(utterance.clauses.begin) else {
        return false;
    };
    let word = stem(&first.word);
    let writes = |title: &str| {
        let mut intents = utterance.vocabulary.intents.iter();
        intents.any(|intent| intent.write && intent.title() == title)
    };
    let all = weights.features.get(word.as_str()).into_iter().flatten();
    let mut strong = all.filter(|(_, weight)| f64::from(*weight) / SCALE >= CHANGE);
    utterance.vocabulary.is_order(&first.word)
        && strong.any(|(column, _)| weights.titles.get(*column).is_some_and(|one| writes(one)))
}

/// The words that speak of an intent: what was learnt of each, and of the pairs with its
/// neighbours.
pub(super) fn evidence(utterance: &Utterance<'_>, intent: &Intent) -> Vec<usize> {
    let weights = &*WEIGHTS;
    let Some(column) = weights
        .titles
        .iter()
        .position(|title| *title == intent.title())
    else {
        return Vec::new();
    };
    weights.evidence(column, utterance)
}

/// The first letters of a long word.
pub(super) fn head(word: &str) -> Option<String> {
    let long = word.len() > HEAD && word.is_ascii() && !word.starts_with('@');
    long.then(|| format!("{}-", &word[..HEAD]))
}

/// What an utterance is known by: its words and pairs of them, names by their sort, and what was
/// recognised in it.
pub(super) fn features(utterance: &Utterance<'_>, hits: &[Hit]) -> BTreeSet<String> {
    let words = words(utterance);
    let mut out: BTreeSet<String> = BTreeSet::new();
    out.insert("*".to_owned());
    for word in &words {
        out.insert(word.clone());
        out.extend(head(word));
    }
    let ends = ["^".to_owned()];
    let all: Vec<&String> = ends.iter().chain(&words).collect();
    for pair in all.windows(2) {
        out.insert(format!("{} {}", pair[0], pair[1]));
    }
    for hit in hits.iter().filter(|hit| hit.weight > 1.0) {
        out.insert(format!("={}", hit.concept));
    }
    for one in &utterance.entities.all {
        out.insert(format!("@{}", one.slot));
        if one.slot == "wish" || one.slot == "audit" {
            out.insert(format!("@{}={}", one.slot, one.value));
        }
        if let Some((_, ending)) = one.value.rsplit_once('.')
            && matches!(one.slot, "file" | "output")
        {
            out.insert(format!("@{}.{ending}", one.slot));
        }
    }
    for one in &utterance.entities.placed {
        out.insert(format!("--{}", one.option));
    }
    if utterance.clauses.tail.is_some() {
        out.insert("@tail".to_owned());
    }
    out
}

/// The words as stems, and names as their sort.
fn words(utterance: &Utterance<'_>) -> Vec<String> {
    let tokens = utterance.tokens;
    let mut out: Vec<String> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let named = utterance
            .entities
            .all
            .iter()
            .find(|one| (one.from..one.to).contains(&at) && NAMES.contains(&one.slot));
        let word = match named {
            Some(one) => format!("@{}", one.slot),
            None if utterance.clauses.masked.contains(&at) => continue,
            None if token.quoted => "@text".to_owned(),
            None if token.word.starts_with(|c: char| c.is_ascii_digit()) => "#".to_owned(),
            None => stem(&token.word),
        };
        if word.starts_with('@') && out.last() == Some(&word) {
            continue;
        }
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Features of a number and a word begin with `# `.
    #[test]
    fn every_line_of_the_weights_is_read() {
        for text in [
            include_str!("weights.txt"),
            include_str!("option-weights.txt"),
        ] {
            assert_eq!(parse(text).features.len(), text.lines().count() - 1);
        }
    }
}
