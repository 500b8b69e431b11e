//! Remediations: the plan, what there is, what was done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::catalog::actions::{Action, ParameterKind};
use crate::model::remediation::{
    ActionPlan, PlanRecord, RemediationEntry, RemediationOutcome, UndoStep,
};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::{hang, pad};
use crate::text::phrases::{self, shell_word};
use crate::text::{Untrusted, numbers, times};

/// Columns of the names of facts.
const NAMES: usize = 19;
/// The lines of one sentence.
const LINES: usize = 6;

/// What applying an action would do. `is_protected` says whether the environment requires consent to
/// everything.
pub fn action_plan(
    plan: &ActionPlan,
    environment: &str,
    is_protected: bool,
    style: &Style,
) -> String {
    let mut out = String::new();
    if is_protected {
        let text = format!("⚠ WARNING: {environment} requires confirmation");
        line(&mut out, &style.bold(&text));
    }
    let head = format!(
        "You are about to {} {} in {environment}.",
        plan.verb,
        plan.resource.name.terminal()
    );
    line(&mut out, &style.bold(&head));
    lines(
        &mut out,
        hang("", &plan.does.terminal(), style.columns(), LINES),
    );
    line(&mut out, "");
    line(&mut out, &style.bold("Impact assessment"));
    for (name, text) in rows(plan, environment) {
        let first = format!("  {}", pad(name, NAMES));
        lines(&mut out, hang(&first, &text, style.columns(), LINES));
    }
    for warning in &plan.warnings {
        let text = warning.terminal();
        lines(&mut out, hang("  ! ", &text, style.columns(), LINES));
    }
    style.finish(out)
}

fn rows(plan: &ActionPlan, environment: &str) -> Vec<(&'static str, String)> {
    let target = &plan.resource;
    let blast = &plan.blast;
    let mut rows = vec![
        (
            "Service",
            format!(
                "{} ({}, {})",
                target.name.terminal(),
                target.kind,
                target.region
            ),
        ),
        (
            "Action",
            format!("{}: {}", plan.action, plan.title.terminal()),
        ),
        ("Now", plan.from.terminal()),
        ("Then", plan.to.terminal()),
        ("Expected downtime", plan.interruption.terminal()),
        ("Traffic impact", plan.traffic.terminal()),
        ("Risk", plan.risk.clone()),
        (
            "Touches",
            format!(
                "{} of {} of the kind {} in {environment} ({})",
                blast.count,
                blast.of,
                target.kind,
                numbers::quantity(blast.share_percent, "percent")
            ),
        ),
    ];
    if !plan.dependents.is_empty() {
        let names: Vec<String> = plan.dependents.iter().map(|one| one.terminal()).collect();
        rows.push(("Needed by", names.join(", ")));
    }
    rows.push(("Sends", plan.operations.join(", ")));
    match (&plan.undo, &plan.cannot_undo) {
        (Some(undo), _) => rows.push(("Undo", undo_words(undo))),
        (None, Some(why)) => rows.push(("Undo", format!("not possible: {}", why.terminal()))),
        (None, None) => {}
    }
    if let Some(drift) = &plan.drift {
        let text = format!(
            "{} of {} will differ from the Terraform code",
            drift.attribute,
            drift.address.terminal()
        );
        rows.push(("Terraform", text));
    }
    rows
}

/// The action that undoes another, with its parameters.
fn undo_words(undo: &UndoStep) -> String {
    let sets = undo.parameters.iter().map(|(name, value)| {
        let word = shell_word(value.raw()).map_or_else(|| value.terminal(), |word| word.terminal());
        format!(" --set {name}={word}")
    });
    format!("{}{}", undo.action, sets.collect::<String>())
}

/// The steps that a person would take, for an action that this program never runs.
pub fn manual_steps(plan: &ActionPlan, style: &Style) -> String {
    let mut out = String::new();
    line(&mut out, &style.bold("By hand"));
    for (index, operation) in plan.operations.iter().enumerate() {
        let (service, name) = operation.split_once(':').unwrap_or(("aws", operation));
        let text = format!(
            "{name} of {service} on {} in {}",
            plan.resource.arn, plan.resource.region
        );
        let first = format!("  {}. ", index + 1);
        lines(&mut out, hang(&first, &text, style.columns(), LINES));
    }
    let text = format!("from {} to {}", plan.from.terminal(), plan.to.terminal());
    lines(
        &mut out,
        hang("  It changes ", &text, style.columns(), LINES),
    );
    style.finish(out)
}

/// An action in the list, with what it requires here.
#[derive(Debug, Clone, Copy)]
pub struct ActionLine<'a> {
    /// The action.
    pub action: &'a Action,
    /// `auto`, `confirm` or `never`.
    pub safety: &'a str,
}

/// The actions that there are.
pub fn action_list(all: &[ActionLine<'_>], style: &Style) -> String {
    let mut out = String::new();
    for one in all {
        let action = one.action;
        let head = format!("{}  {}", style.bold(&action.id), action.title);
        line(&mut out, &head);
        let mut facts = vec![
            format!("for {}", action.kinds.join(", ")),
            format!("risk {}", action.risk.word()),
            format!("safety {}", one.safety),
        ];
        if !action.aliases.is_empty() {
            facts.push(format!("also called {}", action.aliases.join(", ")));
        }
        lines(
            &mut out,
            hang("  ", &facts.join(" · "), style.columns(), LINES),
        );
        for (name, parameter) in &action.parameters {
            let what = match &parameter.kind {
                ParameterKind::Number { min, max } => {
                    format!("{} to {}", numbers::number(*min), numbers::number(*max))
                }
                ParameterKind::Text { example, .. } => format!("for instance {example}"),
                ParameterKind::Choice { values } => format!("one of {}", values.join(", ")),
            };
            let needed = if parameter.default.is_some() {
                ""
            } else {
                "; needed"
            };
            let text = format!("--set {name}=… {}, {what}{needed}", parameter.about);
            lines(&mut out, hang("  ", &text, style.columns(), LINES));
        }
    }
    style.finish(out)
}

/// What came of an action.
#[derive(Debug, Clone, Copy)]
pub struct AppliedText<'a> {
    /// What was planned.
    pub plan: &'a ActionPlan,
    /// The environment.
    pub environment: &'a str,
    /// The id of the record.
    pub id: &'a str,
    /// The outcome.
    pub outcome: RemediationOutcome,
    /// Why.
    pub reason: &'a Untrusted,
    /// From when on periods count, where it was made.
    pub judged_from: Option<Timestamp>,
}

/// What came of an action.
pub fn applied(of: &AppliedText<'_>, style: &Style) -> String {
    let mut out = String::new();
    let plan = of.plan;
    let change = format!("{} -> {}", plan.from.terminal(), plan.to.terminal());
    let mut said = vec![match (of.outcome, of.judged_from) {
        (RemediationOutcome::Failed, _) => ("✗", format!("Failed: {}", of.reason.terminal())),
        (_, Some(_)) => ("✓", format!("Applied: {change}")),
        (_, None) => ("⚠", format!("Not known: {}", of.reason.terminal())),
    }];
    if let Some(from) = of.judged_from {
        let from = times::time(from);
        said.push((
            "…",
            format!("Verifying health: by the next runs, in periods that begin after {from}"),
        ));
    }
    for (sign, text) in said {
        lines(
            &mut out,
            hang(&format!("{sign} "), &text, style.columns(), LINES),
        );
    }
    let mut rows = Vec::new();
    if let Some(undo) = &plan.undo {
        let command = format!(
            "fractary remediate --undo {} --env {} ({})",
            of.id,
            of.environment,
            undo_words(undo)
        );
        rows.push(("Undo", command));
    }
    if let Some(drift) = &plan.drift {
        let text = format!(
            "{} of {} differs from the code until it is undone or taken over",
            drift.attribute,
            drift.address.terminal()
        );
        rows.push(("Terraform", text));
        if !drift.values.is_empty() {
            rows.push(("Patch", format!("fractary remediate --patch {}", of.id)));
        }
    }
    for (name, text) in rows {
        let first = format!("  {}", pad(name, 11));
        lines(&mut out, hang(&first, &text, style.columns(), LINES));
    }
    let record = format!(
        "Remediation documented and logged: {}, in remediation-log.json",
        of.id
    );
    lines(&mut out, hang("", &record, style.columns(), LINES));
    style.finish(out)
}

/// What became of one of several resources.
#[derive(Debug, Clone, Copy)]
pub struct BatchLine<'a> {
    /// The resource.
    pub resource: &'a Untrusted,
    /// The action.
    pub action: &'a str,
    /// The id of the record, where there is one.
    pub id: Option<&'a str>,
    /// In a word.
    pub outcome: &'a str,
    /// Why.
    pub reason: &'a Untrusted,
}

/// What became of several resources.
pub fn batch(rows: &[BatchLine<'_>], environment: &str, style: &Style) -> String {
    let mut out = String::new();
    let count = phrases::counted(rows.len() as u64, "resource");
    line(&mut out, &style.bold(&format!("{count} in {environment}")));
    for row in rows {
        let sign = match row.outcome {
            "unverified" | "success" => "✓",
            "nothing" | "not_started" => "–",
            _ => "✗",
        };
        let id = row.id.map_or_else(String::new, |id| format!(" ({id})"));
        let text = format!(
            "{} {}{id}: {}: {}",
            row.action,
            row.resource.terminal(),
            row.outcome.replace('_', " "),
            row.reason.terminal()
        );
        lines(
            &mut out,
            hang(&format!("{sign} "), &text, style.columns(), LINES),
        );
    }
    style.finish(out)
}

/// A remediation in the history.
#[derive(Debug, Clone, Copy)]
pub struct HistoryLine<'a> {
    /// Its id.
    pub id: &'a str,
    /// When it began.
    pub at: Timestamp,
    /// Its newest entry.
    pub entry: &'a RemediationEntry,
    /// What was meant.
    pub plan: &'a PlanRecord,
}

/// What was done, newest first, and figures by environment.
pub fn remediations(
    rows: &[HistoryLine<'_>],
    figures: &BTreeMap<String, Map<String, Value>>,
    style: &Style,
) -> String {
    let mut out = String::new();
    if rows.is_empty() {
        line(&mut out, "Nothing was changed yet.");
        return style.finish(out);
    }
    for row in rows {
        let entry = row.entry;
        let head = format!(
            "{}  {} {} in {}: {}",
            times::time(row.at),
            entry.action,
            entry.resource.terminal(),
            entry.environment,
            entry.outcome.word()
        );
        lines(
            &mut out,
            hang("", &style.bold(&head), style.columns(), LINES),
        );
        let by = entry.consent.by.as_ref().map(Untrusted::terminal);
        let by = by.map_or_else(String::new, |by| format!(" by {by}"));
        let change = format!(
            "{} -> {} ({}{by}; {})",
            row.plan.from.terminal(),
            row.plan.to.terminal(),
            entry.consent.how.word(),
            row.id
        );
        lines(&mut out, hang("  ", &change, style.columns(), LINES));
        if let Some(reason) = &entry.reason {
            lines(
                &mut out,
                hang("  ", &reason.terminal(), style.columns(), LINES),
            );
        }
    }
    for (environment, figures) in figures {
        if let Some(text) = figures_words(figures) {
            line(&mut out, "");
            let first = format!("{environment}: ");
            lines(&mut out, hang(&first, &text, style.columns(), LINES));
        }
    }
    style.finish(out)
}

fn figures_words(figures: &Map<String, Value>) -> Option<String> {
    let number = |key: &str| figures.get(key).and_then(Value::as_u64).unwrap_or_default();
    let attempts = number("attempts");
    if attempts == 0 {
        return None;
    }
    let mut parts = vec![phrases::counted(attempts, "remediation")];
    for key in [
        "success",
        "failed",
        "unverified",
        "interrupted",
        "undone",
        "refused",
    ] {
        let count = number(key);
        if count > 0 {
            parts.push(format!("{} {key}", numbers::number(count as f64)));
        }
    }
    let rate = figures.get("success_rate_percent").and_then(Value::as_f64);
    parts.extend(rate.map(|rate| {
        format!(
            "{} of those evaluated helped",
            numbers::quantity(rate, "percent")
        )
    }));
    parts.push(format!(
        "{} automatic, {} by people",
        number("automated"),
        number("manual")
    ));
    let mean = figures
        .get("mean_time_to_resolution_seconds")
        .and_then(Value::as_u64);
    parts.extend(mean.map(|mean| {
        format!(
            "{} to resolution on average",
            times::short_span(i64::try_from(mean / 60).unwrap_or(i64::MAX))
        )
    }));
    Some(parts.join(", "))
}
