//! Bytes of a file as text. Windows PowerShell redirects output as UTF-16, so such files are
//! common.

use std::borrow::Cow;

/// UTF-8 or UTF-16, with or without byte order mark; `None` for anything else. Without a mark
/// UTF-16 is told by its first character, which is of ASCII in every format that is read here.
pub(crate) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    Some(match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(std::str::from_utf8(rest).ok()?),
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        [first, 0, ..] if *first != 0 => Cow::Owned(utf16(bytes, u16::from_le_bytes)?),
        [0, second, ..] if *second != 0 => Cow::Owned(utf16(bytes, u16::from_be_bytes)?),
        _ => Cow::Borrowed(std::str::from_utf8(bytes).ok()?),
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_windows_is_text() {
        let text = "kind: grün";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", little.as_slice()].concat(),
            [b"\xfe\xff", big.as_slice()].concat(),
            little.clone(),
            big,
        ] {
            assert_eq!(decode(&bytes).as_deref(), Some(text), "{bytes:?}");
        }
        for bytes in [&b"\xff\xff\xff"[..], &little[..3], b"\xff\xfe\x00\xd8"] {
            assert_eq!(decode(bytes), None, "{bytes:?}");
        }
    }
}
