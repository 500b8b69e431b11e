//! What could not be read: equal failures are one gap, whose subject says of how many resources.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::catalog::reads::resource_type::ResourceType;
use crate::cloud::aws::errors::Failure;
use crate::model::configuration::{Configuration, Extent};
use crate::model::fact::{Gap, GapCause, GapId};
use crate::model::ids::Region;
use crate::text::Untrusted;

/// Failures in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Ledger(RefCell<Notes>);

#[derive(Debug, Default)]
struct Notes {
    ids: BTreeMap<Key, GapId>,
    entries: Vec<Entry>,
}

/// What failures have in common that are one gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    operation: String,
    what: String,
    region: String,
    cause: GapCause,
    code: Option<Untrusted>,
    permission: Option<String>,
}

#[derive(Debug)]
struct Entry {
    failure: Failure,
    subject: Subject,
    count: usize,
}

#[derive(Debug)]
enum Subject {
    /// A list of resources.
    List { plural: String, region: String },
    /// Facts of resources.
    Facts {
        facts: String,
        title: String,
        plural: String,
        region: String,
    },
    /// Which regions are enabled.
    Regions,
}

impl Ledger {
    /// Notes why resources were not all listed.
    pub(super) fn note_list(&self, of: &ResourceType, region: &Region, failure: Failure) -> GapId {
        let (plural, region) = (of.plural.clone(), region.to_string());
        self.note(
            format!("list {}", of.id),
            region.clone(),
            failure,
            Subject::List { plural, region },
        )
    }

    /// Notes why facts of a resource are not known.
    pub(super) fn note_facts(
        &self,
        of: &ResourceType,
        facts: &str,
        region: &Region,
        failure: Failure,
    ) -> GapId {
        let region = region.to_string();
        let subject = Subject::Facts {
            facts: facts.to_owned(),
            title: of.title.clone(),
            plural: of.plural.clone(),
            region: region.clone(),
        };
        self.note(format!("{} {facts}", of.id), region, failure, subject)
    }

    /// Notes why the regions of the account are not known.
    pub(super) fn note_regions(&self, failure: Failure) -> GapId {
        self.note(
            "regions".to_owned(),
            String::new(),
            failure,
            Subject::Regions,
        )
    }

    fn note(&self, what: String, region: String, failure: Failure, subject: Subject) -> GapId {
        let mut notes = self.0.borrow_mut();
        let key = Key {
            operation: failure.operation.clone(),
            what,
            region,
            cause: failure.cause,
            code: failure.code.clone(),
            permission: failure.missing_permission.clone(),
        };
        let next = GapId::from_index(notes.entries.len());
        let id = *notes.ids.entry(key).or_insert(next);
        match notes.entries.get_mut(id.0 as usize) {
            // Messages name one resource each. One stands for all, the same in every run.
            Some(entry) => {
                entry.count += 1;
                entry.failure = entry.failure.clone().min(failure);
            }
            None => notes.entries.push(Entry {
                failure,
                subject,
                count: 1,
            }),
        }
        id
    }

    /// Gives the gaps of a configuration an order that does not depend on which answer came
    /// first.
    pub(super) fn settle(self, mut configuration: Configuration) -> Configuration {
        let notes = self.0.into_inner();
        let mut numbers = vec![GapId(0); notes.entries.len()];
        for (place, old) in notes.ids.values().enumerate() {
            if let Some(number) = numbers.get_mut(old.0 as usize) {
                *number = GapId::from_index(place);
            }
        }
        let number = |old: GapId| numbers.get(old.0 as usize).copied().unwrap_or(old);
        let mut gaps: Vec<(GapId, Gap)> = notes
            .entries
            .into_iter()
            .enumerate()
            .map(|(index, entry)| {
                let subject = entry.subject.words(entry.count);
                (
                    number(GapId::from_index(index)),
                    entry.failure.into_gap(subject),
                )
            })
            .collect();
        gaps.sort_by_key(|(number, _)| *number);
        configuration.gaps = gaps.into_iter().map(|(_, gap)| gap).collect();
        for fact in configuration
            .resources
            .iter_mut()
            .flat_map(|one| one.facts.values_mut())
        {
            if !fact.gaps().is_empty() {
                *fact = fact.renumbered(&number);
            }
        }
        for entry in &mut configuration.coverage {
            entry.extent = match entry.extent {
                Extent::Partial(gap) => Extent::Partial(number(gap)),
                Extent::Unread(gap) => Extent::Unread(number(gap)),
                known => known,
            };
        }
        configuration
    }
}

impl Subject {
    fn words(&self, count: usize) -> String {
        let place = |region: &str| match region {
            "global" => String::new(),
            region => format!(" in {region}"),
        };
        match self {
            Self::List { plural, region } => format!("the list of {plural}{}", place(region)),
            Self::Facts {
                facts,
                title,
                plural,
                region,
            } => {
                let noun = if count == 1 { title } else { plural };
                format!("{facts} of {count} {noun}{}", place(region))
            }
            Self::Regions => "the regions of the account".to_owned(),
        }
    }
}
