//! Facts that no formula could compute: they look at several resources, at policies, networks
//! and dates. Checks ask for them by name; the names and types of each resource type are in
//! `catalog/configuration/types.toml`.

mod ages;
mod alarms;
mod containers;
mod databases;
mod functions;
mod house;
mod iam;
mod network;
mod policies;
mod ports;
mod queues;
mod reach;
mod runtimes;
mod s3;
mod secrets;
mod trails;

pub(super) use house::HouseRules;
pub use iam::{
    allows_everything, attached_policies, dangerous_policy_of_aws, held_policies, managed_policies,
    opened_by,
};

use std::collections::BTreeMap;

use crate::core::known::{Known, Obstacles};
use crate::model::configuration::ConfiguredResource;
use crate::model::fact::{Fact, Value};
use crate::model::status::Severity;

use super::estate::Estate;
use super::facts::FactView;

/// Derived facts by name.
pub(super) type DerivedFacts = BTreeMap<&'static str, DerivedFact>;

/// A fact that was computed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum DerivedFact {
    /// A value, or none.
    Value(Option<Value>),
    /// What stands in the way of it.
    Unknown(Obstacles),
    /// Places inside the resource, and what may hide others.
    Places(Vec<Place>, Obstacles),
}

/// A place inside a resource where something may be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// What it is, the same on every run: never an index, a line or a label.
    pub(super) key: String,
    /// A sentence about it, without a full stop. Holds no secret.
    pub(super) text: String,
    /// How urgent, where that depends on the place.
    pub(super) severity: Option<Severity>,
}

impl Place {
    pub(super) fn new(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            text: text.into(),
            severity: None,
        }
    }

    pub(super) fn to_value(&self) -> Value {
        let severity = self.severity.map(|level| Fact::from(level.word()));
        Value::map([
            ("key", Fact::from(self.key.as_str())),
            ("text", Fact::from(self.text.as_str())),
            ("severity", severity.unwrap_or(Fact::Absent)),
        ])
    }
}

impl<T: Into<Value>> From<Known<T>> for DerivedFact {
    fn from(known: Known<T>) -> Self {
        match known {
            Ok(value) => Self::Value(Some(value.into())),
            Err(obstacles) => Self::Unknown(obstacles),
        }
    }
}

impl DerivedFact {
    /// A number that there may be none of.
    pub(super) fn number(known: Known<Option<f64>>) -> Self {
        match known {
            Ok(value) => Self::Value(value.map(Value::Number)),
            Err(obstacles) => Self::Unknown(obstacles),
        }
    }
}

impl From<Vec<String>> for DerivedFact {
    fn from(texts: Vec<String>) -> Self {
        let items = texts.into_iter().map(|text| Fact::from(text.as_str()));
        Self::Value(Some(Value::list(items)))
    }
}

/// Computes the derived facts of a resource.
pub(super) fn derive<'a>(
    estate: &Estate<'a>,
    house: &HouseRules<'a>,
    resource: &'a ConfiguredResource,
) -> DerivedFacts {
    let view = estate.view(resource);
    let mut facts = of_type(estate, view);
    facts.extend(house.facts(view));
    facts
}

fn of_type<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    match view.resource.resource_type.as_str() {
        "account" => account(estate, view),
        "aws_s3_bucket" => s3::bucket(estate, view),
        "aws_iam_user" => iam::user(estate, view),
        "aws_iam_role" => iam::role(estate, view),
        "aws_iam_group" => iam::group(view),
        "aws_iam_policy" => iam::policy(view),
        "aws_security_group" | "aws_default_security_group" => network::group(estate, view),
        "aws_network_acl" => network::network_acl(view),
        "aws_db_instance" => databases::instance(estate, view),
        "aws_lambda_function" => functions::function(estate, view),
        "aws_ecs_task_definition" => containers::task_definition(estate, view),
        "aws_instance" | "aws_launch_template" => secrets::user_data(estate, view),
        "aws_ssm_parameter" => secrets::parameter(view),
        "aws_cloudtrail" => trails::trail(estate, view),
        "aws_secretsmanager_secret" => ages::secret(estate, view),
        "aws_acm_certificate" => ages::certificate(estate, view),
        "aws_vpc_endpoint" => policies::endpoint(view),
        "aws_sns_topic" => policies::queue_or_topic(view),
        "aws_sqs_queue" => queues::queue(estate, view),
        "aws_opensearch_domain" => policies::of_fact(view, "access_policies"),
        "aws_ecr_repository"
        | "aws_kms_key"
        | "aws_dynamodb_table"
        | "aws_cloudwatch_event_bus"
        | "aws_efs_file_system"
        | "aws_kinesis_stream"
        | "aws_api_gateway_rest_api" => policies::of_fact(view, "policy"),
        _ => DerivedFacts::new(),
    }
}

fn account<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let mut facts = trails::account(estate);
    facts.extend(ages::account(estate, view));
    facts.insert("unwatched_events", alarms::unwatched(estate));
    facts
}
