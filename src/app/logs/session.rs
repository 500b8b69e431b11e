//! What is asked of which environment: resources or groups, and a connection to their region.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::groups::{FoundGroups, GroupPlace, WantedGroups};
use super::pages::Bounds;
use crate::app::App;
use crate::app::access::Access;
use crate::app::observe::connect::Connection;
use crate::app::observe::environments;
use crate::app::workspace::Workspace;
use crate::cloud::aws::Prices;
use crate::core::investigate::logs::LineChoice;
use crate::error::CommandError;
use crate::model::environments::Environment;
use crate::model::ids::Region;
use crate::model::resource::Resource;

/// What is to be read.
#[derive(Debug, Clone)]
pub(crate) struct LogRequest {
    /// The resource by its name, id or ARN; all that are registered where neither it nor a group
    /// is named.
    pub(crate) resource: Option<String>,
    /// The log groups.
    pub(crate) groups: Vec<String>,
    /// The start of the span.
    pub(crate) start: Timestamp,
    /// Its end, which is not part of it.
    pub(crate) end: Timestamp,
    /// Which events are wanted.
    pub(crate) choice: LineChoice,
    /// The most events that are read.
    pub(crate) most_events: u64,
    /// The most bytes that are read.
    pub(crate) most_bytes: u64,
    /// The most dollars that Logs Insights may cost.
    pub(crate) most_dollars: f64,
}

/// An environment, and what is asked of it.
pub(crate) struct LogSession<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) environment: Environment,
    wanted: BTreeMap<Region, WantedGroups>,
}

impl<'a> LogSession<'a> {
    /// Finds out what is asked of the one environment that is chosen.
    pub(crate) fn open(
        app: &App,
        workspace: &'a Workspace,
        request: &LogRequest,
    ) -> Result<Self, CommandError> {
        let names = workspace.settings().choose(&app.global.env)?;
        let [name] = &names[..] else {
            return Err(CommandError::usage("logs are read of one environment")
                .hint("choose it with `--env NAME`"));
        };
        let environment = workspace.settings().environment(name)?;
        let mut wanted = BTreeMap::new();
        if !request.groups.is_empty() {
            let region = workspace.settings().region(&environment).ok_or_else(|| {
                CommandError::usage(format!("no region is known of environment `{name}`"))
                    .hint("set `region` in .fractary/shared/environments.json")
            })?;
            wanted.insert(region, WantedGroups::Named(request.groups.clone()));
        } else {
            let only = request.resource.as_deref();
            let all = workspace.scope().resources(&environment, only)?;
            let logs = |resource: &Resource| {
                let kind = resource.kind.as_ref();
                let kind = kind.and_then(|kind| workspace.catalog.kind(kind));
                only.is_some() || kind.is_some_and(|kind| !kind.logs.is_empty())
            };
            for resource in all.into_iter().filter(|one| logs(one)) {
                let of_region = wanted
                    .entry(resource.region.clone())
                    .or_insert_with(|| WantedGroups::Of(Vec::new()));
                if let WantedGroups::Of(resources) = of_region {
                    resources.push(resource);
                }
            }
        }
        if wanted.is_empty() {
            return Err(CommandError::usage(format!(
                "no registered resource of `{name}` writes logs that can be read"
            ))
            .hint("name a log group with `--group NAME`; `fractary adopt` registers resources"));
        }
        Ok(Self {
            workspace,
            environment,
            wanted,
        })
    }

    /// What one resource logs.
    pub(crate) fn of(
        workspace: &'a Workspace,
        environment: &Environment,
        resource: Resource,
    ) -> Self {
        let region = resource.region.clone();
        let wanted = WantedGroups::Of(vec![resource]);
        Self {
            workspace,
            environment: environment.clone(),
            wanted: BTreeMap::from([(region, wanted)]),
        }
    }

    /// Connects, and makes sure that it is the account of the environment.
    pub(crate) async fn connect(&self, app: &App) -> Result<Connection, CommandError> {
        let settings = self.workspace.settings();
        let catalog = &self.workspace.catalog;
        let environment = &self.environment;
        let access = Access::Logs;
        let connected = environments::connect_checked(app, settings, catalog, environment, access);
        let (connection, _) = connected.await?;
        Ok(connection)
    }

    /// Returns the groups of every region.
    pub(crate) async fn find<'b>(
        &'b self,
        connection: &'b Connection,
    ) -> Vec<(GroupPlace<'b>, FoundGroups)> {
        let mut found = Vec::new();
        for (region, wanted) in &self.wanted {
            let place = GroupPlace {
                cloud: connection.cloud.as_ref(),
                environment: &self.environment.name,
                region,
            };
            found.push((place, place.find(wanted).await));
        }
        found
    }
}

impl LogRequest {
    /// Returns what may be read at most.
    pub(crate) fn bounds(&self, app: &App) -> Bounds {
        const BILLION: u64 = 1_000_000_000;
        Bounds {
            events: self.most_events,
            bytes: self.most_bytes,
            dollars: self.most_dollars,
            dollars_a_byte: Prices::built_in().insights_usd(BILLION) / BILLION as f64,
            time: Duration::from_secs(app.global.timeout.seconds),
        }
    }
}
