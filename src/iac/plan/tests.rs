//! What is read as a plan, and what is refused.

use super::*;
use crate::model::plan::PlanCounts;

fn plan(rest: &str) -> String {
    format!(r#"{{"format_version":"1.2","planned_values":{{}}{rest}}}"#)
}

fn change(actions: &str, rest: &str) -> String {
    format!(
        r#"{{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q",
            "change":{{"actions":{actions},"before":{{"name":"a"}},"after":{{"name":"b"}}{rest}}}}}"#
    )
}

fn counts(text: &str) -> PlanCounts {
    PlanCounts::new(&read(text).expect("a plan"))
}

#[test]
fn every_action_is_counted_and_reproduced() {
    for (actions, line) in [
        (r#"["no-op"]"#, "Plan: 0 to add, 0 to change, 0 to destroy."),
        (
            r#"["create"]"#,
            "Plan: 1 to add, 0 to change, 0 to destroy.",
        ),
        (r#"["read"]"#, "Plan: 0 to add, 0 to change, 0 to destroy."),
        (
            r#"["update"]"#,
            "Plan: 0 to add, 1 to change, 0 to destroy.",
        ),
        (
            r#"["delete"]"#,
            "Plan: 0 to add, 0 to change, 1 to destroy.",
        ),
        (
            r#"["delete","create"]"#,
            "Plan: 1 to add, 0 to change, 1 to destroy.",
        ),
        (
            r#"["create","delete"]"#,
            "Plan: 1 to add, 0 to change, 1 to destroy.",
        ),
        (
            r#"["forget"]"#,
            "Plan: 0 to add, 0 to change, 0 to destroy, 1 to forget.",
        ),
        (
            r#"["create","forget"]"#,
            "Plan: 1 to add, 0 to change, 0 to destroy, 1 to forget.",
        ),
    ] {
        let text = plan(&format!(r#","resource_changes":[{}]"#, change(actions, "")));
        assert_eq!(counts(&text).terraform_line(), line, "{actions}");
        assert_eq!(counts(&text).other, 0, "{actions}");
    }
    let text = plan(&format!(
        r#","resource_changes":[{}]"#,
        change(r#"["teleport"]"#, "")
    ));
    assert_eq!(counts(&text).other, 1);
    assert!(!counts(&text).is_empty());
}

#[test]
fn what_is_no_whole_plan_is_refused() {
    let whole = plan(&format!(
        r#","resource_changes":[{}]"#,
        change(r#"["create"]"#, "")
    ));
    let cases = [
        (whole[..whole.len() / 2].to_owned(), "not readable"),
        (String::new(), "empty"),
        ("PK\u{3}\u{4}".to_owned(), "saved plan"),
        (
            whole.replacen("\"name\":\"a\"", "\"name\":\"a\",\"name\":\"c\"", 1),
            "duplicate key",
        ),
        (format!("{whole}\n{whole}"), "several documents"),
        (
            r#"{"format_version":"1.0","values":{}}"#.to_owned(),
            "a state",
        ),
        (
            r#"{"version":4,"serial":1,"lineage":"x","resources":[]}"#.to_owned(),
            "a state",
        ),
        (whole.replacen("1.2", "2.0", 1), "format_version is 2.0"),
        (plan(r#","resource_changes":[{}]"#), "missing field"),
        (plan(r#","resource_changes":{}"#), "invalid type"),
        (
            plan(&format!(r#","resource_changes":[{}]"#, change("[]", ""))),
            "no actions",
        ),
        (
            plan(&format!(r#","resource_changes":[{}]"#, change("[1]", ""))),
            "invalid type",
        ),
        (
            plan(&format!(r#","x":{}"#, "[".repeat(200) + &"]".repeat(200))),
            "127 levels",
        ),
    ];
    for (text, want) in cases {
        let text = decode(text.as_bytes()).and_then(|text| read(&text).map(|_| ()));
        let error = text.expect_err(want).to_string();
        assert!(error.contains(want), "{want}: {error}");
    }
}

#[test]
fn what_surrounds_a_plan_is_left_out_and_said() {
    let whole = plan(r#","terraform_version":"1.11.4""#);
    let utf16: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain(whole.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let wrapped = format!("[command]/opt/terraform-bin show -json\n{whole}\n::debug::x\n");
    for (bytes, noise) in [
        (whole.clone().into_bytes(), None),
        (format!("\u{feff}{whole}").into_bytes(), None),
        (utf16, None),
        (
            wrapped.into_bytes(),
            Some("[command]/opt/terraform-bin show -json"),
        ),
    ] {
        let text = decode(&bytes).expect("text");
        let read = read(&text).expect("a plan");
        assert_eq!(read.tool_version, Some(Untrusted::from("1.11.4")));
        assert_eq!(read.noise.as_deref(), noise);
    }
}

#[test]
fn secrets_are_found_by_mark_variable_and_name() {
    let text = plan(
        r#","variables":{"db":{"value":"from-variable"},"plain":{"value":"not-secret"},
             "API_TOKEN":{"value":"by-its-name"}},
            "configuration":{"root_module":{"variables":{"db":{"sensitive":true},"plain":{}}}},
            "prior_state":{"values":{"root_module":{"child_modules":[{"resources":[
                {"address":"data.x.y","mode":"data","type":"x","name":"y",
                 "values":{"v":["in-state",{"w":"shown"}]},"sensitive_values":{"v":[true]}}]}]}}},
            "output_changes":{"o":{"actions":["create"],"after":"an-output","after_sensitive":true}},
            "resource_changes":[
              {"address":"a.b","type":"aws_ssm_parameter","name":"b","change":{"actions":["no-op"],
               "before":{"type":"SecureString","value":"a-parameter","port":12345},
               "before_sensitive":{"port":true}}},
              {"address":"a.c","type":"aws_ecs_task_definition","name":"c","change":{"actions":["create"],
               "after":{"container_definitions":"[{\"environment\":[{\"name\":\"DB_PASSWORD\",\"value\":\"in-json\"},{\"name\":\"STAGE\",\"value\":\"prod-eu\"}]}]",
                        "password":"by-attribute","secret_arn":"arn:aws:x"}}}]"#,
    );
    let read = read(&text).expect("a plan");
    let found: Vec<&str> = read.secrets.iter().map(String::as_str).collect();
    assert_eq!(
        found,
        [
            "12345",
            "a-parameter",
            "an-output",
            "by-attribute",
            "by-its-name",
            "from-variable",
            "in-json",
            "in-state"
        ]
    );
}
