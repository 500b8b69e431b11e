//! What resources cost a month by their attributes: one file for each Terraform type.
//!
//! A rate names the attributes that it looks at, and parts of the price, each with the key of a
//! price and how much of it is used in a month. The prices themselves are in `catalog/prices`, and
//! [`crate::core::cost`] evaluates both. What is billed by use has an assumption with a range, or
//! none, and then only its price is said.

mod form;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

pub use form::{RateExample, RateVerdict};

use crate::catalog::registry::{DataFile, Fault, Folder, Registry, folders};
use crate::expr::{Expression, Type};

static FREE: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let (_, text) = folders::RATES_FREE.files[0];
    let form: FreeForm = toml::from_str(text).expect("tests rule out that the list is faulty");
    form.types.into_iter().collect()
});

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FreeForm {
    types: Vec<String>,
}

/// What a type of resource costs.
#[derive(Debug, Clone)]
pub struct Rate {
    /// Terraform type, the name of its file.
    pub resource_type: String,
    /// The attributes that it looks at, by the names of `resource`.
    pub attributes: BTreeMap<String, RateAttribute>,
    /// The parts of the price, in order.
    pub parts: Vec<RatePart>,
    examples: Vec<RateExample>,
}

/// An attribute of a resource.
#[derive(Debug, Clone)]
pub struct RateAttribute {
    /// Where it is: names and indexes (`root_block_device`, `0`, `volume_size`).
    pub path: Vec<String>,
    /// What it is.
    pub of: Type,
    /// What it is where it is not set.
    pub default: Option<crate::expr::Value>,
}

/// A part of the price.
#[derive(Debug, Clone)]
pub struct RatePart {
    /// What people call it.
    pub name: String,
    /// Resources that have it; all where there is none.
    pub when: Option<Expression>,
    /// Key of the price, with `{attribute}` in it.
    pub price: String,
    /// How much of it a month uses.
    pub amount: RateAmount,
}

/// How much of a price a month uses, in the unit of the price.
#[derive(Debug, Clone)]
pub enum RateAmount {
    /// As the attributes say.
    Fixed(Box<Expression>),
    /// As is assumed.
    Assumed {
        /// At least, most likely and at most.
        range: Box<[Expression; 3]>,
        /// The assumption, in words.
        words: String,
    },
    /// Nobody can say.
    ByUse,
}

impl DataFile for Rate {
    const FOLDER: Folder = folders::RATES;
    const NOUN: &'static str = "rate";
    type Form = form::RateForm;
    type Example = RateExample;

    fn prove(id: &str, form: Self::Form) -> Result<Self, Fault> {
        form::prove(id, form)
    }

    fn examples(&self) -> &[Self::Example] {
        &self.examples
    }
}

/// Returns the built-in rates.
///
/// # Panics
/// Never: tests rule out that a built-in file is faulty.
pub fn built_in() -> &'static Registry<Rate> {
    static RATES: LazyLock<Registry<Rate>> =
        LazyLock::new(|| Registry::load(&[]).expect("tests rule out that a file is faulty"));
    &RATES
}

/// Returns whether resources of a type cost nothing by themselves.
pub fn is_free(resource_type: &str) -> bool {
    FREE.contains(resource_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_free_or_has_a_rate() {
        let (_, text) = folders::RATES_FREE.files[0];
        let listed: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","))
            .collect();
        assert!(listed.is_sorted() && listed.len() > 100, "{}", listed.len());
        for rate in built_in().iter() {
            assert!(!is_free(&rate.resource_type), "{}", rate.resource_type);
        }
    }
}
