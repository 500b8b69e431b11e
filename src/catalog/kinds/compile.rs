//! Reads a kind file and proves that it makes sense, before anything is asked of AWS.

mod commands;
mod parts;
mod reads;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::catalog::kinds::command;
use crate::catalog::kinds::example::{self, KindExample};
use crate::catalog::kinds::facts;
use crate::catalog::kinds::inherit;
use crate::catalog::kinds::kind::{Kind, PartDefinition};
use crate::catalog::kinds::states::{StatePrograms, TEXT};
use crate::catalog::placeholders::placeholders;
use crate::catalog::registry::folders;
use crate::catalog::registry::{DataFile, Fault, Folder, Step};
use crate::expr::{Expression, Schema, Type};
use crate::model::fact::FactName;
use crate::model::ids::{Arn, Region};
use crate::text::Untrusted;

/// Names that every formula may use besides metrics and facts: the length of the window.
pub const WINDOW_VARIABLES: [&str; 2] = ["window_minutes", "window_seconds"];

/// Placeholders that every resource has.
const PLACEHOLDERS: [&str; 5] = ["account", "arn", "id", "name", "region"];

/// Statistics besides percentiles.
const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

/// What is compiled of a kind.
#[derive(Debug, Clone)]
pub struct Programs {
    arn: Regex,
    /// The formulas of each indicator, in the order of [`Kind::slis`].
    pub slis: Vec<SliPrograms>,
    /// The conditions of the rows of its table of states.
    pub states: StatePrograms,
    /// Where each metric exists, in the order of [`Kind::metrics`]; `None`: everywhere.
    pub metrics: Vec<Option<Expression>>,
}

/// The formulas of one indicator.
#[derive(Debug, Clone)]
pub struct SliPrograms {
    /// Its value.
    pub value: Expression,
    /// Number of events, for ratios.
    pub total: Option<Expression>,
    /// Number of bad events, for ratios.
    pub bad: Option<Expression>,
}

impl Programs {
    /// The metrics that the indicators of a sort of parts are made from.
    pub fn part_metrics(&self, kind: &Kind, part: &PartDefinition) -> BTreeSet<String> {
        let slis = kind.slis.iter().zip(&self.slis);
        let formulas = slis
            .filter(|(sli, _)| part.has_sli(&sli.id))
            .flat_map(|(_, programs)| {
                [
                    Some(&programs.value),
                    programs.total.as_ref(),
                    programs.bad.as_ref(),
                ]
            });
        let names = formulas
            .flatten()
            .flat_map(|formula| formula.names())
            .cloned();
        let mut wanted: BTreeSet<String> = names.chain(kind.idle_metric.clone()).collect();
        let weights: Vec<String> = kind
            .metrics
            .iter()
            .filter(|metric| wanted.contains(&metric.id))
            .filter_map(|metric| metric.weighted_by.clone())
            .collect();
        wanted.extend(weights);
        wanted.retain(|name| kind.metric(name).is_some());
        wanted
    }

    /// What the named groups of the ARN pattern catch, `None` where it does not fit.
    pub fn captures(&self, arn: &Arn) -> Option<BTreeMap<String, String>> {
        let captures = self.arn.captures(arn.as_str())?;
        let named = self.arn.capture_names().flatten();
        Some(
            named
                .filter_map(|name| {
                    Some((name.to_owned(), captures.name(name)?.as_str().to_owned()))
                })
                .collect(),
        )
    }
}

/// A kind that was proven, with its programs.
#[derive(Debug, Clone)]
pub struct CompiledKind {
    /// The kind, as its file says it.
    pub kind: Kind,
    /// What is compiled of it.
    pub programs: Programs,
}

impl DataFile for CompiledKind {
    const FOLDER: Folder = folders::KINDS;
    const NOUN: &'static str = "kind";
    type Form = Kind;
    type Example = KindExample;

    fn inherit(id: &str, kind: &mut Kind) {
        inherit::states(id, kind);
    }

    fn prove(id: &str, kind: Kind) -> Result<Self, Fault> {
        check_names(&kind, id)?;
        check_metrics(&kind)?;
        check_templates(&kind)?;
        let slis = compile_slis(&kind)?;
        let programs = Programs {
            arn: compile_arn(&kind)?,
            slis,
            states: facts::states(&kind)?,
            metrics: facts::metrics(&kind)?,
        };
        check_arns(&kind, &programs)?;
        check_examples(&kind)?;
        Ok(Self { kind, programs })
    }

    fn examples(&self) -> &[KindExample] {
        &self.kind.example
    }
}

impl CompiledKind {
    /// Returns commands worth trying where `check` fails on the resource with this ARN.
    pub fn commands(&self, check: &str, arn: &Arn, region: &Region) -> Vec<Untrusted> {
        let words = self.programs.captures(arn);
        words.map_or_else(Vec::new, |words| {
            command::choose(&self.kind.commands, check, words, arn, region)
        })
    }
}

fn check_examples(kind: &Kind) -> Result<(), Fault> {
    let metrics = kind.metrics.iter().map(|metric| metric.id.as_str());
    let facts = kind.status.iter().flat_map(|status| status.facts.keys());
    let is_text = |(_, unit): &(&FactName, &String)| unit.as_str() == TEXT;
    let texts = kind.status.iter().flat_map(|status| &status.facts);
    let parts = kind.metrics.iter().filter(|metric| metric.part.is_some());
    let names = example::Names {
        parts: parts.map(|metric| metric.id.as_str()).collect(),
        texts: texts
            .filter(is_text)
            .map(|(name, _)| name.as_str())
            .collect(),
        inputs: metrics.chain(facts.map(FactName::as_str)).collect(),
        indicators: kind.slis.iter().map(|sli| sli.id.as_str()).collect(),
        has_state: kind.status.is_some(),
    };
    example::check(&kind.example, &names)
}

/// The ARNs in the file are what they are said to be.
fn check_arns(kind: &Kind, programs: &Programs) -> Result<(), Fault> {
    for (index, example) in kind.names.example.iter().enumerate() {
        let wrong = |key: &str, message: String| {
            let at: [Step; 4] = ["names".into(), "example".into(), index.into(), key.into()];
            Err(Fault::new(at, message))
        };
        match programs.captures(&example.arn) {
            None if example.fits => {
                return wrong("arn", "`names.arn` does not match this ARN".to_owned());
            }
            Some(_) if !example.fits => {
                return wrong(
                    "arn",
                    "`names.arn` matches this ARN, but must not".to_owned(),
                );
            }
            Some(found) if found != example.gives => {
                let found: Vec<String> = found
                    .iter()
                    .map(|(name, value)| format!("{name} = {value:?}"))
                    .collect();
                let message = format!("it gives {{ {} }}", found.join(", "));
                return wrong("gives", message);
            }
            _ => {}
        }
    }
    Ok(())
}

fn fault(path: impl IntoIterator<Item = Step>, message: impl Into<String>) -> Fault {
    Fault::new(path, message)
}

fn in_metric(index: usize, key: &str) -> [Step; 3] {
    ["metrics".into(), index.into(), key.into()]
}

fn in_sli(index: usize, key: &str) -> [Step; 3] {
    ["slis".into(), index.into(), key.into()]
}

fn check_names(kind: &Kind, id: &str) -> Result<(), Fault> {
    if id != kind.id.as_str() {
        return Err(fault(
            [Step::from("id")],
            format!(
                "the id is `{id}`, so the file must be named `{id}.toml`",
                id = kind.id
            ),
        ));
    }
    for (key, label) in [("title", &kind.title), ("plural", &kind.plural)] {
        check_label(label).map_err(|message| fault([Step::from(key)], message))?;
    }
    for (index, word) in kind.words.iter().enumerate() {
        let at = || ["words".into(), index.into()];
        check_label(word).map_err(|message| fault(at(), message))?;
        if *word != word.to_lowercase() {
            return Err(fault(at(), format!("write `{}`", word.to_lowercase())));
        }
    }
    if let Some(status) = &kind.status {
        for operation in status.operations.iter().chain(status.iam_actions.values()) {
            let named = operation
                .split_once(':')
                .is_some_and(|(service, call)| !service.is_empty() && !call.is_empty());
            if !named {
                return Err(fault(
                    [Step::from("status"), Step::from("operations")],
                    format!("`{operation}` is not an operation: write `service:Operation`"),
                ));
            }
        }
        if let Some(stray) = status
            .iam_actions
            .keys()
            .find(|operation| !status.operations.contains(operation))
        {
            return Err(fault(
                [Step::from("status"), Step::from("iam_actions")],
                format!("`{stray}` is not among `operations`"),
            ));
        }
    }
    Ok(())
}

/// Titles and units are shown as they are, in every format: letters, digits and a few signs.
fn check_label(label: &str) -> Result<(), String> {
    let plain = |c: char| c.is_alphanumeric() || " -_/%().,'".contains(c);
    if label.is_empty() || label.chars().count() > 60 || !label.chars().all(plain) {
        return Err(format!(
            "`{}` is not a label: 1 to 60 letters, digits, spaces and `-_/%().,'`",
            label.escape_debug()
        ));
    }
    Ok(())
}

fn check_metrics(kind: &Kind) -> Result<(), Fault> {
    if !kind.metrics.is_empty() && kind.namespace.is_none() {
        return Err(fault([Step::from("metrics")], "metrics need a `namespace`"));
    }
    let mut seen: BTreeSet<&str> = WINDOW_VARIABLES.into_iter().collect();
    seen.extend(
        kind.status
            .iter()
            .flat_map(|s| s.facts.keys())
            .map(FactName::as_str),
    );
    for (index, metric) in kind.metrics.iter().enumerate() {
        if let Err(error) = FactName::parse(&metric.id) {
            return Err(fault(in_metric(index, "id"), error.to_string()));
        }
        if example::GROUPS.contains(&metric.id.as_str()) {
            let message = format!("`{}` means more than one metric in examples", metric.id);
            return Err(fault(in_metric(index, "id"), message).fix("choose another name"));
        }
        if !seen.insert(&metric.id) {
            let message = format!("`{}` is already the name of a metric or fact", metric.id);
            return Err(fault(in_metric(index, "id"), message));
        }
        if !is_statistic(&metric.stat) {
            let message = format!(
                "`{}` is not a statistic: write one of {}, or a percentile such as `p95`",
                metric.stat,
                STATISTICS.join(", ")
            );
            return Err(fault(in_metric(index, "stat"), message));
        }
        if metric.period_seconds.is_some_and(|s| s == 0 || s % 60 != 0) {
            let message = "a period is a multiple of 60 seconds";
            return Err(fault(in_metric(index, "period_seconds"), message));
        }
        if let Some(other) = &metric.weighted_by
            && kind.metric(other).is_none()
        {
            let message = format!("`{other}` is not a metric of this kind");
            return Err(fault(in_metric(index, "weighted_by"), message));
        }
    }
    if let Some(idle) = &kind.idle_metric
        && kind.metric(idle).is_none()
        && !kind.has_fact(idle)
    {
        return Err(fault(
            [Step::from("idle_metric")],
            format!("`{idle}` is not a metric or fact of this kind"),
        ));
    }
    Ok(())
}

/// Lower-case identifiers, so that they are names in every language they pass through.
fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether CloudWatch has this statistic.
fn is_statistic(stat: &str) -> bool {
    let percentile = |digits: &str| {
        digits
            .parse::<f64>()
            .is_ok_and(|p| (0.0..=100.0).contains(&p))
    };
    STATISTICS.contains(&stat) || stat.strip_prefix('p').is_some_and(percentile)
}

fn check_templates(kind: &Kind) -> Result<(), Fault> {
    let groups: BTreeSet<String> = Regex::new(&kind.names.arn)
        .map(|r| r.capture_names().flatten().map(str::to_owned).collect())
        .unwrap_or_default();
    let known = |name: &str| {
        PLACEHOLDERS.contains(&name)
            || groups.contains(name)
            || kind.names.attributes.contains_key(name)
    };
    let check = |template: &str| -> Result<(), String> {
        match placeholders(template)?
            .iter()
            .find(|(name, _)| !known(name))
        {
            None => Ok(()),
            Some((name, _)) => Err(format!(
                "`{{{name}}}` is not known: a named group of `names.arn`, a key of \
                 `names.attributes`, or one of {}",
                PLACEHOLDERS.join(", ")
            )),
        }
    };
    check(&kind.console_url).map_err(|m| fault([Step::from("console_url")], m))?;
    for template in kind.dimensions.values() {
        check(template).map_err(|m| fault([Step::from("dimensions")], m))?;
    }
    let label = kind.names.label.as_deref().unwrap_or_default();
    let names = placeholders(label).map_err(|m| fault(["names".into(), "label".into()], m))?;
    if let Some((name, _)) = names.iter().find(|(name, _)| !groups.contains(*name)) {
        let message = format!("`{{{name}}}` is not a named group of `names.arn`");
        return Err(fault(["names".into(), "label".into()], message));
    }
    parts::check(kind, &known)?;
    reads::check(kind, &known, &groups)?;
    commands::check(kind, &groups)?;
    for (index, source) in kind.logs.iter().enumerate() {
        source.check(index, &known)?;
    }
    for (index, source) in kind.clues.iter().enumerate() {
        source.check(index, &known)?;
    }
    for (index, metric) in kind.metrics.iter().enumerate() {
        for template in metric.dimensions.values() {
            check(template).map_err(|m| fault(in_metric(index, "dimensions"), m))?;
        }
    }
    Ok(())
}

fn compile_slis(kind: &Kind) -> Result<Vec<SliPrograms>, Fault> {
    let schema = schema(kind);
    let mut seen = BTreeSet::new();
    let mut compiled = Vec::with_capacity(kind.slis.len());
    for (index, sli) in kind.slis.iter().enumerate() {
        if !is_variable(&sli.id) {
            let message = format!("`{}` is not a name: use a-z, 0-9 and `_`", sli.id);
            return Err(fault(in_sli(index, "id"), message));
        }
        if !seen.insert(&sli.id) {
            let message = format!("duplicate indicator `{}`", sli.id);
            return Err(fault(in_sli(index, "id"), message));
        }
        for (key, label) in [("title", &sli.title), ("unit", &sli.unit)] {
            check_label(label).map_err(|message| fault(in_sli(index, key), message))?;
        }
        let compile = |key: &'static str, source: &str| {
            let compiled = Expression::compile(source, &schema, &Type::Number);
            compiled.map_err(|error| Fault::of_expression(in_sli(index, key), error))
        };
        let value = compile("value", &sli.value)?;
        let total = sli
            .total
            .as_deref()
            .map(|s| compile("total", s))
            .transpose()?;
        let bad = sli.bad.as_deref().map(|s| compile("bad", s)).transpose()?;
        if bad.is_some() && total.is_none() {
            let message = "`bad` events need their `total`";
            return Err(fault(in_sli(index, "value"), message));
        }
        if let Some(other) = sli.explained_by.iter().find(|id| kind.sli(id).is_none()) {
            let message = format!("`{other}` is not an indicator of this kind");
            return Err(fault(in_sli(index, "explained_by"), message));
        }
        for (key, template) in [("says", &sli.says), ("shows", &sli.shows)] {
            let Some(template) = template else { continue };
            let names = placeholders(template).map_err(|m| fault(in_sli(index, key), m))?;
            let words = template.replace(['{', '}'], "");
            check_label(&words).map_err(|m| fault(in_sli(index, key), m))?;
            if let Some((name, _)) = names.iter().find(|(name, _)| !is_number(kind, name)) {
                let message = format!("`{name}` is not a metric or fact of this kind");
                return Err(fault(in_sli(index, key), message));
            }
        }
        compiled.push(SliPrograms { value, total, bad });
    }
    Ok(compiled)
}

fn is_number(kind: &Kind, name: &str) -> bool {
    schema(kind).get(name) == Some(&Type::Number)
}

/// The names that formulas of a kind may use.
fn schema(kind: &Kind) -> Schema {
    let metrics = kind.metrics.iter().map(|metric| metric.id.clone());
    let parts = kind.metrics.iter().filter(|metric| metric.part.is_some());
    let parts = parts.flat_map(|metric| ["parts", "some"].map(|n| format!("{}_{n}", metric.id)));
    let numbers = metrics
        .chain(parts)
        .chain(WINDOW_VARIABLES.map(str::to_owned));
    numbers
        .map(|name| (name, Type::Number))
        .chain(facts::schema(kind))
        .collect()
}

fn compile_arn(kind: &Kind) -> Result<Regex, Fault> {
    let at = || [Step::from("names"), Step::from("arn")];
    let pattern = &kind.names.arn;
    if !pattern.starts_with('^') || !pattern.ends_with('$') {
        return Err(fault(
            at(),
            "the pattern must match the whole ARN: start it with `^`, end it with `$`",
        ));
    }
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            let why = last.trim_start_matches("error: ");
            fault(at(), format!("not a regular expression: {why}"))
        })
}
