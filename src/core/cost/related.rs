//! What the configuration of a resource says beyond its own facts: the size of its instance type, and
//! the image that uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::instances::InstanceTypes;
use crate::core::cost::case::RuleCase;
use crate::expr::{Fact, GapId, Map, Value};
use crate::model::configuration::{ConfiguredResource, Extent};
use crate::model::fact::GapCause;
use crate::text::Untrusted;

const GIB: f64 = 1_073_741_824.0;

/// A map of which nothing could be read.
pub(super) fn hidden_map(gap: GapId) -> Value {
    Value::Map(Arc::new(Map {
        entries: BTreeMap::new(),
        unseen: BTreeSet::from([gap]),
    }))
}

/// The size of the instance type of the resource, of the next smaller one and of its arm64 twin.
pub(super) fn size(case: &mut RuleCase<'_>) -> Value {
    let mut named = ["instance_class", "instance_type"].into_iter();
    let known = named.find_map(|name| case.resource.facts.get(name).cloned());
    let class = match known {
        Some(Fact::Known(Value::Text(class))) => class.raw().to_owned(),
        Some(Fact::Unreadable(gap)) => return hidden_map(gap),
        _ => return Value::map::<&str>([]),
    };
    let types = InstanceTypes::built_in();
    let Some(own) = types.get(&class) else {
        let message = format!("the size of {class} is not in the table of {}", types.date);
        return hidden_map(case.gap("instance types", GapCause::NotRecorded, &message));
    };
    let smaller = types.next_smaller(&class);
    let smaller = smaller.as_ref();
    let twin = types.arm64_twin(&class).map(|twin| twin.name);
    let text =
        |text: Option<&String>| text.map_or(Fact::Absent, |text| Value::text(text.as_str()).into());
    let number = |number: Option<f64>| number.map_or(Fact::Absent, Fact::from);
    let can_order = can_order(case, smaller.map(|it| it.name.as_str()));
    Value::map([
        ("vcpus", own.vcpus.into()),
        ("memory_bytes", Fact::from(own.memory_gib * GIB)),
        ("units", number(own.units)),
        ("is_burstable", own.is_burstable.into()),
        ("has_disks", own.has_disks.into()),
        ("smaller", text(smaller.map(|it| &it.name))),
        (
            "smaller_memory_bytes",
            number(smaller.map(|it| it.memory_gib * GIB)),
        ),
        ("smaller_units", number(smaller.and_then(|it| it.units))),
        ("can_order_smaller", can_order),
        ("arm64_twin", text(twin.as_ref())),
    ])
}

fn can_order(case: &mut RuleCase<'_>, smaller: Option<&str>) -> Fact {
    let Some(smaller) = smaller else {
        return false.into();
    };
    let engine = match case.fact("engine") {
        Fact::Known(Value::Text(engine)) => engine.raw().to_owned(),
        Fact::Unreadable(gap) => return Fact::Unreadable(gap),
        _ => return Fact::Absent,
    };
    let region = case.resource.region.as_str();
    match InstanceTypes::built_in().can_order(&engine, region, smaller) {
        Some(can) => can.into(),
        None => {
            let message = format!("the classes of {engine} in {region} are not listed");
            Fact::Unreadable(case.gap("instance types", GapCause::NotRecorded, &message))
        }
    }
}

/// The image that uses a snapshot: absent only where all images of the region were seen.
pub(super) fn image(case: &mut RuleCase<'_>) -> Fact {
    if case.rule.applies_to != "aws_ebs_snapshot" {
        return Fact::Absent;
    }
    let id = match case.fact("id") {
        Fact::Known(Value::Text(id)) => id.raw().to_owned(),
        other => return other,
    };
    let mut hidden = None;
    for image in case.world.configuration.of_type("aws_ami") {
        match uses_snapshot(image, &id) {
            Ok(true) => return Value::text(image.name.clone()).into(),
            Ok(false) => {}
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    if let Some(gap) = hidden {
        return Fact::Unreadable(gap);
    }
    let region = &case.resource.region;
    let mut coverage = case.world.configuration.coverage.iter();
    let seen = coverage.find(|one| one.resource_type == "aws_ami" && one.region == *region);
    match seen.map(|one| one.extent) {
        Some(Extent::Complete | Extent::NotEnabled) => Fact::Absent,
        Some(Extent::Partial(gap) | Extent::Unread(gap)) => Fact::Unreadable(gap),
        None => {
            let message = "images were not read";
            Fact::Unreadable(case.gap("ec2:DescribeImages", GapCause::NotAsked, message))
        }
    }
}

/// Whether an image uses a snapshot.
fn uses_snapshot(image: &ConfiguredResource, id: &str) -> Result<bool, GapId> {
    let is_it = |fact: Option<&Fact>| {
        let known = fact.and_then(Fact::known);
        matches!(known, Some(Value::Text(text)) if text.raw() == id)
    };
    if is_it(image.facts.get("root_snapshot_id")) {
        return Ok(true);
    }
    let devices = match image.facts.get("ebs_block_device") {
        Some(Fact::Known(Value::List(devices))) => devices,
        Some(Fact::Unreadable(gap)) => return Err(*gap),
        _ => return Ok(false),
    };
    for device in &devices.items {
        match device {
            Fact::Known(Value::Map(map))
                if is_it(map.entries.get(&Untrusted::from("snapshot_id"))) =>
            {
                return Ok(true);
            }
            Fact::Unreadable(gap) => return Err(*gap),
            _ => {}
        }
    }
    match devices.unseen.first() {
        Some(gap) => Err(*gap),
        None => Ok(false),
    }
}
