//! Common errors of Terraform and AWS: what they mean, what helps, and what never to do. A few
//! files by subject, each with many errors.
//!
//! An error fits where everything that it asks for is so. Of several that fit, the most specific
//! one counts: the one that asks for more, and then the one with the longest words. Which texts are
//! which error is proven by the examples.

mod form;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::catalog::registry::{DataFile, Fault, Folder, Registry, folders};
use crate::model::debug::{ErrorCategory, ErrorFacts, SolutionCategory};
use crate::text::Untrusted;

pub use form::ErrorExample;

/// A file of known errors.
#[derive(Debug, Clone)]
pub struct ErrorFile {
    /// Its errors, in their order.
    pub errors: Vec<KnownError>,
    examples: Vec<ErrorExample>,
}

/// A known error.
#[derive(Debug, Clone)]
pub struct KnownError {
    /// Its id, also that of its solution.
    pub id: String,
    /// What it is called, in a few words.
    pub title: String,
    /// What it is about.
    pub category: ErrorCategory,
    /// What its solution changes.
    pub solution: SolutionCategory,
    /// What it means, in a sentence or two.
    pub means: String,
    /// What to do, in order.
    pub steps: Vec<KnownStep>,
    /// What not to do.
    pub never: Vec<String>,
    /// Where AWS or Terraform describe it.
    pub docs: String,
    /// What makes a text this error.
    pub fits: Shape,
}

/// A step of a known error's solution.
#[derive(Debug, Clone)]
pub struct KnownStep {
    /// What to do, as a sentence without its full stop.
    pub what: String,
    /// The command, with `{name}` for what the text says.
    pub command: Option<String>,
    /// Whether it changes something.
    pub changes: bool,
}

/// What makes a text a known error; what is empty is not asked for.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Any of these codes.
    pub codes: Vec<String>,
    /// Any of these operations.
    pub operations: Vec<String>,
    /// Any of these services.
    pub services: Vec<String>,
    /// Any of these types of resources.
    pub types: Vec<String>,
    /// Any of these words, with `*` for anything between them. Lower case.
    pub words: Vec<String>,
}

/// How much a shape asks for; more is more specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity(u32, usize);

impl Shape {
    /// How specific the shape is, where an error has it. `text` is all that is said of the error,
    /// by [`searchable`].
    pub fn fits(&self, facts: &ErrorFacts, text: &str) -> Option<Specificity> {
        let same = |value: &Option<Untrusted>, of: &[String], stem: fn(&str) -> String| {
            let value = value.as_ref().map(|value| stem(value.raw()));
            of.is_empty() || value.is_some_and(|value| of.iter().any(|one| stem(one) == value))
        };
        let lower = |text: &str| text.to_lowercase();
        let fits = same(&facts.code, &self.codes, super::error_codes::stem)
            && same(&facts.operation, &self.operations, lower)
            && same(&facts.service, &self.services, lower)
            && same(&facts.resource_type, &self.types, lower);
        if !fits {
            return None;
        }
        let longest = self.words.iter().filter(|words| contains(text, words));
        let longest = longest.map(String::len).max();
        if !self.words.is_empty() && longest.is_none() {
            return None;
        }
        let asked = [
            (!self.words.is_empty(), 16),
            (!self.codes.is_empty(), 8),
            (!self.operations.is_empty(), 4),
            (!self.types.is_empty(), 2),
            (!self.services.is_empty(), 1),
        ];
        let asked = asked.iter().filter(|(is, _)| *is).map(|(_, weight)| weight);
        Some(Specificity(asked.sum(), longest.unwrap_or(0)))
    }
}

/// Whether the text has the pieces between the `*` in their order.
fn contains(text: &str, words: &str) -> bool {
    let mut rest = text;
    words.split('*').all(|piece| match rest.split_once(piece) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// A text as words are looked for in it: lower case, one blank between words.
pub fn searchable(text: &str) -> String {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// The known errors, by id.
#[derive(Debug)]
pub struct KnownErrors {
    by_id: BTreeMap<String, KnownError>,
}

impl KnownErrors {
    /// The built-in ones.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<KnownErrors> = LazyLock::new(|| {
            let files = Registry::<ErrorFile>::load(&[]).expect("tests rule out a faulty file");
            let all = files.iter().flat_map(|file| file.errors.iter().cloned());
            KnownErrors {
                by_id: all.map(|one| (one.id.clone(), one)).collect(),
            }
        });
        &BUILT_IN
    }

    /// The one with this id.
    pub fn get(&self, id: &str) -> Option<&KnownError> {
        self.by_id.get(id)
    }

    /// All, by id.
    pub fn iter(&self) -> impl Iterator<Item = &KnownError> {
        self.by_id.values()
    }

    /// All that fit, the most specific first; equally specific ones by id.
    pub fn fitting(&self, facts: &ErrorFacts) -> Vec<(Specificity, &KnownError)> {
        let text = searchable(facts.whole.raw());
        let mut found: Vec<(Specificity, &KnownError)> = self
            .iter()
            .filter_map(|one| Some((one.fits.fits(facts, &text)?, one)))
            .collect();
        found.sort_by_key(|one| std::cmp::Reverse(one.0));
        found
    }
}

impl DataFile for ErrorFile {
    const FOLDER: Folder = folders::ERRORS;
    const NOUN: &'static str = "file of errors";
    type Form = form::FileForm;
    type Example = ErrorExample;

    fn prove(_: &str, form: Self::Form) -> Result<Self, Fault> {
        form::prove(form)
    }

    fn examples(&self) -> &[Self::Example] {
        &self.examples
    }
}
