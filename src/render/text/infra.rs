//! Plans, and what deployments came to.

use anstyle::AnsiColor;

use crate::model::deployed_list::{DeployedList, DeployedResource};
use crate::model::deployments::{DeploymentOperation, DeploymentOutcome};
use crate::model::preview::{DeployReport, Preview};
use crate::model::teardown::TeardownOutlook;
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::{hang, pad};
use crate::render::text::review;
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times;

/// Columns of the names of facts.
const NAMES: usize = 11;
/// The lines of one sentence.
const LINES: usize = 6;
/// Most resources that are named of one list.
const MOST: usize = 40;

/// A plan: what it does, what speaks against it, and which plan it is.
pub fn preview(preview: &Preview, style: &Style) -> String {
    let mut out = review::plan_review(&preview.review, style);
    if !preview.changes {
        line(&mut out, "");
        line(
            &mut out,
            "Nothing is to be changed: everything is as configured.",
        );
    }
    if let Some(outlook) = &preview.teardown {
        teardown(outlook, style, &mut out);
    }
    line(&mut out, "");
    line(&mut out, &style.bold("Plan"));
    let plan = &preview.plan;
    let serial = plan.serial;
    let serial = serial.map_or_else(
        || "none yet".to_owned(),
        |serial| format!("serial {serial}"),
    );
    let commit = plan.commit.as_deref().map_or("none", |id| short(id));
    for (name, text) in [
        ("Directory", plan.directory.clone()),
        ("Commit", commit.to_owned()),
        ("State", serial),
        ("Made by", plan.tool.terminal()),
        ("Made at", times::time(plan.made_at)),
        ("SHA-256", plan.sha256.clone()),
    ] {
        let first = format!("  {}", pad(name, NAMES));
        lines(&mut out, hang(&first, &text, style.columns(), LINES));
    }
    style.finish(out)
}

/// What a teardown destroys.
fn teardown(outlook: &TeardownOutlook, style: &Style, out: &mut String) {
    for (title, list) in [
        ("Lost for good", &outlook.losses),
        ("Would fail", &outlook.obstacles),
        ("May fail", &outlook.doubts),
        ("Lives on", &outlook.survivors),
    ] {
        if list.is_empty() {
            continue;
        }
        line(out, "");
        line(out, &style.bold(title));
        for note in list.iter().take(MOST) {
            let text = format!("{}: {}", note.address.terminal(), note.text.terminal());
            lines(out, hang("  ", &text, style.columns(), LINES));
        }
        if list.len() > MOST {
            line(out, &format!("  and {} more", list.len() - MOST));
        }
    }
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

/// How a plan differs from one that was agreed to.
#[derive(Debug, Clone, Default)]
pub struct ComparisonText {
    /// How many steps are the same.
    pub same: usize,
    /// Action and address of those that are new.
    pub new: Vec<(String, Untrusted)>,
    /// Those that are not in it any more.
    pub gone: Vec<(String, Untrusted)>,
}

/// Says how a plan differs from what was agreed to in a deployment that did not end well.
pub fn plan_comparison(id: &str, comparison: ComparisonText, style: &Style) -> String {
    let mut out = String::new();
    let head = match comparison.new.is_empty() {
        true => format!(
            "Nothing in it goes beyond what was agreed to in {id}: {} left.",
            counted(comparison.same as u64, "change")
        ),
        false => format!("It is not what was agreed to in {id}:"),
    };
    lines(
        &mut out,
        hang("", &style.bold(&head), style.columns(), LINES),
    );
    for (word, list) in [("new", &comparison.new), ("not any more", &comparison.gone)] {
        for (action, address) in list.iter().take(MOST) {
            line(
                &mut out,
                &format!("  {word}: {action} {}", address.terminal()),
            );
        }
        if list.len() > MOST {
            line(&mut out, &format!("  {word}: {} more", list.len() - MOST));
        }
    }
    style.finish(out)
}

/// What a deployment came to.
pub fn deployment(report: &DeployReport, style: &Style) -> String {
    let mut out = String::new();
    let what = match report.operation {
        DeploymentOperation::Deploy => "Deployment",
        DeploymentOperation::Teardown => "Teardown",
    };
    let (color, word) = match report.status.as_str() {
        "success" => (AnsiColor::Green, "success"),
        "unchanged" => (AnsiColor::Green, "nothing was changed"),
        "planned" => (AnsiColor::Green, "dry run, nothing was changed"),
        "proposed" => (AnsiColor::Green, "proposed, nothing was changed"),
        "interrupted" => (AnsiColor::Yellow, "interrupted"),
        _ => (AnsiColor::Red, "failed"),
    };
    let head = format!("{what} of {}: {word}", report.environment);
    line(&mut out, &style.paint(color.on_default().bold(), &head));
    let Some(id) = &report.id else {
        return style.finish(out);
    };
    if report.status == "proposed" {
        let text = format!(
            "Proposed as {id}, for 24 hours. After someone else has merged its file into the default branch, the next `fractary infra deploy --env {} --push` there deploys it, where the plan of then does the same.",
            report.environment
        );
        lines(&mut out, hang("", &text, style.columns(), LINES));
        return style.finish(out);
    }
    outcome(&report.outcome, style, &mut out);
    line(&mut out, "");
    let registered = counted(report.registered as u64, "resource");
    line(
        &mut out,
        &format!("Recorded as {id}; the registry has {registered}."),
    );
    if report.status != "success" {
        line(
            &mut out,
            "The plan is used up: the next `fractary infra deploy` plans what is left, and shows how that differs from what was agreed to.",
        );
    }
    style.finish(out)
}

/// What came of every change.
fn outcome(outcome: &DeploymentOutcome, style: &Style, out: &mut String) {
    if let Some(reason) = &outcome.reason {
        lines(out, hang("", &reason.terminal(), style.columns(), LINES));
    }
    for (word, list) in [
        ("done", &outcome.done),
        ("failed", &outcome.failed),
        ("tainted: the next plan replaces it", &outcome.tainted),
        (
            "unknown: it may be in AWS and in no state",
            &outcome.unknown,
        ),
        ("not begun", &outcome.not_begun),
    ] {
        if list.is_empty() {
            continue;
        }
        line(out, "");
        line(
            out,
            &style.bold(&format!("{} {word}", counted(list.len() as u64, "change"))),
        );
        for address in list.iter().take(MOST) {
            line(out, &format!("  {}", address.terminal()));
        }
        if list.len() > MOST {
            line(out, &format!("  and {} more", list.len() - MOST));
        }
    }
    if !outcome.errors.is_empty() {
        line(out, "");
        line(out, &style.bold("Errors"));
        for error in &outcome.errors {
            lines(out, hang("  ", &error.terminal(), style.columns(), LINES));
        }
    }
}

/// What is deployed, with links to the console.
pub fn resources(list: &DeployedList, style: &Style) -> String {
    let mut out = String::new();
    for name in &list.not_registered {
        let text = format!(
            "{name}: nothing is registered, so what is deployed is not known (`fractary adopt`, `fractary infra deploy`)"
        );
        lines(&mut out, hang("", &text, style.columns(), LINES));
    }
    let mut kind = None;
    let mut sorted: Vec<&DeployedResource> = list.resources.iter().collect();
    sorted.sort_by_key(|one| (&one.environment, &one.resource_type, &one.name));
    for one in sorted {
        let own = (&one.environment, &one.resource_type);
        if kind != Some(own) {
            if kind.is_some() {
                line(&mut out, "");
            }
            line(
                &mut out,
                &style.bold(&format!("{} in {}", one.resource_type, one.environment)),
            );
            kind = Some(own);
        }
        let tainted = match one.tainted {
            true => " (not finished: the next plan replaces it)",
            false => "",
        };
        line(&mut out, &format!("  {}{tainted}", one.name.terminal()));
        line(&mut out, &format!("    {}", one.arn));
        if let Some(url) = &one.console_url {
            line(&mut out, &format!("    {}", url.terminal()));
        }
    }
    if list.of > 0 {
        line(&mut out, "");
        let shown = list.resources.len();
        line(
            &mut out,
            &format!("{shown} of {}", counted(list.of as u64, "resource")),
        );
    }
    // A link that is cut into lines is none.
    style.signs(out)
}
