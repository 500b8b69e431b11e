//! `--patch`: what a remediation has changed, as a patch of the Terraform code. Nothing is written:
//! whoever takes it over does so by a commit of theirs.

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::answer::output;
use crate::app::formats::AnswerFormat;
use crate::app::remediate::act;
use crate::app::review::sources::{BlockPlace, TerraformSources};
use crate::app::workspace::Workspace;
use crate::catalog::actions::Actions;
use crate::core::remediate::history::Remediation;
use crate::core::remediate::patch::{self, PatchPlace, Patched};
use crate::error::{CommandError, ErrorKind, ExitCode};
use crate::iac::hcl::{self, HclBlock};
use crate::model::ids::EnvironmentName;
use crate::model::paths::Files;
use crate::model::remediation::{ExpectedDrift, RemediationOutcome};
use crate::render::{json, text};
use crate::text::escape;

/// Prints the patch of a remediation.
pub(crate) fn show(
    app: &App,
    workspace: &Workspace,
    names: &[EnvironmentName],
    id: &str,
    format: AnswerFormat,
) -> Result<ExitCode, CommandError> {
    let one = act::find(workspace, names, id)?;
    let drift = drift(&one)?;
    let head = workspace.repository.head()?.commit;
    let head =
        head.ok_or_else(|| CommandError::usage("there is no commit whose code could be changed"))?;
    let sources = TerraformSources::read(&workspace.repository, &head)?;
    let place = place(&sources, drift)?;
    let files = workspace.repository.files_at(Some(&head))?;
    let bytes = files.read(&place.file);
    let bytes = bytes.map_err(|error| CommandError::new(ErrorKind::Usage, error))?;
    let before = String::from_utf8(bytes.unwrap_or_default())
        .map_err(|_| CommandError::usage(format!("{} is not UTF-8", place.file)))?;
    let after = patched(&place, &before, drift)?;
    let patch = text::diff(Some(&before), Some(&after), place.file.as_str());
    let answer = match format {
        AnswerFormat::Text => patch,
        AnswerFormat::Json => json::pretty(&serde_json::json!({
            "version": "1.0.0",
            "kind": "remediation-patch",
            "id": one.id,
            "file": place.file,
            "patch": patch,
        }))
        .map_err(CommandError::bug)?,
    };
    output::write(app, &answer)?;
    app.ui.note(&match after == before {
        true => "the code says so already: nothing would change".to_owned(),
        false => format!(
            "nothing was written: `fractary remediate --patch {} | git apply` takes it over",
            one.id
        ),
    });
    Ok(ExitCode::Ok)
}

/// What the code would have to say, where there is anything to take over.
fn drift(one: &Remediation) -> Result<&ExpectedDrift, CommandError> {
    let Some(drift) = &one.last.drift_expected else {
        return Err(CommandError::usage(format!(
            "{} has left nothing that differs from Terraform code: {}",
            one.id,
            nothing_left(one)
        )));
    };
    let action = Actions::built_in().get(&one.first.action);
    let is_kept_now = action.is_some_and(|action| !action.code.is_empty());
    match drift.values.is_empty() {
        false => Ok(drift),
        // The record is of a version that did not keep them.
        true if is_kept_now => Err(CommandError::say(
            ErrorKind::Unknown,
            format!(
                "what the code would have to say is not in the record of {}, which an older version has written",
                one.id
            ),
        )
        .hint(escape::terminal(&format!(
            "by hand: {} of {}, from {} to {}",
            drift.attribute,
            drift.address.raw(),
            one.first.plan.from.raw(),
            one.first.plan.to.raw()
        )))),
        true => Err(CommandError::usage(format!(
            "there is nothing to take over: the next apply sets {} of {} back, and that is all that {} has changed there",
            drift.attribute,
            drift.address.terminal(),
            one.first.action
        ))),
    }
}

/// Why there is no difference.
fn nothing_left(one: &Remediation) -> String {
    let is_made = one.last.applied_at.is_some();
    match one.outcome() {
        RemediationOutcome::Undone => "it is undone".to_owned(),
        _ if is_made => format!(
            "{} changes nothing that code says, or {} has no address in the registry",
            one.first.action,
            one.first.resource.terminal()
        ),
        RemediationOutcome::Unverified => "it is not known whether it was made".to_owned(),
        other => format!("it is {}", other.word()),
    }
}

/// The block of an address, where only one directory that is applied has it.
fn place(sources: &TerraformSources, drift: &ExpectedDrift) -> Result<BlockPlace, CommandError> {
    let address = drift.address.raw();
    let shown = drift.address.terminal();
    if address.contains('[') {
        let what = format!("{shown} is one of several that its block makes");
        return Err(CommandError::usage(what).hint(by_hand(drift)));
    }
    let roots = sources.roots(&BTreeSet::new());
    let mut found: Vec<BlockPlace> = roots
        .iter()
        .filter_map(|root| sources.place(root.directory.raw(), address))
        .collect();
    match (found.pop(), found.is_empty()) {
        (Some(place), true) => Ok(place),
        (Some(_), false) => Err(CommandError::usage(format!(
            "several directories of Terraform code have {shown}"
        ))
        .hint(by_hand(drift))),
        (None, _) => Err(CommandError::usage(format!(
            "no Terraform code of this commit has {shown}"
        ))
        .hint(by_hand(drift))),
    }
}

/// What people have to write.
fn by_hand(drift: &ExpectedDrift) -> String {
    let values = drift.values.iter();
    let values: Vec<String> = values
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    escape::terminal(&format!("by hand: {}", values.join(", ")))
}

/// The text with all values.
fn patched(
    place: &BlockPlace,
    before: &str,
    drift: &ExpectedDrift,
) -> Result<String, CommandError> {
    let file = &place.file;
    let mut text = before.to_owned();
    for (attribute, value) in &drift.values {
        let block = block(place, &text)?;
        let at = PatchPlace {
            text: &text,
            block: block.line,
            line: block.lines.get(attribute).copied(),
            attribute,
        };
        text = match patch::set(&at, value) {
            Patched::Text(text) => text,
            Patched::Nothing => continue,
            Patched::ByHand { line, says } => {
                let says = escape::terminal(&says);
                let what = format!("{file}:{line}: {attribute} is no plain value there: `{says}`");
                return Err(CommandError::usage(what).hint(by_hand(drift)));
            }
        };
        // What the parser does not understand any more was not a patch.
        self::block(place, &text)?;
    }
    Ok(text)
}

/// The block in a text of its file.
fn block(place: &BlockPlace, text: &str) -> Result<HclBlock, CommandError> {
    let file = &place.file;
    let parsed = hcl::parse(file.as_str(), text.as_bytes())
        .map_err(|error| CommandError::usage(format!("{file}: {error}")))?;
    let first = *place.lines.start();
    let mut all = parsed.blocks.into_iter();
    let found = all.find(|block| block.line == first && block.kind == "resource");
    found.ok_or_else(|| {
        let what = format!("{file}:{first} calls a module that is not in this repository");
        CommandError::usage(what).hint("change what it is called with")
    })
}
