//! What was promised of reviews, case by case, and the tests that hold it. A case whose test is
//! renamed or removed fails here.

const REVIEW: &str = include_str!("tests.rs");
const CHECKS: &str = include_str!("tests/checks.rs");
const GRANTS: &str = include_str!("tests/grants.rs");
const MASK: &str = include_str!("mask.rs");
const PLAN: &str = include_str!("../../iac/plan/tests.rs");
const PLACES: &str = include_str!("../../iac/hcl.rs");
const SARIF: &str = include_str!("../../render/sarif/review.rs");
const COMMAND: &str = include_str!("../../../tests/cli/review.rs");
const TRUST: &str = include_str!("../../../tests/cli/review_trust.rs");
const COMMENTS: &str = include_str!("../../../tests/cli/review_comments.rs");
const BROKEN: &str = include_str!("../../../tests/cli/review_plans.rs");

/// Each case: what is so, and what holds it: the file and the test.
const CASES: &[(&str, &[(&str, &str)])] = &[
    (
        "a plan that failed says why, and is no plan",
        &[
            (REVIEW, "half_a_plan_is_no_plan"),
            (COMMAND, "plans_of_the_real_terraform"),
        ],
    ),
    (
        "a targeted plan warns, and blocks where the environment is protected",
        &[
            (REVIEW, "half_a_plan_is_no_plan"),
            (COMMAND, "plans_of_the_real_terraform"),
        ],
    ),
    (
        "what leaves Terraform runs and costs on, and is not destroyed",
        &[
            (REVIEW, "what_holds_data_is_not_destroyed_in_passing"),
            (PLAN, "every_action_is_counted_and_reproduced"),
        ],
    ),
    (
        "both orders of a replacement lose data, one of them with a gap",
        &[
            (REVIEW, "what_holds_data_is_not_destroyed_in_passing"),
            (PLAN, "every_action_is_counted_and_reproduced"),
        ],
    ),
    (
        "what is moved and replaced by a trigger names the trigger",
        &[
            (COMMAND, "plans_of_the_real_terraform"),
            (TRUST, "what_replaces_a_resource_is_named_from_the_source"),
        ],
    ),
    (
        "a sensitive variable, and a key that equals a secret",
        &[
            (REVIEW, "no_secret_is_in_any_text_of_a_review"),
            (PLAN, "secrets_are_found_by_mark_variable_and_name"),
            (MASK, "values_are_hidden_however_they_are_written"),
            (COMMAND, "no_format_shows_a_secret_that_lost_its_mark"),
        ],
    ),
    (
        "a bucket and its block: by reference, by a local, or not at all",
        &[
            (CHECKS, "companions_are_found_by_reference_or_are_not_known"),
            (CHECKS, "companions_behind_a_local_are_found_in_the_source"),
        ],
    ),
    (
        "a key that is known after the apply is a key",
        &[
            (
                CHECKS,
                "a_key_that_is_not_known_yet_is_there_where_a_resource_is_referred_to",
            ),
            (CHECKS, "a_key_is_followed_through_the_variables_of_modules"),
        ],
    ),
    (
        "the actions of a policy that is not known yet",
        &[(
            GRANTS,
            "actions_of_a_policy_that_is_not_known_yet_are_seen_in_the_configuration",
        )],
    ),
    (
        "policies that are written differently and mean the same",
        &[(GRANTS, "permissions_are_compared_by_what_they_allow")],
    ),
    (
        "a list that is shortened at its front",
        &[
            (REVIEW, "a_list_that_was_shifted_is_explained_once"),
            (COMMAND, "plans_of_the_real_terraform"),
        ],
    ),
    (
        "a plan that undoes what others merged",
        &[(
            COMMAND,
            "a_plan_that_would_undo_what_others_merged_is_blocked",
        )],
    ),
    (
        "directories and modules that changed without a plan",
        &[(COMMAND, "what_changes_and_was_not_planned_is_never_passed")],
    ),
    (
        "a plan of another tree, in UTF-16, in a wrapper, cut in half",
        &[
            (
                COMMAND,
                "a_plan_is_of_what_is_under_review_or_does_not_count",
            ),
            (COMMAND, "unreadable_plans_are_never_empty_plans"),
            (PLAN, "what_surrounds_a_plan_is_left_out_and_said"),
            (BROKEN, "plans_that_cannot_be_read_block_and_say_why"),
        ],
    ),
    (
        "places inside of modules, and in files of Windows",
        &[
            (TRUST, "findings_in_sarif_are_where_people_look"),
            (
                SARIF,
                "findings_are_at_their_place_and_suppressed_ones_are_marked",
            ),
            (PLACES, "blocks_and_attributes_have_their_lines"),
        ],
    ),
    (
        "a branch that accepts its own fault, or lowers the bar",
        &[
            (TRUST, "suppressions_count_once_they_are_on_the_base_branch"),
            (TRUST, "the_level_of_failure_is_that_of_the_base_branch"),
            (COMMAND, "the_bar_is_that_of_the_base_branch"),
        ],
    ),
    (
        "names with links, mentions, commands and hidden characters",
        &[(
            TRUST,
            "names_from_a_branch_stay_names_wherever_they_are_shown",
        )],
    ),
    (
        "a comment at its limit, in characters and in bytes",
        &[(COMMENTS, "a_large_review_keeps_the_limits_of_a_comment")],
    ),
    (
        "no request for an equal comment, a new one where it is worse",
        &[(COMMENTS, "one_comment_follows_the_pull_request")],
    ),
    (
        "a fork, and a queue of merges",
        &[(
            COMMENTS,
            "where_no_comment_can_be_written_the_verdict_stays",
        )],
    ),
    (
        "annotations of changed lines first, the rest counted",
        &[(
            TRUST,
            "of_many_annotations_those_on_changed_lines_come_first",
        )],
    ),
    (
        "more findings than SARIF shows",
        &[(
            SARIF,
            "of_too_many_findings_the_worst_are_kept_and_the_rest_is_counted",
        )],
    ),
];

#[test]
fn every_case_has_a_test() {
    let mut lost = Vec::new();
    for (case, all) in CASES {
        assert!(!all.is_empty(), "{case}");
        for (file, name) in *all {
            if !file.contains(&format!("#[test]\nfn {name}("))
                && !file.contains(&format!("#[test]\n    fn {name}("))
            {
                lost.push(format!("{case}: {name}"));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}
