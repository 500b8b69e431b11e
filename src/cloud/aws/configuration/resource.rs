//! Reading one resource: its identity, and the facts of every answer about it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::asker::Ask;
use super::facts::{self, Source};
use super::ledger::Ledger;
use super::listing::{Found, without};
use super::scope::Scope;
use crate::catalog::reads::resource_type::{Read, ResourceType, Scope as Spread};
use crate::cloud::aws::errors::Failure;
use crate::model::configuration::ConfiguredResource;
use crate::model::fact::{Fact, FactName, GapCause, GapId};
use crate::model::ids::{AccountId, Arn, Region};
use crate::text::Untrusted;

/// Reads the resources of one type that were listed in one region.
pub(super) struct Reader<'a, A> {
    pub(super) asker: &'a A,
    pub(super) ledger: &'a Ledger,
    pub(super) of: &'a ResourceType,
    pub(super) account: &'a AccountId,
    pub(super) listed_in: &'a Region,
}

type Facts = BTreeMap<FactName, Fact>;

impl<A: Ask> Reader<'_, A> {
    /// Returns the region that the list stands for.
    pub(super) fn region_of_part(&self) -> Region {
        match self.of.scope {
            Spread::Regional => self.listed_in.clone(),
            Spread::Global => Region::new("global").expect("it is one"),
        }
    }

    /// Reads one resource.
    pub(super) async fn read(&self, found: Found) -> ConfiguredResource {
        let Found {
            item, mut scope, ..
        } = found;
        let own = self.of.region.as_ref().map(|region| {
            let named = scope
                .fill(region, &item)
                .and_then(|name| Region::new(name).ok());
            named.unwrap_or_else(|| self.listed_in.clone())
        });
        let asked_in = own.clone().unwrap_or_else(|| self.listed_in.clone());
        let region = own.unwrap_or_else(|| self.region_of_part());
        let mut facts = Facts::new();
        let first = Source {
            of: &self.of.facts,
            scope: &scope,
            item: &item,
            unseen: None,
        };
        let listed = self
            .of
            .steps
            .last()
            .map_or("", |step| step.operation.as_str());
        facts.extend(facts::known(&first, &|what| {
            self.garbled(listed, &region, what)
        }));
        let mut failed: BTreeMap<&str, GapId> = BTreeMap::new();
        for read in &self.of.reads {
            let (more, bound) = self
                .ask(read, &asked_in, &region, &scope, &item, &failed)
                .await;
            facts.extend(more);
            match (&read.binding, bound) {
                (Some(name), Ok(value)) => scope = scope.with(name, value),
                (Some(name), Err(gap)) => drop(failed.insert(name, gap)),
                (None, _) => {}
            }
        }
        let arn = scope.fill(&self.of.arn, &item);
        let arn = arn.and_then(|arn| Arn::new(arn).ok());
        let name = scope.fill(&self.of.name, &item);
        ConfiguredResource {
            resource_type: self.of.id.clone(),
            name: Untrusted::new(people_say(name, arn.as_ref())),
            arn,
            address: None,
            region,
            account: Some(self.account.clone()),
            facts,
        }
    }

    /// Asks further. Returns the facts, and the answer for later calls.
    async fn ask(
        &self,
        read: &Read,
        asked_in: &Region,
        region: &Region,
        scope: &Scope,
        item: &Value,
        failed: &BTreeMap<&str, GapId>,
    ) -> (Facts, Result<Value, GapId>) {
        if let Some(when) = &read.when {
            let start = when.path.start.as_deref();
            if let Some(gap) = start.and_then(|start| failed.get(start)) {
                return (facts::unreadable(&read.facts, *gap), Err(*gap));
            }
            if !scope.holds(when, item, item) {
                return (facts::absent(&read.facts), Ok(Value::Null));
            }
        }
        let listing = match scope.input(&read.input, &[(scope, item)]) {
            Ok(input) => self.asker.ask(&read.operation, asked_in, input).await,
            Err(member) => std::rc::Rc::new(without(&read.operation, &member)),
        };
        let failure = listing.failure.clone();
        if failure
            .as_ref()
            .is_some_and(|failure| failure.has_code(&read.absent))
        {
            return (facts::absent(&read.facts), Ok(Value::Null));
        }
        let unseen = failure.map(|failure| self.note(read, region, failure));
        if let (Some(gap), 0) = (unseen, listing.pages) {
            return (facts::unreadable(&read.facts, gap), Err(gap));
        }
        let answer = meant(read, scope, item, &listing.answer);
        let is_missing = read.must_exist && answer.as_array().is_some_and(Vec::is_empty);
        if is_missing {
            let gap = unseen.unwrap_or_else(|| self.note(read, region, missing(read)));
            return (facts::unreadable(&read.facts, gap), Err(gap));
        }
        let source = Source {
            of: &read.facts,
            scope,
            item: &answer,
            unseen,
        };
        let facts = facts::known(&source, &|what| self.garbled(&read.operation, region, what));
        (facts, unseen.map_or(Ok(answer), Err))
    }

    fn note(&self, read: &Read, region: &Region, failure: Failure) -> GapId {
        let names = read.facts.keys().map(FactName::as_str).collect::<Vec<_>>();
        self.ledger
            .note_facts(self.of, &names.join(", "), region, failure)
    }

    fn garbled(&self, operation: &str, region: &Region, what: String) -> GapId {
        let failure = Failure::ours(operation, GapCause::Garbled, what);
        self.ledger.note_facts(self.of, "facts", region, failure)
    }
}

/// What people call it: the end of an address or of an ARN.
fn people_say(name: Option<String>, arn: Option<&Arn>) -> String {
    let name = name.filter(|name| !name.is_empty());
    let name = name
        .or_else(|| arn.map(|arn| arn.as_str().to_owned()))
        .unwrap_or_default();
    let end = match (name.starts_with("arn:"), name.contains("://")) {
        (true, _) => name.rsplit([':', '/']).next(),
        (false, true) => name.rsplit('/').next(),
        (false, false) => None,
    };
    end.map(str::to_owned).unwrap_or(name)
}

/// The part of an answer that is about the resource.
fn meant(read: &Read, scope: &Scope, item: &Value, answer: &Value) -> Value {
    let Some(path) = &read.items else {
        return answer.clone();
    };
    let items = scope.select(path, answer).into_iter();
    let fitting = items.filter(|one| {
        let only = read.only.as_ref();
        only.is_none_or(|only| scope.holds(only, one, item))
    });
    fitting.cloned().collect()
}

fn missing(read: &Read) -> Failure {
    let message = "the report does not hold it yet; AWS makes a new one every four hours";
    Failure::ours(&read.operation, GapCause::Partial, message)
}
