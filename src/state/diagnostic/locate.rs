//! Where the values of a document lie in its text.

use std::ops::Range;

use jsonc_parser::ast;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::paths::RepoPath;

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// To the value of a key.
    Key(String),
    /// To an entry of a list.
    Index(usize),
}

/// Language of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Json,
    Toml,
}

impl Language {
    /// By the ending of a file's name.
    pub(crate) fn from_path(path: &RepoPath) -> Self {
        if path.file_name().ends_with(".toml") {
            Self::Toml
        } else {
            Self::Json
        }
    }
}

/// Finds places. Made only where there is something to show, for parsing costs time.
pub(crate) enum Places<'a> {
    Json(Option<ast::Value<'a>>),
    Toml(Spanned<DeTable<'a>>),
}

impl<'a> Places<'a> {
    pub(crate) fn parse(text: &'a str, language: Language) -> Self {
        match language {
            Language::Json => {
                let parsed = jsonc_parser::parse_to_ast(
                    text,
                    &jsonc_parser::CollectOptions::default(),
                    &jsonc_parser::ParseOptions::default(),
                );
                Self::Json(parsed.ok().and_then(|parsed| parsed.value))
            }
            Language::Toml => Self::Toml(DeTable::parse_recoverable(text).0),
        }
    }

    /// The value at a path, or of the nearest value around it that exists. Of a list or
    /// table over several lines only the opening sign. With `key`, its key instead.
    pub(crate) fn find(&self, text: &str, path: &[PathStep], key: bool) -> Range<usize> {
        let found = match self {
            Self::Json(Some(root)) => json(root, path, key),
            Self::Json(None) => 0..0,
            Self::Toml(root) => toml_table(root.get_ref(), 0..0, path, key),
        };
        shorten(text, found)
    }

    /// All of a value of a JSON document, from its first to its last byte.
    pub(crate) fn whole(&self, path: &[PathStep]) -> Range<usize> {
        match self {
            Self::Json(Some(root)) => json(root, path, false),
            Self::Json(None) | Self::Toml(_) => 0..0,
        }
    }

    /// Keys that stand twice in one object: each repetition, and the line of the first.
    pub(crate) fn duplicates(&self) -> Vec<(Range<usize>, Range<usize>)> {
        let mut out = Vec::new();
        if let Self::Json(Some(root)) = self {
            repeated(root, &mut out);
        }
        out.sort_by_key(|(again, _)| again.start);
        out
    }
}

fn json_range(value: &ast::Value<'_>) -> Range<usize> {
    use jsonc_parser::common::Ranged;
    let range = value.range();
    range.start..range.end
}

fn name_range(name: &ast::ObjectPropName<'_>) -> Range<usize> {
    use jsonc_parser::common::Ranged;
    let range = name.range();
    range.start..range.end
}

fn json(value: &ast::Value<'_>, path: &[PathStep], key: bool) -> Range<usize> {
    let inside = match (value, path.first()) {
        (ast::Value::Object(object), Some(PathStep::Key(name))) => object
            .properties
            .iter()
            .rfind(|property| property.name.as_str() == name)
            .map(|property| match &path[1..] {
                [] if key => name_range(&property.name),
                rest => json(&property.value, rest, key),
            }),
        (ast::Value::Array(array), Some(PathStep::Index(index))) => array
            .elements
            .get(*index)
            .map(|element| json(element, &path[1..], key)),
        _ => None,
    };
    inside.unwrap_or_else(|| json_range(value))
}

fn repeated(value: &ast::Value<'_>, out: &mut Vec<(Range<usize>, Range<usize>)>) {
    match value {
        ast::Value::Object(object) => {
            let mut seen = std::collections::HashMap::new();
            for property in &object.properties {
                let range = name_range(&property.name);
                if let Some(first) = seen.get(property.name.as_str()) {
                    out.push((range, Range::clone(first)));
                } else {
                    seen.insert(property.name.as_str().to_owned(), range);
                }
                repeated(&property.value, out);
            }
        }
        ast::Value::Array(array) => {
            for element in &array.elements {
                repeated(element, out);
            }
        }
        _ => {}
    }
}

fn toml_table(
    table: &DeTable<'_>,
    around: Range<usize>,
    path: &[PathStep],
    key: bool,
) -> Range<usize> {
    let Some(PathStep::Key(name)) = path.first() else {
        return around;
    };
    let entry = table.iter().find(|(k, _)| k.get_ref() == name.as_str());
    match entry {
        Some((k, _)) if key && path.len() == 1 => k.span(),
        // A table's own span may cover its header only, or nothing: its key is clearer.
        Some((k, v)) => match v.get_ref() {
            DeValue::Table(_) if path.len() == 1 => k.span(),
            DeValue::Table(inner) => toml_table(inner, k.span(), &path[1..], key),
            _ => toml_value(v, &path[1..], key),
        },
        None => around,
    }
}

fn toml_value(value: &Spanned<DeValue<'_>>, path: &[PathStep], key: bool) -> Range<usize> {
    match (value.get_ref(), path.first()) {
        (DeValue::Table(table), Some(_)) => toml_table(table, value.span(), path, key),
        (DeValue::Array(array), Some(PathStep::Index(index))) => array
            .get(*index)
            .map_or(value.span(), |inner| toml_value(inner, &path[1..], key)),
        _ => value.span(),
    }
}

/// Of a range over several lines only its first character.
fn shorten(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(shown) = text.get(range.clone()) else {
        return 0..0;
    };
    if shown.contains('\n') {
        let first = shown.chars().next().map_or(0, char::len_utf8);
        range.start..range.start + first
    } else {
        range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<PathStep> {
        text.split('/')
            .filter(|s| !s.is_empty())
            .map(|s| {
                s.parse()
                    .map_or_else(|_| PathStep::Key(s.to_owned()), PathStep::Index)
            })
            .collect()
    }

    #[test]
    fn json_values_are_found() {
        let text = "{\n \"a\": [1, {\"b\": \"x\"}],\n \"c\": {\n }\n}";
        let places = Places::parse(text, Language::Json);
        for (at, key, found) in [
            ("a/0", false, "1"),
            ("a/1/b", false, "\"x\""),
            ("a/1/b", true, "\"b\""),
            ("a/1/missing", false, "{\"b\": \"x\"}"),
            ("c", false, "{"),
            ("", false, "{"),
        ] {
            assert_eq!(&text[places.find(text, &path(at), key)], found, "{at}");
        }
    }

    #[test]
    fn toml_values_are_found() {
        let text = "[a.b]\nc = 1\nd = [\"x\", {e = 2}]\n\n[[r]]\nname = \"n\"\n[[r]]\nf=3\n";
        let places = Places::parse(text, Language::Toml);
        for (at, key, found) in [
            ("a/b/c", false, "1"),
            ("a/b/c", true, "c"),
            ("a/b/d/0", false, "\"x\""),
            ("a/b/d/1/e", false, "2"),
            ("a/b/missing", false, "b"),
            ("a", false, "a"),
            ("r/1/f", false, "3"),
            ("r/1/missing", false, "[[r]]"),
        ] {
            assert_eq!(&text[places.find(text, &path(at), key)], found, "{at}");
        }
    }
}
