//! Which issues belong together.

use std::collections::BTreeMap;

use super::*;
use crate::core::issue_fixtures::{World, function, function_arn, minute, problem, report};
use crate::model::status::Status;

/// An API that needs a database, a site that needs the API, and a job that needs nothing.
fn dependencies() -> Dependencies {
    let resource = |name: &str, needs: &[&str]| -> Resource {
        serde_json::from_value(serde_json::json!({
            "kind": "lambda", "resource_type": "aws_lambda_function", "name": name,
            "aws_id": name, "arn": function_arn(name), "region": "eu-central-1",
            "depends_on": needs,
        }))
        .expect("a resource")
    };
    let all = [
        resource("api", &["db"]),
        resource("db", &[]),
        resource("site", &["api"]),
        resource("job", &[]),
    ];
    Dependencies::of(&all, &BTreeMap::new())
}

/// Issues by the names of their resources, and when they began in minutes.
fn opened(all: &[(&str, i64)]) -> (Vec<IssueChange>, BTreeMap<IssueId, Issue>) {
    let mut world = World::new();
    let bad = |name: &str| function(name, vec![problem("x", Status::Unhealthy, "it is down")]);
    let names = all.iter().map(|(name, _)| bad(name)).collect();
    world.run(&report("prod", minute(0), names));
    let mut open = BTreeMap::new();
    for issue in world.active.values() {
        let mut issue = issue.clone();
        let began = all
            .iter()
            .find(|(name, _)| issue.resource.name.raw() == *name);
        issue.detected_at = minute(began.map_or(0, |one| one.1));
        open.insert(issue.id.clone(), issue);
    }
    let change = |issue: &Issue| IssueChange {
        kind: ChangeKind::Opened,
        before: None,
        after: issue.clone(),
    };
    (open.values().map(change).collect(), open)
}

/// The groups by the names of their resources, the cause first.
fn said(changes: &[IssueChange]) -> Vec<String> {
    let mut issues: Vec<&Issue> = changes.iter().map(|change| &change.after).collect();
    issues.sort_by_key(|issue| (issue.detected_at, issue.resource.name.raw().to_owned()));
    let name = |issue: &&Issue| issue.resource.name.raw().to_owned();
    let all = incidents(issues);
    all.iter()
        .map(|one| one.issues.iter().map(name).collect::<Vec<_>>().join(" "))
        .collect()
}

fn grouped(all: &[(&str, i64)]) -> Vec<String> {
    let (mut changes, open) = opened(all);
    assign(&mut changes, &open, &dependencies());
    said(&changes)
}

#[test]
fn what_began_together_along_dependencies_is_one_incident() {
    assert_eq!(
        grouped(&[("api", 0), ("db", 0), ("job", 0), ("site", 0)]),
        ["db api site", "job"]
    );
    // The order in which they are noticed changes nothing.
    assert_eq!(grouped(&[("site", 0), ("db", 10)]), ["db site"]);
    assert_eq!(grouped(&[("site", 0), ("db", 31)]), ["site", "db"]);
    assert_eq!(grouped(&[("api", 0)]), ["api"]);
}

#[test]
fn a_run_says_what_it_did_to_incidents() {
    let (mut changes, open) = opened(&[("api", 0), ("db", 0), ("job", 0)]);
    assign(&mut changes, &open, &dependencies());
    let ids: Vec<&str> = changes
        .iter()
        .filter_map(|one| one.after.incident.as_ref())
        .map(|one| one.id.as_str())
        .collect();
    let id = ids[0].to_owned();
    assert_eq!(
        story(&changes),
        [format!("incident {id}: 2 issues, which begin with db")]
    );
    for change in &mut changes {
        change.kind = ChangeKind::Resolved;
    }
    assert_eq!(
        story(&changes),
        [format!("incident {id}: 2 issues resolved")]
    );
}

#[test]
fn an_issue_joins_an_incident_that_is_open_and_says_why() {
    let (mut changes, open) = opened(&[("api", 0), ("db", 5)]);
    assign(&mut changes, &open, &dependencies());
    let first = changes[0].after.incident.clone().expect("an incident");
    let why = changes
        .iter()
        .filter_map(|one| one.after.incident.as_ref())
        .map(|one| one.why.raw());
    let why: Vec<&str> = why.collect();
    assert_eq!(why, ["began within 5 minutes, and api depends on db"; 2]);
    // Ten minutes later the site fails too; the others keep what they have.
    let (_, later) = opened(&[("api", 0), ("db", 5), ("site", 15)]);
    let known = |issue: Issue| {
        let before = changes.iter().find(|change| change.after.id == issue.id);
        before.map_or(issue, |change| change.after.clone())
    };
    let open: BTreeMap<IssueId, Issue> = later
        .into_values()
        .map(known)
        .map(|one| (one.id.clone(), one))
        .collect();
    let site = open
        .values()
        .find(|one| one.resource.name.raw() == "site")
        .expect("it is open");
    let mut more = vec![IssueChange {
        kind: ChangeKind::Opened,
        before: None,
        after: site.clone(),
    }];
    assign(&mut more, &open, &dependencies());
    assert_eq!(more.len(), 1, "{more:?}");
    assert_eq!(
        more[0].after.incident.as_ref().map(|one| one.id.clone()),
        Some(first.id)
    );
}

#[test]
fn what_a_person_took_apart_stays_apart() {
    let (_, mut open) = opened(&[("api", 0), ("db", 0)]);
    let db = open
        .values_mut()
        .find(|one| one.resource.name.raw() == "db")
        .expect("it is open");
    db.incident = Some(IssueIncident {
        id: "inc-alone".to_owned(),
        role: IncidentRole::Cause,
        why: Untrusted::from("by ann"),
        by_hand: true,
    });
    let api = open
        .values()
        .find(|one| one.resource.name.raw() == "api")
        .expect("it is open");
    let mut changes = vec![IssueChange {
        kind: ChangeKind::Opened,
        before: None,
        after: api.clone(),
    }];
    assign(&mut changes, &open, &dependencies());
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].after.incident, None);
}
