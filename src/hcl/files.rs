//! Which files Terraform and OpenTofu read, by the ends of their names.

/// Configuration, in HCL and in JSON. OpenTofu reads both pairs; where both are there under one
/// name, the latter counts for it.
const SOURCES: [&str; 4] = [".tf", ".tf.json", ".tofu", ".tofu.json"];
/// What else a plan depends on: values of variables, and the versions of providers.
const INPUTS: [&str; 3] = [".tfvars", ".tfvars.json", ".terraform.lock.hcl"];
/// A working directory of the tool: copies of modules, and providers.
const WORKING_DIRECTORY: &str = ".terraform";

/// Returns whether a path is of configuration.
pub fn is_source(path: &str) -> bool {
    is_one_of(path, &SOURCES)
}

/// Returns whether a path is of configuration in HCL, and not in JSON.
pub fn is_hcl_source(path: &str) -> bool {
    is_source(path) && !path.ends_with(".json")
}

/// Returns whether a path is of something that decides what is planned.
pub fn decides_plans(path: &str) -> bool {
    is_source(path) || is_one_of(path, &INPUTS)
}

fn is_one_of(path: &str, ends: &[&str]) -> bool {
    !path.split('/').any(|part| part == WORKING_DIRECTORY)
        && ends.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_both_tools_are_known() {
        for (path, source, hcl, decides) in [
            ("infra/main.tf", true, true, true),
            ("infra/main.tf.json", true, false, true),
            ("infra/main.tofu", true, true, true),
            ("infra/main.tofu.json", true, false, true),
            ("infra/prod.tfvars", false, false, true),
            ("infra/prod.auto.tfvars.json", false, false, true),
            ("infra/.terraform.lock.hcl", false, false, true),
            ("infra/.terraform/modules/q/main.tf", false, false, false),
            (".terraform/modules/q/main.tf", false, false, false),
            ("old.terraform/main.tf", true, true, true),
            ("infra/terraform.tfstate", false, false, false),
            ("infra/package.json", false, false, false),
        ] {
            assert_eq!(is_source(path), source, "{path}");
            assert_eq!(is_hcl_source(path), hcl, "{path}");
            assert_eq!(decides_plans(path), decides, "{path}");
        }
    }
}
