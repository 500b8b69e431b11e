//! Finds the parameters among the distinct keys of lines: positions at which keys that are
//! otherwise equal hold many words. Works on keys, never on the order of lines, so that shards,
//! pages and repeated runs give the same templates.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::bytes::mix;
use super::words::{ANY, HashedMap, Look, WordId, Words};

/// An element directly follows `=`.
pub(super) const ASSIGNED: u8 = 1;
/// An element directly follows `:`.
pub(super) const TOLD: u8 = 2;

/// An element stands behind a quotation mark.
pub(super) const QUOTED: u8 = 4;

/// What the search for parameters weighs. One set for all logs.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// The weight of words that makes a position a parameter.
    pub enough: f64,
    /// The weight of a word that holds a number.
    pub mixed: f64,
    /// The weight of a word that looks like the name of a thing.
    pub name: f64,
    /// What is added to the weight of a word that is a value elsewhere.
    pub known: f64,
    /// The factor for what follows `=`.
    pub assigned: f64,
    /// The factor for what stands in quotation marks.
    pub quoted: f64,
    /// The factor on `enough` when only two constant words surround the position.
    pub few: f64,
    /// The factor on `enough` when no constant word stands before the position.
    pub first: f64,
    /// The distinct words at each of two positions that change together.
    pub pair: usize,
    /// The combinations of two positions that share words.
    pub exchanged: usize,
    /// The constant words that make two templates one when all of them are equal.
    pub skeleton: usize,
    /// The constant words a rare template shares with a frequent one that takes it in.
    pub absorb: usize,
    /// A template is rare when it has at most this share of the other's lines.
    pub rare: f64,
    /// The share up to which a template joins one that it is a case of.
    pub matched: f64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            enough: 3.0,
            mixed: 2.0,
            name: 1.25,
            known: 1.0,
            assigned: 1.5,
            quoted: 1.5,
            few: 1.5,
            first: 1.5,
            pair: 5,
            exchanged: 4,
            skeleton: 3,
            absorb: 4,
            rare: 0.02,
            matched: 0.1,
        }
    }
}

/// A template while it is being found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyDraft {
    pub(super) elements: Vec<WordId>,
    pub(super) flags: Vec<u8>,
    pub(super) lines: u64,
}

/// Returns the templates and, for every key, the number of its template.
pub(super) fn generalise(
    keys: &[KeyDraft],
    words: &Words,
    tuning: &Tuning,
) -> (Vec<KeyDraft>, Vec<usize>) {
    let mut search = Search {
        words,
        tuning,
        drafts: Vec::new(),
        of_key: Vec::new(),
        values: HashSet::new(),
    };
    search.start(keys);
    for _ in 0..8 {
        if !search.single_positions() {
            break;
        }
    }
    if search.position_pairs() {
        for _ in 0..4 {
            if !search.single_positions() {
                break;
            }
        }
    }
    search.same_words();
    search.absorb_rare();
    (search.drafts, search.of_key)
}

/// Makes one value of values in a row.
fn fold_values(draft: &mut KeyDraft) {
    let mut at = 1;
    while at < draft.elements.len() {
        if draft.elements[at] == ANY && draft.elements[at - 1] == ANY {
            draft.elements.remove(at);
            draft.flags.remove(at);
        } else {
            at += 1;
        }
    }
}

struct Search<'a> {
    words: &'a Words,
    tuning: &'a Tuning,
    drafts: Vec<KeyDraft>,
    of_key: Vec<usize>,
    /// Words that have been found to be values at some position.
    values: HashSet<WordId>,
}

impl Search<'_> {
    /// Joins keys that differ in punctuation only, in an order that no stream decides.
    fn start(&mut self, keys: &[KeyDraft]) {
        let mut all: Vec<KeyDraft> = keys.to_vec();
        for draft in &mut all {
            draft.lines = draft.lines.max(1);
        }
        self.of_key = (0..all.len()).collect();
        self.drafts = all;
        self.join();
    }

    /// Makes equal templates one, and numbers them by content.
    fn join(&mut self) {
        let mut order: Vec<usize> = (0..self.drafts.len()).collect();
        let text = |index: &usize| {
            self.drafts[*index]
                .elements
                .iter()
                .map(|&id| self.words.text(id))
        };
        order.sort_by(|a, b| text(a).cmp(text(b)));
        let mut joined: Vec<KeyDraft> = Vec::new();
        let mut to = vec![0; self.drafts.len()];
        for index in order {
            let draft = &self.drafts[index];
            match joined.last_mut() {
                Some(last) if last.elements == draft.elements => {
                    last.lines += draft.lines;
                    for (mine, other) in last.flags.iter_mut().zip(&draft.flags) {
                        *mine |= other;
                    }
                }
                _ => joined.push(draft.clone()),
            }
            to[index] = joined.len() - 1;
        }
        for of in &mut self.of_key {
            *of = to[*of];
        }
        self.drafts = joined;
    }

    /// One round: every position of every template, with the rest of the template as context.
    fn single_positions(&mut self) -> bool {
        let mut groups: HashedMap<Vec<(u32, u32)>> = HashedMap::default();
        for (index, draft) in self.drafts.iter().enumerate() {
            let elements = &draft.elements;
            let mut suffix = vec![0_u64; elements.len() + 1];
            for at in (0..elements.len()).rev() {
                suffix[at] = mix(suffix[at + 1] ^ 0x51, u64::from(elements[at]) + 1);
            }
            let mut prefix = elements.len() as u64 + 7;
            for (at, &id) in elements.iter().enumerate() {
                if !matches!(self.words.look(id), Look::Symbol | Look::Fault) {
                    let rest = mix(mix(prefix, at as u64 + 1), suffix[at + 1]);
                    groups
                        .entry(rest)
                        .or_default()
                        .push((index as u32, at as u32));
                }
                prefix = mix(prefix, u64::from(id) + 1);
            }
        }
        let mut change: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut learnt = Vec::new();
        for members in groups.values().filter(|members| members.len() > 1) {
            if self.is_parameter(members) {
                for &(index, at) in members {
                    change.entry(index).or_default().push(at);
                    learnt.push(self.drafts[index as usize].elements[at as usize]);
                }
            }
        }
        let any = !change.is_empty();
        for (index, places) in change {
            for at in places {
                self.drafts[index as usize].elements[at as usize] = ANY;
            }
        }
        self.values
            .extend(learnt.into_iter().filter(|&id| id != ANY));
        for draft in &mut self.drafts {
            fold_values(draft);
        }
        self.join();
        any
    }

    /// Decides whether a position of templates that are otherwise equal is a parameter.
    fn is_parameter(&self, members: &[(u32, u32)]) -> bool {
        let (first, at) = members[0];
        let draft = &self.drafts[first as usize];
        let at = at as usize;
        let mut constants = 0;
        let mut before = false;
        for (place, &id) in draft.elements.iter().enumerate() {
            if place != at && self.words.is_constant(id) {
                constants += 1;
                before |= place < at;
            }
        }
        let flags = members.iter().fold(0, |flags, &(index, at)| {
            flags | self.drafts[index as usize].flags[at as usize]
        });
        if constants < 1 || constants < 2 && flags & (ASSIGNED | TOLD) == 0 {
            return false;
        }
        let weight = |&(index, at): &(u32, u32)| {
            let id = self.drafts[index as usize].elements[at as usize];
            let known = if self.values.contains(&id) {
                self.tuning.known
            } else {
                0.0
            };
            known
                + match self.words.look(id) {
                    Look::Value => 99.0,
                    Look::Mixed => self.tuning.mixed,
                    Look::Name => self.tuning.name,
                    _ => 1.0,
                }
        };
        let mut sum: f64 = members.iter().map(weight).sum();
        if flags & ASSIGNED != 0 {
            sum *= self.tuning.assigned;
        } else if flags & QUOTED != 0 {
            sum *= self.tuning.quoted;
        }
        let mut need = self.tuning.enough;
        if constants == 2 {
            need *= self.tuning.few;
        }
        if !before && constants < 4 {
            need *= self.tuning.first;
        }
        sum >= need
    }

    /// Two parameters that never repeat together leave no equal context: two positions at once.
    fn position_pairs(&mut self) -> bool {
        let mut groups: HashMap<(usize, usize, u64), Vec<usize>> = HashMap::new();
        for (index, draft) in self.drafts.iter().enumerate() {
            let elements = &draft.elements;
            let places: Vec<usize> = (0..elements.len())
                .filter(|&at| self.words.is_constant(elements[at]))
                .collect();
            if !(5..=24).contains(&places.len()) {
                continue;
            }
            for (number, &i) in places.iter().enumerate() {
                for &j in &places[number + 1..] {
                    let rest = elements
                        .iter()
                        .enumerate()
                        .filter(|&(at, _)| at != i && at != j)
                        .fold(elements.len() as u64, |state, (_, &id)| {
                            mix(state, u64::from(id) + 1)
                        });
                    groups.entry((i, j, rest)).or_default().push(index);
                }
            }
        }
        let mut groups: Vec<_> = groups
            .into_iter()
            .filter(|(_, of)| of.len() >= self.tuning.pair.min(self.tuning.exchanged))
            .collect();
        groups.sort_by(|a, b| {
            (b.1.len(), &a.0.0, &a.0.1, &a.1).cmp(&(a.1.len(), &b.0.0, &b.0.1, &b.1))
        });
        let mut done = HashSet::new();
        for ((i, j, _), of) in groups {
            let of: Vec<usize> = of
                .into_iter()
                .filter(|index| !done.contains(index))
                .collect();
            let distinct = |at: usize| {
                of.iter()
                    .map(|&index| self.drafts[index].elements[at])
                    .collect::<HashSet<_>>()
            };
            let (left, right) = (distinct(i), distinct(j));
            let many = left.len() >= self.tuning.pair && right.len() >= self.tuning.pair;
            // `from A to B`, `from B to C`: words that stand at both places are values.
            let exchanged =
                left.intersection(&right).count() >= 2 && of.len() >= self.tuning.exchanged;
            if many || exchanged {
                for index in of {
                    self.drafts[index].elements[i] = ANY;
                    self.drafts[index].elements[j] = ANY;
                    done.insert(index);
                }
            }
        }
        self.join();
        !done.is_empty()
    }

    /// Templates whose words are the same in the same order are one: values may be empty, lists
    /// longer, punctuation different.
    fn same_words(&mut self) {
        let mut groups: BTreeMap<Vec<WordId>, Vec<usize>> = BTreeMap::new();
        for (index, draft) in self.drafts.iter().enumerate() {
            let skeleton: Vec<WordId> = draft
                .elements
                .iter()
                .copied()
                .filter(|&id| id != ANY)
                .collect();
            if skeleton
                .iter()
                .filter(|&&id| self.words.is_constant(id))
                .count()
                >= self.tuning.skeleton
            {
                groups.entry(skeleton).or_default().push(index);
            }
        }
        for of in groups.values().filter(|of| of.len() > 1) {
            self.lead(of);
        }
        self.join();
    }

    /// Gives all of the templates the elements of the most frequent one.
    fn lead(&mut self, of: &[usize]) {
        let Some(&best) = of
            .iter()
            .max_by_key(|&&index| (self.drafts[index].lines, Reverse(index)))
        else {
            return;
        };
        let (elements, flags) = (
            self.drafts[best].elements.clone(),
            self.drafts[best].flags.clone(),
        );
        for &index in of {
            self.drafts[index].elements.clone_from(&elements);
            self.drafts[index].flags.clone_from(&flags);
        }
    }

    /// A rare template that fits a frequent one but for a value that is longer or missing, or that
    /// came too seldom to be found as one, belongs to it: one odd line must not stand apart.
    fn absorb_rare(&mut self) {
        let mut by_word: HashMap<WordId, Vec<usize>> = HashMap::new();
        for (index, draft) in self.drafts.iter().enumerate() {
            if let Some(&id) = self.constants(draft).next() {
                by_word.entry(id).or_default().push(index);
            }
        }
        let mut joins = Vec::new();
        for (index, draft) in self.drafts.iter().enumerate() {
            let share = |host: usize| draft.lines as f64 / self.drafts[host].lines as f64;
            let fits = |first: bool, host: usize| {
                let elements = &self.drafts[host].elements;
                host != index
                    && (first
                        && share(host) <= self.tuning.rare
                        && self.covers(elements, &draft.elements)
                        || share(host) <= self.tuning.matched
                            && self.is_case_of(elements, &draft.elements))
            };
            // What is a value of the host may be the first word here.
            let near = self.constants(draft).enumerate().flat_map(|(number, id)| {
                let hosts = by_word.get(id).into_iter().flatten().copied();
                hosts.filter(move |&host| fits(number == 0, host))
            });
            let best = near.max_by_key(|&host| (self.drafts[host].lines, Reverse(host)));
            joins.extend(best.map(|host| (index, host)));
        }
        let before = self.drafts.clone();
        for (index, host) in joins {
            self.drafts[index]
                .elements
                .clone_from(&before[host].elements);
            self.drafts[index].flags.clone_from(&before[host].flags);
        }
        self.join();
    }

    fn constants<'a>(&'a self, draft: &'a KeyDraft) -> impl Iterator<Item = &'a WordId> {
        let constant = |id: &&WordId| self.words.is_constant(**id);
        draft.elements.iter().filter(constant)
    }

    /// Whether the other is what the host says with its values filled in, as words that came too
    /// seldom to be found as values.
    fn is_case_of(&self, host: &[WordId], other: &[WordId]) -> bool {
        let constants = host.iter().filter(|&&id| self.words.is_constant(id));
        let filled = |(&have, &id): (&WordId, &WordId)| {
            have == id || have == ANY && self.words.look(id) != Look::Fault
        };
        host.len() == other.len()
            && constants.count() >= self.tuning.skeleton
            && host.iter().zip(other).all(filled)
    }

    /// Whether the other is the host with one element more or its last one missing, or with at
    /// most three elements more where the host has a value.
    fn covers(&self, host: &[WordId], other: &[WordId]) -> bool {
        let constants = host
            .iter()
            .filter(|&&id| self.words.is_constant(id))
            .count();
        // The name of an error is never a value.
        let fault = |id: &&WordId| self.words.look(**id) == Look::Fault;
        let faults = |elements: &[WordId]| elements.iter().filter(fault).count();
        if constants < self.tuning.absorb || faults(other) > faults(host) {
            return false;
        }
        is_longer_by_one(other, host)
            || host[..host.len() - 1] == *other
            || has_longer_values(host, other)
    }
}

fn is_longer_by_one(long: &[WordId], short: &[WordId]) -> bool {
    if long.len() != short.len() + 1 {
        return false;
    }
    let same = long.iter().zip(short).take_while(|(a, b)| a == b).count();
    long[same + 1..] == short[same..]
}

fn has_longer_values(host: &[WordId], other: &[WordId]) -> bool {
    let mut at = 0;
    let mut open = false;
    for &id in host {
        if id == ANY {
            open = true;
            continue;
        }
        let reach = if open { 4 } else { 1 };
        let Some(step) = other[at..].iter().take(reach).position(|&have| have == id) else {
            return false;
        };
        at += step + 1;
        open = false;
    }
    other.len() - at <= if open { 3 } else { 0 }
}
