//! The page of `dashboard --format html` in a browser: nothing that axe-core finds, nothing
//! that it asks of the network, nothing wider than the window, at three widths in both themes.
//!
//! Needs Chromium (on Debian: `apt-get install chromium`). Without one these tests say so and
//! pass; with `FRACTARY_REQUIRE_BROWSER=1`, as in `.ci/run`, they fail. With
//! `FRACTARY_SCREENSHOTS=DIR` they leave pictures to look at.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests find their browser in the environment, and say where there is none"
)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fractary::model::dashboard::Dashboard;
use fractary::render::html;
use fractary::render::templates::Templates;
use serde_json::{Value, json};

#[expect(dead_code, reason = "the support has more than this binary needs")]
#[path = "support/hostile.rs"]
mod hostile;
#[path = "support/venv.rs"]
mod venv;

const BUSY: &str = include_str!("../src/render/samples/dashboard-busy.json");
const HEALTHY: &str = include_str!("../src/render/samples/dashboard-healthy.json");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser")
}

/// The browser, or why there is none.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = named.or_else(|| {
        std::env::split_paths(&path)
            .flat_map(|dir| ["chromium", "chromium-browser", "google-chrome"].map(|n| dir.join(n)))
            .find(|program| program.is_file())
    });
    let required = std::env::var("FRACTARY_REQUIRE_BROWSER").is_ok_and(|value| value == "1");
    assert!(
        found.is_some() || !required,
        "FRACTARY_REQUIRE_BROWSER=1, and there is no Chromium"
    );
    found
}

fn page(sample: &str) -> String {
    let dashboard: Dashboard = serde_json::from_str(sample).expect("a dashboard");
    html::dashboard(&dashboard, &Templates::built_in()).expect("a page")
}

/// What the browser saw of these pages: one value a page, theme and width. `None`, said
/// aloud, where there is no browser.
fn look(pages: &[(&str, String)]) -> Option<Vec<Value>> {
    let Some(chromium) = chromium() else {
        eprintln!("SKIPPED: no Chromium here; `apt-get install chromium` brings it");
        return None;
    };
    let dir = tempfile::tempdir().expect("a temporary folder");
    let files: BTreeMap<&str, PathBuf> = pages
        .iter()
        .map(|(name, text)| {
            let file = dir.path().join(format!("{name}.html"));
            std::fs::write(&file, text).expect("it can be written");
            (*name, file)
        })
        .collect();
    let shots = std::env::var("FRACTARY_SCREENSHOTS").ok();
    let asked = json!({ "chromium": chromium, "shots": shots, "pages": files });
    let python = venv::ensure("browser", &folder().join("requirements.txt"));
    let mut child = Command::new(venv::program(&python, "python"))
        .arg(folder().join("check.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the environment has Python");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(asked.to_string().as_bytes())
        .expect("it reads its input");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "tests/browser/check.py failed");
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn the_page_is_for_everyone_and_asks_nothing_of_the_network() {
    let pages = [("busy", page(BUSY)), ("healthy", page(HEALTHY))];
    let Some(seen) = look(&pages) else { return };
    assert_eq!(seen.len(), pages.len() * 6);
    for one in &seen {
        let nothing = json!([]);
        assert_eq!(one["violations"], nothing, "{one:#}");
        assert_eq!(one["complaints"], nothing, "{one:#}");
        let requests = one["requests"].as_array().expect("a list");
        assert_eq!(requests.len(), 1, "only the page itself: {one:#}");
        assert_eq!(one["overflow"], 0, "{one:#}");
        // It did look.
        assert!(one["checked"].as_u64() > Some(20), "{one:#}");
        assert_eq!(one["first_focus"], "Skip to the status", "{one:#}");
        assert_eq!(one["after_skip"], "MAIN", "{one:#}");
    }
    let backgrounds: std::collections::BTreeSet<_> = seen
        .iter()
        .map(|one| (one["theme"].to_string(), one["background"].to_string()))
        .collect();
    assert_eq!(backgrounds.len(), 2, "one a theme: {backgrounds:?}");
}

/// The browser itself would say so: with the policy, markup that got through can do nothing,
/// and without an escape there would be elements that are not ours.
#[test]
fn hostile_text_is_text() {
    let corpus = hostile::corpus();
    let mut dashboard: Value = serde_json::from_str(BUSY).expect("JSON");
    let mut texts = corpus.iter().map(|payload| payload.text.clone()).cycle();
    for path in ["top_issues", "recently_resolved"] {
        for row in dashboard[path].as_array_mut().expect("rows") {
            for field in ["title", "resource", "next_command", "kind"] {
                row[field] = texts.next().expect("endless").into();
            }
        }
    }
    let plain = page(BUSY);
    let hostile = page(&dashboard.to_string());
    hostile::check_anywhere(&corpus, "html", &hostile);
    let Some(seen) = look(&[("hostile", hostile.clone())]) else {
        return;
    };
    for one in &seen {
        assert_eq!(one["complaints"], json!([]), "{one:#}");
        assert_eq!(one["requests"].as_array().map(Vec::len), Some(1), "{one:#}");
        assert_eq!(one["overflow"], 0, "{one:#}");
    }
    let tags = |text: &str| text.matches('<').count();
    assert_eq!(tags(&plain), tags(&hostile), "only our own elements");
}
