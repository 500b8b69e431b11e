//! Everything that was read, as derived facts look at it: a resource beside all the others.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::configuration::Shapes;
use crate::core::known::{Known, Obstacle, Obstacles};
use crate::model::configuration::{Configuration, ConfiguredResource, Extent};

use super::facts::FactView;

/// The configuration of an account, indexed.
#[derive(Debug)]
pub(super) struct Estate<'a> {
    pub(super) configuration: &'a Configuration,
    by_type: BTreeMap<&'a str, Vec<&'a ConfiguredResource>>,
    unlisted: BTreeMap<&'a str, Obstacles>,
    listed: BTreeMap<&'a str, bool>,
}

impl<'a> Estate<'a> {
    /// Indexes a configuration.
    pub(super) fn new(configuration: &'a Configuration) -> Self {
        let mut by_type: BTreeMap<&str, Vec<&ConfiguredResource>> = BTreeMap::new();
        for resource in &configuration.resources {
            by_type
                .entry(resource.resource_type.as_str())
                .or_default()
                .push(resource);
        }
        let mut unlisted: BTreeMap<&str, Obstacles> = BTreeMap::new();
        let mut listed = BTreeMap::new();
        for entry in &configuration.coverage {
            let name = entry.resource_type.as_str();
            if let Some(gap) = entry.extent.gap() {
                unlisted.entry(name).or_default().insert(Obstacle::Gap(gap));
            }
            *listed.entry(name).or_insert(false) |= entry.extent != Extent::NotEnabled;
        }
        Self {
            configuration,
            by_type,
            unlisted,
            listed,
        }
    }

    /// When it was read.
    pub(super) fn now(&self) -> Timestamp {
        self.configuration.read_at
    }

    /// Returns the resources of a type that were seen, and what may hide others.
    pub(super) fn of_type(&self, name: &'a str) -> (&[&'a ConfiguredResource], Obstacles) {
        let seen = self.by_type.get(name).map_or(&[][..], Vec::as_slice);
        let mut hidden = self.unlisted.get(name).cloned().unwrap_or_default();
        if !self.listed.contains_key(name) {
            hidden.insert(Obstacle::NotRead(name.to_owned()));
        }
        (seen, hidden)
    }

    /// Whether there is a resource of a type of which something is true.
    pub(super) fn any(
        &self,
        name: &'a str,
        holds: impl Fn(FactView<'a>) -> Known<bool>,
    ) -> Known<bool> {
        let (seen, hidden) = self.of_type(name);
        let each = seen.iter().map(|one| holds(self.view(one)));
        let rest = (!hidden.is_empty()).then_some(Err(hidden));
        crate::core::known::any(each.chain(rest))
    }

    /// Returns the resource of a type whose fact has this text. One whose fact could not be
    /// read may be it.
    pub(super) fn find(
        &self,
        name: &'a str,
        fact: &str,
        text: &str,
    ) -> Known<Option<FactView<'a>>> {
        let (seen, mut hidden) = self.of_type(name);
        for one in seen.iter().map(|one| self.view(one)) {
            match one.text(fact) {
                Ok(found) if found.as_deref() == Some(text) => return Ok(Some(one)),
                Ok(_) => {}
                Err(obstacles) => hidden.extend(obstacles),
            }
        }
        match hidden.is_empty() {
            true => Ok(None),
            false => Err(hidden),
        }
    }

    /// Returns the facts of a resource.
    pub(super) fn view(&self, resource: &'a ConfiguredResource) -> FactView<'a> {
        FactView {
            resource,
            shape: Shapes::built_in().get(&resource.resource_type),
        }
    }

    /// Returns the settings of the account.
    pub(super) fn account(&self) -> Option<FactView<'a>> {
        let found = self.configuration.account_settings();
        found.map(|one| self.view(one))
    }
}
