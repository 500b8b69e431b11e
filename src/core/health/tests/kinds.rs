//! Every kind at healthy, at risk, breach, critical, idle and unknown.

use crate::catalog::kinds::BUILT_IN;

use super::world::{World, describe, judge};

/// Kind, case, numbers. Names that are left out have no data; `unreadable` metrics are in
/// every kind's unknown case.
const CASES: &[(&str, &str, &str)] = &[
    ("alb", "healthy", "requests=10000 response_p95_seconds=0.2"),
    ("alb", "at risk", "requests=10000 response_p95_seconds=0.9"),
    (
        "alb",
        "breach",
        "requests=10000 target_errors=30 response_p95_seconds=0.2",
    ),
    (
        "alb",
        "critical: no targets at all",
        "unroutable=40 balancer_errors=40",
    ),
    ("alb", "idle", ""),
    ("apigateway", "healthy", "requests=1000 latency_p95_ms=100"),
    (
        "apigateway",
        "at risk",
        "requests=10000 server_errors=9 latency_p95_ms=100",
    ),
    (
        "apigateway",
        "breach",
        "requests=1000 server_errors=2 latency_p95_ms=1500",
    ),
    (
        "apigateway",
        "critical",
        "requests=1000 server_errors=60 latency_p95_ms=100",
    ),
    ("apigateway", "idle", ""),
    (
        "apigatewayv2",
        "healthy",
        "requests=1000 latency_p95_ms=100",
    ),
    (
        "apigatewayv2",
        "at risk",
        "requests=1000 latency_p95_ms=801",
    ),
    (
        "apigatewayv2",
        "breach",
        "requests=1000 server_errors=2 latency_p95_ms=100",
    ),
    (
        "apigatewayv2",
        "critical: WebSocket",
        "messages=1000 execution_errors=60",
    ),
    ("apigatewayv2", "idle", ""),
    (
        "cloudfront",
        "healthy",
        "requests=1000 server_error_percent=0",
    ),
    (
        "cloudfront",
        "at risk",
        "requests=1000 server_error_percent=0.09",
    ),
    (
        "cloudfront",
        "breach",
        "requests=1000 server_error_percent=2",
    ),
    (
        "cloudfront",
        "critical",
        "requests=1000 server_error_percent=8",
    ),
    ("cloudfront", "idle", ""),
    (
        "cloudfront",
        "unknown: requests without a share",
        "requests=1000",
    ),
    ("dynamodb", "healthy", "read_units=500 get_latency_ms=4"),
    ("dynamodb", "at risk", "read_units=500 get_latency_ms=45"),
    (
        "dynamodb",
        "breach",
        "read_units=500 read_throttles=20 get_latency_ms=4",
    ),
    (
        "dynamodb",
        "critical",
        "write_units=500 write_throttles=400",
    ),
    ("dynamodb", "no data", ""),
    (
        "ecs",
        "healthy",
        "running=3 desired=3 cpu_percent=20 memory_percent=30",
    ),
    (
        "ecs",
        "at risk",
        "running=3 desired=3 cpu_percent=70 memory_percent=30",
    ),
    (
        "ecs",
        "breach",
        "running=2 desired=3 cpu_percent=20 memory_percent=30",
    ),
    (
        "ecs",
        "half is not past the limit",
        "running=1 desired=2 cpu_percent=20 memory_percent=30",
    ),
    (
        "ecs",
        "critical",
        "running=1 desired=3 cpu_percent=96 memory_percent=30",
    ),
    ("ecs", "idle: scaled to zero", "running=0 desired=0"),
    (
        "ecs",
        "unknown: running without CPU",
        "running=1 desired=1 memory_percent=30",
    ),
    (
        "elasticache",
        "healthy",
        "cpu_percent=20 engine_cpu_percent=10 memory_percent=40",
    ),
    ("elasticache", "healthy: Memcached", "cpu_percent=20"),
    (
        "elasticache",
        "at risk",
        "cpu_percent=20 engine_cpu_percent=65 memory_percent=40",
    ),
    (
        "elasticache",
        "breach",
        "cpu_percent=20 engine_cpu_percent=85 memory_percent=40",
    ),
    (
        "elasticache",
        "critical",
        "cpu_percent=20 engine_cpu_percent=10 memory_percent=99",
    ),
    ("elasticache", "unknown: no CPU", ""),
    ("lambda", "healthy", "invocations=1000 duration_p95_ms=100"),
    ("lambda", "at risk", "invocations=1000 duration_p95_ms=180"),
    (
        "lambda",
        "breach",
        "invocations=1000 errors=32 duration_p95_ms=480",
    ),
    (
        "lambda",
        "critical",
        "invocations=1000 errors=51 duration_p95_ms=100",
    ),
    ("lambda", "idle: zero", "invocations=0"),
    ("lambda", "idle: absent", ""),
    ("lambda", "not idle: all throttled", "throttles=50"),
    (
        "lambda",
        "few samples",
        "invocations=10 errors=3 duration_p95_ms=900",
    ),
    (
        "lambda",
        "few samples, all failed",
        "invocations=3 errors=3 duration_p95_ms=100",
    ),
    ("nlb", "healthy", "new_flows=1000"),
    (
        "nlb",
        "at risk",
        "new_flows=100000 port_allocation_errors=90",
    ),
    ("nlb", "breach", "new_flows=1000 rejected_flows=20"),
    ("nlb", "critical", "rejected_flows=100"),
    ("nlb", "idle", ""),
    (
        "rds",
        "healthy",
        "cpu_percent=20 connections=10 max_connections=100 read_latency_seconds=0.001 \
         write_latency_seconds=0.002 free_storage_bytes=50 allocated_storage_bytes=100",
    ),
    (
        "rds",
        "healthy: Aurora",
        "cpu_percent=20 connections=10 max_connections=100",
    ),
    (
        "rds",
        "at risk",
        "cpu_percent=20 connections=70 max_connections=100 max_connections_estimated=1 \
         free_storage_bytes=18 allocated_storage_bytes=100",
    ),
    (
        "rds",
        "breach",
        "cpu_percent=20 connections=85 max_connections=100 max_connections_estimated=1 \
         read_latency_seconds=0.25 free_storage_bytes=10 allocated_storage_bytes=100",
    ),
    (
        "rds",
        "critical",
        "cpu_percent=96 connections=98 max_connections=100 \
         free_storage_bytes=4 allocated_storage_bytes=100",
    ),
    (
        "rds",
        "unknown: no CPU",
        "connections=10 max_connections=100",
    ),
    (
        "rds",
        "unknown: no storage metric",
        "cpu_percent=20 connections=10 max_connections=100 allocated_storage_bytes=100",
    ),
    ("s3", "healthy: no request metrics", "size_bytes=1000"),
    ("s3", "healthy", "requests=1000 server_errors=0"),
    ("s3", "at risk", "requests=10000 server_errors=9"),
    ("s3", "breach", "requests=1000 server_errors=2"),
    ("s3", "critical", "requests=1000 server_errors=60"),
    ("s3", "idle", "requests=0 server_errors=0"),
    ("sqs", "healthy", "oldest_message_seconds=5 sent=10"),
    ("sqs", "at risk", "oldest_message_seconds=500 sent=10"),
    ("sqs", "breach", "oldest_message_seconds=900 sent=10"),
    ("sqs", "critical", "oldest_message_seconds=4000 sent=10"),
    ("sqs", "no data", ""),
];

#[test]
fn every_kind_in_every_condition() {
    let mut out = String::new();
    for (id, _) in BUILT_IN {
        let cases = CASES.iter().filter(|(kind, _, _)| kind == id);
        assert!(cases.clone().count() >= 4, "{id} has too few cases");
        for (_, case, numbers) in cases {
            let health = judge(World::new(id, "it").with(numbers));
            out.push_str(&format!("{id}, {case}: {}\n", describe(&health)));
        }
        let health = judge(World::new(id, "it").unreadable_metrics(1));
        out.push_str(&format!(
            "{id}, metrics unreadable: {}\n\n",
            describe(&health)
        ));
    }
    insta::assert_snapshot!(out);
}
