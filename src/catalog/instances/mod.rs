//! Instance types of EC2 and RDS: how large they are, which is the next smaller one, and where a
//! class can be ordered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::registry::folders;

static TYPES: LazyLock<InstanceTypes> =
    LazyLock::new(|| InstanceTypes::read().expect("tests rule out that the files are faulty"));

/// What is in front of the name of an RDS class.
const RDS_PREFIX: &str = "db.";

/// All instance types.
#[derive(Debug)]
pub struct InstanceTypes {
    /// Date of the table of EC2, `YYYY-MM-DD`.
    pub date: String,
    families: BTreeMap<String, Vec<Size>>,
    arm64: BTreeSet<String>,
    burstable: BTreeSet<String>,
    disks: BTreeSet<String>,
    arm64_twin: BTreeMap<String, String>,
    rds: BTreeMap<String, Engine>,
}

/// A size of a family.
#[derive(Debug, Clone, PartialEq)]
struct Size {
    name: String,
    vcpus: f64,
    memory_gib: f64,
}

/// Where the classes of an engine can be ordered.
#[derive(Debug, Default)]
struct Engine {
    regions: BTreeSet<String>,
    classes: BTreeMap<String, Regions>,
}

#[derive(Debug, Clone)]
enum Regions {
    Only(BTreeSet<String>),
    Except(BTreeSet<String>),
}

/// An instance type, or an RDS class.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceType {
    /// Its name as AWS writes it, `t3.medium` or `db.t3.medium`.
    pub name: String,
    /// The part of the name in front of the size, without `db.`.
    pub family: String,
    /// Number of vCPUs.
    pub vcpus: f64,
    /// Memory in GiB.
    pub memory_gib: f64,
    /// Whether its processor is arm64 (Graviton); x86_64 otherwise.
    pub is_arm64: bool,
    /// Whether it earns and spends CPU credits.
    pub is_burstable: bool,
    /// Whether it has disks of its own, which are lost when the type changes.
    pub has_disks: bool,
    /// Size in the units in which AWS normalises reservations, `small` being 1. Within a family
    /// the price is in proportion to it. Source: "Size-flexible reserved DB instances", Amazon
    /// RDS User Guide.
    pub units: Option<f64>,
}

#[derive(Deserialize)]
struct Ec2Form {
    date: String,
    arm64: BTreeSet<String>,
    burstable: BTreeSet<String>,
    disks: BTreeSet<String>,
    arm64_twin: BTreeMap<String, String>,
    families: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct EngineForm {
    regions: String,
    classes: Vec<String>,
}

impl InstanceTypes {
    /// Returns those that are built in.
    pub fn built_in() -> &'static Self {
        &TYPES
    }

    fn read() -> Result<Self, String> {
        let form: Ec2Form = toml::from_str(file("ec2")?).map_err(|error| error.to_string())?;
        let mut families = BTreeMap::new();
        for (family, text) in &form.families {
            families.insert(family.clone(), sizes(text)?);
        }
        Ok(Self {
            date: form.date,
            families,
            arm64: form.arm64,
            burstable: form.burstable,
            disks: form.disks,
            arm64_twin: form.arm64_twin,
            rds: read_engines()?,
        })
    }

    /// Returns the type with this name, `db.` in front or not.
    pub fn get(&self, name: &str) -> Option<InstanceType> {
        let (prefix, bare) = split_prefix(name);
        let (family, size) = bare.split_once('.')?;
        let found = self
            .families
            .get(family)?
            .iter()
            .find(|it| it.name == size)?;
        Some(self.describe(prefix, family, found))
    }

    /// Returns the next smaller size of the same family; `None` for the smallest.
    pub fn next_smaller(&self, name: &str) -> Option<InstanceType> {
        let (prefix, bare) = split_prefix(name);
        let (family, size) = bare.split_once('.')?;
        let sizes = self.families.get(family)?;
        let place = sizes.iter().position(|it| it.name == size)?;
        let own = sizes.get(place)?;
        let is_smaller = |it: &&Size| it.memory_gib < own.memory_gib && it.vcpus <= own.vcpus;
        let smaller = sizes.get(..place)?.iter().rev().find(is_smaller)?;
        Some(self.describe(prefix, family, smaller))
    }

    /// Returns the type of the same size in the arm64 family that replaces this one.
    pub fn arm64_twin(&self, name: &str) -> Option<InstanceType> {
        let (prefix, bare) = split_prefix(name);
        let (family, size) = bare.split_once('.')?;
        let twin = self.arm64_twin.get(family)?;
        self.get(&format!("{prefix}{twin}.{size}"))
    }

    /// Whether an RDS class can be ordered for an engine in a region. `None` where the table
    /// does not know the engine or the region.
    pub fn can_order(&self, engine: &str, region: &str, class: &str) -> Option<bool> {
        let engine = self.rds.get(engine)?;
        if !engine.regions.contains(region) {
            return None;
        }
        let bare = class.strip_prefix(RDS_PREFIX)?;
        Some(match engine.classes.get(bare) {
            None => false,
            Some(Regions::Only(regions)) => regions.contains(region),
            Some(Regions::Except(regions)) => !regions.contains(region),
        })
    }

    fn describe(&self, prefix: &str, family: &str, size: &Size) -> InstanceType {
        InstanceType {
            name: format!("{prefix}{family}.{}", size.name),
            family: family.to_owned(),
            vcpus: size.vcpus,
            memory_gib: size.memory_gib,
            is_arm64: self.arm64.contains(family),
            is_burstable: self.burstable.contains(family),
            has_disks: self.disks.contains(family),
            units: units(&size.name),
        }
    }
}

/// The text of a file of the folder.
fn file(name: &str) -> Result<&'static str, String> {
    let mut files = folders::INSTANCES.files.iter();
    let found = files.find(|(stem, _)| *stem == name).map(|(_, text)| *text);
    found.ok_or_else(|| format!("there is no {name}.toml"))
}

fn split_prefix(name: &str) -> (&'static str, &str) {
    match name.strip_prefix(RDS_PREFIX) {
        Some(bare) => (RDS_PREFIX, bare),
        None => ("", name),
    }
}

/// Units of a size by its name: `small` is 1, `xlarge` 8, `4xlarge` 32.
fn units(size: &str) -> Option<f64> {
    match size {
        "nano" => Some(0.25),
        "micro" => Some(0.5),
        "small" => Some(1.0),
        "medium" => Some(2.0),
        "large" => Some(4.0),
        "xlarge" => Some(8.0),
        other => {
            let times: u32 = other.strip_suffix("xlarge")?.parse().ok()?;
            Some(8.0 * f64::from(times))
        }
    }
}

/// Reads `nano 2 0.5, micro 2 1`.
fn sizes(text: &str) -> Result<Vec<Size>, String> {
    let one = |entry: &str| {
        let mut words = entry.split_whitespace();
        let name = words.next()?.to_owned();
        let vcpus = words.next()?.parse().ok()?;
        let memory_gib = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Size {
            name,
            vcpus,
            memory_gib,
        })
    };
    let read = |entry: &str| one(entry).ok_or_else(|| format!("`{entry}` is no size"));
    text.split(", ").map(read).collect()
}

fn read_engines() -> Result<BTreeMap<String, Engine>, String> {
    let table: toml::Table = toml::from_str(file("rds")?).map_err(|error| error.to_string())?;
    let mut engines = BTreeMap::new();
    for (name, value) in table {
        // Source, licence and date are texts.
        if !value.is_table() {
            continue;
        }
        let form: EngineForm = value
            .try_into()
            .map_err(|error: toml::de::Error| error.to_string())?;
        let mut engine = Engine {
            regions: words(&form.regions),
            classes: BTreeMap::new(),
        };
        for line in &form.classes {
            add_classes(&mut engine, line).ok_or_else(|| format!("`{line}` lists no classes"))?;
        }
        engines.insert(name, engine);
    }
    Ok(engines)
}

/// Reads `t3: micro small: *`: sizes, and the regions that have them (`-` for all but these).
fn add_classes(engine: &mut Engine, line: &str) -> Option<()> {
    let mut parts = line.splitn(3, ": ");
    let (family, sizes, where_) = (parts.next()?, parts.next()?, parts.next()?);
    let regions = match (where_, where_.strip_prefix('-')) {
        ("*", _) => Regions::Except(BTreeSet::new()),
        (_, Some(except)) => Regions::Except(words(except)),
        (only, None) => Regions::Only(words(only)),
    };
    for size in sizes.split_whitespace() {
        let class = format!("{family}.{size}");
        engine.classes.insert(class, regions.clone());
    }
    Some(())
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types() -> &'static InstanceTypes {
        InstanceTypes::built_in()
    }

    #[test]
    fn types_and_classes_have_one_size() {
        let class = types().get("db.t3.medium").expect("a class");
        assert_eq!((class.vcpus, class.memory_gib), (2.0, 4.0));
        assert!(class.is_burstable && !class.is_arm64);
        assert_eq!(class.units, Some(2.0));
        let large = types().get("m6gd.12xlarge").expect("a type");
        assert!(large.is_arm64 && large.has_disks);
        assert_eq!(large.units, Some(96.0));
        for unknown in ["", "t3", "db.", "t3.gigantic", "db.z9.large"] {
            assert_eq!(types().get(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_next_size_is_smaller() {
        let next = |name: &str| types().next_smaller(name).map(|it| it.name);
        assert_eq!(next("db.t3.medium").as_deref(), Some("db.t3.small"));
        assert_eq!(next("m5.xlarge").as_deref(), Some("m5.large"));
        assert_eq!(next("m5.12xlarge").as_deref(), Some("m5.8xlarge"));
        assert_eq!(next("m5.large"), None);
        assert_eq!(next("nothing"), None);
    }

    #[test]
    fn every_size_is_larger_than_its_next_smaller_one() {
        for (family, sizes) in &types().families {
            for size in sizes {
                let own = types().get(&format!("{family}.{}", size.name)).expect("it");
                let Some(next) = types().next_smaller(&own.name) else {
                    continue;
                };
                assert!(next.memory_gib < own.memory_gib, "{own:?} {next:?}");
                assert!(next.vcpus <= own.vcpus, "{own:?} {next:?}");
            }
        }
    }

    #[test]
    fn twins_are_arm64_and_as_large() {
        for family in types().arm64_twin.keys() {
            for size in types().families.get(family).expect("a family") {
                let own = types().get(&format!("{family}.{}", size.name)).expect("it");
                let Some(twin) = types().arm64_twin(&own.name) else {
                    continue;
                };
                assert!(twin.is_arm64 && !own.is_arm64, "{own:?} {twin:?}");
                assert!(twin.memory_gib >= own.memory_gib * 0.9, "{own:?} {twin:?}");
            }
        }
    }

    #[test]
    fn classes_are_ordered_where_the_engine_has_them() {
        let can =
            |engine: &str, region: &str, class: &str| types().can_order(engine, region, class);
        assert_eq!(can("mysql", "us-east-1", "db.t3.small"), Some(true));
        assert_eq!(can("aurora-mysql", "us-east-1", "db.t3.micro"), Some(false));
        assert_eq!(can("mysql", "us-east-1", "db.t3.nano"), Some(false));
        assert_eq!(can("mysql", "mx-central-1", "db.m5.large"), Some(false));
        assert_eq!(can("sqlserver-ex", "us-east-1", "db.t3.small"), None);
        assert_eq!(can("mysql", "xx-nowhere-1", "db.t3.small"), None);
    }
}
