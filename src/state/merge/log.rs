//! What is special about append-only logs: entries that were appended on both sides get one
//! chain, and what that changed is recorded in it.
//!
//! One side keeps its chain. The other's new entries follow it with new numbers and hashes, and
//! an entry behind them says what those were before, so that whoever saw them there finds them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::three_way;
use super::three_way::time;
use crate::state::document::written;
use crate::state::log::{GENESIS, hash};
use crate::state::merge::rule::{FieldRule, MergeRule, PLAIN};

/// What is right of everything but entries and head. Figures are of one side's entries, never a mixture; whoever
/// appends next makes them anew.
static RULE: MergeRule = MergeRule {
    newest_in: Some(("entries", "at")),
    fields: &[("statistics", FieldRule::Whole)],
    ..PLAIN
};

/// What an entry that records a merge says about itself.
const EVENT: &str = "merged";

/// Merges a log to the bytes of the result; else names the key that a person has to decide
/// about.
pub(crate) fn merge_to_bytes(
    base: Option<&Value>,
    a: &Value,
    b: &Value,
) -> Result<Vec<u8>, Vec<String>> {
    let merged = merge(base, a, b).ok_or_else(|| vec!["entries".to_owned()])?;
    // As it is: what was hashed must not be escaped anew.
    Ok(written(&merged))
}

/// Merges a log; `None` where its files have to be looked at by a person: entries that both
/// had were changed on both sides, or some that only one had are in its archives already.
fn merge(base: Option<&Value>, a: &Value, b: &Value) -> Option<Value> {
    let mut unused = Vec::new();
    let mut merged = three_way::merge(&RULE, base, a, b, &mut unused);
    let sides = Sides::new(base, a, b)?;
    let joined = sides.join()?;
    let map = merged.as_object_mut()?;
    if let Some(last) = joined.last() {
        let head = json!({ "seq": last.get("seq")?, "hash": last.get("hash")? });
        map.insert("head".to_owned(), head);
    }
    map.insert("entries".to_owned(), joined.into());
    Some(merged)
}

/// A side's entries.
struct Side<'v> {
    all: &'v [Value],
    /// How many of them, from the oldest on, were there before.
    old: usize,
    /// Whether one of those was changed: it was merged before.
    rewritten: bool,
    /// How many that were there before it has moved into archives.
    archived: usize,
}

impl<'v> Side<'v> {
    fn new(base: &[Value], document: &'v Value) -> Option<Self> {
        let all = entries(document);
        let by_id: HashMap<&str, &Value> = all.iter().filter_map(|e| Some((id(e)?, e))).collect();
        let found = base
            .iter()
            .map(|before| Some((before, *by_id.get(id(before)?)?)));
        let found: Vec<Option<(&Value, &Value)>> = found.collect();
        let archived = found.iter().take_while(|found| found.is_none()).count();
        // What is left of what was there is its end, and stands before all that is new.
        let left: Option<Vec<_>> = found.into_iter().skip(archived).collect();
        let left = left?;
        let in_order = all.len() >= left.len()
            && left
                .iter()
                .zip(all)
                .all(|((_, there), entry)| id(there) == id(entry));
        in_order.then(|| Self {
            all,
            old: left.len(),
            rewritten: left.iter().any(|(before, there)| before != there),
            archived,
        })
    }

    fn added(&self) -> &'v [Value] {
        &self.all[self.old..]
    }

    /// Where the new entries begin, as something to sort by.
    fn rank(&self) -> Option<(Option<Timestamp>, &'v str)> {
        let first = self.added().first()?;
        Some((written_at(first), first.get("hash")?.as_str()?))
    }
}

struct Sides<'v> {
    /// The one whose chain stays.
    first: Side<'v>,
    second: Side<'v>,
    /// Number of the last entry that both come from.
    last: u64,
}

impl<'v> Sides<'v> {
    fn new(base: Option<&Value>, a: &'v Value, b: &'v Value) -> Option<Self> {
        let before = base.map_or(&[][..], entries);
        let (a, b) = (Side::new(before, a)?, Side::new(before, b)?);
        let a_first = match (a.rewritten, b.rewritten) {
            (true, true) => return None,
            (true, false) => true,
            (false, true) => false,
            // A side without new entries has nothing to renumber.
            _ if a.added().is_empty() || b.added().is_empty() => !a.added().is_empty(),
            _ => a.rank() <= b.rank(),
        };
        let (first, second) = if a_first { (a, b) } else { (b, a) };
        let last = before.last().and_then(|entry| entry.get("seq")?.as_u64());
        let head = base.and_then(|base| base.get("head")?.get("seq")?.as_u64());
        Some(Self {
            first,
            second,
            last: last.or(head).unwrap_or(0),
        })
    }

    fn join(&self) -> Option<Vec<Value>> {
        let Self {
            first,
            second,
            last,
        } = self;
        // What one side archived goes; a changed entry must not differ from its archived form.
        let gone = second.archived.saturating_sub(first.archived);
        if gone > 0 && first.rewritten {
            return None;
        }
        let mut out: Vec<Value> = first.all.get(gone.min(first.old)..)?.to_vec();
        let known: Vec<&str> = first.added().iter().filter_map(id).collect();
        let fresh = second.added().iter();
        let fresh: Vec<&Value> = fresh
            .filter(|e| id(e).is_none_or(|id| !known.contains(&id)))
            .collect();
        let Some(begin) = second.added().first() else {
            return Some(out);
        };
        if begin.get("seq")?.as_u64()? != last + 1 {
            return None;
        }
        if fresh.is_empty() {
            return Some(out);
        }
        let mut before = Vec::new();
        for entry in &fresh {
            let mut entry = (*entry).clone();
            let map = entry.as_object_mut()?;
            before.push(json!({
                "id": map.get("id")?, "seq": map.get("seq")?, "prev": map.get("prev")?, "hash": map.get("hash")?,
            }));
            chain(&mut out, entry)?;
        }
        let record = record(&out, before)?;
        chain(&mut out, record)?;
        Some(out)
    }
}

/// The entry that says what was renumbered. Its time is that of the newest entry.
fn record(entries: &[Value], before: Vec<Value>) -> Option<Value> {
    let newest = entries.iter().filter_map(written_at).max()?;
    let mut map = Map::new();
    let old = before.last()?.get("hash")?.as_str()?;
    map.insert("id".to_owned(), format!("merge-{}", old.get(..12)?).into());
    map.insert("at".to_owned(), newest.to_string().into());
    map.insert("event".to_owned(), EVENT.into());
    map.insert("renumbered".to_owned(), before.into());
    Some(map.into())
}

/// Appends an entry, linked to the one before it.
fn chain(entries: &mut Vec<Value>, mut entry: Value) -> Option<()> {
    let last = entries.last();
    let seq = last.map_or(Some(0), |last| last.get("seq")?.as_u64())?;
    let prev = last
        .map_or(Some(GENESIS), |last| last.get("hash")?.as_str())?
        .to_owned();
    let map = entry.as_object_mut()?;
    map.insert("seq".to_owned(), (seq + 1).into());
    map.insert("prev".to_owned(), prev.into());
    let hash = hash(&entry).ok()?;
    entry
        .as_object_mut()?
        .insert("hash".to_owned(), hash.into());
    entries.push(entry);
    Some(())
}

fn entries(document: &Value) -> &[Value] {
    let entries = document.get("entries").and_then(Value::as_array);
    entries.map_or(&[], Vec::as_slice)
}

fn id(entry: &Value) -> Option<&str> {
    entry.get("id")?.as_str()
}

fn written_at(entry: &Value) -> Option<Timestamp> {
    time(entry.get("at").or_else(|| entry.get("granted_at"))?)
}
