//! Slash names and the names of old managers' operations → today's command lines.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::actions;
use super::instead::kind_of;
use super::vocabulary::{Intent, VOCABULARY};
use super::{AskContext, KnownCommand};

/// A command line that was given by an old name.
#[derive(Debug, Clone)]
pub struct Renamed {
    /// The old name, with its operation.
    pub old: String,
    /// The new command line, without the program's name.
    pub arguments: Vec<String>,
    /// What it means. For `director`, which is `ask`, a stand-in.
    pub intent: Intent,
    /// Options that were left out, and why.
    pub dropped: Vec<(String, String)>,
    /// Whether the name is of the past; a command line of today is none.
    pub deprecated: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    slash: BTreeMap<String, String>,
    managers: BTreeMap<String, String>,
    operations: BTreeMap<String, BTreeMap<String, String>>,
    options: BTreeMap<String, String>,
    dropped: BTreeMap<String, String>,
    order: Order,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    options: Vec<String>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    toml::from_str(include_str!("old_names.toml"))
        .expect("the names are part of the program, and a test reads them")
});

/// Whether a first argument is an old name, known or not: what begins with a slash and has a
/// colon, or a manager.
pub fn is_old(first: &str) -> bool {
    let slash = first
        .strip_prefix('/')
        .is_some_and(|name| name.contains(':') && !name.contains('/'));
    slash || NAMES.managers.contains_key(first)
}

/// All old names with the command of each, for messages, documents and tests.
pub fn table() -> Vec<(String, String)> {
    let names = &*NAMES;
    let mut out = Vec::new();
    let operations = |manager: &str, sort: &str, out: &mut Vec<(String, String)>| {
        for (operation, command) in names.operations.get(sort).into_iter().flatten() {
            out.push((format!("{manager} {operation}"), command.clone()));
        }
    };
    for (slash, command) in &names.slash {
        match command.strip_prefix('=') {
            Some(sort) => operations(&format!("/{slash}"), sort, &mut out),
            None => out.push((format!("/{slash}"), command.clone())),
        }
    }
    for (manager, sort) in &names.managers {
        operations(manager, sort, &mut out);
    }
    out
}

/// Translates a command line that begins with an old name, or that is one of today's already.
/// `None` where it is neither.
pub fn translate(arguments: &[String], world: &AskContext) -> Option<Renamed> {
    let arguments = match arguments {
        [first, rest @ ..] if first == "fractary" => rest,
        all => all,
    };
    let first = arguments.first()?;
    let (command, used) = command_of(first, arguments.get(1))?;
    let deprecated = is_old(first);
    let old = arguments[..used].join(" ");
    // `status --domain content`: a name may stand for options as well.
    let (command, more) = match command.split_once(" --") {
        Some((command, options)) => (command.to_owned(), split(&format!("--{options}"))),
        None => (command, Vec::new()),
    };
    let intent = intent_of(&command)?;
    let mut parts = Parts::default();
    let mut commands = world.commands.iter();
    let known = commands.find(|one| one.name == command);
    let given = [more.as_slice(), &arguments[used..]].concat();
    parts.read(&command, &given, known);
    if command == "remediate" {
        parts.actions(world);
    }
    let query_logs = command == "investigate"
        && parts
            .positional
            .first()
            .is_some_and(|words| words == "query logs");
    let (intent, command) = match query_logs {
        true => {
            parts.positional.remove(0);
            (intent_of("logs")?, "logs".to_owned())
        }
        false => (intent, command),
    };
    Some(Renamed {
        old,
        arguments: parts.line(&command),
        intent,
        dropped: parts.dropped,
        deprecated,
    })
}

/// The command of a first argument, and how many arguments named it.
fn command_of(first: &str, second: Option<&String>) -> Option<(String, usize)> {
    let names = &*NAMES;
    let operation = |sort: &str| {
        let command = names.operations.get(sort)?.get(second?)?;
        Some((command.clone(), 2))
    };
    if let Some(slash) = first.strip_prefix('/') {
        let command = names.slash.get(slash)?;
        return match command.strip_prefix('=') {
            Some(sort) => operation(sort),
            None => Some((command.clone(), 1)),
        };
    }
    if let Some(sort) = names.managers.get(first) {
        return operation(sort);
    }
    // One of today's, with options behind it; without, it is read as words.
    let second = second?;
    let flag = |text: &str| {
        text.strip_prefix("--")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    let known = VOCABULARY
        .intents
        .iter()
        .any(|intent| intent.command == first);
    (known && flag(second)).then(|| (first.to_owned(), 1))
}

fn intent_of(command: &str) -> Option<Intent> {
    if command == "ask" {
        let mut stand_in = VOCABULARY.intents.first()?.clone();
        "ask".clone_into(&mut stand_in.command);
        stand_in.write = true;
        return Some(stand_in);
    }
    VOCABULARY
        .intents
        .iter()
        .find(|intent| intent.command == command)
        .cloned()
}

#[derive(Debug, Default)]
struct Parts {
    positional: Vec<String>,
    options: Vec<(String, Option<String>)>,
    dropped: Vec<(String, String)>,
}

impl Parts {
    fn read(&mut self, command: &str, arguments: &[String], known: Option<&KnownCommand>) {
        let mut rest = arguments.iter().peekable();
        while let Some(argument) = rest.next() {
            let joined = match rest.peek() {
                Some(next) if !argument.contains('=') => format!("{argument}={next}"),
                _ => argument.clone(),
            };
            if let Some((known, why)) = NAMES
                .dropped
                .iter()
                .find(|(known, _)| **known == *argument || **known == joined)
                .filter(|(dropped, _)| !has(known, dropped))
            {
                self.dropped.push(((*known).clone(), why.clone()));
                if known != argument {
                    rest.next();
                }
                continue;
            }
            let Some(option) = argument
                .strip_prefix("--")
                .filter(|option| !option.is_empty())
            else {
                self.positional.push(argument.clone());
                continue;
            };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None if is_switch(name_of(option)) => (option, None),
                None => (
                    option,
                    rest.next_if(|next| !next.starts_with("--")).cloned(),
                ),
            };
            let name = NAMES.options.get(name).map_or(name, String::as_str);
            match value {
                // Old issues were words; today's are ids.
                Some(words)
                    if command == "investigate" && name == "issue" && !looks_like_id(&words) =>
                {
                    self.positional.push(words);
                }
                value => self.options.push((name.to_owned(), value)),
            }
        }
    }

    /// `restart` is the action of the service's kind.
    fn actions(&mut self, world: &AskContext) {
        let service = self
            .options
            .iter()
            .find(|(name, _)| name == "service")
            .and_then(|(_, value)| value.clone());
        let kind = service
            .as_deref()
            .map(|name| kind_of(name, world).unwrap_or_else(|| kind_by_name(name)));
        for (name, value) in &mut self.options {
            let Some(verb) = value.as_deref().filter(|_| name == "action") else {
                continue;
            };
            let known = VOCABULARY.actions.get(verb);
            let names = known.cloned().unwrap_or_else(|| vec![verb.to_owned()]);
            // Without a service, the old name meant a function.
            if let Some(action) = actions::called(&names, kind.unwrap_or("lambda")) {
                *value = Some(action.id.clone());
            }
        }
    }

    fn line(&self, command: &str) -> Vec<String> {
        let mut out: Vec<String> = command.split(' ').map(str::to_owned).collect();
        out.extend(self.positional.iter().cloned());
        let rank = |name: &str| {
            NAMES
                .order
                .options
                .iter()
                .position(|known| known == name)
                .unwrap_or(usize::MAX)
        };
        let mut options: Vec<&(String, Option<String>)> = self.options.iter().collect();
        options.sort_by_key(|(name, _)| rank(name));
        for (name, value) in options {
            out.push(format!("--{name}"));
            out.extend(value.clone());
        }
        out
    }
}

/// Whether a command of today has the option that others did without.
fn has(command: Option<&KnownCommand>, option: &str) -> bool {
    let name = option.strip_prefix("--").unwrap_or(option);
    command.is_some_and(|command| command.option(name).is_some())
}

fn name_of(option: &str) -> &str {
    option.split('=').next().unwrap_or(option)
}

fn is_switch(name: &str) -> bool {
    matches!(
        name,
        "critical"
            | "high"
            | "medium"
            | "low"
            | "resolved"
            | "all"
            | "yes"
            | "commit"
            | "write"
            | "no-commit"
            | "dry-run"
            | "push"
            | "quiet"
            | "verbose"
            | "refresh"
            | "stored"
            | "strict"
            | "offline"
            | "prune"
            | "help"
            | "propose"
            | "history"
    )
}

fn looks_like_id(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text.contains('-')
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// The kind that a name tells of: `api-lambda`.
fn kind_by_name(name: &str) -> &'static str {
    let has = |words: &[&str]| {
        name.split(['-', '_', '.'])
            .any(|part| words.contains(&part))
    };
    if has(&["rds", "db", "database", "postgres", "mysql"]) {
        "rds"
    } else if has(&["ecs", "service", "worker", "container", "task"]) {
        "ecs"
    } else {
        "lambda"
    }
}

/// An utterance as arguments: spaces part them, quotes hold them together. No shell, and
/// nothing of one.
pub fn split(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => current.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                current.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => out.extend(current.take()),
            (None, c) => current.get_or_insert_default().push(c),
        }
    }
    out.extend(current);
    out
}
