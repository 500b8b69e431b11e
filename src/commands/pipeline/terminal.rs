//! The terminal of this process, from options and environment.

use crate::cli::GlobalArgs;
use crate::settings::Environment;
use crate::ui::{Surroundings, Ui};

/// Looks at the terminal once.
pub(crate) fn ui(global: &GlobalArgs, environment: &Environment) -> Ui {
    Ui::new(Surroundings::detect(global.color, global.quiet, &|name| {
        environment.variable(name)
    }))
}

/// The terminal of a command that runs inside of another: as wide and as colourful, but it
/// says nothing by itself.
pub(crate) fn silent(outer: &Ui) -> Ui {
    let surroundings = Surroundings {
        quiet: true,
        github_actions: false,
        ..outer.surroundings().clone()
    };
    Ui::new(surroundings)
}

/// Another handle on the same terminal.
pub(crate) fn same(ui: &Ui) -> Ui {
    Ui::new(ui.surroundings().clone())
}
