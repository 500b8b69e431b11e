//! Signatures of causes, one file each: what must be seen, what speaks for it and against it, the
//! sentence of the cause, and what to do.
//!
//! How they are evaluated is said by [`crate::core::investigate::signatures`]. A signature is
//! held against one resource at a time, the one that would be at fault; its signs are looked for
//! in that resource and in its callers.

mod example;
mod form;

use std::sync::LazyLock;

use regex::Regex;

pub use example::{SignatureExample, SignatureVerdict};

use crate::catalog::registry::{DataFile, Fault, Folder, Registry, folders};
use crate::model::investigation::ChangeSource;

/// What a cause looks like.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Name of its file.
    pub id: String,
    /// The cause in a few words.
    pub title: String,
    /// The kinds of resources that can be at fault; any where there is none.
    pub kinds: Vec<String>,
    /// The cause in a sentence without a full stop, with `{resource}` in it.
    pub cause: String,
    /// Whether it counts only what no signature that is more specific explains.
    pub generic: bool,
    /// What must be seen: of every group, one sign.
    pub must: Vec<Vec<Sign>>,
    /// What speaks for it, beside what must be seen.
    pub supports: Vec<Sign>,
    /// What speaks against it. It is not confirmed where such a sign is seen.
    pub against: Vec<Sign>,
    /// What a person can do.
    pub recommendations: Vec<String>,
    /// Names of actions that help.
    pub actions: Vec<String>,
    examples: Vec<SignatureExample>,
}

impl Signature {
    /// Returns the built-in signatures.
    ///
    /// # Panics
    /// Never: tests rule out that a built-in file is faulty.
    pub fn built_in() -> &'static Registry<Self> {
        static SIGNATURES: LazyLock<Registry<Signature>> =
            LazyLock::new(|| Registry::load(&[]).expect("tests rule out that a file is faulty"));
        &SIGNATURES
    }

    /// Returns every sign with whether it must be seen, speaks for it, or against it.
    pub fn signs(&self) -> impl Iterator<Item = &Sign> {
        let must = self.must.iter().flatten();
        must.chain(&self.supports).chain(&self.against)
    }
}

/// Something that is seen, or not.
#[derive(Debug, Clone)]
pub struct Sign {
    /// Where it is looked for.
    pub on: SignPlace,
    /// What is looked for.
    pub test: SignTest,
}

/// Where a sign is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignPlace {
    /// In the resource at fault.
    #[default]
    Resource,
    /// In what calls it.
    Callers,
    /// In either.
    Either,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub enum SignTest {
    /// Log lines that fit.
    Log {
        /// What fits.
        pattern: Regex,
        /// Whether lines count that were as frequent before.
        steady: bool,
    },
    /// Values of a metric or an indicator.
    Metric {
        /// Its id in the kind; of several, each that the resource has.
        ids: Vec<String>,
        /// What is said of them.
        test: MetricTest,
    },
    /// A change that was made before.
    Change {
        /// What fits its summary.
        pattern: Regex,
        /// Where it is known from; anywhere where there is none.
        sources: Vec<ChangeSource>,
        /// At most so many minutes before the symptom.
        within_minutes: u32,
    },
    /// What AWS says of the state.
    State {
        /// What fits.
        pattern: Regex,
    },
}

/// What is said of the values of a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricTest {
    /// One is as high as this.
    AtLeast(f64),
    /// One is as low as this.
    AtMost(f64),
    /// One is so many times what is usual.
    Rises(f64),
    /// One is what is usual divided by so much.
    Falls(f64),
}

impl DataFile for Signature {
    const FOLDER: Folder = folders::SIGNATURES;
    const NOUN: &'static str = "signature";
    type Form = form::SignatureForm;
    type Example = SignatureExample;

    fn prove(id: &str, form: Self::Form) -> Result<Self, Fault> {
        form::prove(id, form)
    }

    fn examples(&self) -> &[Self::Example] {
        &self.examples
    }
}
