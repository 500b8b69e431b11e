//! What to work on until a time.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::actions::Actions;
use crate::core::kpi::score::{Total, is_met, of_value};
use crate::core::optimize::analyze::is_reported_only;
use crate::core::optimize::project::{Projection, outlook};
use crate::model::kpi_report::{KpiReport, KpiRow};
use crate::model::optimization::LearnedEffect;
use crate::model::optimize::{
    OptimizationRoadmap, PlanScenario, PlannedPlaybook, RoadmapDate, RoadmapItem, ScenarioScore,
    Unforeseen,
};
use crate::model::playbook::Playbook;
use crate::text::Untrusted;
use crate::text::numbers::rounded;

/// Items that the scenario `top-three` finishes.
const TOP: usize = 3;

/// A key figure with how it goes on, or why that cannot be said for the horizon.
struct Foreseen<'a> {
    row: &'a KpiRow,
    outlook: Result<Projection, String>,
}

/// Plans until `horizon`, for these scenarios.
pub fn plan(
    report: &KpiReport,
    horizon: Timestamp,
    scenarios: &[PlanScenario],
) -> OptimizationRoadmap {
    let foreseen: Vec<Foreseen<'_>> = report
        .kpis
        .iter()
        .map(|row| {
            let outlook = outlook(report, row).and_then(|one| match one.too_far(horizon) {
                None => Ok(one),
                Some(why) => Err(why),
            });
            Foreseen { row, outlook }
        })
        .collect();
    let work = work(&foreseen, horizon);
    let rank: BTreeMap<&str, usize> = work
        .iter()
        .enumerate()
        .map(|(index, item)| (item.kpi.as_str(), index))
        .collect();
    let scores = scenarios
        .iter()
        .map(|scenario| scenario_score(&foreseen, horizon, *scenario, &rank));
    let scores = scores.collect();
    let (leaving, meeting) = crossings(&foreseen, horizon);
    OptimizationRoadmap {
        version: "1.0.0",
        kind: "optimize-plan",
        environment: report.environment.clone(),
        generated_at: report.generated_at,
        horizon,
        score: report.score,
        scenarios: scores,
        leaving,
        meeting,
        unforeseen: foreseen.iter().filter_map(unforeseen).collect(),
        history: report.history.clone(),
        work,
    }
}

/// Adds to each item of work the playbooks that are for it, ranked by what was learned.
pub fn add_playbooks(
    plan: &mut OptimizationRoadmap,
    playbooks: &[Playbook],
    learned: &[LearnedEffect],
) {
    for item in &mut plan.work {
        let bound = playbooks.iter().filter(|one| one.kpis.contains(&item.kpi));
        item.playbooks = bound.map(|one| planned(one, &item.kpi, learned)).collect();
        item.playbooks
            .sort_by(|one, other| other.expected_percent.total_cmp(&one.expected_percent));
    }
}

fn planned(playbook: &Playbook, kpi: &str, learned: &[LearnedEffect]) -> PlannedPlaybook {
    let meant = Actions::built_in().called(&playbook.action, None);
    let action = match meant[..] {
        [one] => one.id.as_str(),
        _ => playbook.action.as_str(),
    };
    let known = learned
        .iter()
        .find(|one| one.action == action && one.kpi == kpi);
    PlannedPlaybook {
        playbook: playbook.name.clone(),
        action: action.to_owned(),
        expected_percent: known.map_or(0.0, |one| one.expected_percent),
        attempts: known.map_or(0, |one| one.attempts),
        improved: known.map_or(0, |one| one.improved),
    }
}

fn unforeseen(one: &Foreseen<'_>) -> Option<Unforeseen> {
    Some(Unforeseen {
        kpi: one.row.name.clone(),
        reason: Untrusted::from(one.outlook.as_ref().err()?.as_str()),
    })
}

fn steady_score(one: &Foreseen<'_>, horizon: Timestamp) -> Option<f64> {
    let outlook = one.outlook.as_ref().ok()?;
    of_value(outlook.at(horizon), one.row.target, one.row.better)
}

fn total(foreseen: &[Foreseen<'_>], score: impl Fn(&Foreseen<'_>) -> Option<f64>) -> Total {
    Total::of(foreseen.iter().map(|one| (one.row.weight, score(one))))
}

/// What misses its target at the horizon if nothing is done, what gains most first.
fn work(foreseen: &[Foreseen<'_>], horizon: Timestamp) -> Vec<RoadmapItem> {
    let all = total(foreseen, |one| steady_score(one, horizon));
    let mut items: Vec<RoadmapItem> = foreseen
        .iter()
        .filter_map(|one| {
            let row = one.row;
            let outlook = one.outlook.as_ref().ok()?;
            let score = steady_score(one, horizon)?;
            (score < 100.0 && !is_reported_only(row)).then(|| RoadmapItem {
                kpi: row.name.clone(),
                unit: row.unit.clone(),
                value: row.value.unwrap_or_default(),
                projected: rounded(outlook.at(horizon)),
                target: row.target,
                better: row.better,
                gain: rounded(all.points_lost(row.weight, score)),
                trend: row.trend,
                playbooks: Vec::new(),
            })
        })
        .collect();
    items.sort_by(|one, other| {
        let by_gain = other.gain.total_cmp(&one.gain);
        by_gain.then_with(|| one.kpi.cmp(&other.kpi))
    });
    items
}

fn scenario_score(
    foreseen: &[Foreseen<'_>],
    horizon: Timestamp,
    scenario: PlanScenario,
    rank: &BTreeMap<&str, usize>,
) -> ScenarioScore {
    let done = match scenario {
        PlanScenario::Steady | PlanScenario::Worst => 0,
        PlanScenario::TopThree => TOP,
        PlanScenario::AllMet => usize::MAX,
    };
    let all = total(foreseen, |one| {
        let outlook = one.outlook.as_ref().ok()?;
        if rank
            .get(one.row.name.as_str())
            .is_some_and(|rank| *rank < done)
        {
            return Some(100.0);
        }
        let value = match scenario {
            PlanScenario::Worst => outlook.worst_at(horizon),
            _ => outlook.at(horizon),
        };
        of_value(value, one.row.target, one.row.better)
    });
    ScenarioScore {
        scenario,
        score: all.value.map(rounded),
        coverage_percent: rounded(all.coverage_percent()),
        reliable: all.is_reliable(),
    }
}

/// What leaves its target before the horizon, and what meets it by itself.
fn crossings(
    foreseen: &[Foreseen<'_>],
    horizon: Timestamp,
) -> (Vec<RoadmapDate>, Vec<RoadmapDate>) {
    let (mut leaving, mut meeting) = (Vec::new(), Vec::new());
    for one in foreseen {
        let row = one.row;
        let at = one.outlook.as_ref().ok().and_then(|it| it.crosses_at(row));
        let (Some(at), Some(value)) = (at.filter(|at| *at <= horizon), row.value) else {
            continue;
        };
        let date = RoadmapDate {
            kpi: row.name.clone(),
            at,
        };
        match is_met(value, row.target, row.better) {
            true => leaving.push(date),
            false => meeting.push(date),
        }
    }
    let order = |one: &RoadmapDate| (one.at, one.kpi.clone());
    leaving.sort_by_key(order);
    meeting.sort_by_key(order);
    (leaving, meeting)
}
