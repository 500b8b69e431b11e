//! How resources are configured: types are listed, resource by resource what AWS forces is
//! asked further, and everything that was said becomes facts.
//!
//! What is asked and how answers become facts is data: `catalog/reads`.

mod asker;
mod credential_report;
mod facts;
mod ledger;
mod listing;
mod resource;
mod scope;
#[cfg(test)]
mod walk;

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use serde_json::Value;

use crate::catalog::reads::Reads;
use crate::catalog::reads::resource_type::{ResourceType, Scope as Spread};
use crate::cloud::aws::client::Aws;
use crate::cloud::question::ConfigurationQuestion;
use crate::model::configuration::{
    Configuration, ConfiguredResource, Extent, REGION, TypeCoverage,
};
use crate::model::ids::{AccountId, Region};
use crate::model::remediation::ActionSituation;

use asker::{Ask, Asker};
use ledger::Ledger;
use listing::Found;
use resource::Reader;
use scope::Scope;

/// Types that are listed at once, and resources of one type that are read at once. How many
/// requests are on their way is bounded for every service on its own.
const AT_ONCE: usize = 12;

/// Reads the configuration.
pub(crate) async fn read(aws: &Aws, ask: &ConfigurationQuestion) -> Configuration {
    let asker = Asker::new(aws, ask.max_calls);
    read_through(&asker, Reads::built_in(), &aws.region, ask).await
}

/// Reads one resource that is known already: `fields` is what paths call `$resource`.
pub(crate) async fn read_known(
    aws: &Aws,
    of: &ResourceType,
    fields: Value,
    region: &Region,
) -> ActionSituation {
    let asker = Asker::new(aws, None);
    let ledger = Ledger::default();
    let account = fields.get("account").and_then(Value::as_str);
    let account = account.and_then(|id| AccountId::new(id).ok());
    // Some ARNs name no account, and none of the paths asks for it then.
    let account = account.unwrap_or_else(|| AccountId::new("000000000000").expect("it is one"));
    let scope = Scope::new(&account, region).with("resource", fields);
    let reader = Reader {
        asker: &asker,
        ledger: &ledger,
        of,
        account: &account,
        listed_in: region,
    };
    let mut configuration = Configuration::new(Timestamp::UNIX_EPOCH);
    let one = reader.read(Found::known(scope)).await;
    configuration.resources.push(one);
    let settled = ledger.settle(configuration);
    let facts = settled.resources.into_iter().flat_map(|one| one.facts);
    ActionSituation {
        facts: facts.collect(),
        gaps: settled.gaps,
    }
}

/// One type in one region.
struct Part<'a> {
    of: &'a ResourceType,
    region: Region,
}

/// What was seen of one part.
struct Seen {
    resources: Vec<ConfiguredResource>,
    coverage: TypeCoverage,
}

async fn read_through(
    asker: &impl Ask,
    reads: &Reads,
    main: &Region,
    ask: &ConfigurationQuestion,
) -> Configuration {
    let ledger = Ledger::default();
    let wanted = |of: &&ResourceType| ask.types.is_empty() || ask.types.contains(&of.id);
    let types: Vec<&ResourceType> = reads.types().filter(wanted).collect();
    let regions = Regions::find(asker, &ledger, main, ask).await;
    let parts = types.iter().flat_map(|of| {
        let regions = match of.scope {
            Spread::Global => std::slice::from_ref(main),
            Spread::Regional => regions.read.as_slice(),
        };
        regions.iter().map(|region| Part {
            of,
            region: region.clone(),
        })
    });
    let parts: Vec<Part<'_>> = parts.collect();
    let reading = parts
        .into_iter()
        .map(|part| read_part(asker, &ledger, ask, part));
    let seen: Vec<Seen> = stream::iter(reading).buffered(AT_ONCE).collect().await;
    let mut configuration = Configuration::new(ask.at);
    configuration.account = Some(ask.identity.account.clone());
    for part in seen {
        configuration.resources.extend(part.resources);
        configuration.coverage.push(part.coverage);
    }
    configuration.coverage.extend(regions.not_enabled(&types));
    if let Some(gap) = regions.unlisted {
        // Which regions there are is not known, so more of them may be set up or not.
        let of_regions = configuration
            .coverage
            .iter_mut()
            .filter(|it| it.resource_type == REGION);
        of_regions.for_each(|entry| entry.extent = Extent::Partial(gap));
    }
    ledger.settle(configuration)
}

async fn read_part(
    asker: &impl Ask,
    ledger: &Ledger,
    ask: &ConfigurationQuestion,
    part: Part<'_>,
) -> Seen {
    let scope = Scope::new(&ask.identity.account, &part.region);
    let listed = listing::list(asker, part.of, &part.region, &scope).await;
    let reader = Reader {
        asker,
        ledger,
        of: part.of,
        account: &ask.identity.account,
        listed_in: &part.region,
    };
    let found = listed.found.len();
    let reading = listed.found.into_iter().map(|found| reader.read(found));
    let mut resources: Vec<ConfiguredResource> =
        stream::iter(reading).buffered(AT_ONCE).collect().await;
    // A task definition that two services run is found twice.
    let mut seen = BTreeSet::new();
    resources.retain(|one| one.arn.as_ref().is_none_or(|arn| seen.insert(arn.clone())));
    let region = reader.region_of_part();
    let gap = listed
        .failures
        .into_iter()
        .map(|failure| ledger.note_list(part.of, &region, failure))
        .last();
    let extent = match gap {
        None => Extent::Complete,
        Some(gap) if found > 0 => Extent::Partial(gap),
        Some(gap) => Extent::Unread(gap),
    };
    let resource_type = part.of.id.clone();
    Seen {
        resources,
        coverage: TypeCoverage {
            resource_type,
            region,
            extent,
        },
    }
}

/// The regions that are read, and what is known of others.
struct Regions {
    read: Vec<Region>,
    closed: Vec<Region>,
    unlisted: Option<crate::model::fact::GapId>,
}

impl Regions {
    /// Finds out which regions the account has enabled. Where nobody may say so, those that were
    /// asked for are taken to be.
    async fn find(
        asker: &impl Ask,
        ledger: &Ledger,
        main: &Region,
        ask: &ConfigurationQuestion,
    ) -> Self {
        const REGIONS: &str = "ec2:DescribeRegions";
        let listing = asker.ask(REGIONS, main, Default::default()).await;
        let entries = listing
            .answer
            .get("regionInfo")
            .map(crate::catalog::reads::path::items);
        let (mut enabled, mut closed) = (BTreeSet::new(), BTreeSet::new());
        for entry in entries.unwrap_or_default() {
            let text = |name: &str| entry.get(name).and_then(serde_json::Value::as_str);
            let Some(region) = text("regionName").and_then(|name| Region::new(name).ok()) else {
                continue;
            };
            match text("optInStatus") {
                Some("not-opted-in") => closed.insert(region),
                _ => enabled.insert(region),
            };
        }
        let unlisted = listing
            .failure
            .clone()
            .map(|failure| ledger.note_regions(failure));
        let asked: BTreeSet<Region> = ask.regions.iter().cloned().collect();
        let read = match (asked.is_empty(), enabled.is_empty()) {
            (true, true) => BTreeSet::from([main.clone()]),
            (true, false) => enabled,
            (false, _) => asked.difference(&closed).cloned().collect(),
        };
        let closed = if asked.is_empty() {
            closed
        } else {
            &asked & &closed
        };
        Self {
            read: read.into_iter().collect(),
            closed: closed.into_iter().collect(),
            unlisted: unlisted.filter(|_| asked.is_empty()),
        }
    }

    /// What to say of the types in regions that are not enabled.
    fn not_enabled(&self, types: &[&ResourceType]) -> Vec<TypeCoverage> {
        let regional = types.iter().filter(|of| of.scope == Spread::Regional);
        let entries = regional.flat_map(|of| {
            self.closed.iter().map(|region| TypeCoverage {
                resource_type: of.id.clone(),
                region: region.clone(),
                extent: Extent::NotEnabled,
            })
        });
        entries.collect()
    }
}
