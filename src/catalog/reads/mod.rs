//! Reading wide: which operations of which services are read, and how their answers become
//! the facts of resources, in the names of Terraform's AWS provider.
//!
//! A service is a file in `services/`, a type of resource a file in `types/`; see
//! `docs/development/adding-a-resource-type.md`.

pub mod fact_spec;
pub mod path;
pub mod resource_type;
pub mod service;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::catalog::reads::resource_type::ResourceType;
use crate::catalog::reads::service::{Operation, Service};
use crate::catalog::registry::{DataError, Fault, Registry, Step, Whose};

static BUILT_IN: LazyLock<Reads> =
    LazyLock::new(|| Reads::read().expect("tests rule out that the built-in files are faulty"));

/// All services and all types.
#[derive(Debug)]
pub struct Reads {
    services: Registry<Service>,
    types: Registry<ResourceType>,
}

impl Reads {
    /// Returns those that are built in.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    fn read() -> Result<Self, Vec<DataError>> {
        let reads = Self {
            services: Registry::load(&[])?,
            types: Registry::load(&[])?,
        };
        let unknown = reads
            .types
            .examine(Whose::Everyones, |one| reads.unknown_operations(one));
        match unknown.is_empty() {
            true => Ok(reads),
            false => Err(unknown),
        }
    }

    /// Returns all services, sorted by IAM's prefix.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter()
    }

    /// Returns all types, sorted by name.
    pub fn types(&self) -> impl Iterator<Item = &ResourceType> {
        self.types.iter()
    }

    /// Returns the type with this name.
    pub fn resource_type(&self, id: &str) -> Option<&ResourceType> {
        self.types.get(id)
    }

    /// Returns an operation such as `kms:ListKeys`, with its service and its own name.
    pub fn operation<'a>(&'a self, name: &'a str) -> Option<(&'a Service, &'a str, &'a Operation)> {
        let (prefix, operation) = name.split_once(':')?;
        let service = self.services.get(prefix)?;
        Some((service, operation, service.operations.get(operation)?))
    }

    /// Returns the operations that reading these types sends, with those that prepare others.
    pub fn operations<'a>(
        &'a self,
        types: impl IntoIterator<Item = &'a ResourceType>,
    ) -> BTreeSet<String> {
        let named = types.into_iter().flat_map(ResourceType::operations);
        let mut all: BTreeSet<String> = named.map(str::to_owned).collect();
        let prepared: Vec<String> = all
            .iter()
            .filter_map(|name| self.prepared_by(name))
            .collect();
        all.extend(prepared);
        all
    }

    /// Returns the operation that has to be asked first, where one has.
    pub fn prepared_by(&self, operation: &str) -> Option<String> {
        let (service, _, of) = self.operation(operation)?;
        let name = of.prepared_by.as_ref()?;
        Some(format!("{}:{name}", service.prefix))
    }

    /// Returns the IAM action that an operation needs; that of the same name where the table
    /// does not hold it.
    pub fn action(&self, operation: &str) -> String {
        let known = self.operation(operation);
        known.map_or_else(
            || operation.to_owned(),
            |(service, name, _)| service.action(name),
        )
    }

    /// Finds the operations that a type names and that no service has.
    pub(in crate::catalog) fn unknown_operations(&self, of: &ResourceType) -> Vec<Fault> {
        let steps = of.steps.iter().map(|step| &step.operation).enumerate();
        let reads = of.reads.iter().map(|read| &read.operation).enumerate();
        let steps = steps.map(|(index, name)| ("step", index, name));
        let all = steps.chain(reads.map(|(index, name)| ("read", index, name)));
        let unknown = all.filter(|(_, _, name)| self.operation(name).is_none());
        unknown
            .map(|(list, index, name)| {
                let at: [Step; 3] = [list.into(), index.into(), "operation".into()];
                Fault::new(at, format!("no service has the operation `{name}`"))
            })
            .collect()
    }
}
