//! What may be written in the file of an opportunity, and the proof that it makes sense.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::opportunities::OpportunityRule;
use crate::catalog::opportunities::example::OpportunityExample;
use crate::catalog::opportunities::names;
use crate::catalog::placeholders::placeholders;
use crate::catalog::registry::{Fault, Step};
use crate::expr::{Expression, Schema, Type};
use crate::model::opportunity::{Confidence, OpportunityAction, OpportunityEffort};

/// Longest window: hourly points are kept for 455 days, points of five minutes for 63.
const MOST_WINDOW_DAYS: u32 = 60;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleForm {
    title: String,
    applies_to: String,
    action: OpportunityAction,
    effort: OpportunityEffort,
    restart_needed: bool,
    rollback_possible: bool,
    confidence: Confidence,
    #[serde(default)]
    combines: bool,
    #[serde(default)]
    at_most: bool,
    #[serde(default = "two_weeks")]
    window_days: u32,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    applies_when: Option<String>,
    when: String,
    #[serde(default)]
    blocked_when: Option<String>,
    #[serde(default)]
    blocked_by: Option<String>,
    #[serde(default)]
    whole: Option<String>,
    part: String,
    after: String,
    #[serde(default)]
    usage: BTreeMap<String, UsageMetric>,
    #[serde(default)]
    prices: BTreeMap<String, String>,
    #[serde(default)]
    costs: BTreeMap<String, CostForm>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    evidence: Vec<String>,
    #[serde(default)]
    assumes: Option<String>,
    why: String,
    #[serde(default)]
    commands: Vec<String>,
    #[serde(default)]
    terraform: Option<String>,
    #[serde(default)]
    example: Vec<OpportunityExample>,
}

fn two_weeks() -> u32 {
    14
}

/// A metric of CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageMetric {
    /// Namespace, for instance `AWS/RDS`.
    pub namespace: String,
    /// Name.
    pub metric: String,
    /// Statistic of each period, for instance `Maximum`.
    pub statistic: String,
    /// Length of a period in seconds.
    pub period_seconds: u32,
    /// Dimensions, with `{fact}` in the values.
    pub dimensions: BTreeMap<String, String>,
    /// What a period without a point means.
    pub no_points: WhenNoPoints,
}

/// What a period without a point means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenNoPoints {
    /// Nothing happened: proof that nothing uses a resource that existed for the whole window.
    Zero,
    /// It is left out, however old the resource is: for sums of what was measured.
    Nothing,
    /// It should have one, so that what happened is unknown.
    Unknown,
    /// The metric is not collected for this resource, so that the rule says nothing about it.
    Skip,
}

/// What a part of a resource costs a month: what the bill says where it can be told whose it is,
/// else what prices say.
#[derive(Debug, Clone)]
pub struct CostPart {
    /// The service as the bill calls it.
    pub service: String,
    /// The usage type behind the prefix of the region, with `{fact}` in it.
    pub usage_type: String,
    /// What resources that share a usage type in equal parts have in common, with `{fact}` in it.
    /// Without it the bill counts only where there is one resource of the type in the region.
    pub shared_by: Option<String>,
    /// What it costs by prices.
    pub by_price: Expression,
}

/// A part of the cost as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CostForm {
    service: String,
    usage_type: String,
    #[serde(default)]
    shared_by: Option<String>,
    by_price: String,
}

/// Proves that a file makes sense.
pub(super) fn prove(id: &str, form: RuleForm) -> Result<OpportunityRule, Fault> {
    let schema = names::schema(
        &form.applies_to,
        form.usage.keys(),
        form.prices.keys(),
        form.costs.keys(),
    );
    let schema = schema.ok_or_else(|| {
        let message = format!("the type `{}` is not known", form.applies_to);
        Fault::new([Step::from("applies_to")], message).fix("a type of docs/configuration-facts.md")
    })?;
    check_numbers(&form)?;
    check_templates(&form)?;
    let compile = |key: &str, text: &str, of: &Type| compile(&schema, key, text, of);
    let optional = |key: &str, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| compile(key, text, &Type::Flag)).transpose()
    };
    let blocked = match (&form.blocked_when, &form.blocked_by) {
        (None, None) => None,
        (Some(when), Some(by)) => Some((compile("blocked_when", when, &Type::Flag)?, by.clone())),
        _ => {
            let message = "`blocked_when` and `blocked_by` belong together";
            return Err(Fault::new([Step::from("title")], message));
        }
    };
    Ok(OpportunityRule {
        id: id.to_owned(),
        applies_when: optional("applies_when", &form.applies_when)?,
        when: compile("when", &form.when, &Type::Flag)?,
        blocked,
        whole: match &form.whole {
            Some(whole) => Some(compile("whole", whole, &Type::Number)?),
            None => None,
        },
        part: compile("part", &form.part, &Type::Number)?,
        after: compile("after", &form.after, &Type::Number)?,
        costs: compile_costs(&schema, form.costs)?,
        values: compile_values(&schema, &form.values)?,
        title: form.title,
        applies_to: form.applies_to,
        action: form.action,
        effort: form.effort,
        restart_needed: form.restart_needed,
        rollback_possible: form.rollback_possible,
        confidence: form.confidence,
        combines: form.combines,
        at_most: form.at_most,
        window_days: form.window_days,
        created: form.created,
        usage: form.usage,
        prices: form.prices,
        evidence: form.evidence,
        assumes: form.assumes,
        why: form.why,
        commands: form.commands,
        terraform: form.terraform,
        examples: form.example,
    })
}

fn compile(schema: &Schema, key: &str, text: &str, of: &Type) -> Result<Expression, Fault> {
    Expression::compile(text, schema, of)
        .map_err(|fault| Fault::of_expression([Step::from(key)], fault))
}

fn compile_values(
    schema: &Schema,
    texts: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Expression>, Fault> {
    let each = texts.iter().map(|(name, text)| {
        let compiled = Expression::compile(text, schema, &Type::Number);
        let at = || ["values", name.as_str()].map(Step::from);
        let compiled = compiled.map_err(|fault| Fault::of_expression(at(), fault))?;
        Ok((name.clone(), compiled))
    });
    each.collect()
}

fn compile_costs(
    schema: &Schema,
    forms: BTreeMap<String, CostForm>,
) -> Result<BTreeMap<String, CostPart>, Fault> {
    let mut parts = BTreeMap::new();
    for (name, form) in forms {
        let by_price = Expression::compile(&form.by_price, schema, &Type::Number);
        let by_price = by_price.map_err(|fault| {
            let at = ["costs", name.as_str(), "by_price"].map(Step::from);
            Fault::of_expression(at, fault)
        })?;
        let part = CostPart {
            service: form.service,
            usage_type: form.usage_type,
            shared_by: form.shared_by,
            by_price,
        };
        parts.insert(name, part);
    }
    Ok(parts)
}

fn check_numbers(form: &RuleForm) -> Result<(), Fault> {
    if !(1..=MOST_WINDOW_DAYS).contains(&form.window_days) {
        let message = format!("`window_days` is 1 to {MOST_WINDOW_DAYS}");
        return Err(Fault::new([Step::from("window_days")], message));
    }
    for (name, metric) in &form.usage {
        if metric.period_seconds == 0 || 86_400 % metric.period_seconds != 0 {
            let at = ["usage", name.as_str(), "period_seconds"].map(Step::from);
            return Err(Fault::new(at, "a period is a whole part of a day"));
        }
    }
    Ok(())
}

/// Every text with `{name}` in it has whole braces.
fn check_templates(form: &RuleForm) -> Result<(), Fault> {
    let lists = [("evidence", &form.evidence), ("commands", &form.commands)];
    let listed = lists.iter().flat_map(|(key, texts)| {
        let each = texts.iter().enumerate();
        each.map(|(index, text)| (vec![Step::from(*key), Step::from(index)], text.as_str()))
    });
    let single = [
        ("blocked_by", &form.blocked_by),
        ("terraform", &form.terraform),
        ("assumes", &form.assumes),
    ];
    let single = single.iter().filter_map(|(key, text)| {
        let text = text.as_deref()?;
        Some((vec![Step::from(*key)], text))
    });
    let dimensions = form.usage.iter().flat_map(|(name, metric)| {
        metric.dimensions.iter().map(move |(dimension, text)| {
            let at = ["usage", name.as_str(), "dimensions", dimension.as_str()];
            (at.map(Step::from).to_vec(), text.as_str())
        })
    });
    for (at, text) in listed.chain(single).chain(dimensions) {
        placeholders(text).map_err(|message| Fault::new(at, message))?;
    }
    Ok(())
}
