//! A command refuses options that it does not use: what is accepted and ignored is believed to
//! count.

use crate::app::access::Access;
use crate::app::command::{AnyCommand, Effect, Entry};
use crate::app::options::GlobalArgs;
use crate::app::shared_options::SharedOption;
use crate::error::CommandError;

/// Whether a command has a use for an option, with the arguments that it has.
fn is_used(option: SharedOption, entry: &Entry, command: &dyn AnyCommand) -> bool {
    let asks = |access: &[Access]| {
        let mut all = entry.sends.iter();
        all.any(|sends| access.contains(&sends.access))
    };
    if entry.uses.contains(&option) {
        return !command.is_offline();
    }
    match option {
        SharedOption::Commit
        | SharedOption::Write
        | SharedOption::DryRun
        | SharedOption::Author => {
            matches!(command.effect(), Effect::Commits | Effect::CommitsOnRequest)
        }
        SharedOption::Record | SharedOption::Timeout => {
            !entry.sends.is_empty() && !command.is_offline()
        }
        SharedOption::Alerts => asks(&[Access::Publish]),
        SharedOption::Env | SharedOption::FailOn => false,
    }
}

/// Refuses the first of these options that a command does not use.
pub(crate) fn refuse_unused(
    given: &[SharedOption],
    entry: &Entry,
    command: &dyn AnyCommand,
    options: &GlobalArgs,
) -> Result<(), CommandError> {
    let unused = given.iter().find(|one| !is_used(**one, entry, command));
    if let Some(unused) = unused {
        let with = match command.is_offline() {
            true => " with these arguments",
            false => "",
        };
        let what = format!("`{}` does not use `{}`{with}", entry.name, unused.word());
        return Err(CommandError::usage(what).hint(format!("leave `{}` out", unused.word())));
    }
    let lands = command.effect().commits(options) || options.dry_run;
    if given.contains(&SharedOption::Author) && !lands {
        let what = "`--author` is the author of a commit, and this run makes none";
        return Err(CommandError::usage(what).hint("add `--commit`, or leave `--author` out"));
    }
    Ok(())
}
