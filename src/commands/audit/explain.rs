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
use crate::text::escape;

fn listed(check: &Check) -> ListedCheck {
    ListedCheck {
        id: check.id.clone(),
        title: check.form.title.clone(),
        severity: check.form.severity.word(),
        applies_to: check.form.applies_to.clone(),
        needs: check.form.needs.clone(),
        protected: check.form.protected,
        controls: frameworks::controls_of(&check.id),
    }
}

/// Every check, one line each.
pub(super) fn list(
    checks: &Registry<Check>,
    format: FindingFormat,
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
                out.push_str(&format!(
                    "{:<34} {:<8} {title}\n",
                    one.id, one.form.severity
                ));
            }
            out.push_str(&format!("\n{} checks\n", checks.iter().count()));
        }
    }
    Ok(out)
}

/// One check in full.
pub(super) fn explain(check: &Check, format: FindingFormat) -> Result<String, CommandError> {
    if format == FindingFormat::Json {
        return json::pretty(&check.form).map_err(CommandError::bug);
    }
    let form = &check.form;
    let mut out = format!(
        "{} ({})\n{}\n\n{}\n",
        check.id, form.severity, form.title, form.why
    );
    let mut add = |name: &str, text: &str| {
        out.push_str(&format!(
            "\n{name}\n  {}\n",
            text.trim_end().replace('\n', "\n  ")
        ))
    };
    add("Applies to", &form.applies_to.join(", "));
    if let (Some(when), Some(otherwise)) = (&form.applies_when, &form.otherwise) {
        add("Only when", &format!("{when}\n(otherwise: {otherwise})"));
    }
    if let Some(list) = &form.each {
        add("For each item of", list);
    }
    add("Fails when", &form.fails_when);
    for rule in &form.severity_when {
        add(&format!("{} when", rule.severity), &rule.when);
    }
    add("Fix in Terraform", &form.fix.terraform);
    if let Some(command) = &form.fix.cli {
        add("Fix with the AWS CLI", command);
    }
    if let Some(breaks) = &form.breaks {
        add("May stop working", breaks);
    }
    add("Needs", &form.needs.join(", "));
    let controls = frameworks::controls_of(&check.id);
    if !controls.is_empty() {
        add("Controls", &controls.join(", "));
    }
    if form.protected {
        add("Suppressions", "count only with --allow");
    }
    Ok(escape::terminal_lines(&out))
}
