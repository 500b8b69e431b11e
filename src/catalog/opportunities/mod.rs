//! Ways to save money, one file each: for which resources, when, what it costs before and after.
//!
//! How they are evaluated is said by [`crate::core::cost`]. The expressions ask about `resource`
//! (facts by the names of the Terraform provider), `usage` (statistics of metrics), `price` and
//! `cost` (US dollars), `size` (of an instance type), `related` (other resources), `environment`,
//! and `age_days`.

mod example;
mod form;
mod names;

use std::collections::{BTreeMap, BTreeSet};

pub use example::{GivenUsage, OpportunityExample, OpportunityVerdict};
pub use form::{CostPart, UsageMetric, WhenNoPoints};
pub use names::STATISTICS;

use crate::catalog::registry::{DataFile, Fault, Folder, Registry, folders};
use crate::expr::Expression;
use crate::model::opportunity::{Confidence, OpportunityAction, OpportunityEffort};

/// A way to save money on one type of resource.
#[derive(Debug, Clone)]
pub struct OpportunityRule {
    /// Name of its file.
    pub id: String,
    /// What to do, in a few words.
    pub title: String,
    /// Terraform type of the resources.
    pub applies_to: String,
    /// What to do, by its sort.
    pub action: OpportunityAction,
    /// How much work it is.
    pub effort: OpportunityEffort,
    /// Whether something is interrupted.
    pub restart_needed: bool,
    /// Whether it can be undone.
    pub rollback_possible: bool,
    /// How sure it is at best.
    pub confidence: Confidence,
    /// Whether it also saves on what another opportunity of the resource has left. Otherwise the
    /// two are alternatives.
    pub combines: bool,
    /// Whether the saving is an upper bound.
    pub at_most: bool,
    /// Days up to the last complete one over which metrics are read.
    pub window_days: u32,
    /// The fact that says since when the resource exists.
    pub created: Option<String>,
    /// Resources that it is about; all of the type where there is none.
    pub applies_when: Option<Expression>,
    /// Whether there is something to save.
    pub when: Expression,
    /// What makes it impossible for now: a condition, and what must be done first.
    pub blocked: Option<(Expression, String)>,
    /// What all of the resource costs a month, for people; the part where there is none.
    pub whole: Option<Expression>,
    /// What the part of it that changes costs a month now.
    pub part: Expression,
    /// What that part would cost a month then.
    pub after: Expression,
    /// Metrics by the names of `usage`.
    pub usage: BTreeMap<String, UsageMetric>,
    /// Keys of prices by the names of `price`.
    pub prices: BTreeMap<String, String>,
    /// What parts of it cost, by the names of `cost`.
    pub costs: BTreeMap<String, CostPart>,
    /// Numbers for the texts, by the names that stand between the braces.
    pub values: BTreeMap<String, Expression>,
    /// Sentences that explain it, with `{name}` in them.
    pub evidence: Vec<String>,
    /// What the saving assumes, because nothing measures it, with `{name}` in it.
    pub assumes: Option<String>,
    /// Why it matters and what to know before, for `--explain`.
    pub why: String,
    /// Commands that do it.
    pub commands: Vec<String>,
    /// The change in Terraform.
    pub terraform: Option<String>,
    examples: Vec<OpportunityExample>,
}

impl OpportunityRule {
    /// Returns the types of resources that rules need: those that they are about, and what may be
    /// in their way.
    pub fn types(rules: &Registry<Self>) -> BTreeSet<String> {
        let about = rules.iter().map(|rule| rule.applies_to.clone());
        about.chain(["aws_ami".to_owned()]).collect()
    }
}

impl DataFile for OpportunityRule {
    const FOLDER: Folder = folders::OPPORTUNITIES;
    const NOUN: &'static str = "opportunity";
    type Form = form::RuleForm;
    type Example = OpportunityExample;

    fn prove(id: &str, form: Self::Form) -> Result<Self, Fault> {
        form::prove(id, form)
    }

    fn examples(&self) -> &[Self::Example] {
        &self.examples
    }
}
