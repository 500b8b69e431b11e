//! The documents of the repository: where they lie, what shape they have, how they fit together.

pub(crate) mod checks;
pub mod paths;
pub mod schema;
pub(crate) mod types;
