//! Evaluation over facts that may be absent or unreadable: strong Kleene logic.
//!
//! `unknown || true` is true, `unknown && false` is false, and quantifiers are long chains of
//! both. Operators that need their operands (comparison, arithmetic, functions) are unknown
//! when one is. What is unknown names the gaps that decided that, and no others.

use std::rc::Rc;
use std::sync::Arc;

use super::functions;
use super::held::{Found, Held, Listed, Made, finite, hidden, read};
use super::tree::{Kind, Node, Operation, Quantifier, Relation};
use super::unknown::{Cause, Unknown};
use super::value::{Fact, Value};
use crate::text::Untrusted;

/// Evaluates in at most so many steps. `lookup` answers for names; `None` where nobody asked.
pub(super) fn evaluate(
    root: &Node,
    lookup: &dyn Fn(&str) -> Option<Fact>,
    steps: u32,
) -> Result<Value, Unknown> {
    let mut machine = Machine {
        lookup,
        items: Vec::new(),
        steps,
    };
    let found = machine.needed(root);
    if machine.steps == 0 {
        return Err(Cause::TooCostly.into());
    }
    match found? {
        Held::Plain(value) => Ok(value),
        Held::Made(_) => Err(Unknown::no_value("a list is no result")),
    }
}

struct Machine<'a> {
    lookup: &'a dyn Fn(&str) -> Option<Fact>,
    /// Items by name, innermost last.
    items: Vec<(&'a str, Found)>,
    /// Those that are left.
    steps: u32,
}

impl<'a> Machine<'a> {
    fn pay(&mut self, steps: usize) -> Result<(), Unknown> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_sub(steps);
        match self.steps {
            0 => Err(Cause::TooCostly.into()),
            _ => Ok(()),
        }
    }

    /// What an operator needs: absent is unknown to it.
    fn needed(&mut self, node: &'a Node) -> Result<Held, Unknown> {
        self.find(node)?
            .ok_or_else(|| Cause::Absent(written(node)).into())
    }

    fn flag(&mut self, node: &'a Node) -> Result<bool, Unknown> {
        self.needed(node)?.flag()
    }

    /// Operands that are all needed.
    fn all<'n>(&mut self, nodes: impl IntoIterator<Item = &'a Node>) -> Result<Vec<Held>, Unknown>
    where
        'a: 'n,
    {
        let mut missing = Vec::new();
        let mut out = Vec::new();
        for node in nodes {
            match self.needed(node) {
                Ok(held) => out.push(held),
                Err(unknown) => missing.push(unknown),
            }
        }
        Unknown::of_needed(missing).map_or(Ok(out), Err)
    }

    fn pair(&mut self, pair: &'a [Node; 2]) -> Result<[Held; 2], Unknown> {
        let held = self.all(pair)?;
        Ok(<[Held; 2]>::try_from(held).expect("two operands come to two values"))
    }

    fn find(&mut self, node: &'a Node) -> Found {
        self.pay(1)?;
        let held = match &node.kind {
            Kind::Number(number) => (*number).into(),
            Kind::Text(text) => Held::Plain(Value::Text(Arc::clone(text))),
            Kind::Flag(flag) => (*flag).into(),
            Kind::Time(time) => (*time).into(),
            Kind::Name(name) => return self.name(name),
            Kind::List(nodes) => {
                let items = nodes.iter().map(|node| self.find(node)).collect();
                Held::Made(Rc::new(Made { items, more: None }))
            }
            Kind::Field(inner, name) => return field(&self.needed(inner)?, name),
            Kind::Index(inner, index) => {
                let pair = self.all([inner.as_ref(), index.as_ref()])?;
                return indexed(&pair[0], &pair[1]);
            }
            Kind::Has(inner) => self.has(inner)?.into(),
            Kind::Not(inner) => (!self.flag(inner)?).into(),
            Kind::Negate(inner) => (-self.needed(inner)?.number()?).into(),
            Kind::And(parts) => join(parts.iter().map(|part| self.flag(part)), false)?.into(),
            Kind::Or(parts) => join(parts.iter().map(|part| self.flag(part)), true)?.into(),
            Kind::Compare(relation, pair, order) => {
                let [one, other] = self.pair(pair)?;
                compare(*relation, &one, &other, order.as_deref())?.into()
            }
            Kind::Arithmetic(operation, pair) => {
                let [one, other] = self.pair(pair)?;
                finite(compute(*operation, one.number()?, other.number()?)?)?
            }
            Kind::In(pair) => self.membership(pair)?.into(),
            Kind::If(parts) => return self.choose(parts),
            Kind::Call(name, args, pattern) => {
                let args = self.all(args)?;
                let bytes = args.iter().filter_map(Held::text).map(str::len);
                self.pay(bytes.sum::<usize>() / 16)?;
                functions::call(name, &args, pattern.as_ref())?
            }
            Kind::Each(quantifier, list, item, body) => {
                let listed = Listed::from_held(&self.needed(list)?)?;
                self.each(*quantifier, &listed, item, body)?
            }
        };
        Ok(Some(held))
    }

    fn name(&self, name: &str) -> Found {
        if let Some((_, item)) = self.items.iter().rev().find(|(known, _)| *known == name) {
            return item.clone();
        }
        match (self.lookup)(name) {
            Some(fact) => read(&fact),
            None => Err(Cause::NotAsked(name.to_owned()).into()),
        }
    }

    /// Where the parent is missing, so is the child.
    fn has(&mut self, inner: &'a Node) -> Result<bool, Unknown> {
        match self.find(inner) {
            Ok(found) => Ok(found.is_some()),
            Err(unknown) if unknown.is_absence() => Ok(false),
            Err(unknown) => Err(unknown),
        }
    }

    fn membership(&mut self, pair: &'a [Node; 2]) -> Result<bool, Unknown> {
        let [needle, hay] = self.pair(pair)?;
        if let Held::Plain(Value::Map(_)) = hay {
            let name = needle
                .text()
                .ok_or_else(|| Unknown::no_value("not a name"))?;
            // Whether it is there is asked, not what it is.
            return match field(&hay, name) {
                Ok(found) => Ok(found.is_some()),
                Err(unknown) => Err(unknown),
            };
        }
        let listed = Listed::from_held(&hay)?;
        self.pay(listed.len())?;
        let equals = listed.items().map(|item| match item? {
            Some(item) => equal(&needle, &item),
            None => Ok(false),
        });
        join(equals.chain(listed.more().map(Err)), true)
    }

    fn choose(&mut self, [condition, yes, no]: &'a [Node; 3]) -> Found {
        let unknown = match self.flag(condition) {
            Ok(true) => return self.needed(yes).map(Some),
            Ok(false) => return self.needed(no).map(Some),
            Err(unknown) => unknown,
        };
        let branches = [self.needed(yes).err(), self.needed(no).err()];
        if unknown.is_final() {
            return Err(unknown);
        }
        let is_final = |branch: &Option<Unknown>| branch.as_ref().is_some_and(Unknown::is_final);
        let of_branches = branches.iter().all(is_final);
        let united = branches.into_iter().flatten();
        let united = match of_branches {
            true => Unknown::of_all(united),
            false => Unknown::of_all(united.chain([unknown.clone()])),
        };
        Err(united.unwrap_or(unknown))
    }

    fn each(
        &mut self,
        quantifier: Quantifier,
        listed: &Listed,
        name: &'a str,
        body: &'a Node,
    ) -> Result<Held, Unknown> {
        match quantifier {
            Quantifier::Exists | Quantifier::All => {
                let wins = quantifier == Quantifier::Exists;
                let found = listed
                    .items()
                    .map(|item| self.asked(item, name, body)?.flag());
                let found = join(found.chain(listed.more().map(Err)), wins)?;
                Ok(found.into())
            }
            Quantifier::ExistsOne => Ok(self.exists_one(listed, name, body)?.into()),
            Quantifier::Filter => Ok(self.filter(listed, name, body)),
            Quantifier::Map => {
                let items = listed.items();
                let items = items.map(|item| self.asked(item, name, body).map(Some));
                let items = items.collect();
                let more = listed.more();
                Ok(Held::Made(Rc::new(Made { items, more })))
            }
        }
    }

    /// What is asked of one item.
    fn asked(&mut self, item: Found, name: &'a str, body: &'a Node) -> Result<Held, Unknown> {
        self.items.push((name, item));
        let found = self.needed(body);
        self.items.pop();
        found
    }

    /// The items of which it is true. What is unknown of an item makes it one that there may be.
    fn filter(&mut self, listed: &Listed, name: &'a str, body: &'a Node) -> Held {
        let mut items = Vec::new();
        let mut more: Vec<Unknown> = listed.more().into_iter().collect();
        for item in listed.items() {
            let found = self.asked(item.clone(), name, body);
            match found.and_then(|held| held.flag()) {
                Ok(true) => items.push(item),
                Ok(false) => {}
                Err(unknown) => more.push(unknown),
            }
        }
        let more = Unknown::of_all(more);
        Held::Made(Rc::new(Made { items, more }))
    }

    /// Whether it is true of exactly one.
    fn exists_one(
        &mut self,
        listed: &Listed,
        name: &'a str,
        body: &'a Node,
    ) -> Result<bool, Unknown> {
        let mut count = 0_usize;
        let mut missing = Vec::new();
        for item in listed.items() {
            let found = self.asked(item, name, body);
            match found.and_then(|held| held.flag()) {
                Ok(flag) => count += usize::from(flag),
                Err(unknown) => missing.push(unknown),
            }
        }
        // An error in one item makes the count an error, as in CEL; a gap may still hide one.
        if let Some(unknown) = Unknown::of_needed(missing.clone())
            && unknown.is_final()
        {
            return Err(unknown);
        }
        if missing.is_empty() && count > 1 {
            return Ok(false);
        }
        let unknown = Unknown::of_all(missing.into_iter().chain(listed.more()));
        unknown.map_or(Ok(count == 1), Err)
    }
}

/// `||` where `wins` is true, `&&` where it is false. Stops at the first part that decides.
fn join(
    parts: impl IntoIterator<Item = Result<bool, Unknown>>,
    wins: bool,
) -> Result<bool, Unknown> {
    let mut missing = Vec::new();
    for part in parts {
        match part {
            Ok(flag) if flag == wins => return Ok(wins),
            Ok(_) => {}
            Err(unknown) => missing.push(unknown),
        }
    }
    Unknown::of_all(missing).map_or(Ok(!wins), Err)
}

fn equal(one: &Held, other: &Held) -> Result<bool, Unknown> {
    match (one, other) {
        (Held::Plain(Value::List(_) | Value::Map(_)) | Held::Made(_), _)
        | (_, Held::Plain(Value::List(_) | Value::Map(_)) | Held::Made(_)) => {
            Err(Unknown::no_value("lists and maps are not compared"))
        }
        (Held::Plain(one), Held::Plain(other)) => Ok(one == other),
    }
}

fn compare(
    relation: Relation,
    one: &Held,
    other: &Held,
    order: Option<&[String]>,
) -> Result<bool, Unknown> {
    use std::cmp::Ordering::{Greater, Less};
    if !relation.is_by_order() {
        return equal(one, other).map(|equal| equal == (relation == Relation::Equal));
    }
    let rank = |held: &Held| {
        order?
            .iter()
            .position(|word| Some(word.as_str()) == held.text())
    };
    let ordering = match (one, other) {
        (Held::Plain(Value::Number(one)), Held::Plain(Value::Number(other))) => {
            one.partial_cmp(other)
        }
        (Held::Plain(Value::Time(one)), Held::Plain(Value::Time(other))) => Some(one.cmp(other)),
        _ => rank(one)
            .zip(rank(other))
            .map(|(one, other)| one.cmp(&other)),
    };
    let ordering = ordering.ok_or_else(|| Unknown::no_value("these have no order"))?;
    Ok(match relation {
        Relation::Less => ordering == Less,
        Relation::LessOrEqual => ordering != Greater,
        Relation::Greater => ordering == Greater,
        Relation::GreaterOrEqual => ordering != Less,
        Relation::Equal | Relation::Unequal => unreachable!("these ask for no order"),
    })
}

fn compute(operation: Operation, one: f64, other: f64) -> Result<f64, Unknown> {
    Ok(match operation {
        Operation::Add => one + other,
        Operation::Subtract => one - other,
        Operation::Multiply => one * other,
        Operation::Divide | Operation::Remainder if other == 0.0 => {
            return Err(Unknown::no_value("a division by zero"));
        }
        Operation::Divide => one / other,
        Operation::Remainder => one % other,
    })
}

fn field(of: &Held, name: &str) -> Found {
    let Held::Plain(Value::Map(map)) = of else {
        return Err(Unknown::no_value("it has no fields"));
    };
    match map.entries.get(&Untrusted::from(name)) {
        Some(fact) => read(fact),
        None => hidden(&map.unseen).map_or(Ok(None), Err),
    }
}

fn indexed(of: &Held, by: &Held) -> Found {
    if let (Held::Plain(Value::Map(_)), Some(name)) = (of, by.text()) {
        return field(of, name);
    }
    let listed = Listed::from_held(of)?;
    let place = by.number()?;
    if place.fract() != 0.0 || place < 0.0 {
        return Err(Unknown::no_value("not a place in a list"));
    }
    // Of a list that is not whole, it is not known which items come before the others.
    match listed.more() {
        Some(more) => Err(more),
        None => listed.item(place as usize),
    }
}

/// A name or field as it is written, for reasons.
fn written(node: &Node) -> String {
    match &node.kind {
        Kind::Name(name) => name.clone(),
        Kind::Field(inner, name) => format!("{}.{name}", written(inner)),
        Kind::Index(inner, index) => match &index.kind {
            Kind::Number(place) => format!("{}[{place}]", written(inner)),
            Kind::Text(name) => format!("{}[{:?}]", written(inner), name.raw()),
            _ => format!("{}[…]", written(inner)),
        },
        _ => "…".to_owned(),
    }
}
