//! How the resources of an account are configured: what checks are evaluated over.
//!
//! It comes from AWS or from a Terraform plan and has one shape, so that one check evaluates
//! both: the attribute names of the Terraform AWS provider, companions folded into what they
//! belong to (`docs/configuration-facts.md`). Round-trips through serde.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::fact::{Fact, FactName, Gap, GapId};
use crate::model::ids::{AccountId, Arn, Region};
use crate::text::Untrusted;

/// The pseudo-type that holds the settings of the account as a whole. There is one, in the
/// region `global`.
pub const ACCOUNT: &str = "account";
/// The pseudo-type that holds the settings of a region as a whole. There is one for every
/// region that is enabled.
pub const REGION: &str = "region";

/// The resources of one account, and how far they were seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// The account, where it is known. A plan may not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// When it was read: ages are counted from here.
    pub read_at: Timestamp,
    /// In the order in which they were read. The settings of the account and of each region
    /// are among them, with the types [`ACCOUNT`] and [`REGION`].
    pub resources: Vec<ConfiguredResource>,
    /// What could not be read. Facts name them by index.
    pub gaps: Vec<Gap>,
    /// How far each type was seen in each region. What is not listed was not looked for.
    pub coverage: Vec<TypeCoverage>,
}

/// One resource and its facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfiguredResource {
    /// Terraform type (`aws_s3_bucket`), or [`ACCOUNT`] or [`REGION`].
    pub resource_type: String,
    /// Its ARN. What a plan is about to create has none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<Arn>,
    /// Its address in Terraform, instance key included (`aws_sqs_queue.orders["eu"]`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Untrusted>,
    /// The name that people use.
    pub name: Untrusted,
    /// Where it is, `global` for what belongs to no region.
    pub region: Region,
    /// The account that it belongs to, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Facts by attribute name. One that is not listed was not read, which is never the same
    /// as [`Fact::Absent`]: the provider answered, and there is none.
    pub facts: BTreeMap<FactName, Fact>,
}

/// How far the resources of one type were seen in one region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeCoverage {
    /// Terraform type.
    pub resource_type: String,
    /// The region, `global` for types that belong to none.
    pub region: Region,
    /// How far.
    pub extent: Extent,
}

/// How far a list was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it: what is not among the resources does not exist.
    Complete,
    /// Some of it; the gap says why not more.
    Partial(GapId),
    /// Nothing of it; the gap says why.
    Unread(GapId),
    /// The account has not enabled the region, so there is nothing.
    NotEnabled,
}

impl Extent {
    /// Returns the gap that hides resources, where one does.
    pub fn gap(self) -> Option<GapId> {
        match self {
            Self::Partial(gap) | Self::Unread(gap) => Some(gap),
            Self::Complete | Self::NotEnabled => None,
        }
    }
}

impl Configuration {
    /// Returns a configuration of which nothing is known yet.
    pub fn new(read_at: Timestamp) -> Self {
        Self {
            account: None,
            read_at,
            resources: Vec::new(),
            gaps: Vec::new(),
            coverage: Vec::new(),
        }
    }

    /// Returns whether everything that was asked for was listed.
    pub fn is_whole(&self) -> bool {
        let is_hidden = |one: &TypeCoverage| one.extent.gap().is_some();
        let is_unseen = self.coverage.is_empty() && !self.gaps.is_empty();
        !is_unseen && !self.coverage.iter().any(is_hidden)
    }

    /// Returns the gap with this index.
    pub fn gap(&self, id: GapId) -> Option<&Gap> {
        self.gaps.get(id.0 as usize)
    }

    /// Notes a gap, and returns the id that facts name it by. Equal gaps are kept once.
    pub fn add_gap(&mut self, gap: Gap) -> GapId {
        let known = self.gaps.iter().position(|known| *known == gap);
        let index = known.unwrap_or_else(|| {
            self.gaps.push(gap);
            self.gaps.len() - 1
        });
        GapId::from_index(index)
    }

    /// Returns the resources of a type.
    pub fn of_type<'a>(
        &'a self,
        resource_type: &'a str,
    ) -> impl Iterator<Item = &'a ConfiguredResource> {
        let is_one = move |one: &&ConfiguredResource| one.resource_type == resource_type;
        self.resources.iter().filter(is_one)
    }

    /// Returns the settings of the account as a whole.
    pub fn account_settings(&self) -> Option<&ConfiguredResource> {
        self.of_type(ACCOUNT).next()
    }

    /// Returns the settings of a region as a whole.
    pub fn region_settings(&self, region: &Region) -> Option<&ConfiguredResource> {
        self.of_type(REGION).find(|one| one.region == *region)
    }

    /// Adds what was read apart: its gaps get new numbers, and everything keeps naming them.
    pub fn append(&mut self, other: Self) {
        let numbers: Vec<GapId> = other
            .gaps
            .into_iter()
            .map(|gap| self.add_gap(gap))
            .collect();
        let number = |gap: GapId| numbers.get(gap.0 as usize).copied().unwrap_or(gap);
        self.account = self.account.take().or(other.account);
        for mut resource in other.resources {
            for fact in resource.facts.values_mut() {
                *fact = fact.renumbered(&number);
            }
            self.resources.push(resource);
        }
        for mut entry in other.coverage {
            entry.extent = match entry.extent {
                Extent::Partial(gap) => Extent::Partial(number(gap)),
                Extent::Unread(gap) => Extent::Unread(number(gap)),
                known => known,
            };
            self.coverage.push(entry);
        }
    }
}

impl ConfiguredResource {
    /// Returns a fact; `None` where it was not read.
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.get(name)
    }

    /// Returns the text that identifies it on every run: its ARN, else its address, else its
    /// type, region and name.
    pub fn identity(&self) -> Untrusted {
        if let Some(arn) = &self.arn {
            return Untrusted::from(arn.as_str());
        }
        if let Some(address) = &self.address {
            return address.clone();
        }
        let name = self.name.raw();
        Untrusted::from(format!("{}/{}/{name}", self.resource_type, self.region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::{GapCause, Value};

    fn gap(operation: &str) -> Gap {
        Gap {
            operation: operation.to_owned(),
            subject: "a bucket".to_owned(),
            cause: GapCause::Denied,
            code: None,
            message: Untrusted::from("denied"),
            missing_permission: Some(operation.to_owned()),
        }
    }

    fn bucket(name: &str, policy: Fact) -> ConfiguredResource {
        ConfiguredResource {
            resource_type: "aws_s3_bucket".to_owned(),
            arn: Arn::new(format!("arn:aws:s3:::{name}")).ok(),
            address: None,
            name: Untrusted::from(name),
            region: Region::new("eu-west-1").expect("a region"),
            account: None,
            facts: BTreeMap::from([(FactName::parse("policy").expect("a name"), policy)]),
        }
    }

    #[test]
    fn what_is_appended_keeps_its_gaps() {
        let mut one = Configuration::new(Timestamp::UNIX_EPOCH);
        let first = one.add_gap(gap("s3:GetBucketAcl"));
        one.resources.push(bucket("one", Fact::Unreadable(first)));

        let mut other = Configuration::new(Timestamp::UNIX_EPOCH);
        let hidden = other.add_gap(gap("s3:GetBucketPolicy"));
        let same = other.add_gap(gap("s3:GetBucketAcl"));
        let inside = Value::list([Fact::Unreadable(same)]);
        other
            .resources
            .push(bucket("two", Fact::Unreadable(hidden)));
        other.resources.push(bucket("three", Fact::Known(inside)));
        other.coverage.push(TypeCoverage {
            resource_type: "aws_s3_bucket".to_owned(),
            region: Region::new("global").expect("a region"),
            extent: Extent::Partial(hidden),
        });

        one.append(other);
        let operations: Vec<_> = one.gaps.iter().map(|gap| gap.operation.as_str()).collect();
        assert_eq!(operations, ["s3:GetBucketAcl", "s3:GetBucketPolicy"]);
        let gaps = one.resources.iter().map(|it| it.facts["policy"].gaps());
        let named: Vec<Vec<u32>> = gaps
            .map(|ids| ids.iter().map(|id| id.0).collect())
            .collect();
        assert_eq!(named, [vec![0], vec![1], vec![0]]);
        assert_eq!(one.coverage[0].extent.gap(), Some(GapId(1)));
    }

    #[test]
    fn a_configuration_survives_a_recording() {
        let mut one = Configuration::new(Timestamp::UNIX_EPOCH);
        let id = one.add_gap(gap("s3:GetBucketPolicy"));
        one.resources.push(bucket("one", Fact::Unreadable(id)));
        one.resources.push(bucket("two", Fact::Absent));
        let json = serde_json::to_string(&one).expect("it can be written");
        let read: Configuration = serde_json::from_str(&json).expect("it can be read");
        assert_eq!(read, one);
    }

    #[test]
    fn what_a_plan_creates_is_identified_by_its_address() {
        let mut planned = bucket("one", Fact::Absent);
        assert_eq!(planned.identity().raw(), "arn:aws:s3:::one");
        planned.arn = None;
        planned.address = Some(Untrusted::from("aws_s3_bucket.b[\"one\"]"));
        assert_eq!(planned.identity().raw(), "aws_s3_bucket.b[\"one\"]");
        planned.address = None;
        assert_eq!(planned.identity().raw(), "aws_s3_bucket/eu-west-1/one");
    }
}
