//! The parts of OpenSLO documents that matter here.

use super::yaml::{Node, Value};

/// Keys of a metric of CloudWatch.
const METRIC: &[&str] = &[
    "dimensions",
    "metric",
    "metricName",
    "namespace",
    "stat",
    "statistic",
];

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub(super) line: usize,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) root: Node,
}

/// A metric of CloudWatch as a document asks for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MetricSource {
    pub(super) line: usize,
    pub(super) namespace: String,
    pub(super) metric: String,
    pub(super) statistic: Option<String>,
    pub(super) dimensions: Vec<(String, String)>,
    /// Other keys, with their lines.
    pub(super) others: Vec<(String, usize)>,
}

impl Document {
    /// The documents of a root: itself, or the objects of a list, as the SDK of OpenSLO writes
    /// them.
    pub(super) fn all_in(root: Node) -> Vec<Self> {
        match root.value {
            Value::Null => Vec::new(),
            Value::List(all) => all.into_iter().map(Self::new).collect(),
            _ => vec![Self::new(root)],
        }
    }

    fn new(root: Node) -> Self {
        let text = |path: &[&str]| {
            let found = root.at(path).and_then(Node::text);
            found.unwrap_or_default().to_owned()
        };
        Self {
            line: root.line,
            version: text(&["apiVersion"]),
            kind: text(&["kind"]),
            name: text(&["metadata", "name"]),
            root,
        }
    }

    pub(super) fn spec(&self) -> Option<&Node> {
        self.root.get("spec")
    }
}

/// The document of a kind and name, or why it is not clear which is meant.
pub(super) fn find<'a>(
    all: &'a [Document],
    kind: &str,
    name: &str,
) -> Result<Option<&'a Document>, String> {
    let mut found = all
        .iter()
        .filter(|one| one.kind == kind && one.name == name);
    let first = found.next();
    match (first, found.next()) {
        (Some(first), Some(second)) => Err(format!(
            "the {kind} that it refers to is in this file twice, at lines {} and {}",
            first.line, second.line
        )),
        _ => Ok(first),
    }
}

/// The metric of a `metricSource` (or of what holds one), or why it is none of CloudWatch.
pub(super) fn metric_source(
    all: &[Document],
    holder: &Node,
) -> Result<MetricSource, (usize, String)> {
    let source = holder.get("metricSource").unwrap_or(holder);
    let line = source.line;
    let fault = |message: String| (line, message);
    let by_name = match source.get("metricSourceRef").and_then(Node::text) {
        Some(name) => find(all, "DataSource", name).map_err(fault)?,
        None => None,
    };
    let by_name = by_name.and_then(|found| found.root.at(&["spec", "type"]));
    let kind = source.get("type").or(by_name).and_then(Node::text);
    match kind {
        Some(kind) if kind.eq_ignore_ascii_case("cloudwatch") => {}
        Some(other) => {
            let other = crate::text::escape::cut(other, 40);
            return Err(fault(format!(
                "its metrics are in {other}; only CloudWatch is read"
            )));
        }
        None => {
            return Err(fault(
                "it does not name the source of its metrics (`type: CloudWatch`, or a DataSource)"
                    .to_owned(),
            ));
        }
    }
    let Some(spec) = source.get("spec") else {
        return Err(fault("its metricSource has no `spec`".to_owned()));
    };
    let text = |keys: &[&str]| {
        let found = keys.iter().find_map(|key| spec.get(key)?.text());
        found.map(str::to_owned)
    };
    let missing = |what: &str| fault(format!("its metricSource names no `{what}`"));
    Ok(MetricSource {
        line,
        namespace: text(&["namespace"]).ok_or_else(|| missing("namespace"))?,
        metric: text(&["metricName", "metric"]).ok_or_else(|| missing("metricName"))?,
        statistic: text(&["stat", "statistic"]),
        dimensions: spec.get("dimensions").map(dimensions).unwrap_or_default(),
        others: spec
            .pairs()
            .iter()
            .filter(|(key, _)| !METRIC.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.line))
            .collect(),
    })
}

/// A map, or a list of `{name, value}`.
fn dimensions(node: &Node) -> Vec<(String, String)> {
    let pair =
        |name: &str, value: Option<&Node>| Some((name.to_owned(), value?.text()?.to_owned()));
    match &node.value {
        Value::Map(pairs) => pairs.iter().filter_map(|(k, v)| pair(k, Some(v))).collect(),
        _ => node
            .list()
            .iter()
            .filter_map(|entry| pair(entry.get("name")?.text()?, entry.get("value")))
            .collect(),
    }
}
