//! What ten days of runs leave behind: the form of `benches/growth` that every change must
//! pass. Counts and sizes; times are the benchmark's.

#[path = "../benches/growth/world.rs"]
#[expect(dead_code, reason = "times are the benchmark's")]
mod world;

#[path = "growth/leaving.rs"]
mod leaving;
#[path = "growth/merging.rs"]
mod merging;

use std::collections::BTreeMap;

use serde_json::Value;

use world::{RUNS_A_DAY, World};

const DAYS: usize = 10;

/// Debug builds are slow: a fifth of the fleet, and two runs an hour.
const EVERY: usize = 6;

#[test]
fn ten_days_leave_a_week_of_reports_and_no_more() {
    let mut world = World::new(5);
    let mut commits = 0;
    let mut by_reason: BTreeMap<&str, usize> = BTreeMap::new();
    for number in (0..DAYS * RUNS_A_DAY).step_by(EVERY) {
        let simulated = world.run(number).simulated;
        assert_eq!(simulated.commit.is_some(), simulated.reason.is_some());
        commits += usize::from(simulated.commit.is_some());
        *by_reason
            .entry(simulated.reason.unwrap_or("quiet"))
            .or_default() += 1;
    }
    // One an hour, and a few where something happened.
    assert!((24 * DAYS..28 * DAYS).contains(&commits), "{by_reason:?}");
    assert!(by_reason["quiet"] > 180, "{by_reason:?}");
    assert!(by_reason["issues changed"] > 3, "{by_reason:?}");
    let made = world.git(&["rev-list", "--count", "HEAD"]);
    assert_eq!(made.trim(), (commits + 1).to_string());

    let files = world.files();
    assert!(files.len() < 300, "{} files: {files:#?}", files.len());
    let reports = files
        .iter()
        .filter(|path| path.ends_with("Z-health-check.json"));
    let days: std::collections::BTreeSet<&str> =
        reports.filter_map(|path| path.rsplit('/').nth(1)).collect();
    // The day in progress, six whole ones, and the rest of the eighth.
    assert!((7..=8).contains(&days.len()), "{days:?}");
    assert_eq!(days.first().copied(), Some("03"), "{days:?}");

    let path = ".fractary/plugins/helm-cloud/monitoring/prod/monitoring-history.json";
    let history: Value = serde_json::from_str(&world.read(path)).expect("JSON");
    let count = |key: &str| history[key].as_array().map_or(0, Vec::len);
    assert!(
        (160..240).contains(&count("entries")),
        "{}",
        count("entries")
    );
    assert!((60..=72).contains(&count("hourly")), "{}", count("hourly"));
    assert_eq!(count("daily"), 0);
    let runs = |sum: &Value| sum["runs"].as_u64().expect("a number");
    let summed: u64 = history["hourly"]
        .as_array()
        .expect("hours")
        .iter()
        .map(runs)
        .sum();
    let summed = usize::try_from(summed).expect("a small number");
    assert_eq!(summed + count("entries"), commits);

    let packed = world.pack();
    assert!(packed < 2_000_000, "{packed} bytes");
    assert!(world.loose_bytes() < 1_000);
    world.git(&["fsck", "--strict"]);
    let status = world.git(&["status", "--porcelain"]);
    assert_eq!(status, "");
    leaving::after_ninety_days(&mut world, DAYS);
}
