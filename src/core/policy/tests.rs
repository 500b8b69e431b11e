use proptest::prelude::*;

use super::*;
use crate::core::known::Known;

fn public(statements: &str) -> Known<bool> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    is_public(&PolicyDocument::parse(&text).expect("a policy"), None)
}

/// `Allow` of reading to everyone under a condition.
fn under(condition: &str) -> Known<bool> {
    public(&format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{{{condition}}}}}"#
    ))
}

#[test]
fn conditions_that_tie_a_statement_make_it_private() {
    for condition in [
        r#""StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#,
        r#""StringEquals":{"AWS:SOURCEVPC":["vpc-1","vpc-2"]}"#,
        r#""stringequals":{"aws:PrincipalOrgID":"o-abc123"}"#,
        r#""StringEqualsIgnoreCase":{"aws:PrincipalAccount":"123456789012"}"#,
        r#""StringLike":{"aws:PrincipalOrgPaths":"o-abc/r-1/*"}"#,
        r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:eu-west-1:123456789012:*"}"#,
        r#""ArnEquals":{"aws:SourceArn":"arn:aws:s3:::uploads"}"#,
        r#""StringEquals":{"aws:SourceAccount":"123456789012"}"#,
        r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.7"]}"#,
        r#""IpAddress":{"aws:SourceIp":"0.0.0.0/1"}"#,
        r#""ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-a/r/ou"}"#,
        r#""Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}"#,
        r#""Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpce":"vpce-1"}"#,
        r#""StringEqualz":{"a":"b"},"StringEquals":{"aws:SourceVpce":"vpce-1"}"#,
    ] {
        assert_eq!(under(condition), Ok(false), "{condition}");
    }
}

#[test]
fn conditions_that_anyone_meets_leave_it_public() {
    for condition in [
        r#""Bool":{"aws:SecureTransport":"true"}"#,
        r#""StringLike":{"aws:Referer":"https://example.com/*"}"#,
        r#""StringEquals":{"aws:UserAgent":"secret"}"#,
        r#""StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}"#,
        r#""ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-a/r/ou"}"#,
        r#""Null":{"aws:SourceVpce":"false"}"#,
        r#""StringNotEquals":{"aws:SourceVpce":"vpce-1"}"#,
        r#""StringLike":{"aws:PrincipalOrgID":"*"}"#,
        r#""StringEquals":{"aws:SourceAccount":"*"}"#,
        r#""StringEquals":{"aws:SourceVpce":["vpce-1","*"]}"#,
        r#""ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}"#,
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}"#,
        r#""StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}"#,
        r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#,
        r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#,
        r#""IpAddress":{"aws:SourceIp":["203.0.113.7","::/0"]}"#,
        r#""NotIpAddress":{"aws:SourceIp":"203.0.113.7"}"#,
        r#""StringEquals":{"s3:x-amz-acl":"private"}"#,
        r#""DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}"#,
        "",
    ] {
        assert_eq!(under(condition), Ok(true), "{condition}");
    }
}

#[test]
fn what_cannot_be_interpreted_is_unknown() {
    for condition in [
        r#""StringResembles":{"aws:SourceVpce":"vpce-1"}"#,
        r#""IpAddress":{"aws:SourceIp":"not an address"}"#,
    ] {
        assert!(under(condition).is_err(), "{condition}");
    }
    for text in ["", "{", "[]", "{}", r#"{"Statement":{"Effect":"Maybe"}}"#] {
        assert!(PolicyDocument::parse(text).is_err(), "{text}");
    }
    let odd = r#"{"Statement":{"Effect":"Allow","Action":"*","Recource":"*"}}"#;
    assert!(PolicyDocument::parse(odd).is_err());
}

#[test]
fn principals_and_denials_decide_who_is_meant() {
    let allow = |principal: &str| {
        format!(r#"{{"Effect":"Allow",{principal},"Action":"sqs:*","Resource":"*"}}"#)
    };
    let anyone = allow(r#""Principal":{"AWS":["*"]}"#);
    for (statements, want) in [
        (allow(r#""Principal":"*""#), true),
        (anyone.clone(), true),
        (allow(r#""NotPrincipal":{"AWS":"123456789012"}"#), true),
        (allow(r#""Principal":{"AWS":"123456789012"}"#), false),
        (
            allow(r#""Principal":{"Service":"sns.amazonaws.com"}"#),
            false,
        ),
        (anyone.replace("Allow", "Deny"), false),
        (
            format!(r#"{anyone},{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#),
            false,
        ),
        (
            format!(
                r#"{anyone},{{"Effect":"Deny","Principal":"*","Action":"sqs:Send*","Resource":"*"}}"#
            ),
            true,
        ),
        (
            format!(
                r#"{anyone},{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
                "Condition":{{"StringNotEquals":{{"aws:SourceVpce":"vpce-1"}}}}}}"#
            ),
            false,
        ),
        (
            format!(
                r#"{anyone},{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
                "Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}"#
            ),
            true,
        ),
    ] {
        assert_eq!(public(&statements), Ok(want), "{statements}");
    }
}

#[test]
fn one_action_can_be_asked_about() {
    let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","NotAction":"lambda:Get*","Resource":"*"}}"#;
    let policy = PolicyDocument::parse(text).expect("a policy");
    for (action, want) in [
        ("lambda:InvokeFunctionUrl", true),
        ("lambda:GetFunction", false),
    ] {
        assert_eq!(is_public(&policy, Some(action)), Ok(want), "{action}");
    }
}

#[test]
fn tls_is_required_of_everything_or_not_at_all() {
    let wanted = ["arn:aws:s3:::b".to_owned(), "arn:aws:s3:::b/*".to_owned()];
    let deny = |action: &str, resource: &str, condition: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":{resource},"Condition":{{{condition}}}}}}}"#
        )
    };
    let without = r#""Bool":{"aws:SecureTransport":"false"}"#;
    let both = r#"["arn:aws:s3:::b","arn:aws:s3:::b/*"]"#;
    for (text, want) in [
        (deny("s3:*", both, without), true),
        (deny("*", r#""*""#, without), true),
        (deny("s3:*", r#""arn:aws:s3:::b/*""#, without), false),
        (deny("s3:GetObject", both, without), false),
        (
            deny("s3:*", both, r#""Bool":{"aws:SecureTransport":"true"}"#),
            false,
        ),
        (
            deny(
                "s3:*",
                both,
                r#""Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:SourceVpce":"v"}"#,
            ),
            false,
        ),
        (r#"{"Statement":[]}"#.to_owned(), false),
    ] {
        let policy = PolicyDocument::parse(&text).expect("a policy");
        assert_eq!(requires_tls(&policy, &wanted, &[]), want, "{text}");
    }
}

#[test]
fn form_and_order_make_no_difference() {
    let one = r#"{"Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["s3:getobject","s3:ListBucket"],"Resource":"x"}]}"#;
    let other = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::123456789012:root"]},"Action":["S3:ListBucket","s3:GetObject","s3:GetObject"],"Resource":["x"]}}"#;
    let form =
        |text: &str| canonical(&PolicyDocument::parse(text).expect("a policy").statements[0]);
    assert_eq!(form(one), form(other));
    assert_ne!(form(one), form(&other.replace("ListBucket", "PutObject")));
    assert_eq!(
        form(one),
        "allow to=[arn:aws:iam::123456789012:root] do=[s3:getobject,s3:listbucket] on=[x] if=[]"
    );
}

#[test]
fn patterns_cover_and_overlap() {
    for (pattern, other, is_covered, is_met) in [
        ("*", "s3:GetObject", true, true),
        ("s3:Get*", "S3:getobject", true, true),
        ("s3:Get*", "s3:*", false, true),
        ("s3:*", "s3:Get*", true, true),
        ("s3:?et*", "s3:*", false, true),
        ("a*b", "ab", true, true),
        ("a*b*c", "a-b-b-c", true, true),
        ("a*b", "acd", false, false),
        ("a?", "a", false, false),
        ("", "", true, true),
        ("*a*", "b", false, false),
        ("a*", "*b", false, true),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false, false),
    ] {
        assert_eq!(
            covers(pattern, other),
            is_covered,
            "{pattern} covers {other}"
        );
        assert_eq!(
            overlaps(pattern, other),
            is_met,
            "{pattern} overlaps {other}"
        );
    }
}

#[test]
fn blocks_that_are_everything() {
    for (blocks, want) in [
        (vec!["0.0.0.0/0"], true),
        (vec!["::/0"], true),
        (vec!["128.0.0.0/1", "0.0.0.0/1"], true),
        (vec!["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"], true),
        (vec!["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"], false),
        (vec!["8000::/1", "::/1"], true),
        (vec!["0.0.0.0/1", "8000::/1"], false),
        (vec!["10.0.0.0/8"], false),
        (vec![], false),
    ] {
        let parsed: Vec<_> = blocks.iter().filter_map(|one| parse_cidr(one)).collect();
        assert_eq!(parsed.len(), blocks.len());
        assert_eq!(covers_everything(&parsed).is_some(), want, "{blocks:?}");
    }
    assert_eq!(parse_cidr("10.0.0.0/33"), None);
    assert_eq!(parse_cidr("ten"), None);
}

proptest! {
    #[test]
    fn a_text_that_both_patterns_fit_makes_them_overlap(
        one in "[ab*?]{0,6}", other in "[ab*?]{0,6}", text in "[ab]{0,6}",
    ) {
        if covers(&one, &text) && covers(&other, &text) {
            prop_assert!(overlaps(&one, &other));
        }
        prop_assert_eq!(overlaps(&one, &other), overlaps(&other, &one));
        // What covers a pattern fits every text that the pattern fits.
        if covers(&one, &other) && covers(&other, &text) {
            prop_assert!(covers(&one, &text));
        }
    }

    #[test]
    fn no_text_is_read_as_a_policy_by_accident(text in ".{0,80}") {
        let _ = PolicyDocument::parse(&text);
    }

    #[test]
    fn a_condition_never_makes_a_private_statement_public(
        key in "aws:(SourceVpce|SourceIp|Referer|SecureTransport)",
        operator in "(StringEquals|IpAddress|Bool|StringLike|Strange)(IfExists)?",
        value in "(vpce-1|10\\.0\\.0\\.0/8|true|\\*)",
    ) {
        let tied = r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#;
        let more = format!(r#""{operator}":{{"{key}":"{value}"}}"#);
        if operator != "StringEquals" {
            prop_assert_eq!(under(&format!("{tied},{more}")), Ok(false));
        }
    }
}
