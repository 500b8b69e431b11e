//! Steps of known errors, with what the text says filled in.

use std::sync::LazyLock;

use regex::Regex;

use crate::catalog::errors::KnownError;
use crate::model::debug::{ErrorFacts, SolutionStep, StateLock};
use crate::text::Untrusted;
use crate::text::phrases::shell_word;
use crate::text::template::fill;

/// Words in capitals that a person has to replace.
static FILL_IN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[A-Z]{2,}(?:_[A-Z]+)*\b").expect("a constant pattern"));
/// Capitals that belong to a command.
const KEPT: &[&str] = &["AWS", "AWS_CA_BUNDLE", "CNAME", "IDENTITY_POLICY", "NS"];

/// The steps of a known error for this occurrence of it.
pub(super) fn steps(
    known: &KnownError,
    facts: &ErrorFacts,
    lock: Option<&StateLock>,
) -> Vec<SolutionStep> {
    let steps = known.steps.iter().map(|step| {
        let command = step
            .command
            .as_deref()
            .map(|command| filled(command, facts, lock));
        let fill_in = command.as_deref().map(to_fill_in).unwrap_or_default();
        SolutionStep {
            what: step.what.clone(),
            command: command.map(Untrusted::new),
            fill_in,
            changes: step.changes,
        }
    });
    steps.collect()
}

fn filled(command: &str, facts: &ErrorFacts, lock: Option<&StateLock>) -> String {
    let value = |name: &str| {
        let value = match name {
            "address" => facts.address.clone(),
            "file" => facts.file.clone(),
            "lock_id" => lock.map(|lock| lock.id.clone()),
            "name" => facts.resource_name.clone(),
            "operation" => facts.operation.clone(),
            "resource_type" => facts.resource_type.clone(),
            "region" => region(facts),
            _ => None,
        };
        // What cannot be a word of a shell is left to the person.
        let word = value.and_then(|value| shell_word(value.raw()));
        Some(word.map_or_else(|| name.to_uppercase(), |word| word.raw().to_owned()))
    };
    fill(command, value).unwrap_or_else(|| command.to_owned())
}

/// The region of an ARN in the text.
fn region(facts: &ErrorFacts) -> Option<Untrusted> {
    let (_, arn) = facts.whole.raw().split_once("arn:aws")?;
    let region = arn.split(':').nth(2)?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (region.len() > 5 && region.len() < 20 && region.chars().all(plain))
        .then(|| Untrusted::from(region))
}

fn to_fill_in(command: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in FILL_IN.find_iter(command).map(|word| word.as_str()) {
        let quota = command.contains(&format!("L-{word}"));
        if !KEPT.contains(&word) && !quota && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
    found
}
