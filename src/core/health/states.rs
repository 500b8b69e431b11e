//! What a resource's state means, by the table of its kind.

use crate::catalog::kinds::compile::Programs;
use crate::catalog::kinds::kind::Kind;
use crate::catalog::kinds::states::StateRow;
use crate::catalog::kinds::states::WINDOW_END;
use crate::expr::{Cause, Unknown, Value};
use crate::model::fact::{Fact, GapId};
use crate::model::snapshot::{Condition, Observed, ResourceState};
use crate::model::window::Window;
use crate::text::Untrusted;
use crate::text::numbers::number;
use crate::text::template;

use super::case::Case;

/// What a kind's table says of a resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Looked<'a> {
    /// The row of its state, with its number.
    Row(usize, &'a StateRow),
    /// A state that the table does not have.
    Unlisted,
    /// A fact that decides could not be read.
    Gap(GapId),
    /// A fact that decides is not there; why, in words.
    Undecided(String),
    /// The table is not needed: whoever read the state says what it means.
    NotNeeded,
}

/// Looks the state up.
pub(super) fn look_up<'a>(
    kind: &'a Kind,
    programs: &Programs,
    observed: &Observed,
    window: Window,
) -> Looked<'a> {
    match &observed.state {
        Fact::Known(state) if state.condition == Condition::Stated => {}
        _ => return Looked::NotNeeded,
    }
    let Some(table) = kind.states() else {
        return Looked::Unlisted;
    };
    let fact = |name: &str| match name {
        WINDOW_END => Some((window.end.as_second() as f64).into()),
        _ => observed.facts.get(name).cloned(),
    };
    match table.find(&programs.states, fact) {
        Ok(Some((number, row))) => Looked::Row(number, row),
        Ok(None) => Looked::Unlisted,
        Err(unknown) => undecided(&unknown),
    }
}

fn undecided<'a>(unknown: &Unknown) -> Looked<'a> {
    if let Some(gap) = unknown.gaps().next() {
        return Looked::Gap(gap);
    }
    let causes: Vec<String> = unknown.causes().map(Cause::to_string).collect();
    Looked::Undecided(causes.join(", "))
}

impl<'a> Looked<'a> {
    /// The row of the state, where there is one.
    pub(super) fn row(&self) -> Option<&'a StateRow> {
        match self {
            Self::Row(_, row) => Some(row),
            _ => None,
        }
    }

    /// Whether AWS reports metrics in this state.
    pub(super) fn is_measured(&self) -> bool {
        match self {
            Self::Row(_, row) => row.measured,
            _ => true,
        }
    }
}

/// Why a fact of the status call could not be read that no indicator speaks for. Whatever the
/// others say, it may be the one that says what is wrong.
pub(super) fn hidden(case: &Case<'_>) -> Option<GapId> {
    let of_indicators = |name: &str| {
        let values = case.programs.slis.iter().map(|sli| &sli.value);
        values
            .flat_map(|value| value.names())
            .any(|one| one == name)
    };
    let facts = case.observed.facts.iter();
    facts
        .filter(|(name, _)| !of_indicators(name.as_str()))
        .find_map(|(_, fact)| fact.gap())
}

/// What the state is called.
pub(super) fn word(row: &StateRow, state: &ResourceState) -> Untrusted {
    let shown = row.shown.as_deref().map(Untrusted::from);
    shown.unwrap_or_else(|| state.word.clone())
}

/// The sentence of a row: `state is …`, or what the file says instead, where every fact in it
/// is known.
pub(super) fn sentence(row: &StateRow, state: &ResourceState, observed: &Observed) -> Untrusted {
    let says = row.says.as_deref().and_then(|says| fill(says, observed));
    says.unwrap_or_else(|| Untrusted::new(format!("state is {}", word(row, state).raw())))
}

/// Fills `{fact}`; `None` where one is not known.
fn fill(template: &str, observed: &Observed) -> Option<Untrusted> {
    let filled = template::fill(template, |name| {
        match observed.facts.get(name)?.known()? {
            Value::Number(value) => Some(number(*value)),
            Value::Text(text) => Some(text.raw().to_owned()),
            _ => None,
        }
    });
    filled.map(Untrusted::new)
}
