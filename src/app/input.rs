//! Files that people name on the command line.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use crate::error::CommandError;
use crate::text::Untrusted;
use crate::text::encoding;

/// Returns what a file holds, or standard input for `-`, but never more than `most` bytes.
///
/// # Errors
/// It cannot be read, or holds more.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, CommandError> {
    let shown = Untrusted::new(path.to_string_lossy()).terminal();
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(most + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| CommandError::usage(format!("could not read {shown}: {error}")))?;
    if bytes.len() as u64 > most {
        return Err(CommandError::usage(format!(
            "could not read {shown}: it holds more than {} MB",
            most >> 20
        )));
    }
    Ok(bytes)
}

/// The same as text, in UTF-8 or in what Windows PowerShell writes.
///
/// # Errors
/// It is no text, either.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, CommandError> {
    let bytes = read(path, most)?;
    let text = encoding::decode(&bytes).map(Cow::into_owned);
    text.ok_or_else(|| {
        let shown = Untrusted::new(path.to_string_lossy()).terminal();
        CommandError::usage(format!("could not read {shown}: it is not UTF-8"))
    })
}
