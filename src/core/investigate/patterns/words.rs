//! The distinct elements of all lines, each kept once.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::lexer::{ElementKind, VALUE};
use super::values::MASK;

/// A hasher for keys that are hashes already.
#[derive(Debug, Default, Clone)]
pub(super) struct PassThrough(u64);

impl Hasher for PassThrough {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = super::bytes::hash(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

pub(super) type HashedMap<T> = HashMap<u64, T, BuildHasherDefault<PassThrough>>;

/// The number of an element in [`Words`].
pub(super) type WordId = u32;

/// The value: any value.
pub(super) const ANY: WordId = 0;

/// How a word looks, which says how readily it is taken for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A value.
    Value,
    /// Letters only.
    Plain,
    /// Letters with an inner capital, a dot, an underscore: the name of a thing.
    Name,
    /// Holds a masked number.
    Mixed,
    /// The name of an exception or an error, which is never a value.
    Fault,
    /// No two letters in a row.
    Symbol,
}

#[derive(Debug)]
pub(super) struct Words {
    ids: HashedMap<WordId>,
    texts: Vec<Box<str>>,
    looks: Vec<Look>,
    hashes: Vec<u64>,
}

impl Default for Words {
    fn default() -> Self {
        let mut ids = HashedMap::default();
        ids.insert(VALUE, ANY);
        Self {
            ids,
            texts: vec![String::from_utf8_lossy(MASK).as_ref().into()],
            looks: vec![Look::Value],
            hashes: vec![VALUE],
        }
    }
}

impl Words {
    /// Returns the number of an element, which is kept when it is new.
    pub(super) fn intern(&mut self, hash: u64, kind: ElementKind, text: &[u8]) -> WordId {
        if let Some(id) = self.ids.get(&hash) {
            return *id;
        }
        let id = self.texts.len() as WordId;
        let text = String::from_utf8_lossy(text);
        self.looks.push(look(kind, &text));
        self.texts.push(text.as_ref().into());
        self.hashes.push(hash);
        self.ids.insert(hash, id);
        id
    }

    /// The number of an element; one that fits nothing when it is not known.
    pub(super) fn find(&self, hash: u64) -> WordId {
        self.ids.get(&hash).copied().unwrap_or(WordId::MAX)
    }

    /// Returns the number here of an element of another collection.
    pub(super) fn adopt(&mut self, other: &Self, id: WordId) -> WordId {
        if id == ANY {
            return ANY;
        }
        let hash = other.hashes[id as usize];
        if let Some(id) = self.ids.get(&hash) {
            return *id;
        }
        let mine = self.texts.len() as WordId;
        self.looks.push(other.looks[id as usize]);
        self.texts.push(other.texts[id as usize].clone());
        self.hashes.push(hash);
        self.ids.insert(hash, mine);
        mine
    }

    pub(super) fn text(&self, id: WordId) -> &str {
        &self.texts[id as usize]
    }

    pub(super) fn look(&self, id: WordId) -> Look {
        self.looks[id as usize]
    }

    /// Whether the element says something by itself: no value, and two letters in a row.
    pub(super) fn is_constant(&self, id: WordId) -> bool {
        matches!(self.look(id), Look::Plain | Look::Name | Look::Fault)
    }
}

fn look(kind: ElementKind, text: &str) -> Look {
    match kind {
        ElementKind::Value => return Look::Value,
        ElementKind::Mixed => return Look::Mixed,
        ElementKind::Marks => return Look::Symbol,
        ElementKind::Word => {}
    }
    let letters = text
        .as_bytes()
        .windows(2)
        .any(|pair| pair.iter().all(|&c| c.is_ascii_alphabetic() || c >= 128))
        || text.chars().filter(|c| c.is_alphabetic()).count() >= 2 && !text.is_ascii();
    if !letters {
        return Look::Symbol;
    }
    if is_fault(text) {
        return Look::Fault;
    }
    let inner_capital =
        text.chars().skip(1).any(char::is_uppercase) && text.chars().any(char::is_lowercase);
    let glue = text.contains(['.', '_', '/', '\\', '$', '@', '#', '~', '*', '+']);
    if inner_capital || glue {
        Look::Name
    } else {
        Look::Plain
    }
}

/// Returns whether the word is the name of an exception: `SQLException`, `ReadTimeout`.
fn is_fault(text: &str) -> bool {
    const ENDS: [&str; 7] = [
        "Error",
        "Exception",
        "Fault",
        "Failure",
        "Timeout",
        "Denied",
        "Refused",
    ];
    ENDS.iter().any(|end| {
        text.strip_suffix(end)
            .is_some_and(|stem| stem.ends_with(|c: char| c.is_lowercase()))
    })
}
