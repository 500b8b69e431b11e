//! What was seen of resources, before gaps have numbers.

use std::collections::BTreeMap;

use crate::cloud::aws::errors::Failure;
use crate::model::fact::{FactName, Value};
use crate::model::ids::Region;
use crate::model::snapshot::{Alarm, ResourceState, Series};

/// A [`Fact`](crate::model::fact::Fact) that carries its failure with it.
pub(crate) type Seen<T> = Result<Option<T>, Failure>;

/// Everything seen of one resource.
#[derive(Debug, Clone)]
pub(crate) struct SeenResource {
    pub(crate) status: SeenStatus,
    pub(crate) metrics: BTreeMap<String, Seen<Series>>,
    pub(crate) alarms: SeenAlarms,
}

/// What a status call gave for one resource.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeenStatus {
    pub(crate) state: Seen<ResourceState>,
    pub(crate) facts: BTreeMap<FactName, Seen<Value>>,
    /// Attributes as the provider has them now (the name of an API), by name.
    pub(crate) learned: BTreeMap<String, String>,
    /// Its parts.
    pub(crate) parts: Vec<LearnedPart>,
    /// Parts of which it is not known which there are.
    pub(crate) hidden: Vec<HiddenParts>,
    /// The metrics of its parts, once they were read.
    pub(crate) measured: Vec<SeenPart>,
    /// Whether the metrics of the whole count others too, so that the sum of its parts is right.
    pub(crate) totals_are_shared: bool,
}

/// A part of a resource, as its status call tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LearnedPart {
    /// The id of its sort in the kind's file.
    pub(crate) sort: String,
    /// What people call it.
    pub(crate) name: String,
    /// Attributes for the templates of its sort.
    pub(crate) attributes: Vec<(String, String)>,
    /// Where its metrics are, if not where those of the whole are.
    pub(crate) region: Option<Region>,
}

/// Why the parts of a sort are not known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HiddenParts {
    /// The id of their sort in the kind's file.
    pub(crate) sort: String,
    /// What people call them.
    pub(crate) name: String,
    /// The failure.
    pub(crate) failure: Failure,
}

/// The metrics of one part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeenPart {
    pub(crate) sort: String,
    pub(crate) name: String,
    pub(crate) metrics: BTreeMap<String, Seen<Series>>,
}

impl SeenStatus {
    /// A state without numbers.
    pub(crate) fn new(state: Seen<ResourceState>) -> Self {
        Self {
            state,
            facts: BTreeMap::new(),
            learned: BTreeMap::new(),
            parts: Vec::new(),
            hidden: Vec::new(),
            measured: Vec::new(),
            totals_are_shared: false,
        }
    }

    /// The same, where it was read.
    pub(crate) fn known(state: ResourceState) -> Self {
        Self::new(Ok(Some(state)))
    }

    /// The provider answered, and it is not there.
    pub(crate) fn absent() -> Self {
        Self::new(Ok(None))
    }

    /// It was not seen.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self::new(Err(failure))
    }

    /// With an attribute, where the provider gave one.
    pub(crate) fn learn(mut self, name: &str, value: Option<&String>) -> Self {
        if let Some(value) = value {
            self.learned.insert(name.to_owned(), value.clone());
        }
        self
    }

    /// With its parts.
    pub(crate) fn made_of(mut self, parts: impl IntoIterator<Item = LearnedPart>) -> Self {
        self.parts.extend(parts);
        self
    }

    /// With a text as a fact, where there is one.
    pub(crate) fn with_text(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.with(name, Ok(Some(text))),
            None => self,
        }
    }

    /// With a fact.
    pub(crate) fn with(mut self, name: &str, value: Seen<impl Into<Value>>) -> Self {
        let name = FactName::parse(name).expect("names of facts are written in the source");
        self.facts
            .insert(name, value.map(|value| value.map(Into::into)));
        self
    }
}

/// What was read of the alarms of one resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct SeenAlarms {
    pub(crate) alarms: Vec<Alarm>,
    /// Why there may be more. An alarm that was read in ALARM counts all the same.
    pub(crate) failure: Option<Failure>,
}
