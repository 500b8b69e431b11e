//! Safety levels and consent, as tables.

mod schedules;
mod verdicts;

use std::collections::BTreeSet;

use super::permit::{Forbidden, Freeze, PermitInput, SafetyLevel, SafetyRules, permit};
use crate::catalog::actions::Actions;
use crate::model::monitoring::RemediationSection;
use crate::model::remediation::ConsentWay;
use crate::text::Untrusted;

const WAYS: [ConsentWay; 4] = [
    ConsentWay::Typed,
    ConsentWay::Flag,
    ConsentWay::Merged,
    ConsentWay::Automatic,
];

fn section(auto: &[&str], confirm: &[&str], never: &[&str]) -> RemediationSection {
    let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    RemediationSection {
        auto_remediate: texts(auto),
        require_confirmation: texts(confirm),
        never_auto: texts(never),
        ..RemediationSection::default()
    }
}

#[test]
fn the_strictest_list_counts() {
    let action = Actions::built_in()
        .get("restart_lambda")
        .expect("it is built in");
    let level = |here: &RemediationSection, trusted: Option<&RemediationSection>| {
        SafetyRules { here, trusted }.level(action)
    };
    for (auto, confirm, never, wanted) in [
        (&[][..], &[][..], &[][..], SafetyLevel::Confirm),
        (&["restart_lambda"], &[], &[], SafetyLevel::Auto),
        (&["restart"], &[], &[], SafetyLevel::Auto),
        (&["*"], &[], &[], SafetyLevel::Auto),
        (&["restart_lambda"], &["restart"], &[], SafetyLevel::Confirm),
        (&["restart_lambda"], &[], &["restart"], SafetyLevel::Never),
        (&["*"], &["*"], &["*"], SafetyLevel::Never),
        (&["reboot_rds"], &[], &["reboot_rds"], SafetyLevel::Confirm),
    ] {
        let section = section(auto, confirm, never);
        assert_eq!(
            level(&section, None),
            wanted,
            "{auto:?} {confirm:?} {never:?}"
        );
    }
    // A branch cannot lower what the default branch says.
    let (lax, strict) = (section(&["*"], &[], &[]), section(&[], &[], &["restart"]));
    assert_eq!(level(&lax, Some(&strict)), SafetyLevel::Never);
    assert_eq!(level(&strict, Some(&lax)), SafetyLevel::Never);
    let nothing = section(&[], &[], &[]);
    assert_eq!(level(&lax, Some(&nothing)), SafetyLevel::Confirm);
    assert_eq!(level(&lax, Some(&lax)), SafetyLevel::Auto);
}

#[test]
fn what_is_never_run_is_not_run_by_any_combination() {
    let now = "2026-03-16T08:00:00Z".parse().expect("a time");
    let freeze = Freeze::read("reason = \"release\"");
    for action in Actions::built_in().iter() {
        let names = action
            .aliases
            .iter()
            .map(String::as_str)
            .chain([action.id.as_str(), "*"]);
        for name in names {
            for lists in 0..4 {
                let auto: &[&str] = if lists & 1 == 0 { &[] } else { &["*"] };
                let confirm: &[&str] = if lists & 2 == 0 { &[] } else { &["*"] };
                let never = section(auto, confirm, &[name]);
                let lax = section(&["*"], &[], &[]);
                for (here, trusted) in [
                    (&never, None),
                    (&never, Some(&lax)),
                    (&lax, Some(&never)),
                    (&never, Some(&never)),
                ] {
                    let level = SafetyRules { here, trusted }.level(action);
                    for way in WAYS {
                        for is_protected in [false, true] {
                            for freeze in [None, Some(&freeze)] {
                                let input = PermitInput {
                                    level,
                                    is_protected,
                                    way,
                                    freeze,
                                    review_by: None,
                                    now,
                                };
                                assert_eq!(permit(&input), Err(Forbidden::Never));
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn who_has_to_agree() {
    use ConsentWay::{Automatic, Flag, Merged, Typed};
    use SafetyLevel::{Auto, Confirm};
    let now = "2026-03-16T08:00:00Z".parse().expect("a time");
    let frozen = || Forbidden::Frozen(Untrusted::from("release"));
    let (past, open) = (
        Freeze::read("reason = \"x\"\nuntil = 2026-03-16T07:59:59Z"),
        Freeze::read("reason = \"release\"\nuntil = \"2026-03-17T00:00:00Z\""),
    );
    for (level, is_protected, way, freeze, wanted) in [
        (Auto, false, Automatic, None, Ok(())),
        (Auto, true, Automatic, None, Err(Forbidden::NeedsConsent)),
        (
            Confirm,
            false,
            Automatic,
            None,
            Err(Forbidden::NeedsConsent),
        ),
        (Auto, false, Automatic, Some(&open), Err(frozen())),
        (Auto, false, Automatic, Some(&past), Ok(())),
        (Confirm, false, Flag, None, Ok(())),
        (Confirm, true, Flag, None, Err(Forbidden::Protected)),
        (Auto, true, Flag, None, Err(Forbidden::Protected)),
        (Confirm, true, Typed, None, Ok(())),
        (Confirm, true, Typed, Some(&open), Ok(())),
        (Confirm, true, Merged, Some(&open), Ok(())),
    ] {
        let input = PermitInput {
            level,
            is_protected,
            way,
            freeze,
            review_by: None,
            now,
        };
        assert_eq!(permit(&input), wanted, "{input:?}");
    }
}

#[test]
fn what_runs_may_do_is_looked_at_again() {
    let now: jiff::Timestamp = "2026-03-16T08:00:00Z".parse().expect("a time");
    let day = jiff::SignedDuration::from_hours(24);
    let (past, later) = (
        now.checked_sub(day).expect("a time"),
        now.checked_add(day).expect("a time"),
    );
    for (way, review_by, wanted) in [
        (ConsentWay::Automatic, None, Ok(())),
        (ConsentWay::Automatic, Some(later), Ok(())),
        (
            ConsentWay::Automatic,
            Some(now),
            Err(Forbidden::Overdue(now)),
        ),
        (
            ConsentWay::Automatic,
            Some(past),
            Err(Forbidden::Overdue(past)),
        ),
        // People are asked as ever.
        (ConsentWay::Flag, Some(past), Ok(())),
        (ConsentWay::Typed, Some(past), Ok(())),
        (ConsentWay::Merged, Some(past), Ok(())),
    ] {
        let input = PermitInput {
            level: SafetyLevel::Auto,
            is_protected: false,
            way,
            freeze: None,
            review_by,
            now,
        };
        assert_eq!(permit(&input), wanted, "{input:?}");
    }
    let why = Forbidden::Overdue(past).words();
    assert_eq!(
        why,
        "`auto_remediate` was to be reviewed by 2026-03-15, so it needs consent"
    );
}

#[test]
fn a_freeze_that_cannot_be_read_has_no_end() {
    let now = "2026-03-16T08:00:00Z".parse().expect("a time");
    for text in ["", "release week", "reason = ", "until = \"soon\"", "\u{0}"] {
        assert!(Freeze::read(text).counts(now), "{text:?}");
    }
    assert_eq!(
        Freeze::read("release week\nmore").reason.raw(),
        "release week"
    );
}

#[test]
fn a_name_means_one_action_for_a_kind() {
    let actions = Actions::built_in();
    let kinds: BTreeSet<&str> = actions
        .iter()
        .flat_map(|one| one.kinds.iter().map(String::as_str))
        .collect();
    for action in actions.iter() {
        for name in action.aliases.iter().chain([&action.id]) {
            for kind in &kinds {
                let meant = actions.called(name, Some(kind));
                assert!(meant.len() <= 1, "{name} of {kind} is ambiguous");
            }
        }
    }
    for (name, kind, wanted) in [
        ("restart", "lambda", "restart_lambda"),
        ("restart", "ecs", "restart_ecs_service"),
        ("restart", "rds", "reboot_rds"),
        ("scale_resources", "lambda", "scale_lambda"),
        ("scale_resources", "ecs", "scale_ecs_service"),
        ("increase_capacity", "dynamodb", "scale_dynamodb"),
        ("modify_autoscaling", "ecs", "set_ecs_scaling_limit"),
        ("clear_cache", "apigateway", "clear_cache"),
        ("clear_cache", "cloudfront", "invalidate_cloudfront"),
        ("clear_cache", "elasticache", "clear_elasticache"),
    ] {
        let meant: Vec<&str> = actions
            .called(name, Some(kind))
            .iter()
            .map(|one| one.id.as_str())
            .collect();
        assert_eq!(meant, [wanted], "{name} of {kind}");
    }
}
