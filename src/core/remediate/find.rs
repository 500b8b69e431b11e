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
