//! Status calls against canned answers: what is there, what is gone, and what nobody said.

use super::*;
use crate::cloud::Cloud;
use crate::cloud::aws::tests::observe::request;
use crate::cloud::policy;
use crate::model::fact::{Fact, GapCause, Value};
use crate::model::monitoring::EnabledCheck;
use crate::model::snapshot::{Condition, Observed, Snapshot};

const STATUS: [EnabledCheck; 1] = [EnabledCheck::ResourceStatus];

fn look(
    endpoint: Option<&str>,
    resources: Vec<Resource>,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Snapshot {
    run(async {
        let settings = AwsSettings {
            region: Some(Region::new("eu-central-1").expect("a region")),
            max_attempts: 1,
            endpoint: endpoint.map(str::to_owned),
            ..AwsSettings::new(policy::observing(&catalog()))
        };
        let mut aws = Aws::connect_through(http(script), settings, catalog())
            .await
            .expect("a connection");
        aws.use_credentials(Credentials::new("test", "test", None, None, "tests"));
        (&aws as &dyn Cloud)
            .observe(&request(resources, &STATUS))
            .await
    })
}

fn one(
    resource: Resource,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> (Observed, Snapshot) {
    let snapshot = look(None, vec![resource], script);
    (snapshot.resources[0].clone(), snapshot)
}

/// The word of the state; `gone`, or the cause of the gap.
fn word(observed: &Observed, snapshot: &Snapshot) -> String {
    match &observed.state {
        Fact::Known(state) => state.word.raw().to_owned(),
        Fact::Absent => "gone".to_owned(),
        Fact::Unreadable(gap) => format!("{:?}", snapshot.gaps[gap.0 as usize].cause),
    }
}

fn fact(observed: &Observed, name: &str) -> String {
    match observed.facts.get(name) {
        Some(Fact::Known(Value::Number(value))) => value.to_string(),
        Some(Fact::Known(Value::Text(value))) => value.raw().to_owned(),
        Some(Fact::Known(_)) => "another type".to_owned(),
        Some(Fact::Absent) => "absent".to_owned(),
        Some(Fact::Unreadable(_)) => "unreadable".to_owned(),
        None => "not asked".to_owned(),
    }
}

fn xml(operation: &str, inner: &str) -> Canned {
    let body = format!(
        "<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>"
    );
    answer(200, "text/xml", &body)
}

fn json(body: &str) -> Canned {
    answer(200, "application/x-amz-json-1.0", body)
}

fn refused(status: u16, code: &str) -> Canned {
    let body = format!(r#"{{"__type": "{code}", "message": "no"}}"#);
    answer(status, "application/x-amz-json-1.0", &body)
}

fn refused_in_xml(status: u16, code: &str) -> Canned {
    let error = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    let body = format!("<ErrorResponse>{error}</ErrorResponse>");
    answer(status, "text/xml", &body)
}

const BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/0123456789abcdef";

fn balancer() -> Resource {
    resource("aws_lb", BALANCER)
}

fn table() -> Resource {
    resource(
        "aws_dynamodb_table",
        "arn:aws:dynamodb:eu-central-1:123456789012:table/carts",
    )
}

fn queue() -> Resource {
    resource(
        "aws_sqs_queue",
        "arn:aws:sqs:eu-central-1:123456789012:jobs",
    )
}

fn cache() -> Resource {
    resource(
        "aws_elasticache_cluster",
        "arn:aws:elasticache:eu-central-1:123456789012:cluster:cart-001",
    )
}

fn distribution() -> Resource {
    let mut found = resource(
        "aws_cloudfront_distribution",
        "arn:aws:cloudfront::123456789012:distribution/E1SHOP",
    );
    found.region = Region::new("global").expect("a region");
    found
}

fn balancers(state: &str) -> Canned {
    let one = format!(
        "<member><LoadBalancerArn>{BALANCER}</LoadBalancerArn><State><Code>{state}</Code></State></member>"
    );
    xml(
        "DescribeLoadBalancers",
        &format!("<LoadBalancers>{one}</LoadBalancers>"),
    )
}

fn distributions(status: &str, enabled: bool) -> Canned {
    let body = format!(
        "<DistributionList><Quantity>1</Quantity><IsTruncated>false</IsTruncated><Items>\
         <DistributionSummary><Id>E1SHOP</Id><Status>{status}</Status><Enabled>{enabled}</Enabled>\
         </DistributionSummary></Items></DistributionList>"
    );
    answer(200, "text/xml", &body)
}

#[test]
fn states_are_read_as_the_kinds_say() {
    let (seen, all) = one(balancer(), |_| balancers("active_impaired"));
    assert_eq!(word(&seen, &all), "active_impaired");
    let (seen, all) = one(distribution(), |_| distributions("InProgress", false));
    let what = (word(&seen, &all), fact(&seen, "enabled"));
    assert_eq!(what, ("InProgress".to_owned(), "false".to_owned()));
    let (seen, all) = one(table(), |_| {
        json(
            r#"{"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": [
                {"IndexStatus": "ACTIVE"}, {"IndexStatus": "CREATING"}]}}"#,
        )
    });
    assert_eq!(word(&seen, &all), "ACTIVE");
    assert_eq!(fact(&seen, "indexes_changing"), "1");
    assert_eq!(fact(&seen, "replicas_failing"), "absent");
    let (seen, all) = one(queue(), |_| {
        json(r#"{"QueueUrls": ["https://sqs.eu-central-1.amazonaws.com/123456789012/jobs"]}"#)
    });
    assert_eq!(word(&seen, &all), "exists");
}

const MEMBER: &str = "<CacheClusters><CacheCluster><CacheClusterId>cart-001</CacheClusterId>\
    <CacheClusterStatus>available</CacheClusterStatus><Engine>valkey</Engine>\
    <ReplicationGroupId>cart</ReplicationGroupId><CacheNodes><CacheNode>\
    <CacheNodeStatus>available</CacheNodeStatus></CacheNode></CacheNodes></CacheCluster></CacheClusters>";

#[test]
fn a_member_of_a_group_has_the_state_of_its_group() {
    let of_group = |groups: &'static str| {
        one(cache(), move |line| {
            match line.contains("DescribeReplicationGroups") {
                true => xml("DescribeReplicationGroups", groups),
                false => xml("DescribeCacheClusters", MEMBER),
            }
        })
    };
    let (seen, all) = of_group(
        "<ReplicationGroups><ReplicationGroup><ReplicationGroupId>cart</ReplicationGroupId>\
         <Status>create-failed</Status></ReplicationGroup></ReplicationGroups>",
    );
    assert_eq!(word(&seen, &all), "available");
    assert_eq!(fact(&seen, "group_status"), "create-failed");
    assert_eq!(fact(&seen, "nodes_available"), "1");
    // A group that the list does not have says nothing of its member.
    let (seen, _) = of_group("<ReplicationGroups/>");
    assert_eq!(fact(&seen, "group_status"), "unreadable");
    let (seen, _) = one(cache(), |line| {
        match line.contains("DescribeReplicationGroups") {
            true => refused_in_xml(403, "AccessDenied"),
            false => xml("DescribeCacheClusters", MEMBER),
        }
    });
    assert_eq!(fact(&seen, "group_status"), "unreadable");
    assert_eq!(fact(&seen, "status"), "available");
}

/// What the service says does not exist is gone, and nothing else is.
#[test]
fn an_empty_answer_is_no_proof() {
    let empty = |_: &str| json("{}");
    for resource in [
        table(),
        queue(),
        function("api"),
        resource(
            "aws_apigatewayv2_api",
            "arn:aws:apigateway:eu-central-1::/apis/a1b2",
        ),
        resource(
            "aws_api_gateway_rest_api",
            "arn:aws:apigateway:eu-central-1::/restapis/a1b2",
        ),
    ] {
        let arn = resource.arn.clone();
        let (seen, all) = one(resource, empty);
        let word = word(&seen, &all);
        // A queue that is asked for by name and answered is there.
        let expected = if arn.as_str().contains(":sqs:") {
            "exists"
        } else {
            "Garbled"
        };
        assert_eq!(word, expected, "{arn}");
    }
    for (operation, resource) in [
        ("DescribeLoadBalancers", balancer()),
        ("DescribeCacheClusters", cache()),
        (
            "DescribeDBInstances",
            resource(
                "aws_db_instance",
                "arn:aws:rds:eu-central-1:123456789012:db:orders",
            ),
        ),
    ] {
        let (seen, all) = one(resource, move |_| xml(operation, ""));
        assert_eq!(word(&seen, &all), "Garbled", "{operation}");
    }
    let none = "<DistributionList><IsTruncated>false</IsTruncated></DistributionList>";
    let (seen, all) = one(distribution(), move |_| answer(200, "text/xml", none));
    assert_eq!(word(&seen, &all), "Garbled");
}

#[test]
fn what_the_service_does_not_have_is_gone() {
    let (seen, all) = one(balancer(), |_| {
        xml("DescribeLoadBalancers", "<LoadBalancers/>")
    });
    assert_eq!(word(&seen, &all), "gone");
    let (seen, all) = one(cache(), |_| {
        xml("DescribeCacheClusters", "<CacheClusters/>")
    });
    assert_eq!(word(&seen, &all), "gone");
    let (seen, all) = one(table(), |_| refused(400, "ResourceNotFoundException"));
    assert_eq!(word(&seen, &all), "gone");
    let none = "<DistributionList><Quantity>0</Quantity></DistributionList>";
    let (seen, all) = one(distribution(), move |_| answer(200, "text/xml", none));
    assert_eq!(word(&seen, &all), "gone");
    let (seen, all) = one(queue(), |line| match line.contains("QueueName") {
        true => refused(400, "com.amazonaws.sqs#QueueDoesNotExist"),
        false => json("{}"),
    });
    assert_eq!(word(&seen, &all), "gone");
}

#[test]
fn what_fails_is_unknown_whatever_fails() {
    let refusals: [(u16, &str, GapCause); 4] = [
        (403, "AccessDeniedException", GapCause::Denied),
        (400, "ThrottlingException", GapCause::Throttled),
        (500, "InternalFailure", GapCause::ProviderError),
        (501, "UnknownOperationException", GapCause::ProviderError),
    ];
    for (status, code, cause) in refusals {
        for resource in [balancer(), table(), queue(), cache(), distribution()] {
            let arn = resource.arn.clone();
            let (seen, all) = one(resource, move |line| {
                match line.contains("Action=") || line.starts_with("GET") {
                    true => refused_in_xml(status, code),
                    false => refused(status, code),
                }
            });
            let expected = format!("{cause:?}");
            assert_eq!(word(&seen, &all), expected, "{arn}, {code}");
        }
    }
}

/// An endpoint of one's own that lacks a call is no AWS that hides something.
#[test]
fn an_endpoint_that_lacks_the_call_says_so() {
    let endpoint = Some("http://127.0.0.1:9");
    let script = |_: &str| refused(501, "UnknownOperationException");
    let seen = look(endpoint, vec![balancer(), table()], script);
    for observed in &seen.resources {
        let state = observed.state.known().expect("it answered");
        assert_eq!(state.condition, Condition::NotOffered);
    }
    let denied = |_: &str| refused(403, "AccessDeniedException");
    let seen = look(endpoint, vec![balancer()], denied);
    assert!(seen.resources[0].state.gap().is_some());
}
