use std::collections::BTreeSet;

use super::Blueprint;
use crate::catalog::registry::Registry;

#[test]
fn the_built_in_blueprints_fit_together() {
    let all: Registry<Blueprint> = Registry::load(&[]).unwrap_or_else(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", shown.join("\n"))
    });
    let mut addresses = BTreeSet::new();
    let mut shorts = BTreeSet::new();
    for blueprint in all.iter() {
        let id = &blueprint.id;
        assert!(shorts.insert(&blueprint.short), "{id}: {}", blueprint.short);
        for need in &blueprint.needs {
            assert!(all.get(need).is_some(), "{id} needs {need}");
        }
        for resource in &blueprint.resources {
            let address = resource.address(None);
            assert!(addresses.insert(address.clone()), "{id}: {address} twice");
            let named = resource.when.when.iter().map(|(name, _)| name);
            for name in named.chain(&resource.when.unless) {
                // What is there cannot differ by environment.
                assert!(!blueprint.parameters[name].per_environment, "{id}: {name}");
            }
        }
        let parameters = blueprint.parameters.values();
        assert!(
            parameters
                .clone()
                .all(|one| !one.description.ends_with('.')),
            "{id}"
        );
        assert!(
            blueprint.words.is_sorted() || !blueprint.words.is_empty(),
            "{id}"
        );
    }
    assert!(all.iter().count() >= 16);
}
