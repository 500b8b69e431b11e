//! IAM actions with what they can be allowed on, and the actions that Terraform needs by resource type.
//!
//! `actions.json` and `measured.toml` are written by `.ci/extract-access`; `known.toml` is kept by hand.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;

#[cfg(test)]
mod tests;

const ACTIONS: &str = include_str!("actions.json");

static REFERENCE: LazyLock<AccessReference> =
    LazyLock::new(|| AccessReference::read().expect("tests rule out that the tables are faulty"));

/// What is known about IAM actions and about Terraform's use of them.
#[derive(Debug)]
pub struct AccessReference {
    /// Day of the reference of actions, for instance `2026-09-26`.
    pub date: String,
    services: BTreeMap<String, ServiceActions>,
    measured: BTreeMap<String, MeasuredActions>,
    known: KnownActions,
}

#[derive(Debug, Deserialize)]
struct ActionsForm {
    date: String,
    services: BTreeMap<String, ServiceActions>,
}

/// The actions of a service.
#[derive(Debug, Deserialize)]
struct ServiceActions {
    /// ARN patterns by type of resource.
    resources: BTreeMap<String, String>,
    /// Level, then types of resources; an optional one ends in `?`.
    actions: BTreeMap<String, Vec<String>>,
}

/// What Terraform was seen to need for one resource of a type.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MeasuredActions {
    /// To make it.
    pub create: Vec<String>,
    /// To read it, which every plan does.
    pub read: Vec<String>,
    /// To destroy it. Empty where that was not seen.
    pub delete: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownActions {
    names: BTreeMap<String, Vec<String>>,
    always: BTreeMap<String, Vec<String>>,
    tags: BTreeMap<String, Vec<String>>,
    tags_of_type: BTreeMap<String, Vec<String>>,
    arns: BTreeMap<String, String>,
    pass: BTreeMap<String, Vec<(String, String)>>,
    update: BTreeMap<String, Vec<String>>,
}

/// What an action can be allowed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamAction<'a> {
    /// Its name as AWS spells it, with the service: `sqs:ReceiveMessage`.
    pub name: String,
    /// Whether it lists: then it also asks for everything of a type at once.
    pub is_list: bool,
    /// Types of resources that a call always names.
    pub required: Vec<ResourceForm<'a>>,
    /// Types that a call may name.
    pub optional: Vec<ResourceForm<'a>>,
}

/// A type of resource that an action can be allowed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceForm<'a> {
    /// Its name in the reference.
    pub name: &'a str,
    /// Its ARN with placeholders: `arn:${Partition}:s3:::${BucketName}`.
    pub arn: &'a str,
}

impl AccessReference {
    /// Returns the built-in tables.
    pub fn built_in() -> &'static Self {
        &REFERENCE
    }

    fn read() -> Result<Self, String> {
        let actions: ActionsForm = serde_json::from_str(ACTIONS).map_err(|e| e.to_string())?;
        // In the order of their names.
        let [(_, known), (_, measured)] = folders::ACCESS.files else {
            return Err("two tables are expected".to_owned());
        };
        Ok(Self {
            date: actions.date,
            services: actions.services,
            measured: toml::from_str(measured).map_err(|e| e.to_string())?,
            known: toml::from_str(known).map_err(|e| e.to_string())?,
        })
    }

    /// Finds an action, whatever its case; `None` where the reference does not have it.
    pub fn action(&self, name: &str) -> Option<IamAction<'_>> {
        let (service, action) = name.split_once(':')?;
        let service_name = service.to_ascii_lowercase();
        let service = self.services.get(&service_name)?;
        let mut all = service.actions.iter();
        let (spelling, parts) = all.find(|(known, _)| known.eq_ignore_ascii_case(action))?;
        let name = format!("{service_name}:{spelling}");
        let always = self.known.always.get(&name);
        let (level, types) = parts.split_first()?;
        let mut found = IamAction {
            name,
            is_list: level == "L",
            required: Vec::new(),
            optional: Vec::new(),
        };
        for of in types {
            let (of, is_optional) = match of.strip_suffix('?') {
                Some(of) => (of, true),
                None => (of.as_str(), false),
            };
            let Some((of, arn)) = service.resources.get_key_value(of) else {
                continue;
            };
            let form = ResourceForm { name: of, arn };
            let is_always = always.is_some_and(|all| all.contains(of));
            match is_optional && !is_always {
                true => found.optional.push(form),
                false => found.required.push(form),
            }
        }
        Some(found)
    }

    /// Returns what Terraform was seen to need for a resource type.
    pub fn measured(&self, resource_type: &str) -> Option<&MeasuredActions> {
        self.measured.get(resource_type)
    }

    /// Returns what changing a resource in place needs; `None` where that is not known.
    pub fn update(&self, resource_type: &str) -> Option<&[String]> {
        self.known.update.get(resource_type).map(Vec::as_slice)
    }

    /// Returns what a resource with tags needs, by its type or by the service of its actions.
    pub fn tags(&self, resource_type: &str) -> &[String] {
        if let Some(own) = self.known.tags_of_type.get(resource_type) {
            return own;
        }
        let create = self.measured(resource_type).map(|of| &of.create);
        let first = create.into_iter().flatten().find_map(|action| {
            let (service, _) = action.split_once(':')?;
            self.known.tags.get(service)
        });
        first.map_or(&[], Vec::as_slice)
    }

    /// Returns the roles that a resource hands to a service: the attribute, and the service.
    pub fn passes(&self, resource_type: &str) -> &[(String, String)] {
        self.known
            .pass
            .get(resource_type)
            .map_or(&[], Vec::as_slice)
    }

    /// Returns the ARN of what the actions of a resource type are done to, where the name of the
    /// action does not say it.
    pub fn arn(&self, resource_type: &str) -> Option<&str> {
        self.known.arns.get(resource_type).map(String::as_str)
    }

    /// Returns the attributes that may fill a placeholder of an ARN, the first that is set.
    pub fn attributes(&self, placeholder: &str) -> Option<&[String]> {
        self.known.names.get(placeholder).map(Vec::as_slice)
    }

    /// Returns the types of resources whose actions are known.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.measured.keys().map(String::as_str)
    }
}
