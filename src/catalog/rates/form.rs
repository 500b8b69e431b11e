//! What may be written in the file of a rate, and the proof that it makes sense.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::placeholders::placeholders;
use crate::catalog::rates::{Rate, RateAmount, RateAttribute, RatePart};
use crate::catalog::registry::{Example, Fault, Shows, Step};
use crate::expr::{Expression, Schema, Type, Value};

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateForm {
    #[serde(default)]
    resource: BTreeMap<String, AttributeForm>,
    #[serde(default)]
    part: Vec<PartForm>,
    #[serde(default)]
    example: Vec<RateExample>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AttributeForm {
    Plain(AttributeSort),
    Full(FullAttributeForm),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FullAttributeForm {
    is: AttributeSort,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    default: Option<DefaultForm>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AttributeSort {
    Text,
    Number,
    Flag,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum DefaultForm {
    Flag(bool),
    Number(f64),
    Text(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartForm {
    name: String,
    #[serde(default)]
    when: Option<String>,
    price: String,
    #[serde(default)]
    amount: Option<AmountForm>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AmountForm {
    Fixed(String),
    Assumed(AssumedForm),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssumedForm {
    low: String,
    likely: String,
    high: String,
    assumes: String,
}

/// A resource, and what it costs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateExample {
    /// What people call it.
    pub name: String,
    /// What it comes to.
    pub verdict: RateVerdict,
    /// Attributes as in a plan.
    #[serde(default)]
    pub resource: toml::Table,
    /// Attributes that are known only after the apply.
    #[serde(default)]
    pub unreadable: Vec<String>,
    /// Region (default `us-east-1`).
    #[serde(default)]
    pub region: Option<String>,
    /// US dollars a month, to the cent: what is most likely.
    #[serde(default)]
    pub likely_usd: Option<f64>,
}

/// What a rate comes to for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateVerdict {
    /// Every part has an amount.
    Priced,
    /// A part has none: there is no price for it, or it is billed by use.
    NotPriced,
    /// What it costs depends on what is known only after the apply.
    Unknown,
}

impl Example for RateExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match self.verdict {
            RateVerdict::Priced => Shows::Passing,
            RateVerdict::NotPriced => Shows::Failing,
            RateVerdict::Unknown => Shows::Unknown,
        }
    }
}

/// Proves that a file makes sense.
pub(super) fn prove(id: &str, form: RateForm) -> Result<Rate, Fault> {
    let attributes: BTreeMap<String, RateAttribute> = form
        .resource
        .into_iter()
        .map(|(name, form)| {
            let attribute = attribute(&name, form);
            (name, attribute)
        })
        .collect();
    let types = attributes
        .iter()
        .map(|(name, one)| (name.clone(), one.of.clone()));
    let schema = Schema::from([("resource".to_owned(), Type::record(types))]);
    let parts = form.part.into_iter().enumerate();
    let parts: Result<Vec<RatePart>, Fault> = parts
        .map(|(at, form)| {
            part(form, &schema, &attributes)
                .map_err(|fault| fault.below([Step::from("part"), Step::from(at)]))
        })
        .collect();
    Ok(Rate {
        resource_type: id.to_owned(),
        attributes,
        parts: parts?,
        examples: form.example,
    })
}

fn attribute(name: &str, form: AttributeForm) -> RateAttribute {
    let (sort, at, default) = match form {
        AttributeForm::Plain(sort) => (sort, None, None),
        AttributeForm::Full(full) => (full.is, full.at, full.default),
    };
    RateAttribute {
        path: at
            .as_deref()
            .unwrap_or(name)
            .split('.')
            .map(str::to_owned)
            .collect(),
        of: match sort {
            AttributeSort::Text => Type::Text,
            AttributeSort::Number => Type::Number,
            AttributeSort::Flag => Type::Flag,
        },
        default: default.map(|value| match value {
            DefaultForm::Flag(flag) => Value::Flag(flag),
            DefaultForm::Number(number) => Value::Number(number),
            DefaultForm::Text(text) => Value::text(text.as_str()),
        }),
    }
}

fn part(
    form: PartForm,
    schema: &Schema,
    attributes: &BTreeMap<String, RateAttribute>,
) -> Result<RatePart, Fault> {
    let compile = |key: &str, text: &str, of: &Type| {
        Expression::compile(text, schema, of)
            .map_err(|fault| Fault::of_expression([Step::from(key)], fault))
    };
    let names =
        placeholders(&form.price).map_err(|error| Fault::new([Step::from("price")], error))?;
    if let Some((odd, _)) = names
        .iter()
        .find(|(name, _)| !attributes.contains_key(*name))
    {
        let message = format!("`{{{odd}}}` is not among the attributes of `[resource]`");
        return Err(Fault::new([Step::from("price")], message));
    }
    let when = form.when.as_deref();
    Ok(RatePart {
        when: when
            .map(|text| compile("when", text, &Type::Flag))
            .transpose()?,
        amount: match &form.amount {
            None => RateAmount::ByUse,
            Some(AmountForm::Fixed(text)) => {
                RateAmount::Fixed(Box::new(compile("amount", text, &Type::Number)?))
            }
            Some(AmountForm::Assumed(range)) => RateAmount::Assumed {
                range: Box::new([
                    compile("amount", &range.low, &Type::Number)?,
                    compile("amount", &range.likely, &Type::Number)?,
                    compile("amount", &range.high, &Type::Number)?,
                ]),
                words: range.assumes.clone(),
            },
        },
        name: form.name,
        price: form.price,
    })
}
