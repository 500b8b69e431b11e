//! What commands are made of: the workspace is loaded, the provider observed, a decision made
//! from both, and the result published. The imperative shell.

pub(crate) mod access;
pub(crate) mod adopt;
pub(crate) mod alerts;
pub(crate) mod answer;
pub(crate) mod answers;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod changes;
pub(crate) mod command;
pub(crate) mod command_line;
pub(crate) mod costs;
pub(crate) mod cross_check;
pub(crate) mod current;
pub(crate) mod debug;
pub(crate) mod decide;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod escalate;
pub(crate) mod formats;
pub(crate) mod infra;
pub(crate) mod input;
pub(crate) mod investigate;
pub(crate) mod issues;
pub(crate) mod kpi;
pub(crate) mod logs;
pub(crate) mod mcp;
pub(crate) mod monitor;
pub(crate) mod observe;
pub(crate) mod occasion;
pub mod optimize;
pub mod options;
pub(crate) mod pass;
pub(crate) mod performance;
pub(crate) mod permissions;
pub(crate) mod prices;
pub(crate) mod publish;
pub(crate) mod remediate;
pub(crate) mod review;
pub(crate) mod set_up;
pub(crate) mod shared_options;
#[doc(hidden)]
pub mod simulate;
pub(crate) mod slo;
pub(crate) mod table;
pub(crate) mod tool;
pub(crate) mod unused_options;
pub(crate) mod wait;
pub(crate) mod watch;
pub(crate) mod workspace;

use std::sync::Arc;

use crate::app::command_line::CommandLine;
use crate::app::options::GlobalArgs;
use crate::env::{Clock, Environment};
use crate::error::{CommandError, ExitCode};
use crate::ui::Ui;

/// What a command works with besides its own arguments.
#[derive(Clone)]
pub(crate) struct App {
    /// Options every command has.
    pub(crate) global: GlobalArgs,
    /// Environment variables.
    pub(crate) environment: Environment,
    /// The time.
    pub(crate) clock: Clock,
    /// Terminal and GitHub output.
    pub(crate) ui: Arc<Ui>,
    /// All commands, for those that mention them.
    pub(crate) command_line: CommandLine,
}

/// Result of a command.
pub(crate) type Outcome = Result<ExitCode, CommandError>;
