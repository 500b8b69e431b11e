use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::catalog::Catalog;
use crate::model::fact::{Fact, Gap, GapCause, GapId};
use crate::model::ids::{AccountId, KindId, Region};
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::snapshot::{Alarm, AlarmState, Identity, Observed, ResourceState, Snapshot};
use crate::model::window::Window;
use crate::text::Untrusted;

fn catalog() -> Catalog {
    Catalog::built_in().expect("the catalogue is sound")
}

fn prod() -> EnvironmentName {
    EnvironmentName::new("prod").expect("a name")
}

fn resource(number: usize) -> Resource {
    let kind = ["lambda", "rds"][number % 2];
    let arn = format!("arn:aws:{kind}:eu-central-1:123456789012:thing:{number}");
    Resource {
        kind: KindId::new(kind).ok(),
        resource_type: String::new(),
        terraform_address: None,
        name: Untrusted::from("thing"),
        aws_id: Untrusted::from("thing"),
        arn: Arn::new(arn).expect("an ARN"),
        region: Region::new("eu-central-1").expect("a region"),
        attributes: BTreeMap::new(),
        console_url: None,
        depends_on: Vec::new(),
    }
}

fn identity() -> Identity {
    Identity {
        account: AccountId::new("123456789012").expect("an account"),
        arn: Arn::new("arn:aws:sts::123456789012:assumed-role/x/y").expect("an ARN"),
    }
}

fn window() -> Window {
    Window {
        start: "2026-11-02T09:00:00Z".parse().expect("a time"),
        end: "2026-11-02T09:05:00Z".parse().expect("a time"),
        period_seconds: 300,
    }
}

fn alarm(number: usize) -> Alarm {
    Alarm {
        name: Untrusted::new(format!("alarm-{number}")),
        arn: None,
        state: AlarmState::Alarm,
        since: None,
        reason: Untrusted::default(),
        metric: Untrusted::default(),
        namespace: Untrusted::default(),
        dimensions: BTreeMap::new(),
        actions: Vec::new(),
    }
}

/// What a provider would say of these resources. `faults` says for each which failure hides
/// its state, its metrics and its alarms; alarm `n` is on resource `n`, and one fits none.
fn see(
    resources: &[Resource],
    faults: &BTreeMap<Arn, [Option<u8>; 3]>,
    catalog: &Catalog,
) -> Snapshot {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut fail = |what: usize, which: u8| {
        let gap = Gap {
            operation: format!("service:Call{what}"),
            subject: "filled in below".to_owned(),
            cause: GapCause::Throttled,
            code: None,
            message: Untrusted::new(format!("failure {which}")),
            missing_permission: None,
        };
        let index = gaps
            .iter()
            .position(|known| *known == gap)
            .unwrap_or_else(|| {
                gaps.push(gap);
                gaps.len() - 1
            });
        GapId(u32::try_from(index).expect("few"))
    };
    let observed = resources
        .iter()
        .map(|resource| {
            let [state, metrics, alarms] = faults[&resource.arn];
            Observed {
                resource: resource.clone(),
                state: state.map_or(Fact::Known(ResourceState::unchecked()), |which| {
                    Fact::Unreadable(fail(0, which))
                }),
                facts: BTreeMap::new(),
                metrics: BTreeMap::from([(
                    "errors".to_owned(),
                    metrics.map_or(Fact::Absent, |which| Fact::Unreadable(fail(1, which))),
                )]),
                alarms: alarms.map_or(Fact::Known(Vec::new()), |which| {
                    Fact::Unreadable(fail(2, which))
                }),
                parts: Vec::new(),
                some_alarms: Vec::new(),
            }
        })
        .collect();
    let snapshot = Snapshot {
        environment: prod(),
        identity: Fact::Known(identity()),
        window: window(),
        read_from: None,
        resources: observed,
        unmatched_alarms: vec![alarm(0)],
        gaps,
        receipt: Receipt::default(),
        back_fill: Vec::new(),
    };
    // A provider's edge counts what each of its gaps hides, as the one form does.
    canonical(snapshot, catalog)
}

fn is_new(resource: &Resource) -> bool {
    resource.arn.as_str().bytes().map(u32::from).sum::<u32>() % 3 == 0
}

fn see_past(
    resources: &[Resource],
    faults: &BTreeMap<Arn, [Option<u8>; 3]>,
    catalog: &Catalog,
) -> Snapshot {
    let mut seen = see(resources, faults, catalog);
    seen.window.end = seen.window.start;
    seen.window.start = seen.window.end - jiff::SignedDuration::from_hours(720);
    seen.window.period_seconds = 3_600;
    seen
}

fn split(resources: &[Resource], shard: Shard) -> Vec<Resource> {
    let ours = |one: &&Resource| belongs(shard, &prod(), &one.arn);
    resources.iter().filter(ours).cloned().collect()
}

fn faults() -> impl Strategy<Value = Vec<[Option<u8>; 3]>> {
    let fault = || prop_oneof![3 => Just(None), 1 => (0_u8..3).prop_map(Some)];
    prop::collection::vec([fault(), fault(), fault()], 0..40)
}

proptest! {
    #[test]
    fn parts_join_to_what_one_machine_sees(faults in faults(), count in 1_u32..6) {
        let catalog = catalog();
        let resources: Vec<Resource> = (0..faults.len()).map(resource).collect();
        let faults: BTreeMap<Arn, _> =
            resources.iter().map(|one| one.arn.clone()).zip(faults).collect();
        // Every third resource is new, and its past is read with it.
        let see = |resources: &[Resource]| {
            let new: Vec<Resource> = resources.iter().filter(|one| is_new(one)).cloned().collect();
            let mut seen = see(resources, &faults, &catalog);
            if !new.is_empty() {
                seen.back_fill.push(see_past(&new, &faults, &catalog));
            }
            seen
        };
        let whole = see(&resources);
        prop_assert_eq!(&canonical(whole.clone(), &catalog), &whole, "the form is one");
        let mut parts: Vec<ShardPart> = Shard::all(count)
            .map(|shard| ShardPart {
                shard,
                snapshot: see(&split(&resources, shard)),
            })
            .collect();
        parts.reverse();
        let joined = join(JoinInput {
            environment: &prod(),
            resources: &resources,
            window: window(),
            parts,
            catalog: &catalog,
        });
        prop_assert_eq!(joined, whole);
    }

    #[test]
    fn every_resource_belongs_to_one_shard(number in 0_usize..100_000, count in 1_u32..=256) {
        let arn = resource(number).arn;
        let owners = Shard::all(count).filter(|shard| belongs(*shard, &prod(), &arn)).count();
        prop_assert_eq!(owners, 1);
    }

    #[test]
    fn a_plan_has_a_job_for_each_and_not_too_many(
        sizes in prop::collection::vec(0_usize..200_000, 1..12),
        most in 1_u32..=256,
    ) {
        let environments: Vec<_> = sizes
            .iter()
            .enumerate()
            .map(|(number, size)| (EnvironmentName::new(format!("e{number}")).expect("a name"), *size))
            .collect();
        match plan(&environments, most) {
            None => prop_assert!(sizes.len() > most as usize),
            Some(jobs) => {
                prop_assert!(jobs.len() <= most as usize);
                for (name, _) in &environments {
                    let shards: Vec<Shard> =
                        jobs.iter().filter(|(of, _)| of == name).map(|(_, shard)| *shard).collect();
                    let all: Vec<Shard> = Shard::all(shards.len() as u32).collect();
                    prop_assert_eq!(shards, all);
                }
            }
        }
    }
}

#[test]
fn shards_are_of_like_size() {
    let sizes: Vec<usize> = Shard::all(4)
        .map(|shard| split(&(0..1_000).map(resource).collect::<Vec<_>>(), shard).len())
        .collect();
    assert!(
        sizes.iter().all(|size| (200..300).contains(size)),
        "{sizes:?}"
    );
}

#[test]
fn who_looks_at_what_never_changes() {
    let owner = |number| {
        Shard::all(7)
            .find(|shard| belongs(*shard, &prod(), &resource(number).arn))
            .map(Shard::index)
    };
    let owners: Vec<_> = (0..8).filter_map(owner).collect();
    // Machines of one run may have different versions of this program.
    assert_eq!(owners, OWNERS);
}

const OWNERS: [u32; 8] = [7, 2, 2, 3, 1, 7, 4, 4];

#[test]
fn what_a_missing_shard_was_to_see_is_unknown() {
    let catalog = catalog();
    let resources: Vec<Resource> = (0..20).map(resource).collect();
    let none = resources
        .iter()
        .map(|one| (one.arn.clone(), [None; 3]))
        .collect();
    let parts: Vec<ShardPart> = Shard::all(3)
        .filter(|shard| shard.index() != 2)
        .map(|shard| ShardPart {
            shard,
            snapshot: see(&split(&resources, shard), &none, &catalog),
        })
        .collect();
    let environment = prod();
    let joined = |parts| {
        join(JoinInput {
            environment: &environment,
            resources: &resources,
            window: window(),
            parts,
            catalog: &catalog,
        })
    };
    let some = joined(parts);
    let lost: BTreeSet<Arn> = split(&resources, Shard::new(2, 3).expect("a shard"))
        .into_iter()
        .map(|one| one.arn)
        .collect();
    for observed in &some.resources {
        let unseen = observed.state.gap().is_some() && observed.alarms.gap().is_some();
        assert_eq!(unseen, lost.contains(&observed.resource.arn));
    }
    assert_eq!(some.identity, Fact::Known(identity()));
    assert_eq!(
        some.unmatched_alarms,
        [],
        "it may fit a resource that was not seen"
    );
    insta::assert_debug_snapshot!(some.gaps);
    let nothing = joined(Vec::new());
    assert!(
        nothing
            .resources
            .iter()
            .all(|one| one.state.gap().is_some())
    );
    insta::assert_debug_snapshot!(nothing.gaps);
}

#[test]
fn an_alarm_that_fits_a_resource_of_another_shard_is_matched() {
    let catalog = catalog();
    let resources: Vec<Resource> = (0..8).map(resource).collect();
    let none = resources
        .iter()
        .map(|one| (one.arn.clone(), [None; 3]))
        .collect();
    let parts: Vec<ShardPart> = Shard::all(2)
        .map(|shard| {
            let mut snapshot = see(&split(&resources, shard), &none, &catalog);
            let own = alarm(shard.index() as usize);
            let others = alarm(3 - shard.index() as usize);
            snapshot.resources[0].alarms = Fact::Known(vec![own]);
            snapshot.unmatched_alarms.push(others);
            ShardPart { shard, snapshot }
        })
        .collect();
    let joined = join(JoinInput {
        environment: &prod(),
        resources: &resources,
        window: window(),
        parts,
        catalog: &catalog,
    });
    assert_eq!(joined.unmatched_alarms, [alarm(0)]);
}

#[test]
fn receipts_are_summed_and_the_longest_counts() {
    let receipt = |calls: u64, cost: f64, duration_ms: u64| Receipt {
        calls,
        by_operation: BTreeMap::from([("sts:GetCallerIdentity".to_owned(), calls)]),
        estimated_cost_usd: cost,
        price_date: "2026-08-01".to_owned(),
        duration_ms,
        ..Receipt::default()
    };
    let catalog = catalog();
    let parts = Shard::all(3)
        .map(|shard| ShardPart {
            shard,
            snapshot: Snapshot {
                receipt: receipt(
                    u64::from(shard.index()),
                    0.1,
                    100 * u64::from(shard.index()),
                ),
                ..see(&[], &BTreeMap::new(), &catalog)
            },
        })
        .collect();
    let joined = join(JoinInput {
        environment: &prod(),
        resources: &[],
        window: window(),
        parts,
        catalog: &catalog,
    });
    assert_eq!(joined.receipt, receipt(6, 0.3, 300));
}
