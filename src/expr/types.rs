//! What the names of an expression are: types, and the schema that gives them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The names that an expression may ask about, or the fields of a record.
pub type Schema = BTreeMap<String, Type>;

/// Type of a name, a field or a part of an expression. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// A number.
    Number,
    /// Any text.
    Text,
    /// True or false.
    Flag,
    /// A moment.
    Time,
    /// One of a few texts.
    Word(Arc<Words>),
    /// A list.
    List(Arc<Type>),
    /// Values by names that the schema does not list, such as tags.
    Map(Arc<Type>),
    /// Values by names that it lists.
    Record(Arc<Schema>),
    /// Not known before it is read.
    Any,
}

/// The texts that a name may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub(super) all: Arc<[String]>,
    pub(super) is_ordered: bool,
}

impl Type {
    /// One of these words, which have no order.
    pub fn word(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Word(Arc::new(Words {
            all: words.into_iter().map(Into::into).collect(),
            is_ordered: false,
        }))
    }

    /// One of these words, from the lowest to the highest.
    pub fn ordered_word(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Word(Arc::new(Words {
            all: words.into_iter().map(Into::into).collect(),
            is_ordered: true,
        }))
    }

    /// A list of these.
    pub fn list(of: Self) -> Self {
        Self::List(Arc::new(of))
    }

    /// A map to these.
    pub fn map(of: Self) -> Self {
        Self::Map(Arc::new(of))
    }

    /// A record with these fields.
    pub fn record(fields: impl IntoIterator<Item = (impl Into<String>, Self)>) -> Self {
        let fields = fields.into_iter().map(|(name, of)| (name.into(), of));
        Self::Record(Arc::new(fields.collect()))
    }

    /// Whether a value of one may be a value of the other.
    pub(super) fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Text, Self::Word(_)) | (Self::Word(_), Self::Text) => true,
            (Self::Word(one), Self::Word(two)) => one.all.iter().any(|w| two.all.contains(w)),
            (Self::List(one), Self::List(two)) | (Self::Map(one), Self::Map(two)) => one.fits(two),
            (one, two) => one == two,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        self.fits(&Self::Text)
    }

    /// How messages call it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Number => "a number".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Time => "a moment".to_owned(),
            Self::Word(words) => format!("one of {}", words.all.join(", ")),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
            Self::Record(_) => "a group of fields".to_owned(),
            Self::Any => "anything".to_owned(),
        }
    }
}
