//! The parts of a Terraform address.

/// What an address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// `module.a.module.b`, where it is in one.
    pub(super) module: Option<String>,
    /// The type of the resource.
    pub(super) resource_type: Option<String>,
}

impl Address {
    /// Takes an address apart; what is no address has no parts.
    pub(super) fn parse(text: &str) -> Self {
        let parts = parts(text);
        let mut modules = Vec::new();
        let mut rest = &parts[..];
        while let [first, name, tail @ ..] = rest {
            if first != "module" {
                break;
            }
            modules.push(format!("module.{name}"));
            rest = tail;
        }
        if rest.first().is_some_and(|first| first == "data") {
            rest = &rest[1..];
        }
        let resource_type = match rest {
            [first, _, ..] => Some(first.clone()),
            _ => None,
        };
        Self {
            module: (!modules.is_empty()).then(|| modules.join(".")),
            resource_type: resource_type.filter(|name| !name.is_empty()),
        }
    }
}

/// Splits at dots that are in no brackets.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match (c, parts.last_mut()) {
            ('.', _) if depth == 0 => parts.push(String::new()),
            (_, Some(last)) => last.push(c),
            (_, None) => {}
        }
    }
    parts
}
