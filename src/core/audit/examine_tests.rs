//! Issues of audits: what opens one, and that only what was evaluated ends one.

use std::collections::BTreeMap;

use crate::catalog::checks::Check;
use crate::core::issues::{ReconcileInput, reconcile};
use crate::model::audit::AuditReport;
use crate::model::configuration::Extent;
use crate::model::fact::{Fact, GapCause};
use crate::model::finding::Examination;
use crate::model::ids::{DomainName, IssueId};
use crate::model::issue::Issue;
use crate::model::status::Severity;

use super::report_tests::Scene;
use super::{AuditExamineInput, AuditInput, evaluate, examine};

const CHECK: &str = "ebs-volume-unencrypted";
const VOLUME: &str = "aws_ebs_volume";

fn examined(
    scene: &Scene,
    level: Option<Severity>,
    open: &BTreeMap<IssueId, Issue>,
) -> Examination {
    let report: AuditReport = scene.report();
    let get = |id: &&'static str| scene.checks.get(id).expect("a check");
    let checks: Vec<&Check> = scene.ids.iter().map(get).collect();
    let input = AuditInput {
        environment: "prod",
        critical: true,
        configuration: &scene.configuration,
        rules: &crate::model::monitoring::ComplianceSection::default(),
    };
    examine(&AuditExamineInput {
        report: &report,
        evaluation: &evaluate(&input, &checks),
        configuration: &scene.configuration,
        checks: &checks,
        domain: &DomainName::new("infrastructure").expect("a domain"),
        level,
        open,
    })
}

/// The issues after an audit.
fn after(
    scene: &Scene,
    level: Option<Severity>,
    open: &BTreeMap<IssueId, Issue>,
) -> BTreeMap<IssueId, Issue> {
    let examination = examined(scene, level, open);
    let reconciliation = reconcile(&ReconcileInput {
        examination: &examination,
        active: open,
        resolved: &BTreeMap::new(),
        prefix: "infra",
        open_after: 1,
        resolve_after: 1,
        now: "2026-11-30T00:00:00Z".parse().expect("a moment"),
    });
    reconciliation.open
}

fn scene() -> Scene {
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    scene.add(VOLUME, "vol-1", &[("encrypted", Fact::from(false))]);
    scene
}

#[test]
fn findings_from_a_level_on_are_issues() {
    let none = BTreeMap::new();
    let medium = after(&scene(), Some(Severity::Medium), &none);
    let checks: Vec<&str> = medium.values().map(|one| one.check.as_str()).collect();
    assert_eq!(checks, [CHECK]);
    assert_eq!(after(&scene(), Some(Severity::High), &none).len(), 0);
    assert_eq!(after(&scene(), None, &none).len(), 0);
    // One that is open stays until it is fixed, whatever the level is now.
    assert_eq!(after(&scene(), None, &medium), {
        let mut same = medium.clone();
        for one in same.values_mut() {
            one.last_seen_at = "2026-11-30T00:00:00Z".parse().expect("a moment");
        }
        same
    });
}

#[test]
fn only_what_was_evaluated_ends_an_issue() {
    let open = after(&scene(), Some(Severity::Medium), &BTreeMap::new());
    let level = Some(Severity::Medium);
    let mut fixed = scene();
    fixed.configuration.resources.clear();
    fixed.add(VOLUME, "vol-1", &[("encrypted", Fact::from(true))]);
    assert_eq!(after(&fixed, level, &open).len(), 0);

    let mut gone = scene();
    gone.configuration.resources.clear();
    assert_eq!(after(&gone, level, &open).len(), 0);

    let mut denied = scene();
    let gap = denied.gap("ec2:DescribeVolumes", GapCause::Denied);
    denied.configuration.resources.clear();
    denied.configuration.coverage[0].extent = Extent::Unread(gap);
    assert_eq!(after(&denied, level, &open), open);

    let mut unread = scene();
    let gap = unread.gap("ec2:DescribeVolumes", GapCause::Throttled);
    unread.configuration.resources.clear();
    unread.add(VOLUME, "vol-1", &[("encrypted", Fact::Unreadable(gap))]);
    assert_eq!(after(&unread, level, &open), open);

    let mut other = scene();
    other.ids = vec!["ec2-ami-public"];
    assert_eq!(after(&other, level, &open), open);

    let mut nowhere = scene();
    nowhere.configuration.resources.clear();
    nowhere.configuration.coverage.clear();
    assert_eq!(after(&nowhere, level, &open), open);
}

#[test]
fn what_has_no_arn_has_an_issue_too() {
    let mut scene = scene();
    scene.configuration.resources[0].arn = None;
    let open = after(&scene, Some(Severity::Medium), &BTreeMap::new());
    assert_eq!(open.len(), 1);
    scene.configuration.resources.clear();
    let fixed = scene.add(VOLUME, "vol-1", &[("encrypted", Fact::from(true))]);
    fixed.arn = None;
    assert_eq!(after(&scene, Some(Severity::Medium), &open).len(), 0);
}
