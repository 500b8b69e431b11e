//! Configurations from canned answers: facts, absence, gaps and coverage.

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::cloud::policy;
use crate::cloud::question::ConfigurationQuestion;
use crate::cloud::record::Recording;
use crate::cloud::record::Request;
use crate::cloud::replay::Replay;
use crate::cloud::{Cloud, question};
use crate::model::configuration::{Configuration, Extent};
use crate::model::ids::{AccountId, EnvironmentName};
use crate::model::snapshot::Identity;

fn ask(types: &[&str], regions: &[&str]) -> ConfigurationQuestion {
    let region = |name: &&str| Region::new(*name).expect("a region");
    ConfigurationQuestion {
        environment: EnvironmentName::new("prod").expect("a name"),
        regions: regions.iter().map(region).collect(),
        types: types.iter().map(|it| (*it).to_owned()).collect(),
        max_calls: None,
        identity: Identity {
            account: AccountId::new("123456789012").expect("an account"),
            arn: Arn::new("arn:aws:iam::123456789012:role/audit").expect("an ARN"),
        },
        at: "2026-11-30T10:00:00Z".parse().expect("a moment"),
    }
}

const REGIONS: &str = "<DescribeRegionsResponse><regionInfo>\
    <item><regionName>eu-central-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>\
    <item><regionName>eu-south-2</regionName><optInStatus>not-opted-in</optInStatus></item>\
    </regionInfo></DescribeRegionsResponse>";

/// Reads from a script, which need not answer for the regions.
fn read(
    ask: &ConfigurationQuestion,
    script: impl Fn(&str) -> Canned + Send + Sync + 'static,
) -> Configuration {
    run(async {
        let allowed = policy::auditing(&ask.types);
        let script = move |line: &str| match line.contains("Action=DescribeRegions") {
            true => answer(200, "text/xml", REGIONS),
            false => script(line),
        };
        let aws = aws("eu-central-1", 1, AMPLE, allowed, script).await;
        let cloud: &dyn Cloud = &aws;
        cloud.configuration(ask).await.expect("an answer")
    })
}

fn denied() -> Canned {
    let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    answer(403, "text/xml", body)
}

fn shown(configuration: &Configuration) -> String {
    serde_json::to_string_pretty(configuration).expect("it can be written")
}

/// One bucket, of which some things are set, some are not, and some nobody may know.
fn buckets(line: &str) -> Canned {
    let xml = |body: &str| answer(200, "text/xml", body);
    let none = |code: &str| {
        answer(
            404,
            "text/xml",
            &format!("<Error><Code>{code}</Code></Error>"),
        )
    };
    let query = line
        .split(' ')
        .nth(1)
        .and_then(|uri| uri.split('?').nth(1))
        .unwrap_or_default();
    match query.split('=').next().unwrap_or_default() {
        "policy" => none("NoSuchBucketPolicy"),
        "acl" => xml(
            "<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>\
             <Grantee xmlns:xsi=\"x\" xsi:type=\"Group\">\
             <URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee>\
             <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        ),
        "publicAccessBlock" => none("NoSuchPublicAccessBlockConfiguration"),
        "versioning" => xml("<VersioningConfiguration/>"),
        "logging" => xml("<BucketLoggingStatus/>"),
        "encryption" => xml(
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
             </ServerSideEncryptionConfiguration>",
        ),
        "ownershipControls" => none("OwnershipControlsNotFoundError"),
        "tagging" => none("NoSuchTagSet"),
        "cors" => none("NoSuchCORSConfiguration"),
        "lifecycle" | "object-lock" | "replication" | "website" => denied(),
        _ => xml("<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name>\
             <BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>"),
    }
}

#[test]
fn what_is_absent_is_told_from_what_is_unreadable() {
    let seen = read(&ask(&["aws_s3_bucket"], &[]), buckets);
    insta::assert_snapshot!(shown(&seen));
}

#[test]
fn the_answer_is_found_again_in_a_recording() {
    let asked = ask(&["aws_s3_bucket", "aws_vpc"], &[]);
    let seen = read(&asked, |line| match line.contains("DescribeVpcs") {
        true => denied(),
        false => buckets(line),
    });
    let mut recording = Recording::default();
    let request = Request::new(&question::Question::Configuration(asked));
    recording.put(
        request,
        question::Answer::Configuration(Box::new(seen.clone())),
    );
    let read = Recording::from_bytes(&recording.to_bytes()).expect("a recording");
    let replay = Replay::new(read);
    let cloud: &dyn Cloud = &replay;
    let answer = |types: &[&str], regions: &[&str]| {
        let asked = ask(types, regions);
        run(cloud.configuration(&asked)).ok()
    };
    let same = answer(&["aws_s3_bucket", "aws_vpc"], &[]);
    assert_eq!(same.as_ref(), Some(&seen));
    let some = answer(&["aws_vpc"], &[]).expect("it holds more types");
    let regions: Vec<&str> = some.coverage.iter().map(|it| it.region.as_str()).collect();
    assert_eq!(
        (some.resources.len(), regions),
        (0, vec!["eu-central-1", "eu-south-2"])
    );
    assert_eq!(answer(&["aws_vpc", "aws_eip"], &[]), None, "other types");
    assert_eq!(answer(&["aws_vpc"], &["eu-west-1"]), None, "other regions");
}

#[test]
fn a_region_that_is_not_enabled_is_not_asked() {
    let seen = read(
        &ask(&["aws_eip"], &["eu-central-1", "eu-south-2"]),
        |line| {
            assert!(!line.contains("eu-south-2"), "{line}");
            answer(200, "text/xml", "<DescribeAddressesResponse/>")
        },
    );
    let extents: Vec<_> = seen
        .coverage
        .iter()
        .map(|it| (it.region.as_str(), it.extent))
        .collect();
    assert_eq!(
        extents,
        [
            ("eu-central-1", Extent::Complete),
            ("eu-south-2", Extent::NotEnabled)
        ]
    );
}

#[test]
fn nothing_is_sent_beyond_the_limit() {
    let mut asked = ask(&["aws_s3_bucket"], &[]);
    asked.max_calls = Some(3);
    let seen = read(&asked, buckets);
    let unread: BTreeSet<&str> = seen.gaps.iter().map(|gap| gap.message.raw()).collect();
    assert_eq!(
        unread,
        BTreeSet::from(["the limit of `--max-calls` was reached before it was asked"])
    );
    let known = seen.resources[0]
        .facts
        .values()
        .filter(|fact| fact.gap().is_none())
        .count();
    // The regions, the list with the name, and the first of the other calls.
    assert_eq!(known, 2);
}

#[test]
fn a_list_that_is_cut_says_so() {
    let seen = read(&ask(&["aws_sqs_queue"], &[]), |line| {
        let page = json!({ "QueueUrls": ["https://q/1"], "NextToken": "t" });
        let attributes =
            json!({ "Attributes": { "QueueArn": "arn:aws:sqs:eu-central-1:123456789012:q" } });
        match (line.contains("NextToken"), line.contains("AttributeNames")) {
            (true, _) => answer(
                400,
                "application/json",
                r#"{"__type": "ThrottlingException"}"#,
            ),
            (_, true) => answer(200, "application/json", &attributes.to_string()),
            _ => answer(200, "application/json", &page.to_string()),
        }
    });
    assert_eq!(seen.resources.len(), 1);
    assert!(
        matches!(seen.coverage[0].extent, Extent::Partial(_)),
        "{:?}",
        seen.coverage
    );
}

#[test]
fn the_credential_report_is_made_and_read() {
    use base64::Engine;
    let report = "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,\
        access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n\
        <root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,\
        2026-11-01T00:00:00+00:00,true,false,N/A,N/A,false,N/A,N/A\n\
        ann,arn:aws:iam::123456789012:user/ann,2020-01-01T00:00:00+00:00,true,no_information,false,\
        true,2020-02-01T00:00:00+00:00,2026-10-01T00:00:00+00:00,false,N/A,N/A\n";
    let content = base64::engine::general_purpose::STANDARD.encode(report);
    let made = std::sync::atomic::AtomicBool::new(false);
    let user = |name: &str| {
        format!(
            "<member><UserName>{name}</UserName><Arn>arn:aws:iam::123456789012:user/{name}</Arn></member>"
        )
    };
    let users = [user("ann"), user("new")].concat();
    let seen = read(&ask(&["aws_iam_user"], &[]), move |line| {
        let result = |name: &str, body: &str| {
            let body =
                format!("<{name}Response><{name}Result>{body}</{name}Result></{name}Response>");
            answer(200, "text/xml", &body)
        };
        let order = std::sync::atomic::Ordering::Relaxed;
        if line.contains("GenerateCredentialReport") {
            made.store(true, order);
            return result("GenerateCredentialReport", "<State>STARTED</State>");
        }
        if line.contains("GetCredentialReport") {
            return match made.load(order) {
                true => result(
                    "GetCredentialReport",
                    &format!("<Content>{content}</Content>"),
                ),
                false => answer(
                    410,
                    "text/xml",
                    "<ErrorResponse><Error><Code>ReportNotPresent</Code></Error></ErrorResponse>",
                ),
            };
        }
        if line.contains("ListMFADevices") {
            return result("ListMFADevices", "<MFADevices/>");
        }
        let body = format!("<UserDetailList>{users}</UserDetailList>");
        result("GetAccountAuthorizationDetails", &body)
    });
    insta::assert_snapshot!(shown(&seen));
}

#[test]
fn no_variable_that_its_name_gives_away_is_recorded() {
    let container = json!([{
        "name": "web",
        "environment": [{ "name": "DB_PASSWORD", "value": "hunter2-hunter2" }],
    }]);
    let asked = ask(&["aws_lambda_function"], &[]);
    let listed = json!({ "Functions": [{
        "FunctionName": "f",
        "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:f",
        "Description": container.to_string(),
        "Environment": { "Variables": { "API_SECRET": "hunter2-hunter2", "STAGE": "prod" } },
    }] });
    let seen = read(&asked, move |line| match line.contains("/functions?") {
        true => answer(200, "application/json", &listed.to_string()),
        false => denied(),
    });
    let in_memory = shown(&seen);
    assert!(
        in_memory.contains("hunter2"),
        "checks look at values: {in_memory}"
    );
    let mut recording = Recording::default();
    let request = Request::new(&question::Question::Configuration(asked));
    recording.put(request, question::Answer::Configuration(Box::new(seen)));
    let written = String::from_utf8(recording.to_bytes()).expect("it is text");
    assert!(!written.contains("hunter2"), "{written}");
    assert!(written.contains("\"prod\""), "{written}");
}

#[test]
fn people_see_names_and_no_addresses() {
    let seen = read(&ask(&["aws_sqs_queue"], &[]), |line| {
        let page = json!({ "QueueUrls": ["https://sqs.example/123456789012/orders"] });
        let arn = "arn:aws:sqs:eu-central-1:123456789012:orders";
        let attributes = json!({ "Attributes": { "QueueArn": arn } });
        let body = if line.contains("AttributeNames") {
            attributes
        } else {
            page
        };
        answer(200, "application/json", &body.to_string())
    });
    assert_eq!(seen.resources[0].name.raw(), "orders");
}
