//! `ask` on what operators say: the share that it reads right, on words that it was tuned on
//! and on words that it was not.

use std::fmt::Write;

use fractary::core::ask::{self, AskContext};

const UTTERANCES: &str = include_str!("data/ask/utterances.tsv");
const WORLD: &str = include_str!("data/ask/world.toml");

/// What must be read right of the half that nobody looked at.
const HELD_OUT_AT_LEAST: f64 = 0.95;

struct Utterance {
    text: &'static str,
    expected: &'static str,
    held_out: bool,
}

fn utterances() -> Vec<Utterance> {
    let lines = UTTERANCES
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (text, expected) = line
                .split_once('\t')
                .expect("an utterance, a tab, a command line");
            Utterance {
                text,
                expected,
                held_out: fnv1a(text) % 2 == 1,
            }
        })
        .collect()
}

/// The split is by the words alone, so that nobody chooses it.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

fn world() -> AskContext {
    toml::from_str(WORLD).expect("the world of the test is valid")
}

fn answer(text: &str, world: &AskContext) -> String {
    let reading = ask::read(text, world);
    match &reading.best {
        Some(best) if reading.is_clear() => ask::quoted(&best.arguments),
        _ => "?".to_owned(),
    }
}

#[test]
fn held_out_utterances_are_read_right() {
    let world = world();
    let (mut right, mut all, mut misses) = ([0_u32; 2], [0_u32; 2], String::new());
    for one in utterances() {
        let said = answer(one.text, &world);
        let half = usize::from(one.held_out);
        all[half] += 1;
        if said == one.expected {
            right[half] += 1;
        } else if !one.held_out {
            // Only of the tuning half: whoever reads the others tunes to them.
            writeln!(
                misses,
                "  {}\n    wanted  {}\n    got     {said}",
                one.text, one.expected
            )
            .expect("a string takes it");
        }
    }
    let share = |half: usize| f64::from(right[half]) / f64::from(all[half]);
    println!(
        "tuning {}/{} ({:.1} %), held out {}/{} ({:.1} %)\n{misses}",
        right[0],
        all[0],
        share(0) * 100.0,
        right[1],
        all[1],
        share(1) * 100.0
    );
    assert!(
        share(1) >= HELD_OUT_AT_LEAST,
        "held out: {:.1} %",
        share(1) * 100.0
    );
    assert!(
        share(0) >= HELD_OUT_AT_LEAST,
        "tuning: {:.1} %",
        share(0) * 100.0
    );
}

#[test]
fn the_utterances_are_enough_and_of_every_sort() {
    let all = utterances();
    let world = world();
    let asked = all.iter().filter(|one| one.expected == "?").count();
    let writes = all
        .iter()
        .filter(|one| {
            let reading = ask::read(one.text, &world);
            one.expected != "?" && reading.best.is_some_and(|best| best.write)
        })
        .count();
    assert!(all.len() >= 300, "{}", all.len());
    assert!(asked * 10 >= all.len(), "{asked}");
    assert!(writes * 4 >= all.len(), "{writes}");
}

/// What changes something, by the first words of its command line.
const CHANGES: &[&str] = &[
    "issues resolve",
    "issues reopen",
    "issues assign",
    "issues note",
    "escalate",
    "remediate",
    "infra deploy",
    "infra teardown",
    "infra architect",
    "infra engineer",
    "adopt",
    "permissions grant",
    "permissions revoke",
    "permissions sync",
    "optimize cycle",
    "optimize emergency",
    "run",
    "init",
    "demo",
    "migrate",
];

#[test]
fn nothing_is_changed_without_consent() {
    let world = world();
    let mut writes = 0;
    for one in utterances() {
        let reading = ask::read(one.text, &world);
        let Some(best) = reading.best.as_ref().filter(|_| reading.is_clear()) else {
            continue;
        };
        let line = best.arguments.join(" ");
        let changes = CHANGES
            .iter()
            .any(|change| line == *change || line.starts_with(&format!("{change} ")));
        writes += u32::from(changes);
        assert_eq!(best.write, changes, "{}: {line}", one.text);
        assert!(
            !(changes && fractary::cli::runs_unasked(best)),
            "{}: {line}",
            one.text
        );
    }
    assert!(writes > 50, "{writes}");
}

#[test]
fn every_command_line_that_is_made_parses() {
    let root = fractary::cli::definition();
    let has = |name: &str| {
        root.get_subcommands()
            .any(|command| command.get_name() == name)
    };
    let format = root
        .get_arguments()
        .find(|arg| arg.get_id() == "format")
        .expect("every command has a format");
    let formats: Vec<String> = format
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    let world = world();
    let mut parsed = 0;
    for one in utterances() {
        let reading = ask::read(one.text, &world);
        let lines = reading
            .best
            .iter()
            .chain(&reading.others)
            .filter(|candidate| candidate.missing.is_empty());
        let lines = lines.flat_map(|candidate| [&candidate.arguments, &candidate.instead]);
        for line in lines.filter(|line| line.first().is_some_and(|name| has(name))) {
            let later = line
                .windows(2)
                .any(|pair| pair[0] == "--format" && !formats.contains(&pair[1]));
            if later {
                continue;
            }
            let all = std::iter::once("fractary").chain(line.iter().map(String::as_str));
            if let Err(error) = root.clone().try_get_matches_from(all) {
                panic!("{}: {line:?}: {error}", one.text);
            }
            parsed += 1;
        }
    }
    assert!(parsed > 300, "{parsed}");
}
