//! Reading denials out of whatever text a person or a pipeline has.

use std::path::Path;

use crate::app::input;
use crate::core::permissions;
use crate::error::CommandError;
use crate::model::denial::DenialReport;

/// The most that is read of a text.
const MOST_BYTES: u64 = 16 << 20;

/// A file, or standard input for `-`. Bytes that are no UTF-8 become replacement characters.
pub(crate) fn read(file: &Path) -> Result<String, CommandError> {
    let bytes = input::read(file, MOST_BYTES)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Every denial of a text with what helps.
pub(crate) fn explain(text: &str) -> DenialReport {
    let denials = permissions::denials(text).into_iter();
    DenialReport {
        version: "1.0.0".to_owned(),
        kind: "denials".to_owned(),
        denials: denials.map(permissions::explain).collect(),
    }
}
