//! A made-up production: 100 resources with the noise of real ones, and a repository that
//! watches them. The same seed is the same year.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use fractary::app::simulate::{Simulated, Simulation};
use fractary::catalog::Catalog;
use fractary::core::budget;
use fractary::model::fact::{Fact, FactName};
use fractary::model::ids::{AccountId, Arn, EnvironmentName};
use fractary::model::receipt::Receipt;
use fractary::model::resource::Resource;
use fractary::model::snapshot::{Condition, Identity, Observed, ResourceState, Series, Snapshot};
use fractary::model::window::Window;
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Seconds between two runs.
pub(crate) const STEP: i64 = 300;
/// Runs of a day.
pub(crate) const RUNS_A_DAY: usize = 288;
const DAY: i64 = 86_400;
/// The window of error budgets, where nothing says otherwise.
const BUDGET_DAYS: u32 = 30;
const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-central-1";

/// How many of each kind: id, Terraform type, form of its ARN, count.
const FLEET: [(&str, &str, &str, usize); 4] = [
    (
        "orders",
        "aws_lambda_function",
        "lambda:{r}:{a}:function:{n}",
        60,
    ),
    ("web", "aws_ecs_service", "ecs:{r}:{a}:service/main/{n}", 15),
    ("data", "aws_db_instance", "rds:{r}:{a}:db:{n}", 10),
    (
        "table",
        "aws_dynamodb_table",
        "dynamodb:{r}:{a}:table/{n}",
        15,
    ),
];

/// The repository and what it watches.
pub(crate) struct World {
    path: PathBuf,
    temporary: Option<TempDir>,
    simulation: Simulation,
    catalog: Catalog,
    begin: i64,
}

/// One run, with the processor's time that it took (the kernel's included, waiting for the
/// disk not) without the making up.
pub(crate) struct Run {
    pub(crate) simulated: Simulated,
    pub(crate) took: Duration,
}

impl World {
    /// A repository with its settings and registry in the first commit. The fleet is divided
    /// by `share`.
    pub(crate) fn new(share: usize) -> Self {
        // In memory where there is such a place: waiting for the disk is not what is measured.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            TempDir::new_in(memory)
        } else {
            TempDir::new()
        };
        let folder = folder.expect("a temporary folder");
        let root = folder.path();
        git(root, &["init", "--quiet", "--initial-branch=main"]);
        // In the foreground, so that every run finds the same. Git does it, and its time is not
        // the run's.
        git(root, &["config", "gc.autoDetach", "false"]);
        git(root, &["config", "user.name", "bench"]);
        git(root, &["config", "user.email", "bench@example.org"]);
        write(
            root,
            ".fractary/shared/environments.json",
            &json!({
                "version": "1.0.0",
                "environments": { "prod": {
                    "name": "prod", "requires_confirmation": true,
                    "account_id": ACCOUNT, "region": REGION,
                }},
            }),
        );
        write(
            root,
            ".fractary/plugins/faber-cloud/deployments/prod/registry.json",
            &registry(share),
        );
        git(root, &["add", "--all"]);
        git(root, &["commit", "--quiet", "--message", "Begin"]);
        let mut world = Self::open(root.to_owned());
        world.temporary = Some(folder);
        world
    }

    /// One that was made before, and kept.
    pub(crate) fn open(path: PathBuf) -> Self {
        let begin: Timestamp = "2026-01-01T00:01:30Z".parse().expect("a time");
        Self {
            simulation: Simulation::new(&path, "prod").expect("a simulation"),
            catalog: Catalog::built_in().expect("the built-in kinds"),
            begin: begin.as_second(),
            path,
            temporary: None,
        }
    }

    /// Copies it to a folder that is not there yet.
    pub(crate) fn keep(&self, folder: &Path) {
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(&self.path).arg(folder);
        assert!(copy.status().expect("cp is installed").success());
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// The run of this number.
    pub(crate) fn run(&mut self, number: usize) -> Run {
        let offset = i64::try_from(number).expect("a small number") * STEP;
        let at = Timestamp::from_second(self.begin + offset).expect("a time");
        let catalog = &self.catalog;
        let mut making = Duration::ZERO;
        let start = spent();
        let simulated = self.simulation.run(at, |resources, window, read_from| {
            let start = spent();
            let mut snapshot = snapshot(catalog, resources, window, read_from);
            if number == 0 {
                read_the_past(catalog, &mut snapshot);
            }
            making = spent().saturating_sub(start);
            snapshot
        });
        let took = spent().saturating_sub(start).saturating_sub(making);
        let simulated = simulated.unwrap_or_else(|lines| panic!("run {number}: {lines:#?}"));
        Run { simulated, took }
    }

    /// Files in the tree of the newest commit.
    pub(crate) fn files(&self) -> Vec<String> {
        let listed = git(&self.path(), &["ls-tree", "-r", "--name-only", "HEAD"]);
        listed.lines().map(str::to_owned).collect()
    }

    /// Bytes of loose objects.
    pub(crate) fn loose_bytes(&self) -> u64 {
        self.counted("size: ")
    }

    /// Packs everything and says how many bytes that takes.
    pub(crate) fn pack(&self) -> u64 {
        git(&self.path(), &["gc", "--quiet", "--prune=now"]);
        self.counted("size-pack: ")
    }

    /// A figure of `git count-objects`, which counts in KiB.
    fn counted(&self, name: &str) -> u64 {
        let text = git(&self.path(), &["count-objects", "-v"]);
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let kib: u64 = line.expect("git says").parse().expect("a number");
        kib * 1024
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.path(), arguments)
    }
}

/// Processor time of this thread so far, so that a busy machine does not look like growth;
/// nothing where the system does not say. It counts at its ticks, so that only means of many
/// runs are exact; making way for others at each look would take longer than the run.
fn spent() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// Processor time of the whole process and of this thread, in seconds: as much, as long as
/// no work is shared out among threads, which [`spent`] would not see.
pub(crate) fn spent_by_process_and_thread() -> (f64, f64) {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = text.rsplit(')').next().unwrap_or_default();
    let fields = behind_name.split_whitespace().skip(11).take(2);
    let ticks: u32 = fields.filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    (f64::from(ticks) / 100.0, spent().as_secs_f64())
}

/// Runs the installed git. Panics when it fails.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.output().expect("git is installed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn write(root: &Path, path: &str, value: &Value) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    let text = serde_json::to_string_pretty(value).expect("JSON");
    fs::write(path, text + "\n").expect("written");
}

fn registry(share: usize) -> Value {
    let mut resources = Vec::new();
    for (family, terraform, form, count) in FLEET {
        for number in 0..count / share {
            let name = format!("{family}-{number:02}");
            let arn = form.replace("{r}", REGION).replace("{a}", ACCOUNT);
            let arn = format!("arn:aws:{}", arn.replace("{n}", &name));
            resources.push(json!({
                "type": terraform, "aws_id": name, "arn": arn,
                "metadata": { "cluster": "main" },
            }));
        }
    }
    json!({ "version": "1.0.0", "environment": "prod", "resources": resources })
}

/// A number in 0..1 that looks random and depends on what it is made from only.
fn noise(parts: &[i64]) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in parts {
        state ^= part.cast_unsigned();
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    // 32 bits fit a float exactly.
    f64::from(u32::try_from(state >> 32).expect("32 bits")) / f64::from(u32::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "small numbers")]
fn pick(parts: &[i64], below: f64) -> i64 {
    (noise(parts) * below) as i64
}

/// A resource, and from when to when it is in trouble.
type Trouble = (i64, std::ops::Range<i64>);

/// What is in trouble on some days: none to three times a day something is, for ten minutes
/// to two hours; a fifth of the resources has most of it.
fn troubles(days: std::ops::RangeInclusive<i64>) -> Vec<Trouble> {
    let of = |day: i64| {
        (0..pick(&[1, day], 4.0)).map(move |which| {
            let begin = day * DAY + pick(&[2, day, which], 86_400.0);
            let long = 600 + pick(&[3, day, which], 6_600.0);
            let crowd = if noise(&[4, day, which]) < 0.7 {
                20.0
            } else {
                100.0
            };
            // The flaky ones are all over the fleet.
            let whose = pick(&[5, day, which], crowd) * if crowd < 50.0 { 5 } else { 1 };
            (whose, begin..begin + long)
        })
    };
    days.flat_map(of).collect()
}

/// The value of a metric in one period.
fn value(metric: &str, resource: i64, second: i64, troubles: &[Trouble]) -> f64 {
    let trouble = troubles
        .iter()
        .any(|(whose, when)| *whose == resource && when.contains(&second));
    let id = metric
        .bytes()
        .fold(0, |sum, byte| sum * 31 % 65_521 + i64::from(byte));
    let jitter = noise(&[6, id, resource, second]);
    // More by day than by night.
    let hour = second.rem_euclid(DAY) / 3_600;
    let load = 0.4 + 0.6 * f64::from(u8::from((7..20).contains(&hour)));
    let calls = (2_000.0 * load * (0.9 + 0.2 * jitter)).round();
    match metric {
        "invocations" | "read_units" | "write_units" => calls,
        "errors" if trouble => (calls * (0.02 + 0.02 * jitter)).round(),
        "read_throttles" if trouble => 600.0 + (600.0 * jitter).round(),
        "errors"
        | "throttles"
        | "read_throttles"
        | "write_throttles"
        | "get_system_errors"
        | "query_system_errors"
        | "put_system_errors" => 0.0,
        "duration_p50_ms" => 20.0 + 10.0 * jitter,
        "duration_p95_ms" => 80.0 + 40.0 * jitter,
        "duration_p99_ms" => 120.0 + 60.0 * jitter,
        "concurrent_executions" => (10.0 + 20.0 * jitter * load).round(),
        "cpu_percent" if trouble => 88.0 + 4.0 * jitter,
        "cpu_percent" | "memory_percent" => 25.0 + 30.0 * jitter * load,
        "connections" => (40.0 + 60.0 * jitter * load).round(),
        "freeable_memory_bytes" => 2e9 + (1e9 * jitter).round(),
        "free_storage_bytes" => 5e10 + (1e9 * jitter).round(),
        "read_latency_seconds" | "write_latency_seconds" => 0.002 + 0.003 * jitter,
        "get_latency_ms" | "put_latency_ms" | "query_latency_ms" => 4.0 + 4.0 * jitter,
        _ => 100.0 * jitter,
    }
}

fn fact(name: &FactName) -> Fact {
    match name.as_str() {
        "running" | "desired" => 4.0.into(),
        "pending" => 0.0.into(),
        "max_connections" => 400.0.into(),
        "allocated_storage_bytes" => 1e11.into(),
        _ => Fact::Absent,
    }
}

fn snapshot(
    catalog: &Catalog,
    resources: Vec<Resource>,
    window: Window,
    read_from: Timestamp,
) -> Snapshot {
    let step = usize::try_from(window.period_seconds).expect("small");
    let periods: Vec<Timestamp> = (read_from.as_second()..window.end.as_second())
        .step_by(step)
        .map(|second| Timestamp::from_second(second).expect("a time"))
        .collect();
    let identity = Identity {
        account: AccountId::new(ACCOUNT).expect("an account"),
        arn: Arn::new(format!(
            "arn:aws:sts::{ACCOUNT}:assumed-role/fractary/bench"
        ))
        .expect("an ARN"),
    };
    let day = |at: Timestamp| at.as_second().div_euclid(DAY);
    // What began the day before may last until this one.
    let troubles = troubles(day(read_from) - 1..=day(window.end));
    let seen = Seen {
        periods,
        troubles,
        window,
    };
    let resources: Vec<Observed> = (0..)
        .zip(resources)
        .map(|(number, resource)| observed(catalog, resource, number, &seen))
        .collect();
    Snapshot {
        environment: EnvironmentName::new("prod").expect("a name"),
        identity: Fact::Known(identity),
        window,
        read_from: Some(read_from),
        resources,
        unmatched_alarms: Vec::new(),
        gaps: Vec::new(),
        receipt: Receipt {
            calls: 12,
            metrics_requested: 600,
            estimated_cost_usd: 0.006,
            price_date: "2026-01-01".to_owned(),
            duration_ms: 800
                + u64::try_from(pick(&[7, window.end.as_second()], 900.0)).expect("positive"),
            ..Receipt::default()
        },
        back_fill: Vec::new(),
    }
}

/// What all resources share in one snapshot.
struct Seen {
    periods: Vec<Timestamp>,
    troubles: Vec<Trouble>,
    window: Window,
}

/// What a first run reads besides: the past of the error budgets.
fn read_the_past(catalog: &Catalog, first: &mut Snapshot) {
    let resources: Vec<Resource> = first.resources.iter().map(|o| o.resource.clone()).collect();
    let span = budget::back_fill_span(first.window, first.read_from(), BUDGET_DAYS);
    let window = span.expect("a month");
    let past = snapshot(catalog, resources, window, window.start);
    first.back_fill.push(past);
}

fn observed(catalog: &Catalog, resource: Resource, number: i64, seen: &Seen) -> Observed {
    let kind = resource.kind.as_ref().and_then(|id| catalog.kind(id));
    let kind = kind.expect("the fleet is of built-in kinds");
    let mut metrics = BTreeMap::new();
    for metric in &kind.metrics {
        // Counts are for five minutes.
        let periods = match metric.stat.as_str() {
            "Sum" | "SampleCount" => f64::from(seen.window.period_seconds) / 300.0,
            _ => 1.0,
        };
        let values = seen.periods.iter();
        let values = values
            .map(|at| value(&metric.id, number, at.as_second(), &seen.troubles))
            .map(|value| value * periods)
            .collect();
        let series = Series {
            statistic: metric.stat.clone(),
            period_seconds: seen.window.period_seconds,
            at: seen.periods.clone(),
            values,
        };
        metrics.insert(metric.id.clone(), Fact::Known(series));
    }
    let facts = kind.status.iter().flat_map(|status| status.facts.keys());
    let state = match &kind.status {
        Some(_) => ResourceState {
            word: "Active".into(),
            condition: Condition::Good,
            reason: None,
        },
        None => ResourceState::unchecked(),
    };
    Observed {
        parts: Vec::new(),
        some_alarms: Vec::new(),
        facts: facts.map(|name| (name.clone(), fact(name))).collect(),
        state: Fact::Known(state),
        metrics,
        alarms: Fact::Known(Vec::new()),
        resource,
    }
}
