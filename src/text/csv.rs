//! Rows of CSV.

/// Returns the fields of a row: each in quotes or without any, a quote inside as two. A row is one
/// line; `None` where a quote is not closed, or something follows it.
pub(crate) fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line.trim_end_matches('\r');
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => match rest.find(',') {
                Some(at) => (rest[..at].to_owned(), &rest[at..]),
                None => (rest.to_owned(), ""),
            },
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.is_empty().then_some(fields),
        }
    }
}

/// A field behind its first quote, and what follows the last.
fn quoted_field(mut rest: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_split_as_they_were_joined() {
        for (line, want) in [
            ("", Some(vec![""])),
            ("a,b", Some(vec!["a", "b"])),
            ("\"a\",\"b, c\",\"\"\r", Some(vec!["a", "b, c", ""])),
            (
                "\"say \"\"no\"\"\",,d,",
                Some(vec!["say \"no\"", "", "d", ""]),
            ),
            ("\"a", None),
            ("\"a\"b", None),
        ] {
            let found = fields(line);
            let found = found
                .as_ref()
                .map(|all| all.iter().map(String::as_str).collect());
            assert_eq!(found, want, "{line}");
        }
    }
}
