//! How many shards, and of what.

use crate::model::ids::EnvironmentName;
use crate::model::shard::{MOST_SHARDS, Shard};

/// Resources that one machine looks at without effort: what one page of `GetMetricData` asks
/// for, several times over, in a few seconds.
pub const RESOURCES_A_SHARD: usize = 500;

/// Jobs for environments with so many resources: one for every 500 of them, at least one for
/// each environment, because each has credentials of its own, and at most `most` in all.
/// `None` where there are more environments than that.
pub fn plan(
    environments: &[(EnvironmentName, usize)],
    most: u32,
) -> Option<Vec<(EnvironmentName, Shard)>> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if environments.len() > most {
        return None;
    }
    let mut counts: Vec<usize> = environments
        .iter()
        .map(|(_, resources)| resources.div_ceil(RESOURCES_A_SHARD))
        .map(|shards| shards.clamp(1, MOST_SHARDS as usize))
        .collect();
    while counts.iter().sum::<usize>() > most {
        // Takes from the environment whose shards grow least by it; the first among equals.
        let load = |index: usize| environments[index].1.div_ceil(counts[index] - 1);
        let index = (0..counts.len())
            .filter(|index| counts[*index] > 1)
            .min_by_key(|index| load(*index))?;
        counts[index] -= 1;
    }
    let jobs = environments
        .iter()
        .zip(counts)
        .flat_map(|((name, _), count)| {
            let count = u32::try_from(count).unwrap_or(MOST_SHARDS);
            Shard::all(count).map(|shard| (name.clone(), shard))
        });
    Some(jobs.collect())
}
