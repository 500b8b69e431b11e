//! From what someone typed to a request.

use std::collections::BTreeMap;

use crate::app::remediate::prepare::ActionRequest;
use crate::catalog::actions::{Actions, ParameterKind};
use crate::core::ask::{self, AskContext};
use crate::core::remediate::find;
use crate::error::CommandError;
use crate::text::escape;

/// What was typed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Typed<'a> {
    /// Words that belong to no option.
    pub(crate) words: &'a [String],
    /// `--action`.
    pub(crate) action: Option<&'a str>,
    /// `--service`, or the resource of `--issue`.
    pub(crate) resource: Option<&'a str>,
    /// `--set`.
    pub(crate) sets: &'a [(String, String)],
}

/// Reads what was typed: `ACTION RESOURCE`, options, or plain words.
pub(crate) fn read(
    typed: Typed<'_>,
    world: impl FnOnce() -> AskContext,
) -> Result<ActionRequest, CommandError> {
    let given: BTreeMap<String, String> = typed.sets.iter().cloned().collect();
    let is_action = |word: &str| !Actions::built_in().called(word, None).is_empty();
    let (action, resource) = match (typed.action, typed.resource, typed.words) {
        (Some(action), Some(resource), []) => (action.to_owned(), resource.to_owned()),
        (Some(action), None, [resource]) => (action.to_owned(), resource.clone()),
        (None, Some(resource), [action]) if is_action(action) => {
            (action.clone(), resource.to_owned())
        }
        (None, None, [action, resource]) if is_action(action) => (action.clone(), resource.clone()),
        (None, resource, words) if !words.is_empty() => {
            return in_words(&words.join(" "), resource, given, world());
        }
        (Some(_), None, _) => return Err(lacks("no resource is named", "add `--service NAME`")),
        (None, Some(_), _) => {
            let hint = "name an action, such as `restart`; `fractary remediate --list` shows all";
            return Err(lacks("no action is named", hint));
        }
        _ => {
            let hint = "for instance: fractary remediate restart orders-api --env test";
            return Err(lacks("expected an action and a resource", hint));
        }
    };
    Ok(ActionRequest {
        action,
        resource,
        given,
    })
}

fn lacks(what: &str, hint: &str) -> CommandError {
    CommandError::usage(what).hint(hint)
}

/// Plain words, read as `ask` reads them.
fn in_words(
    text: &str,
    resource: Option<&str>,
    mut given: BTreeMap<String, String>,
    world: AskContext,
) -> Result<ActionRequest, CommandError> {
    let reading = ask::read(text, &world);
    let meant = reading
        .best
        .as_ref()
        .filter(|best| best.command == "remediate");
    let option = |name: &str| {
        let arguments = &meant?.arguments;
        let at = arguments.iter().position(|one| one == name)?;
        arguments.get(at + 1).cloned()
    };
    let (action, service) = (option("--action"), option("--service"));
    let service = resource.map(str::to_owned).or(service);
    let (Some(action), Some(resource), true) = (action, service, reading.is_clear()) else {
        let shown = escape::terminal(text);
        let error = CommandError::usage(format!("it is not clear what `{shown}` is to change"));
        let all = reading.best.iter().chain(&reading.others);
        let candidates = all.filter(|one| one.command == "remediate");
        let candidates: Vec<String> = candidates
            .map(|one| escape::terminal(&format!("fractary {}", one.arguments.join(" "))))
            .collect();
        let error = reading
            .doubts
            .iter()
            .fold(error, |error, doubt| error.hint(escape::terminal(doubt)));
        return Err(match candidates.is_empty() {
            true => error.hint("for instance: fractary remediate restart orders-api --env test"),
            false => error.hint(format!("candidates: {}", candidates.join("; "))),
        });
    };
    // `to 200` is the number, where the action has one.
    let known = Actions::built_in().get(&action);
    let numbers: Vec<&String> = known
        .into_iter()
        .flat_map(|action| &action.parameters)
        .filter(|(_, one)| matches!(one.kind, ParameterKind::Number { .. }))
        .map(|(name, _)| name)
        .collect();
    if let ([name], Some(number)) = (&numbers[..], find::only_number(text)) {
        given.entry((*name).clone()).or_insert(number.to_owned());
    }
    Ok(ActionRequest {
        action,
        resource,
        given,
    })
}
