//! What depends on what, and which resources an investigation looks at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::resource::Resource;

/// Who depends on whom among resources, by their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DependencyGraph {
    /// Caller, then what it calls.
    pub calls: BTreeSet<(usize, usize)>,
}

/// The resources that an investigation looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvestigationScope {
    /// Their places: the one with the symptom, what it depends on by distance, what calls it.
    pub places: Vec<usize>,
    /// Who depends on whom among them, by their places in `places`.
    pub calls: BTreeSet<(usize, usize)>,
    /// Resources that belong to it and are not looked at, because there are too many.
    pub left_out: usize,
}

impl DependencyGraph {
    /// Builds it from what the registry says that each resource needs, and from the table
    /// `[dependencies]` of monitoring.toml. Names that are no resource's are left out.
    pub fn of(resources: &[Resource], dependencies: &BTreeMap<String, Vec<String>>) -> Self {
        let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (place, resource) in resources.iter().enumerate() {
            let address = resource.terraform_address.as_ref().map(|one| one.raw());
            let names = [
                Some(resource.arn.as_str()),
                Some(resource.aws_id.raw()),
                Some(resource.name.raw()),
                address,
            ];
            for name in names.into_iter().flatten() {
                by_name.entry(name).or_default().insert(place);
            }
        }
        // A name that several resources have says nothing about one of them.
        let find = |name: &str| {
            let places = by_name.get(name)?;
            (places.len() == 1).then(|| places.first().copied())?
        };
        let mut calls = BTreeSet::new();
        let mut add = |caller: Option<usize>, needs: &[String]| {
            let Some(caller) = caller else { return };
            let callees = needs.iter().filter_map(|need| find(need));
            calls.extend(
                callees
                    .filter(|one| *one != caller)
                    .map(|one| (caller, one)),
            );
        };
        for (place, resource) in resources.iter().enumerate() {
            add(Some(place), &resource.depends_on);
        }
        for (name, needs) in dependencies {
            add(find(name), needs);
        }
        Self { calls }
    }

    /// Returns everything that a resource depends on, itself first, by distance.
    pub fn reach(&self, from: usize) -> Vec<usize> {
        let mut found = vec![from];
        let mut seen = BTreeSet::from([from]);
        let mut open = VecDeque::from([from]);
        while let Some(node) = open.pop_front() {
            for callee in self.callees(node) {
                if seen.insert(callee) {
                    found.push(callee);
                    open.push_back(callee);
                }
            }
        }
        found
    }

    /// What a resource depends on directly.
    fn callees(&self, caller: usize) -> impl Iterator<Item = usize> {
        let calls = self.calls.range((caller, 0)..=(caller, usize::MAX));
        calls.map(|(_, callee)| *callee)
    }

    /// Returns which of the others a resource depends on, by their places in `among`: directly, or
    /// through resources that are not among them.
    fn nearest(&self, from: usize, among: &[usize]) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for callee in self.callees(node) {
                if !seen.insert(callee) {
                    continue;
                }
                match among.iter().position(|one| *one == callee) {
                    Some(place) => {
                        found.insert(place);
                    }
                    None => open.push(callee),
                }
            }
        }
        found
    }

    /// Chooses at most `most` resources to look at: the one with the symptom, what it depends on,
    /// the nearest first, and what calls it. `is_known` says which ones can be looked at.
    pub fn scope(
        &self,
        symptom: usize,
        most: usize,
        is_known: impl Fn(usize) -> bool,
    ) -> InvestigationScope {
        let mut places = self.reach(symptom);
        let callers = self.calls.iter().filter(|(_, callee)| *callee == symptom);
        for (caller, _) in callers {
            if !places.contains(caller) {
                places.push(*caller);
            }
        }
        places.retain(|place| *place == symptom || is_known(*place));
        let left_out = places.len().saturating_sub(most.max(1));
        places.truncate(most.max(1));
        let mut calls = BTreeSet::new();
        for (place, caller) in places.iter().enumerate() {
            let callees = self.nearest(*caller, &places).into_iter();
            calls.extend(callees.map(|callee| (place, callee)));
        }
        InvestigationScope {
            places,
            calls,
            left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(name: &str, needs: &[&str]) -> Resource {
        serde_json::from_value(serde_json::json!({
            "kind": "lambda", "resource_type": "aws_lambda_function", "name": name,
            "aws_id": name, "arn": format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}"),
            "terraform_address": format!("aws_lambda_function.{name}"),
            "region": "eu-west-1", "depends_on": needs,
        }))
        .expect("a resource")
    }

    #[test]
    fn edges_come_from_the_registry_and_from_monitoring_toml() {
        let all = [
            resource("api", &["aws_lambda_function.orders", "gone", "api"]),
            resource("orders", &[]),
            resource("db", &[]),
            resource("site", &["api"]),
            resource("alone", &[]),
        ];
        let more = BTreeMap::from([
            ("orders".to_owned(), vec!["db".to_owned()]),
            ("nobody".to_owned(), vec!["db".to_owned()]),
        ]);
        let graph = DependencyGraph::of(&all, &more);
        assert_eq!(graph.calls, BTreeSet::from([(0, 1), (1, 2), (3, 0)]));
        let scope = graph.scope(0, 10, |_| true);
        assert_eq!(scope.places, [0, 1, 2, 3]);
        assert_eq!(scope.calls, BTreeSet::from([(0, 1), (1, 2), (3, 0)]));
        let narrow = graph.scope(0, 2, |_| true);
        assert_eq!((narrow.places, narrow.left_out), (vec![0, 1], 2));
        // What lies behind a resource that cannot be looked at is depended on all the same.
        let through = graph.scope(0, 10, |place| place != 1);
        assert_eq!(through.places, [0, 2, 3]);
        assert_eq!(through.calls, BTreeSet::from([(0, 1), (2, 0)]));
        let cycle = DependencyGraph {
            calls: BTreeSet::from([(0, 1), (1, 0)]),
        };
        assert_eq!(cycle.reach(0), [0, 1]);
    }

    #[test]
    fn a_name_of_two_resources_is_no_ones() {
        let all = [
            resource("api", &["db"]),
            resource("db", &[]),
            resource("db", &[]),
        ];
        let graph = DependencyGraph::of(&all, &BTreeMap::new());
        assert_eq!(graph.calls, BTreeSet::new());
    }
}
