//! Every type is known in full and everywhere, and nothing is known that has no type.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::document_type::Merge;
use super::types::texts::TEXTS;
use super::*;
use crate::model::ids::{DomainName, EnvironmentName, IssueId};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Names of what is in a folder, without this ending.
fn names_in(folder: &str, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(repository(folder)).expect("the folder");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .collect()
}

fn known() -> BTreeSet<String> {
    all().iter().map(|known| known.name.to_owned()).collect()
}

#[test]
fn every_type_has_a_file_of_its_name_and_every_file_a_type() {
    let files = names_in("src/state/documents/types", ".rs").into_iter();
    let files = files.filter(|file| file != "mod" && file != "texts");
    let files: BTreeSet<_> = files.map(|file| file.replace('_', "-")).collect();
    assert_eq!(files, known());
    assert_eq!(all().len(), known().len(), "names are unique");
}

#[test]
fn every_type_has_a_schema_and_every_schema_a_type() {
    assert_eq!(names_in("schemas", ".schema.json"), known());
    for known in all() {
        known.schema.compiled();
        let file = repository(&format!("schemas/{}.schema.json", known.name));
        assert_eq!(fs::read_to_string(file).expect("a schema"), known.schema());
    }
    assert!(find("nothing").is_none());
}

#[test]
fn every_type_has_samples_and_every_sample_a_type() {
    assert_eq!(names_in("tests/samples", ""), known());
    for known in all() {
        let samples = names_in(&format!("tests/samples/{}", known.name), "");
        for kind in ["good-", "bad-"] {
            let there = samples.iter().any(|sample| sample.starts_with(kind));
            assert!(there, "{} has no sample `{kind}…`", known.name);
        }
        for sample in &samples {
            let named = sample.starts_with("good-") || sample.starts_with("bad-");
            assert!(named, "{}/{sample}", known.name);
        }
        assert!(samples.contains(known.sample), "{}", known.sample);
        assert!(known.sample.starts_with("good-"), "{}", known.sample);
    }
}

#[test]
fn places_lie_below_the_root_and_are_of_one_type() {
    let documents = all().iter().flat_map(|known| known.all_places());
    let places: Vec<_> = documents
        .chain(TEXTS.iter().map(|text| text.place))
        .collect();
    for place in &places {
        let example = place.fill_with(|name| format!("{name}-1"));
        assert!(example.as_str().starts_with(".fractary/"), "{example}");
        let fitting = places
            .iter()
            .filter(|other| other.matches(example.as_str()));
        assert_eq!(fitting.count(), 1, "{example}");
    }
    for known in all() {
        let toml = known.language == crate::state::diagnostic::locate::Language::Toml;
        for place in known.all_places() {
            let ending = if toml { ".toml" } else { ".json" };
            assert!(place.pattern().ends_with(ending), "{}", place.pattern());
        }
    }
}

#[test]
fn paths_are_those_of_their_types() {
    let env = EnvironmentName::new("prod").expect("a name");
    let id = IssueId::new("infra-7f3a2c").expect("an id");
    let domain = DomainName::new("data").expect("a name");
    let at = "2026-03-04T05:06:07Z".parse().expect("a time");
    for (path, name) in [
        (paths::environments(), "environments"),
        (paths::aws_credentials(), "aws-credentials"),
        (paths::devops(), "devops"),
        (paths::registry(&env), "registry"),
        (paths::deployments(), "deployments"),
        (paths::domain_monitors(), "domain-monitors"),
        (paths::monitoring_toml(), "monitoring"),
        (paths::old_monitoring_toml(), "monitoring"),
        (paths::helm_toml(), "helm"),
        (paths::issue_active(&id), "issue"),
        (paths::issue_resolved(&id), "issue"),
        (paths::latest(&env), "health-check"),
        (paths::report(&env, at), "health-check"),
        (paths::history(&env), "monitoring-history"),
        (paths::slo_budgets(&env), "slo-budgets"),
        (paths::domain_latest(&domain, &env), "domain-report"),
        (paths::iam_audit(), "iam-audit"),
        (paths::issue_log(), "issue-log"),
        (paths::remediation_log(&env), "remediation-log"),
    ] {
        assert_eq!(type_at(&path).map(|known| known.name), Some(name), "{path}");
    }
    let archive = paths::log_archive(&paths::iam_audit(), "2026-05");
    assert!(type_at(&archive).is_none());
    let places = find("iam-audit").expect("a type").archives;
    assert!(places.iter().any(|place| place.matches(archive.as_str())));
}

#[test]
fn a_project_may_lie_in_a_folder_of_its_repository() {
    for (path, name) in [
        (
            "apps/orders/.fractary/shared/environments.json",
            Some("environments"),
        ),
        ("x.fractary/shared/environments.json", None),
        ("shared/environments.json", None),
    ] {
        let path = RepoPath::new(path).expect("a path");
        assert_eq!(type_at(&path).map(|known| known.name), name, "{path}");
    }
}

/// `fractary init` tells git to merge with this program what this program knows how to merge.
#[test]
fn git_is_told_of_everything_that_is_merged() {
    let attributes = include_str!("../../../templates/init/gitattributes");
    let patterns: Vec<_> = attributes
        .lines()
        .filter_map(|line| line.strip_suffix(" merge=fractary"))
        .collect();
    let named = |file: &str| {
        let fits = |pattern: &&str| match pattern.strip_prefix('*') {
            Some(ending) => file.ends_with(ending),
            None => file == *pattern,
        };
        patterns.iter().any(fits)
    };
    for known in all() {
        let merged = !matches!(known.merge, Merge::Never);
        for place in known.all_places() {
            assert_eq!(named(place.file_name()), merged, "{}", place.pattern());
        }
    }
    for text in TEXTS {
        let file = text.place.file_name();
        // What is no document is merged as text by the driver, too.
        let merged = text.is_generated || file.ends_with(".json");
        assert_eq!(named(file), merged, "{file}");
    }
}

#[test]
fn people_write_configuration_and_this_program_the_rest() {
    let is = |text: &str| is_configuration(&RepoPath::new(text).expect("a path"));
    for theirs in [
        ".fractary/shared",
        ".fractary/shared/environments.json",
        ".fractary/shared/notes.json",
        ".fractary/plugins/helm/config/helm.toml",
        ".fractary/plugins/helm/config",
        ".fractary/plugins/helm-cloud/config/more/deep.toml",
        ".fractary/plugins/helm-cloud/monitoring.toml",
        ".fractary/plugins/helm-cloud/kinds",
        ".fractary/plugins/helm-cloud/kinds/queue.toml",
        ".fractary/plugins/helm/registry/domain-monitors.json",
        ".fractary/templates",
        ".fractary/templates/x.j2",
        ".github/workflows/x.yml",
    ] {
        assert!(is(theirs), "{theirs}");
    }
    for ours in [
        ".fractary",
        ".fractary/plugins",
        ".fractary/plugins/helm",
        ".fractary/plugins/helm/DASHBOARD.md",
        ".fractary/plugins/helm/work-items/infra-7f3a2c.md",
        ".fractary/plugins/helm/issues/active/a.json",
        ".fractary/plugins/helm-cloud",
        ".fractary/plugins/helm-cloud/monitoring/prod",
        ".fractary/plugins/helm-cloud/monitoring/prod/latest.json",
        ".fractary/plugins/faber-cloud/deployments/prod/registry.json",
        ".fractary/registry/deployments.json",
    ] {
        assert!(!is(ours), "{ours}");
    }
}

#[test]
fn the_page_about_adding_a_document_shows_a_real_entry() {
    let page = include_str!("../../../docs/development/adding-a-document.md");
    let shown = page.split("```rust\n").nth(1).expect("an entry");
    let shown = shown.split("```").next().expect("its end");
    assert_eq!(shown, include_str!("types/devops.rs"));
}
