//! From bytes to text: encodings, compression, size.

use std::borrow::Cow;

use crate::iac::error::IacError;
use crate::model::paths::MAX_FILE_BYTES;
use crate::text::encoding;

/// The text of a file.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, IacError> {
    let size = bytes.len() as u64;
    if size > MAX_FILE_BYTES {
        return Err(IacError::TooLarge {
            bytes: size,
            limit: MAX_FILE_BYTES,
        });
    }
    let text = match bytes {
        [0x1f, 0x8b, ..] => return Err(IacError::Compressed("gzip")),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(IacError::Compressed("zstd")),
        [b'B', b'Z', b'h', ..] => return Err(IacError::Compressed("bzip2")),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => return Err(IacError::Compressed("xz")),
        [b'P', b'K', 3, 4, ..] => return Err(IacError::SavedPlan),
        _ => encoding::decode(bytes).ok_or(IacError::NotText)?,
    };
    if text.trim().is_empty() {
        return Err(IacError::Empty);
    }
    Ok(text)
}
