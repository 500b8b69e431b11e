//! Sentences that several rules share.

use crate::core::formula::UnknownReason;
use crate::model::fact::{Gap, GapCause, GapId};
use crate::model::snapshot::Snapshot;
use crate::text::Untrusted;

/// `state unknown: lambda:ListFunctions access denied (needs lambda:ListFunctions)`.
pub(super) fn gap_reason(what: &str, snapshot: &Snapshot, id: GapId) -> Untrusted {
    match snapshot.gap(id) {
        Some(gap) => Untrusted::new(format!("{what} unknown: {}", gap_words(gap))),
        // A snapshot that names a gap it does not have is still a snapshot with a gap.
        None => Untrusted::new(format!("{what} unknown: the reason was not recorded")),
    }
}

fn gap_words(gap: &Gap) -> String {
    let mut words = format!("{} {}", gap.operation, gap.cause.words());
    // For these the provider's words say what the cause does not.
    let telling = matches!(
        gap.cause,
        GapCause::NotAsked
            | GapCause::Garbled
            | GapCause::ProviderError
            | GapCause::Partial
            | GapCause::ShardMissing
    );
    if telling && !gap.message.is_empty() {
        words.push_str(": ");
        words.push_str(gap.message.raw());
    }
    if let Some(permission) = &gap.missing_permission {
        words.push_str(&format!(" (needs {permission})"));
    }
    words
}

/// Why something could not be judged.
pub(super) fn unknown_reason(what: &str, snapshot: &Snapshot, why: &UnknownReason) -> Untrusted {
    match why {
        UnknownReason::Gap(gap) => gap_reason(what, snapshot, *gap),
        UnknownReason::NoData(name) => Untrusted::new(format!(
            "{what} unknown: no data points for `{name}`, which are required"
        )),
        UnknownReason::NotAsked(name) => {
            Untrusted::new(format!("{what} unknown: `{name}` was not asked for"))
        }
        UnknownReason::NoValue(name) => Untrusted::new(format!(
            "{what} unknown: `{name}` cannot be computed from the numbers that were read"
        )),
    }
}
