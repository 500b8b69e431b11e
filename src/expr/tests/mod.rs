//! The language, rule by rule, against a reference, and against the crate `cel`.

mod built_in;
mod cases;
mod faults;
mod kleene;
mod oracle;
mod parser;
mod reference;
mod table;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Facts by name; the rest was never asked for.
type Facts = BTreeMap<&'static str, Fact>;

/// Evaluates what the check might refuse.
fn evaluate(source: &str, lookup: &dyn Fn(&str) -> Option<Fact>) -> Result<Value, Unknown> {
    let root = parse::parse(source).unwrap_or_else(|fault| panic!("{}", fault.show(source)));
    eval::evaluate(&root, lookup, MOST_STEPS)
}

fn gaps(gaps: &[u32]) -> Result<Value, Unknown> {
    let all = gaps.iter().map(|gap| Unknown::from(GapId(*gap)));
    Err(Unknown::of_all(all).expect("at least one gap"))
}

fn cause(cause: Cause) -> Result<Value, Unknown> {
    Err(cause.into())
}

fn absent(name: &str) -> Result<Value, Unknown> {
    cause(Cause::Absent(name.to_owned()))
}

fn unreadable(gap: u32) -> Fact {
    Fact::Unreadable(GapId(gap))
}

fn texts(texts: &[&str]) -> Fact {
    Value::list(texts.iter().map(|text| Fact::from(*text))).into()
}

/// A list of which a gap may hide more.
fn cut(items: Vec<Fact>, gap: u32) -> Fact {
    let unseen = [GapId(gap)].into();
    Fact::Known(Value::List(List { items, unseen }.into()))
}

fn record<const N: usize>(fields: [(&str, Fact); N]) -> Fact {
    Value::map(fields).into()
}
