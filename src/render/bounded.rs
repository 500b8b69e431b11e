//! A JSON document within so many bytes: what is too long is shortened, and what was left out is
//! named.

use serde_json::Value;

/// Most entries of a list and longest texts, from hardly cut to almost nothing.
const STEPS: [(usize, usize); 11] = [
    (1000, 4000),
    (500, 2000),
    (200, 1000),
    (100, 1000),
    (50, 500),
    (25, 500),
    (10, 300),
    (5, 200),
    (2, 100),
    (1, 60),
    (0, 40),
];
/// Most cuts that are named one by one.
const NAMED: usize = 20;

/// A document that was shortened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fitted {
    /// What is left of it.
    pub(crate) value: Value,
    /// What was left out, a line each.
    pub(crate) cuts: Vec<String>,
}

impl Fitted {
    /// Whether nothing of the document is left.
    pub(crate) fn is_nothing(&self) -> bool {
        self.value == NOTHING
    }
}

/// What stands for a document of which nothing is left.
const NOTHING: &str = "left out: too long";

/// Shortens a document to at most so many bytes as it is printed; `None` where it fits. Lists
/// keep their first entries, as those are the most important ones. A document of nothing but
/// keys that is still too long becomes a text that says so.
pub(crate) fn fit(document: &Value, most: usize) -> Option<Fitted> {
    if length(document) <= most {
        return None;
    }
    for (entries, letters) in STEPS {
        let mut cuts = Cuts::default();
        let value = shorten(document, entries, letters, "", &mut cuts);
        if length(&value) <= most {
            return Some(Fitted {
                value,
                cuts: cuts.lines(),
            });
        }
    }
    Some(Fitted {
        value: Value::from(NOTHING),
        cuts: vec!["- all of it".to_owned()],
    })
}

/// Its length as it is printed, with its indentation and the end of the line.
fn length(value: &Value) -> usize {
    serde_json::to_string_pretty(value).map_or(usize::MAX, |text| text.len() + 1)
}

#[derive(Debug, Default)]
struct Cuts {
    named: Vec<String>,
    others: usize,
}

impl Cuts {
    fn add(&mut self, line: String) {
        match self.named.len() < NAMED {
            true => self.named.push(line),
            false => self.others += 1,
        }
    }

    fn lines(self) -> Vec<String> {
        let mut lines = self.named;
        if self.others > 0 {
            lines.push(format!("- and {} more", self.others));
        }
        lines
    }
}

fn shorten(value: &Value, entries: usize, letters: usize, path: &str, cuts: &mut Cuts) -> Value {
    let place = || match path.is_empty() {
        true => "the document".to_owned(),
        false => format!("`{}`", crate::text::escape::cut(path, 120)),
    };
    match value {
        Value::Array(all) => {
            if all.len() > entries {
                cuts.add(format!(
                    "- {}: {entries} of {} entries are shown",
                    place(),
                    all.len()
                ));
            }
            let kept = all.iter().take(entries).enumerate();
            let kept =
                kept.map(|(at, one)| shorten(one, entries, letters, &format!("{path}/{at}"), cuts));
            Value::Array(kept.collect())
        }
        Value::Object(all) => {
            // A map from names to values grows like a list; a record has fewer keys than this.
            let most = entries.max(40);
            if all.len() > most {
                cuts.add(format!(
                    "- {}: {most} of {} keys are shown",
                    place(),
                    all.len()
                ));
            }
            let kept = all.iter().take(most).map(|(key, one)| {
                let below = format!("{path}/{key}");
                (key.clone(), shorten(one, entries, letters, &below, cuts))
            });
            Value::Object(kept.collect())
        }
        Value::String(text) => match text.char_indices().nth(letters) {
            Some((end, _)) => {
                cuts.add(format!(
                    "- {}: {letters} of {} characters are shown",
                    place(),
                    text.chars().count()
                ));
                Value::from(format!("{}…", &text[..end]))
            }
            None => value.clone(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_is_left_alone() {
        assert_eq!(fit(&json!({ "issues": [1, 2, 3] }), 100), None);
    }

    #[test]
    fn long_lists_keep_their_first_entries_and_say_so() {
        let rows: Vec<Value> = (0..400)
            .map(|n| json!({ "id": n, "title": "slow" }))
            .collect();
        let document = json!({ "kind": "status", "issues": rows });
        let fitted = fit(&document, 4096).expect("it is too long");
        assert_eq!(fitted.value["kind"], "status");
        assert_eq!(fitted.value["issues"].as_array().map(Vec::len), Some(50));
        assert_eq!(fitted.value["issues"][49]["id"], 49);
        assert_eq!(fitted.cuts, ["- `/issues`: 50 of 400 entries are shown"]);
    }

    #[test]
    fn long_texts_and_wide_maps_are_cut_too() {
        let wide: serde_json::Map<String, Value> =
            (0..5000).map(|n| (format!("key-{n}"), json!(n))).collect();
        let document = json!({ "text": "é".repeat(9000), "map": wide });
        let fitted = fit(&document, 4096).expect("it is too long");
        assert!(length(&fitted.value) <= 4096);
        assert!(
            fitted
                .cuts
                .iter()
                .any(|line| line.contains("of 9000 characters"))
        );
        assert!(fitted.cuts.iter().any(|line| line.contains("of 5000 keys")));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,80}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 128, 12, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
                prop::collection::btree_map(".{0,12}", inner, 0..12)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_is_longer_than_asked_and_no_cut_is_silent(
            document in any_json(),
            most in 64_usize..4096,
        ) {
            match fit(&document, most) {
                None => prop_assert!(length(&document) <= most),
                Some(fitted) => {
                    prop_assert!(length(&fitted.value) <= most);
                    prop_assert!(!fitted.cuts.is_empty());
                }
            }
        }
    }
}
