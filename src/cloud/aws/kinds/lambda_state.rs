//! What the words of Lambda about a function mean.
//!
//! Words: <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>. States:
//! <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>.

use aws_sdk_lambda::types::LastUpdateStatus;
use aws_sdk_lambda::types::LastUpdateStatusReasonCode;
use aws_sdk_lambda::types::State;
use aws_sdk_lambda::types::StateReasonCode;

use crate::cloud::aws::errors::Failure;
use crate::cloud::aws::kinds::state;
use crate::cloud::aws::kinds::unknown_word;
use crate::cloud::aws::seen::Seen;
use crate::model::snapshot::{Condition, ResourceState};

/// What Lambda says of one function.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words<'a> {
    pub(super) now: Option<&'a State>,
    pub(super) code: Option<&'a StateReasonCode>,
    pub(super) reason: Option<&'a str>,
    pub(super) update: Option<&'a LastUpdateStatus>,
    pub(super) update_code: Option<&'a LastUpdateStatusReasonCode>,
    pub(super) update_reason: Option<&'a str>,
}

impl Words<'_> {
    /// A word that is empty says nothing.
    fn without_empty(self) -> Self {
        Self {
            now: self.now.filter(|word| !word.as_str().is_empty()),
            code: self.code.filter(|word| !word.as_str().is_empty()),
            update: self.update.filter(|word| !word.as_str().is_empty()),
            update_code: self.update_code.filter(|word| !word.as_str().is_empty()),
            ..self
        }
    }
}

/// Why a function is in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Nothing is said, or that it was not called for a while.
    Rest,
    /// It is being made, woken or drained.
    Work,
    /// Something is wrong.
    Fault,
}

/// Returns the condition of a function, of which `operation` told.
///
/// # Errors
/// Words that are not known here: they prove neither health nor a fault.
pub(super) fn condition(operation: &str, words: Words<'_>) -> Seen<ResourceState> {
    let words = words.without_empty();
    let now = now(operation, words)?;
    let update_reason = words
        .update_reason
        .filter(|reason| !reason.is_empty())
        .or(words.update_code.map(LastUpdateStatusReasonCode::as_str));
    Ok(Some(match words.update {
        None | Some(LastUpdateStatus::Successful) => now,
        Some(LastUpdateStatus::Failed) if now.condition < Condition::Impaired => {
            state("update failed", Condition::Impaired, update_reason)
        }
        Some(LastUpdateStatus::InProgress) if now.condition < Condition::Impaired => {
            state(now.word.raw(), Condition::Changing, update_reason)
        }
        Some(LastUpdateStatus::Failed | LastUpdateStatus::InProgress) => now,
        Some(other) => return Err(unknown_word(operation, other.as_str())),
    }))
}

/// The state without the update.
fn now(operation: &str, words: Words<'_>) -> Result<ResourceState, Failure> {
    let word = words.now.map_or("exists", State::as_str);
    let code = words.code.map(StateReasonCode::as_str);
    let reason = words.reason.filter(|reason| !reason.is_empty()).or(code);
    let condition = match words.now {
        Some(State::Deactivated | State::Deleting | State::Failed) => Condition::Broken,
        // Not to be called, because its versions are: `$LATEST` on a capacity provider.
        Some(State::ActiveNonInvocable) => Condition::Good,
        // AWS took back what it needs because it was not called. A call wakes it, unless what
        // it needs cannot be had: then it stays inactive, with the fault as the reason.
        Some(State::Inactive) => match why(operation, words.code)? {
            Why::Rest => Condition::Good,
            Why::Work => Condition::Changing,
            Why::Fault => Condition::Broken,
        },
        None | Some(State::Active) => match why(operation, words.code)? {
            Why::Rest | Why::Work => Condition::Good,
            Why::Fault => Condition::Impaired,
        },
        Some(State::Pending | State::Deactivating) => match why(operation, words.code)? {
            Why::Rest | Why::Work => Condition::Changing,
            Why::Fault => Condition::Impaired,
        },
        Some(_) => return Err(unknown_word(operation, word)),
    };
    // `Inactive` or `Active` as the name of a fault would puzzle people.
    let is_named = matches!(
        words.now,
        Some(State::Failed | State::Deactivated | State::Deleting)
    );
    let shown = match code {
        Some(code) if condition >= Condition::Impaired && !is_named => format!("{word} ({code})"),
        _ => word.to_owned(),
    };
    Ok(state(&shown, condition, reason))
}

fn why(operation: &str, code: Option<&StateReasonCode>) -> Result<Why, Failure> {
    use StateReasonCode as Code;
    Ok(match code {
        None | Some(Code::Idle) => Why::Rest,
        Some(Code::Creating | Code::Restoring | Code::DrainingDurableExecutions) => Why::Work,
        Some(code) if StateReasonCode::values().contains(&code.as_str()) => Why::Fault,
        Some(code) => return Err(unknown_word(operation, code.as_str())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::GapCause;

    const GET: &str = "lambda:GetFunctionConfiguration";

    fn seen(now: Option<&str>, code: Option<&str>, update: Option<&str>) -> Seen<ResourceState> {
        let now = now.map(State::from);
        let code = code.map(StateReasonCode::from);
        let update = update.map(LastUpdateStatus::from);
        let words = Words {
            now: now.as_ref(),
            code: code.as_ref(),
            reason: Some("why"),
            update: update.as_ref(),
            update_code: None,
            update_reason: Some("why of the update"),
        };
        condition(GET, words)
    }

    fn known(now: Option<&str>, code: Option<&str>, update: Option<&str>) -> ResourceState {
        seen(now, code, update)
            .expect("an answer")
            .expect("a state")
    }

    #[test]
    fn words_become_conditions() {
        let kms = Some("DisabledKMSKey");
        let cases = [
            (None, None, None, "exists", Condition::Good),
            (
                Some("Active"),
                Some(""),
                Some(""),
                "Active",
                Condition::Good,
            ),
            (
                Some("Active"),
                None,
                Some("Successful"),
                "Active",
                Condition::Good,
            ),
            (
                Some("Active"),
                None,
                Some("InProgress"),
                "Active",
                Condition::Changing,
            ),
            (
                Some("Active"),
                None,
                Some("Failed"),
                "update failed",
                Condition::Impaired,
            ),
            (
                Some("Active"),
                kms,
                None,
                "Active (DisabledKMSKey)",
                Condition::Impaired,
            ),
            (Some("Inactive"), None, None, "Inactive", Condition::Good),
            (
                Some("Inactive"),
                Some("Idle"),
                None,
                "Inactive",
                Condition::Good,
            ),
            (
                Some("Inactive"),
                Some("Restoring"),
                None,
                "Inactive",
                Condition::Changing,
            ),
            (
                Some("Inactive"),
                kms,
                None,
                "Inactive (DisabledKMSKey)",
                Condition::Broken,
            ),
            (
                Some("Inactive"),
                kms,
                Some("InProgress"),
                "Inactive (DisabledKMSKey)",
                Condition::Broken,
            ),
            (
                Some("Inactive"),
                Some("Idle"),
                Some("Failed"),
                "update failed",
                Condition::Impaired,
            ),
            (
                Some("Pending"),
                Some("Creating"),
                None,
                "Pending",
                Condition::Changing,
            ),
            (
                Some("Pending"),
                kms,
                None,
                "Pending (DisabledKMSKey)",
                Condition::Impaired,
            ),
            (
                Some("Deactivating"),
                Some("DrainingDurableExecutions"),
                None,
                "Deactivating",
                Condition::Changing,
            ),
            (
                Some("Failed"),
                Some("ImageDeleted"),
                Some("Failed"),
                "Failed",
                Condition::Broken,
            ),
            (
                Some("Failed"),
                Some("Tired"),
                None,
                "Failed",
                Condition::Broken,
            ),
        ];
        for (now, code, update, word, expected) in cases {
            let state = known(now, code, update);
            let got = (state.word.raw(), state.condition);
            assert_eq!(got, (word, expected), "{now:?} {code:?} {update:?}");
        }
    }

    /// Every state with every reason and every outcome of an update that the service has.
    #[test]
    fn a_reason_other_than_rest_is_never_health() {
        let harmless = ["Creating", "DrainingDurableExecutions", "Idle", "Restoring"];
        for now in State::values() {
            for code in StateReasonCode::values() {
                for update in LastUpdateStatus::values() {
                    let state = known(Some(now), Some(code), Some(update));
                    let is_fault = !harmless.contains(code);
                    let good = state.condition < Condition::Impaired;
                    // A function that is not to be called needs nothing that could be missing.
                    let counts = *now != "ActiveNonInvocable";
                    assert!(!(is_fault && counts && good), "{now} {code} {update}");
                    assert!(!(*update == "Failed" && good), "{now} {code} {update}");
                    assert!(state.reason.is_some(), "{now} {code} {update}");
                }
            }
        }
    }

    #[test]
    fn words_that_are_not_known_are_not_health() {
        for (now, code, update) in [
            (Some("Sleeping"), None, None),
            (Some("Inactive"), Some("Tired"), None),
            (Some("Active"), None, Some("Halfway")),
        ] {
            let failure = seen(now, code, update).expect_err("a gap");
            assert_eq!(
                failure.cause,
                GapCause::Garbled,
                "{now:?} {code:?} {update:?}"
            );
        }
    }

    #[test]
    fn the_code_stands_in_for_a_missing_sentence() {
        let code = StateReasonCode::ImageAccessDenied;
        let words = Words {
            now: Some(&State::Failed),
            code: Some(&code),
            reason: Some(""),
            ..Words::default()
        };
        let state = condition(GET, words).expect("an answer").expect("a state");
        assert_eq!(state.reason.expect("a reason").raw(), "ImageAccessDenied");
    }
}
