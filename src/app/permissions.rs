//! Reading denials out of whatever text a person or a pipeline has.

use std::io::Read;
use std::path::Path;

use crate::core::permissions;
use crate::error::CommandError;
use crate::model::denial::DenialReport;
use crate::text::Untrusted;

/// The most that is read of a text.
const MOST_BYTES: u64 = 16 << 20;

/// A file, or standard input for `-`. Bytes that are no UTF-8 become replacement characters.
pub(crate) fn read(file: &Path) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(MOST_BYTES).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        let shown = Untrusted::new(file.to_string_lossy()).terminal();
        CommandError::usage(format!("could not read {shown}: {error}"))
    })?;
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
