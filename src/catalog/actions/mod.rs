//! Actions that change a resource, one file each: what they do, for which kinds, with which
//! parameters and bounds, what they interrupt, how they are undone, and how success is checked.
//!
//! How they are planned is said by [`crate::core::remediate`]. Expressions ask about `resource`
//! (text by name), `parameters`, `current` (facts by the names of `[read.facts]`), `was` (the same
//! before anything was sent), `made` (answers of earlier writes), `token` (a new id for each
//! application) and `now` (the time, as text).

mod custom;
mod custom_parameters;
mod example;
mod fields;
mod form;
mod parameter;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

pub use custom::PROGRAM_FACT;
pub use example::{ActionExample, ActionVerdict, ExpectedWrite};
pub use fields::resource_fields;
pub use parameter::{Parameter, ParameterKind};

use crate::catalog::reads::Reads;
use crate::catalog::reads::resource_type::ResourceType;
use crate::catalog::registry::{DataError, DataFile, Fault, Folder, Registry, Step, folders};
use crate::catalog::writes::Writes;
use crate::expr::Expression;
use crate::model::paths::RepoPath;

/// What resource an expression may name: `resource.name`.
pub const RESOURCE_FIELDS: [&str; 10] = [
    "account",
    "arn",
    "cluster",
    "id",
    "label",
    "name",
    "partition",
    "region",
    "service_path",
    "stage",
];

/// An action.
#[derive(Debug, Clone)]
pub struct Action {
    /// Name of its file.
    pub id: String,
    /// What it does, in a few words: `Restart the function`.
    pub title: String,
    /// What it is called while it is confirmed: `RESTART`.
    pub verb: String,
    /// What happens, in a sentence.
    pub does: Template,
    /// The kinds it is for.
    pub kinds: Vec<String>,
    /// Names that stand for it, for a resource of its kinds.
    pub aliases: Vec<String>,
    /// Checks of health that it is tried against by itself, where `auto_remediate` allows it. What it
    /// cannot help against (an expired certificate, a bad deployment) is none of them.
    pub helps: Vec<String>,
    /// Whether it is only there to undo another.
    pub is_undo_only: bool,
    /// What users may notice.
    pub interruption: String,
    /// What requests notice.
    pub traffic: String,
    /// How much can go wrong.
    pub risk: Risk,
    /// What is required where no configuration names it.
    pub level: DefaultLevel,
    /// Whether sending its writes again does no harm.
    pub is_repeat_safe: bool,
    /// Seconds after the change before periods count.
    pub settle_seconds: u32,
    /// Seconds that AWS is given to make the change.
    pub limit_seconds: u32,
    /// Its parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// What is read before.
    pub reads: ResourceType,
    /// Facts that change by themselves: a proposal does not become stale by them.
    pub volatile: Vec<String>,
    /// Facts that are found in lists.
    pub before: BTreeMap<String, Before>,
    /// Values for texts.
    pub values: BTreeMap<String, Expression>,
    /// What is, in words.
    pub from: Template,
    /// What will be, in words.
    pub to: Template,
    /// When it is not done, and why.
    pub refuse: Vec<Objection>,
    /// What to know before.
    pub warn: Vec<Objection>,
    /// When there is nothing to do, and what to say then.
    pub nothing: Option<Objection>,
    /// What is sent, in this order.
    pub writes: Vec<Write>,
    /// Whether AWS has made the change.
    pub done: Expression,
    /// Whether AWS has given up.
    pub failed: Option<Objection>,
    /// When it is stopped while AWS is making the change, and how.
    pub stop: Option<Stop>,
    /// How it is undone.
    pub undo: Undo,
    /// The attribute in Terraform that will differ afterwards.
    pub terraform: Option<String>,
    /// What the Terraform code would have to say, by attribute, so that the next apply keeps it.
    pub code: BTreeMap<String, Expression>,
    /// The program that it is, in place of writes.
    pub program: Option<ActionProgram>,
    examples: Vec<ActionExample>,
}

/// A program of the repository, as the trusted commit has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionProgram {
    /// The file.
    pub path: RepoPath,
    /// Its arguments, with `{environment}`, `{resource}`, `{name}` and parameters in them.
    pub arguments: Vec<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Variables that it gets.
    pub variables: BTreeMap<String, String>,
}

/// How much can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Little.
    Low,
    /// Something.
    Medium,
    /// Much.
    High,
}

impl Risk {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What is required where no configuration names an action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultLevel {
    /// Consent.
    #[default]
    Confirm,
    /// It is never run.
    Never,
}

/// The entry of a list that comes before another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// The fact that is the list. Its entries end with a whole number, as `service:12` does.
    pub list: String,
    /// The fact before which the entry comes.
    pub than: String,
}

/// A text with `{name}` in it: a value, a parameter, or a field of the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub String);

/// A condition, and what to say where it holds.
#[derive(Debug, Clone)]
pub struct Objection {
    /// The condition.
    pub when: Expression,
    /// What to say.
    pub say: Template,
    /// The action that would do it.
    pub instead: Option<String>,
}

/// When an action is stopped that does not help, and how.
#[derive(Debug, Clone)]
pub struct Stop {
    /// The condition, and what to say then. It counts where it holds several times in a row: what
    /// AWS counts lags behind.
    pub objection: Objection,
    /// What stops it.
    pub write: Write,
    /// Whether AWS still makes the change, whoever watches it.
    pub running: Expression,
    /// The command by which people stop it, where nobody watches it any more.
    pub by_hand: Template,
}

/// A write.
#[derive(Debug, Clone)]
pub struct Write {
    /// The operation: `ecs:UpdateService`.
    pub operation: String,
    /// Its input.
    pub input: BTreeMap<String, Given>,
    /// Whether it is sent.
    pub when: Option<Expression>,
    /// What later writes call its answer.
    pub binding: Option<String>,
    /// What must hold before the next is sent.
    pub until: Option<Expression>,
    /// Seconds after which the next is sent all the same, where nothing has stopped it: how long a
    /// fault would take to show.
    pub enough_seconds: Option<Expression>,
    /// Codes of errors by which the service says that there is nothing left to do.
    pub already: Vec<String>,
    /// A map of texts that AWS replaces as a whole, and which has to be read just before.
    pub keep: Option<Keep>,
}

/// What is given for a member of an input.
#[derive(Debug, Clone)]
pub enum Given {
    /// What an expression comes to.
    Computed(Expression),
    /// Members.
    Members(BTreeMap<String, Given>),
    /// A list.
    List(Vec<Given>),
    /// A number or a truth value, as it is.
    Plain(Value),
}

/// A map that a write replaces as a whole. What is in it never leaves the connection: it is read,
/// completed and sent by the code that sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// The operation that reads it, with the same `FunctionName`.
    pub operation: String,
    /// The member of the answer and of the input that holds it: `Environment`.
    pub member: String,
    /// The map in it: `Variables`.
    pub map: String,
    /// The member in it that says why it could not be read: `Error`.
    pub error: String,
    /// The member by which the write is refused where something was changed meanwhile.
    pub revision: String,
    /// The entry that is set, or removed.
    pub entry: String,
    /// Whether it is removed.
    #[serde(default)]
    pub remove: bool,
    /// Most bytes of all names and values.
    pub most_bytes: usize,
}

/// How an action is undone.
#[derive(Debug, Clone)]
pub enum Undo {
    /// By another, with these parameters.
    By {
        /// The action.
        action: String,
        /// Its parameters, over what was before.
        parameters: BTreeMap<String, Expression>,
        /// The action where this is false, `otherwise`.
        when: Option<Expression>,
        /// The action that undoes it where `when` does not hold; without parameters.
        otherwise: Option<String>,
    },
    /// Not at all, for this reason.
    Cannot(String),
}

impl Action {
    /// Whether it is for resources of a kind.
    pub fn is_for(&self, kind: &str) -> bool {
        self.kinds.iter().any(|one| one == kind)
    }

    /// Whether a name means it: its own, or one of those that stand for it.
    pub fn is_called(&self, name: &str) -> bool {
        self.id == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// Returns the operations that planning it sends.
    pub fn read_operations(&self) -> Vec<&str> {
        self.reads.operations()
    }

    /// Returns the operations that applying it sends, without those of planning it.
    pub fn write_operations(&self) -> Vec<&str> {
        let stop = self.stop.iter().map(|stop| &stop.write);
        let all = self.writes.iter().chain(stop);
        let mut all: Vec<&str> = all.map(|it| it.operation.as_str()).collect();
        all.dedup();
        all
    }
}

static BUILT_IN: LazyLock<Actions> =
    LazyLock::new(|| Actions::read().expect("tests rule out that the built-in files are faulty"));

/// All actions.
#[derive(Debug)]
pub struct Actions(Registry<Action>);

impl Actions {
    /// Returns those that are built in.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads the built-in files.
    ///
    /// # Errors
    /// The fault of every file that has one.
    pub fn read() -> Result<Self, Vec<DataError>> {
        let all: Registry<Action> = Registry::load(&[])?;
        let ids: Vec<String> = all.iter().map(|action| action.id.clone()).collect();
        let faults = all.examine(crate::catalog::registry::Whose::Everyones, |action| {
            unknown_names(action, &ids)
        });
        match faults.is_empty() {
            true => Ok(Self(all)),
            false => Err(faults),
        }
    }

    /// Returns all of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Action> {
        self.0.iter()
    }

    /// Returns the action with this name.
    pub fn get(&self, id: &str) -> Option<&Action> {
        self.0.get(id)
    }

    /// Returns what a name means for a resource of a kind; more than one where it is ambiguous.
    pub fn called(&self, name: &str, kind: Option<&str>) -> Vec<&Action> {
        let fits = |action: &&Action| {
            action.is_called(name) && kind.is_none_or(|kind| action.is_for(kind))
        };
        self.iter().filter(fits).collect()
    }

    /// Returns the registry, for the tests that run the examples.
    pub fn registry(&self) -> &Registry<Action> {
        &self.0
    }
}

/// Operations and actions that a file names and that do not exist.
fn unknown_names(action: &Action, ids: &[String]) -> Vec<Fault> {
    let mut found = Reads::built_in().unknown_operations(&action.reads);
    let stop = action.stop.iter().map(|stop| &stop.write);
    for (index, write) in action.writes.iter().chain(stop).enumerate() {
        let at = |key: &str| -> [Step; 3] { ["write".into(), index.into(), key.into()] };
        if Writes::built_in().operation(&write.operation).is_none() {
            let message = format!("no service has the operation `{}`", write.operation);
            found.push(Fault::new(at("operation"), message));
        }
        let kept = write.keep.as_ref().map(|keep| &keep.operation);
        if kept.is_some_and(|name| Reads::built_in().operation(name).is_none()) {
            found.push(Fault::new(at("keep"), "no service has the operation"));
        }
    }
    let undo = match &action.undo {
        Undo::By {
            action, otherwise, ..
        } => vec![Some(action), otherwise.as_ref()],
        Undo::Cannot(_) => Vec::new(),
    };
    let objections = action.refuse.iter().map(|one| one.instead.as_ref());
    for name in undo.into_iter().chain(objections).flatten() {
        if !ids.contains(name) {
            let message = format!("there is no action `{name}`");
            found.push(Fault::new([Step::from("undo")], message));
        }
    }
    found
}

impl DataFile for Action {
    const FOLDER: Folder = folders::ACTIONS;
    const NOUN: &'static str = "action";
    type Form = form::ActionForm;
    type Example = ActionExample;

    fn prove(id: &str, form: Self::Form) -> Result<Self, Fault> {
        form::prove(id, form)
    }

    fn examples(&self) -> &[Self::Example] {
        &self.examples
    }
}
