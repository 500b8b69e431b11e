//! The paths of documents and of their folders, made from the places that the types name.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::ids::{DomainName, EnvironmentName, IssueId};
use crate::model::paths::RepoPath;
use crate::state::documents::types::{
    attestations, audit, audit_history, aws_credentials, check, deployments, devops,
    domain_monitors, domain_report, environments, health_check, helm, iam_audit, incident, issue,
    issue_log, kind, kpi_history, kpis, monitoring, monitoring_history, optimization_history,
    prices, registry, remediation_log, savings, slo_budgets, spending, suppressions, texts,
};

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
    environments::TYPE.place().fill(&[])
}

/// Names of AWS profiles.
pub fn aws_credentials() -> RepoPath {
    aws_credentials::TYPE.place().fill(&[])
}

/// The project and its tools.
pub fn devops() -> RepoPath {
    devops::TYPE.place().fill(&[])
}

/// The folder with one folder an environment, each with its registry.
pub fn deployments_dir() -> RepoPath {
    registry::TYPE.place().folder()
}

/// The deployed resources of one environment.
pub fn registry(env: &EnvironmentName) -> RepoPath {
    registry::TYPE.place().fill(&[env])
}

/// The same for people.
pub fn deployed_md(env: &EnvironmentName) -> RepoPath {
    texts::DEPLOYED.place.fill(&[env])
}

/// Deployments of an environment that wait for a decision.
pub fn deploy_proposals_dir(env: &EnvironmentName) -> RepoPath {
    path(format!("{}/{env}/proposals", deployments_dir()))
}

/// A deployment that waits for a decision.
pub fn deploy_proposal(env: &EnvironmentName, id: &str) -> RepoPath {
    path(format!("{}/{id}.json", deploy_proposals_dir(env)))
}

/// Every deployment there was.
pub fn deployments() -> RepoPath {
    deployments::TYPE.place().fill(&[])
}

/// Who watches which domain.
pub fn domain_monitors() -> RepoPath {
    domain_monitors::TYPE.place().fill(&[])
}

/// Checks, service levels and limits.
pub fn monitoring_toml() -> RepoPath {
    monitoring::TYPE.place().fill(&[])
}

/// Dashboard, retention and git settings.
pub fn helm_toml() -> RepoPath {
    helm::TYPE.place().fill(&[])
}

/// The folder of open issues.
pub fn active_issues_dir() -> RepoPath {
    issue::ACTIVE.folder()
}

/// The folder of resolved issues.
pub fn resolved_issues_dir() -> RepoPath {
    issue::RESOLVED.folder()
}

/// An open issue.
pub fn issue_active(id: &IssueId) -> RepoPath {
    issue::ACTIVE.fill(&[id])
}

/// A resolved issue.
pub fn issue_resolved(id: &IssueId) -> RepoPath {
    issue::RESOLVED.fill(&[id])
}

/// A work item, where no tracker is set up.
pub fn work_item(id: &IssueId) -> RepoPath {
    texts::WORK_ITEM.place.fill(&[id])
}

/// The folder with one folder an environment, each with its reports.
pub fn monitoring_dir() -> RepoPath {
    health_check::LATEST.folder()
}

/// The folder of one environment's reports.
pub(crate) fn reports_dir(env: &EnvironmentName) -> RepoPath {
    path(format!("{}/{env}", monitoring_dir()))
}

/// The newest health report of an environment.
pub fn latest(env: &EnvironmentName) -> RepoPath {
    health_check::LATEST.fill(&[env])
}

/// The health report made at a time (UTC, whole seconds).
pub fn report(env: &EnvironmentName, at: Timestamp) -> RepoPath {
    let at = at.to_zoned(TimeZone::UTC);
    let (year, month, day) = (at.year().max(0), at.month(), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    health_check::DATED.fill(&[
        env,
        &format_args!("{year:04}"),
        &format_args!("{month:02}"),
        &format_args!("{day:02}"),
        &format_args!("{hour:02}{minute:02}{second:02}"),
    ])
}

/// One compact entry per committed run.
pub fn history(env: &EnvironmentName) -> RepoPath {
    monitoring_history::TYPE.place().fill(&[env])
}

/// The events behind the error budgets of an environment.
pub fn slo_budgets(env: &EnvironmentName) -> RepoPath {
    slo_budgets::TYPE.place().fill(&[env])
}

/// Findings that people accept.
pub fn suppressions() -> RepoPath {
    suppressions::TYPE.place().fill(&[])
}

/// Controls that people have answered for.
pub fn attestations() -> RepoPath {
    attestations::TYPE.place().fill(&[])
}

/// The folder of the audits of an environment.
pub(crate) fn audits_dir(env: &EnvironmentName) -> RepoPath {
    path(format!("{}/{env}", audit::TYPE.place().folder()))
}

/// The audit of an environment at a time (UTC, whole seconds), and what was audited.
pub fn audit(env: &EnvironmentName, at: Timestamp, audit_type: &str) -> RepoPath {
    let at = at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
    audit::TYPE
        .place()
        .fill(&[env, &format_args!("{at}-{audit_type}")])
}

/// The same for people.
pub fn audit_md(env: &EnvironmentName, at: Timestamp, audit_type: &str) -> RepoPath {
    let at = at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
    texts::AUDIT
        .place
        .fill(&[env, &format_args!("{at}-{audit_type}")])
}

/// The folder of the incidents of an environment.
pub(crate) fn incidents_dir(env: &EnvironmentName) -> RepoPath {
    path(format!("{}/{env}", incident::TYPE.place().folder()))
}

/// The incident that was investigated at a time (UTC, whole seconds), and where it was felt. Of
/// the name, letters, digits and hyphens are kept.
pub fn incident(env: &EnvironmentName, at: Timestamp, felt: &str) -> RepoPath {
    let name = stamp_and_slug(at, felt);
    incident::TYPE.place().fill(&[env, &name])
}

/// The same for people.
pub fn incident_md(env: &EnvironmentName, at: Timestamp, felt: &str) -> RepoPath {
    let name = stamp_and_slug(at, felt);
    texts::INCIDENT.place.fill(&[env, &name])
}

/// Characters of a name that a file name keeps.
const SLUG: usize = 60;

fn stamp_and_slug(at: Timestamp, name: &str) -> String {
    let at = at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
    let mut slug = String::new();
    for c in name.chars().take(SLUG) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    match slug.trim_end_matches('-') {
        "" => format!("{at}-resource"),
        slug => format!("{at}-{slug}"),
    }
}

/// The audits of an environment in numbers.
pub fn audit_history(env: &EnvironmentName) -> RepoPath {
    audit_history::TYPE.place().fill(&[env])
}

/// A user's own checks.
pub fn checks_dir() -> RepoPath {
    check::TYPE.place().folder()
}

/// What Cost Explorer answered for an environment today.
pub fn spending(env: &EnvironmentName) -> RepoPath {
    spending::TYPE.place().fill(&[env])
}

/// Savings that audits of an environment expected.
pub fn savings(env: &EnvironmentName) -> RepoPath {
    savings::TYPE.place().fill(&[env])
}

/// Key figures with their targets.
pub fn kpis() -> RepoPath {
    kpis::TYPE.place().fill(&[])
}

/// What the key figures of an environment were.
pub fn kpi_history(env: &EnvironmentName) -> RepoPath {
    kpi_history::TYPE.place().fill(&[env])
}

/// What optimisation did in an environment.
pub fn optimization_history(env: &EnvironmentName) -> RepoPath {
    optimization_history::TYPE.place().fill(&[env])
}

/// The report of an optimisation cycle, for people.
pub fn optimization_md(env: &EnvironmentName, id: &str) -> RepoPath {
    texts::OPTIMIZATION.place.fill(&[env, &id])
}

/// Prices that were read from AWS.
pub fn prices() -> RepoPath {
    prices::TYPE.place().fill(&[])
}

/// Every grant and revocation of permissions.
pub fn iam_audit() -> RepoPath {
    iam_audit::TYPE.place().fill(&[])
}

/// A grant that waits for a decision.
pub fn grant_proposal(env: &EnvironmentName, id: &str) -> RepoPath {
    path(format!("{}/{env}/grants/{id}.json", deployments_dir()))
}

/// Errors that were met, and what has solved them.
pub fn issue_log() -> RepoPath {
    issue_log::TYPE.place().fill(&[])
}

/// The folder with one folder an environment, each with its remediations.
pub fn remediations_dir() -> RepoPath {
    remediation_log::TYPE.place().folder()
}

/// Every remediation of an environment.
pub fn remediation_log(env: &EnvironmentName) -> RepoPath {
    remediation_log::TYPE.place().fill(&[env])
}

/// Remediations of an environment that wait for a decision.
pub fn proposals_dir(env: &EnvironmentName) -> RepoPath {
    path(format!("{}/{env}/proposals", remediations_dir()))
}

/// A remediation that waits for a decision.
pub fn proposal(env: &EnvironmentName, id: &str) -> RepoPath {
    path(format!("{}/{id}.json", proposals_dir(env)))
}

/// A proposal that was refused.
pub fn refused_proposal(env: &EnvironmentName, id: &str) -> RepoPath {
    path(format!("{}/refused/{id}.json", proposals_dir(env)))
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
    texts::DASHBOARD.place.fill(&[])
}

/// The folder with one folder a domain that a program monitors, each with its environments.
pub fn domains_dir() -> RepoPath {
    domain_report::TYPE.place().folder()
}

/// The newest observation of a domain that a program monitors.
pub fn domain_latest(domain: &DomainName, env: &EnvironmentName) -> RepoPath {
    domain_report::TYPE.place().fill(&[domain, env])
}

/// A user's own report templates.
pub fn templates_dir() -> RepoPath {
    texts::TEMPLATE.place.folder()
}

/// A user's own resource kinds.
pub fn kinds_dir() -> RepoPath {
    kind::TYPE.place().folder()
}

/// `.fractary/schemas`: the schemas of this version, for editors.
pub fn editor_schemas() -> RepoPath {
    texts::EDITOR_SCHEMA.place.folder()
}

/// `.fractary/schemas/<name>.schema.json`
pub fn editor_schema(name: &str) -> RepoPath {
    texts::EDITOR_SCHEMA.place.fill(&[&name])
}

/// The folder of the plugin that monitors the cloud.
pub(crate) fn helm_cloud_dir() -> RepoPath {
    monitoring::OLD.folder()
}

/// Where monitoring.toml lay before it moved into `config/`.
pub(crate) fn old_monitoring_toml() -> RepoPath {
    monitoring::OLD.fill(&[])
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
            issue_log(),
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
