//! The vocabulary as data, indexed once.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::{Catalog, Kind};

use super::option_words::{self, OptionWords};
use super::stem::{normal, stem};

/// The words that this version knows.
pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut source: Source = toml::from_str(include_str!("vocabulary.toml"))
        .expect("the vocabulary is part of the program, and a test reads it");
    let options: option_words::Options = toml::from_str(include_str!("places.toml"))
        .expect("the words of options are part of the program, and a test reads them");
    let switches = options.switches.keys().cloned().collect();
    source.wishes.extend(options.switches);
    let kinds =
        Catalog::built_in().expect("the kinds are part of the program, and tests read them");
    let mut out = Vocabulary::index(source, &kinds);
    out.switches = switches;
    out.places = option_words::index(&options.values);
    out
});

type Values = BTreeMap<String, Vec<String>>;
/// Units by what a parameter is counted in, with the factor of each.
type Units = BTreeMap<String, BTreeMap<String, u64>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    fillers: String,
    polite: String,
    questions: String,
    negations: String,
    clauses: String,
    conditions: String,
    joiners: String,
    generic: String,
    exclusions: String,
    everyday: String,
    harmless: String,
    elsewhere: String,
    heads: String,
    leads: String,
    foreign_formats: String,
    file_endings: String,
    wishes: Values,
    lacks: Vec<Lack>,
    regions: Values,
    environments: Values,
    domains: Values,
    severities: Values,
    metrics: Values,
    levels: Values,
    audits: Values,
    formats: Values,
    numbers: Values,
    statuses: Values,
    symptoms: Values,
    schemas: NameList,
    shells: NameList,
    actions: Values,
    units: Units,
    concepts: Values,
    intents: Vec<Intent>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NameList {
    names: Vec<String>,
}

/// Something that people ask for and that no command does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lack {
    /// How one says it, where an order begins; as stems, so that every inflection fits.
    #[serde(default)]
    pub(super) orders: Vec<String>,
    /// How one says it anywhere; as stems, too.
    #[serde(default)]
    pub(super) phrases: Vec<String>,
    /// That there is none, and what there is.
    pub(super) says: String,
    /// Commands that come near.
    #[serde(default)]
    pub(super) near: Vec<String>,
    /// Whether a command that takes the same words is meant instead.
    #[serde(default)]
    pub(super) yields: bool,
}

/// Something that can be meant: a command, and the words that ask for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The command, for instance `issues resolve`.
    pub command: String,
    /// What it is called where one command has several intents.
    #[serde(default)]
    pub name: Option<String>,
    /// How one may ask for it.
    pub example: String,
    /// Whether it changes something, so that it needs consent.
    #[serde(default)]
    pub write: bool,
    /// The verb whose action depends on the kind of resource.
    #[serde(default)]
    pub action: Option<String>,
    /// Words that must all be there, one way a line.
    pub patterns: Vec<String>,
    /// Concepts that go with it.
    #[serde(default)]
    pub also: Vec<String>,
    /// What its command line can hold.
    pub takes: Vec<String>,
    /// Without what it cannot be run.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether its words are free text, so that unknown ones are no doubt.
    #[serde(default)]
    pub free: bool,
    /// Whether it can be done for several environments at once.
    #[serde(default)]
    pub many: bool,
    /// The option that takes a file that no words lead to.
    #[serde(default)]
    pub plain: Option<String>,
    /// The nearest command line, for a version that lacks this command.
    #[serde(default)]
    pub instead: Option<String>,
}

impl Intent {
    /// Whether its command line has a place for that.
    pub(crate) fn has(&self, slot: &str) -> bool {
        self.takes.iter().any(|takes| takes == slot)
    }

    /// What it is called.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.command)
    }
}

/// A phrase with something in between: `set .. up`.
#[derive(Debug)]
pub(crate) struct SplitPhrase {
    /// The stems of its first words.
    pub(crate) head: Vec<String>,
    /// The stems of its last words.
    pub(crate) tail: Vec<String>,
    /// What it says.
    pub(crate) concept: String,
}

/// Everything that is known of words.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(crate) fillers: HashSet<String>,
    pub(crate) polite: Vec<Vec<String>>,
    pub(crate) questions: HashSet<String>,
    pub(crate) negations: Vec<Vec<String>>,
    pub(crate) clauses: HashSet<String>,
    pub(crate) conditions: HashSet<String>,
    pub(crate) joiners: HashSet<String>,
    pub(crate) generic: HashSet<String>,
    pub(crate) exclusions: Vec<Vec<String>>,
    /// Words that matter to no command.
    pub(crate) everyday: HashSet<String>,
    /// Words that say something that matters to no command.
    harmless: HashSet<String>,
    /// Words of the language that are no names.
    plain: HashSet<String>,
    /// The commonest words of the language.
    common: HashSet<&'static str>,
    /// Names that environments have elsewhere.
    pub(crate) elsewhere: HashSet<String>,
    /// Formats that no command has.
    pub(crate) foreign_formats: HashSet<String>,
    /// Words that say that the one beside them is a name.
    pub(super) heads: HashSet<String>,
    /// Words that stand before names.
    pub(super) leads: HashSet<String>,
    file_endings: HashSet<String>,
    /// Phrase → what is wanted of any command; the longest first.
    pub(crate) wishes: Vec<(Vec<String>, String)>,
    /// Those wishes that only some commands have a switch for.
    pub(crate) switches: HashSet<String>,
    /// Values that only some commands have an option for.
    pub(crate) places: Vec<OptionWords>,
    pub(super) lacks: Vec<Lack>,
    /// Regions of AWS.
    pub(crate) regions: Vec<String>,
    /// Phrase (normal words, joined by a space) → slot and value.
    pub(crate) values: HashMap<String, Vec<(&'static str, String)>>,
    /// Order → names of actions that it may mean, as the catalog knows them.
    pub(crate) actions: Values,
    pub(crate) units: Units,
    /// Phrase as stems → concepts.
    pub(crate) stems: HashMap<String, Vec<String>>,
    /// Phrases with something in between.
    pub(crate) gaps: Vec<SplitPhrase>,
    /// Phrase as it is written → concepts.
    pub(crate) exact: HashMap<String, Vec<String>>,
    /// Every word, for slips of the pen.
    pub(crate) words: Vec<String>,
    known: HashSet<String>,
    /// What can be meant, in the order of the file.
    pub(super) intents: Vec<Intent>,
    /// Concepts with which a change begins.
    pub(crate) verbs: HashSet<String>,
    /// Kind → the kind whose table of targets it shares. People call both the same.
    pub(crate) alike: HashMap<String, String>,
}

/// The most words of a phrase.
pub(crate) const LONGEST_PHRASE: usize = 6;

impl Vocabulary {
    fn index(source: Source, catalog: &Catalog) -> Self {
        let values = values(&source, catalog);
        let mut out = Self {
            fillers: set(&source.fillers),
            polite: phrases(&source.polite),
            questions: set(&source.questions),
            negations: phrases(&source.negations),
            clauses: bars(&source.clauses),
            conditions: set(&source.conditions),
            joiners: bars(&source.joiners),
            generic: set(&source.generic),
            exclusions: phrases(&source.exclusions),
            everyday: set(&source.everyday),
            harmless: set(&source.harmless)
                .iter()
                .chain(&set(include_str!("english.txt")))
                .map(|word| stem(word))
                .collect(),
            plain: set(include_str!("plain.txt")),
            common: include_str!("common.txt").split_whitespace().collect(),
            elsewhere: set(&source.elsewhere),
            foreign_formats: set(&source.foreign_formats),
            heads: set(&source.heads),
            leads: set(&source.leads),
            file_endings: set(&source.file_endings),
            wishes: wishes(&source.wishes),
            switches: HashSet::new(),
            places: Vec::new(),
            lacks: source.lacks,
            regions: source.regions.keys().cloned().collect(),
            verbs: verbs(&source.intents),
            alike: alike(catalog),
            values,
            actions: source.actions,
            units: source.units,
            stems: HashMap::new(),
            exact: HashMap::new(),
            gaps: Vec::new(),
            words: Vec::new(),
            known: HashSet::new(),
            intents: source.intents,
        };
        out.index_concepts(&source.concepts);
        for lack in &mut out.lacks {
            let said = lack.orders.iter_mut().chain(&mut lack.phrases);
            said.for_each(|phrase| *phrase = stems(phrase));
        }
        // An environment is never guessed at.
        let environments: HashSet<&String> = source.environments.values().flatten().collect();
        out.words.retain(|word| !environments.contains(word));
        out
    }

    fn index_concepts(&mut self, concepts: &Values) {
        let mut words = HashSet::new();
        for (concept, phrases) in concepts {
            for phrase in phrases {
                if let Some((head, tail)) = phrase.split_once(" .. ") {
                    words.extend(head.split(' ').chain(tail.split(' ')).map(normal));
                    let stemmed =
                        |text: &str| text.split(' ').map(|word| stem(&normal(word))).collect();
                    let (head, tail) = (stemmed(head), stemmed(tail));
                    let concept = concept.clone();
                    self.gaps.push(SplitPhrase {
                        head,
                        tail,
                        concept,
                    });
                    continue;
                }
                let (index, key) = match phrase.strip_prefix('=') {
                    Some(exact) => (&mut self.exact, exact.to_owned()),
                    None => (&mut self.stems, stems(phrase)),
                };
                index.entry(key).or_default().push(concept.clone());
                words.extend(phrase.trim_start_matches('=').split(' ').map(normal));
            }
        }
        for phrase in self.values.keys() {
            words.extend(phrase.split(' ').map(normal));
        }
        let spoken = self
            .lacks
            .iter()
            .flat_map(|lack| lack.orders.iter().chain(&lack.phrases));
        words.extend(spoken.flat_map(|phrase| phrase.split(' ').map(normal)));
        words.extend(
            self.wishes
                .iter()
                .flat_map(|(phrase, _)| phrase.iter().cloned()),
        );
        let lists = [
            &self.fillers,
            &self.everyday,
            &self.harmless,
            &self.elsewhere,
            &self.foreign_formats,
            &self.questions,
            &self.conditions,
            &self.generic,
        ];
        self.known = words.iter().map(|word| stem(word)).collect();
        let structure = self.exclusions.iter().chain(&self.negations).flatten();
        self.known.extend(structure.map(|word| stem(word)));
        self.known.extend(
            lists
                .iter()
                .flat_map(|list| list.iter().map(|word| stem(word))),
        );
        self.words = words.into_iter().filter(|word| word.len() > 3).collect();
        self.words.sort();
    }

    /// Whether a word has no meaning of its own here.
    pub(crate) fn is_filler(&self, word: &str) -> bool {
        let lists = [
            &self.fillers,
            &self.everyday,
            &self.questions,
            &self.joiners,
            &self.clauses,
        ];
        lists.iter().any(|list| list.contains(word))
    }

    /// Whether a word says something that matters to no command.
    pub(crate) fn is_harmless(&self, word: &str) -> bool {
        self.harmless.contains(&stem(word))
    }

    /// Whether it is a word of some phrase, as it is written.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        let spelled = self.words.binary_search_by(|one| one.as_str().cmp(word));
        spelled.is_ok() || self.plain.contains(word) || self.is_common(word)
    }

    /// Whether it is one of the commonest words of the language.
    pub(crate) fn is_common(&self, word: &str) -> bool {
        self.common.contains(word)
    }

    /// Whether a word is part of what says that something is not to be done.
    pub(crate) fn negates(&self, word: &str) -> bool {
        self.negations.iter().flatten().any(|part| part == word)
    }

    /// Whether an order to change something begins with this word, or one that nothing carries out.
    pub(crate) fn is_order(&self, word: &str) -> bool {
        let stem = stem(word);
        let concepts = self.stems.get(&stem);
        let change = concepts.is_some_and(|all| all.iter().any(|one| self.verbs.contains(one)));
        let mut lacks = self.lacks.iter().flat_map(|lack| &lack.orders);
        change || lacks.any(|order| *order == stem)
    }

    /// Whether it is written like a file that is read or written.
    pub(crate) fn is_file(&self, raw: &str) -> bool {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./~-".contains(&b);
        raw.rsplit_once('.').is_some_and(|(name, ending)| {
            !name.is_empty()
                && !name.starts_with('-')
                && name.bytes().all(plain)
                && self.file_endings.contains(ending)
        })
    }

    /// Whether the word, in some inflection, is one of these.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.known.contains(&stem(word)) || self.fillers.contains(word)
    }
}

/// Phrases that stand for values, with the slot and the value.
fn values(source: &Source, catalog: &Catalog) -> HashMap<String, Vec<(&'static str, String)>> {
    let words = |kind: &Kind| (kind.id.to_string(), kind.words.clone());
    let kinds: Values = catalog.kinds().map(words).collect();
    let mut values: HashMap<String, Vec<(&'static str, String)>> = HashMap::new();
    let tables = [
        ("env", &source.environments),
        ("domain", &source.domains),
        ("kind", &kinds),
        ("severity", &source.severities),
        ("metric", &source.metrics),
        ("level", &source.levels),
        ("audit", &source.audits),
        ("format", &source.formats),
        ("number", &source.numbers),
        ("state", &source.statuses),
        ("symptom", &source.symptoms),
        ("region", &source.regions),
    ];
    for (slot, table) in tables {
        for (value, phrases) in table {
            for phrase in phrases {
                let found = values.entry(phrase.clone()).or_default();
                found.push((slot, value.clone()));
            }
        }
    }
    let indicators = catalog.kinds().flat_map(|kind| &kind.slis);
    let indicators: Vec<String> = indicators.map(|sli| sli.id.clone()).collect();
    let lists = [
        ("indicator", &indicators),
        ("schema", &source.schemas.names),
        ("shell", &source.shells.names),
    ];
    for (slot, names) in lists {
        for name in names {
            let found = values.entry(name.clone()).or_default();
            if !found.contains(&(slot, name.clone())) {
                found.push((slot, name.clone()));
            }
        }
    }
    values
}

/// A phrase as the stems of its words.
pub(crate) fn stems(phrase: &str) -> String {
    let stems: Vec<String> = phrase.split(' ').map(|word| stem(&normal(word))).collect();
    stems.join(" ")
}

fn set(text: &str) -> HashSet<String> {
    text.split_whitespace().map(normal).collect()
}

fn bars(text: &str) -> HashSet<String> {
    text.split('|').map(|part| part.trim().to_owned()).collect()
}

/// Phrases, the longest first.
fn phrases(text: &str) -> Vec<Vec<String>> {
    let split = |part: &str| part.split_whitespace().map(normal).collect();
    let mut out: Vec<Vec<String>> = text.split('|').map(split).collect();
    out.retain(|phrase| !phrase.is_empty());
    out.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    out
}

fn wishes(source: &Values) -> Vec<(Vec<String>, String)> {
    let mut out: Vec<(Vec<String>, String)> = Vec::new();
    for (wish, said) in source {
        for phrase in said {
            out.push((phrase.split(' ').map(normal).collect(), wish.clone()));
        }
    }
    out.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
    out
}

fn alike(catalog: &Catalog) -> HashMap<String, String> {
    let pair = |kind: &Kind| (kind.id.to_string(), kind.slo_table().to_owned());
    catalog.kinds().map(pair).collect()
}

fn verbs(intents: &[Intent]) -> HashSet<String> {
    let writes = intents.iter().filter(|intent| intent.write);
    writes
        .flat_map(|intent| intent.patterns.iter())
        .filter_map(|pattern| pattern.split(' ').next())
        .filter(|first| !first.starts_with('@'))
        .map(str::to_owned)
        .collect()
}
