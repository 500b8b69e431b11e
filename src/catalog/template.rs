//! Fills `{name}` in the templates of kind files.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};

use crate::model::partition::Partition;
use crate::model::resource::Resource;
use crate::text::template;

use crate::catalog::kinds::kind::{Kind, Metric, PartDefinition};

/// A template needs something that the resource does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{placeholder}` is not known: the registry entry needs `metadata.{placeholder}`")]
pub struct MissingAttribute {
    /// The name between the braces.
    pub placeholder: String,
}

impl Kind {
    /// Dimensions that all its metrics have for this resource, in the order of their names.
    /// One whose template is `{attribute?}` is left out where the resource lacks the attribute.
    pub fn dimensions_for(
        &self,
        resource: &Resource,
    ) -> Result<Vec<(String, String)>, MissingAttribute> {
        fill_all(&self.dimensions, resource)
    }

    /// Dimensions of one of its metrics: those of the kind, and its own.
    pub fn metric_dimensions(
        &self,
        metric: &Metric,
        resource: &Resource,
    ) -> Result<Vec<(String, String)>, MissingAttribute> {
        let mut filled = self.dimensions_for(resource)?;
        filled.extend(fill_all(&metric.dimensions, resource)?);
        Ok(filled)
    }

    /// Dimensions of a metric of a part, which is `resource` with the attributes of the part.
    pub fn part_dimensions(
        &self,
        part: &PartDefinition,
        metric: &Metric,
        resource: &Resource,
    ) -> Result<Vec<(String, String)>, MissingAttribute> {
        let templates = self.dimensions.iter().chain(&metric.dimensions);
        let templates: BTreeMap<_, _> = templates.chain(&part.dimensions).collect();
        fill_all(templates, resource)
    }

    /// What to call a resource whose ARN gave these names, `None` where the kind does not say or
    /// a name is missing.
    pub fn label_from(&self, captures: &BTreeMap<String, String>) -> Option<String> {
        let label = self.names.label.as_deref()?;
        template::fill(label, |name| captures.get(name).cloned())
    }

    /// Link to the provider's console, `None` where the resource lacks something it needs.
    pub fn console_url_for(&self, resource: &Resource) -> Option<String> {
        let url = fill(&self.console_url, resource, percent_encode).ok()??;
        // Consoles and endpoints of the other partitions have their own domains.
        let home = Partition::COMMERCIAL;
        let partition = Partition::of_arn(&resource.arn)?;
        if partition == home {
            return Some(url);
        }
        let (from, to) = (home.console?, partition.console?);
        let global = format!("https://{}.", home.global_region);
        let url = match url.strip_prefix(&global) {
            Some(rest) => format!("https://{}.{rest}", partition.global_region),
            None => url,
        };
        let url = url.replace(from, to);
        // A link may name an endpoint behind its host, as that of a queue does.
        Some(url.replace(
            &format!(".{}%2F", home.dns_suffix),
            &format!(".{}%2F", partition.dns_suffix),
        ))
    }
}

/// Returns a text with its names filled in: what was found out, else what the resource has. `None`
/// where one is not known.
pub fn fill_found(
    text: &str,
    resource: &Resource,
    found: &BTreeMap<String, String>,
) -> Option<String> {
    template::fill(text, |name| {
        let known = || value(name, resource).map(str::to_owned);
        found.get(name).cloned().or_else(known)
    })
}

/// Returns a value of an input with the names in its texts filled in by [`fill_found`]. `None` where
/// one is not known.
pub fn fill_value(
    value: &Json,
    resource: &Resource,
    found: &BTreeMap<String, String>,
) -> Option<Json> {
    match value {
        Json::String(text) => fill_found(text, resource, found).map(Json::String),
        Json::Array(items) => {
            let items = items.iter().map(|item| fill_value(item, resource, found));
            items.collect::<Option<Vec<Json>>>().map(Json::Array)
        }
        Json::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Some((name.clone(), fill_value(value, resource, found)?)));
            members
                .collect::<Option<Map<String, Json>>>()
                .map(Json::Object)
        }
        other => Some(other.clone()),
    }
}

/// Dimensions by their templates, without those that are optional and have no value.
fn fill_all<'a>(
    templates: impl IntoIterator<Item = (&'a String, &'a String)>,
    resource: &Resource,
) -> Result<Vec<(String, String)>, MissingAttribute> {
    let mut filled = Vec::new();
    for (dimension, template) in templates {
        if let Some(value) = fill(template, resource, str::to_owned)? {
            filled.push((dimension.clone(), value));
        }
    }
    Ok(filled)
}

/// The filled template; `Ok(None)` where an optional placeholder has no value.
fn fill(
    template: &str,
    resource: &Resource,
    encode: fn(&str) -> String,
) -> Result<Option<String>, MissingAttribute> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        let optional = name.ends_with('?');
        let name = name.trim_end_matches('?');
        match value(name, resource) {
            Some(value) if !value.is_empty() => out.push_str(&encode(value)),
            _ if optional => return Ok(None),
            _ => {
                return Err(MissingAttribute {
                    placeholder: name.to_owned(),
                });
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(Some(out))
}

/// What a placeholder stands for. For `name` and `id` attributes come first: those from the ARN
/// name the thing as the provider does, where the registry may hold a person's choice.
fn value<'a>(name: &str, resource: &'a Resource) -> Option<&'a str> {
    match name {
        "region" => Some(resource.region.as_str()),
        "account" => Some(resource.arn.account()),
        "arn" => Some(resource.arn.as_str()),
        _ => match (resource.attributes.get(name), name) {
            (Some(attribute), _) => Some(attribute.raw()),
            (None, "name") => Some(resource.name.raw()),
            (None, "id") => Some(resource.aws_id.raw()),
            (None, _) => None,
        },
    }
}

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
