//! What a shard leaves behind: a recording of its part, and of which run it is a part.
//!
//! A bundle is a [`Recording`] with one more field, so `--replay` takes it, too.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cloud::question::{Answer, ObserveKey};
use crate::cloud::record;
use crate::cloud::record::{Call, Recording, RecordingError};
use crate::model::ids::{Arn, CommitId, EnvironmentName};
use crate::model::shard::Shard;
use crate::model::snapshot::{Observed, Snapshot};

/// A part of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    /// Version of the format of recordings.
    pub version: String,
    /// Always `recording`.
    pub kind: String,
    /// The program that wrote it.
    pub recorded_by: String,
    /// Of which run this is which part.
    pub part: RunPart,
    /// What was asked and answered.
    pub calls: Vec<Call>,
}

/// Of which run a bundle is which part. All bundles of a run agree on `base` and `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPart {
    /// Which shard of how many.
    pub shard: Shard,
    /// The environments that it looked at.
    pub environments: Vec<EnvironmentName>,
    /// The commit that the state was read at.
    pub base: Option<CommitId>,
    /// The time of the run.
    pub at: Timestamp,
}

/// Why a file is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not even a recording.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// A recording, but not of a shard.
    #[error("a recording of a whole run, not of a shard")]
    NotOfAShard,
    /// Its parts do not fit together.
    #[error("damaged: {0}")]
    Damaged(String),
}

/// Most metric periods that a span has which a run reads: 90 days have 2,160 hours, and the 30
/// hours that are read in minutes are 1,800.
const MOST_PERIODS: i64 = 4_096;

impl Bundle {
    /// Makes the bundle of a shard from everything that it was answered.
    pub fn new(part: RunPart, recording: Recording) -> Self {
        Self {
            version: recording.version,
            kind: recording.kind,
            recorded_by: recording.recorded_by,
            part,
            calls: recording.calls,
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// Where it is none, of a newer format, or contradicts itself.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BundleError> {
        let recording = Recording::from_bytes(bytes)?;
        #[derive(Deserialize)]
        struct Rest {
            part: Option<RunPart>,
        }
        let rest: Rest = serde_json::from_slice(bytes).map_err(RecordingError::from)?;
        let part = rest.part.ok_or(BundleError::NotOfAShard)?;
        let bundle = Self::new(part, recording);
        for name in &bundle.part.environments {
            bundle.check(name)?;
        }
        Ok(bundle)
    }

    /// Writes it, without secrets.
    pub fn to_bytes(&self) -> Vec<u8> {
        record::to_bytes(self)
    }

    /// What it saw of an environment.
    pub fn snapshot(&self, name: &EnvironmentName) -> Option<&Snapshot> {
        if !self.part.environments.contains(name) {
            return None;
        }
        self.observations(name).find_map(|(_, reply)| match reply {
            Answer::Snapshot(snapshot) => Some(&**snapshot),
            _ => None,
        })
    }

    fn observations(&self, name: &EnvironmentName) -> impl Iterator<Item = (ObserveKey, &Answer)> {
        self.calls
            .iter()
            .filter_map(|call| Some((call.request.observed()?, &call.reply)))
            .filter(move |(key, _)| key.environment == *name)
    }

    fn check(&self, name: &EnvironmentName) -> Result<(), BundleError> {
        let damaged = |what: &str| BundleError::Damaged(format!("{what} of `{name}`"));
        let mut observations = self.observations(name);
        let (Some((key, reply)), None) = (observations.next(), observations.next()) else {
            return Err(damaged("not exactly one observation"));
        };
        let Answer::Snapshot(snapshot) = reply else {
            return Err(damaged("no answer to the observation"));
        };
        let seen: Vec<&Arn> = snapshot.resources.iter().map(|o| &o.resource.arn).collect();
        if snapshot.environment != *name || snapshot.window != key.window {
            return Err(damaged("environment or window differ in the observation"));
        }
        if seen != key.resources.iter().collect::<Vec<_>>() {
            return Err(damaged("resources differ in the observation"));
        }
        let distinct: std::collections::BTreeSet<&Arn> = seen.iter().copied().collect();
        if distinct.len() != seen.len() {
            return Err(damaged("a resource is twice in the observation"));
        }
        for seen in std::iter::once(&**snapshot).chain(&snapshot.back_fill) {
            let gaps = seen.gaps.len();
            if gap_numbers(seen).any(|gap| gap as usize >= gaps) {
                return Err(damaged("a gap is not listed in the observation"));
            }
            let read = seen.read_span();
            if read.period_seconds == 0 || !(0..=MOST_PERIODS).contains(&read.periods()) {
                return Err(damaged("a span that no run reads, in the observation"));
            }
        }
        Ok(())
    }
}

fn gap_numbers(snapshot: &Snapshot) -> impl Iterator<Item = u32> {
    let resources = snapshot.resources.iter().flat_map(Observed::gaps);
    snapshot
        .identity
        .gap()
        .into_iter()
        .chain(resources.map(|(_, gap)| gap))
        .map(|gap| gap.0)
}
