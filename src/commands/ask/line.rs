//! The command line that is meant, with the options of `ask` itself.

use crate::app::App;
use crate::app::command_line::CommandLine;
use crate::app::options::GlobalArgs;
use crate::commands::ask::show;
use crate::core::ask::Candidate;
use crate::error::CommandError;

/// The command line with the environment of `--env`, where the words name none.
pub(super) fn with_environment(best: &Candidate, app: &App) -> Result<Vec<String>, CommandError> {
    let mut line = at_home(best.arguments.clone(), app);
    let given: Vec<&str> = app.global.env.iter().map(|name| name.as_str()).collect();
    if given.is_empty() {
        return Ok(line);
    }
    let given = given.join(",");
    match line.iter().position(|argument| argument == "--env") {
        None => line.extend(["--env".to_owned(), given]),
        Some(at) if best.write && line.get(at + 1).is_some_and(|said| *said != given) => {
            return Err(CommandError::usage(format!(
                "the words say environment {}, and `--env` or FRACTARY_ENV says {given}",
                line.get(at + 1).map_or("", String::as_str)
            ))
            .hint("say one of them"));
        }
        Some(_) => {}
    }
    Ok(line)
}

/// A folder below `~`, as a shell would have given it.
fn at_home(mut line: Vec<String>, app: &App) -> Vec<String> {
    let named = line.iter().position(|argument| argument == "--repo");
    let folder = named.and_then(|at| line.get_mut(at + 1));
    if let Some(folder) = folder
        && let Some(below) = folder.strip_prefix("~/")
        && let Some(home) = app.environment.inherited.get("HOME")
    {
        *folder = format!("{home}/{below}");
    }
    line
}

/// The options of `ask` itself, with what the words say on top.
pub(super) fn merged(own: &GlobalArgs, said: &GlobalArgs, line: &[String]) -> GlobalArgs {
    let has = |name: &str| line.iter().any(|argument| argument == name);
    let mut out = own.clone();
    if has("--env") {
        out.env.clone_from(&said.env);
    }
    if has("--format") {
        out.format = said.format;
    }
    out.commit |= said.commit;
    out.write |= said.write;
    out.push |= said.push;
    out.dry_run |= said.dry_run;
    out.at = out.at.or(said.at);
    out.quiet |= said.quiet;
    out.verbose = out.verbose.max(said.verbose);
    if has("--fail-on") {
        out.fail_on = said.fail_on;
    }
    if has("--timeout") {
        out.timeout = said.timeout;
    }
    if has("--color") {
        out.color = said.color;
    }
    if has("--repo") {
        out.repo.clone_from(&said.repo);
    }
    // What an option of `ask` itself says of a file comes first.
    out.output = out.output.or_else(|| said.output.clone());
    out.record = out.record.or_else(|| said.record.clone());
    out.replay = out.replay.or_else(|| said.replay.clone());
    out
}

/// Whether a command line writes a file beside the repository, or works in another one, whose
/// programs it may run. Both need consent, too.
pub(super) fn leaves_the_repository(line: &[String]) -> bool {
    let name = |argument: &String| argument.split('=').next().unwrap_or_default().to_owned();
    let far = |name: &str| matches!(name, "--output" | "-o" | "--record" | "--repo" | "-C");
    line.iter().any(|argument| far(&name(argument)))
}

/// The error for a command line that this version does not have.
pub(crate) fn lacks(
    command_line: CommandLine,
    line: &[String],
    why: &str,
    instead: &[String],
) -> CommandError {
    let error = CommandError::usage(format!(
        "this version cannot do `{}`: {why}",
        show::command(line)
    ));
    match command_line.offer(instead) {
        Ok(_) if !instead.is_empty() => error.hint(format!(
            "the nearest that it has: {}",
            show::command(instead)
        )),
        _ => error.hint("`fractary --help` lists what it has"),
    }
}
