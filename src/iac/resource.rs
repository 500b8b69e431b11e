//! What a reader gives.

use std::collections::BTreeMap;

use crate::iac::detect::Format;
use crate::iac::documents::Noise;
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
            Self::Text(text) => format!("[{}]", quoted(text)),
        }
    }
}

/// A text as HCL has it in quotes, as Terraform writes keys (`toHCLQuotedString` in its
/// `internal/addrs/instance_key.go`): what would begin a template is doubled, what cannot be
/// seen is escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([c, c]),
            _ if is_printable(c) => out.push(c),
            _ if u32::from(c) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// Whether a character is a letter, mark, number, punctuation, symbol or the blank: Go's
/// `unicode.IsPrint`. Behind a letter, Rust escapes whatever is none of them.
fn is_printable(c: char) -> bool {
    c == '\'' || format!("x{c}").escape_debug().eq(['x', c])
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
    /// The history of the state that it is in, where the file says so.
    pub lineage: Option<Lineage>,
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
            lineage: None,
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
            source: None,
            doubt: None,
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
    /// What Terraform calls the history of a state, which stays with it wherever it is kept,
    /// of each document. Only a `.tfstate` has it.
    pub lineages: Vec<Option<Lineage>>,
    /// Lines around the JSON.
    pub noise: Option<Noise>,
}

/// The lineage of a state: letters, digits and hyphens, as every UUID is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lineage(String);

impl Lineage {
    /// `None` for what is empty or cannot be one.
    pub(super) fn new(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let is_one = (1..=64).contains(&text.len()) && text.chars().all(fits);
        is_one.then(|| Self(text.to_owned()))
    }

    /// As the state has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl IacInventory {
    pub(super) fn new(format: Format, tool_version: Option<Untrusted>) -> Self {
        Self {
            format,
            tool_version,
            resources: Vec::new(),
            data_sources: 0,
            deposed: 0,
            lineages: vec![None],
            noise: None,
        }
    }

    /// The same, of a state with this history.
    pub(super) fn of_lineage(mut self, lineage: Option<Lineage>) -> Self {
        for resource in &mut self.resources {
            resource.lineage.clone_from(&lineage);
        }
        self.lineages = vec![lineage];
        self
    }

    /// One inventory of several; `None` of none. The first one says form and version.
    pub(super) fn joined(all: Vec<Self>) -> Option<Self> {
        all.into_iter().reduce(|mut all, next| {
            all.resources.extend(next.resources);
            all.data_sources += next.data_sources;
            all.deposed += next.deposed;
            all.lineages.extend(next.lineages);
            all
        })
    }

    /// The resources, as the rest of the program takes them.
    pub fn into_items(self) -> Vec<InventoryItem> {
        self.resources
            .into_iter()
            .map(InventoryItem::from)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as Terraform 1.11 prints it in `terraform state list`.
    #[test]
    fn keys_are_written_as_terraform_writes_them() {
        for (key, expected) in [
            ("plain", r#"["plain"]"#),
            ("", r#"[""]"#),
            ("a.b/c", r#"["a.b/c"]"#),
            (r#"say "hi" \ there"#, r#"["say \"hi\" \\ there"]"#),
            ("${var.x}", r#"["$${var.x}"]"#),
            ("%{if x}", r#"["%%{if x}"]"#),
            ("$$${x}", r#"["$$$${x}"]"#),
            ("$5 100% $", r#"["$5 100% $"]"#),
            ("it's", r#"["it's"]"#),
            ("a\tb\nc\rd", r#"["a\tb\nc\rd"]"#),
            ("\u{7}\u{a0}\u{200b}", r#"["\u0007\u00a0\u200b"]"#),
            ("\u{e0001}", r#"["\U000e0001"]"#),
            ("grün 東京 e\u{301} 🦀", "[\"grün 東京 e\u{301} 🦀\"]"),
        ] {
            assert_eq!(IndexKey::Text(key.to_owned()).suffix(), expected);
        }
        assert_eq!(IndexKey::Number(3).suffix(), "[3]");
    }
}
