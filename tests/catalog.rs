//! The catalogue against its folder, its documents and known names.

#[path = "catalog/states.rs"]
mod states;

use std::collections::{BTreeMap, BTreeSet};

use fractary::catalog::Catalog;
use fractary::catalog::kinds::kind::{Kind, WhenAbsent};
use fractary::model::ids::Arn;
use fractary::model::report::Better;

fn catalog() -> Catalog {
    Catalog::built_in().expect("the built-in kinds are right")
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog/kinds");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name())
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".toml")?.to_owned()))
        .collect();
    let kinds: BTreeSet<String> = catalog().kinds().map(|kind| kind.id.to_string()).collect();
    assert_eq!(files, kinds);
}

/// That each example fits its kind is proven when the file is loaded.
#[test]
fn arns_are_of_one_kind() {
    let catalog = catalog();
    for kind in catalog.kinds() {
        let examples = &kind.names.example;
        assert!(
            examples.iter().any(|example| example.fits),
            "{} needs the ARN of one: `[[names.example]]`",
            kind.id
        );
        for example in examples {
            let found = catalog.by_arn(&example.arn).map(|(kind, _)| &kind.id);
            let expected = example.fits.then_some(&kind.id);
            assert_eq!(found, expected, "{}", example.arn);
        }
    }
    let role = Arn::new("arn:aws:iam::123456789012:role/x").expect("an ARN");
    assert_eq!(catalog.by_arn(&role), None);
}

#[test]
fn types_of_several_kinds_are_told_apart_by_arn() {
    let catalog = catalog();
    let mut owners: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for kind in catalog.kinds() {
        for name in &kind.names.terraform {
            owners.entry(name).or_default().push(kind.id.as_str());
        }
    }
    owners.retain(|_, kinds| kinds.len() > 1);
    let expected = BTreeMap::from([
        ("aws_alb", vec!["alb", "nlb"]),
        ("aws_lb", vec!["alb", "nlb"]),
    ]);
    assert_eq!(
        owners, expected,
        "a type of several kinds needs ARNs that differ"
    );
    for (form, kind) in [("app", "alb"), ("net", "nlb")] {
        let arn =
            format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/{form}/x/1f");
        let arn = Arn::new(arn).expect("an ARN");
        let (found, _) = catalog.recognise("aws_lb", &arn).expect("a kind");
        assert_eq!(found.id.as_str(), kind);
    }
}

#[test]
fn every_status_call_names_its_permission() {
    for kind in catalog().kinds() {
        let Some(status) = &kind.status else { continue };
        assert!(!status.operations.is_empty(), "{}", kind.id);
        for operation in &status.operations {
            let action = status.iam_action(operation);
            let (service, call) = action.split_once(':').expect("service:Action");
            assert!(
                call.starts_with(|c: char| c.is_ascii_uppercase()),
                "{action}"
            );
            assert!(
                service
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            );
            // Only what reads: the word of the call says so.
            let reads = ["Describe", "Get", "GET", "Head", "List"];
            assert!(reads.iter().any(|verb| call.starts_with(verb)), "{action}");
        }
    }
}

#[test]
fn the_reference_of_kinds_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kinds.md");
    let wanted = reference(&catalog());
    if update_docs() {
        std::fs::write(path, &wanted).expect("docs/kinds.md can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found.replace("\r\n", "\n") == wanted,
        "docs/kinds.md is out of date: run `UPDATE_DOCS=1 cargo test --test catalog`"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test reads its own switch, not the settings of the product"
)]
fn update_docs() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// The catalogue as a document.
fn reference(catalog: &Catalog) -> String {
    let mut out = String::from(
        "<!-- Generated from src/catalog/kinds/ by tests/catalog.rs: UPDATE_DOCS=1 cargo test --test catalog -->\n\
         # Resource kinds\n\n\
         What `fractary health` watches, and what it holds against which target. Targets are set in\n\
         `monitoring.toml`, under the table that each kind names. A kind of your own:\n\
         [adding-a-kind.md](adding-a-kind.md).\n\n",
    );
    for kind in catalog.kinds() {
        out.push_str(&format!("- [{}](#{})\n", kind.plural, kind.id));
    }
    for kind in catalog.kinds() {
        describe(kind, &mut out);
    }
    out
}

fn describe(kind: &Kind, out: &mut String) {
    let code = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let or_dash = |number: Option<f64>| number.map_or("–".to_owned(), |n| n.to_string());
    out.push_str(&format!("\n## {}\n\n{}.\n\n", kind.id, kind.plural));
    out.push_str(&format!("- Terraform: {}\n", code(&kind.names.terraform)));
    out.push_str(&format!(
        "- CloudFormation: {}\n",
        code(&kind.names.cloudformation)
    ));
    out.push_str(&format!("- Targets: `[slos.{}]`\n", kind.slo_table()));
    match &kind.status {
        None => out.push_str("- State: not asked for; evaluated from metrics and alarms alone\n"),
        Some(status) => {
            let actions: BTreeSet<String> = status
                .operations
                .iter()
                .map(|operation| status.iam_action(operation).to_owned())
                .collect();
            let actions: Vec<String> = actions.into_iter().collect();
            out.push_str(&format!(
                "- State: {}; needs {}\n",
                code(&status.operations),
                code(&actions)
            ));
        }
    }
    let dimensions: Vec<String> = kind
        .dimensions
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    out.push_str(&format!(
        "- Metrics: namespace `{}`, dimensions {}\n",
        kind.namespace.as_deref().unwrap_or_default(),
        code(&dimensions)
    ));
    for part in &kind.parts {
        let pairs = part.dimensions.iter().map(|(k, v)| format!("{k}={v}"));
        let pairs: Vec<String> = pairs.collect();
        out.push_str(&format!(
            "- Also evaluated for each {}: {}\n",
            part.id.replace('_', " "),
            match pairs.is_empty() {
                true => "the same dimensions, where it is".to_owned(),
                false => format!("dimensions {}", code(&pairs)),
            }
        ));
    }
    let (plural, id) = (&kind.plural, &kind.id);
    out.push_str(&format!(
        "- Which states and metrics exist when, and what each means: \
         [{plural}](reference/kinds/{id}.md)\n"
    ));
    if let Some(idle) = &kind.idle_metric {
        out.push_str(&format!("- Idle where `{idle}` is zero or has no data\n"));
    }
    if let Some(status) = &kind.status
        && !status.facts.is_empty()
    {
        let facts: Vec<String> = status.facts.keys().map(ToString::to_string).collect();
        out.push_str(&format!("- Facts from the state: {}\n", code(&facts)));
    }
    out.push_str(
        "\n| indicator | value | unit | target | UNHEALTHY past |\n|---|---|---|---|---|\n",
    );
    for sli in &kind.slis {
        let at_least = match sli.better {
            Better::Higher => "≥ ",
            Better::Lower => "≤ ",
        };
        let target = match sli.target {
            Some(target) => format!("{at_least}{target}"),
            None => "none: evaluated where one is set".to_owned(),
        };
        let limit = or_dash(sli.unhealthy_at);
        let (id, value, unit) = (&sli.id, &sli.value, &sli.unit);
        out.push_str(&format!(
            "| `{id}` | `{value}` | {unit} | {target} | {limit} |\n"
        ));
    }
    out.push_str("\n| metric | in CloudWatch | statistic | unit | no data points mean |\n|---|---|---|---|---|\n");
    for metric in &kind.metrics {
        let absent = match metric.when_absent {
            WhenAbsent::Zero => "zero",
            WhenAbsent::Skip => "not collected",
            WhenAbsent::Unknown => "UNKNOWN",
        };
        let own: Vec<String> = metric
            .dimensions
            .iter()
            .map(|(k, v)| format!(", {k}={v}"))
            .collect();
        let (id, name, stat, unit) = (&metric.id, &metric.metric, &metric.stat, &metric.unit);
        let own = own.concat();
        out.push_str(&format!(
            "| `{id}` | `{name}`{own} | {stat} | {unit} | {absent} |\n"
        ));
    }
}

#[test]
fn the_example_in_the_documents_is_a_kind() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/adding-a-kind.md");
    let text = std::fs::read_to_string(path).expect("docs/adding-a-kind.md");
    let (_, rest) = text.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let files = [("sns.toml".to_owned(), example.to_owned())];
    let catalog = Catalog::with_user_kinds(&files).expect("a kind");
    let topic = Arn::new("arn:aws:sns:eu-west-1:123456789012:alerts").expect("an ARN");
    assert!(catalog.recognise("aws_sns_topic", &topic).is_some());
}
