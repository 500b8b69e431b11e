//! One action on several resources: one first, then more at a time, and no more once too many have
//! failed.

/// What is known while a batch is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchProgress {
    /// Resources that were not begun yet.
    pub left: usize,
    /// How many were sent in the last step; 0 before the first.
    pub last_step: usize,
    /// How many have failed.
    pub failed: usize,
    /// How many may fail.
    pub max_errors: usize,
    /// How many may be changed at once, by the brakes.
    pub most: usize,
}

impl BatchProgress {
    /// How many are sent next; `None` where nothing more is. Each step is twice the last, and never so
    /// large that more could fail than may, and one.
    pub fn next(&self) -> Option<usize> {
        let spare = self.max_errors.checked_sub(self.failed)?;
        let grown = match self.last_step {
            0 => 1,
            last => last.saturating_mul(2),
        };
        let step = grown.min(spare.saturating_add(1)).min(self.most.max(1));
        (self.left > 0).then(|| step.min(self.left))
    }
}

/// How many may fail where nobody says.
pub fn default_max_errors(is_protected: bool) -> usize {
    usize::from(!is_protected)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps of a batch whose failing resources are at these places, and how many were never begun.
    fn steps(
        total: usize,
        failing: &[usize],
        max_errors: usize,
        most: usize,
    ) -> (Vec<usize>, usize) {
        let mut progress = BatchProgress {
            left: total,
            last_step: 0,
            failed: 0,
            max_errors,
            most,
        };
        let mut all = Vec::new();
        while let Some(step) = progress.next() {
            let begun = total - progress.left;
            progress.failed += failing
                .iter()
                .filter(|at| (begun..begun + step).contains(at))
                .count();
            progress.left -= step;
            progress.last_step = step;
            all.push(step);
        }
        (all, progress.left)
    }

    #[test]
    fn a_batch_begins_with_one_and_stops_where_too_many_fail() {
        for (name, total, failing, max_errors, most, wanted) in [
            (
                "protected, the first fails",
                8,
                &[0][..],
                0,
                4,
                (vec![1], 7),
            ),
            (
                "protected: one after the other",
                3,
                &[],
                0,
                4,
                (vec![1, 1, 1], 0),
            ),
            (
                "protected, the third fails",
                8,
                &[2],
                0,
                4,
                (vec![1, 1, 1], 5),
            ),
            (
                "elsewhere one may fail",
                8,
                &[0],
                1,
                4,
                (vec![1, 1, 1, 1, 1, 1, 1, 1], 0),
            ),
            ("elsewhere, two fail", 8, &[0, 2], 1, 4, (vec![1, 1, 1], 5)),
            (
                "elsewhere, all is well",
                8,
                &[],
                1,
                4,
                (vec![1, 2, 2, 2, 1], 0),
            ),
            ("many may fail", 20, &[], 9, 16, (vec![1, 2, 4, 8, 5], 0)),
            (
                "the brakes hold",
                20,
                &[],
                9,
                4,
                (vec![1, 2, 4, 4, 4, 4, 1], 0),
            ),
            (
                "brakes that allow none allow one",
                2,
                &[],
                9,
                0,
                (vec![1, 1], 0),
            ),
            ("none", 0, &[], 0, 4, (vec![], 0)),
        ] {
            assert_eq!(steps(total, failing, max_errors, most), wanted, "{name}");
        }
    }

    /// Whatever fails, no more than may have failed and one more.
    #[test]
    fn never_more_fail_than_may_and_one() {
        for total in 0..20 {
            for max_errors in 0..5 {
                for first in 0..20 {
                    let failing: Vec<usize> = (first..total).collect();
                    let (all, left) = steps(total, &failing, max_errors, 16);
                    let begun = total - left;
                    assert_eq!(all.iter().sum::<usize>(), begun);
                    assert!(begun.saturating_sub(first) <= max_errors + 1);
                }
            }
        }
    }
}
