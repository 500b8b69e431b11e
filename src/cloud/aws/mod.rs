//! AWS through its official SDK: one guard, one receipt, one connection pool.
//!
//! To add a resource kind with a status call, see [`kinds`]; to add a read, see
//! [`crate::cloud::question`].

mod alarms;
mod assemble;
pub(crate) mod change;
mod client;
mod clock;
mod configuration;
mod errors;
pub mod guard;
pub(crate) mod kinds;
mod lean;
mod measured;
mod metrics;
pub(crate) mod naming;
mod pages;
mod parts;
mod qualifiers;
mod read;
mod receipt;
mod seen;
mod utilisation;

#[cfg(test)]
mod tests;

use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

pub use client::Aws;
pub use client::AwsSettings;
pub use client::ConnectError;
pub use receipt::Prices;

use crate::cloud::Cloud;
use crate::cloud::question::{Answer, Question};
use crate::model::receipt::Receipt;

impl Cloud for Aws {
    fn ask<'a>(&'a self, question: &'a Question) -> LocalBoxFuture<'a, Answer> {
        async move {
            let started = Instant::now();
            let mut answer = match question {
                Question::Identity(_) => read::identity::read(self).await,
                Question::Observe(ask) => {
                    Answer::Snapshot(Box::new(read::observe::read(self, ask).await))
                }
                Question::Discover(ask) => read::discover::read(self, ask).await,
                Question::Configuration(ask) => {
                    Answer::Configuration(Box::new(configuration::read(self, ask).await))
                }
                Question::Spend(ask) => read::spend::read(self, ask).await,
                Question::Utilisation(ask) => read::utilisation::read(self, ask).await,
                Question::Metrics(ask) => read::metrics::read(self, ask).await,
                Question::Clues(ask) => read::clues::read(self, ask).await,
                Question::LogSources(ask) => read::log_sources::read(self, ask).await,
                Question::LogGroups(ask) => read::log_groups::read(self, ask).await,
                Question::Logs(ask) => read::logs::read(self, ask).await,
                Question::Changes(ask) => read::changes::read(self, ask).await,
                Question::Situation(ask) => read::situation::read(self, ask).await,
                Question::LastUse(ask) => read::last_use::read(self, ask).await,
            };
            self.guard.meter().spent += started.elapsed();
            if let Answer::Snapshot(snapshot) = &mut answer {
                snapshot.receipt = self.receipt();
            }
            answer
        }
        .boxed_local()
    }

    fn receipt(&self) -> Receipt {
        self.guard.meter().receipt(&self.prices)
    }
}
