//! Passwords and access keys of users: how old they are, and how long unused.

use sha2::{Digest, Sha256};

use crate::core::audit::derived::ages::days_since;
use crate::core::audit::derived::{DerivedFact, DerivedFacts, Place};
use crate::core::audit::estate::Estate;
use crate::core::audit::facts::{FactView, as_time, inside, text_in};
use crate::core::known::{Known, Obstacles};
use crate::model::fact::Value;

/// A key that should be rotated is older (CIS: 90 days).
const OLD_DAYS: f64 = 90.0;
/// A key that nobody needs has not been used for longer (CIS: 45 days).
const UNUSED_DAYS: f64 = 45.0;

/// An active access key.
struct AccessKey {
    id: String,
    age: Option<f64>,
    unused: Option<f64>,
}

pub(super) fn of_user<'a>(estate: &Estate<'a>, view: FactView<'a>) -> DerivedFacts {
    let now = estate.now();
    let created = view.time("created");
    let age = created.clone().map(|moment| days_since(moment, now));
    let keys = active_keys(estate, view);
    let unused = unused_days(estate, view, &keys);
    let places = |is_bad: &dyn Fn(&AccessKey) -> Option<String>| match &keys {
        Ok((keys, hidden)) => {
            let found = keys
                .iter()
                .filter_map(|key| Some(place(key, &is_bad(key)?)));
            DerivedFact::Places(found.collect(), hidden.clone())
        }
        Err(obstacles) => DerivedFact::Unknown(obstacles.clone()),
    };
    let old = places(&|key| {
        let age = key.age.filter(|age| *age > OLD_DAYS)?;
        Some(format!("is {age:.0} days old"))
    });
    let idle = places(&|key| {
        let days = key.unused.filter(|days| *days > UNUSED_DAYS)?;
        Some(format!("has not been used for {days:.0} days"))
    });
    let active = match &keys {
        Ok((keys, hidden)) if hidden.is_empty() => Ok(Some(keys.len() as f64)),
        Ok((_, hidden)) => Err(hidden.clone()),
        Err(obstacles) => Err(obstacles.clone()),
    };
    DerivedFacts::from([
        ("age_days", DerivedFact::number(age)),
        ("unused_days", DerivedFact::number(unused)),
        ("active_keys", DerivedFact::number(active)),
        ("old_keys", old),
        ("unused_keys", idle),
    ])
}

fn active_keys<'a>(estate: &Estate<'a>, view: FactView<'a>) -> Known<(Vec<AccessKey>, Obstacles)> {
    let seen = view.list("access_keys")?;
    let mut hidden = seen.hidden.clone();
    let mut keys = Vec::new();
    for item in &seen.items {
        match key(estate, item) {
            Ok(key) => keys.extend(key),
            Err(obstacles) => hidden.extend(obstacles),
        }
    }
    Ok((keys, hidden))
}

/// Reads a key; `None` for one that is switched off.
fn key(estate: &Estate<'_>, item: &Value) -> Known<Option<AccessKey>> {
    if text_in(item, "status")?.as_deref() == Some("Inactive") {
        return Ok(None);
    }
    let created = inside(item, "create_date")?.as_ref().and_then(as_time);
    let used = inside(item, "last_used")?.as_ref().and_then(as_time);
    let now = estate.now();
    Ok(Some(AccessKey {
        id: text_in(item, "id")?.unwrap_or_default(),
        age: days_since(created, now),
        unused: days_since(used.or(created), now),
    }))
}

/// Days since the user last did anything: with a password or a key, or was created.
fn unused_days<'a>(
    estate: &Estate<'a>,
    view: FactView<'a>,
    keys: &Known<(Vec<AccessKey>, Obstacles)>,
) -> Known<Option<f64>> {
    let password = view.time("password_last_used")?;
    let created = view.time("created")?;
    let (keys, hidden) = keys.as_ref().map_err(Obstacles::clone)?;
    if !hidden.is_empty() {
        return Err(hidden.clone());
    }
    let of_keys = keys.iter().filter_map(|key| key.unused);
    let days = of_keys
        .chain(days_since(password, estate.now()))
        .fold(f64::INFINITY, f64::min);
    Ok(match days.is_finite() {
        true => Some(days),
        false => days_since(created, estate.now()),
    })
}

/// Keys are named by the end of their id: the whole id is only for who needs it.
fn place(key: &AccessKey, words: &str) -> Place {
    let end = key.id.len().saturating_sub(4);
    let end = key.id.get(end..).unwrap_or_default();
    let hash = hex::encode(Sha256::digest(key.id.as_bytes()));
    Place::new(
        format!("key-{}", &hash[..8]),
        format!("the access key that ends in {end} {words}"),
    )
}
