//! A bounded sample of distinct lines with their exact counts.
//!
//! Kept are the lines whose hashes are smallest (k minimum values). A line that is in the final
//! sample was in it from its first occurrence on, because the bound only falls: its count is
//! exact, and the sample is the same for any order and any split of the lines.

/// The lines kept of a key.
const MOST: usize = 64;
/// The lines kept of a key when there are many keys.
const FEW: usize = 4;
/// The bytes kept of a line.
const LINE: usize = 512;

#[derive(Debug, Clone)]
pub(super) struct LineSample {
    hash: u64,
    pub(super) count: u64,
    pub(super) line: Box<[u8]>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Samples {
    /// Sorted by hash.
    kept: Vec<LineSample>,
}

impl Samples {
    pub(super) fn add(&mut self, hash: u64, line: &[u8], few: bool) {
        let bound = if few { FEW } else { MOST };
        if self.kept.len() >= bound && self.kept.last().is_some_and(|last| hash > last.hash) {
            return;
        }
        match self.kept.binary_search_by_key(&hash, |sample| sample.hash) {
            Ok(at) => self.kept[at].count += 1,
            Err(at) => {
                let line = cut(line).into();
                self.kept.insert(
                    at,
                    LineSample {
                        hash,
                        count: 1,
                        line,
                    },
                );
                self.kept.truncate(bound);
            }
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        let bound = MOST.max(self.kept.len()).min(MOST);
        for sample in other.kept {
            match self
                .kept
                .binary_search_by_key(&sample.hash, |mine| mine.hash)
            {
                Ok(at) => self.kept[at].count += sample.count,
                Err(at) => self.kept.insert(at, sample),
            }
        }
        self.kept.truncate(bound);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &LineSample> {
        self.kept.iter()
    }
}

/// The first part of a long line, up to a blank: half a secret would not be recognised as one.
fn cut(line: &[u8]) -> &[u8] {
    if line.len() <= LINE {
        return line;
    }
    let blank = line[..LINE].iter().rposition(u8::is_ascii_whitespace);
    &line[..blank.unwrap_or(0)]
}
