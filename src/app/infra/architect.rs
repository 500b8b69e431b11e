//! `infra architect`: a design from words, and a design brought up to date.

use crate::app::App;
use crate::app::infra::files;
use crate::app::infra::files::{Decided, FileChanges};
use crate::app::workspace::Workspace;
use crate::app::workspace::landing::{Landed, Landing};
use crate::catalog::blueprints::Blueprint;
use crate::core::infra::architect;
use crate::core::infra::cost::estimated;
use crate::core::infra::design::{Design, DesignFault};
use crate::core::infra::front_matter;
use crate::core::infra::front_matter::{DesignText, PlacedFault};
use crate::core::infra::merge::{TextMerge, merge};
use crate::core::infra::words::name_of;
use crate::error::CommandError;
use crate::model::design::{DesignHead, DesignReport, Generated, MergeConflict};
use crate::model::ids::{EnvironmentName, FeatureName};
use crate::model::paths::RepoPath;
use crate::render::markdown;
use crate::text::escape;
use crate::text::phrases::counted;

/// What to design.
pub(crate) struct ArchitectRequest<'a> {
    /// The feature in words; a design that is there says it itself.
    pub(crate) feature: Option<&'a str>,
    /// The path of a design that is there.
    pub(crate) design: Option<&'a RepoPath>,
    /// The name of a new design.
    pub(crate) name: Option<&'a FeatureName>,
    /// Values of parameters: `key=value` or `blueprint.key=value`.
    pub(crate) set: &'a [(String, String)],
    /// Whether edits of the document that cannot be merged are overwritten.
    pub(crate) overwrite: bool,
    /// Whether a new design is for all environments, whatever `--env` names.
    pub(crate) for_all_environments: bool,
}

/// A design that was made or brought up to date.
pub(crate) struct Designed {
    /// Its file.
    pub(crate) path: RepoPath,
    /// What it says.
    pub(crate) report: DesignReport,
    /// Its whole text.
    pub(crate) text: String,
    /// Whether it was there before.
    pub(crate) existed: bool,
    /// Edits that could not be merged; the file is left alone then.
    pub(crate) conflicts: Vec<MergeConflict>,
}

/// Makes a design, or brings one up to date.
pub(crate) fn architect(
    app: &App,
    workspace: Workspace,
    request: &ArchitectRequest<'_>,
    landing: Landing,
) -> Result<(Workspace, Designed, Landed), CommandError> {
    let (workspace, designed, _, landed) =
        files::decide_and_land(app, workspace, landing, |workspace| {
            let mut changes = FileChanges::default();
            let designed = design(app, workspace, request, &mut changes)?;
            let lands = matches!(landing, Landing::Files | Landing::Commit);
            if lands && designed.conflicts.is_empty() {
                let split = front_matter::split(&designed.text).map_err(bug)?;
                let body = generated_body(&designed.report);
                if !split.body.is_empty() {
                    workspace.repository.store_content(body.as_bytes())?;
                }
            }
            let verb = if designed.existed { "update" } else { "design" };
            Ok(Decided {
                message: format!(
                    "fractary(infra): {verb} {}\n\nFractary-Command: infra architect\n",
                    designed.report.name
                ),
                facts: designed,
                changes,
            })
        })?;
    Ok((workspace, designed, landed))
}

fn bug(fault: PlacedFault) -> CommandError {
    CommandError::say(crate::error::ErrorKind::Bug, fault)
}

fn generated_body(report: &DesignReport) -> String {
    format!("\n{}", markdown::design(report))
}

fn design(
    app: &App,
    workspace: &Workspace,
    request: &ArchitectRequest<'_>,
    changes: &mut FileChanges,
) -> Result<Designed, CommandError> {
    let path = match (request.design, request.feature) {
        (Some(path), _) => path.clone(),
        (None, Some(feature)) => files::design_path(&name(request, feature)?)?,
        (None, None) => {
            return Err(
                CommandError::usage("nothing to design").hint("use `--feature \"user uploads\"`")
            );
        }
    };
    let old = files::read(workspace, &path)?;
    if let (Some(_), None) = (request.design, &old) {
        return Err(CommandError::usage(format!("there is no design {path}"))
            .hint("make one with `fractary infra architect --feature \"user uploads\"`"));
    }
    let head = match &old {
        Some(text) => existing(&path, text, request)?,
        None => new(app, workspace, request)?,
    };
    let parsed = parse(&path, &front_matter::join(&head, ""))?;
    let report = report_of(workspace, &path, &head, &parsed)?;
    let body = generated_body(&report);
    let kept = match &old {
        Some(text) => {
            let split = read(&path, text)?;
            merged_body(
                workspace,
                &parsed.generated,
                split.body,
                &body,
                request.overwrite,
            )
        }
        None => TextMerge::Clean(body.clone()),
    };
    let generated = Generated {
        document: Some(workspace.repository.content_id(body.as_bytes())?),
        ..parsed.generated.clone()
    };
    let head = front_matter::set_generated(&head, &generated)
        .map_err(|error| CommandError::usage(format!("{path}: {error}")))?;
    let (text, conflicts) = match kept {
        TextMerge::Clean(body) => (front_matter::join(&head, &body), Vec::new()),
        TextMerge::Conflicts(conflicts) => (old.clone().unwrap_or_default(), conflicts),
    };
    changes.write(&path, old.as_deref(), &text);
    files::write_new_project(workspace, changes)?;
    Ok(Designed {
        path,
        report,
        text,
        existed: old.is_some(),
        conflicts,
    })
}

/// The document with the edits of people in it.
fn merged_body(
    workspace: &Workspace,
    generated: &Generated,
    ours: &str,
    theirs: &str,
    overwrite: bool,
) -> TextMerge {
    let is_generated = generated.document.as_ref().is_some_and(|id| {
        let own = workspace
            .repository
            .content_id(ours.replace("\r\n", "\n").as_bytes());
        own.is_ok_and(|own| own == *id)
    });
    if is_generated || overwrite || ours.trim().is_empty() {
        return TextMerge::Clean(theirs.to_owned());
    }
    let base = generated
        .document
        .as_ref()
        .and_then(|id| workspace.repository.stored_content(id));
    let base = base.and_then(|bytes| String::from_utf8(bytes).ok());
    match base {
        Some(base) => merge(&base, ours, theirs),
        // Without the base nobody can tell an edit from what is old: the whole is one question.
        None if ours == theirs => TextMerge::Clean(ours.to_owned()),
        None => TextMerge::Conflicts(vec![MergeConflict {
            line: 1,
            base: String::new(),
            ours: ours.to_owned(),
            theirs: theirs.to_owned(),
        }]),
    }
}

fn name(request: &ArchitectRequest<'_>, feature: &str) -> Result<FeatureName, CommandError> {
    if let Some(name) = request.name {
        return Ok(name.clone());
    }
    name_of(feature).ok_or_else(|| {
        let shown = escape::terminal(&escape::cut(feature, 60));
        CommandError::usage(format!("`{shown}` makes no name"))
            .hint("name the feature with `--name user-uploads`")
    })
}

/// The block of a new design.
fn new(
    app: &App,
    workspace: &Workspace,
    request: &ArchitectRequest<'_>,
) -> Result<String, CommandError> {
    let feature = request.feature.unwrap_or_default();
    let registry = Blueprint::built_in();
    let environments: Vec<EnvironmentName> = match app.global.env.as_slice() {
        named if !named.is_empty() && !request.for_all_environments => named.to_vec(),
        _ => workspace
            .settings()
            .environments()
            .map(|one| one.name.clone())
            .collect(),
    };
    if environments.is_empty() {
        return Err(
            CommandError::usage("there are no environments to design for")
                .hint("run `fractary init`, or name one with `--env test`"),
        );
    }
    let made = architect::new_head(feature, name(request, feature)?, &environments, registry);
    let head = made.ok_or_else(|| {
        let all: Vec<String> = registry
            .iter()
            .map(|one| format!("{} ({})", one.id, one.title))
            .collect();
        let shown = escape::terminal(&escape::cut(feature, 80));
        CommandError::usage(format!("`{shown}` matches none of the blueprints")).hint(format!(
            "name what it is made of, such as `file upload` or `queue`; {}: {}",
            counted(all.len() as u64, "blueprint"),
            all.join(", ")
        ))
    })?;
    let design = Design::new(&head, registry).map_err(|faults| refused(feature, &faults))?;
    let text = front_matter::new_head(&head, &design.blueprints);
    set_all(&text, &design, request.set)
}

/// The block of a design that is there, with what is set.
fn existing(
    path: &RepoPath,
    text: &str,
    request: &ArchitectRequest<'_>,
) -> Result<String, CommandError> {
    let split = read(path, text)?;
    let head = parse(path, text)?;
    let design = checked(path, split, &head)?;
    set_all(split.head, &design, request.set)
}

fn set_all(
    head: &str,
    design: &Design<'_>,
    set: &[(String, String)],
) -> Result<String, CommandError> {
    let mut head = head.to_owned();
    for (key, text) in set {
        let (blueprint, name) = find(design, key)?;
        let parameter = &blueprint.parameters[name];
        let value = parameter
            .parse(name, text)
            .map_err(|error| CommandError::usage(format!("--set {error}")))?;
        head = front_matter::set_parameter(&head, &blueprint.id, name, &value)
            .map_err(CommandError::usage)?;
    }
    Ok(head)
}

/// The parameter that a key means: `name`, where one blueprint of the design has it alone, or
/// `blueprint.name`.
fn find<'d>(
    design: &'d Design<'_>,
    key: &'d str,
) -> Result<(&'d Blueprint, &'d str), CommandError> {
    let (wanted, name) = match key.split_once('.') {
        Some((blueprint, name)) => (Some(blueprint), name),
        None => (None, key),
    };
    let has = |one: &&&Blueprint| {
        wanted.is_none_or(|id| id == one.id) && one.parameters.contains_key(name)
    };
    let found: Vec<&&Blueprint> = design.blueprints.iter().filter(has).collect();
    let shown = escape::terminal(&escape::cut(key, 60));
    match found.as_slice() {
        [one] => Ok((one, name)),
        [] => {
            let all = design.blueprints.iter().flat_map(|one| {
                one.parameters
                    .keys()
                    .map(|name| format!("{}.{name}", one.id))
            });
            let all: Vec<String> = all.collect();
            Err(
                CommandError::usage(format!("`{shown}` is no parameter of the design"))
                    .hint(format!("available: {}", all.join(", "))),
            )
        }
        several => {
            let all: Vec<String> = several
                .iter()
                .map(|one| format!("{}.{name}", one.id))
                .collect();
            Err(
                CommandError::usage(format!("several blueprints have a parameter `{shown}`"))
                    .hint(format!("write one of {}", all.join(", "))),
            )
        }
    }
}

/// Splits a design into its block and its document.
pub(super) fn read<'t>(path: &RepoPath, text: &'t str) -> Result<DesignText<'t>, CommandError> {
    front_matter::split(text).map_err(|fault| placed(path, &[fault]))
}

/// Reads the block of a design.
pub(super) fn parse(path: &RepoPath, text: &str) -> Result<DesignHead, CommandError> {
    let split = read(path, text)?;
    front_matter::parse(&split).map_err(|fault| placed(path, &[fault]))
}

/// Checks the block of a design.
pub(super) fn checked<'d>(
    path: &RepoPath,
    text: DesignText<'_>,
    head: &'d DesignHead,
) -> Result<Design<'d>, CommandError> {
    Design::new(head, Blueprint::built_in()).map_err(|faults| in_file(path, &text, faults))
}

/// Faults of a design with their places.
pub(super) fn in_file(
    path: &RepoPath,
    text: &DesignText<'_>,
    faults: Vec<DesignFault>,
) -> CommandError {
    let faults = faults
        .into_iter()
        .map(|fault| front_matter::place(text, fault));
    placed(path, &faults.collect::<Vec<_>>())
}

fn placed(path: &RepoPath, faults: &[PlacedFault]) -> CommandError {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| {
            let hint = fault
                .hint
                .as_ref()
                .map_or_else(String::new, |hint| format!(" ({hint})"));
            format!("{path}:{fault}{hint}")
        })
        .collect();
    CommandError::usage(lines.join("\n"))
}

fn refused(feature: &str, faults: &[DesignFault]) -> CommandError {
    let lines: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    let shown = escape::terminal(&escape::cut(feature, 60));
    CommandError::usage(format!("`{shown}`: {}", lines.join("; ")))
}

fn report_of(
    workspace: &Workspace,
    path: &RepoPath,
    head_text: &str,
    head: &DesignHead,
) -> Result<DesignReport, CommandError> {
    let joined = front_matter::join(head_text, "");
    let text = read(path, &joined)?;
    let design = checked(path, text, head)?;
    let naming = files::naming(workspace)?;
    let prices = files::prices(workspace)?;
    let environments = files::environments(workspace, &head.environments)?;
    let costs = environments
        .iter()
        .map(|one| estimated(&design, &naming, one, &prices));
    let costs = costs.collect::<Result<Vec<_>, _>>();
    let report =
        costs.and_then(|costs| architect::report(&design, &naming, Blueprint::built_in(), costs));
    report.map_err(|fault| in_file(path, &text, vec![fault]))
}
