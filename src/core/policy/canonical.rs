//! One form for statements that say the same: for identities and for differences.

use super::document::{PatternSet, PolicyEffect, Statement, Trustee};

/// Returns the form of a statement in which its label, the order of its lists, the case of
/// actions and whether one text stands alone or in a list make no difference.
pub fn canonical(statement: &Statement) -> String {
    let effect = match statement.effect {
        PolicyEffect::Allow => "allow",
        PolicyEffect::Deny => "deny",
    };
    let mut parts = vec![effect.to_owned()];
    if let Some(principals) = &statement.principals {
        let each = principals.of.iter().map(trustee).collect();
        parts.push(part("to", principals.is_negated, each));
    }
    parts.push(set("do", &statement.actions, str::to_lowercase));
    if let Some(resources) = &statement.resources {
        parts.push(set("on", resources, str::to_owned));
    }
    let conditions = statement.conditions.iter().map(|condition| {
        let operator = condition.operator.to_lowercase();
        let key = condition.key.to_lowercase();
        format!("{operator}({key})={}", sorted(condition.values.clone()))
    });
    parts.push(part("if", false, conditions.collect()));
    parts.join(" ")
}

fn set(word: &str, set: &PatternSet, form: impl Fn(&str) -> String) -> String {
    let each = set.patterns.iter().map(|pattern| form(pattern)).collect();
    part(word, set.is_negated, each)
}

fn part(word: &str, is_negated: bool, each: Vec<String>) -> String {
    let not = if is_negated { "not-" } else { "" };
    format!("{not}{word}={}", sorted(each))
}

fn sorted(mut each: Vec<String>) -> String {
    each.sort_unstable();
    each.dedup();
    format!("[{}]", each.join(","))
}

fn trustee(one: &Trustee) -> String {
    match one {
        Trustee::Anyone => "*".to_owned(),
        Trustee::Aws(arn) => arn.clone(),
        Trustee::Service(name) => format!("service:{name}"),
        Trustee::Federated(name) => format!("federated:{name}"),
        Trustee::Canonical(id) => format!("canonical:{id}"),
    }
}
