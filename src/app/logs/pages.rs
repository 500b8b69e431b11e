//! Reads the events of groups, all at once and within bounds, and says how much that was.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use super::groups::{FoundGroup, GroupPlace, NotFound};
use crate::cloud::question::LogsQuestion;
use crate::core::investigate::logs::{
    MOST_ROWS, SpanPart, SpanParts, is_deleted, parts_for, silence_of, way_of,
};
use crate::model::fact::Gap;
use crate::model::log_events::{
    LogCut, LogEvent, LogEventPage, LogGroup, LogGroupCoverage, LogSilence, LogWay,
};
use crate::text::Untrusted;

/// What may be read at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Events of all groups.
    pub(crate) events: u64,
    /// Bytes of their messages.
    pub(crate) bytes: u64,
    /// Dollars for Logs Insights.
    pub(crate) dollars: f64,
    /// Dollars for a byte that it scans.
    pub(crate) dollars_a_byte: f64,
    /// Time.
    pub(crate) time: Duration,
}

impl Bounds {
    /// Returns what is left of them for other groups.
    pub(super) fn without(self, read: &PagesRead) -> Self {
        let bytes: u64 = read.coverage.iter().map(|group| group.bytes).sum();
        Self {
            events: self.events.saturating_sub(read.events.len() as u64),
            bytes: self.bytes.saturating_sub(bytes),
            dollars: (self.dollars - read.dollars).max(0.0),
            ..self
        }
    }
}

/// Events by the names of their groups, and what was read of each group.
pub(super) struct PagesRead {
    pub(super) events: Vec<(String, LogEvent)>,
    pub(super) coverage: Vec<LogGroupCoverage>,
    /// What Logs Insights cost.
    pub(super) dollars: f64,
}

/// What all groups share while they are read.
struct Shared {
    events: Vec<(String, LogEvent)>,
    bytes: u64,
    dollars: f64,
    coverage: Vec<LogGroupCoverage>,
    done: Vec<bool>,
}

/// Reads one span of some groups.
pub(super) struct PageReader<'a> {
    place: GroupPlace<'a>,
    part: SpanPart,
    now: Timestamp,
    bounds: Bounds,
    shared: RefCell<Shared>,
}

/// What to do behind a page.
enum After {
    GoOn,
    Stop,
}

impl<'a> PageReader<'a> {
    pub(super) fn new(
        place: GroupPlace<'a>,
        part: SpanPart,
        now: Timestamp,
        bounds: Bounds,
    ) -> Self {
        Self {
            place,
            part,
            now,
            bounds,
            shared: RefCell::new(Shared {
                events: Vec::new(),
                bytes: 0,
                dollars: 0.0,
                coverage: Vec::new(),
                done: Vec::new(),
            }),
        }
    }

    /// Reads all groups; `expected` says how many bytes each took in, where that is known.
    pub(super) async fn read(self, groups: &[FoundGroup], expected: &[Option<u64>]) -> PagesRead {
        {
            let mut shared = self.shared.borrow_mut();
            for (group, expected) in groups.iter().zip(expected) {
                shared.coverage.push(LogGroupCoverage {
                    group: Untrusted::from(group.name.as_str()),
                    named_by: group.named_by.clone(),
                    way: None,
                    events: 0,
                    bytes: 0,
                    expected_bytes: *expected,
                    complete_to: None,
                    cut: None,
                    silence: None,
                    gap: None,
                    scanned_bytes: 0,
                });
                shared.done.push(false);
            }
        }
        let each = groups.iter().enumerate();
        let all = join_all(each.map(|(index, group)| self.group(index, group)));
        let in_time = tokio::time::timeout(self.bounds.time, all).await.is_ok();
        let mut shared = self.shared.into_inner();
        if !in_time {
            let unfinished = shared.coverage.iter_mut().zip(&shared.done);
            for (coverage, _) in unfinished.filter(|(_, done)| !**done) {
                coverage.cut = Some(LogCut::Time);
            }
        }
        PagesRead {
            events: shared.events,
            coverage: shared.coverage,
            dollars: shared.dollars,
        }
    }

    fn note(&self, index: usize, note: impl FnOnce(&mut LogGroupCoverage)) {
        note(&mut self.shared.borrow_mut().coverage[index]);
    }

    async fn group(&self, index: usize, found: &FoundGroup) {
        match &found.group {
            Ok(group) => self.existing(index, group).await,
            Err(NotFound::Silent(silence)) => {
                self.note(index, |coverage| coverage.silence = Some(silence.clone()));
            }
            // Whoever may not list groups may still be allowed to read one.
            Err(NotFound::Unknown(gap)) => {
                let group = LogGroup {
                    name: Untrusted::from(found.name.as_str()),
                    class: crate::model::log_events::LogClass::Other,
                    created_at: None,
                    retention_days: None,
                };
                match found.name.contains('*') {
                    true => self.note(index, |coverage| {
                        coverage.silence = Some(LogSilence::Unreadable);
                        coverage.gap = Some(gap.clone());
                    }),
                    false => self.existing(index, &group).await,
                }
            }
        }
        self.shared.borrow_mut().done[index] = true;
    }

    async fn existing(&self, index: usize, group: &LogGroup) {
        let expected = self.shared.borrow().coverage[index].expected_bytes;
        let Some(way) = way_of(group.class, expected) else {
            self.note(index, |coverage| {
                coverage.silence = Some(LogSilence::ClassForbids);
            });
            return;
        };
        let read = match way {
            LogWay::Filter => self.by_pages(index, group).await,
            LogWay::Insights => self.by_queries(index, group, expected).await,
        };
        let read = match read {
            // The class of a group that may not be listed is found out this way.
            Err(gap) if way == LogWay::Filter && is_class_refusal(&gap) => {
                self.by_queries(index, group, expected).await
            }
            other => other,
        };
        let (start, end) = (self.part.start, self.part.end);
        let time = |at: i64| Timestamp::from_millisecond(at).ok();
        let is_old = |at: Timestamp| is_deleted(group, at, self.now);
        // A group that is younger than that had nothing to delete yet.
        let is_partial = time(start).is_some_and(is_old) && group.created_at.is_none_or(is_old);
        self.note(index, |coverage| {
            if let Err(gap) = read {
                coverage.cut = (coverage.events > 0).then_some(LogCut::Failed);
                coverage.silence = (coverage.events == 0).then_some(LogSilence::Unreadable);
                coverage.gap = Some(gap);
            } else if coverage.cut.is_none() {
                coverage.complete_to = time(end);
                if coverage.events == 0 {
                    let end = time(end).unwrap_or(self.now);
                    coverage.silence = Some(silence_of(group, end, self.now));
                }
                let is_lost = matches!(coverage.silence, Some(LogSilence::Expired(_)));
                coverage.cut = (is_partial && !is_lost).then_some(LogCut::Deleted);
            }
        });
    }

    fn question(&self, group: &LogGroup, way: LogWay, part: SpanPart) -> LogsQuestion {
        LogsQuestion {
            environment: self.place.environment.clone(),
            region: self.place.region.clone(),
            group: group.name.raw().to_owned(),
            way,
            start: part.start,
            end: part.end,
            page: None,
        }
    }

    async fn by_pages(&self, index: usize, group: &LogGroup) -> Result<(), Gap> {
        let mut question = self.question(group, LogWay::Filter, self.part);
        let mut seen = HashSet::new();
        loop {
            let page = self.place.cloud.logs(&question).await?;
            self.note(index, |coverage| coverage.way = Some(LogWay::Filter));
            question.page = page.next.clone();
            let is_last = question.page.is_none();
            if let After::Stop = self.take(index, group, page, &mut seen, is_last) {
                return Ok(());
            }
            if is_last {
                return Ok(());
            }
        }
    }

    async fn by_queries(
        &self,
        index: usize,
        group: &LogGroup,
        expected: Option<u64>,
    ) -> Result<(), Gap> {
        let price = expected.map_or(0.0, |bytes| bytes as f64 * self.bounds.dollars_a_byte);
        let spent = self.shared.borrow().dollars + price;
        if spent > self.bounds.dollars {
            self.note(index, |coverage| coverage.cut = Some(LogCut::Cost));
            return Ok(());
        }
        self.shared.borrow_mut().dollars = spent;
        let mut parts = SpanParts::new(self.part, parts_for(expected));
        let mut seen = HashSet::new();
        while let Some(part) = parts.next_part() {
            if self.shared.borrow().dollars > self.bounds.dollars {
                self.note(index, |coverage| coverage.cut = Some(LogCut::Cost));
                return Ok(());
            }
            let question = self.question(group, LogWay::Insights, part);
            let page = self.place.cloud.logs(&question).await?;
            let scanned = page.scanned_bytes.unwrap_or(0);
            self.note(index, |coverage| {
                coverage.way = Some(LogWay::Insights);
                coverage.scanned_bytes += scanned;
            });
            if expected.is_none() {
                // What a group of unknown size costs is known afterwards.
                let price = scanned as f64 * self.bounds.dollars_a_byte;
                self.shared.borrow_mut().dollars += price;
            }
            let matched = page.matched.unwrap_or(0);
            let is_full = page.events.len() >= MOST_ROWS || matched > MOST_ROWS as u64;
            if is_full && parts.halve(part) {
                continue;
            }
            if let After::Stop = self.take(index, group, page, &mut seen, false) {
                return Ok(());
            }
            let reached = Timestamp::from_millisecond(part.end).ok();
            self.note(index, |coverage| {
                if is_full {
                    coverage.cut = Some(LogCut::Dense);
                } else if coverage.cut.is_none() {
                    coverage.complete_to = reached;
                }
            });
        }
        Ok(())
    }

    /// Takes the events of a page as far as the bounds allow.
    fn take(
        &self,
        index: usize,
        group: &LogGroup,
        page: LogEventPage,
        seen: &mut HashSet<String>,
        is_last: bool,
    ) -> After {
        let mut shared = self.shared.borrow_mut();
        let count = page.events.len();
        for (number, event) in page.events.into_iter().enumerate() {
            if !event.id.is_empty() && !seen.insert(event.id.clone()) {
                continue;
            }
            let bytes = event.message.raw().len() as u64;
            let cut = if shared.events.len() as u64 >= self.bounds.events {
                Some(LogCut::Events)
            } else if shared.bytes + bytes > self.bounds.bytes {
                Some(LogCut::Bytes)
            } else {
                None
            };
            if cut.is_some() {
                shared.coverage[index].cut = cut;
                return After::Stop;
            }
            shared.bytes += bytes;
            let time = event.time;
            let name = group.name.raw().to_owned();
            shared.events.push((name, event));
            let coverage = &mut shared.coverage[index];
            coverage.events += 1;
            coverage.bytes += bytes;
            // The provider gives the events of a group in the order of their times.
            if coverage.way == Some(LogWay::Filter) && !(is_last && number + 1 == count) {
                coverage.complete_to = Timestamp::from_millisecond(time).ok();
            }
        }
        After::GoOn
    }
}

/// Whether a group refuses to be read page by page because of its class.
fn is_class_refusal(gap: &Gap) -> bool {
    gap.code
        .as_ref()
        .is_some_and(|code| code.raw() == "InvalidOperationException")
}
