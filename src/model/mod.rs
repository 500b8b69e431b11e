//! The nouns. No decisions, no input, no output.
//!
//! Types that are documents of the repository (`.fractary/…`) derive `JsonSchema`; their
//! schemas in `schemas/` are generated from here and a test holds them equal.

pub mod alert;
pub mod attestations;
pub mod audit;
pub mod audit_history;
pub mod audit_status;
pub mod budget;
pub mod configuration;
pub mod cost;
pub mod cost_report;
pub mod cost_savings;
pub mod dashboard;
pub mod denial;
pub mod deployments;
pub mod domain_health;
pub mod duration_text;
pub mod environments;
pub mod fact;
pub mod finding;
pub mod helm;
pub mod history;
pub mod ids;
pub mod incident;
pub mod inventory;
pub mod investigation;
pub mod issue;
pub mod log;
pub mod log_events;
pub mod log_report;
pub mod monitoring;
pub mod monitors;
pub mod opportunity;
pub mod partition;
pub mod paths;
pub mod performance;
pub mod plan;
pub mod prices;
pub mod project;
pub mod receipt;
pub mod registry;
pub mod report;
pub mod resource;
pub mod review;
pub mod rules;
pub mod running_cost;
pub mod shard;
pub mod slo_budgets;
pub mod slo_report;
pub mod snapshot;
pub mod spending;
pub mod status;
pub mod subject;
pub mod topic;
pub mod window;
