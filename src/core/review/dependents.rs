//! Who needs whom: by the registry, by `[dependencies]` of monitoring.toml, and by the references
//! in a plan's configuration.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::inventory::config_address;
use crate::model::plan::TerraformPlan;
use crate::model::registry::{Registry, RegistryEntry};

/// More things that need each other are not followed.
const MOST_FOLLOWED: usize = 10_000;

/// Things that need one another.
pub(super) struct Dependents<'a> {
    things: Vec<DependentThing<'a>>,
    /// Places in `things`, by every name that one has.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Who needs each, by places.
    needed_by: Vec<BTreeSet<usize>>,
}

/// Something that needs others, or is needed.
pub(super) struct DependentThing<'a> {
    /// What people call it.
    pub(super) label: String,
    /// Its entry in the registry, where it has one.
    pub(super) entry: Option<&'a RegistryEntry>,
}

impl<'a> Dependents<'a> {
    pub(super) fn new(
        registry: Option<&'a Registry>,
        settings: &BTreeMap<String, Vec<String>>,
        plan: &TerraformPlan<'_>,
    ) -> Self {
        let mut all = Self {
            things: Vec::new(),
            by_name: BTreeMap::new(),
            needed_by: Vec::new(),
        };
        let entries = registry.map_or(&[][..], |registry| registry.resources.as_slice());
        for entry in entries {
            all.add_entry(entry);
        }
        // What the registry does not know is there all the same, by its address.
        for change in plan.changes.iter().filter(|change| change.is_current()) {
            let address = config_address(change.address.raw());
            if change.before_json.is_some_and(|json| json != "null") && !all.knows(&address) {
                all.add(address.clone(), None, [address]);
            }
        }
        for name in settings.keys().filter(|name| !name.is_empty()) {
            if !all.knows(name) {
                all.add(name.clone(), None, [name.clone()]);
            }
        }
        for (at, entry) in entries.iter().enumerate() {
            for name in &entry.depends_on {
                all.link(&[at], name);
            }
        }
        let settings = settings.iter();
        let references = plan.references.iter();
        for (name, needs) in settings.map(|(name, needs)| (name, needs.iter().collect::<Vec<_>>()))
        {
            all.link_all(name, &needs);
        }
        for (name, needs) in
            references.map(|(name, needs)| (name, needs.iter().collect::<Vec<_>>()))
        {
            all.link_all(name, &needs);
        }
        all
    }

    fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    fn add_entry(&mut self, entry: &'a RegistryEntry) {
        let address = entry.terraform_address.as_ref().map(|one| one.raw());
        let label = entry.name.as_ref().unwrap_or(&entry.aws_id).raw();
        let mut names = vec![
            entry.arn.as_str().to_owned(),
            entry.aws_id.raw().to_owned(),
            label.to_owned(),
        ];
        names.extend(address.map(str::to_owned));
        names.extend(address.map(config_address));
        self.add(label.to_owned(), Some(entry), names);
    }

    fn add(
        &mut self,
        label: String,
        entry: Option<&'a RegistryEntry>,
        names: impl IntoIterator<Item = String>,
    ) {
        let at = self.things.len();
        let names: BTreeSet<String> = names.into_iter().collect();
        for name in names {
            self.by_name.entry(name).or_default().push(at);
        }
        self.things.push(DependentThing { label, entry });
        self.needed_by.push(BTreeSet::new());
    }

    fn link_all(&mut self, name: &str, needs: &[&String]) {
        let who = self.by_name.get(name).cloned().unwrap_or_default();
        for need in needs {
            self.link(&who, need);
        }
    }

    fn link(&mut self, who: &[usize], need: &str) {
        for needed in self.by_name.get(need).cloned().unwrap_or_default() {
            self.needed_by[needed].extend(who.iter().filter(|at| **at != needed));
        }
    }

    /// Returns everything that needs what is at this address, directly or not.
    pub(super) fn of(&self, address: &str) -> Vec<&DependentThing<'a>> {
        let exact = self.by_name.get(address);
        let start = exact.or_else(|| self.by_name.get(&config_address(address)));
        let start: BTreeSet<usize> = start.into_iter().flatten().copied().collect();
        let mut waiting: Vec<usize> = start.iter().copied().collect();
        let mut found = BTreeSet::new();
        while let Some(at) = waiting.pop() {
            for other in &self.needed_by[at] {
                if found.len() < MOST_FOLLOWED && !start.contains(other) && found.insert(*other) {
                    waiting.push(*other);
                }
            }
        }
        found.into_iter().map(|at| &self.things[at]).collect()
    }
}
