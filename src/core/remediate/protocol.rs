//! Who may send: the rule by which of several runs at most one acts on a consent.
//!
//! An intent is committed, and pushed where commits are pushed, before anything is sent. Pushes to a
//! remote follow one another: whatever is in the log that a run has pushed, beside its own intent,
//! was there before. So a run asks twice, before its intent and on what it has pushed, and it sends
//! only where nothing that others have said stands in the way both times. Where the entries stand in
//! the log means nothing: merging orders them by time.

use jiff::{SignedDuration, Timestamp};

use super::brakes::{self, Brake, BrakeInput, Brakes};
use super::history::Remediation;

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A brake.
    Brake(Brake),
    /// The proposal was applied by this remediation.
    Applied(String),
}

/// Whether a run may act, by what others have done and are doing. `own` is the id of its intent,
/// once it has one.
///
/// # Errors
/// What stands in the way.
pub fn claim(
    brakes: &Brakes,
    input: &BrakeInput<'_>,
    proposal: Option<&str>,
    own: Option<&str>,
) -> Result<(), Held> {
    let others = input.done.iter().copied();
    let others: Vec<&Remediation> = others.filter(|one| Some(one.id.as_str()) != own).collect();
    let by = others
        .iter()
        .find(|one| proposal.is_some() && one.first.proposal.as_deref() == proposal);
    if let Some(by) = by {
        return Err(Held::Applied(by.id.clone()));
    }
    let input = BrakeInput {
        done: others,
        ..input.clone()
    };
    brakes::check(brakes, &input).map_or(Ok(()), |brake| Err(Held::Brake(brake)))
}

/// Whether an intent without an outcome is old enough to be closed: whoever made it may be alive
/// for as long as AWS is given, and a while more.
pub fn may_close(one: &Remediation, limit_seconds: u32, now: Timestamp) -> bool {
    let limit = SignedDuration::from_secs(i64::from(limit_seconds).saturating_add(GRACE_SECONDS));
    one.is_open() && now.duration_since(one.started_at) >= limit
}

/// Seconds beyond the limit of an action before a run that says nothing is taken to be dead.
const GRACE_SECONDS: i64 = 120;
