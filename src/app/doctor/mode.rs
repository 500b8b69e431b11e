//! `[git] mode`: what it needs that is missing. Pure but for [`facts`].

use crate::app::App;
use crate::app::doctor::examine::{SetupFinding, SetupVerdict, finding};
use crate::app::workspace::origin::StateBranch;
use crate::app::workspace::pull_request;
use crate::app::workspace::views::tree::Tree;
use crate::error::CommandError;
use crate::git::Repository;
use crate::model::paths::RepoPath;

/// What is known of the set-up of a mode that lands commits on a branch of its own.
pub(super) struct Facts {
    branch: String,
    pull_request: bool,
    /// Why it cannot be pushed.
    unpushable: Option<CommandError>,
    /// Why GitHub cannot be asked.
    unaskable: Option<CommandError>,
    /// The scheduled workflow, where there is one.
    workflow: Option<String>,
}

/// `None` in the mode `direct`.
pub(super) fn facts(
    app: &App,
    repository: &Repository,
    tree: Tree<'_>,
    workflow: &RepoPath,
) -> Result<Option<Facts>, CommandError> {
    let Some(branch) = StateBranch::configured(repository)? else {
        return Ok(None);
    };
    let target = repository.side_target(branch.name());
    let pull_request = branch.pull_request;
    let unaskable = pull_request::github(app, repository).err();
    Ok(Some(Facts {
        branch: crate::text::escape::terminal(branch.name()),
        pull_request,
        unpushable: target.err().map(CommandError::from),
        unaskable: unaskable.filter(|_| pull_request),
        workflow: tree.read_text(workflow)?,
    }))
}

/// Where commits land, and what is missing for it.
pub(super) fn findings(facts: &Facts) -> Vec<SetupFinding> {
    let what = match facts.pull_request {
        true => "pull requests",
        false => "branch",
    };
    let mut out = vec![match (&facts.unpushable, facts.pull_request) {
        (None, _) => finding(
            what,
            SetupVerdict::Ok,
            format!("commits land on {}", facts.branch),
        ),
        // Without a remote the branch is of use here.
        (Some(error), false) => problem(what, SetupVerdict::Warning, error),
        (Some(error), true) => problem(what, SetupVerdict::Failed, error),
    }];
    if let Some(error) = &facts.unaskable {
        // The workflow has settings of its own; here they count for whoever runs it here.
        out.push(problem("GitHub, from here", SetupVerdict::Warning, error));
    }
    if let Some(text) = &facts.workflow {
        out.extend(workflow(text, facts.pull_request));
    }
    out
}

fn problem(what: &str, verdict: SetupVerdict, error: &CommandError) -> SetupFinding {
    let found = finding(what, verdict, format!("{:#}", error.error));
    match error.hints.is_empty() {
        true => found.fix("see docs/github-actions.md"),
        false => found.fix(error.hints.join("; ")),
    }
}

/// What the workflow lacks, by its words: comments do not count.
fn workflow(text: &str, pull_request: bool) -> Option<SetupFinding> {
    let code: Vec<&str> = text
        .lines()
        .map(|line| line.split(" #").next().unwrap_or_default())
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect();
    let has = |words: &str| code.iter().any(|line| line.contains(words));
    let mut missing = Vec::new();
    if !has("--push") && !pull_request {
        missing.push("`--push` at `fractary run`");
    }
    if !has("contents: write") && !has("write-all") {
        missing.push("`contents: write` under `permissions`");
    }
    if pull_request && !has("pull-requests: write") && !has("write-all") {
        missing.push("`pull-requests: write` under `permissions`");
    }
    if pull_request && !has("GITHUB_TOKEN:") {
        missing.push("`GITHUB_TOKEN: ${{ github.token }}` under `env`");
    }
    if missing.is_empty() {
        return None;
    }
    let found = finding(
        "workflow for this mode",
        SetupVerdict::Warning,
        format!("it lacks {}", missing.join(", ")),
    );
    Some(
        found.fix("add it to .github/workflows/operations.yml; docs/github-actions.md shows where"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::doctor::examine::render_text;
    use crate::render::text::Style;

    fn facts(pull_request: bool) -> Facts {
        Facts {
            branch: "fractary/state".to_owned(),
            pull_request,
            unpushable: None,
            unaskable: None,
            workflow: None,
        }
    }

    #[test]
    fn what_a_mode_lacks_reads_well() {
        let template = include_str!("../../../templates/workflows/operations.yml");
        let whole = template.replace("# pull-requests: write #", "pull-requests: write #");
        assert_ne!(whole, template);
        let error = || Some(CommandError::usage("no such thing").hint("look for it"));
        let with = |text: &str, pull_request| Facts {
            workflow: Some(text.to_owned()),
            ..facts(pull_request)
        };
        let all = [
            facts(false),
            facts(true),
            Facts {
                unpushable: error(),
                ..facts(false)
            },
            Facts {
                unpushable: error(),
                unaskable: error(),
                ..facts(true)
            },
            with(template, false),
            with(template, true),
            with(&whole, true),
            with("run: fractary run", true),
            with("run: fractary run", false),
        ];
        let shown = all.map(|one| render_text(&findings(&one), &Style::PLAIN));
        insta::assert_snapshot!(shown.join("--\n"));
    }
}
