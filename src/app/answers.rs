//! What commands print as JSON and no file holds: the JSON Schema of each answer. `schemas/answers/`
//! has them; they are generated from the types, and a test keeps both equal.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::app::doctor::examine::SetupFinding;
use crate::model;
use crate::render;
use crate::state::documents;

/// An answer that is no document of the repository.
#[derive(Debug)]
pub struct AnswerType {
    /// Its name, of its schema and for `fractary schema`.
    pub name: &'static str,
    /// Its JSON Schema.
    pub schema: &'static str,
}

macro_rules! answers {
    ($($name:literal: $value:ty,)*) => {
        /// Every answer, sorted by name.
        pub static ANSWERS: &[AnswerType] = &[$(AnswerType {
            name: $name,
            schema: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/schemas/answers/",
                $name,
                ".schema.json"
            )),
        },)*];

        /// The schemas as the Rust types say them, by name, for the test that holds
        /// `schemas/answers/` to them.
        pub fn generated_schemas(settings: &SchemaSettings) -> Vec<(&'static str, Schema)> {
            vec![$((
                $name,
                settings.clone().into_generator().into_root_schema_for::<$value>(),
            ),)*]
        }
    };
}

answers! {
    "audit-check": model::answers::ListedCheck,
    "completion": model::debug::CompletionReport,
    "cost-audit": model::cost_report::CostAuditDocument<'static>,
    "denials": model::denial::DenialReport,
    "denied-grants": model::denied_grant::DeniedGrantReport,
    "deployed-list": model::deployed_list::DeployedList,
    "deployment": model::preview::DeployReport,
    "diagnosis": model::debug::DebugReport,
    "drift": model::drift::DriftReport,
    "fault": model::answers::Fault,
    "grant": model::iam_audit::GrantReport,
    "grant-list": model::iam_audit::GrantListReport,
    "issue-row": model::dashboard::IssueRow,
    "issues-of-the-log": model::issue_log::IssueLogReport,
    "key-figures": model::kpi_report::KpiReport,
    "known-prices": model::answers::KnownPrices,
    "log-entry": model::log_events::LogOutput,
    "log-patterns": model::log_report::LogReport,
    "monitor": render::text::MonitorLine,
    "optimization-analysis": model::optimize::OptimizationAnalysis,
    "optimization-cycle": model::optimization::CycleReport,
    "optimization-roadmap": model::optimize::OptimizationRoadmap,
    "performance": model::performance::PerformanceReport,
    "performance-set": model::performance::PerformanceSet,
    "preview": model::preview::Preview,
    "remediation-action": model::answers::ListedAction,
    "remediation-history": model::answers::RemediationHistory,
    "remediation-plan": model::remediation::PlanAnswer,
    "review": model::review::Review,
    "service-levels": model::slo_report::SloList,
    "set-up-finding": SetupFinding,
    "status": model::domain_health::StatusReport,
}

/// The schema with a name: of an answer, or of a document.
pub(crate) fn find(name: &str) -> Option<&'static str> {
    let answer = ANSWERS.iter().find(|one| one.name == name);
    let answer = answer.map(|one| one.schema);
    answer.or_else(|| documents::find(name).map(|known| known.schema()))
}

/// Names of the schemas of all answers and documents, sorted.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names = documents::names();
    names.extend(ANSWERS.iter().map(|one| one.name));
    names.sort_unstable();
    names
}

/// The schema with a name, as a value.
pub(crate) fn value(name: &str) -> Option<Value> {
    serde_json::from_str(find(name)?).ok()
}
