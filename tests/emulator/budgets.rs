//! Error budgets over several runs: the past is read once, what fails is spent, what burns
//! fast is told, and nothing is counted twice.

use serde_json::{Value, json};

use crate::support::emulator;
use crate::support::emulator::Emulator;
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::Outcome;
use crate::support::proxy::Proxy;
use crate::support::repo::Repo;
use crate::world;

const BUDGETS: &str = ".fractary/plugins/helm-cloud/monitoring/test/slo-budgets.json";
const ACTIVE: &str = ".fractary/plugins/helm/issues/active";

fn seed(emulator: &Emulator, points: &[(&str, u32, u32)]) {
    world::seed_calls(emulator, "orders-api", points);
}

fn repository(emulator: &Emulator) -> Repo {
    let made = emulator.seed(&[json!({ "do": "function", "name": "orders-api" })]);
    world::with_registry(&json!({
        "version": "1.0.0", "environment": "test", "last_deployed": "2026-01-05T10:00:00Z",
        "resources": [{
            "type": "aws_lambda_function", "aws_id": "orders-api", "arn": made[0]["arn"],
            "console_url": "https://console.aws.amazon.com/", "created": "2026-01-05T10:00:00Z",
        }],
    }))
}

fn budget(repo: &Repo, at: &str) -> Value {
    world::slos(repo, at, "error_rate_percent")[0]["level"]["budget"].clone()
}

fn run(repo: &Repo, endpoint: &str, at: &str) -> Outcome {
    world::fractary(repo, endpoint, at, &["run", "--env", "test"]).run()
}

/// Severities of the open issues by their checks.
fn issues(repo: &Repo) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut out: Vec<_> = repo
        .files(ACTIVE)
        .iter()
        .map(|path| serde_json::from_str::<Value>(&repo.read(path)).expect("JSON"))
        .map(|issue| (text(&issue["check"]), text(&issue["severity"])))
        .collect();
    out.sort();
    out
}

#[test]
fn a_failing_function_spends_its_budget_run_by_run() {
    let emulator = emulator::ministack();
    let repo = repository(&emulator);
    let proxy = Proxy::start(emulator.address());
    // Ten days of 10,000 calls with one error each, then a quiet period.
    let days: Vec<String> = (19..29)
        .map(|day| format!("2026-02-{day:02}T12:30:00Z"))
        .filter(|day| !day.contains("-29"))
        .collect();
    let mut past: Vec<(&str, u32, u32)> =
        days.iter().map(|day| (day.as_str(), 10_000, 1)).collect();
    past.push(("2026-03-01T11:57:00Z", 1_000, 0));
    seed(&emulator, &past);

    run(&repo, &proxy.url(), "2026-03-01T12:02:00Z").exits(0);
    assert_eq!(
        proxy.counts()["cloudwatch:GetMetricData"],
        2,
        "the past is read once"
    );
    let found = budget(&repo, "2026-03-01T12:02:00Z");
    // 10 of 101,000 × 0.1 %.
    assert_eq!(found["consumed_percent"], json!(9.901), "{found}");
    assert_eq!(found["coverage_percent"], json!(100.0), "{found}");
    assert!(found.get("alert").is_none(), "{found}");
    let before = repo.read(BUDGETS);

    // The same again: nothing is counted twice, nothing is committed, no past is read.
    run(&repo, &proxy.url(), "2026-03-01T12:03:00Z").exits(0);
    assert_eq!(repo.read(BUDGETS), before);
    assert_eq!(proxy.counts()["cloudwatch:GetMetricData"], 3);

    // 40 % fail for ten minutes.
    seed(
        &emulator,
        &[
            ("2026-03-01T12:02:00Z", 1_000, 400),
            ("2026-03-01T12:07:00Z", 1_000, 400),
        ],
    );
    run(&repo, &proxy.url(), "2026-03-01T12:07:00Z").exits(1);
    let found = budget(&repo, "2026-03-01T12:07:00Z");
    // 410 of 102; 400 of 2,000 in the hour is 200 times 0.1 %.
    assert_eq!(found["consumed_percent"], json!(401.961), "{found}");
    assert_eq!(found["burn_rate"], json!(200.0), "{found}");
    assert_eq!(found["alert"], "CRITICAL");
    assert_eq!(found["exhausted_in_seconds"], 0);
    // One trouble, one issue, as urgent as the burn rate makes it.
    let critical = [("error_rate_percent".to_owned(), "CRITICAL".to_owned())];
    assert_eq!(issues(&repo), critical);
    run(&repo, &proxy.url(), "2026-03-01T12:12:00Z").exits(1);
    // A quiet run, since nothing is new: the next one that commits counts what it saw.
    assert_eq!(budget(&repo, "2026-03-01T12:12:00Z"), found);

    // It is over: the issue of the miss closes. What is left of it in the windows of the burn
    // rate was told with it, and is no issue of its own.
    let calm = [
        "12:12", "12:17", "12:22", "12:27", "12:32", "12:37", "12:42", "12:47", "12:52",
    ];
    let calm: Vec<String> = calm.iter().map(|t| format!("2026-03-01T{t}:00Z")).collect();
    let points: Vec<_> = calm.iter().map(|at| (at.as_str(), 1_000, 0)).collect();
    seed(&emulator, &points);
    run(&repo, &proxy.url(), "2026-03-01T12:17:00Z").exits(0);
    run(&repo, &proxy.url(), "2026-03-01T12:22:00Z").exits(0);
    assert!(!issues(&repo).contains(&critical[0]), "{:?}", issues(&repo));
    run(&repo, &proxy.url(), "2026-03-01T12:27:00Z").exits(0);
    let found = budget(&repo, "2026-03-01T12:27:00Z");
    // A quiet run again, so this is what the one before it saw: 810 of 105; 800 of 5,000 in the
    // hour, and of 5,000 in 6 hours.
    assert_eq!(found["consumed_percent"], json!(771.429), "{found}");
    assert_eq!(found["alert"], "HIGH", "{found}");
    assert_eq!(issues(&repo), []);
    world::fractary(
        &repo,
        "http://127.0.0.1:9",
        "2026-03-01T12:27:00Z",
        &["check"],
    )
    .run()
    .exits(0);
    repo.fsck();
}

#[test]
fn a_past_that_was_refused_is_asked_for_again_a_day_later() {
    let emulator = emulator::ministack();
    let repo = repository(&emulator);
    let proxy = Proxy::start(emulator.address());
    seed(
        &emulator,
        &[
            ("2026-02-20T12:30:00Z", 90_000, 10),
            ("2026-03-01T11:57:00Z", 10_000, 0),
        ],
    );
    let asked = || proxy.counts()["cloudwatch:GetMetricData"];
    let used = |at: &str| budget(&repo, at)["consumed_percent"].clone();

    // The first call is for the past. That it was refused says nothing of now.
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Deny).nth(1)]);
    run(&repo, &proxy.url(), "2026-03-01T12:02:00Z").exits(0);
    assert_eq!((asked(), used("2026-03-01T12:02:00Z")), (2, json!(0.0)));
    let series: Value = serde_json::from_str(&repo.read(BUDGETS)).expect("JSON");
    assert_eq!(
        series["series"][0]["back_fill_failed_at"], "2026-03-01T12:00:00Z",
        "{series}"
    );

    // Not in every run, which would be dear where it is refused for good.
    proxy.set_rules([]);
    run(&repo, &proxy.url(), "2026-03-02T11:52:00Z").exits(0);
    assert_eq!((asked(), used("2026-03-02T11:52:00Z")), (3, json!(0.0)));
    run(&repo, &proxy.url(), "2026-03-02T12:57:00Z").exits(0);
    // 10 of 100,000 × 0.1 %.
    assert_eq!((asked(), used("2026-03-02T12:57:00Z")), (5, json!(10.0)));
    let series: Value = serde_json::from_str(&repo.read(BUDGETS)).expect("JSON");
    assert!(
        series["series"][0].get("back_fill_failed_at").is_none(),
        "{series}"
    );
}

#[test]
fn what_arrives_late_is_counted_and_counted_once() {
    let emulator = emulator::ministack();
    let repo = repository(&emulator);
    seed(&emulator, &[("2026-03-01T11:57:00Z", 1_000, 1)]);
    run(&repo, &emulator.url(), "2026-03-01T12:02:00Z").exits(0);
    let found = budget(&repo, "2026-03-01T12:02:00Z");
    assert_eq!(found["consumed_percent"], json!(100.0), "{found}");
    // Of an hour ago, and known only now; the next run judges 12:00 and on.
    seed(&emulator, &[("2026-03-01T11:02:00Z", 9_000, 0)]);
    run(&repo, &emulator.url(), "2026-03-01T13:07:00Z").exits(0);
    let found = budget(&repo, "2026-03-01T13:07:00Z");
    assert_eq!(found["consumed_percent"], json!(10.0), "{found}");
}

#[test]
fn what_a_run_could_not_see_is_left_to_the_next() {
    let emulator = emulator::ministack();
    let repo = repository(&emulator);
    let proxy = Proxy::start(emulator.address());
    seed(&emulator, &[("2026-03-01T11:57:00Z", 1_000, 1)]);
    run(&repo, &proxy.url(), "2026-03-01T12:02:00Z").exits(0);
    seed(&emulator, &[("2026-03-01T14:32:00Z", 9_000, 0)]);
    // The counts are to be written, and metrics are refused.
    proxy.set_rules([Rule::on("cloudwatch:GetMetricData", Fault::Deny)]);
    run(&repo, &proxy.url(), "2026-03-01T18:07:00Z").exits(3);
    proxy.set_rules([]);
    run(&repo, &proxy.url(), "2026-03-01T18:12:00Z").exits(0);
    let found = budget(&repo, "2026-03-01T18:12:00Z");
    assert_eq!(found["consumed_percent"], json!(10.0), "{found}");
}
