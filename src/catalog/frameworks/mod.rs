//! Frameworks of controls: which checks decide which control. Ids alone, no text of anyone's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;

static FRAMEWORKS: LazyLock<BTreeMap<&'static str, Framework>> = LazyLock::new(|| {
    let read = |(id, text): &(&'static str, &'static str)| {
        let form = toml::from_str(text).expect("tests rule out that the built-in files are faulty");
        (*id, form)
    };
    folders::FRAMEWORKS.files.iter().map(read).collect()
});

/// Controls by the check that decides them.
static CONTROLS: LazyLock<BTreeMap<&'static str, Vec<String>>> = LazyLock::new(|| {
    let mut out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, framework) in built_in() {
        for control in &framework.controls {
            let checks = control.checks.iter();
            let checks = checks.map(|one| one.split('#').next().unwrap_or(one));
            for check in checks.collect::<BTreeSet<&str>>() {
                let name = format!("{id}/{}", control.id);
                out.entry(check).or_default().push(name);
            }
        }
    }
    out
});

/// One version of a framework.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// What people call it.
    pub title: String,
    /// Its controls, in its order.
    #[serde(rename = "control")]
    pub controls: Vec<Control>,
}

/// One control.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its id in the framework.
    pub id: String,
    /// Ids of the checks that decide it; behind a `#`, the place that they look at
    /// (`cloudwatch-security-alarms#root-use`). Empty: a person has to look.
    #[serde(default)]
    pub checks: Vec<String>,
}

/// Returns every framework that is built in, by its id.
pub fn built_in() -> &'static BTreeMap<&'static str, Framework> {
    &FRAMEWORKS
}

/// Returns the controls that a check decides, as `framework/control`.
pub fn controls_of(check: &str) -> Vec<String> {
    CONTROLS.get(check).cloned().unwrap_or_default()
}
