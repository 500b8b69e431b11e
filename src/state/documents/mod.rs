//! The documents of the repository: where they lie, what shape they have, how they fit together.

pub(crate) mod checks;
pub(crate) mod merge_rules;
pub mod paths;
pub mod schema;
