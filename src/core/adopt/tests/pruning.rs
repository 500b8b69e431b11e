//! What goes, what stays, and what needs consent.

use super::*;

fn bucket(name: &str, source: &str) -> InventoryItem {
    InventoryItem {
        source: Some(source.to_owned()),
        ..item(&format!("aws_s3_bucket.{name}"), name, "", &[])
    }
}

#[test]
fn a_source_prunes_only_what_it_brought() {
    let prune = Pruning {
        on: true,
        ..Pruning::default()
    };
    let a: Vec<_> = ["a1", "a2"]
        .iter()
        .map(|name| bucket(name, "state:a"))
        .collect();
    let both = [&a[..], &[bucket("b1", "state:b"), bucket("a2", "state:b")]].concat();
    let first = run_from(&["state:a", "state:b"], &both, None, Pruning::default());
    let sources: Vec<Vec<&str>> = first
        .registry
        .resources
        .iter()
        .map(|entry| entry.sources.iter().map(String::as_str).collect())
        .collect();
    assert_eq!(
        sources,
        [vec!["state:a"], vec!["state:a", "state:b"], vec!["state:b"]]
    );
    let existing = Some(&first.registry);

    // One at a time changes nothing.
    let again = run_from(&["state:a"], &a, existing, prune);
    assert!(!again.changed(), "{again:?}");
    assert_eq!((again.not_found.len(), again.of_other_sources), (0, 1));

    // What two name stays until neither does.
    let less = run_from(&["state:a"], &a[..1], existing, prune);
    assert_eq!(less.removed(), 0);
    let a2 = &less.registry.resources[1].sources;
    assert_eq!(a2.iter().collect::<Vec<_>>(), ["state:b"]);

    // A source that nobody knows removes nothing, whatever it names.
    let strange = run_from(&["state:new"], &[], existing, prune);
    assert!(!strange.changed());
    assert_eq!(strange.of_other_sources, 3);
}

#[test]
fn much_at_once_needs_consent() {
    let prune = Pruning {
        on: true,
        ..Pruning::default()
    };
    let many = Pruning {
        many: true,
        ..prune
    };
    let sources = &["state:a"];
    for (before, after, consent) in [
        (1, 1, None),
        (1, 0, Some((1, 1))),
        (2, 1, None),
        (2, 0, Some((2, 2))),
        (3, 1, Some((2, 3))),
        (8, 6, None),
        (8, 5, Some((3, 8))),
    ] {
        let name = |n: usize| bucket(&format!("b{n}"), "state:a");
        let all: Vec<InventoryItem> = (0..before).map(name).collect();
        let first = run_from(sources, &all, None, Pruning::default());
        // What other sources brought does not make the share smaller.
        let others: Vec<_> = (50..90)
            .map(|n| bucket(&format!("o{n}"), "state:o"))
            .collect();
        let first = run_from(
            &["state:o"],
            &others,
            Some(&first.registry),
            Pruning::default(),
        );
        let existing = Some(&first.registry);
        let next = run_from(sources, &all[..after], existing, prune);
        let asked = next
            .needs_consent
            .map(|too_many| (too_many.removed, too_many.of));
        assert_eq!(asked, consent, "{before} → {after}");
        let next = run_from(sources, &all[..after], existing, many);
        assert_eq!(next.needs_consent, None);
        assert_eq!(next.removed(), before - after);
        assert_eq!(next.registry.resources.len(), 40 + after);
    }
}

#[test]
fn what_is_named_in_another_form_is_there() {
    let prune = Pruning {
        on: true,
        ..Pruning::default()
    };
    let first = run_from(&["s"], &[bucket("a", "s"), bucket("b", "s")], None, prune);
    let pending = InventoryItem {
        pending: true,
        ..bucket("b", "s")
    };
    let next = run_from(
        &["s"],
        &[bucket("a", "s"), pending],
        Some(&first.registry),
        prune,
    );
    assert!(!next.changed(), "{next:?}");
}
