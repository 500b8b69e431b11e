//! Formulas of kinds over what was read of one resource.
//!
//! The language knows that a fact is absent; what that means is said by the kind, metric by
//! metric: nothing happened, it is not collected here, or it must exist.

use crate::catalog::kinds::kind::WhenAbsent;
use crate::expr::{Cause, Expression, Fact, Unknown, Value};
use crate::model::fact::GapId;

/// What is known of one name in a formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// Its value.
    Number(f64),
    /// The provider answered, and there is none.
    Absent(WhenAbsent),
    /// The provider did not answer.
    Unreadable(GapId),
    /// It was not requested, though it should have been.
    Missing,
}

impl Input {
    fn fact(self) -> Option<Fact> {
        match self {
            Self::Number(number) => Some(number.into()),
            Self::Absent(WhenAbsent::Zero) => Some(0.0.into()),
            Self::Absent(WhenAbsent::Skip | WhenAbsent::Unknown) => Some(Fact::Absent),
            Self::Unreadable(gap) => Some(Fact::Unreadable(gap)),
            Self::Missing => None,
        }
    }
}

/// What a formula comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum FormulaResult {
    /// A finite number.
    Value(f64),
    /// It has no value: a division by zero, or a result that is not finite.
    NoValue,
    /// Something that it needs is not collected here, so there is nothing to evaluate.
    NotCollected,
    /// It cannot be known.
    Unknown(UnknownReason),
}

/// Why a formula cannot be known. Calls that failed come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnknownReason {
    /// A call gave no answer.
    Gap(GapId),
    /// The provider has no data points for a name that must have some.
    NoData(String),
    /// A name was never asked for.
    NotAsked(String),
    /// A value could not be computed from what is there.
    NoValue(String),
}

/// Evaluates a formula over what is known of its names.
pub fn evaluate(formula: &Expression, input: impl Fn(&str) -> Input) -> FormulaResult {
    match formula.evaluate(|name| input(name).fact()) {
        Ok(Value::Number(number)) => FormulaResult::Value(number),
        Ok(_) => FormulaResult::NoValue,
        Err(unknown) => explain(formula, &unknown, &input),
    }
}

/// Why there is no value. A call that failed is never hidden by what is absent or cannot be
/// computed; what is not collected explains why something else has no data.
fn explain(
    formula: &Expression,
    unknown: &Unknown,
    input: &dyn Fn(&str) -> Input,
) -> FormulaResult {
    let unreadable = || {
        formula.names().iter().find_map(|name| match input(name) {
            Input::Unreadable(gap) => Some(gap),
            _ => None,
        })
    };
    if let Some(gap) = unknown.gaps().next().or_else(unreadable) {
        return FormulaResult::Unknown(UnknownReason::Gap(gap));
    }
    let not_asked = unknown.causes().find_map(|cause| match cause {
        Cause::NotAsked(name) => Some(name.clone()),
        _ => None,
    });
    if let Some(name) = not_asked {
        return FormulaResult::Unknown(UnknownReason::NotAsked(name));
    }
    let mut no_data = None;
    for cause in unknown.causes() {
        let Cause::Absent(name) = cause else { continue };
        match input(name) {
            Input::Absent(WhenAbsent::Skip) => return FormulaResult::NotCollected,
            _ => no_data = no_data.or_else(|| Some(name.clone())),
        }
    }
    no_data.map_or(FormulaResult::NoValue, |name| {
        FormulaResult::Unknown(UnknownReason::NoData(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Type;
    use Input::{Absent, Missing, Number, Unreadable};

    fn outcome(source: &str, a: Input, b: Input) -> FormulaResult {
        let schema = ["a", "b"].map(|name| (name.to_owned(), Type::Number));
        let formula = Expression::compile(source, &schema.into(), &Type::Number);
        let formula = formula.expect("a formula");
        evaluate(&formula, |name| if name == "a" { a } else { b })
    }

    #[test]
    fn what_is_not_known_is_never_taken_for_a_number() {
        let gap = FormulaResult::Unknown(UnknownReason::Gap(GapId(7)));
        let no_data = |name: &str| FormulaResult::Unknown(UnknownReason::NoData(name.to_owned()));
        let zero = Absent(WhenAbsent::Zero);
        let skip = Absent(WhenAbsent::Skip);
        let must = Absent(WhenAbsent::Unknown);
        let cases = [
            (Number(1.0), Number(4.0), FormulaResult::Value(25.0)),
            (zero, Number(4.0), FormulaResult::Value(0.0)),
            (zero, zero, FormulaResult::NoValue),
            (Number(1.0), Number(0.0), FormulaResult::NoValue),
            (Number(f64::NAN), Number(1.0), FormulaResult::NoValue),
            (Number(f64::MAX), Number(1.0), FormulaResult::NoValue),
            (skip, Number(4.0), FormulaResult::NotCollected),
            (must, Number(4.0), no_data("a")),
            // What is not collected explains why something else has no data.
            (must, skip, FormulaResult::NotCollected),
            (Unreadable(GapId(7)), Number(4.0), gap.clone()),
            // An unreadable fact is never hidden by a zero, a gap in collection or anything else.
            (Unreadable(GapId(7)), Number(0.0), gap.clone()),
            (Number(0.0), Unreadable(GapId(7)), gap.clone()),
            (skip, Unreadable(GapId(7)), gap.clone()),
            (must, Unreadable(GapId(7)), gap.clone()),
            (Missing, Unreadable(GapId(7)), gap),
            (
                Missing,
                Number(1.0),
                FormulaResult::Unknown(UnknownReason::NotAsked("a".to_owned())),
            ),
        ];
        for (a, b, expected) in cases {
            assert_eq!(outcome("100 * a / b", a, b), expected, "a {a:?}, b {b:?}");
        }
    }

    #[test]
    fn a_condition_hides_an_unreadable_fact_only_where_it_does_not_matter() {
        let source = "b > 1 ? 0 : a";
        let gap = Unreadable(GapId(0));
        let unknown = FormulaResult::Unknown(UnknownReason::Gap(GapId(0)));
        assert_eq!(outcome(source, gap, Number(1.0)), unknown);
        assert_eq!(outcome(source, Number(3.0), gap), unknown);
        assert_eq!(outcome(source, gap, Number(5.0)), FormulaResult::Value(0.0));
    }
}
