//! A plan of Terraform or OpenTofu, as `show -json` gives it: what it says, nothing judged.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::Untrusted;

/// A plan. It borrows from the text that it was read from: plans are large, and the values of
/// a resource are parsed only when they are looked at.
#[derive(Debug, Default)]
pub struct TerraformPlan<'t> {
    /// Version of the tool that made it.
    pub tool_version: Option<Untrusted>,
    /// Whether planning failed, so that it holds less than the configuration asks for.
    pub errored: bool,
    /// Whether applying it makes everything as configured; `None` before Terraform 1.8.
    pub complete: Option<bool>,
    /// Whether it can be applied; `None` before Terraform 1.7.
    pub applyable: Option<bool>,
    /// Planned changes, in the order of the file. What stays as it is is among them.
    pub changes: Vec<PlannedChange<'t>>,
    /// What others changed since the state was written.
    pub drift: Vec<PlannedChange<'t>>,
    /// Changes that wait for another round, with Terraform's reason.
    pub deferred: Vec<(Untrusted, PlannedChange<'t>)>,
    /// Actions that applying it invokes (Terraform 1.14 and later).
    pub invocations: Vec<Invocation>,
    /// Outputs whose values change.
    pub outputs: Vec<PlannedOutput<'t>>,
    /// Checks that do not hold, or could not be evaluated.
    pub checks: Vec<PlannedCheck>,
    /// Values that must never be shown, wherever they occur.
    pub secrets: BTreeSet<String>,
    /// For every resource, by its address without index keys, the addresses of the resources
    /// that its expressions lead to. Those behind locals are not in a plan.
    pub references: BTreeMap<String, BTreeSet<String>>,
    /// The part `configuration`, as JSON.
    pub configuration: Option<&'t str>,
    /// What was around the plan and is no part of it.
    pub noise: Option<String>,
}

/// What a plan does with one object.
#[derive(Debug, Clone)]
pub struct PlannedChange<'t> {
    /// Full address with index keys.
    pub address: Untrusted,
    /// Its address before, where it moved.
    pub previous_address: Option<Untrusted>,
    /// Whether it is a data source, which is read and not deployed.
    pub is_data: bool,
    /// Terraform type.
    pub resource_type: Untrusted,
    /// Its name in the source.
    pub name: Untrusted,
    /// Its key, where it has `count` or `for_each`.
    pub index: Option<Value>,
    /// The key of an object that an earlier replacement left behind. It is not the current one.
    pub deposed: Option<Untrusted>,
    /// What is done.
    pub action: PlanAction,
    /// Why, in Terraform's word (`replace_because_tainted`).
    pub reason: Option<Untrusted>,
    /// Attributes whose change makes a replacement necessary.
    pub replace_paths: Vec<String>,
    /// What `replace_triggered_by` names in the source; a plan does not say.
    pub triggers: BTreeSet<String>,
    /// The id of what is taken over, where something is imported.
    pub importing: Option<Untrusted>,
    /// The object before, as JSON.
    pub before_json: Option<&'t str>,
    /// The object afterwards, as JSON.
    pub after_json: Option<&'t str>,
    /// What is known only after the apply, as JSON: `true` in place of values.
    pub after_unknown_json: Option<&'t str>,
    /// What is sensitive in `before`, as JSON: `true` in place of values.
    pub before_sensitive_json: Option<&'t str>,
    /// What is sensitive in `after`, as JSON: `true` in place of values.
    pub after_sensitive_json: Option<&'t str>,
}

impl PlannedChange<'_> {
    /// Returns the object before; null where there was none.
    pub fn before(&self) -> Value {
        parse(self.before_json)
    }

    /// Returns the object afterwards; null where there is none.
    pub fn after(&self) -> Value {
        parse(self.after_json)
    }

    /// Returns `true` in place of values that are known only after the apply.
    pub fn after_unknown(&self) -> Value {
        parse(self.after_unknown_json)
    }

    /// Returns `true` in place of values that were sensitive.
    pub fn before_sensitive(&self) -> Value {
        parse(self.before_sensitive_json)
    }

    /// Returns `true` in place of values that will be sensitive.
    pub fn after_sensitive(&self) -> Value {
        parse(self.after_sensitive_json)
    }

    /// Whether it is about the current object of a managed resource.
    pub fn is_current(&self) -> bool {
        !self.is_data && self.deposed.is_none()
    }

    /// Whether Terraform knows it by another address from now on.
    pub fn is_move(&self) -> bool {
        let previous = self.previous_address.as_ref();
        previous.is_some_and(|previous| *previous != self.address)
    }
}

/// The reader has parsed the whole plan once, so this cannot fail.
fn parse(json: Option<&str>) -> Value {
    json.and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or(Value::Null)
}

/// What is done with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanAction {
    /// Nothing.
    NoOp,
    /// It is created.
    Create,
    /// A data source is read.
    Read,
    /// It is changed in place.
    Update,
    /// It is destroyed, then created: a gap in between.
    DestroyThenCreate,
    /// Its successor is created, then it is destroyed.
    CreateThenDestroy,
    /// It is destroyed.
    Destroy,
    /// It leaves Terraform, and lives on.
    Forget,
    /// Its successor is created; it leaves Terraform, and lives on.
    CreateThenForget,
    /// Something that this version does not know, in Terraform's words.
    Other(Untrusted),
}

impl PlanAction {
    /// Parses `change.actions`.
    pub fn from_words(words: &[&str]) -> Self {
        match words {
            ["no-op"] => Self::NoOp,
            ["create"] => Self::Create,
            ["read"] => Self::Read,
            ["update"] => Self::Update,
            ["delete", "create"] => Self::DestroyThenCreate,
            ["create", "delete"] => Self::CreateThenDestroy,
            ["delete"] => Self::Destroy,
            ["forget"] => Self::Forget,
            ["create", "forget"] => Self::CreateThenForget,
            other => Self::Other(Untrusted::new(other.join(", "))),
        }
    }

    /// Whether the object is replaced by another one.
    pub fn is_replace(&self) -> bool {
        matches!(self, Self::DestroyThenCreate | Self::CreateThenDestroy)
    }

    /// Whether the object that there was is destroyed.
    pub fn destroys(&self) -> bool {
        self.is_replace() || *self == Self::Destroy
    }

    /// Returns the word of reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoOp => "no-op",
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::DestroyThenCreate | Self::CreateThenDestroy => "replace",
            Self::Destroy => "delete",
            Self::Forget => "forget",
            Self::CreateThenForget => "create-forget",
            Self::Other(_) => "other",
        }
    }

    /// Returns the sign that Terraform prints in front of the address.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::NoOp => " ",
            Self::Create => "+",
            Self::Read => "<=",
            Self::Update => "~",
            Self::DestroyThenCreate => "-/+",
            Self::CreateThenDestroy => "+/-",
            Self::Destroy => "-",
            Self::Forget => ".",
            Self::CreateThenForget => "+/.",
            Self::Other(_) => "?",
        }
    }
}

/// An action that applying a plan invokes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Its address (`action.aws_lambda_invoke.warm`).
    pub address: Untrusted,
    /// The address of the resource that triggers it, where one does.
    pub trigger: Option<Untrusted>,
}

/// An output whose value changes.
#[derive(Debug, Clone)]
pub struct PlannedOutput<'t> {
    /// Its name.
    pub name: Untrusted,
    /// What is done with it.
    pub action: PlanAction,
    /// Whether its value, before or afterwards, must not be shown.
    pub is_sensitive: bool,
    /// Its value before, as JSON.
    pub before_json: Option<&'t str>,
    /// Its value afterwards, as JSON.
    pub after_json: Option<&'t str>,
    /// Whether its value is known only after the apply, in whole or in part.
    pub is_unknown: bool,
}

/// A check of the configuration that does not hold, or could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCheck {
    /// What it belongs to, as Terraform shows it.
    pub address: Untrusted,
    /// `fail`, `error` or `unknown`.
    pub status: Untrusted,
    /// What it says.
    pub problems: Vec<Untrusted>,
}

/// How many objects a plan does what with. `move` and `import` come on top of the others.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct PlanCounts {
    /// Created.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Destroyed and created anew.
    pub replace: usize,
    /// Destroyed; objects that earlier replacements left behind are not among them.
    pub delete: usize,
    /// Leaving Terraform and living on, replaced ones included.
    pub forget: usize,
    /// Unchanged.
    pub no_op: usize,
    /// Data sources that are read during the apply.
    pub read: usize,
    /// Known by another address from now on.
    pub r#move: usize,
    /// Taken over into Terraform.
    pub import: usize,
    /// Left behind by earlier replacements, destroyed now.
    pub deposed: usize,
    /// Left for another round.
    pub deferred: usize,
    /// Actions that are invoked.
    pub invoke: usize,
    /// Something that this version does not know.
    pub other: usize,
}

impl PlanCounts {
    /// Counts the changes of a plan.
    pub fn new(plan: &TerraformPlan<'_>) -> Self {
        let mut counts = Self {
            deferred: plan.deferred.len(),
            invoke: plan.invocations.len(),
            ..Self::default()
        };
        for change in &plan.changes {
            counts.add(change);
        }
        counts
    }

    fn add(&mut self, change: &PlannedChange<'_>) {
        self.r#move += usize::from(change.is_move());
        self.import += usize::from(change.importing.is_some());
        if change.deposed.is_some() {
            self.deposed += 1;
            return;
        }
        match &change.action {
            PlanAction::NoOp => self.no_op += 1,
            PlanAction::Create => self.create += 1,
            PlanAction::Read => self.read += 1,
            PlanAction::Update => self.update += 1,
            PlanAction::DestroyThenCreate | PlanAction::CreateThenDestroy => self.replace += 1,
            PlanAction::Destroy => self.delete += 1,
            PlanAction::Forget => self.forget += 1,
            PlanAction::CreateThenForget => {
                self.create += 1;
                self.forget += 1;
            }
            PlanAction::Other(_) => self.other += 1,
        }
    }

    /// Adds those of another plan.
    pub fn plus(self, other: Self) -> Self {
        Self {
            create: self.create + other.create,
            update: self.update + other.update,
            replace: self.replace + other.replace,
            delete: self.delete + other.delete,
            forget: self.forget + other.forget,
            no_op: self.no_op + other.no_op,
            read: self.read + other.read,
            r#move: self.r#move + other.r#move,
            import: self.import + other.import,
            deposed: self.deposed + other.deposed,
            deferred: self.deferred + other.deferred,
            invoke: self.invoke + other.invoke,
            other: self.other + other.other,
        }
    }

    /// Whether applying it changes nothing.
    pub fn is_empty(&self) -> bool {
        let unchanged = Self {
            no_op: self.no_op,
            read: self.read,
            ..Self::default()
        };
        *self == unchanged
    }

    /// Returns Terraform's own line. A replacement is one to add and one to destroy.
    pub fn terraform_line(&self) -> String {
        let add = self.create + self.replace;
        let destroy = self.delete + self.replace + self.deposed;
        let import = match self.import {
            0 => String::new(),
            count => format!("{count} to import, "),
        };
        let forget = match self.forget {
            0 => String::new(),
            count => format!(", {count} to forget"),
        };
        format!(
            "Plan: {import}{add} to add, {} to change, {destroy} to destroy{forget}.",
            self.update
        )
    }
}
