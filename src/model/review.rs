//! The answer of `fractary review`: is a change safe to merge, and why not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::ids::{CommitId, EnvironmentName};
use crate::model::paths::RepoPath;
use crate::model::plan::PlanCounts;
use crate::model::running_cost::{MonthlyUsd, PlannedCost};
use crate::model::status::Severity;
use crate::text::Untrusted;

/// What a review says of a change, from best to worst.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewVerdict {
    /// Nothing that was examined speaks against it.
    #[default]
    Pass,
    /// A person should decide.
    Warn,
    /// It must not be merged like this.
    Block,
}

impl ReviewVerdict {
    /// Returns the word, as in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Block => "BLOCK",
        }
    }

    /// Returns a sign that carries the meaning without colour.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Pass => "✓",
            Self::Warn => "⚠",
            Self::Block => "✗",
        }
    }
}

impl fmt::Display for ReviewVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A part of the report, in its order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReviewSection {
    /// The files of `.fractary/`.
    State,
    /// What the plans do.
    Plan,
    /// What they open.
    Security,
    /// What they cost.
    Cost,
    /// What runs where they change something.
    Operations,
}

impl ReviewSection {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 5] = [
        Self::State,
        Self::Plan,
        Self::Security,
        Self::Cost,
        Self::Operations,
    ];

    /// Returns its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::Plan => "Plan",
            Self::Security => "Security",
            Self::Cost => "Cost",
            Self::Operations => "Operations",
        }
    }
}

/// A whole review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(title = "review")]
pub struct Review {
    /// Version of this format, `1.0.0`.
    pub version: String,
    /// `review`.
    pub kind: String,
    /// The answer.
    pub verdict: ReviewVerdict,
    /// The environment that the plans are for, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// The newest commit of the branch that the change goes to.
    pub base: Option<CommitId>,
    /// The commit under review.
    pub head: Option<CommitId>,
    /// The plans, in the order given.
    pub plans: Vec<ReviewedPlan>,
    /// What was found, worst first.
    pub findings: Vec<ReviewFinding>,
    /// What decided: every rule that was triggered, and how to clear it.
    pub rules: Vec<TriggeredRule>,
    /// What a suppression of the base branch covers.
    pub suppressed: Vec<ReviewFinding>,
    /// What was not examined, and why.
    pub not_looked_at: Vec<Untrusted>,
}

/// Where a finding is in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SourcePlace {
    /// The file, from the root of the repository.
    #[schemars(with = "String")]
    pub file: RepoPath,
    /// The line, from 1: the first one that the change touches of what the finding is about, else
    /// where that begins.
    pub line: u32,
    /// Whether the change touches it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
}

/// Something that a reviewer should know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReviewFinding {
    /// The same on every run, as long as it is about the same: 12 hexadecimal digits.
    pub id: String,
    /// The part of the report that it belongs to.
    pub section: ReviewSection,
    /// The rule that found it, for instance `data-loss`.
    pub rule: String,
    /// How urgent.
    pub severity: Severity,
    /// The verdict that it asks for.
    pub effect: ReviewVerdict,
    /// What it is about: the address of a resource, a directory or a file.
    pub subject: Untrusted,
    /// One line.
    pub title: Untrusted,
    /// Sentences that prove it.
    pub evidence: Vec<Untrusted>,
    /// How to clear it.
    pub fix: Untrusted,
    /// Where it is in the source, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<SourcePlace>,
    /// Whether this change introduces it.
    pub new: bool,
    /// Why it does not count: reason, owner and last day of the suppression on the base branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed_because: Option<Untrusted>,
}

/// A rule that was triggered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TriggeredRule {
    /// Its name.
    pub rule: String,
    /// The verdict that it asks for.
    pub verdict: ReviewVerdict,
    /// How many findings triggered it.
    pub count: usize,
    /// What triggered it, the worst first; not all where there are many.
    pub triggered_by: Vec<Untrusted>,
    /// How to clear it.
    pub clear: Untrusted,
}

/// One plan under review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReviewedPlan {
    /// The directory of its configuration, `.` for the root of the repository.
    pub directory: Untrusted,
    /// The file that it was read from.
    pub file: Untrusted,
    /// Whether it could be read.
    pub readable: bool,
    /// Version of the tool that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_version: Option<Untrusted>,
    /// Whether applying it makes everything as configured; `null` where the plan does not say.
    pub complete: Option<bool>,
    /// Whether planning failed.
    pub errored: bool,
    /// Whether it was made from exactly the source under review; `null` where nothing says so.
    pub bound: Option<bool>,
    /// How many objects it does what with.
    pub counts: PlanCounts,
    /// Terraform's own line.
    pub summary: String,
    /// What it changes, dangerous things first; not all where there are many.
    pub changes: Vec<ReviewedChange>,
    /// How many changes are not listed.
    pub more_changes: usize,
    /// Outputs that change.
    pub outputs: Vec<AttributeDifference>,
    /// What it costs; absent where it is unreadable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<PlannedCost>,
}

/// One change of a plan, as people read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReviewedChange {
    /// Its address.
    pub address: Untrusted,
    /// What is done: `create`, `update`, `replace`, `delete`, `forget`, `move`, …
    pub action: Untrusted,
    /// The sign that Terraform prints for it.
    pub sign: String,
    /// Whether something that holds data is destroyed.
    pub loses_data: bool,
    /// What has to be known about it: why it is replaced, where it moved from.
    pub notes: Vec<Untrusted>,
    /// The attributes that differ.
    pub differences: Vec<AttributeDifference>,
    /// How many differences are not listed.
    pub more_differences: usize,
}

/// One attribute that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AttributeDifference {
    /// Its path, for instance `ingress[0].from_port`.
    pub path: Untrusted,
    /// Its value before; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Untrusted>,
    /// Its value afterwards; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Untrusted>,
    /// The differing lines of a long text, in place of the values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Untrusted>,
    /// Whether it makes a replacement necessary.
    #[serde(default)]
    pub forces_replacement: bool,
}

impl Review {
    /// Changes every text from outside in it.
    pub fn map_texts(&mut self, change: &dyn Fn(&mut Untrusted)) {
        for plan in &mut self.plans {
            plan.map_texts(change);
        }
        for finding in self.findings.iter_mut().chain(&mut self.suppressed) {
            finding.map_texts(change);
        }
        for rule in &mut self.rules {
            rule.triggered_by.iter_mut().for_each(change);
            change(&mut rule.clear);
        }
        self.not_looked_at.iter_mut().for_each(change);
    }

    /// Returns the findings of a section, worst first.
    pub fn of_section(&self, section: ReviewSection) -> impl Iterator<Item = &ReviewFinding> {
        self.findings
            .iter()
            .filter(move |finding| finding.section == section)
    }

    /// Returns the counts of all plans together.
    pub fn counts(&self) -> PlanCounts {
        let all = self.plans.iter().map(|plan| plan.counts);
        all.fold(PlanCounts::default(), PlanCounts::plus)
    }

    /// Returns what all plans together cost before, afterwards, and more; `None` where nothing in
    /// them has a price.
    pub fn cost(&self) -> Option<(MonthlyUsd, MonthlyUsd, MonthlyUsd)> {
        let costs = self.plans.iter().filter_map(|plan| plan.cost.as_ref());
        let costs: Vec<&PlannedCost> = costs.filter(|cost| cost.prices_from.is_some()).collect();
        let sum = |of: fn(&PlannedCost) -> MonthlyUsd| {
            let all = costs.iter().map(|cost| of(cost));
            all.fold(MonthlyUsd::default(), MonthlyUsd::plus)
        };
        (!costs.is_empty()).then(|| {
            (
                sum(|cost| cost.before),
                sum(|cost| cost.after),
                sum(|cost| cost.difference),
            )
        })
    }

    /// Returns the findings that ask for more than a look.
    pub fn against(&self) -> impl Iterator<Item = &ReviewFinding> {
        self.findings
            .iter()
            .filter(|one| one.effect > ReviewVerdict::Pass)
    }
}

impl ReviewFinding {
    /// Changes every text from outside in it.
    pub fn map_texts(&mut self, change: &dyn Fn(&mut Untrusted)) {
        change(&mut self.subject);
        change(&mut self.title);
        change(&mut self.fix);
        self.suppressed_because.iter_mut().for_each(change);
        self.evidence.iter_mut().for_each(change);
    }
}

impl ReviewedPlan {
    /// Changes every text from outside in it.
    pub fn map_texts(&mut self, change: &dyn Fn(&mut Untrusted)) {
        change(&mut self.directory);
        change(&mut self.file);
        self.tool_version.iter_mut().for_each(change);
        if let Some(cost) = &mut self.cost {
            cost.map_texts(change);
        }
        for row in &mut self.changes {
            change(&mut row.address);
            row.notes.iter_mut().for_each(change);
            row.differences
                .iter_mut()
                .for_each(|one| one.map_texts(change));
        }
        self.outputs
            .iter_mut()
            .for_each(|one| one.map_texts(change));
    }
}

impl AttributeDifference {
    fn map_texts(&mut self, change: &dyn Fn(&mut Untrusted)) {
        change(&mut self.path);
        self.before.iter_mut().for_each(change);
        self.after.iter_mut().for_each(change);
        self.lines.iter_mut().for_each(change);
    }
}
