//! Questions and their replies, recorded and replayed.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, ready};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::cloud::question::{
    Answer, ChangesQuestion, CluesQuestion, DiscoverQuestion, Discovered, IdentityQuestion,
    LastUseQuestion, LogGroupsQuestion, LogSourcesQuestion, LogsQuestion, MetricsQuestion,
    MonitorQuestion, ObserveQuestion, Question, SituationQuestion, SpendQuestion,
    UtilisationQuestion, UtilisationReading,
};
use crate::cloud::record::{Recorder, Recording, Request};
use crate::cloud::replay::Replay;
use crate::model::cost::{CostDays, SpendGrouping, SpendTable};
use crate::model::fact::{Fact, Gap, GapCause};
use crate::model::ids::{AccountId, Arn, DomainName, EnvironmentName, Region};
use crate::model::investigation::{ChangeSet, ChangeSource};
use crate::model::log_events::{LogEvent, LogEventPage, LogGroupPage, LogWay};
use crate::model::receipt::Receipt;
use crate::model::resource::Resource;
use crate::model::snapshot::{Identity, Snapshot};
use crate::text::Untrusted;

/// Written by the first version of this program: `adopt --tag` and `run` with a monitor.
const FIRST: &[u8] = include_bytes!("recording-1.0.0.json");
/// The world of `fractary demo`, from the same time.
const DEMO: &[u8] = include_bytes!("../../app/demo/recording.json");

fn first() -> Recording {
    Recording::from_bytes(FIRST).expect("a recording")
}

fn prod() -> EnvironmentName {
    EnvironmentName::new("prod").expect("a name")
}

fn identity() -> Identity {
    Identity {
        account: AccountId::new("123456789012").expect("an account"),
        arn: Arn::new("arn:aws:sts::123456789012:assumed-role/fractary/ci").expect("an ARN"),
    }
}

/// The tags that [`FIRST`] was asked for, one of which is a secret.
fn tags() -> Vec<(String, String)> {
    [("team", "orders"), ("db-password", "hunter2-hunter2")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn discover(tags: Vec<(String, String)>) -> DiscoverQuestion {
    DiscoverQuestion {
        environment: prod(),
        regions: vec![Region::new("eu-central-1").expect("a region")],
        tags,
    }
}

/// The newest observation of [`FIRST`].
fn observed(recording: &Recording) -> &Snapshot {
    let newest = recording
        .calls
        .iter()
        .rev()
        .find_map(|call| match &call.reply {
            Answer::Snapshot(snapshot) => Some(&**snapshot),
            _ => None,
        });
    newest.expect("an observation")
}

/// The question that an observation answers.
fn observe(snapshot: &Snapshot, recording: &Recording) -> ObserveQuestion {
    let mut newest_first = recording.calls.iter().rev();
    let key = newest_first.find_map(|call| call.request.observed());
    let key = key.expect("an observation");
    ObserveQuestion {
        environment: key.environment,
        resources: snapshot
            .resources
            .iter()
            .map(|observed| observed.resource.clone())
            .collect(),
        window: key.window,
        read_from: snapshot.read_from(),
        checks: key.checks,
        identity: identity(),
    }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing here waits")
}

#[test]
fn recordings_of_the_first_version_are_written_as_they_were_read() {
    for bytes in [FIRST, DEMO] {
        let recording = Recording::from_bytes(bytes).expect("a recording");
        let written = String::from_utf8(recording.to_bytes()).expect("JSON is UTF-8");
        assert_eq!(written.as_bytes(), bytes, "{written}");
    }
}

#[test]
fn facts_of_the_first_version_are_numbers() {
    let recording = Recording::from_bytes(DEMO).expect("a recording");
    let snapshots = recording.calls.iter().filter_map(|call| match &call.reply {
        Answer::Snapshot(snapshot) => Some(snapshot),
        _ => None,
    });
    let facts = snapshots
        .flat_map(|snapshot| &snapshot.resources)
        .flat_map(|observed| observed.facts.values());
    let known: Vec<_> = facts.filter_map(Fact::known).collect();
    assert!(known.len() > 10, "{} facts", known.len());
    assert!(known.iter().all(|fact| fact.as_number().is_some()));
}

#[test]
fn recordings_of_the_first_version_answer_what_they_were_asked() {
    let recording = first();
    let snapshot = observed(&recording).clone();
    let question = observe(&snapshot, &recording);
    let replay = Replay::new(recording.clone());
    let cloud: &dyn Cloud = &replay;
    assert_eq!(now(cloud.identity(&prod())), Ok(identity()));
    assert_eq!(now(cloud.observe(&question)), snapshot);
    let found = now(cloud.discover(&discover(tags()))).expect("what was found");
    assert_eq!(found.len(), 1);
    let monitor = MonitorQuestion {
        domain: DomainName::new("application").expect("a domain"),
        environment: prod(),
        until: snapshot.window.end,
    };
    let reply = recording.reply(&Request::new(&monitor));
    assert!(matches!(reply, Some(Answer::Monitor(answer)) if answer.health.is_some()));
}

#[test]
fn what_was_never_asked_is_a_gap() {
    let replay = Replay::new(first());
    let cloud: &dyn Cloud = &replay;
    let test = EnvironmentName::new("test").expect("a name");
    let gaps = [
        now(cloud.identity(&test)).expect_err("never asked"),
        now(cloud.discover(&discover(Vec::new()))).expect_err("never asked"),
    ];
    for gap in &gaps {
        assert_eq!(gap.cause, GapCause::NotRecorded);
    }
    let said = gaps.map(|gap| format!("{}: {}: {}", gap.operation, gap.subject, gap.message.raw()));
    insta::assert_snapshot!(said.join("\n"), @r"
    replay:identity: identity of the caller: the recording has no caller identity for `test`
    replay:discover: tagged resources: the recording has no search for these tags and regions in `prod`
    ");
}

/// Answers every question in one way and counts them.
#[derive(Debug, Default)]
struct Scripted {
    asked: Cell<u32>,
}

impl Cloud for Scripted {
    fn ask<'a>(&'a self, question: &'a Question) -> LocalBoxFuture<'a, Answer> {
        self.asked.set(self.asked.get() + 1);
        let answer = match question {
            Question::Identity(_) => Answer::Identity(identity()),
            Question::Observe(ask) => Answer::Snapshot(Box::new(ask.unseen(gap()))),
            Question::Discover(ask) if ask.tags.is_empty() => Answer::Gap(gap()),
            Question::Discover(_) => Answer::Discovered(vec![Discovered {
                arn: identity().arn,
                tags: Vec::new(),
            }]),
            Question::Configuration(_) => Answer::Gap(gap()),
            Question::Spend(ask) => Answer::Spend(Box::new(SpendTable {
                days: ask.days,
                estimated: Vec::new(),
                currency: Untrusted::from("USD"),
                groups: Vec::new(),
            })),
            Question::Utilisation(ask) => {
                Answer::Utilisation(vec![UtilisationReading::NoPoints; ask.metrics.len()])
            }
            Question::Metrics(ask) => {
                Answer::Utilisation(vec![UtilisationReading::NoPoints; ask.metrics.len()])
            }
            Question::LogSources(_) => Answer::LogSources(Box::default()),
            Question::LogGroups(ask) => Answer::LogGroups(LogGroupPage {
                groups: Vec::new(),
                next: ask.page.is_none().then(|| "2".to_owned()),
            }),
            Question::Logs(ask) => Answer::Logs(log_page(ask)),
            Question::Changes(_) => Answer::Changes(ChangeSet::default()),
            Question::Clues(_) => Answer::Clues(Vec::new()),
            Question::Situation(_) => Answer::Situation(Box::default()),
            Question::LastUse(_) => Answer::LastUse(Box::default()),
        };
        Box::pin(ready(answer))
    }

    fn receipt(&self) -> Receipt {
        Receipt::default()
    }
}

/// A page with an event whose message has a secret.
fn log_page(ask: &LogsQuestion) -> LogEventPage {
    LogEventPage {
        events: vec![LogEvent {
            time: ask.start,
            received: Some(ask.start + 1),
            stream: Untrusted::from("a"),
            id: "1".to_owned(),
            message: Untrusted::from("login with password=hunter2-hunter2"),
        }],
        next: ask.page.is_none().then(|| "2".to_owned()),
        matched: None,
        scanned_bytes: None,
    }
}

fn logs(page: Option<&str>) -> LogsQuestion {
    LogsQuestion {
        environment: prod(),
        region: Region::new("eu-central-1").expect("a region"),
        group: "/aws/lambda/orders-api".to_owned(),
        way: LogWay::Filter,
        start: 0,
        end: 60_000,
        page: page.map(str::to_owned),
    }
}

/// The questions about the past.
fn looking_back(resource: &Resource) -> Vec<Question> {
    let region = Region::new("eu-central-1").expect("a region");
    let (start, end) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
    let groups = |page: Option<&str>| {
        Question::LogGroups(LogGroupsQuestion {
            environment: prod(),
            region: region.clone(),
            prefix: "/aws/".to_owned(),
            page: page.map(str::to_owned),
        })
    };
    vec![
        Question::Metrics(MetricsQuestion {
            environment: prod(),
            start,
            end,
            metrics: Vec::new(),
        }),
        Question::LogSources(LogSourcesQuestion {
            environment: prod(),
            arn: resource.arn.clone(),
            resource: resource.clone(),
        }),
        Question::Clues(CluesQuestion {
            environment: prod(),
            arn: resource.arn.clone(),
            at: "2026-03-01T12:00:00Z".parse().expect("a time"),
            resource: resource.clone(),
        }),
        groups(None),
        groups(Some("2")),
        Question::Logs(logs(None)),
        Question::Logs(logs(Some("2"))),
        Question::Changes(ChangesQuestion {
            environment: prod(),
            region: region.clone(),
            source: ChangeSource::Alarm,
            start,
            end,
            arns: Vec::new(),
            resources: Vec::new(),
        }),
        Question::Situation(SituationQuestion {
            environment: prod(),
            action: "restart_lambda".to_owned(),
            arn: resource.arn.clone(),
            resource: resource.clone(),
        }),
        Question::LastUse(LastUseQuestion {
            environment: prod(),
            arn: Arn::new("arn:aws:iam::123456789012:role/deploy").expect("an ARN"),
        }),
    ]
}

fn gap() -> Gap {
    serde_json::from_value(json!({
        "operation": "x:Y", "subject": "z", "cause": "denied", "message": "no",
    }))
    .expect("a gap")
}

fn spend() -> SpendQuestion {
    let day = |text: &str| text.parse().expect("a day");
    SpendQuestion {
        environment: prod(),
        days: CostDays {
            start: day("2026-10-01"),
            end: day("2026-11-30"),
        },
        by: SpendGrouping::UsageType,
        account: None,
        tags: tags(),
    }
}

/// One of each sort and more, asked twice.
fn questions() -> Vec<Question> {
    let recording = first();
    let observe = observe(observed(&recording), &recording);
    let looking_back = looking_back(&observe.resources[0]);
    let narrower = ObserveQuestion {
        checks: Vec::new(),
        ..observe.clone()
    };
    let each = [
        Question::Identity(IdentityQuestion {
            environment: prod(),
        }),
        Question::Observe(observe),
        Question::Observe(narrower),
        Question::Discover(discover(tags())),
        Question::Discover(discover(Vec::new())),
        Question::Spend(spend()),
        Question::Utilisation(UtilisationQuestion {
            environment: prod(),
            metrics: Vec::new(),
        }),
    ];
    let each = [each.to_vec(), looking_back].concat();
    [each.clone(), each].concat()
}

#[test]
fn whatever_is_asked_is_recorded_once_and_replayed_in_any_order() {
    let recorder = Rc::new(Recorder::new(Scripted::default()));
    let answers: Vec<Answer> = questions()
        .iter()
        .map(|question| now(recorder.ask(question)))
        .collect();
    let recording = recorder.recording();
    assert_eq!(recording.calls.len() * 2, answers.len());
    let mut read = Recording::from_bytes(&recording.to_bytes()).expect("what was written");
    // A log line has a secret, which what is written does not: compared is what is shown.
    assert_eq!(read.to_bytes(), recording.to_bytes());
    read.calls.reverse();
    let replay = Replay::new(read);
    for (question, answer) in questions().iter().zip(&answers) {
        let again = format!("{:?}", now(replay.ask(question)));
        assert_eq!(again, format!("{answer:?}"), "{question:?}");
    }
}

#[test]
fn no_secret_of_a_question_is_recorded() {
    let recorder = Rc::new(Recorder::new(Scripted::default()));
    let key = "AKIAIOSFODNN7EXAMPLE";
    let mut tags = tags();
    tags.push((key.to_owned(), "x".to_owned()));
    now(recorder.ask(&Question::Discover(discover(tags.clone()))));
    now(recorder.ask(&Question::Spend(SpendQuestion { tags, ..spend() })));
    now(recorder.ask(&Question::Logs(logs(None))));
    let recording = recorder.recording();
    let held = serde_json::to_string(&recording).expect("plain data");
    let written = String::from_utf8(recording.to_bytes()).expect("JSON is UTF-8");
    for text in [held, written] {
        assert!(!text.contains("hunter2") && !text.contains(key), "{text}");
    }
}

/// Answers with what no question asks for.
struct Confused;

impl Cloud for Confused {
    fn ask<'a>(&'a self, _: &'a Question) -> LocalBoxFuture<'a, Answer> {
        let answer: Value = json!({ "monitor": {
            "domain": "application", "environment": "prod", "duration_ms": 1,
        }});
        let answer = serde_json::from_value(answer).expect("an answer");
        Box::pin(ready(answer))
    }

    fn receipt(&self) -> Receipt {
        Receipt::default()
    }
}

#[test]
fn the_answer_to_another_question_is_a_gap() {
    let recording = first();
    let question = observe(observed(&recording), &recording);
    let cloud: &dyn Cloud = &Confused;
    let gap = now(cloud.identity(&prod())).expect_err("no identity");
    assert_eq!(gap.cause, GapCause::Garbled);
    let snapshot = now(cloud.observe(&question));
    assert_eq!(snapshot.gaps.len(), 1);
    assert!(
        snapshot
            .resources
            .iter()
            .all(|one| one.state.gap().is_some())
    );
    let gap = now(cloud.discover(&discover(tags()))).expect_err("nothing found");
    assert_eq!(gap.cause, GapCause::Garbled);
}
