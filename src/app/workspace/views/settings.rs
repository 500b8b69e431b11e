//! What people have configured.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::alerts;
use crate::core::issues::priority::Weights;
use crate::core::targets::HealthSettings;
use crate::error::CommandError;
use crate::model::environments::{AwsCredentials, Environment, Environments};
use crate::model::helm::{Helm, Rule};
use crate::model::ids::{AccountId, DomainName, EnvironmentName, Region};
use crate::model::monitoring::Monitoring;
use crate::model::monitors::{DomainMonitor, domain_prefix};
use crate::model::partition::Partition;
use crate::model::registry::Registry;
use crate::state::Document;

/// Seconds after which an environment that nothing changes in commits, where helm.toml names
/// none.
const HEARTBEAT_SECONDS: u64 = 3_600;

/// monitoring.toml, helm.toml, environments.json, aws-credentials.json and
/// domain-monitors.json, each with its defaults.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    pub(crate) monitoring: &'a Monitoring,
    pub(crate) helm: &'a Helm,
    pub(crate) monitors: &'a [DomainMonitor],
    pub(in crate::app::workspace) environments: Option<&'a Document<Environments>>,
    pub(in crate::app::workspace) credentials: Option<&'a AwsCredentials>,
    /// For the names of environments that have a registry and nothing else.
    pub(in crate::app::workspace) registries: &'a BTreeMap<EnvironmentName, Document<Registry>>,
}

impl<'a> Settings<'a> {
    /// Returns the settings of the judge.
    pub(crate) fn health(self) -> HealthSettings {
        HealthSettings::resolve(self.monitoring)
    }

    /// Returns the environments of environments.json.
    pub(crate) fn environments(self) -> impl Iterator<Item = &'a Environment> {
        let document = self.environments.into_iter();
        document.flat_map(|document| document.value.environments.values())
    }

    /// Returns one environment, or an error that names those there are.
    pub(crate) fn environment(self, name: &EnvironmentName) -> Result<Environment, CommandError> {
        let Some(document) = self.environments else {
            return Err(CommandError::usage(
                "there is no .fractary/shared/environments.json in this repository",
            )
            .hint("`fractary init` writes one; `fractary demo` shows what it is for"));
        };
        let environments = &document.value.environments;
        environments.get(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = environments.keys().map(EnvironmentName::as_str).collect();
            CommandError::usage(format!(
                "there is no environment `{name}` in {}",
                document.path
            ))
            .hint(format!("available environments: {}", known.join(", ")))
        })
    }

    /// Returns the environments that a command is about: the given ones, else the default, else
    /// `test`.
    pub(crate) fn choose(
        self,
        given: &[EnvironmentName],
    ) -> Result<Vec<EnvironmentName>, CommandError> {
        let names = match given {
            [] => vec![self.default_environment()?],
            given => given.to_vec(),
        };
        let mut seen = BTreeSet::new();
        let names: Vec<_> = names
            .into_iter()
            .filter(|name| seen.insert(name.clone()))
            .collect();
        for name in &names {
            self.environment(name)?;
        }
        Ok(names)
    }

    /// Returns the given environments, or all that are monitored.
    pub(crate) fn choose_or_all(
        self,
        given: &[EnvironmentName],
    ) -> Result<Vec<EnvironmentName>, CommandError> {
        match given {
            [] => Ok(self.monitored()),
            given => self.choose(given),
        }
    }

    fn default_environment(self) -> Result<EnvironmentName, CommandError> {
        let configured = self.environments.and_then(|doc| doc.value.default.clone());
        match configured {
            Some(name) => Ok(name),
            None => EnvironmentName::new("test").map_err(CommandError::bug),
        }
    }

    /// Returns all environments that are monitored.
    pub(crate) fn monitored(self) -> Vec<EnvironmentName> {
        match (&self.monitoring.helm_cloud.environments, self.environments) {
            (Some(names), _) => names.clone(),
            (None, Some(document)) => document.value.environments.keys().cloned().collect(),
            (None, None) => self.registries.keys().cloned().collect(),
        }
    }

    /// Returns the domain that the cloud resources of this repository belong to.
    pub(crate) fn domain(self) -> Result<DomainName, CommandError> {
        match &self.monitoring.helm_cloud.domain {
            Some(domain) => Ok(domain.clone()),
            None => DomainName::new("infrastructure").map_err(CommandError::bug),
        }
    }

    /// Makes the error for a domain that is neither that one nor has a monitor.
    pub(crate) fn unknown_domain(self, domain: &DomainName) -> Result<CommandError, CommandError> {
        let mut names = vec![self.domain()?.to_string()];
        names.extend(self.monitors.iter().map(|one| one.domain.to_string()));
        names.sort();
        names.dedup();
        let error = CommandError::usage(format!("unknown domain `{domain}`"));
        Ok(error.hint(format!("available domains: {}", names.join(", "))))
    }

    /// Returns the monitor of a domain.
    pub(crate) fn monitor(self, domain: &DomainName) -> Option<&'a DomainMonitor> {
        self.monitors.iter().find(|one| one.domain == *domain)
    }

    /// Returns the prefix of the issues of a domain: from its monitor, else from its name.
    pub(crate) fn issue_prefix(self, domain: &DomainName) -> String {
        let monitor = self.monitor(domain);
        monitor.map_or_else(|| domain_prefix(domain), DomainMonitor::prefix)
    }

    /// Returns the rules of helm.toml, and the one that `[escalation]` of monitoring.toml is.
    pub(crate) fn rules(self) -> Vec<Rule> {
        let mut rules = self.helm.rules.clone();
        rules.extend(alerts::escalation_rule(&self.monitoring.escalation));
        rules
    }

    /// Returns the weights of the domains in the priority of issues.
    pub(crate) fn weights(self) -> Weights {
        Weights::from_monitors(self.monitors)
    }

    /// Returns the time in which an environment that nothing changes in commits once.
    pub(crate) fn heartbeat_seconds(self) -> u64 {
        let heartbeat = self.helm.git.heartbeat;
        heartbeat.map_or(HEARTBEAT_SECONDS, |text| text.seconds)
    }

    /// Returns an environment with the region and account that aws-credentials.json gives to
    /// all.
    pub(crate) fn complete(self, environment: &Environment) -> Environment {
        Environment {
            account_id: self.account(environment),
            region: self.region(environment),
            ..environment.clone()
        }
    }

    /// Returns the account of an environment, by default that of aws-credentials.json.
    pub(crate) fn account(self, environment: &Environment) -> Option<AccountId> {
        let shared = self.credentials.and_then(|all| all.aws.account_id.clone());
        environment.account_id.clone().or(shared)
    }

    /// Returns the region of an environment, by default that of aws-credentials.json.
    pub(crate) fn region(self, environment: &Environment) -> Option<Region> {
        let shared = self.credentials.and_then(|all| all.aws.region.clone());
        environment
            .region
            .clone()
            .or_else(|| environment.regions.first().cloned())
            .or(shared)
    }

    /// Returns the partition that environments are in: the given ones, or all. Without any
    /// region it is the one that almost everybody uses.
    ///
    /// # Errors
    /// They are in several, or one that was given is not defined.
    pub(crate) fn partition(
        self,
        given: &[EnvironmentName],
    ) -> Result<&'static Partition, CommandError> {
        let names = match (given, self.environments) {
            ([], None) => Vec::new(),
            ([], Some(all)) => all.value.environments.keys().cloned().collect(),
            (given, _) => self.choose(given)?,
        };
        let mut found: BTreeMap<&Partition, Vec<EnvironmentName>> = BTreeMap::new();
        for name in names {
            let environment = self.environment(&name)?;
            let role = environment.role_arn.as_ref().and_then(Partition::of_arn);
            let region = self.region(&environment);
            if let Some(one) = role.or(region.as_ref().map(Partition::of_region)) {
                found.entry(one).or_default().push(name);
            }
        }
        let mut all = found.iter();
        match (all.next(), all.next()) {
            (None, _) => Ok(Partition::COMMERCIAL),
            (Some((only, _)), None) => Ok(only),
            (Some(_), Some(_)) => {
                let each = found.iter().map(|(partition, names)| {
                    let names: Vec<&str> = names.iter().map(EnvironmentName::as_str).collect();
                    format!("{} in {}", names.join(", "), partition.name)
                });
                let each: Vec<String> = each.collect();
                Err(CommandError::usage(format!(
                    "the environments are in several partitions of AWS ({}), and a policy is for one",
                    each.join("; ")
                ))
                .hint("choose with `--env NAME`"))
            }
        }
    }

    /// Returns the first profile of aws-credentials.json that has one of these names.
    pub(crate) fn named_profile(self, names: &[&str]) -> Option<String> {
        let profiles = &self.credentials?.aws.profiles;
        names.iter().find_map(|name| profiles.get(*name).cloned())
    }

    /// Returns the profile of an environment, by aws-credentials.json.
    pub(crate) fn profile(self, environment: &Environment) -> Option<String> {
        let profiles = &self.credentials?.aws.profiles;
        profiles.get(environment.name.as_str()).cloned()
    }
}
