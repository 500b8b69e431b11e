//! What an audit says of what it could not see.

use crate::model::configuration::Extent;
use crate::model::fact::{Fact, GapCause};
use crate::text::Untrusted;

use super::report_tests::{CHECK, Scene, VOLUME, open_checks, volume};

/// Terraform has a type of its own for what AWS lists among others.
#[test]
fn what_is_listed_as_another_type_is_not_missed() {
    let mut scene = Scene::new(&["ec2-default-security-group"]);
    scene.cover("aws_security_group", "eu-west-1", Extent::Complete);
    let report = scene.report();
    assert_eq!(
        (report.unknown.len(), report.coverage.not_looked_at.len()),
        (0, 0)
    );

    scene.configuration.coverage.clear();
    let missed = scene.report().coverage.not_looked_at;
    assert_eq!(missed, ["aws_default_security_group", "aws_security_group"]);

    let mut scene = Scene::new(&["ec2-default-security-group"]);
    let denied = scene.gap("ec2:DescribeSecurityGroups", GapCause::Denied);
    scene.cover("aws_security_group", "eu-west-1", Extent::Unread(denied));
    let unknown = scene.report().unknown;
    assert_eq!(unknown.len(), 1);
    assert_eq!(
        unknown[0].resources[0].raw(),
        "aws_security_group in eu-west-1"
    );
}

/// What could not be read may be what a suppression is for.
#[test]
fn a_suppression_is_unused_where_everything_of_its_check_was_seen() {
    let mut scene = Scene::new(&[CHECK, "ec2-instance-imdsv2"]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    let denied = scene.gap("ec2:DescribeInstances", GapCause::Denied);
    scene.cover("aws_instance", "eu-west-1", Extent::Unread(denied));
    scene.add(VOLUME, "vol-1", &volume(true));
    scene.suppress(CHECK, "*", "2027-01-01");
    scene.suppress("ec2-instance-imdsv2", "*", "2027-01-01");
    let report = scene.report();
    assert_eq!(open_checks(&report), ["suppression-unused"]);
    let key = report.findings[0].key.as_ref().map(Untrusted::raw);
    assert_eq!(key, Some("ebs-volume-unencrypted *"));

    scene.add(VOLUME, "vol-2", &[("encrypted", Fact::Unreadable(denied))]);
    assert_eq!(open_checks(&scene.report()), [""; 0]);

    // Tags that nobody read may be the one that it names.
    let mut scene = Scene::new(&[CHECK]);
    scene.cover(VOLUME, "eu-west-1", Extent::Complete);
    scene.add(VOLUME, "vol-1", &volume(true));
    scene.suppress(CHECK, "tag:stage=sandbox", "2027-01-01");
    assert_eq!(open_checks(&scene.report()), [""; 0]);
}
