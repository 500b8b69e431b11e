//! What may be written in the file of a blueprint, and the proof that it makes sense.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::{
    AcceptedCheck, Alternative, Blueprint, BlueprintExample, BlueprintNote, BlueprintOutput,
    BlueprintResource, BlueprintSlo, BlueprintWidget, Condition, FUNCTIONS, Parameter,
    ParameterType, ParameterValue, ProvidedStatement, Provision,
};
use crate::catalog::registry::{Fault, Step};
use crate::hcl::{Expr, map_items, parse_body, parse_expression};

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlueprintForm {
    title: String,
    summary: String,
    short: String,
    words: Vec<String>,
    #[serde(default)]
    needs: Vec<String>,
    node: String,
    #[serde(default)]
    called_by: Option<String>,
    #[serde(default)]
    call: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, ParameterForm>,
    resource: Vec<ResourceForm>,
    #[serde(default)]
    output: Vec<OutputForm>,
    #[serde(default)]
    provides: ProvidesForm,
    #[serde(default)]
    runs: Option<RunsForm>,
    #[serde(default)]
    slo: Vec<SloForm>,
    #[serde(default)]
    widget: Vec<WidgetForm>,
    #[serde(default)]
    accept: Vec<AcceptForm>,
    #[serde(default)]
    risk: Vec<NoteForm>,
    #[serde(default)]
    question: Vec<NoteForm>,
    #[serde(default)]
    alternative: Vec<AlternativeForm>,
    #[serde(default)]
    example: Vec<BlueprintExample>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParameterForm {
    is: ParameterType,
    #[serde(default)]
    default: Option<Value>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    min: Option<f64>,
    #[serde(default)]
    max: Option<f64>,
    #[serde(default)]
    one_of: Vec<Value>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    per_environment: bool,
    description: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceForm {
    address: String,
    because: String,
    #[serde(default)]
    was: Vec<String>,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    unless: Option<String>,
    #[serde(default)]
    with: Option<String>,
    hcl: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputForm {
    name: String,
    value: String,
    description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProvidesForm {
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    statement: Vec<StatementForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementForm {
    actions: Vec<String>,
    resources: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunsForm {
    policy: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SloForm {
    indicator: String,
    target: f64,
    text: String,
    alarm: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WidgetForm {
    title: String,
    metrics: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptForm {
    check: String,
    because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteForm {
    text: String,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    unless: Option<String>,
    #[serde(default)]
    alone: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlternativeForm {
    text: String,
    #[serde(default)]
    monthly_usd: Option<f64>,
}

/// Proves a blueprint.
pub(super) fn prove(id: &str, form: BlueprintForm) -> Result<Blueprint, Fault> {
    let mut parameters = BTreeMap::new();
    for (name, parameter) in form.parameters {
        let at = [Step::from("parameters"), Step::from(name.as_str())];
        let proven = prove_parameter(&name, parameter).map_err(|fault| fault.below(at))?;
        parameters.insert(name, proven);
    }
    let known: BTreeSet<String> = parameters.keys().cloned().collect();
    let resources = prove_resources(form.resource, &known)?;
    check_addresses(&form.slo, form.runs.as_ref(), &resources)?;
    Ok(Blueprint {
        id: id.to_owned(),
        title: form.title,
        summary: form.summary,
        short: form.short,
        words: form.words,
        needs: form.needs,
        node: form.node,
        caller: form.called_by.zip(form.call),
        outputs: prove_outputs(form.output, &known)?,
        provides: prove_provision(form.provides, &known)?,
        runs: form.runs.map(|runs| runs.policy),
        slos: form.slo.into_iter().map(slo).collect(),
        widgets: prove_widgets(form.widget, &known)?,
        accepts: form.accept.into_iter().map(accept).collect(),
        risks: notes("risk", form.risk, &known)?,
        questions: notes("question", form.question, &known)?,
        alternatives: form.alternative.into_iter().map(alternative).collect(),
        examples: form.example,
        parameters,
        resources,
    })
}

fn prove_resources(
    forms: Vec<ResourceForm>,
    known: &BTreeSet<String>,
) -> Result<Vec<BlueprintResource>, Fault> {
    let mut resources: Vec<BlueprintResource> = Vec::new();
    for (index, resource) in forms.into_iter().enumerate() {
        let at = [Step::from("resource"), Step::from(index)];
        let proven = prove_resource(resource, known).map_err(|fault| fault.below(at.clone()))?;
        let address = proven.address(None);
        if resources.iter().any(|one| one.address(None) == address) {
            let message = format!("duplicate resource `{address}`");
            return Err(Fault::new([Step::from("address")], message).below(at));
        }
        resources.push(proven);
    }
    Ok(resources)
}

/// What alarms and programs name must be there.
fn check_addresses(
    slos: &[SloForm],
    runs: Option<&RunsForm>,
    resources: &[BlueprintResource],
) -> Result<(), Fault> {
    let has = |address: &str| resources.iter().any(|one| one.address(None) == address);
    for (index, slo) in slos.iter().enumerate() {
        if !has(&slo.alarm) {
            let at = [Step::from("slo"), Step::from(index), Step::from("alarm")];
            let message = format!("there is no resource `{}`", slo.alarm);
            return Err(Fault::new(at, message));
        }
    }
    match runs.filter(|runs| !has(&runs.policy)) {
        Some(runs) => {
            let at = [Step::from("runs"), Step::from("policy")];
            let message = format!("there is no resource `{}`", runs.policy);
            Err(Fault::new(at, message))
        }
        None => Ok(()),
    }
}

fn prove_outputs(
    forms: Vec<OutputForm>,
    known: &BTreeSet<String>,
) -> Result<Vec<BlueprintOutput>, Fault> {
    let proven = forms.into_iter().enumerate().map(|(index, output)| {
        let at = [Step::from("output"), Step::from(index), Step::from("value")];
        Ok(BlueprintOutput {
            name: output.name,
            value: expression(&output.value, known).map_err(|fault| fault.below(at))?,
            description: output.description,
        })
    });
    proven.collect()
}

fn prove_widgets(
    forms: Vec<WidgetForm>,
    known: &BTreeSet<String>,
) -> Result<Vec<BlueprintWidget>, Fault> {
    let proven = forms.into_iter().enumerate().map(|(index, widget)| {
        let at = [
            Step::from("widget"),
            Step::from(index),
            Step::from("metrics"),
        ];
        let metrics = expressions(&widget.metrics, known).map_err(|fault| fault.below(at))?;
        Ok(BlueprintWidget {
            title: widget.title,
            metrics,
        })
    });
    proven.collect()
}

fn prove_parameter(name: &str, form: ParameterForm) -> Result<Parameter, Fault> {
    let read = |key: &str, value: &Value| {
        ParameterValue::from_json(value)
            .ok_or_else(|| Fault::new([Step::from(key)], "it is no value of a parameter"))
    };
    let pattern = form.pattern.as_deref().map(Regex::new).transpose();
    let pattern =
        pattern.map_err(|error| Fault::new([Step::from("pattern")], error.to_string()))?;
    let one_of = form.one_of.iter().map(|value| read("one_of", value));
    let mut parameter = Parameter {
        is: form.is,
        default: None,
        required: form.required,
        min: form.min,
        max: form.max,
        one_of: one_of.collect::<Result<_, Fault>>()?,
        pattern,
        per_environment: form.per_environment,
        description: form.description,
    };
    if let Some(default) = &form.default {
        let default = read("default", default)?;
        let checked = parameter.check(name, &default);
        checked.map_err(|message| Fault::new([Step::from("default")], message))?;
        parameter.default = Some(default);
    }
    Ok(parameter)
}

fn prove_resource(
    form: ResourceForm,
    parameters: &BTreeSet<String>,
) -> Result<BlueprintResource, Fault> {
    let steps: Vec<&str> = form.address.split('.').collect();
    let (is_data, kind, label) = match steps.as_slice() {
        ["data", kind, label] => (true, *kind, *label),
        [kind, label] => (false, *kind, *label),
        _ => {
            let fault = Fault::new([Step::from("address")], "it is no address of a resource");
            return Err(fault.fix("write `aws_s3_bucket.files` or `data.aws_vpc.main`"));
        }
    };
    let at = || [Step::from("hcl")];
    let items = parse_body(&form.hcl).map_err(|error| Fault::new(at(), error.to_string()))?;
    let items = map_items(items, &mut |expr| check_expression(expr, parameters));
    Ok(BlueprintResource {
        is_data,
        resource_type: kind.to_owned(),
        label: label.to_owned(),
        was: form.was,
        because: form.because,
        when: condition(form.when, form.unless, form.with, false, parameters)?,
        items: items.map_err(|message| Fault::new(at(), message))?,
    })
}

fn check_expression(expr: Expr, parameters: &BTreeSet<String>) -> Result<Expr, String> {
    match &expr {
        Expr::Other(text, _) => Err(format!("`{text}` cannot be part of a blueprint")),
        Expr::Path(_) => match expr.names().as_deref() {
            Some(["param", name]) if parameters.contains(*name) => Ok(expr),
            Some(["param", name]) => Err(format!("there is no parameter `{name}`")),
            _ => Ok(expr),
        },
        Expr::Call(name, _) if name.contains('_') && !FUNCTIONS.contains(&name.as_str()) => {
            Err(format!("`{name}` is no function"))
        }
        _ => Ok(expr),
    }
}

fn expression(text: &str, parameters: &BTreeSet<String>) -> Result<Expr, Fault> {
    let read = parse_expression(text).map_err(|error| Fault::new([], error.to_string()))?;
    let checked = read.map(&mut |expr| check_expression(expr, parameters));
    checked.map_err(|message| Fault::new([], message))
}

fn expressions(texts: &[String], parameters: &BTreeSet<String>) -> Result<Vec<Expr>, Fault> {
    texts
        .iter()
        .map(|text| expression(text, parameters))
        .collect()
}

fn condition(
    when: Option<String>,
    unless: Option<String>,
    with: Option<String>,
    alone: bool,
    parameters: &BTreeSet<String>,
) -> Result<Condition, Fault> {
    let when = when.map(|text| match text.split_once(" == ") {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text, None),
    });
    let named = when.iter().map(|(name, _)| ("when", name));
    for (key, name) in named.chain(unless.iter().map(|name| ("unless", name))) {
        if !parameters.contains(name) {
            let message = format!("there is no parameter `{name}`");
            return Err(Fault::new([Step::from(key)], message));
        }
    }
    Ok(Condition {
        when,
        unless,
        with,
        alone,
    })
}

fn prove_provision(form: ProvidesForm, parameters: &BTreeSet<String>) -> Result<Provision, Fault> {
    let mut provision = Provision::default();
    for (name, value) in form.variables {
        let at = [
            Step::from("provides"),
            Step::from("variables"),
            Step::from(name.as_str()),
        ];
        let value = expression(&value, parameters).map_err(|fault| fault.below(at))?;
        provision.variables.insert(name, value);
    }
    for (index, statement) in form.statement.into_iter().enumerate() {
        let at = [
            Step::from("provides"),
            Step::from("statement"),
            Step::from(index),
        ];
        let resources = expressions(&statement.resources, parameters);
        provision.statements.push(ProvidedStatement {
            actions: statement.actions,
            resources: resources.map_err(|fault| fault.below(at))?,
        });
    }
    Ok(provision)
}

fn notes(
    key: &str,
    forms: Vec<NoteForm>,
    parameters: &BTreeSet<String>,
) -> Result<Vec<BlueprintNote>, Fault> {
    let proven = forms.into_iter().enumerate().map(|(index, form)| {
        let at = [Step::from(key), Step::from(index)];
        let when = condition(form.when, form.unless, None, form.alone, parameters);
        Ok(BlueprintNote {
            text: form.text,
            when: when.map_err(|fault| fault.below(at))?,
        })
    });
    proven.collect()
}

fn slo(form: SloForm) -> BlueprintSlo {
    BlueprintSlo {
        indicator: form.indicator,
        target: form.target,
        text: form.text,
        alarm: form.alarm,
    }
}

fn accept(form: AcceptForm) -> AcceptedCheck {
    AcceptedCheck {
        check: form.check,
        because: form.because,
    }
}

fn alternative(form: AlternativeForm) -> Alternative {
    Alternative {
        text: form.text,
        monthly_usd: form.monthly_usd,
    }
}
