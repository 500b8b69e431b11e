//! The built-in blueprints, each by its own examples: they become code that the provider's schema
//! knows, with no finding of our own checks but those that they accept.

mod merging;
mod provider;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::catalog::blueprints::{Blueprint, BlueprintExample, BlueprintVerdict};
use crate::catalog::checks::Check;
use crate::catalog::registry::{DataFile, Registry};
use crate::catalog::stateful::Stateful;
use crate::core::cost::prices::PriceBook;
use crate::core::infra::compose::{feature_file, variables};
use crate::core::infra::cost::estimated;
use crate::core::infra::design::Design;
use crate::core::infra::naming::Naming;
use crate::core::infra::shared_files::{CodeEnvironment, shared_files};
use crate::core::infra::words::{choose, name_of, with_needs};
use crate::core::infra::{architect, front_matter, validate};
use crate::core::review::{
    AcceptedFindings, Circumstances, LocalReferences, PlanOrigin, PlanUnderReview, Surroundings,
    examine,
};
use crate::hcl::{Block, Item, Step, parse_body, print, visit_paths};
use crate::model::audit::Suppressions;
use crate::model::design::DesignHead;
use crate::model::helm::ReviewSettings;
use crate::model::ids::{EnvironmentName, FeatureName, Region};
use crate::model::monitoring::ComplianceSection;
use crate::model::project::Devops;
use crate::model::review::ReviewVerdict;
use crate::render::markdown;

fn devops() -> Devops {
    let document = json!({
        "project": { "name": "shop", "subsystem": "web" },
        "handlers": { "iac": { "terraform": { "directory": "infra", "backend": {
            "type": "s3", "bucket": "shop-state", "region": "eu-west-1", "key": "web/{environment}.tfstate",
        } } } },
    });
    serde_json::from_value(document).expect("a document")
}

fn naming() -> Naming {
    Naming::new(&devops()).expect("a pattern")
}

fn environment(region: Option<&str>) -> CodeEnvironment {
    CodeEnvironment {
        name: EnvironmentName::new("test").expect("a name"),
        region: region.map(|region| Region::new(region).expect("a region")),
        account: None,
    }
}

/// A design of one blueprint, and what it needs.
fn head(blueprint: &Blueprint, example: &BlueprintExample) -> DesignHead {
    let registry = Blueprint::built_in();
    let chosen = BTreeSet::from([blueprint.id.clone()]);
    let mut head = DesignHead {
        version: 1,
        feature: blueprint.title.clone(),
        name: FeatureName::new("orders").expect("a name"),
        resource_name: FeatureName::new("orders").expect("a name"),
        environments: vec![environment(None).name],
        blueprints: with_needs(&chosen, registry).into_keys().collect(),
        parameters: BTreeMap::new(),
        overrides: BTreeMap::new(),
        generated: Default::default(),
    };
    if !example.parameters.is_empty() {
        head.parameters
            .insert(blueprint.id.clone(), example.parameters.clone());
    }
    head
}

/// The code of a design, or what is said where there is none.
fn code(head: &DesignHead) -> Result<Vec<Item>, String> {
    let said = |faults: Vec<crate::core::infra::design::DesignFault>| {
        let texts: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
        texts.join("; ")
    };
    let design = Design::new(head, Blueprint::built_in()).map_err(said)?;
    feature_file(&design, &naming()).map_err(said)
}

fn blocks(items: &[Item]) -> Vec<&Block> {
    items.iter().filter_map(Item::as_block).collect()
}

fn values(head: &DesignHead) -> BTreeMap<String, Value> {
    let design = Design::new(head, Blueprint::built_in()).expect("a design");
    let mut out = BTreeMap::from([("environment".to_owned(), json!("test"))]);
    for variable in variables(&design) {
        out.extend(
            variable
                .values
                .first()
                .map(|(_, value)| (variable.name.clone(), value.to_json())),
        );
    }
    out
}

/// The whole directory: the feature and what it shares.
fn directory(head: &DesignHead) -> Vec<Item> {
    let mut items = code(head).expect("code");
    let (shared, _) = shared_files(&devops(), &naming(), &[environment(None)], &BTreeSet::new());
    items.extend(shared.into_iter().flat_map(|(_, items)| items));
    items
}

fn each_example(run: impl Fn(&Blueprint, &BlueprintExample)) {
    for blueprint in Blueprint::built_in().iter() {
        for example in blueprint.examples() {
            run(blueprint, example);
        }
    }
}

fn each_code(run: impl Fn(&str, &DesignHead)) {
    each_example(|blueprint, example| {
        if example.verdict == BlueprintVerdict::Passes {
            let name = format!("{}: {}", blueprint.id, example.name);
            run(&name, &head(blueprint, example));
        }
    });
    run("everything", &everything());
}

/// All blueprints in one design.
fn everything() -> DesignHead {
    let mut all = head(
        Blueprint::built_in().get("dashboard").expect("a blueprint"),
        &Blueprint::built_in()
            .get("dashboard")
            .expect("a blueprint")
            .examples()[0],
    );
    all.blueprints = Blueprint::built_in()
        .iter()
        .map(|one| one.id.clone())
        .collect();
    for blueprint in Blueprint::built_in().iter() {
        let passes = |one: &&BlueprintExample| one.verdict == BlueprintVerdict::Passes;
        if let Some(example) = blueprint.examples().iter().find(passes) {
            all.parameters
                .insert(blueprint.id.clone(), example.parameters.clone());
        }
    }
    all
}

#[test]
fn examples_say_what_comes_of_their_blueprints() {
    each_example(|blueprint, example| {
        let at = format!("{}: {}", blueprint.id, example.name);
        let head = head(blueprint, example);
        let made = code(&head);
        match example.verdict {
            BlueprintVerdict::Refused => {
                let said = made.expect_err(&at);
                let want = example.says.as_deref().expect("what is said");
                assert!(said.contains(want), "{at}: {said}");
            }
            BlueprintVerdict::Passes => gives(&at, &head, example, &made.expect(&at)),
            BlueprintVerdict::Unpriced => {
                let design = Design::new(&head, Blueprint::built_in()).expect(&at);
                let environment = environment(example.region.as_deref());
                let cost = estimated(&design, &naming(), &environment, &PriceBook::built_in());
                let cost = cost.expect(&at);
                assert!(!cost.not_priced.is_empty(), "{at}");
            }
        }
    });
    for blueprint in Blueprint::built_in().iter() {
        let has = |wanted| blueprint.examples().iter().any(|one| one.verdict == wanted);
        assert!(
            has(BlueprintVerdict::Passes) && has(BlueprintVerdict::Refused),
            "{}",
            blueprint.id
        );
    }
}

fn gives(at: &str, head: &DesignHead, example: &BlueprintExample, items: &[Item]) {
    let planned = validate::planned(&blocks(items), &values(head));
    let changes = planned["resource_changes"].as_array().expect("changes");
    let of = |address: &str| {
        let own = address.replacen('.', ".orders_", 1);
        let mut all = changes.iter();
        all.find(|one| {
            one["address"]
                .as_str()
                .is_some_and(|text| text == own || text == format!("{own}[0]"))
        })
    };
    for (path, want) in &example.gives {
        let mut steps = path.split('.');
        let address = format!(
            "{}.{}",
            steps.next().expect("a type"),
            steps.next().expect("a label")
        );
        let mut value =
            &of(&address).unwrap_or_else(|| panic!("{at}: no {address}"))["change"]["after"];
        for step in steps {
            value = match step.parse::<usize>() {
                Ok(index) => &value[index],
                Err(_) => &value[step],
            };
        }
        assert_eq!(value, want, "{at}: {path}");
    }
    for address in &example.lacks {
        assert!(of(address).is_none(), "{at}: {address}");
    }
}

#[test]
fn code_is_read_as_it_was_written() {
    each_code(|at, head| {
        let items = directory(head);
        let text = print(&items);
        let without_comments = |items: &[Item]| {
            let kept = items
                .iter()
                .filter(|item| !matches!(item, Item::Comment(_)));
            print(&kept.cloned().collect::<Vec<_>>())
        };
        let again = parse_body(&text).unwrap_or_else(|error| panic!("{at}: {error}\n{text}"));
        assert_eq!(print(&again), without_comments(&items), "{at}");
        assert!(!text.contains("param."), "{at}");
        for line in text.lines() {
            assert_eq!(line, line.trim_end(), "{at}");
        }
    });
}

#[test]
fn everything_that_code_names_is_there() {
    each_code(|at, head| {
        let items = directory(head);
        let all = blocks(&items);
        let mut there: BTreeSet<String> = all.iter().filter_map(|block| block.address()).collect();
        for block in all.iter().filter(|block| block.kind == "variable") {
            there.insert(format!("var.{}", block.labels[0]));
        }
        let code: Vec<Item> = items
            .iter()
            .filter(|item| {
                item.as_block()
                    .is_some_and(|block| block.kind != "moved" && block.kind != "terraform")
            })
            .cloned()
            .collect();
        visit_paths(&code, &mut |path| {
            let names: Vec<&str> = path
                .iter()
                .filter_map(|step| match step {
                    Step::Name(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            let wanted = match names.as_slice() {
                ["data", kind, name, ..] => format!("data.{kind}.{name}"),
                ["var", name, ..] => format!("var.{name}"),
                [kind, name, ..] if kind.starts_with("aws_") => format!("{kind}.{name}"),
                _ => return,
            };
            assert!(there.contains(&wanted), "{at}: {wanted}");
        });
    });
}

#[test]
fn checks_find_nothing_but_what_is_accepted() {
    each_code(|at, head| {
        let items = directory(head);
        let planned = validate::planned(&blocks(&items), &values(head));
        let accepted: BTreeSet<&str> = head
            .blueprints
            .iter()
            .flat_map(|id| {
                let blueprint = Blueprint::built_in().get(id).expect("a blueprint");
                blueprint.accepts.iter().map(|one| one.check.as_str())
            })
            .collect();
        for (rule, subject) in findings(&planned) {
            assert!(accepted.contains(rule.as_str()), "{at}: {rule} {subject}");
        }
        let fits = |name: &str| naming().fits(&environment(None).name, name);
        assert_eq!(validate::misnamed(&planned, &fits), (Vec::new(), 0), "{at}");
        let required = ["Environment", "Project"].map(str::to_owned).into();
        assert_eq!(
            validate::missing_tags(&planned, &required),
            BTreeMap::new(),
            "{at}"
        );
    });
}

/// Failures of checks in a plan.
fn findings(planned: &Value) -> Vec<(String, String)> {
    let text = planned.to_string();
    let plan = crate::iac::plan::read(&text).expect("a plan");
    let now: Timestamp = "2026-11-30T12:00:00Z".parse().expect("a time");
    let checks = Registry::<Check>::load(&[]).expect("the built-in checks");
    let checks: Vec<&Check> = checks.iter().collect();
    let (rules, settings) = (ComplianceSection::default(), ReviewSettings::default());
    let (suppressions, dependencies) = (Suppressions::default(), BTreeMap::new());
    let around = Circumstances {
        accepted: AcceptedFindings {
            suppressions: &suppressions,
            today: now.to_zoned(TimeZone::UTC).date(),
            checks: &checks,
        },
        surroundings: Surroundings {
            registry: None,
            dependencies: &dependencies,
            issues: &[],
            health: None,
            freezes: &[],
            now,
        },
        prices: &PriceBook::built_in(),
        settings: &settings,
        environment: None,
        environments: &[],
        is_protected: false,
        stateful: &Stateful::built_in(),
        checks: &checks,
        rules: &rules,
        unknown: ReviewVerdict::Warn,
    };
    let given = PlanUnderReview {
        directory: "infra".into(),
        file: "plan.json".into(),
        plan: Ok(&plan),
        origin: PlanOrigin::SameSource,
        gained: &BTreeMap::new(),
        locals: &LocalReferences::new(),
    };
    let found = examine(&given, around).findings.into_iter();
    let of_checks = found.filter(|one| checks.iter().any(|check| check.id == one.rule));
    of_checks
        .map(|one| (one.rule, one.subject.raw().to_owned()))
        .collect()
}

#[test]
fn a_check_would_find_what_a_blueprint_forgot() {
    let text = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n";
    let items = parse_body(text).expect("HCL");
    let planned = validate::planned(&blocks(&items), &BTreeMap::new());
    let found: Vec<String> = findings(&planned).into_iter().map(|one| one.0).collect();
    assert!(
        found.contains(&"s3-bucket-public-access-block".to_owned()),
        "{found:?}"
    );
    assert!(
        found.contains(&"s3-bucket-versioning".to_owned()),
        "{found:?}"
    );
    let fits = |_: &str| false;
    assert_eq!(validate::misnamed(&planned, &fits).0.len(), 1);
    let required = BTreeSet::from(["Team".to_owned()]);
    assert_eq!(validate::missing_tags(&planned, &required).len(), 1);
}

#[test]
fn words_choose_blueprints_or_are_reported() {
    for (feature, want, not_understood) in [
        ("user uploads", "private-bucket", "user"),
        ("uploading of files", "private-bucket", ""),
        (
            "an API with a queue and a Postgres database",
            "http-api queue-worker relational-database",
            "",
        ),
        ("nightly report", "scheduled-job", ""),
        ("realtime chat", "", "realtime chat"),
        ("an API key", "secret", ""),
        ("static site behind a CDN", "static-site", "behind"),
        ("key-value table", "key-value-table", ""),
        ("event bus", "event-bus", ""),
        (
            "docker container, docker container",
            "container-service",
            "",
        ),
        ("", "", ""),
    ] {
        let choice = choose(feature, Blueprint::built_in());
        let ids: Vec<&str> = choice.words.keys().map(String::as_str).collect();
        assert_eq!(ids.join(" "), want, "{feature}");
        assert_eq!(choice.not_understood.join(" "), not_understood, "{feature}");
    }
    for (feature, want) in [
        ("user uploads", Some("user-uploads")),
        (
            "An API for the shop's 3 carts and orders",
            Some("api-shop-s-3-carts"),
        ),
        ("3 queues", Some("queues")),
        ("äöü", None),
        ("the", None),
    ] {
        let name = name_of(feature);
        assert_eq!(name.as_ref().map(FeatureName::as_str), want, "{feature}");
    }
}

#[test]
fn a_design_and_its_code() {
    let registry = Blueprint::built_in();
    let environments = ["prod", "test"].map(|name| EnvironmentName::new(name).expect("a name"));
    let name = FeatureName::new("user-uploads").expect("a name");
    let head = architect::new_head("user uploads with an API", name, &environments, registry);
    let head = head.expect("words");
    let design = Design::new(&head, registry).expect("a design");
    let costs = environments.iter().map(|name| {
        let environment = CodeEnvironment {
            name: name.clone(),
            ..environment(Some("us-east-1"))
        };
        estimated(&design, &naming(), &environment, &PriceBook::built_in()).expect("costs")
    });
    let report =
        architect::report(&design, &naming(), registry, costs.collect()).expect("a report");
    let text = front_matter::join(
        &front_matter::new_head(&head, &design.blueprints),
        &format!("\n{}", markdown::design(&report)),
    );
    insta::assert_snapshot!("design", text);
    // What is written is read again, with every default as a value.
    let again = front_matter::parse(&front_matter::split(&text).expect("a block")).expect("TOML");
    assert_eq!(again.blueprints, head.blueprints);
    assert_eq!(
        again.parameters["private-bucket"]["noncurrent_days"],
        json!(30)
    );
    let code = |head: &DesignHead| {
        let design = Design::new(head, registry).expect("a design");
        print(&feature_file(&design, &naming()).expect("code"))
    };
    assert_eq!(code(&again), code(&head));
    insta::assert_snapshot!("code", code(&head));
    let environments = [environment(Some("us-east-1"))];
    let (shared, _) = shared_files(&devops(), &naming(), &environments, &BTreeSet::new());
    let shared: Vec<String> = shared
        .iter()
        .map(|(name, items)| format!("==> {name}\n{}", print(items)))
        .collect();
    insta::assert_snapshot!("shared", shared.join("\n"));
    // The same design under another name: addresses move, names in AWS stay.
    let mut renamed = head.clone();
    renamed.generated.names = vec![head.name.clone()];
    renamed.name = FeatureName::new("files").expect("a name");
    let moved = code(&renamed);
    assert!(
        moved.contains(
            "from = aws_s3_bucket.user_uploads_bucket\n  to   = aws_s3_bucket.files_bucket\n"
        ),
        "{moved}"
    );
    assert!(moved.contains("user-uploads-files"), "{moved}");
}
