//! A run of this program for a call.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::app::mcp::arguments::ToolCall;
use crate::process::{self, Program, Ran, StartError, Variables};

/// Most that a call takes. Commands that ask AWS end long before by their own `--timeout`.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// Most bytes of a document that are read before it is cut for the answer.
const MOST_READ: usize = 32 * 1024 * 1024;

/// What a workflow asks of a run, and no call is one.
const NOT_FOR_CALLS: [&str; 3] = ["GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];

/// Runs it to its end. Nothing of it is left when this future is dropped.
///
/// # Errors
/// [`StartError`] where this program could not be started again.
pub(crate) async fn run(program: &std::path::Path, call: &ToolCall) -> Result<Ran, StartError> {
    let own = program.as_os_str().to_owned();
    let words = call.arguments.iter().map(Into::into);
    let exec = std::iter::once(own).chain(words);
    let mut run = Program::new(exec, PathBuf::from("."), LIMIT);
    run.variables = Variables::InheritedWith(BTreeMap::from(
        NOT_FOR_CALLS.map(|name| (name.to_owned(), String::new())),
    ));
    run.input = call.input.as_ref().map(|text| text.clone().into_bytes());
    run.most_output = MOST_READ;
    process::run(&run).await
}
