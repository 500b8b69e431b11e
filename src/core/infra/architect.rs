//! What a design says: made of its blueprints and the values of its parameters.

use crate::catalog::blueprints::{Blueprint, BlueprintNote};
use crate::catalog::registry::Registry;
use crate::core::infra::compose::resources;
use crate::core::infra::design::{Design, DesignFault};
use crate::core::infra::fill::Filler;
use crate::core::infra::naming::Naming;
use crate::core::infra::words::{Choice, choose, with_needs};
use crate::hcl::Item;
use crate::hcl::print::print_expression;
use crate::model::design::{
    AcceptedRisk, ChosenBlueprint, DataFlow, DesignHead, DesignReport, DesignedResource,
    DesignedSlo, EnvironmentCost, ProgramAccess,
};
use crate::model::ids::{EnvironmentName, FeatureName};
use crate::text::{Untrusted, numbers};

/// Designs a feature: what its words choose, and what that needs, with default values.
///
/// `None` where the words choose nothing.
pub fn new_head(
    feature: &str,
    name: FeatureName,
    environments: &[EnvironmentName],
    registry: &Registry<Blueprint>,
) -> Option<DesignHead> {
    let choice = choose(feature, registry);
    let chosen = choice.words.into_keys().collect();
    let all = with_needs(&chosen, registry);
    (!all.is_empty()).then(|| DesignHead {
        version: 1,
        feature: feature.to_owned(),
        resource_name: name.clone(),
        name,
        environments: environments.to_vec(),
        blueprints: all.into_keys().collect(),
        parameters: Default::default(),
        overrides: Default::default(),
        generated: Default::default(),
    })
}

/// Makes the report of a design.
///
/// # Errors
/// What of it is not valid.
pub fn report(
    design: &Design<'_>,
    naming: &Naming,
    registry: &Registry<Blueprint>,
    costs: Vec<EnvironmentCost>,
) -> Result<DesignReport, DesignFault> {
    let choice = choose(&design.head.feature, registry);
    let not_understood = choice.not_understood.iter();
    let mut designed = Vec::new();
    for blueprint in &design.blueprints {
        let made = resources(design, blueprint, naming)?;
        let reasons = blueprint
            .resources
            .iter()
            .filter(|one| design.holds(blueprint, &one.when));
        for (pair, resource) in made.iter().zip(reasons).filter(|(_, one)| !one.is_data) {
            let address = pair
                .iter()
                .filter_map(Item::as_block)
                .find_map(|block| block.address());
            designed.push(DesignedResource {
                address: address.unwrap_or_default(),
                blueprint: blueprint.id.clone(),
                because: resource.because.clone(),
            });
        }
    }
    Ok(DesignReport {
        version: "1.0.0",
        kind: "design",
        feature: Untrusted::from(design.head.feature.as_str()),
        name: design.head.name.clone(),
        environments: design.head.environments.clone(),
        blueprints: chosen(design, &choice),
        not_understood: not_understood
            .map(|word| Untrusted::from(word.as_str()))
            .collect(),
        resources: designed,
        flow: flow(design),
        access: access(design, naming)?,
        accepted: accepted(design),
        costs,
        slos: slos(design),
        alternatives: alternatives(design),
        risks: notes(design, |one| &one.risks),
        questions: questions(design),
    })
}

fn chosen(design: &Design<'_>, choice: &Choice) -> Vec<ChosenBlueprint> {
    let all = design.blueprints.iter().map(|blueprint| {
        let words = choice.words.get(&blueprint.id).into_iter().flatten();
        let needs_it = |one: &&&Blueprint| one.needs.contains(&blueprint.id);
        let needed_by = design.blueprints.iter().filter(needs_it);
        ChosenBlueprint {
            id: blueprint.id.clone(),
            title: blueprint.title.clone(),
            summary: blueprint.summary.clone(),
            words: words.map(|word| Untrusted::from(word.as_str())).collect(),
            needed_by: needed_by.map(|one| one.id.clone()).collect(),
        }
    });
    all.collect()
}

/// The id of something in a drawing.
fn node_id(text: &str) -> String {
    text.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        .to_lowercase()
}

fn is_called_by_programs(blueprint: &Blueprint) -> bool {
    blueprint
        .caller
        .as_ref()
        .is_some_and(|(caller, _)| caller == "others")
}

fn flow(design: &Design<'_>) -> DataFlow {
    let mut flow = DataFlow::default();
    let edge = |from: &str, to: &str, how: &str| (node_id(from), node_id(to), how.to_owned());
    for blueprint in &design.blueprints {
        if let Some((caller, how)) = blueprint.caller.as_ref().filter(|(one, _)| one != "others") {
            let node = (node_id(caller), caller.clone());
            if !flow.nodes.contains(&node) {
                flow.nodes.push(node);
            }
            flow.edges.push(edge(caller, &blueprint.id, how));
        }
    }
    for program in design.blueprints.iter().filter(|one| one.runs.is_some()) {
        for used in design.blueprints.iter().filter(|one| one.id != program.id) {
            match &used.caller {
                Some((_, how)) if is_called_by_programs(used) => {
                    flow.edges.push(edge(&program.id, &used.id, how));
                }
                _ if !used.provides.variables.is_empty() => {
                    flow.edges.push(edge(&program.id, &used.id, "uses"));
                }
                _ => {}
            }
        }
    }
    if design.blueprint("alarm-topic").is_some() {
        let with_alarms = design.blueprints.iter().filter(|one| !one.slos.is_empty());
        flow.edges
            .extend(with_alarms.map(|one| edge(&one.id, "alarm-topic", "alarms")));
    }
    for blueprint in &design.blueprints {
        let id = node_id(&blueprint.id);
        if flow
            .edges
            .iter()
            .any(|(from, to, _)| *from == id || *to == id)
        {
            flow.nodes.push((id, blueprint.node.clone()));
        }
    }
    flow
}

fn access(design: &Design<'_>, naming: &Naming) -> Result<Vec<ProgramAccess>, DesignFault> {
    let mut out = Vec::new();
    let programs: Vec<&Blueprint> = design
        .blueprints
        .iter()
        .copied()
        .filter(|one| one.runs.is_some())
        .collect();
    for provider in &design.blueprints {
        let filler = Filler {
            design,
            blueprint: provider,
            naming,
        };
        for statement in &provider.provides.statements {
            let resources = statement.resources.iter().map(|one| filler.expression(one));
            let resources: Vec<String> = resources
                .map(|one| one.map(|one| print_expression(&one, 0)))
                .collect::<Result<_, _>>()?;
            let users = programs.iter().filter(|one| one.id != provider.id);
            let mut users: Vec<String> = users.map(|one| one.id.clone()).collect();
            if programs.is_empty() {
                users.push(format!("what uses {}", provider.id));
            }
            out.extend(users.into_iter().map(|program| ProgramAccess {
                program,
                actions: statement.actions.clone(),
                resources: resources.clone(),
            }));
        }
    }
    out.sort_by(|a, b| a.program.cmp(&b.program));
    Ok(out)
}

fn accepted(design: &Design<'_>) -> Vec<AcceptedRisk> {
    let all = design.blueprints.iter().flat_map(|blueprint| {
        blueprint.accepts.iter().map(|one| AcceptedRisk {
            check: one.check.clone(),
            blueprint: blueprint.id.clone(),
            because: one.because.clone(),
        })
    });
    all.collect()
}

fn slos(design: &Design<'_>) -> Vec<DesignedSlo> {
    let feature = super::fill::snake(design.head.name.as_str());
    let all = design.blueprints.iter().flat_map(|blueprint| {
        blueprint.slos.iter().map(|one| {
            let alarm = one.alarm.replacen('.', &format!(".{feature}_"), 1);
            DesignedSlo {
                blueprint: blueprint.id.clone(),
                indicator: one.indicator.clone(),
                target: one.target,
                text: one.text.replace("{target}", &numbers::number(one.target)),
                alarm,
            }
        })
    });
    all.collect()
}

fn alternatives(design: &Design<'_>) -> Vec<String> {
    let all = design.blueprints.iter().flat_map(|blueprint| {
        blueprint
            .alternatives
            .iter()
            .map(|one| format!("{}: {}", blueprint.title, one.text))
    });
    all.collect()
}

fn notes(design: &Design<'_>, of: impl Fn(&Blueprint) -> &Vec<BlueprintNote>) -> Vec<String> {
    let mut out = Vec::new();
    for blueprint in &design.blueprints {
        let held = of(blueprint)
            .iter()
            .filter(|note| design.holds(blueprint, &note.when));
        out.extend(held.map(|note| format!("{}: {}", blueprint.title, note.text)));
    }
    out
}

fn questions(design: &Design<'_>) -> Vec<String> {
    let missing = design.missing().into_iter().map(|one| {
        let title = design
            .blueprint(&one.blueprint)
            .map_or("", |blueprint| blueprint.title.as_str());
        format!(
            "{title}: set `{}`, without which there is no code. {}.",
            one.parameter, one.description
        )
    });
    let mut out: Vec<String> = missing.collect();
    out.extend(notes(design, |one| &one.questions));
    out
}
