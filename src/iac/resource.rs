//! What a reader gives.

use std::collections::BTreeMap;

use crate::iac::detect::Format;
use crate::iac::values::Values;
use crate::model::inventory::InventoryItem;
use crate::text::Untrusted;

/// The key of one instance of a resource with `count` or `for_each`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexKey {
    /// From `count`.
    Number(u64),
    /// From `for_each`.
    Text(String),
}

impl IndexKey {
    /// As Terraform writes it behind an address: `[0]`, `["a"]`.
    pub(super) fn suffix(&self) -> String {
        match self {
            Self::Number(n) => format!("[{n}]"),
            Self::Text(text) => format!("[{}]", serde_json::Value::from(text.as_str())),
        }
    }
}

/// One managed resource instance.
#[derive(Debug, Clone, PartialEq)]
pub struct IacResource {
    /// Terraform type, for instance `aws_lambda_function`.
    pub resource_type: String,
    /// Full address with index keys, for instance `module.api["eu"].aws_sqs_queue.jobs[0]`.
    pub address: Untrusted,
    /// Address of the module it is in, empty for the root module.
    pub module: Untrusted,
    /// Its name in the source.
    pub name: Untrusted,
    /// Its key, where it has `count` or `for_each`.
    pub index: Option<IndexKey>,
    /// The id that the provider uses.
    pub id: Option<Untrusted>,
    /// Its ARN, where the provider has such an attribute.
    pub arn: Option<Untrusted>,
    /// Its region, where the provider says so (AWS provider 6 and later).
    pub region: Option<Untrusted>,
    /// Further attributes of the allow-list.
    pub attributes: BTreeMap<String, Untrusted>,
    /// Its tags, with the provider's default tags.
    pub tags: BTreeMap<String, Untrusted>,
    /// Addresses, without index keys, of the resources that it refers to.
    pub depends_on: Vec<String>,
    /// Source address of its provider (`registry.terraform.io/hashicorp/aws`), or its name.
    pub provider: Untrusted,
    /// Whether a plan is yet to create it.
    pub pending: bool,
}

impl IacResource {
    pub(super) fn new(resource_type: &str, address: String, module: &str, name: &str) -> Self {
        Self {
            resource_type: resource_type.to_owned(),
            address: address.into(),
            module: module.into(),
            name: name.into(),
            index: None,
            id: None,
            arn: None,
            region: None,
            attributes: BTreeMap::new(),
            tags: BTreeMap::new(),
            depends_on: Vec::new(),
            provider: Untrusted::default(),
            pending: false,
        }
    }

    pub(super) fn with_values(mut self, values: Values) -> Self {
        self.id = values.id;
        self.arn = values.arn;
        self.region = values.region;
        self.attributes = values.attributes;
        self.tags = values.tags;
        self
    }

    pub(super) fn into_values(self) -> Values {
        Values {
            id: self.id,
            arn: self.arn,
            region: self.region,
            attributes: self.attributes,
            tags: self.tags,
        }
    }

    /// Takes from before what is unknown now: a plan that changes a resource does not know
    /// its computed values. Tags are always known.
    pub(super) fn fill_in(&mut self, before: Values) {
        self.id = self.id.take().or(before.id);
        self.arn = self.arn.take().or(before.arn);
        self.region = self.region.take().or(before.region);
        for (key, value) in before.attributes {
            self.attributes.entry(key).or_insert(value);
        }
    }
}

impl From<IacResource> for InventoryItem {
    fn from(resource: IacResource) -> Self {
        Self {
            resource_type: Some(resource.resource_type),
            arn: resource.arn,
            id: resource.id,
            name: Some(resource.name),
            address: Some(resource.address),
            attributes: resource.attributes,
            depends_on: resource.depends_on,
            tags: resource.tags,
            region: resource.region,
            pending: resource.pending,
        }
    }
}

/// Everything that one file names.
#[derive(Debug, Clone, PartialEq)]
pub struct IacInventory {
    /// The form of the file.
    pub format: Format,
    /// Version of the tool that wrote it.
    pub tool_version: Option<Untrusted>,
    /// Managed resources, in the order of the file.
    pub resources: Vec<IacResource>,
    /// Data sources that were left out: they are read, not deployed.
    pub data_sources: usize,
    /// Deposed objects that were left out: they are about to be destroyed.
    pub deposed: usize,
}

impl IacInventory {
    pub(super) fn new(format: Format, tool_version: Option<Untrusted>) -> Self {
        Self {
            format,
            tool_version,
            resources: Vec::new(),
            data_sources: 0,
            deposed: 0,
        }
    }

    /// The resources, as the rest of the program takes them.
    pub fn into_items(self) -> Vec<InventoryItem> {
        self.resources
            .into_iter()
            .map(InventoryItem::from)
            .collect()
    }
}
