//! Something that words name.

/// Something that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entity {
    /// Which place of a command line it is for.
    pub(crate) slot: &'static str,
    /// What it is there.
    pub(crate) value: String,
    /// Its first word.
    pub(crate) from: usize,
    /// Behind its last word.
    pub(crate) to: usize,
}
