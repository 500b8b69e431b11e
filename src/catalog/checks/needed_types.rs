//! Which types of resources are read for checks, where not all of them are evaluated.

use std::collections::BTreeSet;

use super::Check;
use crate::catalog::configuration::Shapes;
use crate::catalog::reads::Reads;
use crate::catalog::registry::DataFile;
use crate::expr::Expression;
use crate::model::configuration::{ACCOUNT, REGION};

/// Returns the types that have to be read for checks to come out as in an audit of everything,
/// sorted; none where that takes all of them.
pub fn needed_types(checks: &[&Check]) -> Vec<String> {
    if checks.iter().any(|check| needs_everything(check)) {
        return Vec::new();
    }
    let reads = Reads::built_in();
    let mut types = BTreeSet::from([ACCOUNT.to_owned()]);
    for check in checks {
        for name in &check.form.applies_to {
            types.insert(name.clone());
            let shape = Shapes::built_in().get(name);
            types.extend(shape.and_then(|shape| shape.listed_as.clone()));
        }
        let needs = &check.form.needs;
        let is_needed = |operation: &str| needs.contains(&reads.action(operation));
        let read = reads
            .types()
            .filter(|of| of.operations().into_iter().any(is_needed));
        types.extend(read.map(|of| of.id.clone()));
        if paths(check).any(|path| path.split('.').next() == Some(REGION)) {
            types.insert(REGION.to_owned());
        }
    }
    types.into_iter().collect()
}

/// What a check asks about.
fn paths(check: &Check) -> impl Iterator<Item = String> {
    let severities = check.severity_when.iter().map(|(when, _)| when);
    let all = check.applies_when.iter().chain([&check.fails_when]);
    let each = check.form.each.iter().cloned();
    all.chain(severities)
        .flat_map(Expression::paths)
        .chain(each)
}

/// Whether other resources than those that its permissions read may decide it: the secrets of
/// functions are told from the names of all resources, and what a check of your own derives need
/// not be among its permissions.
fn needs_everything(check: &Check) -> bool {
    let applies_to = &check.form.applies_to;
    let is_of_functions = applies_to.iter().any(|of| of == "aws_lambda_function");
    let is_built_in = Check::FOLDER.files.iter().any(|(id, _)| *id == check.id);
    paths(check).any(|path| match path.split_once('.') {
        Some(("derived", name)) => !is_built_in || (is_of_functions && name == "secrets"),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::registry::Registry;

    fn types_of(ids: &[&str]) -> Vec<String> {
        let all = Registry::<Check>::load(&[]).expect("the built-in checks");
        let checks = ids.iter().map(|id| all.get(id).expect("a check"));
        needed_types(&checks.collect::<Vec<_>>())
    }

    #[test]
    fn what_a_check_needs_is_read_and_no_more() {
        assert_eq!(types_of(&["sqs-unencrypted"]), ["account", "aws_sqs_queue"]);
        let bucket = ["account", "aws_s3_bucket"];
        assert_eq!(
            types_of(&["s3-bucket-public", "s3-bucket-versioning"]),
            bucket
        );
        assert_eq!(types_of(&["guardduty-off"]), ["account", "region"]);
        // AWS lists default groups among the others.
        let types = types_of(&["ec2-security-group-open-ports"]);
        for of in ["aws_security_group", "aws_network_interface", "aws_lb"] {
            assert!(types.iter().any(|it| it == of), "{of}: {types:?}");
        }
        assert_eq!(
            types_of(&["sqs-public", "lambda-environment-secrets"]),
            [""; 0]
        );
    }
}
