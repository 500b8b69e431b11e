//! Keys that decide nothing in this version, so that none is accepted and ignored in silence:
//! what relies on them is warned of, and the reference says it.
//!
//! Every key that is not here has an effect; a test sets each of them and looks for it.

use serde_json::Value;

use crate::state::diagnostic::locate::PathStep;
use crate::state::diagnostic::problem::Problem;
use crate::state::documents::DocumentType;

/// What a key that decides nothing is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdleKey {
    /// Whoever sets it relies on what does not happen, for this reason. Worth a warning.
    NoEffectYet(&'static str),
    /// A note for people and other programs.
    Note,
}

use IdleKey::{NoEffectYet, Note};

/// Document, key as the reference writes it, and why it decides nothing. A key stands for all
/// below it.
const IDLE: &[(&str, &str, IdleKey)] = &[
    ("environments", "environments.<name>.description", Note),
    (
        "monitoring",
        "cloudwatch",
        NoEffectYet("the files of kinds say which logs and metrics are read"),
    ),
    ("domain-monitors", "monitors[].manager", Note),
    ("domain-monitors", "monitors[].capabilities", Note),
    ("domain-monitors", "planned_domains", Note),
    ("devops", "project.organization", Note),
    ("devops", "handlers.hosting.aws.account_id", Note),
    ("devops", "handlers.hosting.aws.region", Note),
    ("deployments", "created_at", Note),
    ("deployments", "deployments[].plan_sha256", Note),
    ("deployments", "deployments[].record.consent.ref", Note),
    ("deployments", "deployments[].record.serial_before", Note),
    ("registry", "project", Note),
    ("registry", "resources[].created", Note),
];

/// Why a key, as the reference writes it, decides nothing; `None` where it has an effect.
pub fn idle_key(document: &str, name: &str) -> Option<IdleKey> {
    let is_it = |of: &str, pattern: &str| {
        let rest = name.strip_prefix(pattern);
        of == document && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let mut all = IDLE.iter();
    all.find(|(of, pattern, _)| is_it(of, pattern))
        .map(|(.., idle)| *idle)
}

/// Every key that decides nothing, with its document.
pub fn idle_keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    IDLE.iter().map(|(document, name, _)| (*document, *name))
}

/// Warns of what a document sets that has no effect yet.
pub(crate) fn without_effect(document_type: &DocumentType, tree: &Value) -> Vec<Problem> {
    let mut out = Vec::new();
    for (document, pattern, idle) in IDLE {
        let NoEffectYet(why) = idle else { continue };
        if *document != document_type.name {
            continue;
        }
        let steps: Vec<&str> = pattern.split('.').collect();
        find(tree, &steps, &mut Vec::new(), &mut |path, value| {
            if says_nothing(value) {
                return;
            }
            let message = format!("`{}` has no effect yet: {why}", written(path));
            let problem = Problem::warning(path, "state/no-effect", message).on_key();
            out.push(problem.help("remove it, or leave it for a version that reads it"));
        });
    }
    out
}

/// What stands for nothing being asked for.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => false,
    }
}

fn find(
    value: &Value,
    steps: &[&str],
    path: &mut Vec<PathStep>,
    hit: &mut dyn FnMut(&[PathStep], &Value),
) {
    let Some((first, rest)) = steps.split_first() else {
        return hit(path, value);
    };
    let Some(map) = value.as_object() else { return };
    for (key, inner) in map {
        if *first == "<name>" || first == key {
            path.push(PathStep::Key(key.clone()));
            find(inner, rest, path, hit);
            path.pop();
        }
    }
}

fn written(path: &[PathStep]) -> String {
    let keys = path.iter().filter_map(|step| match step {
        PathStep::Key(key) => Some(crate::text::escape::terminal(key)),
        PathStep::Index(_) => None,
    });
    keys.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::documents;

    #[test]
    fn what_relies_on_nothing_is_named_once_and_with_its_key() {
        let tree = serde_json::json!({
            "cloudwatch": { "log_retention_days": 5 },
            "remediation": { "auto_remediate": [], "never_auto": ["delete"] },
            "dependencies": { "api": ["db"] },
        });
        let of = documents::find("monitoring").expect("a type");
        let said: Vec<String> = without_effect(of, &tree)
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert_eq!(
            said,
            [
                "`cloudwatch` has no effect yet: the files of kinds say which logs and metrics \
                 are read",
            ]
        );
    }

    #[test]
    fn a_key_stands_for_what_is_below_it() {
        assert_eq!(
            idle_key("domain-monitors", "planned_domains[].domain"),
            Some(Note)
        );
        assert_eq!(idle_key("devops", "handlers.iac.active"), None);
        assert_eq!(idle_key("monitoring", "cost.daily_budget_usd"), None);
        assert_eq!(idle_key("monitoring", "remediation.cooldown"), None);
        assert_eq!(idle_key("helm", "cost"), None);
    }
}
