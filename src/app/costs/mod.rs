//! Auditing costs: the bill, how resources are used, and what could be saved.

mod bill;
pub(crate) mod show;
mod stored;
mod usage;

use jiff::Timestamp;

use crate::app::App;
use crate::app::access::Access;
use crate::app::costs::bill::BillQuestion;
use crate::app::observe::{connect, environments};
use crate::app::wait;
use crate::app::workspace::Workspace;
use crate::app::workspace::views::settings::Settings;
use crate::catalog::Catalog;
use crate::catalog::opportunities::OpportunityRule;
use crate::catalog::registry::Registry;
use crate::cloud::question::ConfigurationQuestion;
use crate::core::cost;
use crate::core::cost::prices::PriceBook;
use crate::core::cost::{CostInput, SpendAnswers, Utilisation};
use crate::error::{CommandError, ErrorKind};
use crate::git::Transaction;
use crate::model::configuration::Configuration;
use crate::model::cost_report::CostReport;
use crate::model::cost_savings::SavingsDocument;
use crate::model::environments::Environment;
use crate::model::ids::{EnvironmentName, Region};
use crate::model::monitoring::CostSection;
use crate::model::prices::PriceDocument;
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::spending::SpendingDocument;
use crate::state::documents::paths;
use crate::text::Untrusted;

/// What an audit of the costs of an environment found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CostAudit {
    /// The report.
    pub(crate) report: CostReport,
    /// What the audit itself cost.
    pub(crate) receipt: Receipt,
    /// What is to be compared with later bills.
    savings: SavingsDocument,
    /// What Cost Explorer answered, where it was asked and answered in full.
    spending: Option<SpendingDocument>,
}

/// What an audit has before it asks anything.
struct CostSources {
    now: Timestamp,
    is_critical: bool,
    scope: Untrusted,
    settings: CostSection,
    rules: Registry<OpportunityRule>,
    prices: PriceBook,
    expected: Option<SavingsDocument>,
    resources: Vec<Resource>,
}

/// What was read of an environment.
struct CostWorldRead {
    spend: SpendAnswers,
    fresh: Option<SpendingDocument>,
    configuration: Configuration,
    utilisation: Utilisation,
    receipt: Receipt,
}

/// Audits the costs of one environment. Cost Explorer is asked once a day: what today's audit has
/// committed is read instead.
pub(crate) fn audit(
    app: &App,
    workspace: &Workspace,
    name: &EnvironmentName,
) -> Result<CostAudit, CommandError> {
    let environment = workspace.settings().environment(name)?;
    let now = app.clock.now();
    let cost_settings = &workspace.state.monitoring.value.cost;
    let question = BillQuestion::new(workspace.settings(), &environment, cost_settings, now);
    let known = CostSources::new(workspace, &environment, question.scope(), now)?;
    let stored: Option<SpendingDocument> = stored::read(workspace, &paths::spending(name))?;
    let read = wait::wait_for(
        app,
        "reading costs",
        read(
            app,
            workspace,
            (&environment, &question),
            &known,
            stored.as_ref(),
        ),
    )?;
    let resource_of = |billed: &str| only_resource(&known.resources, &workspace.catalog, billed);
    let input = known.input(
        &read.spend,
        &read.configuration,
        &read.utilisation,
        &resource_of,
    );
    let (mut report, savings) = cost::report(&input);
    report.gaps.extend(usage::missing(&read.configuration));
    // Who cannot say who they are is told so once.
    report.gaps.dedup();
    Ok(CostAudit {
        report,
        receipt: read.receipt,
        savings,
        spending: read.fresh,
    })
}

/// Reads the bill, the configuration, and what is needed of the metrics.
async fn read(
    app: &App,
    workspace: &Workspace,
    (environment, question): (&Environment, &BillQuestion),
    known: &CostSources,
    stored: Option<&SpendingDocument>,
) -> Result<CostWorldRead, CommandError> {
    let settings = workspace.settings();
    let catalog = &workspace.catalog;
    let connection = connect::connect(app, settings, catalog, environment, Access::Cost).await?;
    let cloud = connection.cloud.as_ref();
    let identity = cloud.identity(&environment.name).await;
    if let Ok(identity) = &identity {
        environments::check_account(settings, environment, identity)?;
    }
    let types: Vec<String> = OpportunityRule::types(&known.rules).into_iter().collect();
    let ((spend, fresh), configuration) = match identity {
        Ok(identity) => {
            let how = ConfigurationQuestion {
                environment: environment.name.clone(),
                regions: regions(settings, environment),
                types,
                max_calls: None,
                identity,
                at: known.now,
            };
            (
                question.ask(cloud, stored, known.now).await,
                usage::configuration(cloud, &how).await,
            )
        }
        Err(gap) => (
            (bill::unread(gap.clone()), None),
            usage::not_read(known.now, &types, gap),
        ),
    };
    let nothing = Utilisation::new();
    let no_names = |_: &str| None;
    let needed = known
        .input(&spend, &configuration, &nothing, &no_names)
        .needed_metrics();
    let utilisation = usage::read(cloud, &environment.name, needed).await;
    let receipt = cloud.receipt();
    connection.finish(app)?;
    Ok(CostWorldRead {
        spend,
        fresh,
        configuration,
        utilisation,
        receipt,
    })
}

/// The regions of the environment.
fn regions(settings: Settings<'_>, environment: &Environment) -> Vec<Region> {
    let mut regions = environment.regions.clone();
    if regions.is_empty() {
        regions.extend(settings.region(environment));
    }
    regions
}

impl CostSources {
    fn new(
        workspace: &Workspace,
        environment: &Environment,
        scope: Untrusted,
        now: Timestamp,
    ) -> Result<Self, CommandError> {
        let settings = workspace.state.monitoring.value.cost.clone();
        let updated = read_prices(workspace)?;
        let rules = Registry::load(&[])
            .map_err(|mut faults| CommandError::new(ErrorKind::Bug, faults.swap_remove(0)))?;
        Ok(Self {
            now,
            is_critical: environment.is_critical(),
            scope,
            prices: PriceBook::new(updated.as_ref(), &settings),
            settings,
            rules,
            expected: stored::read(workspace, &paths::savings(&environment.name))?,
            resources: workspace.registries().resources(environment),
        })
    }

    fn input<'a>(
        &'a self,
        spend: &'a SpendAnswers,
        configuration: &'a Configuration,
        utilisation: &'a Utilisation,
        resource_of: &'a dyn Fn(&str) -> Option<Untrusted>,
    ) -> CostInput<'a> {
        CostInput {
            now: self.now,
            is_critical: self.is_critical,
            scope: self.scope.clone(),
            settings: &self.settings,
            spend,
            resource_of,
            configuration,
            utilisation,
            rules: &self.rules,
            prices: &self.prices,
            expected: self.expected.as_ref(),
        }
    }
}

/// Reads the prices that were read from AWS.
pub(crate) fn read_prices(workspace: &Workspace) -> Result<Option<PriceDocument>, CommandError> {
    stored::read(workspace, &paths::prices())
}

impl CostAudit {
    /// Adds what is kept of the audit.
    pub(crate) fn write(&self, transaction: &mut Transaction, name: &EnvironmentName) {
        if let Some(spending) = &self.spending {
            let bytes = crate::state::document::to_bytes(spending);
            transaction.write(paths::spending(name), bytes);
        }
        // Where the bill is unknown nothing is known about savings either.
        if self.report.spending.is_some() {
            let bytes = crate::state::document::to_bytes(&self.savings);
            transaction.write(paths::savings(name), bytes);
        }
    }
}

/// The name of the one resource that a service of the bill is for; `None` where there are none or
/// more.
fn only_resource(resources: &[Resource], catalog: &Catalog, billed: &str) -> Option<Untrusted> {
    let is_it = |one: &&Resource| {
        let kind = one.kind.as_ref().and_then(|id| catalog.kind(id));
        kind.is_some_and(|kind| kind.names.billed.as_deref() == Some(billed))
    };
    let mut found = resources.iter().filter(is_it);
    let only = found.next()?;
    found.next().is_none().then(|| only.name.clone())
}
