//! What becomes of utterances, held against what is right.

use std::fmt::Write;

use fractary::core::ask::{self, AskContext};

/// Rows of utterances with what is right, `#` lines left out.
pub(crate) fn rows(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            line.split_once('\t')
                .expect("an utterance, a tab, what is right")
        })
        .collect()
}

/// What becomes of an utterance.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// This is run, or shown for consent.
    Runs(Vec<String>),
    /// It is clear, and this version does not have the command.
    Lacks(Vec<String>),
    /// It is asked back.
    Asks,
}

pub(crate) fn outcome(text: &str, world: &AskContext) -> Outcome {
    let reading = ask::read(text, world);
    let Some(best) = reading.best.as_ref().filter(|_| reading.is_clear()) else {
        return Outcome::Asks;
    };
    let line = in_order(&best.arguments);
    match world.commands.contains(&best.arguments[0]) {
        true => Outcome::Runs(line),
        false => Outcome::Lacks(line),
    }
}

/// A command line whose options stand in the order of the alphabet.
fn in_order(line: &[String]) -> Vec<String> {
    const SWITCHES: &[&str] = &[
        "--critical",
        "--high",
        "--medium",
        "--low",
        "--resolved",
        "--all",
        "--commit",
        "--write",
        "--push",
        "--dry-run",
        "--quiet",
        "--verbose",
        "--strict",
        "--offline",
        "--prune",
        "--prune-many",
        "--pages",
        "--stored",
        "--refresh",
    ];
    let (mut positional, mut options) = (Vec::new(), Vec::new());
    let mut rest = line.iter();
    while let Some(one) = rest.next() {
        if SWITCHES.contains(&one.as_str()) {
            options.push(one.clone());
        } else if one.starts_with("--") {
            let value = rest.next().map_or("", String::as_str);
            // `--env a,b` is `--env a --env b`.
            let values = match one.as_str() {
                "--env" => value.split(',').collect(),
                _ => vec![value],
            };
            options.extend(values.iter().map(|value| format!("{one} {value}")));
        } else {
            positional.push(one.clone());
        }
    }
    options.sort();
    positional.extend(options);
    positional
}

fn is_right(said: &Outcome, expected: &str) -> bool {
    expected
        .split(" | ")
        .any(|one| match (said, one.strip_prefix('?')) {
            (Outcome::Asks, expected) => expected.is_some(),
            // `?audit` is answered by saying that there is no `audit` yet.
            (Outcome::Lacks(line), Some(command)) => line[0] == command,
            (Outcome::Runs(_), Some(_)) => false,
            (Outcome::Runs(line) | Outcome::Lacks(line), None) => {
                *line == in_order(&ask::old_names::split(one))
            }
        })
}

/// How many are right, how many there are, and the others as text.
pub(crate) fn score(text: &'static str, world: &AskContext) -> (usize, usize, String) {
    let rows = rows(text);
    let (mut right, mut misses) = (0, String::new());
    for (said, expected) in &rows {
        let outcome = outcome(said, world);
        if is_right(&outcome, expected) {
            right += 1;
            continue;
        }
        writeln!(
            misses,
            "  {said}\n    wanted  {expected}\n    got     {outcome:?}"
        )
        .expect("a string takes it");
    }
    (right, rows.len(), misses)
}
