//! The commands of this version, as their own definition tells them.

use serde::{Deserialize, Serialize};

use super::vocabulary::Intent;
use super::{Candidate, Utterance};

/// A command that can be run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct KnownCommand {
    /// Its name, with that of the command it is below: `issues show`.
    pub name: String,
    /// What it does, in one line.
    pub about: String,
    /// Its arguments and options; those that every command has are not among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<KnownPlace>,
}

/// An argument or option of a command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct KnownPlace {
    /// `--top`, or the name of an argument, `ID`.
    pub name: String,
    /// What stands for its value in the help; nothing where it is a switch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The values that there are, where they are few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What it says.
    pub about: String,
    /// Whether the command cannot do without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Whether it may be given more than once.
    #[serde(default, skip_serializing_if = "is_false")]
    pub many: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl KnownCommand {
    /// The option of this name, written without its dashes.
    pub(super) fn option(&self, name: &str) -> Option<&KnownPlace> {
        let mut places = self.places.iter();
        places.find(|place| place.option() == Some(name))
    }
}

impl KnownPlace {
    /// Its name without dashes, where it is an option.
    pub(super) fn option(&self) -> Option<&str> {
        self.name.strip_prefix("--")
    }

    /// Whether it is on or off, and takes no value.
    pub(super) fn is_switch(&self) -> bool {
        self.value.is_none()
    }
}

impl Utterance<'_> {
    /// The definition of the command of an intent, where this version has it.
    pub(super) fn command_of(&self, intent: &Intent) -> Option<&KnownCommand> {
        self.commands.iter().find(|one| one.name == intent.command)
    }

    /// The intent that a candidate is of; a command may have several, each with an example of its
    /// own.
    pub(super) fn intent_of(&self, best: &Candidate) -> Option<&'static Intent> {
        let mut intents = self.vocabulary.intents.iter();
        intents.find(|intent| intent.command == best.command && intent.example == best.example)
    }
}
