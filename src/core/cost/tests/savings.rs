//! What could be saved.

use super::*;
use crate::catalog::registry::Whose;
use crate::core::cost::run_examples;
use crate::model::opportunity::RealisedState;

#[test]
fn every_rule_is_as_its_examples_say() {
    let rules = rules();
    let faults: Vec<String> = rules
        .missing_examples()
        .into_iter()
        .chain(run_examples(&rules, Whose::Everyones))
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_sample_of_the_renderers_is_the_account_of_the_example() {
    let sample = include_str!("../../../render/samples/cost-example.json");
    let json = serde_json::to_string_pretty(&example_account()).expect("plain data");
    assert_eq!(sample.trim_end(), json);
}

// Case 25.
#[test]
fn the_account_of_the_example() {
    let report = example_account();
    let spending = report.spending.as_ref().expect("spending");
    assert_eq!(spending.total, 127.5);
    let drivers: Vec<_> = spending
        .drivers
        .iter()
        .map(|driver| {
            (
                driver.service.raw(),
                driver.amount,
                driver.share_percent.round(),
            )
        })
        .collect();
    assert_eq!(
        drivers,
        [
            ("RDS", 85.0, 67.0),
            ("Lambda", 22.0, 17.0),
            ("S3", 10.5, 8.0),
            ("API Gateway", 8.0, 6.0),
            ("CloudWatch", 2.0, 2.0),
        ]
    );
    let saved: Vec<_> = report
        .opportunities
        .iter()
        .map(|one| (one.rule.as_str(), one.counted_usd.round()))
        .collect();
    let expected = [
        ("rds-right-size", 40.0),
        ("lambda-arm64", 4.0),
        ("s3-intelligent-tiering", 2.0),
    ];
    assert_eq!(saved, expected);
    assert_eq!(report.savings.distinct_usd.round(), 46.0);
    assert_eq!(report.savings.share_percent.map(f64::round), Some(36.0));
    assert!(report.undecided.is_empty(), "{:?}", report.undecided);
}

#[test]
fn alternatives_count_once_and_what_combines_on_the_rest() {
    let mut scene = Scene::new(Table::new());
    let facts = [
        ("id", Value::from("i-1")),
        ("instance_type", "m5.xlarge".into()),
        ("instance_state", "running".into()),
    ];
    scene.resource("aws_instance", "us-east-1", "worker", &facts);
    scene.measure(&[("CPUUtilization", &[8.0])]);
    let (report, _) = scene.report();
    let counted: Vec<_> = report
        .opportunities
        .iter()
        .map(|one| (one.rule.as_str(), one.savings_usd, one.counted_usd))
        .collect();
    // 140.16 a month: half of it by the smaller size, then a fifth of what is left.
    assert_eq!(
        counted,
        [
            ("ec2-right-size", Some(70.08), 70.08),
            ("ec2-graviton", Some(27.74), 13.87),
        ]
    );
    assert_eq!(report.savings.listed_usd, 97.82);
    assert_eq!(report.savings.distinct_usd, 83.95);
}

// Case 28.
#[test]
fn a_volume_is_as_fast_as_before_unless_it_was_measured() {
    let volume = [
        ("id", Value::from("vol-1")),
        ("type", "gp2".into()),
        ("size", 2_000.0.into()),
    ];
    let attached = ("attached_to", Value::from("i-1"));
    let facts = [&volume[..], &[attached]].concat();
    let mut scene = Scene::new(Table::new());
    scene.resource("aws_ebs_volume", "us-east-1", "data", &facts);
    let (report, _) = scene.report();
    let counted: Vec<_> = report
        .opportunities
        .iter()
        .map(|one| (one.rule.as_str(), one.savings_usd, one.current_usd))
        .collect();
    assert_eq!(counted, [("ebs-gp2-to-gp3", Some(20.0), Some(200.0))]);

    // 900 operations and 40 MB a second at most, in periods of 300 seconds.
    scene.measure(&[
        ("VolumeReadOps", &[0.0, 180_000.0]),
        ("VolumeWriteOps", &[90_000.0]),
        ("VolumeReadBytes", &[6e9]),
        ("VolumeWriteBytes", &[6e9]),
    ]);
    let (report, _) = scene.report();
    assert_eq!(report.savings.distinct_usd, 40.0);
    assert_eq!(report.savings.listed_usd, 60.0);
    let first = report.opportunities.first().expect("an opportunity");
    assert_eq!(first.rule, "ebs-gp2-to-gp3-measured");
    assert_eq!(first.measured, Some(CostWindows::at(now()).last_days(14)));
}

// Case 30.
#[test]
fn the_first_point_does_not_decide() {
    let mut scene = Scene::new(Table::new());
    let facts = [
        ("identifier", Value::from("db")),
        ("instance_class", "db.t3.medium".into()),
        ("engine", "mysql".into()),
        ("status", "available".into()),
        ("allocated_storage", 20.0.into()),
        ("storage_type", "gp3".into()),
    ];
    scene.resource("aws_db_instance", "us-east-1", "db", &facts);
    scene.measure(&[
        ("CPUUtilization", &[3.0, 70.0, 65.0]),
        ("FreeableMemory", &[3e9]),
        ("CPUCreditBalance", &[500.0]),
        ("CPUSurplusCreditsCharged", &[0.0]),
        ("DatabaseConnections", &[0.0, 4.0, 5.0]),
    ]);
    let (report, _) = scene.report();
    assert_eq!(report.opportunities, []);
    assert_eq!(report.undecided, []);
}

// Case 31.
#[test]
fn a_snapshot_of_an_image_is_not_deletable() {
    let mut scene = Scene::new(Table::new());
    let facts = [
        ("id", Value::from("snap-1")),
        ("volume_size", 100.0.into()),
        ("started", "2025-01-01T00:00:00Z".into()),
    ];
    scene.resource("aws_ebs_snapshot", "us-east-1", "snap-1", &facts);
    let device = Value::map([("snapshot_id", Fact::from(Value::from("snap-1")))]);
    let devices = [("ebs_block_device", Value::list([device.into()]))];
    scene.resource("aws_ami", "us-east-1", "ami-x", &devices);
    let (report, _) = scene.report();
    let one = report.opportunities.first().expect("an opportunity");
    let blocked = one.blocked_by.as_ref().map(Untrusted::raw);
    assert_eq!(blocked, Some("deregister ami-x first"));
    assert!(one.at_most);
    assert_eq!((one.savings_usd, one.counted_usd), (Some(5.0), 0.0));
    assert_eq!(report.savings.distinct_usd, 0.0);
}

// Case 34.
#[test]
fn what_has_no_price_is_said_and_left_out() {
    let mut scene = Scene::new(Table::new());
    let volume = [
        ("id", Value::from("vol-1")),
        ("type", "gp2".into()),
        ("size", 2_000.0.into()),
        ("attached_to", "i-1".into()),
    ];
    scene.resource("aws_ebs_volume", "eu-south-2", "data", &volume);
    let (report, _) = scene.report();
    let one = report.opportunities.first().expect("an opportunity");
    assert_eq!((one.savings_usd, one.counted_usd), (None, 0.0));
    let evidence: Vec<_> = one.evidence.iter().map(Untrusted::raw).collect();
    assert!(
        evidence.contains(&"no price for ebs/gp2 in eu-south-2"),
        "{evidence:?}"
    );
    assert_eq!(report.savings.without_amount, 1);
    assert_eq!(report.savings.distinct_usd, 0.0);

    scene.settings.price_overrides = ["ebs/gp2", "ebs/gp3", "ebs/gp3/iops", "ebs/gp3/throughput"]
        .map(|key| (key.to_owned(), if key.contains('/') { 0.1 } else { 0.0 }))
        .into();
    scene
        .settings
        .price_overrides
        .insert("eu-south-2/ebs/gp3".to_owned(), 0.01);
    scene
        .settings
        .price_overrides
        .insert("ebs/gp3/iops".to_owned(), 0.001);
    scene
        .settings
        .price_overrides
        .insert("ebs/gp3/throughput".to_owned(), 0.001);
    let (report, _) = scene.report();
    assert!(report.savings.distinct_usd > 100.0, "{:?}", report.savings);
}

#[test]
fn savings_are_looked_for_on_later_bills() {
    let instance = [RDS, "InstanceUsage:db.t3.medium"];
    let facts = |class: &str| {
        [
            ("identifier", Value::from("db")),
            ("instance_class", class.into()),
            ("engine", "mysql".into()),
            ("status", "available".into()),
            ("allocated_storage", 20.0.into()),
            ("storage_type", "gp3".into()),
        ]
    };
    let quiet: &[(&str, &[f64])] = &[
        ("CPUUtilization", &[9.0]),
        ("FreeableMemory", &[3e9]),
        ("CPUCreditBalance", &[500.0]),
        ("CPUSurplusCreditsCharged", &[0.0]),
        ("DatabaseConnections", &[3.0]),
    ];
    let mut scene = Scene::new(Table::new().a_month(instance, "Hrs", 80.0));
    scene.resource("aws_db_instance", "us-east-1", "db", &facts("db.t3.medium"));
    scene.measure(quiet);
    let (first, document) = scene.report();
    assert_eq!(first.savings.distinct_usd, 40.0);
    assert_eq!(document.savings.len(), 1);

    let later = |after: i64, a_day: f64| {
        let now = now() + SignedDuration::from_hours(24 * after);
        let since = 60 - usize::try_from(after).expect("days");
        let table = Table::at(now).with(instance, "Hrs", |day| {
            if day < since { 80.0 / 30.0 } else { a_day }
        });
        let mut scene = Scene::new(table);
        scene.now = now;
        scene.expected = Some(document.clone());
        let (report, kept) = scene.report();
        assert_eq!(kept.savings.len(), 1);
        let one = report.realised.first().expect("an entry");
        (one.state, one.realised_usd.map(f64::round))
    };
    assert_eq!(later(3, 0.0), (RealisedState::NotYet, None));
    assert_eq!(
        later(20, 40.0 / 30.0),
        (RealisedState::Realised, Some(40.0))
    );
    assert_eq!(
        later(20, 80.0 / 30.0),
        (RealisedState::NotRealised, Some(0.0))
    );
}

#[test]
fn the_bill_counts_only_where_it_tells() {
    let facts = |id: &str| {
        [
            ("id", Value::from(id)),
            ("instance_type", "m5.xlarge".into()),
            ("instance_state", "running".into()),
        ]
    };
    let bill = |count: usize| {
        let keys = [
            "Amazon Elastic Compute Cloud - Compute",
            "BoxUsage:m5.xlarge",
        ];
        let mut scene = Scene::new(Table::new().a_month(keys, "Hrs", 100.0));
        for id in ["i-1", "i-2"].iter().take(count) {
            scene.resource("aws_instance", "us-east-1", id, &facts(id));
        }
        scene.measure(&[("CPUUtilization", &[8.0])]);
        let (report, _) = scene.report();
        report
            .opportunities
            .iter()
            .find(|one| one.rule == "ec2-right-size")
            .and_then(|it| it.current_usd)
    };
    assert_eq!(bill(1), Some(100.0));
    // 24 hours a day on the bill are one instance, not two: prices count.
    assert_eq!(bill(2), Some(140.16));
}

#[test]
fn metrics_are_asked_for_only_where_they_decide() {
    let mut scene = Scene::new(Table::new());
    let gp3 = [
        ("id", Value::from("vol-1")),
        ("type", "gp3".into()),
        ("attached_to", "i-1".into()),
    ];
    scene.resource("aws_ebs_volume", "us-east-1", "data", &gp3);
    assert_eq!(scene.needed(), []);
    let facts = [
        ("id", Value::from("i-1")),
        ("instance_type", "m5.large".into()),
        ("instance_state", "stopped".into()),
    ];
    scene.resource("aws_instance", "us-east-1", "off", &facts);
    assert_eq!(scene.needed(), []);
}
