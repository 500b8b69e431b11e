//! Names between braces in the texts of data files.

/// Placeholders of a template, each with whether it is optional (`{name?}`); an error for
/// unbalanced braces.
pub(super) fn placeholders(template: &str) -> Result<Vec<(&str, bool)>, String> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find(['{', '}']) {
        let close = rest[open..]
            .find('}')
            .filter(|_| rest[open..].starts_with('{'))
            .ok_or_else(|| format!("the braces in `{template}` do not match"))?;
        let name = &rest[open + 1..open + close];
        let (name, optional) = match name.strip_suffix('?') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(format!("`{{{name}}}` in `{template}` is not a name"));
        }
        found.push((name, optional));
        rest = &rest[open + close + 1..];
    }
    Ok(found)
}

/// Checks that all names in the braces of a template are known.
pub(super) fn check_names(text: &str, known: &dyn Fn(&str) -> bool) -> Result<(), String> {
    let names = placeholders(text)?;
    match names.into_iter().find(|(name, _)| !known(name)) {
        Some((name, _)) => Err(format!("nothing is called `{{{name}}}`")),
        None => Ok(()),
    }
}
