//! The stream of `terraform apply -json` and `tofu apply -json`, line by line.
//!
//! The tool is not alone on its standard output: wrappers print banners, providers print logs.
//! What is no JSON is a line of a log, and so is a type of event that this version does not know;
//! only a stream of another major version is refused. The order of events is not that of time,
//! so everything is kept by address.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::text::Untrusted;

/// The version of the stream that is understood.
const UI: &str = "1.";

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// Which tool it is.
    Version(Untrusted),
    /// Something was found to differ from the state, or is planned.
    Planned(Untrusted),
    /// A resource was read again.
    Refreshed(Untrusted),
    /// A change of a resource goes on.
    Step(StepEvent),
    /// An error or a warning.
    Diagnostic(ToolDiagnostic),
    /// What it comes to, in the words of the tool.
    Summary(Untrusted),
    /// Anything else, as text for people.
    Log(Untrusted),
}

/// What happens to one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepEvent {
    /// Its address.
    pub address: Untrusted,
    /// What is done: `create`, `update`, `delete` …
    pub action: Untrusted,
    /// How far it is.
    pub progress: StepProgress,
    /// Seconds since it began.
    pub seconds: u64,
}

/// How far a change of a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepProgress {
    /// It has begun.
    Begun,
    /// It is going on.
    Going,
    /// It is done.
    Done,
    /// It has failed.
    Failed,
}

/// An error or a warning of the tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolDiagnostic {
    /// Whether it is an error.
    pub is_error: bool,
    /// In a line.
    pub summary: Untrusted,
    /// The rest.
    pub detail: Untrusted,
    /// The resource; a failed deletion names none.
    pub address: Option<Untrusted>,
    /// File and line of the configuration.
    pub place: Option<(Untrusted, u64)>,
}

impl ToolDiagnostic {
    /// Returns all that it says.
    pub fn whole(&self) -> String {
        match self.detail.is_empty() {
            true => self.summary.raw().to_owned(),
            false => format!("{}\n{}", self.summary.raw(), self.detail.raw()),
        }
    }

    /// Returns it in one line, with its place.
    pub fn line(&self) -> Untrusted {
        let place = self.place.as_ref();
        let place = place.map_or_else(String::new, |(file, line)| {
            format!("{}:{line}: ", file.raw())
        });
        let address = self.address.as_ref();
        let address = address.map_or_else(String::new, |address| format!(" ({})", address.raw()));
        let summary: Vec<&str> = self.summary.raw().split_whitespace().collect();
        let summary = summary.join(" ");
        let detail: Vec<&str> = self.detail.raw().split_whitespace().collect();
        let detail = match detail.is_empty() {
            true => String::new(),
            false => format!(": {}", detail.join(" ")),
        };
        Untrusted::new(format!("{place}{summary}{detail}{address}"))
    }
}

/// The stream is of a version whose meaning is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stream of events has version {0}, and this program understands version 1")]
pub struct UnknownStream(pub String);

#[derive(Deserialize)]
struct RawEvent {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(rename = "@message", default)]
    message: String,
    #[serde(default)]
    ui: Option<String>,
    #[serde(default)]
    hook: Option<RawHook>,
    #[serde(default)]
    diagnostic: Option<RawDiagnostic>,
}

#[derive(Deserialize)]
struct RawHook {
    #[serde(default)]
    resource: Option<RawResource>,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    elapsed_seconds: Option<f64>,
}

#[derive(Deserialize)]
struct RawResource {
    #[serde(default)]
    addr: String,
}

#[derive(Deserialize)]
struct RawDiagnostic {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    range: Option<RawRange>,
}

#[derive(Deserialize)]
struct RawRange {
    #[serde(default)]
    filename: String,
    #[serde(default)]
    start: Option<RawStart>,
}

#[derive(Deserialize)]
struct RawStart {
    #[serde(default)]
    line: u64,
}

/// Reads a line.
///
/// # Errors
/// The stream is of another major version.
pub fn parse(line: &str) -> Result<StreamEvent, UnknownStream> {
    let Ok(raw) = serde_json::from_str::<RawEvent>(line.trim_start_matches('\u{feff}')) else {
        return Ok(StreamEvent::Log(Untrusted::from(line)));
    };
    let message = Untrusted::new(raw.message);
    if let Some(ui) = raw.ui.filter(|_| raw.kind == "version") {
        return match ui.starts_with(UI) {
            true => Ok(StreamEvent::Version(message)),
            false => Err(UnknownStream(ui.chars().take(20).collect())),
        };
    }
    let progress = match raw.kind.as_str() {
        "apply_start" => Some(StepProgress::Begun),
        "apply_progress" => Some(StepProgress::Going),
        "apply_complete" => Some(StepProgress::Done),
        "apply_errored" => Some(StepProgress::Failed),
        _ => None,
    };
    let step = |hook: RawHook| {
        let address = hook.resource.map(|one| one.addr);
        let address = address.filter(|address| !address.is_empty())?;
        if raw.kind == "refresh_complete" {
            return Some(StreamEvent::Refreshed(address.into()));
        }
        Some(StreamEvent::Step(StepEvent {
            address: address.into(),
            action: hook.action.unwrap_or_default().into(),
            progress: progress?,
            // Negative or absurd ones are nobody's seconds.
            seconds: hook.elapsed_seconds.unwrap_or_default() as u64,
        }))
    };
    if let Some(step) = raw.hook.and_then(step) {
        return Ok(step);
    }
    Ok(match (raw.kind.as_str(), raw.diagnostic) {
        (_, Some(diagnostic)) => StreamEvent::Diagnostic(from_raw(diagnostic)),
        ("planned_change" | "resource_drift", None) => StreamEvent::Planned(message),
        ("change_summary", None) => StreamEvent::Summary(message),
        _ => StreamEvent::Log(message),
    })
}

fn from_raw(raw: RawDiagnostic) -> ToolDiagnostic {
    let place = raw.range.map(|range| {
        let line = range.start.map_or(0, |start| start.line);
        (Untrusted::new(range.filename), line)
    });
    ToolDiagnostic {
        is_error: raw.severity == "error",
        summary: raw.summary.into(),
        detail: raw.detail.unwrap_or_default().into(),
        address: raw.address.map(Untrusted::from),
        place,
    }
}

/// What a stream has said so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamTally {
    /// How far every change is that has begun.
    pub steps: BTreeMap<Untrusted, StepProgress>,
    /// Errors.
    pub errors: Vec<ToolDiagnostic>,
    /// The summary, which comes only where all went well.
    pub summary: Option<Untrusted>,
    /// What was read again.
    pub refreshed: BTreeSet<Untrusted>,
    /// How many lines were no events.
    pub other_lines: usize,
}

impl StreamTally {
    /// Adds an event.
    pub fn add(&mut self, event: &StreamEvent) {
        match event {
            StreamEvent::Step(step) => self.add_step(step),
            StreamEvent::Diagnostic(one) if one.is_error => {
                if !self.errors.contains(one) {
                    self.errors.push(one.clone());
                }
            }
            StreamEvent::Refreshed(address) => {
                self.refreshed.insert(address.clone());
            }
            StreamEvent::Summary(text) => self.summary = Some(text.clone()),
            StreamEvent::Log(_) => self.other_lines += 1,
            StreamEvent::Version(_) | StreamEvent::Planned(_) | StreamEvent::Diagnostic(_) => {}
        }
    }

    /// A replacement is a deletion and a creation of one address: it is done when the second of
    /// them is, and failed when one of them is.
    fn add_step(&mut self, step: &StepEvent) {
        let known = self.steps.entry(step.address.clone());
        let progress = known.or_insert(step.progress);
        if *progress != StepProgress::Failed {
            *progress = step.progress;
        }
    }

    /// Reads a whole stream.
    ///
    /// # Errors
    /// The stream is of another major version.
    pub fn read(text: &str) -> Result<Self, UnknownStream> {
        let mut tally = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            tally.add(&parse(line)?);
        }
        Ok(tally)
    }
}

#[cfg(test)]
mod tests;
