//! What a plan does with each resource: what is dangerous about it, and how people read it.

use serde_json::Value;

use crate::catalog::stateful::Stateful;
use crate::core::review::Circumstances;
use crate::core::review::difference;
use crate::core::review::mask::{MASK, Masker};
use crate::core::review::rules::{self, Findings, Said};
use crate::model::plan::{PlanAction, PlannedChange, PlannedOutput, TerraformPlan};
use crate::model::review::{AttributeDifference, ReviewVerdict, ReviewedChange};
use crate::model::status::Severity;
use crate::text::Untrusted;

/// Most changes that are listed of a plan.
const MOST_LISTED: usize = 200;

/// What providers keep in the state alone, or can make again at any time.
const UTILITIES: &[&str] = &[
    "archive_",
    "cloudinit_",
    "external",
    "http",
    "local_",
    "null_",
    "random_",
    "template_",
    "terraform_data",
    "time_",
    "tls_",
];

pub(super) fn examine(
    plan: &TerraformPlan<'_>,
    around: Circumstances<'_>,
    findings: &mut Findings,
) {
    for change in plan.changes.iter().filter(|change| change.is_current()) {
        if change.action.destroys() {
            destroyed(change, around, findings);
        }
        if matches!(
            change.action,
            PlanAction::Forget | PlanAction::CreateThenForget
        ) {
            forgotten(change, around.stateful, findings);
        }
    }
}

fn destroyed(change: &PlannedChange<'_>, around: Circumstances<'_>, findings: &mut Findings) {
    let kind = change.resource_type.raw();
    let said = |severity, effect, title: String, evidence: Vec<String>| Said {
        severity,
        effect,
        subject: change.address.clone(),
        title,
        evidence,
    };
    let verb = match change.action {
        PlanAction::Destroy => "destroyed",
        _ => "replaced",
    };
    let address = change.address.raw();
    if let Some(lost) = around.stateful.lost(kind) {
        let title = format!("{address} is {verb}, and its data is lost");
        let mut evidence = vec![format!("lost: {lost}")];
        evidence.extend(notes(change));
        findings.add(
            &rules::DATA_LOSS,
            said(Severity::Critical, ReviewVerdict::Block, title, evidence),
        );
    } else if !kind.starts_with("aws_") && !is_utility(kind) {
        let title = format!("{address} is {verb}, and it is not known whether it holds data");
        let evidence = notes(change);
        findings.add(
            &rules::MAY_LOSE_DATA,
            said(Severity::High, around.of_unknown(), title, evidence),
        );
    } else if change.action == PlanAction::DestroyThenCreate && !is_utility(kind) {
        let effect = match around.is_protected {
            true => ReviewVerdict::Warn,
            false => ReviewVerdict::Pass,
        };
        let title = format!("{address} is destroyed before its successor is created");
        findings.add(
            &rules::DOWNTIME,
            said(Severity::Low, effect, title, notes(change)),
        );
    }
}

fn is_utility(kind: &str) -> bool {
    UTILITIES.iter().any(|prefix| kind.starts_with(prefix))
}

fn forgotten(change: &PlannedChange<'_>, stateful: &Stateful, findings: &mut Findings) {
    if is_utility(change.resource_type.raw()) {
        return;
    }
    let holds = stateful.lost(change.resource_type.raw()).is_some();
    findings.add(
        &rules::LEAVES_TERRAFORM,
        Said {
            severity: if holds {
                Severity::Medium
            } else {
                Severity::Low
            },
            effect: ReviewVerdict::Warn,
            subject: change.address.clone(),
            title: format!(
                "{} leaves Terraform, keeps running and costing",
                change.address.raw()
            ),
            evidence: notes(change),
        },
    );
}

/// What people have to know about a change besides its attributes.
fn notes(change: &PlannedChange<'_>) -> Vec<String> {
    let mut out = Vec::new();
    if let (true, Some(previous)) = (change.is_move(), &change.previous_address) {
        out.push(format!("moved from {}", previous.raw()));
    }
    if let Some(id) = &change.importing {
        out.push(match id.is_empty() {
            true => "imported".to_owned(),
            false => format!("imported from {}", id.raw()),
        });
    }
    if let Some(deposed) = &change.deposed {
        out.push(format!(
            "object {} that an earlier replacement left behind; the current one stays",
            deposed.raw()
        ));
    }
    out.extend(reason(change));
    match change.action {
        PlanAction::DestroyThenCreate => {
            out.push("destroyed first, then created: downtime in between".to_owned());
        }
        PlanAction::CreateThenDestroy => out.push("created first, then destroyed".to_owned()),
        PlanAction::Forget => {
            out.push("leaves Terraform, and lives and costs on".to_owned());
        }
        PlanAction::CreateThenForget => {
            out.push(
                "a successor is created; the old one leaves Terraform, and lives and costs on"
                    .to_owned(),
            );
        }
        _ => {}
    }
    out
}

/// Terraform's reason, in words.
fn reason(change: &PlannedChange<'_>) -> Option<String> {
    let word = change.reason.as_ref()?.raw();
    Some(match word {
        "replace_because_tainted" => "it is tainted: its creation was not finished".to_owned(),
        "replace_because_cannot_update" => match change.replace_paths.as_slice() {
            [] => "it cannot be changed in place".to_owned(),
            paths => format!("it cannot be changed in place: {}", paths.join(", ")),
        },
        "replace_by_request" => "`-replace` asks for it".to_owned(),
        "replace_by_triggers" if change.triggers.is_empty() => {
            "something that `replace_triggered_by` names is changed".to_owned()
        }
        "replace_by_triggers" => {
            let names: Vec<&str> = change.triggers.iter().map(String::as_str).collect();
            let of = if names.len() == 1 { "" } else { "one of " };
            format!(
                "`replace_triggered_by` names {of}{}, which changes",
                names.join(", ")
            )
        }
        "delete_because_no_resource_config" => "it is not in the configuration any more".to_owned(),
        "delete_because_no_module" => "its module is not in the configuration any more".to_owned(),
        "delete_because_wrong_repetition" => {
            "`count` or `for_each` was added or removed".to_owned()
        }
        "delete_because_count_index" => "its index is beyond `count`".to_owned(),
        "delete_because_each_key" => "its key is not in `for_each` any more".to_owned(),
        "delete_because_no_move_target" => "where it is moved to is not configured".to_owned(),
        "read_because_config_unknown" | "read_because_dependency_pending" => {
            "it can be read only during the apply".to_owned()
        }
        other => other.to_owned(),
    })
}

/// The changes as people read them, dangerous ones first, and how many more there are.
pub(super) fn rows(
    plan: &TerraformPlan<'_>,
    stateful: &Stateful,
    masker: &Masker,
) -> (Vec<ReviewedChange>, usize) {
    let is_shown = |change: &&PlannedChange<'_>| {
        let is_quiet = matches!(change.action, PlanAction::NoOp | PlanAction::Read);
        !is_quiet || change.is_move() || change.importing.is_some()
    };
    let loses = |change: &PlannedChange<'_>| {
        change.is_current()
            && change.action.destroys()
            && stateful.lost(change.resource_type.raw()).is_some()
    };
    let mut shown: Vec<&PlannedChange<'_>> = plan.changes.iter().filter(is_shown).collect();
    shown.sort_by_key(|change| (!loses(change), order(&change.action)));
    let more = shown.len().saturating_sub(MOST_LISTED);
    shown.truncate(MOST_LISTED);
    let rows = shown.into_iter().map(|change| {
        let (differences, more_differences) = match change.action {
            // What is gone has no attributes.
            PlanAction::Destroy | PlanAction::Forget | PlanAction::NoOp => (Vec::new(), 0),
            _ => difference::differences(change, masker),
        };
        ReviewedChange {
            address: change.address.clone(),
            action: action_word(change),
            sign: change.action.sign().to_owned(),
            loses_data: loses(change),
            notes: notes(change).into_iter().map(Untrusted::new).collect(),
            differences,
            more_differences,
        }
    });
    (rows.collect(), more)
}

fn action_word(change: &PlannedChange<'_>) -> Untrusted {
    match &change.action {
        PlanAction::NoOp if change.is_move() => "move".into(),
        PlanAction::NoOp if change.importing.is_some() => "import".into(),
        PlanAction::Other(words) => words.clone(),
        other => other.word().into(),
    }
}

/// What matters most comes first.
fn order(action: &PlanAction) -> u8 {
    match action {
        PlanAction::Other(_) => 0,
        PlanAction::Destroy => 1,
        PlanAction::DestroyThenCreate | PlanAction::CreateThenDestroy => 2,
        PlanAction::Forget | PlanAction::CreateThenForget => 3,
        PlanAction::Update => 4,
        PlanAction::Create => 5,
        PlanAction::NoOp | PlanAction::Read => 6,
    }
}

/// The outputs that change.
pub(super) fn outputs(plan: &TerraformPlan<'_>, masker: &Masker) -> Vec<AttributeDifference> {
    let changed = plan
        .outputs
        .iter()
        .filter(|one| one.action != PlanAction::NoOp);
    changed
        .flat_map(|output| output_difference(output, masker))
        .take(MOST_LISTED)
        .collect()
}

fn output_difference(output: &PlannedOutput<'_>, masker: &Masker) -> Vec<AttributeDifference> {
    let parse = |json: Option<&str>| -> Value {
        json.and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or(Value::Null)
    };
    let (before, after) = (parse(output.before_json), parse(output.after_json));
    if !output.is_sensitive && !output.is_unknown {
        return difference::of_values(output.name.raw(), &before, &after, masker);
    }
    let shown = match output.is_sensitive {
        true => MASK,
        false => difference::UNKNOWN,
    };
    vec![AttributeDifference {
        path: output.name.clone(),
        before: (!before.is_null()).then(|| Untrusted::from(MASK)),
        after: (output.action != PlanAction::Destroy).then(|| Untrusted::from(shown)),
        lines: Vec::new(),
        forces_replacement: false,
    }]
}
