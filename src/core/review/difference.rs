//! What a change changes, for people: only the leaves that differ, JSON texts as the values
//! that they are, sets as sets, and long texts as the lines that differ.

use std::collections::{BTreeMap, BTreeSet};

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
    let mut differ = Differ::new("", masker, &change.replace_paths);
    differ.walk(ComparedValues {
        before: &change.before(),
        after: &change.after(),
        unknown: &change.after_unknown(),
        before_marks: &change.before_sensitive(),
        after_marks: &change.after_sensitive(),
    });
    cut(differ.found)
}

/// The differences of two values that may not be secret, such as those of an output.
pub fn of_values(
    path: &str,
    before: &Value,
    after: &Value,
    masker: &Masker,
) -> Vec<AttributeDifference> {
    let mut differ = Differ::new(path, masker, &[]);
    differ.walk(ComparedValues::plain(before, after));
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

/// A value before and afterwards, and what is known of it besides: `true` in place of what is
/// unknown or marked as sensitive.
#[derive(Clone, Copy)]
struct ComparedValues<'v> {
    before: &'v Value,
    after: &'v Value,
    unknown: &'v Value,
    before_marks: &'v Value,
    after_marks: &'v Value,
}

impl<'v> ComparedValues<'v> {
    /// Two values of which all is known, and nothing is marked.
    fn plain(before: &'v Value, after: &'v Value) -> Self {
        Self {
            before,
            after,
            unknown: &Value::Null,
            before_marks: &Value::Null,
            after_marks: &Value::Null,
        }
    }

    fn key(self, key: &str) -> Self {
        let get = |value: &'v Value| value.get(key).unwrap_or(&Value::Null);
        Self {
            before: get(self.before),
            after: get(self.after),
            unknown: get(self.unknown),
            before_marks: get(self.before_marks),
            after_marks: get(self.after_marks),
        }
    }

    /// An element of a list, which may have been at another place, or only on one side.
    fn index(self, before: Option<usize>, after: Option<usize>) -> Self {
        let get = |value: &'v Value, at: Option<usize>| {
            at.and_then(|at| value.get(at)).unwrap_or(&Value::Null)
        };
        Self {
            before: get(self.before, before),
            after: get(self.after, after),
            unknown: get(self.unknown, after),
            before_marks: get(self.before_marks, before),
            after_marks: get(self.after_marks, after),
        }
    }

    fn is_unknown(self) -> bool {
        *self.unknown == Value::Bool(true)
    }

    fn is_marked(self) -> bool {
        [self.before_marks, self.after_marks].contains(&&Value::Bool(true))
    }

    fn is_same(self) -> bool {
        let is_equal = self.before == self.after;
        (is_equal || (is_nothing(self.before) && is_nothing(self.after))) && !has_true(self.unknown)
    }

    /// The keys of both, those of the new one first.
    fn keys(self) -> Vec<&'v str> {
        let mut seen = BTreeSet::new();
        [self.after, self.before, self.unknown]
            .into_iter()
            .filter_map(Value::as_object)
            .flat_map(|map| map.keys().map(String::as_str))
            .filter(|key| seen.insert(*key))
            .collect()
    }
}

/// Walks through two values, and collects where they differ.
struct Differ<'a> {
    masker: &'a Masker,
    replace_paths: &'a [String],
    /// Where the walk is.
    path: String,
    depth: usize,
    found: Vec<AttributeDifference>,
}

impl<'a> Differ<'a> {
    fn new(path: &str, masker: &'a Masker, replace_paths: &'a [String]) -> Self {
        Self {
            masker,
            replace_paths,
            path: path.to_owned(),
            depth: 0,
            found: Vec::new(),
        }
    }

    fn walk(&mut self, sides: ComparedValues<'_>) {
        if sides.is_same() {
            return;
        }
        if sides.is_marked() || is_hidden(&self.path) {
            let shown = |value: &Value| (!is_nothing(value)).then(|| Untrusted::from(MASK));
            let after = match sides.is_unknown() {
                true => Some(MASK.into()),
                false => shown(sides.after),
            };
            return self.add(shown(sides.before), after, Vec::new());
        }
        if sides.is_unknown() {
            // Of what is created, it goes without saying.
            if !is_nothing(sides.before) {
                self.add(self.shown(sides.before), Some(UNKNOWN.into()), Vec::new());
            }
            return;
        }
        match (sides.before, sides.after) {
            _ if self.depth >= DEEPEST => self.leaf(sides),
            (Value::Object(_), Value::Object(_) | Value::Null)
            | (Value::Null, Value::Object(_)) => {
                for key in sides.keys() {
                    let dot = if self.path.is_empty() { "" } else { "." };
                    self.inside(&format!("{dot}{key}"), sides.key(key));
                }
            }
            (Value::Array(_), Value::Array(_) | Value::Null) | (Value::Null, Value::Array(_)) => {
                self.arrays(sides);
            }
            (Value::String(old), Value::String(new)) => self.texts(old, new, sides),
            _ => self.leaf(sides),
        }
    }

    /// Walks through a part.
    fn inside(&mut self, step: &str, sides: ComparedValues<'_>) {
        let length = self.path.len();
        self.path.push_str(step);
        self.depth += 1;
        self.walk(sides);
        self.depth -= 1;
        self.path.truncate(length);
    }

    /// Lists that differ in their order alone are the same: most of Terraform's are sets.
    fn arrays(&mut self, sides: ComparedValues<'_>) {
        let (gone, come) = without_common(sides);
        for pair in 0..gone.len().max(come.len()) {
            let (before, after) = (gone.get(pair).copied(), come.get(pair).copied());
            let index = after.or(before).unwrap_or_default();
            self.inside(&format!("[{index}]"), sides.index(before, after));
        }
    }

    fn texts(&mut self, old: &str, new: &str, sides: ComparedValues<'_>) {
        if let (Some(before), Some(after)) = (as_json(old), as_json(new)) {
            return self.inside("", ComparedValues::plain(&before, &after));
        }
        let is_long = |text: &str| text.contains('\n') || text.chars().count() > LONGEST_VALUE;
        if is_long(old) || is_long(new) {
            let lines = self.lines(old, new);
            return self.add(None, None, lines);
        }
        self.leaf(sides);
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

    fn leaf(&mut self, sides: ComparedValues<'_>) {
        let (before, after) = (self.shown(sides.before), self.shown(sides.after));
        self.add(before, after, Vec::new());
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

    fn add(&mut self, before: Option<Untrusted>, after: Option<Untrusted>, lines: Vec<Untrusted>) {
        let forces = self.replace_paths.iter().any(|forcing| {
            let rest = self.path.strip_prefix(forcing.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        });
        self.found.push(AttributeDifference {
            path: Untrusted::from(self.path.as_str()),
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
fn without_common(sides: ComparedValues<'_>) -> (Vec<usize>, Vec<usize>) {
    fn elements(value: &Value) -> &[Value] {
        value.as_array().map_or(&[], Vec::as_slice)
    }
    let mut left: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, value) in elements(sides.before).iter().enumerate() {
        left.entry(value.to_string()).or_default().push(at);
    }
    let mut come = Vec::new();
    for (at, value) in elements(sides.after).iter().enumerate() {
        let is_known = !sides.unknown.get(at).is_some_and(has_true);
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
