//! YAML as a tree with line numbers, bounded: no aliases, so that nothing can multiply.

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::text::encoding;

/// Largest file: 1 MiB. Files of service levels have a few kilobytes.
const MOST_BYTES: usize = 1 << 20;
/// Deepest nesting. OpenSLO needs about ten levels.
const DEEPEST: usize = 32;
/// Most values in a file.
const MOST_NODES: usize = 100_000;

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    /// Too large.
    #[error("it has {0} bytes; the limit is {MOST_BYTES}")]
    TooLarge(usize),
    /// Not text.
    #[error("line {0} is not UTF-8")]
    NotUtf8(usize),
    /// Not YAML.
    #[error("line {line}: not YAML: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// The parser's words.
        message: String,
    },
    /// Beyond what is read.
    #[error("line {line}: {message}")]
    Refused {
        /// From 1.
        line: usize,
        /// What, and what to do.
        message: &'static str,
    },
}

/// A value and the line that it begins in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing, as in `key:`.
    Null,
    /// Text or a number, as written.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// Keys and values, in order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value of a key; `None` without it, or where this is no map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(k, _)| k == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The value at the end of a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The number that a scalar is.
    pub(super) fn number(&self) -> Option<f64> {
        self.text()?.parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// Keys and values of a map.
    pub(super) fn pairs(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// Whether a key anywhere in it has this text. As deep as the reader lets a file be.
    pub(super) fn refers(&self, key: &str, text: &str) -> bool {
        let below = |node: &Self| node.refers(key, text);
        match &self.value {
            Value::Map(pairs) => pairs
                .iter()
                .any(|(name, node)| (name == key && node.text() == Some(text)) || below(node)),
            Value::List(all) => all.iter().any(below),
            _ => false,
        }
    }

    /// The entries of a list.
    pub(super) fn list(&self) -> &[Self] {
        match &self.value {
            Value::List(all) => all,
            _ => &[],
        }
    }
}

/// What is open while events come in.
enum Open {
    List(usize, Vec<Node>),
    /// Line, finished pairs, and the key that waits for its value.
    Map(usize, Vec<(String, Node)>, Option<String>),
}

/// Reads all documents of a file. Without recursion, so that no depth can exhaust the stack.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Node>, YamlError> {
    if bytes.len() > MOST_BYTES {
        return Err(YamlError::TooLarge(bytes.len()));
    }
    let text = encoding::decode(bytes).ok_or_else(|| {
        let valid = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let before = &bytes[..valid];
        YamlError::NotUtf8(1 + before.iter().filter(|byte| **byte == b'\n').count())
    })?;
    let mut builder = Builder::default();
    for event in Parser::new_from_str(&text) {
        let (event, span) = event.map_err(|error| YamlError::Syntax {
            line: error.marker().line(),
            message: crate::text::escape::cut(error.info(), 200),
        })?;
        builder.take(event, span.start.line())?;
    }
    Ok(builder.roots)
}

#[derive(Default)]
struct Builder {
    roots: Vec<Node>,
    open: Vec<Open>,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), YamlError> {
        let refuse = |message| Err(YamlError::Refused { line, message });
        match event {
            Event::Alias(_) => {
                refuse("aliases (`*name`) are not followed; write the value out where it is used")
            }
            Event::Scalar(text, style, ..) => {
                self.count(line)?;
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                let value = if null {
                    Value::Null
                } else {
                    Value::Scalar(text.into_owned())
                };
                self.put(Node { line, value })
            }
            Event::SequenceStart(..) => self.enter(line, Open::List(line, Vec::new())),
            Event::MappingStart(..) => self.enter(line, Open::Map(line, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(line, all)) => self.put(Node {
                    line,
                    value: Value::List(all),
                }),
                Some(Open::Map(line, pairs, _)) => self.put(Node {
                    line,
                    value: Value::Map(pairs),
                }),
                None => Ok(()),
            },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn count(&mut self, line: usize) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let message = "more than 100,000 values; split the file";
            return Err(YamlError::Refused { line, message });
        }
        Ok(())
    }

    fn enter(&mut self, line: usize, open: Open) -> Result<(), YamlError> {
        self.count(line)?;
        if self.open.len() >= DEEPEST {
            let message = "nested more than 32 levels deep, which OpenSLO never is";
            return Err(YamlError::Refused { line, message });
        }
        self.open.push(open);
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), YamlError> {
        let line = node.line;
        match self.open.last_mut() {
            None => self.roots.push(node),
            Some(Open::List(_, all)) => all.push(node),
            Some(Open::Map(_, pairs, key)) => match key.take() {
                Some(key) => {
                    if pairs.iter().any(|(there, _)| *there == key) {
                        let message = "this key is here twice; keep one of them";
                        return Err(YamlError::Refused { line, message });
                    }
                    pairs.push((key, node));
                }
                None => match node.value {
                    Value::Scalar(text) => *key = Some(text),
                    _ => {
                        let message = "a key must be a text";
                        return Err(YamlError::Refused { line, message });
                    }
                },
            },
        }
        Ok(())
    }
}
