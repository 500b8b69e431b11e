//! Names of operations and of the IAM actions that allow them.
//!
//! Operations are named as in the receipt (`lambda:ListFunctions`); IAM sometimes calls the
//! permission otherwise (`s3:HeadBucket` needs `s3:ListBucket`), which the kinds say as data.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::catalog::reads::Reads;
use crate::catalog::writes::Writes;

/// Who are we: the only operation that needs no permission.
pub(crate) const IDENTITY: &str = "sts:GetCallerIdentity";

/// Tells a topic: the only operation that changes anything, and only where helm.toml has a
/// channel of type `sns`.
pub(crate) const PUBLISH: &str = "sns:Publish";

/// Grants permissions: these operations and no others, and only for `permissions grant`, `revoke`
/// and `sync`, and for `infra deploy --fix-permissions`.
pub(crate) const GRANTING: [&str; 5] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicyVersion",
];

/// IAM actions by operation, where they are named otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Actions(BTreeMap<String, String>);

impl Actions {
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let renamed = catalog
            .kinds()
            .filter_map(|kind| kind.status.as_ref())
            .flat_map(|status| status.iam_actions.clone());
        Self(renamed.collect())
    }

    /// The action that allows an operation.
    pub(crate) fn action_of(&self, operation: &str) -> String {
        self.0
            .get(operation)
            .cloned()
            .or_else(|| Writes::built_in().action(operation))
            .unwrap_or_else(|| Reads::built_in().action(operation))
    }
}
