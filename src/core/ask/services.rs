//! Names of services and resources, as people say them: in full, in part, with the kind.

use std::collections::HashSet;

use super::entity::Entity;
use super::stem::stem;
use super::vocabulary::Vocabulary;
use super::words::Token;
use super::{AskContext, Service};

/// Which service is meant.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Services {
    /// None is named.
    #[default]
    None,
    /// This one.
    One(Service),
    /// One of these, or all of them.
    Several(Vec<String>),
}

/// A name in the text: the name, its first word, and the word behind it.
type Spot = (String, usize, usize);

/// Finds the services that are named.
pub(crate) fn find(
    tokens: &[Token],
    masked: &HashSet<usize>,
    world: &AskContext,
    vocabulary: &Vocabulary,
    found: &[Entity],
) -> (Services, Vec<Spot>) {
    let free = |i: usize| {
        !masked.contains(&i)
            && !tokens[i].quoted
            && !found.iter().any(|one| {
                matches!(one.slot, "issue" | "file" | "permission" | "tag" | "design")
                    && (one.from..one.to).contains(&i)
            })
    };
    let mut spots = whole_names(tokens, &free, world);
    let kinds: Vec<(&str, usize, usize)> = found
        .iter()
        .filter(|one| one.slot == "kind" && !inside_longer(one, found))
        .map(|one| (one.value.as_str(), one.from, one.to))
        .collect();
    if spots.is_empty() {
        return in_part(tokens, &free, world, vocabulary, &kinds);
    }
    spots.dedup_by(|a, b| a.0 == b.0);
    let mut names: Vec<&String> = spots.iter().map(|spot| &spot.0).collect();
    names.sort();
    names.dedup();
    let services = match names.as_slice() {
        [one] => {
            let service = world.services.iter().find(|service| &service.name == *one);
            service.map_or(Services::None, |service| Services::One(service.clone()))
        }
        _ => Services::Several(names.into_iter().cloned().collect()),
    };
    (services, spots)
}

/// `as a table` is no table.
fn inside_longer(one: &Entity, all: &[Entity]) -> bool {
    all.iter().any(|other| {
        matches!(other.slot, "format" | "kind")
            && other.from <= one.from
            && other.to >= one.to
            && other.to - other.from > one.to - one.from
    })
}

/// Names whose words all stand there, in their order; the longest at each place.
fn whole_names(tokens: &[Token], free: &dyn Fn(usize) -> bool, world: &AskContext) -> Vec<Spot> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let best = world
            .services
            .iter()
            .filter_map(|service| Some((length_at(tokens, free, at, &service.name)?, service)))
            .max_by_key(|(length, service)| (*length, service.name.len()));
        match best {
            Some((length, service)) => {
                out.push((service.name.clone(), at, at + length));
                at += length;
            }
            None => at += 1,
        }
    }
    out
}

/// How many words from here on are the name.
fn length_at(
    tokens: &[Token],
    free: &dyn Fn(usize) -> bool,
    at: usize,
    name: &str,
) -> Option<usize> {
    if !free(at) {
        return None;
    }
    let name = name.to_lowercase();
    if tokens[at].word == name {
        return Some(1);
    }
    let wanted = parts(&name);
    let mut said = Vec::new();
    for (count, token) in tokens[at..].iter().enumerate() {
        if !free(at + count) {
            return None;
        }
        said.extend(parts(&token.word).into_iter().map(stem));
        if said.len() >= wanted.len() {
            let same = said.iter().zip(&wanted).all(|(a, b)| *a == stem(b));
            return (same && said.len() == wanted.len() && count > 0).then_some(count + 1);
        }
    }
    None
}

fn parts(name: &str) -> Vec<&str> {
    name.split(['-', '_', '.', '/', ':'])
        .filter(|part| !part.is_empty())
        .collect()
}

/// A word of a name, alone or with a kind: `orders lambda`, `the users database`, `uploads`.
fn in_part(
    tokens: &[Token],
    free: &dyn Fn(usize) -> bool,
    world: &AskContext,
    vocabulary: &Vocabulary,
    kinds: &[(&str, usize, usize)],
) -> (Services, Vec<Spot>) {
    let near = |i: usize| {
        kinds
            .iter()
            .filter(move |(_, from, to)| *from == i + 1 || *to == i)
    };
    for (i, token) in tokens.iter().enumerate() {
        let word = stem(&token.word);
        if !free(i)
            || token.word.len() < 3
            || kinds.iter().any(|(_, from, to)| (*from..*to).contains(&i))
        {
            continue;
        }
        let has = |service: &&Service| {
            parts(&service.name.to_lowercase())
                .iter()
                .any(|part| stem(part) == word)
        };
        let named: Vec<&Service> = world.services.iter().filter(has).collect();
        if named.is_empty() {
            continue;
        }
        let kind = near(i).next();
        let generic =
            vocabulary.generic.contains(&token.word) || vocabulary.stems.contains_key(&word);
        if generic && kind.is_none() {
            continue;
        }
        let fitting: Vec<&Service> = match kind {
            Some((kind, _, _)) => named
                .iter()
                .copied()
                .filter(|service| is_kind(service, kind, vocabulary))
                .collect(),
            None => named.clone(),
        };
        let to = kind
            .filter(|(_, from, _)| *from == i + 1)
            .map_or(i + 1, |(_, _, to)| *to);
        if let Some(result) = settle(&fitting, i, to) {
            return result;
        }
    }
    by_kind_alone(tokens, world, vocabulary, kinds)
}

/// `the API lambda`: two kinds, one of them as part of a name; `the cache`: a kind alone.
fn by_kind_alone(
    tokens: &[Token],
    world: &AskContext,
    vocabulary: &Vocabulary,
    kinds: &[(&str, usize, usize)],
) -> (Services, Vec<Spot>) {
    let single = |(_, from, to): &&(&str, usize, usize)| {
        let words: Vec<&str> = (*from..*to).map(|i| tokens[i].word.as_str()).collect();
        // `redis` is one, `lambdas` are many.
        vocabulary.values.contains_key(&words.join(" "))
    };
    let singular: Vec<&(&str, usize, usize)> = kinds.iter().filter(single).collect();
    let fits = |service: &&Service| {
        !singular.is_empty()
            && singular.iter().all(|(kind, from, to)| {
                let said: Vec<String> = match to - from {
                    1 => vec![stem(&tokens[*from].word)],
                    // `api gateway` is no name of which `api` is a part.
                    _ => Vec::new(),
                };
                is_kind(service, kind, vocabulary)
                    || parts(&service.name.to_lowercase())
                        .iter()
                        .any(|part| said.contains(&stem(part)))
            })
    };
    let fitting: Vec<&Service> = world.services.iter().filter(fits).collect();
    let (from, to) = singular
        .first()
        .map_or((0, 0), |(_, from, to)| (*from, *to));
    let mut found = settle(&fitting, from, to).unwrap_or_default();
    // `the dynamo table` is one thing in two words.
    if let Some((name, ..)) = found.1.first().cloned() {
        found.1 = singular
            .iter()
            .map(|(_, from, to)| (name.clone(), *from, *to))
            .collect();
    }
    found
}

fn is_kind(service: &Service, kind: &str, vocabulary: &Vocabulary) -> bool {
    let of_service = service.kind.as_deref();
    let alike = of_service.and_then(|kind| vocabulary.alike.get(kind));
    of_service == Some(kind) || alike.is_some_and(|other| other == kind)
}

fn settle(services: &[&Service], from: usize, to: usize) -> Option<(Services, Vec<Spot>)> {
    let mut names: Vec<String> = services
        .iter()
        .map(|service| service.name.clone())
        .collect();
    names.sort();
    names.dedup();
    match (services, names.as_slice()) {
        ([], _) => None,
        ([first, ..], [one]) => Some((
            Services::One((*first).clone()),
            vec![(one.clone(), from, to)],
        )),
        _ => {
            let shown = names.join(" or ");
            Some((Services::Several(names), vec![(shown, from, to)]))
        }
    }
}
