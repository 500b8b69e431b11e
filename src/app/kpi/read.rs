//! Reading key figures from where they are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::app::App;
use crate::app::access::Access;
use crate::app::decide::kpis::CollectedKpis;
use crate::app::kpi::deliver;
use crate::app::observe::{connect, environments, monitors};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::cloud::Cloud;
use crate::cloud::question::{MetricOfSpan, MetricsQuestion, UtilisationReading};
use crate::core::dashboard::stale_after;
use crate::core::kpi::Measurement;
use crate::core::kpi::figures;
use crate::core::optimize::judge::KpiSamples;
use crate::core::optimize::metrics;
use crate::core::window::WindowSettings;
use crate::error::CommandError;
use crate::model::delivery::{DeliveryReport, DeliveryValue};
use crate::model::domain_health::MonitorAnswer;
use crate::model::environments::Environment;
use crate::model::ids::{DomainName, EnvironmentName, Region};
use crate::model::kpi::{
    CloudwatchMetric, CloudwatchSource, DeliveryFigure, Kpi, KpiSource, MonitorSource,
};
use crate::model::snapshot::Series;
use crate::model::spending::SpendingDocument;
use crate::state;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// Periods that are read: enough to say when a metric that is stale had its last value.
const PERIODS: i64 = 12;

/// The points of the metrics of a source by their names, or why they could not be read.
type ReadPoints = BTreeMap<String, Result<Option<Series>, String>>;

/// Reads all that have a source.
pub(super) fn read(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    kpis: &[Kpi],
) -> Result<CollectedKpis, CommandError> {
    let environment = workspace.settings().environment(name)?;
    let on: Vec<(&Kpi, &KpiSource)> = kpis
        .iter()
        .filter_map(|kpi| Some((kpi, kpi.source.as_ref()?)))
        .collect();
    let delivery = deliver::report(workspace, name, app.clock.now())?;
    let spending = spending(workspace, name, &on)?;
    let (points, answers) = wait::wait_for(app, "reading key figures", async {
        let points = points(app, workspace, &environment, &on, None).await?;
        Ok((points, answers(app, workspace, name, &on).await?))
    })?;
    let now = app.clock.now();
    let value = |kpi: &Kpi, source: &KpiSource| {
        if let Some(metrics) = &source.cloudwatch {
            let nothing = ReadPoints::new();
            let read = points.get(kpi.name.as_str()).unwrap_or(&nothing);
            figures::of_metrics(metrics, read, settled(workspace, now))
        } else if let Some(health) = &source.health {
            let stale = stale_seconds(workspace);
            figures::of_health(health, workspace.records().latest(name), now, stale)
        } else if let Some(cost) = &source.cost {
            match &spending {
                Ok(spending) => figures::of_cost(cost, spending.as_ref(), now),
                Err(why) => Err(why.clone()),
            }
        } else if let Some(figure) = source.delivery {
            of_delivery(figure, delivery.as_ref())
        } else if let Some(monitor) = &source.monitor {
            of_monitor(kpi, monitor, name, &answers)
        } else if let Some(figure) = source.optimization {
            let history = workspace.records().optimizations(name);
            metrics::figure(history.map(|document| &document.value), figure, now)
        } else {
            Err(Untrusted::from("no source is given"))
        }
    };
    Ok(CollectedKpis {
        environment: name.clone(),
        at: now,
        kpis: kpis.to_vec(),
        measured: on
            .iter()
            .map(|(kpi, source)| (kpi.name.clone(), value(kpi, source)))
            .collect(),
        sources: on
            .iter()
            .map(|(kpi, source)| (kpi.name.clone(), words(source)))
            .collect(),
        delivery,
    })
}

/// Reads what key figures measured from twelve periods before a time until now. What CloudWatch does
/// not have is what was kept of them.
pub(super) fn samples(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    kpis: &[Kpi],
    since: Timestamp,
) -> Result<BTreeMap<String, KpiSamples>, CommandError> {
    let environment = workspace.settings().environment(name)?;
    let on: Vec<(&Kpi, &KpiSource)> = kpis
        .iter()
        .filter_map(|kpi| Some((kpi, kpi.source.as_ref()?)))
        .collect();
    let read = wait::wait_for(app, "reading what key figures measured", async {
        points(app, workspace, &environment, &on, Some(since)).await
    })?;
    let until = settled(workspace, app.clock.now());
    let history = workspace.records().kpis(name);
    let kept = |kpi: &Kpi| {
        let all = history.into_iter().flat_map(|one| &one.value.collections);
        let values = all.filter_map(|one| Some((one.at.as_second(), *one.values.get(&kpi.name)?)));
        values.map(|(at, value)| (at, at, value)).collect()
    };
    let each = on.iter().map(|(kpi, source)| {
        let points = match (&source.cloudwatch, read.get(kpi.name.as_str())) {
            (Some(source), Some(read)) => figures::each_of_metrics(source, read, until),
            _ => kept(kpi),
        };
        let samples = KpiSamples {
            better: kpi.better,
            target: kpi.target,
            points,
        };
        (kpi.name.clone(), samples)
    });
    Ok(each.filter(|(_, one)| !one.points.is_empty()).collect())
}

/// The time up to which CloudWatch has filled its periods.
fn settled(workspace: &Workspace, now: Timestamp) -> Timestamp {
    let settle = WindowSettings::resolve(workspace.settings().monitoring).settle_seconds;
    Timestamp::from_second(now.as_second() - settle).unwrap_or(now)
}

fn stale_seconds(workspace: &Workspace) -> u64 {
    let settings = workspace.settings();
    let interval = settings.monitoring.monitoring.health_check_interval;
    let interval = interval.map(|interval| interval.seconds);
    stale_after(interval, settings.heartbeat_seconds())
}

/// The bill that is kept; the inner error is why it cannot be read.
fn spending(
    workspace: &Workspace,
    name: &EnvironmentName,
    on: &[(&Kpi, &KpiSource)],
) -> Result<Result<Option<SpendingDocument>, Untrusted>, CommandError> {
    if on.iter().all(|(_, source)| source.cost.is_none()) {
        return Ok(Ok(None));
    }
    let path = paths::spending(name);
    let Some(text) = workspace.tree().read_text(&path)? else {
        return Ok(Ok(None));
    };
    let read = state::read_document(&path, text.into_bytes());
    Ok(match read {
        Ok((value, _)) => Ok(Some(value)),
        Err(_) => Err(Untrusted::new(format!(
            "{path} is not valid: `fractary check` shows what is wrong"
        ))),
    })
}

/// A metric that is to be read, with whose it is.
struct WantedPoints<'a> {
    kpi: &'a str,
    name: &'a str,
    metric: MetricOfSpan,
}

/// Reads the metrics of all sources, with one question for each length of period.
async fn points<'a>(
    app: &App,
    workspace: &Workspace,
    environment: &Environment,
    on: &[(&'a Kpi, &'a KpiSource)],
    since: Option<Timestamp>,
) -> Result<BTreeMap<&'a str, ReadPoints>, CommandError> {
    let mut found: BTreeMap<&str, ReadPoints> = BTreeMap::new();
    let mut wanted: BTreeMap<u32, Vec<WantedPoints<'_>>> = BTreeMap::new();
    let default = workspace.settings().region(environment);
    for (kpi, source) in on {
        let Some(metrics) = &source.cloudwatch else {
            continue;
        };
        let of_kpi = found.entry(&kpi.name).or_default();
        for (name, metric) in &metrics.metrics {
            match metrics.region.clone().or_else(|| default.clone()) {
                Some(region) => {
                    let metric = of_span(metrics, metric, region, &environment.name);
                    let of_period = wanted.entry(metrics.period_seconds()).or_default();
                    let kpi = &kpi.name;
                    of_period.push(WantedPoints { kpi, name, metric });
                }
                None => {
                    let why = "the environment has no region, and the source names none";
                    of_kpi.insert(name.clone(), Err(why.to_owned()));
                }
            }
        }
    }
    if wanted.is_empty() {
        return Ok(found);
    }
    let (settings, catalog) = (workspace.settings(), &workspace.catalog);
    let access = Access::Measure;
    let connection = connect::connect(app, settings, catalog, environment, access).await?;
    let cloud = connection.cloud.as_ref();
    let identity = cloud.identity(&environment.name).await;
    if let Ok(identity) = &identity {
        environments::check_account(settings, environment, identity)?;
    }
    let until = settled(workspace, app.clock.now());
    for (period, of_period) in wanted {
        let read = match &identity {
            Ok(_) => {
                let span = (since, until);
                ask(cloud, &environment.name, period, span, &of_period).await
            }
            Err(gap) => vec![Err(gap.sentence()); of_period.len()],
        };
        for (one, read) in of_period.iter().zip(read) {
            let of_kpi = found.entry(one.kpi).or_default();
            of_kpi.insert(one.name.to_owned(), read);
        }
    }
    connection.finish(app)?;
    Ok(found)
}

fn of_span(
    source: &CloudwatchSource,
    metric: &CloudwatchMetric,
    region: Region,
    environment: &EnvironmentName,
) -> MetricOfSpan {
    let filled = |value: &String| value.replace("{environment}", environment.as_str());
    let dimensions = metric.dimensions.iter();
    MetricOfSpan {
        region,
        namespace: metric.namespace.clone(),
        metric: metric.metric.clone(),
        dimensions: dimensions
            .map(|(name, value)| (name.clone(), filled(value)))
            .collect(),
        statistic: metric.statistic.clone(),
        period_seconds: source.period_seconds(),
    }
}

async fn ask(
    cloud: &dyn Cloud,
    environment: &EnvironmentName,
    period: u32,
    (since, until): (Option<Timestamp>, Timestamp),
    wanted: &[WantedPoints<'_>],
) -> Vec<Result<Option<Series>, String>> {
    let length = i64::from(period);
    let end = until.as_second().div_euclid(length) * length;
    let at = |second: i64| Timestamp::from_second(second).unwrap_or(until);
    let from = since.map_or(end, |since| since.as_second().div_euclid(length) * length);
    let question = MetricsQuestion {
        environment: environment.clone(),
        start: at(from.min(end) - PERIODS * length),
        end: at(end),
        metrics: wanted.iter().map(|one| one.metric.clone()).collect(),
    };
    let reading = |reading| match reading {
        UtilisationReading::Points(series) => Ok(Some(series)),
        UtilisationReading::NoPoints => Ok(None),
        UtilisationReading::Unreadable(gap) => Err(gap.sentence()),
    };
    match cloud.metrics(&question).await {
        Ok(readings) => readings.into_iter().map(reading).collect(),
        Err(gap) => vec![Err(gap.sentence()); wanted.len()],
    }
}

/// Asks the monitors of the domains that sources name.
async fn answers(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
    on: &[(&Kpi, &KpiSource)],
) -> Result<Vec<MonitorAnswer>, CommandError> {
    let domains = on.iter().filter_map(|(_, source)| source.monitor.as_ref());
    let domains: BTreeSet<&DomainName> = domains.map(|monitor| &monitor.domain).collect();
    let names = std::slice::from_ref(name);
    let mut all = Vec::new();
    for domain in domains {
        all.extend(monitors::ask_all(app, &workspace.scope(), names, Some(domain)).await?);
    }
    Ok(all)
}

fn of_monitor(
    kpi: &Kpi,
    source: &MonitorSource,
    name: &EnvironmentName,
    answers: &[MonitorAnswer],
) -> Measurement {
    let missing = |why: String| Err(Untrusted::new(why));
    let domain = &source.domain;
    let is_it = |one: &&MonitorAnswer| one.domain == *domain && one.environment == *name;
    let Some(answer) = answers.iter().find(is_it) else {
        return missing(format!("no program monitors the domain {domain} in {name}"));
    };
    let Some(health) = &answer.health else {
        let why = answer.failure.as_ref().map_or("", Untrusted::raw);
        return missing(format!("the monitor of {domain} gave no answer: {why}"));
    };
    let named = |name: &str| name == source.metric;
    let mut found = health.metrics.iter().filter(|one| named(one.name.raw()));
    match (found.next(), found.next()) {
        (Some(one), None) if one.unit.raw() == kpi.unit => Ok(one.value),
        (Some(one), None) => missing(format!(
            "the monitor of {domain} says `{}`, and kpis.toml `{}`: the units differ",
            one.unit.raw(),
            kpi.unit
        )),
        (Some(_), Some(_)) => missing(format!(
            "the monitor of {domain} prints `{}` more than once",
            source.metric
        )),
        (None, _) => missing(format!(
            "the monitor of {domain} prints no metric `{}`",
            source.metric
        )),
    }
}

fn of_delivery(figure: DeliveryFigure, report: Option<&DeliveryReport>) -> Measurement {
    let Some(report) = report else {
        return Err(Untrusted::from(
            "no deployment of this environment is recorded",
        ));
    };
    let of = |value: &DeliveryValue| match (value.value, &value.undefined_because) {
        (Some(value), _) => Ok(value),
        (None, Some(why)) => Err(why.clone()),
        (None, None) => Err(Untrusted::from("undefined")),
    };
    of(match figure {
        DeliveryFigure::DeploymentsPerWeek => &report.deployments_per_week,
        DeliveryFigure::DeploymentDaysPerWeek => &report.deployment_days_per_week,
        DeliveryFigure::LeadTimeHours => &report.lead_time_hours,
        DeliveryFigure::ChangeFailureRatePercent => &report.change_failure_rate_percent,
        DeliveryFigure::RecoveryTimeHours => &report.recovery_time_hours,
        DeliveryFigure::ReworkRatePercent => &report.rework_rate_percent,
    })
}

/// Where a key figure is from, in a few words.
fn words(source: &KpiSource) -> String {
    if let Some(metrics) = &source.cloudwatch {
        let first = metrics.metrics.values().next();
        let only = first.map_or_else(String::new, |one| {
            format!("{} {} {}", one.namespace, one.metric, one.statistic)
        });
        return match &metrics.formula {
            Some(formula) => format!("CloudWatch: {formula}"),
            None => format!("CloudWatch: {only}"),
        };
    }
    if let Some(health) = &source.health {
        let field = match (&health.figure, &health.resource, &health.sli) {
            (Some(figure), ..) => figure.clone(),
            (None, Some(resource), Some(sli)) => format!("{sli} of {resource}"),
            _ => String::new(),
        };
        return format!("health report: {field}");
    }
    if let Some(monitor) = &source.monitor {
        return format!("monitor of {}: {}", monitor.domain, monitor.metric);
    }
    if source.optimization.is_some() {
        return "optimisation cycles".to_owned();
    }
    match (&source.cost, source.delivery) {
        (Some(cost), _) => {
            let of = cost.service.as_deref().unwrap_or("all services");
            format!("bill: {of}")
        }
        (None, Some(_)) => "deployments and git".to_owned(),
        (None, None) => String::new(),
    }
}
