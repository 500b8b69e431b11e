//! From bytes to text: encodings, compression, size.

use std::borrow::Cow;

use crate::iac::error::IacError;
use crate::model::paths::MAX_FILE_BYTES;

/// The text of a file: UTF-8 or UTF-16, with or without byte order mark. Windows
/// PowerShell redirects output as UTF-16, so such files are common.
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
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?,
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        // JSON starts with an ASCII character, so a zero beside it gives UTF-16 away.
        [first, 0, ..] if *first != 0 => Cow::Owned(utf16(bytes, u16::from_le_bytes)?),
        [0, second, ..] if *second != 0 => Cow::Owned(utf16(bytes, u16::from_be_bytes)?),
        _ => utf8(bytes)?,
    };
    if text.trim().is_empty() {
        return Err(IacError::Empty);
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, IacError> {
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|_| IacError::NotText)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, IacError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(IacError::NotText);
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .map_err(|_| IacError::NotText)
}
