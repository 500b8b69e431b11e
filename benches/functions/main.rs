//! What the decisions, the state, the redactor and the renderers cost, in one table.
//!
//! `cargo bench --bench functions [NAME]` measures; without `--bench`, as `cargo test --benches`
//! runs it, every row is done once on a small world. No figure is asserted.
#![expect(
    clippy::print_stdout,
    reason = "the table is what a benchmark is for; nobody pipes it"
)]

mod measure;
mod plan;
mod text;
mod world;

use std::collections::BTreeMap;

use fractary::core::dashboard::{Activity, DashboardInput, build};
use fractary::core::issues::{ReconcileInput, reconcile};
use fractary::model::issue::Issue;
use fractary::render::templates::Templates;
use fractary::render::text::Style;
use fractary::render::{json, markdown, text as terminal};
use fractary::state::{self, WorkTree};
use fractary::text::{escape, redact};

use measure::Bench;
use world::World;

fn main() {
    let bench = Bench::from_arguments(std::env::args().skip(1));
    println!("{}", Bench::HEAD);
    for resources in bench.sizes([1_000, 10_000]) {
        let world = World::new(resources);
        decisions(&bench, &world);
        rendering(&bench, &world);
    }
    loading(&bench);
    texts(&bench);
    plan::rows(&bench);
}

fn decisions(bench: &Bench, world: &World) {
    let size = world.size();
    bench.row(
        &format!("evaluate, {size} resources"),
        size,
        "resource",
        || world.evaluate(),
    );
    let report = world.evaluate();
    bench.row(
        &format!("examine, {size} resources"),
        size,
        "resource",
        || world.examine(&report),
    );
    let examination = world.examine(&report);
    let input = ReconcileInput {
        examination: &examination,
        active: &BTreeMap::new(),
        resolved: &BTreeMap::new(),
        prefix: "infra",
        open_after: 1,
        resolve_after: 2,
        now: world.now(),
    };
    bench.row(
        &format!("reconcile, {size} resources, all issues new"),
        size,
        "resource",
        || reconcile(&input),
    );
    let active = issues(&input);
    let again = ReconcileInput {
        active: &active,
        ..input
    };
    bench.row(
        &format!("reconcile, {size} resources, {} issues open", active.len()),
        size,
        "resource",
        || reconcile(&again),
    );
}

fn issues(input: &ReconcileInput<'_>) -> BTreeMap<fractary::model::ids::IssueId, Issue> {
    let changes = reconcile(input).changes;
    let opened = changes.into_iter().map(|change| change.after);
    opened.map(|issue| (issue.id.clone(), issue)).collect()
}

fn rendering(bench: &Bench, world: &World) {
    let size = world.size();
    let report = world.evaluate();
    let templates = Templates::built_in();
    let label = |what: &str| format!("{what}, {size} resources");
    bench.row(&label("health as text"), size, "resource", || {
        terminal::health(&report, &Style::PLAIN)
    });
    bench.row(&label("health as Markdown"), size, "resource", || {
        markdown::health(&report, &templates).expect("the built-in template is right")
    });
    bench.row(&label("health as JSON"), size, "resource", || {
        json::pretty(&report).expect("a report is JSON")
    });
    let examination = world.examine(&report);
    let active = issues(&ReconcileInput {
        examination: &examination,
        active: &BTreeMap::new(),
        resolved: &BTreeMap::new(),
        prefix: "infra",
        open_after: 1,
        resolve_after: 2,
        now: world.now(),
    });
    let latest = BTreeMap::from([(report.environment.clone(), report.clone())]);
    let input = DashboardInput {
        monitors: &[],
        environments: std::slice::from_ref(&report.environment),
        own_domain: &report.domain,
        latest: &latest,
        reports: &BTreeMap::new(),
        budgets: &BTreeMap::new(),
        audits: &BTreeMap::new(),
        kpis: &BTreeMap::new(),
        optimizations: &BTreeMap::new(),
        audit_every_seconds: None,
        histories: &BTreeMap::new(),
        active: &active,
        resolved: &BTreeMap::new(),
        age_cap_hours: None,
        top: 10,
        environment: None,
        domain: None,
        stale_after_seconds: 86_400,
        activity: &Activity::default(),
        now: world.now(),
    };
    bench.row(&label("dashboard built"), size, "resource", || {
        build(&input)
    });
    let dashboard = build(&input);
    bench.row(&label("dashboard as text"), size, "resource", || {
        terminal::dashboard(&dashboard, &Style::PLAIN)
    });
    bench.row(&label("dashboard as Markdown"), size, "resource", || {
        markdown::dashboard(&dashboard, &templates).expect("the built-in template is right")
    });
}

fn loading(bench: &Bench) {
    for files in bench.sizes([1_000, 10_000]) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        world::write_issues(folder.path(), files);
        bench.row(
            &format!("state load, {files} issue files"),
            files,
            "file",
            || state::load(&WorkTree::new(folder.path())).expect("the files are valid"),
        );
    }
}

fn texts(bench: &Bench) {
    let plain = text::log(bench.bytes(4 << 20));
    let secrets = text::log_with_secrets(bench.bytes(4 << 20));
    bench.bandwidth("redact, log lines without secrets", &plain, |text| {
        redact::redact(text)
    });
    bench.bandwidth("redact, a secret in every tenth line", &secrets, |text| {
        redact::redact(text)
    });
    bench.bandwidth("escape for a terminal", &plain, escape::terminal);
    bench.bandwidth("escape for Markdown", &plain, escape::markdown);
    bench.bandwidth("escape for HTML", &plain, escape::html);
    bench.bandwidth("escape for JSON", &plain, escape::json);
}
