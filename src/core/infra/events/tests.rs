//! Streams of a real Terraform 1.15, recorded as they came.

use proptest::prelude::*;

use super::*;

const COMPLETE: &str = include_str!("../../../../tests/data/terraform/apply-complete.jsonl");
const DESTROYED: &str = include_str!("../../../../tests/data/terraform/apply-destroyed.jsonl");
const HALF: &str = include_str!("../../../../tests/data/terraform/apply-half-failed.jsonl");
const INTERRUPTED: &str = include_str!("../../../../tests/data/terraform/apply-interrupted.jsonl");
const LOCKED: &str = include_str!("../../../../tests/data/terraform/plan-locked.jsonl");

fn tally(text: &str) -> StreamTally {
    StreamTally::read(text).expect("version 1")
}

fn steps(tally: &StreamTally) -> Vec<String> {
    let steps = tally.steps.iter();
    steps
        .map(|(address, progress)| format!("{} {progress:?}", address.raw()))
        .collect()
}

#[test]
fn recorded_streams_say_what_was_done() {
    let of = |text: &str| steps(&tally(text));
    let four = "terraform_data.four Done";
    let one = "terraform_data.one Done";
    let two = "terraform_data.two Done";
    assert_eq!(of(COMPLETE), [four, "terraform_data.three Done"]);
    assert_eq!(of(DESTROYED), [four, one, "terraform_data.three Done", two]);
    assert_eq!(of(HALF), [one, "terraform_data.three Failed", two]);
    assert_eq!(of(INTERRUPTED), [one, "terraform_data.three Failed"]);
    assert!(of(LOCKED).is_empty());
}

#[test]
fn a_summary_comes_only_where_all_went_well() {
    let summary = |text: &str| tally(text).summary.map(|one| one.raw().to_owned());
    assert_eq!(
        summary(COMPLETE).as_deref(),
        Some("Apply complete! Resources: 2 added, 0 changed, 1 destroyed.")
    );
    for text in [HALF, INTERRUPTED, LOCKED] {
        assert_eq!(summary(text), None);
    }
}

#[test]
fn errors_have_their_resource_and_place() {
    let errors = tally(HALF).errors;
    let lines: Vec<String> = errors
        .iter()
        .map(|one| one.line().raw().to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "main.tf:9: local-exec provisioner error: Error running command 'if true; then exit 3; fi': exit status 3. Output: (terraform_data.three)"
        ]
    );
    let lock = tally(LOCKED).errors[0].whole();
    let lock = crate::core::debug::state_lock(&lock).expect("a lock");
    assert_eq!(lock.id.raw(), "dd0d4ce4-332b-d968-63cf-4eaf24d96740");
    assert_eq!(lock.who.expect("who").raw(), "root@vm");
    // Two things were halted, and that is said once.
    assert_eq!(tally(INTERRUPTED).errors.len(), 2);
}

#[test]
fn other_lines_change_nothing() {
    let with_noise = HALF.replace(
        '\n',
        "\nWarning: a provider speaks\n[command]terraform apply\n",
    );
    let noisy = tally(&with_noise);
    let clean = tally(HALF);
    assert_eq!((noisy.steps, noisy.errors), (clean.steps, clean.errors));
    assert!(noisy.other_lines > clean.other_lines);
    for (line, event) in [
        (r#"{"type":"new_in_2030","@message":"hello"}"#, "hello"),
        (
            r#"{"type":"apply_start","@message":"no address","hook":{}}"#,
            "no address",
        ),
        (
            r#"{"type":"apply_start","hook":{"resource":{"addr":7}}}"#,
            r#"{"type":"apply_start","hook":{"resource":{"addr":7}}}"#,
        ),
        ("[1]", "[1]"),
        ("", ""),
    ] {
        assert_eq!(parse(line), Ok(StreamEvent::Log(event.into())), "{line}");
    }
}

#[test]
fn another_major_version_is_refused() {
    let line =
        |ui: &str| format!(r#"{{"type":"version","ui":"{ui}","@message":"OpenTofu 1.10.6"}}"#);
    assert!(parse(&line("1.2")).is_ok());
    let refused = parse(&line("2.0")).expect_err("refused").to_string();
    insta::assert_snapshot!(refused, @"the stream of events has version 2.0, and this program understands version 1");
}

#[test]
fn a_replacement_is_done_with_its_second_half() {
    let line = |kind: &str, action: &str| {
        format!(r#"{{"type":"{kind}","hook":{{"resource":{{"addr":"a.b"}},"action":"{action}"}}}}"#)
    };
    let both = [
        line("apply_start", "delete"),
        line("apply_complete", "delete"),
        line("apply_start", "create"),
    ];
    assert_eq!(steps(&tally(&both.join("\n"))), ["a.b Begun"]);
    let failed = [
        line("apply_errored", "delete"),
        line("apply_start", "create"),
        line("apply_complete", "create"),
    ];
    assert_eq!(steps(&tally(&failed.join("\n"))), ["a.b Failed"]);
}

proptest! {
    #[test]
    fn no_line_ends_the_program(line in ".*") {
        drop(parse(&line));
    }

    #[test]
    fn no_cut_stream_says_more_than_the_whole(at in 0..HALF.len()) {
        prop_assume!(HALF.is_char_boundary(at));
        let cut = tally(&HALF[..at]);
        let whole = tally(HALF);
        for (address, progress) in &cut.steps {
            prop_assert!(whole.steps[address] >= *progress);
        }
    }
}
