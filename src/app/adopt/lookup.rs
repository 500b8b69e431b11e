//! The catalogue as adopting asks it.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::core::adopt::{ArnParts, Lookup};
use crate::model::ids::Arn;
use crate::text::Untrusted;

/// The catalogue as adopting asks it.
pub(crate) struct Catalogue<'a>(pub(crate) &'a Catalog);

impl Lookup for Catalogue<'_> {
    fn recognise(&self, resource_type: Option<&str>, arn: &Arn) -> Option<ArnParts> {
        let (kind, captures) = match resource_type {
            // What only shows an ARN of a kind is not of it.
            Some(name) => {
                let found = self.0.recognise(name, arn);
                found.filter(|(kind, _)| kind.has_type(name))?
            }
            None => self.0.by_arn(arn)?,
        };
        let mut attributes: BTreeMap<String, Untrusted> = captures
            .into_iter()
            .map(|(key, value)| (key, Untrusted::from(value)))
            .collect();
        let id = attributes.remove("id");
        let name = attributes.remove("name").or(id)?;
        let first = kind.names.terraform.first()?;
        Some(ArnParts {
            resource_type: resource_type.unwrap_or(first).to_owned(),
            name,
            attributes,
            from_terraform: kind.names.attributes.clone(),
        })
    }
}
