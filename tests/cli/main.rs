//! The binary as people use it, without any network: on the demo's world and on small
//! repositories.

#[expect(dead_code, reason = "the support has more than this binary needs")]
#[path = "../support/mod.rs"]
mod support;

mod adopt;
mod alert_scene;
mod alerts;
mod ask;
mod audit;
mod audit_history;
mod bad_places;
mod bursts;
mod costs;
mod dashboard;
mod debug;
mod demo;
mod demo_past;
mod demo_world;
mod doctor;
mod escalate;
mod exit_codes;
mod git_modes;
mod hostile;
mod iam_policy;
mod incidents;
#[cfg(unix)]
mod infra;
mod infra_design;
mod interrupted;
mod investigate;
mod issues;
mod killed;
#[cfg(unix)]
mod kpi;
#[cfg(unix)]
mod mcp;
mod merging;
mod modes;
#[cfg(unix)]
mod monitors;
#[cfg(unix)]
mod monitors_of_domains;
mod not_set_up;
mod output;
mod own_input;
mod own_kinds;
mod pages;
mod past;
mod permissions;
mod places;
mod prices;
mod pull_requests;
mod push;
mod push_faults;
mod recorded;
mod reference;
mod remediations;
mod review;
mod review_checkov;
mod review_comments;
mod review_plans;
mod review_trust;
mod set_up;
#[cfg(unix)]
mod settings;
mod shards;
mod side_races;
mod slo;
#[cfg(unix)]
mod status;
mod unrecorded;
mod unused_options;
#[cfg(unix)]
mod watch;
mod widths;
mod your_work;
