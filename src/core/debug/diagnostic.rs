//! One error, as a text has it.

/// One error, as its text has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Diagnostic {
    /// The first paragraph.
    pub(super) summary: String,
    /// The others.
    pub(super) detail: String,
    /// Terraform's address of the resource.
    pub(super) address: Option<String>,
    /// The type of the resource, from `in resource "type" "name"`.
    pub(super) block_type: Option<String>,
    /// File of the configuration.
    pub(super) file: Option<String>,
    /// Line in it.
    pub(super) line: Option<u32>,
}

impl Diagnostic {
    /// All of its paragraphs.
    pub(super) fn whole(&self) -> String {
        match self.detail.is_empty() {
            true => self.summary.clone(),
            false => format!("{}\n\n{}", self.summary, self.detail),
        }
    }
}
