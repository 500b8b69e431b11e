//! Formulas, rules and checks as people write them, each with the facts that decide it.

use super::*;

/// A schema with an example of every sort of name.
pub(super) fn schema() -> Schema {
    use Type::{Flag, Number, Text, Time};
    let rule = Type::record([
        ("protocol", Text),
        ("from_port", Number),
        ("to_port", Number),
        ("cidrs", Type::list(Text)),
    ]);
    let statement = Type::record([
        ("effect", Type::word(["Allow", "Deny"])),
        ("principals", Type::list(Text)),
        ("condition_keys", Type::list(Text)),
    ]);
    let resource = Type::record([
        ("ingress", Type::list(rule)),
        ("statements", Type::list(statement)),
        ("runtime", Text),
        ("package_type", Type::word(["Zip", "Image"])),
        ("tags", Type::map(Text)),
        ("acl_public", Flag),
        ("policy_public", Flag),
        ("ignore_public_acls", Flag),
        ("restrict_public_buckets", Flag),
        ("storage_encrypted", Flag),
        ("backup_retention_period", Number),
        ("replicate_source_db", Text),
        ("created_at", Time),
        ("name", Text),
    ]);
    let names = [
        ("resource", resource),
        (
            "severity",
            Type::ordered_word(["LOW", "MEDIUM", "HIGH", "CRITICAL"]),
        ),
        (
            "event",
            Type::word(["opened", "reopened", "ongoing", "resolved"]),
        ),
        ("slo_breach", Flag),
        ("assigned", Flag),
        ("environment", Text),
        ("duration_minutes", Number),
        ("now", Time),
        ("errors", Number),
        ("invocations", Number),
        ("throttles", Number),
    ];
    names.map(|(name, of)| (name.to_owned(), of)).into()
}

fn decide(source: &str, facts: &Facts, wanted: &Type) -> Result<Value, Unknown> {
    let compiled = Expression::compile(source, &schema(), wanted);
    let compiled = compiled.unwrap_or_else(|f| panic!("{source}\n{}", f.show(source)));
    // What a record does not hold is absent; a whole name too, here.
    compiled.evaluate(|name| Some(facts.get(name).cloned().unwrap_or(Fact::Absent)))
}

fn flag(source: &str, facts: &Facts) -> Result<Value, Unknown> {
    decide(source, facts, &Type::Flag)
}

fn resource<const N: usize>(fields: [(&str, Fact); N]) -> Facts {
    [("resource", record(fields))].into()
}

fn yes() -> Result<Value, Unknown> {
    Ok(Value::Flag(true))
}

fn no() -> Result<Value, Unknown> {
    Ok(Value::Flag(false))
}

#[test]
fn formulas() {
    let number = |source: &str, facts: &Facts| decide(source, facts, &Type::Number);
    let mut facts: Facts = [
        ("errors", 3.0.into()),
        ("invocations", 200.0.into()),
        ("throttles", 0.0.into()),
    ]
    .into();
    let rate = "100 * errors / invocations";
    let success = "100 * (invocations - errors) / (invocations + throttles)";
    let busy = "invocations > 100 ? 100 * errors / invocations : 0";
    assert_eq!(number(rate, &facts), Ok(1.5.into()));
    assert_eq!(number(success, &facts), Ok(98.5.into()));
    assert_eq!(number(busy, &facts), Ok(1.5.into()));
    facts.insert("throttles", unreadable(9));
    assert_eq!(number(success, &facts), gaps(&[9]));
    facts.insert("invocations", 0.0.into());
    let division = cause(Cause::NoValue("a division by zero"));
    assert_eq!(number(rate, &facts), division);
    assert_eq!(number(busy, &facts), Ok(0.0.into()));
    facts.insert("invocations", Fact::Absent);
    assert_eq!(number(rate, &facts), absent("invocations"));
    facts.insert("invocations", f64::NAN.into());
    let not_finite = cause(Cause::NoValue("not a finite number"));
    assert_eq!(number(rate, &facts), not_finite);
    facts.insert("invocations", 1e-308.into());
    assert_eq!(number(rate, &facts), not_finite);
    facts.insert("invocations", "200".into());
    assert_eq!(number(rate, &facts), cause(Cause::NoValue("not a number")));
}

#[test]
fn rules() {
    let time = |text: &str| text.parse::<jiff::Timestamp>().expect("a moment");
    let facts: Facts = [
        ("severity", "HIGH".into()),
        ("slo_breach", true.into()),
        ("assigned", unreadable(1)),
        ("environment", "prod".into()),
        ("duration_minutes", 61.0.into()),
        ("event", "opened".into()),
        ("now", time("2026-03-01T00:00:00Z").into()),
    ]
    .into();
    for (source, expected) in [
        (r#"severity == "CRITICAL" && slo_breach"#, no()),
        (
            r#"severity >= "HIGH" && event in ["opened", "reopened"]"#,
            yes(),
        ),
        (r#""MEDIUM" < severity"#, yes()),
        (
            r#"duration_minutes > 60 && environment == "prod" && !assigned"#,
            gaps(&[1]),
        ),
        ("duration_minutes > 90 && !assigned", no()),
        ("slo_breach || assigned", yes()),
        (r#"!(environment in ["test", "prod"])"#, no()),
        (r#"environment.matches(r'^pro\w$')"#, yes()),
        ("now < timestamp('2026-03-01T00:00:01Z')", yes()),
        ("now >= timestamp('2026-03-01T01:00:00+01:00')", yes()),
        ("true", yes()),
    ] {
        assert_eq!(flag(source, &facts), expected, "{source}");
    }
}

const SSH: &str = "resource.ingress.exists(r, r.protocol in ['tcp', '-1'] \
    && r.cidrs.exists(c, c in ['0.0.0.0/0', '::/0']) \
    && (r.protocol == '-1' || r.from_port <= 22 && 22 <= r.to_port))";

#[test]
fn a_fault_that_was_seen_is_proven_whatever_else_could_not_be_read() {
    let rule = |protocol: &str, from: Fact, cidrs: Fact| {
        record([
            ("protocol", protocol.into()),
            ("from_port", from),
            ("to_port", 443.0.into()),
            ("cidrs", cidrs),
        ])
    };
    let open = rule("tcp", 22.0.into(), texts(&["10.0.0.0/8", "0.0.0.0/0"]));
    let shut = rule("tcp", 443.0.into(), texts(&["0.0.0.0/0"]));
    let everything = rule("-1", Fact::Absent, texts(&["::/0"]));
    let unread = rule("tcp", 22.0.into(), unreadable(3));
    let list = |rules: &[&Fact]| Value::list(rules.iter().map(|r| (*r).clone())).into();
    for (ingress, expected) in [
        (list(&[&shut, &open]), yes()),
        (list(&[&everything]), yes()),
        (list(&[&unread, &open]), yes()),
        (list(&[&shut, &unread]), gaps(&[3])),
        (cut(vec![shut.clone()], 4), gaps(&[4])),
        (cut(vec![open.clone()], 4), yes()),
        (list(&[]), no()),
        (unreadable(5), gaps(&[5])),
    ] {
        let facts = resource([("ingress", ingress)]);
        assert_eq!(flag(SSH, &facts), expected, "{facts:?}");
    }
}

#[test]
fn checks_of_statements_and_exposure() {
    let policy = "resource.statements.exists(s, s.effect == 'Allow' && '*' in s.principals \
        && !s.condition_keys.exists(k, k in ['aws:SourceVpce', 'aws:SourceArn']))";
    let tls = "!resource.statements.exists(s, s.effect == 'Deny' \
        && 'aws:SecureTransport' in s.condition_keys)";
    let statement = |effect: &str, keys: &[&str]| {
        record([
            ("effect", effect.into()),
            ("principals", texts(&["*"])),
            ("condition_keys", texts(keys)),
        ])
    };
    let statements = |all: Vec<Fact>| resource([("statements", Value::list(all).into())]);
    let open = statements(vec![statement("Allow", &["aws:SecureTransport"])]);
    let shut = statement("Allow", &["aws:SourceVpce"]);
    let shut = statements(vec![shut, statement("Deny", &[])]);
    assert_eq!(flag(policy, &open), yes());
    assert_eq!(flag(policy, &shut), no());
    assert_eq!(flag(tls, &statements(vec![])), yes());
    assert_eq!(
        flag(tls, &resource([("statements", unreadable(6))])),
        gaps(&[6])
    );

    let exposure = "(resource.acl_public && !resource.ignore_public_acls) \
        || (resource.policy_public && !resource.restrict_public_buckets)";
    let bucket = |acl: Fact, policy: Fact, ignore: Fact, restrict: Fact| {
        resource([
            ("acl_public", acl),
            ("policy_public", policy),
            ("ignore_public_acls", ignore),
            ("restrict_public_buckets", restrict),
        ])
    };
    let (t, f) = (|| Fact::from(true), || Fact::from(false));
    let gap = unreadable;
    for (facts, expected) in [
        (bucket(gap(1), t(), f(), f()), yes()),
        (bucket(gap(1), f(), f(), gap(2)), gaps(&[1])),
        (bucket(gap(1), gap(2), t(), t()), no()),
        (bucket(t(), gap(2), gap(3), t()), gaps(&[3])),
    ] {
        assert_eq!(flag(exposure, &facts), expected, "{facts:?}");
    }
}

#[test]
fn checks_of_what_may_be_missing() {
    let runtime = "resource.package_type == 'Zip' && resource.runtime in ['python3.8', 'go1.x']";
    let image = [("package_type", "Image".into()), ("runtime", Fact::Absent)];
    let zip = [("package_type", "Zip".into()), ("runtime", "go1.x".into())];
    assert_eq!(flag(runtime, &resource(image)), no());
    assert_eq!(flag(runtime, &resource(zip)), yes());

    let owner = "!has(resource.tags.owner) || resource.tags.owner == ''";
    let tags = |tags: Fact| resource([("tags", tags)]);
    assert_eq!(flag(owner, &tags(record([]))), yes());
    assert_eq!(flag(owner, &tags(Fact::Absent)), yes());
    assert_eq!(flag(owner, &tags(record([("owner", "team".into())]))), no());
    assert_eq!(flag(owner, &tags(unreadable(8))), gaps(&[8]));
    let keys = "resource.tags.all(k, k.startsWith('team:') || k == 'owner')";
    assert_eq!(flag(keys, &tags(record([("owner", unreadable(1))]))), yes());

    let backup = "!has(resource.replicate_source_db) && resource.backup_retention_period < 7";
    let primary = [("backup_retention_period", 1.0.into())];
    assert_eq!(flag(backup, &resource(primary)), yes());
    assert_eq!(
        flag("resource.name == 'a'", &resource([])),
        absent("resource.name")
    );
    let encrypted = [("storage_encrypted", unreadable(2))];
    assert_eq!(
        flag("!resource.storage_encrypted", &resource(encrypted)),
        gaps(&[2])
    );
}

#[test]
fn names_are_listed_without_those_of_items() {
    let source = "resource.ingress.exists(r, r.from_port > errors) && slo_breach || slo_breach";
    let compiled = Expression::compile(source, &schema(), &Type::Flag).expect("a condition");
    assert_eq!(compiled.names(), ["errors", "resource", "slo_breach"]);
    assert_eq!(compiled.source(), source);
}

#[test]
fn cost_is_bounded() {
    let rules = (0..3000).map(|port| record([("from_port", f64::from(port).into())]));
    let facts = resource([("ingress", Value::list(rules).into())]);
    let all =
        "resource.ingress.all(a, resource.ingress.all(b, a.from_port != -1 || b.from_port > 0))";
    assert_eq!(flag(all, &facts), cause(Cause::TooCostly));
}
