//! What a change changes, for people: only the leaves that differ, JSON texts as the values
//! that they are, sets as sets, and long texts as the lines that differ.

use std::collections::BTreeMap;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::core::review::mask::{MASK, Masker};
use crate::model::plan::PlannedChange;
use crate::model::review::AttributeDifference;
use crate::text::{Untrusted, escape};

/// Most differences that are shown of a resource.
const MOST_SHOWN: usize = 20;
/// Most lines that are shown of a long text.
const MOST_LINES: usize = 12;
/// Longest value that is shown in a line, in characters.
const LONGEST_VALUE: usize = 120;
/// Deepest value that is walked into.
const DEEPEST: usize = 32;

/// What is shown in place of a value that is not known yet.
pub(super) const UNKNOWN: &str = "(known after apply)";

/// The differences of an object, and how many more there are.
pub(super) fn differences(
    change: &PlannedChange<'_>,
    masker: &Masker,
) -> (Vec<AttributeDifference>, usize) {
    let mut differ = Differ {
        masker,
        replace_paths: &change.replace_paths,
        found: Vec::new(),
    };
    let (before, after) = (change.before(), change.after());
    differ.walk(
        &mut String::new(),
        &before,
        &after,
        &Extra {
            unknown: &change.after_unknown(),
            before_marks: &change.before_sensitive(),
            after_marks: &change.after_sensitive(),
        },
        0,
    );
    cut(differ.found)
}

/// The differences of two values that may not be secret, such as those of an output.
pub(super) fn of_values(
    path: &str,
    before: &Value,
    after: &Value,
    masker: &Masker,
) -> Vec<AttributeDifference> {
    let mut differ = Differ {
        masker,
        replace_paths: &[],
        found: Vec::new(),
    };
    differ.walk(&mut path.to_owned(), before, after, &Extra::NONE, 0);
    cut(differ.found).0
}

fn cut(mut found: Vec<AttributeDifference>) -> (Vec<AttributeDifference>, usize) {
    // What makes a replacement necessary matters most.
    found.sort_by_key(|one| !one.forces_replacement);
    let more = found.len().saturating_sub(MOST_SHOWN);
    found.truncate(MOST_SHOWN);
    (found, more)
}

/// Whether nothing is said: unset, or empty in one of the ways that providers write it.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What is known of a value besides itself: `true` in place of what is unknown or marked.
struct Extra<'v> {
    unknown: &'v Value,
    before_marks: &'v Value,
    after_marks: &'v Value,
}

impl<'v> Extra<'v> {
    const NONE: Extra<'static> = Extra {
        unknown: &Value::Null,
        before_marks: &Value::Null,
        after_marks: &Value::Null,
    };

    fn key(&self, key: &str) -> Extra<'v> {
        let get = |value: &'v Value| value.get(key).unwrap_or(&Value::Null);
        Extra {
            unknown: get(self.unknown),
            before_marks: get(self.before_marks),
            after_marks: get(self.after_marks),
        }
    }

    fn index(&self, before: Option<usize>, after: Option<usize>) -> Extra<'v> {
        let get = |value: &'v Value, at: Option<usize>| {
            at.and_then(|at| value.get(at)).unwrap_or(&Value::Null)
        };
        Extra {
            unknown: get(self.unknown, after),
            before_marks: get(self.before_marks, before),
            after_marks: get(self.after_marks, after),
        }
    }
}

struct Differ<'a> {
    masker: &'a Masker,
    replace_paths: &'a [String],
    found: Vec<AttributeDifference>,
}

impl Differ<'_> {
    fn walk(
        &mut self,
        path: &mut String,
        before: &Value,
        after: &Value,
        extra: &Extra<'_>,
        depth: usize,
    ) {
        let is_unknown = *extra.unknown == Value::Bool(true);
        if !is_unknown
            && (before == after || (is_nothing(before) && is_nothing(after)))
            && !has_true(extra.unknown)
        {
            return;
        }
        let marked = [extra.before_marks, extra.after_marks].contains(&&Value::Bool(true));
        if marked || is_hidden(path) {
            let shown = |value: &Value| (!is_nothing(value)).then(|| Untrusted::from(MASK));
            let after = if is_unknown {
                Some(MASK.into())
            } else {
                shown(after)
            };
            return self.add(path, shown(before), after, Vec::new());
        }
        if is_unknown {
            // Of what is created, it goes without saying.
            if !is_nothing(before) {
                self.add(path, self.shown(before), Some(UNKNOWN.into()), Vec::new());
            }
            return;
        }
        match (before, after) {
            _ if depth >= DEEPEST => self.leaf(path, before, after),
            (Value::Object(_), Value::Object(_))
            | (Value::Object(_), Value::Null)
            | (Value::Null, Value::Object(_)) => self.objects(path, before, after, extra, depth),
            (Value::Array(old), Value::Array(new)) => self.arrays(path, old, new, extra, depth),
            (Value::Null, Value::Array(new)) => self.arrays(path, &[], new, extra, depth),
            (Value::Array(old), Value::Null) => self.arrays(path, old, &[], extra, depth),
            (Value::String(old), Value::String(new)) => self.texts(path, old, new, depth),
            _ => self.leaf(path, before, after),
        }
    }

    fn objects(
        &mut self,
        path: &mut String,
        before: &Value,
        after: &Value,
        extra: &Extra<'_>,
        depth: usize,
    ) {
        let keys = |value: &Value| -> Vec<String> {
            value
                .as_object()
                .map_or(Vec::new(), |map| map.keys().cloned().collect())
        };
        let mut all = keys(after);
        all.extend(keys(before));
        all.extend(keys(extra.unknown));
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|key| seen.insert(key.clone()));
        for key in all {
            let length = path.len();
            if length > 0 {
                path.push('.');
            }
            path.push_str(&key);
            let null = &Value::Null;
            let (old, new) = (
                before.get(&key).unwrap_or(null),
                after.get(&key).unwrap_or(null),
            );
            self.walk(path, old, new, &extra.key(&key), depth + 1);
            path.truncate(length);
        }
    }

    /// Lists that differ in their order alone are the same: most of Terraform's are sets.
    fn arrays(
        &mut self,
        path: &mut String,
        old: &[Value],
        new: &[Value],
        extra: &Extra<'_>,
        depth: usize,
    ) {
        let (gone, come) = without_common(old, new, extra.unknown);
        for pair in 0..gone.len().max(come.len()) {
            let (before, after) = (gone.get(pair), come.get(pair));
            let get = |list: &[Value], at: Option<&usize>| {
                at.and_then(|at| list.get(*at))
                    .cloned()
                    .unwrap_or(Value::Null)
            };
            let length = path.len();
            let index = after.or(before).copied().unwrap_or_default();
            path.push_str(&format!("[{index}]"));
            let extra = extra.index(before.copied(), after.copied());
            self.walk(path, &get(old, before), &get(new, after), &extra, depth + 1);
            path.truncate(length);
        }
    }

    fn texts(&mut self, path: &mut String, old: &str, new: &str, depth: usize) {
        if let (Some(before), Some(after)) = (as_json(old), as_json(new)) {
            return self.walk(path, &before, &after, &Extra::NONE, depth + 1);
        }
        let is_long = |text: &str| text.contains('\n') || text.chars().count() > LONGEST_VALUE;
        if is_long(old) || is_long(new) {
            let lines = self.lines(old, new);
            return self.add(path, None, None, lines);
        }
        self.leaf(path, &Value::from(old), &Value::from(new));
    }

    /// The lines that differ.
    fn lines(&self, old: &str, new: &str) -> Vec<Untrusted> {
        // Before lines are looked at one by one: a secret may span them.
        let (old, new) = (self.masker.hide(old), self.masker.hide(new));
        let diff = TextDiff::from_lines(old.as_str(), new.as_str());
        let mut lines = Vec::new();
        let mut more = 0;
        for change in diff.iter_all_changes() {
            let sign = match change.tag() {
                ChangeTag::Equal => continue,
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            if lines.len() < MOST_LINES {
                let text = escape::cut(change.value().trim_end(), LONGEST_VALUE);
                lines.push(Untrusted::new(format!("{sign} {text}")));
            } else {
                more += 1;
            }
        }
        if more > 0 {
            lines.pop();
            lines.push(Untrusted::new(format!("… and {} more lines", more + 1)));
        }
        lines
    }

    fn leaf(&mut self, path: &str, before: &Value, after: &Value) {
        let (before, after) = (self.shown(before), self.shown(after));
        self.add(path, before, after, Vec::new());
    }

    fn shown(&self, value: &Value) -> Option<Untrusted> {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // Before it is cut: what is left of a secret would not look like one.
        let hidden = self.masker.hide(&text);
        Some(Untrusted::new(escape::cut(&hidden, LONGEST_VALUE)))
    }

    fn add(
        &mut self,
        path: &str,
        before: Option<Untrusted>,
        after: Option<Untrusted>,
        lines: Vec<Untrusted>,
    ) {
        let forces = self.replace_paths.iter().any(|forcing| {
            let rest = path.strip_prefix(forcing.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        self.found.push(AttributeDifference {
            path: Untrusted::from(path),
            before,
            after,
            lines,
            forces_replacement: forces,
        });
    }
}

fn has_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Array(items) => items.iter().any(has_true),
        Value::Object(fields) => fields.values().any(has_true),
        _ => false,
    }
}

/// Attributes whose values are never shown: names of what holds secrets, and the variables
/// that programs are started with.
fn is_hidden(path: &str) -> bool {
    const HIDDEN: &[&str] = &[
        "auth_token",
        "master_password",
        "password",
        "private_key",
        "private_key_pem",
        "secret_binary",
        "secret_string",
        "user_data",
        "user_data_base64",
    ];
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_tag = path.starts_with("tags");
    !is_tag && (HIDDEN.contains(&last) || is_variable(path))
}

/// `environment[0].variables.X`, or `container_definitions[0].environment[0].value`.
fn is_variable(path: &str) -> bool {
    let mut steps = path
        .split('.')
        .map(|step| step.split('[').next().unwrap_or(step));
    let inside = steps.any(|step| step == "environment" || step == "environment_variables");
    let rest: Vec<&str> = steps.collect();
    inside && matches!(rest.as_slice(), ["variables", _, ..] | ["value"])
}

/// A text that is an object or a list in JSON.
pub(super) fn as_json(text: &str) -> Option<Value> {
    let trimmed = text.trim_start();
    let is_document = trimmed.starts_with(['{', '[']);
    is_document
        .then(|| serde_json::from_str(trimmed).ok())
        .flatten()
}

/// The places of the elements that only one of two lists has.
fn without_common(old: &[Value], new: &[Value], unknown: &Value) -> (Vec<usize>, Vec<usize>) {
    let mut left: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, value) in old.iter().enumerate() {
        left.entry(value.to_string()).or_default().push(at);
    }
    let mut come = Vec::new();
    for (at, value) in new.iter().enumerate() {
        let is_known = !unknown.get(at).is_some_and(has_true);
        let same = left.get_mut(&value.to_string()).filter(|_| is_known);
        if same.and_then(Vec::pop).is_none() {
            come.push(at);
        }
    }
    let mut gone: Vec<usize> = left.into_values().flatten().collect();
    gone.sort_unstable();
    (gone, come)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(before: Value, after: Value) -> Vec<String> {
        let masker = Masker::new(std::iter::once("s3cr3t".to_owned()).collect());
        of_values("", &before, &after, &masker)
            .into_iter()
            .map(|one| {
                let text =
                    |side: Option<Untrusted>| side.map_or("∅".to_owned(), |t| t.terminal());
                let lines: Vec<String> = one.lines.iter().map(Untrusted::terminal).collect();
                match lines.is_empty() {
                    true => format!(
                        "{}: {} → {}",
                        one.path.terminal(),
                        text(one.before),
                        text(one.after)
                    ),
                    false => format!("{}: {}", one.path.terminal(), lines.join(" / ")),
                }
            })
            .collect()
    }

    #[test]
    fn only_leaves_that_differ_are_shown() {
        let policy = |actions: &str| json!({ "policy": format!("{{\"Statement\":[{{\"Action\":{actions},\"Effect\":\"Allow\"}}]}}") });
        for (before, after, want) in [
            (
                json!({"a": 1, "b": {"c": [1, 2]}}),
                json!({"b": {"c": [2, 1]}, "a": 1}),
                vec![],
            ),
            (
                json!({"a": null, "t": []}),
                json!({"a": "", "t": {}}),
                vec![],
            ),
            (json!({"a": 1}), json!({"a": 2}), vec!["a: 1 → 2"]),
            (
                json!({"l": ["x", "y"]}),
                json!({"l": ["y", "z", "w"]}),
                vec!["l[1]: x → z", "l[2]: ∅ → w"],
            ),
            (
                json!({"r": [{"p": 1, "q": 1}, {"p": 2, "q": 2}]}),
                json!({"r": [{"p": 2, "q": 3}, {"p": 1, "q": 1}]}),
                vec!["r[0].q: 2 → 3"],
            ),
            (
                policy("\"s3:Get\""),
                policy("[\"s3:Get\"]"),
                vec!["policy.Statement[0].Action: s3:Get → [\"s3:Get\"]"],
            ),
            (policy("[\"a\",\"b\"]"), policy(" [\"b\", \"a\"]"), vec![]),
            (
                json!({"t": "one\ntwo\nthree\n"}),
                json!({"t": "one\n2 s3cr3t\nthree\n"}),
                vec!["t: - two / + 2 (sensitive)"],
            ),
            (
                json!({"environment": [{"variables": {"A": "x"}}], "tags": {"environment": "a"}}),
                json!({"environment": [{"variables": {"A": "y"}}], "tags": {"environment": "b"}}),
                vec![
                    "environment[0].variables.A: (sensitive) → (sensitive)",
                    "tags.environment: a → b",
                ],
            ),
            (
                json!({"password": "abc"}),
                json!({"password": "abd"}),
                vec!["password: (sensitive) → (sensitive)"],
            ),
        ] {
            assert_eq!(shown(before.clone(), after), want, "{before}");
        }
    }

    #[test]
    fn much_is_cut_and_counted() {
        let text = |n: usize| (0..40).map(|i| format!("{}\n", i * n)).collect::<String>();
        let lines = shown(json!({"t": text(2)}), json!({"t": text(3)}));
        assert!(lines[0].ends_with("more lines"), "{lines:?}");
        assert_eq!(lines[0].matches(" / ").count(), MOST_LINES - 1);
        let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(shown(json!({"d": deep}), json!({"d": 1})).len(), 1);
    }
}
