//! The check: every name is known, every operator fits, and nothing is written that is always
//! the same.

use std::ops::Range;
use std::sync::Arc;

use super::constant;
use super::fault::{Fault, quoted};
use super::functions;
use super::tree::{Kind, Node, Quantifier, Relation};
use super::types::{Schema, Type};

/// Checks a tree, and fills in what evaluation needs: the order of words, and patterns.
pub(super) fn check(root: &mut Node, schema: &Schema, wanted: &Type) -> Result<(), Fault> {
    let mut check = Check {
        schema,
        items: Vec::new(),
    };
    let found = check.type_of(root)?;
    if wanted.fits(&found) {
        return Ok(());
    }
    let message = format!("this is {}, not {}", found.describe(), wanted.describe());
    let fault = Fault::new(root.at.clone(), message);
    Err(match (wanted, found) {
        (Type::Flag, Type::List(_) | Type::Map(_)) => fault.hint("ask about it: `size(…) > 0`"),
        (Type::Flag, _) => fault.hint("compare it"),
        _ => fault,
    })
}

struct Check<'a> {
    schema: &'a Schema,
    /// Names of items, innermost last.
    items: Vec<(String, Type)>,
}

impl Check<'_> {
    fn type_of(&mut self, node: &mut Node) -> Result<Type, Fault> {
        let at = node.at.clone();
        match &mut node.kind {
            Kind::Number(_) => Ok(Type::Number),
            Kind::Text(_) => Ok(Type::Text),
            Kind::Flag(_) => Ok(Type::Flag),
            Kind::Time(_) => Ok(Type::Time),
            Kind::Name(name) => self.name(at, name),
            Kind::Field(inner, name) => {
                let of = self.type_of(inner)?;
                field(at, &of, name)
            }
            Kind::Index(inner, index) => {
                let pair = (self.type_of(inner)?, self.type_of(index)?);
                indexed(at, pair)
            }
            Kind::Has(inner) => self.type_of(inner).map(|_| Type::Flag),
            Kind::Not(inner) => self.want(inner, &Type::Flag).map(|()| Type::Flag),
            Kind::Negate(inner) => self.want(inner, &Type::Number).map(|()| Type::Number),
            Kind::And(parts) => self.chain(at, parts, true),
            Kind::Or(parts) => self.chain(at, parts, false),
            Kind::Compare(relation, pair, order) => {
                *order = self.compare(at, *relation, pair)?;
                Ok(Type::Flag)
            }
            Kind::Arithmetic(_, pair) => {
                let mut sides = pair.iter_mut();
                sides.try_for_each(|side| self.want(side, &Type::Number))?;
                Ok(Type::Number)
            }
            Kind::In(pair) => self.membership(at, pair),
            Kind::If(parts) => self.choice(at, parts),
            Kind::List(items) => self.list(items),
            Kind::Call(name, args, pattern) => {
                let types = args.iter_mut().map(|arg| self.type_of(arg));
                let types = types.collect::<Result<Vec<_>, _>>()?;
                if name == "timestamp" {
                    node.kind = functions::timestamp(at, args)?;
                    return Ok(Type::Time);
                }
                if name == "matches" && types.first().is_some_and(Type::is_text) {
                    *pattern = Some(functions::pattern(at.clone(), args)?);
                }
                functions::result(at, name, &types)
            }
            Kind::Each(quantifier, list, item, body) => {
                let of = self.items_of(list)?;
                self.each(at, *quantifier, (item, of), body)
            }
        }
    }

    fn name(&self, at: Range<usize>, name: &str) -> Result<Type, Fault> {
        let item = self.items.iter().rev().find(|(item, _)| item == name);
        if let Some(found) = item.map(|(_, of)| of).or_else(|| self.schema.get(name)) {
            return Ok(found.clone());
        }
        let items = self.items.iter().map(|(item, _)| item.as_str());
        let known = items.chain(self.schema.keys().map(String::as_str));
        let message = format!("{} is not known here", quoted(name));
        Err(Fault::new(at, message).instead(name, known))
    }

    fn want(&mut self, node: &mut Node, wanted: &Type) -> Result<(), Fault> {
        let found = self.type_of(node)?;
        if wanted.fits(&found) {
            return Ok(());
        }
        let (found, wanted) = (found.describe(), wanted.describe());
        let message = format!("this is {found}; {wanted} is needed");
        Err(Fault::new(node.at.clone(), message))
    }

    fn chain(&mut self, at: Range<usize>, parts: &mut [Node], and: bool) -> Result<Type, Fault> {
        for part in parts.iter_mut() {
            self.want(part, &Type::Flag)?;
        }
        constant::refuse_contradiction(at, parts, and)?;
        Ok(Type::Flag)
    }

    /// Types of both sides of a comparison.
    fn pair(&mut self, at: &Range<usize>, pair: &mut [Node; 2]) -> Result<[Type; 2], Fault> {
        let found = pair.each_mut().map(|side| self.type_of(side));
        for (side, other) in [(0, 1), (1, 0)] {
            // `severity == HIGH`: a word without its quotes.
            if let (Err(_), Ok(of), Kind::Name(word)) =
                (&found[side], &found[other], &pair[side].kind)
                && of.is_text()
                && !pair[other].is_constant()
            {
                let message = format!(
                    "{} is not known here, and texts stand in quotes",
                    quoted(word)
                );
                let fault = Fault::new(pair[side].at.clone(), message);
                return Err(fault.hint(format!("write `\"{word}\"`")));
            }
        }
        let [one, other] = found;
        let types = [one?, other?];
        constant::refuse_constant(at, pair)?;
        Ok(types)
    }

    /// Returns the order of words, where they are compared by it.
    fn compare(
        &mut self,
        at: Range<usize>,
        relation: Relation,
        pair: &mut [Node; 2],
    ) -> Result<Option<Arc<[String]>>, Fault> {
        let [one, other] = self.pair(&at, pair)?;
        if !one.fits(&other) {
            let (one, other) = (one.describe(), other.describe());
            let message = format!("this compares {one} with {other}");
            return Err(Fault::new(at, message));
        }
        constant::refuse_strange_word(&pair[0], &other)?;
        constant::refuse_strange_word(&pair[1], &one)?;
        constant::refuse_same_sides(&at, pair)?;
        if matches!(one, Type::List(_) | Type::Map(_) | Type::Record(_)) {
            let fault = Fault::new(
                at,
                format!("`{}` cannot compare {}s", relation.sign(), kind_word(&one)),
            );
            return Err(fault.hint("ask about its items: `size(…)`, `exists`, `all`"));
        }
        if !relation.is_by_order() {
            return Ok(None);
        }
        for of in [&one, &other] {
            if let Type::Word(words) = of
                && words.is_ordered
            {
                constant::refuse_end_of_order(&at, relation, pair, &words.all)?;
                return Ok(Some(Arc::clone(&words.all)));
            }
        }
        match (&one, &other) {
            (Type::Number | Type::Time | Type::Any, _)
                if !other.is_text() || other == Type::Any =>
            {
                Ok(None)
            }
            _ => {
                let sign = relation.sign();
                let message = format!("`{sign}` needs an order, and {} has none", one.describe());
                Err(Fault::new(at, message).hint("use `==`, `!=` or `in`"))
            }
        }
    }

    fn membership(&mut self, at: Range<usize>, pair: &mut [Node; 2]) -> Result<Type, Fault> {
        let [needle, hay] = self.pair(&at, pair)?;
        match &hay {
            Type::List(of) if of.fits(&needle) => {
                if matches!(&pair[1].kind, Kind::List(items) if items.is_empty()) {
                    return Err(Fault::new(at, "nothing is in an empty list"));
                }
                constant::refuse_strange_word(&pair[1], &needle)?;
                constant::refuse_strange_word(&pair[0], of)?;
                Ok(Type::Flag)
            }
            Type::List(of) => {
                let (needle, of) = (needle.describe(), of.describe());
                let message = format!("{needle} is never in a list whose items are {of}");
                Err(Fault::new(pair[1].at.clone(), message))
            }
            Type::Map(_) if needle.is_text() => Ok(Type::Flag),
            Type::Any => Ok(Type::Flag),
            other => {
                let message = format!("`in` needs a list; this is {}", other.describe());
                let fault = Fault::new(pair[1].at.clone(), message);
                Err(fault.hint("write `name in [\"one\", \"two\"]`"))
            }
        }
    }

    fn choice(&mut self, at: Range<usize>, parts: &mut [Node; 3]) -> Result<Type, Fault> {
        let [condition, yes, no] = parts;
        self.want(condition, &Type::Flag)?;
        let (yes, no) = (self.type_of(yes)?, self.type_of(no)?);
        if !yes.fits(&no) {
            let (yes, no) = (yes.describe(), no.describe());
            return Err(Fault::new(
                at,
                format!("one branch is {yes}, the other {no}"),
            ));
        }
        // Two lists of words, or a word and a text, may be any text.
        Ok(match (yes, no) {
            (Type::Any, other) => other,
            (Type::Word(one), Type::Word(two)) if one != two => Type::Text,
            (Type::Word(_), Type::Text) => Type::Text,
            (yes, _) => yes,
        })
    }

    fn list(&mut self, items: &mut [Node]) -> Result<Type, Fault> {
        let mut of = Type::Any;
        for item in items {
            let found = self.type_of(item)?;
            if !of.fits(&found) {
                let message = format!(
                    "{} in a list of which the first is {}",
                    found.describe(),
                    of.describe()
                );
                return Err(Fault::new(item.at.clone(), message));
            }
            if of == Type::Any {
                of = found;
            }
        }
        Ok(Type::list(of))
    }

    fn items_of(&mut self, list: &mut Node) -> Result<Type, Fault> {
        match self.type_of(list)? {
            Type::List(of) => Ok(of.as_ref().clone()),
            Type::Map(_) => Ok(Type::Text),
            Type::Any => Ok(Type::Any),
            other => {
                let message = format!("this is {}; a list is needed", other.describe());
                Err(Fault::new(list.at.clone(), message))
            }
        }
    }

    fn each(
        &mut self,
        at: Range<usize>,
        quantifier: Quantifier,
        (item, of): (&str, Type),
        body: &mut Node,
    ) -> Result<Type, Fault> {
        if self.schema.contains_key(item) || self.items.iter().any(|(known, _)| known == item) {
            let message = format!("{} is already the name of something else", quoted(item));
            return Err(Fault::new(at, message).hint("take another name for the items"));
        }
        self.items.push((item.to_owned(), of.clone()));
        let found = match quantifier {
            Quantifier::Map => self.type_of(body),
            _ => self.want(body, &Type::Flag).map(|()| Type::Flag),
        };
        self.items.pop();
        let found = found?;
        Ok(match quantifier {
            Quantifier::Map => Type::list(found),
            Quantifier::Filter => Type::list(of),
            Quantifier::Exists | Quantifier::All | Quantifier::ExistsOne => Type::Flag,
        })
    }
}

fn kind_word(of: &Type) -> &'static str {
    match of {
        Type::List(_) => "list",
        Type::Map(_) => "map",
        _ => "record",
    }
}

fn field(at: Range<usize>, of: &Type, name: &str) -> Result<Type, Fault> {
    match of {
        Type::Record(fields) => fields.get(name).cloned().ok_or_else(|| {
            let fault = Fault::new(at, format!("there is no field {}", quoted(name)));
            fault.instead(name, fields.keys().map(String::as_str))
        }),
        Type::Map(of) => Ok(of.as_ref().clone()),
        Type::Any => Ok(Type::Any),
        other => {
            let message = format!("{} has no field {}", other.describe(), quoted(name));
            Err(Fault::new(at, message))
        }
    }
}

fn indexed(at: Range<usize>, pair: (Type, Type)) -> Result<Type, Fault> {
    match pair {
        (Type::List(of), Type::Number | Type::Any) => Ok(of.as_ref().clone()),
        (Type::Map(of), by) if by.is_text() => Ok(of.as_ref().clone()),
        (Type::Any, _) => Ok(Type::Any),
        (of, by) => {
            let message = format!("{} has no place for {}", of.describe(), by.describe());
            Err(Fault::new(at, message))
        }
    }
}
