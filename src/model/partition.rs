//! The partitions of AWS: parts of it with accounts, regions and hosts of their own. An ARN, a
//! policy or a link of one means nothing in another.

use crate::model::ids::{Arn, Region};

/// A partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partition {
    /// Its name in ARNs, for instance `aws-us-gov`.
    pub name: &'static str,
    /// What the names of its regions begin with; empty for the one of all other regions.
    region_prefix: &'static str,
    /// The domain that its API endpoints end in.
    pub dns_suffix: &'static str,
    /// The host of its console, to which regions are prefixed; `None` where it is not public.
    pub console: Option<&'static str>,
    /// The region that services without regions are signed for.
    pub global_region: &'static str,
}

/// All of them, from the endpoint rules of the AWS SDKs (`partitions.json`). The first is the
/// one of every region that no other claims.
pub const ALL: [Partition; 8] = [
    Partition {
        name: "aws",
        region_prefix: "",
        dns_suffix: "amazonaws.com",
        console: Some("console.aws.amazon.com"),
        global_region: "us-east-1",
    },
    Partition {
        name: "aws-cn",
        region_prefix: "cn-",
        dns_suffix: "amazonaws.com.cn",
        console: Some("console.amazonaws.cn"),
        global_region: "cn-northwest-1",
    },
    Partition {
        name: "aws-us-gov",
        region_prefix: "us-gov-",
        dns_suffix: "amazonaws.com",
        console: Some("console.amazonaws-us-gov.com"),
        global_region: "us-gov-west-1",
    },
    Partition {
        name: "aws-eusc",
        region_prefix: "eusc-",
        dns_suffix: "amazonaws.eu",
        console: Some("console.amazonaws-eusc.eu"),
        global_region: "eusc-de-east-1",
    },
    Partition {
        name: "aws-iso",
        region_prefix: "us-iso-",
        dns_suffix: "c2s.ic.gov",
        console: None,
        global_region: "us-iso-east-1",
    },
    Partition {
        name: "aws-iso-b",
        region_prefix: "us-isob-",
        dns_suffix: "sc2s.sgov.gov",
        console: None,
        global_region: "us-isob-east-1",
    },
    Partition {
        name: "aws-iso-e",
        region_prefix: "eu-isoe-",
        dns_suffix: "cloud.adc-e.uk",
        console: None,
        global_region: "eu-isoe-west-1",
    },
    Partition {
        name: "aws-iso-f",
        region_prefix: "us-isof-",
        dns_suffix: "csp.hci.ic.gov",
        console: None,
        global_region: "us-isof-south-1",
    },
];

impl Partition {
    /// The one that almost everybody uses.
    pub const COMMERCIAL: &'static Self = &ALL[0];

    /// The partition of a region.
    pub fn of_region(region: &Region) -> &'static Self {
        let claims = |one: &&Self| region.as_str().starts_with(one.region_prefix);
        ALL[1..].iter().find(claims).unwrap_or(Self::COMMERCIAL)
    }

    /// The partition that an ARN names; `None` for one that is not known here.
    pub fn of_arn(arn: &Arn) -> Option<&'static Self> {
        ALL.iter().find(|one| one.name == arn.partition())
    }

    /// An ARN, or a pattern for some, of the partition `aws`, as it is in this one.
    pub fn localized(&self, arn: &str) -> String {
        match arn.strip_prefix("arn:aws:") {
            Some(rest) => format!("arn:{}:{rest}", self.name),
            None => arn.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_arns_are_of_one_partition() {
        for (region, name) in [
            ("us-east-1", "aws"),
            ("us-gov-east-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-iso-west-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eu-isoe-west-1", "aws-iso-e"),
            ("us-isof-south-1", "aws-iso-f"),
            ("global", "aws"),
        ] {
            let region = Region::new(region).expect("a region");
            assert_eq!(Partition::of_region(&region).name, name, "{region}");
            let arn = Arn::new(format!("arn:{name}:sqs:{region}:123456789012:jobs"));
            let found = Partition::of_arn(&arn.expect("an ARN"));
            assert_eq!(found.map(|one| one.name), Some(name));
        }
        for one in &ALL {
            let home = Region::new(one.global_region).expect("a region");
            assert_eq!(Partition::of_region(&home), one);
        }
        let odd = Arn::new("arn:aws-moon:sqs:x-y-1:123456789012:jobs").expect("an ARN");
        assert_eq!(Partition::of_arn(&odd), None);
    }

    #[test]
    fn patterns_move_with_their_partition() {
        let gov = &ALL[2];
        assert_eq!(gov.localized("arn:aws:s3:::*"), "arn:aws-us-gov:s3:::*");
        assert_eq!(gov.localized("arn:aws-cn:s3:::*"), "arn:aws-cn:s3:::*");
        assert_eq!(gov.localized("*"), "*");
    }
}
