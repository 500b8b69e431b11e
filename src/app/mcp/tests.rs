use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::app::answers;
use crate::app::command_line::CommandLine;
use crate::app::mcp::arguments::{self, Grounds, ToolCall};
use crate::app::mcp::offered::{self, ArgumentShape, OfferedTool, ValueType};
use crate::app::mcp::output_schema::output_schema;
use crate::app::mcp::schema;
use crate::app::options::Format;
use crate::app::tool::{ToolDocument, ToolManner};
use crate::commands;

const COMMAND_LINE: CommandLine = CommandLine {
    commands: commands::ALL,
};

fn tools() -> Vec<OfferedTool> {
    offered::offered(COMMAND_LINE)
}

fn tool(name: &str) -> OfferedTool {
    let found = tools().into_iter().find(|tool| tool.name == name);
    found.unwrap_or_else(|| panic!("no tool {name}"))
}

fn read(name: &str, given: Value, grounds: &Grounds) -> Result<ToolCall, String> {
    let given = given.as_object().expect("an object").clone();
    arguments::read(COMMAND_LINE, &tool(name), &given, grounds)
}

fn here() -> Grounds {
    Grounds {
        repo: ".".to_owned(),
        ..Grounds::default()
    }
}

#[test]
fn the_list_of_tools() {
    let names: Vec<String> = tools().into_iter().map(|tool| tool.name).collect();
    let wanted = [
        "dashboard",
        "health",
        "monitor_list",
        "status",
        "investigate",
        "logs",
        "performance",
        "escalate",
        "issues",
        "issues_show",
        "slo_list",
        "slo_show",
        "kpi",
        "optimize_analyze",
        "optimize_plan",
        "optimize_cycle",
        "audit",
        "audit_list_checks",
        "prices",
        "drift",
        "infra_preview",
        "infra_show_resources",
        "infra_deploy",
        "remediate",
        "remediate_list",
        "remediate_history",
        "check",
        "debug",
        "debug_list",
        "debug_stats",
        "doctor",
        "permissions_explain",
        "permissions_propose",
        "permissions_list",
        "permissions_grant",
        "review",
    ];
    assert_eq!(names, wanted);
}

#[test]
fn a_schema_says_what_a_tool_takes() {
    let schema = schema::input_schema(&tool("issues_show"));
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["id"]));
    assert_eq!(schema["properties"]["id"]["type"], "string");
    let schema = schema::input_schema(&tool("logs"));
    assert_eq!(schema["properties"]["max_events"]["default"], 100_000);
    assert_eq!(schema["properties"]["filter"]["type"], "array");
    assert!(schema["properties"].get("follow").is_none());
    assert!(schema["properties"].get("file").is_none());
}

#[test]
fn every_entry_is_a_tool_with_a_name_of_its_own_and_json() {
    let tools = tools();
    let entries = commands::ALL.iter().flat_map(|entry| entry.tools);
    assert_eq!(tools.len(), entries.count(), "a subcommand is misspelt");
    let mut names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), tools.len());
    for tool in &tools {
        let entry = COMMAND_LINE.entry(tool.command).expect("it has a command");
        assert!(entry.formats.contains(&Format::Json), "{}", tool.name);
        // What is left out or read as a text is an argument that there is.
        let mut definition = COMMAND_LINE.definition();
        definition.build();
        let command = definition.find_subcommand(tool.command);
        let command = command.expect("it has a command");
        let words = tool.tool.words.iter();
        let leaf = words.fold(command, |above, word| {
            above.find_subcommand(word).unwrap_or(above)
        });
        for name in tool.tool.without.iter().chain(tool.tool.input.iter()) {
            let known = leaf.get_arguments().any(|arg| arg.get_id() == name);
            assert!(known, "{} has no argument {name}", tool.name);
        }
    }
}

#[test]
fn arguments_become_a_command_line() {
    let all =
        json!({ "critical": true, "high": false, "top": 3, "status": ["active", "escalated"] });
    let call = read("issues", all, &here()).expect("it is one");
    assert_eq!(
        call.arguments,
        [
            "issues",
            "--critical",
            "--top=3",
            "--status=active",
            "--status=escalated",
            "--format=json",
            "--color=never"
        ]
    );
    // What looks like an option is a value.
    let call = read("issues_show", json!({ "id": "--commit" }), &here()).expect("it is one");
    assert_eq!(
        call.arguments[call.arguments.len() - 2..],
        ["--", "--commit"]
    );
    let call = read("debug", json!({ "error": "/etc/passwd" }), &here()).expect("it is one");
    assert_eq!(call.input.as_deref(), Some("/etc/passwd"));
    assert!(!call.arguments.contains(&"/etc/passwd".to_owned()));
}

#[test]
fn the_server_says_where_to_look() {
    let grounds = Grounds {
        repo: "../ops".to_owned(),
        environments: vec!["prod".to_owned()],
        at: Some("2026-11-02T09:32:00Z".to_owned()),
        replay: Some("world.json".to_owned()),
    };
    let call = read("health", json!({}), &grounds).expect("it is one");
    assert_eq!(
        call.arguments,
        [
            "health",
            "--repo=../ops",
            "--env=prod",
            "--format=json",
            "--color=never",
            "--at=2026-11-02T09:32:00Z",
            "--replay=world.json"
        ]
    );
    let call = read("health", json!({ "env": ["test"] }), &grounds).expect("it is one");
    assert_eq!(call.arguments[2], "--env=test");
}

#[test]
fn proposals_come_with_the_command_for_a_person() {
    let given =
        json!({ "words": ["restart", "orders-api"], "set": ["reason=it's slow"], "env": "prod" });
    let call = read("remediate", given, &here()).expect("it is one");
    assert!(call.arguments.contains(&"--dry-run".to_owned()));
    assert_eq!(
        call.for_a_person.as_deref(),
        Some(r#"fractary remediate "--set=reason=it's slow" --env=prod restart orders-api"#)
    );
    let call = read("escalate", json!({ "id": "-x" }), &here()).expect("it is one");
    assert_eq!(
        call.for_a_person.as_deref(),
        Some("fractary escalate -- -x")
    );
}

#[test]
fn wrong_arguments_are_refused_in_words() {
    let cases = [
        ("issues", json!({ "commit": true })),
        ("issues", json!({ "output": "x" })),
        ("issues", json!({ "top": [] })),
        ("issues", json!({ "top": "many" })),
        ("issues", json!({ "critical": "yes" })),
        ("issues_show", json!({})),
        ("issues_show", json!({ "id": "a\u{202e}b" })),
        ("debug", json!({ "error": "x".repeat(2_000_000) })),
        ("audit", json!({ "type": "everything" })),
        ("audit", json!({ "write_baseline": "/tmp/x" })),
        ("logs", json!({ "follow": true })),
        ("permissions_explain", json!({ "file": "/etc/passwd" })),
        ("remediate", json!({ "yes": true })),
        ("remediate", json!({ "propose": true })),
        ("remediate_list", json!({ "yes": true })),
        ("review", json!({ "post": true })),
    ];
    for (name, given) in cases {
        match read(name, given, &here()) {
            Ok(call) => panic!("{name} was accepted: {:?}", call.arguments),
            Err(why) => assert!(!why.is_empty(), "{name}"),
        }
    }
    let why = read("remediate", json!({ "yes": true }), &here()).expect_err("it acts");
    assert!(
        why.starts_with("`remediate` has no argument `yes`"),
        "{why}"
    );
}

/// Words that would change something if any of them got through.
fn hostile_text() -> impl Strategy<Value = String> {
    let words = [
        "--commit",
        "--write",
        "--push",
        "--yes",
        "--propose",
        "--post",
        "--output=/tmp/x",
        "--record=/tmp/x",
        "-o",
        "-C",
        "--",
        "resolve",
        "--no-commit",
        "run",
        "--dry-run",
        "orders-api",
        "1",
        "security",
        "x --commit",
        "--env",
        "a=b",
        "24h",
    ];
    prop_oneof![
        4 => proptest::sample::select(words.map(str::to_owned).to_vec()),
        1 => "[ -~]{0,12}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        hostile_text().prop_map(Value::from),
        prop::collection::vec(hostile_text(), 0..3).prop_map(Value::from),
    ]
}

proptest! {
    /// Any mixture of known and invented arguments is refused, or is a command line that only shows.
    #[test]
    fn no_combination_of_arguments_acts(
        which in any::<prop::sample::Index>(),
        known in prop::collection::vec((any::<prop::sample::Index>(), any_value()), 0..5),
        invented in prop::option::of((hostile_text(), any_value())),
    ) {
        let tools = tools();
        let tool = which.get(&tools);
        let mut given = Map::new();
        for (argument, value) in known {
            if !tool.arguments.is_empty() {
                given.insert(argument.get(&tool.arguments).name.clone(), value);
            }
        }
        if let Some((name, value)) = invented {
            given.insert(name, value);
        }
        if let Ok(call) = arguments::read(COMMAND_LINE, tool, &given, &here()) {
            let parsed = COMMAND_LINE.offer(&call.arguments).expect("it was read once already");
            let options = &parsed.options;
            prop_assert!(!options.commit && !options.write && !options.push);
            prop_assert!(options.record.is_none() && options.output.is_none());
            match tool.tool.manner {
                ToolManner::Reads => prop_assert!(!parsed.command.effect().changes(options)),
                ToolManner::Proposes => prop_assert!(options.dry_run),
            }
        }
    }
}

#[test]
fn each_type_of_value_is_known_from_the_definition() {
    let issues = tool("issues");
    let shape = |name: &str| {
        let found = issues.arguments.iter().find(|one| one.name == name);
        found.map(|one| one.shape.clone())
    };
    assert_eq!(shape("critical"), Some(ArgumentShape::Flag));
    assert_eq!(shape("top"), Some(ArgumentShape::One(ValueType::Count)));
    assert_eq!(shape("env"), Some(ArgumentShape::Many(ValueType::Text)));
    assert_eq!(shape("commit"), None);
}

fn validator(schema: Map<String, Value>) -> jsonschema::Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .offline()
        .build(&Value::Object(schema))
        .expect("it is a schema, and its references lead somewhere")
}

#[test]
fn every_tool_has_a_schema_of_published_documents() {
    for tool in tools() {
        assert!(!tool.tool.answers.is_empty(), "{}", tool.name);
        for document in tool.tool.answers {
            let names = match *document {
                ToolDocument::One(name)
                | ToolDocument::List(name)
                | ToolDocument::OneOrList(name) => vec![name],
                ToolDocument::Mixed(one, other) => vec![one, other],
            };
            for name in names {
                assert!(
                    answers::find(name).is_some(),
                    "{}: no schema {name}",
                    tool.name
                );
            }
        }
        let validator = validator(output_schema(&tool));
        // No schema takes whatever comes.
        let anything = json!({ "notice": "", "document": { "kind": 7 }, "left_out": [] });
        assert!(!validator.is_valid(&anything), "{}", tool.name);
    }
}

/// A client gets them all in one answer.
#[test]
fn the_schemas_are_bounded() {
    let mut all = 0;
    for tool in tools() {
        let length = Value::Object(output_schema(&tool)).to_string().len();
        assert!(length <= 32 * 1024, "{}: {length} bytes", tool.name);
        all += length;
    }
    assert!(all <= 256 * 1024, "{all} bytes");
}
