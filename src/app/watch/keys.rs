//! What keys mean while a page is watched.

use crate::model::ids::IssueId;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WatchKey {
    Quit,
    Look,
    Back,
    Up,
    Down,
    PageUp,
    PageDown,
    /// A digit from 1.
    Issue(usize),
}

/// What follows from keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Leave.
    Quit,
    /// Draw what is known.
    Draw,
    /// Look again, and draw.
    Look,
}

/// What is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ScreenView {
    /// The issue that is open; else the page.
    pub(crate) open: Option<IssueId>,
    /// Lines above the first that is seen.
    pub(crate) scroll: usize,
}

/// Lines that a page key moves.
const PAGE: usize = 10;

/// Reads what a terminal in raw mode sent. What means nothing is dropped.
pub(crate) fn read(bytes: &[u8]) -> Vec<WatchKey> {
    let mut keys = Vec::new();
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        let (key, taken) = match (first, behind) {
            (0x1b, [b'[' | b'O', b'A', ..]) => (Some(WatchKey::Up), 3),
            (0x1b, [b'[' | b'O', b'B', ..]) => (Some(WatchKey::Down), 3),
            (0x1b, [b'[', b'5', b'~', ..]) => (Some(WatchKey::PageUp), 4),
            (0x1b, [b'[', b'6', b'~', ..]) => (Some(WatchKey::PageDown), 4),
            (0x1b, [b'[', more @ ..]) => (None, 2 + sequence(more)),
            (0x1b | b'b' | 0x7f | 0x08, _) => (Some(WatchKey::Back), 1),
            // Ctrl-C and Ctrl-D are letters in raw mode.
            (b'q' | b'Q' | 0x03 | 0x04, _) => (Some(WatchKey::Quit), 1),
            (b'r' | b'R' | 0x0c, _) => (Some(WatchKey::Look), 1),
            (b'k', _) => (Some(WatchKey::Up), 1),
            (b'j', _) => (Some(WatchKey::Down), 1),
            (b' ', _) => (Some(WatchKey::PageDown), 1),
            (b'1'..=b'9', _) => (Some(WatchKey::Issue(usize::from(first - b'0'))), 1),
            _ => (None, 1),
        };
        keys.extend(key);
        rest = rest.get(taken..).unwrap_or_default();
    }
    keys
}

/// Bytes of a control sequence behind its introducer, up to its final one.
fn sequence(bytes: &[u8]) -> usize {
    let end = bytes.iter().position(|byte| (0x40..=0x7e).contains(byte));
    end.map_or(bytes.len(), |end| end + 1)
}

impl ScreenView {
    /// Takes keys, one after the other. `issues` are those with a digit.
    pub(crate) fn take(&mut self, keys: &[WatchKey], issues: Vec<IssueId>) -> Deed {
        let mut deed = Deed::Draw;
        for key in keys {
            match key {
                WatchKey::Quit => return Deed::Quit,
                WatchKey::Look => deed = Deed::Look,
                WatchKey::Back => {
                    self.open = None;
                    self.scroll = 0;
                }
                WatchKey::Up => self.scroll = self.scroll.saturating_sub(1),
                WatchKey::Down => self.scroll = self.scroll.saturating_add(1),
                WatchKey::PageUp => self.scroll = self.scroll.saturating_sub(PAGE),
                WatchKey::PageDown => self.scroll = self.scroll.saturating_add(PAGE),
                WatchKey::Issue(digit) => {
                    if let Some(id) = issues.get(digit - 1) {
                        self.open = Some(id.clone());
                        self.scroll = 0;
                        deed = Deed::Look;
                    }
                }
            }
        }
        deed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_terminals_send_them() {
        for (bytes, keys) in [
            (&b"q"[..], vec![WatchKey::Quit]),
            (b"\x03", vec![WatchKey::Quit]),
            (b"\x1b[A\x1bOB", vec![WatchKey::Up, WatchKey::Down]),
            (
                b"\x1b[5~\x1b[6~",
                vec![WatchKey::PageUp, WatchKey::PageDown],
            ),
            (b"\x1b", vec![WatchKey::Back]),
            (b"2b", vec![WatchKey::Issue(2), WatchKey::Back]),
            // A function key and a mouse are no keys of ours, and what follows still is one.
            (b"\x1b[15~q", vec![WatchKey::Quit]),
            (b"\x1b[<0;3;4Mr", vec![WatchKey::Look]),
            ("é0x".as_bytes(), vec![]),
            (b"\x1b[", vec![]),
        ] {
            assert_eq!(read(bytes), keys, "{bytes:?}");
        }
    }

    #[test]
    fn digits_open_issues_and_back_closes_them() {
        let ids = || vec![IssueId::new("infra-7f3a2c").expect("an id")];
        let mut view = ScreenView {
            open: None,
            scroll: 7,
        };
        assert_eq!(view.take(&[WatchKey::Issue(2)], ids()), Deed::Draw);
        assert_eq!(view.open, None);
        assert_eq!(view.take(&[WatchKey::Issue(1)], ids()), Deed::Look);
        assert_eq!((view.open.is_some(), view.scroll), (true, 0));
        assert_eq!(
            view.take(&[WatchKey::Down, WatchKey::PageDown, WatchKey::Up], ids()),
            Deed::Draw
        );
        assert_eq!(view.scroll, 10);
        assert_eq!(view.take(&[WatchKey::Back], ids()), Deed::Draw);
        assert_eq!(view, ScreenView::default());
        assert_eq!(
            view.take(&[WatchKey::Down, WatchKey::Quit, WatchKey::Look], ids()),
            Deed::Quit
        );
    }
}
