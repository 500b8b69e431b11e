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

#[cfg(test)]
mod tests {
    use super::fill;

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
