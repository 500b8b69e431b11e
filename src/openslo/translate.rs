//! From OpenSLO documents to service levels of monitoring.toml.

use crate::catalog::Catalog;
use crate::catalog::kinds::kind::{Kind, SliDefinition};
use crate::model::resource::Resource;
use crate::text::Untrusted;

use super::OpenSlo;
use super::conflicts;
use super::document::{Document, MetricSource, find, metric_source};
use super::outcome::{Edit, Fault, Import, Level, Note, quoted};
use super::yaml::Node;

/// Keys of an SLO's `spec`.
const SPEC: &[&str] = &[
    "alertPolicies",
    "budgetingMethod",
    "description",
    "indicator",
    "indicatorRef",
    "objectives",
    "service",
    "timeWindow",
];
/// The versions that are read.
const VERSION: &str = "openslo/v1";

/// What the repository knows.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The kinds.
    pub catalog: &'a Catalog,
    /// The registered resources of the environments that are meant.
    pub resources: &'a [Resource],
    /// Whether one environment is meant, so that its resources are named by ARN.
    pub by_arn: bool,
}

/// Translates.
pub fn translate(file: &OpenSlo, known: &Known<'_>) -> Import {
    let mut import = Import::default();
    let all = &file.documents;
    for document in all {
        let mut note = |level, line, text: String| {
            import.notes.push(Note {
                line,
                level,
                text: Untrusted::new(text),
            });
        };
        if let Some((level, text)) = refused(all, document) {
            note(level, document.line, text);
            continue;
        }
        let name = quoted(&document.name);
        if document.kind != "SLO" {
            if let Some((level, text)) = without_a_place(all, document, &name) {
                note(level, document.line, text);
            }
            continue;
        }
        let mut case = Case {
            all,
            known,
            document,
            notes: Vec::new(),
        };
        match case.edit() {
            Ok(edit) => import.edits.push(edit),
            Err((line, why)) => {
                let text = format!("SLO {name} is left out: {why}");
                case.notes.push((Level::LeftOut, line, text));
            }
        }
        for (level, line, text) in case.notes {
            note(level, line, text);
        }
    }
    conflicts::remove(&mut import);
    import.notes.sort_by_key(|note| note.line);
    import
}

/// Why a document is not looked into at all.
fn refused(all: &[Document], document: &Document) -> Option<(Level, String)> {
    if document.version != VERSION {
        let text = match document.version.as_str() {
            "" => "not OpenSLO v1: it has no `apiVersion`".to_owned(),
            version => format!("not OpenSLO v1 (`apiVersion` is {})", quoted(version)),
        };
        return Some((Level::LeftOut, text));
    }
    let first = earlier(all, document)?;
    let text = format!(
        "duplicate {} {}: the first is at line {}",
        document.kind,
        quoted(&document.name),
        first.line
    );
    Some((Level::LeftOut, text))
}

/// What is said of a document that is no SLO. Those that one refers to are used there.
fn without_a_place(all: &[Document], document: &Document, name: &str) -> Option<(Level, String)> {
    let kind = document.kind.as_str();
    Some(match kind {
        "SLI" | "DataSource" if is_used(all, document) => return None,
        "SLI" | "DataSource" => (
            Level::Noted,
            format!("{kind} {name} is used by no document of this file"),
        ),
        "Service" => (
            Level::Noted,
            format!("service {name} has no place here; resources come from the registry"),
        ),
        "AlertPolicy" | "AlertCondition" | "AlertNotificationTarget" => (
            Level::Noted,
            format!(
                "{kind} {name} is not imported: burn-rate alerts are built in, and where they go is in helm.toml"
            ),
        ),
        other => (
            Level::LeftOut,
            format!(
                "{name} is of the kind {}, which OpenSLO v1 has not",
                quoted(other)
            ),
        ),
    })
}

/// An earlier document of the same kind and name.
fn earlier<'d>(all: &'d [Document], document: &Document) -> Option<&'d Document> {
    let mut before = all.iter().take_while(|one| one.line < document.line);
    before.find(|one| {
        let is_named = !document.name.is_empty() && one.version == VERSION;
        is_named && (&one.kind, &one.name) == (&document.kind, &document.name)
    })
}

/// Whether any other document refers to one.
fn is_used(all: &[Document], document: &Document) -> bool {
    let key = match document.kind.as_str() {
        "SLI" => "indicatorRef",
        _ => "metricSourceRef",
    };
    all.iter().any(|one| one.root.refers(key, &document.name))
}

/// An indicator that a document means.
pub(super) struct Found<'a> {
    pub(super) kind: &'a Kind,
    pub(super) sli: &'a SliDefinition,
    pub(super) source: MetricSource,
    /// What a value of the document is multiplied by.
    pub(super) scale: f64,
}

/// One SLO on its way.
pub(super) struct Case<'a> {
    all: &'a [Document],
    pub(super) known: &'a Known<'a>,
    document: &'a Document,
    notes: Vec<(Level, usize, String)>,
}

impl<'a> Case<'a> {
    pub(super) fn partly(&mut self, line: usize, text: &str) {
        self.note(Level::Partly, line, text);
    }

    fn note(&mut self, level: Level, line: usize, text: &str) {
        let name = quoted(&self.document.name);
        self.notes
            .push((level, line, format!("SLO {name}: {text}")));
    }

    fn edit(&mut self) -> Result<Edit, Fault> {
        let document = self.document;
        let spec = document
            .spec()
            .ok_or_else(|| (document.line, "it has no `spec`".to_owned()))?;
        let indicator = self.indicator(spec)?;
        let objective = self.objective(spec)?;
        let (found, target) = self.measured(indicator, objective)?;
        let resource = self.resource(&found)?;
        self.name_what_is_lost(spec, &found);
        let window_days = match (&found.sli.bad, spec.get("timeWindow")) {
            (Some(_), _) => self.window(spec),
            (None, Some(window)) => {
                let title = &found.sli.title;
                let text = format!("its timeWindow is not kept: {title} has no error budget");
                self.note(Level::Noted, window.line, &text);
                None
            }
            (None, None) => None,
        };
        Ok(Edit {
            resource,
            sli: found.sli.id.clone(),
            target,
            window_days,
            slo: document.name.clone(),
            line: document.line,
        })
    }

    /// The indicator that is meant, and its target.
    fn measured(&mut self, indicator: &Node, objective: &Node) -> Result<(Found<'a>, f64), Fault> {
        let ratio = indicator.get("ratioMetric");
        let threshold = indicator.get("thresholdMetric");
        let fault = |why: &str| Err((indicator.line, why.to_owned()));
        match (ratio, threshold) {
            (Some(_), Some(_)) => {
                fault("its indicator is both a ratioMetric and a thresholdMetric")
            }
            (Some(ratio), None) => {
                let found = self.ratio(ratio)?;
                let target = self.ratio_target(&found, objective)?;
                Ok((found, target))
            }
            (None, Some(threshold)) => {
                let found = self.threshold(threshold)?;
                let target = self.threshold_target(&found, objective)?;
                Ok((found, target))
            }
            (None, None) => fault("its indicator is neither a ratioMetric nor a thresholdMetric"),
        }
    }

    /// Names what its document says and monitoring.toml cannot.
    fn name_what_is_lost(&mut self, spec: &Node, found: &Found<'_>) {
        for (key, value) in spec.pairs() {
            if !SPEC.contains(&key.as_str()) {
                let key = quoted(key);
                self.partly(value.line, &format!("{key} of its spec is not kept"));
            }
        }
        for (key, line) in &found.source.others {
            let key = quoted(key);
            self.partly(*line, &format!("{key} of its metric is not kept"));
        }
        if let Some(method) = spec.get("budgetingMethod")
            && method.text() != Some("Occurrences")
        {
            self.partly(
                method.line,
                "its budgetingMethod is not kept: budgets here count events (`Occurrences`)",
            );
        }
        if let Some(policies) = spec.get("alertPolicies").filter(|p| !p.list().is_empty()) {
            self.partly(
                policies.line,
                "its alertPolicies are not kept: burn-rate alerts are built in",
            );
        }
    }

    /// The `spec` of its indicator, written here or in a document of its own.
    fn indicator(&self, spec: &'a Node) -> Result<&'a Node, Fault> {
        if let Some(reference) = spec.get("indicatorRef") {
            if let Some(indicator) = spec.get("indicator") {
                let why = "it has both an `indicator` and an `indicatorRef`; keep one of them";
                return Err((indicator.line, why.to_owned()));
            }
            let name = reference.text().unwrap_or_default();
            return find(self.all, "SLI", name)
                .map_err(|why| (reference.line, why))?
                .and_then(Document::spec)
                .ok_or_else(|| {
                    let name = quoted(name);
                    (
                        reference.line,
                        format!("the SLI {name} that it refers to is not in this file"),
                    )
                });
        }
        let indicator = spec
            .get("indicator")
            .ok_or_else(|| (spec.line, "it has no indicator".to_owned()))?;
        Ok(indicator.get("spec").unwrap_or(indicator))
    }

    /// The indicator that divides these two counts.
    fn ratio(&self, ratio: &Node) -> Result<Found<'a>, Fault> {
        let total = ratio.get("total").ok_or_else(|| {
            (
                ratio.line,
                "its ratioMetric has no `total` (a raw ratio has no events to count)".to_owned(),
            )
        })?;
        let bad = ratio.get("bad").ok_or_else(|| {
            (ratio.line, "it counts good events; CloudWatch has only metrics of bad ones, which `bad` would name".to_owned())
        })?;
        if let Some(good) = ratio.get("good") {
            let why = "it names both `good` and `bad`; OpenSLO has one of them with `total`";
            return Err((good.line, why.to_owned()));
        }
        let total = metric_source(self.all, total)?;
        let bad = metric_source(self.all, bad)?;
        if total.dimensions != bad.dimensions || total.namespace != bad.namespace {
            return Err((
                bad.line,
                "`bad` and `total` are metrics of different resources".to_owned(),
            ));
        }
        let kinds = self.kinds(&total)?;
        for kind in kinds {
            let is = |expression: Option<&String>, source: &MetricSource| {
                let metric = kind
                    .metrics
                    .iter()
                    .find(|metric| Some(&metric.id) == expression);
                metric.is_some_and(|metric| {
                    metric.metric == source.metric && fits(&metric.stat, source, "Sum")
                })
            };
            let sli = kind
                .slis
                .iter()
                .find(|sli| is(sli.total.as_ref(), &total) && is(sli.bad.as_ref(), &bad));
            if let Some(sli) = sli {
                return Ok(Found {
                    kind,
                    sli,
                    source: total,
                    scale: 1.0,
                });
            }
        }
        let (bad_metric, total_metric) = (quoted(&bad.metric), quoted(&total.metric));
        Err((
            bad.line,
            format!(
                "no kind has an indicator of {bad_metric} among {total_metric}; `fractary schema kind` shows how to add one"
            ),
        ))
    }

    /// The indicator that is this metric.
    fn threshold(&self, threshold: &Node) -> Result<Found<'a>, Fault> {
        let source = metric_source(self.all, threshold)?;
        for kind in self.kinds(&source)? {
            for metric in kind.metrics.iter().filter(|m| m.metric == source.metric) {
                if !fits(&metric.stat, &source, "Average") {
                    continue;
                }
                let thousand = format!("1000 * {}", metric.id);
                let found = kind.slis.iter().find_map(|sli| match &sli.value {
                    value if *value == metric.id => Some((sli, 1.0)),
                    value if *value == thousand => Some((sli, 1_000.0)),
                    _ => None,
                });
                if let Some((sli, scale)) = found {
                    return Ok(Found {
                        kind,
                        sli,
                        source,
                        scale,
                    });
                }
            }
        }
        let statistic = source.statistic.as_deref().unwrap_or("Average");
        Err((
            source.line,
            format!(
                "no kind has an indicator of {} ({})",
                quoted(&source.metric),
                quoted(statistic)
            ),
        ))
    }

    fn kinds(&self, source: &MetricSource) -> Result<Vec<&'a Kind>, Fault> {
        let kinds = self.known.catalog.kinds();
        let kinds: Vec<&Kind> = kinds
            .filter(|kind| kind.namespace.as_deref() == Some(&source.namespace))
            .collect();
        if kinds.is_empty() {
            let namespace = quoted(&source.namespace);
            return Err((
                source.line,
                format!("no kind has metrics in the namespace {namespace}"),
            ));
        }
        Ok(kinds)
    }
}

/// Whether a metric of a kind is taken with the statistic that is asked for.
fn fits(statistic: &str, source: &MetricSource, default: &str) -> bool {
    let asked = source.statistic.as_deref().unwrap_or(default);
    asked.eq_ignore_ascii_case(statistic)
}
