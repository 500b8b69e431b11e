//! Ways for someone who may do a little to be able to do more.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;

static PATHS: LazyLock<PathsForm> = LazyLock::new(|| {
    let (_, text) = folders::ESCALATIONS.files[0];
    toml::from_str(text).expect("tests rule out that the built-in table is faulty")
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathsForm {
    path: Vec<EscalationPath>,
}

/// Actions that suffice together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationPath {
    /// Its id.
    pub id: String,
    /// What is needed, all of it.
    pub actions: Vec<String>,
    /// On what.
    pub target: EscalationTarget,
    /// The kind of principal that it is for, where that matters: `user`, `role`, `group`.
    #[serde(default)]
    pub of: Option<String>,
    /// The service that a role is passed to.
    #[serde(default)]
    pub service: Option<String>,
    /// What follows the principal in a sentence; `{target}` is what it is done to.
    pub words: String,
}

/// What the actions of a path are done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationTarget {
    /// The principal itself, or its group.
    Own,
    /// A policy that is attached to it.
    Attached,
    /// A user who may do more.
    User,
    /// A role that may do more.
    Role,
    /// A role that may do more and trusts the service.
    Pass,
    /// A function whose role may do more.
    Function,
}

/// Returns the paths that are built in.
pub fn built_in() -> &'static [EscalationPath] {
    &PATHS.path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_pass_a_role_name_the_service() {
        for path in built_in() {
            let passes = path.target == EscalationTarget::Pass;
            assert_eq!(passes, path.service.is_some(), "{}", path.id);
            assert_eq!(passes, path.actions[0] == "iam:PassRole", "{}", path.id);
            assert!(!path.actions.is_empty());
        }
    }
}
