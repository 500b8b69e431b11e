//! Grants of permissions: what would be granted, what was, and what there is.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use serde_json::Value;

use crate::model::iam_audit::{GrantDifferenceReport, GrantListReport, GrantReport};
use crate::model::last_use::{GrantUse, UNUSED_DAYS};
use crate::render::text::Style;
use crate::render::text::health::{line, lines};
use crate::render::text::layout::hang;
use crate::text::Untrusted;
use crate::text::phrases::counted;
use crate::text::times;

/// What would be granted or taken back, before anybody is asked.
pub fn grant_ahead(report: &GrantReport, style: &Style) -> String {
    let what = match report.kind.as_str() {
        "revocation" => "REVOKE FROM",
        _ => "GRANT TO",
    };
    let mut out = String::new();
    head(&mut out, what, report, style);
    statements(&mut out, &report.statement, style);
    style.finish(out)
}

/// The answer of `permissions grant` and `permissions revoke`.
pub fn grant(report: &GrantReport, style: &Style) -> String {
    let mut out = String::new();
    let color = match report.status.as_str() {
        "granted" | "revoked" | "planned" | "unchanged" => AnsiColor::Green,
        "unconfirmed" => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    };
    let words = match (report.status.as_str(), report.id.as_deref()) {
        ("planned", _) => "dry run: nothing was changed".to_owned(),
        ("unchanged", _) => "nothing to change: it may do all of it already".to_owned(),
        ("refused", _) => "nothing was granted".to_owned(),
        ("unconfirmed", Some(id)) => {
            format!(
                "sent as {id}, and AWS does not confirm it: `fractary permissions diff` says what it has"
            )
        }
        (status, Some(id)) => format!("{status} as {id}"),
        (status, None) => status.to_owned(),
    };
    let what = format!("{}: {words}", report.environment);
    line(&mut out, &style.paint(color.on_default().bold(), &what));
    head(&mut out, "  identity", report, style);
    statements(&mut out, &report.statement, style);
    for policy in &report.policies {
        let version = policy.version.as_deref().unwrap_or("?");
        line(&mut out, &format!("  policy {} {version}", policy.arn));
    }
    for note in &report.notes {
        lines(
            &mut out,
            hang("  note: ", note, style.columns(), usize::MAX),
        );
    }
    refused(&mut out, report, style);
    if let Some(patch) = &report.terraform {
        line(
            &mut out,
            "\nTerraform has this identity, and a grant beside it would be drift. Add this:\n",
        );
        out.push_str(patch);
    }
    style.finish(out)
}

/// What is not granted, and why.
fn refused(out: &mut String, report: &GrantReport, style: &Style) {
    if !report.refused.is_empty() {
        line(out, "\nNOT GRANTED");
    }
    for one in &report.refused {
        let action = one.action.as_ref().map(Untrusted::terminal);
        let action = action.unwrap_or_else(|| "an action that is not named".to_owned());
        let what = match &one.resource {
            Some(resource) => format!("{action} on {}", resource.terminal()),
            None => action,
        };
        lines(out, hang("  ", &what, style.columns(), usize::MAX));
        let because = one.because.terminal();
        lines(out, hang("      ", &because, style.columns(), usize::MAX));
    }
}

fn head(out: &mut String, what: &str, report: &GrantReport, style: &Style) {
    let to = report.principal.terminal();
    lines(
        out,
        hang(&format!("{what} "), &to, style.columns(), usize::MAX),
    );
}

fn statements(out: &mut String, statements: &[Value], style: &Style) {
    for statement in statements {
        let actions = texts(statement, "Action").join(", ");
        lines(out, hang("  ", &actions, style.columns(), usize::MAX));
        for resource in texts(statement, "Resource") {
            lines(
                out,
                hang("      on ", &resource, style.columns(), usize::MAX),
            );
        }
        if let Some(condition) = statement.get("Condition") {
            let condition = Untrusted::new(condition.to_string()).terminal();
            lines(
                out,
                hang("      if ", &condition, style.columns(), usize::MAX),
            );
        }
    }
}

fn texts(statement: &Value, key: &str) -> Vec<String> {
    let all = match statement.get(key) {
        Some(Value::Array(all)) => all.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let all = all.into_iter().filter_map(Value::as_str);
    all.map(|one| Untrusted::new(one).terminal()).collect()
}

/// The answer of `permissions list`.
pub fn grant_list(report: &GrantListReport, style: &Style) -> String {
    let mut out = String::new();
    if report.grants.is_empty() {
        line(&mut out, "No grants.");
    }
    for one in &report.grants {
        let record = &one.record;
        let status = match one.has_ended {
            true => "ended",
            false => record.status.word(),
        };
        let principal = record.principal.terminal();
        let short = principal.rsplit('/').next().unwrap_or(&principal);
        let head = format!(
            "{}  {}  {} {status}, {} to {short}",
            one.id,
            times::time(one.granted_at),
            record.environment,
            counted(record.action.len() as u64, "action"),
        );
        line(&mut out, &head);
        let reason = record.reason.terminal();
        lines(&mut out, hang("  ", &reason, style.columns(), usize::MAX));
        if let Some(end) = record.expires_at.filter(|_| !one.has_ended) {
            line(&mut out, &format!("  ends {}", times::time(end)));
        }
        statements(&mut out, &record.statement, style);
        if let Some(last_use) = &one.last_use {
            used(&mut out, &one.id, last_use, style);
        }
    }
    style.finish(out)
}

/// How the actions of a grant were used, and what to do where none was.
fn used(out: &mut String, id: &str, last_use: &GrantUse, style: &Style) {
    let mut say = |what: &str, text: &str| {
        lines(out, hang(what, text, style.columns(), usize::MAX));
    };
    let shown = |text: &str| Untrusted::new(text).terminal();
    for one in &last_use.used {
        let text = format!("{}, last {}", shown(&one.action), times::time(one.last));
        say("  used: ", &text);
    }
    if !last_use.unused.is_empty() {
        let what = format!("  not used for {UNUSED_DAYS} days: ");
        say(&what, &shown(&last_use.unused.join(", ")));
    }
    if !last_use.rare.is_empty() {
        let text = format!("{}: needed when something ends", last_use.rare.join(", "));
        say("  seldom used: ", &shown(&text));
    }
    let mut reasons: Vec<&str> = last_use
        .unknown
        .iter()
        .map(|one| one.because.as_str())
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    for because in reasons {
        let same = last_use.unknown.iter().filter(|one| one.because == because);
        let actions: Vec<&str> = same.map(|one| one.action.as_str()).collect();
        say(
            "  not known: ",
            &shown(&format!("{}: {because}", actions.join(", "))),
        );
    }
    if last_use.is_idle() {
        say(
            "  nobody uses it: ",
            &format!("`fractary permissions revoke {id}`"),
        );
    }
}

/// The answer of `permissions diff` and `permissions sync`.
pub fn grant_differences(report: &GrantDifferenceReport, style: &Style) -> String {
    let mut out = String::new();
    if report.differences.is_empty() {
        line(
            &mut out,
            &format!("{}: AWS has what was recorded.", report.environment),
        );
    }
    for one in &report.differences {
        let principal = one.principal.terminal();
        lines(&mut out, hang("", &principal, style.columns(), usize::MAX));
        for (what, list) in [
            ("recorded, and not in AWS", &one.missing),
            ("in AWS, and in no record", &one.unexplained),
            (
                "written by someone else into the policies of grants",
                &one.foreign,
            ),
        ] {
            if !list.is_empty() {
                line(&mut out, &format!(" {what}:"));
                statements(&mut out, list, style);
            }
        }
        for id in &one.open {
            line(&mut out, &format!(" {id}: how it ended was never recorded"));
        }
    }
    if let Some(synced) = &report.synced {
        line(&mut out, &format!("{}: {synced}", report.environment));
    }
    style.finish(out)
}

/// The same as a block for the configuration of Terraform, beside the identity that it has.
pub fn grant_as_terraform(address: &str, name: &str, statement: &[Value]) -> String {
    let (of, label) = address.rsplit_once('.').unwrap_or(("aws_iam_role", name));
    let of = of.rsplit('.').next().unwrap_or(of);
    let (kind, key) = match of {
        "aws_iam_user" => ("aws_iam_user_policy", "user"),
        _ => ("aws_iam_role_policy", "role"),
    };
    let label: String = label
        .chars()
        .filter(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '-'))
        .collect();
    let mut out = String::new();
    let _ = writeln!(out, "resource \"{kind}\" \"{label}_more\" {{");
    let _ = writeln!(out, "  name = \"{label}-more\"");
    let _ = writeln!(out, "  {key} = {of}.{label}.name");
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": statement });
    let policy = serde_json::to_string_pretty(&policy).unwrap_or_default();
    // Policy variables are no expressions of Terraform.
    let policy = policy.replace("${", "$${").replace('\n', "\n  ");
    let _ = writeln!(out, "  policy = <<-POLICY\n  {policy}\n  POLICY\n}}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::iam_audit::ListedGrant;
    use crate::model::last_use::{UnknownUse, UsedAction};

    fn listed(id: &str, actions: &[&str], last_use: GrantUse) -> ListedGrant {
        let record = serde_json::json!({ "environment": "test", "status": "granted", "action": actions,
            "statement": [{ "Effect": "Allow", "Action": actions, "Resource": ["arn:aws:sqs:eu-west-1:123456789012:shop-test-*"] }],
            "principal": "arn:aws:iam::123456789012:user/shop-test-deploy", "reason": "the first queue" });
        let at = "2026-06-01T12:00:00Z".parse().expect("a time");
        ListedGrant {
            id: id.to_owned(),
            granted_at: at,
            changed_at: at,
            has_ended: false,
            last_use: Some(last_use),
            record: serde_json::from_value(record).expect("a record"),
        }
    }

    #[test]
    fn what_nobody_uses_stands_beside_the_grant() {
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let because = "AWS follows the service, and not each action, and `sqs` was used";
        let some = GrantUse {
            used: vec![UsedAction {
                action: "sqs:CreateQueue".to_owned(),
                last: "2026-11-30T09:00:00Z".parse().expect("a time"),
            }],
            rare: texts(&["sqs:DeleteQueue"]),
            unknown: vec![UnknownUse {
                action: "sqs:TagQueue".to_owned(),
                because: because.to_owned(),
            }],
            ..GrantUse::default()
        };
        let none = GrantUse {
            unused: texts(&["sqs:PurgeQueue"]),
            ..GrantUse::default()
        };
        let actions = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:TagQueue"];
        let report = GrantListReport {
            version: "1.0.0".to_owned(),
            kind: "grant_list".to_owned(),
            grants: vec![
                listed("g-2", &actions, some),
                listed("g-1", &["sqs:PurgeQueue"], none),
            ],
        };
        let shown = grant_list(&report, &Style::PLAIN);
        let words: Vec<&str> = shown.split_whitespace().collect();
        let words = words.join(" ");
        for said in [
            "used: sqs:CreateQueue, last 2026-11-30 09:00 UTC",
            "seldom used: sqs:DeleteQueue: needed when something ends",
            &format!("not known: sqs:TagQueue: {because}"),
            "not used for 90 days: sqs:PurgeQueue",
            "nobody uses it: `fractary permissions revoke g-1`",
        ] {
            assert!(words.contains(said), "{said}\n{shown}");
        }
        assert!(!words.contains("revoke g-2"), "{shown}");
    }
}
