//! Where blocks are in Terraform's own files. With `crate::hcl::parse` the one module that knows the
//! parser, whose interface may change with every release.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::Template;
use hcl_edit::visit::{Visit, visit_traversal};

use crate::text::escape;

/// The attribute of `lifecycle` that says what a resource is replaced with.
pub const TRIGGERS: &str = "replace_triggered_by";

/// Blocks of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HclFile {
    /// Top-level blocks, in the order of the file.
    pub blocks: Vec<HclBlock>,
}

/// One top-level block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HclBlock {
    /// `resource`, `data`, `module`, …
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its line, from 1.
    pub line: u32,
    /// Its last line, from 1.
    pub last_line: u32,
    /// The lines of its attributes and inner blocks, from 1, by name; the first of each name.
    pub lines: BTreeMap<String, u32>,
    /// Attributes that are plain texts (`source = "./m"`).
    pub texts: BTreeMap<String, String>,
    /// Of `locals`: what each refers to (`aws_s3_bucket.b`, `local.a`), by name. Of a resource: what
    /// [`TRIGGERS`] refers to.
    pub references: BTreeMap<String, BTreeSet<String>>,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct HclError {
    /// The line, from 1.
    pub line: u32,
    /// What the parser says.
    pub message: String,
}

/// Reads a file of configuration: JSON where its name ends so, else HCL.
///
/// # Errors
/// It is not valid.
pub fn parse(name: &str, bytes: &[u8]) -> Result<HclFile, HclError> {
    let fail = |line: u32, message: String| HclError { line, message };
    let text = std::str::from_utf8(bytes).map_err(|_| fail(1, "it is not UTF-8".to_owned()))?;
    // Terraform takes a byte order mark, the parser does not. It is in the first line, so no
    // line moves.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if name.ends_with(".json") {
        return parse_json(text);
    }
    let body: Body = hcl_edit::parser::parse_body(text).map_err(|error| {
        let line = u32::try_from(error.location().line()).unwrap_or(u32::MAX);
        fail(line, escape::cut(error.message(), 200))
    })?;
    let lines = Lines::new(text);
    let blocks = body.blocks().map(|block| read_block(block, &lines));
    Ok(HclFile {
        blocks: blocks.collect(),
    })
}

fn read_block(block: &hcl_edit::structure::Block, lines: &Lines) -> HclBlock {
    let mut found = HclBlock {
        kind: block.ident.as_str().to_owned(),
        labels: block
            .labels
            .iter()
            .map(|label| label.as_str().to_owned())
            .collect(),
        line: lines.of(block.ident.span()),
        last_line: lines.of(block
            .span()
            .map(|span| span.end.saturating_sub(1)..span.end)),
        lines: BTreeMap::new(),
        texts: BTreeMap::new(),
        references: BTreeMap::new(),
    };
    let is_locals = block.ident.as_str() == "locals";
    for attribute in block.body.attributes() {
        let name = attribute.key.as_str();
        let line = lines.of(attribute.key.span());
        found.lines.entry(name.to_owned()).or_insert(line);
        if is_locals {
            let mut seen = ReferenceCollector::default();
            seen.visit_expr(&attribute.value);
            found.references.insert(name.to_owned(), seen.0);
        }
        if let Expression::String(text) = &attribute.value {
            found
                .texts
                .insert(name.to_owned(), text.as_str().to_owned());
        }
    }
    for inner in block.body.blocks() {
        if inner.ident.as_str() == "lifecycle" {
            let named = inner.body.attributes();
            for attribute in named.filter(|one| one.key.as_str() == TRIGGERS) {
                let mut seen = ReferenceCollector::default();
                seen.visit_expr(&attribute.value);
                found.references.insert(TRIGGERS.to_owned(), seen.0);
            }
        }
        let line = lines.of(inner.ident.span());
        found
            .lines
            .entry(inner.ident.as_str().to_owned())
            .or_insert(line);
    }
    found
}

/// The first two steps of everything that an expression refers to.
#[derive(Default)]
struct ReferenceCollector(BTreeSet<String>);

impl Visit for ReferenceCollector {
    fn visit_traversal(&mut self, node: &Traversal) {
        if let (Expression::Variable(first), Some(operator)) = (&node.expr, node.operators.first())
            && let TraversalOperator::GetAttr(second) = operator.value()
        {
            self.0
                .insert(format!("{}.{}", first.as_str(), second.as_str()));
        }
        visit_traversal(self, node);
    }
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn of(&self, span: Option<std::ops::Range<usize>>) -> u32 {
        let at = span.map_or(0, |span| span.start);
        let before = self.0.partition_point(|end| *end < at);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

/// The form for programs: an object of kinds, of labels, of attributes. Its lines are those
/// of the labels.
fn parse_json(text: &str) -> Result<HclFile, HclError> {
    let document: serde_json::Value = serde_json::from_str(text).map_err(|error| HclError {
        line: u32::try_from(error.line()).unwrap_or(u32::MAX),
        message: escape::cut(&error.to_string(), 200),
    })?;
    let mut blocks = Vec::new();
    for (kind, depth) in [
        ("resource", 2),
        ("data", 2),
        ("module", 1),
        ("provider", 1),
        ("terraform", 0),
        ("locals", 0),
    ] {
        if let Some(value) = document.get(kind) {
            json_blocks(text, kind, depth, value, &mut Vec::new(), &mut blocks);
        }
    }
    Ok(HclFile { blocks })
}

fn json_blocks(
    text: &str,
    kind: &str,
    depth: usize,
    value: &serde_json::Value,
    labels: &mut Vec<String>,
    out: &mut Vec<HclBlock>,
) {
    if let serde_json::Value::Array(items) = value {
        items
            .iter()
            .for_each(|item| json_blocks(text, kind, depth, item, labels, out));
        return;
    }
    let Some(fields) = value.as_object() else {
        return;
    };
    if depth > 0 {
        for (label, inner) in fields {
            labels.push(label.clone());
            json_blocks(text, kind, depth - 1, inner, labels, out);
            labels.pop();
        }
        return;
    }
    let wanted = labels.last().map_or(kind, String::as_str);
    let at = text.find(&format!("\"{wanted}\"")).unwrap_or_default();
    let line = u32::try_from(text[..at].matches('\n').count() + 1).unwrap_or(u32::MAX);
    let texts = fields
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    let references = fields
        .iter()
        .filter(|_| kind == "locals")
        .filter_map(|(key, value)| {
            let template: Template = value.as_str()?.parse().ok()?;
            let mut seen = ReferenceCollector::default();
            seen.visit_template(&template);
            Some((key.clone(), seen.0))
        });
    let references = references.collect();
    out.push(HclBlock {
        references,
        kind: kind.to_owned(),
        labels: labels.clone(),
        line,
        last_line: line,
        lines: fields.keys().map(|key| (key.clone(), line)).collect(),
        texts: texts.collect(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, text: &str) -> String {
        match parse(name, text.as_bytes()) {
            Err(error) => error.to_string(),
            Ok(file) => {
                let shown = file.blocks.iter().map(|block| {
                    let inner: Vec<String> = block
                        .lines
                        .iter()
                        .map(|(name, line)| format!("{name}@{line}"))
                        .collect();
                    format!(
                        "{} {}@{} {}",
                        block.kind,
                        block.labels.join("."),
                        block.line,
                        inner.join(",")
                    )
                });
                shown.collect::<Vec<_>>().join(" | ")
            }
        }
    }

    #[test]
    fn blocks_and_attributes_have_their_lines() {
        let text = "# one\nresource \"aws_sqs_queue\" \"q\" {\n  name = \"a\"\n\n  dynamic \"x\" {\n  }\n}\n\nmodule \"m\" {\n  source = \"./m\"\n}\n";
        let want = "resource aws_sqs_queue.q@2 dynamic@5,name@3 | module m@9 source@10";
        assert_eq!(lines("main.tf", text), want);
        let whole = parse("main.tf", text.as_bytes()).expect("HCL");
        let last: Vec<u32> = whole.blocks.iter().map(|block| block.last_line).collect();
        assert_eq!(last, [7, 11]);
        let dos = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(lines("main.tf", &dos), want);
        let file = parse("main.tf", text.as_bytes()).expect("HCL");
        assert_eq!(
            file.blocks[1].texts.get("source").map(String::as_str),
            Some("./m")
        );
        assert_eq!(
            lines(
                "main.tf.json",
                "{\n \"resource\": {\n  \"aws_sqs_queue\": {\n   \"q\": {\"name\": \"a\"}}}}"
            ),
            "resource aws_sqs_queue.q@4 name@4"
        );
        for (name, text) in [
            (
                "main.tf",
                "locals {\n  a = aws_s3_bucket.b.id\n  b = \"x-${local.a}-${upper(aws_sqs_queue.q[0].name)}\"\n  c = 1\n}\n",
            ),
            (
                "main.tf.json",
                r#"{"locals":{"a":"${aws_s3_bucket.b.id}","b":"x-${local.a}-${upper(aws_sqs_queue.q[0].name)}","c":"1"}}"#,
            ),
        ] {
            let file = parse(name, text.as_bytes()).expect("HCL");
            let of = |local: &str| -> Vec<&str> {
                let all = file.blocks[0].references.get(local).expect("a local");
                all.iter().map(String::as_str).collect()
            };
            assert_eq!(of("a"), ["aws_s3_bucket.b"], "{name}");
            assert_eq!(of("b"), ["aws_sqs_queue.q", "local.a"], "{name}");
            assert_eq!(of("c"), Vec::<&str>::new(), "{name}");
        }
        assert!(lines("main.tf", "a = 1\nresource {{\n").starts_with("line 2: "));
        assert_eq!(lines("main.tf", "\u{0}"), lines("main.tf", "\u{0}"));
        let deep = format!("a = {}1{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(lines("main.tf", &deep).starts_with("line 1: "));
    }
}
