//! Proves that the proxy counts what passes and breaks what it is told to, as AWS's own
//! client sees it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator, Refusal};
use crate::support::fault::{Fault, Rule};
use crate::support::http;
use crate::support::proxy::Proxy;

/// One call of every protocol: (operation as counted, boto3's service, method, arguments).
fn probes() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    vec![
        (
            "sts:GetCallerIdentity",
            "sts",
            "get_caller_identity",
            json!({}),
        ),
        (
            "lambda:ListFunctions",
            "lambda",
            "list_functions",
            json!({}),
        ),
        (
            "ecs:DescribeClusters",
            "ecs",
            "describe_clusters",
            json!({}),
        ),
        (
            "rds:DescribeDBInstances",
            "rds",
            "describe_db_instances",
            json!({}),
        ),
        ("s3:ListBuckets", "s3", "list_buckets", json!({})),
        (
            "cloudwatch:DescribeAlarms",
            "cloudwatch",
            "describe_alarms",
            json!({}),
        ),
        (
            "apigateway:GetRestApis",
            "apigateway",
            "get_rest_apis",
            json!({}),
        ),
        (
            "apigatewayv2:GetApis",
            "apigatewayv2",
            "get_apis",
            json!({}),
        ),
        (
            "tag:GetResources",
            "resourcegroupstaggingapi",
            "get_resources",
            json!({}),
        ),
    ]
}

fn probe(
    emulator: &Emulator,
    proxy: &Proxy,
    (_, service, operation, arguments): &(&str, &str, &str, Value),
) -> Result<Vec<Value>, Refusal> {
    let step = json!({
        "do": "call", "service": service, "operation": operation, "arguments": arguments
    });
    emulator.try_seed(&proxy.url(), &[step])
}

#[test]
fn counts_every_protocol_by_operation() {
    let emulator = emulator::ministack();
    let proxy = Proxy::start(emulator.address());
    for one in probes() {
        probe(&emulator, &proxy, &one).unwrap_or_else(|refusal| panic!("{}: {refusal:?}", one.0));
    }
    let expected: BTreeMap<String, u64> =
        probes().iter().map(|one| (one.0.to_owned(), 1)).collect();
    assert_eq!(proxy.counts(), expected);
    assert_eq!(proxy.total(), 9);
    assert_eq!(proxy.most_in_flight(), 1);
    proxy.forget();
    assert_eq!(proxy.total(), 0);
}

#[test]
fn faults_reach_the_client_in_the_words_of_each_service() {
    let emulator = emulator::ministack();
    let proxy = Proxy::start(emulator.address());
    let mut seen = String::new();
    for fault in [
        Fault::Deny,
        Fault::Throttle,
        Fault::UnknownKey,
        Fault::ExpiredToken,
        Fault::ServerError,
    ] {
        proxy.set_rules([Rule::on("*", fault.clone())]);
        for one in probes() {
            let refusal = probe(&emulator, &proxy, &one).unwrap_err();
            seen.push_str(&format!("{fault:?} {}: {}\n", one.0, refusal.code));
        }
    }
    insta::assert_snapshot!(seen);
}

/// Not through boto3, which reads a web page as an empty answer.
#[test]
fn broken_transport_is_broken() {
    let emulator = emulator::ministack();
    emulator.seed(&[json!({ "do": "functions", "prefix": "f", "count": 3 })]);
    let proxy = Proxy::start(emulator.address());
    let request = http::Message {
        first: "GET /2015-03-31/functions/ HTTP/1.1".to_owned(),
        headers: vec![
            ("Host".to_owned(), proxy.address().to_string()),
            (
                "Authorization".to_owned(),
                "AWS4-HMAC-SHA256 Credential=test/20260301/us-east-1/lambda/aws4_request, Signature=0"
                    .to_owned(),
            ),
        ],
        body: Vec::new(),
    };
    let whole = http::send(proxy.address(), &request).expect("no rule, no fault");
    assert!(serde_json::from_slice::<Value>(&whole.body).is_ok());
    let with = |fault| {
        proxy.set_rules([Rule::on("lambda:ListFunctions", fault)]);
        http::send(proxy.address(), &request)
    };
    assert!(with(Fault::Close).is_err());
    assert!(with(Fault::Truncate).is_err());
    let page = with(Fault::Html).expect("a web page is an answer");
    assert_eq!(
        (page.status(), page.header("content-type")),
        (200, Some("text/html"))
    );
    let garbage = with(Fault::Garbage).expect("garbage is an answer");
    assert_eq!(garbage.header("content-type"), Some("application/json"));
    assert!(serde_json::from_slice::<Value>(&garbage.body).is_err());
    let first = "GET /other HTTP/1.1".to_owned();
    let other = http::send(
        proxy.address(),
        &http::Message {
            first,
            ..request.clone()
        },
    );
    assert!(other.is_ok(), "other operations are untouched");
}

#[test]
fn rules_strike_the_requests_they_name() {
    let emulator = emulator::ministack();
    let proxy = Proxy::start(emulator.address());
    let outcomes = |rule: Rule| {
        proxy.set_rules([rule]);
        let three = [&probes()[0], &probes()[1], &probes()[0]]
            .map(|one| probe(&emulator, &proxy, one).is_ok());
        proxy.set_rules([]);
        three
    };
    let deny = |operation| Rule::on(operation, Fault::Deny);
    assert_eq!(
        outcomes(deny("sts:GetCallerIdentity")),
        [false, true, false]
    );
    assert_eq!(outcomes(deny("sts:*").nth(2)), [true, true, false]);
    assert_eq!(outcomes(deny("*").nth(2)), [true, false, true]);
    assert_eq!(outcomes(deny("*").first(2)), [false, false, true]);
    assert_eq!(outcomes(deny("ecs:*")), [true, true, true]);
}

#[test]
fn a_request_that_hangs_is_let_go_with_its_client() {
    use std::io::{Read, Write};
    let emulator = emulator::ministack();
    let proxy = Proxy::start(emulator.address());
    proxy.set_rules([Rule::on("*", Fault::Hang)]);
    let mut stream = std::net::TcpStream::connect(proxy.address()).expect("the proxy listens");
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("the proxy reads");
    stream
        .set_read_timeout(Some(std::time::Duration::from_millis(100)))
        .expect("100 ms is a time");
    let nothing = stream.read(&mut [0; 1]).unwrap_err();
    assert!(matches!(
        nothing.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    ));
    assert_eq!(proxy.total(), 1);
}
