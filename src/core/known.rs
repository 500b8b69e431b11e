//! Strong Kleene logic for decisions that are code: `true` wins over what is not known in an
//! "or", `false` in an "and", and what stays unknown names what stands in the way.

use std::collections::BTreeSet;

use crate::model::fact::GapId;

/// What stands in the way of knowing something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// A call gave no answer.
    Gap(GapId),
    /// Nobody asked for this fact.
    NotRead(String),
    /// It was read and cannot be interpreted. A sentence without a full stop, safe to show.
    Unclear(String),
}

/// Everything that stands in the way, at least one thing.
pub type Obstacles = BTreeSet<Obstacle>;

/// What is known, or what stands in the way.
pub type Known<T> = Result<T, Obstacles>;

/// Returns the obstacle that a text cannot be interpreted.
pub fn unclear(why: impl Into<String>) -> Obstacles {
    BTreeSet::from([Obstacle::Unclear(why.into())])
}

/// Whether any is true.
pub fn any(parts: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    join(parts, true)
}

/// Whether all are true.
pub fn all(parts: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    join(parts, false)
}

/// The opposite.
pub fn not(part: Known<bool>) -> Known<bool> {
    part.map(|flag| !flag)
}

fn join(parts: impl IntoIterator<Item = Known<bool>>, wins: bool) -> Known<bool> {
    let mut obstacles = Obstacles::new();
    for part in parts {
        match part {
            Ok(flag) if flag == wins => return Ok(wins),
            Ok(_) => {}
            Err(more) => obstacles.extend(more),
        }
    }
    match obstacles.is_empty() {
        true => Ok(!wins),
        false => Err(obstacles),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(id: u32) -> Known<bool> {
        Err(BTreeSet::from([Obstacle::Gap(GapId(id))]))
    }

    #[test]
    fn what_decides_needs_no_answer_to_the_rest() {
        assert_eq!(any([gap(0), Ok(true)]), Ok(true));
        assert_eq!(all([gap(0), Ok(false)]), Ok(false));
        assert_eq!(any([gap(0), Ok(false)]), gap(0));
        assert_eq!(all([gap(0), Ok(true)]), gap(0));
        let both = any([gap(0), gap(1), Ok(false)]);
        assert_eq!(both.map_err(|all| all.len()), Err(2));
        assert_eq!(not(gap(0)), gap(0));
        assert_eq!(any([]), Ok(false));
        assert_eq!(all([]), Ok(true));
    }
}
