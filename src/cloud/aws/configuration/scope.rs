//! What paths may start at: the item, and what earlier calls have found.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::catalog::reads::path::{Condition, Path, Text};
use crate::catalog::reads::resource_type::{Given, Input};
use crate::cloud::aws::lean::Members;
use crate::model::ids::{AccountId, Region};
use crate::model::partition::Partition;

/// Values by name.
#[derive(Debug, Clone)]
pub(super) struct Scope(BTreeMap<String, Rc<Value>>);

impl Scope {
    /// What is known before anything is asked.
    pub(super) fn new(account: &AccountId, region: &Region) -> Self {
        let partition = Partition::of_region(region).name;
        let known = [
            ("account", account.as_str()),
            ("partition", partition),
            ("region", region.as_str()),
        ];
        let known = known.map(|(name, text)| (name.to_owned(), Rc::new(Value::from(text))));
        Self(BTreeMap::from(known))
    }

    /// The same with one value more.
    pub(super) fn with(&self, name: &str, value: Value) -> Self {
        let mut all = self.0.clone();
        all.insert(name.to_owned(), Rc::new(value));
        Self(all)
    }

    /// Returns what a path leads to; it starts at `item`, where it does not name another start.
    pub(super) fn select<'a>(&'a self, path: &Path, item: &'a Value) -> Vec<&'a Value> {
        match &path.start {
            None => path.select(item),
            Some(name) => self
                .0
                .get(name)
                .map(|value| path.select(value))
                .unwrap_or_default(),
        }
    }

    fn first<'a>(&'a self, path: &Path, item: &'a Value) -> Option<&'a Value> {
        self.select(path, item).into_iter().next()
    }

    /// Fills a text in.
    pub(super) fn fill(&self, text: &Text, item: &Value) -> Option<String> {
        text.fill(&|path| self.first(path, item))
    }

    /// Returns whether a condition holds of a value. Its texts are about `item`.
    pub(super) fn holds(&self, condition: &Condition, of: &Value, item: &Value) -> bool {
        let values = self.select(&condition.path, of);
        condition.holds(&values, &|path| self.first(path, item))
    }

    /// Fills an input in; the name of the member that nothing is known for where one lacks.
    pub(super) fn input(
        &self,
        input: &Input,
        batch: &[(&Self, &Value)],
    ) -> Result<Members, String> {
        let item = batch.first().map_or(&Value::Null, |(_, item)| item);
        let mut filled = Members::new();
        for (name, given) in input {
            let value = match given {
                Given::Plain(value) => Some(value.clone()),
                Given::Text(text) => self.fill(text, item).map(Value::from),
                // A list with paths in it has one entry for each item of the batch.
                Given::Texts(texts) if texts.iter().any(|text| text.paths().next().is_some()) => {
                    let one = |(scope, item): &(&Self, &Value)| scope.fill(texts.first()?, item);
                    batch
                        .iter()
                        .map(one)
                        .map(|it| it.map(Value::from))
                        .collect()
                }
                Given::Texts(texts) => texts
                    .iter()
                    .map(|text| self.fill(text, item).map(Value::from))
                    .collect(),
            };
            filled.insert(name.clone(), value.ok_or_else(|| name.clone())?);
        }
        Ok(filled)
    }
}
