//! Where each document lies. The only place that knows.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::model::paths::RepoPath;

const SHARED: &str = ".fractary/shared";
const HELM: &str = ".fractary/plugins/helm";
const CLOUD: &str = ".fractary/plugins/helm-cloud";
const FABER: &str = ".fractary/plugins/faber-cloud";

fn path(text: String) -> RepoPath {
    RepoPath::new(text).expect("made of constants and checked names, so it is a path")
}

/// `.fractary`, under which everything lies.
pub fn root() -> RepoPath {
    path(".fractary".to_owned())
}

/// How git merges what lies here.
pub fn attributes() -> RepoPath {
    path(".fractary/.gitattributes".to_owned())
}

/// Names, accounts and regions of the environments.
pub fn environments() -> RepoPath {
    path(format!("{SHARED}/environments.json"))
}

/// Names of AWS profiles.
pub fn aws_credentials() -> RepoPath {
    path(format!("{SHARED}/aws-credentials.json"))
}

/// The project and its tools.
pub fn devops() -> RepoPath {
    path(format!("{FABER}/config/devops.json"))
}

/// The folder with one folder an environment, each with its registry.
pub fn deployments_dir() -> RepoPath {
    path(format!("{FABER}/deployments"))
}

/// The deployed resources of one environment.
pub fn registry(env: &EnvironmentName) -> RepoPath {
    path(format!("{FABER}/deployments/{env}/registry.json"))
}

/// The same for people.
pub fn deployed_md(env: &EnvironmentName) -> RepoPath {
    path(format!("{FABER}/deployments/{env}/DEPLOYED.md"))
}

/// Every deployment there was.
pub fn deployments() -> RepoPath {
    path(".fractary/registry/deployments.json".to_owned())
}

/// Who watches which domain.
pub fn domain_monitors() -> RepoPath {
    path(format!("{HELM}/registry/domain-monitors.json"))
}

/// Checks, service levels and limits.
pub fn monitoring_toml() -> RepoPath {
    path(format!("{CLOUD}/config/monitoring.toml"))
}

/// Dashboard, retention and git settings.
pub fn helm_toml() -> RepoPath {
    path(format!("{HELM}/config/helm.toml"))
}

/// The folder of open issues.
pub fn active_issues_dir() -> RepoPath {
    path(format!("{HELM}/issues/active"))
}

/// The folder of resolved issues.
pub fn resolved_issues_dir() -> RepoPath {
    path(format!("{HELM}/issues/resolved"))
}

/// An open issue.
pub fn issue_active(id: &IssueId) -> RepoPath {
    path(format!("{HELM}/issues/active/{id}.json"))
}

/// A resolved issue.
pub fn issue_resolved(id: &IssueId) -> RepoPath {
    path(format!("{HELM}/issues/resolved/{id}.json"))
}

/// A work item, where no tracker is set up.
pub fn work_item(id: &IssueId) -> RepoPath {
    path(format!("{HELM}/work-items/{id}.md"))
}

/// The folder with one folder an environment, each with its reports.
pub fn monitoring_dir() -> RepoPath {
    path(format!("{CLOUD}/monitoring"))
}

/// The folder of one environment's reports.
pub(crate) fn reports_dir(env: &EnvironmentName) -> RepoPath {
    path(format!("{CLOUD}/monitoring/{env}"))
}

/// The newest health report of an environment.
pub fn latest(env: &EnvironmentName) -> RepoPath {
    path(format!("{CLOUD}/monitoring/{env}/latest.json"))
}

/// The health report made at a time (UTC, whole seconds).
pub fn report(env: &EnvironmentName, at: Timestamp) -> RepoPath {
    let at = at.to_zoned(TimeZone::UTC);
    path(format!(
        "{CLOUD}/monitoring/{env}/{:04}/{:02}/{:02}/{:02}{:02}{:02}Z-health-check.json",
        at.year().max(0),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    ))
}

/// One compact entry per committed run.
pub fn history(env: &EnvironmentName) -> RepoPath {
    path(format!("{CLOUD}/monitoring/{env}/monitoring-history.json"))
}

/// The events behind the error budgets of an environment.
pub fn slo_budgets(env: &EnvironmentName) -> RepoPath {
    path(format!("{CLOUD}/monitoring/{env}/slo-budgets.json"))
}

/// Every grant and revocation of permissions.
pub fn iam_audit() -> RepoPath {
    path(format!("{FABER}/deployments/iam-audit.json"))
}

/// The folder with one folder an environment, each with its remediations.
pub fn remediations_dir() -> RepoPath {
    path(format!("{CLOUD}/remediations"))
}

/// Every remediation of an environment.
pub fn remediation_log(env: &EnvironmentName) -> RepoPath {
    path(format!("{CLOUD}/remediations/{env}/remediation-log.json"))
}

/// Remediations of an environment that wait for a decision.
pub fn proposals_dir(env: &EnvironmentName) -> RepoPath {
    path(format!("{CLOUD}/remediations/{env}/proposals"))
}

/// The archive of one month (`YYYY-MM`) of a log.
///
/// # Panics
/// If `month` is not of that form.
pub fn log_archive(log: &RepoPath, month: &str) -> RepoPath {
    let stem = log.as_str().trim_end_matches(".json");
    path(format!("{stem}.{month}.json"))
}

/// The dashboard for people.
pub fn dashboard_md() -> RepoPath {
    path(format!("{HELM}/DASHBOARD.md"))
}

/// The folder with one folder a domain that a program monitors, each with its environments.
pub fn domains_dir() -> RepoPath {
    path(format!("{HELM}/domains"))
}

/// The newest observation of a domain that a program monitors.
pub fn domain_latest(domain: &DomainName, env: &EnvironmentName) -> RepoPath {
    path(format!("{HELM}/domains/{domain}/{env}/latest.json"))
}

/// A user's own report templates.
pub fn templates_dir() -> RepoPath {
    path(".fractary/templates".to_owned())
}

/// A user's own resource kinds.
pub fn kinds_dir() -> RepoPath {
    path(format!("{CLOUD}/kinds"))
}

/// The folder of the plugin that monitors the cloud.
pub(crate) fn helm_cloud_dir() -> RepoPath {
    path(CLOUD.to_owned())
}

/// Where monitoring.toml lay before it moved into `config/`.
pub(crate) fn old_monitoring_toml() -> RepoPath {
    path(format!("{CLOUD}/monitoring.toml"))
}

/// Where reports lay before monitoring had a plugin of its own.
pub(crate) fn old_monitoring_dir() -> RepoPath {
    path(format!("{FABER}/monitoring"))
}

/// A file of a folder: `<folder>/<name>`. `name` is one of this module's constants.
pub(crate) fn within(folder: &RepoPath, name: &'static str) -> RepoPath {
    path(format!("{folder}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_lie_by_day_in_utc() {
        let env = EnvironmentName::new("prod").expect("a name");
        let at: Timestamp = "2026-03-04T05:06:07.9+02:00".parse().expect("a time");
        assert_eq!(
            report(&env, at).as_str(),
            ".fractary/plugins/helm-cloud/monitoring/prod/2026/03/04/030607Z-health-check.json"
        );
    }

    #[test]
    fn every_place_is_under_the_root() {
        let env = EnvironmentName::new("prod").expect("a name");
        let id = IssueId::new("infra-7f3a2c").expect("an id");
        let all = [
            environments(),
            aws_credentials(),
            devops(),
            registry(&env),
            deployed_md(&env),
            deployments(),
            domain_monitors(),
            monitoring_toml(),
            helm_toml(),
            issue_active(&id),
            issue_resolved(&id),
            latest(&env),
            history(&env),
            domain_latest(&DomainName::new("data").expect("a name"), &env),
            slo_budgets(&env),
            iam_audit(),
            remediation_log(&env),
            log_archive(&iam_audit(), "2026-05"),
            dashboard_md(),
            templates_dir(),
            kinds_dir(),
        ];
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
        for place in &all {
            assert!(place.as_str().starts_with(".fractary/"), "{place}");
        }
    }
}
