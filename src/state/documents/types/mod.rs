//! One file per type of document, named as the type: what is known of it, what is checked
//! about it, and how it merges. A line here makes it known everywhere.

use schemars::Schema;
use schemars::generate::SchemaSettings;

use crate::model;
use crate::state::documents::document_type::DocumentType;

pub(crate) mod texts;

macro_rules! types {
    ($($module:ident: $value:ty,)* ; $($other:ident,)*) => {
        $(pub(crate) mod $module;)*
        $(pub(crate) mod $other;)*

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
    registry: model::registry::Registry,
    deployments: model::deployments::Deployments,
    issue: model::issue::Issue,
    health_check: model::report::HealthReport,
    monitoring_history: model::history::History,
    slo_budgets: model::slo_budgets::SloBudgets,
    domain_report: model::domain_health::DomainReport,
    iam_audit: model::log::IamAudit,
    remediation_log: model::log::RemediationLog,
    domain_health: model::domain_health::DomainHealth,
    alert: model::alert::AlertDocument,
    dashboard: model::dashboard::Dashboard,
    ;
    // The catalogue has its Rust type, and reads it.
    kind,
}
