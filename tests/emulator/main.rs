//! Everything that talks to an AWS emulator. One binary, so that one emulator serves all
//! tests; each starts with an empty one.

#[expect(dead_code, reason = "the support has more than this binary needs")]
#[path = "../support/mod.rs"]
mod support;

mod audit;
mod budgets;
mod error_log;
mod in_part;
mod incidents;
mod infra;
mod kpis;
mod main_loop;
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
