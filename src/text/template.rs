//! Templates of data files: text with `{name}` in it.

/// Fills every `{name}`; `None` where a name has no value or a brace is not closed.
pub fn fill(template: &str, mut value: impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}')?;
        out.push_str(before);
        out.push_str(&value(name)?);
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

/// Fills every `{name}` that is known, and leaves everything else as it is. What is filled in is not
/// looked at again.
pub fn fill_known(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let known = after.split_once('}');
        match known.and_then(|(name, tail)| Some((value(name)?, tail))) {
            Some((text, tail)) => {
                out.push_str(&text);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{fill, fill_known};

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        let value = |name: &str| (name == "id").then(|| "{id}".to_owned());
        for (template, expected) in [
            ("", ""),
            ("{id}-{id}", "{id}-{id}"),
            ("{\"id\": {id}}", "{\"id\": {id}}"),
            ("{other} {id", "{other} {id"),
            ("{{id}}", "{{id}}"),
            ("}{", "}{"),
        ] {
            assert_eq!(fill_known(template, value), expected, "{template}");
        }
    }

    #[test]
    fn every_name_needs_a_value() {
        let value = |name: &str| (name == "id").then(|| "{a}".to_owned());
        for (template, expected) in [
            ("", Some("")),
            ("plain", Some("plain")),
            ("{id}/{id}!", Some("{a}/{a}!")),
            ("{id}/{stage}", None),
            ("open {id", None),
            ("closed }", Some("closed }")),
        ] {
            assert_eq!(fill(template, value).as_deref(), expected, "{template}");
        }
    }
}
