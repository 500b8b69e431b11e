//! The provider behind one trait. Never knows how facts are judged, stored or shown.

pub(crate) mod actions;
pub mod aws;
pub mod bundle;
pub(crate) mod change;
pub mod policy;
pub mod question;
pub mod record;
pub mod replay;
#[cfg(test)]
mod tests;

use futures_util::future::LocalBoxFuture;

use crate::cloud::question::{
    Answer, ChangesQuestion, CluesQuestion, ConfigurationQuestion, DiscoverQuestion, Discovered,
    IdentityQuestion, LastUseQuestion, LogGroupsQuestion, LogSources, LogSourcesQuestion,
    LogsQuestion, MetricsQuestion, ObserveQuestion, Question, SituationQuestion, SpendQuestion,
    UtilisationQuestion, UtilisationReading,
};
use crate::model::configuration::Configuration;
use crate::model::cost::SpendTable;
use crate::model::fact::Gap;
use crate::model::ids::EnvironmentName;
use crate::model::investigation::{ChangeSet, Clue};
use crate::model::last_use::LastUse;
use crate::model::log_events::{LogEventPage, LogGroupPage};
use crate::model::receipt::Receipt;
use crate::model::remediation::ActionSituation;
use crate::model::snapshot::{Identity, Snapshot};

/// A cloud that can be asked, and by which nothing can be changed: that takes a
/// [`change::Changer`]. Answers never fail as a whole: what could not be read is a
/// [`Gap`] in the answer.
pub trait Cloud {
    /// Asks one question. Many may be on their way at once.
    fn ask<'a>(&'a self, question: &'a Question) -> LocalBoxFuture<'a, Answer>;

    /// Returns what all calls so far cost.
    fn receipt(&self) -> Receipt;
}

/// Questions with the types of their answers.
impl dyn Cloud + '_ {
    /// Asks who the credentials of an environment belong to.
    ///
    /// # Errors
    /// Where that could not be read.
    pub async fn identity(&self, environment: &EnvironmentName) -> Result<Identity, Gap> {
        let environment = environment.clone();
        let question = Question::Identity(IdentityQuestion { environment });
        match self.ask(&question).await {
            Answer::Identity(identity) => Ok(identity),
            other => Err(other.into_gap("identity of the caller")),
        }
    }

    /// Asks for facts about resources.
    pub async fn observe(&self, ask: &ObserveQuestion) -> Snapshot {
        let question = Question::Observe(ask.clone());
        match self.ask(&question).await {
            Answer::Snapshot(snapshot) => *snapshot,
            other => ask.unseen(other.into_gap("everything about the resources")),
        }
    }

    /// Asks what was spent.
    ///
    /// # Errors
    /// Where that could not be read.
    pub async fn spend(&self, ask: &SpendQuestion) -> Result<SpendTable, Gap> {
        let question = Question::Spend(ask.clone());
        match self.ask(&question).await {
            Answer::Spend(table) => Ok(*table),
            other => Err(other.into_gap("the cost of these days")),
        }
    }

    /// Asks for metrics over days; one reading for each metric.
    ///
    /// # Errors
    /// Where none could be read.
    pub async fn utilisation(
        &self,
        ask: &UtilisationQuestion,
    ) -> Result<Vec<UtilisationReading>, Gap> {
        let question = Question::Utilisation(ask.clone());
        match self.ask(&question).await {
            Answer::Utilisation(readings) if readings.len() == ask.metrics.len() => Ok(readings),
            other => Err(other.into_gap("metrics of resources")),
        }
    }

    /// Asks for metrics over a span; one reading for each metric.
    ///
    /// # Errors
    /// Where none could be read.
    pub async fn metrics(&self, ask: &MetricsQuestion) -> Result<Vec<UtilisationReading>, Gap> {
        let question = Question::Metrics(ask.clone());
        match self.ask(&question).await {
            Answer::Utilisation(readings) if readings.len() == ask.metrics.len() => Ok(readings),
            other => Err(other.into_gap("metrics of resources")),
        }
    }

    /// Asks which log groups a resource writes to.
    ///
    /// # Errors
    /// Where that could not be read at all.
    pub async fn log_sources(&self, ask: &LogSourcesQuestion) -> Result<LogSources, Gap> {
        let question = Question::LogSources(ask.clone());
        match self.ask(&question).await {
            Answer::LogSources(sources) => Ok(*sources),
            other => Err(other.into_gap("where the resource logs")),
        }
    }

    /// Asks for a page of log groups.
    ///
    /// # Errors
    /// Where it could not be read.
    pub async fn log_groups(&self, ask: &LogGroupsQuestion) -> Result<LogGroupPage, Gap> {
        let question = Question::LogGroups(ask.clone());
        match self.ask(&question).await {
            Answer::LogGroups(page) => Ok(page),
            other => Err(other.into_gap("names of log groups")),
        }
    }

    /// Asks for a page of the events of a log group.
    ///
    /// # Errors
    /// Where it could not be read.
    pub async fn logs(&self, ask: &LogsQuestion) -> Result<LogEventPage, Gap> {
        let question = Question::Logs(ask.clone());
        match self.ask(&question).await {
            Answer::Logs(page) => Ok(page),
            other => Err(other.into_gap(&format!("events of the log group {}", ask.group))),
        }
    }

    /// Asks what was changed, by one source.
    ///
    /// # Errors
    /// Where there is no answer at all; what is missing in one is a gap in it.
    pub async fn changes(&self, ask: &ChangesQuestion) -> Result<ChangeSet, Gap> {
        let question = Question::Changes(ask.clone());
        match self.ask(&question).await {
            Answer::Changes(changes) => Ok(changes),
            other => Err(other.into_gap(&format!("changes by {}", ask.source.title()))),
        }
    }

    /// Asks what is kept of what went wrong with a resource.
    ///
    /// # Errors
    /// Where that could not be read.
    pub async fn clues(&self, ask: &CluesQuestion) -> Result<Vec<Clue>, Gap> {
        let question = Question::Clues(ask.clone());
        match self.ask(&question).await {
            Answer::Clues(clues) => Ok(clues),
            other => Err(other.into_gap("what went wrong with the resource")),
        }
    }

    /// Asks how a resource is that an action would change. What could not be read is a gap in the
    /// answer.
    ///
    /// # Errors
    /// Where there is no answer at all.
    pub async fn situation(&self, ask: &SituationQuestion) -> Result<ActionSituation, Gap> {
        let question = Question::Situation(ask.clone());
        match self.ask(&question).await {
            Answer::Situation(situation) => Ok(*situation),
            other => Err(other.into_gap("how the resource is")),
        }
    }

    /// Asks when a user or role last used what it may do.
    ///
    /// # Errors
    /// Where that could not be read, wholly: half of it would make what was used look unused.
    pub async fn last_use(&self, ask: &LastUseQuestion) -> Result<LastUse, Gap> {
        let question = Question::LastUse(ask.clone());
        match self.ask(&question).await {
            Answer::LastUse(found) => Ok(*found),
            other => Err(other.into_gap("when an identity used what it may do")),
        }
    }

    /// Asks what exists with tags.
    ///
    /// # Errors
    /// Where that could not be read.
    pub async fn discover(&self, ask: &DiscoverQuestion) -> Result<Vec<Discovered>, Gap> {
        let question = Question::Discover(ask.clone());
        match self.ask(&question).await {
            Answer::Discovered(discovered) => Ok(discovered),
            other => Err(other.into_gap("tagged resources")),
        }
    }

    /// Asks how resources are configured. What could not be read is a gap in the answer.
    ///
    /// # Errors
    /// Where there is no answer at all, as in a recording that holds none.
    pub async fn configuration(&self, ask: &ConfigurationQuestion) -> Result<Configuration, Gap> {
        let question = Question::Configuration(ask.clone());
        match self.ask(&question).await {
            Answer::Configuration(configuration) => Ok(*configuration),
            other => Err(other.into_gap("how resources are configured")),
        }
    }
}
