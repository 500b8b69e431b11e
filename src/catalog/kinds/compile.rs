//! Reads a kind file and proves that it makes sense, before anything is asked of AWS.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::ids::Arn;

use crate::catalog::expression::Expression;
use crate::catalog::kinds::kind::{Kind, KindError};
use crate::catalog::template::placeholders;

/// Names that every expression may use besides metrics and facts: the length of the window.
pub const WINDOW_VARIABLES: [&str; 2] = ["window_minutes", "window_seconds"];

/// Placeholders that every resource has.
const PLACEHOLDERS: [&str; 5] = ["account", "arn", "id", "name", "region"];

/// Statistics besides percentiles.
const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

/// What is compiled of a kind.
#[derive(Debug, Clone)]
pub struct Programs {
    arn: Regex,
    /// The expressions of each indicator, in the order of [`Kind::slis`].
    pub slis: Vec<SliPrograms>,
}

/// The expressions of one indicator.
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

/// Parses and proves one file.
pub(crate) fn parse(file: &str, text: &str) -> Result<(Kind, Programs), KindError> {
    let places = Places { file, text };
    let kind: Kind = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        places.error_at(at, error.message().to_owned())
    })?;
    let fault = |fault: Fault| places.error(&fault.path, fault.message);
    check_names(&kind, file).map_err(fault)?;
    check_metrics(&kind).map_err(fault)?;
    check_templates(&kind).map_err(fault)?;
    let slis = compile_slis(&kind).map_err(fault)?;
    let arn = compile_arn(&kind).map_err(fault)?;
    Ok((kind, Programs { arn, slis }))
}

/// A fault and the path of keys and indices to its place.
struct Fault {
    path: Vec<Step>,
    message: String,
}

enum Step {
    Key(&'static str),
    Index(usize),
}

fn fault(path: impl IntoIterator<Item = Step>, message: impl Into<String>) -> Fault {
    Fault {
        path: path.into_iter().collect(),
        message: message.into(),
    }
}

fn in_metric(index: usize, key: &'static str) -> [Step; 3] {
    [Step::Key("metrics"), Step::Index(index), Step::Key(key)]
}

fn in_sli(index: usize, key: &'static str) -> [Step; 3] {
    [Step::Key("slis"), Step::Index(index), Step::Key(key)]
}

fn check_names(kind: &Kind, file: &str) -> Result<(), Fault> {
    let stem = file
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".toml"));
    if stem != Some(kind.id.as_str()) {
        return Err(fault(
            [Step::Key("id")],
            format!(
                "the id is `{id}`, so the file must be named `{id}.toml`",
                id = kind.id
            ),
        ));
    }
    for (key, label) in [("title", &kind.title), ("plural", &kind.plural)] {
        check_label(label).map_err(|message| fault([Step::Key(key)], message))?;
    }
    if let Some(status) = &kind.status {
        for operation in status.operations.iter().chain(status.iam_actions.values()) {
            let named = operation
                .split_once(':')
                .is_some_and(|(service, call)| !service.is_empty() && !call.is_empty());
            if !named {
                return Err(fault(
                    [Step::Key("status"), Step::Key("operations")],
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
                [Step::Key("status"), Step::Key("iam_actions")],
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
        return Err(fault([Step::Key("metrics")], "metrics need a `namespace`"));
    }
    let mut seen: BTreeSet<&str> = WINDOW_VARIABLES.into_iter().collect();
    seen.extend(
        kind.status
            .iter()
            .flat_map(|s| s.facts.keys())
            .map(String::as_str),
    );
    for (index, metric) in kind.metrics.iter().enumerate() {
        if !is_variable(&metric.id) {
            let message = format!("`{}` is not a name: use a-z, 0-9 and `_`", metric.id);
            return Err(fault(in_metric(index, "id"), message));
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
            [Step::Key("idle_metric")],
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
    check(&kind.console_url).map_err(|m| fault([Step::Key("console_url")], m))?;
    for template in kind.dimensions.values() {
        check(template).map_err(|m| fault([Step::Key("dimensions")], m))?;
    }
    for (index, metric) in kind.metrics.iter().enumerate() {
        for template in metric.dimensions.values() {
            check(template).map_err(|m| fault(in_metric(index, "dimensions"), m))?;
        }
    }
    Ok(())
}

fn compile_slis(kind: &Kind) -> Result<Vec<SliPrograms>, Fault> {
    let mut seen = BTreeSet::new();
    let mut compiled = Vec::with_capacity(kind.slis.len());
    for (index, sli) in kind.slis.iter().enumerate() {
        if !is_variable(&sli.id) {
            let message = format!("`{}` is not a name: use a-z, 0-9 and `_`", sli.id);
            return Err(fault(in_sli(index, "id"), message));
        }
        if !seen.insert(&sli.id) {
            let message = format!("there are two indicators `{}`", sli.id);
            return Err(fault(in_sli(index, "id"), message));
        }
        for (key, label) in [("title", &sli.title), ("unit", &sli.unit)] {
            check_label(label).map_err(|message| fault(in_sli(index, key), message))?;
        }
        let compile = |key: &'static str, source: &str| {
            compile(kind, source).map_err(|message| fault(in_sli(index, key), message))
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
        if let Some(says) = &sli.says {
            let names = placeholders(says).map_err(|m| fault(in_sli(index, "says"), m))?;
            let words = says.replace(['{', '}'], "");
            check_label(&words).map_err(|m| fault(in_sli(index, "says"), m))?;
            if let Some((name, _)) = names.iter().find(|(name, _)| !is_number(kind, name)) {
                let message = format!("`{name}` is not a metric or fact of this kind");
                return Err(fault(in_sli(index, "says"), message));
            }
        }
        compiled.push(SliPrograms { value, total, bad });
    }
    Ok(compiled)
}

fn is_number(kind: &Kind, name: &str) -> bool {
    kind.metric(name).is_some() || kind.has_fact(name) || WINDOW_VARIABLES.contains(&name)
}

fn compile(kind: &Kind, source: &str) -> Result<Expression, String> {
    let expression = Expression::new(source).map_err(|error| error.to_string())?;
    match expression
        .variables()
        .iter()
        .find(|name| !is_number(kind, name))
    {
        None => Ok(expression),
        Some(name) => Err(format!("`{name}` is not a metric or fact of this kind")),
    }
}

fn compile_arn(kind: &Kind) -> Result<Regex, Fault> {
    let at = || [Step::Key("names"), Step::Key("arn")];
    let pattern = &kind.names.arn;
    if !pattern.starts_with('^') || !pattern.ends_with('$') {
        return Err(fault(
            at(),
            "the pattern must fit the whole ARN: start it with `^`, end it with `$`",
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

/// Turns byte offsets and paths into lines and columns.
struct Places<'a> {
    file: &'a str,
    text: &'a str,
}

impl Places<'_> {
    fn error(&self, path: &[Step], message: String) -> KindError {
        self.error_at(self.find(path), message)
    }

    fn error_at(&self, offset: usize, message: String) -> KindError {
        let before = self.text.get(..offset).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        KindError::Invalid {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            // It quotes the file, which may hold anything.
            message: crate::text::escape::json(&message),
        }
    }

    /// Byte offset of the deepest part of the path that is there.
    fn find(&self, path: &[Step]) -> usize {
        let Ok(table) = DeTable::parse(self.text) else {
            return 0;
        };
        let mut offset = 0;
        let root = table.into_inner();
        let mut current: Option<&Spanned<DeValue<'_>>> = None;
        for step in path {
            let next = match (step, current.map(Spanned::get_ref)) {
                (Step::Key(key), None) => root.get(*key),
                (Step::Key(key), Some(DeValue::Table(table))) => table.get(*key),
                (Step::Index(index), Some(DeValue::Array(array))) => array.get(*index),
                _ => None,
            };
            let Some(next) = next else { break };
            offset = next.span().start;
            current = Some(next);
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"id = "topic"
title = "SNS topic"
plural = "SNS topics"
console_url = "https://{region}.console.aws.amazon.com/sns/v3/home#/topic/{arn}"
namespace = "AWS/SNS"
idle_metric = "published"

[names]
terraform = ["aws_sns_topic"]
arn = "^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:(?P<name>[A-Za-z0-9_-]+)$"

[dimensions]
TopicName = "{name}"

[[metrics]]
id = "published"
metric = "NumberOfMessagesPublished"
stat = "Sum"
unit = "count"
when_absent = "zero"

[[metrics]]
id = "failed"
metric = "NumberOfNotificationsFailed"
stat = "Sum"
unit = "count"
when_absent = "zero"

[[slis]]
id = "error_rate_percent"
title = "failed deliveries"
value = "100 * failed / published"
unit = "percent"
target = 1.0
total = "published"
bad = "failed"
"#;

    #[test]
    fn a_good_file_is_accepted() {
        let (kind, programs) = parse("kinds/topic.toml", GOOD).expect("a kind");
        assert_eq!(kind.slo_table(), "topic");
        assert_eq!(programs.slis.len(), 1);
    }

    #[test]
    fn faults_are_named_with_their_place() {
        let cases = [
            ("id = \"topic\"", "id = \"Topic!\""),
            ("id = \"topic\"", "id = \"queue\""),
            ("title = \"SNS topic\"", "titel = \"SNS topic\""),
            ("title = \"SNS topic\"", "title = 7"),
            ("title = \"SNS topic\"", "title = \"<b>topic</b>\""),
            ("title = \"failed deliveries\"", "title = \"a\\u001b[31m\""),
            ("{arn}", "{topic}"),
            ("{arn}", "{arn"),
            ("namespace = \"AWS/SNS\"\n", ""),
            ("idle_metric = \"published\"", "idle_metric = \"publishd\""),
            ("[0-9]{12}:(", "[0-9]{12}:(("),
            ("^arn", "arn"),
            ("\"{name}\"", "\"{nam}\""),
            ("id = \"failed\"", "id = \"published\""),
            ("id = \"failed\"", "id = \"Failed\""),
            ("id = \"failed\"", "id = \"window_minutes\""),
            ("stat = \"Sum\"", "stat = \"sum\""),
            ("stat = \"Sum\"", "stat = \"p101\""),
            (
                "stat = \"Sum\"",
                "stat = \"Average\"\nweighted_by = \"calls\"",
            ),
            ("stat = \"Sum\"", "stat = \"Sum\"\nperiod_seconds = 90"),
            ("when_absent = \"zero\"", "when_absent = \"null\""),
            ("100 * failed / published", "100 * failures / published"),
            ("100 * failed / published", "100 * (failed / published"),
            ("100 * failed / published", "failed | abs"),
            ("total = \"published\"\n", ""),
            (
                "unit = \"percent\"",
                "unit = \"percent\"\nexplained_by = [\"latency\"]",
            ),
            (
                "unit = \"percent\"",
                "unit = \"percent\"\nsays = \"{lost} lost\"",
            ),
            (
                "[dimensions]",
                "[status]\noperations = [\"ListTopics\"]\n[dimensions]",
            ),
            (
                "[dimensions]",
                "[status]\noperations = [\"sns:ListTopics\"]\n\
                 iam_actions = { \"sns:GetTopic\" = \"sns:Get\" }\n[dimensions]",
            ),
        ];
        let mut out = String::new();
        for (good, bad) in cases {
            assert!(GOOD.contains(good), "{good}");
            let text = GOOD.replacen(good, bad, 1);
            let fault = parse("kinds/topic.toml", &text).expect_err(bad);
            out.push_str(&format!("{}\n    {fault}\n", bad.replace('\n', " / ")));
        }
        insta::assert_snapshot!(out);
    }
}
