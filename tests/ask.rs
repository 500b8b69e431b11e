//! `ask` on what operators say: the share that it reads right, on words that it was tuned on
//! and on words that it was not.

use std::fmt::Write;

use fractary::core::ask::{self, World};

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

fn world() -> World {
    toml::from_str(WORLD).expect("the world of the test is valid")
}

fn answer(text: &str, world: &World) -> String {
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
