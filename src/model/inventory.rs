//! What exists, as a tool's state or the provider's inventory names it: the input of adopting.

use std::collections::BTreeMap;

use crate::model::ids::Arn;
use crate::text::Untrusted;

/// Why something that is listed is not registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Its own service says that it is not there.
    Gone,
    /// It could not be asked about, for this reason.
    Unusable(Untrusted),
}

/// Something that exists, or that a plan is yet to create.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InventoryItem {
    /// Terraform type; `None` where only the ARN is known.
    pub resource_type: Option<String>,
    /// Its ARN, as it was found.
    pub arn: Option<Untrusted>,
    /// The id that the tool knows it by.
    pub id: Option<Untrusted>,
    /// Its name in the source of the tool.
    pub name: Option<Untrusted>,
    /// Its full address in the tool, with index keys.
    pub address: Option<Untrusted>,
    /// Attributes that identify it, by their Terraform names.
    pub attributes: BTreeMap<String, Untrusted>,
    /// Addresses, with or without index keys, of what it refers to.
    pub depends_on: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, Untrusted>,
    /// Its region, where the tool says so.
    pub region: Option<Untrusted>,
    /// Whether it is planned and does not exist yet.
    pub pending: bool,
    /// What names it, in the form of [`crate::model::registry::RegistryEntry::sources`];
    /// `None` where nothing tells that from others.
    pub source: Option<String>,
    /// Why it is not registered although it is listed.
    pub doubt: Option<Doubt>,
}

impl InventoryItem {
    /// Of something that was found by its tags.
    pub fn found(arn: &Arn, tags: impl IntoIterator<Item = (Untrusted, Untrusted)>) -> Self {
        Self {
            arn: Some(arn.as_str().into()),
            tags: tags
                .into_iter()
                .map(|(key, value)| (key.raw().to_owned(), value))
                .collect(),
            ..Self::default()
        }
    }
}

/// The steps of a Terraform address or reference with their index keys:
/// `module.a["x.y"].aws_sqs_queue.q[0]` → `module`, `a` with `["x.y"]`, `aws_sqs_queue`,
/// `q` with `[0]`. Dots and brackets inside quotes do not count.
pub fn address_steps(address: &str) -> Vec<(&str, &str)> {
    let mut steps = Vec::new();
    let (mut start, mut bracket, mut depth) = (0, None, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in address.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            '[' => {
                bracket = bracket.or(Some(at));
                depth += 1;
            }
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                steps.push(split_at(address, start, bracket, at));
                (start, bracket) = (at + 1, None);
            }
            _ => {}
        }
    }
    steps.push(split_at(address, start, bracket, address.len()));
    steps
}

fn split_at(text: &str, start: usize, bracket: Option<usize>, end: usize) -> (&str, &str) {
    let middle = bracket.unwrap_or(end);
    (&text[start..middle], &text[middle..end])
}

/// An address without its index keys: as the source has it.
pub fn config_address(address: &str) -> String {
    let names: Vec<&str> = address_steps(address).iter().map(|step| step.0).collect();
    names.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_their_keys_and_nothing_else() {
        for (address, expected) in [
            ("aws_s3_bucket.b", "aws_s3_bucket.b"),
            ("aws_s3_bucket.b[0]", "aws_s3_bucket.b"),
            (
                r#"module.a["x.y"].module.b[1].aws_sqs_queue.q["]"]"#,
                "module.a.module.b.aws_sqs_queue.q",
            ),
            (r#"a.b["\"].c"].d"#, "a.b.d"),
            ("", ""),
            ("..", ".."),
            ("a[", "a"),
            ("a]b", "a]b"),
            (r#"ä["ö"].ü"#, "ä.ü"),
        ] {
            assert_eq!(config_address(address), expected, "{address}");
        }
    }
}
