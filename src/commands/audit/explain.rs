//! What `audit` prints of checks: the list of them, and one in full.

use crate::app::audit::rules;
use crate::app::formats::FindingFormat;
use crate::catalog::checks::Check;
use crate::catalog::frameworks;
use crate::catalog::registry::Registry;
use crate::error::CommandError;
use crate::model::answers::ListedCheck;
use crate::render::json;
use crate::render::sarif::sarif;
use crate::render::text::Style;
use crate::text::escape;

fn listed(check: &Check) -> ListedCheck {
    ListedCheck {
        id: check.id.clone(),
        title: check.form.title.clone(),
        severity: check.form.severity.word(),
        applies_to: check.form.applies_to.clone(),
        needs: check.form.needs.clone(),
        protected: check.form.protected,
        references: check.form.references.clone(),
        controls: frameworks::controls_of(&check.id),
    }
}

/// Every check, one line each.
pub(super) fn list(
    checks: &Registry<Check>,
    format: FindingFormat,
    style: &Style,
) -> Result<String, CommandError> {
    let mut out = String::new();
    match format {
        FindingFormat::Json => {
            let all: Vec<ListedCheck> = checks.iter().map(listed).collect();
            return json::pretty(&all).map_err(CommandError::bug);
        }
        FindingFormat::Sarif => {
            return json::pretty(&sarif(&rules(checks))).map_err(CommandError::bug);
        }
        FindingFormat::Markdown => {
            out.push_str("| Check | Severity | What is wrong |\n| --- | --- | --- |\n");
            for one in checks.iter() {
                let title = escape::markdown(&one.form.title);
                out.push_str(&format!(
                    "| `{}` | {} | {title} |\n",
                    one.id, one.form.severity
                ));
            }
        }
        FindingFormat::Text => {
            for one in checks.iter() {
                let title = escape::terminal(&one.form.title);
                let first = format!("{:<34} {:<8} ", one.id, one.form.severity);
                out.push_str(&style.paragraph(&first, &title));
            }
            out.push_str(&format!("\n{} checks\n", checks.iter().count()));
            out = style.signs(out);
        }
    }
    Ok(out)
}

/// One check in full.
pub(super) fn explain(
    check: &Check,
    format: FindingFormat,
    style: &Style,
) -> Result<String, CommandError> {
    if format == FindingFormat::Json {
        return json::pretty(&check.form).map_err(CommandError::bug);
    }
    let form = &check.form;
    let text = |text: &str| escape::terminal(text);
    let mut out = format!("{} ({})\n", check.id, form.severity);
    out.push_str(&style.paragraph("", &text(&form.title)));
    out.push_str(&format!("\n{}", style.paragraph("", &text(&form.why))));
    let mut add = |name: &str, parts: &str| out.push_str(&format!("\n{name}\n{parts}"));
    let said = |said: &str| style.paragraph("  ", &text(said));
    add("Applies to", &said(&form.applies_to.join(", ")));
    if let (Some(when), Some(otherwise)) = (&form.applies_when, &form.otherwise) {
        let otherwise = said(&format!("(otherwise: {otherwise})"));
        add("Only when", &(code(when) + &otherwise));
    }
    if let Some(list) = &form.each {
        add("For each item of", &code(list));
    }
    add("Fails when", &code(&form.fails_when));
    for rule in &form.severity_when {
        add(&format!("{} when", rule.severity), &code(&rule.when));
    }
    add("Fix in Terraform", &code(&form.fix.terraform));
    if let Some(command) = &form.fix.cli {
        add("Fix with the AWS CLI", &code(command));
    }
    if !form.references.is_empty() {
        add("Read more", &code(&form.references.join("\n")));
    }
    if let Some(breaks) = &form.breaks {
        add("May stop working", &said(breaks));
    }
    add("Needs", &said(&form.needs.join(", ")));
    let controls = frameworks::controls_of(&check.id);
    if !controls.is_empty() {
        add("Controls", &said(&controls.join(", ")));
    }
    if form.protected {
        add("Suppressions", &said("count only with --allow"));
    }
    Ok(style.signs(out))
}

/// What is copied from here: its lines as they are.
fn code(text: &str) -> String {
    let lines = escape::terminal_lines(text.trim_end());
    lines.lines().map(|line| format!("  {line}\n")).collect()
}
