//! How a document is merged: what tells its entries apart, what says which side is newer, and
//! what is not left to that.

/// How an object is merged.
#[derive(Debug)]
pub(crate) struct MergeRule {
    /// Keys with times: the side with the latest of them is the newer one.
    pub(crate) newest: &'static [&'static str],
    /// A list whose entries' times count as well: its key, and theirs.
    pub(crate) newest_in: Option<(&'static str, &'static str)>,
    /// Keys that are not simply the newer side's.
    pub(crate) fields: &'static [(&'static str, FieldRule)],
    /// Lists that are merged entry by entry.
    pub(crate) lists: &'static [(&'static str, ListRule<'static>)],
    /// Whether the object stays whole: the newer side's, never a mixture.
    pub(crate) whole: bool,
    /// Whether a key that both sides changed is a conflict, as nothing says who is right.
    pub(crate) conflicts: bool,
}

/// What is done with a key that both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldRule {
    /// The larger number or later time.
    Largest,
    /// The earlier time.
    Earliest,
    /// The newer side's value as a whole, even where it could be merged.
    Whole,
    /// A set of texts: what either side added is in, what either side removed is out.
    Members,
}

/// How a list is merged.
#[derive(Debug)]
pub(crate) struct ListRule<'r> {
    /// Keys that together tell an entry from all others.
    pub(crate) id: &'r [&'r str],
    /// Keys that entries are sorted by; where there are none, they stay in their order.
    pub(crate) order: &'r [&'r str],
    /// How an entry that both sides changed is merged.
    pub(crate) entry: &'r MergeRule,
}

/// Where nothing else is said: the newer side wins, as the rule around it tells.
pub(crate) const PLAIN: MergeRule = MergeRule {
    newest: &[],
    newest_in: None,
    fields: &[],
    lists: &[],
    whole: false,
    conflicts: false,
};

/// What people write: a key that both changed is theirs to decide.
pub(crate) static WRITTEN: MergeRule = MergeRule {
    conflicts: true,
    ..PLAIN
};

/// A report says what one run saw: never a mixture of two.
pub(crate) static REPORT: MergeRule = MergeRule {
    newest: &["generated_at"],
    whole: true,
    ..PLAIN
};

/// Keys that tell the entries of a list apart that no rule names, most telling first.
pub(crate) const IDENTITY: [&str; 6] = ["id", "arn", "run_id", "domain", "name", "start"];
