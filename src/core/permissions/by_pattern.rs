//! What an action is granted on where nothing says more than the naming pattern.

use std::collections::BTreeSet;

use crate::catalog::access::{IamAction, ResourceForm};
use crate::core::permissions::need::GrantScope;

/// The resources of an action that are named after the pattern of an environment, each in the form
/// that the action takes; `*` where it takes none.
///
/// # Errors
/// Why it cannot be narrowed, as a sentence without a full stop.
pub(super) fn by_pattern(
    action: &IamAction<'_>,
    scope: &GrantScope,
) -> Result<Vec<String>, String> {
    let forms = match action.required.is_empty() {
        false => &action.required,
        true if action.is_list => return Ok(vec!["*".to_owned()]),
        true => &action.optional,
    };
    if forms.is_empty() {
        return Ok(vec!["*".to_owned()]);
    }
    let prefix = scope.prefix.as_deref().ok_or_else(|| {
        format!(
            "which resources `{}` is needed on is not said, and `resource_naming.pattern` of \
             devops.json says of no name that it belongs to the environment",
            action.name
        )
    })?;
    // Whoever names a bucket does not name the access points of it.
    let is_access_point = |form: &&ResourceForm<'_>| form.name.starts_with("accesspoint");
    let has_others = forms.iter().any(|form| !is_access_point(&form));
    let own = forms
        .iter()
        .filter(|form| !has_others || !is_access_point(form));
    let all = own.map(|form| filled(form, scope, prefix));
    Ok(all.collect::<BTreeSet<String>>().into_iter().collect())
}

/// The ARN of everything of a type that is named after the pattern.
fn filled(form: &ResourceForm<'_>, scope: &GrantScope, prefix: &str) -> String {
    let mut arn = String::new();
    let mut is_named = false;
    let mut rest = form.arn;
    while let Some((before, after)) = rest.split_once("${") {
        let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
        arn.push_str(before);
        match placeholder {
            "Partition" => arn.push_str(&scope.partition),
            "Region" => arn.push_str(&scope.region),
            "Account" => arn.push_str(&scope.account),
            // An id that AWS gives is named after nothing.
            name if name.contains("Name") && !is_named => {
                is_named = true;
                arn.push_str(prefix);
                arn.push('*');
            }
            _ => arn.push('*'),
        }
        rest = after;
    }
    arn.push_str(rest);
    arn
}
