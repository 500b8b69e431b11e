use crate::core::issue_fixtures::{World, function, minute, problem, report};
use crate::model::alert::Alert;
use crate::model::issue::{AlertKind, IncidentRole, IssueIncident};
use crate::model::rules::IssueEvent;
use crate::model::status::Status;

use super::*;

const HOSTILE: &str = "<!channel> @here *b* `c` </a|b> & password=hunter2 \u{1b}[31m\u{202e}";

fn alert(kind: AlertKind, title: &str) -> Alert {
    let mut world = World::new();
    let mut bad = function("orders_api", vec![problem("x", Status::Unhealthy, title)]);
    bad.problems[0].symptoms = vec![Untrusted::from(title); 20];
    world.run(&report("prod", minute(0), vec![bad]));
    Alert {
        key: "0123456789abcdef0123456789abcdef".to_owned(),
        kind,
        event: IssueEvent::Opened,
        first: true,
        rules: vec!["wake".to_owned()],
        channel: "team".to_owned(),
        labels: vec!["ops".to_owned()],
        issue: world.only().clone(),
        at: minute(1),
        reference: None,
        links: vec![
            (
                "the issue's file".to_owned(),
                "https://github.com/o/r/blob/main/x".to_owned(),
            ),
            ("evil".to_owned(), "https://x|<!channel>".to_owned()),
            ("worse".to_owned(), "javascript:alert(1)".to_owned()),
        ],
    }
}

fn shown(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).expect("plain data")
}

/// What joins an incident that was told already is a message of its own, and says so.
#[test]
fn who_reads_messages_sees_what_an_issue_belongs_to() {
    let mut alert = alert(AlertKind::Trigger, "error rate 12 %");
    alert.issue.incident = Some(IssueIncident {
        id: "inc-063e53".to_owned(),
        role: IncidentRole::Symptom,
        why: Untrusted::from("began at the same time, with password=hunter2"),
        by_hand: false,
    });
    let said = "opened, part of incident inc-063e53: began at the same time, with password=";
    for text in [shown(&slack::payload(&alert)), sns::message(&alert).text] {
        assert!(text.contains(said) && !text.contains("hunter2"), "{text}");
    }
}

#[test]
fn payloads_of_a_plain_alert() {
    let alert = alert(AlertKind::Trigger, "error rate 12 %");
    insta::assert_snapshot!("slack", shown(&slack::payload(&alert)));
    insta::assert_snapshot!("pagerduty", shown(&pagerduty::event(&alert)));
    let document = serde_json::to_value(webhook::document(&alert)).expect("plain data");
    insta::assert_snapshot!("webhook", shown(&document));
    let published = sns::message(&alert);
    let attributes = published.attributes.iter();
    let attributes: String = attributes
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    insta::assert_snapshot!(
        "sns",
        format!("{}\n{attributes}\n{}", published.subject, published.text)
    );
}

#[test]
fn topics_take_what_is_published() {
    let plain = |subject: &str| subject.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let long = "ä\n".repeat(5_000);
    for title in ["", "\n\r\t", "a — “b” …\u{2028}c", HOSTILE, &long, "🔥"] {
        let mut alert = alert(AlertKind::Trigger, title);
        alert.links = vec![
            (
                "x".repeat(5_000),
                "https://example.com/".to_owned() + &"y".repeat(90_000)
            );
            4
        ];
        let published = sns::message(&alert);
        let subject = &published.subject;
        assert!(plain(subject) && subject.len() < 100, "{subject}");
        assert!(subject.starts_with('['), "{subject}");
        let attributes = published.attributes.iter();
        let size: usize = attributes
            .clone()
            .map(|(name, value)| name.len() + value.len() + 6)
            .sum();
        assert!(published.text.len() + size <= 256 * 1_024);
        assert!(attributes.clone().all(|(_, value)| !value.is_empty()));
        let controls = |c: char| c.is_control() && c != '\n';
        assert!(!published.text.contains(controls), "{title:.40}");
        assert!(!published.text.contains("hunter2") && !subject.contains("hunter2"));
        assert!(published.key.len() <= 128 && published.group.len() <= 128);
    }
}

#[test]
fn an_end_is_short() {
    let alert = alert(AlertKind::Resolve, "error rate 12 %");
    let event = shown(&pagerduty::event(&alert));
    insta::assert_snapshot!(event.replace(alert.issue.id.as_str(), "ID"), @r#"
    {
      "event_action": "resolve",
      "dedup_key": "fractary:prod:ID"
    }
    "#);
    assert!(alert.headline().starts_with("[RESOLVED] "));
}

#[test]
fn nothing_from_outside_is_a_command_to_slack() {
    let payload = shown(&slack::payload(&alert(AlertKind::Trigger, HOSTILE)));
    for bad in [
        "<!",
        "</a",
        "hunter2",
        "\u{1b}",
        "\u{202e}",
        "javascript:",
        "https://x|",
    ] {
        assert!(!payload.contains(bad), "{bad}: {payload}");
    }
    // Only our own words are formatted.
    let value = slack::payload(&alert(AlertKind::Trigger, HOSTILE));
    for block in value["blocks"].as_array().expect("blocks") {
        let texts = [&block["text"]["type"], &block["fields"][0]["type"]];
        assert!(
            texts
                .iter()
                .all(|kind| kind.is_null() || **kind == "plain_text")
        );
    }
}

#[test]
fn limits_of_the_services_are_kept() {
    for title in ["&".repeat(5_000), "ä".repeat(5_000), "<>".repeat(4_000)] {
        let alert = alert(AlertKind::Trigger, &title);
        let payload = slack::payload(&alert);
        let count = |value: &serde_json::Value| value.as_str().map_or(0, |t| t.chars().count());
        let blocks = payload["blocks"].as_array().expect("blocks");
        assert!(blocks.len() <= 50);
        assert!(count(&blocks[0]["text"]["text"]) <= 150);
        assert!(count(&blocks[0]["block_id"]) <= 255);
        let fields = blocks[1]["fields"].as_array().expect("fields");
        assert!(fields.len() <= 10 && fields.iter().all(|f| count(&f["text"]) <= 2_000));
        assert!(count(&blocks[2]["text"]["text"]) <= 3_000);
        let event = pagerduty::event(&alert);
        assert!(count(&event["payload"]["summary"]) <= 1_024);
        assert!(count(&event["dedup_key"]) <= 255);
        assert!(event.to_string().len() < 512 * 1_024);
    }
}

#[test]
fn addresses_and_tokens_are_in_no_debug_output() {
    let url = Secret::new("https://hooks.example.com/services/T0/B0/s3cr3t");
    let slack = SlackChannel::new(&url, Limits::default()).expect("a channel");
    let key = Secret::new("r0ut1ng");
    let pager = PagerdutyChannel::new(PAGERDUTY, key, Limits::default()).expect("a channel");
    let shown = format!("{slack:?}{pager:?}");
    assert!(
        !shown.contains("s3cr3t") && !shown.contains("r0ut1ng"),
        "{shown}"
    );
}

/// A digest of so many issues with this title; every third is over.
fn digest(count: usize, title: &str) -> crate::model::alert::Digest {
    let one = alert(AlertKind::Trigger, title);
    let issue = |number: usize| {
        let mut issue = one.issue.clone();
        issue.id = crate::model::ids::IssueId::new(format!("infra-{number:06x}")).expect("an id");
        issue.resource.name = format!("svc-{number}").into();
        issue
    };
    let (over, open): (Vec<usize>, Vec<usize>) = (0..count).partition(|n| n % 3 == 2);
    crate::model::alert::Digest {
        key: "fedcba9876543210fedcba9876543210".to_owned(),
        channel: "team".to_owned(),
        environment: one.issue.environment.clone(),
        open: open.into_iter().map(issue).collect(),
        over: over.into_iter().map(issue).collect(),
        has_news: true,
        first: true,
        event: IssueEvent::Opened,
        rules: vec!["wake".to_owned()],
        labels: vec!["ops".to_owned()],
        at: minute(1),
        reference: None,
    }
}

#[test]
fn payloads_of_a_digest() {
    let digest = digest(6, "error rate 12 %");
    insta::assert_snapshot!("slack_digest", shown(&slack::digest_payload(&digest)));
    insta::assert_snapshot!("pagerduty_digest", shown(&pagerduty::digest_event(&digest)));
    let published = sns::digest_message(&digest);
    let attributes = published.attributes.iter();
    let attributes: String = attributes
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    insta::assert_snapshot!(
        "sns_digest",
        format!("{}\n{attributes}\n{}", published.subject, published.text)
    );
}

#[test]
fn digests_keep_the_limits_and_name_or_count_every_issue() {
    for count in [1, 40, 900, 6_000] {
        for title in ["error rate 12 %", HOSTILE, &"&<>ä\n".repeat(400)] {
            let digest = digest(count, title);
            let payload = slack::digest_payload(&digest);
            let blocks = payload["blocks"].as_array().expect("blocks");
            assert!(blocks.len() <= 50, "{count}");
            let text = |block: &serde_json::Value| {
                let text = block["text"]["text"].as_str();
                text.unwrap_or_default().to_owned()
            };
            assert!(text(&blocks[0]).chars().count() <= 150);
            assert!(blocks.iter().all(|one| text(one).chars().count() <= 3_000));
            let named = blocks
                .iter()
                .map(|one| text(one).matches("• infra-").count());
            let named: usize = named.sum();
            let foot = blocks.last().expect("a foot")["elements"][0]["text"].to_string();
            let counted = match count - named {
                0 => !foot.contains("more"),
                more => foot.contains(&format!("and {more} more")),
            };
            assert!(counted, "{count}: {named} named, {foot}");
            let payload = shown(&payload);
            assert!(!payload.contains("<!") && !payload.contains("hunter2"));
            let event = pagerduty::digest_event(&digest);
            assert!(event.to_string().len() < 512 * 1_024, "{count}");
            let listed = event["payload"]["custom_details"]["issues"].as_array();
            let listed = listed.expect("a list");
            let open = digest.open.len();
            assert!(
                listed.len() == open || listed.last().expect("one").to_string().contains("more")
            );
            let published = sns::digest_message(&digest);
            assert!(published.text.len() < 256 * 1_024 && published.subject.len() < 100);
            assert!(
                published
                    .attributes
                    .iter()
                    .all(|(_, value)| !value.is_empty())
            );
        }
    }
}

#[test]
fn the_end_of_a_digest_is_short() {
    let mut digest = digest(3, "error rate 12 %");
    digest.over.append(&mut digest.open);
    assert_eq!(
        digest.headline(),
        "[RESOLVED] 3 issues in prod: svc-2, svc-0, svc-1"
    );
    insta::assert_snapshot!(shown(&pagerduty::digest_event(&digest)), @r#"
    {
      "event_action": "resolve",
      "dedup_key": "fractary:prod:digest:fedcba9876543210fedcba9876543210"
    }
    "#);
}
