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

/// A value beside words that may lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    /// The name of the option, without its dashes.
    pub(crate) option: String,
    /// What it is there.
    pub(crate) value: String,
    /// Where the value stands.
    pub(crate) at: usize,
    /// The first word of it and of what leads to it.
    pub(crate) from: usize,
    /// Behind the last word of it and of what follows it.
    pub(crate) to: usize,
}

/// One of them.
pub(super) fn entity(
    slot: &'static str,
    value: impl Into<String>,
    from: usize,
    to: usize,
) -> Entity {
    Entity {
        slot,
        value: value.into(),
        from,
        to,
    }
}
