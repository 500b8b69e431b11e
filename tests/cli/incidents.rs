//! The demo's morning, as a team is told of it that has a rule for the orders service.

use serde_json::Value;

use crate::alert_scene::Scene;

const RULES: &str = r#"
[[rules]]
name = "orders"
when = 'resource in ["orders-db", "orders-api", "orders-http"]'
action = "alert"
channels = ["team", "pager"]

[channels.team]
type = "slack"
url_env = "TEAM_URL"
"#;

fn texts(messages: &[Value]) -> Vec<String> {
    let text = |message: &Value| message["text"].as_str().expect("a text").to_owned();
    messages.iter().map(text).collect()
}

#[test]
fn one_incident_is_one_page_and_one_end() {
    let scene = Scene::new(RULES);
    scene.tell_by_incident();
    scene.run(12);
    let pages = scene.pager.taken();
    assert_eq!(pages.len(), 1, "{pages:#?}");
    let named = pages[0]["payload"]["custom_details"]["issues"].as_array();
    assert_eq!(named.expect("a list").len(), 4, "{pages:#?}");
    // What the run found out is in the first message.
    let cause = "orders-db has no connections left, so that new ones are refused";
    assert_eq!(pages[0]["payload"]["custom_details"]["cause"], cause);
    let messages = scene.team.taken();
    let blocks = messages[0]["blocks"].to_string();
    assert!(blocks.contains(&format!("Cause: {cause}")), "{blocks}");
    let told = texts(&messages);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("incident in prod: orders-db: connections")
            && told[0].contains("4 issues"),
        "{told:?}"
    );
    // One more joins it: its page has it, and who reads messages is told of it alone.
    scene.run(17);
    let more = scene.pager.taken();
    let key = &pages[0]["dedup_key"];
    assert!(more.iter().all(|one| one["dedup_key"] == *key), "{more:#?}");
    assert_eq!(texts(&scene.team.taken()).len(), 1);
    scene.run(22);
    scene.run(27);
    assert_eq!(
        (scene.pager.taken().len(), scene.team.taken().len()),
        (0, 0)
    );
    scene.run(32);
    let ends = scene.pager.taken();
    assert_eq!(ends.len(), 1, "{ends:#?}");
    assert_eq!(ends[0]["event_action"], "resolve");
    assert_eq!(ends[0]["dedup_key"], *key);
    let over = texts(&scene.team.taken());
    assert_eq!(over.len(), 1, "{over:?}");
    assert!(
        over[0].starts_with("[RESOLVED] incident in prod: orders-db")
            && over[0].contains("5 issues"),
        "{over:?}"
    );
    for receiver in [&scene.team, &scene.pager] {
        receiver.has_no_complaint();
    }
    // Every issue is there, under the others of its incident.
    let issues = scene.issues();
    let ids: Vec<&Value> = issues.values().map(|one| &one["incident"]["id"]).collect();
    let of_it = ids.iter().filter(|id| id.is_string()).count();
    assert_eq!((issues.len(), of_it), (7, 5), "{ids:?}");
}
