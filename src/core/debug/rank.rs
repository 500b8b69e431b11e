//! Which solution comes first.
//!
//! Solutions of one issue differ by their rate of success alone, shrunk towards the mean of their
//! category, because few attempts say little; a recent success is worth a twentieth at most.

use jiff::Timestamp;

use crate::model::debug::SuccessRate;

/// What the rate of the category is worth, in attempts.
const PRIOR: f64 = 2.0;
/// The most that a recent success adds.
const RECENT: f64 = 0.05;
/// Attempts of waiting before it is compared with.
const ENOUGH: u64 = 3;

/// How near an issue of the log is to the error that is asked about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Nearness {
    /// It is the same issue.
    pub(super) exact: bool,
    /// The code is the same.
    pub(super) code: bool,
    /// The type of the resource is the same.
    pub(super) resource_type: bool,
    /// It was seen in the environment that is asked about.
    pub(super) environment: bool,
    /// The operation is the same.
    pub(super) operation: bool,
}

impl Nearness {
    fn score(self) -> f64 {
        let parts = [
            (self.exact, 10.0),
            (self.code, 5.0),
            (self.resource_type, 3.0),
            (self.environment, 2.0),
            (self.operation, 1.5),
        ];
        parts
            .iter()
            .filter(|(is, _)| *is)
            .map(|(_, weight)| weight)
            .sum()
    }
}

/// The mean of a category: successes of attempts, with one of each before the first.
pub(super) fn mean(rates: impl Iterator<Item = SuccessRate>) -> f64 {
    let (successes, attempts) = rates.fold((1.0, 2.0), |(successes, attempts), rate| {
        (
            successes + rate.successes as f64,
            attempts + rate.attempts as f64,
        )
    });
    successes / attempts
}

/// The rate of success, shrunk towards the mean.
fn shrunk(rate: SuccessRate, mean: f64) -> f64 {
    (rate.successes as f64 + PRIOR * mean) / (rate.attempts as f64 + PRIOR)
}

/// What a solution is ranked by.
pub(super) fn score(
    nearness: Nearness,
    rate: SuccessRate,
    mean: f64,
    last_success: Option<Timestamp>,
    now: Timestamp,
) -> f64 {
    let recent = last_success.map_or(0.0, |at| {
        let days = now.duration_since(at).as_secs_f64() / 86_400.0;
        RECENT / days.max(1.0)
    });
    nearness.score() + shrunk(rate, mean) + recent
}

/// Whether a solution does better than waiting; `None` where one of them was tried too seldom.
pub(super) fn beats(solution: SuccessRate, waiting: SuccessRate, mean: f64) -> Option<bool> {
    (solution.attempts > 0 && waiting.attempts >= ENOUGH)
        .then(|| shrunk(solution, mean) > shrunk(waiting, mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + days * 86_400).expect("a time")
    }

    fn of_one_issue(rate: (u64, u64), last_success: Option<i64>) -> f64 {
        let nearness = Nearness {
            exact: true,
            ..Nearness::default()
        };
        let rate = SuccessRate::new(rate.0, rate.1);
        score(nearness, rate, 0.5, last_success.map(days), days(100))
    }

    #[test]
    fn one_success_yesterday_does_not_beat_nine_of_ten() {
        let good = of_one_issue((9, 1), Some(80));
        assert!(good > of_one_issue((5, 5), Some(99)));
        assert!(
            good > of_one_issue((1, 0), Some(99)),
            "one attempt says little"
        );
        let failed_yesterday = of_one_issue((5, 5), Some(10));
        assert!(of_one_issue((5, 5), Some(99)) > failed_yesterday);
        assert!(failed_yesterday > of_one_issue((0, 0), None) - 0.01);
    }

    #[test]
    fn what_does_no_better_than_waiting_is_told() {
        let waiting = SuccessRate::new(9, 1);
        assert_eq!(beats(SuccessRate::new(4, 4), waiting, 0.5), Some(false));
        assert_eq!(beats(SuccessRate::new(19, 1), waiting, 0.5), Some(true));
        assert_eq!(beats(SuccessRate::new(0, 0), waiting, 0.5), None);
        assert_eq!(
            beats(SuccessRate::new(9, 0), SuccessRate::new(0, 2), 0.5),
            None
        );
    }

    /// SplitMix64: the same on every machine.
    struct Dice(u64);

    impl Dice {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        }

        fn below(&mut self, limit: usize) -> usize {
            ((self.next() * limit as f64) as usize).min(limit - 1)
        }
    }

    #[derive(Clone, Copy)]
    struct Tried {
        truth: f64,
        successes: u64,
        failures: u64,
        last: Option<Timestamp>,
    }

    fn order(tried: &[Tried], mean: f64, now: Timestamp) -> Vec<usize> {
        let value = |one: &Tried| {
            let rate = SuccessRate::new(one.successes, one.failures);
            score(Nearness::default(), rate, mean, one.last, now)
        };
        let mut order: Vec<usize> = (0..tried.len()).collect();
        order.sort_by(|a, b| value(&tried[*b]).total_cmp(&value(&tried[*a])));
        order
    }

    fn mean_of(kinds: &[Vec<Tried>]) -> f64 {
        let all = kinds.iter().flatten();
        mean(all.map(|one| SuccessRate::new(one.successes, one.failures)))
    }

    /// A year of a team: 40 kinds of errors, 2 to 5 solutions each, 1,000 errors, up to three
    /// attempts for each in the order of the ranking. Returns for each kind whose best solution
    /// was tried five times whether it is first, and by how much it is better.
    fn year(seed: u64) -> Vec<(bool, f64)> {
        let mut dice = Dice(seed);
        let mut kinds: Vec<Vec<Tried>> = Vec::new();
        for _ in 0..40 {
            let mut rates = vec![0.05, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
            let count = 2 + dice.below(4);
            let drawn = (0..count).map(|_| rates.swap_remove(dice.below(rates.len())));
            let tried = drawn.map(|truth| Tried {
                truth,
                successes: 0,
                failures: 0,
                last: None,
            });
            kinds.push(tried.collect());
        }
        let weights: Vec<f64> = (1..=40).map(|rank| f64::from(rank).powf(-0.7)).collect();
        let total: f64 = weights.iter().sum();
        for error in 0..1_000 {
            let now = days(error / 10);
            let mut at = dice.next() * total;
            let drawn = weights.iter().position(|weight| {
                at -= weight;
                at <= 0.0
            });
            let kind = drawn.unwrap_or(0);
            let mean = mean_of(&kinds);
            for solution in order(&kinds[kind], mean, now).into_iter().take(3) {
                let one = &mut kinds[kind][solution];
                if dice.next() < one.truth {
                    one.successes += 1;
                    one.last = Some(now);
                    break;
                }
                one.failures += 1;
            }
        }
        let mean = mean_of(&kinds);
        let judged = kinds.iter().filter_map(|tried| {
            let mut best: Vec<usize> = (0..tried.len()).collect();
            best.sort_by(|a, b| tried[*b].truth.total_cmp(&tried[*a].truth));
            let first = &tried[best[0]];
            let gap = first.truth - tried[best[1]].truth;
            let enough = first.successes + first.failures >= 5;
            enough.then(|| (order(tried, mean, days(100))[0] == best[0], gap))
        });
        judged.collect()
    }

    #[test]
    fn the_best_solution_is_first_where_it_leads() {
        let all: Vec<(bool, f64)> = (0..60).flat_map(year).collect();
        // A lead of 0.2, with what floating point leaves of it.
        let leads: Vec<bool> = all
            .iter()
            .filter(|(_, gap)| *gap > 0.199)
            .map(|(is, _)| *is)
            .collect();
        let first = leads.iter().filter(|is| **is).count() as f64 / leads.len() as f64;
        assert!(leads.len() > 300, "{} kinds", leads.len());
        assert!(first >= 0.95, "{first:.3} of {}", leads.len());
    }
}
