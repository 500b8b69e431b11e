//! Writing, as `terraform fmt` would.
//!
//! The rules that matter: two spaces a level; the `=` of neighbouring lines are aligned, and a value
//! of several lines, a comment or an empty line ends the group; one empty line around blocks.

use super::{Block, Expr, Item, Key, Part, Step};

/// Longer lists are written one element a line.
const WIDEST_LIST: usize = 72;

/// Writes a file.
pub fn print(items: &[Item]) -> String {
    let mut out = String::new();
    body(items, 0, &mut out);
    out
}

/// Writes an expression; further lines of it are at this depth.
pub fn print_expression(expr: &Expr, depth: usize) -> String {
    match expr {
        Expr::Null => "null".to_owned(),
        Expr::Bool(flag) => flag.to_string(),
        Expr::Number(number) => number.to_string(),
        Expr::Text(text) => format!("\"{}\"", escaped(text)),
        Expr::Template(parts) => template(parts, depth),
        Expr::List(items) => list(items, depth),
        Expr::Object(entries) => object(entries, depth),
        Expr::Path(steps) => path(steps, depth),
        Expr::Call(name, arguments) => {
            let arguments: Vec<String> = arguments
                .iter()
                .map(|argument| print_expression(argument, depth))
                .collect();
            format!("{name}({})", arguments.join(", "))
        }
        Expr::Conditional(parts) => {
            let [condition, yes, no] = &**parts;
            format!(
                "{} ? {} : {}",
                print_expression(condition, depth),
                print_expression(yes, depth),
                print_expression(no, depth)
            )
        }
        Expr::Binary(operator, sides) => {
            let [left, right] = &**sides;
            let (left, right) = (
                print_expression(left, depth),
                print_expression(right, depth),
            );
            format!("{left} {operator} {right}")
        }
        Expr::Unary(operator, inner) => format!("{operator}{}", print_expression(inner, depth)),
        Expr::Parenthesis(inner) => format!("({})", print_expression(inner, depth)),
        Expr::Other(text, _) => text.clone(),
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// Lines of names and values, aligned where `terraform fmt` aligns them.
fn aligned(rows: &[(String, String)], depth: usize, out: &mut String) {
    let mut start = 0;
    while start < rows.len() {
        let is_short = |row: &&(String, String)| !row.1.contains('\n');
        let count = rows[start..].iter().take_while(is_short).count();
        let group = &rows[start..start + count.max(1)];
        let width = match count {
            0 => 0,
            _ => group
                .iter()
                .map(|(name, _)| name.chars().count())
                .max()
                .unwrap_or(0),
        };
        for (name, value) in group {
            out.push_str(&format!("{}{name:width$} = {value}\n", indent(depth)));
        }
        start += group.len();
    }
}

fn body(items: &[Item], depth: usize, out: &mut String) {
    let mut rows: Vec<(String, String)> = Vec::new();
    // What stands before: an empty line is around blocks, and none at the start.
    let mut previous: Option<&Item> = None;
    for item in items {
        if let Item::Attribute(name, value) = item {
            if matches!(previous, Some(Item::Block(_))) {
                out.push('\n');
            }
            rows.push((name.clone(), print_expression(value, depth)));
            previous = Some(item);
            continue;
        }
        aligned(&rows, depth, out);
        rows.clear();
        if previous.is_some_and(|previous| !matches!(previous, Item::Comment(_))) {
            out.push('\n');
        }
        match item {
            Item::Comment(text) => comment(text, depth, out),
            Item::Block(inner) => block(inner, depth, out),
            Item::Attribute(..) => {}
        }
        previous = Some(item);
    }
    aligned(&rows, depth, out);
}

fn comment(text: &str, depth: usize, out: &mut String) {
    for line in text.lines() {
        let line = format!("{}# {line}", indent(depth));
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn block(block: &Block, depth: usize, out: &mut String) {
    out.push_str(&indent(depth));
    out.push_str(&block.kind);
    for label in &block.labels {
        out.push_str(&format!(" \"{}\"", escaped(label)));
    }
    if block.items.is_empty() {
        out.push_str(" {}\n");
        return;
    }
    out.push_str(" {\n");
    body(&block.items, depth + 1, out);
    out.push_str(&indent(depth));
    out.push_str("}\n");
}

fn list(items: &[Expr], depth: usize) -> String {
    let short: Vec<String> = items
        .iter()
        .map(|item| print_expression(item, depth))
        .collect();
    let line = format!("[{}]", short.join(", "));
    if !line.contains('\n') && line.chars().count() <= WIDEST_LIST {
        return line;
    }
    if let [only] = items {
        return format!("[{}]", print_expression(only, depth));
    }
    let mut out = String::from("[\n");
    for item in items {
        let item = print_expression(item, depth + 1);
        out.push_str(&format!("{}{item},\n", indent(depth + 1)));
    }
    out.push_str(&format!("{}]", indent(depth)));
    out
}

fn object(entries: &[(Key, Expr)], depth: usize) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    let rows: Vec<(String, String)> = entries
        .iter()
        .map(|(key, value)| {
            let key = match key {
                Key::Name(name) => name.clone(),
                Key::Expr(key @ (Expr::Text(_) | Expr::Template(_) | Expr::Parenthesis(_))) => {
                    print_expression(key, depth + 1)
                }
                Key::Expr(key) => format!("({})", print_expression(key, depth + 1)),
            };
            (key, print_expression(value, depth + 1))
        })
        .collect();
    let mut out = String::from("{\n");
    aligned(&rows, depth + 1, &mut out);
    out.push_str(&format!("{}}}", indent(depth)));
    out
}

fn path(steps: &[Step], depth: usize) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Name(name) if out.is_empty() => out.push_str(name),
            Step::Name(name) => out.push_str(&format!(".{name}")),
            Step::Index(index) => out.push_str(&format!("[{}]", print_expression(index, depth))),
            Step::Splat => out.push_str("[*]"),
        }
    }
    out
}

fn template(parts: &[Part], depth: usize) -> String {
    let mut out = String::from("\"");
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(&escaped(text)),
            Part::Expr(expr) => out.push_str(&format!("${{{}}}", print_expression(expr, depth))),
        }
    }
    out.push('"');
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                out.push(character);
                out.push(character);
            }
            control if control.is_control() => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    out
}
