//! One file per type of document, named as the type: what is known of it, what is checked
//! about it, and how it merges. Its line in the list makes it known everywhere.

pub(crate) mod alert;
pub(crate) mod attestations;
pub(crate) mod audit;
pub(crate) mod audit_history;
pub(crate) mod aws_credentials;
pub(crate) mod check;
pub(crate) mod dashboard;
pub(crate) mod deployments;
pub(crate) mod devops;
pub(crate) mod domain_health;
pub(crate) mod domain_monitors;
pub(crate) mod domain_report;
pub(crate) mod environments;
pub(crate) mod health_check;
pub(crate) mod helm;
pub(crate) mod iam_audit;
pub(crate) mod incident;
pub(crate) mod issue;
pub(crate) mod issue_log;
pub(crate) mod kind;
pub(crate) mod kpi_history;
pub(crate) mod kpis;
pub(crate) mod monitoring;
pub(crate) mod monitoring_history;
pub(crate) mod optimization_history;
pub(crate) mod prices;
pub(crate) mod registry;
pub(crate) mod remediation_log;
pub(crate) mod savings;
pub(crate) mod slo_budgets;
pub(crate) mod spending;
pub(crate) mod suppressions;
pub(crate) mod texts;

use schemars::Schema;
use schemars::generate::SchemaSettings;

use crate::model;
use crate::state::documents::document_type::DocumentType;

macro_rules! types {
    ($($module:ident: $value:ty,)* ; $($other:ident,)*) => {
        /// Every type of document.
        pub(crate) static TYPES: &[&DocumentType] = &[$(&$module::TYPE,)* $(&$other::TYPE,)*];

        /// The schemas as the Rust types say them, by name, for the tests that hold `schemas/`
        /// to them.
        pub fn generated_schemas(settings: &SchemaSettings) -> Vec<(&'static str, Schema)> {
            vec![$((
                $module::TYPE.name,
                settings.clone().into_generator().into_root_schema_for::<$value>(),
            )),*]
        }
    };
}

// As the reference shows them: first what people write, then what is recorded, then what lies
// in no file.
types! {
    environments: model::environments::Environments,
    aws_credentials: model::environments::AwsCredentials,
    monitoring: model::monitoring::Monitoring,
    helm: model::helm::Helm,
    domain_monitors: model::monitors::DomainMonitors,
    devops: model::project::Devops,
    suppressions: model::audit::Suppressions,
    attestations: model::attestations::Attestations,
    kpis: model::kpi::Kpis,
    registry: model::registry::Registry,
    deployments: model::deployments::Deployments,
    issue: model::issue::Issue,
    health_check: model::report::HealthReport,
    monitoring_history: model::history::History,
    slo_budgets: model::slo_budgets::SloBudgets,
    incident: model::incident::IncidentReport,
    audit: model::audit::AuditReport,
    audit_history: model::audit_history::AuditHistory,
    spending: model::spending::SpendingDocument,
    savings: model::cost_savings::SavingsDocument,
    kpi_history: model::kpi_history::KpiHistory,
    optimization_history: model::optimization::OptimizationHistory,
    prices: model::prices::PriceDocument,
    domain_report: model::domain_health::DomainReport,
    iam_audit: model::log::IamAudit,
    issue_log: model::issue_log::IssueLog,
    remediation_log: model::log::RemediationLog,
    domain_health: model::domain_health::DomainHealth,
    alert: model::alert::AlertDocument,
    dashboard: model::dashboard::Dashboard,
    ;
    // The catalogue has their Rust types, and reads them.
    kind,
    check,
}
