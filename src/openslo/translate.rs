//! From OpenSLO documents to service levels of monitoring.toml.

use crate::catalog::Catalog;
use crate::catalog::kinds::kind::{Kind, SliDefinition};
use crate::model::ids::Arn;
use crate::model::report::Better;
use crate::model::resource::Resource;
use crate::text::Untrusted;

use super::OpenSlo;
use super::document::{Document, MetricSource, find, metric_source};
use super::yaml::Node;

/// The versions that are read.
const VERSION: &str = "openslo/v1";
/// Longest window of an error budget, in days.
const LONGEST_DAYS: u64 = 90;

/// One service level to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The resource: its name, or its ARN where one environment is meant.
    pub resource: String,
    /// The indicator.
    pub sli: String,
    /// Its target, in the unit of the indicator.
    pub target: f64,
    /// Days of its error budget, where the document says so.
    pub window_days: Option<u32>,
    /// The document's name for it.
    pub slo: String,
    /// The line it comes from, from 1.
    pub line: usize,
}

/// How bad it is that something was not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is lost.
    Noted,
    /// A part of it is not taken over.
    Partly,
    /// The whole service level is left out.
    LeftOut,
}

/// Something that was not taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The line that it is about, from 1.
    pub line: usize,
    /// How bad.
    pub level: Level,
    /// What, and why.
    pub text: Untrusted,
}

/// What a file comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// Service levels to write, in the order of the file.
    pub edits: Vec<Edit>,
    /// What was not taken over, in the order of the file.
    pub notes: Vec<Note>,
}

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
        if document.version != VERSION {
            let version = quoted(&document.version);
            let text = format!("not OpenSLO v1 (`apiVersion` is {version})");
            note(Level::LeftOut, document.line, text);
            continue;
        }
        let name = quoted(&document.name);
        match document.kind.as_str() {
            "SLO" => {
                let mut case = Case {
                    all,
                    known,
                    document,
                    notes: Vec::new(),
                };
                match case.edit() {
                    Ok(edit) => import.edits.push(edit),
                    Err((line, why)) => {
                        case.notes.push((
                            Level::LeftOut,
                            line,
                            format!("SLO {name} is left out: {why}"),
                        ));
                    }
                }
                for (level, line, text) in case.notes {
                    note(level, line, text);
                }
            }
            // Used where an SLO refers to them.
            "SLI" | "DataSource" => {}
            kind => {
                let (level, text) = without_a_place(kind, &name);
                note(level, document.line, text);
            }
        }
    }
    import.notes.sort_by_key(|note| note.line);
    import
}

/// What is said of a document that is not translated.
fn without_a_place(kind: &str, name: &str) -> (Level, String) {
    match kind {
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
    }
}

fn quoted(text: &str) -> String {
    format!("{:?}", crate::text::escape::cut(text, 80))
}

/// A line and why.
type Fault = (usize, String);

/// An indicator that a document means.
struct Found<'a> {
    kind: &'a Kind,
    sli: &'a SliDefinition,
    source: MetricSource,
    /// What a value of the document is multiplied by.
    scale: f64,
}

struct Case<'a> {
    all: &'a [Document],
    known: &'a Known<'a>,
    document: &'a Document,
    notes: Vec<(Level, usize, String)>,
}

impl<'a> Case<'a> {
    fn partly(&mut self, line: usize, text: &str) {
        let name = quoted(&self.document.name);
        self.notes
            .push((Level::Partly, line, format!("SLO {name}: {text}")));
    }

    fn edit(&mut self) -> Result<Edit, Fault> {
        let document = self.document;
        let spec = document
            .spec()
            .ok_or_else(|| (document.line, "it has no `spec`".to_owned()))?;
        let indicator = self.indicator(spec)?;
        let objective = self.objective(spec)?;
        let ratio = indicator.get("ratioMetric");
        let threshold = indicator.get("thresholdMetric");
        let (found, target) = match (ratio, threshold) {
            (Some(ratio), _) => {
                let found = self.ratio(ratio)?;
                let target = ratio_target(&found, objective)?;
                (found, target)
            }
            (None, Some(threshold)) => {
                let found = self.threshold(threshold)?;
                let target = self.threshold_target(&found, objective)?;
                (found, target)
            }
            (None, None) => {
                let why = "its indicator is neither a ratioMetric nor a thresholdMetric";
                return Err((indicator.line, why.to_owned()));
            }
        };
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
        let has_budget = found.sli.bad.is_some();
        Ok(Edit {
            resource: self.resource(&found)?,
            sli: found.sli.id.clone(),
            target,
            window_days: self.window(spec).filter(|_| has_budget),
            slo: document.name.clone(),
            line: document.line,
        })
    }

    /// The `spec` of its indicator, written here or in a document of its own.
    fn indicator(&self, spec: &'a Node) -> Result<&'a Node, Fault> {
        if let Some(reference) = spec.get("indicatorRef") {
            let name = reference.text().unwrap_or_default();
            return find(self.all, "SLI", name)
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

    fn objective(&mut self, spec: &'a Node) -> Result<&'a Node, Fault> {
        let all = spec.get("objectives").map(Node::list).unwrap_or_default();
        let first = all
            .first()
            .ok_or_else(|| (spec.line, "it has no objectives".to_owned()))?;
        for more in &all[1..] {
            self.partly(
                more.line,
                "only its first objective is kept: an indicator has one target",
            );
        }
        Ok(first)
    }

    /// Days of its error budget.
    fn window(&mut self, spec: &Node) -> Option<u32> {
        let window = spec.get("timeWindow")?.list().first()?;
        let duration = window.get("duration")?;
        let calendar = window.get("isRolling").and_then(Node::text) == Some("false")
            || window.get("calendar").is_some();
        if calendar {
            self.partly(window.line, "its window follows the calendar; budgets here roll, and the default window is used");
            return None;
        }
        let text = duration.text().unwrap_or_default();
        let days = text
            .split_at_checked(text.len().saturating_sub(1))
            .and_then(|(digits, unit)| {
                let count: u64 = digits.parse().ok()?;
                match unit {
                    "d" => Some(count),
                    "w" => count.checked_mul(7),
                    "h" if count.is_multiple_of(24) => Some(count / 24),
                    _ => None,
                }
            })
            .filter(|days| (1..=LONGEST_DAYS).contains(days))
            .and_then(|days| u32::try_from(days).ok());
        if days.is_none() {
            self.partly(
                duration.line,
                "its window is not 1 to 90 whole days; the default window is used",
            );
        }
        days
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

    fn threshold_target(&mut self, found: &Found<'_>, objective: &Node) -> Result<f64, Fault> {
        let value = objective
            .get("value")
            .and_then(Node::number)
            .ok_or_else(|| (objective.line, "its objective has no `value`".to_owned()))?;
        let op = objective.get("op").and_then(Node::text);
        let fits = match found.sli.better {
            Better::Lower => matches!(op, Some("lt" | "lte")),
            Better::Higher => matches!(op, Some("gt" | "gte")),
        };
        if !fits {
            let op = quoted(op.unwrap_or("none"));
            let why = format!(
                "its `op` is {op}, which is the wrong way round for {}",
                found.sli.title
            );
            return Err((objective.line, why));
        }
        let share = objective.get("target").or(objective.get("targetPercent"));
        if let Some(share) = share {
            self.partly(
                share.line,
                "the share of time is not kept: each window is held against the limit",
            );
        }
        Ok(value * found.scale)
    }

    /// What monitoring.toml calls the resource with these dimensions.
    fn resource(&self, found: &Found<'_>) -> Result<String, Fault> {
        let mut wanted = found.source.dimensions.clone();
        wanted.sort();
        let fault = |why: &str| Err((found.source.line, why.to_owned()));
        if wanted.is_empty() {
            return fault("its metrics have no dimensions, so it is about no single resource");
        }
        let has_dimensions = |resource: &&Resource| {
            let metric = found.kind.metrics.first();
            let dimensions = metric.map(|m| found.kind.metric_dimensions(m, resource));
            let Some(Ok(mut dimensions)) = dimensions else {
                return false;
            };
            dimensions.sort();
            resource.kind.as_ref() == Some(&found.kind.id) && dimensions == wanted
        };
        let registered = self.known.resources.iter().find(has_dimensions);
        match registered {
            Some(resource) if self.known.by_arn => Ok(Arn::as_str(&resource.arn).to_owned()),
            Some(resource) => Ok(resource.name.raw().to_owned()),
            None if self.known.by_arn => {
                fault("no resource with these dimensions is registered in this environment")
            }
            None => match wanted.as_slice() {
                // The dimension is the name itself.
                [(name, value)]
                    if found
                        .kind
                        .dimensions
                        .get(name)
                        .is_some_and(|t| t == "{name}") =>
                {
                    Ok(value.clone())
                }
                _ => fault("no resource with these dimensions is registered"),
            },
        }
    }
}

/// Whether a metric of a kind is taken with the statistic that is asked for.
fn fits(statistic: &str, source: &MetricSource, default: &str) -> bool {
    let asked = source.statistic.as_deref().unwrap_or(default);
    asked.eq_ignore_ascii_case(statistic)
}

/// The target of a ratio, in percent.
fn ratio_target(found: &Found<'_>, objective: &Node) -> Result<f64, Fault> {
    let number = |key: &str| objective.get(key).and_then(Node::number);
    let percent = number("targetPercent").or(number("target").map(|share| share * 100.0));
    let percent = percent.filter(|percent| *percent > 0.0 && *percent < 100.0);
    let percent = percent.ok_or_else(|| {
        (
            objective.line,
            "its objective has no `target` above 0 and below 1 (or `targetPercent` below 100)"
                .to_owned(),
        )
    })?;
    let target = match found.sli.better {
        Better::Lower => 100.0 - percent,
        Better::Higher => percent,
    };
    // Without the noise of binary fractions.
    Ok((target * 1e7).round() / 1e7)
}
