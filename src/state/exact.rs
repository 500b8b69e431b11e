//! Documents that are byte for byte what this version would write.
//!
//! Almost every document of a repository is, because a run wrote it. Then the type alone proves
//! what the schema would: every key is known and stands once, every value is in range, and
//! nothing is left to say. This takes a tenth of the time of a tree, its schema and its keys.
//! Whatever is not exactly so is read, and judged, in full.

use std::io::{self, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What every document begins with: another version may have other keys.
const BEGINNING: &str = "{\n  \"version\": \"1.0.0\",\n";

/// The value of a text that is what this version would write of it.
pub(crate) fn read<T>(text: &str) -> Option<T>
where
    T: DeserializeOwned + Serialize,
{
    if !text.starts_with(BEGINNING) {
        return None;
    }
    let value: T = serde_json::from_str(text).ok()?;
    is_written(&value, text).then_some(value)
}

/// Whether a text is what would be written of a value, a final newline included.
fn is_written<T: Serialize>(value: &T, text: &str) -> bool {
    let Some(body) = text.strip_suffix('\n') else {
        return false;
    };
    let mut rest = Rest(body.as_bytes());
    serde_json::to_writer_pretty(&mut rest, value).is_ok() && rest.0.is_empty()
}

/// Takes what it is given to write off the front of what should be written.
struct Rest<'a>(&'a [u8]);

impl Write for Rest<'_> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        match self.0.strip_prefix(written) {
            Some(rest) => {
                self.0 = rest;
                Ok(written.len())
            }
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
