//! What a change does to the rules in `.fractary/`: those that reviews and deployments are held
//! against, and those by which something is run or done without a question. Neither counts before
//! it is merged, and both are easily missed in a long difference.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::checks::Check;
use crate::catalog::registry::DataFile;
use crate::model::paths::RepoPath;
use crate::state::documents::paths;
use crate::text::escape;

/// Most changes of a file that are listed.
const MOST_LISTED: usize = 20;
/// Most characters of a value.
const MOST_SHOWN: usize = 120;

/// Keys of an environment that say how it is protected, what it is, and as whom it is changed.
const PROTECTION: &[&str] = &[
    "account_id",
    "critical",
    "remediation_role_arn",
    "requires_confirmation",
    "role_arn",
];

/// Says what changes that reviews and deployments are held against, a sentence each.
pub(super) fn of_reviews(path: &RepoPath, old: &str, new: &str) -> Vec<String> {
    match path.file_name() {
        "suppressions.toml" => tables(old, new, "asks to suppress"),
        "attestations.toml" => tables(old, new, "attests"),
        "helm.toml" => sections(&toml_tree(old), &toml_tree(new), "review"),
        "monitoring.toml" => sections(&toml_tree(old), &toml_tree(new), "compliance"),
        _ if *path == paths::environments() => {
            let (old, new) = (json_tree(old), json_tree(new));
            // A new environment lowers nothing.
            let was_there = |name: &str| old["environments"].get(name).is_some();
            let is_protection = |at: &str| {
                let path = at.strip_prefix("environments.");
                let split = path.and_then(|path| path.split_once('.'));
                split.is_some_and(|(name, key)| PROTECTION.contains(&key) && was_there(name))
            };
            leaves_changed(&old, &new, is_protection)
        }
        _ if is_check(path) => check_of_own(path.file_stem(), old, new),
        _ => Vec::new(),
    }
}

/// Says what changes of the programs that are run, and of what is done without a question.
pub(super) fn of_automation(path: &RepoPath, old: &str, new: &str) -> Vec<String> {
    if *path == paths::devops() {
        let is_one = |at: &str| at.starts_with("hooks.") || at.starts_with("environments.");
        return leaves_changed(&json_tree(old), &json_tree(new), is_one);
    }
    if *path == paths::domain_monitors() {
        let is_one = |at: &str| at.contains(".commands.") || at.ends_with(".status");
        return leaves_changed(&json_tree(old), &json_tree(new), is_one);
    }
    if *path == paths::monitoring_toml() {
        let is_one = |at: &str| at.starts_with("remediation.");
        return leaves_changed(&toml_tree(old), &toml_tree(new), is_one);
    }
    Vec::new()
}

/// A file that cannot be read has nothing; that it cannot be read is a finding of its own.
fn json_tree(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn toml_tree(text: &str) -> Value {
    toml::from_str(text).unwrap_or_default()
}

/// Every value of a tree by its path, `hooks.pre_deploy[0].run`.
fn leaves<'v>(tree: &'v Value, at: String, out: &mut BTreeMap<String, &'v Value>) {
    match tree {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let dot = if at.is_empty() { "" } else { "." };
                leaves(value, format!("{at}{dot}{key}"), out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, format!("{at}[{index}]"), out);
            }
        }
        _ => drop(out.insert(at, tree)),
    }
}

fn leaves_changed(old: &Value, new: &Value, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    leaves(old, String::new(), &mut before);
    leaves(new, String::new(), &mut after);
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = all
        .into_iter()
        .filter(|at| is_wanted(at) && before.get(at.as_str()) != after.get(at.as_str()));
    let said = changed.map(|at| {
        format!(
            "{}: from {} to {}",
            escape::cut(at, MOST_SHOWN),
            shown(before.get(at.as_str()).copied()),
            shown(after.get(at.as_str()).copied())
        )
    });
    listed(said.collect())
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(
        || "unset".to_owned(),
        |value| escape::cut(&value.to_string(), MOST_SHOWN),
    )
}

fn listed(mut all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(MOST_LISTED);
    all.truncate(MOST_LISTED);
    if more > 0 {
        all.push(format!("… and {more} more"));
    }
    all
}

/// Tables of a TOML file that are new or changed, one line each.
fn tables(old: &str, new: &str, verb: &str) -> Vec<String> {
    let list = |text: &str| -> Vec<String> {
        let tree: toml::Table = toml::from_str(text).unwrap_or_default();
        let tables = tree.values().filter_map(toml::Value::as_array).flatten();
        tables
            .map(|one| escape::cut(&one.to_string().replace('\n', ", "), 300))
            .collect()
    };
    let known = list(old);
    let added = list(new).into_iter().filter(|one| !known.contains(one));
    added.map(|one| format!("{verb}: {one}")).collect()
}

fn is_check(path: &RepoPath) -> bool {
    let folder = paths::checks_dir();
    let inside = path.as_str().strip_prefix(folder.as_str());
    inside.is_some_and(|rest| rest.starts_with('/') && rest.ends_with(".toml"))
}

/// What becomes of a check of your own. A new one takes nothing away, unless it replaces a built-in
/// one.
fn check_of_own(id: &str, old: &str, new: &str) -> Vec<String> {
    let is_built_in = Check::FOLDER.files.iter().any(|(stem, _)| *stem == id);
    let shown = escape::cut(id, 80);
    let what = match (old.is_empty(), new.is_empty()) {
        (true, _) if is_built_in => format!("replaces the built-in check `{shown}`"),
        (true, _) => return Vec::new(),
        (false, true) => format!("removes the check `{shown}`"),
        (false, false) if old == new => return Vec::new(),
        (false, false) => format!("changes the check `{shown}`"),
    };
    vec![what]
}

/// What changes in a section, by its keys.
fn sections(old: &Value, new: &Value, name: &str) -> Vec<String> {
    let empty = serde_json::Map::new();
    let section = |tree: &'_ Value| tree.get(name).and_then(Value::as_object).cloned();
    let (old, new) = (
        section(old).unwrap_or_else(|| empty.clone()),
        section(new).unwrap_or(empty),
    );
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = keys
        .into_iter()
        .filter(|key| old.get(*key) != new.get(*key));
    let said = changed.map(|key| {
        format!(
            "[{name}] {key}: from {} to {}",
            shown(old.get(key)),
            shown(new.get(key))
        )
    });
    said.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protection_that_is_lowered_is_named() {
        let old = r#"{ "environments": {
            "prod": { "account_id": "111111111111", "requires_confirmation": true, "region": "eu-west-1" },
            "live": { "critical": true, "remediation_role_arn": "arn:aws:iam::1:role/fix" } } }"#;
        let new = r#"{ "environments": {
            "prod": { "account_id": "111111111111", "region": "eu-central-1" },
            "new": { "account_id": "222222222222" } } }"#;
        assert_eq!(
            of_reviews(&paths::environments(), old, new),
            [
                "environments.live.critical: from true to unset",
                r#"environments.live.remediation_role_arn: from "arn:aws:iam::1:role/fix" to unset"#,
                "environments.prod.requires_confirmation: from true to unset",
            ]
        );
        assert_eq!(of_reviews(&paths::environments(), old, old), [""; 0]);
    }

    #[test]
    fn what_runs_from_then_on_is_named() {
        let hook = r#"{ "hooks": { "pre_deploy": [{ "run": "check.sh" }] },
            "environments": { "prod": { "auto_approve": true } } }"#;
        assert_eq!(
            of_automation(&paths::devops(), r#"{ "project": {} }"#, hook),
            [
                "environments.prod.auto_approve: from unset to true",
                r#"hooks.pre_deploy[0].run: from unset to "check.sh""#,
            ]
        );
        let remediation = "[remediation]\nauto_remediate = [\"restart_lambda\"]\n\
            [remediation.custom.mend]\nrun = [\"scripts/mend.sh\"]\n";
        assert_eq!(
            of_automation(&paths::monitoring_toml(), "", remediation),
            [
                r#"remediation.auto_remediate[0]: from unset to "restart_lambda""#,
                r#"remediation.custom.mend.run[0]: from unset to "scripts/mend.sh""#,
            ]
        );
        let monitors = |program: &str| {
            format!(
                r#"{{ "monitors": [{{ "plugin": "p", "commands": {{ "health": {{ "exec": ["{program}"] }} }} }}] }}"#
            )
        };
        assert_eq!(
            of_automation(&paths::domain_monitors(), &monitors("a"), &monitors("b")),
            [r#"monitors[0].commands.health.exec[0]: from "a" to "b""#]
        );
        let many: Vec<String> = (0..30).map(|at| format!("a{at} = [\"x\"]")).collect();
        let many = format!("[remediation]\n{}\n", many.join("\n"));
        let listed = of_automation(&paths::monitoring_toml(), "", &many);
        assert_eq!(listed.len(), 21);
        assert_eq!(listed.last().map(String::as_str), Some("… and 10 more"));
    }
}
