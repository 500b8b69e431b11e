//! `fractary debug`: what an error means, and what has solved it.

use crate::support::fractary::Fractary;
use crate::support::repo::Repo;

const CLOCK: &str = "2026-11-30T12:00:00Z";

const OWNED: &str = "\
╷
│ Error: creating S3 Bucket (acme-orders): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 08J2B14W7G3ZB0D0, HostID: Cegw==, BucketAlreadyOwnedByYou:
│
│   with aws_s3_bucket.orders,
│   on main.tf line 3, in resource \"aws_s3_bucket\" \"orders\":
│    3: resource \"aws_s3_bucket\" \"orders\" {
│
╵
";

const DENIED: &str = "An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:iam::111122223333:user/deploy is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::acme-orders/a\" because no identity-based policy allows the s3:PutObject action";

fn debug(repo: &Repo, arguments: &[&str]) -> Fractary {
    Fractary::in_repo(repo)
        .at(CLOCK)
        .args(["debug"].iter().chain(arguments))
}

#[test]
fn an_error_is_explained_from_standard_input() {
    let repo = Repo::new(&[]);
    let run = debug(&repo, &["-"]).input(OWNED).run().exits(0);
    insta::assert_snapshot!(run.stdout);
    let run = debug(&repo, &["--format", "markdown"]).input(OWNED).run();
    insta::assert_snapshot!(run.exits(0).stdout);
    let run = debug(&repo, &["--format", "json"]).input(OWNED).run();
    let report = run.exits(0).json();
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).expect("JSON"));
}

#[test]
fn a_denial_is_explained_with_it() {
    let repo = Repo::new(&[("deploy.log", DENIED)]);
    let run = debug(&repo, &["-"]).input(DENIED).run().exits(0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn words_find_known_errors() {
    let repo = Repo::new(&[]);
    let run = debug(&repo, &["security group has a dependent object"]).run();
    insta::assert_snapshot!(run.exits(0).stdout);
    let run = debug(&repo, &["the moon is too near"]).run().exits(1);
    assert_eq!(run.stdout, "No known error is in this text.\n");
    let run = debug(&repo, &["no-such-file.log"]).run().exits(2);
    insta::assert_snapshot!(run.stderr);
}
