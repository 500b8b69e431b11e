//! The parts of a plan's JSON that are read. Values stay text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::text::Untrusted;

#[derive(Deserialize)]
pub(super) struct RawPlan<'t> {
    #[serde(default)]
    pub(super) terraform_version: Option<Untrusted>,
    #[serde(default)]
    pub(super) errored: Option<bool>,
    #[serde(default)]
    pub(super) complete: Option<bool>,
    #[serde(default)]
    pub(super) applyable: Option<bool>,
    #[serde(borrow, default)]
    pub(super) resource_changes: Option<Vec<RawChange<'t>>>,
    #[serde(borrow, default)]
    pub(super) resource_drift: Option<Vec<RawChange<'t>>>,
    #[serde(borrow, default)]
    pub(super) deferred_changes: Option<Vec<RawDeferred<'t>>>,
    #[serde(default)]
    pub(super) action_invocations: Option<Vec<RawInvocation>>,
    #[serde(default)]
    pub(super) deferred_action_invocations: Option<Vec<RawDeferredInvocation>>,
    #[serde(borrow, default)]
    pub(super) output_changes: Option<Entries<RawDelta<'t>>>,
    #[serde(default)]
    pub(super) checks: Option<Vec<RawCheck>>,
    #[serde(borrow, default)]
    pub(super) configuration: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) variables: Option<Entries<RawVariable<'t>>>,
    #[serde(borrow, default)]
    pub(super) prior_state: Option<RawState<'t>>,
    #[serde(borrow, default)]
    pub(super) planned_values: Option<RawValues<'t>>,
}

/// An object by its keys, in the order of the file.
pub(super) type Entries<T> = EntryList<T>;

/// The entries of an object. Borrowed values cannot be read through a map of serde_json's own.
pub(super) struct EntryList<T>(pub(super) Vec<(Untrusted, T)>);

impl<T> Default for EntryList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> IntoIterator for EntryList<T> {
    type Item = (Untrusted, T);
    type IntoIter = std::vec::IntoIter<(Untrusted, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for EntryList<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = EntryList<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry::<Untrusted, T>()? {
                    all.push(entry);
                }
                Ok(EntryList(all))
            }
        }
        deserializer.deserialize_map(Object(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
pub(super) struct RawChange<'t> {
    pub(super) address: String,
    #[serde(default)]
    pub(super) previous_address: Option<Untrusted>,
    #[serde(borrow, default)]
    pub(super) mode: Option<Cow<'t, str>>,
    #[serde(rename = "type")]
    pub(super) resource_type: Untrusted,
    #[serde(default)]
    pub(super) name: Untrusted,
    #[serde(default)]
    pub(super) index: Option<serde_json::Value>,
    #[serde(default)]
    pub(super) deposed: Option<Untrusted>,
    #[serde(default)]
    pub(super) action_reason: Option<Untrusted>,
    #[serde(borrow)]
    pub(super) change: RawDelta<'t>,
}

/// What Terraform calls a change representation: of a resource, and of an output.
#[derive(Deserialize)]
pub(super) struct RawDelta<'t> {
    #[serde(borrow)]
    pub(super) actions: Vec<Cow<'t, str>>,
    #[serde(borrow, default)]
    pub(super) before: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) after: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) after_unknown: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) before_sensitive: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) after_sensitive: Option<&'t RawValue>,
    #[serde(default)]
    pub(super) replace_paths: Option<Vec<serde_json::Value>>,
    #[serde(default)]
    pub(super) importing: Option<RawImport>,
}

#[derive(Deserialize)]
pub(super) struct RawImport {
    #[serde(default)]
    pub(super) id: Option<Untrusted>,
}

#[derive(Deserialize)]
pub(super) struct RawDeferred<'t> {
    #[serde(default)]
    pub(super) reason: Option<Untrusted>,
    #[serde(borrow, default)]
    pub(super) resource_change: Option<RawChange<'t>>,
}

#[derive(Deserialize)]
pub(super) struct RawDeferredInvocation {
    #[serde(default)]
    pub(super) action_invocation: Option<RawInvocation>,
}

#[derive(Deserialize)]
pub(super) struct RawInvocation {
    #[serde(default)]
    pub(super) address: Untrusted,
    #[serde(default)]
    pub(super) lifecycle_action_trigger: Option<RawTrigger>,
}

#[derive(Deserialize)]
pub(super) struct RawTrigger {
    #[serde(default)]
    pub(super) triggering_resource_address: Option<Untrusted>,
}

#[derive(Deserialize)]
pub(super) struct RawCheck {
    #[serde(default)]
    pub(super) address: Option<RawCheckAddress>,
    #[serde(default)]
    pub(super) status: Untrusted,
    #[serde(default)]
    pub(super) instances: Option<Vec<RawCheckInstance>>,
}

#[derive(Deserialize)]
pub(super) struct RawCheckAddress {
    #[serde(default)]
    pub(super) to_display: Option<Untrusted>,
}

#[derive(Deserialize)]
pub(super) struct RawCheckInstance {
    #[serde(default)]
    pub(super) problems: Option<Vec<RawProblem>>,
}

#[derive(Deserialize)]
pub(super) struct RawProblem {
    #[serde(default)]
    pub(super) message: Option<Untrusted>,
}

#[derive(Deserialize)]
pub(super) struct RawVariable<'t> {
    #[serde(borrow, default)]
    pub(super) value: Option<&'t RawValue>,
}

#[derive(Deserialize)]
pub(super) struct RawState<'t> {
    #[serde(borrow, default)]
    pub(super) values: Option<RawValues<'t>>,
}

#[derive(Deserialize)]
pub(super) struct RawValues<'t> {
    #[serde(borrow, default)]
    pub(super) outputs: Option<Entries<RawStateOutput<'t>>>,
    #[serde(borrow, default)]
    pub(super) root_module: Option<RawModule<'t>>,
}

#[derive(Deserialize)]
pub(super) struct RawStateOutput<'t> {
    #[serde(default)]
    pub(super) sensitive: Option<bool>,
    #[serde(borrow, default)]
    pub(super) value: Option<&'t RawValue>,
}

#[derive(Deserialize)]
pub(super) struct RawModule<'t> {
    #[serde(borrow, default)]
    pub(super) resources: Option<Vec<RawResource<'t>>>,
    #[serde(borrow, default)]
    pub(super) child_modules: Option<Vec<RawModule<'t>>>,
}

#[derive(Deserialize)]
pub(super) struct RawResource<'t> {
    #[serde(rename = "type", default)]
    pub(super) resource_type: Untrusted,
    #[serde(borrow, default)]
    pub(super) values: Option<&'t RawValue>,
    #[serde(borrow, default)]
    pub(super) sensitive_values: Option<&'t RawValue>,
}

/// The part of `configuration` that says which variables are sensitive.
#[derive(Default, Deserialize)]
pub(super) struct RawConfiguration {
    #[serde(default)]
    pub(super) root_module: Option<RawConfiguredModule>,
}

#[derive(Deserialize)]
pub(super) struct RawConfiguredModule {
    #[serde(default)]
    pub(super) variables: Option<BTreeMap<String, RawConfiguredVariable>>,
}

#[derive(Deserialize)]
pub(super) struct RawConfiguredVariable {
    #[serde(default)]
    pub(super) sensitive: Option<bool>,
}
