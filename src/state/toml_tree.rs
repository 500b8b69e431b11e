//! TOML as the same tree that JSON gives, so that one set of checks serves both.

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::state::json::Fault;
use crate::text::escape;

/// Most syntax errors shown of one file: later ones are mostly echoes of the first.
const MOST_ERRORS: usize = 5;

/// Parses; gives all faults.
pub(crate) fn parse(text: &str) -> Result<Value, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let mut faults = Vec::new();
        let tree = self::table(table.get_ref(), &mut faults);
        return if faults.is_empty() {
            Ok(tree)
        } else {
            Err(faults)
        };
    }
    let mut faults: Vec<Fault> = errors.iter().map(syntax).collect();
    faults.dedup_by_key(|fault| fault.range.start);
    faults.truncate(MOST_ERRORS);
    Err(faults)
}

fn syntax(error: &toml::de::Error) -> Fault {
    let said = error.message().replace('\n', "; ");
    let (what, expected) = match said.split_once(", expected ") {
        Some((what, expected)) => (what.to_owned(), Some(format!("expected {expected}"))),
        None => (said, None),
    };
    let duplicate = what.contains("duplicate key");
    Fault {
        range: error.span().unwrap_or(0..0),
        code: if duplicate {
            "state/duplicate-key"
        } else {
            "state/toml-syntax"
        },
        help: Some(if duplicate {
            "keep one of them".to_owned()
        } else if what.contains("must be quoted") {
            "put texts in double quotes: `key = \"text\"`".to_owned()
        } else {
            "TOML is written `key = value`, one a line, under a `[section]`".to_owned()
        }),
        message: escape::terminal(&what),
        expected: expected.map(|text| escape::terminal(&text)),
    }
}

fn table(table: &DeTable<'_>, faults: &mut Vec<Fault>) -> Value {
    let mut out = Map::new();
    for (key, item) in table {
        out.insert(key.get_ref().to_string(), value(item, faults));
    }
    Value::Object(out)
}

fn value(item: &Spanned<DeValue<'_>>, faults: &mut Vec<Fault>) -> Value {
    match item.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Table(inner) => table(inner, faults),
        DeValue::Array(items) => items.iter().map(|item| value(item, faults)).collect(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| not_a_number(item, faults), Value::from),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map_or_else(|| not_a_number(item, faults), Value::Number),
    }
}

fn not_a_number(item: &Spanned<DeValue<'_>>, faults: &mut Vec<Fault>) -> Value {
    faults.push(Fault {
        range: item.span(),
        code: "state/number",
        message: "this number cannot be used".to_owned(),
        expected: Some("expected a finite number".to_owned()),
        help: Some("leave the key out where there is no limit".to_owned()),
    });
    Value::Null
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_the_same_tree_as_json() {
        let text =
            "a = 1_000\nb = 0x10\nc = 1.5\nd = true\ne = 2026-01-02T03:04:05Z\n[f]\ng = [\"x\"]\n";
        assert_eq!(
            parse(text),
            Ok(
                json!({"a": 1000, "b": 16, "c": 1.5, "d": true, "e": "2026-01-02T03:04:05Z", "f": {"g": ["x"]}})
            )
        );
    }

    #[test]
    fn bad_text_gives_faults_and_no_panic() {
        for text in [
            "a = ",
            "a = nan",
            "a = 1\na = 2",
            "[x",
            "a = 99999999999999999999",
            "= 3",
            "a = inf",
        ] {
            let faults = parse(text).expect_err(text);
            assert!(
                faults.iter().all(|f| text.get(f.range.clone()).is_some()),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn anything_may_come(text in "[\\[\\]{}=,\"'a-c0-9.#\\\\\n ä-]{0,60}") {
            if let Err(faults) = parse(&text) {
                assert!(!faults.is_empty());
            }
        }
    }
}
