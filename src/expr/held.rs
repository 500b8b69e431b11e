//! Values in the course of an evaluation.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use super::unknown::Unknown;
use super::value::{Fact, GapId, List, Value};

/// What a part comes to: a value, nothing (absent), or why it is not known.
pub(super) type Found = Result<Option<Held>, Unknown>;

/// A value in the course of an evaluation.
#[derive(Debug, Clone)]
pub(super) enum Held {
    Plain(Value),
    /// A list that the expression made: why an item is unknown may be more than one gap.
    Made(Rc<Made>),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Made {
    pub(super) items: Vec<Found>,
    /// Why there may be more items.
    pub(super) more: Option<Unknown>,
}

impl<T: Into<Value>> From<T> for Held {
    fn from(value: T) -> Self {
        Self::Plain(value.into())
    }
}

impl Held {
    pub(super) fn number(&self) -> Result<f64, Unknown> {
        match self {
            Self::Plain(Value::Number(number)) => Ok(*number),
            _ => Err(Unknown::no_value("not a number")),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(Value::Text(text)) => Some(text.raw()),
            _ => None,
        }
    }

    pub(super) fn flag(&self) -> Result<bool, Unknown> {
        match self {
            Self::Plain(Value::Flag(flag)) => Ok(*flag),
            _ => Err(Unknown::no_value("not true or false")),
        }
    }

    /// Number of characters, items or entries.
    pub(super) fn size(&self) -> Result<f64, Unknown> {
        let (size, more) = match self {
            Self::Plain(Value::Text(text)) => (text.raw().chars().count(), None),
            Self::Plain(Value::Map(map)) => (map.entries.len(), hidden(&map.unseen)),
            _ => {
                let listed = Listed::from_held(self)?;
                (listed.len(), listed.more())
            }
        };
        more.map_or(Ok(size as f64), Err)
    }
}

/// The items of a list, or the names of a map.
pub(super) enum Listed {
    Seen(Arc<List>),
    Made(Rc<Made>),
}

impl Listed {
    pub(super) fn from_held(held: &Held) -> Result<Self, Unknown> {
        match held {
            Held::Plain(Value::List(list)) => Ok(Self::Seen(Arc::clone(list))),
            Held::Plain(Value::Map(map)) => {
                let names = map.entries.keys().map(|name| Value::text(name.clone()));
                Ok(Self::Made(Rc::new(Made {
                    items: names.map(|name| Ok(Some(name.into()))).collect(),
                    more: hidden(&map.unseen),
                })))
            }
            Held::Made(made) => Ok(Self::Made(Rc::clone(made))),
            Held::Plain(_) => Err(Unknown::no_value("not a list")),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Seen(list) => list.items.len(),
            Self::Made(made) => made.items.len(),
        }
    }

    /// The item at a place; absent behind the last one.
    pub(super) fn item(&self, place: usize) -> Found {
        match self {
            Self::Seen(list) => list.items.get(place).map_or(Ok(None), read),
            Self::Made(made) => made.items.get(place).cloned().unwrap_or(Ok(None)),
        }
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Found> {
        (0..self.len()).map(|place| self.item(place))
    }

    pub(super) fn more(&self) -> Option<Unknown> {
        match self {
            Self::Seen(list) => hidden(&list.unseen),
            Self::Made(made) => made.more.clone(),
        }
    }
}

/// Why there may be more than was seen.
pub(super) fn hidden(unseen: &BTreeSet<GapId>) -> Option<Unknown> {
    Unknown::of_all(unseen.iter().copied().map(Unknown::from))
}

pub(super) fn read(fact: &Fact) -> Found {
    match fact {
        Fact::Known(Value::Number(number)) => finite(*number).map(Some),
        Fact::Known(value) => Ok(Some(Held::Plain(value.clone()))),
        Fact::Absent => Ok(None),
        Fact::Unreadable(gap) => Err(Unknown::from(*gap)),
    }
}

pub(super) fn finite(number: f64) -> Result<Held, Unknown> {
    match number.is_finite() {
        true => Ok(number.into()),
        false => Err(Unknown::no_value("not a finite number")),
    }
}
