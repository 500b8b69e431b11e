//! The list of built-in kinds.

use super::kind::{Kind, KindError};

/// Parses every embedded kind.
pub(super) fn load() -> Result<Vec<Kind>, KindError> {
    Ok(Vec::new())
}
