//! Functions: who may invoke them.

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, text_in};
use crate::core::known::{Known, Obstacles, any};
use crate::core::policy::{
    PatternSet, PolicyCondition, PolicyDocument, PolicyEffect, Principals, Statement, Trustee,
    is_public, public_statements, restricts,
};
use crate::model::fact::Value;

use super::policies::actions;
use super::{DerivedFact, DerivedFacts, Place, runtimes, secrets};

const INVOKE: &str = "lambda:InvokeFunction";
const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";
/// Keys of statements that speak of function URLs alone.
const URL_KEYS: [&str; 2] = ["lambda:functionurlauthtype", "lambda:invokedviafunctionurl"];

pub(super) fn function<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let policy = policy(view);
    let public = policy
        .as_ref()
        .map_err(Obstacles::clone)
        .and_then(is_invocable);
    let because = match (&public, &policy) {
        (Ok(true), Ok(policy)) => public_statements(policy)
            .filter(|(one, verdict)| *verdict == Ok(true) && !is_of_url(one))
            .map(|(one, _)| format!("the function's policy allows everyone {}", actions(one)))
            .collect(),
        _ => Vec::new(),
    };
    let url = url_exposure(view, &policy);
    let unsourced = match &policy {
        Ok(policy) => DerivedFact::Places(unsourced(policy), Obstacles::new()),
        Err(obstacles) => DerivedFact::Unknown(obstacles.clone()),
    };
    let (stage, runtime_because) = match runtimes::stage(view, estate.now()) {
        Ok((stage, because)) => (Ok(Value::from(stage)), because),
        Err(obstacles) => (Err(obstacles), Vec::new()),
    };
    DerivedFacts::from([
        ("runtime_stage", DerivedFact::from(stage)),
        ("runtime_because", DerivedFact::from(runtime_because)),
        ("public", DerivedFact::from(public)),
        ("public_because", DerivedFact::from(because)),
        ("url_exposure", DerivedFact::from(url.map(Value::from))),
        ("unsourced", unsourced),
        ("secrets", secrets::variables(estate, view)),
    ])
}

/// The policy of a function: as AWS has it, or made of the permissions that a plan has.
fn policy(view: FactView<'_>) -> Known<PolicyDocument> {
    if view.was_asked("policy") || !view.is_planned() {
        let empty = PolicyDocument {
            statements: Vec::new(),
        };
        return Ok(view.policy("policy")?.unwrap_or(empty));
    }
    let permissions = view.list("permissions")?;
    if !permissions.hidden.is_empty() {
        return Err(permissions.hidden);
    }
    let statements = permissions.items.iter().map(permission);
    Ok(PolicyDocument {
        statements: statements.collect::<Known<_>>()?,
    })
}

/// The statement that AWS makes of a permission.
fn permission(item: &Value) -> Known<Statement> {
    let text = |path: &str| text_in(item, path);
    let who = text("principal")?.unwrap_or_default();
    let is_account = who.len() == 12 && who.bytes().all(|byte| byte.is_ascii_digit());
    let trustee = match who.as_str() {
        "*" => Trustee::Anyone,
        _ if is_account => Trustee::Aws(format!("arn:aws:iam::{who}:root")),
        _ if who.starts_with("arn:") => Trustee::Aws(who),
        _ => Trustee::Service(who),
    };
    let mut conditions = Vec::new();
    for (path, operator, key) in [
        ("source_arn", "ArnLike", "aws:SourceArn"),
        ("source_account", "StringEquals", "aws:SourceAccount"),
        ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
        (
            "function_url_auth_type",
            "StringEquals",
            "lambda:FunctionUrlAuthType",
        ),
        (
            "event_source_token",
            "StringEquals",
            "lambda:EventSourceToken",
        ),
    ] {
        if let Some(value) = text(path)? {
            conditions.push(PolicyCondition {
                operator: operator.to_owned(),
                key: key.to_owned(),
                values: vec![value],
            });
        }
    }
    Ok(Statement {
        // Where nobody names a statement, the provider does after the apply; who may do what does not
        // depend on it.
        sid: text("statement_id").unwrap_or_default(),
        effect: PolicyEffect::Allow,
        principals: Some(Principals {
            is_negated: false,
            of: [trustee].into(),
        }),
        actions: PatternSet {
            is_negated: false,
            patterns: vec![text("action")?.unwrap_or_else(|| INVOKE.to_owned())],
        },
        resources: None,
        conditions,
    })
}

/// Whether everyone may invoke a function, function URLs aside.
fn is_invocable(policy: &PolicyDocument) -> Known<bool> {
    let open = public_statements(policy)
        .filter(|(one, _)| !is_of_url(one) && crate::core::policy::matches(&one.actions, INVOKE));
    any(open.map(|(_, verdict)| verdict))
}

fn is_of_url(statement: &Statement) -> bool {
    let of_url = |one: &PolicyCondition| URL_KEYS.contains(&one.key.to_lowercase().as_str());
    statement.conditions.iter().any(of_url)
}

/// `none` without a URL that asks for no identity; `public` where everyone may use it;
/// `unreachable` where the policy of the function lets nobody.
fn url_exposure(view: FactView<'_>, policy: &Known<PolicyDocument>) -> Known<&'static str> {
    if view.text("url.authorization_type")?.as_deref() != Some("NONE") {
        return Ok("none");
    }
    // Terraform lets everyone use such a URL by itself, with a permission that no plan shows.
    if view.is_planned() {
        return Ok("public");
    }
    let policy = policy.as_ref().map_err(Obstacles::clone)?;
    Ok(match is_public(policy, Some(INVOKE_URL))? {
        true => "public",
        false => "unreachable",
    })
}

/// Statements that let a service invoke the function on whoever's behalf.
fn unsourced(policy: &PolicyDocument) -> Vec<Place> {
    let mut places = Vec::new();
    for statement in policy.of_effect(PolicyEffect::Allow) {
        let is_tied = statement
            .conditions
            .iter()
            .any(|one| restricts(one) != Ok(false));
        let of = statement.principals.iter().flat_map(|all| &all.of);
        for one in of.filter(|_| !is_tied) {
            if let Trustee::Service(name) = one {
                let text = format!("`{name}` may invoke it on behalf of any account");
                places.push(Place::new(format!("service:{name}"), text));
            }
        }
    }
    places
}
