//! Key figures of CloudWatch: read by `kpi`, kept by `run`, and made issues of.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world;

const KPIS: &str = r#"version = "1.0.0"
every = "1h"

[[kpi]]
name = "cache_hit"
category = "backend"
unit = "percent"
better = "higher"
target = 90
priority = 1

[kpi.source.cloudwatch]
formula = "100 * hits / (hits + misses)"
[kpi.source.cloudwatch.metrics.hits]
namespace = "Shop/Cache"
metric = "Hits"
statistic = "Sum"
dimensions = { Cache = "orders-{environment}" }
[kpi.source.cloudwatch.metrics.misses]
namespace = "Shop/Cache"
metric = "Misses"
statistic = "Sum"
dimensions = { Cache = "orders-{environment}" }
absent_is_zero = true
"#;
const HISTORY: &str = ".fractary/plugins/helios/kpis/test/kpi-history.json";

fn repository() -> Repo {
    let registry = json!({ "version": "1.0.0", "environment": "test", "resources": [] });
    let repo = world::with_registry(&registry);
    repo.write(&[(".fractary/plugins/helios/config/kpis.toml", KPIS)]);
    repo.commit_all("Key figures");
    repo
}

/// So many hits and misses in the five minutes from a time on.
fn seed(emulator: &Emulator, at: &str, hits: u32, misses: u32) {
    let metric = |name: &str, value: u32| {
        json!({
            "do": "metric", "namespace": "Shop/Cache", "name": name, "unit": "Count",
            "dimensions": { "Cache": "orders-test" }, "points": [[at, value]],
        })
    };
    let mut metrics = vec![metric("Hits", hits)];
    if misses > 0 {
        metrics.push(metric("Misses", misses));
    }
    emulator.seed(&metrics);
}

fn kpi(repo: &Repo, proxy: &Proxy, at: &str, code: i32) -> Value {
    let arguments = ["kpi", "--env", "test", "--format", "json"];
    let outcome = world::fractary(repo, &proxy.url(), at, &arguments).run();
    outcome.exits(code).json()
}

#[test]
fn a_formula_over_metrics_is_read_with_one_request() {
    let emulator = emulator::ministack();
    let proxy = Proxy::start(emulator.address());
    let repo = repository();
    seed(&emulator, "2026-03-01T11:57:00Z", 720, 280);
    let report = kpi(&repo, &proxy, "2026-03-01T12:02:00Z", 0);
    let row = &report["kpis"][0];
    assert_eq!((&row["value"], &row["score"]), (&json!(72.0), &json!(80.0)));
    assert_eq!(report["score"]["value"], 80.0);
    assert_eq!(proxy.counts()["cloudwatch:GetMetricData"], 1);
    // Misses that CloudWatch has nothing of are none.
    seed(&emulator, "2026-03-01T12:07:00Z", 50, 0);
    let report = kpi(&repo, &proxy, "2026-03-01T12:12:00Z", 0);
    assert_eq!(report["kpis"][0]["value"], 100.0);
    // Without newer points it is stale, and with a denial it is not known: never 0.
    let stale = kpi(&repo, &proxy, "2026-03-01T12:32:00Z", 3);
    assert_eq!(stale["kpis"][0]["value"], Value::Null);
    let reason = stale["kpis"][0]["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("12:05:00Z") || reason.contains("has no value"),
        "{reason}"
    );
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Deny)]);
    let denied = kpi(&repo, &proxy, "2026-03-01T12:12:00Z", 3);
    assert_eq!(
        (&denied["score"]["value"], &denied["status"]),
        (&Value::Null, &json!("unknown"))
    );
    let reason = denied["kpis"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("cloudwatch:GetMetricData"), "{reason}");
}

#[test]
fn a_run_keeps_key_figures_and_what_they_miss_is_an_issue() {
    let emulator = emulator::ministack();
    let proxy = Proxy::start(emulator.address());
    let repo = repository();
    let run = |at: &str| world::fractary(&repo, &proxy.url(), at, &["run", "--env", "test"]).run();
    let kept = || {
        let history: Value = serde_json::from_str(&repo.read(HISTORY)).expect("JSON");
        history["collections"].as_array().expect("a list").len()
    };
    let open = || {
        let found = repo.files(".fractary/plugins/helm/issues/active");
        let texts = found.iter().map(|path| repo.read(path));
        texts
            .filter(|text| text.contains("kpi_target/cache_hit"))
            .count()
    };
    seed(&emulator, "2026-03-01T11:57:00Z", 720, 280);
    run("2026-03-01T12:02:00Z");
    assert!(
        repo.log()[0].starts_with("fractary(kpi): test healthy"),
        "{:?}",
        repo.log()
    );
    assert_eq!((kept(), open()), (1, 1));
    // Not due again before an hour is over.
    run("2026-03-01T12:32:00Z");
    assert_eq!(kept(), 1);
    // What cannot be measured ends nothing.
    run("2026-03-01T13:02:00Z");
    assert_eq!((kept(), open()), (2, 1));
    // Two collections that meet the target do.
    for (point, at) in [
        ("2026-03-01T13:57:00Z", "2026-03-01T14:02:00Z"),
        ("2026-03-01T14:57:00Z", "2026-03-01T15:02:00Z"),
    ] {
        seed(&emulator, point, 950, 50);
        run(at);
    }
    assert_eq!((kept(), open()), (4, 0));
    let board = world::fractary(&repo, &proxy.url(), "2026-03-01T15:03:00Z", &["dashboard"]).run();
    assert!(
        board.stdout.contains("score 100, healthy"),
        "{}",
        board.stdout
    );
    assert_eq!(repo.status(), "");
    repo.fsck();
}
