//! Services as the bill calls them, and as people do.

/// Name on the bill, and name for people.
const SERVICES: [(&str, &str); 24] = [
    ("Amazon API Gateway", "API Gateway"),
    ("Amazon CloudFront", "CloudFront"),
    ("Amazon DynamoDB", "DynamoDB"),
    ("Amazon ElastiCache", "ElastiCache"),
    ("Amazon Elastic Block Store", "EBS"),
    ("Amazon Elastic Compute Cloud - Compute", "EC2"),
    ("Amazon Elastic Container Service", "ECS"),
    ("Amazon Elastic File System", "EFS"),
    ("Amazon Elastic Load Balancing", "Load balancing"),
    ("Amazon Kinesis", "Kinesis"),
    ("Amazon Relational Database Service", "RDS"),
    ("Amazon Route 53", "Route 53"),
    ("Amazon Simple Notification Service", "SNS"),
    ("Amazon Simple Queue Service", "SQS"),
    ("Amazon Simple Storage Service", "S3"),
    ("Amazon Virtual Private Cloud", "VPC"),
    ("AmazonCloudWatch", "CloudWatch"),
    ("AWS Cost Explorer", "Cost Explorer"),
    ("AWS Key Management Service", "KMS"),
    ("AWS Lambda", "Lambda"),
    ("AWS Secrets Manager", "Secrets Manager"),
    ("AWS Step Functions", "Step Functions"),
    ("AWS WAF", "WAF"),
    ("EC2 - Other", "EC2 (volumes, addresses, gateways)"),
];

/// Returns the name for people: the one of the table, else the bill's without the maker.
pub(super) fn label(billed: &str) -> &str {
    let known = SERVICES.iter().find(|(name, _)| *name == billed);
    known.map_or_else(
        || {
            let bare = billed.strip_prefix("Amazon ");
            bare.or_else(|| billed.strip_prefix("AWS "))
                .unwrap_or(billed)
        },
        |(_, label)| label,
    )
}

/// What is on the bill beside usage: its type of record, where the name of the service says it.
pub(super) fn adjustment(billed: &str) -> Option<&'static str> {
    let support = ["AWS Support", "AWS Premium Support", "Support"];
    match billed {
        "Tax" => Some("Tax"),
        "Refund" => Some("Refund"),
        _ if support.iter().any(|start| billed.starts_with(start)) => Some("Support"),
        _ => None,
    }
}

/// Prefixes of usage types by region. The oldest regions have none, or one without a number.
const PREFIXES: [(&str, &str); 35] = [
    ("af-south-1", "AFS1"),
    ("ap-east-1", "APE1"),
    ("ap-northeast-1", "APN1"),
    ("ap-northeast-2", "APN2"),
    ("ap-northeast-3", "APN3"),
    ("ap-south-1", "APS3"),
    ("ap-south-2", "APS5"),
    ("ap-southeast-1", "APS1"),
    ("ap-southeast-2", "APS2"),
    ("ap-southeast-3", "APS4"),
    ("ap-southeast-4", "APS6"),
    ("ap-southeast-5", "APS7"),
    ("ap-southeast-7", "APS9"),
    ("ca-central-1", "CAN1"),
    ("ca-west-1", "CAN2"),
    ("eu-central-1", "EUC1"),
    ("eu-central-2", "EUC2"),
    ("eu-north-1", "EUN1"),
    ("eu-south-1", "EUS1"),
    ("eu-south-2", "EUS2"),
    ("eu-west-1", "EU"),
    ("eu-west-1", "EUW1"),
    ("eu-west-2", "EUW2"),
    ("eu-west-3", "EUW3"),
    ("il-central-1", "ILC1"),
    ("me-central-1", "MEC1"),
    ("me-south-1", "MES1"),
    ("mx-central-1", "MXC1"),
    ("sa-east-1", "SAE1"),
    ("us-east-1", "USE1"),
    ("us-east-2", "USE2"),
    ("us-gov-east-1", "UGE1"),
    ("us-gov-west-1", "UGW1"),
    ("us-west-1", "USW1"),
    ("us-west-2", "USW2"),
];

/// Whether a usage type of the bill is this one in this region.
pub(super) fn is_usage_type(billed: &str, region: &str, wanted: &str) -> bool {
    if billed == wanted {
        return region == "us-east-1";
    }
    let Some(prefix) = billed
        .strip_suffix(wanted)
        .and_then(|rest| rest.strip_suffix('-'))
    else {
        return false;
    };
    PREFIXES
        .iter()
        .any(|(of, known)| *of == region && *known == prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_call_services_shortly() {
        assert_eq!(label("Amazon Relational Database Service"), "RDS");
        assert_eq!(label("AWS Glue"), "Glue");
        assert_eq!(label("Amazon Managed Grafana"), "Managed Grafana");
        assert_eq!(label("OCBLambda"), "OCBLambda");
    }

    #[test]
    fn support_and_tax_are_no_services() {
        assert_eq!(adjustment("AWS Support (Business)"), Some("Support"));
        assert_eq!(adjustment("Tax"), Some("Tax"));
        assert_eq!(adjustment("AWS Lambda"), None);
    }

    #[test]
    fn usage_types_belong_to_one_region() {
        let is = |billed: &str, region: &str| is_usage_type(billed, region, "BoxUsage:t3.micro");
        assert!(is("BoxUsage:t3.micro", "us-east-1"));
        assert!(is("USE1-BoxUsage:t3.micro", "us-east-1"));
        assert!(is("EUC1-BoxUsage:t3.micro", "eu-central-1"));
        assert!(is("EU-BoxUsage:t3.micro", "eu-west-1"));
        assert!(!is("BoxUsage:t3.micro", "eu-central-1"));
        assert!(!is("EUC1-BoxUsage:t3.micro", "us-east-1"));
        assert!(!is("EUC1-UnusedBoxUsage:t3.micro", "eu-central-1"));
        assert!(!is("XXX1-BoxUsage:t3.micro", "xx-nowhere-1"));
    }
}
