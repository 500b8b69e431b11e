use super::*;
use crate::core::history::{append, empty, entry};
use crate::core::issue_fixtures::{
    World, domain, environment, function, minute, problem, report, sli, unknown,
};
use crate::model::fact::{Gap, GapCause};
use crate::model::monitors::{MonitorCommand, MonitorProgram, MonitorStatus};
use crate::model::report::ResourceHealth;
use crate::model::status::Verdict;

/// Everything a dashboard is made from.
struct Repository {
    monitors: Vec<DomainMonitor>,
    environments: Vec<EnvironmentName>,
    latest: BTreeMap<EnvironmentName, HealthReport>,
    histories: BTreeMap<EnvironmentName, History>,
    world: World,
    activity: Activity,
}

impl Repository {
    fn new(environments: &[&str]) -> Self {
        Self {
            monitors: Vec::new(),
            environments: environments.iter().map(|e| environment(e)).collect(),
            latest: BTreeMap::new(),
            histories: BTreeMap::new(),
            world: World::new(),
            activity: Activity::default(),
        }
    }

    fn observe(&mut self, name: &str, minutes: i64, checks: Vec<ResourceHealth>) {
        let seen = report(name, minute(minutes), checks);
        let decided = self.world.run(&seen);
        let name = environment(name);
        let history = self
            .histories
            .remove(&name)
            .unwrap_or_else(|| empty(name.clone()));
        let history = append(history, entry(&seen, &decided), minute(minutes));
        self.histories.insert(name.clone(), history);
        self.latest.insert(name, seen);
    }

    fn show(&self, minutes: i64, only: Option<&str>) -> Dashboard {
        let only = only.map(environment);
        build(&DashboardInput {
            monitors: &self.monitors,
            environments: &self.environments,
            own_domain: &domain("infrastructure"),
            latest: &self.latest,
            reports: &BTreeMap::new(),
            budgets: &BTreeMap::new(),
            audits: &BTreeMap::new(),
            kpis: &BTreeMap::new(),
            optimizations: &BTreeMap::new(),
            audit_every_seconds: None,
            histories: &self.histories,
            active: &self.world.active,
            resolved: &self.world.resolved,
            age_cap_hours: Some(4.0),
            top: 2,
            environment: only.as_ref(),
            domain: None,
            stale_after_seconds: stale_after(None, 3_600),
            activity: &self.activity,
            now: minute(minutes),
        })
    }
}

fn monitor(name: &str, environments: &[&str], health: Option<MonitorCommand>) -> DomainMonitor {
    DomainMonitor {
        domain: domain(name),
        plugin: "some-plugin".into(),
        manager: None,
        capabilities: Vec::new(),
        environments: environments.iter().map(|e| environment(e)).collect(),
        priority_weight: 1.0,
        issue_prefix: None,
        commands: health
            .map(|h| ("health".to_owned(), h))
            .into_iter()
            .collect(),
        status: MonitorStatus::Active,
    }
}

fn table(dashboard: &Dashboard) -> String {
    let rows = dashboard.domains.iter().map(|row| {
        let note = row.note.as_ref().map_or("", |n| n.raw());
        let counts = row.resources;
        format!(
            "{} {} {} {}/{} healthy, {} issues; {note}",
            row.domain, row.environment, row.status, counts.healthy, counts.total, row.issues
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn advice(dashboard: &Dashboard) -> String {
    let actions = dashboard.recommended_actions.iter().map(|action| {
        let command = action.command.as_ref().map_or("", |c| c.raw());
        format!("{} | {command}", action.text.raw())
    });
    actions.collect::<Vec<_>>().join("\n")
}

fn bad(name: &str, status: Status) -> ResourceHealth {
    function(
        name,
        vec![problem("error_rate_percent", status, "error rate 3.2 %")],
    )
}

fn well() -> Vec<ResourceHealth> {
    vec![function("api", Vec::new()), function("worker", Vec::new())]
}

#[test]
fn domains_are_what_was_seen_of_them() {
    let mut repository = Repository::new(&["dev", "test", "staging", "prod"]);
    let built_in = MonitorCommand::BuiltIn("/fractary-helm-cloud:health".into());
    let program = MonitorCommand::Program(MonitorProgram {
        exec: vec!["./probe".into()],
        timeout: None,
        env: BTreeMap::new(),
    });
    let mut planned = monitor("content", &["prod"], None);
    planned.status = MonitorStatus::Planned;
    repository.monitors = vec![
        monitor(
            "infrastructure",
            &["test", "staging", "prod", "nowhere"],
            Some(built_in),
        ),
        monitor("application", &["prod"], Some(program)),
        planned,
    ];
    repository.observe("test", -2_000, vec![bad("api", Status::Unhealthy)]);
    repository.observe("dev", 0, well());
    let mut checks = well();
    checks.push(unknown("db"));
    repository.observe("prod", 0, checks);
    let stray = report("test", minute(0), vec![bad("page", Status::Degraded)]);
    repository.world.run(&HealthReport {
        domain: domain("content"),
        ..stray
    });
    let dashboard = repository.show(1, None);
    insta::assert_snapshot!(table(&dashboard));
    assert_eq!(dashboard.overall_health, Status::Unknown);
}

#[test]
fn without_monitors_the_infrastructure_is_watched() {
    let mut repository = Repository::new(&["test", "prod"]);
    repository.observe("prod", 0, well());
    insta::assert_snapshot!(table(&repository.show(0, None)), @r"
    infrastructure test UNKNOWN 0/0 healthy, 0 issues; never observed: run `fractary run --env test`
    infrastructure prod HEALTHY 2/2 healthy, 0 issues; 
    ");
    let prod = repository.show(0, Some("prod"));
    assert_eq!(
        (prod.domains.len(), prod.overall_health),
        (1, Status::Healthy)
    );
    assert_eq!(prod.trend.len(), 1);
    assert_eq!(
        Repository::new(&[]).show(0, None).overall_health,
        Status::Unknown
    );
}

#[test]
fn old_and_impossible_observations_are_not_healthy() {
    let mut repository = Repository::new(&["prod"]);
    repository.observe("prod", 0, well());
    for (minutes, want) in [
        (0, Status::Healthy),
        // Three runs of the default schedule, on top of the heartbeat.
        (75, Status::Healthy),
        (76, Status::Unknown),
        (24 * 60, Status::Unknown),
        (-5, Status::Healthy),
        (-6, Status::Unknown),
    ] {
        let shown = repository.show(minutes, None);
        assert_eq!(shown.overall_health, want, "{minutes}");
        let counts = shown.domains[0].resources;
        assert_eq!(counts.healthy > 0, want == Status::Healthy, "{minutes}");
    }
    repository.observe("prod", 5, Vec::new());
    repository
        .latest
        .values_mut()
        .for_each(|r| r.overall_health = Status::Healthy);
    assert_eq!(repository.show(5, None).overall_health, Status::Unknown);
}

#[test]
fn staleness_follows_the_schedule() {
    for (interval, want) in [
        (None, 4_500),
        (Some(300), 4_500),
        (Some(86_400), 262_800),
        (Some(u64::MAX), u64::MAX),
    ] {
        assert_eq!(stale_after(interval, 3_600), want, "{interval:?}");
    }
}

#[test]
fn issues_are_ranked_cut_and_counted() {
    let mut repository = Repository::new(&["prod"]);
    let checks = vec![
        bad("a", Status::Degraded),
        bad("b", Status::Unhealthy),
        bad("c", Status::Degraded),
    ];
    repository.observe("prod", 0, checks);
    let shown = repository.show(5, None);
    assert_eq!((shown.top_issues.len(), shown.issues_total), (2, 3));
    assert_eq!(shown.top_issues[0].resource.raw(), "b");
    assert_eq!(shown.issues_by_severity[&Severity::High], 2);
    assert_eq!(shown.issues_by_severity[&Severity::Low], 0);
    assert_eq!(repository.show(5, Some("test")).issues_total, 0);
    for minutes in [10, 15] {
        repository.observe(
            "prod",
            minutes,
            vec![
                function("a", Vec::new()),
                function("b", Vec::new()),
                bad("c", Status::Degraded),
            ],
        );
    }
    let resolved = |minutes| repository.show(minutes, None).recently_resolved.len();
    assert_eq!(
        (
            resolved(20),
            resolved(15 + 7 * 1_440),
            resolved(16 + 7 * 1_440)
        ),
        (2, 2, 0)
    );
}

#[test]
fn actions_come_from_what_was_seen() {
    let mut repository = Repository::new(&["test", "prod"]);
    let mut risky = function("slow", Vec::new());
    risky.slis = vec![sli("p95_latency_ms", 190.0, 200.0, Verdict::AtRisk)];
    repository.observe(
        "prod",
        0,
        vec![bad("api", Status::Unhealthy), risky, unknown("db")],
    );
    let seen = repository
        .latest
        .get_mut(&environment("prod"))
        .expect("observed");
    for permission in ["rds:DescribeDBInstances", "cloudwatch:GetMetricData"] {
        seen.errors.push(Gap {
            operation: permission.into(),
            subject: "x".into(),
            cause: GapCause::Denied,
            code: None,
            message: "no".into(),
            missing_permission: Some(permission.into()),
        });
    }
    insta::assert_snapshot!(advice(&repository.show(5, None)), @r"
    CRITICAL api in prod: error rate 3.2 % | aws logs tail /aws/lambda/api --since 1h --region eu-central-1
    Grant cloudwatch:GetMetricData, rds:DescribeDBInstances in prod: without it the check does not see everything | fractary iam-policy run
    Observe test for the first time | fractary run --env test
    Look at p95 latency ms of slow in prod: close to its target | fractary health --env prod
    ");
}

#[test]
fn when_all_is_well_there_is_routine_and_idle_environments_are_noticed() {
    let mut repository = Repository::new(&["prod"]);
    for minutes in [0, 720, 1_440] {
        repository.observe("prod", minutes, well());
    }
    insta::assert_snapshot!(advice(&repository.show(1_440, None)), @r"
    See the health of all of prod (2 resources) | fractary health --env prod
    Record a new observation of prod | fractary run --env prod
    Validate the state files | fractary check
    ");
    let history = repository
        .histories
        .get_mut(&environment("prod"))
        .expect("observed");
    history
        .entries
        .iter_mut()
        .for_each(|e| e.requests_total = Some(0.0));
    insta::assert_snapshot!(advice(&repository.show(1_440, None)), @r"
    Check whether traffic reaches prod: no requests for 1 d | fractary health --env prod
    Record a new observation of prod | fractary run --env prod
    Validate the state files | fractary check
    ");
    // Not counted is not zero.
    let history = repository
        .histories
        .get_mut(&environment("prod"))
        .expect("observed");
    history.entries[1].requests_total = None;
    assert!(!advice(&repository.show(1_440, None)).contains("no requests"));
}

#[test]
fn what_was_done_lately_is_shown_newest_first() {
    let mut repository = Repository::new(&["prod", "test"]);
    repository.observe("prod", 0, well());
    let deployment = |id: &str, minutes: i64, name: &str| crate::model::deployments::Deployment {
        id: id.to_owned(),
        environment: environment(name),
        domain: None,
        deployed_at: minute(minutes),
        deployed_by: Some("mira".into()),
        commit: Some("0123abc".to_owned()),
        status: "success".to_owned(),
        resources: Vec::new(),
        plan_sha256: None,
        record: None,
    };
    repository.activity.deployments = (0..7)
        .map(|n| deployment(&format!("d-{n}"), n, if n == 6 { "test" } else { "prod" }))
        .collect();
    let log = include_str!("../../../tests/samples/remediation-log/good-two.json");
    let log = serde_json::from_str(log).expect("a log");
    repository.activity.remediations = BTreeMap::from([(environment("prod"), log)]);
    let shown = repository.show(1, None);
    let ids: Vec<&str> = shown.deployments.iter().map(|row| row.id.raw()).collect();
    assert_eq!(ids, ["d-6", "d-5", "d-4", "d-3", "d-2"]);
    let first = &shown.remediations[0];
    let words = [&first.action, &first.outcome, &first.issue]
        .map(|word| word.as_ref().map_or("", |word| word.raw()));
    assert_eq!(words, ["restart_lambda", "success", "infra-7f3a2c"]);
    let prod = repository.show(1, Some("prod"));
    assert_eq!(prod.deployments[0].id.raw(), "d-5");
    assert!(repository.show(1, Some("test")).remediations.is_empty());
    assert_eq!(shown.spend[&environment("prod")].runs_30d, 1);
    assert!(!shown.spend.contains_key(&environment("test")));
}
