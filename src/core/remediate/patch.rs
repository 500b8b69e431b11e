//! What an action has changed, taken over into Terraform code: one attribute of one block.

use serde_json::Value;

/// A block of a file, and the attribute in it.
#[derive(Debug, Clone, Copy)]
pub struct PatchPlace<'a> {
    /// The text of the file.
    pub text: &'a str,
    /// The first line of the block, from 1.
    pub block: u32,
    /// The line of the attribute, from 1, where the block has it.
    pub line: Option<u32>,
    /// The attribute.
    pub attribute: &'a str,
}

/// What a patch comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patched {
    /// The text of the file with the value.
    Text(String),
    /// The code has the value already.
    Nothing,
    /// The code says it in another way, which only people can change.
    ByHand {
        /// The line, from 1.
        line: u32,
        /// What stands there.
        says: String,
    },
}

/// Sets an attribute. What is not a plain value in the code (a variable, a text over several lines)
/// is left to people.
pub fn set(place: &PatchPlace<'_>, value: &Value) -> Patched {
    let wanted = literal(value);
    let by_hand = |line: u32, says: &str| Patched::ByHand {
        line,
        says: says.trim().to_owned(),
    };
    let Some(wanted) = wanted else {
        return by_hand(place.block, "");
    };
    match place.line {
        Some(line) => {
            let Some(found) = nth(place.text, line) else {
                return by_hand(line, "");
            };
            let Some((before, says, after)) = assignment(found, place.attribute) else {
                return by_hand(line, found);
            };
            if says == wanted {
                return Patched::Nothing;
            }
            match is_literal(says) {
                true => Patched::Text(replaced(
                    place.text,
                    line,
                    &format!("{before}{wanted}{after}"),
                )),
                false => by_hand(line, says),
            }
        }
        None => match nth(place.text, place.block) {
            Some(first) if first.trim_end().ends_with('{') => {
                let indent: String = first.chars().take_while(|c| c.is_whitespace()).collect();
                let added = format!("{first}\n{indent}  {} = {wanted}", place.attribute);
                Patched::Text(replaced(place.text, place.block, &added))
            }
            first => by_hand(place.block, first.unwrap_or_default()),
        },
    }
}

/// A value as HCL writes it; `None` for what is no plain one.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        // What begins an interpolation is written twice.
        Value::String(text) if !text.contains(char::is_control) => {
            let quoted = Value::String(text.clone()).to_string();
            Some(quoted.replace("${", "$${").replace("%{", "%%{"))
        }
        _ => None,
    }
}

/// Whether what stands in the code is a plain value on one line.
fn is_literal(says: &str) -> bool {
    let is_number = says.parse::<f64>().is_ok_and(f64::is_finite);
    let inner = says
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let is_text = inner.is_some_and(|inner| {
        !inner.contains('"') && !inner.contains("${") && !inner.contains("%{")
    });
    is_number || is_text || matches!(says, "true" | "false" | "null")
}

/// The parts of `name = value # note`: all before the value, the value, and all after it.
fn assignment<'a>(line: &'a str, attribute: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let rest = line.trim_start().strip_prefix(attribute)?;
    let rest = rest.trim_start().strip_prefix('=')?;
    // `name == …` is no assignment.
    if rest.starts_with('=') {
        return None;
    }
    let rest = rest.trim_start();
    let before = &line[..line.len() - rest.len()];
    let end = value_end(rest);
    let says = rest[..end].trim_end();
    Some((before, says, &rest[says.len()..]))
}

/// Where a value ends and a note begins; what is in quotes is no note.
fn value_end(rest: &str) -> usize {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '#' if !is_quoted => return at,
            '/' if !is_quoted && (rest[at..].starts_with("//") || rest[at..].starts_with("/*")) => {
                return at;
            }
            _ => {}
        }
    }
    rest.len()
}

fn nth(text: &str, line: u32) -> Option<&str> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    text.lines().nth(index)
}

/// The text with another line; its line breaks stay as they are.
fn replaced(text: &str, line: u32, with: &str) -> String {
    let index = usize::try_from(line).unwrap_or(0).saturating_sub(1);
    let each = text.split_inclusive('\n').enumerate();
    each.map(|(at, one)| match at == index {
        true => {
            let end = &one[one.trim_end_matches(['\r', '\n']).len()..];
            format!(
                "{}{end}",
                with.replace('\n', if end == "\r\n" { "\r\n" } else { "\n" })
            )
        }
        false => one.to_owned(),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set_in(text: &str, line: Option<u32>, attribute: &str, value: Value) -> Patched {
        let place = PatchPlace {
            text,
            block: 1,
            line,
            attribute,
        };
        set(&place, &value)
    }

    #[test]
    fn a_plain_value_is_replaced_and_everything_else_stays() {
        for (before, value, after) in [
            ("  memory_size = 128\n", json!(512), "  memory_size = 512\n"),
            ("  memory_size=128", json!(512), "  memory_size=512"),
            (
                "\tmemory_size   = 128 # enough\r\n",
                json!(512),
                "\tmemory_size   = 512 # enough\r\n",
            ),
            (
                "  memory_size = \"128\" // text\n",
                json!(512),
                "  memory_size = 512 // text\n",
            ),
            (
                "  memory_size = null /* default */\n",
                json!(512),
                "  memory_size = 512 /* default */\n",
            ),
            (
                "  memory_size = \"a # b\"\n",
                json!("${x}"),
                "  memory_size = \"$${x}\"\n",
            ),
            (
                "  memory_size = -1\n",
                json!(-1.5),
                "  memory_size = -1.5\n",
            ),
        ] {
            let block = format!("resource \"x\" \"y\" {{\n{before}");
            let wanted = format!("resource \"x\" \"y\" {{\n{after}");
            let patched = set_in(&block, Some(2), "memory_size", value);
            assert_eq!(patched, Patched::Text(wanted), "{before}");
        }
    }

    #[test]
    fn what_is_not_there_is_added_and_what_is_the_same_is_left() {
        let text = "resource \"x\" \"y\" {\n  handler = \"a\"\n}\n";
        let wanted = "resource \"x\" \"y\" {\n  timeout = 30\n  handler = \"a\"\n}\n";
        assert_eq!(
            set_in(text, None, "timeout", json!(30)),
            Patched::Text(wanted.to_owned())
        );
        assert_eq!(
            set_in(text, Some(2), "handler", json!("a")),
            Patched::Nothing
        );
    }

    #[test]
    fn what_only_people_can_change_is_left_to_them() {
        let by_hand = |line, says: &str| Patched::ByHand {
            line,
            says: says.to_owned(),
        };
        for (says, value) in [
            ("var.memory", json!(512)),
            ("\"${var.memory}\"", json!(512)),
            ("local.size * 2", json!(512)),
            ("<<EOT", json!("a")),
            ("[", json!(512)),
            ("\"a\" + \"b\"", json!("c")),
        ] {
            let text = format!("resource \"x\" \"y\" {{\n  size = {says}\n}}\n");
            assert_eq!(set_in(&text, Some(2), "size", value), by_hand(2, says));
        }
        let one_line = "resource \"x\" \"y\" { size = 1 }\n";
        let found = by_hand(1, one_line.trim());
        assert_eq!(set_in(one_line, Some(1), "size", json!(2)), found);
        assert_eq!(set_in(one_line, None, "other", json!(2)), found);
        assert_eq!(set_in("", None, "other", json!(2)), by_hand(1, ""));
        assert_eq!(set_in("a {\n", None, "b", json!(["x"])), by_hand(1, ""));
    }
}
