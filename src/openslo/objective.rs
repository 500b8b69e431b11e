//! Targets and windows.

use super::outcome::{Fault, quoted};
use super::translate::{Case, Found};
use super::yaml::Node;
use crate::model::report::Better;

/// Longest window of an error budget, in days.
const LONGEST_DAYS: u64 = 90;

impl<'a> Case<'a> {
    pub(super) fn objective(&mut self, spec: &'a Node) -> Result<&'a Node, Fault> {
        let all = spec.get("objectives").map(Node::list).unwrap_or_default();
        let first = all
            .first()
            .ok_or_else(|| (spec.line, "it has no objectives".to_owned()))?;
        for more in &all[1..] {
            self.partly(
                more.line,
                "only its first objective is kept: an indicator has one target",
            );
        }
        Ok(first)
    }

    /// Days of its error budget.
    pub(super) fn window(&mut self, spec: &Node) -> Option<u32> {
        let windows = spec.get("timeWindow")?;
        let Some(window) = windows.list().first() else {
            self.partly(
                windows.line,
                "its timeWindow is not a list with a window; the default window is used",
            );
            return None;
        };
        for more in &windows.list()[1..] {
            self.partly(more.line, "only its first timeWindow is kept");
        }
        let Some(duration) = window.get("duration") else {
            self.partly(
                window.line,
                "its window has no `duration`; the default window is used",
            );
            return None;
        };
        let calendar = window.get("isRolling").and_then(Node::text) == Some("false")
            || window.get("calendar").is_some();
        if calendar {
            self.partly(window.line, "its window follows the calendar; budgets here roll, and the default window is used");
            return None;
        }
        let text = duration.text().unwrap_or_default();
        let days = text
            .split_at_checked(text.len().saturating_sub(1))
            .and_then(|(digits, unit)| {
                let count: u64 = digits.parse().ok()?;
                match unit {
                    "d" => Some(count),
                    "w" => count.checked_mul(7),
                    "h" if count.is_multiple_of(24) => Some(count / 24),
                    _ => None,
                }
            })
            .filter(|days| (1..=LONGEST_DAYS).contains(days))
            .and_then(|days| u32::try_from(days).ok());
        if days.is_none() {
            self.partly(
                duration.line,
                "its window is not 1 to 90 whole days; the default window is used",
            );
        }
        days
    }

    pub(super) fn threshold_target(
        &mut self,
        found: &Found<'_>,
        objective: &Node,
    ) -> Result<f64, Fault> {
        let value = objective
            .get("value")
            .and_then(Node::number)
            .ok_or_else(|| (objective.line, "its objective has no `value`".to_owned()))?;
        let op = objective.get("op").and_then(Node::text);
        let fits = match found.sli.better {
            Better::Lower => matches!(op, Some("lt" | "lte")),
            Better::Higher => matches!(op, Some("gt" | "gte")),
        };
        if !fits {
            let op = quoted(op.unwrap_or("none"));
            let why = format!(
                "its `op` is {op}, which is the wrong way round for {}",
                found.sli.title
            );
            return Err((objective.line, why));
        }
        let share = objective.get("target").or(objective.get("targetPercent"));
        if let Some(share) = share {
            self.partly(
                share.line,
                "the share of time is not kept: each window is held against the limit",
            );
        }
        Ok(value * found.scale)
    }

    /// The target of a ratio, in percent.
    pub(super) fn ratio_target(&self, found: &Found<'_>, objective: &Node) -> Result<f64, Fault> {
        let fault = |why: &str| Err((objective.line, why.to_owned()));
        let number = |node: &Node| node.number();
        let percent = match (objective.get("target"), objective.get("targetPercent")) {
            (Some(_), Some(_)) => {
                return fault(
                    "its objective has both `target` and `targetPercent`; keep one of them",
                );
            }
            (None, Some(percent)) => number(percent).filter(|n| *n >= 1.0 && *n < 100.0),
            (Some(share), None) => {
                let percent = number(share).map(|share| share * 100.0);
                percent.filter(|percent| *percent > 0.0 && *percent < 100.0)
            }
            (None, None) => None,
        };
        let Some(percent) = percent else {
            return fault(
                "its objective has no `target` above 0 and below 1, and no `targetPercent` from 1 to below 100",
            );
        };
        let target = match found.sli.better {
            Better::Lower => 100.0 - percent,
            Better::Higher => percent,
        };
        // Without the noise of binary fractions.
        Ok((target * 1e7).round() / 1e7)
    }
}
