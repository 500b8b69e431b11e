//! Metrics and a call graph read from files, for an investigation without AWS.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use crate::core::investigate::cause::{Graph, Measure, MetricValues, Metrics, Symptom, rank};
use crate::core::investigate::incident::{Sight, describe};
use crate::error::CommandError;
use crate::model::incident::IncidentReport;
use crate::text::Untrusted;

/// What to read, and the symptom.
pub(crate) struct IncidentFiles<'a> {
    pub(crate) metrics: &'a Path,
    pub(crate) normal: Option<&'a Path>,
    pub(crate) graph: Option<&'a Path>,
    pub(crate) symptom: Symptom,
}

/// The layout of a graph file.
#[derive(Deserialize)]
struct GraphFile {
    nodes: Vec<String>,
    edges_caller_to_callee: Vec<(String, String)>,
}

/// Investigates a symptom in files.
pub(crate) fn read_files(of: &IncidentFiles<'_>) -> Result<IncidentReport, CommandError> {
    let metrics = read_metrics(of.metrics)?;
    let normal = of.normal.map(read_metrics).transpose()?;
    let mut graph = of.graph.map(read_graph).transpose()?.unwrap_or_default();
    for (node, _) in metrics.series.keys() {
        if !graph.nodes.contains(node) {
            graph.nodes.push(node.clone());
        }
    }
    check_target(&metrics, &of.symptom)?;
    let verdict = rank(&metrics, normal.as_ref(), &graph, &of.symptom);
    let time = |seconds: f64| timestamp(seconds, of.metrics);
    let (first, last) = match metrics.times[..] {
        [first, .., last] | [first @ last] => (first, last),
        [] => return Err(fault(of.metrics, "has no rows")),
    };
    let sight = Sight {
        start: time(first)?,
        end: time(last)?,
        periods: metrics.times.len(),
        normal: normal.is_some(),
        graph: !graph.calls.is_empty(),
    };
    Ok(describe(&verdict, &of.symptom, time(of.symptom.at)?, sight))
}

fn timestamp(seconds: f64, path: &Path) -> Result<Timestamp, CommandError> {
    Timestamp::from_second(seconds as i64).map_err(|_| fault(path, "holds a time out of range"))
}

fn check_target(metrics: &Metrics, symptom: &Symptom) -> Result<(), CommandError> {
    if metrics.series.keys().any(|(node, _)| *node == symptom.node) {
        return Ok(());
    }
    let mut known: Vec<&str> = metrics
        .series
        .keys()
        .map(|(node, _)| node.as_str())
        .collect();
    known.dedup();
    let near = known
        .iter()
        .map(|name| (strsim::normalized_levenshtein(name, &symptom.node), name));
    let near = near
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| *name);
    let shown = |name: &str| Untrusted::new(name).terminal();
    let error = CommandError::usage(format!("no metrics of `{}`", shown(&symptom.node)));
    Err(match near {
        Some(near) => error.hint(format!("the nearest name is `{}`", shown(near))),
        None => error.hint("columns are named `NODE|METRIC|STATISTIC`"),
    })
}

fn fault(path: &Path, what: &str) -> CommandError {
    CommandError::usage(format!(
        "{} {what}",
        Untrusted::new(path.to_string_lossy()).terminal()
    ))
}

fn read(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path).map_err(|error| {
        let shown = Untrusted::new(path.to_string_lossy()).terminal();
        CommandError::usage(format!("could not read {shown}: {error}"))
    })
}

fn read_graph(path: &Path) -> Result<Graph, CommandError> {
    let file: GraphFile = serde_json::from_str(&read(path)?).map_err(|error| {
        let hint =
            "a graph is {\"nodes\": [\"a\", \"b\"], \"edges_caller_to_callee\": [[\"a\", \"b\"]]}";
        fault(path, &format!("is not a call graph: {error}")).hint(hint)
    })?;
    Ok(Graph {
        nodes: file.nodes,
        calls: file.edges_caller_to_callee,
    })
}

/// Reads columns `<time>,<node>|<metric>|<statistic>…`; what is no latency, availability or
/// requests is left out.
fn read_metrics(path: &Path) -> Result<Metrics, CommandError> {
    let text = read(path)?;
    let mut lines = text.lines();
    let head = split_csv(lines.next().unwrap_or_default());
    let columns: Vec<Option<(String, Measure)>> =
        head.iter().skip(1).map(|name| column(name)).collect();
    if columns.iter().all(Option::is_none) {
        let hint = "columns are named `NODE|METRIC|STATISTIC`, for instance `api|latency|Average`";
        return Err(fault(path, "has no column with a known metric").hint(hint));
    }
    let mut metrics = Metrics::default();
    for (number, line) in lines
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let fields = split_csv(line);
        let time = fields.first().and_then(|time| parse_time(time));
        let time = time.ok_or_else(|| fault(path, &format!("line {}: no time", number + 2)))?;
        metrics.times.push(time);
        for (index, column) in columns.iter().enumerate() {
            let Some(key) = column else { continue };
            let value = fields
                .get(index + 1)
                .and_then(|text| text.trim().parse::<f64>().ok());
            let values: &mut MetricValues = metrics.series.entry(key.clone()).or_default();
            values.resize(metrics.times.len() - 1, None);
            values.push(value.filter(|value| value.is_finite()));
        }
    }
    Ok(metrics)
}

fn column(name: &str) -> Option<(String, Measure)> {
    let mut parts = name.rsplitn(3, '|');
    let (statistic, metric, node) = (parts.next()?, parts.next()?, parts.next()?);
    let measure = match (metric, statistic) {
        ("latency", "Average") => Measure::Latency,
        ("availability", "Average") => Measure::Availability,
        ("requests", "Sum") => Measure::Requests,
        _ => return None,
    };
    Some((node.to_owned(), measure))
}

/// Seconds since 1970, or a time in RFC 3339.
fn parse_time(text: &str) -> Option<f64> {
    let text = text.trim();
    let seconds = text
        .parse::<f64>()
        .ok()
        .filter(|seconds| seconds.is_finite());
    seconds.or_else(|| Some(text.parse::<Timestamp>().ok()?.as_millisecond() as f64 / 1_000.0))
}

/// The fields of a line of CSV, without their quotes.
pub(crate) fn split_csv(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\r' if !quoted && characters.peek().is_none() => {}
            character => field.push(character),
        }
    }
    fields.push(field);
    fields
}
