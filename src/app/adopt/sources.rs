//! What names resources, and what each of these is known by.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

use crate::iac::{Format, Lineage};
use crate::model::inventory::InventoryItem;
use crate::text::escape;
use crate::text::redact::redact_value;

/// Where resources are found.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sources<'a> {
    /// Files of Terraform; `-` is standard input.
    pub(crate) files: &'a [PathBuf],
    /// Tags that resources carry, all of them.
    pub(crate) tags: &'a [(String, String)],
    /// What the sources are called, where their own names do not do.
    pub(crate) name: Option<&'a SourceLabel>,
}

impl Sources<'_> {
    /// Whether nothing is named that could be adopted.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.tags.is_empty()
    }

    /// What the tags are known by.
    pub(super) fn of_tags(&self) -> String {
        self.name
            .map_or_else(|| tags_source(self.tags), SourceLabel::source)
    }
}

/// What was found, and what named it.
#[derive(Debug, Default)]
pub(super) struct Sourced {
    pub(super) items: Vec<InventoryItem>,
    /// All sources, those too that name nothing.
    pub(super) sources: BTreeSet<String>,
    /// Histories of the states among them.
    pub(super) lineages: BTreeSet<Lineage>,
    /// What gave items, but nothing that tells it from other sources.
    pub(super) nameless: Vec<String>,
    /// Files that name no resource.
    pub(super) empty: Vec<EmptyFile>,
}

/// A file that names no resource.
#[derive(Debug)]
pub(super) struct EmptyFile {
    /// The file, and what it has instead.
    pub(super) what: String,
    /// Its form.
    pub(super) format: Format,
}

impl EmptyFile {
    /// What gives such a file, and what shows whether it is right.
    pub(super) fn hint(&self) -> &'static str {
        match self.format {
            Format::StateV3 | Format::StateV4 | Format::ShownState | Format::ShownPlan => {
                "a new workspace, another backend key or the wrong folder gives such a state; `terraform state list` shows what is in it"
            }
            Format::PulumiStack => {
                "a stack that is not deployed, or another one that is selected, gives such an export; `pulumi stack` shows which one it is and what is in it"
            }
            Format::StackResources => {
                "a stack of which nothing was created, or everything was deleted, gives such a list; `aws cloudformation list-stacks` shows the stacks of the account and region"
            }
        }
    }
}

impl Sourced {
    /// Adds what one source names.
    pub(super) fn add(&mut self, source: &str, items: impl IntoIterator<Item = InventoryItem>) {
        self.sources.insert(source.to_owned());
        self.items
            .extend(items.into_iter().map(|item| InventoryItem {
                source: Some(source.to_owned()),
                ..item
            }));
    }
}

/// What `--source` calls the sources of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLabel(String);

impl SourceLabel {
    /// The source of this name.
    pub(super) fn source(&self) -> String {
        escape::json(&format!("name:{}", self.0))
    }
}

impl FromStr for SourceLabel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |c: char| c.is_alphanumeric() || "._-/@ ".contains(c);
        let is_one = (1..=80).contains(&text.len()) && text.chars().all(fits);
        is_one
            .then(|| Self(text.to_owned()))
            .ok_or("use 1 to 80 letters, digits and ._-/@")
    }
}

/// What tags are known by.
fn tags_source(tags: &[(String, String)]) -> String {
    let sorted: BTreeSet<String> = tags
        .iter()
        .map(|(name, value)| format!("{name}={}", redact_value(name, value)))
        .collect();
    let tags: Vec<String> = sorted.into_iter().collect();
    escape::json(&format!("tags:{}", tags.join(",")))
}
