//! Refuses what can never be true, and what always is: nearly always a slip.

use std::ops::Range;

use super::fault::{Fault, quoted};
use super::tree::{Kind, Node, Relation};
use super::types::Type;

/// Refuses a comparison in which no name is asked about.
pub(super) fn refuse_constant(at: &Range<usize>, pair: &[Node; 2]) -> Result<(), Fault> {
    match pair.iter().all(Node::is_constant) {
        true => Err(Fault::new(
            at.clone(),
            "this is always the same: no name is on either side",
        )),
        false => Ok(()),
    }
}

/// Refuses `a == a`.
pub(super) fn refuse_same_sides(at: &Range<usize>, pair: &[Node; 2]) -> Result<(), Fault> {
    match pair[0].to_string() == pair[1].to_string() {
        true => Err(Fault::new(
            at.clone(),
            "this is always the same: both sides are equal",
        )),
        false => Ok(()),
    }
}

/// Refuses a written text that is compared with words and is none of them.
pub(super) fn refuse_strange_word(node: &Node, of: &Type) -> Result<(), Fault> {
    match (&node.kind, of) {
        (Kind::List(items), _) => items
            .iter()
            .try_for_each(|item| refuse_strange_word(item, of)),
        (Kind::Text(text), Type::Word(words)) if !words.all.iter().any(|w| w == text.raw()) => {
            let message = format!("it can never be {}", quoted(text.raw()));
            let known = words.all.iter().map(String::as_str);
            Err(Fault::new(node.at.clone(), message).instead(text.raw(), known))
        }
        _ => Ok(()),
    }
}

/// Refuses `severity > "CRITICAL"`, where nothing is higher.
pub(super) fn refuse_end_of_order(
    at: &Range<usize>,
    relation: Relation,
    pair: &[Node; 2],
    words: &[String],
) -> Result<(), Fault> {
    let is = |node: &Node, word: Option<&String>| matches!((&node.kind, word), (Kind::Text(text), Some(word)) if text.raw() == word);
    let (lowest, highest) = (words.first(), words.last());
    let [one, other] = pair;
    let (never, always) = match relation {
        Relation::Less => (is(other, lowest) || is(one, highest), false),
        Relation::Greater => (is(other, highest) || is(one, lowest), false),
        Relation::LessOrEqual => (false, is(other, highest) || is(one, lowest)),
        Relation::GreaterOrEqual => (false, is(other, lowest) || is(one, highest)),
        Relation::Equal | Relation::Unequal => (false, false),
    };
    let order = format!("the order is {}", words.join(" < "));
    match (never, always) {
        (true, _) => Err(Fault::new(at.clone(), "this can never be true").hint(order)),
        (_, true) => Err(Fault::new(at.clone(), "this is always true").hint(order)),
        _ => Ok(()),
    }
}

/// Refuses `a == 1 && a == 2`, which is never true, and `a != 1 || a != 2`, which always is.
pub(super) fn refuse_contradiction(
    at: Range<usize>,
    parts: &[Node],
    and: bool,
) -> Result<(), Fault> {
    let wanted = if and {
        Relation::Equal
    } else {
        Relation::Unequal
    };
    let mut seen: Vec<(String, String)> = Vec::new();
    for part in parts {
        let Kind::Compare(relation, pair, _) = &part.kind else {
            continue;
        };
        let (asked, literal) = match pair.as_ref() {
            [asked, literal] if literal.is_literal() => (asked, literal),
            [literal, asked] if literal.is_literal() => (asked, literal),
            _ => continue,
        };
        if *relation != wanted {
            continue;
        }
        let (asked, literal) = (asked.to_string(), literal.to_string());
        if seen.iter().any(|(a, l)| *a == asked && *l != literal) {
            return Err(match and {
                true => Fault::new(at, "this can never be true: one value cannot equal two")
                    .hint("write `||`, or `in […]`"),
                false => Fault::new(at, "this is always true: one value cannot equal two")
                    .hint("write `&&`, or `!(… in […])`"),
            });
        }
        seen.push((asked, literal));
    }
    Ok(())
}
