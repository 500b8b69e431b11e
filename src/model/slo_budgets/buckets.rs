//! Sums in the order of time.

use super::Bucket;

/// Sums by the second that their span starts at, seconds since 1970. In one piece of memory:
/// there are thousands of these lists, and every run reads, copies and adds up all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buckets(Vec<(i64, Bucket)>);

impl Buckets {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them with their starts, in the order of time.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Bucket)> {
        self.0.iter().map(|(start, bucket)| (*start, bucket))
    }

    /// The one that starts here.
    pub fn get(&self, start: i64) -> Option<&Bucket> {
        let place = self.place(start).ok()?;
        self.0.get(place).map(|(_, bucket)| bucket)
    }

    /// Those that start in a span, whose end is not part of it.
    pub fn range(&self, start: i64, end: i64) -> impl Iterator<Item = (i64, &Bucket)> {
        let first = self.first_from(start);
        let last = self.first_from(end.max(start));
        let within = self.0.get(first..last).unwrap_or_default();
        within.iter().map(|(start, bucket)| (*start, bucket))
    }

    /// The last one that starts before this second.
    pub fn last_before(&self, start: i64) -> Option<(i64, &Bucket)> {
        let before = self.first_from(start).checked_sub(1)?;
        self.0.get(before).map(|(start, bucket)| (*start, bucket))
    }

    /// The one that starts here; an empty one is made where there is none.
    pub fn entry(&mut self, start: i64) -> &mut Bucket {
        let place = self.place(start).unwrap_or_else(|place| {
            self.0.insert(place, (start, Bucket::default()));
            place
        });
        &mut self.0[place].1
    }

    /// Takes the one that starts here away, where there is one.
    pub(super) fn remove(&mut self, start: i64) {
        if let Ok(place) = self.place(start) {
            self.0.remove(place);
        }
    }

    /// Adds one behind all others; `false` where it would overlap the last.
    pub(super) fn push(&mut self, start: i64, bucket: Bucket) -> bool {
        let last = self.0.last();
        let free = last.is_none_or(|(last, sum)| last + i64::from(sum.length) <= start);
        if free {
            self.0.push((start, bucket));
        }
        free
    }

    /// Keeps those that `keep` says.
    pub(super) fn retain(&mut self, keep: impl Fn(i64, &Bucket) -> bool) {
        self.0.retain(|(start, bucket)| keep(*start, bucket));
    }

    fn place(&self, start: i64) -> Result<usize, usize> {
        // Most often it is the newest.
        match self.0.last() {
            Some((last, _)) if *last < start => Err(self.0.len()),
            _ => self.0.binary_search_by_key(&start, |(start, _)| *start),
        }
    }

    fn first_from(&self, start: i64) -> usize {
        self.0.partition_point(|(at, _)| *at < start)
    }
}
