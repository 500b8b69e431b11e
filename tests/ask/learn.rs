//! Learns the weights of `ask` from the rows of `tests/data/ask`, and writes them down.
//!
//! Logistic regression, row after row in the order of the files, with a rate of its own for each
//! weight (AdaGrad). What is written are whole numbers, so that reading is the same everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use fractary::core::ask::{self, AskContext, NOTHING};

/// How often all rows are gone through.
const ROUNDS: usize = 8;
const RATE: f64 = 0.2;
/// Weights nearer to zero are left out.
const SMALL: f64 = 0.2;
/// Options that every command has.
const OF_ALL: &[&str] = &[
    "--dry-run",
    "--commit",
    "--push",
    "--write",
    "--quiet",
    "--verbose",
    "--alerts never",
    "--alerts always",
    "--color never",
    "--color always",
    "--format json",
    "--format markdown",
    "--format html",
    "--format voice",
    "--format text",
    "--format sarif",
];

/// An utterance, and what is right.
pub(crate) type Row = (&'static str, &'static str);

/// What is learnt from: features, the columns that are right, and those that may be.
struct Sample {
    features: Vec<usize>,
    right: Vec<usize>,
    of: Vec<usize>,
}

/// Numbers of features, in the order in which they are met.
#[derive(Default)]
struct Features(BTreeMap<String, usize>);

impl Features {
    fn numbers(&mut self, names: Vec<String>) -> Vec<usize> {
        let number = |name: String| {
            let next = self.0.len();
            *self.0.entry(name).or_insert(next)
        };
        names.into_iter().map(number).collect()
    }
}

/// The weights of commands and of options, as the files have them.
pub(crate) fn learn(rows: &[Row], world: &AskContext) -> (String, String) {
    (commands(rows, world), options(rows, world))
}

fn commands(rows: &[Row], world: &AskContext) -> String {
    let mut titles: Vec<&str> = ask::intents().map(ask::Intent::title).collect();
    titles.push(NOTHING);
    let mut known: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    let mut doubtful: BTreeSet<String> = BTreeSet::new();
    for (said, expected) in rows {
        let right = meant(said, expected, world);
        if !right.is_empty() {
            known.push((ask::features(said, world), right));
        }
    }
    for (at, intent) in ask::intents().enumerate() {
        known.push((ask::features(&intent.example, world), vec![at]));
    }
    // The help of a command is words for it, too; how often it is meant it does not say.
    for command in &world.commands {
        let all = ask::intents().enumerate();
        let own = all.filter(|(_, intent)| intent.command == command.name);
        let own: Vec<usize> = own.map(|(at, _)| at).collect();
        let options = command
            .places
            .iter()
            .filter(|one| one.name.starts_with('-'));
        for text in options.map(|one| &one.about).chain([&command.about]) {
            let mut features = ask::features(text, world);
            features.retain(|one| one != "*" && !one.starts_with('^'));
            if !own.is_empty() {
                known.push((features, own.clone()));
            }
        }
    }
    for (said, _) in rows.iter().filter(|row| is_asked(row.1)) {
        doubtful.extend(ask::features(said, world));
    }
    for (said, _) in rows.iter().filter(|row| !is_asked(row.1)) {
        for feature in ask::features(said, world) {
            doubtful.remove(&feature);
        }
    }
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in known.iter().flat_map(|(features, _)| features) {
        *count.entry(feature).or_default() += 1;
    }
    // A pair of words that was met once says nothing that its words do not say.
    let often: BTreeSet<String> = count
        .iter()
        .filter(|(name, count)| **count > 1 || !name.contains(' '))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let mut numbers = Features::default();
    let all: Vec<usize> = (0..titles.len()).collect();
    let samples: Vec<Sample> = known
        .into_iter()
        .map(|(mut features, right)| {
            features.retain(|one| often.contains(one));
            Sample {
                features: numbers.numbers(features),
                right,
                of: all.clone(),
            }
        })
        .collect();
    let weights = descend(&samples, numbers.0.len(), titles.len(), true);
    written(&titles, &numbers, &weights, &doubtful)
}

/// Whether it has to be asked back.
fn is_asked(expected: &str) -> bool {
    expected.split(" | ").all(|line| line.starts_with('?'))
}

/// Which intents a row may mean; what no command does where it is that.
fn meant(said: &str, expected: &str, world: &AskContext) -> Vec<usize> {
    let lines: Vec<&str> = expected.split(" | ").collect();
    let mut out: BTreeSet<usize> = BTreeSet::new();
    for line in lines.iter().filter(|line| !line.starts_with('?')) {
        out.extend(intents_of(&ask::old_names::split(line), said, world));
    }
    if !out.is_empty() {
        return out.into_iter().collect();
    }
    let named = lines[0].strip_prefix('?').filter(|name| {
        let first = name.chars().next();
        first.is_some_and(char::is_alphabetic)
    });
    if let Some(name) = named {
        let all = ask::intents().enumerate();
        let own = all.filter(|(_, intent)| intent.command.split(' ').next() == Some(name));
        return own.map(|(at, _)| at).collect();
    }
    if said.starts_with('/') {
        return Vec::new();
    }
    if matches!(
        expected,
        "? nothing does that" | "? nothing knows that" | "? what" | "? none"
    ) {
        return vec![ask::intents().count()];
    }
    // What is asked back about still means a command, where the words of the vocabulary name one.
    let read = ask::by_vocabulary(said, world);
    let lacking =
        matches!(read.doubts.as_slice(), [one] if one.starts_with('`') && one.contains("`: "));
    let asked = lines
        .iter()
        .all(|line| *line == "?" || line.starts_with("? "));
    match read.best {
        None if asked => vec![ask::intents().count()],
        Some(_) if lacking && asked => vec![ask::intents().count()],
        Some(best) => {
            let mut all = ask::intents();
            let own =
                all.position(|one| one.command == best.command && one.example == best.example);
            own.into_iter().collect()
        }
        None => Vec::new(),
    }
}

/// The intents of a command line; one command may have several.
fn intents_of(line: &[String], said: &str, world: &AskContext) -> Vec<usize> {
    let begins = |command: &str| {
        let words: Vec<&str> = command.split(' ').collect();
        line.len() >= words.len() && words.iter().zip(line).all(|(one, other)| one == other)
    };
    let longest = ask::intents()
        .filter(|intent| begins(&intent.command))
        .map(|intent| intent.command.len())
        .max();
    let has = |option: &str| line.iter().any(|one| one == option);
    let spoken = ask::by_vocabulary(said, world).best;
    let spoken = spoken.filter(|best| best.command == "remediate");
    let fits = |intent: &ask::Intent| match intent.title() {
        "list actions" | "log of debug" => has("--list"),
        "history" => has("--history"),
        "undo" => has("--undo"),
        "figures of debug" => has("--stats"),
        "debug" => !has("--stats") && !has("--list"),
        title if intent.command == "remediate" => match &spoken {
            Some(best) => best.example == intent.example,
            None => has("--action") && title != "fix an issue",
        },
        _ => true,
    };
    let all = ask::intents().enumerate();
    all.filter(|(_, intent)| {
        Some(intent.command.len()) == longest && begins(&intent.command) && fits(intent)
    })
    .map(|(at, _)| at)
    .collect()
}

#[derive(serde::Deserialize)]
struct Phrases {
    #[serde(default)]
    switches: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    wishes: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    symptoms: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    audits: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    formats: BTreeMap<String, Vec<String>>,
}

/// The phrases of the vocabulary that ask for an option.
fn phrases() -> Vec<(String, String)> {
    const FILES: [&str; 2] = [
        include_str!("../../src/core/ask/places.toml"),
        include_str!("../../src/core/ask/vocabulary.toml"),
    ];
    let mut out = Vec::new();
    for file in FILES {
        let read: Phrases = toml::from_str(file).expect("the words are part of the program");
        let mut add = |option: String, said: &[String]| {
            for phrase in said.iter().flat_map(|phrase| phrase.split(" .. ")) {
                out.push((phrase.to_owned(), option.clone()));
            }
        };
        for (name, said) in &read.switches {
            add(format!("--{name}"), said);
        }
        for (name, said) in &read.wishes {
            match name.as_str() {
                "no-alerts" => add("--alerts never".to_owned(), said),
                "always-alerts" => add("--alerts always".to_owned(), said),
                "no-color" => add("--color never".to_owned(), said),
                "color" => add("--color always".to_owned(), said),
                "nothing" => add("--dry-run".to_owned(), said),
                "keep" | "fail-never" => {}
                name => add(format!("--{name}"), said),
            }
        }
        for (option, table) in [
            ("--symptom", &read.symptoms),
            ("--type", &read.audits),
            ("--format", &read.formats),
        ] {
            for (value, said) in table {
                add(format!("{option} {value}"), said);
            }
        }
    }
    out
}

/// Options without a value, and those with one of few, by command.
fn known_options(world: &AskContext) -> BTreeMap<&str, BTreeSet<String>> {
    let mut out: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for command in &world.commands {
        let options = out.entry(&command.name).or_default();
        options.extend(OF_ALL.iter().map(|one| (*one).to_owned()));
        // Consent is never read out of words.
        let own = command.places.iter();
        let asks = |name: &str| name.starts_with("--") && !["--yes", "--i-know"].contains(&name);
        for place in own.filter(|one| asks(&one.name)) {
            options.extend(
                place
                    .values
                    .iter()
                    .map(|value| format!("{} {value}", place.name)),
            );
            if place.value.is_none() {
                options.insert(place.name.clone());
            }
        }
    }
    out
}

fn options(rows: &[Row], world: &AskContext) -> String {
    let known = known_options(world);
    let titles: BTreeSet<&String> = known.values().flatten().collect();
    let titles: Vec<&str> = titles.into_iter().map(String::as_str).collect();
    let column = |option: &str| titles.iter().position(|one| *one == option);
    let mut numbers = Features::default();
    let mut samples = Vec::new();
    let about = world.commands.iter().flat_map(|command| &command.places);
    let about = about.filter(|one| one.value.is_none());
    let about = about.map(|one| (one.about.clone(), one.name.clone()));
    for (said, option) in about.chain(phrases()) {
        let mut features = ask::option_features(&said, world);
        features.retain(|one| one != "*");
        if let Some(column) = column(&option) {
            samples.push(Sample {
                features: numbers.numbers(features),
                right: vec![column],
                of: vec![column],
            });
        }
    }
    for (said, expected) in rows {
        let lines = expected.split(" | ").filter(|line| !line.starts_with('?'));
        let lines: Vec<Vec<String>> = lines.map(ask::old_names::split).collect();
        let Some(command) = lines.first().and_then(|line| command_of(line, world)) else {
            continue;
        };
        let mut features = ask::option_features(said, world);
        features.push(format!("command {command}"));
        let mut sample = Sample {
            features: numbers.numbers(features),
            right: Vec::new(),
            of: Vec::new(),
        };
        for option in &known[command] {
            let given = lines.iter().filter(|line| has(line, option)).count();
            let Some(column) = column(option).filter(|_| given == 0 || given == lines.len()) else {
                continue;
            };
            sample.of.push(column);
            if given > 0 {
                sample.right.push(column);
            }
        }
        samples.push(sample);
    }
    let weights = descend(&samples, numbers.0.len(), titles.len(), false);
    written(&titles, &numbers, &weights, &BTreeSet::new())
}

fn command_of<'a>(line: &[String], world: &'a AskContext) -> Option<&'a str> {
    let begins = |command: &str| {
        let words: Vec<&str> = command.split(' ').collect();
        line.len() >= words.len() && words.iter().zip(line).all(|(one, other)| one == other)
    };
    let all = world.commands.iter().map(|command| command.name.as_str());
    all.filter(|name| begins(name))
        .max_by_key(|name| name.len())
}

/// Whether an option, with its value, is on a command line.
fn has(line: &[String], option: &str) -> bool {
    let (name, value) = option.split_once(' ').unwrap_or((option, ""));
    (0..line.len()).any(|at| {
        line[at] == name && (value.is_empty() || line.get(at + 1).is_some_and(|one| one == value))
    })
}

/// Goes down the slope of the log of what is right: of one column among all, or of each by itself.
fn descend(samples: &[Sample], features: usize, columns: usize, one: bool) -> Vec<Vec<f64>> {
    let mut weights = vec![vec![0.0_f64; columns]; features];
    let mut squares = vec![vec![0.01_f64; columns]; features];
    for sample in (0..ROUNDS).flat_map(|_| samples) {
        let mut sums = vec![0.0; columns];
        for feature in &sample.features {
            for column in &sample.of {
                sums[*column] += weights[*feature][*column];
            }
        }
        for (column, slope) in slopes(sample, &sums, one) {
            for feature in &sample.features {
                let square = &mut squares[*feature][column];
                *square += slope * slope;
                weights[*feature][column] -= RATE * slope / square.sqrt();
            }
        }
    }
    weights
}

fn slopes(sample: &Sample, sums: &[f64], one: bool) -> Vec<(usize, f64)> {
    let right = |column: &usize| sample.right.contains(column);
    let slopes: Vec<(usize, f64)> = if one {
        let most = sums.iter().copied().fold(f64::MIN, f64::max);
        let parts: Vec<f64> = sums.iter().map(|sum| (sum - most).exp()).collect();
        let all: f64 = parts.iter().sum();
        let of_right: f64 = sample.right.iter().map(|column| parts[*column]).sum();
        let slope = |column: &usize| {
            let wanted = if right(column) {
                parts[*column] / of_right
            } else {
                0.0
            };
            (*column, parts[*column] / all - wanted)
        };
        sample.of.iter().map(slope).collect()
    } else {
        let slope = |column: &usize| {
            let wanted = if right(column) { 1.0 } else { 0.0 };
            (*column, 1.0 / (1.0 + (-sums[*column]).exp()) - wanted)
        };
        sample.of.iter().map(slope).collect()
    };
    // What is right already is left as it is.
    let least = if one { 1e-4 } else { 1e-3 };
    slopes
        .into_iter()
        .filter(|(_, slope)| slope.abs() >= least)
        .collect()
}

/// The columns in one line, and a line for each feature: `stem<TAB>column:weight …`; with a `?`
/// where it was met only in what is asked back.
fn written(
    titles: &[&str],
    numbers: &Features,
    weights: &[Vec<f64>],
    doubtful: &BTreeSet<String>,
) -> String {
    let mut out = format!("{}\n", titles.join("|"));
    for (name, number) in &numbers.0 {
        let all = weights[*number].iter().enumerate();
        let some = all.filter(|(_, weight)| weight.abs() >= SMALL);
        let some = some.map(|(column, weight)| format!("{column}:{:.0}", weight * 100.0));
        let line: Vec<String> = some.collect();
        if !line.is_empty() {
            let mark = if doubtful.contains(name) { "? " } else { "" };
            writeln!(out, "{name}\t{mark}{}", line.join(" ")).expect("a string takes it");
        }
    }
    out
}
