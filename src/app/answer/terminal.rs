//! The terminal of this process, from options and environment.

use std::sync::Arc;

use crate::app::options::GlobalArgs;
use crate::env::Environment;
use crate::ui::{Surroundings, Ui};

/// Looks at the terminal once.
pub(crate) fn ui(global: &GlobalArgs, environment: &Environment) -> Arc<Ui> {
    let surroundings = Surroundings::detect(global.color, global.quiet, &|name| {
        environment.variable(name)
    });
    Arc::new(Ui::new(surroundings))
}

/// The terminal of a command that runs inside of another: as wide and as colourful, but it
/// says nothing by itself.
pub(crate) fn silent(outer: &Ui) -> Arc<Ui> {
    let surroundings = Surroundings {
        quiet: true,
        github_actions: false,
        ..outer.surroundings().clone()
    };
    Arc::new(Ui::new(surroundings))
}
