//! Resources that are registered.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::core::registry;
use crate::model::environments::Environment;
use crate::model::ids::{Arn, EnvironmentName};
use crate::model::registry::Registry;
use crate::model::resource::Resource;
use crate::state::Document;

/// The registry of every environment, and the kinds that its entries are of.
#[derive(Clone, Copy)]
pub(crate) struct Registries<'a> {
    pub(in crate::app::workspace) documents: &'a BTreeMap<EnvironmentName, Document<Registry>>,
    pub(crate) settings: Settings<'a>,
    pub(crate) catalog: &'a Catalog,
}

impl<'a> Registries<'a> {
    /// Returns the registry of an environment.
    pub(crate) fn get(self, name: &EnvironmentName) -> Option<&'a Document<Registry>> {
        self.documents.get(name)
    }

    /// Lists all of them.
    pub(crate) fn iter(
        self,
    ) -> impl Iterator<Item = (&'a EnvironmentName, &'a Document<Registry>)> {
        self.documents.iter()
    }

    /// Returns the names of what is registered in an environment.
    pub(crate) fn arns(self, name: &EnvironmentName) -> BTreeSet<Arn> {
        let entries = self.get(name).into_iter();
        let entries = entries.flat_map(|document| &document.value.resources);
        entries.map(|entry| entry.arn.clone()).collect()
    }

    /// Returns the resources of an environment.
    pub(crate) fn resources(self, environment: &Environment) -> Vec<Resource> {
        let registry = self.get(&environment.name);
        registry.map_or_else(Vec::new, |document| {
            self.resources_in(&document.value, environment)
        })
    }

    /// Returns the resources in a registry that need not be the one that is stored.
    pub(crate) fn resources_in(
        self,
        registry: &Registry,
        environment: &Environment,
    ) -> Vec<Resource> {
        let environment = self.settings.complete(environment);
        registry::resources(registry, &environment, self.catalog)
    }
}
