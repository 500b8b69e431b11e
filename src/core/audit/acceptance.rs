//! What was promised of audits, case by case, and the example or test that holds it. A case
//! whose example or test is renamed or removed fails here.

use crate::catalog::registry::Example;
use crate::model::audit::CheckVerdict;

use super::tests;

/// What holds a case.
enum Holds {
    /// An example in the file of a check, and its verdict.
    Example(&'static str, &'static str, CheckVerdict),
    /// A test, and the file that it is in.
    Test(&'static str, &'static str),
}

use CheckVerdict::{Fail, NotApplicable, Pass, Unknown};
use Holds::{Example as Shown, Test};

const REPORT: &str = include_str!("report_tests.rs");
const MERGE: &str = include_str!("merge_tests.rs");
const SECRETS: &str = include_str!("derived/secrets.rs");
const TRAILS: &str = include_str!("../../cloud/aws/configuration/walk.rs");
const SAVINGS: &str = include_str!("../cost/tests/savings.rs");
const SPENDING: &str = include_str!("../cost/tests/spending.rs");
const DAYS: &str = include_str!("../cost/days.rs");
const PORTS: &str = "ec2-security-group-open-ports";
const RUNTIME: &str = "lambda-runtime-deprecated";
const PUBLIC: &str = "s3-bucket-public";

/// Each case: what is so, and what holds it.
const CASES: &[(&str, &[Holds])] = &[
    (
        "a public ACL is proven although the policy cannot be read",
        &[Shown(
            PUBLIC,
            "the ACL grants everyone to read, and the policy cannot be read",
            Fail,
        )],
    ),
    (
        "an ACL that cannot be read is unknown where it counts",
        &[
            Shown(PUBLIC, "the ACL cannot be read and would count", Unknown),
            Shown(PUBLIC, "the ACL cannot be read and is void", Pass),
        ],
    ),
    (
        "the account restricts public buckets, or cannot be read",
        &[
            Shown(
                PUBLIC,
                "the policy is public, the account restricts public buckets",
                Pass,
            ),
            Shown(
                PUBLIC,
                "the policy is public, the settings of the account cannot be read",
                Unknown,
            ),
        ],
    ),
    (
        "every protocol and port to ::/0 is one finding",
        &[Shown(PORTS, "every protocol and IPv6", Fail)],
    ),
    (
        "a rule from the group itself opens nothing, and the default group has no rules",
        &[
            Shown(PORTS, "from the group itself", Pass),
            Shown(
                "ec2-default-security-group",
                "a rule for the group itself",
                Fail,
            ),
        ],
    ),
    (
        "443 on a load balancer is meant, 22 on nothing is LOW",
        &[
            Shown(PORTS, "443 on a load balancer", Pass),
            Shown(PORTS, "SSH on nothing", Fail),
        ],
    ),
    (
        "only keys that can rotate are asked to",
        &[
            Shown("kms-rotation", "an asymmetric key", NotApplicable),
            Shown(
                "kms-rotation",
                "a key that is about to be deleted",
                NotApplicable,
            ),
            Shown("kms-rotation", "off", Fail),
        ],
    ),
    (
        "the trail of an organisation, and the home region of a trail",
        &[
            Test(
                REPORT,
                "the_status_of_a_trail_of_the_organisation_is_its_management_accounts",
            ),
            Test(TRAILS, "the_status_of_a_trail_is_asked_where_it_is_at_home"),
        ],
    ),
    (
        "runtimes by the day, and functions without one",
        &[
            Shown(RUNTIME, "python3.9 in November 2026", Fail),
            Shown(RUNTIME, "python3.9 when it can no longer be created", Fail),
            Shown(RUNTIME, "python3.9 when it can no longer be changed", Fail),
            Shown(RUNTIME, "a container image", NotApplicable),
        ],
    ),
    (
        "a function URL that nobody may use, or whose policy cannot be read",
        &[
            Shown("lambda-url-public", "its policy lets nobody in", Fail),
            Shown("lambda-url-public", "the policy cannot be read", Unknown),
        ],
    ),
    (
        "replicas and members of clusters",
        &[
            Shown("rds-instance-backups", "a read replica", NotApplicable),
            Shown(
                "rds-instance-deletion-protection",
                "a member of a cluster",
                NotApplicable,
            ),
        ],
    ),
    (
        "secrets by their value, and what only looks like one",
        &[
            Shown("lambda-environment-secrets", "names of secrets", Pass),
            Shown("lambda-environment-secrets", "an access key", Fail),
            Test(SECRETS, "what_is_no_secret_is_left_alone"),
        ],
    ),
    (
        "a role with fewer rights is no escalation",
        &[Shown(
            "iam-privilege-escalation",
            "only a role with fewer rights can be passed",
            Pass,
        )],
    ),
    (
        "a role of 20 days is not unused for 90",
        &[Shown(
            "iam-role-unused",
            "never, and 20 days old",
            NotApplicable,
        )],
    ),
    (
        "a list that was cut",
        &[Test(
            REPORT,
            "what_was_seen_fails_and_what_was_cut_is_unknown",
        )],
    ),
    (
        "regions that are off, and regions that are denied",
        &[Test(
            REPORT,
            "a_region_that_is_not_enabled_has_nothing_and_a_denied_one_is_unknown",
        )],
    ),
    (
        "percent of what is automated, attestations beside it",
        &[
            Test(REPORT, "percentages_are_over_what_is_automated"),
            Test(REPORT, "a_person_answers_for_a_control_until_a_day"),
        ],
    ),
    (
        "Security Hub: archived, suppressed, and another opinion",
        &[
            Test(
                MERGE,
                "what_they_archived_is_ignored_and_what_they_suppressed_stays_so",
            ),
            Test(MERGE, "their_pass_is_a_dispute_and_changes_nothing"),
        ],
    ),
    (
        "a suppression of one instance that ends",
        &[Test(REPORT, "a_suppression_is_about_one_instance_and_ends")],
    ),
    (
        "the cost audit of the example, figure by figure",
        &[Test(SAVINGS, "the_account_of_the_example")],
    ),
    (
        "equal windows with an exclusive end",
        &[Test(DAYS, "windows")],
    ),
    (
        "gp3 is as fast as gp2 was, unless it was measured",
        &[Test(
            SAVINGS,
            "a_volume_is_as_fast_as_before_unless_it_was_measured",
        )],
    ),
    (
        "the first point does not decide",
        &[Test(SAVINGS, "the_first_point_does_not_decide")],
    ),
    (
        "a snapshot that an image uses",
        &[Test(SAVINGS, "a_snapshot_of_an_image_is_not_deletable")],
    ),
    (
        "credits are lines of their own",
        &[Test(SPENDING, "credits_stand_apart")],
    ),
    (
        "a bill that cannot be read is no bill of zero",
        &[Test(SPENDING, "what_cost_explorer_does_not_say_is_unknown")],
    ),
    (
        "a region without prices",
        &[Test(SAVINGS, "what_has_no_price_is_said_and_left_out")],
    ),
];

#[test]
fn every_case_has_an_example_or_a_test() {
    let checks = tests::built_in();
    let mut lost = Vec::new();
    for (case, all) in CASES {
        for one in *all {
            match one {
                Shown(check, name, verdict) => {
                    let examples = checks.get(check).map(|it| it.form.example.as_slice());
                    let mut examples = examples.unwrap_or_default().iter();
                    let found = examples.any(|it| it.name() == *name && it.verdict == *verdict);
                    if !found {
                        lost.push(format!("{case}: {check}, {name}"));
                    }
                }
                Test(file, name) => {
                    let is_test = file.contains(&format!("fn {name}"));
                    if !is_test {
                        lost.push(format!("{case}: {name}"));
                    }
                }
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}
