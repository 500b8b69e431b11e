//! Checks over planned resources.

use super::*;

/// A bucket with a block of public access that names it by a reference alone.
fn bucket_and_block() -> Vec<PlannedChange<'static>> {
    let mut bucket = change(
        "module.m[0].aws_s3_bucket.b",
        &["create"],
        "null",
        r#"{"bucket":null}"#,
    );
    bucket.after_unknown_json = Some(r#"{"id":true,"arn":true,"bucket":true}"#);
    let block = r#"{"block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}"#;
    let address = "module.m[0].aws_s3_bucket_public_access_block.b[0]";
    let mut block = change(address, &["create"], "null", block);
    block.after_unknown_json = Some(r#"{"id":true,"bucket":true}"#);
    vec![bucket, block]
}

const BLOCK: &str = "s3-bucket-public-access-block";

#[test]
fn companions_are_found_by_reference_or_are_not_known() {
    let mut plan = of(bucket_and_block());
    let unknown = review(&plan);
    assert!(
        unknown.findings.iter().all(|one| one.rule != BLOCK),
        "{:?}",
        said(&unknown)
    );
    let gaps = format!("{:?}", unknown.not_looked_at);
    assert!(gaps.contains(BLOCK), "{gaps}");
    plan.references = BTreeMap::from([(
        "module.m.aws_s3_bucket_public_access_block.b".to_owned(),
        ["module.m.aws_s3_bucket.b".to_owned()].into(),
    )]);
    let linked = review(&plan);
    assert!(
        linked.findings.iter().all(|one| one.rule != BLOCK),
        "{:?}",
        said(&linked)
    );
    assert!(!format!("{:?}", linked.not_looked_at).contains(BLOCK));
    plan.changes.pop();
    let alone = review(&plan);
    assert!(
        alone.findings.iter().any(|one| one.rule == BLOCK),
        "{:?}",
        said(&alone)
    );
}

#[test]
fn only_what_a_change_introduces_is_a_finding() {
    let open = r#"{"id":"b","bucket":"b","tags":{"a":"1"}}"#;
    let other = r#"{"id":"b","bucket":"b","tags":{"a":"2"}}"#;
    let touched = of(vec![change("aws_s3_bucket.b", &["update"], open, other)]);
    assert!(
        review(&touched)
            .findings
            .iter()
            .all(|one| one.rule != BLOCK)
    );
    // Renamed, it is the same bucket.
    let mut moved = change("aws_s3_bucket.new", &["update"], open, other);
    moved.previous_address = Some("aws_s3_bucket.old".into());
    assert!(
        review(&of(vec![moved]))
            .findings
            .iter()
            .all(|one| one.rule != BLOCK)
    );
    let block = r#"{"bucket":"b","block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}"#;
    let removed = of(vec![
        change("aws_s3_bucket.b", &["no-op"], open, open),
        change(
            "aws_s3_bucket_public_access_block.b",
            &["delete"],
            block,
            "null",
        ),
    ]);
    let found = review(&removed);
    assert!(
        found.findings.iter().any(|one| one.rule == BLOCK),
        "{:?}",
        said(&found)
    );
    let added = of(vec![
        change("aws_s3_bucket.b", &["no-op"], open, open),
        change(
            "aws_s3_bucket_public_access_block.b",
            &["create"],
            "null",
            block,
        ),
    ]);
    let fixed = review(&added);
    assert!(
        fixed.findings.iter().any(|one| one.rule == "fixed"),
        "{:?}",
        said(&fixed)
    );
}
