//! Calls that tell the state of resources, as data: what is asked, which part of the answer is
//! about a resource, and what it says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::catalog::kinds::log_source::texts;
use crate::catalog::kinds::states::TEXT;
use crate::catalog::placeholders::check_names;
use crate::catalog::reads::Reads;
use crate::catalog::reads::path::{Path, PathStep, scalar};
use crate::catalog::registry::{Fault, Step};
use crate::expr::Value;
use crate::model::fact::FactName;

/// A call that tells of resources of a kind. The first one of a kind says which of them exist;
/// those behind it add facts. Names in braces are those of the resource (`{name}`, `{id}`,
/// `{region}`, attributes) and texts among the facts that were read before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusRead {
    /// The operation, one of `operations`.
    pub operation: String,
    /// Its input. With names in braces it is asked for each resource, without any once for all
    /// resources of a region.
    #[serde(default)]
    pub input: BTreeMap<String, Json>,
    /// Path to the resources in the answer: `LoadBalancers[]`, `Table`.
    pub items: String,
    /// Which of them is the resource: path → what is there. `*` in front: what it ends with.
    #[serde(default)]
    pub is: BTreeMap<String, String>,
    /// Error codes that say that there is no such resource.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Asked about a resource that is not in the list, because an empty answer is no proof.
    #[serde(default)]
    pub confirm: Option<Confirmation>,
    /// Most resources that are asked for in a run, in turns (default: all).
    #[serde(default)]
    pub most: Option<usize>,
    /// What it says: fact → `text PATH [or WORD]`, `number PATH`, `count PATH [is [not] A|B]` or
    /// `says WORD`, which is true of whatever is there.
    #[serde(default)]
    pub facts: BTreeMap<FactName, String>,
}

/// A call that says of one resource whether it exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The operation, one of `operations`.
    pub operation: String,
    /// Its input, with names in braces.
    pub input: BTreeMap<String, Json>,
    /// Error codes that say that there is no such resource.
    pub absent: Vec<String>,
}

impl StatusRead {
    /// Whether it is asked for each resource.
    pub fn is_each(&self) -> bool {
        self.input.values().flat_map(texts).any(|t| t.contains('{'))
    }

    /// Returns the operations that it sends.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        let confirming = self.confirm.iter().map(|it| it.operation.as_str());
        std::iter::once(self.operation.as_str()).chain(confirming)
    }

    /// Reports what is invalid. `known` are the names that may stand in braces, `units` the facts
    /// of the kind.
    pub(super) fn check(
        &self,
        index: usize,
        operations: &[String],
        known: &dyn Fn(&str) -> bool,
        units: &BTreeMap<FactName, String>,
    ) -> Result<(), Fault> {
        let at = |key: &str| -> [Step; 4] {
            ["status".into(), "reads".into(), index.into(), key.into()]
        };
        for operation in self.operations() {
            if Reads::built_in().operation(operation).is_none() {
                let message = format!("no service has the operation `{operation}`");
                return Err(Fault::new(at("operation"), message));
            }
            if !operations.iter().any(|one| one == operation) {
                let message = format!("`{operation}` is not among `operations`");
                return Err(Fault::new(at("operation"), message));
            }
        }
        Path::parse(&self.items).map_err(|message| Fault::new(at("items"), message))?;
        if self.is.is_empty() && !self.is_each() {
            let message = "which one is the resource? write `is = { Name = \"{name}\" }`";
            return Err(Fault::new(at("is"), message));
        }
        for (path, template) in &self.is {
            Path::parse(path).map_err(|message| Fault::new(at("is"), message))?;
            check_names(template, known).map_err(|message| Fault::new(at("is"), message))?;
        }
        let inputs = self.input.values();
        let confirming = self.confirm.iter().flat_map(|it| it.input.values());
        for text in inputs.chain(confirming).flat_map(texts) {
            check_names(text, known).map_err(|message| Fault::new(at("input"), message))?;
        }
        for (name, source) in &self.facts {
            let unit = units.get(name).ok_or_else(|| {
                let message = format!("`{name}` is not in `[status.facts]`");
                Fault::new(at("facts"), message)
            })?;
            let source =
                FactSource::parse(source).map_err(|message| Fault::new(at("facts"), message))?;
            if source.is_text() != (unit == TEXT) {
                let message = format!("`{name}` has the unit `{unit}`, which does not fit");
                return Err(Fault::new(at("facts"), message));
            }
        }
        Ok(())
    }
}

/// How a fact comes out of what an answer says of a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum FactSource {
    /// This word, of whatever is there.
    Says(String),
    /// The text at a path, else a word.
    Text(Path, Option<String>),
    /// The number at a path.
    Number(Path),
    /// How many there are at a path; with words, how many that are (or are not) one of them.
    Count(Path, Option<Among>),
}

/// Words that are counted, or all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Among {
    words: Vec<String>,
    is_negated: bool,
}

impl FactSource {
    /// Parses one.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split(' ').collect();
        let path = |text: &str| Path::parse(text);
        Ok(match words.as_slice() {
            ["says", word] if !word.is_empty() => Self::Says((*word).to_owned()),
            ["text", at] => Self::Text(path(at)?, None),
            ["text", at, "or", word] => Self::Text(path(at)?, Some((*word).to_owned())),
            ["number", at] => Self::Number(path(at)?),
            ["count", at] => Self::Count(path(at)?, None),
            ["count", at, "is", list] => Self::Count(path(at)?, Some(Among::new(list, false))),
            ["count", at, "is", "not", list] => {
                Self::Count(path(at)?, Some(Among::new(list, true)))
            }
            _ => {
                return Err(format!(
                    "`{text}` is none of `says WORD`, `text PATH [or WORD]`, `number PATH` and \
                     `count PATH [is [not] A|B]`"
                ));
            }
        })
    }

    /// Whether it gives a text.
    fn is_text(&self) -> bool {
        matches!(self, Self::Says(_) | Self::Text(..))
    }

    /// Returns what it says of a resource; `None` where the answer does not say it. What is not
    /// there is not counted as none.
    pub fn read(&self, item: &Json) -> Option<Value> {
        let said = |path: &Path| path.first(item).and_then(scalar);
        match self {
            Self::Says(word) => Some(Value::text(word.as_str())),
            Self::Text(path, otherwise) => {
                let text = said(path).filter(|text| !text.is_empty());
                text.or_else(|| otherwise.clone()).map(Value::text)
            }
            Self::Number(path) => {
                let number = said(path)?.parse::<f64>().ok()?;
                number.is_finite().then_some(Value::Number(number))
            }
            Self::Count(path, among) => {
                if let Some(PathStep::Member(name)) = path.steps.first() {
                    item.get(name)?;
                }
                let found = path.select(item).into_iter();
                let counted = found.filter(|one| match (among, scalar(one)) {
                    (None, _) => true,
                    (Some(among), Some(word)) => among.words.contains(&word) != among.is_negated,
                    (Some(among), None) => among.is_negated,
                });
                Some(Value::Number(counted.count() as f64))
            }
        }
    }
}

impl Among {
    fn new(list: &str, is_negated: bool) -> Self {
        Self {
            words: list.split('|').map(str::to_owned).collect(),
            is_negated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(source: &str, item: Json) -> Option<Value> {
        FactSource::parse(source).expect(source).read(&item)
    }

    #[test]
    fn facts_come_out_of_answers_and_are_never_made_up() {
        let nodes = json!({ "Status": "ok", "Nodes": [{ "S": "up" }, { "S": "down" }, {}] });
        let none = json!({ "Status": "", "Nodes": null });
        for (source, of, expected) in [
            ("says exists", &none, Some(Value::text("exists"))),
            ("text Status", &nodes, Some(Value::text("ok"))),
            ("text Status", &none, None),
            ("text Status or quiet", &none, Some(Value::text("quiet"))),
            ("number Status", &nodes, None),
            ("count Nodes[]", &nodes, Some(Value::Number(3.0))),
            ("count Nodes[]", &none, Some(Value::Number(0.0))),
            ("count Nodes[].S is up", &nodes, Some(Value::Number(1.0))),
            (
                "count Nodes[].S is not up",
                &nodes,
                Some(Value::Number(1.0)),
            ),
            ("count Others[]", &nodes, None),
        ] {
            assert_eq!(read(source, of.clone()), expected, "{source} of {of}");
        }
        for wrong in [
            "",
            "text",
            "texts A",
            "count A is",
            "says",
            "text A or",
            "number A or 1",
        ] {
            assert!(FactSource::parse(wrong).is_err(), "{wrong}");
        }
    }
}
