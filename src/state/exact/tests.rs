use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::history::History;
use crate::model::ids::{Arn, IssueId, Region};
use crate::model::issue::Issue;
use crate::model::paths::RepoPath;
use crate::model::registry::Registry;
use crate::model::report::HealthReport;
use crate::model::subject::SubjectRef;
use crate::state::document::{Document, to_bytes};
use crate::state::documents;
use crate::state::documents::DocumentValue;

/// Words of schemas that say nothing which the types they were made from do not enforce.
const IMPLIED: [&str; 16] = [
    "$defs",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "anyOf",
    "const",
    "default",
    "description",
    "items",
    "maximum",
    "minimum",
    "oneOf",
    "properties",
    "required",
    "title",
];

/// Every word that asks something of a value, with what it asks.
fn demands(schema: &Value, out: &mut Vec<(String, Value)>) {
    let Value::Object(map) = schema else {
        if let Value::Array(parts) = schema {
            parts.iter().for_each(|part| demands(part, out));
        }
        return;
    };
    for (word, value) in map {
        match (word.as_str(), value) {
            ("properties" | "$defs", Value::Object(named)) => {
                named.values().for_each(|part| demands(part, out));
            }
            ("const" | "default" | "description" | "title" | "required", _) => {}
            (_, value) => {
                out.push((word.clone(), value.clone()));
                demands(value, out);
            }
        }
    }
}

#[test]
fn the_schemas_of_exact_documents_ask_for_nothing_that_their_types_do_not() {
    for exact in documents::all().iter().filter(|known| known.reading.exact) {
        let (name, text) = (exact.name, exact.schema());
        let mut found = Vec::new();
        demands(&serde_json::from_str(text).expect("JSON"), &mut found);
        for (word, value) in found {
            let fine = match word.as_str() {
                "type" => true,
                "format" => value == "date-time",
                // The names and ARNs of `model::ids`, which parse by the same rules: see below.
                "pattern" => PATTERNS.contains(&value.as_str().expect("a text")),
                // Of unsigned integers of 32 and 64 bits.
                "minimum" => value == json!(0),
                "maximum" => value == json!(u32::MAX) || value == json!(u64::MAX),
                word => IMPLIED.contains(&word),
            };
            assert!(
                fine,
                "`{word}: {value}` in the schema `{name}` is not implied by its type: documents \
                 of this type may not be read as exact any more (`reading` of its entry)"
            );
        }
    }
}

const PATTERNS: [&str; 5] = [
    crate::model::ids::PATH_NAME_PATTERN,
    "^(global|[a-z0-9]+(-[a-z0-9]+)+-[0-9]+)$",
    "^arn:aws[a-z-]*:[^:\\s]+:[^:\\s]*:([0-9]{12}|aws)?:[A-Za-z0-9:/_.+=,@*$#~%!()'-]+$",
    crate::model::subject::ARN_PATTERN,
    crate::model::subject::OTHER_PATTERN,
];

fn fits(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern)
        .expect("a pattern")
        .is_match(text)
}

proptest! {
    /// What a type lets pass, the pattern in its schema does too.
    #[test]
    fn identifiers_are_as_strict_as_their_patterns(
        name in "[a-zA-Z0-9._ä-]{0,5}",
        region in "(global|[a-zA-Z0-9-]{1,12}-[0-9a]{1,2})",
        arn in "arn:(aws[a-z$é.-]{0,3}|fractary|fractaryx):[a-z :-]{0,4}:[a-z0-9 -]{0,4}:(|aws|[0-9]{11,12}):[a-zA-Z0-9:/ ä`-]{0,6}",
        subject in "(environment|change|principal|path|arn:fractary|other)(:|::)?[a-z \n:ä-]{0,8}",
    ) {
        if IssueId::new(&name).is_ok() {
            prop_assert!(fits(PATTERNS[0], &name), "{}", name);
        }
        if Region::new(&region).is_ok() {
            prop_assert!(fits(PATTERNS[1], &region), "{}", region);
        }
        if Arn::new(&arn).is_ok() {
            prop_assert!(fits(PATTERNS[2], &arn), "{}", arn);
        }
        for (key, text, pattern) in [
            ("arn", &arn, PATTERNS[3]),
            ("arn", &subject, PATTERNS[3]),
            ("subject", &subject, PATTERNS[4]),
            ("subject", &arn, PATTERNS[4]),
        ] {
            let stored = json!({ "name": "a", "kind": "a", "region": "global", key: text });
            if serde_json::from_value::<SubjectRef>(stored).is_ok() {
                prop_assert!(fits(pattern, text), "{}: {}", key, text);
            }
        }
    }
}

fn sample(name: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join("tests/samples").join(name)).expect("a sample")
}

/// A sample as this version writes it.
fn written<T: DeserializeOwned + Serialize>(name: &str) -> String {
    let value: T = serde_json::from_str(&sample(name)).expect("a document");
    String::from_utf8(to_bytes(&value)).expect("UTF-8")
}

/// That the short cut and the whole way agree on a text, and what the short cut says.
fn agrees<T>(text: &str) -> bool
where
    T: DocumentValue + PartialEq + std::fmt::Debug,
{
    let Some(value) = read::<T>(text) else {
        return false;
    };
    let tree = crate::state::json::parse(text).expect("it is JSON");
    assert!(!tree.duplicates, "{text}");
    let document_type = T::document_type();
    let compiled = document_type.schema.compiled();
    assert!(compiled.validator.is_valid(&tree.tree), "{text}");
    let unknown = crate::state::validate::unknown_keys(document_type, &tree.tree);
    assert_eq!(unknown, [], "{text}");
    let whole: T = serde_json::from_value(tree.tree).expect("it fits its type");
    assert_eq!(whole, value);
    true
}

#[test]
fn what_is_written_is_read_exactly() {
    assert!(agrees::<Issue>(&written::<Issue>("issue/good-active.json")));
    for name in ["good-one", "good-rolled-up"] {
        let name = format!("monitoring-history/{name}.json");
        assert!(agrees::<History>(&written::<History>(&name)));
    }
    let report = written::<HealthReport>("health-check/good-degraded.json");
    assert!(agrees::<HealthReport>(&report));
    for name in ["good-empty", "good-two"] {
        let name = format!("registry/{name}.json");
        assert!(agrees::<Registry>(&written::<Registry>(&name)));
    }
}

#[test]
fn whatever_is_not_exactly_so_is_read_in_full() {
    let good = written::<History>("monitoring-history/good-rolled-up.json");
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replacen(from, to, 1)
    };
    for (what, text) in [
        ("another version", changed("1.0.0", "1.1.0")),
        ("a newer version", changed("1.0.0", "2.0.0")),
        (
            "an unknown key",
            changed("  \"entries\": [", "  \"x\": 1,\n  \"entries\": ["),
        ),
        (
            "a key twice",
            changed(
                "  \"entries\": [",
                "  \"environment\": \"test\",\n  \"entries\": [",
            ),
        ),
        (
            "another indent",
            changed("\n  \"entries\"", "\n    \"entries\""),
        ),
        ("no final newline", good.trim_end().to_owned()),
        ("more behind it", format!("{good}\n")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("line ends of Windows", good.replace('\n', "\r\n")),
        (
            "another way to write a text",
            changed("HEALTHY", "\\u0048EALTHY"),
        ),
        (
            "a value that does not fit",
            changed("\"HEALTHY\"", "\"WELL\""),
        ),
        ("a file that was cut off", good[..good.len() / 2].to_owned()),
        ("nothing", String::new()),
    ] {
        assert_eq!(read::<History>(&text), None, "{what}");
    }
}

proptest! {
    /// A slip anywhere in a document: whatever the short cut takes is valid.
    #[test]
    fn no_slip_is_overlooked(at in any::<prop::sample::Index>(), to in "[0-9a-z\"{},:. \n-]{0,2}", long in 0_usize..3) {
        let good = written::<Issue>("issue/good-active.json");
        let start = at.index(good.len());
        let end = (start + long).min(good.len());
        if let (Some(before), Some(after)) = (good.get(..start), good.get(end..)) {
            agrees::<Issue>(&format!("{before}{to}{after}"));
        }
    }

    /// Writing an exact document anew gives the bytes that changing its tree gives.
    #[test]
    fn an_update_gives_the_same_bytes_either_way(
        title in "[a-z \u{202e}]{0,6}",
        streak in 0_u32..3,
        symptoms in prop::collection::vec("[a-z]{0,3}", 0..3),
        assignee in prop::option::of("[a-z]{1,3}"),
    ) {
        let text = written::<Issue>("issue/good-active.json");
        let value = read::<Issue>(&text).expect("exact");
        let path = RepoPath::new("issue.json").expect("a path");
        let mut new = value.clone();
        new.title = title.as_str().into();
        new.healthy_streak = streak;
        new.symptoms = symptoms.iter().map(|text| text.as_str().into()).collect();
        new.assignee = assignee.as_deref().map(Into::into);
        let short = Document::exact(path.clone(), value.clone(), text.clone()).updated(&new);
        let long = Document::read(path, value, text).updated(&new);
        prop_assert_eq!(String::from_utf8(short), String::from_utf8(long));
    }
}
