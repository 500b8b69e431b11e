//! Metrics and a call graph read from files, for an investigation without AWS.

use std::path::Path;

use clap::ValueEnum;
use jiff::Timestamp;
use serde::Deserialize;

use crate::app::input;
use crate::app::table::{Table, fault};
use crate::core::investigate::cause::{Graph, Measure, MetricValues, Metrics, Symptom, rank};
use crate::core::investigate::incident::{Sight, describe};
use crate::error::CommandError;
use crate::model::incident::IncidentReport;
use crate::text::{Untrusted, escape, phrases};

/// The most that is read of a graph.
const MOST_BYTES: u64 = 64 << 20;
/// The columns, and the nodes, that are named of those that are left out.
const MOST_NAMED: usize = 5;

/// A metric in which users feel a fault.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SymptomMetric {
    /// Seconds that a request takes
    Latency,
    /// Percent of requests that succeed
    Availability,
}

impl SymptomMetric {
    /// Returns it as the analysis of causes calls it.
    pub(crate) fn measure(self) -> Measure {
        match self {
            Self::Latency => Measure::Latency,
            Self::Availability => Measure::Availability,
        }
    }
}

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

/// Investigates a symptom in files. Returns also what of them was left out, a sentence each.
pub(crate) fn read_files(
    of: &IncidentFiles<'_>,
) -> Result<(IncidentReport, Vec<String>), CommandError> {
    let mut left_out = Vec::new();
    let metrics = read_metrics(of.metrics, &mut left_out)?;
    let normal = match of.normal {
        // The same columns are left out there.
        Some(path) => Some(read_metrics(path, &mut Vec::new())?),
        None => None,
    };
    let lacking = normal.as_ref().and_then(|one| lacking(one, &metrics));
    left_out.extend(lacking);
    let mut graph = match of.graph {
        Some(path) => read_graph(path, &mut left_out)?,
        None => Graph::default(),
    };
    for (node, _) in metrics.series.keys() {
        if !graph.nodes.contains(node) {
            graph.nodes.push(node.clone());
        }
    }
    let (first, last) = match metrics.times[..] {
        [first, .., last] | [first @ last] => (first, last),
        [] => return Err(fault(of.metrics, "has no rows")),
    };
    check_target(&metrics, &of.symptom)?;
    let verdict = rank(&metrics, normal.as_ref(), &graph, &of.symptom);
    let time = |seconds: f64| timestamp(seconds, of.metrics);
    let sight = Sight {
        start: time(first)?,
        end: time(last)?,
        periods: metrics.times.len(),
        normal: normal.is_some(),
        graph: !graph.calls.is_empty(),
    };
    let report = describe(&verdict, &of.symptom, time(of.symptom.at)?, sight);
    Ok((report, left_out))
}

/// Says what the normal time does not know: there the periods before the symptom are usual.
fn lacking(normal: &Metrics, now: &Metrics) -> Option<String> {
    let is_known = |key: &NodeMeasure| normal.series.contains_key(key);
    let unknown = now.series.keys().filter(|key| !is_known(key));
    let mut names: Vec<String> = unknown
        .map(|(node, _)| format!("`{}`", escape::terminal(node)))
        .collect();
    names.dedup();
    let rest = match names.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    names.truncate(MOST_NAMED);
    (!names.is_empty()).then(|| {
        format!(
            "`--normal` lacks metrics of {}{rest}; the periods before `--at` tell what is usual",
            names.join(", ")
        )
    })
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

fn read_graph(path: &Path, left_out: &mut Vec<String>) -> Result<Graph, CommandError> {
    let text = input::read_text(path, MOST_BYTES)?;
    let file: GraphFile = serde_json::from_str(&text).map_err(|error| {
        let hint =
            "a graph is {\"nodes\": [\"a\", \"b\"], \"edges_caller_to_callee\": [[\"a\", \"b\"]]}";
        fault(path, &format!("is not a call graph: {error}")).hint(hint)
    })?;
    let mut unknown: Vec<&str> = Vec::new();
    for name in file.edges_caller_to_callee.iter().flat_map(|(a, b)| [a, b]) {
        if !file.nodes.contains(name) && !unknown.contains(&name.as_str()) {
            unknown.push(name);
        }
    }
    for name in unknown {
        left_out.push(format!(
            "calls of `{}` are left out: `nodes` of {} does not name it",
            escape::terminal(name),
            escape::terminal(&path.to_string_lossy()),
        ));
    }
    Ok(Graph {
        nodes: file.nodes,
        calls: file.edges_caller_to_callee,
    })
}

/// Reads columns `<time>,<node>|<metric>|<statistic>…`.
fn read_metrics(path: &Path, left_out: &mut Vec<String>) -> Result<Metrics, CommandError> {
    let table = Table::read(path)?;
    let columns = columns(&table, left_out)?;
    let mut metrics = Metrics::default();
    let mut rows = Vec::new();
    for row in table.rows() {
        rows.push((row.time(0)?, row));
    }
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (time, row) in rows {
        metrics.times.push(time);
        for (index, key) in &columns {
            let values: &mut MetricValues = metrics.series.entry(key.clone()).or_default();
            values.push(row.value(*index)?);
        }
    }
    Ok(metrics)
}

/// A node, and what is measured there.
type NodeMeasure = (String, Measure);

/// The columns that are read, by their place. What is no latency, availability or requests is left
/// out, and so is another statistic of these.
fn columns(
    table: &Table<'_>,
    left_out: &mut Vec<String>,
) -> Result<Vec<(usize, NodeMeasure)>, CommandError> {
    let mut columns: Vec<(usize, NodeMeasure)> = Vec::new();
    let mut others = Vec::new();
    for (index, name) in table.head.iter().enumerate().skip(1) {
        let shown = escape::terminal(name);
        let Some(key) = column(name) else {
            others.push(format!("`{shown}`"));
            continue;
        };
        if columns.iter().any(|(_, known)| *known == key) {
            return Err(table.fault(&format!("has two columns `{shown}`")));
        }
        columns.push((index, key));
    }
    if columns.is_empty() {
        let hint = "columns are named `NODE|METRIC|STATISTIC`, for instance `api|latency|Average`";
        return Err(table.fault("has no column with a known metric").hint(hint));
    }
    if !others.is_empty() {
        let (names, rest) = others.split_at(others.len().min(MOST_NAMED));
        let rest = match rest.len() {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        left_out.push(format!(
            "{} left out, which are none of `latency|Average`, `availability|Average` and `requests|Sum`: {}{rest}",
            phrases::counted(others.len() as u64, "column"),
            names.join(", "),
        ));
    }
    Ok(columns)
}

fn column(name: &str) -> Option<NodeMeasure> {
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
