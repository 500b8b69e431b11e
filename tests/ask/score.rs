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
    let line = in_order(&best.arguments, world);
    match world.offers(best) {
        true => Outcome::Runs(line),
        false => Outcome::Lacks(line),
    }
}

/// A command line whose options stand in the order of the alphabet, and in which what the program
/// takes for the same is the same.
fn in_order(line: &[String], world: &AskContext) -> Vec<String> {
    const SWITCHES: &[&str] = &[
        "--commit",
        "--write",
        "--push",
        "--dry-run",
        "--quiet",
        "--verbose",
    ];
    let named = world.commands.iter().filter(|command| {
        let mut name = command.name.split(' ');
        line.first().map(String::as_str) == name.next()
    });
    let own: Vec<&str> = named
        .flat_map(|command| &command.places)
        .filter(|place| place.value.is_none())
        .map(|place| place.name.as_str())
        .collect();
    let command = line.first().map_or("", String::as_str);
    let (mut positional, mut options) = (Vec::new(), Vec::new());
    let mut rest = line.iter();
    while let Some(one) = rest.next() {
        if SWITCHES.contains(&one.as_str()) || own.contains(&one.as_str()) {
            options.push(one.clone());
        } else if one == "--no-commit" {
            options.push("--write".to_owned());
        } else if one == "--service" && ["logs", "performance", "investigate"].contains(&command) {
            positional.extend(rest.next().cloned());
        } else if one.starts_with("--") {
            let value = rest.next().map_or("", String::as_str);
            // What it audits without being told.
            if command == "audit" && one == "--type" && value == "security" {
                continue;
            }
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
    // The list is what `slo` shows without more.
    if positional == ["slo", "list"] {
        positional.pop();
    }
    options.sort();
    positional.extend(options);
    positional
}

/// Whether two command lines say the same: a time and how long ago it was are one, and an hour
/// more or less is where one counts from midnight and the other in whole hours.
fn same(one: &[String], other: &[String], world: &AskContext) -> bool {
    let pair = |(one, other): (&String, &String)| {
        let seconds = |text: &String| seconds_back(text, world.now);
        one == other
            || one.split(' ').next() == other.split(' ').next()
                && seconds(one)
                    .zip(seconds(other))
                    .is_some_and(|(one, other)| {
                        let limit = if one.0 { 3600 } else { 0 };
                        one.0 == other.0 && (one.1 - other.1).abs() <= limit
                    })
    };
    one.len() == other.len() && one.iter().zip(other).all(pair)
}

/// How many seconds before now a time of an option is, or how long a limit is; and whether it is
/// a time.
fn seconds_back(option: &str, now: jiff::Timestamp) -> Option<(bool, i64)> {
    let (name, value) = option.split_once(' ')?;
    if !["--since", "--until", "--timeout"].contains(&name) {
        return None;
    }
    let time = value.parse::<jiff::Timestamp>().ok();
    let day = format!("{value}T00:00:00Z").parse::<jiff::Timestamp>().ok();
    if let Some(time) = time.or(day) {
        return Some((true, now.as_second() - time.as_second()));
    }
    let (number, unit) = value.split_at(value.len().checked_sub(1)?);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    Some((name != "--timeout", number.parse::<i64>().ok()? * unit))
}

pub(crate) fn is_right(said: &Outcome, expected: &str, world: &AskContext) -> bool {
    expected
        .split(" | ")
        .any(|one| match (said, one.strip_prefix('?')) {
            (Outcome::Asks, expected) => expected.is_some(),
            // `?audit` is answered by saying that there is no `audit` yet.
            (Outcome::Lacks(line), Some(command)) => line[0] == command,
            // `?infra` names the command alone: it is there by now.
            (Outcome::Runs(line), Some(command)) => line[0] == command,
            (Outcome::Runs(line) | Outcome::Lacks(line), None) => {
                let expected = in_order(&ask::old_names::split(one), world);
                same(line, &expected, world)
            }
        })
}

/// How many are right, how many there are, and the others as text.
pub(crate) fn score(text: &'static str, world: &AskContext) -> (usize, usize, String) {
    let rows = rows(text);
    let (mut right, mut misses) = (0, String::new());
    for (said, expected) in &rows {
        let outcome = outcome(said, world);
        if is_right(&outcome, expected, world) {
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
