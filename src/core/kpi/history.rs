//! The history of key figures, which keeps less the older it is.

use std::collections::BTreeMap;

use crate::model::ids::EnvironmentName;
use crate::model::kpi_history::{KpiCollection, KpiDefinition, KpiHistory};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Seconds for which every collection is kept, one an hour, and one a day.
const ALL: i64 = 6 * HOUR;
const HOURLY: i64 = 7 * DAY;
const DAILY: i64 = 180 * DAY;

/// Returns the history with one more collection. Of an hour or a day the last one stays.
pub fn with(
    history: Option<&KpiHistory>,
    environment: &EnvironmentName,
    definitions: BTreeMap<String, KpiDefinition>,
    collection: KpiCollection,
) -> KpiHistory {
    let now = collection.at.as_second();
    let mut collections = history.map_or_else(Vec::new, |one| one.collections.clone());
    collections.retain(|one| one.at < collection.at);
    collections.push(collection);
    let mut kept: Vec<KpiCollection> = Vec::with_capacity(collections.len());
    for one in collections {
        let age = now - one.at.as_second();
        if age > DAILY {
            continue;
        }
        let span = slot(age, one.at.as_second());
        let same = kept.last().is_some_and(|last| {
            let at = last.at.as_second();
            span.is_some() && slot(now - at, at) == span
        });
        if same {
            kept.pop();
        }
        kept.push(one);
    }
    KpiHistory {
        version: "1.0.0".to_owned(),
        environment: environment.clone(),
        definitions,
        collections: kept,
    }
}

/// The hour or the day that a collection of this age stands for; `None` where it stands for itself.
fn slot(age: i64, at: i64) -> Option<(i64, i64)> {
    if age <= ALL {
        None
    } else if age <= HOURLY {
        Some((HOUR, at.div_euclid(HOUR)))
    } else {
        Some((DAY, at.div_euclid(DAY)))
    }
}
