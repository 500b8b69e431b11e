//! Optimisation cycles against the emulator: which playbooks are sent and that they overlap, what is
//! judged, undone, left and learned, and what holds them back.

use serde_json::{Value, json};

use crate::support::emulator::{self, Emulator};
use crate::support::fault::{Fault, Rule};
use crate::support::fractary::{Fractary, Outcome};
use crate::support::proxy::Proxy;
use crate::support::receivers::{Receiver, Service};
use crate::support::repo::Repo;
use crate::world::{self, call};

const KPIS: &str = ".fractary/plugins/helios/config/kpis.toml";
const HISTORY: &str = ".fractary/plugins/helios/optimizations/test/optimization-history.json";
const REPORTS: &str = ".fractary/plugins/helios/optimizations/test";
const LOG: &str = ".fractary/plugins/helm-cloud/remediations/test/remediation-log.json";
const MONITORING: &str = ".fractary/plugins/helm-cloud/config/monitoring.toml";
const FREEZE: &str = ".fractary/plugins/helm/FREEZE";
const UPDATE: &str = "lambda:UpdateFunctionConfiguration";
const HELM: &str = ".fractary/plugins/helm/config/helm.toml";
const RULES: &str = r#"version = "1.0.0"

[[rules]]
name = "wake someone"
when = 'severity >= "HIGH"'
action = "alert"
channels = ["hook"]

[channels.hook]
type = "webhook"
url_env = "HOOK_URL"
token_env = "HOOK_KEY"
digest_above = 100
by_incident = false
"#;
/// Two key figures of each swarm that miss their targets, and one that nothing is done about.
const FIGURES: [(&str, &str, &str, u32, u8); 5] = [
    ("chat_response_time", "frontend", "lower", 500, 1),
    ("ui_interaction_lag", "frontend", "lower", 100, 2),
    ("api_response_time", "backend", "lower", 100, 1),
    ("report_generation", "backend", "lower", 5000, 2),
    ("redis_cache_hit", "backend", "higher", 90, 1),
];
const FUNCTIONS: [&str; 4] = ["chat", "ui", "api", "report"];
/// Playbooks by name, key figure, action, resource and parameter.
const PLAYBOOKS: [(&str, &str, &str, &str, &str); 8] = [
    (
        "chat-time",
        "chat_response_time",
        "raise_lambda_timeout",
        "chat",
        "timeout = \"30\"",
    ),
    (
        "chat-memory",
        "chat_response_time",
        "raise_lambda_memory",
        "chat",
        "memory = \"512\"",
    ),
    (
        "ui-memory",
        "ui_interaction_lag",
        "raise_lambda_memory",
        "ui",
        "memory = \"512\"",
    ),
    (
        "api-memory",
        "api_response_time",
        "raise_lambda_memory",
        "api",
        "memory = \"512\"",
    ),
    (
        "api-time",
        "api_response_time",
        "raise_lambda_timeout",
        "api",
        "timeout = \"30\"",
    ),
    (
        "api-more-memory",
        "api_response_time",
        "raise_lambda_memory",
        "api",
        "memory = \"1024\"",
    ),
    (
        "report-memory",
        "report_generation",
        "raise_lambda_memory",
        "report",
        "memory = \"512\"",
    ),
    (
        "report-time",
        "report_generation",
        "raise_lambda_timeout",
        "report",
        "timeout = \"30\"",
    ),
];

fn kpis() -> String {
    let mut out = "version = \"1.0.0\"\n\n[optimize]\nexplore = 0\n\n".to_owned();
    for (name, category, better, target, priority) in FIGURES {
        out += &format!(
            "[[kpi]]\nname = \"{name}\"\ncategory = \"{category}\"\nunit = \"milliseconds\"\n\
             better = \"{better}\"\ntarget = {target}\npriority = {priority}\n\
             [kpi.source.cloudwatch]\nperiod = \"1m\"\n[kpi.source.cloudwatch.metrics.value]\n\
             namespace = \"Shop\"\nmetric = \"{name}\"\nstatistic = \"Average\"\n\n"
        );
    }
    for (name, kpi, action, resource, parameters) in PLAYBOOKS {
        out += &format!(
            "[[playbook]]\nname = \"{name}\"\nkpis = [\"{kpi}\"]\naction = \"{action}\"\n\
             resource = \"{resource}\"\nparameters = {{ {parameters} }}\n\n"
        );
    }
    out
}

struct Shop {
    emulator: Emulator,
    proxy: Proxy,
    repo: Repo,
    /// Who is told.
    hook: Receiver,
}

impl Shop {
    fn new() -> Self {
        let emulator = emulator::ministack();
        let steps: Vec<Value> = FUNCTIONS
            .iter()
            .map(|name| json!({ "do": "function", "name": name }))
            .collect();
        let made = emulator.seed(&steps);
        let each = FUNCTIONS.iter().zip(&made);
        let resources: Vec<Value> = each
            .map(|(name, made)| {
                json!({ "type": "aws_lambda_function", "aws_id": name, "arn": made["arn"],
                    "terraform_address": format!("aws_lambda_function.{name}") })
            })
            .collect();
        let registry = json!({ "version": "1.0.0", "environment": "test", "resources": resources });
        let repo = world::with_registry(&registry);
        let shop = Self {
            proxy: Proxy::start(emulator.address()),
            emulator,
            repo,
            hook: Receiver::start(Service::Webhook),
        };
        shop.repo.write(&[(KPIS, &kpis()), (HELM, RULES)]);
        shop.remediation("max_share_percent = 100\n");
        shop
    }

    /// Adds to `[remediation]`.
    fn remediation(&self, text: &str) {
        let all = format!("{}{text}", self.repo.read(MONITORING));
        self.repo.write(&[(MONITORING, &all)]);
        self.repo.commit_all("Brakes");
    }

    /// One value a minute of each key figure, from minute to minute after 11:00.
    fn measure(&self, from: u32, to: u32, values: [f64; 5]) {
        let at = |minute: u32| format!("2026-03-01T{:02}:{:02}:10Z", 11 + minute / 60, minute % 60);
        let each = FIGURES.iter().zip(values);
        let metrics: Vec<Value> = each
            .map(|((name, ..), value)| {
                let points: Vec<Value> = (from..to)
                    .map(|minute| json!([at(minute), value]))
                    .collect();
                json!({ "do": "metric", "namespace": "Shop", "name": name, "unit": "Milliseconds",
                    "dimensions": {}, "points": points })
            })
            .collect();
        self.emulator.seed(&metrics);
    }

    fn command(&self, at: &str, arguments: &[&str]) -> Fractary {
        world::fractary(&self.repo, &self.proxy.url(), at, arguments)
            .env("HOOK_URL", self.hook.url())
            .env("HOOK_KEY", "wh-s1gn1ng-k3y-0123456789")
    }

    fn run(&self, at: &str, arguments: &[&str]) -> Outcome {
        let arguments = [arguments, &["--env", "test"]].concat();
        self.command(at, &arguments).run()
    }

    /// Whether somebody was told this.
    #[track_caller]
    fn told(&self, text: &str) {
        let taken = self.hook.taken();
        let told = taken.iter().any(|one| one.to_string().contains(text));
        assert!(told, "{text}: {taken:?}");
        self.hook.has_no_complaint();
    }

    #[track_caller]
    fn optimize(&self, at: &str, arguments: &[&str], code: i32) -> Value {
        let arguments = [&["optimize"], arguments, &["--format", "json"]].concat();
        self.run(at, &arguments).exits(code).json()
    }

    #[track_caller]
    fn cycle(&self, at: &str) -> Value {
        self.optimize(at, &["cycle", "--yes"], 0)
    }

    fn cycles(&self) -> Vec<Value> {
        let history: Value = serde_json::from_str(&self.repo.read(HISTORY)).expect("JSON");
        history["cycles"].as_array().cloned().expect("a list")
    }

    fn entries(&self) -> Vec<Value> {
        if !self.repo.has(LOG) {
            return Vec::new();
        }
        let log: Value = serde_json::from_str(&self.repo.read(LOG)).expect("JSON");
        log["entries"].as_array().cloned().expect("a list")
    }

    fn updates(&self) -> u64 {
        self.proxy.counts().get(UPDATE).copied().unwrap_or(0)
    }

    /// Memory and timeout of a function, as another client sees them.
    fn function(&self, name: &str) -> (Value, Value) {
        let asked = call(
            "lambda",
            "get_function_configuration",
            json!({ "FunctionName": name }),
        );
        let seen = &self.emulator.seed(&[asked])[0];
        (seen["MemorySize"].clone(), seen["Timeout"].clone())
    }

    #[track_caller]
    fn is_sound(&self, at: &str) {
        self.command(at, &["check"]).run().exits(0);
        assert_eq!(self.repo.status(), "");
        self.repo.fsck();
    }
}

/// A field of the task of each playbook of a cycle.
fn of_tasks(cycle: &Value, field: &str) -> Vec<(String, Value)> {
    let tasks = cycle["tasks"].as_array().expect("a list").iter();
    tasks
        .map(|task| {
            let name = task["playbook"].as_str().expect("a name").to_owned();
            (name, task[field].clone())
        })
        .collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, Value)> {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect()
}

/// Why something was left alone.
fn why<'a>(cycle: &'a Value, playbook: &str) -> &'a str {
    let left = cycle["left"].as_array().expect("a list");
    let mut found = left.iter().filter(|one| one["playbook"] == playbook);
    let found = found
        .next()
        .unwrap_or_else(|| panic!("{playbook}: {cycle:#}"));
    found["reason"].as_str().expect("a reason")
}

fn metric<'a>(report: &'a Value, name: &str) -> &'a Value {
    let all = report["metrics"].as_array().expect("a list");
    all.iter()
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("{name}: {report:#}"))
}

const BEFORE: [f64; 5] = [800.0, 150.0, 200.0, 10_000.0, 95.0];

#[test]
fn a_cycle_runs_both_swarms_at_once_judges_undoes_leaves_and_learns() {
    let shop = Shop::new();
    shop.measure(30, 62, BEFORE);
    // No write leaves before four are there: one after the other would never get through.
    shop.proxy.set_rules([Rule::on(UPDATE, Fault::Gather(4))]);
    let began = shop.cycle("2026-03-01T12:02:00Z");
    shop.proxy.set_rules([]);
    assert_eq!(began["phase"], "began");
    let cycle = &began["cycle"];
    assert_eq!(
        of_tasks(cycle, "swarm"),
        pairs(&[
            ("chat-time", "frontend"),
            ("api-memory", "backend"),
            ("ui-memory", "frontend"),
            ("report-memory", "backend"),
        ])
    );
    let waiting = of_tasks(cycle, "verdict");
    assert!(
        waiting.iter().all(|(_, verdict)| verdict == "waiting"),
        "{cycle:#}"
    );
    assert_eq!(shop.updates(), 4);
    assert_eq!(shop.function("api"), (json!(512), json!(3)));
    assert_eq!(shop.function("chat"), (json!(128), json!(30)));
    // An intent of each is in the log before any outcome.
    let log = shop.entries();
    let outcomes: Vec<&str> = log
        .iter()
        .map(|entry| entry["outcome"].as_str().expect("a word"))
        .collect();
    assert_eq!(outcomes[..4], ["started"; 4]);
    assert_eq!(outcomes[4..], ["unverified"; 4]);
    let id = cycle["id"].as_str().expect("an id").to_owned();
    assert_eq!(log[0]["consent"]["ref"], id.as_str());
    shop.is_sound("2026-03-01T12:02:00Z");
    // Too little was measured since: nothing is judged, and nothing new begins.
    shop.measure(62, 66, [900.0, 152.0, 150.0, 7000.0, 95.0]);
    let watching = shop.cycle("2026-03-01T12:07:00Z");
    assert_eq!(
        (&watching["phase"], &watching["cycle"]["id"]),
        (&json!("watching"), &json!(id))
    );
    assert_eq!(shop.updates(), 4);
    // Seven minutes since: one made it worse, one did nothing that can be told, two helped.
    shop.measure(66, 72, [900.0, 152.0, 150.0, 7000.0, 95.0]);
    let text = shop.run("2026-03-01T12:12:00Z", &["optimize", "cycle", "--yes"]);
    let shown = text.exits(0).stdout;
    let cycle = shop.cycles()[0].clone();
    assert_eq!(
        of_tasks(&cycle, "verdict"),
        pairs(&[
            ("chat-time", "regressed"),
            ("api-memory", "improved"),
            ("ui-memory", "inconclusive"),
            ("report-memory", "improved"),
        ])
    );
    assert_eq!(cycle["outcome"], "completed");
    let effect = &cycle["tasks"][1]["effects"]["api_response_time"];
    assert_eq!(
        (
            &effect["before"],
            &effect["after"],
            &effect["change_percent"]
        ),
        (&json!(200.0), &json!(150.0), &json!(25.0))
    );
    // The regression is undone in AWS and in the log; what cannot be told is left.
    assert_eq!(shop.function("chat"), (json!(128), json!(3)));
    assert_eq!(shop.function("ui"), (json!(512), json!(3)));
    assert_eq!(shop.updates(), 5);
    let undone = of_tasks(&cycle, "undone_by");
    let count = undone.iter().filter(|(_, by)| !by.is_null()).count();
    assert_eq!((undone[0].1.is_null(), count), (false, 1));
    let last = |playbook: usize| {
        let id = &cycle["tasks"][playbook]["remediation"];
        let entries = shop.entries();
        let of_it = entries.iter().rev().find(|entry| entry["of"] == *id);
        of_it.expect("an outcome")["outcome"].clone()
    };
    assert_eq!(
        [last(0), last(1), last(2), last(3)],
        ["undone", "success", "unverified", "success"].map(|word| json!(word))
    );
    let undo = undone[0].1.as_str().expect("an id");
    insta::assert_snapshot!("cycle_text", shown.replace(undo, "r-ID"));
    let pages = shop.repo.files(REPORTS);
    let page = pages.iter().find(|path| path.ends_with("-report.md"));
    let page = shop.repo.read(page.expect("a report"));
    insta::assert_snapshot!("cycle_report", page.replace(undo, "r-ID"));
    shop.is_sound("2026-03-01T12:12:00Z");
    // Every resource was changed less than fifteen minutes ago.
    let held = shop.cycle("2026-03-01T12:13:00Z");
    assert_eq!(held["phase"], "idle");
    let reason = why(&held["cycle"], "api-time");
    assert!(
        reason.contains("the last action on this resource was a short time ago"),
        "{reason}"
    );
    assert_eq!(shop.updates(), 5);
    // Afterwards the second cycle ranks by what the first has learned.
    shop.measure(72, 92, [800.0, 152.0, 150.0, 7000.0, 95.0]);
    let second = shop.cycle("2026-03-01T12:32:00Z");
    assert_eq!(second["phase"], "began", "{second:#}");
    let cycle = &second["cycle"];
    let chosen: Vec<String> = of_tasks(cycle, "verdict")
        .into_iter()
        .map(|one| one.0)
        .collect();
    // `chat-time` stands first in the file and made it worse; `api-time` was never tried, and memory helped.
    assert_eq!(chosen, ["chat-memory", "api-more-memory", "report-time"]);
    let worse = why(cycle, "chat-time");
    assert!(
        worse.contains("raise_lambda_timeout made it worse"),
        "{worse}"
    );
    assert!(
        why(cycle, "api-memory").contains("nothing to do"),
        "{cycle:#}"
    );
    let learned = second["learned"].as_array().expect("a list");
    let expected: Vec<(&str, f64)> = learned
        .iter()
        .map(|one| {
            let kpi = one["kpi"].as_str().expect("a name");
            (kpi, one["expected_percent"].as_f64().expect("a number"))
        })
        .collect();
    // The mean, drawn towards 0 as by two attempts that did nothing.
    assert_eq!(expected.len(), 4);
    assert_eq!(
        (expected[0].0, expected[3].0),
        ("report_generation", "chat_response_time")
    );
    assert!(
        (expected[0].1 - 10.0).abs() < 0.1 && (expected[3].1 + 4.17).abs() < 0.1,
        "{expected:?}"
    );
    assert_eq!(metric(&second, "cycle_completion_rate")["value"], 100.0);
    let success = metric(&second, "optimization_success_rate");
    assert_eq!(
        (&success["value"], &success["met"]),
        (&json!(66.6666667), &json!(false))
    );
    assert_eq!(
        metric(&second, "concurrent_optimization_efficiency")["value"],
        100.0
    );
    assert_eq!(
        metric(&second, "emergency_response_time")["value"],
        Value::Null
    );
    shop.is_sound("2026-03-01T12:32:00Z");
}

#[test]
fn what_may_not_be_done_is_left_with_the_reason() {
    let shop = Shop::new();
    shop.measure(30, 62, BEFORE);
    let at = "2026-03-01T12:02:00Z";
    // Without consent nothing but what `auto_remediate` names.
    let planned = shop.optimize(at, &["cycle", "--dry-run"], 0);
    assert_eq!(planned["phase"], "planned");
    assert_eq!(
        of_tasks(&planned["cycle"], "verdict").len(),
        4,
        "{planned:#}"
    );
    assert!(!shop.repo.has(HISTORY));
    let asked = shop.optimize(at, &["cycle"], 0);
    assert_eq!(asked["phase"], "idle");
    assert!(
        why(&asked["cycle"], "chat-memory").contains("it needs consent"),
        "{asked:#}"
    );
    // FREEZE holds even where somebody agrees: the choice is the machine's.
    shop.repo.write(&[(FREEZE, "reason = \"sale\"\n")]);
    shop.repo.commit_all("Freeze");
    let frozen = shop.cycle(at);
    assert!(
        why(&frozen["cycle"], "chat-memory").contains("frozen: sale"),
        "{frozen:#}"
    );
    shop.repo.git(&["rm", "--quiet", FREEZE]);
    shop.repo.commit_all("Go on");
    // What is never run is never run.
    let text = shop.repo.read(MONITORING);
    let never = text.replace("never_auto = [", "never_auto = [\"raise_lambda_memory\", ");
    shop.repo.write(&[(
        MONITORING,
        &never.replace("max_share_percent = 100", "max_share_percent = 25"),
    )]);
    shop.repo.commit_all("Never");
    assert_eq!(shop.updates(), 0);
    // One of four functions may be changed at once.
    let began = shop.cycle(at);
    assert!(
        why(&began["cycle"], "ui-memory").contains("never_auto"),
        "{began:#}"
    );
    let chosen: Vec<String> = of_tasks(&began["cycle"], "verdict")
        .into_iter()
        .map(|one| one.0)
        .collect();
    assert_eq!(chosen, ["chat-time"]);
    assert!(
        why(&began["cycle"], "api-time").contains("of the kind lambda"),
        "{began:#}"
    );
    assert_eq!(shop.updates(), 1);
    shop.is_sound(at);
}

#[test]
fn an_emergency_works_on_priority_one_alone_and_is_measured() {
    let shop = Shop::new();
    let low = [2000.0, 500.0, 400.0, 40_000.0, 30.0];
    shop.measure(30, 62, low);
    // Seen at noon, and answered within the minute.
    shop.run("2026-03-01T12:02:00Z", &["kpi", "--commit"])
        .exits(1);
    shop.told("score 24.2 is below 50");
    let handled = shop.optimize(
        "2026-03-01T12:02:45Z",
        &["emergency", "--yes", "--max-issues", "5"],
        0,
    );
    assert_eq!(handled["phase"], "began", "{handled:#}");
    let cycle = &handled["cycle"];
    assert_eq!(cycle["occasion"], "emergency");
    let kpis: Vec<Value> = of_tasks(cycle, "kpi")
        .into_iter()
        .map(|one| one.1)
        .collect();
    assert_eq!(kpis, ["chat_response_time", "api_response_time"]);
    assert_eq!(
        (&cycle["detected_at"], &cycle["first_action_at"]),
        (
            &json!("2026-03-01T12:02:00Z"),
            &json!("2026-03-01T12:02:45Z")
        )
    );
    let response = metric(&handled, "emergency_response_time");
    assert_eq!(
        (&response["value"], &response["met"]),
        (&json!(45.0), &json!(true))
    );
    let timeline = cycle["timeline"].to_string();
    for said in [
        "low score was first seen",
        "people were told",
        "chat-time applied",
    ] {
        assert!(timeline.contains(said), "{timeline}");
    }
    // Watched and judged as any other, it ends as what it was.
    shop.measure(62, 72, [400.0, 500.0, 90.0, 40_000.0, 30.0]);
    let judged = shop.cycle("2026-03-01T12:12:00Z");
    assert_eq!(
        judged["cycle"]["outcome"], "emergency_handled",
        "{judged:#}"
    );
    let none = shop.optimize("2026-03-01T12:12:30Z", &["emergency", "--yes"], 0);
    assert_eq!(none["phase"], "no_emergency", "{none:#}");
    shop.is_sound("2026-03-01T12:12:30Z");
}

#[test]
fn an_unreliable_score_alerts_a_person_and_changes_nothing() {
    let shop = Shop::new();
    shop.measure(30, 62, [2000.0, 500.0, 400.0, 40_000.0, 30.0]);
    let text = shop.repo.read(KPIS);
    // What weighs six of thirteen is measured nowhere.
    let blind = text
        .replace("metric = \"chat_response_time\"", "metric = \"gone\"")
        .replace("metric = \"redis_cache_hit\"", "metric = \"gone\"");
    shop.repo.write(&[(KPIS, &blind)]);
    shop.repo.commit_all("Blind");
    for arguments in [&["emergency", "--yes"][..], &["cycle", "--yes"]] {
        let report = shop.optimize("2026-03-01T12:02:00Z", arguments, 3);
        assert_eq!(report["phase"], "unreliable");
        let note = report["notes"][0].as_str().expect("a note");
        assert!(note.contains("unreliable (53.8 % coverage)"), "{note}");
    }
    assert_eq!(shop.updates(), 0);
    shop.told("unreliable (53.8 % coverage)");
    let issues = shop.repo.files(".fractary/plugins/helm/issues/active");
    let open: Vec<String> = issues.iter().map(|path| shop.repo.read(path)).collect();
    assert!(
        open.iter().any(|text| text.contains("kpi_coverage")),
        "{open:?}"
    );
    shop.is_sound("2026-03-01T12:02:00Z");
}

#[test]
fn a_run_does_cycles_by_itself_within_what_is_allowed() {
    let shop = Shop::new();
    let text = shop.repo.read(KPIS);
    let every = text.replace("explore = 0\n", "explore = 0\nevery = \"10m\"\n");
    let allowed = shop.repo.read(MONITORING).replace(
        "auto_remediate = []",
        "auto_remediate = [\"raise_lambda_memory\", \"raise_lambda_timeout\"]",
    );
    shop.repo.write(&[(KPIS, &every), (MONITORING, &allowed)]);
    shop.repo.commit_all("By itself");
    shop.measure(30, 62, BEFORE);
    shop.run("2026-03-01T12:02:00Z", &["run"]);
    assert_eq!((shop.cycles().len(), shop.updates()), (1, 4));
    assert_eq!(shop.entries()[0]["consent"]["how"], "automatic");
    // Not due, and too early to judge.
    shop.measure(62, 66, [900.0, 152.0, 150.0, 7000.0, 95.0]);
    shop.run("2026-03-01T12:07:00Z", &["run"]);
    assert_eq!(shop.cycles()[0]["outcome"], "open");
    shop.measure(66, 72, [900.0, 152.0, 150.0, 7000.0, 95.0]);
    let run = shop.run("2026-03-01T12:12:00Z", &["run"]);
    assert!(
        run.stderr
            .contains("2 improved, 1 made worse, 1 inconclusive"),
        "{}",
        run.stderr
    );
    assert_eq!(shop.cycles()[0]["outcome"], "completed");
    assert_eq!(shop.updates(), 5, "the regression is undone");
    for (format, said) in [
        (
            "text",
            "last cycle completed: 2 improved, 1 made worse (1 undone)",
        ),
        ("markdown", "- **test**: last cycle completed: 2 improved"),
        ("html", "<h2 id=\"optimisation\">Optimisation</h2>"),
        ("json", "\"last_cycle\""),
    ] {
        let arguments = ["dashboard", "--format", format];
        let board = world::fractary(
            &shop.repo,
            &shop.proxy.url(),
            "2026-03-01T12:13:00Z",
            &arguments,
        );
        let shown = board.env("COLUMNS", "120").run().exits(0).stdout;
        assert!(shown.contains(said), "{format}: {shown}");
    }
    shop.is_sound("2026-03-01T12:13:00Z");
}

#[test]
fn a_killed_cycle_is_closed_and_nothing_is_sent_again() {
    let shop = Shop::new();
    shop.measure(30, 62, BEFORE);
    shop.proxy.set_rules([Rule::on(UPDATE, Fault::Hang)]);
    let arguments = ["optimize", "cycle", "--yes", "--env", "test"];
    let at = "2026-03-01T12:02:00Z";
    let mut child = shop.command(at, &arguments).spawn();
    // All four are under way before any is answered.
    while shop.updates() < 4 {
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    shop.proxy.set_rules([]);
    let outcomes = || -> Vec<Value> {
        let entries = shop.entries().into_iter();
        entries.map(|entry| entry["outcome"].clone()).collect()
    };
    assert_eq!(outcomes(), ["started"; 4]);
    assert_eq!(shop.cycles()[0]["outcome"], "open");
    shop.run("2026-03-01T12:12:00Z", &["run"]);
    assert_eq!(outcomes()[4..], ["interrupted"; 4]);
    // Nobody says any more what became of the cycle.
    shop.measure(62, 132, BEFORE);
    let next = shop.cycle("2026-03-01T13:12:00Z");
    assert_eq!(shop.cycles()[0]["outcome"], "interrupted");
    let of_tasks = of_tasks(&shop.cycles()[0], "verdict");
    assert!(of_tasks.iter().all(|(_, verdict)| verdict == "not_applied"));
    assert_eq!(metric(&next, "cycle_completion_rate")["value"], 0.0);
    assert_eq!((next["phase"].clone(), shop.updates()), (json!("began"), 8));
    shop.is_sound("2026-03-01T13:12:00Z");
}

const CUSTOM: &str = r#"
[remediation.custom.warm_up]
title = "Fill the cache"
exec = ["scripts/warm.sh", "{paths}"]
kinds = ["lambda"]
undo = "cool_down"
env = { OUT = "${OUT}" }
parameters.paths = { about = "paths to fill", min = 1, max = 50, default = "10" }

[remediation.custom.cool_down]
title = "Empty the cache"
exec = ["scripts/cool.sh"]
kinds = ["lambda"]
env = { OUT = "${OUT}" }
"#;

#[test]
fn a_program_is_a_playbook_beside_others() {
    let shop = Shop::new();
    let folder = tempfile::TempDir::new().expect("a folder");
    let out = folder.path().display().to_string();
    let gate = folder.path().join("gate");
    let made = std::process::Command::new("mkfifo").arg(&gate).status();
    assert!(made.expect("mkfifo starts").success());
    // The program goes on once somebody has opened the gate.
    let warm = "#!/bin/sh\nset -eu\necho \"warmed $1 of $FRACTARY_RESOURCE\" >> \"$OUT/out\"\ncat \"$OUT/gate\"\n";
    let cool = "#!/bin/sh\necho cooled >> \"$OUT/out\"\n";
    let kpis = shop.repo.read(KPIS).replace(
        "action = \"raise_lambda_timeout\"\nresource = \"chat\"\nparameters = { timeout = \"30\" }",
        "action = \"warm_up\"\nresource = \"chat\"\nparameters = { paths = \"20\" }",
    );
    shop.repo.write(&[
        (KPIS, &kpis),
        (MONITORING, &(shop.repo.read(MONITORING) + CUSTOM)),
        ("scripts/warm.sh", warm),
        ("scripts/cool.sh", cool),
    ]);
    shop.repo.commit_all("A program");
    shop.measure(30, 62, BEFORE);
    let command = |at: &str| {
        let arguments = ["optimize", "cycle", "--yes", "--env", "test"];
        shop.command(at, &arguments).env("OUT", &out)
    };
    let cycle = command("2026-03-01T12:02:00Z").spawn();
    // The writes of the others are sent while it runs: none waits for another.
    while shop.updates() < 3 {
        std::thread::yield_now();
    }
    std::fs::write(&gate, "go on\n").expect("the program reads it");
    Outcome::of(cycle).exits(0);
    let written = || std::fs::read_to_string(folder.path().join("out")).expect("it was written");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:chat";
    assert_eq!(written(), format!("warmed 20 of {arn}\n"));
    let began = shop.cycles()[0].clone();
    assert_eq!(began["tasks"][0]["action"], "warm_up");
    let verdicts = of_tasks(&began, "verdict");
    assert!(
        verdicts.iter().all(|(_, verdict)| verdict == "waiting"),
        "{began:#}"
    );
    let entries = shop.entries();
    assert_eq!(entries[0]["parameters"]["paths"], "20");
    let program = entries
        .iter()
        .find(|entry| entry["api"]["the program scripts/warm.sh"] == 1);
    assert_eq!(program.expect("it was run")["outcome"], "unverified");
    // It made things worse: it is undone by the other program.
    shop.measure(62, 72, [900.0, 152.0, 150.0, 7000.0, 95.0]);
    command("2026-03-01T12:12:00Z").run().exits(0);
    let judged = shop.cycles()[0].clone();
    assert_eq!(judged["tasks"][0]["verdict"], "regressed", "{judged:#}");
    assert!(judged["tasks"][0]["undone_by"].is_string(), "{judged:#}");
    assert!(written().ends_with("cooled\n"), "{}", written());
    shop.is_sound("2026-03-01T12:12:00Z");
}
