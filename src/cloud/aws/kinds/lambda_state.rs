//! What Lambda says about a function, as facts. What its words mean is in the kind's table.

use serde_json::Value;

use crate::cloud::aws::kinds::said;
use crate::cloud::aws::kinds::stated;
use crate::cloud::aws::kinds::text;
use crate::cloud::aws::seen::{Seen, SeenStatus};

/// What Lambda says of one function. What is empty says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words<'a> {
    pub(super) now: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
    pub(super) update: Option<&'a str>,
    pub(super) update_code: Option<&'a str>,
    pub(super) update_reason: Option<&'a str>,
}

impl<'a> Words<'a> {
    /// Those of a configuration, which is an answer or an item of a list.
    pub(super) fn of(configuration: &'a Value) -> Self {
        Self {
            now: said(configuration, "State"),
            code: said(configuration, "StateReasonCode"),
            reason: said(configuration, "StateReason"),
            update: said(configuration, "LastUpdateStatus"),
            update_code: said(configuration, "LastUpdateStatusReasonCode"),
            update_reason: said(configuration, "LastUpdateStatusReason"),
        }
    }
}

/// Codes of a state that is not a fault: its own reason says less than that of an update.
const NO_FAULT: [&str; 4] = ["Creating", "DrainingDurableExecutions", "Idle", "Restoring"];

/// The state of a function that exists.
pub(super) fn status(words: Words<'_>) -> SeenStatus {
    let (now, code, update) = (words.now, words.code, words.update);
    let of_state = words.reason.or(code);
    let of_update = words.update_reason.or(words.update_code);
    let is_fault = code.is_some_and(|code| !NO_FAULT.contains(&code))
        || matches!(now, Some("Failed" | "Deactivated" | "Deleting"));
    let is_news = matches!(update, Some("Failed" | "InProgress"));
    let reason = match is_news && !is_fault {
        true => of_update.or(of_state),
        false => of_state,
    };
    let word = now.unwrap_or("exists");
    SeenStatus::known(stated(word, reason))
        .with("status", text(Some(word)))
        .with("code", text(code))
        .with("update", text(update))
        .with("update_code", text(words.update_code))
}

/// The same, with how much concurrency is kept for it.
pub(super) fn with_concurrency(status: SeenStatus, reserved: Seen<f64>) -> SeenStatus {
    status.with("reserved_concurrency", reserved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::catalog::kinds::states::Meaning;
    use crate::model::ids::KindId;

    /// All that the API reference of Lambda lists, as of November 2026.
    const STATES: [&str; 8] = [
        "Active",
        "ActiveNonInvocable",
        "Deactivated",
        "Deactivating",
        "Deleting",
        "Failed",
        "Inactive",
        "Pending",
    ];

    /// The same of `StateReasonCode`.
    const REASONS: [&str; 32] = [
        "CapacityProviderScalingLimitExceeded",
        "Creating",
        "DependencyError",
        "DisabledKMSKey",
        "DisallowedByVpcEncryptionControl",
        "DrainingDurableExecutions",
        "EC2RequestLimitExceeded",
        "EFSIOError",
        "EFSMountConnectivityError",
        "EFSMountFailure",
        "EFSMountTimeout",
        "EniLimitExceeded",
        "FunctionError",
        "Idle",
        "ImageAccessDenied",
        "ImageDeleted",
        "InsufficientCapacity",
        "InsufficientRolePermissions",
        "InternalError",
        "InvalidConfiguration",
        "InvalidImage",
        "InvalidRuntime",
        "InvalidSecurityGroup",
        "InvalidStateKMSKey",
        "InvalidSubnet",
        "InvalidZipFileException",
        "KMSKeyAccessDenied",
        "KMSKeyNotFound",
        "Restoring",
        "ServiceQuotaExceededException",
        "SubnetOutOfIPAddresses",
        "VcpuLimitExceeded",
    ];

    /// The same of `LastUpdateStatus`.
    const UPDATES: [&str; 3] = ["Failed", "InProgress", "Successful"];

    /// What the kind's table makes of these words, and the reason.
    fn seen(
        now: Option<&str>,
        code: Option<&str>,
        update: Option<&str>,
    ) -> (Option<Meaning>, String) {
        let status = status(Words {
            now,
            code,
            reason: Some("why"),
            update,
            update_code: None,
            update_reason: Some("why of the update"),
        });
        let catalog = Catalog::built_in().expect("the catalogue");
        let id = KindId::new("lambda").expect("a kind's id");
        let (kind, programs) = catalog.kind_with_programs(&id).expect("the kind");
        let facts = status.facts;
        let lookup = |name: &str| {
            let value = facts.get(name).cloned().unwrap_or(Ok(None));
            Some(match value.expect("nothing failed") {
                Some(value) => crate::model::fact::Fact::Known(value),
                None => crate::model::fact::Fact::Absent,
            })
        };
        let table = kind.states().expect("a table");
        let row = table.find(&programs.states, lookup).expect("all is known");
        let reason = status.state.expect("no failure").expect("it exists").reason;
        let reason = reason.map_or_else(String::new, |reason| reason.raw().to_owned());
        (row.map(|(_, row)| row.means), reason)
    }

    /// Every state with every reason and every outcome of an update that the service has.
    #[test]
    fn a_reason_other_than_rest_is_never_health() {
        for now in STATES {
            for code in REASONS {
                for update in UPDATES {
                    let (means, reason) = seen(Some(now), Some(code), Some(update));
                    let means = means.expect("a row");
                    assert_ne!(means, Meaning::Unknown, "{now} {code} {update}");
                    let is_fault = !NO_FAULT.contains(&code);
                    let good = means < Meaning::Degraded;
                    // A function that is not to be called needs nothing that could be missing.
                    let counts = now != "ActiveNonInvocable";
                    assert!(!(is_fault && counts && good), "{now} {code} {update}");
                    assert!(!(update == "Failed" && good), "{now} {code} {update}");
                    assert!(!reason.is_empty(), "{now} {code} {update}");
                }
            }
        }
    }

    #[test]
    fn words_that_are_not_known_are_not_health() {
        for (now, code, update) in [
            (Some("Sleeping"), None, None),
            (Some("Sleeping"), None, Some("InProgress")),
            (Some("Inactive"), Some("Tired"), None),
            (Some("Active"), None, Some("Halfway")),
        ] {
            let means = seen(now, code, update).0;
            let is_unknown = matches!(means, None | Some(Meaning::Unknown));
            assert!(is_unknown, "{now:?} {code:?} {update:?}: {means:?}");
        }
    }

    #[test]
    fn the_reason_is_that_of_what_matters() {
        for (now, code, update, reason) in [
            (Some("Active"), None, Some("Failed"), "why of the update"),
            (
                Some("Inactive"),
                Some("Idle"),
                Some("Failed"),
                "why of the update",
            ),
            (
                Some("Inactive"),
                Some("DisabledKMSKey"),
                Some("InProgress"),
                "why",
            ),
            (Some("Failed"), Some("ImageDeleted"), Some("Failed"), "why"),
            (Some("Active"), None, Some("Successful"), "why"),
        ] {
            assert_eq!(seen(now, code, update).1, reason, "{now:?} {code:?}");
        }
    }

    #[test]
    fn the_code_stands_in_for_a_missing_sentence() {
        let status = status(Words::of(&serde_json::json!({
            "State": "Failed",
            "StateReasonCode": "ImageAccessDenied",
            "StateReason": "",
        })));
        let state = status.state.expect("an answer").expect("a state");
        assert_eq!(state.reason.expect("a reason").raw(), "ImageAccessDenied");
    }
}
