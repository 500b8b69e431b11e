//! Marks that several words make together: standard input, ranks and worse, and shapes of an answer.

use std::collections::HashSet;

use super::entity::Entity;
use super::found::Entities;
use super::words::Token;

/// `from a pipe`, `I'll paste it on stdin`: what is read from standard input.
pub(super) fn piped(tokens: &[Token], masked: &HashSet<usize>, out: &mut Entities) {
    let word = |at: usize| match tokens.get(at) {
        Some(token) if !masked.contains(&at) && !token.quoted => token.word.as_str(),
        _ => "",
    };
    for at in 0..tokens.len() {
        let length = match (word(at), word(at + 1)) {
            ("standard", "input") => 2,
            ("stdin" | "-", _) => 1,
            ("pipe" | "clipboard", _)
                if matches!(word(at.wrapping_sub(1)), "a" | "the" | "my" | "from") =>
            {
                1
            }
            _ => continue,
        };
        if word(at) == "-"
            && !matches!(
                word(at.wrapping_sub(1)),
                "from" | "on" | "of" | "file" | "plan"
            )
        {
            continue;
        }
        let article = usize::from(at > 0 && matches!(word(at - 1), "a" | "the" | "my"));
        let lead = usize::from(
            at > article
                && matches!(
                    word(at - 1 - article),
                    "from" | "on" | "over" | "via" | "through"
                ),
        );
        out.add("stdin", "-", at - article - lead, at + length);
    }
}

/// `high and above`, `medium or worse`.
pub(super) fn and_worse(tokens: &[Token], out: &mut Entities) {
    const RANKS: &[&str] = &["critical", "high", "medium", "low"];
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let found = out.all.iter().find_map(|one| {
        let more = matches!(word(one.to), "and" | "or" | "&")
            && matches!(
                word(one.to + 1),
                "above" | "up" | "worse" | "higher" | "more" | "upwards"
            );
        let rank = RANKS.iter().position(|rank| *rank == one.value);
        let rank = rank.filter(|_| one.slot == "severity" && more)?;
        Some((rank, one.from, one.to + 2))
    });
    let Some((rank, from, to)) = found else {
        return;
    };
    for one in &RANKS[..rank] {
        out.add("severity", *one, from, to);
    }
}

/// `the slo table as html` is no table: a format that is named counts more than a shape.
pub(super) fn plain_format(out: &mut Entities) {
    let named = |one: &Entity| one.slot == "format" && one.value != "text";
    if !out.all.iter().any(named) {
        return;
    }
    let is_text = |one: &Entity| one.slot == "format" && one.value == "text";
    let shapes: Vec<(usize, usize)> = out
        .all
        .iter()
        .filter(|one| is_text(one))
        .map(|one| (one.from, one.to))
        .collect();
    out.all.retain(|one| {
        let inside = shapes
            .iter()
            .any(|(from, to)| *from <= one.from && one.to <= *to);
        !(is_text(one) || one.slot == "kind" && inside)
    });
}
