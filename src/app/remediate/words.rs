//! From what someone typed to a request.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::remediate::prepare::ActionRequest;
use crate::catalog::actions::Actions;
use crate::core::ask::{self, AskContext, Reading};
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
    /// Whether that is the resource of `--issue`.
    pub(crate) is_of_issue: bool,
    /// Names of programs that are actions too.
    pub(crate) programs: &'a BTreeSet<String>,
    /// `--set`.
    pub(crate) sets: &'a [(String, String)],
}

/// Reads what was typed: `ACTION RESOURCE`, options, or plain words.
pub(crate) fn read(
    typed: Typed<'_>,
    world: impl FnOnce() -> AskContext,
) -> Result<ActionRequest, CommandError> {
    let given: BTreeMap<String, String> = typed.sets.iter().cloned().collect();
    let is_action = |word: &str| {
        typed.programs.contains(word) || !Actions::built_in().called(word, None).is_empty()
    };
    // `restart api --issue infra-1`, as issues suggest it: what is named is meant.
    let is_named = match (typed.action, typed.words) {
        (Some(_), [_]) => true,
        (None, [action, _]) => is_action(action),
        _ => false,
    };
    let named_before = typed.resource.filter(|_| !(typed.is_of_issue && is_named));
    let (action, resource) = match (typed.action, named_before, typed.words) {
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
    let is_clear = reading.is_clear() || asks_for_given(&reading, action.as_deref(), &given);
    let (Some(action), Some(resource), true) = (action, service, is_clear) else {
        let shown = escape::terminal(text);
        let error = CommandError::usage(format!("it is not clear what `{shown}` is to change"));
        let all = reading.best.iter().chain(&reading.others);
        // Neither the command alone is a help, nor what only shows the history.
        let names_action = |words: &[String]| words.iter().any(|word| word == "--action");
        let candidates =
            all.filter(|one| one.command == "remediate" && names_action(&one.arguments));
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
    // `to 200` is a parameter; what `--set` says counts more.
    let arguments = meant.map(|best| best.arguments.as_slice());
    for pair in arguments.unwrap_or_default().windows(2) {
        let set = pair[1].split_once('=').filter(|_| pair[0] == "--set");
        if let Some((name, value)) = set {
            given.entry(name.to_owned()).or_insert(value.to_owned());
        }
    }
    Ok(ActionRequest {
        action,
        resource,
        given,
    })
}

/// Whether nothing is asked back but parameters that `--set` gives.
fn asks_for_given(
    reading: &Reading,
    action: Option<&str>,
    given: &BTreeMap<String, String>,
) -> bool {
    let missing = reading.best.as_ref().map(|best| &best.missing);
    let action = action.and_then(|action| Actions::built_in().get(action));
    let all_given = action.is_some_and(|action| {
        let mut parameters = action.parameters.iter();
        parameters.all(|(name, one)| one.default.is_some() || given.contains_key(name))
    });
    missing == Some(&reading.doubts) && all_given
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{AskContext, Typed, read};

    fn world() -> AskContext {
        let text = concat!(
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/data/ask/world.toml"
            )),
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/data/ask/commands.toml"
            ))
        );
        toml::from_str(text).expect("the world of the test is valid")
    }

    fn meant(words: &[&str], sets: &[(&str, &str)]) -> Result<String, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let sets: Vec<(String, String)> = sets
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let typed = Typed {
            words: &words,
            action: None,
            resource: None,
            is_of_issue: false,
            programs: &BTreeSet::new(),
            sets: &sets,
        };
        match read(typed, world) {
            Ok(request) => {
                let given = request.given.iter();
                let given: String = given
                    .map(|(name, value)| format!(" {name}={value}"))
                    .collect();
                Ok(format!("{} {}{given}", request.action, request.resource))
            }
            Err(error) => Err(format!("{error:?}")),
        }
    }

    #[test]
    fn words_are_an_action_with_its_parameters() {
        for (words, sets, wanted) in [
            (
                &["restart", "orders-api"][..],
                &[][..],
                "restart orders-api",
            ),
            (
                &["raise the connections of orders-db to 200"],
                &[],
                "increase_rds_connections orders-db connections=200",
            ),
            (
                &["raise the memory of checkout to 2 GB"],
                &[("memory", "1024")],
                "raise_lambda_memory checkout memory=1024",
            ),
            (
                &["scale checkout"],
                &[("concurrency", "50")],
                "scale_lambda checkout concurrency=50",
            ),
        ] {
            assert_eq!(meant(words, sets).as_deref(), Ok(wanted), "{words:?}");
        }
    }

    #[test]
    fn what_is_named_counts_more_than_what_the_issue_is_about() {
        let named = ["restart_lambda".to_owned(), "checkout".to_owned()];
        let programs = BTreeSet::new();
        for (action, words, wanted) in [
            (None, &named[..], "checkout"),
            (Some("restart_lambda"), &named[1..], "checkout"),
            (None, &named[..1], "orders-api"),
            (Some("restart_lambda"), &[], "orders-api"),
        ] {
            let typed = |is_of_issue| Typed {
                words,
                action,
                resource: Some("orders-api"),
                is_of_issue,
                programs: &programs,
                sets: &[],
            };
            let request = read(typed(true), world).expect("it is clear");
            assert_eq!(request.action, "restart_lambda", "{words:?}");
            assert_eq!(request.resource, wanted, "{words:?}");
            // Two names, one of them in `--service`, are one too many.
            let by_service = read(typed(false), world).map(|request| request.resource);
            let one = wanted == "orders-api";
            assert_eq!(by_service.is_ok(), one, "{words:?}");
        }
    }

    #[test]
    fn what_is_not_clear_is_asked_back() {
        for (words, sets, asked) in [
            ("scale checkout", &[][..], "how many"),
            ("scale checkout", &[("memory", "512")], "how many"),
            ("restart the zorblax", &[("count", "2")], "not clear"),
            ("is checkout healthy", &[], "not clear"),
        ] {
            let error = meant(&[words], sets).expect_err(words);
            assert!(error.contains(asked), "{words}: {error}");
            assert!(!error.contains("--history"), "{words}: {error}");
        }
    }
}
