//! Reading how an environment is configured, for audits; and which environment is due for one.

use crate::app::App;
use crate::app::access::Access;
use crate::app::costs::CostAudit;
use crate::app::decide::audits::{AuditPlan, AuditRead};
use crate::app::observe::{connect, environments};
use crate::app::workspace::views::Scope;
use crate::catalog::frameworks;
use crate::cloud::question::ConfigurationQuestion;
use crate::core::audit::due;
use crate::error::CommandError;
use crate::model::configuration::Configuration;
use crate::model::fact::Gap;
use crate::model::ids::{EnvironmentName, Region};
use crate::model::monitoring::ScheduledAudit;
use crate::model::receipt::Receipt;

/// Frameworks that an audit of compliance reports where none is named.
const FRAMEWORKS: [&str; 2] = ["aws-fsbp", "cis-aws-7.0"];
/// Most calls that a scheduled audit makes where monitoring.toml names no number.
const SCHEDULED_CALLS: u64 = 5_000;

/// How much of an account is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuditReach<'a> {
    /// Regions; empty for all that are enabled.
    pub(crate) regions: &'a [Region],
    /// Types of resources; empty for all.
    pub(crate) types: &'a [String],
    /// Most calls that may be made.
    pub(crate) max_calls: Option<u64>,
    /// What may be sent.
    pub(crate) access: Access,
}

/// Reads how an environment is configured.
pub(crate) async fn read(
    app: &App,
    scope: &Scope<'_>,
    name: &EnvironmentName,
    reach: AuditReach<'_>,
) -> Result<(Configuration, Receipt), CommandError> {
    let (settings, catalog) = (scope.settings, scope.registries.catalog);
    let environment = settings.environment(name)?;
    let connection = connect::connect(app, settings, catalog, &environment, reach.access).await?;
    let now = app.clock.now();
    let configuration = match connection.cloud.identity(name).await {
        Ok(identity) => {
            environments::check_account(settings, &environment, &identity)?;
            let question = ConfigurationQuestion {
                environment: name.clone(),
                regions: reach.regions.to_vec(),
                types: reach.types.to_vec(),
                max_calls: reach.max_calls,
                identity,
                at: now,
            };
            match connection.cloud.configuration(&question).await {
                Ok(configuration) => configuration,
                Err(gap) => unseen(now, gap),
            }
        }
        Err(gap) => unseen(now, gap),
    };
    connection.finish(app)?;
    Ok((configuration, connection.cloud.receipt()))
}

/// A configuration of which nothing could be read, for this reason.
fn unseen(at: jiff::Timestamp, gap: Gap) -> Configuration {
    let mut configuration = Configuration::new(at);
    configuration.add_gap(gap);
    configuration
}

/// Returns the environment that a run audits: the one that has waited longest, if one is due.
pub(crate) fn next(
    app: &App,
    scope: &Scope<'_>,
    names: &[EnvironmentName],
) -> Option<EnvironmentName> {
    let every = scope.settings.monitoring.audit.every?;
    let last = |name: &EnvironmentName| {
        let history = scope.records.audits(name)?;
        history.value.audits.last().map(|one| one.generated_at)
    };
    due(names, last, every.seconds, app.clock.now()).cloned()
}

/// Reads the environment that is due, where one is.
pub(crate) async fn read_due(
    app: &App,
    scope: &Scope<'_>,
    name: Option<&EnvironmentName>,
) -> Result<Vec<AuditRead>, CommandError> {
    let Some(name) = name else {
        return Ok(Vec::new());
    };
    let audit = &scope.settings.monitoring.audit;
    let reach = AuditReach {
        regions: &[],
        types: &[],
        max_calls: Some(audit.max_calls.unwrap_or(SCHEDULED_CALLS)),
        access: Access::ScheduledAudit,
    };
    let (configuration, receipt) = read(app, scope, name, reach).await?;
    let audit_type = match audit.audit_type.unwrap_or_default() {
        ScheduledAudit::Security => "security",
        ScheduledAudit::Compliance => "compliance",
    };
    let plan = AuditPlan {
        audit_type,
        checks: Vec::new(),
        frameworks: choose_frameworks(scope, audit_type, &[])?,
        allow_protected: false,
    };
    Ok(vec![AuditRead {
        environment: name.clone(),
        plan,
        configuration,
        receipt,
        cost: None::<CostAudit>,
    }])
}

/// Returns the frameworks that an audit reports: those given, those of monitoring.toml, or the
/// usual ones; none for an audit of security that names none.
pub(crate) fn choose_frameworks(
    scope: &Scope<'_>,
    audit_type: &str,
    given: &[String],
) -> Result<Vec<String>, CommandError> {
    let configured = &scope.settings.monitoring.compliance.frameworks;
    let wanted = match (given.is_empty(), audit_type) {
        (false, _) => given.to_vec(),
        (true, "security") => Vec::new(),
        (true, _) if !configured.is_empty() => configured.clone(),
        (true, _) => FRAMEWORKS.map(str::to_owned).to_vec(),
    };
    let known = frameworks::built_in();
    match wanted.iter().find(|id| !known.contains_key(id.as_str())) {
        None => Ok(wanted),
        Some(odd) => {
            let names: Vec<&str> = known.keys().copied().collect();
            let shown = crate::text::escape::terminal(odd);
            let error = CommandError::usage(format!("there is no framework `{shown}`"));
            Err(error.hint(format!("available frameworks: {}", names.join(", "))))
        }
    }
}
