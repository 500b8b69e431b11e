//! Whether the parts of a kind make sense.

use std::collections::BTreeSet;

use crate::catalog::kinds::kind::Kind;
use crate::catalog::placeholders::placeholders;
use crate::catalog::registry::{Fault, Step};
use crate::model::fact::FactName;

/// Checks the parts of a kind; `known` says whether its templates may use a name.
pub(super) fn check(kind: &Kind, known: &dyn Fn(&str) -> bool) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for (index, part) in kind.parts.iter().enumerate() {
        let wrong = |key: &str, message: String| {
            let at: [Step; 3] = ["parts".into(), index.into(), key.into()];
            Err(Fault::new(at, message))
        };
        if kind.status.is_none() {
            return wrong("id", "parts need a `[status]` that tells them".to_owned());
        }
        if FactName::parse(&part.id).is_err() || !seen.insert(&part.id) {
            return wrong(
                "id",
                format!("`{}` is not a name, or is there twice", part.id),
            );
        }
        if let Some(stray) = part.slis.iter().find(|id| kind.sli(id).is_none()) {
            return wrong(
                "slis",
                format!("`{stray}` is not an indicator of this kind"),
            );
        }
        if part.most == 0 {
            return wrong("most", "at least one".to_owned());
        }
        for template in part.dimensions.values() {
            let names = match placeholders(template) {
                Ok(names) => names,
                Err(message) => return wrong("dimensions", message),
            };
            let is_own = |name: &str| part.attributes.iter().any(|own| own == name);
            if let Some((name, _)) = names.iter().find(|(name, _)| !is_own(name) && !known(name)) {
                let message = format!("`{{{name}}}` is not known: write it in `attributes`");
                return wrong("dimensions", message);
            }
        }
    }
    Ok(())
}
