//! Orders to change a resource, and to look for a cause.

use super::line;

/// Orders to change a resource, and the action of the catalog with its parameters.
#[test]
fn an_order_is_the_action_of_the_kind_with_its_parameters() {
    for (text, expected) in [
        ("restart users-db", "--action reboot_rds --service users-db"),
        (
            "scale web-frontend to six tasks",
            "--action scale_ecs_service --service web-frontend --set count=6",
        ),
        (
            "scale web-frontend from 2 to 6",
            "--action scale_ecs_service --service web-frontend --set count=6",
        ),
        (
            "raise the memory of checkout to 2 GB",
            "--action raise_lambda_memory --service checkout --set memory=2048",
        ),
        (
            "raise the memory of checkout to 512mb",
            "--action raise_lambda_memory --service checkout --set memory=512",
        ),
        (
            "raise the timeout of checkout to 2 minutes",
            "--action raise_lambda_timeout --service checkout --set timeout=120",
        ),
        (
            "raise the connections of users-db to 200",
            "--action increase_rds_connections --service users-db --set connections=200",
        ),
        (
            "resize orders-db to db.t4g.large",
            "--action resize_rds --service orders-db --set class=db.t4g.large",
        ),
        (
            "roll checkout back to version 12",
            "--action rollback_lambda --service checkout --set version=12",
        ),
        (
            "flush the cart cache in prod",
            "--action clear_elasticache --service cart-cache --env prod",
        ),
        (
            "propose to restart checkout",
            "--action restart_lambda --service checkout --propose",
        ),
        (
            "restart checkout for infra-001",
            "--action restart_lambda --service checkout --issue infra-001",
        ),
        ("which actions are there", "--list"),
        (
            "undo r-20261130-194501-1f2e3d4c",
            "--undo r-20261130-194501-1f2e3d4c",
        ),
    ] {
        assert_eq!(line(text), format!("remediate {expected}"), "{text}");
    }
    for (text, asked) in [
        ("scale checkout", "how many requests that run at once"),
        ("add 2 tasks to web-frontend", "no command"),
        ("scale web-frontend up by 3", ""),
        ("scale web-frontend to 2 or 3 tasks", "2"),
        ("resize orders-db", "db.t4g.medium"),
        (
            "restart acme-uploads",
            "there is no action to restart acme-uploads",
        ),
        ("fix infra-001", "by which action?"),
        ("restart checkout and orders-api", "which one"),
        ("restart infra-001", "which service"),
    ] {
        let asked_back = line(text);
        assert!(
            asked_back.starts_with("? ") && asked_back.contains(asked),
            "{text}: {asked_back}"
        );
    }
}

/// What a cause is looked for: a resource or an issue in AWS, or a symptom in files.
#[test]
fn a_cause_is_looked_for_in_aws_or_in_files() {
    for (text, expected) in [
        ("why is checkout slow", "checkout"),
        ("what caused infra-001", "infra-001"),
        (
            "why did web-frontend fail in prod since 08:00",
            "web-frontend --since 90m --env prod",
        ),
        ("why does web-frontend restart every hour", "web-frontend"),
        ("why was web-frontend restarted", "web-frontend"),
        ("investigate orders-api: 500 errors", "orders-api"),
        (
            "investigate \"500 errors\" on orders-api",
            "\"500 errors\" --service orders-api",
        ),
        (
            "why is checkout slow, metrics are in m.csv",
            "--target checkout --symptom latency --metrics m.csv",
        ),
    ] {
        assert_eq!(line(text), format!("investigate {expected}"), "{text}");
    }
    for (text, asked) in [
        ("why is prod slow", "which service or issue"),
        ("why are orders slow", "which one"),
        ("why don't you restart web-frontend", "that is a question"),
        ("why should I restart web-frontend", "that is a question"),
        ("investigate infra-001 and infra-002", "one issue at a time"),
        ("find the cause, metrics are in m.csv", "of which service"),
    ] {
        let asked_back = line(text);
        assert!(
            asked_back.starts_with("? ") && asked_back.contains(asked),
            "{text}: {asked_back}"
        );
    }
}
