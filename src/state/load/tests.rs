use std::path::Path;
use std::time::Instant;

use super::*;
use crate::model::issue::EscalationStatus;
use crate::state::WorkTree;

fn samples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// A repository with samples at these places.
fn repository(files: &[(&str, &str)]) -> (tempfile::TempDir, WorkTree) {
    let dir = tempfile::tempdir().expect("a directory");
    for (place, sample) in files {
        let bytes = std::fs::read(samples().join(sample)).expect("a sample");
        let path = dir.path().join(".fractary").join(place);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, bytes).expect("written");
    }
    let tree = WorkTree::new(dir.path());
    (dir, tree)
}

fn write(dir: &tempfile::TempDir, place: &str, text: &str) {
    let path = dir.path().join(".fractary").join(place);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    std::fs::write(path, text).expect("written");
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<(&str, &str)> {
    diagnostics
        .iter()
        .map(|d| (d.code, d.path.file_name()))
        .collect()
}

fn test() -> EnvironmentName {
    EnvironmentName::new("test").expect("a name")
}

#[test]
fn nothing_is_fine() {
    let (_dir, tree) = repository(&[]);
    let (state, _) = load(&tree).expect("no error");
    assert!(state.environments.is_none() && state.registries.is_empty());
    assert!(state.warnings.is_empty());
}

#[test]
fn every_document_is_read() {
    let (dir, tree) = repository(&[
        ("shared/environments.json", "environments/good-two.json"),
        (
            "shared/aws-credentials.json",
            "aws-credentials/good-names.json",
        ),
        ("registry/deployments.json", "deployments/good-one.json"),
        (
            "plugins/faber-cloud/config/devops.json",
            "devops/good-seed.json",
        ),
        (
            "plugins/faber-cloud/deployments/test/registry.json",
            "registry/good-two.json",
        ),
        ("plugins/helm/config/helm.toml", "helm/good-full.toml"),
        (
            "plugins/helm/registry/domain-monitors.json",
            "domain-monitors/good-seed.json",
        ),
        (
            "plugins/helm/issues/active/infra-7f3a2c.json",
            "issue/good-active.json",
        ),
        (
            "plugins/helm-cloud/config/monitoring.toml",
            "monitoring/good-seed.toml",
        ),
        (
            "plugins/helm-cloud/monitoring/test/latest.json",
            "health-check/good-degraded.json",
        ),
        (
            "plugins/helm-cloud/monitoring/test/monitoring-history.json",
            "monitoring-history/good-one.json",
        ),
        (
            "plugins/helm-cloud/kinds/lambda.toml",
            "kind/good-lambda.toml",
        ),
    ]);
    write(&dir, "plugins/helm/issues/active/README.md", "not an issue");
    let (state, past) = load(&tree).expect("no error");
    // The samples show every key, also those that have no effect yet.
    let relied_on: Vec<_> = state.warnings.iter().map(|one| one.code).collect();
    assert!(
        relied_on.iter().all(|code| *code == "state/no-effect"),
        "{relied_on:?}"
    );
    assert!(state.environments.is_some() && state.credentials.is_some());
    assert!(state.devops.is_some() && state.helm.is_some() && state.monitors.is_some());
    assert!(!state.monitoring.derived);
    assert!(!state.registries[&test()].derived);
    assert_eq!(state.latest.len(), 1);
    assert_eq!(past.histories.len(), 1);
    assert_eq!((state.active.len(), past.resolved.len()), (1, 0));
    assert_eq!(state.kinds.len(), 1);
}

#[test]
fn all_bad_documents_are_reported_at_once() {
    let (_dir, tree) = repository(&[
        ("shared/environments.json", "environments/bad-comment.json"),
        ("registry/deployments.json", "deployments/bad-time.json"),
        (
            "plugins/helm-cloud/config/monitoring.toml",
            "monitoring/bad-syntax.toml",
        ),
        (
            "plugins/helm/issues/active/infra-7f3a2c.json",
            "issue/bad-moved.json",
        ),
    ]);
    let invalid = load(&tree).expect_err("errors");
    assert_eq!(invalid.to_string(), "6 errors in 4 files");
}

#[test]
fn deployments_alone_give_registries() {
    let (dir, tree) = repository(&[]);
    let entry = |name: &str| {
        format!(r#"{{"type":"aws_s3_bucket","aws_id":"{name}","arn":"arn:aws:s3:::{name}"}}"#)
    };
    let deployment = |id: &str, at: &str, status: &str, resources: &str| {
        format!(
            r#"{{"id":"{id}","environment":"test","deployed_at":"{at}","status":"{status}","resources":[{resources}]}}"#
        )
    };
    let twice = format!("{},{}", entry("new"), entry("new"));
    let all = [
        deployment("2", "2026-02-01T00:00:00Z", "success", &twice),
        deployment("1", "2026-01-01T00:00:00Z", "success", &entry("old")),
        deployment("3", "2026-03-01T00:00:00Z", "failed", ""),
    ];
    let text = format!(r#"{{"version":"1.0.0","deployments":[{}]}}"#, all.join(","));
    write(&dir, "registry/deployments.json", &text);
    let (state, _) = load(&tree).expect("no error");
    let registry = &state.registries[&test()];
    assert!(registry.derived);
    assert_eq!(registry.path, paths::registry(&test()));
    let names: Vec<_> = registry
        .value
        .resources
        .iter()
        .map(|r| r.aws_id.raw())
        .collect();
    assert_eq!(names, ["new"]);
}

#[test]
fn old_places_are_read_with_one_warning_each() {
    let (dir, tree) = repository(&[
        (
            "plugins/helm-cloud/monitoring.toml",
            "monitoring/good-seed.toml",
        ),
        (
            "plugins/faber-cloud/monitoring/test/latest.json",
            "health-check/good-degraded.json",
        ),
        (
            "plugins/faber-cloud/monitoring/test/monitoring-history.json",
            "monitoring-history/good-one.json",
        ),
    ]);
    let (state, past) = load(&tree).expect("no error");
    let codes_of = |state: &State| -> Vec<(&'static str, String)> {
        let all = state.warnings.iter();
        all.filter(|one| one.code != "state/no-effect")
            .map(|one| (one.code, one.path.file_name().to_owned()))
            .collect()
    };
    assert_eq!(
        codes_of(&state),
        [
            ("state/deprecated-place", "monitoring".to_owned()),
            ("state/deprecated-place", "monitoring.toml".to_owned()),
        ]
    );
    assert_eq!(state.monitoring.path, paths::old_monitoring_toml());
    assert_eq!((state.latest.len(), past.histories.len()), (1, 1));

    let bytes = std::fs::read_to_string(samples().join("monitoring/good-seed.toml"));
    write(
        &dir,
        "plugins/helm-cloud/config/monitoring.toml",
        &bytes.expect("a sample"),
    );
    let (state, _) = load(&tree).expect("no error");
    assert_eq!(state.monitoring.path, paths::monitoring_toml());
    assert_eq!(codes_of(&state).len(), 2);
}

#[test]
fn a_monitoring_section_in_devops_is_read() {
    let (dir, tree) = repository(&[]);
    let text = r#"{
  "project": { "name": "orders" },
  "monitoring": {
    "health_check_interval": "10m",
    "min_samples": 7,
    "slos": { "lambda": { "error_rate_percent": 0.5 } }
  }
}"#;
    write(&dir, "plugins/faber-cloud/config/devops.json", text);
    let (state, _) = load(&tree).expect("no error");
    let monitoring = state.monitoring;
    assert!(monitoring.derived);
    assert_eq!(monitoring.value.monitoring.min_samples, Some(7));
    assert_eq!(
        monitoring.value.slos.kinds["lambda"]["error_rate_percent"].target,
        Some(0.5)
    );
    assert_eq!(
        codes(&state.warnings),
        [("state/deprecated-place", "devops.json")]
    );
    assert_eq!(state.warnings[0].line, 3);

    write(
        &dir,
        "plugins/faber-cloud/config/devops.json",
        &text.replace("7,", "\"7\","),
    );
    let invalid = load(&tree).expect_err("an error");
    let error = invalid
        .diagnostics
        .iter()
        .find(|d| d.is_error())
        .expect("one");
    assert_eq!(
        (error.code, error.line, error.column),
        ("state/type", 5, 20)
    );
}

#[test]
fn a_document_that_is_no_table_says_what_to_do() {
    for text in ["[]", "null", "3"] {
        let (dir, tree) = repository(&[]);
        write(&dir, "shared/environments.json", text);
        let invalid = load(&tree).expect_err("an error");
        assert_eq!(
            codes(&invalid.diagnostics),
            [("state/type", "environments.json")]
        );
        let help = invalid.diagnostics[0].help.as_deref().unwrap_or_default();
        assert!(help.contains("from git"), "{text}: {help}");
    }
}

#[test]
fn unknown_environments_are_warned_of_at_their_place() {
    let (dir, tree) = repository(&[("shared/environments.json", "environments/good-two.json")]);
    write(
        &dir,
        "plugins/helm-cloud/config/monitoring.toml",
        "[helm-cloud]\nenvironments = [\"test\", \"prd\"]\n",
    );
    write(
        &dir,
        "plugins/helm/config/helm.toml",
        "[dashboard]\ndefault_environment = \"staging\"\n",
    );
    let (state, _) = load(&tree).expect("no error");
    assert_eq!(
        codes(&state.warnings),
        [
            ("state/unknown-environment", "monitoring.toml"),
            ("state/unknown-environment", "helm.toml"),
        ]
    );
    let second = &state.warnings[0];
    assert_eq!((second.line, second.column), (2, 25));
    assert_eq!(second.expected.as_deref(), Some("did you mean `prod`?"));
}

#[test]
fn unsafe_folder_names_are_refused() {
    let (_dir, tree) = repository(&[(
        "plugins/faber-cloud/deployments/Pro d/registry.json",
        "registry/good-empty.json",
    )]);
    let invalid = load(&tree).expect_err("an error");
    assert_eq!(codes(&invalid.diagnostics), [("state/name", "Pro d")]);
}

#[cfg(unix)]
#[test]
fn links_are_errors() {
    let (dir, tree) = repository(&[("shared/other.json", "environments/good-two.json")]);
    let link = dir.path().join(".fractary/shared/environments.json");
    std::os::unix::fs::symlink("other.json", link).expect("linked");
    let invalid = load(&tree).expect_err("an error");
    assert_eq!(
        codes(&invalid.diagnostics),
        [("state/symbolic-link", "environments.json")]
    );

    let (dir, tree) = repository(&[]);
    let elsewhere = tempfile::tempdir().expect("a directory");
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join(".fractary")).expect("linked");
    let invalid = load(&tree).expect_err("an error");
    assert_eq!(
        codes(&invalid.diagnostics),
        [("state/symbolic-link", ".fractary")]
    );
}

#[test]
fn newer_minor_versions_may_have_keys_of_their_own() {
    let (dir, tree) = repository(&[]);
    for (version, warnings) in [("1.0.0", 1), ("1.1.0", 0), ("0.9.0", 1), ("1", 1)] {
        let text = format!(r#"{{"version":"{version}","environments":{{}},"zones":[]}}"#);
        write(&dir, "shared/environments.json", &text);
        let (state, _) = load(&tree).expect("no error");
        assert_eq!(state.warnings.len(), warnings, "{version}");
    }
    for (version, code) in [("2.0.0", "state/newer-version"), ("new", "state/version")] {
        let text = format!(r#"{{"version":"{version}"}}"#);
        write(&dir, "shared/environments.json", &text);
        let invalid = load(&tree).expect_err("an error");
        assert_eq!(codes(&invalid.diagnostics), [(code, "environments.json")]);
    }
}

#[test]
fn a_byte_order_mark_is_tolerated() {
    let (dir, tree) = repository(&[]);
    let text = "\u{feff}{\"version\":\"1.0.0\",\"environments\":{}}\r\n";
    write(&dir, "shared/environments.json", text);
    assert!(load(&tree).is_ok_and(|(state, _)| state.environments.is_some()));
}

#[test]
fn payloads_come_out_harmless() {
    let (dir, tree) = repository(&[]);
    let evil = "a\\u001b[31m\\u202e`::error::x\\n\\u0000";
    let text = format!(
        "{{\"version\":\"1.0.0\",\"{evil}\":1,\"default\":\"{evil}\",\"environments\":{{\"{evil}\":[\"\u{202e}\u{7f}\"]}}}}"
    );
    write(&dir, "shared/environments.json", &text);
    write(
        &dir,
        "shared/aws-credentials.json",
        r#"{"aws":{"profiles":{"test":"ASIAIOSFODNN7EXAMPLE"},"account_id":"AKIAIOSFODNN7EXAMPLE"}}"#,
    );
    let invalid = load(&tree).expect_err("errors");
    let shown = crate::state::render(&invalid.diagnostics, false, 80);
    let harmful = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!shown.contains(harmful), "{shown:?}");
    assert!(!shown.contains("IOSFODNN7"), "{shown}");
    for diagnostic in &invalid.diagnostics {
        assert!(!diagnostic.message.contains(harmful));
        assert!(!diagnostic.message.contains("IOSFODNN7"));
        assert!(
            !serde_json::json!(diagnostic.to_fault())
                .to_string()
                .contains("IOSFODNN7")
        );
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Good samples, cut and changed at random, give diagnostics and never a panic.
    #[test]
    fn damaged_documents_never_panic(
        at in 0.0..1.0_f64,
        cut in 0_usize..40,
        put in "[\\[\\]{}:,\"0-9a-zé\u{202e}\\\\\n-]{0,6}",
    ) {
        for (name, file) in [
            ("environments", "good-two.json"),
            ("issue", "good-active.json"),
            ("domain-monitors", "good-seed.json"),
            ("monitoring", "good-seed.toml"),
            ("helm", "good-full.toml"),
        ] {
            let mut bytes = std::fs::read(samples().join(name).join(file)).expect("a sample");
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
            let from = (bytes.len() as f64 * at) as usize;
            let to = (from + cut).min(bytes.len());
            bytes.splice(from..to, put.bytes());
            let path = RepoPath::new(file).expect("a path");
            let diagnostics = crate::state::check_document(name, &path, bytes);
            crate::state::render(&diagnostics, true, 80);
        }
    }
}

/// Prints what 10,000 issues cost; `--nocapture` shows it. In a test build without
/// optimisation this is many times what users see.
#[test]
fn ten_thousand_issues_are_read() {
    let (dir, tree) = repository(&[]);
    let text = std::fs::read_to_string(samples().join("issue/good-active.json")).expect("a sample");
    let folder = dir.path().join(paths::active_issues_dir().as_str());
    std::fs::create_dir_all(&folder).expect("created");
    for number in 0..10_000 {
        let id = format!("infra-{number:06x}");
        let text = text.replace("infra-7f3a2c", &id);
        std::fs::write(folder.join(format!("{id}.json")), text).expect("written");
    }
    let start = Instant::now();
    let (state, _) = load(&tree).expect("no error");
    println!("10,000 issues: {:?}", start.elapsed());
    assert_eq!(state.active.len(), 10_000);
}

#[test]
fn resolved_issues_are_glanced_at() {
    let (dir, tree) = repository(&[]);
    let asked = |wanted: fn(&Glance) -> bool| may_have_resolved(&tree, wanted);
    let put = |text: &str| write(&dir, "plugins/helm/issues/resolved/infra-7f3a2c.json", text);
    assert!(!asked(|_| true), "there is none");
    put(r#"{ "id": "infra-7f3a2c", "resolved_at": "2026-11-01T08:00:00Z", "notes": [] }"#);
    assert!(!asked(|_| false));
    assert!(asked(
        |issue| issue.resolved_at.is_some() && issue.escalation.is_none()
    ));
    put(r#"{ "escalation": { "status": "open", "work_item_id": "7" } }"#);
    let open = |issue: &Glance| {
        issue
            .escalation
            .is_some_and(|e| e.status == EscalationStatus::Open)
    };
    assert!(asked(open));
    put(r#"{ "resolved_at": 5 }"#);
    assert!(asked(|_| false), "what cannot be looked at may be wanted");
}
