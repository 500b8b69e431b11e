//! What was read, as the scene that signatures are held against.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::investigate::figures::{Figures, figures, states, unread, why};
use crate::core::investigate::logs::lost_events;
use crate::core::investigate::lookback::symptom::SymptomFound;
use crate::core::investigate::lookback::{ClueReading, LogReading, Lookback};
use crate::core::investigate::signatures::{
    CauseScene, LogFact, SceneNode, SceneReading, StateFact,
};
use crate::model::investigation::{ChangeSource, Clue};
use crate::model::log_events::LogCut;
use crate::model::log_report::{LogReport, PatternKind, PatternRow};
use crate::model::resource::Resource;
use crate::model::snapshot::Observed;
use crate::text::Untrusted;
use crate::text::times;

/// Lines that are this many times as frequent as before are no longer as frequent.
const AS_FREQUENT: u64 = 2;

/// The figures of every resource.
pub(super) fn figures_of(input: &Lookback<'_>) -> Vec<Figures> {
    let each = input.resources.iter().map(|resource| {
        let kind = resource.kind.as_ref()?;
        let kind = input.catalog.kind_with_programs(kind)?;
        Some(match observed(input, resource) {
            Some(observed) => figures(kind, observed, input.snapshot, input.settings),
            None => unread(kind.0, &not_observed(resource)),
        })
    });
    each.map(Option::unwrap_or_default).collect()
}

fn not_observed(resource: &Resource) -> String {
    format!("{} was not observed", resource.name.raw())
}

fn observed<'a>(input: &Lookback<'a>, resource: &Resource) -> Option<&'a Observed> {
    let mut all = input.snapshot.resources.iter();
    all.find(|one| one.resource.arn == resource.arn)
}

pub(super) fn build(
    input: &Lookback<'_>,
    figures: &[Figures],
    silent: &BTreeMap<usize, Timestamp>,
    symptom: &SymptomFound,
) -> CauseScene {
    let nodes = input.resources.iter().enumerate().map(|(place, resource)| {
        let kind = resource.kind.as_ref();
        let of_kind = kind.and_then(|kind| input.catalog.kind(kind));
        let unseen = || SceneReading::Unreadable(not_observed(resource));
        SceneNode {
            arn: resource.arn.as_str().to_owned(),
            name: resource.name.raw().to_owned(),
            kind: kind.map(|kind| kind.as_str().to_owned()),
            logs: match silent.get(&place) {
                // What was logged while it was off counts; what was not by then is not known.
                Some(since) if *since <= symptom.began => {
                    SceneReading::Unreadable(stopped(resource, *since))
                }
                _ => logs(input.logs.get(place), resource),
            },
            unread_logs: unread_logs(input.logs.get(place), resource),
            figures: figures
                .get(place)
                .map(|one| one.all.clone())
                .unwrap_or_default(),
            states: observed(input, resource)
                .map_or_else(unseen, |observed| states(of_kind, observed, input.snapshot)),
            clues: clues(input, place),
        }
    });
    CauseScene {
        nodes: nodes.collect(),
        calls: input.scope.calls.clone(),
        symptom: 0,
        began: symptom.began,
        uncertain_seconds: symptom.uncertain_seconds,
        changes: input.changes.changes.clone(),
        unread_changes: unread_changes(input),
    }
}

/// That a resource logs nothing any more, in a sentence without a full stop.
pub(super) fn stopped(resource: &Resource, since: Timestamp) -> String {
    let name = resource.name.raw();
    format!(
        "{name} has logged nothing since {}, and was called all the same",
        times::clock(since)
    )
}

/// What AWS keeps of what went wrong in the span.
fn clues(input: &Lookback<'_>, place: usize) -> SceneReading<Vec<StateFact>> {
    let name = name(input, place);
    let what = || format!("what went wrong with {}", name.raw());
    let window = input.snapshot.window;
    match input.clues.get(place) {
        None => SceneReading::Known(Vec::new()),
        Some(ClueReading::Unreadable(gap)) => SceneReading::Unreadable(why(&what(), gap)),
        Some(ClueReading::NotAsked(why)) => {
            SceneReading::Unreadable(format!("{} was not read: {why}", what()))
        }
        Some(ClueReading::Read(clues)) => {
            let within = clues.iter().filter(|clue| {
                clue.at
                    .is_none_or(|at| at >= window.start && at <= input.now)
            });
            let fact = |clue: &Clue| StateFact {
                text: clue.text.raw().to_owned(),
                since: clue.at,
            };
            SceneReading::Known(within.map(fact).collect())
        }
    }
}

fn logs(reading: Option<&LogReading>, resource: &Resource) -> SceneReading<Vec<LogFact>> {
    let what = format!("logs of {}", resource.name.raw());
    match reading {
        Some(LogReading::Read(report)) => SceneReading::Known(facts(report)),
        Some(LogReading::Unreadable(gap)) => SceneReading::Unreadable(why(&what, gap)),
        Some(LogReading::Nothing(_)) => SceneReading::Known(Vec::new()),
        Some(LogReading::Lost(why)) => {
            SceneReading::Unreadable(format!("{what} cannot be read: {why}"))
        }
        Some(LogReading::NotAsked(why)) => {
            SceneReading::Unreadable(format!("{what} were not read: {why}"))
        }
        None => SceneReading::Unreadable(format!("{what} were not read")),
    }
}

/// Why a part of the logs of a resource was not read, where others were.
fn unread_logs(reading: Option<&LogReading>, resource: &Resource) -> Option<String> {
    let Some(LogReading::Read(report)) = reading else {
        return None;
    };
    let why = unread_part(report)?;
    let name = resource.name.raw();
    Some(format!("a part of the logs of {name} was not read: {why}"))
}

/// Why reading logs ended early, in a sentence without a full stop.
pub(super) fn unread_part(report: &LogReport) -> Option<String> {
    let mut groups = report.coverage.as_ref()?.groups.iter();
    groups.find_map(|group| {
        let cut = match (&group.gap, group.cut) {
            (Some(gap), _) => return Some(format!("{}: {}", group.group.raw(), gap.sentence())),
            (None, Some(cut)) => cut,
            (None, None) => return lost_events(group),
        };
        let why = match cut {
            LogCut::Events => "it has more events than are read",
            LogCut::Bytes => "its events have more bytes than are read",
            LogCut::Time => "the time limit was over",
            LogCut::Cost => "Logs Insights would cost more than is allowed",
            LogCut::Dense => "one second has more events than a query returns",
            LogCut::Failed => "a call failed",
            LogCut::Deleted => "the beginning of the span is older than it keeps its events",
        };
        Some(format!("{}: {why}", group.group.raw()))
    })
}

fn facts(report: &LogReport) -> Vec<LogFact> {
    let rows = report.patterns.iter().filter(|row| row.count > 0);
    rows.map(|row| LogFact {
        id: row.id.clone(),
        template: row.template.raw().to_owned(),
        examples: row
            .examples
            .iter()
            .map(|one| one.raw().to_owned())
            .collect(),
        count: row.count,
        before: row.baseline_count,
        steady: is_steady(row),
        first: row.first_seen,
        level: row.level.clone(),
    })
    .collect()
}

/// Whether lines are as frequent as before. A few lines are no *new* pattern by the statistics of
/// the miner; to a signature, what was not there before is new.
pub(super) fn is_steady(row: &PatternRow) -> bool {
    let changed = matches!(
        row.kind,
        PatternKind::New | PatternKind::Rising | PatternKind::Shifted
    );
    let before = row.baseline_count.unwrap_or(0);
    !changed && before > 0 && row.count <= before.saturating_mul(AS_FREQUENT)
}

/// Sources of changes that were not read, and why.
pub(super) fn unread_changes(input: &Lookback<'_>) -> BTreeMap<ChangeSource, String> {
    let read = |source: ChangeSource| input.changes.read.iter().any(|one| one.source == source);
    let mut unread = BTreeMap::new();
    for gap in &input.changes.gaps {
        let source = match gap.operation.as_str() {
            "cloudtrail:LookupEvents" => ChangeSource::Cloudtrail,
            operation if operation.starts_with("cloudwatch:") => ChangeSource::Alarm,
            operation if operation.starts_with("git:") => ChangeSource::Commit,
            _ => match of_subject(&gap.subject) {
                Some(source) => source,
                None => continue,
            },
        };
        if !read(source) {
            unread.insert(source, why(&format!("changes by {}", source.title()), gap));
        }
    }
    unread
}

/// The source that the subject of a gap names, such as one of a recording.
fn of_subject(subject: &str) -> Option<ChangeSource> {
    let mut all = ChangeSource::ALL.into_iter();
    all.find(|source| subject == format!("changes by {}", source.title()))
}

/// Texts of the log patterns of a resource that are worth a line in the report.
pub(super) fn telling_rows(report: &LogReport) -> impl Iterator<Item = &PatternRow> {
    report
        .patterns
        .iter()
        .filter(|row| row.count > 0 && !is_steady(row))
}

/// The name of a resource, by its place.
pub(super) fn name(input: &Lookback<'_>, place: usize) -> Untrusted {
    let resource = input.resources.get(place);
    resource.map(|one| one.name.clone()).unwrap_or_default()
}
