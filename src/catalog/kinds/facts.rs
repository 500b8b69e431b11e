//! Expressions over what a status call gives: which state it is, and which metrics exist.

use crate::catalog::kinds::kind::Kind;
use crate::catalog::kinds::states::{StatePrograms, TEXT};
use crate::catalog::registry::{Fault, Step};
use crate::expr::{Expression, Schema, Type};

/// What the status call of a kind gives.
pub(super) fn schema(kind: &Kind) -> Schema {
    let facts = kind.status.iter().flat_map(|status| &status.facts);
    facts
        .map(|(name, unit)| {
            let of = match unit.as_str() {
                TEXT => Type::Text,
                _ => Type::Number,
            };
            (name.as_str().to_owned(), of)
        })
        .collect()
}

/// The conditions of the rows of the table of states of a kind.
pub(super) fn states(kind: &Kind) -> Result<StatePrograms, Fault> {
    let Some(table) = kind.states() else {
        return Ok(Vec::new());
    };
    for (index, row) in table.rows.iter().enumerate() {
        for (key, names) in [("excuses", &row.excuses), ("explains", &row.explains)] {
            if let Some(stray) = names.iter().find(|id| kind.sli(id).is_none()) {
                let at: [Step; 4] = ["status".into(), "states".into(), index.into(), key.into()];
                let message = format!("`{stray}` is not an indicator of this kind");
                return Err(Fault::new(at, message));
            }
        }
    }
    let compiled = table.compile(&schema(kind));
    compiled.map_err(|fault| fault.below([Step::from("status")]))
}

/// Where each metric of a kind exists.
pub(super) fn metrics(kind: &Kind) -> Result<Vec<Option<Expression>>, Fault> {
    let facts = schema(kind);
    let compiled = kind.metrics.iter().enumerate().map(|(index, metric)| {
        let source = metric.exists_when.as_deref();
        source
            .map(|source| Expression::compile(source, &facts, &Type::Flag))
            .transpose()
            .map_err(|error| {
                let at: [Step; 3] = ["metrics".into(), index.into(), "exists_when".into()];
                Fault::of_expression(at, error)
            })
    });
    compiled.collect()
}
