//! Evaluates expressions over facts. "Could not be read" is never taken for a number.

use crate::catalog::expression::Expression;
use crate::catalog::kinds::kind::WhenAbsent;
use crate::model::fact::GapId;

/// What is known of one name in an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// Its value.
    Number(f64),
    /// The provider answered, and there is none.
    Absent(WhenAbsent),
    /// The provider did not answer.
    Unreadable(GapId),
    /// Nobody asked, though it should have been.
    Missing,
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A finite number.
    Value(f64),
    /// It has no value: a division by zero, or a result that is not finite.
    NoValue,
    /// Something that it needs is not collected here, so there is nothing to judge.
    NotCollected,
    /// It cannot be known.
    Unknown(Unknown),
}

/// Why something cannot be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// A call gave no answer.
    Gap(GapId),
    /// The provider has no data points for a name that must have some.
    NoData(String),
    /// A name was never asked for.
    NotAsked(String),
    /// A value could not be computed from what is there.
    NoValue(String),
}

/// Evaluates. Decides before it computes, in this order: a name that could not be read makes
/// the whole unknown; one that is not collected makes it not collected; one that must exist
/// and does not makes it unknown.
pub fn evaluate(expression: &Expression, input: impl Fn(&str) -> Input) -> Outcome {
    let inputs: Vec<(&str, Input)> = expression
        .variables()
        .iter()
        .map(|name| (name.as_str(), input(name)))
        .collect();
    if let Some(decided) = decide(&inputs) {
        return decided;
    }
    let numbers: Vec<(&str, f64)> = inputs
        .iter()
        .map(|(name, input)| match input {
            Input::Number(value) => (*name, *value),
            // `decide` let nothing through but numbers and absences that mean zero.
            Input::Absent(_) | Input::Unreadable(_) | Input::Missing => (*name, 0.0),
        })
        .collect();
    expression
        .evaluate(&numbers)
        .map_or(Outcome::NoValue, Outcome::Value)
}

/// The outcome where it does not depend on numbers.
fn decide(inputs: &[(&str, Input)]) -> Option<Outcome> {
    let find = |wanted: fn(&str, Input) -> Option<Outcome>| {
        inputs.iter().find_map(|(name, input)| wanted(name, *input))
    };
    find(|_, input| match input {
        Input::Unreadable(gap) => Some(Outcome::Unknown(Unknown::Gap(gap))),
        _ => None,
    })
    .or_else(|| {
        find(|name, input| match input {
            Input::Missing => Some(Outcome::Unknown(Unknown::NotAsked(name.to_owned()))),
            _ => None,
        })
    })
    .or_else(|| {
        find(|_, input| match input {
            Input::Absent(WhenAbsent::Skip) => Some(Outcome::NotCollected),
            _ => None,
        })
    })
    .or_else(|| {
        find(|name, input| match input {
            Input::Absent(WhenAbsent::Unknown) => {
                Some(Outcome::Unknown(Unknown::NoData(name.to_owned())))
            }
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Input::{Absent, Missing, Number, Unreadable};

    fn outcome(source: &str, a: Input, b: Input) -> Outcome {
        let expression = Expression::new(source).expect("an expression");
        evaluate(&expression, |name| if name == "a" { a } else { b })
    }

    #[test]
    fn what_is_not_known_is_decided_before_anything_is_computed() {
        let gap = Outcome::Unknown(Unknown::Gap(GapId(7)));
        let no_data = |name: &str| Outcome::Unknown(Unknown::NoData(name.to_owned()));
        let zero = Absent(WhenAbsent::Zero);
        let skip = Absent(WhenAbsent::Skip);
        let must = Absent(WhenAbsent::Unknown);
        let cases = [
            (Number(1.0), Number(4.0), Outcome::Value(25.0)),
            (zero, Number(4.0), Outcome::Value(0.0)),
            (zero, zero, Outcome::NoValue),
            (Number(1.0), Number(0.0), Outcome::NoValue),
            (Number(f64::NAN), Number(1.0), Outcome::NoValue),
            (Number(f64::MAX), Number(1.0), Outcome::NoValue),
            (skip, Number(4.0), Outcome::NotCollected),
            (must, Number(4.0), no_data("a")),
            // What is not collected explains why something else has no data.
            (must, skip, Outcome::NotCollected),
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
                Outcome::Unknown(Unknown::NotAsked("a".to_owned())),
            ),
        ];
        for (a, b, expected) in cases {
            assert_eq!(outcome("100 * a / b", a, b), expected, "a {a:?}, b {b:?}");
        }
    }

    #[test]
    fn a_condition_does_not_hide_an_unreadable_fact() {
        let found = outcome("0 if b > 1 else a", Unreadable(GapId(0)), Number(5.0));
        assert_eq!(found, Outcome::Unknown(Unknown::Gap(GapId(0))));
    }
}
