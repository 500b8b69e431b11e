//! Reads policy documents.
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
//! One text may stand where a list is meant; what the grammar does not know is refused, since
//! a statement that is only half understood must not pass for harmless.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// A statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its label. Not part of its identity.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: PolicyEffect,
    /// To whom. `None` in the policies of users, groups and roles.
    pub principals: Option<Principals>,
    /// What may be done.
    pub actions: PatternSet,
    /// To what. `None` in trust policies.
    pub resources: Option<PatternSet>,
    /// All of them must hold.
    pub conditions: Vec<PolicyCondition>,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyEffect {
    /// Allow.
    Allow,
    /// Deny, which wins over every Allow.
    Deny,
}

/// Patterns of actions or of resources: `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternSet {
    /// Whether everything but these is meant.
    pub is_negated: bool,
    /// Patterns with `*` and `?`.
    pub patterns: Vec<String>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// Whether everyone but these is meant.
    pub is_negated: bool,
    /// Who.
    pub of: BTreeSet<Trustee>,
}

/// Someone that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trustee {
    /// `*`: everyone in the world.
    Anyone,
    /// An account, user or role, by ARN. An account id is the ARN of its root: the whole account.
    Aws(String),
    /// A service of AWS (`lambda.amazonaws.com`).
    Service(String),
    /// An identity provider.
    Federated(String),
    /// A canonical user of S3.
    Canonical(String),
}

/// A condition of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCondition {
    /// Operator, as it is written.
    pub operator: String,
    /// Key, as it is written. Compared without regard to case.
    pub key: String,
    /// One of them must fit.
    pub values: Vec<String>,
}

impl PolicyDocument {
    /// Parses a document.
    ///
    /// # Errors
    /// What is not as the grammar says; a fragment that is safe to show.
    pub fn parse(text: &str) -> Result<Self, String> {
        let root: Value = serde_json::from_str(text).map_err(|error| {
            format!(
                "not JSON (line {}, column {})",
                error.line(),
                error.column()
            )
        })?;
        let root = root.as_object().ok_or("not a JSON object")?;
        let statements = match root.get("Statement") {
            Some(Value::Array(all)) => all.iter().map(statement).collect::<Result<_, _>>()?,
            Some(one @ Value::Object(_)) => vec![statement(one)?],
            _ => return Err("there is no `Statement`".to_owned()),
        };
        Ok(Self { statements })
    }

    /// Returns the statements with an effect.
    pub fn of_effect(&self, effect: PolicyEffect) -> impl Iterator<Item = &Statement> {
        self.statements
            .iter()
            .filter(move |one| one.effect == effect)
    }
}

impl Statement {
    /// Whether it speaks of everyone, conditions aside.
    pub fn is_for_anyone(&self) -> bool {
        let of_anyone = |all: &Principals| all.is_negated || all.of.contains(&Trustee::Anyone);
        self.principals.as_ref().is_some_and(of_anyone)
    }
}

const KNOWN: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn statement(value: &Value) -> Result<Statement, String> {
    let fields = value.as_object().ok_or("a statement is not an object")?;
    if fields.keys().any(|key| !KNOWN.contains(&key.as_str())) {
        return Err("a statement has an element that no policy has".to_owned());
    }
    let effect = match fields.get("Effect").and_then(Value::as_str) {
        Some("Allow") => PolicyEffect::Allow,
        Some("Deny") => PolicyEffect::Deny,
        _ => return Err("an `Effect` is neither Allow nor Deny".to_owned()),
    };
    let actions = set(fields, "Action", "NotAction")?;
    Ok(Statement {
        sid: fields.get("Sid").and_then(Value::as_str).map(str::to_owned),
        effect,
        principals: principals(fields)?,
        actions: actions.ok_or("a statement has no `Action`")?,
        resources: set(fields, "Resource", "NotResource")?,
        conditions: conditions(fields.get("Condition"))?,
    })
}

fn set(
    fields: &Map<String, Value>,
    plain: &str,
    negated: &str,
) -> Result<Option<PatternSet>, String> {
    let (value, is_negated) = match (fields.get(plain), fields.get(negated)) {
        (None, None) => return Ok(None),
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (Some(_), Some(_)) => return Err(format!("a statement has `{plain}` and `{negated}`")),
    };
    let patterns = texts(value, plain)?;
    Ok(Some(PatternSet {
        is_negated,
        patterns,
    }))
}

fn principals(fields: &Map<String, Value>) -> Result<Option<Principals>, String> {
    let (value, is_negated) = match (fields.get("Principal"), fields.get("NotPrincipal")) {
        (None, None) => return Ok(None),
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (Some(_), Some(_)) => {
            return Err("a statement has `Principal` and `NotPrincipal`".to_owned());
        }
    };
    let mut of = BTreeSet::new();
    match value {
        Value::String(text) if text == "*" => drop(of.insert(Trustee::Anyone)),
        Value::Object(by_type) => {
            for (name, value) in by_type {
                for text in texts(value, "Principal")? {
                    of.insert(trustee(name, text)?);
                }
            }
        }
        _ => return Err("a `Principal` is neither `*` nor an object".to_owned()),
    }
    Ok(Some(Principals { is_negated, of }))
}

fn trustee(of_type: &str, text: String) -> Result<Trustee, String> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    Ok(match of_type {
        "AWS" if text == "*" => Trustee::Anyone,
        "AWS" if is_account => Trustee::Aws(format!("arn:aws:iam::{text}:root")),
        "AWS" => Trustee::Aws(text),
        "Service" => Trustee::Service(text.to_lowercase()),
        "Federated" => Trustee::Federated(text),
        "CanonicalUser" => Trustee::Canonical(text),
        _ => return Err("a `Principal` has a type that is not known".to_owned()),
    })
}

fn conditions(value: Option<&Value>) -> Result<Vec<PolicyCondition>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let mut out = Vec::new();
    let by_operator = value.as_object().ok_or("a `Condition` is not an object")?;
    for (operator, by_key) in by_operator {
        let by_key = by_key.as_object();
        for (key, values) in by_key.ok_or("a `Condition` has an operator without keys")? {
            out.push(PolicyCondition {
                operator: operator.clone(),
                key: key.clone(),
                values: texts(values, "Condition")?,
            });
        }
    }
    Ok(out)
}

fn texts(value: &Value, what: &str) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(format!("`{what}` holds something that is not a text")),
    };
    match value {
        Value::Array(all) => all.iter().map(one).collect(),
        value => one(value).map(|text| vec![text]),
    }
}
