//! Whole reports from answers as AWS gives them, and the cases that a report must get right.

mod savings;
mod spending;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::prices::PriceBook;
use super::report::{CostInput, SpendAnswers, report};
use super::{CostWindows, Utilisation};
use crate::catalog::opportunities::OpportunityRule;
use crate::catalog::registry::Registry;
use crate::expr::{Fact, Value};
use crate::model::configuration::{Configuration, ConfiguredResource, Extent, TypeCoverage};
use crate::model::cost::{SpendGroup, SpendTable, UtilisationMetric};
use crate::model::cost_report::CostReport;
use crate::model::cost_savings::SavingsDocument;
use crate::model::fact::FactName;
use crate::model::ids::Region;
use crate::model::monitoring::CostSection;
use crate::model::snapshot::Series;
use crate::text::Untrusted;

const NOW: &str = "2026-03-15T08:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn rules() -> Registry<OpportunityRule> {
    Registry::load(&[]).expect("the built-in rules")
}

fn region(name: &str) -> Region {
    Region::new(name).expect("a region")
}

/// A table of sixty days, to which groups are added.
struct Table(SpendTable);

impl Table {
    fn new() -> Self {
        Self::at(now())
    }

    fn at(now: Timestamp) -> Self {
        let days = CostWindows::at(now).both();
        Self(SpendTable {
            days,
            estimated: vec![false; days.len()],
            currency: Untrusted::from("USD"),
            groups: Vec::new(),
        })
    }

    /// Adds a group; `amount` says what the day with this number costs, the last one being 59.
    fn with(mut self, keys: [&str; 2], unit: &str, amount: impl Fn(usize) -> f64) -> Self {
        let amounts: Vec<f64> = (0..self.0.days.len()).map(amount).collect();
        self.0.groups.push(SpendGroup {
            keys: keys.map(Untrusted::from).to_vec(),
            unblended: amounts.clone(),
            net_amortized: amounts,
            usage: vec![24.0; self.0.days.len()],
            usage_unit: Untrusted::from(unit),
        });
        self
    }

    /// Adds a group that costs the same each day, so much in thirty days.
    fn a_month(self, keys: [&str; 2], unit: &str, amount: f64) -> Self {
        self.with(keys, unit, |_| amount / 30.0)
    }
}

/// The world of a report.
struct Scene {
    now: Timestamp,
    spend: SpendAnswers,
    settings: CostSection,
    configuration: Configuration,
    utilisation: Utilisation,
    expected: Option<SavingsDocument>,
    names: BTreeMap<&'static str, &'static str>,
}

impl Scene {
    fn new(usage: Table) -> Self {
        Self {
            now: now(),
            spend: SpendAnswers {
                usage: Ok(usage.0),
                records: Ok(Table::new().0),
                by_tag: None,
            },
            settings: CostSection::default(),
            configuration: Configuration::new(now()),
            utilisation: Utilisation::new(),
            expected: None,
            names: BTreeMap::new(),
        }
    }

    fn resource(&mut self, of: &str, region_name: &str, name: &str, facts: &[(&str, Value)]) {
        let shapes = crate::catalog::configuration::Shapes::built_in();
        let known = shapes
            .get(of)
            .into_iter()
            .flat_map(|shape| shape.facts.keys());
        let known = known.filter_map(|name| FactName::parse(name).ok());
        let mut all: BTreeMap<FactName, Fact> = known.map(|name| (name, Fact::Absent)).collect();
        for (name, value) in facts {
            all.insert(FactName::parse(name).expect("a name"), value.clone().into());
        }
        self.configuration.resources.push(ConfiguredResource {
            resource_type: of.to_owned(),
            arn: None,
            address: None,
            name: Untrusted::from(name),
            region: region(region_name),
            account: None,
            facts: all,
        });
        self.configuration.coverage.push(TypeCoverage {
            resource_type: of.to_owned(),
            region: region(region_name),
            extent: Extent::Complete,
        });
    }

    /// Answers every metric that is needed: by its name, with values that come in turn.
    fn measure(&mut self, values: &[(&str, &[f64])]) {
        for key in self.needed() {
            let given = values.iter().find(|(name, _)| *name == key.metric);
            let series = given.map(|(_, values)| series(&key, values));
            self.utilisation.insert(key, Ok(series));
        }
    }

    fn needed(&self) -> Vec<UtilisationMetric> {
        let (rules, prices) = (rules(), PriceBook::built_in());
        let input = self.input(&rules, &prices, &|_| None);
        input.needed_metrics().into_iter().collect()
    }

    fn input<'a>(
        &'a self,
        rules: &'a Registry<OpportunityRule>,
        prices: &'a PriceBook,
        resource_of: &'a dyn Fn(&str) -> Option<Untrusted>,
    ) -> CostInput<'a> {
        CostInput {
            now: self.now,
            is_critical: false,
            scope: Untrusted::from("account 123456789012"),
            settings: &self.settings,
            spend: &self.spend,
            resource_of,
            configuration: &self.configuration,
            utilisation: &self.utilisation,
            rules,
            prices,
            expected: self.expected.as_ref(),
        }
    }

    fn report(&self) -> (CostReport, SavingsDocument) {
        let (rules, prices) = (rules(), PriceBook::new(None, &self.settings));
        let resource_of = |billed: &str| self.names.get(billed).map(|name| Untrusted::from(*name));
        report(&self.input(&rules, &prices, &resource_of))
    }
}

fn series(key: &UtilisationMetric, values: &[f64]) -> Series {
    let midnight = key.days.start.to_zoned(TimeZone::UTC).expect("a day");
    let start = midnight.timestamp();
    let period = i64::from(key.period_seconds);
    let periods = key.days.len() as i64 * 86_400 / period;
    let times = (0..periods).map(|place| start + SignedDuration::from_secs(place * period));
    Series {
        statistic: key.statistic.clone(),
        period_seconds: key.period_seconds,
        at: times.collect(),
        values: values
            .iter()
            .copied()
            .cycle()
            .take(periods as usize)
            .collect(),
    }
}

const RDS: &str = "Amazon Relational Database Service";
const LAMBDA: &str = "AWS Lambda";
const S3: &str = "Amazon Simple Storage Service";

/// The account of the example: one database, one function, one bucket.
pub(crate) fn example_account() -> CostReport {
    let mut scene = Scene::new(
        Table::new()
            .a_month([RDS, "InstanceUsage:db.t3.medium"], "Hrs", 80.0)
            .a_month([RDS, "RDS:GP3-Storage"], "GB-Mo", 5.0)
            .a_month([LAMBDA, "Lambda-GB-Second"], "Second", 20.0)
            .a_month([LAMBDA, "Request"], "Requests", 2.0)
            .a_month([S3, "TimedStorage-ByteHrs"], "GB-Mo", 8.8)
            .a_month([S3, "Requests-Tier1"], "Requests", 1.7)
            .a_month(["Amazon API Gateway", "ApiGatewayRequest"], "Requests", 8.0)
            .a_month(["AmazonCloudWatch", "CW:Requests"], "Requests", 2.0),
    );
    scene.names = [
        (RDS, "db-instance"),
        (LAMBDA, "api-lambda"),
        (S3, "uploads-bucket"),
    ]
    .into();
    scene.resource(
        "aws_db_instance",
        "us-east-1",
        "db-instance",
        &[
            ("identifier", "db-instance".into()),
            ("instance_class", "db.t3.medium".into()),
            ("engine", "mysql".into()),
            ("status", "available".into()),
            ("allocated_storage", 43.0.into()),
            ("storage_type", "gp3".into()),
        ],
    );
    scene.resource(
        "aws_lambda_function",
        "us-east-1",
        "api-lambda",
        &[
            ("function_name", "api-lambda".into()),
            ("runtime", "python3.13".into()),
            ("memory_size", 512.0.into()),
            (
                "architectures",
                Value::list([Fact::from(Value::from("x86_64"))]),
            ),
        ],
    );
    let bucket = [("bucket", "uploads-bucket".into())];
    scene.resource("aws_s3_bucket", "us-east-1", "uploads-bucket", &bucket);
    scene.measure(&[
        ("CPUUtilization", &[12.0, 18.0, 21.0]),
        ("FreeableMemory", &[3e9]),
        ("CPUCreditBalance", &[500.0]),
        ("CPUSurplusCreditsCharged", &[0.0]),
        ("DatabaseConnections", &[3.0]),
        ("Duration", &[100_000.0]),
        ("BucketSizeBytes", &[4.11e11]),
        ("NumberOfObjects", &[4_000.0]),
    ]);
    scene.report().0
}
