//! Blueprints of infrastructure, one file each: the words that choose it, its parameters, its
//! resources in Terraform's language with a reason each, and what comes with them.
//!
//! The expressions of a blueprint may name what is filled in when a design is made code:
//!
//! | expression | becomes |
//! |---|---|
//! | `param.x` | the value of a parameter, or the variable of a parameter that differs by environment |
//! | `name("files", 63)` | a name by the naming pattern, of at most 63 characters |
//! | `concat_name("/aws/lambda/", "api", 500)` | the same with something in front |
//! | `aws_s3_bucket.bucket.arn` | the resource with that label, of this blueprint or another one |
//! | `connections()` | what else of the design programs need to know, as a map |
//! | `connection_list()` | the same as a list of names and values |
//! | `widgets()` | the graphs of the design |
//! | `tag_filter()` | the tag of the project, as budgets write it |
//!
//! An attribute whose parameter has no value is left out, and so is a nested block with one.

mod example;
mod form;
mod parameter;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use example::{BlueprintExample, BlueprintVerdict};
pub use parameter::{Parameter, ParameterType, ParameterValue};

use crate::catalog::registry::{DataFile, Fault, Folder, Registry, folders};
use crate::hcl::{Expr, Item};

/// Functions that blueprints may call and Terraform does not know.
pub const FUNCTIONS: &[&str] = &[
    "concat_name",
    "connection_list",
    "connections",
    "name",
    "tag_filter",
    "widgets",
];

/// A part of an infrastructure.
#[derive(Debug, Clone)]
pub struct Blueprint {
    /// Name of its file.
    pub id: String,
    /// What it is, in a few words.
    pub title: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// What variables begin with after the name of the feature.
    pub short: String,
    /// Words and phrases that choose it.
    pub words: Vec<String>,
    /// Blueprints that it needs.
    pub needs: Vec<String>,
    /// What a drawing calls it.
    pub node: String,
    /// Who calls it, and how, where somebody outside does.
    pub caller: Option<(String, String)>,
    /// Its parameters.
    pub parameters: BTreeMap<String, Parameter>,
    /// What it is made of, in the order of the code.
    pub resources: Vec<BlueprintResource>,
    /// What the code gives to the outside.
    pub outputs: Vec<BlueprintOutput>,
    /// What programs of the design need to use it.
    pub provides: Provision,
    /// The policy document of the programs that it runs, as an address.
    pub runs: Option<String>,
    /// Its service levels.
    pub slos: Vec<BlueprintSlo>,
    /// Its graphs.
    pub widgets: Vec<BlueprintWidget>,
    /// Checks that it fails on purpose.
    pub accepts: Vec<AcceptedCheck>,
    /// What can go wrong.
    pub risks: Vec<BlueprintNote>,
    /// What a person has to decide.
    pub questions: Vec<BlueprintNote>,
    /// What could be built instead.
    pub alternatives: Vec<Alternative>,
    examples: Vec<BlueprintExample>,
}

/// A resource or a data source.
#[derive(Debug, Clone, PartialEq)]
pub struct BlueprintResource {
    /// Whether it is a data source.
    pub is_data: bool,
    /// Its Terraform type.
    pub resource_type: String,
    /// Its label; the name of the feature is put in front.
    pub label: String,
    /// Labels that it had in earlier versions.
    pub was: Vec<String>,
    /// Why it is there.
    pub because: String,
    /// When it is there.
    pub when: Condition,
    /// Its arguments and blocks.
    pub items: Vec<Item>,
}

/// When a part of a blueprint counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// A parameter that must have this value; any value other than `false` where none is named.
    pub when: Option<(String, Option<String>)>,
    /// A parameter that must have no value, or `false`.
    pub unless: Option<String>,
    /// A blueprint that must be in the design.
    pub with: Option<String>,
    /// Whether nothing in the design may run programs.
    pub alone: bool,
}

/// An output.
#[derive(Debug, Clone, PartialEq)]
pub struct BlueprintOutput {
    /// Its name; that of the feature is put in front.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// What it is.
    pub description: String,
}

/// What programs need to use something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Provision {
    /// Environment variables.
    pub variables: BTreeMap<String, Expr>,
    /// What they must be allowed to do.
    pub statements: Vec<ProvidedStatement>,
}

/// What somebody must be allowed to do.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvidedStatement {
    /// Actions of IAM.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<Expr>,
}

/// A service level.
#[derive(Debug, Clone, PartialEq)]
pub struct BlueprintSlo {
    /// What is measured.
    pub indicator: String,
    /// Its limit.
    pub target: f64,
    /// What is promised, with `{target}` in it.
    pub text: String,
    /// The address of its alarm.
    pub alarm: String,
}

/// A graph.
#[derive(Debug, Clone, PartialEq)]
pub struct BlueprintWidget {
    /// What it shows.
    pub title: String,
    /// Metrics as CloudWatch writes them.
    pub metrics: Vec<Expr>,
}

/// A check that a blueprint fails on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedCheck {
    /// The id of the check.
    pub check: String,
    /// Why.
    pub because: String,
}

/// A sentence, and when it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlueprintNote {
    /// The sentence.
    pub text: String,
    /// When it counts.
    pub when: Condition,
}

/// What could be built instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// What it is, and what it costs.
    pub text: String,
    /// What it costs a month, where it replaces the whole blueprint.
    pub monthly_usd: Option<f64>,
}

impl BlueprintResource {
    /// Returns its address with this name of a feature in front of the label; none in a blueprint.
    pub fn address(&self, feature: Option<&str>) -> String {
        let data = if self.is_data { "data." } else { "" };
        let label = match feature {
            Some(feature) => format!("{feature}_{}", self.label),
            None => self.label.clone(),
        };
        format!("{data}{}.{label}", self.resource_type)
    }
}

impl Blueprint {
    /// Returns the built-in ones.
    ///
    /// # Panics
    /// Never: tests rule out that a built-in file is faulty.
    pub fn built_in() -> &'static Registry<Self> {
        static ALL: LazyLock<Registry<Blueprint>> = LazyLock::new(|| {
            Registry::load(&[]).unwrap_or_else(|faults| {
                let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
                panic!(
                    "tests rule out that a file is faulty:\n{}",
                    shown.join("\n")
                )
            })
        });
        &ALL
    }
}

impl DataFile for Blueprint {
    const FOLDER: Folder = folders::BLUEPRINTS;
    const NOUN: &'static str = "blueprint";
    type Form = form::BlueprintForm;
    type Example = BlueprintExample;

    fn prove(id: &str, form: Self::Form) -> Result<Self, Fault> {
        form::prove(id, form)
    }

    fn examples(&self) -> &[Self::Example] {
        &self.examples
    }
}
