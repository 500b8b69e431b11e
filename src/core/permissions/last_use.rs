//! Whether a grant is used, by what the access advisor says.
//!
//! What is not known is never "unused": of most services AWS says only that something of it was
//! tried, of a young grant too little time has passed, and some actions leave no trace.

use jiff::{SignedDuration, Timestamp};

use crate::model::iam_audit::ListedGrant;
use crate::model::last_use::{GrantUse, LastUse, ServiceUse, UNUSED_DAYS, UnknownUse, UsedAction};

/// How old what AWS has put together may be, in days.
const FRESH_DAYS: i64 = 2;
/// What the names of actions begin with that are needed when something ends or goes wrong.
const RARE: [&str; 12] = [
    "Cancel",
    "Delete",
    "Deregister",
    "Destroy",
    "Detach",
    "Disable",
    "Disassociate",
    "Purge",
    "Remove",
    "Restore",
    "Terminate",
    "Untag",
];
/// Actions that are checked within other calls, and that no trace is kept of.
const UNTRACED: [&str; 2] = ["iam:PassRole", "iam:CreateServiceLinkedRole"];

/// Says of each action of a grant when it was used. `found` is what AWS knows of its identity, or
/// why that is not known.
pub fn judge(grant: &ListedGrant, found: Result<&LastUse, &str>, now: Timestamp) -> GrantUse {
    let mut all = GrantUse::default();
    for action in &grant.record.action {
        match of_action(action, grant, found, now) {
            UseVerdict::Used(last) => all.used.push(UsedAction {
                action: action.clone(),
                last,
            }),
            UseVerdict::Unused if is_rare(action) => all.rare.push(action.clone()),
            UseVerdict::Unused => all.unused.push(action.clone()),
            UseVerdict::Unknown(because) => all.unknown.push(UnknownUse {
                action: action.clone(),
                because,
            }),
        }
    }
    all
}

enum UseVerdict {
    Used(Timestamp),
    Unused,
    Unknown(String),
}

fn of_action(
    action: &str,
    grant: &ListedGrant,
    found: Result<&LastUse, &str>,
    now: Timestamp,
) -> UseVerdict {
    let unknown = |why: &str| UseVerdict::Unknown(why.to_owned());
    let found = match found {
        Ok(found) => found,
        Err(why) => return unknown(why),
    };
    let is_old = found
        .as_of
        .is_none_or(|at| days_before(at, now) > FRESH_DAYS);
    if is_old {
        return unknown(&format!("AWS has no report of the last {FRESH_DAYS} days"));
    }
    if UNTRACED.iter().any(|one| one.eq_ignore_ascii_case(action)) {
        return unknown("AWS keeps no trace of it");
    }
    let Some((service, name)) = action.split_once(':') else {
        return unknown("it is no action");
    };
    let named = |one: &&ServiceUse| one.service.eq_ignore_ascii_case(service);
    let Some(of) = found.services.iter().find(named) else {
        return unknown("AWS says nothing of its service");
    };
    if name.contains(['*', '?']) {
        return of_service(of, grant, now, "it stands for several actions");
    }
    let own = of
        .actions
        .iter()
        .find(|one| one.action.eq_ignore_ascii_case(name));
    match own {
        Some(own) => since(own.last, grant, now),
        None => of_service(
            of,
            grant,
            now,
            "AWS follows the service, and not each action",
        ),
    }
}

/// Nothing of a service was used: none of its actions was. Something was: which one is not known.
fn of_service(of: &ServiceUse, grant: &ListedGrant, now: Timestamp, why: &str) -> UseVerdict {
    match since(of.last, grant, now) {
        UseVerdict::Used(_) => UseVerdict::Unknown(format!("{why}, and `{}` was used", of.service)),
        other => other,
    }
}

fn since(last: Option<Timestamp>, grant: &ListedGrant, now: Timestamp) -> UseVerdict {
    if let Some(last) = last.filter(|last| days_before(*last, now) < UNUSED_DAYS) {
        return UseVerdict::Used(last);
    }
    match days_before(grant.granted_at, now) {
        days if days < UNUSED_DAYS => UseVerdict::Unknown(format!(
            "it was granted {days} days ago, which is less than {UNUSED_DAYS}"
        )),
        _ => UseVerdict::Unused,
    }
}

fn days_before(at: Timestamp, now: Timestamp) -> i64 {
    let passed: SignedDuration = now.duration_since(at);
    passed.as_hours() / 24
}

fn is_rare(action: &str) -> bool {
    let name = action.split_once(':').map_or(action, |(_, name)| name);
    let starts = |start: &&str| {
        name.get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    RARE.iter().any(starts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::last_use::ActionUse;

    const NOW: &str = "2026-12-01T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    fn ago(days: i64) -> Timestamp {
        now() - SignedDuration::from_hours(days * 24)
    }

    fn granted(actions: &[&str], days: i64) -> ListedGrant {
        let record = json!({ "environment": "test", "status": "granted", "action": actions,
            "principal": "arn:aws:iam::123456789012:user/shop-test-deploy", "reason": "x" });
        ListedGrant {
            id: "g-1".to_owned(),
            granted_at: ago(days),
            changed_at: ago(days),
            has_ended: false,
            last_use: None,
            record: serde_json::from_value(record).expect("a record"),
        }
    }

    fn advisor() -> LastUse {
        let action = |name: &str, last: Option<i64>| ActionUse {
            action: name.to_owned(),
            last: last.map(ago),
        };
        let service = |service: &str, last: Option<i64>, actions: Vec<ActionUse>| ServiceUse {
            service: service.to_owned(),
            last: last.map(ago),
            actions,
        };
        LastUse {
            as_of: Some(ago(0)),
            services: vec![
                service(
                    "s3",
                    Some(3),
                    vec![
                        action("CreateBucket", Some(3)),
                        action("PutBucketTagging", None),
                        action("DeleteBucket", Some(200)),
                    ],
                ),
                service("sqs", Some(5), Vec::new()),
                service("sns", None, Vec::new()),
                service("iam", Some(1), Vec::new()),
            ],
        }
    }

    #[test]
    fn what_is_not_known_is_never_unused() {
        let names = [
            "s3:CreateBucket",
            "s3:PutBucketTagging",
            "s3:DeleteBucket",
            "sqs:CreateQueue",
            "sqs:Get*",
            "sns:CreateTopic",
            "sns:DeleteTopic",
            "iam:PassRole",
            "kms:CreateKey",
        ];
        let known = advisor();
        let found = judge(&granted(&names, 400), Ok(&known), now());
        assert_eq!(found.used.len(), 1);
        assert_eq!(found.used[0].action, "s3:CreateBucket");
        assert_eq!(found.unused, ["s3:PutBucketTagging", "sns:CreateTopic"]);
        assert_eq!(found.rare, ["s3:DeleteBucket", "sns:DeleteTopic"]);
        let unknown: Vec<&str> = found
            .unknown
            .iter()
            .map(|one| one.action.as_str())
            .collect();
        assert_eq!(
            unknown,
            [
                "sqs:CreateQueue",
                "sqs:Get*",
                "iam:PassRole",
                "kms:CreateKey"
            ]
        );
        assert!(!found.is_idle());
    }

    #[test]
    fn only_a_grant_of_which_nothing_was_used_may_be_taken_back() {
        let known = advisor();
        let idle = |actions: &[&str], days: i64| {
            judge(&granted(actions, days), Ok(&known), now()).is_idle()
        };
        assert!(idle(&["sns:CreateTopic", "s3:PutBucketTagging"], 90));
        assert!(!idle(&["sns:CreateTopic"], 89), "it is too young to tell");
        assert!(!idle(&["sns:CreateTopic", "s3:CreateBucket"], 400));
        assert!(!idle(&["sns:DeleteTopic"], 400), "it is needed at the end");
        assert!(!idle(&[], 400));
    }

    #[test]
    fn an_old_or_missing_report_says_nothing() {
        let all = granted(&["sns:CreateTopic"], 400);
        let old = LastUse {
            as_of: Some(ago(3)),
            ..advisor()
        };
        let none = LastUse {
            as_of: None,
            ..advisor()
        };
        for found in [Ok(&old), Ok(&none), Err("it may not be read")] {
            let found = judge(&all, found, now());
            assert_eq!((found.unused.len(), found.unknown.len()), (0, 1));
        }
    }
}
