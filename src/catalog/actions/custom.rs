//! Programs of a repository as actions.

use std::collections::BTreeMap;

use super::{
    Action, ActionProgram, Actions, DefaultLevel, Parameter, ParameterKind, RESOURCE_FIELDS, Risk,
    Template, Undo,
};
use crate::catalog::reads::resource_type::ResourceType;
use crate::catalog::registry::Fault;
use crate::expr::{Expression, Schema, Type};
use crate::model::monitoring::{CustomAction, CustomRisk};

/// Seconds that a program has, where its definition says nothing.
const LIMIT_SECONDS: u64 = 300;
/// The fact that says which program it is.
pub const PROGRAM_FACT: &str = "program";

impl Action {
    /// Makes an action of a definition and its program. `undone_by` is the definition of the program
    /// that undoes it, where there is one.
    ///
    /// # Errors
    /// What is wrong with the definition.
    pub fn of_program(
        id: &str,
        definition: &CustomAction,
        program: ActionProgram,
        undone_by: Option<&CustomAction>,
    ) -> Result<Self, String> {
        if !Actions::built_in().called(id, None).is_empty() {
            return Err(format!("`{id}` is the name of an action that is built in"));
        }
        if definition.kinds.is_empty() {
            return Err(format!("`kinds` of `{id}` names no kind of resource"));
        }
        let parameters =
            super::custom_parameters::read(definition).map_err(|why| format!("{why} (`{id}`)"))?;
        let undo = undo(definition, undone_by, &parameters)?;
        let action = compile(id, definition, program)
            .map_err(|_| format!("`{id}` of `[remediation.custom]` could not be understood"))?;
        Ok(Self {
            to: Template(format!("{{program}} has run{}", with(&parameters))),
            parameters,
            undo,
            ..action
        })
    }
}

fn compile(id: &str, definition: &CustomAction, program: ActionProgram) -> Result<Action, Fault> {
    let schema = schema();
    let expression = |text: &str, of: &Type| {
        Expression::compile(text, &schema, of)
            .map_err(|fault| Fault::of_expression(Vec::new(), fault))
    };
    let limit = definition
        .timeout
        .map_or(LIMIT_SECONDS, |limit| limit.seconds);
    let unknown = || "what it interrupts is not known".to_owned();
    let said = expression("current.program", &Type::Text)?;
    Ok(Action {
        id: id.to_owned(),
        title: definition.title.clone(),
        verb: "RUN A PROGRAM ON".to_owned(),
        does: Template("The program {program} of the repository is run.".to_owned()),
        kinds: definition.kinds.clone(),
        aliases: Vec::new(),
        helps: definition.helps.clone(),
        is_undo_only: false,
        interruption: definition.interruption.clone().unwrap_or_else(unknown),
        traffic: "what the program does is for its author to say".to_owned(),
        risk: risk(definition.risk),
        level: DefaultLevel::Confirm,
        is_repeat_safe: false,
        settle_seconds: 60,
        limit_seconds: u32::try_from(limit).unwrap_or(u32::MAX),
        parameters: Default::default(),
        reads: ResourceType::of_known(id, &definition.title, Vec::new())?,
        volatile: Vec::new(),
        before: Default::default(),
        values: [(PROGRAM_FACT.to_owned(), said)].into(),
        from: Template("not run".to_owned()),
        to: Template("{program} has run".to_owned()),
        refuse: Vec::new(),
        warn: Vec::new(),
        nothing: None,
        writes: Vec::new(),
        // What it did is not seen in what is read: only its end says it.
        done: expression("true", &Type::Flag)?,
        failed: None,
        stop: None,
        undo: Undo::Cannot(String::new()),
        terraform: None,
        code: Default::default(),
        program: Some(program),
        examples: Vec::new(),
    })
}

/// What expressions may name.
fn schema() -> Schema {
    let resource = RESOURCE_FIELDS.iter();
    let resource: Schema = resource
        .map(|&name| (name.to_owned(), Type::Text))
        .collect();
    let current = Schema::from([(PROGRAM_FACT.to_owned(), Type::Text)]);
    Schema::from([
        ("resource".to_owned(), Type::record(resource)),
        ("current".to_owned(), Type::record(current)),
    ])
}

fn risk(risk: Option<CustomRisk>) -> Risk {
    match risk {
        Some(CustomRisk::Low) => Risk::Low,
        Some(CustomRisk::Medium) => Risk::Medium,
        Some(CustomRisk::High) | None => Risk::High,
    }
}

/// How a program is undone: by another, which gets the parameters that both have.
fn undo(
    definition: &CustomAction,
    undone_by: Option<&CustomAction>,
    parameters: &BTreeMap<String, Parameter>,
) -> Result<Undo, String> {
    let Some(action) = &definition.undo else {
        return Ok(Undo::Cannot(
            "no program is named that undoes it".to_owned(),
        ));
    };
    let mut given = BTreeMap::new();
    for (name, other) in undone_by.into_iter().flat_map(|one| &one.parameters) {
        let Some(own) = parameters.get(name) else {
            match other.default {
                Some(_) => continue,
                None => {
                    return Err(format!(
                        "`{action}`, which undoes it, needs `{name}`, and it has no such parameter"
                    ));
                }
            }
        };
        let of = match own.kind {
            ParameterKind::Number { .. } => Type::Number,
            ParameterKind::Text { .. } | ParameterKind::Choice { .. } => Type::Text,
        };
        let own = Type::record([(name.clone(), of.clone())]);
        let schema = Schema::from([("parameters".to_owned(), own)]);
        let value = Expression::compile(&format!("parameters.{name}"), &schema, &of);
        let value = value.map_err(|fault| format!("the parameter `{name}`: {}", fault.message))?;
        given.insert(name.clone(), value);
    }
    Ok(Undo::By {
        action: action.clone(),
        parameters: given,
        when: None,
        otherwise: None,
    })
}

/// What it is run with, for plans.
fn with(parameters: &BTreeMap<String, Parameter>) -> String {
    let each = parameters.keys().map(|name| format!("{name} {{{name}}}"));
    match each.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        all => format!(" with {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::paths::RepoPath;

    fn program() -> ActionProgram {
        ActionProgram {
            path: RepoPath::new("scripts/warm.sh").expect("a path"),
            arguments: Vec::new(),
            bytes: b"#!/bin/sh\n".to_vec(),
            variables: Default::default(),
        }
    }

    fn definition(text: &str) -> CustomAction {
        toml::from_str(text).expect("a definition")
    }

    #[test]
    fn a_program_is_an_action_that_nothing_is_known_of() {
        let least = "title = \"Warm up\"\nexec = [\"scripts/warm.sh\"]\nkinds = [\"lambda\"]";
        let action = Action::of_program("warm_up", &definition(least), program(), None);
        let action = action.expect("it is right");
        assert_eq!(action.risk, Risk::High);
        assert_eq!(action.level, DefaultLevel::Confirm);
        assert_eq!(action.limit_seconds, 300);
        assert!(!action.is_repeat_safe);
        assert!(matches!(action.undo, Undo::Cannot(_)));
        assert!(action.write_operations().is_empty() && action.read_operations().is_empty());
    }

    #[test]
    fn what_undoes_a_program_gets_the_parameters_that_both_have() {
        let of = |parameters: &str| {
            definition(&format!(
                "title = \"Warm up\"\nexec = [\"scripts/warm.sh\"]\nkinds = [\"lambda\"]\n\
                 undo = \"cool_down\"\n{parameters}"
            ))
        };
        let paths = "[parameters.paths]\nabout = \"p\"\nmin = 1\nmax = 50\n";
        let cool = of(paths);
        let action = Action::of_program("warm_up", &of(paths), program(), Some(&cool));
        let action = action.expect("it is right");
        assert_eq!(action.to.0, "{program} has run with paths {paths}");
        let Undo::By { parameters, .. } = action.undo else {
            panic!("it can be undone");
        };
        assert_eq!(parameters["paths"].source(), "parameters.paths");
        let why = Action::of_program("warm_up", &of(""), program(), Some(&cool));
        let wanted = "`cool_down`, which undoes it, needs `paths`, and it has no such parameter";
        assert_eq!(why.expect_err("it lacks one"), wanted);
    }

    #[test]
    fn what_is_wrong_with_a_definition_is_said() {
        let kinds = "title = \"Warm up\"\nexec = [\"scripts/warm.sh\"]\nkinds = []";
        let right = "title = \"Warm up\"\nexec = [\"scripts/warm.sh\"]\nkinds = [\"lambda\"]";
        for (id, text, wanted) in [
            (
                "warm_up",
                kinds,
                "`kinds` of `warm_up` names no kind of resource",
            ),
            (
                "restart",
                right,
                "`restart` is the name of an action that is built in",
            ),
            (
                "reboot_rds",
                right,
                "`reboot_rds` is the name of an action that is built in",
            ),
        ] {
            let why = Action::of_program(id, &definition(text), program(), None).expect_err(id);
            assert_eq!(why, wanted);
        }
    }
}
