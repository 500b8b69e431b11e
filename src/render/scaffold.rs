//! The files that `fractary init` writes.

use minijinja::{Environment, UndefinedBehavior, context};

use crate::model::ids::{AccountId, EnvironmentName, Region};
use crate::model::partition::Partition;

/// What a new repository is set up for.
#[derive(Debug, Clone)]
pub struct Scaffold {
    /// Environments, the first of which is the default. Not empty.
    pub environments: Vec<EnvironmentName>,
    /// The account, where it is known.
    pub account: Option<AccountId>,
    /// The region, where it is known.
    pub region: Option<Region>,
    /// Whether the dashboard is to be published as a page.
    pub pages: bool,
    /// Whether pull requests from forks are to have a comment.
    pub fork_comments: bool,
    /// Whether key figures are to be written, each off until it has a source.
    pub helios: bool,
}

/// Where a file goes, as the layout of the state names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `shared/environments.json`
    Environments,
    /// `shared/aws-credentials.json`
    Credentials,
    /// `helm/config/helm.toml`
    Helm,
    /// `helm/registry/domain-monitors.json`
    Monitors,
    /// `helm-cloud/config/monitoring.toml`
    Monitoring,
    /// `helios/config/kpis.toml`
    Kpis,
    /// `deployments/<env>/registry.json`
    Registry(EnvironmentName),
    /// `.fractary/.gitattributes`
    Attributes,
    /// `.github/workflows/operations.yml`
    Workflow,
    /// `.github/workflows/fractary-check.yml`
    PullRequests,
    /// `.github/workflows/fractary-forks.yml`
    ForkComments,
    /// `.github/workflows/fractary-pages.yml`
    Pages,
    /// `.github/actions/fractary/action.yml`
    Action,
    /// `.github/actions/fractary/install`
    Install,
}

const FILES: [(Target, &str); 5] = [
    (
        Target::Environments,
        include_str!("../../templates/init/environments.json"),
    ),
    (
        Target::Credentials,
        include_str!("../../templates/init/aws-credentials.json"),
    ),
    (Target::Helm, include_str!("../../templates/init/helm.toml")),
    (
        Target::Monitors,
        include_str!("../../templates/init/domain-monitors.json"),
    ),
    (
        Target::Monitoring,
        include_str!("../../templates/init/monitoring.toml"),
    ),
];
const ATTRIBUTES: &str = include_str!("../../templates/init/gitattributes");
const KPIS: &str = include_str!("../../templates/init/kpis.toml");
const REGISTRY: &str = include_str!("../../templates/init/registry.json");
const WORKFLOW: &str = include_str!("../../templates/workflows/operations.yml");
const PULL_REQUESTS: &str = include_str!("../../templates/workflows/pull-request.yml");
const FORK_COMMENTS: &str = include_str!("../../templates/workflows/review-forks.yml");

const PAGES: &str = include_str!("../../templates/workflows/pages.yml");
// The action that is published is also what the workflows install fractary with.
const ACTION: &str = include_str!("../../.github/actions/fractary/action.yml");
const INSTALL: &str = include_str!("../../.github/actions/fractary/install");

/// The files and their text.
pub fn files(scaffold: &Scaffold) -> Result<Vec<(Target, String)>, minijinja::Error> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // The values are identifiers that were checked when they were parsed; JSON and TOML take them as they are.
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let names: Vec<String> = scaffold
        .environments
        .iter()
        .map(ToString::to_string)
        .collect();
    let values = context! {
        default => names.first().cloned(),
        environments => names,
        account => scaffold.account.as_ref().map(ToString::to_string),
        region => scaffold.region.as_ref().map(ToString::to_string),
    };
    let mut out = Vec::new();
    for (target, text) in FILES {
        out.push((target, engine.render_str(text, &values)? + "\n"));
    }
    if scaffold.helios {
        out.push((Target::Kpis, KPIS.to_owned()));
    }
    for name in &scaffold.environments {
        let text = engine.render_str(REGISTRY, context! { environment => name.to_string() })?;
        out.push((Target::Registry(name.clone()), text + "\n"));
    }
    out.push((Target::Attributes, ATTRIBUTES.to_owned()));
    out.push((Target::Workflow, workflow(WORKFLOW, scaffold)));
    out.push((Target::PullRequests, workflow(PULL_REQUESTS, scaffold)));
    if scaffold.fork_comments {
        out.push((Target::ForkComments, workflow(FORK_COMMENTS, scaffold)));
    }
    if scaffold.pages {
        out.push((Target::Pages, workflow(PAGES, scaffold)));
    }
    out.push((Target::Action, ACTION.to_owned()));
    out.push((Target::Install, INSTALL.to_owned()));
    Ok(out)
}

/// A workflow has GitHub's own `${{ … }}`, so its blanks are filled by plain replacement.
fn workflow(template: &str, scaffold: &Scaffold) -> String {
    let environment = scaffold
        .environments
        .first()
        .map_or("test", EnvironmentName::as_str);
    template
        .replace("__VERSION__", env!("CARGO_PKG_VERSION"))
        .replace("__ENVIRONMENT__", environment)
        .replace("__ROLE_ARN__", "${{ vars.AWS_ROLE_ARN }}")
        .replace(
            "          aws-region: ${{ env.AWS_REGION }}\n",
            &format!(
                "          aws-region: ${{{{ env.AWS_REGION }}}}\n{}",
                audience(scaffold.region.as_ref())
            ),
        )
        .replace(
            "__REGION__",
            scaffold.region.as_ref().map_or("us-east-1", Region::as_str),
        )
}

/// The line that names the audience of GitHub's token, where it is not the action's default:
/// the STS of China has a domain of its own.
fn audience(region: Option<&Region>) -> String {
    match region.map(Partition::of_region) {
        Some(partition) if partition.dns_suffix != Partition::COMMERCIAL.dns_suffix => {
            format!("          audience: sts.{}\n", partition.dns_suffix)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_names_the_audience_of_its_partition() {
        for (region, line) in [
            ("eu-central-1", None),
            ("us-gov-west-1", None),
            ("cn-north-1", Some("audience: sts.amazonaws.com.cn")),
        ] {
            let scaffold = Scaffold {
                environments: vec![EnvironmentName::new("prod").expect("a name")],
                account: None,
                region: Region::new(region).ok(),
                pages: false,
                fork_comments: false,
                helios: false,
            };
            let files = files(&scaffold).expect("templates");
            let workflow = files.iter().find(|(target, _)| *target == Target::Workflow);
            let (_, text) = workflow.expect("a workflow");
            let found = text
                .lines()
                .map(str::trim)
                .find(|l| l.starts_with("audience:"));
            assert_eq!(found, line, "{region}");
        }
    }
}
