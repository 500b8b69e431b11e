//! Everything that talks to an AWS emulator. One binary, so that one emulator serves all
//! tests; each starts with an empty one.

#[expect(dead_code, reason = "the support has more than this binary needs")]
#[path = "../support/mod.rs"]
mod support;

mod audit;
mod auto_investigation;
mod blueprints;
mod budgets;
mod causes;
mod demo_account;
mod error_log;
mod first_minutes;
mod grants;
mod grants_in_trouble;
mod grants_on_the_way;
mod hostile_logs;
mod in_part;
mod incidents;
mod infra;
mod infra_run;
mod infra_story;
mod kpis;
mod logs;
mod main_loop;
mod optimize;
mod permissions;
mod proposals;
mod reads;
mod remediate;
mod scale;
mod seeding;
mod the_proxy;
mod the_sdk;
mod topics;
mod unseen;
mod world;
