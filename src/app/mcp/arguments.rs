//! From the arguments of a call to a command line that changes nothing.

use serde_json::{Map, Value};

use crate::app::command_line::CommandLine;
use crate::app::mcp::offered::{
    ArgumentPlace, ArgumentShape, OfferedTool, ToolArgument, ValueType,
};
use crate::app::options::GlobalArgs;
use crate::app::tool::ToolManner;
use crate::core::ask::quoted;
use crate::text::escape;

/// Longest argument of a command line, in bytes; and most of one that is read as a text.
const LONGEST: usize = 4 * 1024;
const LONGEST_INPUT: usize = 1024 * 1024;
/// Most values of one argument.
const MOST_VALUES: usize = 100;

/// A call that may be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// The command line, without the program.
    pub(crate) arguments: Vec<String>,
    /// Standard input.
    pub(crate) input: Option<String>,
    /// What a person runs, where the tool only proposes.
    pub(crate) for_a_person: Option<String>,
}

/// Where the runs of a server look: what its own command line says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grounds {
    /// `--repo`.
    pub(crate) repo: String,
    /// `--env`, for calls that name none.
    pub(crate) environments: Vec<String>,
    /// `--at`.
    pub(crate) at: Option<String>,
    /// `--replay`.
    pub(crate) replay: Option<String>,
}

impl Grounds {
    /// Takes them from the options of the server.
    pub(crate) fn from_options(options: &GlobalArgs) -> Self {
        Self {
            repo: options.repo.to_string_lossy().into_owned(),
            environments: options.env.iter().map(ToString::to_string).collect(),
            at: options.at.map(|at| at.to_string()),
            replay: options
                .replay
                .as_ref()
                .map(|file| file.to_string_lossy().into_owned()),
        }
    }
}

/// Makes the command line of a call.
///
/// # Errors
/// What is wrong with the arguments, in words for the caller.
pub(crate) fn read(
    command_line: CommandLine,
    tool: &OfferedTool,
    given: &Map<String, Value>,
    grounds: &Grounds,
) -> Result<ToolCall, String> {
    refuse_unknown(tool, given)?;
    let mut words = vec![tool.command.to_owned()];
    words.extend(tool.tool.words.iter().map(|word| (*word).to_owned()));
    if grounds.repo != "." {
        words.push(format!("--repo={}", grounds.repo));
    }
    let (mut positional, mut input) = (Vec::new(), None);
    for argument in &tool.arguments {
        let values = match given.get(&argument.name) {
            None | Some(Value::Null) if argument.required => {
                return Err(format!("`{}` is missing", argument.name));
            }
            None | Some(Value::Null) => default_values(argument, grounds),
            Some(value) => values(argument, value)?,
        };
        match &argument.place {
            ArgumentPlace::Option(long) if argument.shape == ArgumentShape::Flag => {
                words.extend(values.iter().map(|_| format!("--{long}")));
            }
            ArgumentPlace::Option(long) => {
                words.extend(values.iter().map(|value| format!("--{long}={value}")));
            }
            ArgumentPlace::Positional => positional.extend(values),
            ArgumentPlace::Input => input = values.into_iter().next(),
        }
    }
    let for_a_person = (tool.tool.manner == ToolManner::Proposes).then(|| {
        let mut shown = vec!["fractary".to_owned()];
        shown.extend(words.iter().cloned());
        append(&mut shown, &positional);
        quoted(&shown)
    });
    words.extend(how_it_runs(tool, grounds));
    append(&mut words, &positional);
    refuse_changes(command_line, tool.tool.manner, &words)?;
    Ok(ToolCall {
        arguments: words,
        input,
        for_a_person,
    })
}

/// The options that no caller decides about.
fn how_it_runs(tool: &OfferedTool, grounds: &Grounds) -> Vec<String> {
    let mut options = vec!["--format=json".to_owned(), "--color=never".to_owned()];
    if tool.tool.manner == ToolManner::Proposes {
        options.push("--dry-run".to_owned());
    }
    options.extend(grounds.at.as_ref().map(|at| format!("--at={at}")));
    options.extend(
        grounds
            .replay
            .as_ref()
            .map(|file| format!("--replay={file}")),
    );
    options
}

/// Positional arguments; what looks like an option is none behind `--`.
fn append(words: &mut Vec<String>, positional: &[String]) {
    if positional.iter().any(|value| value.starts_with('-')) {
        words.push("--".to_owned());
    }
    words.extend(positional.iter().cloned());
}

fn refuse_unknown(tool: &OfferedTool, given: &Map<String, Value>) -> Result<(), String> {
    let known: Vec<&str> = tool.arguments.iter().map(|one| one.name.as_str()).collect();
    match given.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let name = escape::terminal(&escape::cut(name, 60));
            let known = match known.is_empty() {
                true => "it takes none".to_owned(),
                false => format!("available arguments: {}", known.join(", ")),
            };
            Err(format!("`{}` has no argument `{name}`; {known}", tool.name))
        }
    }
}

fn default_values(argument: &ToolArgument, grounds: &Grounds) -> Vec<String> {
    match &argument.place {
        ArgumentPlace::Option(long) if long == "env" => grounds.environments.clone(),
        _ => Vec::new(),
    }
}

/// The values of an argument as the command line has them.
fn values(argument: &ToolArgument, given: &Value) -> Result<Vec<String>, String> {
    let name = &argument.name;
    let values = match (&argument.shape, given) {
        (ArgumentShape::Flag, Value::Bool(true)) => return Ok(vec![String::new()]),
        (ArgumentShape::Flag, Value::Bool(false)) => return Ok(Vec::new()),
        (ArgumentShape::Flag, _) => return Err(format!("`{name}` is true or false")),
        (ArgumentShape::One(kind), one) => vec![value(name, kind, one)?],
        (ArgumentShape::Many(kind), Value::Array(all)) => {
            let all = all.iter().map(|one| value(name, kind, one));
            all.collect::<Result<Vec<String>, String>>()?
        }
        (ArgumentShape::Many(kind), one) => vec![value(name, kind, one)?],
    };
    if values.len() > MOST_VALUES {
        return Err(format!("`{name}` has more than {MOST_VALUES} values"));
    }
    if argument.required && values.is_empty() {
        return Err(format!("`{name}` is empty"));
    }
    let is_input = argument.place == ArgumentPlace::Input;
    let longest = if is_input { LONGEST_INPUT } else { LONGEST };
    for value in &values {
        if value.len() > longest {
            return Err(format!("`{name}` is longer than {longest} bytes"));
        }
        // They could not be told apart by whoever runs the command that is proposed.
        if !is_input && value.chars().any(escape::is_hidden) {
            return Err(format!("`{name}` has characters that cannot be seen"));
        }
    }
    Ok(values)
}

fn value(name: &str, kind: &ValueType, given: &Value) -> Result<String, String> {
    match (kind, given) {
        (ValueType::Text, Value::String(text)) => Ok(text.clone()),
        (ValueType::OneOf(known), Value::String(text)) if known.contains(text) => Ok(text.clone()),
        (ValueType::OneOf(known), _) => Err(format!("`{name}` is one of {}", known.join(", "))),
        // Numbers are often written as texts, and texts of digits as numbers.
        (_, Value::Number(number)) => Ok(number.to_string()),
        (ValueType::Count | ValueType::Number, Value::String(text)) => Ok(text.clone()),
        (ValueType::Text, _) => Err(format!("`{name}` is a text")),
        (ValueType::Count | ValueType::Number, _) => Err(format!("`{name}` is a number")),
    }
}

/// The last lock: whatever was given, the command line is read as the program will read it, and
/// is run only if it changes nothing.
fn refuse_changes(
    command_line: CommandLine,
    manner: ToolManner,
    words: &[String],
) -> Result<(), String> {
    let parsed = command_line.offer(words)?;
    let options = &parsed.options;
    let writes = options.commit
        || options.write
        || options.push
        || options.record.is_some()
        || options.output.is_some();
    let only_shows = match manner {
        ToolManner::Reads => !parsed.command.effect().changes(options),
        ToolManner::Proposes => options.dry_run,
    };
    match only_shows && !writes {
        true => Ok(()),
        false => Err("these arguments would change something, which no tool does".to_owned()),
    }
}
