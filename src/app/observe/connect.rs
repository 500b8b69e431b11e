//! Connecting: the provider, a recording of it, or both.

use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use crate::app::App;
use crate::app::access::Access;
use crate::app::answer::output;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::cloud::Cloud;
use crate::cloud::aws::guard::Operations;
use crate::cloud::aws::{Aws, AwsSettings};
use crate::cloud::record::{Recorder, Recording};
use crate::cloud::replay::Replay;
use crate::error::{CommandError, ErrorKind};
use crate::model::environments::Environment;

/// A connection for one environment.
pub(crate) struct Connection {
    /// What is asked.
    pub(crate) cloud: Box<dyn Cloud>,
    recorder: Option<Rc<Recorder<Aws>>>,
}

/// Connects for one purpose, whose list of operations is all that may be sent.
pub(crate) async fn connect(
    app: &App,
    settings: Settings<'_>,
    catalog: &Catalog,
    environment: &Environment,
    access: Access,
) -> Result<Connection, CommandError> {
    let aws = aws_settings(app, settings, environment, access.operations(catalog));
    connect_with(app, catalog, aws).await
}

/// The same with settings of its own.
pub(crate) async fn connect_with(
    app: &App,
    catalog: &Catalog,
    aws: AwsSettings,
) -> Result<Connection, CommandError> {
    if let Some(path) = &app.global.replay {
        let recording = read_recording(path)?;
        return Ok(Connection {
            cloud: Box::new(Replay::new(recording)),
            recorder: None,
        });
    }
    if let Some(path) = &app.global.record {
        // Before anything is asked: what a run saw must not be lost for want of a place.
        recording_so_far(path)?;
        output::check(path, "--record")?;
    }
    max_attempts(app)?;
    let aws = Aws::connect(aws, catalog.clone()).await;
    let aws = aws.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    if app.global.record.is_none() {
        return Ok(Connection {
            cloud: Box::new(aws),
            recorder: None,
        });
    }
    let recorder = Rc::new(Recorder::new(aws));
    Ok(Connection {
        cloud: Box::new(Rc::clone(&recorder)),
        recorder: Some(recorder),
    })
}

/// Returns how an environment is reached by a caller that may send these operations.
pub(crate) fn aws_settings(
    app: &App,
    settings: Settings<'_>,
    environment: &Environment,
    operations: Operations,
) -> AwsSettings {
    let limit = Duration::from_secs(app.global.timeout.seconds);
    let defaults = AwsSettings::new(operations);
    AwsSettings {
        profile: settings.profile(environment),
        role_arn: environment.role_arn.clone(),
        region: settings.region(environment),
        deadline: limit,
        call_timeout: limit.min(defaults.call_timeout),
        attempt_timeout: limit.min(defaults.attempt_timeout),
        // What is no number was refused when the environment was first read.
        max_attempts: max_attempts(app)
            .ok()
            .flatten()
            .unwrap_or(defaults.max_attempts),
        ..defaults
    }
}

/// How often one call to AWS is attempted at most, where `AWS_MAX_ATTEMPTS` says so, as for every
/// other AWS tool.
fn max_attempts(app: &App) -> Result<Option<u32>, CommandError> {
    let Some(text) = &app.environment.aws_max_attempts else {
        return Ok(None);
    };
    match text.trim().parse() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(CommandError::usage(format!(
            "the environment variable AWS_MAX_ATTEMPTS is `{text}`, which is no number from 1 up"
        ))
        .hint("unset it for the default of 4 attempts")),
    }
}

/// Reads a recording from a file.
pub(crate) fn read_recording(path: &Path) -> Result<Recording, CommandError> {
    let bytes = std::fs::read(path).map_err(|error| {
        CommandError::usage(format!(
            "could not read the recording {}: {error}",
            path.display()
        ))
        .hint("`--record FILE` of an earlier run writes one")
    })?;
    Recording::from_bytes(&bytes)
        .map_err(|error| CommandError::usage(format!("{}: {error}", path.display())))
}

/// The recording that `--record` adds to.
fn recording_so_far(path: &Path) -> Result<Recording, CommandError> {
    if !path.exists() {
        return Ok(Recording::default());
    }
    read_recording(path).map_err(|error| {
        error.hint("`--record` adds to a recording, and leaves any other file alone")
    })
}

/// Puts a recording in its place in one step, so that no reader sees half of one.
fn replace(path: &Path, recording: &Recording) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(&recording.to_bytes())?;
    file.persist(path)?;
    Ok(())
}

impl Connection {
    /// Writes what was recorded, where `--record` asks for it. Appends to a recording that is
    /// there, so that several runs make one world.
    pub(crate) fn finish(&self, app: &App) -> Result<(), CommandError> {
        match &self.recorder {
            Some(recorder) => keep(app, recorder.recording()),
            None => Ok(()),
        }
    }
}

/// Adds to the recording of `--record`, where there is one.
pub(crate) fn keep(app: &App, more: Recording) -> Result<(), CommandError> {
    let Some(path) = &app.global.record else {
        return Ok(());
    };
    let mut recording = recording_so_far(path)?;
    recording.append(more);
    replace(path, &recording).map_err(|error| {
        CommandError::usage(format!(
            "could not write the recording {}: {error}",
            path.display()
        ))
    })
}

/// Whether the built-in catalogue is sound; a fault in it is a bug.
pub(crate) fn built_in_catalog() -> Result<Catalog, CommandError> {
    Catalog::built_in().map_err(|error| CommandError::new(ErrorKind::Bug, error))
}
