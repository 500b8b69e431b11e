//! From what was read of AWS to an incident: when the symptom began, what explains it, in which
//! order things happened, what to do, and what could not be seen.

mod events;
mod gaps;
mod scene;
mod silence;
mod symptom;
mod volumes;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::catalog::Catalog;
use crate::catalog::registry::Registry;
use crate::catalog::signatures::Signature;
use crate::core::investigate::dependencies::InvestigationScope;
use crate::core::investigate::figures::Figures;
use crate::core::investigate::signatures::{
    CauseMatch, CauseScene, Priors, UnrelatedChange, explain, unrelated,
};
use crate::core::targets::HealthSettings;
use crate::model::fact::Gap;
use crate::model::incident::{
    Grade, IncidentDetails, IncidentLogs, IncidentReport, IncidentSymptom, IncidentWindow,
    RootCause,
};
use crate::model::investigation::{ChangeSet, Clue};
use crate::model::issue::Issue;
use crate::model::log_report::LogReport;
use crate::model::resource::Resource;
use crate::model::snapshot::Snapshot;
use crate::text::Untrusted;

use symptom::SymptomFound;
use words::PlacedHypothesis;

/// The entries of a timeline.
const MOST_ENTRIES: usize = 60;

/// What was read of the logs of a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum LogReading {
    /// Patterns, compared with the span before where that was read in full.
    Read(Box<LogReport>),
    /// They could not be read.
    Unreadable(Box<Gap>),
    /// There are none: why, in a few words; empty where its kind has none. Logs that are switched
    /// off are among them: no line exists, and those of its callers tell.
    Nothing(String),
    /// They were written, and nobody can read them: why, in a few words.
    Lost(String),
    /// They were not asked for: why, in a few words.
    NotAsked(String),
}

/// What was read of what AWS keeps of what went wrong with a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum ClueReading {
    /// It was read.
    Read(Vec<Clue>),
    /// It could not be read.
    Unreadable(Box<Gap>),
    /// It was not asked for: why, in a few words.
    NotAsked(String),
}

/// Everything that was read.
#[derive(Debug, Clone, Copy)]
pub struct Lookback<'a> {
    /// When it was read.
    pub now: Timestamp,
    /// What was observed; its window is the span, and before it is what is usual.
    pub snapshot: &'a Snapshot,
    /// The resources, the one with the symptom first.
    pub resources: &'a [Resource],
    /// Their dependencies.
    pub scope: &'a InvestigationScope,
    /// Their logs, in the same order.
    pub logs: &'a [LogReading],
    /// What AWS keeps of what went wrong with them, in the same order; empty where nothing does.
    pub clues: &'a [ClueReading],
    /// What was changed.
    pub changes: &'a ChangeSet,
    /// The issue that was asked about, or the worst that is open on the resource.
    pub issue: Option<&'a Issue>,
    /// The kinds.
    pub catalog: &'a Catalog,
    /// Targets.
    pub settings: &'a HealthSettings,
    /// Causes.
    pub signatures: &'a Registry<Signature>,
    /// What was right before.
    pub priors: &'a Priors,
}

/// What was made of it, for the parts of the report.
struct LookbackFindings<'a> {
    input: &'a Lookback<'a>,
    scene: CauseScene,
    /// How to get from the symptom to what it depends on, by place.
    paths: BTreeMap<usize, Vec<usize>>,
    figures: Vec<Figures>,
    /// Since when a resource has logged nothing although it was called, by place.
    silent: BTreeMap<usize, Timestamp>,
    symptom: SymptomFound,
    causes: Vec<CauseMatch>,
    unrelated: Vec<UnrelatedChange>,
    blame: BTreeMap<usize, f64>,
}

/// Makes the report of an incident.
pub fn investigate(input: &Lookback<'_>) -> IncidentReport {
    let figures = scene::figures_of(input);
    let symptom = symptom::find(input, &figures);
    let silent = (0..input.resources.len())
        .filter_map(|place| Some((place, silence::silent_since(input, &figures, place)?)))
        .collect();
    let scene = scene::build(input, &figures, &silent, &symptom);
    let blame = volumes::blame(&figures, input.scope, &symptom);
    let causes = match symptom.is_wrong {
        true => explain(input.signatures, &scene, &blame, input.priors),
        false => Vec::new(),
    };
    let tempting = match symptom.is_wrong {
        true => unrelated(&scene, &causes),
        false => Vec::new(),
    };
    let findings = LookbackFindings {
        input,
        paths: scene.paths(),
        scene,
        figures,
        silent,
        symptom,
        causes,
        unrelated: tempting,
        blame,
    };
    report(&findings)
}

fn report(of: &LookbackFindings<'_>) -> IncidentReport {
    let input = of.input;
    let hypotheses = words::hypotheses(of);
    let first = hypotheses
        .first()
        .map(|one| &one.told)
        .filter(|one| one.grade <= Grade::PossibleContributor);
    let root_cause = first.map(|one| RootCause {
        summary: one.summary.clone().unwrap_or_default(),
        cause_id: one.cause_id.clone(),
        resource: one.resource.clone(),
        confidence: one.grade,
        evidence: one.supporting.clone(),
    });
    let status = match (of.symptom.is_wrong, of.symptom.is_known, &root_cause) {
        (false, true, _) => "nothing-wrong",
        (true, _, Some(_)) => "explained",
        (false, false, _) | (true, _, None) => "unexplained",
    };
    let span = input.snapshot.window;
    IncidentReport {
        version: "1.0.0".to_owned(),
        kind: "incident".to_owned(),
        symptom: IncidentSymptom {
            resource: input
                .resources
                .first()
                .map(|one| one.name.clone())
                .unwrap_or_default(),
            metric: of.symptom.title.clone(),
            at: of.symptom.began,
            deviation: of.symptom.deviation(),
        },
        window: IncidentWindow {
            start: span.start,
            end: span.end,
            periods: usize::try_from(span.periods()).unwrap_or(0),
        },
        status: status.to_owned(),
        summary: words::summary(of, &hypotheses),
        affected_resources: words::affected(of, &hypotheses),
        also_unusual: words::also_unusual(of),
        gaps: gaps::gaps(of),
        details: Some(Box::new(details(of, &hypotheses))),
        root_cause,
        hypotheses: hypotheses.into_iter().map(|one| one.told).collect(),
    }
}

fn details(of: &LookbackFindings<'_>, hypotheses: &[PlacedHypothesis]) -> IncidentDetails {
    let input = of.input;
    let timeline = events::timeline(of, MOST_ENTRIES);
    IncidentDetails {
        id: id(of),
        issue_id: input.issue.map(|issue| issue.id.clone()),
        environment: input.snapshot.environment.clone(),
        generated_at: input.now,
        scope: words::scope(of),
        logs: logs(input),
        patterns: words::patterns(of),
        anomalies: words::anomalies(of),
        changes: input.changes.changes.clone(),
        timeline: timeline.entries,
        timeline_left_out: timeline.left_out,
        recommendations: words::recommendations(of, hypotheses),
        suggested_actions: words::actions(of, hypotheses),
        api: input.snapshot.receipt.clone(),
    }
}

/// The id of the incident that the issue belongs to. Without one, the same symptom of the same
/// resource has the same id in every run.
fn id(of: &LookbackFindings<'_>) -> String {
    if let Some(incident) = of.input.issue.and_then(|one| one.incident.as_ref()) {
        return incident.id.clone();
    }
    let arn = of.scene.nodes.first().map_or("", |one| one.arn.as_str());
    let environment = &of.input.snapshot.environment;
    let began = of.symptom.began.as_second();
    let hash = Sha256::digest(format!(
        "{environment}\n{arn}\n{}\n{began}",
        of.symptom.title
    ));
    format!("inc-{}", hex::encode(&hash[..3]))
}

fn logs(input: &Lookback<'_>) -> IncidentLogs {
    let mut all = IncidentLogs::default();
    for reading in input.logs {
        let LogReading::Read(report) = reading else {
            all.truncated |= !matches!(reading, LogReading::Nothing(_));
            continue;
        };
        let Some(coverage) = &report.coverage else {
            continue;
        };
        for group in &coverage.groups {
            if all.groups.contains(&group.group) {
                continue;
            }
            all.groups.push(group.group.clone());
            all.groups_read += u64::from(group.is_complete());
            all.events += group.events;
            all.bytes += group.bytes;
            all.truncated |= group.cut.is_some() || group.gap.is_some();
        }
    }
    all
}

/// What people call a resource by its ARN.
fn name_of<'a>(input: &Lookback<'a>, arn: &str) -> Option<&'a Untrusted> {
    let found = input.resources.iter().find(|one| one.arn.as_str() == arn);
    found.map(|one| &one.name)
}
