//! Reports: identities, suppressions, what is hidden, what is fixed.

use std::collections::BTreeMap;

use crate::catalog::checks::Check;
use crate::catalog::registry::Registry;
use crate::model::attestations::{Attestation, Attestations};
use crate::model::audit::{
    AuditReport, AuditStatus, CheckVerdict, FindingStatus, Suppression, Suppressions,
};
use crate::model::audit_history::AuditHistory;
use crate::model::configuration::{
    Configuration, ConfiguredResource, Extent, REGION, TypeCoverage,
};
use crate::model::fact::{Fact, FactName, Gap, GapCause, GapId, Value};
use crate::model::ids::{AccountId, Arn, EnvironmentName, Region};
use crate::model::receipt::Receipt;
use crate::text::Untrusted;

use super::{AuditInput, ReportInput, evaluate, next_history, report, tests, without_baseline};

/// A configuration, the checks over it, and the rest of what a report is made from.
pub(super) struct Scene {
    pub(super) checks: Registry<Check>,
    pub(super) ids: Vec<&'static str>,
    pub(super) is_part: bool,
    pub(super) configuration: Configuration,
    suppressions: Suppressions,
    allow_protected: bool,
    frameworks: Vec<String>,
    pub(super) previous: Option<AuditHistory>,
    attestations: Attestations,
}

impl Scene {
    pub(super) fn new(ids: &[&'static str]) -> Self {
        Self {
            checks: tests::built_in(),
            ids: ids.to_vec(),
            is_part: false,
            configuration: Configuration::new("2026-11-30T00:00:00Z".parse().expect("a moment")),
            suppressions: Suppressions::default(),
            allow_protected: false,
            frameworks: Vec::new(),
            previous: None,
            attestations: Attestations::default(),
        }
    }

    pub(super) fn add(
        &mut self,
        of: &str,
        name: &str,
        facts: &[(&str, Fact)],
    ) -> &mut ConfiguredResource {
        let facts = facts
            .iter()
            .map(|(name, fact)| (FactName::parse(name).expect("a name"), fact.clone()));
        self.configuration.resources.push(ConfiguredResource {
            resource_type: of.to_owned(),
            arn: Arn::new(format!("arn:aws:x:eu-west-1:123456789012:{name}")).ok(),
            address: None,
            name: Untrusted::from(name),
            region: Region::new("eu-west-1").expect("a region"),
            account: AccountId::new("123456789012").ok(),
            facts: facts.collect(),
        });
        self.configuration
            .resources
            .last_mut()
            .expect("it was added")
    }

    pub(super) fn cover(&mut self, of: &str, region: &str, extent: Extent) {
        self.configuration.coverage.push(TypeCoverage {
            resource_type: of.to_owned(),
            region: Region::new(region).expect("a region"),
            extent,
        });
    }

    pub(super) fn gap(&mut self, operation: &str, cause: GapCause) -> GapId {
        self.configuration.add_gap(Gap {
            operation: operation.to_owned(),
            subject: operation.to_owned(),
            cause,
            code: None,
            message: Untrusted::from("no"),
            missing_permission: (cause == GapCause::Denied).then(|| operation.to_owned()),
        })
    }

    pub(super) fn suppress(&mut self, check: &str, resource: &str, until: &str) {
        self.suppressions.entries.push(Suppression {
            check: check.to_owned(),
            resource: Untrusted::from(resource),
            reason: Untrusted::from("a test"),
            owner: Untrusted::from("web"),
            until: until.parse().expect("a date"),
        });
    }

    pub(super) fn report(&self) -> AuditReport {
        let get = |id: &&'static str| self.checks.get(id).expect("a check");
        let chosen: Vec<&Check> = self.ids.iter().map(get).collect();
        let input = AuditInput {
            environment: "prod",
            critical: true,
            configuration: &self.configuration,
            rules: &crate::model::monitoring::ComplianceSection::default(),
        };
        let environment = EnvironmentName::new("prod").expect("a name");
        report(
            &ReportInput {
                audit_type: "security",
                environment: &environment,
                configuration: &self.configuration,
                suppressions: &self.suppressions,
                attestations: &self.attestations,
                allow_protected: self.allow_protected,
                previous: self.previous.as_ref(),
                frameworks: &self.frameworks,
                checks: &chosen,
                is_part: self.is_part,
                receipt: &Receipt::default(),
            },
            &evaluate(&input, &chosen),
        )
    }
}

impl Scene {
    /// Keeps a report, as the audit before.
    pub(super) fn remember(&mut self, report: &AuditReport) {
        let all: Vec<&Check> = self.checks.iter().collect();
        self.previous = Some(next_history(self.previous.as_ref(), report, &all));
    }
}

pub(super) fn open_checks(report: &AuditReport) -> Vec<&str> {
    let open = report
        .findings
        .iter()
        .filter(|one| one.status == FindingStatus::Open);
    open.map(|one| one.check.as_str()).collect()
}

pub(super) fn volume(encrypted: bool) -> [(&'static str, Fact); 1] {
    [("encrypted", Fact::from(encrypted))]
}

pub(super) const VOLUME: &str = "aws_ebs_volume";
pub(super) const CHECK: &str = "ebs-volume-unencrypted";

#[test]
fn what_was_seen_fails_and_what_was_cut_is_unknown() {
    let mut scene = Scene::new(&[CHECK]);
    let cut = scene.gap("ec2:DescribeVolumes", GapCause::Throttled);
    scene.cover(VOLUME, "eu-west-1", Extent::Partial(cut));
    scene.add(VOLUME, "vol-1", &volume(false));
    scene.add(VOLUME, "vol-2", &volume(true));
    let report = scene.report();
    assert_eq!(open_checks(&report), [CHECK]);
    assert_eq!(report.unknown.len(), 1);
    assert_eq!(
        report.unknown[0].resources[0].raw(),
        "aws_ebs_volume in eu-west-1"
    );
    assert_eq!(
        report.unknown[0].because[0].raw(),
        "`ec2:DescribeVolumes`: throttled"
    );
    assert!(report.partial);
    assert_eq!((report.coverage.answered, report.coverage.refused), (0, 1));
}

#[test]
fn a_region_that_is_not_enabled_has_nothing_and_a_denied_one_is_unknown() {
    let mut scene = Scene::new(&["guardduty-off"]);
    let detector = Value::map([("enable", Fact::from(true))]);
    scene.add(
        REGION,
        "eu-west-1",
        &[("guardduty_detector", detector.into())],
    );
    scene.cover(REGION, "eu-west-1", Extent::Complete);
    scene.cover(REGION, "eu-south-2", Extent::NotEnabled);
    let report = scene.report();
    assert_eq!(report.summary.overall_status, AuditStatus::Pass);
    assert_eq!(report.coverage.not_enabled[0].as_str(), "eu-south-2");

    let denied = scene.gap("guardduty:ListDetectors", GapCause::Denied);
    let other = scene.add(
        REGION,
        "us-east-1",
        &[("guardduty_detector", Fact::Unreadable(denied))],
    );
    other.region = Region::new("us-east-1").expect("a region");
    let report = scene.report();
    assert_eq!(report.summary.overall_status, AuditStatus::Unknown);
    let because = report.unknown[0].because[0].raw();
    assert_eq!(because, "permission `guardduty:ListDetectors` is missing");
}

#[test]
fn the_status_of_a_trail_of_the_organisation_is_its_management_accounts() {
    let mut scene = Scene::new(&["cloudtrail-multi-region"]);
    let denied = scene.gap("cloudtrail:GetTrailStatus", GapCause::Denied);
    let trail = scene.add(
        "aws_cloudtrail",
        "all",
        &[
            ("is_multi_region_trail", Fact::from(true)),
            ("is_organization_trail", Fact::from(true)),
            ("is_logging", Fact::Unreadable(denied)),
            ("event_selector", Fact::Absent),
            ("advanced_event_selector", Fact::Absent),
        ],
    );
    trail.arn = Arn::new("arn:aws:cloudtrail:us-east-1:999999999999:trail/all").ok();
    scene.cover("aws_cloudtrail", "eu-west-1", Extent::Complete);
    scene.add("account", "account", &[]);
    let report = scene.report();
    assert_eq!(open_checks(&report), [""; 0]);
    let because: Vec<&str> = report.unknown[0]
        .because
        .iter()
        .map(Untrusted::raw)
        .collect();
    assert_eq!(
        because,
        [
            "permission `cloudtrail:GetTrailStatus` is missing",
            "the status of a trail of the organisation can be read in its management account (999999999999)",
        ]
    );
}

#[test]
fn a_suppression_is_about_one_instance_and_ends() {
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    for key in ["a", "b"] {
        let one = scene.add(VOLUME, &format!("vol-{key}"), &volume(false));
        one.arn = None;
        one.address = Some(Untrusted::from(format!("aws_ebs_volume.x[\"{key}\"]")));
    }
    scene.suppress(CHECK, "aws_ebs_volume.x[\"a\"]", "2026-11-30");
    let report = scene.report();
    assert_eq!(open_checks(&report), [CHECK]);
    assert_eq!(report.summary.suppressed, 1);
    // Suppressed is neither passed nor failed.
    assert_eq!(report.summary.score, Some(0.0));

    scene.suppressions.entries[0].until = "2026-11-29".parse().expect("a date");
    let report = scene.report();
    assert_eq!(open_checks(&report), [CHECK, CHECK, "suppression-expired"]);
    assert_eq!(report.summary.suppressed, 0);

    scene.suppressions = Suppressions::default();
    scene.suppress(CHECK, "arn:aws:ec2:*:volume/*", "2027-01-01");
    assert_eq!(
        open_checks(&scene.report()),
        [CHECK, CHECK, "suppression-unused"]
    );
}

#[test]
fn what_must_not_be_overlooked_is_suppressed_on_demand_alone() {
    let mut scene = Scene::new(&["ec2-ami-public"]);
    scene.cover("aws_ami", "eu-west-1", Extent::Complete);
    scene.add("aws_ami", "ami-1", &[("public", Fact::from(true))]);
    scene.suppress("ec2-ami-public", "arn:aws:x:*:ami-1", "2027-01-01");
    assert_eq!(open_checks(&scene.report()), ["ec2-ami-public"]);
    scene.allow_protected = true;
    let report = scene.report();
    assert_eq!(open_checks(&report), [""; 0]);
    assert_eq!(report.summary.overall_status, AuditStatus::Pass);
}

#[test]
fn tags_choose_what_is_suppressed() {
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    let tags = Fact::Known(Value::map([("stage", Fact::from("sandbox"))]));
    let facts = [volume(false)[0].clone(), ("tags", tags)];
    scene.add(VOLUME, "vol-1", &facts);
    scene.suppress(CHECK, "tag:stage=sand*", "2027-01-01");
    assert_eq!(scene.report().summary.suppressed, 1);
    scene.suppressions.entries[0].resource = Untrusted::from("tag:stage=Sand*");
    assert_eq!(scene.report().summary.suppressed, 0);
}

/// No call of its own says them.
#[test]
fn tags_that_a_region_lists_choose_as_well() {
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    scene.add(VOLUME, "vol-1", &volume(false));
    let arn = Fact::from("arn:aws:x:eu-west-1:123456789012:vol-1");
    let tags = Fact::Known(Value::map([("stage", Fact::from("sandbox"))]));
    let listed = Fact::Known(Value::map([("arn", arn), ("tags", tags)]));
    let listed = Fact::Known(Value::list([listed]));
    scene.add(REGION, "eu-west-1", &[("tagged_resources", listed)]);
    scene.suppress(CHECK, "tag:stage=sand*", "2027-01-01");
    assert_eq!(scene.report().summary.suppressed, 1);
    scene.suppressions.entries[0].resource = Untrusted::from("tag:stage=prod");
    assert_eq!(scene.report().summary.suppressed, 0);
}

#[test]
fn what_is_gone_is_fixed_and_what_cannot_be_read_is_not() {
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    scene.add(VOLUME, "vol-1", &volume(false));
    let first = scene.report();
    assert_eq!((first.summary.new, first.summary.fixed), (1, 0));
    scene.remember(&first);
    let second = scene.report();
    assert_eq!((second.summary.new, second.findings[0].is_new), (0, false));

    let baseline = [first.findings[0].id.clone()].into();
    assert_eq!(without_baseline(first, &baseline).summary.new, 0);

    scene.configuration.resources[0].facts = BTreeMap::from([(
        FactName::parse("encrypted").expect("a name"),
        Fact::from(true),
    )]);
    let third = scene.report();
    assert_eq!(
        (third.summary.fixed, third.summary.overall_status),
        (1, AuditStatus::Pass)
    );

    let denied = scene.gap("ec2:DescribeVolumes", GapCause::Denied);
    scene.configuration.resources.clear();
    scene.configuration.coverage[0].extent = Extent::Unread(denied);
    let blind = scene.report();
    assert_eq!(
        (blind.summary.fixed, blind.summary.overall_status),
        (0, AuditStatus::Unknown)
    );
    assert_eq!(blind.summary.score, None);
    // What could not be read is remembered with its first day, and is not new when it is seen
    // again.
    assert_eq!(blind.unverified.len(), 1);
    scene.remember(&blind);
    scene.configuration.read_at = "2026-12-02T00:00:00Z".parse().expect("a moment");
    scene.configuration.coverage[0].extent = Extent::Complete;
    scene.add(VOLUME, "vol-1", &volume(false));
    let again = scene.report();
    assert_eq!((again.summary.new, again.summary.fixed), (0, 0));
    assert_eq!(
        again.findings[0].first_seen.to_string(),
        "2026-11-30T00:00:00Z"
    );
    assert_eq!(
        again.previous.map(|at| at.to_string()),
        Some("2026-11-30T00:00:00Z".to_owned())
    );
}

#[test]
fn an_audit_of_other_checks_fixes_nothing() {
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    scene.add(VOLUME, "vol-1", &volume(false));
    let first = scene.report();
    scene.remember(&first);
    scene.ids = vec!["ec2-ami-public"];
    scene.cover("aws_ami", "eu-west-1", Extent::Complete);
    let other = scene.report();
    assert_eq!((other.summary.fixed, other.unverified.len()), (0, 1));
    // Who asks for some checks alone is told nothing of the others.
    scene.is_part = true;
    let part = scene.report();
    assert_eq!((part.summary.fixed, part.unverified.len()), (0, 0));
    scene.is_part = false;
    // A volume of a region that nobody looked in is not gone.
    scene.ids = vec![CHECK];
    scene.configuration.resources.clear();
    scene.configuration.coverage.clear();
    assert_eq!(scene.report().summary.fixed, 0);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    assert_eq!(scene.report().summary.fixed, 1);
}

#[test]
fn a_person_answers_for_a_control_until_a_day() {
    let mut scene = Scene::new(&["iam-root-access-key"]);
    scene.cover("account", "global", Extent::Complete);
    scene.add(
        "account",
        "account",
        &[("root_access_keys", Fact::from(0.0))],
    );
    scene.frameworks = vec!["cis-aws-7.0".to_owned()];
    let before = scene.report();
    scene.attestations.entries.push(Attestation {
        framework: "cis-aws-7.0".to_owned(),
        control: "2.6".to_owned(),
        statement: Untrusted::from("hardware keys are in the safe"),
        by: Untrusted::from("Ada"),
        date: "2026-01-01".parse().expect("a day"),
        until: "2026-11-30".parse().expect("a day"),
        evidence: None,
    });
    let result = |report: &AuditReport| {
        let mut rows = report.frameworks[0].controls.iter();
        let row = rows.find(|row| row.id == "2.6").expect("a control");
        row.result.words()
    };
    let valid = scene.report();
    assert_eq!((result(&before), result(&valid)), ("manual", "attested"));
    // It is beside the percentage, never in it.
    let percent = |report: &AuditReport| report.frameworks[0].passed_percent;
    assert_eq!(percent(&valid), percent(&before));
    assert_eq!(open_checks(&valid), [""; 0]);

    scene.attestations.entries[0].until = "2026-11-29".parse().expect("a day");
    let expired = scene.report();
    assert_eq!(result(&expired), "manual");
    assert_eq!(open_checks(&expired), ["attestation-expired"]);
    // An audit that does not report the framework does not ask for it.
    scene.frameworks.clear();
    assert_eq!(open_checks(&scene.report()), [""; 0]);
}

#[test]
fn an_audit_that_saw_nothing_passes_nothing() {
    let report = Scene::new(&[CHECK]).report();
    assert_eq!(report.summary.overall_status, AuditStatus::Unknown);
    assert_eq!(
        report.summary.verdicts,
        BTreeMap::from([(CheckVerdict::Unknown, 1)])
    );
    assert_eq!(report.coverage.not_looked_at, [VOLUME]);
}

#[test]
fn percentages_are_over_what_is_automated() {
    let mut scene = Scene::new(&["iam-root-access-key", "iam-root-mfa", "iam-password-length"]);
    scene.cover("account", "global", Extent::Complete);
    let denied = scene.gap("iam:GetAccountPasswordPolicy", GapCause::Denied);
    scene.add(
        "account",
        "account",
        &[
            ("root_access_keys", Fact::from(0.0)),
            ("root_mfa_enabled", Fact::from(false)),
            ("iam_account_password_policy", Fact::Unreadable(denied)),
        ],
    );
    scene.frameworks = vec!["cis-aws-7.0".to_owned(), "cis-aws-3.0".to_owned()];
    let report = scene.report();
    let result = |framework: usize, id: &str| {
        let controls = &report.frameworks[framework].controls;
        controls
            .iter()
            .find(|row| row.id == id)
            .map(|row| row.result.words())
    };
    assert_eq!(report.frameworks[0].passed_percent, Some(50.0));
    // The same question has another number in another version.
    assert_eq!(
        (result(0, "2.4"), result(1, "1.4")),
        (Some("passed"), Some("passed"))
    );
    assert_eq!(
        (result(0, "2.5"), result(0, "2.8")),
        (Some("failed"), Some("unknown"))
    );
    assert_eq!(
        (result(0, "2.1.1"), result(0, "3.1.1")),
        (Some("manual"), Some("unknown"))
    );
}
