//! Which playbooks a cycle runs: for which key figure, by which swarm, and why not the others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sha2::{Digest, Sha256};

use crate::core::optimize::learn::expected;
use crate::model::ids::Arn;
use crate::model::kpi::KpiCategory;
use crate::model::optimization::{LearnedEffect, LeftKpi, Swarm};
use crate::model::optimize::Bottleneck;
use crate::model::playbook::Playbook;
use crate::text::Untrusted;
use crate::text::numbers::number;

/// Tasks at once, of both swarms together.
pub const MOST_TASKS: usize = 4;

/// A playbook, with what is known of it now.
#[derive(Debug, Clone)]
pub struct PlaybookCandidate<'a> {
    /// The playbook.
    pub playbook: &'a Playbook,
    /// The id of its action; as it is written where there is no such action.
    pub action: &'a str,
    /// Its resource, where the registry has it.
    pub arn: Option<&'a Arn>,
    /// Its kind, and how many of that kind may be changed at once.
    pub kind: Option<(&'a str, u32)>,
    /// Why it may not be run now.
    pub held: Option<String>,
}

/// What a choice is made from.
#[derive(Debug, Clone, Copy)]
pub struct ChoiceInput<'a> {
    /// What misses its target, the most urgent first.
    pub bottlenecks: &'a [Bottleneck],
    /// The playbooks, in the order of kpis.toml.
    pub candidates: &'a [PlaybookCandidate<'a>],
    /// What was learned.
    pub learned: &'a [LearnedEffect],
    /// Key figures that an earlier task is watched by, with its playbook.
    pub busy: &'a BTreeMap<String, String>,
    /// Tasks at once; no more than [`MOST_TASKS`] count.
    pub most: usize,
    /// Share of choices that try another than the best; 0 in protected environments.
    pub explore: f64,
    /// What the choice of what is tried follows from: the id of the cycle.
    pub seed: &'a str,
}

/// A playbook that is run.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenPlaybook {
    /// Which of the candidates.
    pub index: usize,
    /// The key figure that it is run for.
    pub kpi: String,
    /// Who runs it.
    pub swarm: Swarm,
    /// Whether another was expected to do more.
    pub explored: bool,
}

/// What is run, and what is not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlaybookChoice {
    /// In the order in which they are sent.
    pub chosen: Vec<ChosenPlaybook>,
    /// With the reasons.
    pub left: Vec<LeftKpi>,
}

/// Who works on a category.
pub fn swarm_of(category: KpiCategory) -> Swarm {
    match category {
        KpiCategory::Frontend | KpiCategory::Business => Swarm::Frontend,
        KpiCategory::Backend | KpiCategory::Agent => Swarm::Backend,
    }
}

/// Chooses. The swarms take turns, so that neither waits for the other; two playbooks never work on
/// one key figure or one resource at once, so that each effect has one cause.
pub fn choose(input: &ChoiceInput<'_>) -> PlaybookChoice {
    let mut state = ChoiceState {
        input,
        out: PlaybookChoice::default(),
        working: input.busy.clone(),
        resources: BTreeSet::new(),
        kinds: BTreeMap::new(),
    };
    let of = |swarm: Swarm| -> VecDeque<&Bottleneck> {
        let all = input.bottlenecks.iter();
        all.filter(|one| swarm_of(one.category) == swarm).collect()
    };
    let (mut frontend, mut backend) = (of(Swarm::Frontend), of(Swarm::Backend));
    let first = input.bottlenecks.first().map(|one| swarm_of(one.category));
    let mut turn = first.unwrap_or(Swarm::Frontend);
    while !(frontend.is_empty() && backend.is_empty()) {
        let queue = match turn {
            Swarm::Frontend => &mut frontend,
            Swarm::Backend => &mut backend,
        };
        // A swarm's turn ends with a task; what nothing can be done for is no turn.
        while let Some(bottleneck) = queue.pop_front() {
            if state.work_on(bottleneck, turn) {
                break;
            }
        }
        turn = match turn {
            Swarm::Frontend => Swarm::Backend,
            Swarm::Backend => Swarm::Frontend,
        };
    }
    state.out
}

struct ChoiceState<'a> {
    input: &'a ChoiceInput<'a>,
    out: PlaybookChoice,
    /// Key figures that something works on, with its playbook.
    working: BTreeMap<String, String>,
    resources: BTreeSet<&'a Arn>,
    /// How many of each kind are changed.
    kinds: BTreeMap<&'a str, u32>,
}

impl<'a> ChoiceState<'a> {
    fn leave(&mut self, kpi: &str, playbook: Option<&str>, reason: impl Into<String>) {
        self.out.left.push(LeftKpi {
            kpi: kpi.to_owned(),
            playbook: playbook.map(str::to_owned),
            reason: Untrusted::new(reason.into()),
        });
    }

    fn work_on(&mut self, bottleneck: &Bottleneck, swarm: Swarm) -> bool {
        let kpi = bottleneck.kpi.as_str();
        if let Some(by) = self.working.get(kpi).cloned() {
            self.leave(kpi, None, format!("{by} works on it"));
            return false;
        }
        let bound: Vec<usize> = (0..self.input.candidates.len())
            .filter(|index| {
                let kpis = &self.input.candidates[*index].playbook.kpis;
                kpis.iter().any(|name| name == kpi)
            })
            .collect();
        if bound.is_empty() {
            self.leave(kpi, None, "no playbook of kpis.toml is for it");
            return false;
        }
        let mut able = Vec::new();
        for index in bound {
            match self.objection(index, kpi) {
                None => able.push(index),
                Some(why) => {
                    let name = self.input.candidates[index].playbook.name.clone();
                    self.leave(kpi, Some(&name), why);
                }
            }
        }
        if able.is_empty() {
            return false;
        }
        let most = self.input.most.min(MOST_TASKS);
        if self.out.chosen.len() >= most {
            let why = format!("{most} tasks are under way; the next cycle comes to it");
            self.leave(kpi, None, why);
            return false;
        }
        let (index, explored) = self.best(&able, kpi);
        let candidate = &self.input.candidates[index];
        for name in &candidate.playbook.kpis {
            let by = candidate.playbook.name.clone();
            self.working.insert(name.clone(), by);
        }
        self.resources.extend(candidate.arn);
        if let Some((kind, _)) = candidate.kind {
            *self.kinds.entry(kind).or_default() += 1;
        }
        self.out.chosen.push(ChosenPlaybook {
            index,
            kpi: kpi.to_owned(),
            swarm,
            explored,
        });
        true
    }

    fn objection(&self, index: usize, kpi: &str) -> Option<String> {
        let input: &'a ChoiceInput<'a> = self.input;
        let candidate = &input.candidates[index];
        if let Some(why) = &candidate.held {
            return Some(why.clone());
        }
        let mut others = candidate.playbook.kpis.iter();
        let taken = others.find_map(|name| Some((name, self.working.get(name)?)));
        if let Some((name, by)) = taken {
            return Some(format!("{by} works on {name}, so this one waits for it"));
        }
        if candidate
            .arn
            .is_some_and(|arn| self.resources.contains(arn))
        {
            return Some("another task changes the same resource".to_owned());
        }
        let of_kind = candidate
            .kind
            .filter(|(kind, most)| self.kinds.get(kind).copied().unwrap_or(0) >= *most);
        if let Some((kind, most)) = of_kind {
            return Some(format!(
                "{most} of the kind {kind} are changed in this cycle, and no more at once"
            ));
        }
        let expected = expected(input.learned, candidate.action, kpi);
        (expected < 0.0).then(|| {
            format!(
                "so far {} made it worse: {} % are to be expected",
                candidate.action,
                number(expected)
            )
        })
    }

    /// The one that is expected to do most, the first of equals; or, now and then, another.
    fn best(&self, able: &[usize], kpi: &str) -> (usize, bool) {
        let of = |index: usize| {
            let candidate = &self.input.candidates[index];
            expected(self.input.learned, candidate.action, kpi)
        };
        let mut best = able[0];
        for index in &able[1..] {
            if of(*index) > of(best) {
                best = *index;
            }
        }
        let others: Vec<usize> = able.iter().copied().filter(|one| *one != best).collect();
        let (chance, place) = chance(self.input.seed, kpi);
        if others.is_empty() || chance >= self.input.explore {
            return (best, false);
        }
        (others[place % others.len()], true)
    }
}

/// A number from 0 to 1, and one to choose by, that follow from the cycle and the key figure alone.
fn chance(seed: &str, kpi: &str) -> (f64, usize) {
    let digest = Sha256::digest(format!("{seed}\n{kpi}").as_bytes());
    let part = |from: usize| {
        let bytes = digest[from..from + 4].iter();
        bytes.fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte))
    };
    let share = f64::from(part(0)) / (f64::from(u32::MAX) + 1.0);
    (share, usize::try_from(part(4)).unwrap_or(0))
}
