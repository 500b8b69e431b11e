//! Signatures against what they must and must not find.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::catalog::Catalog;
use crate::catalog::actions::Actions;
use crate::catalog::registry::{Registry, Whose};
use crate::catalog::signatures::{SignTest, Signature};
use crate::model::ids::KindId;
use crate::model::incident::Grade;
use crate::model::issue::NamedCause;
use crate::text::Untrusted;

fn signatures() -> &'static Registry<Signature> {
    Signature::built_in()
}

#[test]
fn every_signature_comes_to_what_its_examples_say() {
    let signatures = signatures();
    let mut faults = signatures.missing_examples();
    faults.extend(run_examples(signatures, Whose::Everyones));
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.join("\n"), "");
    assert!(signatures.iter().count() >= 30);
}

/// A metric that no kind has would never be seen, and no one would notice.
#[test]
fn every_metric_is_one_of_its_kinds() {
    let catalog = Catalog::built_in().expect("the kinds");
    let has = |kind: &str, id: &str| {
        let kind = catalog.kind(&KindId::new(kind).expect("an id"));
        kind.is_some_and(|kind| {
            kind.metric(id).is_some() || kind.slis.iter().any(|sli| sli.id == id)
        })
    };
    let all: Vec<String> = catalog.kinds().map(|kind| kind.id.to_string()).collect();
    for signature in signatures().iter() {
        for sign in signature.signs() {
            let SignTest::Metric { ids, .. } = &sign.test else {
                continue;
            };
            for id in ids {
                assert!(
                    all.iter().any(|kind| has(kind, id)),
                    "{}: {id}",
                    signature.id
                );
            }
        }
        for sign in signature.must.iter().flatten() {
            let SignTest::Metric { ids, .. } = &sign.test else {
                continue;
            };
            if signature.must.len() == 1 && signature.must[0].len() == 1 {
                let known = signature.kinds.iter().filter(|kind| all.contains(kind));
                for kind in known {
                    let found = ids.iter().any(|id| has(kind, id));
                    let any = found || signature.kinds.len() > 2;
                    assert!(any, "{}: {kind} has none of {ids:?}", signature.id);
                }
            }
        }
    }
}

/// An action that no file describes would never be suggested, and no one would notice.
#[test]
fn every_action_is_known() {
    for signature in signatures().iter() {
        for action in &signature.actions {
            let known = Actions::built_in().called(action, None);
            assert!(!known.is_empty(), "{}: {action}", signature.id);
        }
    }
}

fn at(minutes: i64) -> Timestamp {
    let began: Timestamp = "2026-11-29T14:15:00Z".parse().expect("a time");
    began + SignedDuration::from_mins(minutes)
}

fn node(name: &str, kind: &str) -> SceneNode {
    SceneNode {
        arn: format!("arn:{name}"),
        name: name.to_owned(),
        kind: Some(kind.to_owned()),
        logs: SceneReading::Known(Vec::new()),
        unread_logs: None,
        figures: BTreeMap::new(),
        states: SceneReading::Known(Vec::new()),
        clues: SceneReading::Known(Vec::new()),
    }
}

fn line(text: &str, minutes: i64) -> LogFact {
    LogFact {
        id: text.to_owned(),
        template: text.to_owned(),
        examples: vec![text.to_owned()],
        count: 30,
        before: Some(0),
        steady: false,
        first: Some(at(minutes)),
        level: None,
    }
}

fn figure(unit: &str, usual: f64, rows: &[(i64, f64)]) -> SceneReading<Figure> {
    SceneReading::Known(Figure {
        title: "figure".to_owned(),
        unit: unit.to_owned(),
        usual: Some(UsualRange {
            median: usual,
            spread: usual.abs() * 0.05,
        }),
        rows: rows
            .iter()
            .map(|(minutes, value)| (at(*minutes), *value))
            .collect(),
        period_seconds: 300,
    })
}

fn deployed(arn: &str, minutes: i64) -> ChangeRecord {
    ChangeRecord {
        at: at(minutes),
        source: ChangeSource::Deployment,
        summary: Untrusted::from("deployed 1a2b3c4d: success"),
        resources: vec![Untrusted::from(arn)],
        actor: None,
        reference: Untrusted::new(format!("deployment {minutes}")),
        includes: 0,
    }
}

/// An API function, its database and a queue that it does not depend on.
fn shop() -> CauseScene {
    let mut api = node("api-lambda", "lambda");
    api.figures.insert(
        "errors".to_owned(),
        figure("count", 1.0, &[(-5, 1.0), (0, 40.0)]),
    );
    let mut database = node("orders-db", "rds");
    let used = figure("percent", 40.0, &[(-5, 60.0), (0, 91.0), (5, 98.0)]);
    database
        .figures
        .insert("connections_percent".to_owned(), used);
    CauseScene {
        nodes: vec![api, database, node("mails", "sqs")],
        calls: BTreeSet::from([(0, 1)]),
        symptom: 0,
        began: at(0),
        uncertain_seconds: 300,
        changes: Vec::new(),
        unread_changes: BTreeMap::new(),
    }
}

fn logs_of(scene: &mut CauseScene, node: usize, lines: &[LogFact]) {
    scene.nodes[node].logs = SceneReading::Known(lines.to_vec());
}

fn causes(scene: &CauseScene) -> Vec<CauseMatch> {
    explain(signatures(), scene, &BTreeMap::new(), &Priors::default())
}

fn said(scene: &CauseScene) -> Vec<String> {
    let said = |one: &CauseMatch| {
        let grade = one.grade.title();
        format!("{} {}: {grade}", scene.nodes[one.node].name, one.signature)
    };
    causes(scene).iter().map(said).collect()
}

const SLOTS: &str = "FATAL: remaining connection slots are reserved for roles";

#[test]
fn a_saturated_callee_explains_its_caller() {
    let mut scene = shop();
    logs_of(&mut scene, 0, &[line(SLOTS, 1)]);
    assert_eq!(
        said(&scene),
        ["orders-db db-connections-exhausted: confirmed cause"]
    );
}

/// What is in the repository's way: a deployment that came just before the real fault.
#[test]
fn an_innocent_deployment_is_not_accused() {
    let mut scene = shop();
    logs_of(&mut scene, 0, &[line(SLOTS, 1)]);
    scene.changes = vec![deployed("arn:api-lambda", -2)];
    let found = causes(&scene);
    assert_eq!(
        said(&scene),
        ["orders-db db-connections-exhausted: confirmed cause"]
    );
    let unrelated = unrelated(&scene, &found);
    assert_eq!(unrelated.len(), 1);
    assert_eq!(
        unrelated[0].why,
        "nothing that api-lambda does changed by itself"
    );
}

#[test]
fn a_deployment_with_errors_of_its_own_is_the_cause() {
    let mut scene = shop();
    scene.nodes[1].figures.clear();
    logs_of(
        &mut scene,
        0,
        &[line("TypeError: total is not a function", 1)],
    );
    scene.changes = vec![deployed("arn:api-lambda", -2)];
    assert_eq!(said(&scene), ["api-lambda bad-deploy: confirmed cause"]);
    // After the errors began it is no cause.
    scene.changes = vec![deployed("arn:api-lambda", 17)];
    assert_eq!(said(&scene), [""; 0]);
    let found = unrelated(&scene, &[]);
    assert_eq!(found[0].why, "made 17 minutes after the symptom began");
}

#[test]
fn what_the_symptom_does_not_depend_on_is_never_a_cause() {
    let mut scene = shop();
    scene.nodes[1].figures.clear();
    let queue = &mut scene.nodes[2];
    for id in ["waiting", "oldest_message_seconds"] {
        queue
            .figures
            .insert(id.to_owned(), figure("count", 1.0, &[(0, 900.0)]));
    }
    assert_eq!(said(&scene), [""; 0]);
    scene.calls.insert((0, 2));
    assert_eq!(said(&scene), ["mails queue-backlog: possible contributor"]);
}

#[test]
fn nothing_is_confirmed_beside_what_could_not_be_read() {
    let mut scene = shop();
    scene.nodes[0].logs = SceneReading::Unreadable("logs of api-lambda: access denied".to_owned());
    let found = causes(&scene);
    assert_eq!(found[0].signature, "db-connections-exhausted");
    assert_eq!(found[0].grade, Grade::PossibleContributor);
    assert!(
        found[0]
            .missing
            .iter()
            .any(|one| one.contains("access denied")),
        "{found:?}"
    );
    // And without the metric there is no cause, only what would be needed.
    let why = "metrics of orders-db: access denied".to_owned();
    let figures = &mut scene.nodes[1].figures;
    figures.insert(
        "connections_percent".to_owned(),
        SceneReading::Unreadable(why),
    );
    let found = causes(&scene);
    assert!(
        found.iter().all(|one| one.grade == Grade::NeedsEvidence),
        "{found:?}"
    );
}

#[test]
fn what_may_be_in_the_part_of_logs_that_was_not_read_is_unknown() {
    let mut scene = shop();
    scene.nodes[0].figures.clear();
    scene.changes = vec![deployed("arn:api-lambda", -2)];
    let grade = |scene: &CauseScene| {
        let found = causes(scene).into_iter();
        let mut of = found.filter(|one| one.signature == "bad-deploy" && one.node == 0);
        of.next().map(|one| one.grade)
    };
    assert_eq!(grade(&scene), None);
    scene.nodes[0].unread_logs = Some("a part of the logs was not read".to_owned());
    assert_eq!(grade(&scene), Some(Grade::NeedsEvidence));
}

#[test]
fn what_began_after_the_symptom_did_not_cause_it() {
    let mut scene = shop();
    let used = figure("percent", 40.0, &[(0, 41.0), (40, 98.0)]);
    scene.nodes[1]
        .figures
        .insert("connections_percent".to_owned(), used);
    let found = causes(&scene);
    let of = found
        .iter()
        .find(|one| one.signature == "db-connections-exhausted");
    assert_eq!(of.map(|one| one.grade), Some(Grade::RecentButUnrelated));
}

#[test]
fn two_causes_at_once_are_both_named() {
    let mut scene = shop();
    let denied = "AccessDeniedException: not authorized to perform: s3:PutObject";
    logs_of(&mut scene, 0, &[line(SLOTS, 1), line(denied, 1)]);
    let said = said(&scene);
    assert_eq!(
        said,
        [
            "orders-db db-connections-exhausted: confirmed cause",
            "api-lambda permission-removed: confirmed cause",
        ]
    );
}

#[test]
fn of_two_confirmed_causes_one_depends_on_the_other() {
    let mut scene = shop();
    let full = figure("percent", 40.0, &[(0, 95.0)]);
    let mut other = node("users-db", "rds");
    other.figures.insert("connections_percent".to_owned(), full);
    scene.nodes.push(other);
    scene.calls.insert((0, 3));
    logs_of(&mut scene, 0, &[line(SLOTS, 1)]);
    let grades: Vec<Grade> = causes(&scene).iter().map(|one| one.grade).collect();
    assert_eq!(grades, [Grade::ConfirmedCause, Grade::PossibleContributor]);
    // A line that names one of them says nothing against the other.
    let named = "orders-db: FATAL: sorry, too many clients already";
    logs_of(&mut scene, 0, &[line(named, 1)]);
    scene.nodes[3].figures.clear();
    assert_eq!(
        said(&scene),
        ["orders-db db-connections-exhausted: confirmed cause"]
    );
}

#[test]
fn cycles_end_and_the_order_of_what_is_known_changes_nothing() {
    let mut scene = shop();
    logs_of(
        &mut scene,
        0,
        &[line(SLOTS, 1), line("connect ETIMEDOUT 10.0.0.1:5432", 2)],
    );
    scene.calls.insert((1, 0));
    let found = causes(&scene);
    assert_eq!(found[0].signature, "db-connections-exhausted");
    let SceneReading::Known(facts) = &mut scene.nodes[0].logs else {
        panic!("they are known");
    };
    facts.reverse();
    assert_eq!(causes(&scene), found);
}

#[test]
fn what_was_right_before_ranks_higher_and_is_no_proof() {
    let mut scene = shop();
    scene.nodes[1].figures.clear();
    let lines = [
        line("payments answered 503 Service Unavailable", 1),
        line("429 Too Many Requests", 1),
    ];
    logs_of(&mut scene, 0, &lines);
    scene.nodes[0].figures.clear();
    let mut priors = Priors::default();
    let first = |priors: &Priors| {
        let found = explain(signatures(), &scene, &BTreeMap::new(), priors);
        (found[0].signature.clone(), found[0].grade)
    };
    let contributor = Grade::PossibleContributor;
    assert_eq!(first(&priors), ("rate-limited".to_owned(), contributor));
    priors.note("upstream-failing", true);
    assert_eq!(first(&priors), ("upstream-failing".to_owned(), contributor));
    assert_eq!(priors.rate("upstream-failing"), 667);
    assert_eq!(priors.rate("rate-limited"), 500);
    priors.note("upstream-failing", false);
    priors.note("upstream-failing", false);
    assert_eq!(first(&priors), ("rate-limited".to_owned(), contributor));
}

#[test]
fn every_cause_that_was_named_counts_against_the_others() {
    let named = |occurrence, signature: &str| NamedCause {
        occurrence,
        signature: signature.to_owned(),
    };
    let all = [
        named(1, "upstream-failing"),
        named(2, "rate-limited"),
        named(3, "upstream-failing"),
    ];
    let priors = Priors::learn(&all);
    assert_eq!(priors.rate("upstream-failing"), 600);
    assert_eq!(priors.rate("rate-limited"), 400);
    assert_eq!(priors.rate("disk-full"), 200);
    assert_eq!(priors.words("disk-full"), None);
    assert_eq!(
        priors.words("upstream-failing").as_deref(),
        Some("was the cause 2 of 3 times that a person named one")
    );
    assert_eq!(Priors::learn(&[]), Priors::default());
}

#[test]
fn nothing_wrong_gives_nothing() {
    let mut scene = shop();
    scene.nodes[0]
        .figures
        .insert("errors".to_owned(), figure("count", 1.0, &[(0, 1.0)]));
    let used = figure("percent", 40.0, &[(0, 41.0)]);
    scene.nodes[1]
        .figures
        .insert("connections_percent".to_owned(), used);
    assert_eq!(said(&scene), [""; 0]);
}
