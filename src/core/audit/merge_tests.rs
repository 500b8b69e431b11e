//! What Security Hub and AWS Config say, beside the verdicts here.

use crate::model::audit::{CheckVerdict, FindingStatus};
use crate::model::configuration::{Extent, REGION};
use crate::model::fact::{Fact, GapCause, Value};

use super::report_tests::{Scene, open_checks};

const CHECK: &str = "ebs-volume-unencrypted";
const VOLUME: &str = "aws_ebs_volume";
const ARN: &str = "arn:aws:x:eu-west-1:123456789012:vol-1";

/// A finding of Security Hub about a volume, with what is said of it.
fn hub(said: &[(&str, &str)]) -> Fact {
    let usual = [
        ("control", "EC2.3"),
        ("record_state", "ACTIVE"),
        ("severity", "MEDIUM"),
        ("status", "FAILED"),
        ("title", "Volumes should be encrypted"),
        ("workflow", "NEW"),
        ("resource", ARN),
    ];
    let word = |name: &str| {
        let found = said.iter().chain(&usual).find(|(key, _)| *key == name);
        found.map_or("", |(_, value)| *value)
    };
    let texts = [
        "control",
        "generator",
        "record_state",
        "severity",
        "status",
        "title",
        "workflow",
    ];
    let mut entries: Vec<(&str, Fact)> = texts
        .into_iter()
        .filter(|name| !word(name).is_empty())
        .map(|name| (name, Fact::from(word(name))))
        .collect();
    let resources = Value::list([Fact::from(word("resource"))]);
    entries.push(("resources", Fact::Known(resources)));
    Fact::Known(Value::map(entries))
}

/// A volume, encrypted or not, and what Security Hub says.
fn scene(encrypted: bool, findings: Vec<Fact>) -> Scene {
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    scene.add(VOLUME, "vol-1", &[("encrypted", Fact::from(encrypted))]);
    let findings = Fact::Known(Value::list(findings));
    scene.add(REGION, "eu-west-1", &[("securityhub_findings", findings)]);
    scene
}

#[test]
fn what_both_see_is_one_finding() {
    let report = scene(false, vec![hub(&[])]).report();
    assert_eq!(open_checks(&report), [CHECK]);
    assert_eq!(report.findings[0].also_seen_by, ["Security Hub EC2.3"]);
    assert_eq!(report.disagreements, []);
    // The id of a standard is the same control.
    let generator = (
        "generator",
        "aws-foundational-security-best-practices/v/1.0.0/EC2.3",
    );
    let report = scene(false, vec![hub(&[("control", ""), generator]), hub(&[])]).report();
    assert_eq!(report.findings[0].also_seen_by, ["Security Hub EC2.3"]);
}

#[test]
fn an_audit_of_some_checks_leaves_out_what_others_say_of_the_rest() {
    let other = || hub(&[("control", "EC2.7")]);
    let mut scene = scene(true, vec![hub(&[]), other()]);
    let whole = scene.report();
    let found = ["security-hub:EC2.3", "security-hub:EC2.7"];
    assert_eq!(open_checks(&whole), found);

    scene.remember(&whole);
    scene.suppress("sqs-public", "*", "2026-01-01");
    scene.is_part = true;
    let part = scene.report();
    assert_eq!(open_checks(&part), ["security-hub:EC2.3"]);
    assert_eq!((part.fixed.len(), part.unverified.len()), (0, 0));
}

#[test]
fn their_pass_is_a_dispute_and_changes_nothing() {
    let report = scene(false, vec![hub(&[("status", "PASSED")])]).report();
    assert_eq!(open_checks(&report), [CHECK]);
    assert_eq!(report.findings[0].disputed_by, ["Security Hub EC2.3"]);
    assert_eq!(report.disagreements[0].theirs, CheckVerdict::Pass);
    assert_eq!(report.summary.score, Some(0.0));
}

#[test]
fn their_failure_of_what_passes_is_a_finding_and_a_disagreement() {
    let report = scene(true, vec![hub(&[])]).report();
    assert_eq!(open_checks(&report), ["security-hub:EC2.3"]);
    let one = &report.disagreements[0];
    assert_eq!(
        (one.verdict, one.theirs),
        (CheckVerdict::Pass, CheckVerdict::Fail)
    );
    // The score is over the checks here.
    assert_eq!(report.summary.score, Some(100.0));
}

#[test]
fn what_they_archived_is_ignored_and_what_they_suppressed_stays_so() {
    let report = scene(true, vec![hub(&[("record_state", "ARCHIVED")])]).report();
    assert_eq!((open_checks(&report), report.findings.len()), (vec![], 0));

    let report = scene(true, vec![hub(&[("workflow", "SUPPRESSED")])]).report();
    assert_eq!(open_checks(&report), [""; 0]);
    assert_eq!(report.findings[0].status, FindingStatus::Suppressed);
    assert_eq!(report.summary.suppressed, 1);
    assert_eq!(report.disagreements, []);

    let report = scene(true, vec![hub(&[("status", "NOT_AVAILABLE")])]).report();
    assert_eq!((report.findings.len(), report.disagreements.len()), (0, 0));
}

#[test]
fn a_control_that_no_check_is_like_is_a_finding() {
    let unknown = [("control", "Inspector.1"), ("severity", "HIGH")];
    let report = scene(true, vec![hub(&unknown)]).report();
    assert_eq!(open_checks(&report), ["security-hub:Inspector.1"]);
    assert_eq!(report.disagreements, []);
    // What is of no resource that was read is of another account.
    let elsewhere = [("resource", "arn:aws:x:eu-west-1:999999999999:vol-9")];
    assert_eq!(
        scene(true, vec![hub(&elsewhere)]).report().findings.len(),
        0
    );
    // No name from outside becomes part of an id unchecked.
    let hostile = [("control", "A\u{1b}[31m1")];
    assert_eq!(scene(true, vec![hub(&hostile)]).report().findings.len(), 0);
}

#[test]
fn rules_of_config_name_resources_by_the_end_of_their_arns() {
    let mut scene = scene(false, Vec::new());
    scene.cover("config_rule", "eu-west-1", Extent::Complete);
    let evaluation = Value::map([
        ("compliance", Fact::from("NON_COMPLIANT")),
        ("resource_id", Fact::from("vol-1")),
        ("resource_type", Fact::from("AWS::EC2::Volume")),
    ]);
    let evaluations = Fact::Known(Value::list([Fact::Known(evaluation)]));
    let facts = [
        ("source_identifier", Fact::from("ENCRYPTED_VOLUMES")),
        ("evaluations", evaluations),
    ];
    scene.add("config_rule", "encrypted-volumes", &facts);
    let report = scene.report();
    assert_eq!(open_checks(&report), [CHECK]);
    assert_eq!(
        report.findings[0].also_seen_by,
        ["AWS Config encrypted-volumes"]
    );
}

#[test]
fn their_finding_is_fixed_only_where_they_could_be_asked() {
    let mut scene = scene(true, vec![hub(&[])]);
    let first = scene.report();
    scene.remember(&first);
    let region = scene.configuration.resources.len() - 1;
    let denied = scene.gap("securityhub:GetFindings", GapCause::Denied);
    let name = crate::model::fact::FactName::parse("securityhub_findings").expect("a name");
    let facts = &mut scene.configuration.resources[region].facts;
    facts.insert(name.clone(), Fact::Unreadable(denied));
    let blind = scene.report();
    assert_eq!((blind.summary.fixed, blind.unverified.len()), (0, 1));
    scene.remember(&blind);
    let facts = &mut scene.configuration.resources[region].facts;
    facts.insert(name, Fact::Known(Value::list([])));
    let gone = scene.report();
    assert_eq!((gone.summary.fixed, gone.unverified.len()), (1, 0));
}

#[test]
fn mapped_rules_name_checks_that_there_are() {
    let checks = super::tests::built_in();
    for (rule, named) in crate::catalog::config_rules::built_in() {
        assert!(!named.is_empty(), "{rule}");
        for check in named {
            assert!(checks.get(check).is_some(), "{rule}: {check}");
        }
    }
}
