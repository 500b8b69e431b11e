//! Which registered resource a metric is about.

use std::collections::BTreeSet;

use super::outcome::{Fault, quoted};
use super::translate::{Case, Found};
use crate::model::ids::Arn;
use crate::model::resource::Resource;

impl Case<'_> {
    /// What monitoring.toml calls the resource with these dimensions.
    pub(super) fn resource(&self, found: &Found<'_>) -> Result<String, Fault> {
        let mut wanted = found.source.dimensions.clone();
        wanted.sort();
        let fault = |why: &str| Err((found.source.line, why.to_owned()));
        if wanted.is_empty() {
            return fault("its metrics have no dimensions, so it is about no single resource");
        }
        let has_dimensions = |resource: &&Resource| {
            let metric = found.kind.metrics.first();
            let dimensions = metric.map(|m| found.kind.metric_dimensions(m, resource));
            let Some(Ok(mut dimensions)) = dimensions else {
                return false;
            };
            dimensions.sort();
            resource.kind.as_ref() == Some(&found.kind.id) && dimensions == wanted
        };
        let name = |resource: &Resource| match self.known.by_arn {
            true => Arn::as_str(&resource.arn).to_owned(),
            false => resource.name.raw().to_owned(),
        };
        let registered = self.known.resources.iter().filter(has_dimensions);
        let names: BTreeSet<String> = registered.map(name).collect();
        let mut all = names.iter();
        match (all.next(), all.next(), self.known.by_arn) {
            (Some(only), None, _) => Ok(only.clone()),
            (Some(_), Some(_), _) => {
                let all: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                fault(&format!(
                    "{} resources have these dimensions: {}",
                    all.len(),
                    all.join(", ")
                ))
            }
            (None, _, true) => {
                fault("no resource with these dimensions is registered in this environment")
            }
            (None, _, false) => fault(
                "no resource with these dimensions is registered; `fractary adopt` registers resources",
            ),
        }
    }
}
