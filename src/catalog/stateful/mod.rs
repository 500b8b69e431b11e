//! Types of resources that hold data, and what is lost when one is destroyed.

use std::collections::BTreeMap;

use crate::catalog::registry::folders;

/// What is lost with a resource, by its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stateful(BTreeMap<String, String>);

impl Stateful {
    /// Returns the built-in list.
    pub fn built_in() -> Self {
        let (_, list) = folders::STATEFUL.files[0];
        Self(toml::from_str(list).expect("a test reads the embedded list"))
    }

    /// Returns what is lost with a resource of this Terraform type; `None` where it holds
    /// nothing.
    pub fn lost(&self, resource_type: &str) -> Option<&str> {
        self.0.get(resource_type).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_says_what_is_lost() {
        let list = Stateful::built_in();
        assert!(list.0.len() > 60);
        let (_, text) = folders::STATEFUL.files[0];
        let keys: Vec<&str> = text
            .lines()
            .filter_map(|l| l.split_once(" = "))
            .map(|l| l.0)
            .collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert!(
            list.0
                .iter()
                .all(|(kind, lost)| kind.starts_with("aws_") && !lost.is_empty())
        );
        assert_eq!(
            list.lost("aws_sqs_queue"),
            Some("messages that were not received")
        );
        assert_eq!(list.lost("aws_lambda_function"), None);
    }
}
