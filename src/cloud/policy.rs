//! What may be sent to AWS for which purpose, and the least IAM policy that allows it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::catalog::Catalog;
use crate::catalog::actions::Action;
use crate::catalog::reads::Reads;
use crate::catalog::reads::resource_type::ResourceType;
use crate::cloud::actions::{Actions, GRANTING, IDENTITY, PUBLISH};
use crate::cloud::aws::guard::Operations;
use crate::cloud::aws::kinds;
use crate::model::ids::Arn;
use crate::model::partition::Partition;

/// What looking at resources may send: who are we, metrics, alarms, and the status calls of
/// the kinds. Anything else is refused before it leaves the process.
pub fn observing(catalog: &Catalog) -> Operations {
    let metrics = [
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        IDENTITY,
    ];
    let mut all = catalog.kinds().flat_map(|kind| &kind.metrics);
    let has_parts = all.any(|metric| metric.part.is_some());
    metrics
        .into_iter()
        .chain(has_parts.then_some("cloudwatch:ListMetrics"))
        .chain(statuses(catalog))
        .collect()
}

/// The status calls of the kinds.
fn statuses(catalog: &Catalog) -> impl Iterator<Item = &str> {
    catalog
        .kinds()
        .filter_map(|kind| Some((kind, kind.status.as_ref()?)))
        .flat_map(|(kind, status)| {
            let sent = kinds::find(kind.id.as_str()).map_or(&[][..], |code| code.operations());
            let listed = status.operations.iter().map(String::as_str);
            listed.chain(sent.iter().copied())
        })
}

/// What finding resources by their tags may send: also the status calls of the kinds, because
/// the tagging service lists what was deleted.
pub fn discovering(catalog: &Catalog) -> Operations {
    let find = [IDENTITY, "tag:GetResources"];
    find.into_iter().chain(statuses(catalog)).collect()
}

/// What an audit of costs may send: the bill, how resources of these types are configured, and
/// how much they are used.
pub fn costing(types: &[String]) -> Operations {
    let read = auditing(types);
    let bill = ["ce:GetCostAndUsage", "cloudwatch:GetMetricData"];
    read.iter().chain(bill).collect()
}

/// What reading logs may send: names of groups, events, how much there is, and what the kinds ask
/// to find out where a resource logs.
pub fn reading_logs(catalog: &Catalog) -> Operations {
    let read = [
        "cloudwatch:GetMetricData",
        "logs:DescribeLogGroups",
        "logs:FilterLogEvents",
        "logs:GetQueryResults",
        "logs:StartQuery",
        IDENTITY,
    ];
    let sources = catalog.kinds().flat_map(|kind| &kind.logs);
    let sources = sources.flat_map(|source| source.operations());
    read.into_iter().chain(sources).collect()
}

/// What reading metrics may send.
pub fn measuring() -> Operations {
    ["cloudwatch:GetMetricData", IDENTITY].into_iter().collect()
}

/// What looking at the past of resources may send: their metrics, and what was changed.
pub fn looking_back() -> Operations {
    let read = [
        "cloudtrail:LookupEvents",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        IDENTITY,
    ];
    read.into_iter().collect()
}

/// What an investigation may send: what observing, reading logs and looking back may.
pub fn investigating(catalog: &Catalog) -> Operations {
    let parts = [
        observing(catalog),
        reading_logs(catalog),
        looking_back(),
        clues(catalog),
    ];
    parts.iter().flat_map(Operations::iter).collect()
}

/// What asking for the own identity may send.
pub fn identifying() -> Operations {
    [IDENTITY].into_iter().collect()
}

/// What reading the configuration of resources may send: the reads of these types (all, where
/// none is named), who we are, and which regions are enabled.
pub fn auditing(types: &[String]) -> Operations {
    let reads = Reads::built_in();
    let wanted = |of: &&ResourceType| types.is_empty() || types.contains(&of.id);
    let sent = reads.operations(reads.types().filter(wanted));
    let always = [IDENTITY, "ec2:DescribeRegions"].map(str::to_owned);
    sent.into_iter().chain(always).collect()
}

/// What planning actions may send: who we are, the reads of these actions, and those of what AWS
/// keeps for a while of what went wrong, which a change may replace.
pub fn planning<'a>(
    catalog: &Catalog,
    actions: impl IntoIterator<Item = &'a Action>,
) -> Operations {
    let reads = actions.into_iter().flat_map(Action::read_operations);
    let reads: Operations = reads.chain([IDENTITY]).collect();
    let clues = clues(catalog);
    reads.iter().chain(clues.iter()).collect()
}

/// What reading the clues of all kinds sends.
fn clues(catalog: &Catalog) -> Operations {
    let all = catalog.kinds().flat_map(|kind| &kind.clues);
    all.flat_map(|source| source.operations()).collect()
}

/// What applying actions may send: who we are, their writes, and what a write has to read just
/// before, so that it keeps what is there.
pub fn changing<'a>(actions: impl IntoIterator<Item = &'a Action>) -> Operations {
    let each = actions.into_iter().flat_map(|action| {
        let kept = action.writes.iter().filter_map(|write| write.keep.as_ref());
        let kept = kept.map(|keep| keep.operation.as_str());
        action.write_operations().into_iter().chain(kept)
    });
    each.chain([IDENTITY]).collect()
}

/// What granting permissions may send: who we are, and the writes of managed policies. Nothing of
/// it can make, read or delete what is deployed.
pub fn granting() -> Operations {
    GRANTING.into_iter().chain([IDENTITY]).collect()
}

/// What asking when permissions were used may send: who we are, and the report of IAM.
pub fn seeing_use() -> Operations {
    let report = [
        "iam:GenerateServiceLastAccessedDetails",
        "iam:GetServiceLastAccessedDetails",
    ];
    report.into_iter().chain([IDENTITY]).collect()
}

/// What telling topics may send: nothing else goes through that connection, and publishing
/// goes through no other.
pub fn publishing() -> Operations {
    [PUBLISH].into_iter().collect()
}

/// The statement that a job needs which tells these topics, with a note on it; `None` where
/// there are none.
pub fn publishing_policy(topics: &BTreeSet<Arn>) -> Option<(Value, &'static str)> {
    let statement = json!({
        "Sid": "PublishAlerts",
        "Effect": "Allow",
        "Action": [PUBLISH],
        "Resource": topics,
    });
    let note = "PublishAlerts is for the channels of type sns; a topic that is encrypted with \
                your own key needs kms:GenerateDataKey and kms:Decrypt on it too.";
    (!topics.is_empty()).then_some((statement, note))
}

/// The least-privilege IAM policy for operations: one statement a service. Where nothing is
/// sent, or only what needs no permission, there are no statements. It names resources of one
/// partition, because IAM refuses a policy that names those of another.
pub fn policy(operations: &Operations, catalog: &Catalog, partition: &Partition) -> Value {
    let actions = Actions::new(catalog);
    let of_kinds: BTreeSet<&str> = statuses(catalog).collect();
    let mut by_service: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wide: BTreeSet<String> = BTreeSet::new();
    for operation in operations.iter() {
        if operation == IDENTITY {
            continue;
        }
        let action = actions.action_of(operation);
        let service = action.split(':').next().unwrap_or_default().to_owned();
        if !of_kinds.contains(operation) {
            wide.insert(service.clone());
        }
        by_service.entry(service).or_default().insert(action);
    }
    let statements: Vec<Value> = by_service
        .iter()
        .map(|(service, actions)| {
            // Only of what kinds send it is known which resources would do.
            let resources = match wide.contains(service) {
                true => json!("*"),
                false => resources(service, catalog, partition),
            };
            json!({
                "Sid": sid(service),
                "Effect": "Allow",
                "Action": actions,
                "Resource": resources,
            })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What a reader of the policy should know and its format has no place for.
pub fn notes(operations: &Operations) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if operations.allows(IDENTITY) {
        notes.push("sts:GetCallerIdentity is sent too; it needs no permission.");
    }
    if operations.allows("s3:HeadBucket") {
        notes.push(
            "HeadBucket needs s3:ListBucket; narrow its Resource to your own buckets if you like.",
        );
    }
    notes
}

/// `ReadCloudwatch`: letters and digits only, as IAM wants it.
fn sid(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest: String = letters.collect();
    format!("Read{}{rest}", first.map_or(String::new(), String::from))
}

/// The narrowest resources that the operations of a service accept, as the kinds that send them
/// say it. What a kind says nothing of, and whatever no kind sends, accepts only `*`.
fn resources(service: &str, catalog: &Catalog, partition: &Partition) -> Value {
    let statuses = catalog.kinds().filter_map(|kind| kind.status.as_ref());
    let mut of_service = statuses.filter(|status| status.asks(service)).peekable();
    let any = of_service.peek().is_none();
    let lists: Vec<&[String]> = of_service
        .map(|status| status.resources.as_slice())
        .collect();
    if any || lists.iter().any(|list| list.is_empty()) {
        return json!("*");
    }
    let all = lists.into_iter().flatten();
    let all: BTreeSet<String> = all.map(|arn| partition.localized(arn)).collect();
    match all.first() {
        Some(only) if all.len() == 1 => json!(only),
        _ => json!(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::partition;

    fn catalog() -> Catalog {
        Catalog::built_in().expect("the catalogue")
    }

    #[test]
    fn the_policy_of_observing() {
        let policy = policy(&observing(&catalog()), &catalog(), Partition::COMMERCIAL);
        let text = serde_json::to_string_pretty(&policy).expect("plain data");
        insta::assert_snapshot!(text, @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "ReadApigateway",
          "Effect": "Allow",
          "Action": [
            "apigateway:GET"
          ],
          "Resource": [
            "arn:aws:apigateway:*::/apis",
            "arn:aws:apigateway:*::/apis/*",
            "arn:aws:apigateway:*::/restapis",
            "arn:aws:apigateway:*::/restapis/*"
          ]
        },
        {
          "Sid": "ReadCloudfront",
          "Effect": "Allow",
          "Action": [
            "cloudfront:ListDistributions"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadCloudwatch",
          "Effect": "Allow",
          "Action": [
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
            "cloudwatch:ListMetrics"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadDynamodb",
          "Effect": "Allow",
          "Action": [
            "dynamodb:DescribeTable"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadEcs",
          "Effect": "Allow",
          "Action": [
            "ecs:DescribeServices"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadElasticache",
          "Effect": "Allow",
          "Action": [
            "elasticache:DescribeCacheClusters",
            "elasticache:DescribeReplicationGroups"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadElasticloadbalancing",
          "Effect": "Allow",
          "Action": [
            "elasticloadbalancing:DescribeLoadBalancers"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadLambda",
          "Effect": "Allow",
          "Action": [
            "lambda:GetFunctionConcurrency",
            "lambda:GetFunctionConfiguration",
            "lambda:ListFunctions"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadRds",
          "Effect": "Allow",
          "Action": [
            "rds:DescribeDBClusters",
            "rds:DescribeDBInstances",
            "rds:DescribeDBParameters"
          ],
          "Resource": "*"
        },
        {
          "Sid": "ReadS3",
          "Effect": "Allow",
          "Action": [
            "s3:ListBucket"
          ],
          "Resource": "arn:aws:s3:::*"
        },
        {
          "Sid": "ReadSqs",
          "Effect": "Allow",
          "Action": [
            "sqs:GetQueueUrl",
            "sqs:ListQueues"
          ],
          "Resource": "*"
        }
      ]
    }
    "#);
    }

    #[test]
    fn a_policy_names_one_partition() {
        let catalog = catalog();
        for partition in &partition::ALL {
            let policy = policy(&observing(&catalog), &catalog, partition).to_string();
            let arns: BTreeSet<&str> = policy
                .split('"')
                .filter_map(|text| text.strip_prefix("arn:"))
                .filter_map(|rest| rest.split(':').next())
                .collect();
            assert_eq!(arns, BTreeSet::from([partition.name]), "{policy}");
        }
    }

    #[test]
    fn topics_are_published_to_by_their_arn_alone() {
        assert_eq!(publishing_policy(&BTreeSet::new()), None);
        let arn = Arn::new("arn:aws:sns:us-east-1:123456789012:alerts").expect("an ARN");
        let (statement, _) = publishing_policy(&BTreeSet::from([arn])).expect("a statement");
        insta::assert_snapshot!(statement, @r#"{"Sid":"PublishAlerts","Effect":"Allow","Action":["sns:Publish"],"Resource":["arn:aws:sns:us-east-1:123456789012:alerts"]}"#);
        let all = [
            observing(&catalog()),
            discovering(&catalog()),
            identifying(),
        ];
        for other in all {
            assert!(!other.allows(PUBLISH), "{other:?}");
        }
    }

    #[test]
    fn the_policy_of_auditing() {
        let types = ["aws_s3_bucket", "account", "aws_api_gateway_rest_api"].map(str::to_owned);
        let policy = policy(&auditing(&types), &catalog(), Partition::COMMERCIAL);
        let text = serde_json::to_string_pretty(&policy).expect("plain data");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_policy_of_discovering() {
        let (found, seen) = (discovering(&catalog()), observing(&catalog()));
        let only = |one: &Operations, other: &Operations| -> Vec<String> {
            let all = one.iter().filter(|operation| !other.allows(operation));
            all.map(str::to_owned).collect()
        };
        assert_eq!(only(&found, &seen), ["tag:GetResources"]);
        assert_eq!(
            only(&seen, &found),
            [
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetMetricData",
                "cloudwatch:ListMetrics"
            ]
        );
    }
}
