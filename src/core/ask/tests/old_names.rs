//! Names of the past, and what they mean today.

use super::super::*;
use super::{line, world};

/// The old names of all five seeds, as they are written there, and what they are now.
const RENAMED: &[(&str, &str)] = &[
    // The central orchestrator.
    ("/fractary-helm:dashboard", "dashboard"),
    ("/fractary-helm:dashboard --refresh", "dashboard --refresh"),
    ("/fractary-helm-cloud:health --refresh", "health"),
    ("/fractary-helm-app:health", "status --domain application"),
    (
        "/fractary-helm-content:health --env=prod",
        "status --domain content --env prod",
    ),
    ("/fractary-helm:status", "status"),
    (
        "/fractary-helm:status --domain=infrastructure",
        "status --domain infrastructure",
    ),
    ("/fractary-helm:issues", "issues"),
    ("/fractary-helm:issues --critical", "issues --critical"),
    (
        "/fractary-helm:issues --domain=infrastructure",
        "issues --domain infrastructure",
    ),
    ("/fractary-helm:escalate infra-001", "escalate infra-001"),
    (
        "/fractary-helm-cloud:health --env=prod",
        "health --env prod",
    ),
    // Operations, first in faber-cloud, then in helm-cloud.
    (
        "/fractary-faber-cloud:ops-manage check-health --env=test",
        "health --env test",
    ),
    (
        "/fractary-faber-cloud:ops-manage check-health --env test",
        "health --env test",
    ),
    (
        "/fractary-faber-cloud:ops-manage check-health --service=api",
        "health --service api",
    ),
    (
        "/fractary-faber-cloud:ops-manage query-logs --env=prod",
        "logs --env prod",
    ),
    (
        "/fractary-helm-cloud:investigate \"query logs\" --env=prod",
        "logs --env prod",
    ),
    (
        "/fractary-faber-cloud:ops-manage investigate --env=prod",
        "investigate --env prod",
    ),
    (
        "/fractary-helm-cloud:investigate --env=prod",
        "investigate --env prod",
    ),
    (
        "/fractary-faber-cloud:ops-manage remediate --action=restart",
        "remediate --action restart_lambda",
    ),
    (
        "/fractary-helm-cloud:remediate --action=restart_lambda",
        "remediate --action restart_lambda",
    ),
    (
        "/fractary-faber-cloud:ops-manage audit --focus=cost",
        "audit --type cost",
    ),
    (
        "/fractary-helm-cloud:audit --type=cost",
        "audit --type cost",
    ),
    (
        "/fractary-faber-cloud:ops-manage query-logs --env prod --service=api-lambda --filter=ERROR",
        "logs --service api-lambda --filter ERROR --env prod",
    ),
    (
        "/fractary-faber-cloud:ops-manage query-logs --service=api --level=error",
        "logs --service api --level error",
    ),
    (
        "/fractary-faber-cloud:ops-manage investigate --env prod --service=api-lambda --timeframe=2h",
        "investigate --service api-lambda --since 2h --env prod",
    ),
    (
        "/fractary-faber-cloud:ops-manage investigate --issue=\"500 errors\"",
        "investigate \"500 errors\"",
    ),
    (
        "/fractary-faber-cloud:ops-manage investigate --issue=infra-001",
        "investigate --issue infra-001",
    ),
    (
        "/fractary-faber-cloud:ops-manage remediate --env prod --service=api-lambda --action=restart",
        "remediate --action restart_lambda --service api-lambda --env prod",
    ),
    (
        "/fractary-faber-cloud:ops-manage analyze-performance --service=api",
        "performance --service api",
    ),
    (
        "ops-manage remediate --service=web-frontend --action=restart",
        "remediate --action restart_ecs_service --service web-frontend",
    ),
    (
        "ops-manage remediate --service=users-db --action=restart",
        "remediate --action reboot_rds --service users-db",
    ),
    ("ops-monitor check-health --env test", "health --env test"),
    (
        "ops-manager investigate --service=api-lambda",
        "investigate --service api-lambda",
    ),
    (
        "ops-manager remediate --service=api-lambda --action=restart",
        "remediate --action restart_lambda --service api-lambda",
    ),
    ("ops-manager audit --focus=cost", "audit --type cost"),
    (
        "ops-manage audit --env test --focus=security",
        "audit --type security --env test",
    ),
    // Infrastructure.
    (
        "/fractary-faber-cloud:init --provider=aws --iac=terraform",
        "init",
    ),
    (
        "/fractary-faber-cloud:init --provider aws --iac terraform",
        "init",
    ),
    ("/fractary-faber-cloud:devops-init", "init"),
    (
        "/fractary-faber-cloud:infra-manage deploy --env=test",
        "infra deploy --env test",
    ),
    (
        "/fractary-faber-cloud:manage deploy --env=test",
        "infra deploy --env test",
    ),
    (
        "/fractary-faber-cloud:infra-manage architect --feature=\"user uploads\"",
        "infra architect --feature \"user uploads\"",
    ),
    (
        "/fractary-faber-cloud:infra-manage validate-config",
        "infra validate",
    ),
    (
        "/fractary-faber-cloud:infra-manage show-resources --env=test",
        "infra show-resources --env test",
    ),
    (
        "infra-manager architect --feature=\"API service\"",
        "infra architect --feature \"API service\"",
    ),
    (
        "infra-manager engineer --design=api-service.md",
        "infra engineer --design api-service.md",
    ),
    ("infra-manager deploy --env test", "infra deploy --env test"),
    (
        "infra-manage preview --env test",
        "infra preview --env test",
    ),
    ("infra-manage verify --env test", "infra verify --env test"),
    ("infra-manage debug", "debug"),
    // The director, in words.
    (
        "/fractary-faber-cloud:director \"deploy infrastructure to test\"",
        "infra deploy --env test",
    ),
    (
        "/fractary-faber-cloud:director \"check if services are healthy\"",
        "health",
    ),
    ("Check infrastructure health", "health"),
    ("Show dashboard", "dashboard"),
];

#[test]
fn the_names_of_the_past_mean_what_they_meant() {
    for (old, new) in RENAMED {
        assert_eq!(meant(old), *new, "{old}");
    }
}

/// The command line that is meant, also where it lacks something.
fn meant(text: &str) -> String {
    let best = read(text, &world()).best;
    best.map(|best| quoted(&best.arguments)).unwrap_or_default()
}

#[test]
fn an_old_name_that_did_without_a_resource_is_asked_back() {
    for (old, asked) in [
        (
            "ops-manage investigate --env=prod",
            "`--service NAME` or `--issue ID`",
        ),
        (
            "/fractary-helm-cloud:investigate \"500 errors\" --env=prod",
            "`--service NAME` or `--issue ID`",
        ),
        ("ops-manage remediate --action=restart", "`--service NAME`"),
        ("ops-manage investigate --env prod --service=api-lambda", ""),
        (
            "ops-manage remediate --action=restart --service=checkout",
            "",
        ),
    ] {
        let doubts = read(old, &world()).doubts.join("; ");
        assert_eq!(doubts.is_empty(), asked.is_empty(), "{old}: {doubts}");
        assert!(doubts.contains(asked), "{old}: {doubts}");
    }
}

#[test]
fn every_old_name_has_a_command() {
    for (old, command) in old_names::table() {
        if command != "ask" {
            assert!(meant(&old).starts_with(&command), "{old}: {}", meant(&old));
        }
    }
    for unknown in ["/fractary-helm:nonsense", "ops-manage dance", "/x:y"] {
        assert!(
            old_names::translate(&old_names::split(unknown), &world()).is_none(),
            "{unknown}"
        );
    }
}

/// What people said to the director. Where it is not clear, what is asked back names what there is.
#[test]
fn what_was_said_to_the_director_is_read_or_asked_back() {
    for (words, wanted) in [
        ("deploy infrastructure to test", "infra deploy --env test"),
        ("check if services are healthy", "health"),
        ("check infrastructure health", "health"),
        ("show dashboard", "dashboard"),
        ("check if API is healthy", "? which one: orders-api"),
        ("investigate 500 errors", "? which service or issue"),
    ] {
        for said in [
            words.to_owned(),
            format!("/fractary-faber-cloud:director \"{words}\""),
        ] {
            assert!(line(&said).starts_with(wanted), "{said}: {}", line(&said));
        }
    }
}

/// A command that the program does not have is said to be missing, and never run as another.
#[test]
fn a_name_whose_command_is_not_there_says_so() {
    let world = world();
    for (old, _) in old_names::table() {
        let reading = read(&old, &world);
        let Some(best) = &reading.best else { continue };
        let there = world.commands.iter().any(|one| one.name == best.command);
        let near = best.instead.first();
        let near_is_there = near.is_some_and(|near| world.has(near));
        assert!(there || near_is_there, "{old}: {best:?}");
    }
}
