//! XML without a schema. Strict: what is cut off or misnested is an error, not half an answer.
//!
//! `xmlparser` is the tokenizer under `aws-smithy-xml`, whose public decoder cannot tell a leaf
//! from a structure in one pass and reads malformed text silently.

use serde_json::{Map, Value};
use xmlparser::{ElementEnd, Token, Tokenizer};

/// Deepest nesting that is read.
const MOST_DEPTH: usize = 64;

struct Open<'a> {
    /// Prefix and local name.
    name: (&'a str, &'a str),
    text: String,
    children: Vec<(&'a str, Value)>,
}

/// Returns name and content of the root. Elements become objects; those that hold only `lists`,
/// arrays; leaves, strings; empty ones, null, because a list and a text look the same when empty.
pub(super) fn parse(text: &str, lists: &[&str]) -> Result<(String, Value), String> {
    let (mut open, mut root): (Vec<Open<'_>>, _) = (Vec::new(), None);
    for token in Tokenizer::from(text) {
        match (token.map_err(|error| error.to_string())?, open.last_mut()) {
            (Token::ElementStart { prefix, local, .. }, _) => {
                if open.len() == MOST_DEPTH {
                    return Err(format!("nested deeper than {MOST_DEPTH}"));
                }
                open.push(Open {
                    name: (prefix.as_str(), local.as_str()),
                    text: String::new(),
                    children: Vec::new(),
                });
            }
            (
                Token::ElementEnd {
                    end: ElementEnd::Open,
                    ..
                },
                _,
            ) => {}
            (Token::ElementEnd { end, .. }, _) => {
                let done = open.pop().ok_or("an end without a start")?;
                if !closes(&end, done.name) {
                    return Err(format!("`{}` is not closed", done.name.1));
                }
                let (name, value) = (done.name.1, close(done, lists));
                match open.last_mut() {
                    Some(parent) => parent.children.push((name, value)),
                    None => root = Some((name.to_owned(), value)),
                }
            }
            (Token::Text { text }, Some(element)) => unescape(text.as_str(), &mut element.text)?,
            (Token::Cdata { text, .. }, Some(element)) => element.text.push_str(text.as_str()),
            (
                Token::DtdStart { .. } | Token::EmptyDtd { .. } | Token::EntityDeclaration { .. },
                _,
            ) => {
                return Err("a document type is not accepted".to_owned());
            }
            _ => {}
        }
    }
    match open.last() {
        Some(element) => Err(format!("cut off within `{}`", element.name.1)),
        None => root.ok_or_else(|| "no element".to_owned()),
    }
}

fn closes(end: &ElementEnd<'_>, name: (&str, &str)) -> bool {
    match end {
        ElementEnd::Close(prefix, local) => (prefix.as_str(), local.as_str()) == name,
        _ => true,
    }
}

fn close(element: Open<'_>, lists: &[&str]) -> Value {
    if element.children.is_empty() {
        return match element.text.is_empty() {
            true => Value::Null,
            false => Value::String(element.text),
        };
    }
    if element
        .children
        .iter()
        .all(|(name, _)| lists.contains(name))
    {
        return element
            .children
            .into_iter()
            .map(|(_, value)| value)
            .collect();
    }
    // The same name again: a list without a wrapper.
    let mut grouped: Map<String, Value> = Map::new();
    for (name, value) in element.children {
        let same = grouped
            .entry(name)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(same) = same {
            same.push(value);
        }
    }
    for value in grouped.values_mut() {
        let one = value.as_array_mut().filter(|same| same.len() == 1);
        if let Some(one) = one.and_then(Vec::pop) {
            *value = one;
        }
    }
    Value::Object(grouped)
}

/// Writes a value as the root with this name; a list is its member again and again.
pub(super) fn write(root: &str, namespace: &str, value: &Value) -> String {
    let mut out = format!("<{root} xmlns=\"{namespace}\">");
    write_content(value, &mut out);
    out.push_str(&format!("</{root}>"));
    out
}

fn write_content(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let all = value
                    .as_array()
                    .map_or(std::slice::from_ref(value), Vec::as_slice);
                for one in all {
                    out.push_str(&format!("<{name}>"));
                    write_content(one, out);
                    out.push_str(&format!("</{name}>"));
                }
            }
        }
        Value::String(text) => out.push_str(
            &text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
        ),
        Value::Null => {}
        other => out.push_str(&other.to_string()),
    }
}

fn unescape(text: &str, into: &mut String) -> Result<(), String> {
    let mut parts = text.split('&');
    into.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once(';').ok_or("an entity without an end")?;
        let number = |digits: &str, radix| {
            let code = u32::from_str_radix(digits, radix).ok();
            code.and_then(char::from_u32)
        };
        let letter = match (name, name.strip_prefix("#x"), name.strip_prefix('#')) {
            ("amp", ..) => Some('&'),
            ("lt", ..) => Some('<'),
            ("gt", ..) => Some('>'),
            ("quot", ..) => Some('"'),
            ("apos", ..) => Some('\''),
            (_, Some(hex), _) => number(hex, 16),
            (_, _, Some(decimal)) => number(decimal, 10),
            _ => None,
        };
        into.push(letter.ok_or_else(|| format!("unknown entity `{name}`"))?);
        into.push_str(rest);
    }
    Ok(())
}
