//! The names that the expressions of an opportunity may ask about.

use crate::catalog::configuration::Shapes;
use crate::expr::{Schema, Type};

/// Statistics of a metric over the window, as `usage.<metric>.<statistic>`. Percentiles are those of
/// the values of the periods; `outside_p95` is that of the periods at night (20:00 to 06:00 UTC) and
/// on weekends; `days` is how many days the points span.
pub const STATISTICS: [&str; 9] = [
    "p5",
    "p95",
    "min",
    "max",
    "mean",
    "sum",
    "last",
    "outside_p95",
    "days",
];

/// Fields of `size`: of the instance type, of the next smaller one, and of its arm64 twin.
pub(super) const SIZE_FIELDS: [(&str, SizeFieldType); 10] = [
    ("vcpus", SizeFieldType::Number),
    ("memory_bytes", SizeFieldType::Number),
    ("units", SizeFieldType::Number),
    ("is_burstable", SizeFieldType::Flag),
    ("has_disks", SizeFieldType::Flag),
    ("smaller", SizeFieldType::Text),
    ("smaller_memory_bytes", SizeFieldType::Number),
    ("smaller_units", SizeFieldType::Number),
    ("can_order_smaller", SizeFieldType::Flag),
    ("arm64_twin", SizeFieldType::Text),
];

/// Type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SizeFieldType {
    /// A number.
    Number,
    /// A text.
    Text,
    /// True or false.
    Flag,
}

/// Returns the names for a type of resource; `None` for a type that is not known.
pub(super) fn schema<'a>(
    resource_type: &str,
    usage: impl Iterator<Item = &'a String>,
    prices: impl Iterator<Item = &'a String>,
    costs: impl Iterator<Item = &'a String>,
) -> Option<Schema> {
    let shape = Shapes::built_in().get(resource_type)?;
    let statistics = Type::record(STATISTICS.map(|name| (name, Type::Number)));
    let sizes = SIZE_FIELDS.map(|(name, sort)| {
        let of = match sort {
            SizeFieldType::Number => Type::Number,
            SizeFieldType::Text => Type::Text,
            SizeFieldType::Flag => Type::Flag,
        };
        (name, of)
    });
    let numbers = |names: &mut dyn Iterator<Item = &'a String>| {
        Type::record(names.map(|name| (name.clone(), Type::Number)))
    };
    let (mut prices, mut costs) = (prices, costs);
    Some(Schema::from([
        ("resource".to_owned(), Type::record(shape.facts.clone())),
        (
            "usage".to_owned(),
            Type::record(usage.map(|name| (name.clone(), statistics.clone()))),
        ),
        ("price".to_owned(), numbers(&mut prices)),
        ("cost".to_owned(), numbers(&mut costs)),
        ("size".to_owned(), Type::record(sizes)),
        ("related".to_owned(), Type::record([("ami", Type::Text)])),
        (
            "environment".to_owned(),
            Type::record([("is_critical", Type::Flag)]),
        ),
        ("age_days".to_owned(), Type::Number),
    ]))
}
