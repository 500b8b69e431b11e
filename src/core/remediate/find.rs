//! Which action is meant.

use crate::catalog::actions::{Action, Actions};

/// What a name comes to for a resource of a kind.
#[derive(Debug)]
pub enum Meant<'a> {
    /// This action.
    One(&'a Action),
    /// Several, by their names.
    Several(Vec<&'a str>),
    /// None; these there are for the kind.
    None(Vec<&'a str>),
}

/// Finds the action that a name means for a kind.
pub fn action<'a>(actions: &'a Actions, name: &str, kind: Option<&str>) -> Meant<'a> {
    let found = actions.called(name, kind);
    match found[..] {
        [one] => Meant::One(one),
        [] => {
            let fits =
                |one: &&Action| !one.is_undo_only && kind.is_some_and(|kind| one.is_for(kind));
            let all = actions.iter().filter(fits);
            Meant::None(all.map(|one| one.id.as_str()).collect())
        }
        _ => Meant::Several(found.iter().map(|one| one.id.as_str()).collect()),
    }
}

/// The only number in a text, where there is one: `to 200`.
pub fn only_number(text: &str) -> Option<&str> {
    let is_number = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let mut numbers = text.split_whitespace().filter(is_number);
    match (numbers.next(), numbers.next()) {
        (Some(number), None) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::only_number;

    #[test]
    fn one_number_is_meant_and_two_are_not() {
        for (text, wanted) in [
            ("increase RDS max connections to 200", Some("200")),
            ("scale web", None),
            ("scale 3 services to 4", None),
            ("scale api-2 to 7", Some("7")),
        ] {
            assert_eq!(only_number(text), wanted, "{text}");
        }
    }
}
