//! What AWS denies and why: denials in whatever text a person or a pipeline has, and what a plan will
//! need before it is applied.

pub(crate) mod audit_log;
pub(crate) mod compare;
pub(crate) mod context;
pub(crate) mod grant;
pub(crate) mod granting;
pub(crate) mod holder;
pub(crate) mod last_use;
pub(crate) mod merged;
pub(crate) mod preflight;
pub(crate) mod request;
pub(crate) mod revoke;
pub(crate) mod unknown;

use std::borrow::Cow;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::app::input;
use crate::core::permissions;
use crate::core::permissions::ProposalScope;
use crate::error::CommandError;
use crate::model::denial::DenialReport;
use crate::model::denied_grant::DeniedGrantReport;
use crate::model::monitoring::DurationText;
use crate::text::encoding;

/// The text of an error: as it was given, from a file, or from standard input.
pub(crate) fn said(error: Option<&str>, file: Option<&Path>) -> Result<String, CommandError> {
    match (error, file) {
        (Some(error), _) => Ok(error.to_owned()),
        (None, file) => read(file.unwrap_or(Path::new("-"))),
    }
}

/// When something ends that lasts so long from now.
pub(crate) fn end(app: &App, lasts: DurationText) -> Result<Timestamp, CommandError> {
    if lasts.seconds == 0 {
        return Err(CommandError::usage(format!(
            "`--for {lasts}` would end before it begins"
        )));
    }
    let seconds = i64::try_from(lasts.seconds).unwrap_or(i64::MAX);
    let end = app
        .clock
        .now()
        .checked_add(SignedDuration::from_secs(seconds));
    end.map_err(|_| {
        CommandError::usage(format!(
            "`--for {lasts}` ends after the last date that there is"
        ))
    })
}

/// The most that is read of a text.
const MOST_BYTES: u64 = 16 << 20;

/// A file, or standard input for `-`. Bytes that are no text become replacement characters.
pub(crate) fn read(file: &Path) -> Result<String, CommandError> {
    let bytes = input::read(file, MOST_BYTES)?;
    let text = encoding::decode(&bytes);
    Ok(text.map_or_else(
        || String::from_utf8_lossy(&bytes).into_owned(),
        Cow::into_owned,
    ))
}

/// Every denial of a text with what helps.
pub(crate) fn explain(text: &str) -> DenialReport {
    let denials = permissions::denials(text).into_iter();
    DenialReport {
        version: "1.0.0".to_owned(),
        kind: "denials".to_owned(),
        denials: denials.map(permissions::explain).collect(),
    }
}

/// One grant for each user or role that a text says was denied.
pub(crate) fn propose(text: &str, scope: &ProposalScope) -> DeniedGrantReport {
    let denials = permissions::denials(text).into_iter();
    let explained: Vec<_> = denials.map(permissions::explain).collect();
    permissions::propose(&explained, scope)
}
