//! What may be written in a file of errors.

use serde::Deserialize;

use super::{ErrorFile, KnownError, KnownStep, Shape};
use crate::catalog::registry::{Example, Fault, Shows, Step};
use crate::model::debug::{ErrorCategory, SolutionCategory};
use crate::text::template::fill;

/// What a command may have in braces.
pub(crate) const NAMES: &[&str] = &[
    "account",
    "address",
    "file",
    "lock_id",
    "name",
    "operation",
    "region",
    "resource_type",
];

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileForm {
    error: Vec<ErrorForm>,
    #[serde(default)]
    example: Vec<ExampleForm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorForm {
    id: String,
    title: String,
    category: ErrorCategory,
    solution: SolutionCategory,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    operations: Vec<String>,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    means: String,
    steps: Vec<StepForm>,
    never: Vec<String>,
    docs: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepForm {
    what: String,
    command: Option<String>,
    #[serde(default)]
    changes: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleForm {
    name: String,
    is: Option<String>,
    #[serde(default)]
    is_not: Vec<String>,
    text: String,
    source: Option<String>,
}

/// A text, and which known error it is.
#[derive(Debug, Clone)]
pub struct ErrorExample {
    name: String,
    /// The error that it is; `None` where it is none that is known, or where only `is_not` is said.
    pub is: Option<String>,
    /// Errors that it must not be, however near.
    pub is_not: Vec<String>,
    /// The text.
    pub text: String,
    /// Where such a text was seen, or which version of what wrote it.
    pub source: Option<String>,
}

impl Example for ErrorExample {
    fn name(&self) -> &str {
        &self.name
    }

    fn shows(&self) -> Shows {
        match &self.is {
            Some(_) => Shows::Passing,
            None if self.is_not.is_empty() => Shows::Unknown,
            None => Shows::Failing,
        }
    }
}

pub(super) fn prove(form: FileForm) -> Result<ErrorFile, Fault> {
    let ids: Vec<String> = form.error.iter().map(|one| one.id.clone()).collect();
    let mut errors = Vec::new();
    for (index, one) in form.error.into_iter().enumerate() {
        let at = [Step::from("error"), Step::from(index)];
        if ids[..index].contains(&one.id) {
            return Err(Fault::new([], format!("duplicate error `{}`", one.id)).below(at));
        }
        errors.push(error(one).map_err(|fault| fault.below(at))?);
    }
    let examples = form.example.into_iter().map(|one| ErrorExample {
        name: one.name,
        is: one.is,
        is_not: one.is_not,
        text: one.text,
        source: one.source,
    });
    Ok(ErrorFile {
        errors,
        examples: examples.collect(),
    })
}

/// Commands have no names in braces but those that a text can give.
fn check_commands(steps: &[StepForm]) -> Result<(), Fault> {
    for (index, step) in steps.iter().enumerate() {
        let known = |name: &str| NAMES.contains(&name).then(String::new);
        let filled = step.command.as_deref().map(|command| fill(command, known));
        if filled == Some(None) {
            let at = [
                Step::from("steps"),
                Step::from(index),
                Step::from("command"),
            ];
            let names = NAMES.join("`, `");
            return Err(Fault::new(at, "the command has an unknown name in braces")
                .fix(format!("known names: `{names}`")));
        }
    }
    Ok(())
}

fn error(form: ErrorForm) -> Result<KnownError, Fault> {
    let fault = |key: &str, message: &str| Fault::new([Step::from(key)], message);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if form.id.is_empty() || !form.id.chars().all(plain) {
        return Err(fault("id", "an id has small letters, digits and dashes"));
    }
    if form.codes.is_empty() && form.words.is_empty() {
        return Err(Fault::new([], "the error fits everything").fix("add `codes` or `words`"));
    }
    for words in &form.words {
        let pieces: Vec<&str> = words.split('*').collect();
        if *words != words.to_lowercase() || pieces.iter().any(|piece| piece.trim().is_empty()) {
            return Err(fault(
                "words",
                "words are lower case, with text around each `*`",
            ));
        }
    }
    if form.steps.is_empty() {
        return Err(fault("steps", "an error needs a step that helps"));
    }
    if form.never.is_empty() {
        return Err(fault("never", "say what must not be done about it"));
    }
    if !form.docs.starts_with("https://") {
        return Err(fault("docs", "the address of a page is needed"));
    }
    check_commands(&form.steps)?;
    let steps = form.steps.into_iter().map(|step| KnownStep {
        what: step.what,
        command: step.command,
        changes: step.changes,
    });
    Ok(KnownError {
        id: form.id,
        title: form.title,
        category: form.category,
        solution: form.solution,
        means: form.means,
        steps: steps.collect(),
        never: form.never,
        docs: form.docs,
        fits: Shape {
            codes: form.codes,
            operations: form.operations,
            services: form.services,
            types: form.types,
            words: form.words,
        },
    })
}
