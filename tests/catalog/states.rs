//! `docs/reference/kinds/`: which states and metrics of a kind exist when, and what each means.

use std::collections::BTreeSet;
use std::path::PathBuf;

use fractary::catalog::kinds::kind::{Kind, WhenAbsent};
use fractary::catalog::kinds::states::{Meaning, StateRow};

use super::{catalog, update_docs};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/kinds"))
}

#[test]
fn the_pages_of_states_are_up_to_date() {
    let mut wanted = BTreeSet::new();
    for kind in catalog().kinds() {
        let path = folder().join(format!("{}.md", kind.id));
        let page = page(kind);
        if update_docs() {
            std::fs::create_dir_all(folder()).expect("the folder can be made");
            std::fs::write(&path, &page).expect("the page can be written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found.replace("\r\n", "\n") == page,
            "{} is out of date: run `UPDATE_DOCS=1 cargo test --test catalog`",
            path.display()
        );
        wanted.insert(path);
    }
    let found = std::fs::read_dir(folder()).expect("the folder is there");
    let found: BTreeSet<PathBuf> = found.map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(found, wanted, "pages of kinds that are gone");
}

/// A table says where it is from, so that it can be held against that when AWS changes.
#[test]
fn every_table_names_its_source() {
    for kind in catalog().kinds() {
        let Some(status) = &kind.status else { continue };
        assert_eq!(
            status.states.is_empty(),
            status.sources.is_empty(),
            "{}: `status.sources`",
            kind.id
        );
        for source in &status.sources {
            let of_aws = source.starts_with("https://docs.aws.amazon.com/");
            assert!(of_aws, "{}: {source}", kind.id);
        }
    }
}

fn page(kind: &Kind) -> String {
    let (id, plural) = (&kind.id, &kind.plural);
    let mut out = format!(
        "<!-- Generated from src/catalog/kinds/{id}.toml by tests/catalog/states.rs: UPDATE_DOCS=1 cargo test --test catalog -->\n\
         # {plural}: states and metrics\n\n\
         Which states AWS may tell of and what Fractary makes of each, and which metrics exist when.\n\
         Each row is a case that the tests run. Indicators and targets:\n\
         [kinds.md](../../kinds.md#{id}).\n"
    );
    states(kind, &mut out);
    metrics(kind, &mut out);
    out
}

fn states(kind: &Kind, out: &mut String) {
    out.push_str("\n## States\n\n");
    let Some(status) = &kind.status else {
        out.push_str(
            "None is asked for: a resource is evaluated from metrics and alarms alone, and whether\n\
             it exists is not checked.\n",
        );
        return;
    };
    if status.states.is_empty() {
        out.push_str("What AWS's words mean is in the code, not in a table yet.\n");
        return;
    }
    out.push_str(
        "The first row that fits counts. A state that fits none is UNKNOWN. Where AWS reports no\n\
         metrics, the lack of them is no gap.\n\n\
         | state | means | status | metrics | AWS says |\n|---|---|---|---|---|\n",
    );
    for row in &status.states {
        let mut status = match row.means {
            Meaning::Changing => "HEALTHY, and said".to_owned(),
            other => other.status().to_string(),
        };
        if !row.excuses.is_empty() {
            let excused: Vec<String> = row.excuses.iter().map(|id| format!("`{id}`")).collect();
            status.push_str(&format!("; {} may miss its target", excused.join(", ")));
        }
        let (state, means, aws) = (state(row), row.means.word(), &row.aws);
        let measured = if row.measured { "yes" } else { "none" };
        out.push_str(&format!(
            "| {state} | {means} | {status} | {measured} | {aws} |\n"
        ));
    }
    out.push_str("\nSources:\n\n");
    for source in &status.sources {
        out.push_str(&format!("- <{source}>\n"));
    }
}

/// `` `ACTIVE` where `a > 1` ``.
fn state(row: &StateRow) -> String {
    let code = |text: &String| format!("`{}`", text.replace('|', "\\|"));
    let mut out = row.word.as_ref().map(code).unwrap_or_default();
    if let Some(when) = &row.when {
        let joint = if out.is_empty() { "where " } else { " where " };
        out.push_str(&format!("{joint}{}", code(when)));
    }
    if out.is_empty() {
        out.push_str("any other");
    }
    if let Some(shown) = &row.shown {
        out.push_str(&format!(", shown as {shown}"));
    }
    out
}

fn metrics(kind: &Kind, out: &mut String) {
    out.push_str("\n## Metrics\n\n");
    out.push_str("| metric | in CloudWatch | exists | no data points mean |\n|---|---|---|---|\n");
    for metric in &kind.metrics {
        let exists = metric.exists_when.as_ref().map_or_else(
            || "everywhere".to_owned(),
            |when| format!("where `{}`", when.replace('|', "\\|")),
        );
        let absent = match metric.when_absent {
            WhenAbsent::Zero => "zero",
            WhenAbsent::Skip => "not collected",
            WhenAbsent::Unknown => "UNKNOWN",
        };
        let exists = match &metric.part {
            Some(part) => format!("for each {part}"),
            None => exists,
        };
        let (id, name) = (&metric.id, &metric.metric);
        out.push_str(&format!("| `{id}` | `{name}` | {exists} | {absent} |\n"));
    }
}
