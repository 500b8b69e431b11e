//! How well an intent fits what was said.

use super::hits::Hit;
use super::vocabulary::Intent;
use super::{ReadingDepth, Utterance};

/// How much it says that the command is called by its own name, in two words or more, or by nothing
/// else.
pub(super) fn called(intent: &Intent, utterance: &Utterance<'_>) -> Option<f64> {
    if intent.name.is_some() {
        return None;
    }
    let name: Vec<&str> = intent.command.split(' ').collect();
    let tokens = utterance.tokens;
    let at = tokens.windows(name.len()).position(|there| {
        let mut pairs = there.iter().zip(&name);
        pairs.all(|(token, part)| !token.quoted && token.word == *part)
    })?;
    let open = (at..at + name.len()).all(|at| !utterance.clauses.masked.contains(&at));
    let alone = tokens.len() == 1 && utterance.reach == ReadingDepth::Whole && !intent.write;
    (open && (name.len() > 1 || alone)).then_some(1.5 + name.len() as f64)
}

/// What is named and has no place in an intent tells against it.
pub(super) fn misfit(intent: &Intent, utterance: &Utterance<'_>) -> f64 {
    let named = |slot: &str| utterance.entities.first(slot).is_some();
    let has = |slots: &[&str]| slots.iter().any(|slot| intent.has(slot));
    let mut out = 0.0;
    if named("issue") && !has(&["issue", "issues"]) {
        out += 2.5;
    }
    if named("service") && !has(&["service", "about", "target", "issue"]) {
        out += 0.75;
    }
    if named("shard") && !has(&["shard"]) {
        out += 2.0;
    }
    let to = utterance.tokens.iter().any(|token| token.word == "to");
    if intent.needs.iter().any(|need| need == "person") && !to && utterance.person().is_none() {
        out += 1.5;
    }
    let command = utterance.command_of(intent);
    let takes_url = command
        .is_some_and(|command| command.option("url").is_some() || command.option("from").is_some());
    if named("url") && !takes_url && !has(&["url"]) {
        out += 2.5;
    }
    // A log or a table of numbers fills no registry.
    let state = |one: &str| {
        [".tfstate", ".json", ".ndjson", ".jsonl"]
            .iter()
            .any(|end| one.ends_with(end))
    };
    let no_state = utterance
        .entities
        .first("file")
        .is_some_and(|one| !state(one));
    if intent.command == "adopt" && no_state {
        out += 3.0;
    }
    out
}

pub(super) fn weight(item: &str, utterance: &Utterance<'_>, hits: &[Hit]) -> Option<f64> {
    if item == "@openslo" {
        let all = utterance.entities.all.iter();
        let mut files = all.filter(|one| matches!(one.slot, "file" | "output"));
        let yaml = |value: &str| value.ends_with(".yaml") || value.ends_with(".yml");
        return files.any(|one| yaml(&one.value)).then_some(3.0);
    }
    if item == "@logfile" {
        let mut all = utterance.entities.all.iter();
        return all
            .any(|one| matches!(one.slot, "file" | "output") && one.value.ends_with(".log"))
            .then_some(2.5);
    }
    if item == "@denial" {
        let text = utterance.free_text()?.to_lowercase();
        let denied = ["not authorized", "denied", "unauthorized", "forbidden"];
        return denied.iter().any(|word| text.contains(word)).then_some(6.0);
    }
    let Some(slot) = item.strip_prefix('@') else {
        return hits
            .iter()
            .filter(|hit| hit.concept == item)
            .map(|hit| hit.weight)
            .max_by(f64::total_cmp);
    };
    let (slot, wanted) = match slot.split_once(['=', '!']) {
        Some((name, value)) => (name, Some((value, slot.contains('=')))),
        None => (slot, None),
    };
    let test = |found: &str| wanted.is_none_or(|(value, same)| (found == value) == same);
    if slot == "alone" {
        let nothing_else = hits.iter().all(|hit| hit.weight <= 1.0);
        return (nothing_else && utterance.reach == ReadingDepth::Whole).then_some(0.0);
    }
    if slot == "text" && utterance.clauses.tail.is_some() {
        return Some(1.0);
    }
    if utterance
        .entities
        .placed
        .iter()
        .any(|one| one.option == slot)
    {
        return Some(1.5);
    }
    let found = utterance.entities.of(slot);
    found.iter().any(|value| test(value)).then_some(match slot {
        "env" | "format" => 0.5,
        "issue" => 1.5,
        "metric" | "file" | "tag" | "permission" => 2.0,
        "indicator" => 2.5,
        _ => 1.0,
    })
}
