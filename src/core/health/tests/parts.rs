//! Resources with parts: nothing that fails in one may hide behind the work of another.

use super::world::{World, describe, judge};
use crate::model::fact::{Fact, FactName, GapId, Value};
use crate::model::status::{Status, Verdict};

fn api(whole: &str) -> World {
    World::new("apigateway", "orders").with(whole)
}

#[test]
fn the_worst_part_counts() {
    let quiet = "requests=10000 latency_p95_ms=100";
    let mut out = String::new();
    for (name, world) in [
        (
            "one of two fails",
            api("requests=2000 server_errors=200")
                .part("stage", "stage dev", "requests=1000")
                .part("stage", "stage live", "requests=1000 server_errors=200"),
        ),
        (
            "a small one fails behind a large one",
            api("requests=100050 server_errors=50 latency_p95_ms=100")
                .part("stage", "stage dev", "requests=100000")
                .part("stage", "stage live", "requests=50 server_errors=50"),
        ),
        (
            "both fail, one more than the other",
            api("requests=2000 server_errors=300")
                .part("stage", "stage dev", "requests=1000 server_errors=100")
                .part("stage", "stage live", "requests=1000 server_errors=200"),
        ),
        (
            "the only one fails like the whole",
            api("requests=1000 server_errors=200").part(
                "stage",
                "stage live",
                "requests=1000 server_errors=200",
            ),
        ),
        (
            "one is slow",
            api(quiet).part("stage", "stage dev", quiet).part(
                "stage",
                "stage live",
                "requests=40 latency_p95_ms=9000",
            ),
        ),
        (
            "one is at risk",
            api(quiet).part("stage", "stage dev", quiet).part(
                "stage",
                "stage live",
                "requests=10000 server_errors=9",
            ),
        ),
        (
            "few requests of one fail",
            api(quiet).part("stage", "stage dev", quiet).part(
                "stage",
                "stage live",
                "requests=5 server_errors=2",
            ),
        ),
        (
            "one has nothing to do",
            api(quiet)
                .part("stage", "stage dev", "")
                .part("stage", "stage live", quiet),
        ),
        (
            "none has anything to do",
            api("")
                .part("stage", "stage dev", "")
                .part("stage", "stage live", ""),
        ),
        (
            "work is counted by part only",
            api("").part("stage", "stage live", "requests=1000 server_errors=200"),
        ),
    ] {
        out.push_str(&format!("{name}: {}\n", describe(&judge(world))));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_part_that_could_not_be_read_is_never_healthy() {
    let busy = "requests=1000 latency_p95_ms=100";
    let hidden = |mut world: World| {
        for fact in world.last_part().metrics.values_mut() {
            *fact = Fact::Unreadable(GapId(1));
        }
        judge(world)
    };
    let well = hidden(api(busy).part("stage", "stage live", busy));
    assert_eq!(well.status, Status::Unknown);
    assert_eq!(well.slis[0].verdict, Verdict::Unknown);
    assert!(well.unjudged.contains(&"error_rate_percent".to_owned()));
    // What was seen to fail is still said.
    let failing = api("requests=1000 server_errors=500").part("stage", "stage live", busy);
    let failing = hidden(failing);
    assert_eq!(failing.status, Status::Unhealthy);
    assert!(failing.unjudged.contains(&"error_rate_percent".to_owned()));
}

#[test]
fn two_of_one_name_say_so() {
    let mut out = String::new();
    for (name, numbers) in [
        ("nothing failed", "requests=1000"),
        (
            "something failed, within the target of both",
            "requests=100000 server_errors=50",
        ),
        ("one of them fails", "requests=1000 server_errors=200"),
        ("nothing to do", ""),
    ] {
        let mut world = api(numbers);
        let fact = FactName::parse("shares_metrics_with").expect("a name");
        world
            .observed
            .facts
            .insert(fact, Fact::Known(Value::from("c3d4")));
        out.push_str(&format!("{name}: {}\n", describe(&judge(world))));
    }
    insta::assert_snapshot!(out);
}
