//! Ages, in days of 24 hours: of keys, certificates, secrets and of what nobody uses.

use jiff::Timestamp;

use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, as_time, inside, text_in};
use crate::core::known::{Known, Obstacles};

use super::policies;
use super::{DerivedFact, DerivedFacts, Place};

/// Returns the days between a moment and now; `None` where there is no moment.
pub(super) fn days_since(moment: Option<Timestamp>, now: Timestamp) -> Option<f64> {
    moment.map(|moment| (now.as_second() - moment.as_second()) as f64 / 86_400.0)
}

/// The secret of an application: how long ago it was used and renewed.
pub(super) fn secret<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let now = estate.now();
    let created = || view.time("created");
    let latest = |fact: &str| -> Known<Option<f64>> {
        let moment = match view.time(fact)? {
            Some(moment) => Some(moment),
            None => created()?,
        };
        Ok(days_since(moment, now))
    };
    let mut facts = policies::of_fact(view, "policy");
    facts.insert("unused_days", DerivedFact::number(latest("last_accessed")));
    facts.insert(
        "unrotated_days",
        DerivedFact::number(latest("last_rotated")),
    );
    facts
}

/// A certificate: how long it is still valid.
pub(super) fn certificate<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let left = view
        .time("not_after")
        .map(|end| days_since(end, estate.now()).map(|days| -days));
    DerivedFacts::from([("days_left", DerivedFact::number(left))])
}

/// The root user, and certificates of IAM.
pub(super) fn account<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let now = estate.now();
    let used = view
        .time("root_last_used")
        .map(|moment| days_since(moment, now));
    let support = estate_has_support(estate);
    DerivedFacts::from([
        ("root_used_days", DerivedFact::number(used)),
        ("has_support_role", DerivedFact::from(support)),
        ("expired_certificates", expired(view, now)),
    ])
}

fn estate_has_support(estate: &Estate<'_>) -> Known<bool> {
    let attached = |view: FactView<'_>| {
        view.list("policy_attachments")?.any(|one| {
            let arn = text_in(one, "policy_arn")?;
            Ok(arn.is_some_and(|arn| arn.ends_with(":policy/AWSSupportAccess")))
        })
    };
    let types = ["aws_iam_role", "aws_iam_user", "aws_iam_group"];
    crate::core::known::any(types.map(|name| estate.any(name, attached)))
}

fn expired(view: FactView<'_>, now: Timestamp) -> DerivedFact {
    let seen = match view.list("iam_server_certificates") {
        Ok(seen) => seen,
        Err(obstacles) => return DerivedFact::Unknown(obstacles),
    };
    let mut hidden: Obstacles = seen.hidden.clone();
    let mut places = Vec::new();
    for item in &seen.items {
        let found = (|| {
            let name = text_in(item, "name")?.unwrap_or_default();
            let end = inside(item, "expiration")?.as_ref().and_then(as_time);
            Ok((name, end))
        })();
        match found {
            Ok((name, Some(end))) if end < now => {
                let text = format!("the certificate `{name}` expired on {}", date(end));
                places.push(Place::new(name, text));
            }
            Ok(_) => {}
            Err::<_, Obstacles>(obstacles) => hidden.extend(obstacles),
        }
    }
    DerivedFact::Places(places, hidden)
}

/// The day of a moment, in UTC.
pub(super) fn date(moment: Timestamp) -> String {
    moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
